//! Can it reach both servers? And are the space and the environment there?

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::SetUp;
use crate::clock::Difference;
use crate::error::{Problem, Service, ServiceError};
use crate::octopus::set_up::Greeting;
use std::time::SystemTime;

/// The first version of which it is documented that it tells all that decides whether a target is in use.
const ALL_ASKED: (u32, u32) = (2020, 5);

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = octopus(set_up);
    findings.extend(places(set_up));
    findings.extend(azure(set_up));
    findings
}

fn octopus(set_up: &SetUp) -> Vec<Finding> {
    let address = &set_up.address;
    match &set_up.octopus {
        Seen::Known(greeting) => {
            let clock = greeting.clock.map(|theirs| (theirs, set_up.now));
            let clock = self::clock(Id::OctopusClock, address, "Octopus", clock);
            [version(address, greeting), clock].into()
        }
        Seen::Refused(error) => vec![Finding::unreached(Id::Octopus, address, error)],
        Seen::NotAsked(_) => Vec::new(),
    }
}

fn version(address: &str, greeting: &Greeting) -> Finding {
    let found = format!("Octopus Server {}", greeting.version);
    let mut numbers = greeting.version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(year)), Some(Ok(line))) if (year, line) < ALL_ASKED => Finding::warn(
            Id::Octopus,
            address,
            format!("{found}, which may not tell which tasks use a target"),
            "Upgrade Octopus Server to 2020.5 or later; until then more targets wait than need to",
        ),
        _ => Finding::pass(Id::Octopus, address, found),
    }
}

/// Theirs and ours, at the same moment.
fn clock(id: Id, subject: &str, whose: &str, clock: Option<(SystemTime, SystemTime)>) -> Finding {
    let Some((theirs, ours)) = clock else {
        return Finding::warn(
            id,
            subject,
            format!("{whose} does not tell its time"),
            "Compare it with this machine's by hand",
        );
    };
    match Difference::between(ours, theirs) {
        None => Finding::pass(id, subject, "the clocks agree"),
        Some(difference) => Finding::warn(
            id,
            subject,
            format!("this machine's clock is {difference}, by {whose}'s"),
            "Set this machine's clock right; where the worker's is wrong too, tokens are refused and new machines look old",
        ),
    }
}

fn places(set_up: &SetUp) -> Vec<Finding> {
    let space = match &set_up.space {
        Seen::Known(id) => Some(Finding::pass(
            Id::Space,
            &set_up.space_told,
            format!("it is {id}"),
        )),
        Seen::Refused(error) => Some(Finding::missing(
            Id::Space,
            &set_up.space_told,
            error,
            "SpaceView",
        )),
        Seen::NotAsked(_) => None,
    };
    let told = &set_up.environment_told;
    let environment = match &set_up.environment {
        Seen::Known(it) => {
            let found = format!("it is {} ({})", it.name, it.id);
            Some(Finding::pass(Id::Environment, told, found))
        }
        Seen::Refused(error) => Some(Finding::missing(
            Id::Environment,
            told,
            error,
            "EnvironmentView",
        )),
        Seen::NotAsked(_) => None,
    };
    space.into_iter().chain(environment).collect()
}

/// Azure answers where it says anything itself of a scale set, be it that there is none.
fn azure(set_up: &SetUp) -> Vec<Finding> {
    const SUBJECT: &str = "Azure Resource Manager";
    let groups = &set_up.azure.groups;
    if set_up.draft.account.is_none() {
        let missing = set_up.draft.missing.iter();
        let missing: Vec<&str> = missing.filter_map(of_account).collect();
        let found = match missing[..] {
            [] => "not asked: who signs in is not known".to_owned(),
            _ => format!("not asked: {} not set", are(&missing)),
        };
        let action = "Set AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_SUBSCRIPTION_ID to those of the Azure account, or sign in with az login and add --azure-credential AzureCli";
        return vec![Finding::warn(Id::Azure, SUBJECT, found, action)];
    }
    let Some((_, first)) = groups.first() else {
        return Vec::new();
    };
    let silent = groups.iter().find_map(|(_, group)| match group {
        Seen::Refused(error) if !is_azures_own(error) => Some(error),
        Seen::Known(_) | Seen::Refused(_) | Seen::NotAsked(_) => None,
    });
    match (silent, first) {
        (Some(error), _) => vec![Finding::unreached(Id::Azure, SUBJECT, error)],
        (None, Seen::NotAsked(NotAsked::AlreadySaid)) => Vec::new(),
        (None, _) => {
            let clock = set_up.azure.clock.map(|it| (it.theirs, it.ours));
            let answers = Finding::pass(Id::Azure, SUBJECT, "it answers, and takes the credential");
            let clock = clock.map(|it| self::clock(Id::AzureClock, SUBJECT, "Azure", Some(it)));
            std::iter::once(answers).chain(clock).collect()
        }
    }
}

/// What a run lacks of the account.
fn of_account(problem: &Problem) -> Option<&str> {
    let name = problem.parameter.as_str();
    let is = name.starts_with("AZURE_")
        || name.contains("azure-account")
        || name.contains("AZURE_ACCOUNT");
    is.then_some(name)
}

fn are(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

/// Azure itself says no, or that there is no such thing: it was reached.
pub(super) fn is_azures_own(error: &ServiceError) -> bool {
    error.service == Service::Azure && matches!(error.status(), Some(403 | 404))
}
