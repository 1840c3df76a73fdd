//! The Azure account and the worker pool that were named.
//!
//! Source: Octopus REST API reference, "Accounts" (an account that names environments may be used in these alone), "Worker pools".

use super::document::{lists, rows, text};
use super::site::{Chosen, SetupSite, named};
use crate::error::{Error, Problem, ServiceError};
use crate::spelling::names_of;
use serde_json::Value;

/// Which accounts sign in to Azure.
const KINDS: [&str; 2] = ["AzureServicePrincipal", "AzureOidc"];

/// Whether it signs in to Azure, and may be used in the environment, for no tenant.
pub fn is_usable(account: &Value, environment: &str) -> bool {
    let is_azures = KINDS.contains(&text(account, "AccountType"));
    let is_everywhere = rows(account, "EnvironmentIds").next().is_none();
    let is_here = is_everywhere || lists(account, "EnvironmentIds", environment);
    is_azures && is_here && text(account, "TenantedDeploymentParticipation") != "Tenanted"
}

/// The account that was named, which must be usable here.
pub fn account(site: &SetupSite<'_>, name: &str) -> Result<Chosen, Error> {
    let mut all = site.list(&["accounts"], &[])?;
    all.retain(|it| is_usable(it, &site.environment.id));
    let why = "signs in to Azure and may be used in this environment without a tenant";
    chosen(&named(&all), name, ("--azure-account", why))
}

/// All worker pools.
pub fn pools(site: &SetupSite<'_>) -> Result<Vec<Chosen>, ServiceError> {
    site.list(&["workerpools"], &[]).map(|all| named(&all))
}

/// The worker pool that was named, of all.
pub fn pool(all: &[Chosen], name: &str) -> Result<Chosen, Error> {
    chosen(
        all,
        name,
        ("--worker-pool", "is a worker pool of this space"),
    )
}

fn chosen(all: &[Chosen], name: &str, (flag, is): (&str, &str)) -> Result<Chosen, Error> {
    let is_it =
        |it: &&Chosen| it.name.eq_ignore_ascii_case(name) || it.id.eq_ignore_ascii_case(name);
    all.iter().find(is_it).cloned().ok_or_else(|| {
        let names = match all {
            [] => "your key sees none".to_owned(),
            all => format!(
                "there is {}",
                names_of(all.iter().map(|it| it.name.as_str()))
            ),
        };
        Error::Settings(vec![Problem {
            parameter: flag.to_owned(),
            what: format!("none of the name '{name}' {is}; {names}"),
        }])
    })
}
