//! The other scale sets: which there are, what they list, and what their second witnesses say. What each of it means is
//! decided in [`crate::reconcile::others`].

use super::evidence::{Case, ask_for};
use super::in_use::in_time;
use super::snapshot::Clients;
use crate::azure::{Azure, OtherScaleSets};
use crate::console::Console;
use crate::error::{Error, Service};
use crate::http::Deadline;
use crate::reconcile::brake;
use crate::reconcile::others::{self, OtherGroup, OtherInstances};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::Snapshot;
use crate::report::telling_changes;
use crate::settings::{HealthyTargets, Settings};
use crate::workers;

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
    if plan.candidate_count() == 0 || !brake::doubts(&snapshot.groups, plan).is_empty() {
        return Ok(None);
    }
    let deadline = Deadline::within(settings.tuning.phase);
    Ok(Some(
        azure.other_scale_sets(&settings.scale_sets, deadline)?,
    ))
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
    let listings = answers.into_iter().map(|(other, answer)| {
        let instances = answer.map(OtherInstances::of);
        (&other.group, instances.map_err(|error| error.to_string()))
    });
    let listings: Vec<_> = listings.collect();
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &listings);
    });
    spare_where_twins_are_unseen(settings, console, case, others);
    Ok(())
}

fn warn_of_unlisted(console: &Console, others: &OtherScaleSets) {
    for error in &others.unlisted {
        console.warn(format_args!(
            "{error} A scale set elsewhere with the same computer name prefix cannot be excluded by what is listed. Give the account read access to the scale sets of the subscription, or the scale set a prefix of its own"
        ));
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
    let now = azure.other_scale_sets(&settings.scale_sets, deadline)?;
    if before.unlisted.is_empty() {
        warn_of_unlisted(console, &now);
    }
    spare_where_twins_are_unseen(settings, console, case, &now);
    let why = "it came while this run looked, and was not read";
    let came = now.came_since(before);
    let came: Vec<_> = came.map(|it| (&it.group, Err(why.into()))).collect();
    telling_changes(console, &mut case.plan, |plan| {
        others::spare_what_others_have(plan, &came);
    });
    ask_others(clients, settings, console, case, &now)
}

/// A second witness for what the other scale sets have, where names carry ids: the instance, asked for by itself.
fn ask_others(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &OtherScaleSets,
) -> Result<(), Error> {
    let groups: Vec<_> = others.all.iter().map(|other| &other.group).collect();
    let ask = |group: &&OtherGroup| others::instances_to_ask_of(group, &case.plan);
    let questions: Vec<_> = groups.iter().flat_map(ask).collect();
    let attempted = "ask other scale sets for every candidate's instance";
    let heard = ask_for(clients, settings, &questions, attempted)?;
    telling_changes(console, &mut case.plan, |plan| {
        others::weigh_other_witnesses(&groups, plan, &heard);
    });
    Ok(())
}

/// Where machines are asked for their own word, that decides. Where they are not, what a health check last reached is left
/// alone; it may reach a machine at any time, so this is asked of every snapshot.
pub fn spare_where_twins_are_unseen(
    settings: &Settings,
    console: &Console,
    case: &mut Case,
    others: &OtherScaleSets,
) {
    match settings.healthy_targets {
        HealthyTargets::Remove if !others.unlisted.is_empty() => telling_changes(
            console,
            &mut case.plan,
            others::spare_where_twins_are_unseen,
        ),
        HealthyTargets::Remove | HealthyTargets::Check | HealthyTargets::Defer => {}
    }
}
