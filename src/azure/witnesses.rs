//! Second opinions on a machine that no listing has.
//!
//! Sources: Azure REST API reference, Virtual Machine Scale Set VMs (Get), Virtual Machine Scale Sets (List, List All).

use super::advice::{NotFound, not_found};
use super::client::Azure;
use super::naming::{ScaleSetId, pattern};
use super::rows::{Mode, ScaleSetRow, VirtualMachineRow};
use super::scale_sets::{COMPUTE, scale_set_of, unreadable, witness_of};
use crate::error::{Cause, PERMISSIONS_IN_AZURE, Service, ServiceError};
use crate::http::Deadline;
use crate::reconcile::evidence::InstanceAnswer;
use crate::reconcile::others::OtherGroup;
use crate::reconcile::pattern::NamePattern;
use crate::reconcile::snapshot::{GroupId, Instance, InstanceState};
use crate::reconcile::verdict::Needs;

/// What it takes to ask about machines.
pub const READ: Needs = Needs {
    permission: "read access to the scale sets and their virtual machines",
    role: "Azure's role Reader has it, given on the resource group",
};

/// What it takes to see every scale set that could give a name.
pub const SEE_ALL: Needs = Needs {
    permission: "read access to all scale sets of the subscription",
    role: "Azure's role Reader has it, given on the subscription",
};

/// The scale sets that the account sees beside those of the run.
#[derive(Debug, Default)]
pub struct OtherScaleSets {
    /// All of them.
    pub all: Vec<OtherScaleSet>,
    /// Where they were listed.
    host: String,
    /// Which scale sets were seen, those of the run included.
    pub seen: Vec<ScaleSetId>,
    /// In how many resource groups.
    pub resource_groups: usize,
    /// The subscriptions that could not be listed; there only the run's own groups were.
    pub unlisted: Vec<Unlisted>,
}

/// A subscription whose scale sets could not be listed.
#[derive(Debug)]
pub struct Unlisted {
    /// A scale set of the run that is there.
    of: ScaleSetId,
    /// What came back.
    pub error: ServiceError,
}

/// A scale set that is not of this run.
#[derive(Debug)]
pub struct OtherScaleSet {
    /// For the policy.
    pub group: OtherGroup,
    /// For reading it.
    id: ScaleSetId,
    row: ScaleSetRow,
}

impl Azure {
    /// Asks for one instance of a Uniform scale set by itself.
    ///
    /// Only Azure's own 404 about that instance says that it is gone: one with an error body in Azure's shape, of whatever
    /// code but those that say that something else was not found.
    ///
    /// # Errors
    /// Whatever is no word of Azure's about that instance.
    pub fn ask_instance(
        &self,
        group: &GroupId,
        instance: &str,
        deadline: Deadline,
    ) -> Result<InstanceAnswer, ServiceError> {
        let id = scale_set_of(group)?;
        let url = self.scale_set_url(&id, &["virtualMachines", instance], &[]);
        let attempted = format!("read instance {instance} of {id}");
        match self.get::<VirtualMachineRow>(url, &attempted, deadline) {
            Ok(row) if row.state() == InstanceState::Deleting => Ok(InstanceAnswer::Deleting),
            Ok(row) => Ok(InstanceAnswer::Exists(row.state_text().to_owned())),
            Err(error) => match not_found(&error) {
                Some(NotFound::Itself) => Ok(InstanceAnswer::Gone),
                Some(
                    NotFound::Subscription
                    | NotFound::Kind
                    | NotFound::ResourceGroup
                    | NotFound::Parent
                    | NotFound::Unsaid,
                )
                | None => Err(error),
            },
        }
    }

    /// Lists the scale sets of the run's subscriptions; of its resource groups where a subscription may not be listed. A list
    /// that lacks one of the run's is none, unless that is `missing`.
    ///
    /// # Errors
    /// Neither may be listed, or a listing failed in any other way.
    pub fn other_scale_sets(
        &self,
        of_run: &[ScaleSetId],
        missing: &[GroupId],
        deadline: Deadline,
    ) -> Result<OtherScaleSets, ServiceError> {
        let mut seen = OtherScaleSets {
            host: self.host(),
            ..OtherScaleSets::default()
        };
        let mut asked: Vec<&ScaleSetId> = Vec::new();
        for id in of_run {
            if asked.iter().any(|other| other.same_subscription(id)) {
                continue;
            }
            asked.push(id);
            let of_subscription: Vec<&ScaleSetId> = of_run
                .iter()
                .filter(|other| other.same_subscription(id))
                .collect();
            let is_missing = |id: &ScaleSetId| missing.contains(&id.group_id());
            let found: Vec<&ScaleSetId> = of_subscription
                .iter()
                .copied()
                .filter(|id| !is_missing(id))
                .collect();
            let rows = match self.scale_sets_of_subscription(id, &found, deadline) {
                Err(error) if may_not_list(&error) => {
                    let of = id.clone();
                    seen.unlisted.push(Unlisted { of, error });
                    self.scale_sets_of_groups(&of_subscription, &found, deadline)?
                }
                rows => rows?,
            };
            seen.count(&rows);
            let others = rows.into_iter().filter(|(id, _)| !of_run.contains(id));
            seen.all.extend(others.map(OtherScaleSet::new));
        }
        Ok(seen)
    }

    /// The scale sets of a subscription, as far as the account may see them: for people to choose from.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn scale_sets_in(
        &self,
        subscription: &str,
        deadline: Deadline,
    ) -> Result<Vec<ScaleSetId>, ServiceError> {
        let any = ScaleSetId {
            subscription: subscription.into(),
            group: "".into(),
            name: "".into(),
        };
        let rows = self.scale_sets_of_subscription(&any, &[], deadline)?;
        Ok(rows.into_iter().map(|(id, _)| id).collect())
    }

    fn scale_sets_of_subscription(
        &self,
        id: &ScaleSetId,
        found: &[&ScaleSetId],
        deadline: Deadline,
    ) -> Result<Vec<(ScaleSetId, ScaleSetRow)>, ServiceError> {
        let attempted = list_of_subscription(id);
        let segments = [
            "subscriptions",
            &id.subscription,
            "providers",
            COMPUTE,
            "virtualMachineScaleSets",
        ];
        let rows = self.scale_sets_at(&segments, &attempted, deadline)?;
        self.lacks_none(rows, found, &attempted)
    }

    fn scale_sets_of_groups(
        &self,
        of_run: &[&ScaleSetId],
        found: &[&ScaleSetId],
        deadline: Deadline,
    ) -> Result<Vec<(ScaleSetId, ScaleSetRow)>, ServiceError> {
        let mut all = Vec::new();
        let mut asked: Vec<&ScaleSetId> = Vec::new();
        for id in of_run {
            if !asked.iter().any(|other| other.same_group(id)) {
                asked.push(id);
                let attempted = format!("list the scale sets of resource group {}", id.group);
                let rows = self.scale_sets_at(
                    &self.group_segments(id, "virtualMachineScaleSets"),
                    &attempted,
                    deadline,
                )?;
                let of_group: Vec<&ScaleSetId> = found
                    .iter()
                    .copied()
                    .filter(|other| other.same_group(id))
                    .collect();
                all.extend(self.lacks_none(rows, &of_group, &attempted)?);
            }
        }
        Ok(all)
    }

    fn scale_sets_at(
        &self,
        segments: &[&str],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Vec<(ScaleSetId, ScaleSetRow)>, ServiceError> {
        let identified = |row: ScaleSetRow| {
            let id = row.id.as_deref().and_then(ScaleSetId::from_resource_id);
            id.map(|id| (id, row))
        };
        let rows = self.list(
            &self.url(segments, &[]),
            attempted,
            ScaleSetRow::key,
            identified,
            deadline,
        )?;
        // A scale set that cannot be told by its id could be any candidate's.
        let all = rows.into_iter().collect::<Option<Vec<_>>>();
        all.ok_or_else(|| {
            self.unreadable(
                attempted,
                "a scale set in the list has no id of the usual shape",
            )
        })
    }

    /// Azure filters lists silently by what the account may see, so a list that lacks a scale set of the run, which was just
    /// read, says nothing about what else it lacks.
    fn lacks_none(
        &self,
        rows: Vec<(ScaleSetId, ScaleSetRow)>,
        of_run: &[&ScaleSetId],
        attempted: &str,
    ) -> Result<Vec<(ScaleSetId, ScaleSetRow)>, ServiceError> {
        let is_listed = |own: &ScaleSetId| rows.iter().any(|(id, _)| id == own);
        match of_run.iter().find(|own| !is_listed(own)) {
            None => Ok(rows),
            Some(own) => Err(ServiceError {
                service: Service::Azure,
                attempted: attempted.to_owned(),
                host: self.host().into(),
                cause: Cause::Partial(format!("it lacks {own}, which was read just before")),
                next: reader_on_subscription(),
            }),
        }
    }

    /// Lists the instances of another scale set.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn list_other(
        &self,
        other: &OtherScaleSet,
        deadline: Deadline,
    ) -> Result<Vec<Instance>, ServiceError> {
        self.machines_of_other(&other.id, &other.row, deadline)
    }
}

fn reader_on_subscription() -> String {
    format!(
        "Give the account the Reader role on the subscription (Access control (IAM)); see {PERMISSIONS_IN_AZURE}"
    )
}

fn list_of_subscription(id: &ScaleSetId) -> String {
    format!("list the scale sets of subscription {}", id.subscription)
}

/// The account may not see all of the list, whether Azure says so or not.
fn may_not_list(error: &ServiceError) -> bool {
    let forbidden = error.service == Service::Azure && error.status() == Some(403);
    forbidden || matches!(error.cause, Cause::Partial(_))
}

impl OtherScaleSets {
    /// Those that were not there before, or only as another one of that name, or with another pattern.
    pub fn came_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a OtherScaleSet> {
        let is_known = |now: &&OtherScaleSet| before.all.iter().any(|then| then.is(now));
        self.all.iter().filter(move |now| !is_known(now))
    }

    /// Those that are not of this run.
    pub fn beside_the_run(&self) -> impl Iterator<Item = &ScaleSetId> {
        self.all.iter().map(|other| &other.id)
    }

    /// Makes sure that a scale set which was not found is not there: the whole of its subscription was listed, and lacks it.
    ///
    /// # Errors
    /// What this list lacks to say so.
    pub fn proves_missing(&self, id: &ScaleSetId) -> Result<(), ServiceError> {
        if let Some(unlisted) = self.unlisted.iter().find(|it| it.of.same_subscription(id)) {
            return Err(unlisted.error.clone());
        }
        let attempted = list_of_subscription(id);
        if self.seen.contains(id) {
            let why = format!("it has {id}, which is not found when it is asked for by itself");
            return Err(unreadable(&self.host, &attempted, &why));
        }
        Ok(())
    }

    fn count(&mut self, rows: &[(ScaleSetId, ScaleSetRow)]) {
        let mut groups: Vec<&ScaleSetId> = Vec::new();
        for (id, _) in rows {
            if !groups.iter().any(|other| other.same_group(id)) {
                groups.push(id);
            }
        }
        self.seen.extend(rows.iter().map(|(id, _)| id.clone()));
        self.resource_groups += groups.len();
    }
}

impl OtherScaleSet {
    fn new((id, row): (ScaleSetId, ScaleSetRow)) -> Self {
        // A mode that is not known, or not said, could use either form of names; the listing then says that it cannot be read.
        let modes = match row.mode() {
            Ok(mode) if row.states_mode() => vec![mode],
            Ok(_) | Err(_) => vec![Mode::Uniform, Mode::Flexible],
        };
        let second_witness = witness_of(modes[0]);
        let patterns = modes
            .into_iter()
            .map(|mode| pattern(mode, &id.name, row.prefix()));
        let forms = patterns.flat_map(|pattern| pattern.forms).collect();
        let group = OtherGroup {
            id: id.group_id(),
            title: id.to_string(),
            pattern: NamePattern { forms },
            second_witness,
        };
        Self { group, id, row }
    }

    fn is(&self, other: &Self) -> bool {
        let same_identity = self.row.unique_id() == other.row.unique_id();
        self.id == other.id && same_identity && self.group.pattern == other.group.pattern
    }
}
