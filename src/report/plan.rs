//! The plan and its changes, in words.

use super::brakes::{fact, who_carries_them};
use super::outcome::Decision;
use super::words::{SHOWN, capitalized, count_of, names_of};
use crate::azure::OtherScaleSets;
use crate::console::{Console, Level};
use crate::octopus::EnvironmentRoles;
use crate::reconcile::brake;
use crate::reconcile::brake::Brake;
use crate::reconcile::deploy_list::LeftOut;
use crate::reconcile::plan::{Plan, RemovalAction, Row};
use crate::reconcile::snapshot::{Participation, ScalingGroup, Target, TargetId};
use crate::reconcile::verdict::Verdict;
use crate::settings::{DryRun, Settings};
use std::collections::{BTreeMap, HashSet};
use std::time::SystemTime;

/// Prints what was read: one line for each scale set, one for what else the account sees; and what a person who waits needs to
/// know: how many targets match no machine, and what is asked about them.
pub fn show_snapshot(
    settings: &Settings,
    console: &Console,
    groups: &[ScalingGroup],
    plan: &Plan,
    roles: &EnvironmentRoles,
    others: Option<&OtherScaleSets>,
) {
    console.result(Level::Info, &heads(groups));
    if let Some(seen) = others {
        let (sets, groups) = (
            count_of(seen.seen.len(), "scale set"),
            count_of(seen.resource_groups, "resource group"),
        );
        let line = format!("This account sees {sets} in {groups}");
        console.result(Level::Info, &[line]);
    }
    let targets = count_of(plan.rows.len(), "target");
    match plan.candidate_count() {
        0 => console.result(Level::Info, &[format!("{targets} in scope")]),
        gone => console.info(format_args!(
            "{targets} in scope. No machine here has the name of {gone}: asking whether another scale set has it, whether Octopus needs the target, and whether the machine answers"
        )),
    }
    warn_of_evictions(console, groups);
    warn_of_doubts(settings, console, groups, plan, roles);
}

/// The kinds of targets that the plan tells apart, in the order in which it shows them: what somebody must look at comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Going,
    Waiting,
    Answering,
    Foreign,
    Detached,
    Leaving,
    Done,
    Kept,
    Ignored,
}

/// Prints the plan, once, with final verdicts: what goes, what waits and why, what is not ours and whose, what stays.
pub fn show_plan(settings: &Settings, console: &Console, decision: &Decision) {
    let mut sections: BTreeMap<Section, Vec<&Row>> = BTreeMap::new();
    for row in &decision.plan.rows {
        let section = Section::of(&row.verdict);
        sections.entry(section).or_default().push(row);
    }
    // By hand there is one for the asking.
    let where_it_is = match (&settings.caller.task, &settings.report) {
        (None, None) => " (--report FILE)",
        (Some(_), _) | (None, Some(_)) => "",
    };
    let lines = sections.iter().flat_map(|(section, rows)| {
        let title = section.title(settings, decision);
        section.lines(title, rows, where_it_is)
    });
    console.result(Level::Info, &lines.collect::<Vec<String>>());
}

/// What becomes of what goes.
fn going(settings: &Settings, decision: &Decision) -> &'static str {
    match (&decision.hold, settings.dry_run, settings.rules.action) {
        (Some(_), _, _) => "Held back, all for the reason below",
        (None, DryRun::No, RemovalAction::Delete) => "To be removed: their machines are gone",
        (None, DryRun::No, RemovalAction::Disable) => "To be disabled: their machines are gone",
        (None, DryRun::Yes, RemovalAction::Delete) => "Would be removed: their machines are gone",
        (None, DryRun::Yes, RemovalAction::Disable) => "Would be disabled: their machines are gone",
    }
}

impl Section {
    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Stale => Self::Going,
            Verdict::Deferred(_) | Verdict::Untested(_) | Verdict::Referenced(_) => Self::Waiting,
            Verdict::Answers(_) => Self::Answering,
            Verdict::Foreign(_) => Self::Foreign,
            Verdict::Detached(_) => Self::Detached,
            Verdict::Leaving => Self::Leaving,
            Verdict::Done => Self::Done,
            Verdict::Kept => Self::Kept,
            Verdict::Ignored => Self::Ignored,
        }
    }

    fn title(self, settings: &Settings, decision: &Decision) -> &'static str {
        match self {
            Self::Going => going(settings, decision),
            Self::Waiting => "Waiting",
            Self::Answering => "Somebody's machines, left alone",
            Self::Foreign => "Not this scale set's, left alone",
            Self::Detached => "Beside the scale set, left alone",
            Self::Leaving => "Leaving: Azure is deleting their machines",
            Self::Done => "Disabled already: their machines are gone",
            Self::Kept => "Kept: their machines exist",
            Self::Ignored => "No machines' targets, left alone",
        }
    }

    /// Those that need nobody stand on one line; of the others each has its own, with its reason but where the title is that.
    fn lines(self, title: &str, rows: &[&Row], where_it_is: &str) -> Vec<String> {
        let head = format!("{title} ({})", rows.len());
        match self {
            Self::Leaving | Self::Done | Self::Kept | Self::Ignored => {
                let names = rows.iter().map(|row| row.target.name.as_str());
                vec![format!("{head}: {}", names_of(names))]
            }
            Self::Going => list(head, rows, where_it_is, |_| String::new()),
            Self::Waiting | Self::Answering | Self::Foreign | Self::Detached => {
                list(head, rows, where_it_is, |row| format!(": {}", row.verdict))
            }
        }
    }
}

/// Names are aligned up to this many letters.
const WIDEST: usize = 40;

/// One line for each, aligned, with what is to be said of it.
fn list(
    head: String,
    rows: &[&Row],
    where_it_is: &str,
    says: impl Fn(&Row) -> String,
) -> Vec<String> {
    let shown = &rows[..rows.len().min(SHOWN)];
    let widths = shown.iter().map(|row| row.target.name.chars().count());
    let width = widths.max().unwrap_or_default().min(WIDEST);
    let mut lines = vec![head + ":"];
    lines.extend(shown.iter().map(|row| {
        let target = &row.target;
        format!("  {:<width$}  {}{}", target.name, target.id, says(row))
    }));
    let others = rows.len() - shown.len();
    if others > 0 {
        lines.push(format!(
            "  and {others} more, which stand in the report{where_it_is}"
        ));
    }
    lines
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

/// Lets something change a plan, and tells whoever looks into details which candidates are none any more, and what is held now
/// and was not. For everybody else the plan is printed once, when it is final.
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
    console.block(Level::Verbose, &lines);
    result
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
    let (name, id, why) = (&target.name, &target.id, left_out_because(why));
    format!("  kept, and not to be deployed to: {name} ({id}): {why}")
}

/// Why a kept target is not to be deployed to.
pub(super) fn left_out_because(why: LeftOut) -> &'static str {
    match why {
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
    }
}

/// One line for each scaling group.
fn heads(groups: &[ScalingGroup]) -> Vec<String> {
    let head = |g: &ScalingGroup| format!("{}: {}", capitalized(&g.title), g.summary);
    groups.iter().map(head).collect()
}
