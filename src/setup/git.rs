//! What a version-controlled project keeps on a branch is printed for a commit, and the rest is done. Each thing by itself: runbooks
//! may be in the database while variables are in Git.
//!
//! Source: octopus.com/docs, "Config as code reference", "OCL file format". Triggers and secrets are in the database always; a
//! schedule runs the latest commit of the default branch, and nothing is published.

use super::document::{Edit, rows, same, text};
use super::ocl;
use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign, Write, owned};
use super::runbook;
use super::schedule;
use super::site::{NEW, SetupSite};
use super::step;
use super::template;
use super::variables;
use crate::error::ServiceError;
use serde_json::Value;

/// The default branch, which is the one that schedules run.
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Whether only reviewed commits reach it.
    is_protected: bool,
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

/// What to do instead, where a part's things are not in the database.
pub fn instead(part: SetupPart, site: &SetupSite<'_>) -> Result<Option<Proposal>, ServiceError> {
    if !site.project.runbooks_in_git {
        return Ok(None);
    }
    let of_runbook: fn(&SetupSite<'_>, &Branch, Option<&Value>) -> Result<Proposal, ServiceError> =
        match part {
            SetupPart::Policy
            | SetupPart::Assignment
            | SetupPart::Template
            | SetupPart::Variables
            | SetupPart::GuidedFailure => {
                return Ok(None);
            }
            SetupPart::Runbook => of_itself,
            SetupPart::Step => of_step,
            SetupPart::Publication => |_, branch, _| {
                let note = format!(
                    "nothing is published: a schedule runs the latest commit of {}",
                    branch.name
                );
                Ok(Proposal::of(PlanLine::new(
                    SetupPart::Publication,
                    Sign::Same,
                    "publication",
                    note,
                )))
            },
            SetupPart::Schedule => |site, branch, runbook| match runbook {
                None => Ok(waits(SetupPart::Schedule, branch)),
                Some(_) => schedule::plan_of(site, runbook),
            },
        };
    let branch = Branch::of(site)?;
    let runbook = on_branch(site, &branch)?;
    of_runbook(site, &branch, runbook.as_ref()).map(Some)
}

fn waits(part: SetupPart, branch: &Branch) -> Proposal {
    let note = format!(
        "it waits until {} has the runbook; then setup again",
        branch.name
    );
    Proposal::of(PlanLine::new(part, Sign::ByHand, part.name(), note))
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

fn of_itself(
    site: &SetupSite<'_>,
    branch: &Branch,
    is: Option<&Value>,
) -> Result<Proposal, ServiceError> {
    let subject = runbook::subject(site);
    let row = |sign, note: String| PlanLine::new(SetupPart::Runbook, sign, subject.as_str(), note);
    let mut proposal = match is {
        None => {
            let file = format!(
                ".octopus/runbooks/{}.ocl",
                ocl::slug(&site.settings.runbook)
            );
            let template = template::look(site)?;
            Proposal::of(match template.found() {
                Some(found) if !template.changes() => PlanLine {
                    commit: ocl::runbook(site, found),
                    ..row(
                        Sign::ByHand,
                        format!("commit this to {}, as {file}", branch.name),
                    )
                },
                // Its step names the template by id and number.
                _ => row(
                    Sign::ByHand,
                    format!(
                        "{} gets {file}, which is printed once the step template is there: setup again",
                        branch.name
                    ),
                ),
            })
        }
        Some(is) => {
            let mut edit = Edit::of(is.clone());
            runbook::wanted(site, &mut edit);
            Proposal::of(match edit.changes.is_empty() {
                true => row(Sign::Same, format!("on {}", branch.name)),
                false => PlanLine {
                    changes: edit.changes,
                    ..row(Sign::ByHand, format!("commit that to {}", branch.name))
                },
            })
        }
    };
    if !branch.is_protected {
        let note = "it is not protected: whoever may push to it decides what runs";
        let subject = format!("default branch {}", branch.name);
        proposal.rows.push(PlanLine::new(
            SetupPart::Runbook,
            Sign::ByHand,
            subject,
            note,
        ));
    }
    Ok(proposal)
}

fn of_step(
    site: &SetupSite<'_>,
    branch: &Branch,
    runbook: Option<&Value>,
) -> Result<Proposal, ServiceError> {
    let template = template::look(site)?;
    let (Some(runbook), Some(wanted)) = (runbook, template.wanted()) else {
        return Ok(waits(SetupPart::Step, branch));
    };
    let reference = branch.reference();
    let path = [
        "projects",
        &site.project.id,
        &reference,
        "runbookProcesses",
        text(runbook, "Id"),
    ];
    let process = site.ask(&path)?;
    let edit = step::edited(site, process, &template, wanted);
    let row = |sign, note: String| PlanLine::new(SetupPart::Step, sign, step::subject(site), note);
    Ok(Proposal::of(match edit.changes.is_empty() {
        true => row(Sign::Same, format!("on {}", branch.name)),
        false => PlanLine {
            changes: edit.changes,
            ..row(Sign::ByHand, format!("commit that to {}", branch.name))
        },
    }))
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
fn secrets(site: &SetupSite<'_>) -> Result<Option<Value>, ServiceError> {
    match site.ask(&["projects", &site.project.id, "variables"]) {
        Err(error) if matches!(error.status(), Some(400 | 404 | 405)) => Ok(None),
        read => read.map(Some),
    }
}

/// Why nothing is published yet: a snapshot would freeze the variables without those that are still to be committed.
pub fn waits_for_variables(site: &SetupSite<'_>) -> Result<Option<String>, ServiceError> {
    if !site.project.variables_in_git || !site.does(SetupPart::Variables) {
        return Ok(None);
    }
    let lines = variables::plan(site)?.rows;
    let is_to_commit = |row: &PlanLine| row.sign == Sign::ByHand && !row.commit.is_empty();
    if !lines.iter().any(is_to_commit) {
        return Ok(None);
    }
    let branch = Branch::of(site)?.name;
    Ok(Some(format!(
        "it waits until {branch} has the variables; then setup again"
    )))
}

/// What was planned of the variables: the key is written, the others are printed for a commit.
pub fn variables(
    site: &SetupSite<'_>,
    lines: Vec<PlanLine>,
    owner: &str,
) -> Result<Proposal, ServiceError> {
    let branch = Branch::of(site)?;
    let mut proposal = Proposal::default();
    for mut row in lines {
        let is_key = row.subject.ends_with(variables::KEY);
        if row.sign.changes() && is_key {
            match secrets(site)? {
                // It is scoped to the runbook, which nobody knows yet.
                _ if owner == NEW && site.project.runbooks_in_git => {
                    row.sign = Sign::ByHand;
                    row.note = format!(
                        "it waits until {} has the runbook; then setup again",
                        branch.name
                    );
                }
                Some(was) => {
                    let (_, body) = variables::planned(site, &was, owner);
                    let body = variables::only_key(&was, &body);
                    let path = owned(&["projects", &site.project.id, "variables"]);
                    proposal.writes.push(Write::Replace { path, was, body });
                }
                None => {
                    row.sign = Sign::ByHand;
                    row.note = "it is a secret, which is not kept in Git: add it in the project's Variables".into();
                }
            }
        } else if row.sign.changes() {
            row.sign = Sign::ByHand;
            row.commit = ocl::variable(site, &row);
            row.note = format!("commit this to {}, in .octopus/variables.ocl", branch.name);
            row.changes.clear();
        }
        proposal.rows.push(row);
    }
    Ok(proposal)
}
