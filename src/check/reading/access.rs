//! The schedule's key: whose it is, when it ends, what its user may. Asked with that key itself, since a server tells these of nobody
//! else.

use super::asking::Asking;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{Access, OctopusKey};
use crate::error::ServiceError;
use crate::octopus::set_up::{Greeting, User, keys_in_use};
use crate::octopus::{Octopus, Server};
use crate::secret::Secret;
use std::sync::Arc;

impl Asking<'_> {
    /// Where it is the key of whoever checks, too, and that was refused, nothing is left to say.
    pub(super) fn schedule(
        &self,
        octopus: &Seen<Greeting>,
        checker: &Seen<User>,
        space: &Seen<String>,
    ) -> Seen<Access> {
        let Some(key) = &self.settings.schedule else {
            return Seen::NotAsked(NotAsked::NoScheduleKey);
        };
        if self.is_checkers(key) && checker.known().is_none() {
            return Seen::NotAsked(NotAsked::AlreadySaid);
        }
        let url = self.settings.octopus_url.clone();
        let server = Arc::new(Server::new(&self.http, url, key.clone()));
        octopus.then(|_| self.access(&server, key, space).into())
    }

    fn is_checkers(&self, key: &Secret) -> bool {
        key.expose() == self.settings.checker.expose()
    }

    /// The key of whoever checks; of one that the schedule uses, too, all is said with that.
    pub(super) fn checkers_key(&self, user: &User) -> Seen<OctopusKey> {
        let schedule = self.settings.schedule.as_ref();
        match schedule.is_some_and(|it| self.is_checkers(it)) {
            true => Seen::NotAsked(NotAsked::AlreadySaid),
            false => self.credential(&self.server, &self.settings.checker, user),
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
        keys.map(|keys| OctopusKey::OneOf(keys_in_use(keys, key)))
            .into()
    }
}
