//! The schedule's key: whose it is, when it ends, what its user may. Asked with that key itself, since a server tells these of nobody
//! else.

use super::asking::Asking;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{Access, OctopusKey};
use crate::error::ServiceError;
use crate::octopus::set_up::{ApiKey, Greeting, User};
use crate::octopus::{Octopus, Server};
use crate::secret::Secret;
use std::sync::Arc;

/// A key is told by no less than this of its beginning, which all keys share a part of, or of its end.
const SHORTEST_HINT: (usize, usize) = (6, 4);

impl Asking<'_> {
    pub(super) fn schedule(&self, octopus: &Seen<Greeting>, space: &Seen<String>) -> Seen<Access> {
        let Some(key) = &self.settings.schedule else {
            return Seen::NotAsked(NotAsked::NoScheduleKey);
        };
        let url = self.settings.octopus_url.clone();
        let server = Arc::new(Server::new(&self.http, url, key.clone()));
        octopus.then(|_| self.access(&server, key, space).into())
    }

    /// The key of whoever checks; of one that the schedule uses, too, all is said with that.
    pub(super) fn checkers_key(&self, user: &User) -> Seen<OctopusKey> {
        let key = &self.settings.checker;
        let schedule = self.settings.schedule.as_ref();
        match schedule.is_some_and(|it| it.expose() == key.expose()) {
            true => Seen::NotAsked(NotAsked::AlreadySaid),
            false => self.credential(&self.server, key, user),
        }
    }

    fn access(
        &self,
        server: &Arc<Server>,
        key: &Secret,
        space: &Seen<String>,
    ) -> Result<Access, ServiceError> {
        let user = server.me(self.deadline)?;
        let rights = space.then(|space| {
            let octopus = Octopus::new(server, space.clone());
            octopus.rights_of(&user, self.deadline).into()
        });
        Ok(Access {
            credential: self.credential(server, key, &user),
            rights,
            user,
        })
    }

    fn credential(&self, server: &Server, key: &Secret, user: &User) -> Seen<OctopusKey> {
        if key.is_jwt() {
            return Seen::Known(OctopusKey::Token);
        }
        let keys = server.api_keys(user, self.deadline);
        keys.map(|keys| OctopusKey::OneOf(in_use(keys, key))).into()
    }
}

/// The one that is in use, where its hint tells it; else all.
fn in_use(keys: Vec<ApiKey>, key: &Secret) -> Vec<ApiKey> {
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
