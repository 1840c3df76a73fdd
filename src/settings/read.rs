//! Reads every parameter, in the order of the contract.

use super::account::Subscription;
use super::draft::Draft;
use super::flags::{Flags, OUTPUT_FORMAT};
use super::parameters::Flag;
use super::reader::{Environment, Place, Reader, is_unresolved};
use super::values::{
    BusyTargets, Caller, CallerKind, DryRunExit, DuplicateHandling, ExcludeOldServers,
    GuidedFailureHandling, HealthyTargets, OWNED_ONLY, PROBLEMS, ProblemHandling, REMOVAL_ACTIONS,
    Redeployments, ReferencedTargets, Settings, TimeoutHandling, Tuning, YES_OR_NO,
};
use super::{account, known, server};
use crate::azure::{Account, Azure, ScaleSetId};
use crate::console::ResultForm;
use crate::error::{Error, Problem};
use crate::http::{Http, RequestTimes};
use crate::octopus::{DryRun, Tenant};
use crate::reconcile::plan::{Limit, Rules};
use crate::secret::{SECRET_VARIABLES, Secret};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

impl Settings {
    /// Reads the environment, and the command line, which wins.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem, those included that only the clients find.
    pub fn read(environment: &Environment, flags: &Flags) -> Result<Self, Error> {
        let mut draft = Draft::read(environment, flags);
        let mut problems = std::mem::take(&mut draft.problems);
        problems.append(&mut draft.missing);
        if !problems.is_empty() {
            problems.extend(of_clients(draft.account.as_ref(), draft.tuning.requests));
        }
        // A value is missing only if the reader knows of a problem with it.
        let settings = draft.into_settings(flags);
        settings
            .filter(|_| problems.is_empty())
            .ok_or_else(|| Error::Settings(in_order(problems)))
    }
}

impl Draft {
    /// Reads the environment, and the command line, which wins.
    #[must_use]
    pub fn read(environment: &Environment, flags: &Flags) -> Self {
        hold_secrets(environment);
        let mut reader = Reader::new(environment, flags);
        let r = &mut reader;
        let caller = caller(r);
        let by_hand = r.place == Place::ByHand;
        let (account, subscription) = account::read(r, by_hand);
        let scale_sets = scale_sets(r, &subscription);
        let dry_run = r.choice("VMSS.DryRun", &YES_OR_NO);
        command_line(r, flags, dry_run);
        let mut draft = Self {
            account,
            scale_sets,
            octopus_url: server::url(r, by_hand),
            octopus_key: server::key(r, by_hand),
            space: server::space(r, by_hand),
            environment: server::environment(r, by_hand),
            roles: roles(r),
            tenant: tenant(r),
            rules: rules(r),
            limit: limit(r),
            busy_targets: r.choice("VMSS.BusyTargets.Handle", &BusyTargets::CHOICES),
            referenced_targets: r
                .choice("VMSS.ReferencedTargets.Handle", &ReferencedTargets::CHOICES),
            healthy_targets: r.choice("VMSS.Healthy.Handle", &HealthyTargets::CHOICES),
            test_timeout: test_timeout(r),
            problem_handling: problem_handling(r, caller.kind),
            settle_timeout: r.minutes("VMSS.Timeout.Value"),
            timeout_handling: r.choice("VMSS.Timeout.ErrorHandle", &TimeoutHandling::CHOICES),
            registration_timeout: r.minutes("VMSS.Registration.TimeoutInMinutes"),
            redeployments: redeployments(r),
            guided_failures: r.choice("VMSS.GuidedFailure.Handle", &GuidedFailureHandling::CHOICES),
            dry_run,
            caller,
            tuning: tuning(r),
            problems: Vec::new(),
            missing: Vec::new(),
            warnings: Vec::new(),
        };
        known::refuse_strangers(r);
        draft.problems = reader.problems;
        draft.missing = reader.missing;
        draft.warnings = reader.warnings;
        draft
    }
}

/// What only the clients find. Where nothing else is wrong, they say it themselves.
fn of_clients(account: Option<&Account>, times: RequestTimes) -> Vec<Problem> {
    match Http::new(times) {
        Ok(http) => {
            let connected = account.map(|account| Azure::connect(account, &Arc::new(http)));
            connected.and_then(Result::err).into_iter().collect()
        }
        Err(Error::Settings(problems)) => problems,
        Err(_) => Vec::new(),
    }
}

/// What the command line says and no variable does.
pub(super) fn command_line(r: &mut Reader, flags: &Flags, dry_run: DryRun) {
    for flag in flags.empty() {
        r.problem(flag, "is empty. Give it a value, or take it away");
    }
    for (flag, parameter) in &flags.refused {
        match parameter.flag {
            Flag::Secret(_, variable) => r.problem(
                flag,
                format!("is no flag, because everybody on this machine can see it. Set the variable {variable} instead, and replace the secret, if you gave it here"),
            ),
            Flag::Pointless(_, instead) => r.problem(
                flag,
                format!("is no flag: outside of Octopus nobody knows the account. Set {instead}"),
            ),
            Flag::Short(..) | Flag::Named(_) => {}
        }
    }
    if (flags.dry_run_exit, dry_run) == (DryRunExit::Telling, DryRun::No) {
        r.problem("--exit-code", "is for dry runs. Add --dry-run");
    }
    let form = r.choice(OUTPUT_FORMAT, &ResultForm::CHOICES);
    if (form, r.place) == (ResultForm::Document, Place::Octopus) {
        r.problem(
            OUTPUT_FORMAT,
            "is for runs by hand: inside Octopus standard output holds the log. The report has the same as JSON",
        );
    }
    if let Some(report) = &flags.report {
        let ending = report.extension().and_then(|it| it.to_str());
        let folder = report.parent().filter(|it| !it.as_os_str().is_empty());
        if report.is_dir() || folder.is_some_and(|it| !it.is_dir()) {
            let report = report.display();
            r.problem(
                "--report",
                format!("is '{report}', which cannot be written: it is a folder, or its folder does not exist. Name another file"),
            );
        }
        if !ending.is_some_and(|it| ["html", "json"].contains(&it.to_ascii_lowercase().as_str())) {
            let report = report.display();
            r.problem(
                "--report",
                format!("is '{report}'. It takes a file that ends in .html or .json"),
            );
        }
    }
}

/// Before anything is said about any parameter: a key may stand in the wrong place as well.
pub fn hold_secrets(environment: &Environment) {
    let values = SECRET_VARIABLES
        .iter()
        .filter_map(|name| environment.get(*name));
    values
        .filter(|value| !is_unresolved(value))
        .for_each(|value| drop(Secret::new(value)));
}

/// Keys that somebody typed among the arguments: they are not to be said again. Source: Octopus's keys are `API-` and capitals
/// and digits.
pub fn hold_keys(arguments: &[OsString]) {
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let Some((_, rest)) = argument.split_once("API-") else {
            continue;
        };
        let is_key = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let key: String = rest.chars().take_while(|c| is_key(*c)).collect();
        if key.len() >= SHORTEST_KEY {
            drop(Secret::new(format!("API-{key}")));
        }
    }
}

/// Real ones have 25 or more.
const SHORTEST_KEY: usize = 16;

/// Problems of one parameter side by side, each said once.
pub(super) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| a.parameter.cmp(&b.parameter));
    problems.dedup();
    problems
}

fn caller(r: &mut Reader) -> Caller {
    if r.text("Octopus.Machine.Id").is_some() {
        r.problem(
            "Octopus.Machine.Id",
            "is set, so the step runs once on every deployment target, on the very machines that vanish. In the step, set Execution Location to 'Run once on a worker' or 'Run once on the Octopus Server'",
        );
    }
    let task = r.text("Octopus.Task.Id").map(str::to_owned);
    let runbook_run = r.text("Octopus.RunbookRun.Id");
    let deployment = r.text("Octopus.Deployment.Id");
    let (kind, document) = match (runbook_run, deployment) {
        (Some(id), _) => (CallerKind::RunbookRun, Some(id)),
        (None, Some(id)) => (CallerKind::Deployment, Some(id)),
        (None, None) => (CallerKind::Terminal, None),
    };
    Caller {
        task,
        kind,
        document: document.map(str::to_owned),
        trigger: r.text("Octopus.Deployment.Trigger.Id").map(str::to_owned),
        step: r.text("Octopus.Step.Name").unwrap_or_default().to_owned(),
    }
}

fn scale_sets(r: &mut Reader, subscription: &Subscription<'_>) -> Option<Vec<ScaleSetId>> {
    const NAME: &str = "VMSS.ScaleSet.Name";
    let group = r.text("VMSS.ResourceGroup.Name");
    let Some(text) = r.required(NAME, "todo-web, or rg-blue/todo-web, rg-green/todo-web") else {
        miss_what_names_need(r, subscription);
        return None;
    };
    let mut ids: Vec<ScaleSetId> = Vec::new();
    let mut complete = true;
    for entry in Reader::list(text) {
        match ScaleSetId::parse(&entry, subscription.id, group) {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(missing) => {
                complete = false;
                for missing in missing {
                    let setting = match missing.parameter() {
                        account::SUBSCRIPTION => subscription.setting,
                        other => other,
                    };
                    r.problem(setting, missing.explain(&entry));
                }
            }
        }
    }
    if ids.is_empty() && complete {
        r.missing(NAME, "todo-web");
        return None;
    }
    complete.then_some(ids)
}

/// What a scale set's name will need, where it is yet to be given: nobody should learn of that in the next run.
fn miss_what_names_need(r: &mut Reader, subscription: &Subscription<'_>) {
    let needed = [
        ("VMSS.ResourceGroup.Name", "rg-todo-production"),
        (subscription.setting, "5c5c5c5c-0000-4000-8000-000000000000"),
    ];
    for (setting, example) in needed {
        if r.raw(setting).is_none() {
            let example = format!("{example}; a scale set's full resource id holds it, too");
            r.missing(setting, &example);
        }
    }
}

fn roles(r: &mut Reader) -> Option<Vec<String>> {
    const NAME: &str = "VMSS.DeploymentTarget.Roles";
    const EXAMPLE: &str = "azure-todo-web-server,vmss-scale-set-todo-web";
    let roles = Reader::list(r.required(NAME, EXAMPLE)?);
    if roles.is_empty() {
        r.missing(NAME, EXAMPLE);
        return None;
    }
    Some(roles)
}

fn tenant(r: &mut Reader) -> Option<Tenant> {
    let tags = r.text("Octopus.Deployment.Tenant.Tags").unwrap_or_default();
    const NAME: &str = "Octopus.Deployment.Tenant.Id";
    let id = r.text(NAME)?;
    if r.place == Place::ByHand && !id.starts_with("Tenants-") {
        r.problem(NAME, format!("is '{id}'. It takes an id such as Tenants-7, which the address of the tenant's page in Octopus holds"));
    }
    Some(Tenant {
        id: id.to_owned(),
        tags: Reader::list(tags),
    })
}

fn rules(r: &mut Reader) -> Rules {
    Rules {
        action: r.choice("VMSS.Removal.Action", &REMOVAL_ACTIONS),
        owned_only: r.choice("VMSS.Removal.OwnedOnly", &OWNED_ONLY),
    }
}

fn limit(r: &mut Reader) -> Limit {
    const NAME: &str = "VMSS.Removal.Limit";
    let value = r.text_or_default(NAME).unwrap_or_default();
    let limit = match value.strip_suffix('%') {
        Some(percent) => percent
            .trim()
            .parse()
            .ok()
            .filter(|p| *p <= 100)
            .map(Limit::Percent),
        None => value.parse().ok().map(Limit::Count),
    };
    limit.unwrap_or_else(|| {
        // An empty one was a problem already.
        if value.is_empty() {
            return Limit::Count(0);
        }
        r.problem(NAME, format!("is '{value}'. It takes a whole number such as 100, or a whole percentage from 0% to 100% such as 50%"));
        Limit::Count(0)
    })
}

/// The longest that a test of connections may take, in minutes: what issued the run's tokens lets them end soon after.
const LONGEST_TEST: f64 = 14.0;

fn test_timeout(r: &mut Reader) -> Duration {
    const NAME: &str = "VMSS.Healthy.TimeoutInMinutes";
    let timeout = r.minutes(NAME);
    if timeout.as_secs_f64() > LONGEST_TEST * 60.0 {
        r.problem(
            NAME,
            format!("is more than {LONGEST_TEST}, the longest that a test of connections may take. Example: 5"),
        );
    }
    timeout
}

/// `Auto`: old registrations must not stop a deployment.
fn problem_handling(r: &mut Reader, kind: CallerKind) -> ProblemHandling {
    let auto = match kind {
        CallerKind::Deployment => ProblemHandling::Warn,
        CallerKind::RunbookRun | CallerKind::Terminal => ProblemHandling::Fail,
    };
    let chosen = r.choice("VMSS.Problem.Handle", &PROBLEMS);
    chosen.unwrap_or(auto)
}

/// Every phase ends within this, in seconds, whatever servers do.
const LONGEST_PHASE: f64 = 900.0;

pub(super) fn tuning(r: &mut Reader) -> Tuning {
    let tuning = Tuning {
        poll: r.seconds("VMSS_POLL_SECONDS", "10"),
        confirm: r.seconds("VMSS_CONFIRM_SECONDS", "10"),
        phase: r.seconds("VMSS_PHASE_SECONDS", "900"),
        requests: RequestTimes {
            request: r.seconds("VMSS_REQUEST_SECONDS", "30"),
            retry: r.seconds("VMSS_RETRY_SECONDS", "120"),
        },
    };
    if tuning.phase.as_secs_f64() > LONGEST_PHASE {
        r.problem(
            "VMSS_PHASE_SECONDS",
            format!("is more than {LONGEST_PHASE}, the longest that a phase may take. Example: {LONGEST_PHASE}"),
        );
    }
    if tuning.requests.request.is_zero()
        && !r
            .problems
            .iter()
            .any(|p| p.parameter == "VMSS_REQUEST_SECONDS")
    {
        r.problem(
            "VMSS_REQUEST_SECONDS",
            "is 0: no request could ever be answered. Example: 30",
        );
    }
    tuning
}

fn redeployments(r: &mut Reader) -> Redeployments {
    Redeployments {
        window: r.minutes("VMSS.Duplicate.TimeInMinutes"),
        duplicates: r.choice("VMSS.Duplicate.Handle", &DuplicateHandling::CHOICES),
        old_servers: r.choice(
            "VMSS.OldServers.ExcludeFromOutput",
            &ExcludeOldServers::CHOICES,
        ),
    }
}
