//! Who a key belongs to, when it ends, and what that user may.
//!
//! Sources: Octopus REST API reference, "Users" (`users/me`, `users/{id}/permissions`, `users/{id}/apikeys`);
//! octopus.com/docs, "How to create an API key" (keys end after 180 days unless somebody chose otherwise).

use super::super::client::{Octopus, Server};
use crate::clock::rfc3339;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::secret::Secret;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// `Users-1`.
    pub id: String,
    /// What people call it.
    pub username: String,
    /// Whether nobody can log in as it.
    #[serde(default)]
    pub is_service: bool,
}

/// An API key of a user.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The part of the key that the server shows, where it shows one.
    pub hint: Option<String>,
    /// When it ends.
    pub end: KeyEnd,
    /// What it may of what its user may.
    pub access: AccessLevel,
}

/// When a key ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyEnd {
    /// Never.
    Never,
    /// Then.
    At(SystemTime),
    /// The server says this, which is no time.
    Unreadable(String),
}

impl KeyEnd {
    fn read(text: Option<String>) -> Self {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return Self::Never;
        };
        rfc3339(&text).map_or(Self::Unreadable(text), Self::At)
    }
}

/// What a key may of what its user may. Only from 2026.3 on does it say anything but `FullAccess`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessLevel {
    /// All of it; so do the keys of older servers, which do not say.
    Full,
    /// Nothing that changes anything.
    ReadOnly,
    /// Less, in a way that nothing here tells.
    Custom(String),
}

/// What a user may.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// By the name of the permission: any grant will do. Absent: not granted.
    pub grants: BTreeMap<String, Vec<Grant>>,
    /// Of the whole server.
    pub of_system: Vec<String>,
    /// Whether the server could tell all of it.
    pub complete: bool,
}

/// A grant of one permission: each list restricts it, unless it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Grant {
    /// The space it is for; every one where it says none.
    #[serde(default)]
    pub space_id: Option<String>,
    #[serde(default)]
    restricted_to_project_ids: Option<Vec<String>>,
    #[serde(default)]
    restricted_to_environment_ids: Option<Vec<String>>,
    #[serde(default)]
    restricted_to_tenant_ids: Option<Vec<String>>,
    #[serde(default)]
    restricted_to_project_group_ids: Option<Vec<String>>,
}

impl Grant {
    /// The projects it is restricted to.
    #[must_use]
    pub fn projects(&self) -> &[String] {
        self.restricted_to_project_ids
            .as_deref()
            .unwrap_or_default()
    }

    /// The environments it is restricted to.
    #[must_use]
    pub fn environments(&self) -> &[String] {
        let ids = self.restricted_to_environment_ids.as_deref();
        ids.unwrap_or_default()
    }

    /// The tenants it is restricted to.
    #[must_use]
    pub fn tenants(&self) -> &[String] {
        self.restricted_to_tenant_ids.as_deref().unwrap_or_default()
    }

    /// The project groups it is restricted to.
    #[must_use]
    pub fn project_groups(&self) -> &[String] {
        let ids = self.restricted_to_project_group_ids.as_deref();
        ids.unwrap_or_default()
    }
}

/// A key is told by no less than this of its beginning, which all keys share a part of, or of its end.
const SHORTEST_HINT: (usize, usize) = (6, 4);

/// The one that is in use, where its hint tells it; else all.
#[must_use]
pub fn keys_in_use(keys: Vec<ApiKey>, key: &Secret) -> Vec<ApiKey> {
    let is_it = |it: &ApiKey| it.hint.as_deref().is_some_and(|hint| is_hint_of(hint, key));
    let found: Vec<ApiKey> = keys.iter().filter(|it| is_it(it)).cloned().collect();
    if found.is_empty() { keys } else { found }
}

/// What is shown of a key is its beginning or its end; stars or dots stand for the rest. Which of them is not documented.
fn is_hint_of(hint: &str, key: &Secret) -> bool {
    let shown = hint.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let key = key.expose();
    let (beginning, end) = SHORTEST_HINT;
    (shown.len() >= beginning && key.starts_with(shown))
        || (shown.len() >= end && key.ends_with(shown))
}

impl Server {
    /// Who the key belongs to.
    ///
    /// # Errors
    /// The key is refused, or nobody answered.
    pub fn me(&self, deadline: Deadline) -> Result<User, ServiceError> {
        let attempted = "ask whose key it is";
        let answer = self.get(&["users", "me"], &[], attempted, deadline);
        answer.map(|(user, _)| user)
    }

    /// The keys of the user whose key this client has.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn api_keys(&self, user: &User, deadline: Deadline) -> Result<Vec<ApiKey>, ServiceError> {
        let attempted = format!("list the API keys of {}", user.username);
        let path = ["users", &user.id, "apikeys"];
        let listing = (&path[..], &[][..]);
        let listed = self.list(
            listing,
            &attempted,
            ApiKeyRow::key,
            ApiKeyRow::into_key,
            deadline,
        );
        listed.map(|listed| listed.rows)
    }
}

impl Octopus {
    /// What the user whose key this client has may in this space. The server answers that for the user, not for a key that may
    /// less.
    ///
    /// # Errors
    /// It could not be read.
    pub fn rights_of(&self, user: &User, deadline: Deadline) -> Result<Rights, ServiceError> {
        let attempted = format!("read what {} may", user.username);
        let path = ["users", &user.id, "permissions"];
        let query = [("includeSystem", "true")];
        let (row, _) = self.get::<RightsRow>(&path, &query, &attempted, deadline)?;
        let grants = row.space_permissions.unwrap_or_default().into_iter();
        let here = |grant: &Grant| {
            let space = grant.space_id.as_deref();
            space.is_none_or(|space| space.eq_ignore_ascii_case(self.space()))
        };
        let grants = grants.map(|(name, grants)| {
            let grants = grants.unwrap_or_default();
            (name, grants.into_iter().filter(here).collect())
        });
        Ok(Rights {
            grants: grants.collect(),
            of_system: row.system_permissions.unwrap_or_default(),
            complete: row.is_permissions_complete.unwrap_or(true),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RightsRow {
    #[serde(default)]
    space_permissions: Option<BTreeMap<String, Option<Vec<Grant>>>>,
    #[serde(default)]
    system_permissions: Option<Vec<String>>,
    #[serde(default)]
    is_permissions_complete: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiKeyRow {
    id: String,
    #[serde(default)]
    api_key: Option<HintRow>,
    #[serde(default)]
    expires: Option<String>,
    #[serde(default)]
    access_level: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HintRow {
    #[serde(default)]
    hint: Option<String>,
}

impl ApiKeyRow {
    fn key(&self) -> &str {
        &self.id
    }

    fn into_key(self) -> ApiKey {
        let access = match self.access_level.as_deref() {
            None | Some("") => AccessLevel::Full,
            Some(level) if level.eq_ignore_ascii_case("FullAccess") => AccessLevel::Full,
            Some(level) if level.eq_ignore_ascii_case("ReadOnly") => AccessLevel::ReadOnly,
            Some(level) => AccessLevel::Custom(level.to_owned()),
        };
        ApiKey {
            hint: self.api_key.and_then(|key| key.hint),
            end: KeyEnd::read(self.expires),
            access,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_hint_of;
    use crate::secret::Secret;

    #[test]
    fn a_key_is_told_by_what_the_server_shows_of_it() {
        let key = Secret::new("API-HINTEDKEY0123456789");
        for (hint, is_it) in [
            ("API-HINT************", true),
            ("...0123456789", true),
            ("6789", true),
            ("API-OTHER**********", false),
            ("API-***", false),
            ("", false),
        ] {
            assert_eq!(is_hint_of(hint, &key), is_it, "{hint}");
        }
    }
}
