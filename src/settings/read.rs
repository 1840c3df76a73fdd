//! Reads every parameter, in the order of the contract.

use super::reader::{Environment, Reader, is_unresolved};
use super::values::{
    BusyTargets, Caller, CallerKind, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling,
    HealthyTargets, ProblemHandling, Redeployments, ReferencedTargets, Settings, TimeoutHandling,
    Tuning,
};
use super::{account, known, server};
use crate::azure::ScaleSetId;
use crate::error::{Error, Problem};
use crate::http::RequestTimes;
use crate::octopus::{DryRun, Tenant};
use crate::reconcile::plan::{Limit, OwnedOnly, RemovalAction, Rules};
use crate::secret::{SECRET_VARIABLES, Secret};
use std::path::PathBuf;
use std::time::Duration;

impl Settings {
    /// The same, with a file that the report is to be written to.
    ///
    /// # Errors
    /// [`Error::Settings`] where its name does not say in which form.
    pub fn with_report(self, report: Option<PathBuf>) -> Result<Self, Error> {
        let forms = ["html", "json"];
        let named = |path: &PathBuf| {
            let ending = path.extension();
            forms
                .iter()
                .any(|form| ending.is_some_and(|it| it.eq_ignore_ascii_case(form)))
        };
        match report {
            Some(path) if !named(&path) => Err(Error::Settings(vec![Problem {
                parameter: "--report".into(),
                what: format!(
                    "{} is neither HTML nor JSON by its name; name a file that ends with .html or .json",
                    path.display()
                ),
            }])),
            report => Ok(Self { report, ..self }),
        }
    }

    /// Reads the environment. `dry_run` is the command line's word, which wins.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem.
    pub fn read(environment: &Environment, dry_run: DryRun) -> Result<Self, Error> {
        hold_secrets(environment);
        let mut reader = Reader::new(environment);
        let r = &mut reader;
        let caller = caller(r);
        let by_hand = caller.task.is_none();
        let (account, subscription) = account::read(r, by_hand);
        let scale_sets = scale_sets(r, subscription);
        let octopus_url = server::url(r, by_hand);
        let octopus_key = server::key(r, by_hand);
        let space = server::space(r, by_hand);
        let environment = server::place(r, "Octopus.Environment.Id", "Environments-1");
        let roles = roles(r);
        let tenant = tenant(r);
        let rules = rules(r);
        let limit = limit(r);
        let (busy_targets, referenced_targets) = (busy_targets(r), referenced_targets(r));
        let (healthy_targets, test_timeout) = (healthy_targets(r), test_timeout(r));
        let problem_handling = problem_handling(r, caller.kind);
        let settle_timeout = r.minutes("VMSS.Timeout.Value", 30.0);
        let timeout_handling = r.choice(
            "VMSS.Timeout.ErrorHandle",
            &TimeoutHandling::CHOICES,
            TimeoutHandling::Proceed,
        );
        let registration_timeout = r.minutes("VMSS.Registration.TimeoutInMinutes", 0.0);
        let redeployments = redeployments(r);
        let guided_failures = r.choice(
            "VMSS.GuidedFailure.Handle",
            &GuidedFailureHandling::CHOICES,
            GuidedFailureHandling::None,
        );
        let dry_run = read_dry_run(r, dry_run);
        let tuning = tuning(r);
        known::refuse_strangers(r);
        let Reader {
            problems, warnings, ..
        } = reader;
        // A value is missing only if the reader knows of a problem with it.
        let settings = (|| {
            Some(Self {
                scale_sets: scale_sets?,
                account: account?,
                octopus_url: octopus_url?,
                octopus_key: octopus_key?,
                space: space?,
                environment: environment?,
                roles: roles?,
                tenant,
                rules,
                limit,
                busy_targets,
                referenced_targets,
                healthy_targets,
                test_timeout,
                problem_handling,
                settle_timeout,
                timeout_handling,
                registration_timeout,
                redeployments,
                guided_failures,
                dry_run,
                report: None,
                caller,
                tuning,
                warnings,
            })
        })();
        settings
            .filter(|_| problems.is_empty())
            .ok_or_else(|| Error::Settings(in_order(problems)))
    }
}

/// Before anything is said about any parameter: a key may stand in the wrong place as well.
fn hold_secrets(environment: &Environment) {
    let values = SECRET_VARIABLES
        .iter()
        .filter_map(|name| environment.get(*name));
    values
        .filter(|value| !is_unresolved(value))
        .for_each(|value| drop(Secret::new(value)));
}

/// Problems of one parameter side by side, each said once.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
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

fn scale_sets(r: &mut Reader, subscription: Option<&str>) -> Option<Vec<ScaleSetId>> {
    const NAME: &str = "VMSS.ScaleSet.Name";
    let group = r.text("VMSS.ResourceGroup.Name");
    let text = r.required(NAME, "todo-web, or rg-blue/todo-web, rg-green/todo-web")?;
    let mut ids: Vec<ScaleSetId> = Vec::new();
    let mut complete = true;
    for entry in Reader::list(text) {
        match ScaleSetId::parse(&entry, subscription, group) {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(missing) => {
                complete = false;
                for missing in missing {
                    r.problem(missing.parameter(), missing.explain(&entry));
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
    let id = r.text("Octopus.Deployment.Tenant.Id")?;
    Some(Tenant {
        id: id.to_owned(),
        tags: Reader::list(tags),
    })
}

fn rules(r: &mut Reader) -> Rules {
    let action = r.choice(
        "VMSS.Removal.Action",
        &[
            ("Delete", RemovalAction::Delete),
            ("Disable", RemovalAction::Disable),
        ],
        RemovalAction::Delete,
    );
    let owned_only = r.choice(
        "VMSS.Removal.OwnedOnly",
        &[("Yes", OwnedOnly::Yes), ("No", OwnedOnly::No)],
        OwnedOnly::Yes,
    );
    Rules { action, owned_only }
}

fn limit(r: &mut Reader) -> Limit {
    const NAME: &str = "VMSS.Removal.Limit";
    let Some(value) = r.text(NAME) else {
        return Limit::Count(100);
    };
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
        r.problem(NAME, format!("is '{value}'. It takes a whole number such as 100, or a whole percentage from 0% to 100% such as 50%"));
        Limit::Count(0)
    })
}

fn busy_targets(r: &mut Reader) -> BusyTargets {
    let (name, default) = ("VMSS.BusyTargets.Handle", BusyTargets::Defer);
    r.choice(name, &BusyTargets::CHOICES, default)
}

fn referenced_targets(r: &mut Reader) -> ReferencedTargets {
    let (name, default) = ("VMSS.ReferencedTargets.Handle", ReferencedTargets::Hold);
    r.choice(name, &ReferencedTargets::CHOICES, default)
}

fn healthy_targets(r: &mut Reader) -> HealthyTargets {
    let (name, default) = ("VMSS.Healthy.Handle", HealthyTargets::Check);
    r.choice(name, &HealthyTargets::CHOICES, default)
}

/// The longest that a test of connections may take, in minutes: what issued the run's tokens lets them end soon after.
const LONGEST_TEST: f64 = 14.0;

fn test_timeout(r: &mut Reader) -> Duration {
    const NAME: &str = "VMSS.Healthy.TimeoutInMinutes";
    let timeout = r.minutes(NAME, 5.0);
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
    let choices = [
        ("Auto", auto),
        ("Fail", ProblemHandling::Fail),
        ("Warn", ProblemHandling::Warn),
    ];
    r.choice("VMSS.Problem.Handle", &choices, auto)
}

/// Every phase ends within this, in seconds, whatever servers do.
const LONGEST_PHASE: f64 = 900.0;

fn tuning(r: &mut Reader) -> Tuning {
    let tuning = Tuning {
        poll: r.seconds("VMSS_POLL_SECONDS", 10.0),
        confirm: r.seconds("VMSS_CONFIRM_SECONDS", 10.0),
        phase: r.seconds("VMSS_PHASE_SECONDS", LONGEST_PHASE),
        requests: RequestTimes {
            request: r.seconds("VMSS_REQUEST_SECONDS", 30.0),
            retry: r.seconds("VMSS_RETRY_SECONDS", 120.0),
        },
    };
    if tuning.phase.as_secs_f64() > LONGEST_PHASE {
        r.problem(
            "VMSS_PHASE_SECONDS",
            format!("is more than {LONGEST_PHASE}, the longest that a phase may take"),
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

fn read_dry_run(r: &mut Reader, of_command_line: DryRun) -> DryRun {
    let choices = [("Yes", DryRun::Yes), ("No", DryRun::No)];
    match (
        of_command_line,
        r.choice("VMSS.DryRun", &choices, DryRun::No),
    ) {
        (DryRun::No, DryRun::No) => DryRun::No,
        _ => DryRun::Yes,
    }
}

fn redeployments(r: &mut Reader) -> Redeployments {
    Redeployments {
        window: r.minutes("VMSS.Duplicate.TimeInMinutes", 3.0),
        duplicates: r.choice(
            "VMSS.Duplicate.Handle",
            &DuplicateHandling::CHOICES,
            DuplicateHandling::Proceed,
        ),
        old_servers: r.choice(
            "VMSS.OldServers.ExcludeFromOutput",
            &ExcludeOldServers::CHOICES,
            ExcludeOldServers::No,
        ),
    }
}
