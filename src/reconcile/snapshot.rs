//! What was read at one time: deployment targets as Octopus has them, scaling groups and their instances as their cloud has
//! them. Nothing here knows which cloud that is.

use super::pattern::NamePattern;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

/// Everything that was read at one time: the deployment targets first, then the instances. Never the other way round:
/// a machine that registers between the two reads must not look stale.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The targets in scope, in the order of Octopus's list.
    pub targets: Vec<Arc<Target>>,
    /// The scaling groups of the run, in the order of the settings.
    pub groups: Vec<ScalingGroup>,
    /// Those of the run that do not exist, as their cloud says.
    pub missing: Vec<MissingGroup>,
}

/// A scaling group of the run that does not exist: deleted, or misspelt, and then its machines live under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGroup {
    /// Which one it would be.
    pub id: GroupId,
    /// What people call it, with the word of its cloud.
    pub title: String,
    /// Its name alone, which the names of its resources begin with.
    pub name: String,
    /// What its cloud said, and what to do about it, for people.
    pub explanation: String,
}

impl Snapshot {
    /// The group of this id.
    #[must_use]
    pub fn group(&self, id: &GroupId) -> Option<&ScalingGroup> {
        self.groups.iter().find(|group| group.id == *id)
    }
}

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
    /// What Octopus's last health check said.
    pub health: Health,
    /// Where Octopus reaches it, in small letters and without a last slash, where it says so.
    pub address: Option<String>,
    /// Id of its machine policy, where it names one.
    pub machine_policy: Option<String>,
    /// It takes part in deployments.
    pub enabled: bool,
    /// The kinds of deployments it takes part in.
    pub participation: Participation,
}

/// Whether a target stands for a machine that a scaling group could have taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A Tentacle or an SSH connection.
    Machine(Connection),
    /// A cloud region, a web app, a cluster, or a style this program does not know.
    Other,
}

/// How Octopus reaches a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Connection {
    /// A Tentacle that listens.
    Listening,
    /// A Tentacle that polls.
    Polling,
    /// SSH.
    Ssh,
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listening => "listening Tentacle",
            Self::Polling => "polling Tentacle",
            Self::Ssh => "SSH target",
        })
    }
}

/// What Octopus's last health check of a target said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered, and is well: Healthy or HasWarnings.
    Healthy,
    /// It answered, and the check failed. An SSH target of an old server may not have answered at all.
    Unhealthy,
    /// It did not answer.
    Unavailable,
    /// Nothing, or a word that this program does not know.
    Unknown,
}

impl Health {
    /// The smaller, the likelier it is that the target answers now.
    pub(super) fn last_to_trust(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Unhealthy => 1,
            Self::Unknown => 2,
            Self::Unavailable => 3,
        }
    }
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
    /// How Octopus reaches its machine, if it stands for one.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        match self.kind {
            TargetKind::Machine(connection) => Some(connection),
            TargetKind::Other => None,
        }
    }

    /// Where it is registered, with its certificate: what answers there answers for every target that is registered so.
    #[must_use]
    pub fn endpoint(&self) -> Option<(&str, &str)> {
        self.address.as_deref().zip(self.thumbprint.as_deref())
    }

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
        } else if self.address != earlier.address {
            Some("address")
        } else if !same(&self.roles, &earlier.roles) {
            Some("list of roles")
        } else if !same(&self.environments, &earlier.environments) {
            Some("list of environments")
        } else {
            None
        }
    }
}

/// Id of a scaling group, as its cloud writes it. Text: only the cloud's own folder reads it.
#[derive(Debug, Clone, Eq, Hash)]
#[allow(clippy::derived_hash_with_manual_eq)] // The same equality, faster where it is the same allocation.
pub struct GroupId(Arc<str>);

impl PartialEq for GroupId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl GroupId {
    /// The id with this text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A scaling group, as it was read.
#[derive(Debug, Clone)]
pub struct ScalingGroup {
    /// Which one it is.
    pub id: GroupId,
    /// What people call it, with the word of its cloud.
    pub title: String,
    /// How it is and how its instances are called, for the head of the plan.
    pub summary: String,
    /// Identity that a group recreated under the same name does not share.
    pub identity: Option<String>,
    /// The state it reports, if that means its instances are about to change.
    pub unsettled: Option<String>,
    /// The number of instances it is asked to have, where it says so.
    pub capacity: Option<u64>,
    /// What its instances are called, exactly.
    pub pattern: NamePattern,
    /// How its cloud can be asked a second time about a machine that is not listed.
    pub second_witness: SecondWitness,
    /// Its instances.
    pub instances: Vec<Arc<Instance>>,
    /// Machines beside it that do not, or no longer, belong to it, and could be taken for its own.
    pub outsiders: Vec<Arc<Instance>>,
    /// Resource names, in small letters, of the instances that are known to be off or kept in reserve, so that nobody can
    /// expect a target of theirs. Asked only where no target matches any instance.
    pub idle: HashSet<String>,
}

/// How a cloud can be asked a second time about a machine that is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondWitness {
    /// Each instance by itself, by the id that its name carries.
    EachInstance,
    /// The group's own list of its instances, beside the listing of all machines.
    OwnList,
}

impl ScalingGroup {
    /// Its instances, and the machines beside it.
    pub fn machines(&self) -> impl Iterator<Item = &Arc<Instance>> + Clone {
        self.instances.iter().chain(&self.outsiders)
    }

    /// The instances of which a target may be expected: none that is off, in reserve, or being taken away.
    pub fn awake(&self) -> impl Iterator<Item = &Arc<Instance>> {
        let is_awake = |i: &&Arc<Instance>| {
            i.state != InstanceState::Deleting
                && !self.idle.contains(&i.resource_name.to_lowercase())
        };
        self.instances.iter().filter(is_awake)
    }

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

/// An instance of a scaling group, or a machine beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The group of the run that it belongs to; `None` if it stands beside one.
    pub group: Option<GroupId>,
    /// Its id in the group, where the names of the group's instances carry one.
    pub id: Option<String>,
    /// The name of the cloud's resource.
    pub resource_name: String,
    /// The name the machine gives itself, where the cloud knows it.
    pub computer_name: Option<String>,
    /// The id that the cloud gives the machine itself, wherever it belongs.
    pub machine_id: Option<String>,
    /// How far the cloud is with it.
    pub state: InstanceState,
    /// When it was made; unknown counts as long ago.
    pub created: Option<SystemTime>,
}

impl Instance {
    /// What people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        self.computer_name.as_ref().unwrap_or(&self.resource_name)
    }
}

/// How far the cloud is with an instance. Existence is not health: all but `Deleting` mean that it exists.
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
