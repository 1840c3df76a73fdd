//! Which guided failures are about a machine that is gone, and leave nothing to guess.
//!
//! | condition | else |
//! |---|---|
//! | it is pending, a guided failure, nobody holds it, it is not linked to another one, the run's user may take it, and its form offers to exclude the machine | left alone ([`Interruption::obstacle`]) |
//! | its text names exactly one target in scope ([`named_in`]), and that one is stale | left alone |
//! | the element of its task's log that it belongs to is called as that target is ([`is_about`]), and the task runs | left alone |
//! | none about that target was answered so in that task before ([`Interruption::has_excluded`]) | left alone |
//! | the target is stale still after all the evidence, and nothing holds the removals back | left alone |
//!
//! The target itself waits while that task runs, whatever else is said of targets in use.

use crate::octopus::TaskState;
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Target, TargetId};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A task that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// Its id, such as `Interruptions-7`.
    pub id: String,
    /// What people know it by.
    pub title: String,
    /// It is a guided failure.
    pub guided_failure: bool,
    /// It waits still.
    pub pending: bool,
    /// The task that waits.
    pub task: String,
    /// The element of the task's log that it belongs to.
    pub element: String,
    /// Who has taken responsibility.
    pub held_by: Option<String>,
    /// The run's user has.
    pub is_ours: bool,
    /// It ends when another one does.
    pub linked: bool,
    /// The run's user may take responsibility.
    pub may_take: bool,
    /// The field of its form that takes the answer, if one of the answers is to exclude the machine.
    pub exclude_field: Option<String>,
    /// It was answered so.
    pub excludes: bool,
    /// What it says.
    pub text: String,
}

/// Why an interruption is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftAlone {
    /// Somebody answered it meanwhile.
    Answered,
    /// It waits for something else than guidance about a failure.
    NoGuidedFailure,
    /// This user has taken responsibility.
    HeldBy(String),
    /// It ends when another one does.
    Linked,
    /// The run's user may not take responsibility.
    NotAllowed,
    /// Its form does not offer to exclude the machine.
    NoExclude,
    /// Its text names no target in scope.
    NamesNoTarget,
    /// Its text names several targets in scope: these.
    NamesSeveral(Vec<String>),
    /// The target's machine is not, or not surely, gone: the target, its verdict and the reason for that.
    NotGone(String, String),
    /// The element of the task's log that it belongs to is not called as this target is.
    Unclear(String),
    /// The task does not run: its state, and that as the server wrote it.
    TaskState(TaskState, String),
    /// This one about the same target in the same task is answered.
    Twin(String),
    /// This one about the same target in the same task was answered before, which was of no use.
    ExcludedBefore(String),
    /// Something holds the removals back, so this too.
    Held,
    /// The run itself was cancelled.
    Cancelled,
    /// Whether the run's user has taken responsibility is not known: why not, and who has.
    ClaimUnclear(String, Option<String>),
    /// Something about it could not be learned.
    Unreadable(String),
    /// A permission is missing.
    Refused(String),
}

impl Interruption {
    /// What speaks against answering it, as far as it tells by itself.
    #[must_use]
    pub fn obstacle(&self) -> Option<LeftAlone> {
        if !self.guided_failure {
            Some(LeftAlone::NoGuidedFailure)
        } else if !self.pending {
            Some(LeftAlone::Answered)
        } else if let Some(user) = &self.held_by {
            Some(LeftAlone::HeldBy(user.clone()))
        } else if self.linked {
            Some(LeftAlone::Linked)
        } else if self.exclude_field.is_none() {
            Some(LeftAlone::NoExclude)
        } else if !self.may_take {
            Some(LeftAlone::NotAllowed)
        } else {
            None
        }
    }

    /// Whether a deployment was told by this one to go on without this target. If it fails on that again, to tell it again
    /// is of no use. `targets` are all that its text may name.
    #[must_use]
    pub fn has_excluded(&self, target: &TargetId, targets: &[Arc<Target>]) -> bool {
        let is_named = || {
            named_in(&self.text, targets)
                .iter()
                .any(|it| it.id == *target)
        };
        self.guided_failure && self.excludes && is_named()
    }
}

/// The targets whose exact name stands in the text: `web1` does not stand in `web10` or `web1.example.com`, and a name that
/// stands only inside a longer one does not count.
#[must_use]
pub fn named_in<'t>(text: &str, targets: &'t [Arc<Target>]) -> Vec<&'t Arc<Target>> {
    let text = text.to_lowercase();
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let name = target.name.trim().to_lowercase();
        found.extend(places(&text, &name).map(|place| (index, place)));
    }
    // Whatever holds a place comes before it, and the one that reaches furthest holds it if any does.
    found.sort_by_key(|(_, place)| (place.start, Reverse(place.end)));
    let (mut named, mut furthest) = (Vec::new(), 0..0);
    for (index, place) in found {
        let inside_longer = place.end <= furthest.end && place.len() < furthest.len();
        if place.end > furthest.end {
            furthest = place;
        }
        named.extend((!inside_longer).then_some(index));
    }
    named.sort_unstable();
    named.dedup();
    named
        .into_iter()
        .map(|index: usize| &targets[index])
        .collect()
}

/// Where the name stands as a whole.
fn places<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let whole = move |place: &Range<usize>| {
        let before = text[..place.start].chars().next_back();
        let mut after = text[place.end..].chars();
        let (next, one_further) = (after.next(), after.next());
        // A full stop may end the sentence or go on with the name.
        let goes_on = next.is_some_and(part_of_name)
            || (next == Some('.') && one_further.is_some_and(part_of_name));
        !before.is_some_and(|c| part_of_name(c) || c == '.') && !goes_on
    };
    let name_if_any = Some(name).filter(|name| !name.is_empty());
    name_if_any
        .into_iter()
        .flat_map(move |name| text.match_indices(name))
        .map(|(at, name)| at..at + name.len())
        .filter(whole)
}

/// Whether an element of a task's log stands for this target.
#[must_use]
pub fn is_about(element: &str, target: &Target) -> bool {
    element.trim().to_lowercase() == target.name.trim().to_lowercase()
}

/// The target of this id, if its machine is surely gone: only a candidate's is.
///
/// # Errors
/// Why not.
pub fn surely_gone<'p>(plan: &'p Plan, id: &TargetId) -> Result<&'p Arc<Target>, LeftAlone> {
    let row = plan.rows.iter().find(|row| row.target.id == *id);
    let row = row.ok_or(LeftAlone::NamesNoTarget)?;
    if row.is_candidate() {
        return Ok(&row.target);
    }
    let (name, verdict) = (row.target.name.clone(), row.verdict.to_string());
    Err(LeftAlone::NotGone(name, verdict))
}

/// The guided failures of a run that asks for them.
#[derive(Debug, Default)]
pub struct GuidedFailures {
    /// To be answered, if all the evidence says that the target's machine is gone.
    pub open: Vec<Open>,
    /// The targets that tasks wait about, or were told to exclude, each with these tasks.
    pub involved: HashMap<TargetId, Vec<String>>,
    /// There may be others that are involved and not known.
    pub unknown: bool,
}

/// A guided failure that may be answered.
#[derive(Debug, Clone)]
pub struct Open {
    /// The interruption.
    pub interruption: Interruption,
    /// The target that it is about.
    pub target: TargetId,
}

impl GuidedFailures {
    /// Notes which targets an interruption involves; one that is no guided failure involves none.
    pub fn involve(&mut self, interruption: &Interruption, named: &[&Arc<Target>]) {
        for target in named {
            if interruption.guided_failure {
                let tasks = self.involved.entry(target.id.clone()).or_default();
                tasks.push(interruption.task.clone());
            }
        }
    }

    /// A task that has ended uses no target.
    pub fn forget(&mut self, ended: &str) {
        for tasks in self.involved.values_mut() {
            tasks.retain(|task| task != ended);
        }
    }

    /// A task that waits about this target, or was told to exclude it.
    #[must_use]
    pub fn task_of(&self, target: &TargetId) -> Option<&String> {
        self.involved.get(target)?.first()
    }

    /// Whether the evidence about this target is gathered although a task uses it.
    #[must_use]
    pub fn ask_about(&self, target: &TargetId) -> bool {
        self.open.iter().any(|open| open.target == *target)
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered => f.write_str("it is answered already"),
            Self::NoGuidedFailure => f.write_str("it is no guided failure"),
            Self::HeldBy(user) => write!(f, "{user} has taken responsibility"),
            Self::Linked => f.write_str("it is linked to another interruption and ends with it"),
            Self::NotAllowed => f.write_str(
                "this service account may not take responsibility for it; that takes InterruptionSubmit, and being in a responsible team where there is one",
            ),
            Self::NoExclude => f.write_str("it does not offer to exclude the machine"),
            Self::NamesNoTarget => f.write_str("it names no deployment target of this run"),
            Self::NamesSeveral(names) => {
                write!(f, "it names more than one deployment target: {}", names.join(", "))
            }
            Self::NotGone(target, why) => write!(f, "the machine of {target} is not surely gone: {why}"),
            Self::Unclear(target) => write!(
                f,
                "it names {target}, but does not belong to the part of the task's log that is about that target"
            ),
            Self::TaskState(_, state) => write!(f, "its task does not run, it is {state}"),
            Self::Twin(other) => write!(f, "{other} is about the same target in the same task"),
            Self::ExcludedBefore(other) => write!(
                f,
                "the deployment was told to go on without that target before ({other}), which did not help"
            ),
            Self::Held => f.write_str("the removals are held back, so this is too"),
            Self::Cancelled => f.write_str("this run was cancelled"),
            Self::ClaimUnclear(why, None) => write!(
                f,
                "{why} It may be held by this run's service account now; then somebody must take it over in Octopus"
            ),
            Self::ClaimUnclear(why, Some(user)) => write!(
                f,
                "{why} It is held by {user} now; if that is this run's service account, somebody must take it over in Octopus"
            ),
            Self::Unreadable(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GuidedFailures, Interruption, named_in, places};
    use crate::reconcile::snapshot::{
        Connection, Health, Participation, Target, TargetId, TargetKind,
    };
    use std::sync::Arc;

    fn target(name: &str) -> Arc<Target> {
        Arc::new(Target {
            id: TargetId(format!("Machines-{name}")),
            name: name.into(),
            thumbprint: None,
            environments: [].into(),
            roles: [].into(),
            kind: TargetKind::Machine(Connection::Listening),
            health: Health::Unavailable,
            address: None,
            machine_policy: None,
            enabled: true,
            participation: Participation::Both,
        })
    }

    fn failure(task: &str) -> Interruption {
        Interruption {
            id: "Interruptions-1".into(),
            title: String::new(),
            guided_failure: true,
            pending: true,
            task: task.into(),
            element: String::new(),
            held_by: None,
            is_ours: false,
            linked: false,
            may_take: true,
            exclude_field: None,
            excludes: false,
            text: String::new(),
        }
    }

    #[test]
    fn a_name_inside_a_longer_one_is_not_named() {
        let targets = ["web", "web server", "web server 1", "db", "WEB server"].map(target);
        for (text, named) in [
            ("on web failed", vec![0]),
            ("on web server 1 failed", vec![2]),
            ("on web server failed", vec![1, 4]),
            ("on web server 1 and on web failed", vec![0, 2]),
            ("on db, then on web server 1", vec![2, 3]),
            ("on nothing", vec![]),
        ] {
            let found = named_in(text, &targets);
            let names: Vec<&str> = found.iter().map(|target| target.name.as_str()).collect();
            let expected: Vec<&str> = named
                .into_iter()
                .map(|it: usize| &*targets[it].name)
                .collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn a_target_waits_until_the_last_task_that_waits_about_it_has_ended() {
        let targets = [target("web1"), target("web2")];
        let mut found = GuidedFailures::default();
        let [first, second] = &targets;
        found.involve(&failure("ServerTasks-1"), &[first]);
        found.involve(&failure("ServerTasks-2"), &[first, second]);
        let manual = Interruption {
            guided_failure: false,
            ..failure("ServerTasks-3")
        };
        found.involve(&manual, &[second]);
        found.forget("ServerTasks-2");

        let task = |target: &Arc<Target>| found.task_of(&target.id).map(String::as_str);
        assert_eq!(task(&targets[0]), Some("ServerTasks-1"));
        assert_eq!(task(&targets[1]), None);
    }

    #[test]
    fn only_the_exact_name_counts() {
        for (text, name, stands) in [
            (
                "'deploy (type x) on web1 ' in the current task failed",
                "web1",
                true,
            ),
            ("on web10 in the current task failed", "web1", false),
            ("on myweb1 in the current task failed", "web1", false),
            ("on web1-b in the current task failed", "web1", false),
            (
                "on web1.example.com in the current task failed",
                "web1",
                false,
            ),
            ("on a.web1 in the current task failed", "web1", false),
            ("it failed on web1.", "web1", true),
            ("it failed on web1. what now?", "web1", true),
            ("web1", "web1", true),
            ("web10 and web1", "web1", true),
            ("on the web server 1 ", "web server 1", true),
            ("anything", "", false),
        ] {
            assert_eq!(places(text, name).count() > 0, stands, "{name} in {text}");
        }
    }
}
