//! One write, surely: what is written is read again just before each try, and of a try that failed it is looked up whether it was
//! done all the same, since its answer may have been lost.

use super::document::{same, settled, text};
use super::part::SetupPart;
use super::plan::{Proposal, Write};
use super::site::{NEW, SetupSite};
use super::stop::Stop;
use crate::error::ServiceError;
use crate::http::{Halt, Sending};
use crate::octopus::{Writer, Written};
use crate::settings::Consent;
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
    /// How a part is planned anew.
    pub propose: fn(SetupPart, &SetupSite<'_>) -> Result<Proposal, ServiceError>,
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
    /// Writes, and gives where.
    pub fn surely(&mut self, part: SetupPart, write: &Write) -> Result<Became, Stop> {
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
            match self.is_open(part, write) {
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
        if part == SetupPart::Variables && self.site.allows(Consent::RotateKey) {
            self.site.rotated.set(true);
        }
    }

    /// Whether it is still to be done.
    fn is_open(&self, part: SetupPart, write: &Write) -> Result<bool, ServiceError> {
        if let Write::Reassign { machine, to, .. } = write {
            let target = self.site.read(&["machines", machine])?;
            return Ok(!same(text(&target, "MachinePolicyId"), to));
        }
        let now = (self.propose)(part, self.site)?;
        Ok(now.writes.iter().any(|it| it.aims_at_what(write)))
    }

    fn once(&mut self, part: SetupPart, write: &Write) -> Result<Became, Failure> {
        let (makes, changes) = part.needs();
        match write {
            Write::Create { path, body } => {
                rests_on_what_is_there(write, body)?;
                let made = self.writer.make(&words(path), body, &mut self.sending());
                let made = made.map_err(|error| Failure::Sent(error.needing(makes)))?;
                self.wrote(part, write);
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

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}
