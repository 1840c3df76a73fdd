//! The step: where it runs, how old it is, and whether it does anything.

use super::takes_part;
use crate::check::binding::Binding;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::own_steps::SCRIPT;
use crate::check::set_up::{Pool, SetUp, StepSeen};
use crate::octopus::set_up::StepTemplate;
use crate::reconcile::snapshot::Health;
use crate::settings::DryRun;

const VERSION: &str = "Octopus.Action.Template.Version";

const NEW_TEMPLATE: &str = "Import octopus-scale-in.json of the release into the step templates (Deploy > Step templates), update the step to it, and publish the runbook again";

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let side = &set_up.project;
    let name = set_up.runbook_name();
    let mut findings = side
        .process
        .judged(Id::Step, name, "RunbookView", |process| {
            takes_part::judge(process, set_up)
        });
    for finding in side.enabled_steps().flat_map(|step| of_step(step, set_up)) {
        // What several steps share is said once.
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

fn of_step(step: &StepSeen, set_up: &SetUp) -> Vec<Finding> {
    let subject = step.action.name.as_str();
    let mut findings = vec![location(step)];
    if step.action.runs_once() {
        let pool = &step.pool;
        findings.extend(pool.judged(Id::WorkerPool, subject, "WorkerView", |pool| {
            let finding = worker_pool(pool, step);
            match pool.workers.is_empty() {
                true => {
                    vec![set_up.unless_complete(finding, "WorkerView", Extent::AllOfEnvironment)]
                }
                false => vec![finding],
            }
        }));
    }
    let of_template = &step.template;
    findings.extend(
        of_template.judged(Id::Template, subject, "ActionTemplateView", |it| {
            vec![template(it.as_ref(), step)]
        }),
    );
    findings.push(dry_run(step));
    findings
}

fn location(step: &StepSeen) -> Finding {
    let (id, name) = (Id::StepLocation, &step.action.name);
    match step.action.runs_once() {
        true => Finding::pass(id, name, "once, on a worker or the server"),
        false => Finding::fail(
            id,
            name,
            "it runs on each deployment target, on the very machines that vanish",
            "Set Execution Location to 'Run once on a worker': the runbook's Process > the step",
        ),
    }
}

/// Dynamic workers are leased when they are needed: none is listed before.
fn worker_pool(of: &Pool, step: &StepSeen) -> Finding {
    let id = Id::WorkerPool;
    let (name, pool) = (&of.pool.name, &of.pool);
    if !pool.is_there() {
        return Finding::fail(
            id,
            name,
            "there is no such worker pool",
            "Choose one: the runbook's Process > the step > Worker Pool",
        );
    }
    let binding = step
        .bindings
        .iter()
        .find(|(name, _)| *name == "VMSS.Azure.Credential");
    let credential = binding.map(|(_, binding)| binding);
    let own_identity = credential.is_some_and(
        |it| matches!(it, Binding::Value(word) if word.eq_ignore_ascii_case("ManagedIdentity")),
    );
    match (pool.dynamic, own_identity) {
        (true, true) => {
            return Finding::fail(
                id,
                name,
                "its workers are leased from Octopus, and have no managed identity of yours",
                "Choose a pool of your own machines in Azure, or an Azure account: the runbook's Process > the step",
            );
        }
        (true, false) => {
            return Finding::pass(id, name, "its workers are leased when they are needed");
        }
        (false, _) => {}
    }
    let enabled = of.workers.iter().filter(|it| !it.disabled);
    let healthy = enabled
        .clone()
        .filter(|it| it.health == Health::Healthy)
        .count();
    match (enabled.count(), healthy) {
        (0, _) if pool.is_default => Finding::warn(
            id,
            name,
            "the default pool has no worker of its own: the step runs on the Octopus server itself",
            "Choose a pool with workers: the runbook's Process > the step > Worker Pool",
        ),
        (all, 0) => Finding::fail(
            id,
            name,
            format!("none of its {all} enabled workers is healthy"),
            "Look at them: Infrastructure > Workers",
        ),
        (all, healthy) => Finding::pass(id, name, format!("healthy workers: {healthy} of {all}")),
    }
}

fn template(template: Option<&StepTemplate>, step: &StepSeen) -> Finding {
    let (id, name) = (Id::Template, &step.action.name);
    let ours = env!("CARGO_PKG_VERSION");
    let packed = step.action.property(SCRIPT).and_then(release_of);
    if let Some(release) = packed.filter(|release| is_older(release, ours)) {
        return Finding::warn(
            id,
            name,
            format!("it runs release {release}, and this is {ours}"),
            NEW_TEMPLATE,
        );
    }
    let used = step
        .action
        .property(VERSION)
        .and_then(|it| it.parse::<i64>().ok());
    match (template, used) {
        (Some(template), Some(used)) if used < template.version => Finding::warn(
            id,
            name,
            format!(
                "it is of version {used} of step template {}, whose newest is {}",
                template.name, template.version
            ),
            "Update the step: Deploy > Step templates > the template > Usage; then publish the runbook",
        ),
        (Some(template), _) => Finding::pass(
            id,
            name,
            format!(
                "of step template {}, version {}",
                template.name, template.version
            ),
        ),
        (None, _) => Finding::pass(id, name, "of no step template of the space"),
    }
}

/// The release that the script was packed for: `Version = '1.2.3'` in its head. One for development knows none.
fn release_of(script: &str) -> Option<&str> {
    let (_, rest) = script.split_once("Version = '")?;
    let (release, _) = rest.split_once('\'')?;
    (!release.is_empty()).then_some(release)
}

/// What cannot be read as a version is not older.
fn is_older(release: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let plain = text.split(['-', '+']).next()?;
        plain.split('.').map(|it| it.parse().ok()).collect()
    };
    numbers(release)
        .zip(numbers(than))
        .is_some_and(|(a, b)| a < b)
}

fn dry_run(step: &StepSeen) -> Finding {
    let (id, name) = (Id::DryRun, &step.action.name);
    if let Some(unseen) = step.first_unseen(&["VMSS.DryRun"]) {
        return unseen.finding(id, name);
    }
    match step.draft.dry_run {
        DryRun::No => Finding::pass(id, name, "no: it removes"),
        DryRun::Yes => Finding::warn(
            id,
            name,
            "yes: it says what it would remove, and removes nothing",
            "When its log is right, set Dry run to No (the runbook's Process > the step), and publish the runbook",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_older, release_of};

    #[test]
    fn a_release_is_told_by_the_scripts_head_and_compared_number_by_number() {
        assert_eq!(release_of("@{\n    Version = '1.2.3'\n"), Some("1.2.3"));
        assert_eq!(release_of("@{\n    Version = ''\n"), None);
        assert_eq!(release_of("no release"), None);
        for (release, than, older) in [
            ("0.9.0", "0.10.0", true),
            ("0.10.0", "0.10.0", false),
            ("1.0.0-rc.1", "1.0.0", false),
            ("odd", "1.0.0", false),
        ] {
            assert_eq!(is_older(release, than), older, "{release} and {than}");
        }
    }
}
