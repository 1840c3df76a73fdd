//! Which steps of a runbook run this program, and which of them a run here leaves out: pure.

use crate::octopus::set_up::{Action, Process, RunCondition};

/// What the step's script says of itself.
pub const PROGRAM: &str = "octopus-scale-in";
/// A parameter that each of its steps has; the Library's template has it, too.
pub const SCALE_SET: &str = "VMSS.ScaleSet.Name";
/// Where the script stands.
pub const SCRIPT: &str = "Octopus.Action.Script.ScriptBody";

/// Where a runbook runs.
#[derive(Debug, Clone, Copy)]
pub struct RunsAt<'a> {
    /// The id of the environment, where it is known.
    pub environment: Option<&'a str>,
    /// Whether it runs for a tenant.
    pub tenanted: bool,
}

/// The actions that run this program here. Usually it is one; there may be one for each scale set, or one for each environment.
/// Where none takes part, it is the one that was meant to.
#[must_use]
pub fn own_steps<'p>(process: &'p Process, at: RunsAt<'_>) -> Vec<&'p Action> {
    let all = process.actions.iter();
    let take_part = all.filter(|it| {
        runs_it(it) && is_of_template(it) && !it.disabled && left_out(it, at).is_none()
    });
    let take_part: Vec<&Action> = take_part.collect();
    match take_part[..] {
        [] => likeliest(process).into_iter().collect(),
        _ => take_part,
    }
}

/// One of its template rather than a script that names it, and one that is enabled rather than one that is not; of these the first.
fn likeliest(process: &Process) -> Option<&Action> {
    let own = process.actions.iter().filter(|it| runs_it(it));
    own.min_by_key(|it| (!is_of_template(it), it.disabled))
}

fn runs_it(action: &Action) -> bool {
    let script = action.property(SCRIPT);
    script.is_some_and(|body| body.contains(PROGRAM))
}

fn is_of_template(action: &Action) -> bool {
    action.property_names().any(|name| name == SCALE_SET)
}

/// Why a run there leaves an action out for sure, its being disabled aside.
#[must_use]
pub fn left_out(action: &Action, at: RunsAt<'_>) -> Option<&'static str> {
    let here = at.environment?;
    let limits = &action.limits;
    let has = |ids: &[String]| ids.iter().any(|id| id.eq_ignore_ascii_case(here));
    let of_others = !limits.environments.is_empty() && !has(&limits.environments);
    let of_tenants = !limits.tenant_tags.is_empty() && !at.tenanted;
    let after_failure = limits.conditions.contains(&RunCondition::Failure);
    let reasons = [
        (of_others, "it is for other environments"),
        (has(&limits.excluded), "it is not for this environment"),
        (of_tenants, "it is for tenants"),
        (after_failure, "it runs only where a step before has failed"),
    ];
    let mut reasons = reasons.into_iter().filter(|(is, _)| *is);
    reasons.next().map(|(_, why)| why)
}
