//! Do targets and machines line up? Tags, targets, scale sets, and whose the names are.

use super::reach::is_azures_own;
use super::scale_in::{self, Left};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::seen::Seen;
use crate::check::set_up::{SetUp, TargetsSeen};
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{Health, Instance, ScalingGroup, Snapshot};
use crate::report::{count_of, names_of};
use crate::spelling::nearest;
use std::sync::Arc;
use std::time::SystemTime;

/// So many examples of what does not line up.
const EXAMPLES: usize = 3;

/// What a step names its scale sets and tags with.
const SCALE_SETS: [&str; 3] = [
    "VMSS.ScaleSet.Name",
    "VMSS.ResourceGroup.Name",
    "VMSS.Azure.Account.SubscriptionNumber",
];
const TAGS: [&str; 1] = ["VMSS.DeploymentTarget.Roles"];

const NAMES: &str = "Register machines under their computer names (docs/names.md)";

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = settings(set_up);
    findings.extend(tags(set_up));
    findings.extend(scale_sets(set_up));
    if let Some((targets, groups)) = set_up.lined_up() {
        let snapshot = scale_in::snapshot(targets, &groups);
        let plan = Plan::make(&snapshot, set_up.run().rules, set_up.now);
        let matched = machines(&plan, &groups, set_up.now);
        let seen = |it| set_up.unless_complete(it, "MachineView", Extent::Here);
        findings.extend(matched.map(seen));
        findings.extend(names(&plan, &snapshot, set_up));
    }
    findings
}

fn settings(set_up: &SetUp) -> Vec<Finding> {
    let problems = set_up.draft.problems.iter();
    let mut findings: Vec<Finding> = problems
        .map(|it| {
            let action = "Correct it; --help and docs/parameters.md have every setting";
            Finding::fail(Id::Settings, &it.parameter, &it.what, action)
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::pass(Id::Settings, "a run", "understood"));
    }
    findings
}

fn tags(set_up: &SetUp) -> Vec<Finding> {
    let Some(tags) = &set_up.draft.roles else {
        let found = "not asked: none is named";
        let add = "Add --role TAG, more than once where there are several";
        return unnamed(set_up, (Id::Tags, "target tags"), &TAGS, (found, add));
    };
    let told = tags.join(", ");
    let permission = "MachineView";
    set_up
        .targets
        .judged(Id::Targets, &told, permission, |targets| {
            let unused = &targets.tags.carried_by_none;
            if targets.tags.targets == 0 {
                return vec![no_target(
                    set_up,
                    &told,
                    "the environment has no targets at all",
                )];
            }
            if unused.is_empty() {
                let carried = Finding::pass(Id::Tags, &told, "each is carried by targets");
                return vec![carried, in_scope(set_up, &told, targets)];
            }
            let unknown = unused.iter().map(|tag| unknown_tag(tag, targets));
            let seen = |it| set_up.unless_hidden(it, "MachineView", Extent::Here);
            unknown.map(seen).collect()
        })
}

/// What nobody named, neither by hand nor, with these parameters, in the step. What is wrong with the step's was said.
fn unnamed(
    set_up: &SetUp,
    (id, subject): (Id, &str),
    parameters: &[&str],
    (found, add): (&str, &str),
) -> Vec<Finding> {
    let step = set_up.project.step();
    if step.is_some_and(|step| step.explains(parameters)) {
        return Vec::new();
    }
    let action = match set_up.asks_about_a_runbook() {
        true => add.to_owned(),
        false => format!("{add}, or --project and --runbook, whose step names them"),
    };
    vec![Finding::warn(id, subject, found, action)]
}

fn unknown_tag(tag: &str, targets: &TargetsSeen) -> Finding {
    let carried = || targets.tags.carried.iter().map(String::as_str);
    let nearest = nearest(tag, carried()).unwrap_or_default();
    Finding::fail(
        Id::Tags,
        tag,
        format!(
            "no target of the environment carries it; they carry {}",
            names_of(carried())
        ),
        format!(
            "Correct the tag (the nearest is {nearest}), or give it to the targets (Infrastructure > Deployment Targets > the target > Settings)"
        ),
    )
}

fn in_scope(set_up: &SetUp, told: &str, targets: &TargetsSeen) -> Finding {
    let (all, of) = (targets.in_scope.len(), targets.tags.targets);
    match all {
        0 => no_target(
            set_up,
            told,
            &format!("none of {} carries all of them", count_of(of, "target")),
        ),
        _ => Finding::pass(
            Id::Targets,
            told,
            format!("{} of {of} in the environment", count_of(all, "target")),
        ),
    }
}

fn no_target(set_up: &SetUp, told: &str, found: &str) -> Finding {
    let groups = set_up.groups();
    let machines: usize = groups.iter().map(|group| group.instances.len()).sum();
    let action = "Check the environment and the tags; a machine that registers needs each of the tags (register-with --role)";
    let none = match machines {
        0 => Finding::warn(Id::Targets, told, found, action),
        _ => Finding::fail(Id::Targets, told, found, action),
    };
    set_up.unless_hidden(none, "MachineView", Extent::Here)
}

fn scale_sets(set_up: &SetUp) -> Vec<Finding> {
    if set_up.draft.scale_sets.is_none() {
        let found = "not asked: none is named, or not with its resource group";
        let add = "Add --scale-set NAME and --resource-group NAME";
        let what = (Id::ScaleSet, "scale sets");
        return unnamed(set_up, what, &SCALE_SETS, (found, add));
    }
    let groups = set_up.azure.groups.iter();
    groups
        .filter_map(|(title, group)| match group {
            Seen::Known(group) => Some(scale_set(title, group, set_up.now)),
            Seen::Refused(error) if is_azures_own(error) => {
                Some(Finding::refused(Id::ScaleSet, title, error))
            }
            // That Azure does not answer was said.
            Seen::Refused(_) | Seen::NotAsked(_) => None,
        })
        .collect()
}

fn scale_set(title: &str, group: &ScalingGroup, now: SystemTime) -> Finding {
    let (id, summary) = (Id::ScaleSet, &group.summary);
    let doubts = brake::doubts(std::slice::from_ref(group), &Plan::default(), now);
    let is_empty = |doubt: &Brake| matches!(doubt, Brake::EmptyListing { .. });
    if doubts.iter().any(is_empty) {
        return Finding::warn(
            id,
            title,
            format!(
                "{summary}; none is listed although it should have some, so that a run would remove nothing"
            ),
            "Look at the scale set in Azure: all Spot instances evicted look like this. Where it is to be empty, set its capacity to 0",
        );
    }
    match group.unsettled_because() {
        None => Finding::pass(id, title, summary),
        Some(why) => Finding::warn(
            id,
            title,
            format!("{summary}; not settled: {why}"),
            "Check again when it has settled; a run waits for that itself",
        ),
    }
}

/// How many targets match a machine. That none does while there are machines can never work, unless all of them are new.
fn machines(plan: &Plan, groups: &[ScalingGroup], now: SystemTime) -> Option<Finding> {
    let id = Id::Machines;
    let all: usize = groups.iter().map(|group| group.instances.len()).sum();
    let subject = count_of(all, "machine");
    let doubts = brake::doubts(groups, plan, now).into_iter();
    let nothing = doubts.filter_map(names_that_differ).next();
    if let Some((instance, target)) = nothing {
        let instance = instance.join(" or ");
        return Some(Finding::fail(
            id,
            subject,
            format!("no target matches any: a machine is called {instance}, a target {target}"),
            format!("{NAMES}, or check that it is the right scale set"),
        ));
    }
    plan.rows.first()?;
    let unregistered = plan.unregistered(groups);
    let is_expected = |it: &&&Arc<Instance>| {
        let name = it.resource_name.to_lowercase();
        !groups.iter().any(|group| group.idle.contains(&name))
    };
    let without: Vec<&&Arc<Instance>> = unregistered.iter().filter(is_expected).collect();
    let found = format!(
        "{} match a machine",
        count_of(plan.kept().count(), "target")
    );
    let names = names_of(without.iter().take(EXAMPLES).map(|it| it.name()));
    Some(match without.len() {
        0 => Finding::pass(id, subject, found),
        count => Finding::warn(
            id,
            subject,
            format!("{found}; {} no target, such as {names}", have(count)),
            "Look at how these machines register: the registration's log on the machine, its tags, its environment",
        ),
    })
}

/// Both kinds of names, where no target matches any machine although it should.
fn names_that_differ(doubt: Brake) -> Option<(Vec<String>, String)> {
    let Brake::NothingMatches {
        instance, target, ..
    } = doubt
    else {
        return None;
    };
    Some((instance, target?))
}

fn have(machines: usize) -> String {
    match machines {
        1 => "1 machine has".to_owned(),
        many => format!("{many} machines have"),
    }
}

/// Whose the names are: of those that match no machine today, and of all if none were left.
fn names(plan: &Plan, snapshot: &Snapshot, set_up: &SetUp) -> Option<Finding> {
    let id = Id::Names;
    if plan.nothing_matches(&snapshot.groups) {
        return None;
    }
    let named = scale_in::after(snapshot, Left::None, set_up);
    let machines = named
        .rows
        .iter()
        .filter(|row| row.target.connection().is_some());
    let own = machines.clone().filter(|row| row.proof().is_some()).count();
    let subject = count_of(machines.count(), "target");
    let found = format!("{own} have a name that only the scale set gives");
    let strange: Vec<&Row> = plan
        .rows
        .iter()
        .filter(|row| row.verdict.is_held())
        .collect();
    Some(match strange.first() {
        None => Finding::pass(id, subject, format!("{found}{}", gone(plan))),
        Some(example) => Finding::warn(
            id,
            subject,
            format!(
                "{found}; {} {} no machine and would never be removed, such as {}: {}{}",
                count_of(strange.len(), "target"),
                if strange.len() == 1 {
                    "matches"
                } else {
                    "match"
                },
                example.target.name,
                example.verdict,
                gone(plan),
            ),
            whose(&strange, set_up),
        ),
    })
}

/// What to do about targets that match no machine: one that answers is somebody's, and so may one be whose scale set was not read.
fn whose(strange: &[&Row], set_up: &SetUp) -> String {
    let answers = |row: &&Row| row.target.health == Health::Healthy;
    match strange.iter().any(answers) || !set_up.all_groups_are_known() {
        true => format!(
            "Look whose they are, and give the machines of each scale set that is reconciled by itself tags of their own. {NAMES}"
        ),
        false => format!("Look at these targets, and delete those that are nobody's. {NAMES}"),
    }
}

/// What a run would look into today.
fn gone(plan: &Plan) -> String {
    match plan.candidate_count() {
        0 => String::new(),
        count => format!(
            "; {} of machines that are gone, which a run would look into",
            count_of(count, "target")
        ),
    }
}
