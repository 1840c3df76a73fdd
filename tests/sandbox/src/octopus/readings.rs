//! Where the documentation is silent, or two sources differ: each reading of it, to be chosen by a test. And what newer
//! servers know that older ones do not.

/// How the sandbox reads what is documented nowhere, or twice. The program under test has to be right either way.
#[derive(Clone, Debug)]
pub struct Readings {
    /// The part of a key that `Hint` shows. Documented is that there is a hint.
    pub key_hint: KeyHint,
    /// A listing without its permission is refused. Otherwise it is an empty list, as it is for what lies out of reach.
    pub lists_refuse: bool,
    /// Something beyond the restrictions of a permission is a 404 instead of a 403.
    pub hides_what_is_out_of_reach: bool,
    /// Task lists leave out deployments without `DeploymentView` and runbook runs without `RunbookRunView`.
    pub tasks_need_the_view_of_their_run: bool,
    /// A task without project and environment, such as a health check of some targets, is beyond a grant for some.
    pub health_checks_need_a_free_grant: bool,
    /// A grant without tenants does not reach what has a tenant, where Octopus calls that "explicit tenant scope required".
    pub tenants_must_be_named: bool,
    /// A grant for projects and project groups means either; otherwise both.
    pub project_groups_add_projects: bool,
    /// Changing or deleting a target needs the permission in all of its environments; otherwise in one.
    pub changes_need_every_environment: bool,
    /// Whether a snapshot counts as outdated when anything was saved since, or only when something differs.
    pub modified: Modified,
    /// The environments to which a snapshot can be run are only those in which the caller may run it.
    pub promotes_only_where_runs_are_allowed: bool,
    /// The status of a plain route to a resource that is in Git.
    pub git_refusal: u16,
    /// What the plain route to the variables of a project answers once they are in Git: the secrets, which stay in the
    /// database; otherwise it is refused.
    pub git_variable_set_has_the_secrets: bool,
    /// The trigger of a runbook in Git names its slug; otherwise the id that it had.
    pub git_triggers_name_slugs: bool,
    /// An account that names no environments is beyond a grant that names some.
    pub free_accounts_need_a_free_grant: bool,
    /// Reading the process of a runbook needs `ProcessView` besides `RunbookView`.
    pub runbook_processes_need_process_view: bool,
    /// Reading deployment settings needs `ProcessView` besides `ProjectView`.
    pub settings_need_process_view: bool,
    /// The properties of steps and templates are objects with `IsSensitive`, `SensitiveValue` and `Value`, as the generated
    /// reference has it; otherwise texts, and for a secret an object with `HasValue`, as all clients have it.
    pub properties_are_objects: bool,
    /// The fields of a target that lists lack, and that only a `GET` by its id has.
    pub left_out_of_target_lists: Vec<String>,
    /// A body has to name the space, and a project, that the path names already.
    pub bodies_name_their_space: bool,
    /// The status that refuses a body which was not read from the newest version.
    pub stale_version: u16,
    /// A new step template keeps the number that its file says; otherwise it begins at 0.
    pub templates_keep_their_number: bool,
    /// Every save of a step template gives its parameters new ids; otherwise they keep those that are sent.
    pub parameters_get_new_ids: bool,
    /// A runbook of which nothing else is said leaves guided failure to the environment; otherwise it is off.
    pub runbooks_leave_it_to_the_environment: bool,
    /// Changing the process of a runbook needs `ProcessEdit` besides `RunbookEdit`.
    pub runbook_processes_need_process_edit: bool,
    /// The server adds properties of its own to the actions that it saves.
    pub processes_get_properties: bool,
    /// Saving variables removes those which the writer does not see, as servers did until 2017.
    pub unseen_variables_are_lost: bool,
    /// The answer to a change of variables has no `ScopeValues`.
    pub saved_variables_lack_scope_values: bool,
    /// How a new snapshot is published.
    pub published_by: PublishedBy,
    /// A schedule is refused while its runbook has no published snapshot.
    pub schedules_need_a_published_snapshot: bool,
    /// Changing deployment settings needs `ProcessEdit` instead of `ProjectEdit`.
    pub settings_need_process_edit: bool,
    /// A trigger that is enabled runs at once.
    pub enabled_triggers_run_at_once: bool,
    /// Lists do not say who changed something last, and when; only a `GET` by its id does.
    pub lists_lack_last_modified: bool,
}

/// Which way of publishing a new snapshot the server takes notice of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishedBy {
    /// `?publish=true` or `"Publish"` in the body.
    Either,
    /// `?publish=true` alone.
    Query,
    /// `"Publish"` in the body alone.
    Body,
    /// None of these: only a runbook that is saved with the snapshot's id.
    Runbook,
}

/// What the hint of a key shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHint {
    /// The first characters.
    Beginning,
    /// The last four.
    End,
    /// Nothing.
    None,
}

/// When a snapshot is outdated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modified {
    /// When its version is not the newest.
    ByVersion,
    /// When it differs from what would be published now.
    ByContent,
}

impl Default for Readings {
    fn default() -> Self {
        Self {
            key_hint: KeyHint::Beginning,
            lists_refuse: true,
            hides_what_is_out_of_reach: false,
            tasks_need_the_view_of_their_run: false,
            health_checks_need_a_free_grant: false,
            tenants_must_be_named: false,
            project_groups_add_projects: false,
            changes_need_every_environment: true,
            modified: Modified::ByVersion,
            promotes_only_where_runs_are_allowed: false,
            git_refusal: 400,
            git_variable_set_has_the_secrets: false,
            git_triggers_name_slugs: true,
            free_accounts_need_a_free_grant: false,
            runbook_processes_need_process_view: false,
            settings_need_process_view: false,
            properties_are_objects: false,
            left_out_of_target_lists: Vec::new(),
            bodies_name_their_space: false,
            stale_version: 400,
            templates_keep_their_number: false,
            parameters_get_new_ids: false,
            runbooks_leave_it_to_the_environment: false,
            runbook_processes_need_process_edit: false,
            processes_get_properties: false,
            unseen_variables_are_lost: false,
            saved_variables_lack_scope_values: false,
            published_by: PublishedBy::Either,
            schedules_need_a_published_snapshot: false,
            settings_need_process_edit: false,
            enabled_triggers_run_at_once: false,
            lists_lack_last_modified: false,
        }
    }
}

/// What later servers know. Each by itself, and all at once with [`crate::Octopus::grow_old`].
#[derive(Clone, Debug)]
pub struct Newer {
    /// API keys say their access level and when they were used last (2026.3).
    pub access_levels: bool,
    /// `RunRetentionPolicy` has a `Strategy` (about 2025.3).
    pub retention_strategy: bool,
    /// The permission `RunbookSnapshotCreate` (2026.3).
    pub snapshot_permission: bool,
    /// `projects/{id}/variables`.
    pub project_variables: bool,
    /// `IsGitResourceModified` in the template of a run.
    pub git_modified_flag: bool,
    /// Filters of the triggers of a project: older servers give all.
    pub trigger_filters: bool,
    /// `deploymentfreezes` (2025.1).
    pub deployment_freezes: bool,
    /// The runbooks of a project can be in Git (2025.1).
    pub runbooks_in_git: bool,
    /// `projects/{id}/deploymentsettings`; before, the project itself had what it has (2020).
    pub deployment_settings: bool,
    /// Runbooks, snapshots, processes and triggers are written below `projects/{id}` too.
    pub writes_below_projects: bool,
    /// Policies have `MachineRpcCallRetryPolicy` and `MachinePackageCacheRetentionPolicy`.
    pub policy_extras: bool,
}

impl Default for Newer {
    fn default() -> Self {
        Self {
            access_levels: true,
            retention_strategy: true,
            snapshot_permission: true,
            project_variables: true,
            git_modified_flag: true,
            trigger_filters: true,
            deployment_freezes: true,
            runbooks_in_git: true,
            deployment_settings: true,
            writes_below_projects: true,
            policy_extras: true,
        }
    }
}

impl Newer {
    /// A server that knows none of it.
    pub(crate) fn nothing() -> Self {
        Self {
            access_levels: false,
            retention_strategy: false,
            snapshot_permission: false,
            project_variables: false,
            git_modified_flag: false,
            trigger_filters: false,
            deployment_freezes: false,
            runbooks_in_git: false,
            deployment_settings: false,
            writes_below_projects: false,
            policy_extras: false,
        }
    }

    pub(crate) fn knows_permission(&self, name: &str) -> bool {
        self.snapshot_permission || name != "RunbookSnapshotCreate"
    }
}
