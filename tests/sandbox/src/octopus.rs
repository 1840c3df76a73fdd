//! Octopus Server: its state, and which answer belongs to which address.
//!
//! Shapes follow the pages below octopus.com/docs/api ("Deployment Targets", "Tasks", "Environments",
//! "Spaces", "Events", "Interruptions", "Deployments", "Runbook Runs", and those that the modules below name).

mod audit;
mod authentication;
mod connection;
mod deployments;
mod dispatch;
mod documents;
mod envelope;
mod errors;
mod everything;
mod git;
mod health;
mod health_check;
mod interruption;
mod interruptions;
mod layers;
mod log;
mod machines;
mod new_task;
mod outcome;
mod people;
mod places;
mod policies;
mod projects;
mod properties;
mod query;
mod reachable;
mod readings;
mod routes;
mod runbooks;
mod setup_routes;
mod snapshots;
mod stock;
mod target;
mod task;
mod tasks;
mod templates;
mod timespan;
mod variables;
mod writes;

pub use audit::Event;
pub(crate) use dispatch::serve;
pub use documents::{Documents, Kind};
pub use git::GitStage;
pub use health::{BusyTargets, HealthChecks, OnlyTestConnection, Reach};
pub use health_check::HealthCheck;
pub(crate) use health_check::advance;
pub use interruption::{Interruption, InterruptionHandle};
pub use log::LogNode;
pub use people::{
    ApiKey, Grant, PERMISSIONS, SERVICE_ACCOUNT, ScopedRole, User, UserHandle, UserRole,
};
pub use places::{Environment, Space, Tenant};
pub use policies::MachinePolicy;
pub use readings::{KeyHint, Modified, Newer, PublishedBy, Readings};
pub use stock::DailyForm;
pub use target::{Target, TargetHandle};
pub use task::{PastRun, Task, TaskHandle, TaskKind};
pub(crate) use writes::{blank_action, over};

use crate::clock::{self, Time};
use crate::http::Call;
use crate::limiter::RateLimit;
use crate::matcher::Route;
use crate::world::{ENVIRONMENT, SPACE};
use std::collections::{BTreeMap, BTreeSet};

/// The state of Octopus Server.
#[derive(Clone, Debug)]
pub struct Octopus {
    /// Where the server sits below its address: empty, or for example `/octo`.
    pub virtual_directory: String,
    /// The version that the server says it has.
    pub version: String,
    /// The API key that the program under test is told: that of [`SERVICE_ACCOUNT`].
    pub api_key: String,
    /// A bearer token that it accepts instead of that key.
    pub access_token: Option<String>,
    /// What that key's owner may do as far as its roles go, by Octopus's names. Take one away and its routes answer 403.
    pub permissions: BTreeSet<String>,
    /// The users by their ids.
    pub users: BTreeMap<String, User>,
    /// The roles by their ids.
    pub roles: BTreeMap<String, UserRole>,
    /// Projects, runbooks, variables, accounts and whatever else is kept as a document.
    pub documents: Documents,
    /// How it reads what is documented nowhere, or twice.
    pub readings: Readings,
    /// What it knows that older servers do not.
    pub newer: Newer,
    /// The spaces by their ids.
    pub spaces: BTreeMap<String, Space>,
    /// The environments by their ids.
    pub environments: BTreeMap<String, Environment>,
    /// The tenants by their ids.
    pub tenants: BTreeMap<String, Tenant>,
    /// The deployment targets by their ids.
    pub targets: BTreeMap<String, Target>,
    /// The machine policies by their ids.
    pub machine_policies: BTreeMap<String, MachinePolicy>,
    /// How it tests targets.
    pub health_checks: HealthChecks,
    /// The most tasks that run at one time. Only health checks wait for it: deployments do not run here.
    pub task_cap: Option<usize>,
    /// The tasks by their ids, with the deployment or runbook run that each belongs to.
    pub tasks: BTreeMap<String, Task>,
    /// What the audit log holds beside what became of the tasks.
    pub events: Vec<Event>,
    /// What happened before is no longer in the audit log.
    pub audit_begins: Option<Time>,
    /// The categories that the audit log leaves out.
    pub hidden_events: BTreeSet<String>,
    /// Whether the events of deployments and runbook runs name their task. The documentation does not say.
    pub events_name_tasks: bool,
    /// The interruptions by their ids.
    pub interruptions: BTreeMap<String, Interruption>,
    /// The rate limit, off at first.
    pub rate_limit: Option<RateLimit>,
    /// The most items that a page holds, whatever `take` asks for.
    pub max_page_size: Option<usize>,
    /// Newer servers wrap a target's tasks in `ResourceCollection` and its scoped variables in `Resource`.
    pub wraps_answers: bool,
    /// Older servers do not know `singlyScopedVariableDetails` and answer 404.
    pub knows_scoped_variables: bool,
    /// Whether the server knows `machines/{id}/tasks`. Where it does not, it answers 404.
    pub knows_target_tasks: bool,
    /// The same for `runbookRuns/{id}`.
    pub knows_runbook_runs: bool,
    /// The same for tasks below a space. Without a space they are known all the same.
    pub knows_space_tasks: bool,
    /// Whether a key without `VariableView` or `LibraryVariableSetView` learns that a target has variables which it may
    /// not see, instead of 403. The documentation does not say.
    pub flags_hidden_variables: bool,
    /// How far the server's clock is ahead of this machine's.
    pub clock_ahead: time::Duration,
    /// The health checks that are not over.
    checking: Vec<String>,
    last_ids: BTreeMap<&'static str, u64>,
}

impl Default for Octopus {
    fn default() -> Self {
        let mut octopus = Self {
            virtual_directory: String::new(),
            version: "2026.3.1204".to_owned(),
            api_key: "API-SANDBOX0NOT0A0REAL0KEY0".to_owned(),
            access_token: None,
            permissions: PERMISSIONS.map(str::to_owned).into(),
            users: BTreeMap::new(),
            roles: BTreeMap::new(),
            documents: Documents::default(),
            readings: Readings::default(),
            newer: Newer::default(),
            spaces: BTreeMap::new(),
            environments: BTreeMap::new(),
            tenants: BTreeMap::new(),
            targets: BTreeMap::new(),
            machine_policies: BTreeMap::new(),
            health_checks: HealthChecks::default(),
            task_cap: None,
            tasks: BTreeMap::new(),
            events: Vec::new(),
            audit_begins: None,
            hidden_events: BTreeSet::new(),
            events_name_tasks: true,
            interruptions: BTreeMap::new(),
            rate_limit: None,
            max_page_size: None,
            wraps_answers: false,
            knows_scoped_variables: true,
            knows_target_tasks: true,
            knows_runbook_runs: true,
            knows_space_tasks: true,
            flags_hidden_variables: false,
            clock_ahead: time::Duration::ZERO,
            checking: Vec::new(),
            last_ids: BTreeMap::new(),
        };
        octopus.add_space("Default");
        octopus.add_environment(SPACE, "Production");
        octopus.add_people();
        let policy = octopus.next_id("MachinePolicies");
        let default = MachinePolicy::new(&policy, "Default Machine Policy");
        octopus.machine_policies.insert(policy, default);
        debug_assert!(octopus.environments.contains_key(ENVIRONMENT));
        octopus
    }
}

impl Octopus {
    /// The time by the server's own clock.
    pub fn now(&self) -> Time {
        clock::now() + self.clock_ahead
    }

    fn add_people(&mut self) {
        for role in people::built_in() {
            self.roles.insert(role.id.clone(), role);
        }
        let key = self.next_id("APIKeys");
        let account = User::service_account(&key);
        self.users.insert(account.id.clone(), account);
    }

    /// The role of this name.
    pub(crate) fn role(&self, name: &str) -> Option<&UserRole> {
        self.roles.values().find(|role| role.name == name)
    }

    /// A server that knows nothing of what later ones learned.
    pub fn grow_old(&mut self) {
        self.version = "2020.1.22".to_owned();
        self.knows_scoped_variables = false;
        self.knows_target_tasks = false;
        self.knows_runbook_runs = false;
        self.knows_space_tasks = false;
        self.health_checks.knows_connection = false;
        self.newer = Newer::nothing();
        self.roles.values_mut().for_each(UserRole::grow_old);
    }

    /// Whether the server knows what a request asks for.
    pub(crate) fn knows(&self, address: &routes::Address) -> bool {
        match address.route {
            Route::MachineTasks => self.knows_target_tasks,
            Route::RunbookRun => self.knows_runbook_runs,
            Route::Tasks
            | Route::CreateTask
            | Route::Task
            | Route::TaskDetails
            | Route::TaskLog
            | Route::CancelTask => self.knows_space_tasks || address.space.is_none(),
            Route::CreateRunbook
            | Route::PutRunbook
            | Route::PutRunbookProcess
            | Route::CreateRunbookSnapshot
            | Route::CreateTrigger
            | Route::PutTrigger
            | Route::DeleteTrigger => self.newer.writes_below_projects || address.owner.is_none(),
            _ => true,
        }
    }

    /// Takes a permission away from the owner of the key.
    pub fn forbid(&mut self, permission: &str) {
        assert!(
            PERMISSIONS.contains(&permission),
            "no route asks for the permission {permission}"
        );
        self.permissions.remove(permission);
    }

    /// The next id of a kind: `Machines` gives `Machines-1`, `Machines-2`, ...
    pub(crate) fn next_id(&mut self, kind: &'static str) -> String {
        let last = self.last_ids.entry(kind).or_default();
        *last += 1;
        format!("{kind}-{last}")
    }

    /// The number of the last id of a kind; 0 where there is none.
    pub(crate) fn last_number(&self, kind: &str) -> u64 {
        self.last_ids.get(kind).copied().unwrap_or(0)
    }

    /// The next id of what has no number: a variable, a step, a parameter.
    pub(crate) fn next_guid(&mut self) -> String {
        let number = self.next_id("guid");
        let number = number.trim_start_matches("guid-");
        format!("5a4db0c0-0000-4000-8000-{number:0>12}")
    }
}

/// What a request asks for.
pub(crate) fn route(octopus: &Octopus, call: &Call) -> Route {
    routes::parse(octopus, call).route
}
