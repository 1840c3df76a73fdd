//! The plan, its changes and its brakes, in words.

use crate::azure::OtherScaleSets;
use crate::console::{Console, Level};
use crate::octopus::EnvironmentRoles;
use crate::reconcile::brake;
use crate::reconcile::brake::Brake;
use crate::reconcile::deploy_list::LeftOut;
use crate::reconcile::plan::{Limit, Plan, Row};
use crate::reconcile::snapshot::{Participation, ScalingGroup, Target, TargetId};
use crate::reconcile::verdict::{Deferral, Verdict};
use crate::settings::Settings;
use std::collections::HashSet;

/// Prints one line per scale set, one for what else the account sees, one that counts the verdicts, and every target
/// that is not simply kept.
pub fn show_plan(
    settings: &Settings,
    console: &Console,
    groups: &[ScalingGroup],
    plan: &Plan,
    roles: &EnvironmentRoles,
    others: Option<&OtherScaleSets>,
) {
    console.block(Level::Info, &heads(groups));
    if let Some(seen) = others {
        let (sets, groups) = (
            count_of(seen.seen.len(), "scale set"),
            count_of(seen.resource_groups, "resource group"),
        );
        console.info(format_args!("This account sees {sets} in {groups}"));
    }
    let targets = count_of(plan.rows.len(), "target");
    console.info(format_args!("{targets}: {}", counts(plan)));
    let rows = |kept: bool| -> Vec<String> {
        let rows = plan.rows.iter();
        let chosen = rows.filter(|row| (row.verdict == Verdict::Kept) == kept);
        chosen.map(row).collect()
    };
    console.block(Level::Info, &rows(false));
    console.block(Level::Verbose, &rows(true));
    if plan.rows.is_empty() {
        warn_of_empty_scope(settings, console, roles);
    }
    warn_of_evictions(console, groups);
    warn_of_doubts(console, groups, plan);
}

/// Nobody is in scope, and why.
fn warn_of_empty_scope(settings: &Settings, console: &Console, roles: &EnvironmentRoles) {
    let EnvironmentRoles {
        environment,
        targets,
        carried_by_none,
    } = roles;
    let who = count_of(*targets, "target");
    if carried_by_none.is_empty() {
        console.warn(format_args!(
            "None of the {who} of {environment} is in scope: none carries all of the roles {} and belongs to this run",
            settings.roles.join(", ")
        ));
    } else {
        console.warn(format_args!(
            "None of the {who} of {environment} carries the role {}; check VMSS.DeploymentTarget.Roles",
            carried_by_none.join(", ")
        ));
    }
}

fn warn_of_evictions(console: &Console, groups: &[ScalingGroup]) {
    for group in groups {
        let listed = group.instances.len();
        if let Some(capacity) = group.capacity.filter(|c| listed > 0 && *c > listed as u64) {
            console.warn(format_args!(
                "{} lists {listed} instances although its capacity is {capacity}; evicted Spot instances or a failed allocation look like this",
                group.title
            ));
        }
    }
}

/// Where something would be removed these are brakes, and say more; while all machines are new the end of the log does.
fn warn_of_doubts(console: &Console, groups: &[ScalingGroup], plan: &Plan) {
    let new = Verdict::Deferred(Deferral::MachinesAreNew);
    if plan.candidate_count() > 0 || plan.rows.iter().any(|row| row.verdict == new) {
        return;
    }
    for doubt in brake::doubts(groups, plan) {
        let fact = capitalized(&fact(&doubt));
        console.warn(format_args!(
            "{fact}. It would hold back removals, if there were any"
        ));
    }
}

/// `8 kept, 17 stale, 1 foreign`, in the order of the table of verdicts.
fn counts(plan: &Plan) -> String {
    let count = |word: &str| {
        let rows = plan.rows.iter();
        rows.filter(|row| row.verdict.word() == word).count()
    };
    let counted = Verdict::WORDS.iter().map(|word| (count(word), word));
    let parts: Vec<String> = counted
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    if parts.is_empty() {
        "none in scope".into()
    } else {
        parts.join(", ")
    }
}

/// The targets that the log has spoken of.
struct Spoken {
    candidates: HashSet<TargetId>,
    held: HashSet<TargetId>,
}

impl Spoken {
    fn of(plan: &Plan) -> Self {
        let ids = |which: fn(&Row) -> bool| {
            let rows = plan.rows.iter().filter(|row| which(row));
            rows.map(|row| row.target.id.clone()).collect()
        };
        Self {
            candidates: ids(Row::is_candidate),
            held: ids(|row| row.verdict.is_held()),
        }
    }
}

/// Lets something change a plan, and names the candidates that are none any more, and what is held now and was not.
pub fn telling_changes<T>(
    console: &Console,
    plan: &mut Plan,
    change: impl FnOnce(&mut Plan) -> T,
) -> T {
    let before = Spoken::of(plan);
    let result = change(plan);
    let line = |row: &Row| {
        let id = &row.target.id;
        let spared = before.candidates.contains(id) && !row.is_candidate();
        let held = row.verdict.is_held() && !before.held.contains(id);
        let word = if spared { "spared" } else { "held" };
        (spared || held).then(|| changed_row(word, row))
    };
    let lines: Vec<String> = plan.rows.iter().filter_map(line).collect();
    console.block(Level::Info, &lines);
    result
}

pub(super) fn row(row: &Row) -> String {
    let Row {
        target, verdict, ..
    } = row;
    let word = verdict.word();
    format!("  {word:<10} {} ({}): {verdict}", target.name, target.id)
}

/// The row of a target whose verdict changed.
fn changed_row(change: &str, row: &Row) -> String {
    let Row {
        target, verdict, ..
    } = row;
    let word = verdict.word();
    format!(
        "  {change:<8} {} ({}), {word}: {verdict}",
        target.name, target.id
    )
}

pub(super) fn left_out_line(target: &Target, why: LeftOut) -> String {
    let why = match why {
        LeftOut::Disabled => "it is disabled",
        LeftOut::OtherTenancy(Participation::Tenanted) => {
            "it takes part in tenanted deployments only"
        }
        LeftOut::OtherTenancy(Participation::Untenanted | Participation::Both) => {
            "it takes part in untenanted deployments only"
        }
        LeftOut::ProvisioningFailed => "the provisioning of its machine failed",
        LeftOut::NotRunning => "its machine is stopped, deallocated or hibernated, or about to be",
        LeftOut::Old => "it was registered before this scale event",
    };
    format!(
        "  kept, and not to be deployed to: {} ({}): {why}",
        target.name, target.id
    )
}

/// One line for each scaling group.
pub(super) fn heads(groups: &[ScalingGroup]) -> Vec<String> {
    let head = |g: &ScalingGroup| format!("{}: {}", capitalized(&g.title), g.summary);
    groups.iter().map(head).collect()
}

/// Names, cut after twenty, with the count of the others: all stand in the report.
pub fn names_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        others => format!("{shown} and {others} more"),
    }
}

pub fn count_of(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A brake that holds back these candidates.
pub(super) fn brake_line(brake: &Brake, candidates: &[&str]) -> String {
    let count = count_of(candidates.len(), "removal");
    format!(
        "Brake: {}. {count} held back: {}. What lifts it: {}.",
        fact(brake),
        names_of(candidates.iter().copied()),
        lifted_by(brake)
    )
}

/// The fact.
fn fact(brake: &Brake) -> String {
    match brake {
        Brake::EmptyListing {
            group,
            capacity: Some(capacity),
        } => {
            format!("{group} lists no instance although its capacity is {capacity}")
        }
        Brake::EmptyListing {
            group,
            capacity: None,
        } => {
            format!("{group} lists no instance and does not say what its capacity is")
        }
        Brake::NothingMatches {
            instances,
            instance,
            target,
        } => format!(
            "{instances} instances exist (such as {instance}), and no target in scope (such as {target}) matches any of them"
        ),
        Brake::StillAnswers {
            target,
            instance,
            state,
        } => {
            format!(
                "{instance}, the machine of {target}, answers ({state}) although no listing has it"
            )
        }
        Brake::ListingLacks {
            group,
            missing,
            machine,
        } => {
            format!(
                "{group} names {missing} of its machines (such as {machine}) that the listing of machines lacks"
            )
        }
        Brake::OwnListEmpty { group, instances } => {
            format!("{group} names no machine as its own although {instances} are listed")
        }
        Brake::ControlSilent { control } => format!(
            "{control}, whose machine exists, does not answer either: Octopus reaches nothing there"
        ),
        Brake::NobodyAnswers { kept, target } => format!(
            "all of the {kept} targets whose machines exist (such as {target}) are called unavailable: Octopus reaches nothing there"
        ),
        Brake::OverLimit {
            candidates,
            limit: Limit::Count(limit),
            ..
        } => {
            format!("{candidates} targets would be removed, and VMSS.Removal.Limit is {limit}")
        }
        Brake::OverLimit {
            candidates,
            limit: Limit::Percent(limit),
            of,
        } => {
            format!(
                "{candidates} of {of} targets would be removed, and VMSS.Removal.Limit is {limit}%"
            )
        }
    }
}

/// What lifts it.
fn lifted_by(brake: &Brake) -> &'static str {
    match brake {
        Brake::EmptyListing { .. } => {
            "an instance that is listed, or capacity 0. All Spot instances evicted look like this, and so does a listing that is not complete. If the machines are gone for good, set the capacity to 0"
        }
        Brake::NothingMatches { .. } => {
            "one target that matches. Either this is the wrong scale set for these roles, or the targets are registered under names that do not line up with the computer names"
        }
        Brake::StillAnswers { .. } | Brake::ListingLacks { .. } | Brake::OwnListEmpty { .. } => {
            "a later run whose listing is complete. If it stays, ask the cloud's support why the listing is not complete"
        }
        Brake::ControlSilent { .. } | Brake::NobodyAnswers { .. } => {
            "a target whose machine exists and that answers. Look at the connection between Octopus and these machines"
        }
        Brake::OverLimit { .. } => {
            "a higher VMSS.Removal.Limit, for one run, once you are sure that all of them are gone"
        }
    }
}
