//! Fourth piece of evidence: the machine itself does not answer. What answers is somebody's, whatever its name and whatever
//! the cloud lists.
//!
//! | what Octopus says of a candidate | then |
//! |---|---|
//! | unavailable, by a check of the last 60 minutes, or ever since it was disabled | it goes on |
//! | nothing of its own: it has the endpoint of a kept target, which would answer for it | it goes on |
//! | it answered, in a check of the last 15 minutes | answers |
//! | anything else | its connection is tested, see [`Test`], or it waits, untested |
//!
//! | what its own state is after the test, if that is of the test ([`word`]) | then |
//! |---|---|
//! | unavailable | it goes on |
//! | anything else that is known | answers |
//! | not of the test, or not known | untested |
//!
//! A kept target that is tested beside them, the control, tells whether Octopus reaches anything there at all.

use super::brake::Brake;
use super::plan::{Limit, MachineWord, Plan, Row};
use super::snapshot::{Connection, Health, Target, TargetId};
use super::verdict::{Reached, Untested, Verdict};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A check that found a target unavailable counts for so long.
const STILL_UNAVAILABLE: Duration = Duration::from_secs(60 * 60);

/// A check that reached a target counts for so long.
const REACHED_LATELY: Duration = Duration::from_secs(15 * 60);

/// How long ago each candidate was checked, by the server's own clock. Of one that is not in it that is not known.
pub type Ages = HashMap<TargetId, Duration>;

/// Gives every candidate its word, as far as it has one without a test.
pub fn judge_last_words(plan: &mut Plan, ages: &Ages) {
    let kept = Endpoints::of_kept(plan);
    for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
        let age = ages.get(&row.target.id).copied();
        row.evidence.checked_ago = age;
        match last_word(&row.target, &kept, age) {
            LastWord::GoesOn(word) => row.evidence.machine = word,
            LastWord::Spared(verdict) => row.verdict = verdict,
            LastWord::Open => {}
        }
    }
}

/// The candidates whose last check must be known before their word is. Of the others it says nothing.
#[must_use]
pub fn to_be_dated(plan: &Plan) -> Vec<Arc<Target>> {
    let kept = Endpoints::of_kept(plan);
    let candidates = plan.candidates().map(|row| &row.target);
    let open = candidates.filter(|target| match last_word(target, &kept, None) {
        LastWord::GoesOn(_) => false,
        LastWord::Spared(_) | LastWord::Open => true,
    });
    open.cloned().collect()
}

/// What is known of a candidate without a test.
enum LastWord {
    GoesOn(MachineWord),
    Spared(Verdict),
    Open,
}

fn last_word(target: &Target, kept: &Endpoints, age: Option<Duration>) -> LastWord {
    let since = |limit: Duration| age.filter(|age| *age <= limit);
    if kept.have(target) {
        return LastWord::GoesOn(MachineWord::SharesEndpoint);
    }
    match (target.health, target.enabled) {
        (Health::Unavailable, false) => LastWord::GoesOn(MachineWord::Unavailable),
        (Health::Unavailable, true) if since(STILL_UNAVAILABLE).is_some() => {
            LastWord::GoesOn(MachineWord::Unavailable)
        }
        (health, enabled) => match (since(REACHED_LATELY), enabled) {
            (Some(ago), _) if surely_reached(target, health) => {
                LastWord::Spared(Verdict::Answers(Reached::Checked(ago)))
            }
            (Some(_) | None, true) => LastWord::Open,
            (Some(_) | None, false) => LastWord::Spared(Verdict::Untested(Untested::Disabled)),
        },
    }
}

/// Whether a state says that Octopus reached the target, on whatever server. Old ones call an SSH target that nobody answers
/// unhealthy.
fn surely_reached(target: &Target, health: Health) -> bool {
    match health {
        Health::Healthy => true,
        Health::Unhealthy => target.connection() != Some(Connection::Ssh),
        Health::Unavailable | Health::Unknown => false,
    }
}

/// Where kept targets are reached.
struct Endpoints(HashSet<(String, String)>);

impl Endpoints {
    fn of_kept(plan: &Plan) -> Self {
        let endpoints = plan.kept().filter_map(|row| row.target.endpoint());
        Self(endpoints.map(owned).collect())
    }

    fn have(&self, target: &Target) -> bool {
        let endpoint = target.endpoint().map(owned);
        endpoint.is_some_and(|it| self.0.contains(&it))
    }
}

fn owned((address, thumbprint): (&str, &str)) -> (String, String) {
    (address.to_owned(), thumbprint.to_owned())
}

/// Leaves those candidates untested that have no word yet and for which `why` has a reason.
pub fn leave_untested(plan: &mut Plan, why: impl Fn(&Target) -> Option<Untested>) {
    for row in plan.rows.iter_mut().filter(|row| is_open(row)) {
        if let Some(why) = why(&row.target) {
            row.verdict = Verdict::Untested(why);
        }
    }
}

/// Whether any candidate has no word yet.
#[must_use]
pub fn has_open(plan: &Plan) -> bool {
    plan.rows.iter().any(is_open)
}

fn is_open(row: &Row) -> bool {
    row.is_candidate() && row.evidence.machine == MachineWord::Unasked
}

/// The machine policies that delete unavailable targets: a test would delete their targets itself.
#[derive(Debug, Default)]
pub struct Policies {
    /// Ids of those that do.
    pub deleting: HashSet<String>,
    /// Ids of all.
    pub all: HashSet<String>,
    /// The one of targets that name none.
    pub default: Option<String>,
}

impl Policies {
    /// Whether a test of the target deletes nothing. A policy that is not known could.
    #[must_use]
    pub fn spare(&self, target: &Target) -> bool {
        let named = target.machine_policy.as_ref().or(self.default.as_ref());
        named.is_some_and(|id| self.all.contains(id) && !self.deleting.contains(id))
    }
}

/// Which targets one test is about.
#[derive(Debug, Default)]
pub struct Test {
    /// The candidates that have no word yet, those unchecked longest first.
    pub candidates: Vec<Arc<Target>>,
    /// For each kind of connection among them a kept, enabled target, where there is one.
    pub controls: Vec<Arc<Target>>,
}

impl Test {
    /// Chooses them: no more candidates than one run may remove and one, which is enough to tell that they are too many.
    #[must_use]
    pub fn choose(plan: &Plan, ages: &Ages, limit: Limit, policies: &Policies) -> Self {
        let open = plan.rows.iter().filter(|row| is_open(row));
        let mut candidates: Vec<Arc<Target>> = open.map(|row| Arc::clone(&row.target)).collect();
        let age = |target: &Arc<Target>| ages.get(&target.id).copied().unwrap_or(Duration::MAX);
        candidates.sort_by_key(|target| std::cmp::Reverse(age(target)));
        candidates.truncate(limit.count_of(plan.counted()).saturating_add(1));
        let kinds = candidates.iter().filter_map(|target| target.connection());
        let kinds: BTreeSet<Connection> = kinds.collect();
        let control = |kind: Connection| {
            let kept = plan.kept().map(|row| &row.target);
            let usable = kept.filter(|target| {
                target.enabled && target.connection() == Some(kind) && policies.spare(target)
            });
            usable
                .min_by_key(|target| target.health.last_to_trust())
                .cloned()
        };
        Self {
            controls: kinds.into_iter().filter_map(control).collect(),
            candidates,
        }
    }

    /// All of them.
    pub fn targets(&self) -> impl Iterator<Item = &Arc<Target>> {
        self.candidates.iter().chain(&self.controls)
    }

    /// The kinds of connections that are tested without a control.
    #[must_use]
    pub fn kinds_without_control(&self) -> BTreeSet<Connection> {
        let alone = self.candidates.iter();
        let alone = alone.filter(|target| self.control_of(target).is_none());
        alone.filter_map(|target| target.connection()).collect()
    }

    fn control_of(&self, target: &Target) -> Option<&Arc<Target>> {
        let mut controls = self.controls.iter();
        controls.find(|control| control.connection() == target.connection())
    }
}

/// A target's own state, read after a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnState {
    /// What it is.
    pub health: Health,
    /// When it was checked last, by the server's clock; `None` where the server does not say.
    pub last_checked: Option<SystemTime>,
}

/// How a test went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestRun {
    /// When it began, by the server's clock; `None` if it did not, or that is not known.
    pub started: Option<SystemTime>,
    /// When it was asked for, by the server's clock; `None` if that is not known.
    pub asked: Option<SystemTime>,
    /// It has ended, and nobody ended it: neither its timeout nor somebody who cancelled it. Counts only on a server that
    /// says of no target when it was checked.
    pub ended_by_itself: bool,
}

/// What a server means where it calls an SSH target unhealthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnhealthySsh {
    /// It was reached.
    Reached,
    /// Perhaps it was not.
    PerhapsNot,
}

/// What a test says of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It answered.
    Reached,
    /// Octopus could not reach it, and called it so.
    Unavailable(Health),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// What a test says of a target that was in `before` at the first look, whatever became of the test itself: a state that is
/// of another time says nothing.
#[must_use]
pub fn word(before: &Target, now: OwnState, run: TestRun, ssh: UnhealthySsh) -> Word {
    // What was checked before the test was asked for has become nothing since: a list that was late said so.
    let checked_since = match (now.last_checked, run.asked) {
        (Some(checked), Some(asked)) => checked >= asked,
        (Some(_), None) => false,
        (None, _) => true,
    };
    let has_become = |health| checked_since && before.health != health && now.health == health;
    let is_of_test = match (now.last_checked, run.started) {
        (Some(checked), Some(started)) => checked >= started,
        (Some(_), None) => false,
        (None, _) => run.ended_by_itself,
    };
    if !is_of_test && !has_become(Health::Unavailable) {
        return Word::Nothing(
            "Octopus did not check it, because the test was not made, was too late, or met it busy",
        );
    }
    match (now.health, before.connection(), ssh) {
        (Health::Unavailable, _, _)
        | (Health::Unhealthy, Some(Connection::Ssh), UnhealthySsh::PerhapsNot) => {
            Word::Unavailable(now.health)
        }
        (Health::Healthy | Health::Unhealthy, _, _) => Word::Reached,
        (Health::Unknown, _, _) => Word::Nothing("Octopus checked it, and does not say how it is"),
    }
}

/// Weighs what a test said: unavailable is what it takes; anything else spares the candidate. A control that does not answer
/// is a brake, and one without a word leaves the others of its kind without one.
#[must_use]
pub fn weigh_test(plan: &mut Plan, test: &Test, words: &HashMap<TargetId, Word>) -> Vec<Brake> {
    let nothing = Word::Nothing("Octopus has no word of it");
    let of = |target: &Target| words.get(&target.id).unwrap_or(&nothing);
    let tested: HashSet<&TargetId> = test.candidates.iter().map(|target| &target.id).collect();
    for row in plan.rows.iter_mut().filter(|row| is_open(row)) {
        if !tested.contains(&row.target.id) {
            row.verdict = Verdict::Untested(Untested::BeyondLimit);
            continue;
        }
        let control = test.control_of(&row.target);
        match (
            of(&row.target),
            control.map(|control| (control, of(control))),
        ) {
            (Word::Reached, _) => row.verdict = Verdict::Answers(Reached::Tested),
            (Word::Nothing(why), _) => row.verdict = Verdict::Untested(Untested::NoWord(why)),
            (Word::Unavailable(_), Some((control, Word::Nothing(_)))) => {
                row.verdict = Verdict::Untested(Untested::BesideNoWord(control.name.clone()));
            }
            (
                Word::Unavailable(as_called),
                Some((_, Word::Reached | Word::Unavailable(_))) | None,
            ) => {
                row.evidence.machine = MachineWord::FoundUnavailable(*as_called);
            }
        }
    }
    let silent = test.controls.iter();
    let silent = silent.filter(|control| matches!(of(control), Word::Unavailable(_)));
    silent
        .map(|control| Brake::ControlSilent {
            control: control.name.clone(),
        })
        .collect()
}

/// What a later look at the targets says of those whose evidence rests on Octopus calling them unavailable: one that it
/// does not call so any more answers, or has no word. `own_state` reads one by itself: lists may be late.
pub fn hold_to_last_words(plan: &mut Plan, own_state: impl Fn(&Target) -> Option<Health>) {
    for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
        let (word, target) = (row.evidence.machine, &row.target);
        let Some(listed) = taken_back(word, target, target.health) else {
            continue;
        };
        let against = match word {
            MachineWord::FoundUnavailable(_) => {
                taken_back(word, target, own_state(target).unwrap_or(Health::Unknown))
            }
            MachineWord::Unasked | MachineWord::Unavailable | MachineWord::SharesEndpoint => {
                Some(listed)
            }
        };
        row.verdict = against.unwrap_or(Verdict::Stale);
    }
}

/// What Octopus calls a target now, where that takes back the word that its evidence rests on.
pub(super) fn taken_back(word: MachineWord, target: &Target, now: Health) -> Option<Verdict> {
    let as_called = match word {
        MachineWord::Unasked | MachineWord::SharesEndpoint => return None,
        MachineWord::Unavailable => Health::Unavailable,
        MachineWord::FoundUnavailable(as_called) => as_called,
    };
    if now == as_called {
        None
    } else if surely_reached(target, now) {
        Some(Verdict::Answers(Reached::Checked(Duration::ZERO)))
    } else {
        let why = "Octopus no longer calls it unavailable";
        Some(Verdict::Untested(Untested::NoWord(why)))
    }
}
