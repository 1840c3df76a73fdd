//! Reads the deployment targets in scope.
//!
//! Source: Octopus REST API reference, "Deployment targets" (`GET /api/{space}/machines`,
//! `machines/{id}`).

use super::client::Octopus;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::snapshot::{Connection, Health, Participation, Target, TargetId, TargetKind};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// The tenant of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Its tags, as `Tag set/Tag`.
    pub tags: Vec<String>,
}

/// What the listing of targets says beside the targets in scope, to explain why there are none.
#[derive(Debug, Default)]
pub struct EnvironmentRoles {
    /// Its id.
    pub environment: String,
    /// How many targets the environment has, whatever their roles.
    pub targets: usize,
    /// The roles of the settings that none of them carries.
    pub carried_by_none: Vec<String>,
    /// Every role that any of them carries, in the order of the alphabet.
    pub carried: BTreeSet<String>,
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
        let mut all = BTreeSet::new();
        let mut interner = Interner::default();
        let listing = self.list(
            (&["machines"], &[("environmentIds", environment)]),
            &attempted,
            |row: &TargetRow| &row.id,
            |row| {
                let here = is_in(&row, space, environment);
                if here {
                    missing.retain(|role| !carries(&row, role));
                    for role in row.roles.iter().flatten() {
                        if !all.contains(role) {
                            all.insert(role.clone());
                        }
                    }
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
        let unused = roles.iter().filter(|role| missing.contains(role));
        let carried = EnvironmentRoles {
            environment: environment.to_owned(),
            targets: listing.iter().flatten().count(),
            carried_by_none: unused.cloned().collect(),
            carried: all,
        };
        Ok((listing.into_iter().flatten().flatten().collect(), carried))
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
    row.roles
        .iter()
        .flatten()
        .any(|carried| is_same_tag(carried, role))
}

/// Newer servers write `Tag set/tag` where older ones write `tag`: both mean the same. Of two that name their sets, the sets
/// count.
#[must_use]
pub fn is_same_tag(carried: &str, wanted: &str) -> bool {
    let (carried, wanted) = (carried.trim().to_lowercase(), wanted.trim().to_lowercase());
    match (carried.split_once('/'), wanted.split_once('/')) {
        (Some((_, tag)), None) => tag == wanted,
        (None, Some((_, tag))) => carried == tag,
        (Some(_), Some(_)) | (None, None) => carried == wanted,
    }
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

/// A deployment target.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetRow {
    id: String,
    name: String,
    #[serde(default)]
    thumbprint: Option<String>,
    #[serde(default)]
    space_id: Option<String>,
    #[serde(default)]
    environment_ids: Option<Vec<String>>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    tenant_ids: Option<Vec<String>>,
    #[serde(default)]
    tenant_tags: Option<Vec<String>>,
    #[serde(default)]
    tenanted_deployment_participation: Option<String>,
    #[serde(default)]
    health_status: Option<String>,
    #[serde(default)]
    machine_policy_id: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
    #[serde(default)]
    endpoint: Option<Endpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(default)]
    communication_style: Option<String>,
    #[serde(default)]
    thumbprint: Option<String>,
    #[serde(default)]
    fingerprint: Option<String>,
    // Of whatever type: what is odd about an address must not make the whole list unreadable.
    #[serde(default)]
    uri: Option<Value>,
    #[serde(default)]
    host: Option<Value>,
    #[serde(default)]
    port: Option<Value>,
}

impl Endpoint {
    /// Its address, written one way; SSH targets of some servers have host and port alone.
    fn address(&self) -> Option<String> {
        let uri = self.uri.as_ref().and_then(Value::as_str).map(str::trim);
        let uri = uri.filter(|uri| !uri.is_empty());
        let uri = uri.map(|uri| uri.trim_end_matches('/').to_lowercase());
        uri.or_else(|| {
            let host = self.host.as_ref()?.as_str()?.to_lowercase();
            Some(format!("ssh://{host}:{}", self.port.as_ref()?.as_u64()?))
        })
    }
}

impl TargetRow {
    fn into_target(self, interner: &mut Interner) -> Target {
        let endpoint = self.endpoint;
        let style = endpoint
            .as_ref()
            .and_then(|e| e.communication_style.as_deref())
            .unwrap_or_default();
        let kind = match style.to_ascii_lowercase().as_str() {
            "tentaclepassive" => TargetKind::Machine(Connection::Listening),
            "tentacleactive" => TargetKind::Machine(Connection::Polling),
            "ssh" => TargetKind::Machine(Connection::Ssh),
            _ => TargetKind::Other,
        };
        let health = self.health_status.unwrap_or_default();
        let participation = match self.tenanted_deployment_participation.as_deref() {
            Some(p) if p.eq_ignore_ascii_case("Tenanted") => Participation::Tenanted,
            Some(p) if p.eq_ignore_ascii_case("Untenanted") => Participation::Untenanted,
            // What servers that know no tenants leave out must not leave anybody out.
            Some(_) | None => Participation::Both,
        };
        let address = endpoint.as_ref().and_then(Endpoint::address);
        let of_endpoint = endpoint.and_then(|e| e.thumbprint.or(e.fingerprint));
        Target {
            id: TargetId(self.id),
            name: self.name,
            thumbprint: self.thumbprint.filter(|t| !t.is_empty()).or(of_endpoint),
            environments: interner.shared(self.environment_ids.unwrap_or_default()),
            roles: interner.shared(self.roles.unwrap_or_default()),
            kind,
            health: read_health(&health),
            address,
            machine_policy: self.machine_policy_id.filter(|id| !id.is_empty()),
            enabled: !self.is_disabled.unwrap_or_default(),
            participation,
        }
    }
}

impl Octopus {
    /// Reads one target by itself; `None` where it is not registered any more.
    ///
    /// # Errors
    /// It could not be read.
    pub fn target(
        &self,
        id: &TargetId,
        deadline: Deadline,
    ) -> Result<Option<Target>, ServiceError> {
        let attempted = format!("read {id} once more");
        match self.get::<TargetRow>(&["machines", &id.0], &[], &attempted, deadline) {
            Err(error) if error.is_own_not_found() => Ok(None),
            answer => match answer?.0 {
                row if row.id.eq_ignore_ascii_case(&id.0) => {
                    Ok(Some(row.into_target(&mut Interner::default())))
                }
                other => Err(self.unreadable(&attempted, &format!("it is {}", other.id))),
            },
        }
    }
}

/// The target that a registration is, as it was read by itself.
pub(super) fn target_of(registration: &Map<String, Value>) -> serde_json::Result<Target> {
    let row = TargetRow::deserialize(registration)?;
    Ok(row.into_target(&mut Interner::default()))
}

/// Source: `HealthStatus`, and `Status` of `machines/{id}/connection`.
pub(super) fn read_health(status: &str) -> Health {
    match status.to_ascii_lowercase().as_str() {
        "healthy" | "haswarnings" => Health::Healthy,
        "unhealthy" => Health::Unhealthy,
        "unavailable" => Health::Unavailable,
        _ => Health::Unknown,
    }
}

/// Lists of words that many rows have in common, each held once.
#[derive(Debug, Default)]
struct Interner(HashSet<Arc<[String]>>);

impl Interner {
    fn shared(&mut self, list: Vec<String>) -> Arc<[String]> {
        if let Some(known) = self.0.get(list.as_slice()) {
            return Arc::clone(known);
        }
        let list: Arc<[String]> = list.into();
        self.0.insert(Arc::clone(&list));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::{fits_tags, is_same_tag};

    fn tags(text: &str) -> Vec<String> {
        text.split(',')
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_target_tag_is_the_same_with_and_without_its_set() {
        for (carried, wanted, same) in [
            ("web", "Web ", true),
            ("Roles/Web", "web", true),
            ("web", "roles/WEB", true),
            ("Roles/web", "roles/web", true),
            ("Roles/web", "Other/web", false),
            ("Roles/web", "roles", false),
            ("web-1", "web", false),
        ] {
            assert_eq!(is_same_tag(carried, wanted), same, "{carried} and {wanted}");
        }
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
