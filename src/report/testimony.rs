//! What the verdict of a target rests on: who said what, and when.

use super::document::{Said, Who};
use super::outcome::{Asked, Decision, EndedBy, Inquiry, Outcome};
use super::text::Text;
use super::words::count_of;
use crate::clock::shown;
use crate::octopus::Gap;
use crate::reconcile::plan::{MachineWord, Owner, RemovalAction, Row};
use crate::reconcile::snapshot::{GroupId, Health, Instance, InstanceState};
use crate::reconcile::verdict::{Reached, Verdict};
use crate::reconcile::witness::{InstanceAnswer, InstanceQuestion};
use std::time::SystemTime;

/// What was asked, in words.
pub fn question(about: &Asked) -> (Who, String) {
    match about {
        Asked::Snapshot => (
            Who::OctopusThenAzure,
            "The targets, then the scale sets and their instances".into(),
        ),
        Asked::Instances => (
            Who::Azure,
            "The scale sets and their instances once more".into(),
        ),
        Asked::OtherScaleSets(others) => (
            Who::Azure,
            format!(
                "Whether another scale set has a candidate: the account sees {}",
                count_of(*others, "other")
            ),
        ),
        Asked::OtherScaleSetsAgain => (
            Who::Azure,
            "The same once more, with those that came meanwhile, and a second witness for each"
                .into(),
        ),
        Asked::Use => (Who::Octopus, "Whether a task uses a candidate".into()),
        Asked::Variables => (
            Who::Octopus,
            "Whether variables are scoped to a candidate alone".into(),
        ),
        Asked::LastChecks => (Who::Octopus, "When the candidates were checked last".into()),
        Asked::Test(Some(task)) => (Who::Octopus, format!("Whether candidates answer ({task})")),
        Asked::Test(None) => (
            Who::Octopus,
            "Whether candidates answer; there was no test".into(),
        ),
        Asked::OwnLists => (
            Who::Azure,
            "The scale sets' own lists of their machines".into(),
        ),
        Asked::EachInstance => (
            Who::Azure,
            "The instances of the candidates, each by itself".into(),
        ),
    }
}

/// The pieces for one row after the other.
pub struct Witnesses<'a> {
    outcome: &'a Outcome,
    action: RemovalAction,
}

impl<'a> Witnesses<'a> {
    pub fn of(outcome: &'a Outcome, action: RemovalAction) -> Self {
        Self { outcome, action }
    }

    /// What the row's verdict rests on.
    pub fn about(&self, row: &Row) -> Vec<Said> {
        let mut said = match &row.verdict {
            Verdict::Ignored => return Vec::new(),
            Verdict::Kept | Verdict::Leaving => return self.its_machine(row),
            Verdict::Detached(_) => Vec::new(),
            Verdict::Stale
            | Verdict::Done
            | Verdict::Deferred(_)
            | Verdict::Answers(_)
            | Verdict::Untested(_)
            | Verdict::Referenced(_)
            | Verdict::Foreign(_) => self.no_machine(row),
        };
        said.extend(row.evidence.owners.iter().map(|it| self.its_name(it)));
        said.push(self.its_health(row));
        said.extend(self.its_answer(row));
        said.extend(row.evidence.heard.iter().map(|it| self.its_instance(it)));
        if row.verdict == Verdict::Stale {
            said.extend(self.nothing_against());
        }
        said.extend(self.its_end(row));
        // What was compared first, then what was asked, one after the other.
        said.sort_by(|one, other| one.at.cmp(&other.at));
        said
    }

    fn decision(&self) -> &'a Decision {
        &self.outcome.decision
    }

    fn inquiries(
        &self,
        which: impl Fn(&Asked) -> bool + 'a,
    ) -> impl DoubleEndedIterator<Item = &'a Inquiry> {
        let answered = self.outcome.answered();
        answered.filter(move |it| which(&it.about))
    }

    fn looks(&self) -> impl DoubleEndedIterator<Item = &'a Inquiry> {
        self.inquiries(|about| matches!(about, Asked::Snapshot | Asked::Instances))
    }

    fn last_look(&self) -> Option<SystemTime> {
        self.looks().next_back().map(|it| it.at)
    }

    fn its_machine(&self, row: &Row) -> Vec<Said> {
        let evidence = &row.evidence;
        let machines = evidence.kept_by.iter().chain(&evidence.going);
        let says = |machine| said(Who::Azure, self.last_look(), listed(machine));
        machines.map(|machine| says(machine)).collect()
    }

    /// What is stale now was at every look; of the others only the last is known.
    fn no_machine(&self, row: &Row) -> Vec<Said> {
        let titles = self.decision().snapshot.groups.iter();
        let titles: Vec<&str> = titles.map(|group| group.title.as_str()).collect();
        let says = |look: &Inquiry| {
            let lists = format!("{}: no instance that its name means", titles.join(", "));
            said(Who::Azure, Some(look.at), lists)
        };
        match row.verdict {
            Verdict::Stale => self.looks().map(says).collect(),
            _ => self.looks().next_back().map(says).into_iter().collect(),
        }
    }

    fn its_name(&self, owner: &Owner) -> Said {
        let ids: Vec<&str> = owner.instance_ids.iter().map(String::as_str).collect();
        let ids = match ids.is_empty() {
            true => String::new(),
            false => format!(", to instance {}", ids.join(" or ")),
        };
        let title = self.title(&owner.group);
        said(
            Who::ThisRun,
            None,
            format!("It is a name that {title} gives{ids}"),
        )
    }

    fn title(&self, group: &'a GroupId) -> &'a str {
        let known = self.decision().snapshot.group(group);
        known.map_or(group.as_str(), |it| &it.title)
    }

    fn its_health(&self, row: &Row) -> Said {
        let health = match row.target.health {
            Health::Healthy => "Calls it healthy",
            Health::Unhealthy => "Calls it unhealthy",
            Health::Unavailable => "Calls it unavailable",
            Health::Unknown => "Does not say how it is",
        };
        let asked = self
            .inquiries(|about| *about == Asked::LastChecks)
            .next_back();
        let checked = row.evidence.checked_ago.zip(asked);
        let checked = checked.and_then(|(ago, asked)| asked.at.checked_sub(ago));
        let checked = checked.map(|at| format!(", by a check of {}", shown(at)));
        let disabled = match row.target.enabled {
            true => "",
            false => "; it is disabled",
        };
        let says = format!("{health}{}{disabled}", checked.unwrap_or_default());
        said(Who::Octopus, self.last_look(), says)
    }

    fn its_answer(&self, row: &Row) -> Option<Said> {
        let test = self.inquiries(|about| matches!(about, Asked::Test(_)));
        let test = test.last();
        let task = test.and_then(|it| match &it.about {
            Asked::Test(task) => task.as_deref(),
            _ => None,
        });
        let tested = |found: &str| {
            let by = task.map_or_else(|| "A test".into(), |task| format!("The test {task}"));
            said(
                Who::Octopus,
                test.map(|it| it.at),
                format!("{by} found that {found}"),
            )
        };
        match (row.evidence.machine, &row.verdict) {
            (_, Verdict::Answers(Reached::Tested)) => Some(tested("it answers")),
            (MachineWord::FoundUnavailable(_), _) => Some(tested("it does not answer")),
            (MachineWord::SharesEndpoint, _) => Some(said(
                Who::ThisRun,
                None,
                "It has the endpoint of a kept target, which would answer for it".into(),
            )),
            (MachineWord::Unasked | MachineWord::Unavailable, _) => None,
        }
    }

    fn its_instance(&self, (question, answer): &'a (InstanceQuestion, InstanceAnswer)) -> Said {
        let asked = self.inquiries(|about| *about == Asked::EachInstance).last();
        let title = self.title(&question.group);
        let answer = match answer {
            InstanceAnswer::Gone => "does not exist".to_owned(),
            InstanceAnswer::Deleting => "is being deleted".to_owned(),
            InstanceAnswer::Exists(state) => format!("exists ({state})"),
            InstanceAnswer::Silent(why) => format!("could not be asked for: {}", why.whole),
        };
        let says = format!(
            "Instance {} of {title}, asked for by itself, {answer}",
            question.instance_id
        );
        said(Who::Azure, asked.map(|it| it.at), says)
    }

    /// What was asked about all candidates and spared this one not.
    fn nothing_against(&self) -> Vec<Said> {
        let says = |which: fn(&Asked) -> bool, who, says: &str| {
            let asked = self.inquiries(which).next_back();
            asked.map(|it| said(who, Some(it.at), says.to_owned()))
        };
        let of_others =
            |about: &Asked| matches!(about, Asked::OtherScaleSets(_) | Asked::OtherScaleSetsAgain);
        let no_other = "No other scale set that the account sees has it";
        // An older server tells less; the report must not say more.
        let knows_tasks =
            [Gap::TargetTasks, Gap::RunbookRuns].map(|gap| self.outcome.is_known(gap));
        let no_task = match knows_tasks {
            [true, true] => "No task uses it",
            _ => "No task that may use it is active",
        };
        let no_variables = "No variables are scoped to it alone";
        [
            says(|it| *it == Asked::Use, Who::Octopus, no_task),
            says(|it| *it == Asked::Variables, Who::Octopus, no_variables),
            says(of_others, Who::Azure, no_other),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn its_end(&self, row: &Row) -> Option<Said> {
        let ended = self.outcome.removals.removed.get(&row.target.id)?;
        let says = match (ended.by, self.action) {
            (EndedBy::ThisRun, RemovalAction::Delete) => "Deleted the registration",
            (EndedBy::ThisRun, RemovalAction::Disable) => "Disabled it",
            (EndedBy::SomebodyElse, _) => "It was not there any more: somebody else ended it",
        };
        Some(said(Who::Octopus, Some(ended.at), says.into()))
    }
}

fn said(who: Who, at: Option<SystemTime>, says: String) -> Said {
    Said {
        who,
        at: at.map(shown),
        says: Text::of(says),
    }
}

fn listed(machine: &Instance) -> String {
    let resource = match &machine.computer_name {
        Some(name) if *name != machine.resource_name => format!(" ({})", machine.resource_name),
        Some(_) | None => String::new(),
    };
    let state = match machine.state {
        InstanceState::Creating => "being created",
        InstanceState::Present => "there",
        InstanceState::Failed => "there, its provisioning failed",
        InstanceState::Deleting => "being deleted",
    };
    format!("{}{resource} is {state}", machine.name())
}
