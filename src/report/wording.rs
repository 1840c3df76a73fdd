//! Lines and phrases of the report.

use crate::octopus::EnvironmentRoles;
use crate::reconcile::Target;
use crate::reconcile::brake::Brake;
use crate::reconcile::outputs::LeftOut;
use crate::reconcile::plan::{Plan, Verdict};

pub(super) fn row(target: &Target, verdict: &Verdict) -> String {
    format!(
        "  {:<10} {} ({}): {verdict}",
        verdict.word(),
        target.name,
        target.id
    )
}

pub(super) fn left_out_line(target: &Target, why: LeftOut) -> String {
    format!(
        "  kept, and not to be deployed to: {} ({}): {why}",
        target.name, target.id
    )
}

pub(super) fn brake_line(brake: &Brake, candidates: &[&str]) -> String {
    let count = count_of(candidates.len(), "removal");
    format!(
        "Brake: {brake}. {count} held back: {}. What lifts it: {}.",
        candidates.join(", "),
        brake.lifted_by()
    )
}

pub(super) fn named<'a>(
    targets: &'a [Target],
    plan: &Plan,
    which: impl Fn(&Verdict) -> bool,
) -> Vec<&'a str> {
    targets
        .iter()
        .zip(&plan.verdicts)
        .filter(|(_, v)| which(v))
        .map(|(t, _)| t.name.as_str())
        .collect()
}

/// `8 kept, 17 stale, 1 foreign`, in the order of the table of verdicts.
pub(super) fn counts(plan: &Plan) -> String {
    let words = [
        "kept",
        "leaving",
        "detached",
        "stale",
        "done",
        "deferred",
        "referenced",
        "foreign",
        "ignored",
    ];
    let count = |word: &&str| plan.verdicts.iter().filter(|v| v.word() == *word).count();
    let parts: Vec<String> = words
        .iter()
        .map(|word| (count(word), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, w)| format!("{n} {w}"))
        .collect();
    if parts.is_empty() {
        "none in scope".into()
    } else {
        parts.join(", ")
    }
}

pub(super) fn count_of(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

pub(super) fn nobody_carries(
    census: &EnvironmentRoles,
    roles: &[String],
    environment: &str,
) -> String {
    let EnvironmentRoles {
        in_environment,
        roles_nobody_carries,
        ..
    } = census;
    let who = count_of(*in_environment, "target");
    if roles_nobody_carries.is_empty() {
        format!(
            "None of the {who} of {environment} is in scope: none carries all of the roles {} and belongs to this run",
            roles.join(", ")
        )
    } else {
        format!(
            "None of the {who} of {environment} carries the role {}; check VMSS.DeploymentTarget.Roles",
            roles_nobody_carries.join(", ")
        )
    }
}
