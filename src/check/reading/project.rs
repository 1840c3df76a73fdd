//! Reads a project and a runbook of it, and what they refer to.

use super::asking::{Asking, InSpace, unless_lacking, with};
use super::{compare, step};
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{Library, NowAndThen, ProjectSide};
use crate::error::ServiceError;
use crate::octopus::Octopus;
use crate::octopus::set_up::{
    DeploymentSettings, EnvironmentPlace, LibrarySet, Process, Project, Published, Rights, Runbook,
    RunbookRun, SnapshotChanges, Variable,
};
use crate::workers::{self, both};

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
    let project = space.project();
    let (of_project, of_runbook) = both(
        || space.of_project(nothing(project.clone())),
        || space.of_runbook(nothing(project.clone())),
    );
    let side = ProjectSide {
        runbook: of_runbook.runbook,
        runs: of_runbook.runs,
        published: of_runbook.published,
        changes: of_runbook.changes,
        process: of_runbook.process,
        ..of_project
    };
    let (steps, compared) = both(
        || step::read(&space, &side),
        || compare::read(&space, &side),
    );
    ProjectSide {
        steps,
        compared,
        ..side
    }
}

/// What a schedule runs, and whether that is what somebody sees today.
struct WhatRuns {
    published: Seen<Option<Published>>,
    changes: Seen<SnapshotChanges>,
    process: Seen<Process>,
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
        let ((settings, deployments), ((variables, unread_libraries), triggers)) = both(
            || {
                both(
                    || project.then(|it| self.settings(it)),
                    || project.then(|it| self.deployments(it)),
                )
            },
            || both(|| self.all_variables(project), || project.then(triggers)),
        );
        ProjectSide {
            settings,
            deployments,
            variables,
            unread_libraries,
            triggers,
            ..side
        }
    }

    fn of_runbook(&self, mut side: ProjectSide) -> ProjectSide {
        let Some(project) = side.project.known() else {
            return side;
        };
        side.runbook = self.runbook(project);
        let Some(runbook) = side.runbook.known() else {
            return side;
        };
        let (runs, process) = both(
            || self.runs(project, runbook),
            || self.what_runs(project, runbook),
        );
        ProjectSide {
            runs,
            published: process.published,
            changes: process.changes,
            process: process.process,
            ..side
        }
    }

    fn what_runs(&self, project: &Project, runbook: &Runbook) -> WhatRuns {
        let until = self.asking.deadline;
        if project.runbooks_in_git {
            let process = self.octopus.process_in_git(project, &runbook.id, until);
            let in_ids = |process: Process| self.process_in_ids(process);
            return WhatRuns {
                published: Seen::NotAsked(NotAsked::InGit),
                changes: Seen::NotAsked(NotAsked::InGit),
                process: process.map(in_ids).into(),
            };
        }
        let published = Seen::from(self.published(runbook));
        let changes = |published: &Option<Published>| match published {
            Some(published) => self.octopus.changes_since(&published.id, until).into(),
            None => Seen::NotAsked(NotAsked::AlreadySaid),
        };
        let (changes, process) = both(
            || published.then(changes),
            || self.process(runbook, &published),
        );
        WhatRuns {
            published,
            changes,
            process,
        }
    }

    fn settings(&self, project: &Project) -> Seen<DeploymentSettings> {
        let until = self.asking.deadline;
        on_branch(project, project.in_git, || {
            self.octopus.deployment_settings(project, until)
        })
    }

    fn deployments(&self, project: &Project) -> Seen<Process> {
        let until = self.asking.deadline;
        on_branch(project, project.in_git, || {
            self.octopus.deployment_process(project, until)
        })
    }

    /// Those of the library before the project's own; and which of the library could not be read.
    fn all_variables(&self, project: &Seen<Project>) -> (Seen<Vec<Variable>>, Vec<Library>) {
        let sets = project.known().map(|it| it.library_sets.as_slice());
        let (own, libraries) = both(
            || project.then(|it| self.variables(it)),
            || workers::map(sets.unwrap_or_default(), |id| self.library(id)),
        );
        let libraries = libraries.into_iter().map(|(_, library)| library);
        let is_read = |it: &Library| it.variables.known().is_some();
        let (read, unread): (Vec<_>, Vec<_>) = libraries.partition(is_read);
        let all = own.then(|own| {
            let of_libraries = read.iter().filter_map(|it| it.variables.known()).flatten();
            Seen::Known(of_libraries.chain(own).cloned().collect())
        });
        match all {
            Seen::Known(_) => (all, unread),
            Seen::Refused(_) | Seen::NotAsked(_) => (own, unread),
        }
    }

    fn library(&self, id: &str) -> Library {
        let until = self.asking.deadline;
        let set = with(self.rights, "LibraryVariableSetView", || {
            self.octopus.library_set(id, until)
        });
        let name = set.known().map_or(id, |set| &set.name).to_owned();
        let variables = |set: &LibrarySet| match &set.variables {
            None => Seen::Known(Vec::new()),
            Some(variables) => with(self.rights, "VariableView", || {
                let mut read = self.octopus.variables_in(variables, until)?;
                for variable in &mut read {
                    variable.library = Some(set.name.clone());
                }
                Ok(read)
            }),
        };
        let variables = match &set {
            Seen::Known(set) => variables(set),
            Seen::Refused(error) => Seen::Refused(error.clone()),
            Seen::NotAsked(why) => Seen::NotAsked(*why),
        };
        Library { name, variables }
    }

    fn variables(&self, project: &Project) -> Seen<Vec<Variable>> {
        let until = self.asking.deadline;
        unless_lacking(self.rights, "VariableView", || {
            on_branch(project, project.variables_in_git, || {
                let read = self.octopus.project_variables(project, until);
                read.map(|all| self.variables_in_ids(all))
            })
        })
    }

    fn runbook(&self, project: &Project) -> Seen<Runbook> {
        let until = self.asking.deadline;
        match &self.asking.settings.runbook {
            None => Seen::NotAsked(NotAsked::NoRunbook),
            Some(name) => unless_lacking(self.rights, "RunbookView", || {
                on_branch(project, project.runbooks_in_git, || {
                    let id = self.octopus.runbook_id(project, name, until)?;
                    let read = self.octopus.runbook(project, &id, until);
                    read.map(|runbook| self.runbook_in_ids(runbook))
                })
            }),
        }
    }

    fn runs(&self, project: &Project, runbook: &Runbook) -> Seen<Vec<RunbookRun>> {
        if project.runbooks_in_git {
            return Seen::NotAsked(NotAsked::RunsInGit);
        }
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
}

/// What may be kept in Git: where the server does not say on which branch, or knows no such question, it is not looked at.
fn on_branch<T>(
    project: &Project,
    in_git: bool,
    question: impl FnOnce() -> Result<T, ServiceError>,
) -> Seen<T> {
    if in_git && project.branch.is_none() {
        return Seen::NotAsked(NotAsked::InGit);
    }
    match question() {
        Err(error) if in_git && matches!(error.status(), Some(400 | 404 | 405)) => {
            Seen::NotAsked(NotAsked::InGit)
        }
        answer => answer.into(),
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
        unread_libraries: Vec::new(),
        triggers: said(),
        runbook: said(),
        published: said(),
        changes: said(),
        compared: NowAndThen::default(),
        process: said(),
        steps: said(),
        runs: said(),
    }
}
