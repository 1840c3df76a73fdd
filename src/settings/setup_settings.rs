//! What `setup` is told: whom to ask, what to set up, and what of other people's it may change.

use super::draft::Draft;
use super::flags::Flags;
use super::parameters::{About, Flag};
use super::read::in_order;
use super::reader::{Environment, Place, Reader};
use super::server;
use super::setup_flags::{Consent, SetupFlags};
use super::table::PARAMETERS;
use super::values::Tuning;
use crate::error::Error;
use crate::octopus::BaseUrl;
use crate::secret::Secret;
use serde_json::Value;
use std::path::Path;

/// What a machine policy is called where nobody says otherwise.
pub const MACHINE_POLICY: &str = "Scale set machines";
/// The same of the runbook.
pub const RUNBOOK: &str = "Remove scaled-in targets";
/// The same of the minutes between two runs.
pub const EVERY: u64 = 15;
/// An interval must divide the hour, since a cron line begins anew with each.
const INTERVALS: [u64; 7] = [5, 6, 10, 12, 15, 20, 30];

const RESOURCE_GROUP: &str = "VMSS.ResourceGroup.Name";
/// What names the subscription.
const SUBSCRIPTIONS: [&str; 2] = [
    "VMSS.Azure.Account.SubscriptionNumber",
    "AZURE_SUBSCRIPTION_ID",
];

/// The parameters that the six variables of the guide hold, and the one that begins with `Yes`.
const HELD: [&str; 7] = [
    "VMSS.ScaleSet.Name",
    RESOURCE_GROUP,
    "VMSS.Azure.Account",
    "VMSS.DeploymentTarget.Roles",
    "VMSS.Octopus.Url",
    "VMSS.Octopus.ApiKey",
    "VMSS.DryRun",
];

/// Where guided failure is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuidedFailurePlace {
    /// On the environment.
    Environment,
    /// On the project.
    Project,
}

impl GuidedFailurePlace {
    /// The word for each.
    pub const CHOICES: [(&'static str, Self); 2] = [
        ("environment", Self::Environment),
        ("project", Self::Project),
    ];
}

/// Whom to ask, what to set up.
#[derive(Debug)]
pub struct SetupSettings {
    /// Octopus Server.
    pub octopus_url: BaseUrl,
    /// The key of whoever sets up.
    pub setter: Secret,
    /// The key that is stored for the schedule, where it is given.
    pub stored: Option<Secret>,
    /// The space, by id or name.
    pub space: String,
    /// The environment, by id or name.
    pub environment: Option<String>,
    /// The project, by id or name.
    pub project: Option<String>,
    /// The runbook in it, by name.
    pub runbook: String,
    /// The machine policy, by name.
    pub machine_policy: String,
    /// Names of scale sets, as a run is told.
    pub scale_sets: Option<String>,
    /// The resource group.
    pub resource_group: Option<String>,
    /// The target tags, as a run is told.
    pub roles: Option<String>,
    /// The subscription, for the choice of a scale set.
    pub subscription: Option<String>,
    /// Minutes between two runs, where they are told.
    pub every: Option<u64>,
    /// Where guided failure is switched on.
    pub guided_failure: Option<GuidedFailurePlace>,
    /// The step template of the file.
    pub template: Option<Value>,
    /// Other parameters of the step that the command line sets.
    pub parameters: Vec<(&'static str, String)>,
    /// What the command line says beside that.
    pub flags: SetupFlags,
    /// What a run would be told, as far as it is told by hand: for its Azure account.
    pub draft: Draft,
    /// Times that tests and impatient people shorten.
    pub tuning: Tuning,
    /// What says whether it is a dry run: the flag or the variable.
    pub dry_run_by: String,
    /// What is odd and yet no problem.
    pub warnings: Vec<String>,
}

impl SetupSettings {
    /// Reads the environment, and the command line, which wins.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem.
    pub fn read(environment: &Environment, flags: &Flags) -> Result<Self, Error> {
        let mut draft = Draft::read(environment, flags);
        let mut reader = Reader::new(environment, flags);
        let r = &mut reader;
        let by_hand = r.place == Place::ByHand;
        let octopus_url = server::url(r, by_hand);
        let (setter, stored) = server::setters_keys(r);
        let space = server::space(r, by_hand);
        let raw = |r: &mut Reader, name: &str| r.text(name).map(str::to_owned);
        let told = &flags.setup;
        let every = every(r, told.every.as_deref());
        let guided_failure = guided_failure(r, told.guided_failure.as_deref());
        let template = template(r, told.template.as_deref());
        let scale_sets = raw(r, "VMSS.ScaleSet.Name");
        let resource_group = raw(r, RESOURCE_GROUP);
        let roles = raw(r, "VMSS.DeploymentTarget.Roles");
        let place = server::told_environment(r);
        let subscription = r.first_set(&SUBSCRIPTIONS);
        let subscription = subscription.and_then(|name| raw(r, name));
        if r.raw("Octopus.Deployment.Tenant.Id").is_some() {
            r.problem(
                "Octopus.Deployment.Tenant.Id",
                "is for runs by hand: the schedule is for no tenant. Take it away",
            );
        }
        let mut problems = std::mem::take(&mut draft.problems);
        // What was not told of a scale set is asked for, or found in the project; who names no credential asks Azure nothing.
        let asks_nothing = draft.account.is_none() && subscription.is_none();
        let untold = [
            (SUBSCRIPTIONS[0], asks_nothing),
            (SUBSCRIPTIONS[1], asks_nothing),
            (RESOURCE_GROUP, r.raw(RESOURCE_GROUP).is_none()),
        ];
        let untold = untold.map(|(name, is_untold)| (r.called(name), is_untold));
        problems.retain(|it| !untold.contains(&(it.parameter.clone(), true)));
        let dry_run_by = r.called("VMSS.DryRun");
        problems.append(&mut reader.problems);
        problems.append(&mut reader.missing);
        let settings = (|| {
            Some(Self {
                octopus_url: octopus_url?,
                setter: setter?,
                stored,
                space: space?,
                environment: place,
                project: flags.project.clone(),
                runbook: flags.runbook.clone().unwrap_or_else(|| RUNBOOK.into()),
                machine_policy: told
                    .machine_policy
                    .clone()
                    .unwrap_or_else(|| MACHINE_POLICY.into()),
                scale_sets,
                resource_group,
                roles,
                subscription,
                every,
                guided_failure,
                template,
                parameters: parameters(flags),
                flags: told.clone(),
                tuning: draft.tuning,
                draft,
                dry_run_by,
                warnings: reader.warnings,
            })
        })();
        settings
            .filter(|_| problems.is_empty())
            .ok_or_else(|| Error::Settings(in_order(problems)))
    }

    /// Whether a flag allows it.
    #[must_use]
    pub fn allows(&self, consent: Consent) -> bool {
        self.flags.consents.contains(&consent)
    }
}

fn every(r: &mut Reader, told: Option<&str>) -> Option<u64> {
    let told = told?;
    let number = told.trim().parse().ok();
    let every = number.filter(|minutes| INTERVALS.contains(minutes));
    if every.is_none() {
        let choices = INTERVALS.map(|it| it.to_string()).join(", ");
        r.problem(
            "--every",
            format!("is '{told}'. It takes one of {choices}: minutes that divide an hour"),
        );
    }
    every
}

fn guided_failure(r: &mut Reader, told: Option<&str>) -> Option<GuidedFailurePlace> {
    let told = told?;
    let mut choices = GuidedFailurePlace::CHOICES.iter();
    let found = choices.find(|(word, _)| word.eq_ignore_ascii_case(told.trim()));
    if found.is_none() {
        r.problem(
            "--guided-failure",
            format!("is '{told}'. It takes environment or project"),
        );
    }
    found.map(|(_, place)| *place)
}

/// The step template, as a release has it or as Octopus exports it.
fn template(r: &mut Reader, path: Option<&Path>) -> Option<Value> {
    let path = path?;
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            r.problem("--template", format!("{shown} cannot be read: {error}"));
            return None;
        }
    };
    let read = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).ok();
    let has = |it: &Value, name: &str| {
        let parameters = it["Parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|it| it["Name"] == name)
    };
    // Another's would run at each time of the schedule, and never dry.
    let is_one = |it: &Value| {
        let texts = ["Name", "ActionType"];
        let script = it["Properties"]["Octopus.Action.Script.ScriptBody"].to_string();
        texts.iter().all(|name| it[*name].is_string())
            && script.contains(env!("CARGO_PKG_NAME"))
            && has(it, "VMSS.ScaleSet.Name")
            && has(it, "VMSS.DryRun")
    };
    let template = read.filter(is_one);
    if template.is_none() {
        r.problem(
            "--template",
            format!("{shown} is not this program's step template. Take octopus-scale-in.json of the release"),
        );
    }
    template
}

/// What the command line sets beside what the variables hold. A variable such as `VMSS_REMOVAL_LIMIT` is for runs by hand.
fn parameters(flags: &Flags) -> Vec<(&'static str, String)> {
    let of_step = PARAMETERS.iter().filter(|parameter| {
        let is_flag = matches!(parameter.flag, Flag::Short(..) | Flag::Named(_));
        // Who signs in by hand is nobody of the step's.
        let is_access = parameter.about == About::Access;
        is_flag
            && !is_access
            && parameter.name.starts_with("VMSS.")
            && !HELD.contains(&parameter.name)
    });
    let given = of_step.filter_map(|it| Some((it.name, flags.value(it.name)?.trim().to_owned())));
    given.collect()
}
