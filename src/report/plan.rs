//! The plan and its changes, in words.

use super::brakes::{fact, who_carries_them};
use super::words::{capitalized, count_of};
use crate::azure::OtherScaleSets;
use crate::console::{Console, Level};
use crate::octopus::EnvironmentRoles;
use crate::reconcile::brake;
use crate::reconcile::brake::Brake;
use crate::reconcile::deploy_list::LeftOut;
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{Participation, ScalingGroup, Target, TargetId};
use crate::reconcile::verdict::Verdict;
use crate::settings::Settings;
use std::collections::HashSet;
use std::time::SystemTime;

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
    warn_of_evictions(console, groups);
    warn_of_doubts(settings, console, groups, plan, roles);
}

fn warn_of_evictions(console: &Console, groups: &[ScalingGroup]) {
    for group in groups {
        let listed = group.instances.len();
        if let Some(capacity) = group.capacity.filter(|c| listed > 0 && *c > listed as u64) {
            console.warn(format_args!(
                "{} lists {listed} instances although its capacity is {capacity}; evicted Spot instances or a failed allocation look like this. Look at the scale set's instances and activity log in Azure.",
                capitalized(&group.title)
            ));
        }
    }
}

/// What is wrong and no brake, since nothing would be removed.
fn warn_of_doubts(
    settings: &Settings,
    console: &Console,
    groups: &[ScalingGroup],
    plan: &Plan,
    roles: &EnvironmentRoles,
) {
    let (candidates, tenancy) = (plan.candidate_count(), settings.tenancy());
    let doubts = brake::doubts(groups, plan, SystemTime::now());
    let judged = |doubt: &Brake| doubt.is_judged(candidates, tenancy);
    if plan.rows.is_empty() && !doubts.iter().any(judged) {
        console.warn(format_args!("{}.", who_carries_them(settings, roles)));
    }
    if candidates == 0 {
        for doubt in doubts.iter().filter(|doubt| !judged(doubt)) {
            let fact = capitalized(&fact(doubt));
            console.warn(format_args!(
                "{fact}. It would hold back removals, if there were any."
            ));
        }
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
