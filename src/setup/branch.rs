//! What a version-controlled project has on its default branch, and what the database has beside it.
//!
//! Source: octopus.com/docs, "Config as code reference"; github.com/OctopusDeploy/OctopusClients for the addresses of branches.

use super::document::{rows, same, text};
use super::site::SetupSite;
use crate::error::ServiceError;
use serde_json::Value;

/// The default branch, which is the one that schedules run.
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Whether only reviewed commits reach it.
    pub is_protected: bool,
}

impl Branch {
    /// The default branch of the project.
    pub fn of(site: &SetupSite<'_>) -> Result<Self, ServiceError> {
        let project = site.read(&["projects", &site.project.id])?;
        let settings = &project["PersistenceSettings"];
        let name = text(settings, "DefaultBranch").to_owned();
        let patterns = rows(settings, "ProtectedBranchNamePatterns").filter_map(Value::as_str);
        let mut patterns = patterns.map(|it| fits(it, &name));
        Ok(Self {
            is_protected: patterns.any(|fits| fits),
            name,
        })
    }

    /// As an address has it.
    pub fn reference(&self) -> String {
        match self.name.starts_with("refs/") {
            true => self.name.clone(),
            false => format!("refs/heads/{}", self.name),
        }
    }
}

/// Whether a name fits a pattern, in which a star stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && fits(after, &rest[at..]))
        }),
    }
}

/// The runbook as the default branch has it.
pub fn on_branch(site: &SetupSite<'_>, branch: &Branch) -> Result<Option<Value>, ServiceError> {
    let path = [
        "projects",
        &site.project.id,
        &branch.reference(),
        "runbooks",
    ];
    let all = site.list(&path, &[])?;
    Ok(all
        .into_iter()
        .find(|it| same(text(it, "Name"), &site.settings.runbook)))
}

/// The variables of the default branch, and with them the secrets, which the database has.
pub fn all_variables(site: &SetupSite<'_>) -> Result<Value, ServiceError> {
    let branch = Branch::of(site)?;
    let mut set = site.ask(&[
        "projects",
        &site.project.id,
        &branch.reference(),
        "variables",
    ])?;
    if let Some(secrets) = secrets(site)? {
        let all: Vec<Value> = rows(&set, "Variables")
            .chain(rows(&secrets, "Variables"))
            .cloned()
            .collect();
        set["Variables"] = all.into();
    }
    Ok(set)
}

/// Older servers refuse to show them by themselves.
pub fn secrets(site: &SetupSite<'_>) -> Result<Option<Value>, ServiceError> {
    match site.ask(&["projects", &site.project.id, "variables"]) {
        Err(error) if matches!(error.status(), Some(400 | 404 | 405)) => Ok(None),
        read => read.map(Some),
    }
}
