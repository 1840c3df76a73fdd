//! The steps that run this program: which they are, what they are bound to, and what a run that they start is told.

use super::asking::InSpace;
use super::refers::{self, URL};
use crate::check::about::differences;
use crate::check::binding::{Binding, Spot, binding, resolved, variable};
use crate::check::own_steps::{RunsAt, own_steps};
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{NO_ID, ProjectSide, StepSeen, signs_in_with_account};
use crate::error::Problem;
use crate::octopus::set_up::{Action, RunCondition, Variable};
use crate::settings::{Draft, Environment, Flags, PARAMETERS, Words, variable_name};
use crate::workers::{self, both};

const ACCOUNT: &str = "VMSS.Azure.Account";
const KEY: &str = "VMSS.Octopus.ApiKey";
const SUBSCRIPTION: &str = "VMSS.Azure.Account.SubscriptionNumber";
/// Two of the kinds of things that a variable may be scoped to.
const ACTION: &str = "Action";
const OWNER: &str = "ProcessOwner";
/// What stands for a secret that nobody may read, where only its being there counts.
const UNSEEN: &str = "API-NOT-SEEN-BY-CHECK";

/// What a step says that its own parameters do not: who asks is told by hand.
const NOT_OF_THE_STEP: [&str; 4] = ["VMSS.Azure.Credential", ACCOUNT, URL, KEY];

pub(super) fn read(space: &InSpace<'_>, side: &ProjectSide) -> Seen<Vec<StepSeen>> {
    let at = RunsAt {
        environment: space.environment.known().map(|it| it.id.as_str()),
        tenanted: space.asking.tenanted,
    };
    let here = space.environment.then(|_| match side.process.known() {
        Some(process) => Seen::Known(own_steps(process, at)),
        None => Seen::NotAsked(NotAsked::AlreadySaid),
    });
    here.then(|actions| match actions.is_empty() {
        true => Seen::NotAsked(NotAsked::AlreadySaid),
        false => {
            let steps = workers::map(actions, |action| step(space, action, side));
            Seen::Known(steps.into_iter().map(|(_, step)| step).collect())
        }
    })
}

fn step(space: &InSpace<'_>, action: &Action, side: &ProjectSide) -> StepSeen {
    let bindings = bindings(space, action, side);
    let has_account = action.property(ACCOUNT).is_some();
    let told = told(space, &bindings, has_account);
    let account_variable = account_variable(space, action, side);
    let pool = pool_of(space, action, side);
    let ((template, account), (pool, elsewhere)) = both(
        || {
            both(
                || refers::template(space, action).into(),
                || {
                    let named = action.property(ACCOUNT);
                    refers::account(space, named, account_variable.as_ref())
                },
            )
        },
        || {
            both(
                || refers::pool(space, pool.as_deref()),
                || refers::elsewhere(space, &bindings),
            )
        },
    );
    StepSeen {
        draft: Draft::read(&told, &Flags::default()),
        action: action.clone(),
        expressions: expressions(space, action, side),
        account_variable,
        bindings,
        template,
        account,
        pool,
        elsewhere,
    }
}

/// Where the step runs, and the variables there.
fn spot<'a>(
    space: &'a InSpace<'_>,
    action: &Action,
    side: &'a ProjectSide,
) -> (Spot<'a>, Vec<Variable>) {
    let spot = Spot {
        environment: space.environment.known().map_or("", |it| it.id.as_str()),
        owner: side.runbook.known().map_or("", |it| it.id.as_str()),
    };
    let read = side.variables.known().cloned().unwrap_or_default();
    let read = read.into_iter();
    let mut variables: Vec<Variable> = read.map(|it| in_step(it, action, spot)).collect();
    variables.extend(of_octopus(space, side));
    (spot, variables)
}

/// What is scoped to a step holds for it as what is scoped to its runbook does.
fn in_step(mut variable: Variable, action: &Action, at: Spot<'_>) -> Variable {
    let is_own = |ids: &Vec<String>| ids.iter().any(|id| id.eq_ignore_ascii_case(&action.id));
    if variable.scope.get(ACTION).is_some_and(is_own) {
        variable.scope.remove(ACTION);
        let owner = || vec![at.owner.to_owned()];
        variable.scope.entry(OWNER.to_owned()).or_insert_with(owner);
    }
    variable
}

/// What Octopus itself adds to a run, as far as it is known before.
fn of_octopus(space: &InSpace<'_>, side: &ProjectSide) -> Vec<Variable> {
    let (id, told) = (space.octopus.space(), space.asking.settings.space.as_str());
    let space_name = Some(told).filter(|name| !name.eq_ignore_ascii_case(id));
    let environment = space.environment.known();
    let project = side.project.known();
    let runbook = side.runbook.known();
    let known = [
        ("Octopus.Space.Id", Some(id)),
        ("Octopus.Space.Name", space_name),
        (
            "Octopus.Environment.Id",
            environment.map(|it| it.id.as_str()),
        ),
        (
            "Octopus.Environment.Name",
            environment.map(|it| it.name.as_str()),
        ),
        ("Octopus.Project.Id", project.map(|it| it.id.as_str())),
        ("Octopus.Project.Name", project.map(|it| it.name.as_str())),
        ("Octopus.Runbook.Id", runbook.map(|it| it.id.as_str())),
        ("Octopus.Runbook.Name", runbook.map(|it| it.name.as_str())),
    ];
    let variable = |(name, value): (&str, Option<&str>)| {
        value.map(|value| Variable {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..Variable::default()
        })
    };
    known.into_iter().filter_map(variable).collect()
}

fn bindings(
    space: &InSpace<'_>,
    action: &Action,
    side: &ProjectSide,
) -> Vec<(&'static str, Binding)> {
    let (at, variables) = spot(space, action, side);
    let of_template = PARAMETERS.iter().map(|parameter| parameter.name);
    let of_template = of_template.filter(|name| name.starts_with("VMSS."));
    let bound = of_template.map(|name| (name, binding(action, name, &variables, at)));
    bound
        .filter(|(_, binding)| *binding != Binding::Unset)
        .collect()
}

fn expressions(space: &InSpace<'_>, action: &Action, side: &ProjectSide) -> Vec<(String, Binding)> {
    let (at, variables) = spot(space, action, side);
    let conditions = action.limits.conditions.iter();
    let expressions = conditions.filter_map(|it| match it {
        RunCondition::Expression(text) => Some(text),
        RunCondition::Usual | RunCondition::Failure => None,
    });
    expressions
        .map(|text| (text.clone(), resolved(text, &variables, at)))
        .collect()
}

/// The environment of the program as the step would make it, with something in the place of what nobody may read; a subscription
/// only where an account has it.
fn told(
    space: &InSpace<'_>,
    bindings: &[(&'static str, Binding)],
    has_account: bool,
) -> Environment {
    let mut told = Environment::new();
    let mut set = |name: &str, value: &str| {
        told.insert(variable_name(name), value.to_owned());
    };
    let environment = space.environment.known();
    let environment = environment.map_or("Environments-0", |it| &it.id);
    set("Octopus.Task.Id", "ServerTasks-0");
    set("Octopus.RunbookRun.Id", "RunbookRuns-0");
    set("Octopus.Space.Id", space.octopus.space());
    set("Octopus.Environment.Id", environment);
    set(URL, &space.asking.settings.octopus_url.to_string());
    for (name, unseen) in [
        ("VMSS.Azure.Account.TenantId", NO_ID),
        ("VMSS.Azure.Account.Client", NO_ID),
        ("VMSS.Azure.Account.Password", UNSEEN),
    ] {
        set(name, unseen);
    }
    // That one is missing which the step signs in with is said of the account.
    if has_account || signs_in_with_account(bindings) {
        set(SUBSCRIPTION, NO_ID);
    }
    for (name, binding) in bindings {
        match binding {
            Binding::Value(value) if *name != URL => set(name, value),
            Binding::Secret if *name == KEY => set(name, UNSEEN),
            // Every other parameter says itself that it holds what nobody has resolved.
            Binding::Undefined(word) if *name != URL => {
                set(name, &format!("#{{{word}}}"));
            }
            Binding::Value(_)
            | Binding::Secret
            | Binding::Undefined(_)
            | Binding::Unset
            | Binding::OnlyWhenRun(_) => {}
        }
    }
    told
}

/// What a run would be told: by hand, and for the rest by a step. Of several steps the one that is about what was asked by hand
/// comes first, and is that.
pub(super) fn draft_of(told: (&Environment, &Flags), side: &mut ProjectSide) -> Draft {
    let Seen::Known(steps) = &mut side.steps else {
        return draft_with(told, None);
    };
    let drafts = steps.iter().map(|step| draft_with(told, Some(step)));
    let is_about = |(draft, step): (Draft, &StepSeen)| differences(&draft, &step.draft).is_empty();
    let asked = drafts.zip(steps.iter()).position(is_about);
    steps[..=asked.unwrap_or_default()].rotate_right(1);
    draft_with(told, steps.first())
}

/// The same by one step, as far as that can be understood; what cannot is no problem of what was told by hand.
fn draft_with((by_hand, flags): (&Environment, &Flags), step: Option<&StepSeen>) -> Draft {
    let mut told = by_hand.clone();
    let mut add = |name: &str, value: &str| {
        let variable = told.entry(variable_name(name)).or_default();
        if variable.trim().is_empty() {
            value.clone_into(variable);
        }
    };
    let bindings = step.map(|step| step.bindings.as_slice());
    let problems = step.map(|step| step.draft.problems.as_slice());
    let is_clear = |name: &str| {
        let mut problems = problems.unwrap_or_default().iter();
        !NOT_OF_THE_STEP.contains(&name) && !problems.any(|it| it.parameter == name)
    };
    for (name, binding) in bindings.unwrap_or_default() {
        match binding {
            Binding::Value(value) if is_clear(name) => add(name, value),
            Binding::Value(_)
            | Binding::Unset
            | Binding::Secret
            | Binding::OnlyWhenRun(_)
            | Binding::Undefined(_) => {}
        }
    }
    let account = step.and_then(|step| step.account.known());
    if let Some(subscription) = account.and_then(|it| it.subscription.as_deref())
        && !by_hand.contains_key("AZURE_SUBSCRIPTION_ID")
    {
        add(SUBSCRIPTION, subscription);
    }
    let mut draft = Draft::read(&told, flags);
    if let Some(step) = step {
        let own = Draft::read(by_hand, flags).problems;
        let words = Words::of(&told, flags);
        let names = PARAMETERS.iter().map(|it| it.name);
        let explained = names.filter(|name| step.explains(&[name]));
        let explained: Vec<String> = explained.map(|name| words.said(name)).collect();
        let is_of_step = |it: &Problem| explained.contains(&it.parameter) && !own.contains(it);
        draft.problems.retain(|it| !is_of_step(it));
    }
    draft
}

fn account_variable(space: &InSpace<'_>, action: &Action, side: &ProjectSide) -> Option<Variable> {
    let (at, variables) = spot(space, action, side);
    let named = action.property(ACCOUNT)?;
    let name = named.strip_prefix("#{").and_then(|it| it.strip_suffix('}'));
    variable(name.unwrap_or(named).trim(), &variables, at).cloned()
}

/// The id of the pool that the step names, itself or by a variable; `None` for the default one.
fn pool_of(space: &InSpace<'_>, action: &Action, side: &ProjectSide) -> Option<String> {
    let (at, variables) = spot(space, action, side);
    let named = Some(action.worker_pool_variable.trim()).filter(|name| !name.is_empty());
    let Some(name) = named else {
        return Some(action.worker_pool.clone()).filter(|id| !id.is_empty());
    };
    let found = variable(name, &variables, at).and_then(|it| it.value.clone());
    Some(found.unwrap_or_else(|| format!("#{{{name}}}")))
}
