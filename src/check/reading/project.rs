//! Reads a project and a runbook of it, and what they refer to.

use super::asking::Asking;
use super::step;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{Pool, ProjectSide, StepSeen};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::Octopus;
use crate::octopus::set_up::{
    EnvironmentPlace, Process, Project, Published, Runbook, StepTemplate, WorkerPool,
};
use crate::workers::both;

/// What is asked of one space.
struct OfProject<'a> {
    octopus: &'a Octopus,
    until: Deadline,
}

pub(super) fn read(
    asking: &Asking<'_>,
    client: &Seen<Octopus>,
    environment: &Seen<EnvironmentPlace>,
) -> ProjectSide {
    let until = asking.deadline;
    let project = match &asking.settings.project {
        None => Seen::NotAsked(NotAsked::NoProject),
        Some(name) => client.then(|octopus| {
            let id = octopus.project_id(name, until);
            id.and_then(|id| octopus.project(&id, until)).into()
        }),
    };
    let runbook = project.then(|it| match &asking.settings.runbook {
        None => Seen::NotAsked(NotAsked::NoRunbook),
        Some(_) if it.runbooks_in_git => Seen::NotAsked(NotAsked::InGit),
        Some(name) => client.then(|octopus| {
            let id = octopus.runbook_id(it, name, until);
            id.and_then(|id| octopus.runbook(&id, until)).into()
        }),
    });
    match client.known() {
        Some(octopus) => OfProject { octopus, until }.rest(asking, project, runbook, environment),
        None => nothing(project, runbook),
    }
}

impl OfProject<'_> {
    fn rest(
        &self,
        asking: &Asking<'_>,
        project: Seen<Project>,
        runbook: Seen<Runbook>,
        environment: &Seen<EnvironmentPlace>,
    ) -> ProjectSide {
        let (octopus, until) = (self.octopus, self.until);
        let mut side = nothing(project, runbook);
        let project = &side.project;
        let ((settings, deployments), (variables, triggers)) = both(
            || {
                both(
                    || project.then(|it| self.settings(it)),
                    || project.then(|it| self.deployments(it)),
                )
            },
            || {
                both(
                    || project.then(|it| self.variables(it)),
                    || project.then(|it| octopus.triggers_of(it, until).into()),
                )
            },
        );
        side.settings = settings;
        side.deployments = deployments;
        side.variables = variables;
        side.triggers = triggers;
        let runbook = &side.runbook;
        side.runs = runbook.then(|runbook| {
            let runs = |it: &EnvironmentPlace| octopus.last_runs(runbook, &it.id, until).into();
            environment.then(runs)
        });
        side.published = runbook.then(|it| self.published(it).into());
        side.changes = side.published.then(|published| match published {
            Some(published) => octopus.changes_since(&published.id, until).into(),
            None => Seen::NotAsked(NotAsked::AlreadySaid),
        });
        side.process = runbook.then(|it| self.process(it, &side.published));
        side.step = step::read(&side, environment, asking, self.octopus);
        side.account = side
            .step
            .then(|step| step::account(octopus, until, step, &side, environment));
        side.template = side.step.then(|step| self.template(step).into());
        side.pool = side.step.then(|step| self.pool(step, &side, environment));
        side
    }

    /// A project that is kept in Git has them on a branch.
    fn settings(&self, project: &Project) -> Seen<crate::octopus::set_up::DeploymentSettings> {
        match project.in_git {
            true => Seen::NotAsked(NotAsked::InGit),
            false => self.octopus.deployment_settings(project, self.until).into(),
        }
    }

    fn deployments(&self, project: &Project) -> Seen<Process> {
        match (&project.deployment_process, project.in_git) {
            (_, true) => Seen::NotAsked(NotAsked::InGit),
            (None, false) => Seen::Known(Process::default()),
            (Some(id), false) => self.octopus.deployment_process(id, self.until).into(),
        }
    }

    fn variables(&self, project: &Project) -> Seen<Vec<crate::octopus::set_up::Variable>> {
        match project.variables_in_git {
            true => Seen::NotAsked(NotAsked::InGit),
            false => {
                let usual = || format!("variableset-{}", project.id);
                let set = project.variable_set.clone().unwrap_or_else(usual);
                self.octopus.variables_in(&set, self.until).into()
            }
        }
    }

    fn published(&self, runbook: &Runbook) -> Result<Option<Published>, ServiceError> {
        let published = runbook.published.as_deref();
        let read = published.map(|id| self.octopus.published(id, self.until));
        read.transpose()
    }

    /// What a schedule would run: the published process, which is frozen; where there is none, the draft.
    fn process(&self, runbook: &Runbook, published: &Seen<Option<Published>>) -> Seen<Process> {
        let frozen = published.known().and_then(Option::as_ref);
        let frozen = frozen.and_then(|it| it.process.as_deref());
        match frozen.or(runbook.process.as_deref()) {
            Some(id) => self.octopus.runbook_process(id, self.until).into(),
            None => Seen::Known(Process::default()),
        }
    }

    fn template(&self, step: &StepSeen) -> Result<Option<StepTemplate>, ServiceError> {
        let id = step.action.property("Octopus.Action.Template.Id");
        id.map(|id| self.octopus.step_template(id, self.until))
            .transpose()
    }

    fn pool(
        &self,
        step: &StepSeen,
        side: &ProjectSide,
        environment: &Seen<EnvironmentPlace>,
    ) -> Seen<Pool> {
        let pools = match self.octopus.worker_pools(self.until) {
            Ok(pools) => pools,
            Err(error) => return Err(error).into(),
        };
        let named = step::pool_of(step, side, environment);
        let is_it = |pool: &WorkerPool| match named.as_deref() {
            None => pool.is_default,
            Some(id) => pool.id.eq_ignore_ascii_case(id),
        };
        match pools.into_iter().find(is_it) {
            Some(pool) => {
                let workers = self.octopus.workers_of(&pool, self.until);
                workers.map(|workers| Pool { pool, workers }).into()
            }
            None => {
                let name = named.unwrap_or_else(|| "the default one".into());
                let pool = WorkerPool {
                    name,
                    ..WorkerPool::default()
                };
                let workers = Vec::new();
                Seen::Known(Pool { pool, workers })
            }
        }
    }
}

/// Everything that needs a project or a runbook, not asked.
fn nothing(project: Seen<Project>, runbook: Seen<Runbook>) -> ProjectSide {
    fn said<T>() -> Seen<T> {
        Seen::NotAsked(NotAsked::AlreadySaid)
    }
    ProjectSide {
        project,
        settings: said(),
        deployments: said(),
        variables: said(),
        triggers: said(),
        runbook,
        published: said(),
        changes: said(),
        process: said(),
        step: said(),
        runs: said(),
        template: said(),
        account: said(),
        pool: said(),
    }
}
