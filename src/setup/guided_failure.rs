//! Guided failure on the environment or the project: only where somebody asks for it, and last, since it changes other people's
//! deployments.
//!
//! Source: Octopus REST API reference, "Environments", "Deployment settings".

use super::document::Edit;
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::site::SetupSite;
use crate::error::ServiceError;
use crate::settings::GuidedFailurePlace;

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    match site.settings.guided_failure {
        None => Ok(Proposal::default()),
        Some(GuidedFailurePlace::Environment) => of_environment(site),
        Some(GuidedFailurePlace::Project) if site.project.in_git => Ok(in_git(site)),
        Some(GuidedFailurePlace::Project) => of_project(site),
    }
}

fn of_environment(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let path = ["environments", site.environment.id.as_str()];
    let mut edit = Edit::of(site.read(&path)?);
    edit.set("guided failure", &["UseGuidedFailure"], true.into());
    let subject = format!("environment \"{}\"", site.environment.name);
    Ok(Proposal::correct(
        SetupPart::GuidedFailure,
        &subject,
        &path,
        edit,
        May::Yes,
    ))
}

fn of_project(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let settings = ["projects", site.project.id.as_str(), "deploymentsettings"];
    // Servers of 2020 keep it with the project itself.
    let (path, is) = match site.ask(&settings) {
        Err(error) if error.is_unknown_question() => (&settings[..2], site.read(&settings[..2])?),
        read => (&settings[..], read?),
    };
    let mut edit = Edit::of(is);
    edit.set("guided failure", &["DefaultGuidedFailureMode"], "On".into());
    let subject = subject(site);
    Ok(Proposal::correct(
        SetupPart::GuidedFailure,
        &subject,
        path,
        edit,
        May::Yes,
    ))
}

fn subject(site: &SetupSite<'_>) -> String {
    format!("deployments of project \"{}\"", site.project.name)
}

fn in_git(site: &SetupSite<'_>) -> Proposal {
    let note = "its settings are kept in Git. Commit to the default branch, in .octopus/deployment_settings.ocl: default_guided_failure_mode = \"On\"";
    Proposal::of(PlanLine::new(
        SetupPart::GuidedFailure,
        Sign::ByHand,
        subject(site),
        note,
    ))
}
