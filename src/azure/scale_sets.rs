//! Reads scale sets and their machines.
//!
//! Sources: Azure REST API reference, Virtual Machine Scale Sets (Get), Virtual Machine Scale Set VMs (List), Virtual
//! Machines (List), api-version 2024-11-01.

use super::client::Azure;
use super::id::ScaleSetId;
use super::naming;
use super::rows::{Mode, OwnRow, ScaleSetRow, VirtualMachineRow};
use crate::error::{Cause, Service, ServiceError};
use crate::http::Deadline;
use crate::reconcile::{Group, Instance, InstanceState};
use azure_core::http::Url;
use std::collections::HashSet;

pub(super) const COMPUTE: &str = "Microsoft.Compute";

/// A machine of a resource group, and whether it belongs to the scale set that is read.
enum Place {
    Member(Instance),
    Beside(Instance),
    /// It belongs to another scale set of the run, which lists it itself.
    ElsewhereInRun,
}

impl Azure {
    /// Reads a scale set and every page of its machines. `run` are all scale sets of the run.
    ///
    /// Uniform: its instances, without `$expand` (a listing enriched with the instance view may leave out names). Flexible:
    /// every machine of the resource group, sorted here, so that a detached one is seen.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn read_group(
        &self,
        id: &ScaleSetId,
        run: &[ScaleSetId],
        deadline: Deadline,
    ) -> Result<(Group, Mode), ServiceError> {
        let row = self.scale_set(id, deadline)?;
        let mode = mode(id, &row)?;
        let (instances, bystanders) = match mode {
            Mode::Uniform => (self.uniform_instances(id, deadline)?, Vec::new()),
            Mode::Flexible => self.flexible_machines(id, run, deadline)?,
        };
        let pattern = naming::pattern(mode, &id.name, row.computer_name_prefix());
        let group = Group {
            title: id.to_string(),
            summary: summary(mode, &row, &instances, &naming::describe(&pattern)),
            identity: row.unique_id().map(str::to_owned),
            unsettled: row.unsettled().map(str::to_owned),
            capacity: row.capacity(),
            pattern,
            instances,
            bystanders,
        };
        Ok((group, mode))
    }

    /// Whatever does not name itself as this scale set is none of its answers: read as one, it would be a scale set without
    /// a prefix, and the same one as at the look before.
    fn scale_set(&self, id: &ScaleSetId, deadline: Deadline) -> Result<ScaleSetRow, ServiceError> {
        let attempted = format!("read {id}");
        let row: ScaleSetRow = self.get(self.scale_set_url(id, &[], &[]), &attempted, deadline)?;
        match row.id.as_deref().and_then(ScaleSetId::from_resource_id) {
            Some(named) if named == *id && !row.is_bare() => Ok(row),
            Some(named) if named == *id => Err(unreadable(&attempted, "it has no properties")),
            Some(other) => Err(unreadable(&attempted, &format!("it is {other}"))),
            None => Err(unreadable(&attempted, "it names no scale set")),
        }
    }

    fn uniform_instances(
        &self,
        id: &ScaleSetId,
        deadline: Deadline,
    ) -> Result<Vec<Instance>, ServiceError> {
        let url = self.scale_set_url(id, &["virtualMachines"], &[]);
        self.list(
            &url,
            &format!("list the instances of {id}"),
            row_key,
            VirtualMachineRow::into_instance,
            deadline,
        )
    }

    /// Members and bystanders.
    fn flexible_machines(
        &self,
        id: &ScaleSetId,
        run: &[ScaleSetId],
        deadline: Deadline,
    ) -> Result<(Vec<Instance>, Vec<Instance>), ServiceError> {
        let place = |row: VirtualMachineRow| match row
            .scale_set_id()
            .and_then(ScaleSetId::from_resource_id)
        {
            Some(owner) if owner == *id => Place::Member(row.into_instance()),
            Some(owner) if run.contains(&owner) => Place::ElsewhereInRun,
            Some(_) | None => Place::Beside(row.into_instance()),
        };
        let (mut members, mut beside) = (Vec::new(), Vec::new());
        for place in self.list(
            &self.group_machines_url(id),
            &machines_of_group(id),
            row_key,
            place,
            deadline,
        )? {
            match place {
                Place::Member(instance) => members.push(instance),
                Place::Beside(instance) => beside.push(instance),
                Place::ElsewhereInRun => {}
            }
        }
        Ok((members, beside))
    }

    /// All machines of a scale set that is not of this run, and for a Flexible one all that stand beside it.
    pub(super) fn machines_of_other(
        &self,
        id: &ScaleSetId,
        row: &ScaleSetRow,
        deadline: Deadline,
    ) -> Result<Vec<Instance>, ServiceError> {
        match mode(id, row)? {
            Mode::Uniform => self.uniform_instances(id, deadline),
            Mode::Flexible => self.list(
                &self.group_machines_url(id),
                &machines_of_group(id),
                row_key,
                VirtualMachineRow::into_instance,
                deadline,
            ),
        }
    }

    /// The machines that a Flexible scale set's own list names, each with every name that it has there.
    ///
    /// # Errors
    /// Anything but a complete list of rows that each name a machine.
    pub fn own_list(
        &self,
        id: &ScaleSetId,
        deadline: Deadline,
    ) -> Result<Vec<Vec<String>>, ServiceError> {
        let attempted = format!("list what {id} calls its own machines");
        let url = self.scale_set_url(id, &["virtualMachines"], &[]);
        let machines = self.list(&url, &attempted, OwnRow::key, |row| row.names(), deadline)?;
        if machines.iter().all(|names| !names.is_empty()) {
            return Ok(machines);
        }
        Err(unreadable(&attempted, "a row names no machine"))
    }

    /// The resource names (in lower case) of the machines that are known to be off.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn machines_off(
        &self,
        id: &ScaleSetId,
        mode: Mode,
        deadline: Deadline,
    ) -> Result<HashSet<String>, ServiceError> {
        let url = match mode {
            Mode::Uniform => {
                self.scale_set_url(id, &["virtualMachines"], &[("$expand", "instanceView")])
            }
            Mode::Flexible => {
                // Expanding is allowed only together with this filter, whose property name is quoted.
                let filter = format!("'virtualMachineScaleSet/id' eq '{}'", self.resource_id(id));
                self.url(
                    &self.group_segments(id, "virtualMachines"),
                    &[("$filter", &filter), ("$expand", "instanceView")],
                )
            }
        };
        let off = |row: VirtualMachineRow| row.is_off().then(|| row.name.to_lowercase());
        let names = self.list(
            &url,
            &format!("list the power states of {id}"),
            row_key,
            off,
            deadline,
        )?;
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

    fn resource_id(&self, id: &ScaleSetId) -> String {
        let mut segments = self.group_segments(id, "virtualMachineScaleSets");
        segments.push(&id.name);
        format!("/{}", segments.join("/"))
    }
}

/// An answer that this program does not know what to make of.
pub(super) fn unreadable(attempted: &str, why: &str) -> ServiceError {
    ServiceError {
        service: Service::Azure,
        attempted: attempted.to_owned(),
        cause: Cause::Unreadable(why.to_owned()),
        next:
            "Nothing is removed on such an answer. Run again; if it stays, look for a newer version"
                .into(),
    }
}

fn row_key(row: &VirtualMachineRow) -> &str {
    row.id.as_deref().unwrap_or(&row.name)
}

fn machines_of_group(id: &ScaleSetId) -> String {
    format!("list the virtual machines of resource group {}", id.group)
}

fn mode(id: &ScaleSetId, row: &ScaleSetRow) -> Result<Mode, ServiceError> {
    let unknown = |mode: &str| {
        unreadable(
            &format!("read {id}"),
            &format!("orchestration mode {mode} is not known"),
        )
    };
    row.mode().map_err(unknown)
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
        "{mode}, {state}, capacity {capacity}, instances listed: {}{deleting}, names {names}",
        instances.len()
    )
}
