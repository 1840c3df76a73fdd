//! What would become of today's targets if their scale set were scaled in: the policy of a run itself, on a made-up snapshot. And
//! whose their names are beside other scale sets.

use crate::azure::SEE_ALL;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::Seen;
use crate::check::set_up::{OthersSeen, SetUp, TargetsSeen};
use crate::reconcile::brake;
use crate::reconcile::others::{self, OtherGroup};
use crate::reconcile::pattern::{NameOf, NamePattern};
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{Instance, ScalingGroup, Snapshot, TargetId};
use crate::report::count_of;
use crate::settings::Draft;
use std::collections::HashSet;
use std::sync::Arc;

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((targets, groups)) = set_up.lined_up() {
        let now = snapshot(targets, &groups);
        findings.extend(scaled_in(set_up, &now, Left::One));
        findings.extend(scaled_in(set_up, &now, Left::None));
    }
    if let Some(others) = &set_up.azure.others {
        let subject = "the subscription";
        findings.extend(others.judged(
            Id::Subscription,
            subject,
            "Azure's role Reader",
            |others| {
                let prefix = same_prefix(others, &set_up.groups());
                vec![prefix, subscription(others)]
            },
        ));
    }
    findings
}

/// How many machines are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The first that a target matches.
    One,
    /// None.
    None,
}

/// The snapshot of a run, without those scale sets that are missing.
pub(super) fn snapshot(targets: &TargetsSeen, groups: &[ScalingGroup]) -> Snapshot {
    Snapshot {
        targets: targets.in_scope.clone(),
        groups: groups.to_vec(),
        missing: Vec::new(),
    }
}

/// The plan of a run after a scale-in, with the policy of a run itself.
pub(super) fn after(now: &Snapshot, left: Left, set_up: &SetUp) -> Plan {
    let rules = set_up.run().rules;
    let stays = match left {
        Left::None => None,
        Left::One => {
            let today = Plan::make(now, rules, set_up.now);
            let first = today.kept().next();
            first.and_then(|row| row.evidence.kept_by.first().cloned())
        }
    };
    let mut then = now.groups.clone();
    for group in &mut then {
        let is_left = |it: &Arc<Instance>| stays.as_ref().is_some_and(|left| Arc::ptr_eq(it, left));
        group.instances.retain(is_left);
        group.capacity = Some(group.instances.len() as u64);
        group.unsettled = None;
    }
    let snapshot = Snapshot {
        targets: now.targets.clone(),
        groups: then,
        missing: Vec::new(),
    };
    let mut plan = Plan::make(&snapshot, rules, set_up.now);
    let others = set_up.azure.others.as_ref().and_then(Seen::known);
    if others.is_some_and(|it| !it.unlisted.is_empty()) {
        others::spare_where_others_must_be_seen(&mut plan, SEE_ALL);
    }
    plan
}

/// What is judged of targets whose machines are there today. Nothing, where there are none, or none would go.
fn scaled_in(set_up: &SetUp, now: &Snapshot, left: Left) -> Option<Finding> {
    let run = set_up.run();
    let today = Plan::make(now, run.rules, set_up.now);
    let kept: HashSet<&TargetId> = today.kept().map(|row| &row.target.id).collect();
    let mut plan = after(now, left, set_up);
    plan.rows.retain(|row| kept.contains(&row.target.id));
    let leaves = plan.kept().count() < plan.rows.len();
    leaves.then(|| judged(left, &plan, run))
}

fn judged(left: Left, plan: &Plan, run: &Draft) -> Finding {
    let (id, subject) = match left {
        Left::One => (Id::ScaleInToOne, "one machine left"),
        Left::None => (Id::ScaleInToZero, "no machine left"),
    };
    let gone: Vec<&Row> = plan
        .rows
        .iter()
        .filter(|row| row.evidence.kept_by.is_empty())
        .collect();
    let would_go = count_of(plan.candidate_count(), "target");
    let found = format!("{would_go} of {} would go", gone.len());
    let stays = gone.iter().find(|row| !row.is_candidate());
    if let Some(row) = stays {
        return Finding::warn(
            id,
            subject,
            format!("{found}; {} would stay: {}", row.target.name, row.verdict),
            "Register machines under their computer names (docs/names.md says which others are the scale set's own)",
        );
    }
    match brake::over_limit(plan, run.limit) {
        None => Finding::pass(id, subject, found),
        Some(_) => Finding::warn(
            id,
            subject,
            format!("{found}, which is over Removal.Limit, so that a run would remove none"),
            "Raise the limit to what you scale in at once, or raise it for that one run",
        ),
    }
}

/// Two scale sets that give the same computer names: whose one is nobody can tell by its name.
fn same_prefix(others: &OthersSeen, groups: &[ScalingGroup]) -> Finding {
    let id = Id::SamePrefix;
    let twin = |group: &ScalingGroup| -> Option<Finding> {
        let is_twin = |other: &&OtherGroup| share_a_form(&group.pattern, &other.pattern);
        let other = others.groups.iter().find(is_twin)?;
        Some(Finding::warn(
            id,
            &group.title,
            format!("{} gives the same computer names", other.title),
            "Give each scale set a computer name prefix of its own (it is set when a scale set is made); until then what the other has keeps its target",
        ))
    };
    let alone = || {
        Finding::pass(
            id,
            "other scale sets",
            format!(
                "{} seen, none gives the same names",
                count_of(others.seen, "scale set")
            ),
        )
    };
    groups.iter().find_map(twin).unwrap_or_else(alone)
}

fn share_a_form(a: &NamePattern, b: &NamePattern) -> bool {
    a.forms.iter().any(|form| {
        let same = |other: &crate::reconcile::pattern::Form| {
            let prefixes = form.prefix.as_deref().zip(other.prefix.as_deref());
            form.of == other.of && prefixes.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        form.of == NameOf::Computer && b.forms.iter().any(same)
    })
}

fn subscription(others: &OthersSeen) -> Finding {
    let (id, subject) = (Id::Subscription, "the subscription");
    match others.unlisted.first() {
        None => Finding::pass(id, subject, "its scale sets may be listed"),
        Some(why) => Finding::warn(
            id,
            subject,
            format!("a scale set elsewhere with the same names cannot be excluded: {why}"),
            "Give the account the role Reader on the subscription (Access control (IAM))",
        ),
    }
}
