//! Carries a plan out, part by part: each is planned anew from what is there now, must come to the same lines, and is written. At the
//! first failure it stops.

use super::document::settled;
use super::part::SetupPart;
use super::pen::{Became, Pen};
use super::plan::{PlanLine, Proposal, Sign, Write};
use super::stop::Stop;
use crate::spelling::names_of;

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

/// What carries a plan out.
pub struct Hands<'a> {
    /// What writes.
    pub pen: Pen<'a>,
    /// What is done.
    pub done: Vec<Done>,
    /// Targets that have changed meanwhile, and were left.
    pub left: Vec<String>,
    /// What is not done, where it stopped.
    pub undone: Vec<String>,
}

impl<'a> Hands<'a> {
    /// Nothing is done yet.
    pub fn new(pen: Pen<'a>) -> Self {
        Self {
            pen,
            done: Vec::new(),
            left: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// Carries out everything that was planned.
    pub fn carry_out(&mut self, plan: &[(SetupPart, Proposal)]) -> Result<(), Stop> {
        let changing: Vec<&(SetupPart, Proposal)> =
            plan.iter().filter(|(_, it)| it.changes()).collect();
        let mut ended = Ok(());
        for (part, planned) in changing {
            match ended {
                Ok(()) => ended = self.part(*part, planned),
                Err(_) => self.undone.extend(subjects(planned)),
            }
        }
        ended
    }

    fn part(&mut self, part: SetupPart, planned: &Proposal) -> Result<(), Stop> {
        if self.pen.halt.is_called() {
            self.undone.extend(subjects(planned));
            return Err(Stop::Interrupted);
        }
        if part == SetupPart::Assignment {
            return self.assign(planned);
        }
        let mut places = Vec::new();
        let ended = self.rounds(part, planned, &mut places);
        if ended.is_err() {
            self.undone.extend(subjects(planned));
        }
        for row in planned.rows.iter().filter(|row| row.sign.changes()) {
            let mut row = row.clone();
            match (&ended, &places[..]) {
                (Err(_), []) => break,
                (Err(_), _) => row.subject = format!("a part of {}", row.subject),
                (Ok(()), _) => {}
            }
            let place = places.join(", ");
            self.done.push(Done { row, place });
        }
        ended
    }

    /// Writes until nothing is left to do.
    fn rounds(
        &mut self,
        part: SetupPart,
        planned: &Proposal,
        places: &mut Vec<String>,
    ) -> Result<(), Stop> {
        let mut now = self.again(part)?;
        self.compare(part, planned, &now)?;
        if now.is_idle() {
            return Err(Stop::Waits(subject(part, planned)));
        }
        for _ in 0..ROUNDS {
            for write in &now.writes {
                if let Became::Done(place) = self.pen.surely(part, write)? {
                    places.push(place);
                }
            }
            let next = self.again(part)?;
            if next.is_open() {
                return Err(Stop::Changed(subject(part, &next)));
            }
            if next.is_idle() {
                return match next.changes() {
                    true => Err(Stop::Waits(subject(part, &next))),
                    false => Ok(()),
                };
            }
            let is_again = |write: &Write| now.writes.iter().any(|it| it.aims_at_what(write));
            if next.writes.iter().any(is_again) {
                return Err(Stop::NotTaken(subject(part, &next)));
            }
            now = next;
        }
        Err(Stop::NotTaken(part.name().to_owned()))
    }

    /// Gives the targets that were planned for their machine policy. What has changed with one of them meanwhile holds none of the
    /// others up, for machines come and go.
    fn assign(&mut self, planned: &Proposal) -> Result<(), Stop> {
        let (mut moved, mut open) = (Vec::new(), Vec::new());
        let mut ended = Ok(());
        let now = match self.again(SetupPart::Assignment) {
            Ok(now) => now,
            Err(stop) => {
                self.undone.extend(subjects(planned));
                return Err(stop);
            }
        };
        for write in &planned.writes {
            let Write::Reassign { machine, name, .. } = write else {
                continue;
            };
            if ended.is_err() {
                open.push(format!("target {name}"));
                continue;
            }
            let became = match now.writes.iter().find(|it| it.is_same_move(write)) {
                Some(now) => self.pen.surely(SetupPart::Assignment, now),
                None => Ok(Became::Left),
            };
            match became {
                Ok(Became::Left) => self.left.push(name.clone()),
                Ok(Became::Done(_)) => moved.push(machine.clone()),
                Err(stop) => {
                    open.push(format!("target {name}"));
                    ended = Err(stop);
                }
            }
        }
        self.undone
            .extend(match open.len() == planned.writes.len() {
                true => subjects(planned),
                false => open,
            });
        self.tell_moved(planned, &moved);
        ended
    }

    /// One line for the targets of each policy, with their ids.
    fn tell_moved(&mut self, planned: &Proposal, moved: &[String]) {
        let is_moved = |it: &&str| moved.iter().any(|id| id == it);
        for row in planned.rows.iter().filter(|row| row.sign.changes()) {
            let of_row = planned.writes.iter().filter_map(|write| match write {
                Write::Reassign {
                    machine,
                    name,
                    policy,
                    ..
                } if row.changes.iter().any(|it| it.old == *policy) => {
                    Some((machine.as_str(), name.as_str()))
                }
                _ => None,
            });
            let of_row: Vec<(&str, &str)> = of_row.filter(|(id, _)| is_moved(id)).collect();
            if of_row.is_empty() {
                continue;
            }
            let names = names_of(of_row.iter().map(|(_, name)| *name));
            let ids = of_row.iter().map(|(id, _)| format!("machines/{id}"));
            let place = ids.collect::<Vec<_>>().join(", ");
            let subject = super::assignment::subject(of_row.len());
            let row = PlanLine {
                subject,
                note: names,
                ..row.clone()
            };
            self.done.push(Done { row, place });
        }
    }

    fn again(&self, part: SetupPart) -> Result<Proposal, Stop> {
        Ok(self.pen.propose(part)?)
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
            if settled(was) != settled(is) && !self.pen.touched.contains(&write.path()) {
                return changed(&write.path());
            }
        }
        Ok(())
    }
}

/// What is made or changed.
fn subjects(proposal: &Proposal) -> Vec<String> {
    let rows = proposal.rows.iter().filter(|row| row.sign.changes());
    rows.map(|row| row.subject.clone()).collect()
}

/// What a part is about that is not as it should be.
fn subject(part: SetupPart, proposal: &Proposal) -> String {
    let mut rows = proposal.rows.iter().filter(|row| row.sign != Sign::Same);
    let row = rows.next();
    row.map_or_else(|| part.name().to_owned(), |row| row.subject.clone())
}
