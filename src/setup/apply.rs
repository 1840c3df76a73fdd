//! Carries a plan out, part by part: each is planned anew from what is there now, must come to the same lines, and is written. Every
//! write is what was read, read again just before. At the first failure it stops.

use super::document::{settled, text};
use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign, Write};
use super::proposals;
use super::site::SetupSite;
use crate::console::Console;
use crate::error::ServiceError;
use crate::http::Sending;
use crate::octopus::{Writer, Written};
use std::collections::BTreeSet;
use std::fmt;

/// A snapshot may be made and published by two writes.
const ROUNDS: usize = 3;

/// What was done: a line of the plan, and what it is about in Octopus.
#[derive(Debug, Clone)]
pub struct Done {
    /// The line.
    pub row: PlanLine,
    /// Its id, or the path of what was changed.
    pub place: String,
}

/// Why it stopped.
#[derive(Debug)]
pub enum Stop {
    /// Octopus refused, or could not be asked.
    Service(Box<ServiceError>),
    /// Something is no longer as the plan saw it.
    Changed(String),
    /// It was written, and yet it is not there.
    NotTaken(String),
    /// Somebody interrupted it.
    Interrupted,
}

/// What carries a plan out.
pub struct Hands<'a> {
    /// What it is planned from.
    pub site: &'a SetupSite<'a>,
    /// The writer.
    pub writer: Writer,
    /// What is done.
    pub done: Vec<Done>,
    /// Targets that have changed meanwhile, and were left.
    pub left: Vec<String>,
    /// Whether anything was changed, or may have been.
    pub has_written: bool,
    /// What was written here, and so differs from what the plan saw.
    touched: BTreeSet<String>,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => write!(f, "{error}"),
            Self::Changed(what) => write!(
                f,
                "Somebody changed {what} since the plan was made; nothing of it was overwritten. Look at it, and plan again."
            ),
            Self::NotTaken(what) => write!(
                f,
                "Octopus took the change of {what}, and yet it is not as planned. Look at it in Octopus."
            ),
            Self::Interrupted => f.write_str("Interrupted."),
        }
    }
}

impl<'a> Hands<'a> {
    /// Nothing is done yet.
    pub fn new(site: &'a SetupSite<'a>, writer: Writer) -> Self {
        Self {
            site,
            writer,
            done: Vec::new(),
            left: Vec::new(),
            has_written: false,
            touched: BTreeSet::new(),
        }
    }

    /// Carries out everything that was planned.
    pub fn carry_out(
        &mut self,
        plan: &[(SetupPart, Proposal)],
        console: &Console,
    ) -> Result<(), Stop> {
        console.removals_begin();
        for (part, planned) in plan {
            if planned.rows.iter().any(|row| row.sign.changes()) {
                self.part(*part, planned, console)?;
            }
        }
        Ok(())
    }

    fn part(&mut self, part: SetupPart, planned: &Proposal, console: &Console) -> Result<(), Stop> {
        let mut now = self.again(part)?;
        self.compare(part, planned, &now)?;
        for _ in 0..ROUNDS {
            if now.is_idle() {
                return Ok(());
            }
            let mut place = String::new();
            for write in &now.writes {
                if console.is_interrupted() {
                    return Err(Stop::Interrupted);
                }
                place = self.surely(part, write, console)?;
            }
            self.tell(part, &now, &place);
            // What was left there stays as it is.
            if part == SetupPart::Assignment {
                return Ok(());
            }
            let next = self.again(part)?;
            let is_again = |write: &Write| now.writes.iter().any(|it| it.aims_at_what(write));
            if next.writes.iter().any(is_again) {
                let rows = next.rows.iter().find(|row| row.sign != Sign::Same);
                let subject =
                    rows.map_or_else(|| part.name().to_owned(), |row| row.subject.clone());
                return Err(Stop::NotTaken(subject));
            }
            if next.is_open() {
                return Err(Stop::Changed(part.name().to_owned()));
            }
            now = next;
        }
        Err(Stop::NotTaken(part.name().to_owned()))
    }

    /// Writes, and gives where. Of a write that failed it is looked up whether it was done all the same: its answer may have been
    /// lost.
    fn surely(
        &mut self,
        part: SetupPart,
        write: &Write,
        console: &Console,
    ) -> Result<String, Stop> {
        let stop = match self.write(part, write, console) {
            Ok(place) => {
                self.has_written(part);
                return Ok(place);
            }
            Err(stop) => stop,
        };
        let is_left =
            |now: &Proposal| now.is_open() || now.writes.iter().any(|it| it.aims_at_what(write));
        match self.again(part) {
            Ok(now) if is_left(&now) => Err(stop),
            Ok(_) => {
                self.has_written(part);
                Ok(write.path())
            }
            Err(_) => {
                self.has_written = true;
                Err(stop)
            }
        }
    }

    fn has_written(&mut self, part: SetupPart) {
        self.has_written = true;
        self.site.written.borrow_mut().insert(part);
    }

    fn again(&self, part: SetupPart) -> Result<Proposal, Stop> {
        self.site.forget();
        proposals::one(part, self.site).map_err(|error| Stop::Service(Box::new(error)))
    }

    /// What is not what the plan saw, and was not changed here, somebody else changed.
    fn compare(&self, part: SetupPart, planned: &Proposal, now: &Proposal) -> Result<(), Stop> {
        let changed = |what: &str| Err(Stop::Changed(what.to_owned()));
        if planned.rows != now.rows {
            let mut rows = now.rows.iter().filter(|row| !planned.rows.contains(row));
            return changed(rows.next().map_or_else(|| part.name(), |row| &row.subject));
        }
        for write in &planned.writes {
            let Write::Replace { path, was, .. } = write else {
                continue;
            };
            let is_it = |it: &&Write| matches!(it, Write::Replace { path: own, .. } if own == path);
            let Some(Write::Replace { was: is, .. }) = now.writes.iter().find(is_it) else {
                continue;
            };
            if settled(was) != settled(is) && !self.touched.contains(&path.join("/")) {
                return changed(&path.join("/"));
            }
        }
        Ok(())
    }

    fn write(&mut self, part: SetupPart, write: &Write, console: &Console) -> Result<String, Stop> {
        let failed = |error: ServiceError| {
            let (makes, changes) = part.needs();
            let needed = match write {
                Write::Create { .. } => makes,
                Write::Replace { .. } | Write::Reassign { .. } => changes,
            };
            Stop::Service(Box::new(error.needing(needed)))
        };
        let mut sending = Sending::from(self.site.until()).unless(&console.halt());
        match write {
            Write::Create { path, body } => {
                let made = self
                    .writer
                    .make(&words(path), body, &mut sending)
                    .map_err(failed)?;
                Ok(match made {
                    Written::Done(made) => format!("{}/{}", write.path(), text(&made, "Id")),
                    Written::DryRun => write.path(),
                })
            }
            Write::Replace { path, was, body } => {
                self.site.forget();
                let is = self.site.ask(&words(path)).map_err(failed)?;
                if settled(&is) != settled(was) {
                    return Err(Stop::Changed(path.join("/")));
                }
                self.touched.insert(path.join("/"));
                let changed = self.writer.replace(&words(path), body, &mut sending);
                changed.map_err(failed)?;
                Ok(write.path())
            }
            Write::Reassign {
                machine,
                name,
                from,
                to,
            } => {
                let target = (machine.as_str(), name.as_str());
                self.reassign(target, from.as_deref(), to, &mut sending)
                    .map_err(failed)?;
                Ok("machines".to_owned())
            }
        }
    }

    /// A machine that registered anew meanwhile, or whose policy somebody chose, is left.
    fn reassign(
        &mut self,
        (machine, name): (&str, &str),
        from: Option<&str>,
        to: &str,
        sending: &mut Sending,
    ) -> Result<(), ServiceError> {
        let path = ["machines", machine];
        self.site.forget();
        let mut target = match self.site.read(&path) {
            Err(error) if error.is_own_not_found() => {
                self.left.push(name.to_owned());
                return Ok(());
            }
            read => read?,
        };
        let has = target["MachinePolicyId"]
            .as_str()
            .filter(|id| !id.is_empty());
        if text(&target, "Name") != name || has != from {
            self.left.push(name.to_owned());
            return Ok(());
        }
        target["MachinePolicyId"] = to.into();
        self.writer.replace(&path, &target, sending).map(|_| ())
    }

    fn tell(&mut self, part: SetupPart, now: &Proposal, place: &str) {
        for row in now.rows.iter().filter(|row| row.sign.changes()) {
            let is_told = |it: &Done| it.row.part == part && it.row.subject == row.subject;
            if !self.done.iter().any(is_told) {
                self.done.push(Done {
                    row: row.clone(),
                    place: place.to_owned(),
                });
            }
        }
    }
}

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}
