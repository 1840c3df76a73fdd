//! What Azure Resource Manager answers, as narrow structs: what is not named here is never held in memory.
//!
//! Source: azure-rest-api-specs, Microsoft.Compute, stable/2024-11-01 (VirtualMachineScaleSets, VirtualMachineScaleSetVMs,
//! VirtualMachines). Enums are plain strings there and vary in case, so they are compared case-insensitively.

use crate::clock::rfc3339;
use crate::reconcile::snapshot::{GroupId, Instance, InstanceState};
use serde::Deserialize;
use serde_json::Value;

/// A page of a listing. The last one has no `nextLink`, or an empty one.
#[derive(Debug, Deserialize)]
pub(super) struct ArmPage<T> {
    pub(super) value: Vec<T>,
    #[serde(rename = "nextLink", default)]
    pub(super) next_link: Option<String>,
}

/// An error body.
#[derive(Debug, Deserialize)]
pub(super) struct ArmErrorRow {
    pub(super) error: ErrorDetail,
}

/// What went wrong, in Azure's words.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorDetail {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: Option<String>,
}

/// A scale set.
#[derive(Debug, Deserialize)]
pub(super) struct ScaleSetRow {
    pub(super) id: Option<String>,
    #[serde(default)]
    sku: Option<Sku>,
    #[serde(default)]
    properties: Option<ScaleSetProperties>,
}

#[derive(Debug, Deserialize)]
struct Sku {
    #[serde(default)]
    capacity: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScaleSetProperties {
    #[serde(default)]
    provisioning_state: Option<String>,
    #[serde(default)]
    orchestration_mode: Option<String>,
    #[serde(default)]
    unique_id: Option<String>,
    #[serde(default)]
    virtual_machine_profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    #[serde(default)]
    os_profile: Option<ProfileOs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileOs {
    #[serde(default)]
    computer_name_prefix: Option<String>,
}

/// How a scale set manages its machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Identical machines, numbered.
    Uniform,
    /// Ordinary virtual machines, of any name.
    Flexible,
}

/// What the computer names that a scale set gives begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix<'a> {
    /// With this.
    Given(&'a str),
    /// It gives none: its image is specialized, or people attach its machines.
    None,
    /// It gives some, and what it was read from does not say which.
    Unsaid,
}

impl ScaleSetRow {
    fn properties(&self) -> &ScaleSetProperties {
        const NONE: &ScaleSetProperties = &ScaleSetProperties {
            provisioning_state: None,
            orchestration_mode: None,
            unique_id: None,
            virtual_machine_profile: None,
        };
        self.properties.as_ref().unwrap_or(NONE)
    }

    /// Nothing but a name, perhaps.
    pub(super) fn is_bare(&self) -> bool {
        self.properties.is_none()
    }

    /// What tells it from other rows.
    pub(super) fn key(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The orchestration mode; absent means Uniform. `Err` holds a mode that this program does not know.
    pub(super) fn mode(&self) -> Result<Mode, &str> {
        match self.properties().orchestration_mode.as_deref() {
            None => Ok(Mode::Uniform),
            Some(mode) if mode.eq_ignore_ascii_case("Uniform") => Ok(Mode::Uniform),
            Some(mode) if mode.eq_ignore_ascii_case("Flexible") => Ok(Mode::Flexible),
            Some(other) => Err(other),
        }
    }

    pub(super) fn capacity(&self) -> Option<u64> {
        self.sku.as_ref().and_then(|sku| sku.capacity)
    }

    pub(super) fn unique_id(&self) -> Option<&str> {
        self.properties().unique_id.as_deref()
    }

    /// Whether it says its mode at all. Uniform scale sets of old do not; nor does an answer that is cut short.
    pub(super) fn states_mode(&self) -> bool {
        self.properties().orchestration_mode.is_some()
    }

    /// What its machines' computer names begin with.
    ///
    /// A specialized image has no `osProfile` by design (azure-rest-api-specs issue 10166). A Flexible scale set to which
    /// people attach machines has neither a profile nor a sku ("Orchestration modes for Virtual Machine Scale Sets in
    /// Azure"). Whatever else is missing was left out.
    pub(super) fn prefix(&self) -> Prefix<'_> {
        let Some(profile) = &self.properties().virtual_machine_profile else {
            return match self.is_for_attached_machines() {
                true => Prefix::None,
                false => Prefix::Unsaid,
            };
        };
        let Some(os) = &profile.os_profile else {
            return Prefix::None;
        };
        let prefix = os.computer_name_prefix.as_deref().map(str::trim);
        let prefix = prefix.filter(|prefix| !prefix.is_empty());
        prefix.map_or(Prefix::Unsaid, Prefix::Given)
    }

    /// A Flexible scale set that makes no machines itself, so that it has no capacity either.
    pub(super) fn is_for_attached_machines(&self) -> bool {
        let says_flexible = self.states_mode() && self.mode() == Ok(Mode::Flexible);
        let profile = &self.properties().virtual_machine_profile;
        says_flexible && self.sku.is_none() && profile.is_none()
    }

    /// What is missing of what tells the names that it gives.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        if !self.states_mode() {
            return Some("orchestrationMode");
        }
        match self.prefix() {
            Prefix::Given(_) | Prefix::None => None,
            Prefix::Unsaid if self.properties().virtual_machine_profile.is_none() => {
                Some("virtualMachineProfile")
            }
            Prefix::Unsaid => Some("computerNamePrefix"),
        }
    }

    pub(super) fn provisioning_state(&self) -> &str {
        self.properties()
            .provisioning_state
            .as_deref()
            .unwrap_or("in no stated provisioning state")
    }

    /// The provisioning state, if it means that machines are about to change.
    pub(super) fn unsettled(&self) -> Option<&str> {
        let state = self.properties().provisioning_state.as_deref()?;
        let moving = ["Creating", "Updating", "Deleting", "Migrating"];
        moving
            .iter()
            .any(|m| m.eq_ignore_ascii_case(state))
            .then_some(state)
    }
}

/// A virtual machine, of a Uniform scale set or of a resource group.
#[derive(Debug, Deserialize)]
pub(super) struct VirtualMachineRow {
    pub(super) name: String,
    #[serde(default)]
    pub(super) id: Option<String>,
    /// Decimal, of a Uniform scale set's instances.
    #[serde(rename = "instanceId", default)]
    instance_id: Option<Value>,
    #[serde(default)]
    properties: Option<MachineProperties>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MachineProperties {
    #[serde(default)]
    provisioning_state: Option<String>,
    #[serde(default)]
    vm_id: Option<String>,
    #[serde(default)]
    time_created: Option<String>,
    /// Absent where the image is specialized.
    #[serde(default)]
    os_profile: Option<MachineOs>,
    /// The scale set of a Flexible machine; null once it is detached.
    #[serde(default)]
    virtual_machine_scale_set: Option<SubResource>,
    #[serde(default)]
    instance_view: Option<InstanceView>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MachineOs {
    #[serde(default)]
    computer_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SubResource {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct InstanceView {
    #[serde(default)]
    statuses: Option<Vec<Status>>,
    /// Absent of machines that never were in one (Azure documentation, "Standby pools for Virtual Machine Scale Sets").
    #[serde(rename = "isVMInStandbyPool", default)]
    in_standby_pool: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    code: Option<String>,
}

impl VirtualMachineRow {
    /// The provisioning state as Azure says it.
    pub(super) fn state_text(&self) -> &str {
        let state = self
            .properties
            .as_ref()
            .and_then(|p| p.provisioning_state.as_deref());
        state.unwrap_or("state unknown")
    }

    /// What it lies in as a numbered instance, as those of Uniform scale sets lie in theirs.
    pub(super) fn numbered_in(&self) -> Option<&str> {
        self.number()?;
        let (parent, _) = self.id.as_deref()?.trim_end_matches('/').rsplit_once('/')?;
        let (parent, kind) = parent.rsplit_once('/')?;
        kind.eq_ignore_ascii_case("virtualMachines")
            .then_some(parent)
    }

    /// The instance's id: a number, also where it is text; written as names are read.
    fn number(&self) -> Option<u64> {
        let id = self.instance_id.as_ref()?;
        id.as_u64().or_else(|| id.as_str()?.parse().ok())
    }

    pub(super) fn scale_set_id(&self) -> Option<&str> {
        self.properties
            .as_ref()?
            .virtual_machine_scale_set
            .as_ref()?
            .id
            .as_deref()
    }

    fn instance_view(&self) -> Option<&InstanceView> {
        self.properties.as_ref()?.instance_view.as_ref()
    }

    /// Whether the machine waits in a standby pool until its scale set needs it.
    pub(super) fn is_pooled(&self) -> bool {
        let pooled = |view: &InstanceView| view.in_standby_pool == Some(true);
        self.instance_view().is_some_and(pooled)
    }

    /// Whether the machine is known to be off, or about to be. A missing power state says nothing.
    pub(super) fn is_off(&self) -> bool {
        let view = self.instance_view();
        let statuses = view.iter().flat_map(|view| &view.statuses).flatten();
        let mut states = statuses.filter_map(|status| status.code.as_deref()?.split_once('/'));
        states.any(|(kind, state)| {
            let state = state.to_ascii_lowercase();
            kind.eq_ignore_ascii_case("PowerState")
                && ["stopp", "dealloc", "hibern"]
                    .iter()
                    .any(|off| state.starts_with(off))
        })
    }

    pub(super) fn state(&self) -> InstanceState {
        let is = |state: &str| self.state_text().eq_ignore_ascii_case(state);
        if is("Creating") {
            InstanceState::Creating
        } else if is("Deleting") {
            InstanceState::Deleting
        } else if is("Failed") {
            InstanceState::Failed
        } else {
            InstanceState::Present
        }
    }

    /// The instance, of this group or of none.
    pub(super) fn into_instance(self, group: Option<&GroupId>) -> Instance {
        let (state, id) = (self.state(), self.number());
        let properties = self.properties.unwrap_or_default();
        let computer_name = properties.os_profile.and_then(|os| os.computer_name);
        Instance {
            group: group.cloned(),
            id: id.map(|id| id.to_string()),
            state,
            created: properties.time_created.as_deref().and_then(rfc3339),
            computer_name: computer_name.filter(|name| !name.trim().is_empty()),
            machine_id: properties.vm_id.filter(|id| !id.trim().is_empty()),
            resource_name: self.name,
        }
    }
}

/// A row of a Flexible scale set's own list, which holds ids and little else.
#[derive(Debug, Deserialize)]
pub(super) struct OwnRow {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "instanceId", default)]
    instance_id: Option<String>,
}

impl OwnRow {
    /// Every name that the row has for its machine: which of them is the resource name is not documented.
    pub(super) fn names(&self) -> Vec<String> {
        let of_id = self
            .id
            .as_deref()
            .and_then(|id| id.trim_end_matches('/').rsplit('/').next());
        let names = [self.name.as_deref(), of_id, self.instance_id.as_deref()]
            .into_iter()
            .flatten()
            .map(str::trim);
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// What tells it from other rows.
    pub(super) fn key(&self) -> &str {
        [&self.id, &self.name, &self.instance_id]
            .into_iter()
            .flatten()
            .next()
            .map_or("", String::as_str)
    }
}
