//! The machine policies of the targets in scope: how they check, and what they do besides.

use super::scale_in;
use crate::check::cron::{self, NoRhythm};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::MachinePolicy;
use crate::reconcile::plan::Plan;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// What Octopus's guide recommends, and this program's, too.
const INTERVAL: Duration = Duration::from_secs(15 * 60);

const POLICY: &str = "Infrastructure > Machine Policies > the policy";

/// Judges them.
pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let (id, subject) = (Id::MachinePolicy, "machine policies");
    let Some(targets) = set_up.targets.known() else {
        return Vec::new();
    };
    targets
        .policies
        .judged(id, subject, "MachineView", |named| match named.len() {
            0 => Vec::new(),
            _ => set_up
                .policies
                .judged(id, subject, "MachinePolicyView", |all| {
                    of_targets(named, all, set_up)
                }),
        })
}

/// A target that names none has the default one.
fn of_targets(
    named: &BTreeSet<Option<String>>,
    all: &[MachinePolicy],
    set_up: &SetUp,
) -> Vec<Finding> {
    let tests = set_up.tests_connections();
    let is = |policy: &MachinePolicy, named: &Option<String>| match named {
        Some(id) => policy.id.eq_ignore_ascii_case(id),
        None => policy.is_default,
    };
    let of_kept = of_kept(named, set_up);
    let judged = |named: &Option<String>| match all.iter().find(|it| is(it, named)) {
        None => vec![unlisted(named.as_deref().unwrap_or("the default policy"))],
        Some(policy) if of_kept.contains(named) => vec![
            health_check(policy, set_up.now),
            deletes(policy),
            updates(policy, tests),
            new_machines(policy),
        ],
        // How often machines are checked that are gone, or another's, is nobody's concern; what a test of them would do is.
        Some(policy) => vec![deletes(policy), updates(policy, tests)],
    };
    named.iter().flat_map(judged).collect()
}

/// The policies of the targets that match a machine; all, where that is not known, or where a list does not name policies.
fn of_kept(named: &BTreeSet<Option<String>>, set_up: &SetUp) -> BTreeSet<Option<String>> {
    let plan = set_up.lined_up().map(|(targets, groups)| {
        let now = scale_in::snapshot(targets, &groups);
        Plan::make(&now, set_up.run().rules, set_up.now)
    });
    let rows = plan.iter().flat_map(Plan::kept);
    let kept: BTreeSet<Option<String>> =
        rows.map(|row| row.target.machine_policy.clone()).collect();
    match kept.is_empty() || !kept.is_subset(named) || !set_up.all_groups_are_known() {
        true => named.clone(),
        false => kept,
    }
}

fn unlisted(policy: &str) -> Finding {
    Finding::warn(
        Id::MachinePolicy,
        policy,
        "could not be seen: targets have it, and the server does not list it",
        "Look at a target's policy by hand, and give the targets one that is there: Infrastructure > Deployment Targets > the target > Settings",
    )
}

/// What is wrong with when it checks. Which of interval and cron line wins is not documented: both must be right.
fn how_often(policy: &MachinePolicy, now: SystemTime) -> Vec<String> {
    let mut odd: Vec<String> = Vec::new();
    let by_line = policy.cron.as_deref();
    match (policy.interval, &policy.unread_interval) {
        (Some(interval), _) if interval > INTERVAL => {
            odd.push(format!(
                "it checks every {} minutes",
                interval.as_secs() / 60
            ));
        }
        (Some(_), _) => {}
        (None, Some(text)) => odd.push(format!("its interval {text} cannot be read")),
        (None, None) if by_line.is_none() => odd.push("it never checks".into()),
        (None, None) => {}
    }
    odd.extend(by_line.and_then(|line| by_cron(line, cron::year(now))));
    let has_interval = policy.interval.is_some() || policy.unread_interval.is_some();
    if has_interval && by_line.is_some() && !odd.is_empty() {
        odd.push(
            "it has both an interval and a cron line, and which of them wins is not known".into(),
        );
    }
    odd
}

fn by_cron(line: &str, year: u64) -> Option<String> {
    match cron::rhythm(line) {
        Ok(rhythm) => match rhythm.rests(year) {
            Some(why) => Some(format!("by its cron line {line} it does not check: {why}")),
            None if !rhythm.every_day() => Some(format!(
                "by its cron line {line} it does not check on every day"
            )),
            None if rhythm.longest() <= INTERVAL.as_secs() / 60 => None,
            None => Some(format!("it checks by the cron line {line}")),
        },
        Err(NoRhythm::Never) => Some(format!("by its cron line {line} it never checks")),
        Err(NoRhythm::NoCronLine | NoRhythm::Unread) => {
            Some(format!("its cron line {line} cannot be read"))
        }
    }
}

fn health_check(policy: &MachinePolicy, now: SystemTime) -> Finding {
    let (id, name) = (Id::MachinePolicy, &policy.name);
    let mut odd = how_often(policy, now);
    if !policy.only_connections {
        odd.push("its health check runs scripts on the machines".into());
    }
    if policy.away_fails {
        odd.push("a machine that is gone makes each health check fail".into());
    }
    match odd[..] {
        [] => Finding::pass(id, name, "connection only, every 15 minutes or more often"),
        _ => Finding::warn(
            id,
            name,
            odd.join("; "),
            format!(
                "Set 15 minutes, no cron line, 'Only perform connection test' and 'Unavailable machines will not cause health checks to fail': {POLICY}"
            ),
        ),
    }
}

fn deletes(policy: &MachinePolicy) -> Finding {
    let (id, name) = (Id::PolicyDeletes, &policy.name);
    match policy.deletes {
        false => Finding::pass(id, name, "it deletes nothing"),
        true => Finding::warn(
            id,
            name,
            "it deletes the registration of a machine that is only stopped, or whose Tentacle hangs; and no connection is tested there, since the test itself would delete",
            format!("Set 'Do not automatically delete unavailable machines': {POLICY}"),
        ),
    }
}

/// The test of a connection is a health check, after which the policy updates what it updates.
fn updates(policy: &MachinePolicy, tests: bool) -> Finding {
    let (id, name) = (Id::PolicyUpdates, &policy.name);
    match (&policy.updates[..], tests) {
        ([], _) => Finding::pass(id, name, "it updates nothing"),
        (_, false) => Finding::pass(id, name, "no run has a connection tested"),
        (what, true) => Finding::warn(
            id,
            name,
            format!(
                "it updates {} after a health check, so the test of a run starts that",
                what.join(" and ")
            ),
            format!("Let it update on deployments only: {POLICY} > Updates"),
        ),
    }
}

fn new_machines(policy: &MachinePolicy) -> Finding {
    let (id, name) = (Id::NewMachines, &policy.name);
    match policy.is_default {
        false => Finding::pass(
            id,
            name,
            format!(
                "those of today have it; those of tomorrow take it from the script that registers them: register-with --policy \"{name}\""
            ),
        ),
        true => Finding::warn(
            id,
            name,
            "targets have the default policy, and so will new machines whose registration names none",
            "Make a policy for the scale set's machines, give it to the targets, and add --policy \"NAME\" to register-with in the script that registers machines",
        ),
    }
}
