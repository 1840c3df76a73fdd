//! Scale sets and machines as Azure shows them.
//!
//! Source: the examples of Microsoft.Compute 2024-11-01 in github.com/Azure/azure-rest-api-specs.

use super::scale_set::{Mode, ScaleSet};
use super::vm::Vm;
use crate::clock;
use serde_json::{Value, json};

const LOCATION: &str = "westeurope";

/// Where a resource is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub subscription: &'a str,
    pub group: &'a str,
}

impl Place<'_> {
    pub fn group_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}",
            self.subscription, self.group
        )
    }

    pub fn set_id(&self, set: &str) -> String {
        format!(
            "{}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}",
            self.group_id()
        )
    }

    pub fn vm_id(&self, name: &str) -> String {
        format!(
            "{}/providers/Microsoft.Compute/virtualMachines/{name}",
            self.group_id()
        )
    }

    /// Azure writes the group in capitals in the ids of machines.
    fn loud(&self, id: &str) -> String {
        let quiet = format!("/resourceGroups/{}/", self.group);
        id.replacen(
            &quiet,
            &format!("/resourceGroups/{}/", self.group.to_uppercase()),
            1,
        )
    }
}

pub(crate) fn scale_set(place: &Place<'_>, set: &ScaleSet) -> Value {
    let mut profile = json!({
        "storageProfile": {
            "osDisk": { "osType": "Windows", "createOption": "FromImage", "caching": "ReadWrite", "diskSizeGB": 127,
                        "managedDisk": { "storageAccountType": "Premium_LRS" } },
            "imageReference": { "publisher": "MicrosoftWindowsServer", "offer": "WindowsServer",
                                "sku": "2022-datacenter-azure-edition", "version": "latest" },
        },
        "networkProfile": { "networkInterfaceConfigurations": [] },
        "timeCreated": clock::azure(set.created),
    });
    if let Some(prefix) = &set.prefix {
        profile["osProfile"] =
            json!({ "computerNamePrefix": prefix, "adminUsername": "azureuser", "secrets": [] });
    }
    if set.spot {
        profile["priority"] = "Spot".into();
        profile["evictionPolicy"] = "Delete".into();
    }
    let mut row = json!({
        "name": set.name,
        "id": place.set_id(&set.name),
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": LOCATION,
        "tags": {},
        "properties": {
            "provisioningState": set.state,
            "uniqueId": set.unique_id,
            "timeCreated": clock::azure(set.created),
            "singlePlacementGroup": false,
            "platformFaultDomainCount": 1,
            "virtualMachineProfile": profile,
        },
    });
    if let Some(capacity) = set.capacity {
        row["sku"] = json!({ "name": "Standard_D2s_v5", "tier": "Standard", "capacity": capacity });
    }
    match set.mode {
        Mode::Uniform if !set.says_mode => {}
        Mode::Uniform => row["properties"]["orchestrationMode"] = "Uniform".into(),
        Mode::Flexible => row["properties"]["orchestrationMode"] = "Flexible".into(),
    }
    if set.mode == Mode::Uniform {
        row["properties"]["overprovision"] = true.into();
        row["properties"]["upgradePolicy"] = json!({ "mode": "Manual" });
    }
    row
}

/// A row of a Uniform scale set's list of instances.
pub(crate) fn instance(place: &Place<'_>, set: &ScaleSet, machine: &Vm, view: bool) -> Value {
    let id = format!(
        "{}/virtualMachines/{}",
        place.set_id(&set.name),
        machine.instance_id
    );
    let mut row = json!({
        "name": machine.name,
        "instanceId": machine.instance_id,
        "id": place.loud(&id),
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        "location": LOCATION,
        "tags": {},
        "sku": { "name": "Standard_D2s_v5", "tier": "Standard" },
        "properties": properties(machine, view),
    });
    row["properties"]["latestModelApplied"] = true.into();
    row["properties"]["modelDefinitionApplied"] = "VirtualMachineScaleSet".into();
    row["properties"]["networkProfileConfiguration"] =
        json!({ "networkInterfaceConfigurations": [] });
    row
}

/// A row of a Flexible scale set's own list: which machines, and nothing about them.
///
/// Sources: learn.microsoft.com, "Orchestration modes for Virtual Machine Scale Sets in Azure" (the list gives ids
/// only) and "Understand instance IDs" (the instance id is the name of the virtual machine).
pub(crate) fn member(place: &Place<'_>, set: &ScaleSet, machine: &Vm) -> Value {
    let id = format!(
        "{}/virtualMachines/{}",
        place.set_id(&set.name),
        machine.name
    );
    json!({
        "name": machine.name,
        "instanceId": machine.instance_id,
        "id": place.loud(&id),
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        "location": LOCATION,
    })
}

/// A virtual machine of a resource group.
pub(crate) fn vm(place: &Place<'_>, machine: &Vm, view: bool) -> Value {
    let mut row = json!({
        "name": machine.name,
        "id": place.loud(&place.vm_id(&machine.name)),
        "type": "Microsoft.Compute/virtualMachines",
        "location": LOCATION,
        "tags": {},
        "properties": properties(machine, view),
    });
    if let Some(set) = &machine.scale_set {
        row["properties"]["virtualMachineScaleSet"] =
            json!({ "id": place.loud(&place.set_id(set)) });
    }
    row
}

fn properties(machine: &Vm, view: bool) -> Value {
    let mut properties = json!({
        "vmId": machine.vm_id,
        "provisioningState": machine.state,
        "timeCreated": clock::azure(machine.created),
        "hardwareProfile": { "vmSize": "Standard_D2s_v5" },
        "storageProfile": {
            "osDisk": { "osType": "Windows", "name": format!("{}_OsDisk_1", machine.name), "createOption": "FromImage",
                        "caching": "ReadWrite", "deleteOption": "Delete" },
            "dataDisks": [],
        },
        "networkProfile": { "networkInterfaces": [] },
    });
    if let Some(computer_name) = &machine.computer_name {
        properties["osProfile"] = json!({
            "computerName": computer_name,
            "adminUsername": "azureuser",
            "windowsConfiguration": { "provisionVMAgent": true, "enableAutomaticUpdates": true },
            "secrets": [],
            "allowExtensionOperations": true,
        });
    }
    if view {
        properties["instanceView"] = instance_view(machine);
    }
    properties
}

fn instance_view(machine: &Vm) -> Value {
    let state = machine.state.to_lowercase();
    let time = clock::azure(machine.created);
    let mut statuses = vec![json!({
        "code": format!("ProvisioningState/{state}"),
        "level": "Info",
        "displayStatus": format!("Provisioning {state}"),
        "time": time,
    })];
    statuses.extend(machine.power.as_ref().map(|power| {
        json!({ "code": format!("PowerState/{power}"), "level": "Info", "displayStatus": format!("VM {power}") })
    }));
    let mut view = json!({
        "computerName": machine.computer_name,
        "osName": "Windows Server 2022",
        "statuses": statuses,
    });
    if machine.pooled {
        view["isVMInStandbyPool"] = json!(true);
    }
    view
}
