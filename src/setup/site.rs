//! Where something is set up, who does it, and what for; and how what is there is read: whole, as JSON.

use super::document::{is_own, lists, same, text};
use super::part::SetupPart;
use crate::check::needs::{self, Has};
use crate::error::ServiceError;
use crate::http::{Deadline, Http};
use crate::octopus::Octopus;
use crate::octopus::set_up::{EnvironmentPlace, Project, Rights, User};
use crate::reconcile::snapshot::ScalingGroup;
use crate::secret::Secret;
use crate::settings::{Consent, SetupSettings};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that a part is planned from.
#[derive(Debug)]
pub struct SetupSite<'a> {
    /// What was told.
    pub settings: &'a SetupSettings,
    /// The space.
    pub octopus: Octopus,
    /// Who sets up.
    pub setter: User,
    /// What they may.
    pub rights: Rights,
    /// Whether a snapshot takes a permission of its own on this server.
    pub snapshots_take_their_own: bool,
    /// The environment.
    pub environment: EnvironmentPlace,
    /// The project.
    pub project: Project,
    /// Other runbooks of the project that were set up, by name.
    pub other_runbooks: Vec<String>,
    /// The key that is stored, where it is given.
    pub stored: Option<Secret>,
    /// The Azure account that was named, by id and name.
    pub account: Option<Chosen>,
    /// The worker pool that was named.
    pub pool: Option<Chosen>,
    /// All of them, where one was named.
    pub pools: Vec<Chosen>,
    /// What asks Azure.
    pub http: Arc<Http>,
    /// What was read since the last write.
    pub known: RefCell<BTreeMap<String, Value>>,
    /// The snapshot that this run has made.
    pub snapshot: RefCell<Option<String>>,
    /// The scale sets with their machines, where an account for Azure is at hand.
    pub groups: Option<Vec<ScalingGroup>>,
    /// The parts of which something was written in this run.
    pub written: RefCell<BTreeSet<SetupPart>>,
}

/// What has an id and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What is made in the same run has no id before.
pub const NEW: &str = "(new)";

impl SetupSite<'_> {
    /// Whether a flag allows it.
    pub fn allows(&self, consent: Consent) -> bool {
        self.settings.allows(consent)
    }

    /// Whether the key is stored anew.
    pub fn rotates(&self) -> bool {
        self.allows(Consent::RotateKey) && self.does(SetupPart::Variables)
    }

    /// Whether this run is about a part.
    pub fn does(&self, part: SetupPart) -> bool {
        part.is_chosen(&self.settings.flags)
    }

    /// Whether the runbook may be changed though somebody else made it.
    pub fn adopts_runbook(&self) -> bool {
        let mut adopted = self.settings.flags.adopted.iter();
        adopted.any(|name| same(name, &self.settings.runbook))
    }

    /// Until when one question is asked.
    pub fn until(&self) -> Deadline {
        Deadline::within(self.settings.tuning.phase)
    }

    /// Reads one thing by its id, whole.
    pub fn read(&self, path: &[&str]) -> Result<Value, ServiceError> {
        let json = self.ask(path)?;
        match path.last() {
            Some(id) if same(text(&json, "Id"), id) => Ok(json),
            _ => {
                let other = format!("its Id is '{}'", text(&json, "Id"));
                Err(self.octopus.unreadable(&attempted("read", path), &other))
            }
        }
    }

    /// Reads what is no thing with an id.
    pub fn ask(&self, path: &[&str]) -> Result<Value, ServiceError> {
        self.page(path, &[])
    }

    /// The first page of a list, as it comes.
    pub fn page(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, ServiceError> {
        self.once(path, query, || {
            let attempted = attempted("read", path);
            let until = self.until();
            let answer = self
                .octopus
                .get::<Map<String, Value>>(path, query, &attempted, until);
            answer.map(|(json, _)| Value::Object(json))
        })
    }

    /// What was read is kept until something is written, so that one plan is made of one reading.
    fn once(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        read: impl FnOnce() -> Result<Value, ServiceError>,
    ) -> Result<Value, ServiceError> {
        let key = format!("{}?{query:?}", path.join("/"));
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let value = read()?;
        self.known.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    /// Whether something of this part was written in this run.
    pub fn has_written(&self, part: SetupPart) -> bool {
        self.written.borrow().contains(&part)
    }

    /// From now on all is read anew.
    pub fn forget(&self) {
        self.known.borrow_mut().clear();
    }

    /// Reads the list below a path.
    pub fn list(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<Value>, ServiceError> {
        fn id(row: &Map<String, Value>) -> &str {
            row.get("Id").and_then(Value::as_str).unwrap_or_default()
        }
        let listed = self.once(path, query, || {
            let attempted = attempted("list", path);
            let listing = (path, query);
            let listed = self
                .octopus
                .list(listing, &attempted, id, Value::Object, self.until())?;
            Ok(listed.rows.into())
        })?;
        match listed {
            Value::Array(rows) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    /// The id of what has this name in the list below a path.
    pub fn find(&self, path: &[&str], name: &str) -> Result<Option<String>, ServiceError> {
        let rows = self.list(path, &[("partialName", name)])?;
        let named = rows.iter().find(|row| same(text(row, "Name"), name));
        Ok(named.map(|row| text(row, "Id").to_owned()))
    }

    /// The runbook, where it is in the database.
    pub fn runbook(&self) -> Result<Option<Value>, ServiceError> {
        if self.project.runbooks_in_git {
            return Ok(None);
        }
        let path = ["projects", &self.project.id, "runbooks"];
        let id = self.find(&path, &self.settings.runbook)?;
        id.map(|id| self.read(&["runbooks", &id])).transpose()
    }

    /// The names of other runbooks that were set up in this project, as far as they are seen.
    pub fn others_that_were_set_up(&self) -> Result<Vec<String>, ServiceError> {
        if self.project.runbooks_in_git || self.is_blind_to(SetupPart::Runbook).is_some() {
            return Ok(Vec::new());
        }
        let all = self.list(&["projects", &self.project.id, "runbooks"], &[])?;
        // One of another environment takes its values there.
        let is_here = |it: &Value| {
            text(it, "EnvironmentScope") != "Specified"
                || lists(it, "Environments", &self.environment.id)
        };
        let is_other = |it: &&Value| {
            is_own(it) && !same(text(it, "Name"), &self.settings.runbook) && is_here(it)
        };
        let others = all.iter().filter(is_other);
        Ok(others.map(|it| text(it, "Name").to_owned()).collect())
    }

    /// The id of the set of the project's variables.
    pub fn variable_set(&self) -> String {
        let usual = || format!("variableset-{}", self.project.id);
        self.project.variable_set.clone().unwrap_or_else(usual)
    }

    /// Why a part's things may be there though nobody sees them here.
    pub fn is_blind_to(&self, part: SetupPart) -> Option<String> {
        let mut needed = part.sees_with().iter();
        needed
            .find_map(|(permission, reach)| self.lacks(permission, *reach))
            .map(|lack| format!("{lack}, and what is hidden must not be taken for missing"))
    }

    /// Why whoever sets up may not do something, as far as the server says what they may.
    pub fn lacks(&self, permission: &str, reach: needs::Extent) -> Option<String> {
        self.lacks_in(&self.environment.id, permission, reach)
    }

    /// The same of another environment.
    pub fn lacks_in(
        &self,
        environment: &str,
        permission: &str,
        reach: needs::Extent,
    ) -> Option<String> {
        let site = needs::Site {
            environment,
            project: Some((&self.project.id, self.project.group.as_deref())),
            tenant: None,
        };
        match needs::has(&self.rights, permission, reach, site) {
            Has::Whole => None,
            Has::Restricted(to) => Some(format!("your key has {permission} for {to} only")),
            Has::Nothing if !self.rights.complete => Some(format!(
                "Octopus cannot tell whether your key has {permission}"
            )),
            Has::Nothing => Some(format!("your key lacks {permission}")),
        }
    }

    /// What people call a worker pool.
    pub fn pool_named(&self, id: &str) -> String {
        let known = self.pools.iter().find(|it| same(&it.id, id));
        match known {
            Some(pool) => pool.name.clone(),
            None if id.is_empty() => "the default one".to_owned(),
            None => id.to_owned(),
        }
    }

    /// The target tags: as told, or as the project's variable has them.
    pub fn roles(&self, held: Option<&str>) -> Vec<String> {
        let told = self.settings.roles.as_deref().or(held).unwrap_or_default();
        let words = told
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    }
}

/// `projects/Projects-1/runbooks`, which whoever knows the API finds there.
fn attempted(verb: &str, path: &[&str]) -> String {
    format!("{verb} {}", path.join("/"))
}

/// What a list has, by id and name.
pub fn named(list: &[Value]) -> Vec<Chosen> {
    let name = |row: &Value| Chosen {
        id: text(row, "Id").to_owned(),
        name: text(row, "Name").to_owned(),
    };
    list.iter().map(name).collect()
}
