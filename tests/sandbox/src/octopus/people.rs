//! Users, their keys, and how a test arranges them. Source: octopus.com/docs/api, "Users" and "API Keys"; octopus.com/docs,
//! "How to create an API key" (keys expire after 180 days unless somebody says otherwise, since 2020.6).

mod grants;
mod judge;
mod permissions;
mod roles;
pub(crate) mod routes;

pub use grants::Grant;
pub(crate) use judge::{Caller, Place, Sight};
pub use permissions::PERMISSIONS;
pub use roles::UserRole;
pub(crate) use roles::built_in;

use super::Octopus;
use crate::clock::{self, Time};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The user whose key the program under test is told: the service account of a schedule.
pub const SERVICE_ACCOUNT: &str = "Users-21";

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// `Users-1`, ...
    pub id: String,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// Whether it is a service account.
    pub is_service: bool,
    /// Whether it may sign in.
    pub is_active: bool,
    /// Its keys.
    pub keys: Vec<ApiKey>,
    /// A bearer token that is accepted as this user's.
    pub access_token: Option<String>,
    /// Its roles, each limited to a part of the server. Teams stand between in Octopus; here each role is a team's.
    pub roles: Vec<ScopedRole>,
    /// These permissions hold so far and no further, whatever the roles say.
    pub restricted: BTreeMap<String, Vec<Grant>>,
    /// These permissions it lacks, whatever the roles say.
    pub forbidden: BTreeSet<String>,
    /// What the server answers for `IsPermissionsComplete`: `false` means that it did not look everywhere.
    pub permissions_are_complete: bool,
}

/// A role, and where it holds.
#[derive(Clone, Debug)]
pub struct ScopedRole {
    /// The name of the role.
    pub role: String,
    /// Where it holds.
    pub grant: Grant,
}

/// An API key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// `APIKeys-1`, ...
    pub id: String,
    /// The key in clear; `None` for the one that the program under test is told, [`Octopus::api_key`].
    pub key: Option<String>,
    /// What it is for.
    pub purpose: String,
    /// When it was made.
    pub created: Time,
    /// When it stops working; `None` for never.
    pub expires: Option<Time>,
    /// `FullAccess`, `ReadOnly` (nothing but reading works) or `Custom`. Servers before 2026.3 do not say it.
    pub access_level: String,
    /// The permissions that a `Custom` key has of those that its user has.
    pub only: Option<BTreeSet<String>>,
    /// When it was used last, as far as the server says.
    pub last_used: Option<Time>,
}

impl User {
    pub(crate) fn new(id: &str, username: &str) -> Self {
        Self {
            id: id.to_owned(),
            username: username.to_owned(),
            display_name: username.to_owned(),
            is_service: false,
            is_active: true,
            keys: Vec::new(),
            access_token: None,
            roles: Vec::new(),
            restricted: BTreeMap::new(),
            forbidden: BTreeSet::new(),
            permissions_are_complete: true,
        }
    }

    /// The user whom every world has: a service account with one key, which may do everything in its spaces.
    pub(crate) fn service_account(key_id: &str) -> Self {
        let mut user = Self::new(SERVICE_ACCOUNT, "scale-in");
        user.display_name = "Scale in (service account)".to_owned();
        user.is_service = true;
        user.keys = vec![ApiKey::new(key_id, None, "scale-in schedule")];
        user.roles = vec![ScopedRole {
            role: "Space Manager".to_owned(),
            grant: Grant::everywhere(),
        }];
        user
    }
}

impl ApiKey {
    /// A key that was made some weeks ago and has the usual 180 days.
    pub(crate) fn new(id: &str, key: Option<String>, purpose: &str) -> Self {
        let created = clock::now() - time::Duration::days(20);
        Self {
            id: id.to_owned(),
            key,
            purpose: purpose.to_owned(),
            created,
            expires: Some(created + time::Duration::days(180)),
            access_level: "FullAccess".to_owned(),
            only: None,
            last_used: Some(clock::minutes_ago(15)),
        }
    }

    /// The key in clear.
    pub(crate) fn clear<'a>(&'a self, octopus: &'a Octopus) -> &'a str {
        self.key.as_deref().unwrap_or(&octopus.api_key)
    }

    /// Sets when it stops working, seen from now.
    pub fn expires_in(&mut self, span: Duration) {
        self.expires = clock::later(clock::now(), span);
    }

    /// It stopped working so long ago.
    pub fn expired_ago(&mut self, span: Duration) {
        self.expires = Some(clock::now() - span);
    }
}

/// One user in the hands of a test.
pub struct UserHandle<'a> {
    octopus: &'a mut Octopus,
    id: String,
}

impl UserHandle<'_> {
    /// `Users-1`, ...
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Changes any field.
    pub fn edit(self, change: impl FnOnce(&mut User)) -> Self {
        let user = self.octopus.users.get_mut(&self.id);
        change(user.expect("the user of a handle exists"));
        self
    }

    /// Gives it a role, in all spaces.
    pub fn role(self, role: &str) -> Self {
        self.role_in(role, Grant::everywhere())
    }

    /// Gives it a role that is limited to a part of the server.
    pub fn role_in(self, role: &str, grant: Grant) -> Self {
        let known = self.octopus.roles.values().any(|known| known.name == role);
        assert!(known, "there is no role {role}");
        let role = role.to_owned();
        self.edit(|user| user.roles.push(ScopedRole { role, grant }))
    }

    /// Takes a role away.
    pub fn without_role(self, role: &str) -> Self {
        self.edit(|user| user.roles.retain(|own| own.role != role))
    }

    /// Takes all roles away.
    pub fn without_roles(self) -> Self {
        self.edit(|user| user.roles.clear())
    }

    /// Limits one permission to a part of the server; called again, to one part more.
    pub fn restrict(self, permission: &str, grant: Grant) -> Self {
        permissions::expect_known(permission);
        self.edit(|user| {
            let grants = user.restricted.entry(permission.to_owned()).or_default();
            grants.push(grant);
        })
    }

    /// Takes one permission away.
    pub fn forbid(self, permission: &str) -> Self {
        permissions::expect_known(permission);
        self.edit(|user| {
            user.forbidden.insert(permission.to_owned());
        })
    }

    /// Changes its first key.
    pub fn key(self, change: impl FnOnce(&mut ApiKey)) -> Self {
        self.edit(|user| change(user.keys.first_mut().expect("the user has a key")))
    }

    /// Gives it one more key, which is this in clear.
    pub fn add_key(self, key: &str, purpose: &str) -> Self {
        let id = self.octopus.next_id("APIKeys");
        let key = ApiKey::new(&id, Some(key.to_owned()), purpose);
        self.edit(|user| user.keys.push(key))
    }
}

impl World {
    /// The user of this id or name, made if it is not there yet: a person without keys and roles.
    pub fn user(&mut self, name: &str) -> UserHandle<'_> {
        let octopus = &mut self.octopus;
        let named = |user: &&User| user.id == name || user.username == name;
        let found = octopus.users.values().find(named);
        let id = found.map(|user| user.id.clone()).unwrap_or_else(|| {
            let id = octopus.next_id("Users");
            octopus.users.insert(id.clone(), User::new(&id, name));
            id
        });
        UserHandle { octopus, id }
    }

    /// The user whose key the program under test is told.
    pub fn service_account(&mut self) -> UserHandle<'_> {
        self.user(SERVICE_ACCOUNT)
    }
}
