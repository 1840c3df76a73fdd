//! Reads the deployment targets in scope.
//!
//! Source: Octopus REST API reference, "Deployment targets" (`GET /api/{space}/machines`).

use super::client::Octopus;
use super::rows::{Interner, TargetRow};
use super::tenant::Tenant;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::Target;
use std::collections::HashSet;

/// What the listing of targets says beside the targets in scope, to explain why there are none.
#[derive(Debug, Default)]
pub struct EnvironmentRoles {
    /// How many targets the environment has, whatever their roles.
    pub in_environment: usize,
    /// The roles of the settings that no target of the environment carries.
    pub roles_nobody_carries: Vec<String>,
}

impl Octopus {
    /// Lists the targets of the environment and keeps those in scope, in the order of Octopus's list.
    ///
    /// The server filters by environment only: whether its filter by roles means any or all of them is not documented,
    /// and all are asked for here. What it filters is checked again.
    ///
    /// # Errors
    /// Anything but a complete listing. A refusal, and an empty listing of a space or environment that does not exist, say
    /// which of them it is.
    pub fn targets(
        &self,
        environment: &str,
        roles: &[String],
        tenant: Option<&Tenant>,
        deadline: Deadline,
    ) -> Result<(Vec<Target>, EnvironmentRoles), ServiceError> {
        let space = self.space();
        let attempted = format!("list the deployment targets of {environment} in {space}");
        let mut missing: HashSet<&String> = roles.iter().collect();
        let mut interner = Interner::default();
        let listing = self.list(
            (&["machines"], &[("environmentIds", environment)]),
            &attempted,
            |row: &TargetRow| &row.id,
            |row| {
                let here = is_in(&row, space, environment);
                if here {
                    missing.retain(|role| !carries(&row, role));
                }
                let in_scope = roles.iter().all(|role| carries(&row, role))
                    && tenant.is_none_or(|tenant| belongs_to(&row, tenant));
                here.then(|| in_scope.then(|| row.into_target(&mut interner)))
            },
            deadline,
        );
        let listing = match listing {
            Err(error) if matches!(error.status(), Some(400 | 401 | 403 | 404)) => {
                // The answer about the space or the environment says more than the refusal of the listing.
                if error.status() != Some(401) {
                    self.check_scope(environment, deadline)?;
                }
                return Err(error);
            }
            listing => listing?.rows,
        };
        if listing.is_empty() {
            self.check_scope(environment, deadline)?;
        }
        let roles_nobody_carries = roles
            .iter()
            .filter(|role| missing.contains(role))
            .cloned()
            .collect();
        let environment_roles = EnvironmentRoles {
            in_environment: listing.iter().flatten().count(),
            roles_nobody_carries,
        };
        Ok((
            listing.into_iter().flatten().flatten().collect(),
            environment_roles,
        ))
    }
}

fn is_in(row: &TargetRow, space: &str, environment: &str) -> bool {
    row.environment_ids
        .iter()
        .flatten()
        .any(|id| id.eq_ignore_ascii_case(environment))
        && row
            .space_id
            .as_ref()
            .is_none_or(|own| own.eq_ignore_ascii_case(space))
}

fn carries(row: &TargetRow, role: &str) -> bool {
    let role = role.to_lowercase();
    row.roles
        .iter()
        .flatten()
        .any(|carried| carried.trim().to_lowercase() == role)
}

/// By id, or by tags: a target's tag sets must each have a tag of the tenant (Octopus documentation, "Tenant tags": OR
/// within a set, AND across sets).
fn belongs_to(row: &TargetRow, tenant: &Tenant) -> bool {
    let by_id = row
        .tenant_ids
        .iter()
        .flatten()
        .any(|id| id.eq_ignore_ascii_case(&tenant.id));
    by_id || fits_tags(row.tenant_tags.as_deref().unwrap_or_default(), &tenant.tags)
}

fn fits_tags(wanted: &[String], tenant: &[String]) -> bool {
    let set_of = |tag: &str| {
        tag.split_once('/')
            .map_or(tag, |(set, _)| set)
            .to_lowercase()
    };
    let has = |tag: &String| {
        tenant
            .iter()
            .any(|own| own.to_lowercase() == tag.to_lowercase())
    };
    let sets: HashSet<String> = wanted.iter().map(|tag| set_of(tag)).collect();
    let satisfied = |set: &String| wanted.iter().any(|tag| set_of(tag) == *set && has(tag));
    !sets.is_empty() && sets.iter().all(satisfied)
}

#[cfg(test)]
mod tests {
    use super::fits_tags;

    fn tags(text: &str) -> Vec<String> {
        text.split(',')
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn tags_are_or_within_a_set_and_and_across_sets() {
        let tenant = tags("Region/EU,Tier/Gold");
        for (wanted, fits) in [
            ("Region/EU", true),
            ("region/eu", true),
            ("Region/EU,Region/US", true),
            ("Region/US", false),
            ("Region/EU,Tier/Silver", false),
            ("Region/EU,Tier/Silver,Tier/Gold", true),
            ("", false),
        ] {
            assert_eq!(
                fits_tags(&tags(wanted), &tenant),
                fits,
                "a target with the tags {wanted:?}"
            );
        }
    }
}
