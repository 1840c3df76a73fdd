//! What would become of today's targets if their scale set were scaled in: the policy of a run itself, on a made-up snapshot. And
//! whose their names are beside other scale sets.

use super::finding::Finding;
use super::id::Id;
use super::lines_up::snapshot;
use super::set_up::{OthersSeen, SetUp};
use crate::azure::SEE_ALL;
use crate::reconcile::brake;
use crate::reconcile::others::{self, OtherGroup};
use crate::reconcile::pattern::{NameOf, NamePattern};
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{ScalingGroup, Snapshot};
use crate::report::count_of;
use crate::settings::Draft;
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
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    One,
    None,
}

/// What is judged of targets whose machines are there today. Nothing, where there are none, or none would go.
fn scaled_in(set_up: &SetUp, now: &Snapshot, left: Left) -> Option<Finding> {
    let run = set_up.run();
    let today = Plan::make(now, run.rules, set_up.now);
    let kept: Vec<&Row> = today.kept().collect();
    let first = kept.first()?;
    let stays = match left {
        Left::One => first.evidence.kept_by.first(),
        Left::None => None,
    };
    let mut then = with_groups(now, |group| {
        group
            .instances
            .retain(|it| stays.is_some_and(|stays| Arc::ptr_eq(it, stays)));
        group.capacity = Some(group.instances.len() as u64);
        group.unsettled = None;
    });
    then.targets
        .retain(|target| kept.iter().any(|row| row.target.id == target.id));
    let mut plan = Plan::make(&then, run.rules, set_up.now);
    let unlisted = set_up.azure.others.as_ref().and_then(|it| it.known());
    if unlisted.is_some_and(|it| !it.unlisted.is_empty()) {
        others::spare_where_others_must_be_seen(&mut plan, SEE_ALL);
    }
    (plan.kept().count() < kept.len()).then(|| judged(left, &plan, run))
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

/// The same targets, and groups that are changed so.
fn with_groups(now: &Snapshot, change: impl Fn(&mut ScalingGroup)) -> Snapshot {
    let mut groups = now.groups.clone();
    groups.iter_mut().for_each(change);
    Snapshot {
        targets: now.targets.clone(),
        groups,
        missing: Vec::new(),
    }
}
