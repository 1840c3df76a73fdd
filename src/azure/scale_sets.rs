//! Reads scale sets and their machines.
//!
//! Sources: Azure REST API reference, Virtual Machine Scale Sets (Get), Virtual Machine Scale Set VMs (List), Virtual
//! Machines (List), api-version 2024-11-01.

use super::client::Azure;
use super::naming::{ScaleSetId, examples, pattern};
use super::rows::{Mode, OwnRow, Prefix, ScaleSetRow, VirtualMachineRow};
use crate::error::{Cause, RUN_AGAIN_OR_UPDATE, Service, ServiceError};
use crate::http::Deadline;
use crate::reconcile::snapshot::{GroupId, Instance, InstanceState, ScalingGroup, SecondWitness};
use azure_core::http::Url;
use std::collections::HashSet;
use std::sync::Arc;

pub(super) const COMPUTE: &str = "Microsoft.Compute";

impl Azure {
    /// Reads a scale set and every page of its machines. `of_run` are all scale sets of the run.
    ///
    /// Uniform: its instances, without `$expand` (a listing enriched with the instance view may leave out names). Flexible:
    /// every machine of the resource group, sorted here, so that a detached one is seen.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn scaling_group(
        &self,
        id: &ScaleSetId,
        of_run: &[ScaleSetId],
        deadline: Deadline,
    ) -> Result<ScalingGroup, ServiceError> {
        let row = self.scale_set(id, deadline)?;
        let mode = self.mode(id, &row)?;
        let group_id = id.group_id();
        let (instances, outsiders) = match mode {
            Mode::Uniform => {
                let instances = self.uniform_instances(id, &row, &group_id, deadline)?;
                (instances, Vec::new())
            }
            Mode::Flexible => self.flexible_machines(id, &group_id, of_run, deadline)?,
        };
        // What is not said gives the run no name: another's may begin with anything, its own with nothing.
        let prefix = match row.prefix() {
            Prefix::Unsaid => Prefix::None,
            said @ (Prefix::Given(_) | Prefix::None) => said,
        };
        let pattern = pattern(mode, &id.name, prefix);
        let shared = |instances: Vec<Instance>| instances.into_iter().map(Arc::new).collect();
        Ok(ScalingGroup {
            id: group_id,
            title: id.to_string(),
            summary: summary(mode, &row, &instances, &examples(&pattern)),
            identity: row.unique_id().map(str::to_owned),
            unsettled: row.unsettled().map(str::to_owned),
            // Empty in both its lists, such a scale set is empty.
            capacity: match row.is_for_attached_machines() {
                true => Some(0),
                false => row.capacity(),
            },
            pattern,
            second_witness: witness_of(mode),
            instances: shared(instances),
            outsiders: shared(outsiders),
            idle: HashSet::new(),
        })
    }

    /// Whatever does not name itself as this scale set is none of its answers: read as one, it would be a scale set without
    /// a prefix, and the same one as in the snapshot before.
    fn scale_set(&self, id: &ScaleSetId, deadline: Deadline) -> Result<ScaleSetRow, ServiceError> {
        let attempted = format!("read {id}");
        let row: ScaleSetRow = self.get(self.scale_set_url(id, &[], &[]), &attempted, deadline)?;
        match row.id.as_deref().and_then(ScaleSetId::from_resource_id) {
            Some(named) if named == *id && !row.is_bare() => Ok(row),
            Some(named) if named == *id => Err(self.unreadable(&attempted, "it has no properties")),
            Some(other) => Err(self.unreadable(&attempted, &format!("it is {other}"))),
            None => Err(self.unreadable(&attempted, "it names no scale set")),
        }
    }

    /// A scale set that does not say its mode is a Uniform one only if its instances are those of one: a Flexible one whose
    /// answer is cut short would be a scale set of other names, and without the machines that stand beside it.
    fn uniform_instances(
        &self,
        id: &ScaleSetId,
        row: &ScaleSetRow,
        group: &GroupId,
        deadline: Deadline,
    ) -> Result<Vec<Instance>, ServiceError> {
        let url = self.scale_set_url(id, &["virtualMachines"], &[]);
        let attempted = list_of(id);
        let instance = |row: VirtualMachineRow| {
            let owner = row.numbered_in().and_then(ScaleSetId::from_resource_id);
            (owner.as_ref() == Some(id), row.into_instance(Some(group)))
        };
        let rows = self.list(&url, &attempted, row_key, instance, deadline)?;
        match rows.iter().find(|(of_uniform, _)| !of_uniform) {
            Some((_, odd)) if !row.states_mode() => {
                let why = format!(
                    "the scale set states no orchestration mode, and {} is no instance of a Uniform one",
                    odd.resource_name
                );
                Err(self.unreadable(&attempted, &why))
            }
            Some(_) | None => Ok(rows.into_iter().map(|(_, instance)| instance).collect()),
        }
    }

    /// Members, and those beside them.
    fn flexible_machines(
        &self,
        id: &ScaleSetId,
        group: &GroupId,
        of_run: &[ScaleSetId],
        deadline: Deadline,
    ) -> Result<(Vec<Instance>, Vec<Instance>), ServiceError> {
        let place = |row: VirtualMachineRow| {
            match row.scale_set_id().and_then(ScaleSetId::from_resource_id) {
                Some(owner) if owner == *id => Some(row.into_instance(Some(group))),
                // Another scale set of the run lists it itself.
                Some(owner) if of_run.contains(&owner) => None,
                Some(_) | None => Some(row.into_instance(None)),
            }
        };
        let url = self.group_machines_url(id);
        let placed = self.list(&url, &machines_of_group(id), row_key, place, deadline)?;
        let placed = placed.into_iter().flatten();
        Ok(placed.partition(|instance| instance.group.is_some()))
    }

    /// All instances of a scale set that is not of this run, and for a Flexible one all machines that stand beside it, of no
    /// group. That none of its own is listed, although it should have some, says nothing of which it has.
    pub(super) fn machines_of_other(
        &self,
        id: &ScaleSetId,
        row: &ScaleSetRow,
        deadline: Deadline,
    ) -> Result<Vec<Instance>, ServiceError> {
        let attempted = list_of(id);
        if let Some(missing) = row.lacks() {
            let why = format!("its row in the list of scale sets has no {missing}");
            return Err(self.unreadable(&attempted, &why));
        }
        let (mode, group) = (self.mode(id, row)?, id.group_id());
        let machines = match mode {
            Mode::Uniform => self.uniform_instances(id, row, &group, deadline)?,
            Mode::Flexible => {
                let (own, beside) = self.flexible_machines(id, &group, &[], deadline)?;
                own.into_iter().chain(beside).collect()
            }
        };
        let own = machines.iter().filter(|it| it.group.is_some()).count();
        let why = match (own, row.capacity(), mode) {
            (0, Some(capacity @ 1..), _) => {
                format!("none is listed, and its capacity is {capacity}")
            }
            (0, None, Mode::Uniform) => "none is listed, and it states no capacity".into(),
            // A Flexible scale set without a profile has no capacity to state.
            (0, None, Mode::Flexible) | (0, Some(0), _) | (1.., _, _) => return Ok(machines),
        };
        Err(self.unreadable(&attempted, &why))
    }

    /// The machines that a Flexible scale set's own list names, each with every name that it has there.
    ///
    /// # Errors
    /// Anything but a complete list of rows that each name a machine.
    pub fn own_list(
        &self,
        group: &GroupId,
        deadline: Deadline,
    ) -> Result<Vec<Vec<String>>, ServiceError> {
        let id = &scale_set_of(group)?;
        let attempted = format!("list what {id} calls its own machines");
        let url = self.scale_set_url(id, &["virtualMachines"], &[]);
        let machines = self.list(&url, &attempted, OwnRow::key, |row| row.names(), deadline)?;
        if machines.iter().all(|names| !names.is_empty()) {
            return Ok(machines);
        }
        Err(self.unreadable(&attempted, "a row names no machine"))
    }

    /// The resource names (in lower case) of the machines that are known to be off.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn machines_off(
        &self,
        group: &ScalingGroup,
        deadline: Deadline,
    ) -> Result<HashSet<String>, ServiceError> {
        self.machines_that(group, VirtualMachineRow::is_off, deadline)
    }

    /// The same, with those that wait in a standby pool.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn machines_idle(
        &self,
        group: &ScalingGroup,
        deadline: Deadline,
    ) -> Result<HashSet<String>, ServiceError> {
        let is_idle = |row: &VirtualMachineRow| row.is_off() || row.is_pooled();
        self.machines_that(group, is_idle, deadline)
    }

    fn machines_that(
        &self,
        group: &ScalingGroup,
        which: impl Fn(&VirtualMachineRow) -> bool,
        deadline: Deadline,
    ) -> Result<HashSet<String>, ServiceError> {
        let id = &scale_set_of(&group.id)?;
        let url = match mode_with(group.second_witness) {
            Mode::Uniform => {
                self.scale_set_url(id, &["virtualMachines"], &[("$expand", "instanceView")])
            }
            Mode::Flexible => {
                // Expanding is allowed only together with this filter, whose property name is quoted.
                let filter = format!("'virtualMachineScaleSet/id' eq '{}'", group.id);
                self.url(
                    &self.group_segments(id, "virtualMachines"),
                    &[("$filter", &filter), ("$expand", "instanceView")],
                )
            }
        };
        let name = |row: VirtualMachineRow| which(&row).then(|| row.name.to_lowercase());
        let attempted = format!("list the power states of {id}");
        let names = self.list(&url, &attempted, row_key, name, deadline)?;
        Ok(names.into_iter().flatten().collect())
    }

    pub(super) fn scale_set_url(
        &self,
        id: &ScaleSetId,
        below: &[&str],
        query: &[(&str, &str)],
    ) -> Url {
        let mut segments = self.group_segments(id, "virtualMachineScaleSets");
        segments.push(&id.name);
        segments.extend(below);
        self.url(&segments, query)
    }

    pub(super) fn group_segments<'a>(&self, id: &'a ScaleSetId, kind: &'a str) -> Vec<&'a str> {
        vec![
            "subscriptions",
            &id.subscription,
            "resourceGroups",
            &id.group,
            "providers",
            COMPUTE,
            kind,
        ]
    }

    fn group_machines_url(&self, id: &ScaleSetId) -> Url {
        self.url(&self.group_segments(id, "virtualMachines"), &[])
    }

    fn mode(&self, id: &ScaleSetId, row: &ScaleSetRow) -> Result<Mode, ServiceError> {
        row.mode().map_err(|mode| {
            let why = format!("orchestration mode {mode} is not known");
            self.unreadable(&format!("read {id}"), &why)
        })
    }

    /// An answer that this program does not know what to make of.
    pub(super) fn unreadable(&self, attempted: &str, why: &str) -> ServiceError {
        unreadable(&self.host(), attempted, why)
    }
}

/// An answer from this host that this program does not know what to make of.
pub(super) fn unreadable(host: &str, attempted: &str, why: &str) -> ServiceError {
    ServiceError {
        service: Service::Azure,
        attempted: attempted.to_owned(),
        host: host.into(),
        cause: Cause::Unreadable(why.to_owned()),
        next: RUN_AGAIN_OR_UPDATE.into(),
    }
}

fn row_key(row: &VirtualMachineRow) -> &str {
    row.id.as_deref().unwrap_or(&row.name)
}

fn list_of(id: &ScaleSetId) -> String {
    format!("list the instances of {id}")
}

fn machines_of_group(id: &ScaleSetId) -> String {
    format!("list the virtual machines of resource group {}", id.group)
}

/// The second witness that a scale set of this mode has.
pub(super) fn witness_of(mode: Mode) -> SecondWitness {
    match mode {
        Mode::Uniform => SecondWitness::EachInstance,
        Mode::Flexible => SecondWitness::OwnList,
    }
}

/// The mode of a scale set that has this second witness.
fn mode_with(witness: SecondWitness) -> Mode {
    match witness {
        SecondWitness::EachInstance => Mode::Uniform,
        SecondWitness::OwnList => Mode::Flexible,
    }
}

/// The scale set that the policy knows by this id.
pub(super) fn scale_set_of(group: &GroupId) -> Result<ScaleSetId, ServiceError> {
    let id = ScaleSetId::from_resource_id(group.as_str());
    id.ok_or_else(|| unreadable("", &format!("read {group}"), "that is no scale set"))
}

/// How the scale set is, for the head of the plan.
fn summary(mode: Mode, row: &ScaleSetRow, instances: &[Instance], names: &str) -> String {
    let capacity = row
        .capacity()
        .map_or_else(|| "not stated".to_owned(), |capacity| capacity.to_string());
    let deleting = instances
        .iter()
        .filter(|i| i.state == InstanceState::Deleting)
        .count();
    let deleting = if deleting == 0 {
        String::new()
    } else {
        format!(" ({deleting} of them Deleting)")
    };
    let mode = match mode {
        Mode::Uniform => "Uniform",
        Mode::Flexible => "Flexible",
    };
    let state = row.provisioning_state();
    format!(
        "{mode}, {state}, capacity {capacity}, instances listed: {}{deleting}, names like {names}",
        instances.len()
    )
}
