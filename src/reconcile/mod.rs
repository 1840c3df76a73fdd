//! What is decided, and nothing else.
//!
//! Values in, values out: no client, no clock, no log, and no word of a particular cloud. The policy reads in this order:
//! [`identity`] (which machine is meant by a name, whose name is it), [`plan`] (one verdict per target), [`brake`] (reasons
//! to remove nothing at all), [`evidence`] (what else must hold before a registration is removed), [`outputs`] (what the
//! steps that follow are told). Beside that: [`registration`] (which machines have no target yet), [`history`] (is this run a
//! duplicate, which targets are old), [`guided_failure`] (which paused tasks wait for a machine that is gone).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

pub mod brake;
pub mod evidence;
pub mod guided_failure;
pub mod history;
pub mod identity;
pub mod outputs;
pub mod plan;
pub mod registration;
pub mod usage;
pub mod verdict;

/// Id of a deployment target, such as `Machines-42`. Compared case-insensitively, as Octopus does.
#[derive(Debug, Clone)]
pub struct TargetId(pub String);

impl PartialEq for TargetId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for TargetId {}

impl Hash for TargetId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0
            .bytes()
            .for_each(|byte| byte.to_ascii_lowercase().hash(state));
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that was read at one time: the deployment targets first, then the machines. Never the other way round:
/// a machine that registers between the two reads must not look stale.
#[derive(Debug, Default)]
pub struct Look {
    /// The targets in scope, in the order of Octopus's list.
    pub targets: Vec<Target>,
    /// The scaling groups of the run, in the order of the settings.
    pub groups: Vec<Group>,
}

/// A deployment target in scope: it is in the run's space and environment, carries all the roles and, in a tenanted run,
/// belongs to the tenant.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its id, stable for the life of the registration.
    pub id: TargetId,
    /// Its name, as registered.
    pub name: String,
    /// Certificate thumbprint (SSH: fingerprint), where it has one.
    pub thumbprint: Option<String>,
    /// Ids of its environments.
    pub environments: Arc<[String]>,
    /// Its roles. Shared, as the environments are: thousands of targets carry the same.
    pub roles: Arc<[String]>,
    /// Whether it stands for a machine at all.
    pub kind: TargetKind,
    /// Octopus's last health check said Healthy or HasWarnings.
    pub answers_health_checks: bool,
    /// It takes part in deployments.
    pub enabled: bool,
    /// The kinds of deployments it takes part in.
    pub participation: Participation,
}

/// Whether a target stands for a machine that a scaling group could have taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A Tentacle (listening or polling) or an SSH connection.
    Machine,
    /// A cloud region, a web app, a cluster, or a style this program does not know.
    Other,
}

/// The kinds of deployments a target takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participation {
    /// Untenanted deployments only.
    Untenanted,
    /// Both kinds.
    Both,
    /// Tenanted deployments only.
    Tenanted,
}

impl Target {
    /// What has changed between two readings of the same registration, in a word for people; `None` if nothing has.
    /// A changed one may stand for another machine now, so what was learned about it no longer counts.
    #[must_use]
    pub fn change_since(&self, earlier: &Target) -> Option<&'static str> {
        let same =
            |a: &[String], b: &[String]| a.len() == b.len() && a.iter().all(|x| b.contains(x));
        if self.name != earlier.name {
            Some("name")
        } else if self.thumbprint != earlier.thumbprint {
            Some("thumbprint")
        } else if !same(&self.roles, &earlier.roles) {
            Some("list of roles")
        } else if !same(&self.environments, &earlier.environments) {
            Some("list of environments")
        } else {
            None
        }
    }
}

/// A scaling group, as it was read.
#[derive(Debug)]
pub struct Group {
    /// What people call it, with the word of its cloud.
    pub title: String,
    /// How it is and how its machines are called, for the head of the plan.
    pub summary: String,
    /// Identity that a group recreated under the same name does not share.
    pub identity: Option<String>,
    /// The state it reports, if that means its machines are about to change.
    pub unsettled: Option<String>,
    /// The number of machines it is asked to have, where it says so.
    pub capacity: Option<u64>,
    /// What its machines are called, exactly.
    pub pattern: identity::NamePattern,
    /// Its machines.
    pub instances: Vec<Instance>,
    /// Machines beside it that do not, or no longer, belong to it, and could be taken for its own.
    pub bystanders: Vec<Instance>,
}

impl Group {
    /// Why the group is not settled, or `None` if it is.
    #[must_use]
    pub fn unsettled_because(&self) -> Option<String> {
        let count = |state| self.instances.iter().filter(|i| i.state == state).count();
        let (creating, deleting) = (
            count(InstanceState::Creating),
            count(InstanceState::Deleting),
        );
        let mut reasons: Vec<String> = self
            .unsettled
            .iter()
            .map(|state| format!("it is {state}"))
            .collect();
        reasons.extend((creating > 0).then(|| format!("instances being created: {creating}")));
        reasons.extend((deleting > 0).then(|| format!("instances being deleted: {deleting}")));
        (!reasons.is_empty()).then(|| format!("{}: {}", self.title, reasons.join(", ")))
    }
}

/// A machine of a scaling group, or beside it.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The name of the cloud's resource.
    pub resource_name: String,
    /// The name the machine gives itself, where the cloud knows it.
    pub computer_name: Option<String>,
    /// Its number in the group, where machines of the group have one.
    pub number: Option<u64>,
    /// How far the cloud is with it.
    pub state: InstanceState,
    /// When it was made; unknown counts as long ago.
    pub created: Option<SystemTime>,
}

/// How far the cloud is with a machine. Existence is not health: all but `Deleting` mean that it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceState {
    /// Being made.
    Creating,
    /// There: running, stopped, being changed, or in a state this program does not know.
    Present,
    /// There, but its provisioning failed.
    Failed,
    /// Being taken away.
    Deleting,
}
