//! One write, surely: what is written is read again just before each try, and of a try that failed it is looked up whether it was
//! done all the same, since its answer may have been lost.

use super::content::variables_of;
use super::document::{same, settled, text};
use super::part::SetupPart;
use super::plan::{Proposal, Write};
use super::proposals;
use super::site::{NEW, SetupSite};
use super::stop::Stop;
use crate::error::ServiceError;
use crate::http::{Halt, Sending};
use crate::octopus::{Writer, Written};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Before what was not done is tried again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// What became of a write.
pub enum Became {
    /// It was done; where.
    Done(String),
    /// A target has changed meanwhile, and was left.
    Left,
}

/// How a try failed.
enum Failure {
    /// Before anything was sent.
    Unsent(Stop),
    /// What was sent came back so.
    Sent(ServiceError),
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Unsent(error.into())
    }
}

/// What writes.
pub struct Pen<'a> {
    /// What it is planned from.
    pub site: &'a SetupSite<'a>,
    /// The writer.
    pub writer: Writer,
    /// Called where nothing more is to be sent.
    pub halt: Halt,
    /// Whether anything was changed, or may have been.
    pub has_written: bool,
    /// What was written here, and so differs from what the plan saw.
    pub touched: BTreeSet<String>,
}

impl Pen<'_> {
    /// What a part proposes from what is there now.
    pub fn propose(&self, part: SetupPart) -> Result<Proposal, ServiceError> {
        self.site.forget();
        proposals::one(part, self.site)
    }

    /// Writes, and gives where. After a try whose answer was lost nobody can say that nothing was changed.
    pub fn surely(&mut self, part: SetupPart, write: &Write) -> Result<Became, Stop> {
        let mut lost = false;
        let became = self.tries(part, write, &mut lost);
        self.has_written |= lost && matches!(became, Err(Stop::Changed(_) | Stop::Interrupted));
        became
    }

    fn tries(&mut self, part: SetupPart, write: &Write, lost: &mut bool) -> Result<Became, Stop> {
        let give_up = Instant::now() + self.site.settings.tuning.requests.retry;
        let mut pauses = PAUSES.into_iter();
        loop {
            if self.halt.is_called() {
                return Err(Stop::Interrupted);
            }
            let error = match self.once(part, write) {
                Ok(became) => return Ok(became),
                Err(Failure::Unsent(stop)) => return Err(stop),
                Err(Failure::Sent(error)) => error,
            };
            let is_lost = error.is_lost();
            *lost |= is_lost;
            if is_lost && self.is_there(write) {
                self.wrote(part, write);
                return Ok(Became::Done(write.path()));
            }
            match self.is_open(part, write) {
                Ok(true) if is_lost && self.is_unseen(write) => {
                    self.has_written = true;
                    let (error, place) = (Box::new(error), write.path());
                    return Err(Stop::Unknown { error, place });
                }
                Ok(true) => {}
                Ok(false) => {
                    self.wrote(part, write);
                    return Ok(Became::Done(self.place_of(write)));
                }
                Err(_) if is_lost => {
                    self.has_written = true;
                    let (error, place) = (Box::new(error), write.path());
                    return Err(Stop::Unknown { error, place });
                }
                Err(_) => return Err(error.into()),
            }
            let pause = pauses
                .next()
                .filter(|pause| Instant::now() + *pause < give_up);
            match (write, pause) {
                // What makes something is never sent twice.
                (Write::Replace { .. } | Write::Reassign { .. }, Some(pause)) if is_lost => {
                    self.sending().pause(pause);
                }
                _ => return Err(error.into()),
            }
        }
    }

    fn sending(&self) -> Sending {
        Sending::from(self.site.until()).once().unless(&self.halt)
    }

    fn wrote(&mut self, part: SetupPart, write: &Write) {
        self.has_written = true;
        self.touched.insert(write.path());
        self.site.written.borrow_mut().insert(part);
    }

    /// Whether a set of variables is by now what was written: a key that is written anew looks as it did before.
    fn is_there(&self, write: &Write) -> bool {
        let Write::Replace { path, was, body } = write else {
            return false;
        };
        self.site.forget();
        let is = self.site.ask(&words(path)).unwrap_or_default();
        let is_saved = is["Version"] != was["Version"];
        body["Variables"].is_array() && is_saved && variables_of(&is) == variables_of(body)
    }

    /// Whether the server does not show what would have been made.
    fn is_unseen(&self, write: &Write) -> bool {
        match write {
            Write::Create { path, body } if path[..] == ["runbookSnapshots"] => {
                let list = ["runbooks", text(body, "RunbookId"), "runbookSnapshots"];
                self.site.list(&list, &[]).is_err()
            }
            Write::Create { .. } | Write::Replace { .. } | Write::Reassign { .. } => false,
        }
    }

    /// Whether it is still to be done, or somebody has to decide by now.
    fn is_open(&self, part: SetupPart, write: &Write) -> Result<bool, ServiceError> {
        self.site.forget();
        if let Write::Reassign { machine, to, .. } = write {
            let target = self.site.read(&["machines", machine])?;
            return Ok(!same(text(&target, "MachinePolicyId"), to));
        }
        let now = self.propose(part)?;
        Ok(now.is_open()
            || (now.changes() && now.is_idle())
            || now.writes.iter().any(|it| it.aims_at_what(write)))
    }

    fn once(&mut self, part: SetupPart, write: &Write) -> Result<Became, Failure> {
        let (makes, changes) = part.needs();
        self.site.forget();
        match write {
            Write::Create { path, body } => {
                rests_on_what_is_there(write, body)?;
                let path = words(path);
                let query = query_of(&path);
                let made = self.writer.make(&path, query, body, &mut self.sending());
                let made = made.map_err(|error| Failure::Sent(error.needing(makes)))?;
                self.wrote(part, write);
                if let (["runbookSnapshots"], Written::Done(made)) = (&path[..], &made) {
                    self.site
                        .snapshot
                        .replace(Some(text(made, "Id").to_owned()));
                }
                Ok(Became::Done(match made {
                    Written::Done(made) => format!("{}/{}", write.path(), text(&made, "Id")),
                    Written::DryRun => write.path(),
                }))
            }
            Write::Replace { path, was, body } => {
                rests_on_what_is_there(write, body)?;
                let is = self.site.ask(&words(path))?;
                if settled(&is) != settled(was) {
                    return Err(Failure::Unsent(Stop::Changed(write.path())));
                }
                let changed = self.writer.replace(&words(path), body, &mut self.sending());
                changed.map_err(|error| Failure::Sent(error.needing(changes)))?;
                self.wrote(part, write);
                Ok(Became::Done(write.path()))
            }
            Write::Reassign { .. } => self.reassign(part, write),
        }
    }

    /// A machine that registered anew meanwhile, or whose policy somebody chose, is left.
    fn reassign(&mut self, part: SetupPart, write: &Write) -> Result<Became, Failure> {
        let Write::Reassign {
            machine,
            name,
            from,
            to,
            ..
        } = write
        else {
            return Ok(Became::Left);
        };
        if to == NEW {
            return Err(Failure::Unsent(Stop::Waits(write.path())));
        }
        let path = ["machines", machine];
        let mut target = match self.site.read(&path) {
            Err(error) if error.is_own_not_found() => return Ok(Became::Left),
            read => read?,
        };
        let has = target["MachinePolicyId"]
            .as_str()
            .filter(|id| !id.is_empty());
        if text(&target, "Name") != name || has != from.as_deref() {
            return Ok(Became::Left);
        }
        target["MachinePolicyId"] = to.as_str().into();
        let sent = self.writer.replace(&path, &target, &mut self.sending());
        sent.map_err(|error| Failure::Sent(error.needing(part.needs().1)))?;
        self.wrote(part, write);
        Ok(Became::Done(write.path()))
    }

    /// Where that is whose making was not answered. To help people alone: where it cannot be found, the path will do.
    fn place_of(&self, write: &Write) -> String {
        let Write::Create { path, body } = write else {
            return write.path();
        };
        let owner = |field| text(body, field);
        let list = match &words(path)[..] {
            ["runbooks"] => vec!["projects", owner("ProjectId"), "runbooks"],
            ["projecttriggers"] => vec!["projects", owner("ProjectId"), "triggers"],
            ["runbookSnapshots"] => vec!["runbooks", owner("RunbookId"), "runbookSnapshots"],
            other => other.to_vec(),
        };
        let all = self.site.list(&list, &[]).unwrap_or_default();
        let mut named = all
            .iter()
            .filter(|it| same(text(it, "Name"), text(body, "Name")));
        named.next().map_or_else(
            || write.path(),
            |it| format!("{}/{}", write.path(), text(it, "Id")),
        )
    }
}

/// What was to be made in the same run and has no id after all names nothing.
fn rests_on_what_is_there(write: &Write, body: &Value) -> Result<(), Failure> {
    match names_what_is_not_there(body) {
        true => Err(Failure::Unsent(Stop::Waits(write.path()))),
        false => Ok(()),
    }
}

fn names_what_is_not_there(json: &Value) -> bool {
    match json {
        Value::String(text) => text == NEW,
        Value::Array(items) => items.iter().any(names_what_is_not_there),
        Value::Object(fields) => fields.values().any(names_what_is_not_there),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What a server is asked in the address, too: some read only there that a snapshot is to be published.
fn query_of(path: &[&str]) -> &'static [(&'static str, &'static str)] {
    match path {
        ["runbookSnapshots"] => &[("publish", "true")],
        _ => &[],
    }
}

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}
