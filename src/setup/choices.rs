//! What was not told, what there is to choose from, and the whole command to type next.

use super::document::text;
use super::part::SetupPart;
use super::site::SetupSite;
use super::template;
use super::variables;
use crate::azure::Azure;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::{DryRun, Octopus};
use crate::settings::{PARAMETERS, Parameter, RUNBOOK, SetupMode, SetupSettings};
use crate::spelling::names_of;
use serde_json::{Map, Value};

const TEMPLATE: &str = "--template";

/// Something that was not told.
#[derive(Debug)]
pub struct Untold {
    /// The flag that tells it.
    pub flag: &'static str,
    /// What there is.
    pub found: Vec<String>,
    /// What to do where there is nothing.
    pub otherwise: &'static str,
}

impl Untold {
    /// For people.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.found[..] {
            [] => format!("{}: {}", self.flag, self.otherwise),
            found => format!(
                "{}: one of {}",
                self.flag,
                names_of(found.iter().map(String::as_str))
            ),
        }
    }
}

/// Of the space: what has to be known before anything else.
pub fn of_space(
    settings: &SetupSettings,
    octopus: &Octopus,
    deadline: Deadline,
) -> Result<Vec<Untold>, ServiceError> {
    let mut missing = Vec::new();
    for (told, flag, list) in [
        (&settings.project, "--project", "projects"),
        (&settings.environment, "--environment", "environments"),
    ] {
        if told.is_none() {
            missing.push(Untold {
                flag,
                found: names(octopus, list, &|_| true, deadline)?,
                otherwise: "there is none that your key may see",
            });
        }
    }
    Ok(missing)
}

/// Of the project: what its variables do not say yet.
pub fn of_project(site: &SetupSite<'_>) -> Result<Vec<Untold>, ServiceError> {
    let told = site.settings;
    // Who may not see them is told so with the plan.
    let is_blind = site.is_blind_to(SetupPart::Variables).is_some();
    let lacks = |name| match is_blind {
        true => Ok(false),
        false => variables::is_there(site, name).map(|is_there| !is_there),
    };
    let mut missing = Vec::new();
    if told.scale_sets.is_none() && lacks(variables::SCALE_SETS)? {
        missing.push(Untold {
            flag: "--scale-set",
            found: scale_sets(site, |it| it.1),
            otherwise: "the scale set's name. Its names are found where Azure may be asked: az login, and --azure-credential AzureCli",
        });
    }
    if told.resource_group.is_none() && lacks(variables::RESOURCE_GROUP)? {
        missing.push(Untold {
            flag: "--resource-group",
            found: scale_sets(site, |it| it.0),
            otherwise: "the resource group of the scale set",
        });
    }
    if told.roles.is_none() && lacks(variables::ROLES)? {
        let (_, tags) = site
            .octopus
            .targets(&site.environment.id, &[], None, site.until())?;
        missing.push(Untold {
            flag: "--role",
            found: tags.carried.into_iter().collect(),
            otherwise: "the target tags that only this scale set's targets carry",
        });
    }
    if site.account.is_none() && lacks(variables::ACCOUNT)? {
        missing.push(Untold {
            flag: "--azure-account",
            found: accounts(site)?,
            otherwise: "there is no Azure account that may be used here. Make one: Deploy > Manage > Accounts",
        });
    }
    // Alone it is a line of the plan.
    if !missing.is_empty() && lacks_template(site)? {
        missing.push(Untold {
            flag: TEMPLATE,
            found: Vec::new(),
            otherwise: template::NO_FILE,
        });
    }
    Ok(missing)
}

fn lacks_template(site: &SetupSite<'_>) -> Result<bool, ServiceError> {
    let part = SetupPart::Template;
    let is_seen = site.does(part) && site.is_blind_to(part).is_none();
    Ok(is_seen && template::look(site)?.wanted().is_none())
}

/// Resource groups and names, each once. To help with a choice, so that who may not ask Azure chooses without.
fn scale_sets(site: &SetupSite<'_>, part: impl Fn((String, String)) -> String) -> Vec<String> {
    let subscription = site.settings.subscription.as_deref();
    let asked = site.settings.draft.account.as_ref().zip(subscription);
    let listed = asked.and_then(|(account, subscription)| {
        let azure = Azure::connect(account, &site.http).ok()?;
        azure.scale_sets_in(subscription, site.until()).ok()
    });
    let sets = listed.unwrap_or_default().into_iter();
    let mut found: Vec<String> = sets.map(|it| part((it.group, it.name))).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Of Azure, and for this environment.
fn accounts(site: &SetupSite<'_>) -> Result<Vec<String>, ServiceError> {
    let environment = site.environment.id.as_str();
    names(
        &site.octopus,
        "accounts",
        &|it| super::account::is_usable(it, environment),
        site.until(),
    )
}

fn names(
    octopus: &Octopus,
    list: &str,
    is_one: &dyn Fn(&Value) -> bool,
    deadline: Deadline,
) -> Result<Vec<String>, ServiceError> {
    fn id(row: &Map<String, Value>) -> &str {
        row.get("Id").and_then(Value::as_str).unwrap_or_default()
    }
    let attempted = format!("list the {list} to choose from");
    let listed = octopus.list((&[list], &[]), &attempted, id, Value::Object, deadline)?;
    let ones = listed.rows.iter().filter(|row| is_one(row));
    Ok(ones.map(|row| text(row, "Name").to_owned()).collect())
}

/// What stands in the command for something that was not told.
fn stand_in(missing: &Untold) -> &str {
    match &missing.found[..] {
        [only] => only,
        _ if missing.flag == TEMPLATE => template::FILE,
        _ => "NAME",
    }
}

/// The whole command: what was told, and a place for what is missing.
pub fn command(settings: &SetupSettings, missing: &[Untold]) -> String {
    let file = settings.flags.template.as_ref();
    let file = file.map(|it| it.display().to_string());
    let told = [
        ("--space", Some(settings.space.as_str())),
        ("--project", settings.project.as_deref()),
        ("--environment", settings.environment.as_deref()),
        ("--scale-set", settings.scale_sets.as_deref()),
        ("--resource-group", settings.resource_group.as_deref()),
        ("--role", settings.roles.as_deref()),
        ("--azure-account", settings.flags.azure_account.as_deref()),
        ("--worker-pool", settings.flags.worker_pool.as_deref()),
        (TEMPLATE, file.as_deref()),
    ];
    let mut words = vec!["octopus-scale-in setup".to_owned()];
    for (flag, value) in told {
        let missing = missing.iter().find(|it| it.flag == flag);
        let value = match (value, missing) {
            (Some(value), _) => value,
            (None, Some(missing)) => stand_in(missing),
            (None, None) => continue,
        };
        words.push(format!("{flag} {}", quoted(value)));
    }
    words.extend(told_besides(settings));
    words.join(" ")
}

/// Everything else that was told.
fn told_besides(settings: &SetupSettings) -> Vec<String> {
    let flags = &settings.flags;
    let mut told: Vec<(String, Option<String>)> = Vec::new();
    let mut tell = |flag: &str, value: Option<String>| told.push((flag.to_owned(), value));
    tell(
        "--runbook",
        Some(settings.runbook.clone()).filter(|it| it != RUNBOOK),
    );
    tell("--machine-policy", flags.machine_policy.clone());
    tell("--every", flags.every.clone());
    tell("--guided-failure", flags.guided_failure.clone());
    for (flag, values) in [
        ("--adopt", &flags.adopted),
        ("--replace", &flags.replaced),
        ("--only", &flags.only),
        ("--skip", &flags.skip),
    ] {
        values.iter().for_each(|it| tell(flag, Some(it.clone())));
    }
    for (name, value) in &settings.parameters {
        let mut all = PARAMETERS.iter().filter(|it| it.name == *name);
        let flag = all
            .next()
            .map(Parameter::called_by_hand)
            .unwrap_or_default();
        tell(&flag, Some(value.clone()));
    }
    let given = told.into_iter();
    let given = given.filter_map(|(flag, value)| Some(format!("{flag} {}", quoted(&value?))));
    let switches = flags.consents.iter().map(|it| it.flag());
    let dry = matches!(settings.draft.dry_run, DryRun::Yes).then_some("--dry-run");
    let mode = match flags.mode {
        SetupMode::Plan => None,
        SetupMode::Apply => Some("--apply"),
        SetupMode::GoLive => Some("--go-live"),
    };
    given
        .chain(switches.chain(mode).chain(dry).map(str::to_owned))
        .collect()
}

/// As a shell takes it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.,/:".contains(c);
    match value {
        _ if !value.is_empty() && value.chars().all(is_plain) => value.to_owned(),
        // Nothing means anything between these, in the shells of Unix and in PowerShell.
        _ if !value.contains('\'') => format!("'{value}'"),
        _ => format!("\"{value}\""),
    }
}
