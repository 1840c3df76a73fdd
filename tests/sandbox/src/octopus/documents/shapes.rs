//! The kinds of documents: where each is found, who may see it, and which questions its list answers.

use crate::matcher::Route;

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `ProjectGroups-1`
    ProjectGroup,
    /// `Lifecycles-1`
    Lifecycle,
    /// `Projects-1`
    Project,
    /// `deploymentsettings-Projects-1`
    DeploymentSettings,
    /// `deploymentprocess-Projects-1`
    DeploymentProcess,
    /// `variableset-Projects-1`, and what snapshots froze
    VariableSet,
    /// `LibraryVariableSets-1`
    LibraryVariableSet,
    /// `Accounts-1`
    Account,
    /// `WorkerPools-1`
    WorkerPool,
    /// `Workers-1`
    Worker,
    /// `ActionTemplates-1`
    ActionTemplate,
    /// An earlier version of a step template.
    ActionTemplateVersion,
    /// `Runbooks-1`
    Runbook,
    /// `RunbookProcess-Runbooks-1`, and what snapshots froze
    RunbookProcess,
    /// `RunbookSnapshots-1`
    RunbookSnapshot,
    /// `ProjectTriggers-1`
    Trigger,
    /// `DeploymentFreezes-1`
    Freeze,
}

impl Kind {
    /// Whether the server counts how often it was saved, and refuses to overwrite what it has not seen.
    pub(crate) fn is_versioned(self) -> bool {
        matches!(
            self,
            Self::VariableSet | Self::RunbookProcess | Self::DeploymentProcess
        )
    }
}

/// What there is to know about a kind that has a list.
pub(crate) struct Shape {
    pub kind: Kind,
    /// The segment of its path.
    pub path: &'static str,
    /// What the envelope of its list calls it.
    pub item: &'static str,
    pub list: Route,
    pub one: Route,
    /// The permission to see it.
    pub view: &'static str,
    /// Parameters of the list, and the fields that they choose by.
    pub filters: &'static [(&'static str, &'static str)],
}

const fn shape(
    kind: Kind,
    path: &'static str,
    item: &'static str,
    routes: (Route, Route),
    view: &'static str,
    filters: &'static [(&'static str, &'static str)],
) -> Shape {
    Shape {
        kind,
        path,
        item,
        list: routes.0,
        one: routes.1,
        view,
        filters,
    }
}

/// Source: octopus.com/docs/api, the pages of these names.
pub(crate) const SHAPES: [Shape; 11] = [
    shape(
        Kind::ProjectGroup,
        "projectgroups",
        "ProjectGroup",
        (Route::ProjectGroups, Route::ProjectGroup),
        "ProjectGroupView",
        &[],
    ),
    shape(
        Kind::Lifecycle,
        "lifecycles",
        "Lifecycle",
        (Route::Lifecycles, Route::Lifecycle),
        "LifecycleView",
        &[],
    ),
    shape(
        Kind::Project,
        "projects",
        "Project",
        (Route::Projects, Route::Project),
        "ProjectView",
        &[("name", "Name")],
    ),
    shape(
        Kind::LibraryVariableSet,
        "libraryvariablesets",
        "LibraryVariableSet",
        (Route::LibraryVariableSets, Route::LibraryVariableSet),
        "LibraryVariableSetView",
        &[("contentType", "ContentType")],
    ),
    shape(
        Kind::Account,
        "accounts",
        "Account",
        (Route::Accounts, Route::Account),
        "AccountView",
        &[("accountType", "AccountType")],
    ),
    shape(
        Kind::WorkerPool,
        "workerpools",
        "WorkerPool",
        (Route::WorkerPools, Route::WorkerPool),
        "WorkerView",
        &[("name", "Name")],
    ),
    shape(
        Kind::Worker,
        "workers",
        "Worker",
        (Route::Workers, Route::Worker),
        "WorkerView",
        &[
            ("workerPoolIds", "WorkerPoolIds"),
            ("healthStatuses", "HealthStatus"),
            ("name", "Name"),
        ],
    ),
    shape(
        Kind::ActionTemplate,
        "actiontemplates",
        "ActionTemplate",
        (Route::ActionTemplates, Route::ActionTemplate),
        "ActionTemplateView",
        &[],
    ),
    shape(
        Kind::Runbook,
        "runbooks",
        "Runbook",
        (Route::Runbooks, Route::Runbook),
        "RunbookView",
        &[("projectIds", "ProjectId")],
    ),
    shape(
        Kind::RunbookSnapshot,
        "runbookSnapshots",
        "RunbookSnapshot",
        (Route::RunbookSnapshots, Route::RunbookSnapshot),
        "RunbookView",
        &[],
    ),
    shape(
        Kind::Trigger,
        "projecttriggers",
        "ProjectTrigger",
        (Route::Triggers, Route::Trigger),
        "TriggerView",
        &[
            ("runbooks", "/Action/RunbookId"),
            ("triggerActionType", "/Action/ActionType"),
        ],
    ),
];

impl Shape {
    /// The shape of a route to a list or to one.
    pub fn of(route: Route) -> Option<&'static Self> {
        let mut all = SHAPES.iter();
        all.find(|shape| shape.list == route || shape.one == route)
    }

    /// The shape whose path segment this is. Octopus compares paths without regard to case.
    pub fn at(segment: &str) -> Option<&'static Self> {
        let mut all = SHAPES.iter();
        all.find(|shape| shape.path.eq_ignore_ascii_case(segment))
    }
}
