//! Whose request it is, and what its user may see and do where.

use super::permissions::{is_of_the_system, wants_explicit_tenants};
use super::{Grant, PERMISSIONS, SERVICE_ACCOUNT, User};
use crate::http::Answer;
use crate::octopus::{Octopus, errors};
use std::collections::BTreeSet;

/// The user of a request, and what its key leaves of the user's permissions.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The id of the user.
    pub user: String,
    /// Only reading works.
    pub read_only: bool,
    /// Only these permissions, where it is a key with permissions of its own.
    pub only: Option<BTreeSet<String>>,
}

/// Where something is, as far as permissions can be restricted by that.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    pub space: &'a str,
    pub project: Option<&'a str>,
    pub environments: &'a [String],
    pub tenants: &'a [String],
}

/// How far one permission of one caller reaches.
pub(crate) struct Sight {
    grants: Vec<Grant>,
    on_the_whole_server: bool,
    explicit_tenants: bool,
    groups_add: bool,
}

impl Caller {
    /// How far a permission reaches. Asked once for all items of a listing.
    pub fn sight(&self, octopus: &Octopus, permission: &str) -> Sight {
        let user = octopus.users.get(&self.user);
        let hidden = self
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(permission));
        let user = user.filter(|_| !hidden);
        let explicit = octopus.readings.tenants_must_be_named && wants_explicit_tenants(permission);
        Sight {
            grants: user.map_or_else(Vec::new, |user| grants(octopus, user, permission)),
            on_the_whole_server: user.is_some_and(|user| has_on_system(octopus, user, permission)),
            explicit_tenants: explicit,
            groups_add: octopus.readings.project_groups_add_projects,
        }
    }

    /// Refuses where the permission holds nowhere in the space.
    pub fn need(&self, octopus: &Octopus, permission: &str, space: &str) -> Result<(), Answer> {
        match self.sight(octopus, permission).reaches_into(space) {
            true => Ok(()),
            false => Err(errors::missing_permission(permission)),
        }
    }

    /// Refuses where the permission does not reach this place: 403, or as if nothing were there.
    pub fn need_at(
        &self,
        octopus: &Octopus,
        permission: &str,
        place: &Place<'_>,
        id: &str,
    ) -> Result<(), Answer> {
        self.need(octopus, permission, place.space)?;
        match self.sight(octopus, permission).reaches(octopus, place) {
            true => Ok(()),
            false if octopus.readings.hides_what_is_out_of_reach => Err(errors::not_found(id)),
            false => Err(errors::missing_permission(permission)),
        }
    }
}

impl Sight {
    /// Whether it reaches anything in a space.
    pub fn reaches_into(&self, space: &str) -> bool {
        self.on_the_whole_server || self.grants.iter().any(|grant| in_space(grant, space))
    }

    /// Whether nothing limits it.
    pub fn is_free(&self) -> bool {
        let mut grants = self.grants.iter();
        self.on_the_whole_server
            || (!self.explicit_tenants && grants.any(|grant| *grant == Grant::everywhere()))
    }

    /// Whether one grant reaches a place. Of several environments, one is enough.
    pub fn reaches(&self, octopus: &Octopus, place: &Place<'_>) -> bool {
        self.on_the_whole_server
            || self
                .grants
                .iter()
                .any(|grant| self.covers(octopus, grant, place))
    }

    /// Whether it reaches a place in all of its environments, by one grant or another.
    pub fn reaches_all(&self, octopus: &Octopus, place: &Place<'_>) -> bool {
        let single = |environment| Place {
            environments: std::slice::from_ref(environment),
            ..*place
        };
        match place.environments {
            [] => self.reaches(octopus, place),
            many => many.iter().all(|one| self.reaches(octopus, &single(one))),
        }
    }

    /// Whether it reaches a project in some environment.
    pub fn reaches_somewhere(&self, octopus: &Octopus, place: &Place<'_>) -> bool {
        let mut grants = self.grants.iter();
        self.on_the_whole_server
            || grants.any(|grant| {
                in_space(grant, place.space) && self.covers_project(octopus, grant, place.project)
            })
    }

    /// Whether it reaches a project whatever the environment.
    pub fn reaches_in_every_environment(&self, octopus: &Octopus, place: &Place<'_>) -> bool {
        let free = |grant: &&Grant| grant.environments.is_empty();
        let mut grants = self.grants.iter().filter(free);
        self.on_the_whole_server || grants.any(|grant| self.covers(octopus, grant, place))
    }

    fn covers(&self, octopus: &Octopus, grant: &Grant, place: &Place<'_>) -> bool {
        let any = |limits: &[String], own: &[String]| {
            limits.is_empty() || own.iter().any(|id| limits.contains(id))
        };
        let named = !self.explicit_tenants || place.tenants.is_empty() || !grant.tenants.is_empty();
        in_space(grant, place.space)
            && any(&grant.environments, place.environments)
            && any(&grant.tenants, place.tenants)
            && named
            && self.covers_project(octopus, grant, place.project)
    }

    fn covers_project(&self, octopus: &Octopus, grant: &Grant, project: Option<&str>) -> bool {
        let by_id = || project.is_some_and(|id| grant.projects.iter().any(|own| own == id));
        let by_group = || {
            let group = project.and_then(|id| octopus.documents.text(id, "ProjectGroupId"));
            group.is_some_and(|group| grant.project_groups.iter().any(|own| own == group))
        };
        match (grant.projects.is_empty(), grant.project_groups.is_empty()) {
            (true, true) => true,
            (false, true) => by_id(),
            (true, false) => by_group(),
            (false, false) if self.groups_add => by_id() || by_group(),
            (false, false) => by_id() && by_group(),
        }
    }
}

fn in_space(grant: &Grant, space: &str) -> bool {
    grant.space.as_ref().is_none_or(|own| own == space)
}

/// What the user has of a permission, whatever the key leaves of it.
pub(crate) fn grants(octopus: &Octopus, user: &User, permission: &str) -> Vec<Grant> {
    if is_forbidden(octopus, user, permission) {
        return Vec::new();
    }
    if let Some(grants) = user.restricted.get(permission) {
        return grants.clone();
    }
    let own = user.roles.iter().filter(|own| {
        let role = octopus.role(&own.role);
        role.is_some_and(|role| role.of_spaces.contains(permission))
    });
    own.map(|own| own.grant.clone().limited_to_what(permission))
        .collect()
}

/// Whether the user has a permission for the whole server.
pub(crate) fn has_on_system(octopus: &Octopus, user: &User, permission: &str) -> bool {
    let granted = || {
        let mut roles = user.roles.iter().filter_map(|own| octopus.role(&own.role));
        roles.any(|role| role.of_the_system.contains(permission))
    };
    is_of_the_system(permission)
        && !is_forbidden(octopus, user, permission)
        && !user.restricted.contains_key(permission)
        && granted()
}

fn is_forbidden(octopus: &Octopus, user: &User, permission: &str) -> bool {
    let masked = user.id == SERVICE_ACCOUNT
        && PERMISSIONS.contains(&permission)
        && !octopus.permissions.contains(permission);
    masked || user.forbidden.contains(permission)
}
