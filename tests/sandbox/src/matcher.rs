//! Which requests a change, a fault or a count is about.

use crate::http::{Call, Service};

/// What a request asks for, whichever of its spellings it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// Entra ID: `POST /{tenant}/oauth2/v2.0/token`.
    Token,
    /// Entra ID: a tenant's OpenID configuration.
    OpenIdConfiguration,
    /// A managed identity's token, as App Service hands it out.
    ManagedIdentity,
    /// A managed identity's token, as the instance metadata service hands it out.
    Metadata,
    /// Azure: where the services of this cloud are.
    CloudEndpoints,
    /// Azure: the subscriptions that the account sees.
    Subscriptions,
    /// Azure: the scale sets of a subscription.
    ScaleSets,
    /// Azure: the scale sets of a resource group.
    GroupScaleSets,
    /// Azure: one scale set.
    ScaleSet,
    /// Azure: a scale set's own list of its instances.
    Instances,
    /// Azure: one instance of a Uniform scale set.
    PointRead,
    /// Azure: the virtual machines of a resource group, filtered or not.
    GroupVms,
    /// Azure: one virtual machine.
    GroupVm,
    /// Octopus: `/api`, the greeting.
    Root,
    /// Octopus: `/api/users/me`.
    Me,
    /// Octopus: the spaces.
    Spaces,
    /// Octopus: one space.
    Space,
    /// Octopus: the environments of a space.
    Environments,
    /// Octopus: one environment.
    Environment,
    /// Octopus: the deployment targets of a space, page by page.
    Machines,
    /// Octopus: the deployment targets of a space, all at once.
    AllMachines,
    /// Octopus: `GET` of one deployment target.
    Machine,
    /// Octopus: `PUT` of one deployment target.
    PutMachine,
    /// Octopus: `DELETE` of one deployment target.
    DeleteMachine,
    /// Octopus: the tasks that named a deployment target.
    MachineTasks,
    /// Octopus: the variables that are scoped to one deployment target alone.
    ScopedVariables,
    /// Octopus: when one deployment target was tested last.
    Connection,
    /// Octopus: the machine policies.
    MachinePolicies,
    /// Octopus: one machine policy.
    MachinePolicy,
    /// Octopus: the tasks.
    Tasks,
    /// Octopus: the order to run a task, a health check.
    CreateTask,
    /// Octopus: one task.
    Task,
    /// Octopus: one task with its log, as a tree.
    TaskDetails,
    /// Octopus: one task's log as text.
    TaskLog,
    /// Octopus: the order to cancel a task.
    CancelTask,
    /// Octopus: one deployment.
    Deployment,
    /// Octopus: one runbook run.
    RunbookRun,
    /// Octopus: the audit log.
    Events,
    /// Octopus: the interruptions (guided failures, manual interventions).
    Interruptions,
    /// Octopus: one interruption.
    Interruption,
    /// Octopus: who is responsible for an interruption.
    InterruptionResponsible,
    /// Octopus: taking responsibility for an interruption.
    ClaimInterruption,
    /// Octopus: answering an interruption.
    SubmitInterruption,
    /// Octopus: one user.
    User,
    /// Octopus: what the user of the key may do.
    Permissions,
    /// Octopus: the keys of a user.
    ApiKeys,
    /// Octopus: all permissions that there are.
    AllPermissions,
    /// Octopus: the roles.
    UserRoles,
    /// Octopus: the teams.
    Teams,
    /// Octopus: a machine policy as a new one begins.
    MachinePolicyTemplate,
    /// Octopus: the deployment targets of a machine policy.
    PolicyMachines,
    /// Octopus: the workers of a machine policy.
    PolicyWorkers,
    /// Octopus: the deployment targets of an environment.
    EnvironmentMachines,
    /// Octopus: the tenants.
    Tenants,
    /// Octopus: one tenant.
    Tenant,
    /// Octopus: the project groups.
    ProjectGroups,
    /// Octopus: one project group.
    ProjectGroup,
    /// Octopus: the lifecycles.
    Lifecycles,
    /// Octopus: one lifecycle.
    Lifecycle,
    /// Octopus: the projects.
    Projects,
    /// Octopus: one project.
    Project,
    /// Octopus: the deployment settings of a project, also those of a branch.
    DeploymentSettings,
    /// Octopus: a deployment process.
    DeploymentProcess,
    /// Octopus: a set of variables, by its id.
    VariableSet,
    /// Octopus: the variables of a project, also those of a branch.
    ProjectVariables,
    /// Octopus: the library sets.
    LibraryVariableSets,
    /// Octopus: one library set.
    LibraryVariableSet,
    /// Octopus: the accounts.
    Accounts,
    /// Octopus: one account.
    Account,
    /// Octopus: the worker pools.
    WorkerPools,
    /// Octopus: one worker pool.
    WorkerPool,
    /// Octopus: the workers, also those of a pool.
    Workers,
    /// Octopus: one worker.
    Worker,
    /// Octopus: the step templates.
    ActionTemplates,
    /// Octopus: one step template.
    ActionTemplate,
    /// Octopus: one version of a step template.
    ActionTemplateVersion,
    /// Octopus: the steps that use a step template.
    ActionTemplateUsage,
    /// Octopus: the runbooks, also those of a project and of a branch.
    Runbooks,
    /// Octopus: one runbook, also of a branch.
    Runbook,
    /// Octopus: the environments in which a runbook may run.
    RunbookEnvironments,
    /// Octopus: the process of a runbook, also of a branch, or what a snapshot froze of it.
    RunbookProcess,
    /// Octopus: what the next snapshot of a runbook would be called, and need.
    SnapshotTemplate,
    /// Octopus: the snapshots of runbooks.
    RunbookSnapshots,
    /// Octopus: one snapshot of a runbook.
    RunbookSnapshot,
    /// Octopus: whether a snapshot is current, and where it may run.
    RunTemplate,
    /// Octopus: the triggers, also those of a project.
    Triggers,
    /// Octopus: one trigger.
    Trigger,
    /// Octopus: the deployments.
    Deployments,
    /// Octopus: the runbook runs.
    RunbookRuns,
    /// Octopus: the deployment freezes.
    DeploymentFreezes,
    /// Octopus: making a machine policy.
    CreateMachinePolicy,
    /// Octopus: changing a machine policy.
    PutMachinePolicy,
    /// Octopus: changing an environment.
    PutEnvironment,
    /// Octopus: changing a project.
    PutProject,
    /// Octopus: changing the deployment settings of a project.
    PutDeploymentSettings,
    /// Octopus: making a step template.
    CreateActionTemplate,
    /// Octopus: changing a step template.
    PutActionTemplate,
    /// Octopus: making a runbook, also below its project.
    CreateRunbook,
    /// Octopus: changing a runbook, also below its project; publishing a snapshot is a part of that.
    PutRunbook,
    /// Octopus: changing the process of a runbook.
    PutRunbookProcess,
    /// Octopus: changing a set of variables, by its id.
    PutVariableSet,
    /// Octopus: changing the variables of a project.
    PutProjectVariables,
    /// Octopus: making a snapshot of a runbook, published at once or not.
    CreateRunbookSnapshot,
    /// Octopus: taking the variables of a snapshot anew.
    UpdateSnapshotVariables,
    /// Octopus: making a trigger, also below its project.
    CreateTrigger,
    /// Octopus: changing a trigger, also below its project.
    PutTrigger,
    /// Octopus: removing a trigger, also below its project.
    DeleteTrigger,
    /// Anything that neither service knows.
    Unknown,
}

/// Describes requests. Every part that is set must hold; a matcher without parts matches every request.
///
/// A [`Route`] or a [`Service`] is a matcher by itself: `sandbox.count(Route::DeleteMachine)`.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    service: Option<Service>,
    method: Option<String>,
    routes: Vec<Route>,
    fragments: Vec<String>,
    first_page: Option<bool>,
}

impl Matcher {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests to any of these routes.
    pub fn routes(routes: impl IntoIterator<Item = Route>) -> Self {
        Self {
            routes: routes.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Only requests with this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests whose path or query contains this text: a name, an id, a parameter.
    /// Compared without regard to case, as sent and decoded.
    pub fn containing(mut self, fragment: &str) -> Self {
        self.fragments.push(fragment.to_ascii_lowercase());
        self
    }

    /// Only requests that begin a listing: no `skip` above 0 and no `$skiptoken`.
    /// Its number is then the number of the listing, not of the page.
    pub fn first_page(mut self) -> Self {
        self.first_page = Some(true);
        self
    }

    /// Only requests for the second and later pages of a listing.
    pub fn later_page(mut self) -> Self {
        self.first_page = Some(false);
        self
    }

    pub(crate) fn matches(&self, call: &Call, route: Route) -> bool {
        self.matches_parts(call.service, &call.method, route, &call.path, &call.query)
    }

    pub(crate) fn matches_parts(
        &self,
        service: Service,
        method: &str,
        route: Route,
        path: &str,
        query: &str,
    ) -> bool {
        self.service.is_none_or(|wanted| wanted == service)
            && self
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && (self.routes.is_empty() || self.routes.contains(&route))
            && self
                .first_page
                .is_none_or(|wanted| wanted == begins_listing(query))
            && (self.fragments.is_empty() || self.fragments_match(path, query))
    }

    fn fragments_match(&self, path: &str, query: &str) -> bool {
        let sent = format!("{path}?{query}").to_ascii_lowercase();
        let decoded = crate::http::decode(&sent).to_ascii_lowercase();
        self.fragments
            .iter()
            .all(|wanted| sent.contains(wanted) || decoded.contains(wanted))
    }
}

fn begins_listing(query: &str) -> bool {
    crate::http::form(query)
        .iter()
        .all(|(name, value)| match name.to_ascii_lowercase().as_str() {
            "skip" => value == "0",
            "$skiptoken" => false,
            _ => true,
        })
}

impl Route {
    /// Only requests to this route whose path or query contains this text.
    pub fn containing(self, fragment: &str) -> Matcher {
        Matcher::from(self).containing(fragment)
    }

    /// Only requests to this route that begin a listing.
    pub fn first_page(self) -> Matcher {
        Matcher::from(self).first_page()
    }

    /// Only requests to this route for the second and later pages.
    pub fn later_page(self) -> Matcher {
        Matcher::from(self).later_page()
    }
}

impl From<Route> for Matcher {
    fn from(route: Route) -> Self {
        Self::routes([route])
    }
}

impl From<Service> for Matcher {
    fn from(service: Service) -> Self {
        Self {
            service: Some(service),
            ..Self::default()
        }
    }
}
