//! Reads a project and a runbook of it, and what they refer to.

use super::asking::{Asking, InSpace, with};
use super::step;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{Pool, ProjectSide, StepSeen};
use crate::error::ServiceError;
use crate::octopus::Octopus;
use crate::octopus::set_up::{
    DeploymentSettings, EnvironmentPlace, Process, Project, Published, Rights, Runbook, RunbookRun,
    StepTemplate, Variable, WorkerPool,
};
use crate::workers::both;

pub(super) fn read(
    asking: &Asking<'_>,
    client: &Seen<Octopus>,
    environment: &Seen<EnvironmentPlace>,
    rights: &Seen<Rights>,
) -> ProjectSide {
    let Some(octopus) = client.known() else {
        let project = match asking.settings.project {
            None => Seen::NotAsked(NotAsked::NoProject),
            Some(_) => Seen::NotAsked(NotAsked::AlreadySaid),
        };
        return nothing(project);
    };
    let space = InSpace {
        asking,
        octopus,
        environment,
        rights,
    };
    let side = space.of_project(nothing(space.project()));
    space.of_runbook(side)
}

impl InSpace<'_> {
    fn project(&self) -> Seen<Project> {
        let until = self.asking.deadline;
        match &self.asking.settings.project {
            None => Seen::NotAsked(NotAsked::NoProject),
            Some(name) => with(self.rights, "ProjectView", || {
                let id = self.octopus.project_id(name, until)?;
                self.octopus.project(&id, until)
            }),
        }
    }

    fn of_project(&self, side: ProjectSide) -> ProjectSide {
        let project = &side.project;
        let triggers = |it: &Project| {
            let until = self.asking.deadline;
            with(self.rights, "TriggerView", || {
                self.octopus.triggers_of(it, until)
            })
        };
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
                    || project.then(triggers),
                )
            },
        );
        ProjectSide {
            settings,
            deployments,
            variables,
            triggers,
            ..side
        }
    }

    /// One question after the other, since each needs the one before.
    fn of_runbook(&self, mut side: ProjectSide) -> ProjectSide {
        let until = self.asking.deadline;
        side.runbook = side.project.then(|project| self.runbook(project));
        side.runs = side.runbook.then(|runbook| self.runs(runbook));
        side.published = side.runbook.then(|it| self.published(it).into());
        side.changes = side.published.then(|published| match published {
            Some(published) => self.octopus.changes_since(&published.id, until).into(),
            None => Seen::NotAsked(NotAsked::AlreadySaid),
        });
        side.process = side.runbook.then(|it| self.process(it, &side.published));
        side.step = step::read(self, &side);
        side.account = side.step.then(|it| step::account(self, it));
        side.template = side.step.then(|it| self.template(it).into());
        side.pool = side.step.then(|it| self.pool(it, &side));
        side
    }

    /// A project that is kept in Git has them on a branch.
    fn settings(&self, project: &Project) -> Seen<DeploymentSettings> {
        let until = self.asking.deadline;
        match project.in_git {
            true => Seen::NotAsked(NotAsked::InGit),
            false => self.octopus.deployment_settings(project, until).into(),
        }
    }

    fn deployments(&self, project: &Project) -> Seen<Process> {
        let until = self.asking.deadline;
        match (&project.deployment_process, project.in_git) {
            (_, true) => Seen::NotAsked(NotAsked::InGit),
            (None, false) => Seen::Known(Process::default()),
            (Some(id), false) => self.octopus.deployment_process(id, until).into(),
        }
    }

    fn variables(&self, project: &Project) -> Seen<Vec<Variable>> {
        if project.variables_in_git {
            return Seen::NotAsked(NotAsked::InGit);
        }
        let usual = || format!("variableset-{}", project.id);
        let set = project.variable_set.clone().unwrap_or_else(usual);
        with(self.rights, "VariableView", || {
            self.octopus.variables_in(&set, self.asking.deadline)
        })
    }

    fn runbook(&self, project: &Project) -> Seen<Runbook> {
        let until = self.asking.deadline;
        match &self.asking.settings.runbook {
            None => Seen::NotAsked(NotAsked::NoRunbook),
            Some(_) if project.runbooks_in_git => Seen::NotAsked(NotAsked::InGit),
            Some(name) => with(self.rights, "RunbookView", || {
                let id = self.octopus.runbook_id(project, name, until)?;
                self.octopus.runbook(&id, until)
            }),
        }
    }

    fn runs(&self, runbook: &Runbook) -> Seen<Vec<RunbookRun>> {
        let until = self.asking.deadline;
        self.environment.then(|it| {
            with(self.rights, "TaskView", || {
                self.octopus.last_runs(runbook, &it.id, until)
            })
        })
    }

    fn published(&self, runbook: &Runbook) -> Result<Option<Published>, ServiceError> {
        let until = self.asking.deadline;
        let published = runbook.published.as_deref();
        let read = published.map(|id| self.octopus.published(id, until));
        read.transpose()
    }

    /// What a schedule would run: the published process, which is frozen; where there is none, the draft.
    fn process(&self, runbook: &Runbook, published: &Seen<Option<Published>>) -> Seen<Process> {
        let frozen = published.known().and_then(Option::as_ref);
        let frozen = frozen.and_then(|it| it.process.as_deref());
        match frozen.or(runbook.process.as_deref()) {
            Some(id) => self
                .octopus
                .runbook_process(id, self.asking.deadline)
                .into(),
            None => Seen::Known(Process::default()),
        }
    }

    fn template(&self, step: &StepSeen) -> Result<Option<StepTemplate>, ServiceError> {
        let until = self.asking.deadline;
        let id = step.action.property("Octopus.Action.Template.Id");
        id.map(|id| self.octopus.step_template(id, until))
            .transpose()
    }

    fn pool(&self, step: &StepSeen, side: &ProjectSide) -> Seen<Pool> {
        let named = step::pool_of(self, step, side);
        let until = self.asking.deadline;
        with(self.rights, "WorkerView", || {
            let pools = self.octopus.worker_pools(until)?;
            let is_it = |pool: &WorkerPool| match named.as_deref() {
                None => pool.is_default,
                Some(id) => pool.id.eq_ignore_ascii_case(id),
            };
            let Some(pool) = pools.into_iter().find(is_it) else {
                let name = named.unwrap_or_else(|| "the default one".into());
                let pool = WorkerPool::missing(name);
                let workers = Vec::new();
                return Ok(Pool { pool, workers });
            };
            let workers = self.octopus.workers_of(&pool, until)?;
            Ok(Pool { pool, workers })
        })
    }
}

/// Everything that needs a project or a runbook, not asked.
fn nothing(project: Seen<Project>) -> ProjectSide {
    fn said<T>() -> Seen<T> {
        Seen::NotAsked(NotAsked::AlreadySaid)
    }
    ProjectSide {
        project,
        settings: said(),
        deployments: said(),
        variables: said(),
        triggers: said(),
        runbook: said(),
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
