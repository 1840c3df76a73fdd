//! Brakes and evidence, in the order in which they become known. What each of them means is decided in
//! [`crate::reconcile`]; here is who is asked, and when.

use super::case::{Case, ask_for};
use super::in_use::{Questions, ask_octopus};
use super::machine_word::{ask_machines, hold_to_last_words};
use super::others::{look_at_others_again, spare_what_others_have, spare_where_twins_are_unseen};
use super::plan;
use super::snapshot::{Clients, Look, Taken, take, take_instances};
use super::wait::pause_since;
use crate::azure::OtherScaleSets;
use crate::console::Console;
use crate::error::Error;
use crate::guided_failures::GuidedFailures;
use crate::http::Deadline;
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::evidence::{self};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{SecondWitness, Snapshot};
use crate::report::{Asked, Decision, Hold, telling_changes};
use crate::settings::Settings;
use std::time::{Instant, SystemTime};

/// Machines that are not there yet, or not any more, are given six intervals where nothing at all is listed.
const INTERVALS_WHERE_EMPTY: u32 = 6;

/// Judges the brakes and gathers the evidence. Candidates only ever become fewer.
pub fn gather(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    (taken, plan): (Taken, Plan),
    others: Result<Option<OtherScaleSets>, Error>,
    guided: &GuidedFailures,
) -> Decision {
    let Taken {
        snapshot,
        asked,
        at,
        roles,
    } = taken;
    let mut case = Case {
        snapshot,
        plan,
        looked: at,
        inquiries: Vec::new(),
    };
    case.note(asked, Asked::Snapshot);
    let gathered = others.and_then(|others| {
        let others = others.as_ref();
        weigh(clients, settings, console, &mut case, at, others, guided)
    });
    let Case {
        snapshot,
        plan,
        looked,
        inquiries,
    } = case;
    let hold = match gathered {
        Ok(mut brakes) => {
            let (candidates, tenancy) = (plan.candidate_count(), settings.tenancy());
            brakes.retain(|brake| brake.is_judged(candidates, tenancy));
            (!brakes.is_empty()).then_some(Hold::Brakes(brakes))
        }
        Err(error) => Some(Hold::Failure(error)),
    };
    Decision {
        snapshot,
        looked,
        inquiries,
        plan,
        hold,
        roles,
    }
}

/// Stops at the first brakes, or where no candidate is left.
fn weigh(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    taken_at: Instant,
    others: Option<&OtherScaleSets>,
    guided: &GuidedFailures,
) -> Result<Vec<Brake>, Error> {
    let mut brakes = case.doubts();
    if !case.ends_with(&brakes)
        && let Some(others) = others
    {
        spare_what_others_have(clients, settings, console, case, others)?;
    }
    if !case.ends_with(&brakes) {
        brakes = ask_about_each(clients, settings, console, case, guided)?;
        // Also where nothing is left to be removed: what is there at the second look is kept.
        if brakes.is_empty() {
            second_snapshot(clients, settings, console, case, taken_at)?;
            hold_to_last_words(clients, settings, console, case);
            if let Some(others) = others {
                spare_where_twins_are_unseen(settings, console, case, others);
            }
            brakes = case.doubts();
        }
    }
    if !case.ends_with(&brakes)
        && let Some(others) = others
    {
        look_at_others_again(clients, settings, console, case, others)?;
    }
    if !case.ends_with(&brakes) {
        brakes = compare_own_lists(clients, settings, console, case)?;
    }
    if !case.ends_with(&brakes) {
        brakes = ask_instances(clients, settings, console, case)?;
    }
    Ok(brakes)
}

/// What Octopus says of each candidate, and what its machine says itself; then the limit, on what is left.
fn ask_about_each(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    guided: &GuidedFailures,
) -> Result<Vec<Brake>, Error> {
    spare_what_is_used(clients, settings, console, case, guided, Questions::All)?;
    let (mut brakes, tested) = ask_machines(clients, settings, console, case)?;
    if tested.is_some_and(|took| took > settings.tuning.confirm) {
        spare_what_is_used(clients, settings, console, case, guided, Questions::InUse)?;
    }
    brakes.extend(brake::over_limit(&case.plan, settings.limit));
    Ok(brakes)
}

/// What Octopus uses, and what would be lost with it.
fn spare_what_is_used(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    guided: &GuidedFailures,
    questions: Questions,
) -> Result<(), Error> {
    let asked = SystemTime::now();
    let answers = ask_octopus(&clients.octopus, settings, &case.plan, guided, questions)?;
    for about in questions.asked(settings) {
        case.note(asked, about);
    }
    telling_changes(console, &mut case.plan, |plan| {
        evidence::spare_what_is_used(plan, &answers);
    });
    Ok(())
}

/// First piece of evidence: a second snapshot, after the confirm interval.
fn second_snapshot(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    taken_at: Instant,
) -> Result<(), Error> {
    let mut groups = case.snapshot.groups.iter();
    let intervals = if groups.any(|group| group.instances.is_empty()) {
        INTERVALS_WHERE_EMPTY
    } else {
        1
    };
    let interval = settings.tuning.confirm.saturating_mul(intervals);
    pause_since(console, taken_at, interval);
    case.looked = Instant::now();
    let taken = take(clients, settings, Look::Again(&case.snapshot))?;
    case.note(taken.asked, Asked::Snapshot);
    let second = taken.snapshot;
    for target in evidence::gone_since(&case.plan, &second) {
        console.info(format_args!(
            "{} ({}) is no longer among the targets in scope; nothing is left to do",
            target.name, target.id
        ));
    }
    compare(clients, settings, console, case, second);
    Ok(())
}

/// Weighs a further snapshot against the one before, which it replaces.
fn compare(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    mut later: Snapshot,
) {
    let fresh = plan::plan(clients, settings, console, &mut later);
    telling_changes(console, &mut case.plan, |plan| {
        *plan = evidence::second_snapshot((&case.snapshot, plan), &later, fresh);
    });
    case.snapshot = later;
}

/// Second piece of evidence where a group has a list of its own: that names nothing that the listing lacks. What differs is
/// read once more after one more interval, since the two lists are never of the same moment.
fn compare_own_lists(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
) -> Result<Vec<Brake>, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    if own_lists(clients, case, deadline)?.is_empty() {
        return Ok(Vec::new());
    }
    pause_since(console, Instant::now(), settings.tuning.confirm);
    let targets = case.snapshot.targets.clone();
    let asked = SystemTime::now();
    let later = take_instances(clients, settings, targets, Look::Again(&case.snapshot))?;
    case.note(asked, Asked::Instances);
    compare(clients, settings, console, case, later);
    let doubts = case.doubts();
    if case.ends_with(&doubts) {
        return Ok(doubts);
    }
    own_lists(clients, case, Deadline::within(settings.tuning.phase))
}

fn own_lists(clients: &Clients, case: &mut Case, deadline: Deadline) -> Result<Vec<Brake>, Error> {
    let asked = SystemTime::now();
    let groups = case.snapshot.groups.iter();
    let groups = groups.filter(|group| group.second_witness == SecondWitness::OwnList);
    let mut groups = groups.peekable();
    let any = groups.peek().is_some();
    let mut brakes = Vec::new();
    for group in groups {
        let own_list = clients.azure.own_list(&group.id, deadline)?;
        brakes.extend(brake::incomplete_listing(group, &own_list));
    }
    if any {
        case.note(asked, Asked::OwnLists);
    }
    Ok(brakes)
}

/// Second piece of evidence where names carry ids: the candidate's own instance, asked for by itself.
fn ask_instances(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
) -> Result<Vec<Brake>, Error> {
    let questions = evidence::instances_to_ask(&case.plan);
    let attempted = "ask for every candidate's own instance";
    let asked = SystemTime::now();
    let heard = ask_for(clients, settings, &questions, attempted)?;
    if !questions.is_empty() {
        case.note(asked, Asked::EachInstance);
    }
    let snapshot = &case.snapshot;
    Ok(telling_changes(console, &mut case.plan, |plan| {
        evidence::weigh_witnesses(snapshot, plan, &heard)
    }))
}
