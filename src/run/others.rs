//! The other scale sets: which there are, what they list, and what their second witnesses say. What each of it means is
//! decided in [`crate::reconcile::others`].

use super::case::{Case, ask_for};
use super::in_use::in_time;
use super::snapshot::Clients;
use super::wait::pause_since;
use crate::azure::{self, Azure, OtherScaleSet, OtherScaleSets, Unlisted};
use crate::console::Console;
use crate::error::{Error, Service, ServiceError};
use crate::http::Deadline;
use crate::octopus::permissions;
use crate::reconcile::brake;
use crate::reconcile::others::{self, Listing, OtherGroup, OtherInstances};
use crate::reconcile::own_list::Disagreement;
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{GroupId, Instance, Snapshot};
use crate::reconcile::verdict::Unanswered;
use crate::report::{Asked, telling_changes};
use crate::settings::{HealthyTargets, Settings};
use crate::workers;
use std::time::{Instant, SystemTime};

/// The other scale sets that the account sees. `None` where nobody needs to know: nothing would be removed, or a brake
/// holds already.
///
/// # Errors
/// They may not be listed, or could not be.
pub fn other_scale_sets(
    azure: &Azure,
    settings: &Settings,
    snapshot: &Snapshot,
    plan: &Plan,
) -> Result<Option<OtherScaleSets>, Error> {
    let doubts = brake::doubts(&snapshot.groups, plan, SystemTime::now());
    if plan.candidate_count() == 0 || !doubts.is_empty() {
        return Ok(None);
    }
    let deadline = Deadline::within(settings.tuning.phase);
    Ok(Some(list(azure, settings, snapshot, deadline)?))
}

/// Where one of the run's is missing, only a list that says so, too, will do: its real name may stand there.
fn list(
    azure: &Azure,
    settings: &Settings,
    snapshot: &Snapshot,
    deadline: Deadline,
) -> Result<OtherScaleSets, ServiceError> {
    let missing = snapshot.missing.iter().map(|group| group.id.clone());
    let missing: Vec<GroupId> = missing.collect();
    let seen = azure.other_scale_sets(&settings.scale_sets, &missing, deadline)?;
    for id in settings
        .scale_sets
        .iter()
        .filter(|id| missing.contains(&id.group_id()))
    {
        seen.proves_missing(id)?;
    }
    Ok(seen)
}

/// Third piece of evidence: no other scale set has it.
pub fn spare_what_others_have(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &OtherScaleSets,
) -> Result<(), Error> {
    warn_of_unlisted(console, others);
    let deadline = Deadline::within(settings.tuning.phase);
    let asked = SystemTime::now();
    let wanted = others.all.iter();
    let wanted: Vec<_> = wanted
        .filter(|other| others::must_be_listed(&other.group, &case.plan))
        .collect();
    let answers = workers::map(&wanted, |other| clients.azure.list_other(other, deadline));
    in_time(
        deadline,
        Service::Azure,
        "list the other scale sets",
        answers
            .iter()
            .filter_map(|(_, answer)| answer.as_ref().err()),
    )?;
    let answers = answers.into_iter();
    let listings: Vec<_> = answers
        .map(|(other, answer)| listing(other, answer))
        .collect();
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &listings);
    });
    spare_where_twins_are_unseen(settings, console, case, others);
    case.note(asked, Asked::OtherScaleSets(others.all.len()));
    Ok(())
}

fn listing<'a>(
    other: &'a OtherScaleSet,
    answer: Result<Vec<Instance>, ServiceError>,
) -> Listing<'a> {
    let group = &other.group;
    let instances = answer.map(|instances| OtherInstances::of(instances, &group.pattern));
    (
        group,
        instances.map_err(|error| permissions::unanswered(&error, azure::READ)),
    )
}

fn warn_of_unlisted(console: &Console, others: &OtherScaleSets) {
    for Unlisted { error, .. } in &others.unlisted {
        let next = "The run goes on with the scale sets of its resource groups, and sees none elsewhere. Give the account the Reader role on the subscription, or the scale set a computer name prefix of its own".into();
        console.warn(ServiceError {
            next,
            ..error.clone()
        });
    }
}

/// The same once more, for what is left. A scale set that came while this run looked was not listed, and could have any
/// candidate to which it gives such a name; the others have a second witness, since one listing may be short.
pub fn look_at_others_again(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    before: &OtherScaleSets,
) -> Result<(), Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let azure = &clients.azure;
    let asked = SystemTime::now();
    let now = list(azure, settings, &case.snapshot, deadline)?;
    if before.unlisted.is_empty() {
        warn_of_unlisted(console, &now);
    }
    spare_where_twins_are_unseen(settings, console, case, &now);
    let why = "It came while this run looked, and was not read. Run again; the next run reads it";
    let unread = || Unanswered::from(why.to_owned());
    let came = now.came_since(before);
    let came: Vec<_> = came.map(|it| (&it.group, Err(unread()))).collect();
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &came);
    });
    // Those, too, that only the first list had: the second one may be short.
    let both: Vec<_> = now.all.iter().chain(before.came_since(&now)).collect();
    compare_own_lists(clients, settings, console, case, &both)?;
    ask_instances(clients, settings, console, case, &both)?;
    case.note(asked, Asked::OtherScaleSetsAgain);
    Ok(())
}

/// A second witness for what the other scale sets have, where names carry no ids: their own lists, each beside a listing as
/// fresh. What differs is read once more after an interval, since two lists of a scale set that is changing are never the
/// same.
fn compare_own_lists(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &[&OtherScaleSet],
) -> Result<(), Error> {
    let must_agree =
        |plan: &Plan, other: &OtherScaleSet| others::own_list_must_agree(&other.group, plan);
    let all = others.iter().copied();
    let wanted: Vec<_> = all.filter(|other| must_agree(&case.plan, other)).collect();
    let differing = read_both(clients, settings, console, case, &wanted)?;
    let differing = differing.into_iter().map(|(other, _)| other);
    let wanted: Vec<_> = differing.filter(|it| must_agree(&case.plan, it)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    pause_since(console, Instant::now(), settings.tuning.confirm);
    let differing = read_both(clients, settings, console, case, &wanted)?;
    let unread = differing.into_iter();
    let unread: Vec<_> = unread
        .map(|(other, why)| {
            (
                &other.group,
                Err(Unanswered::from(format!(
                    "Its two lists differ: {why}. Run again; if it stays, ask Azure's support why"
                ))),
            )
        })
        .collect();
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &unread);
    });
    Ok(())
}

/// Reads the own list and then a listing of each, and spares what they have. Those remain of which the two differ.
fn read_both<'a>(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    wanted: &[&'a OtherScaleSet],
) -> Result<Vec<(&'a OtherScaleSet, Disagreement)>, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let azure = &clients.azure;
    let answers = workers::map(wanted, |other| {
        let own_list = azure.own_list(&other.group.id, deadline)?;
        Ok((own_list, azure.list_other(other, deadline)?))
    });
    in_time(
        deadline,
        Service::Azure,
        "compare the lists of other scale sets",
        answers
            .iter()
            .filter_map(|(_, answer)| answer.as_ref().err()),
    )?;
    let (mut listings, mut differing) = (Vec::new(), Vec::new());
    for (other, answer) in answers {
        let listed = answer.map(|(own_list, listed)| {
            let differs = others::own_list_differs(&listed, &own_list);
            differing.extend(differs.map(|difference| (*other, difference)));
            listed
        });
        listings.push(listing(other, listed));
    }
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &listings);
    });
    Ok(differing)
}

/// A second witness for what the other scale sets have, where names carry ids: the instance, asked for by itself.
fn ask_instances(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &[&OtherScaleSet],
) -> Result<(), Error> {
    let groups: Vec<_> = others.iter().map(|other| &other.group).collect();
    let ask = |group: &&OtherGroup| others::instances_to_ask_of(group, &case.plan);
    let questions: Vec<_> = groups.iter().flat_map(ask).collect();
    let attempted = "ask other scale sets for every candidate's instance";
    let heard = ask_for(clients, settings, &questions, attempted)?;
    telling_changes(console, &mut case.plan, |plan| {
        others::weigh_other_witnesses(&groups, plan, &heard);
    });
    Ok(())
}

/// Where not all scale sets may be seen, a name that only holds one that the scale set gives waits. Beyond that the machine's
/// own word decides, where it is asked. Where it is not, what a health check last reached is left alone, also where a scale set
/// is missing: that may live under another name where nobody looks. A check may reach a machine at any time, so this is asked
/// of every snapshot.
pub fn spare_where_twins_are_unseen(
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &OtherScaleSets,
) {
    let unlisted = !others.unlisted.is_empty();
    let unseen = unlisted || !case.snapshot.missing.is_empty();
    telling_changes(console, &mut case.plan, |plan| {
        if unlisted {
            others::spare_where_others_must_be_seen(plan, azure::SEE_ALL);
        }
        match settings.healthy_targets {
            HealthyTargets::Remove if unseen => others::spare_where_twins_are_unseen(plan),
            HealthyTargets::Remove | HealthyTargets::Check | HealthyTargets::Defer => {}
        }
    });
}
