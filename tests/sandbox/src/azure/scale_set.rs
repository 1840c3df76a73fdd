//! Scale sets, and how a test builds them.

use super::vm::{self, Vm};
use super::{Azure, Group};
use crate::clock::{self, Time};
use std::collections::BTreeMap;

/// The orchestration mode of a scale set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Instances live in the scale set.
    Uniform,
    /// Instances are virtual machines of the resource group.
    Flexible,
}

/// A scale set.
#[derive(Clone, Debug)]
pub struct ScaleSet {
    /// Its name as it was given.
    pub name: String,
    /// Its orchestration mode.
    pub mode: Mode,
    /// Older Uniform scale sets do not say their mode.
    pub says_mode: bool,
    /// `sku.capacity`; a Flexible scale set of virtual machines that were attached by hand has no sku.
    pub capacity: Option<u64>,
    /// `computerNamePrefix`; none for a specialized image.
    pub prefix: Option<String>,
    /// `Creating`, `Updating`, `Succeeded`, `Failed`, `Deleting`, `Migrating`.
    pub state: String,
    /// Differs between scale sets that have borne the same name.
    pub unique_id: String,
    /// When it was made.
    pub created: Time,
    /// Whether it runs on Spot machines.
    pub spot: bool,
    /// The instances of a Uniform scale set by their ids.
    pub instances: BTreeMap<u64, Vm>,
    /// The id of the next Uniform instance.
    pub next_id: u64,
    /// Lists of scale sets leave it out, although a read of it alone finds it.
    pub unlisted: bool,
    /// Machines that are long gone and still stand in the scale set's own list.
    pub ghosts: Vec<Vm>,
    /// What the list of a Uniform scale set's instances shows instead of the truth.
    pub frozen: Option<Vec<Vm>>,
    /// The scale set's own list of a Flexible scale set is empty.
    pub own_list_empty: bool,
}

impl ScaleSet {
    fn new(name: &str, serial: u64) -> Self {
        Self {
            name: name.to_owned(),
            mode: Mode::Uniform,
            says_mode: true,
            capacity: Some(0),
            prefix: Some(name.to_owned()),
            state: "Succeeded".to_owned(),
            unique_id: vm::guid(serial),
            created: clock::minutes_ago(24 * 60),
            spot: false,
            instances: BTreeMap::new(),
            next_id: 0,
            unlisted: false,
            ghosts: Vec::new(),
            frozen: None,
            own_list_empty: false,
        }
    }
}

/// One scale set in the hands of a test. Every word takes effect at once.
pub struct ScaleSetHandle<'a> {
    azure: &'a mut Azure,
    subscription: String,
    group: String,
    name: String,
}

impl<'a> ScaleSetHandle<'a> {
    pub(crate) fn of(azure: &'a mut Azure, subscription: &str, group: &str, name: &str) -> Self {
        let serial = azure.next_serial();
        let sets = &mut azure.group_mut(subscription, group).scale_sets;
        sets.entry(name.to_ascii_lowercase())
            .or_insert_with(|| ScaleSet::new(name, serial));
        Self {
            azure,
            subscription: subscription.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
        }
    }

    pub(crate) fn group(&mut self) -> &mut Group {
        self.azure.group_mut(&self.subscription, &self.group)
    }

    pub(crate) fn set(&mut self) -> &mut ScaleSet {
        let key = self.name.to_ascii_lowercase();
        self.group()
            .scale_sets
            .get_mut(&key)
            .expect("the scale set of a handle exists")
    }

    /// Changes any field.
    pub fn edit(mut self, change: impl FnOnce(&mut ScaleSet)) -> Self {
        change(self.set());
        self
    }

    /// Makes it Uniform, which it is at first.
    pub fn uniform(self) -> Self {
        self.mode(Mode::Uniform)
    }

    /// Makes it Flexible.
    pub fn flexible(self) -> Self {
        self.mode(Mode::Flexible)
    }

    fn mode(mut self, mode: Mode) -> Self {
        assert!(
            self.list().is_empty(),
            "the mode of a scale set is chosen before it has instances"
        );
        self.edit(|set| set.mode = mode)
    }

    /// Sets the prefix of the computer names of instances to come.
    pub fn prefix(self, prefix: &str) -> Self {
        self.edit(|set| set.prefix = Some(prefix.to_owned()))
    }

    /// A specialized image: instances to come have no computer name in Azure's eyes.
    pub fn without_prefix(self) -> Self {
        self.edit(|set| set.prefix = None)
    }

    /// Sets the capacity, and nothing else.
    pub fn capacity(self, capacity: u64) -> Self {
        self.edit(|set| set.capacity = Some(capacity))
    }

    /// A scale set without a sku, as Flexible ones can be.
    pub fn without_capacity(self) -> Self {
        self.edit(|set| set.capacity = None)
    }

    /// Sets the provisioning state.
    pub fn state(self, state: &str) -> Self {
        self.edit(|set| set.state = state.to_owned())
    }

    /// Spot machines.
    pub fn spot(self) -> Self {
        self.edit(|set| set.spot = true)
    }

    /// Adds that many finished instances, and counts them in the capacity.
    pub fn instances(mut self, count: u64) -> Self {
        self.add(count);
        self.edit(|set| set.capacity = set.capacity.map(|capacity| capacity + count))
    }

    /// Adds machines without touching the capacity; returns them.
    pub(crate) fn add(&mut self, count: u64) -> Vec<Vm> {
        (0..count).map(|_| self.add_one()).collect()
    }

    fn add_one(&mut self) -> Vm {
        let serial = self.azure.next_serial();
        let set = self.set();
        let (prefix, name) = (set.prefix.clone(), set.name.clone());
        if set.mode == Mode::Uniform {
            let id = set.next_id;
            set.next_id += 1;
            let computer_name = prefix.map(|prefix| format!("{prefix}{}", vm::base36(id)));
            let machine = Vm::new(
                &format!("{name}_{id}"),
                &id.to_string(),
                computer_name,
                serial,
            );
            set.instances.insert(id, machine.clone());
            return machine;
        }
        let resource = format!("{name}_{:08x}", vm::scramble(serial) as u32);
        let computer_name = prefix.map(|prefix| format!("{prefix}{}", vm::suffix(serial)));
        let mut machine = Vm::new(&resource, &resource, computer_name, serial);
        machine.scale_set = Some(name);
        self.group().vms.insert(resource, machine.clone());
        machine
    }

    /// Attaches a virtual machine with a name of its own to a Flexible scale set.
    pub fn attach(mut self, name: &str) -> Self {
        let serial = self.azure.next_serial();
        let mut machine = Vm::new(name, name, Some(name.to_owned()), serial);
        machine.scale_set = Some(self.set().name.clone());
        self.group().vms.insert(name.to_ascii_lowercase(), machine);
        self
    }

    /// Its machines as they are in truth, whatever the listings say.
    pub fn list(&mut self) -> Vec<Vm> {
        let set = self.set();
        if set.mode == Mode::Uniform {
            return set.instances.values().cloned().collect();
        }
        let name = set.name.clone();
        self.group()
            .vms
            .values()
            .filter(|machine| machine.scale_set.as_ref() == Some(&name))
            .cloned()
            .collect()
    }

    /// The names that bootstrap scripts register, in the order of [`ScaleSetHandle::list`].
    pub fn hosts(&mut self) -> Vec<String> {
        self.list().iter().map(Vm::host).collect()
    }

    /// The machine of this computer name or resource name, which must exist.
    pub fn vm(&mut self, name: &str) -> Vm {
        self.vm_mut(name).clone()
    }

    pub(crate) fn vm_mut(&mut self, name: &str) -> &mut Vm {
        let set_name = self.name.clone();
        let missing = || panic!("the scale set {set_name} has no machine named {name}");
        if self.set().mode == Mode::Uniform {
            let found = self
                .set()
                .instances
                .values_mut()
                .find(|machine| machine.is_named(name));
            return found.unwrap_or_else(missing);
        }
        let found = self
            .group()
            .vms
            .values_mut()
            .find(|machine| machine.is_named(name));
        found.unwrap_or_else(missing)
    }

    /// Changes any field of one machine.
    pub fn edit_vm(mut self, name: &str, change: impl FnOnce(&mut Vm)) -> Self {
        change(self.vm_mut(name));
        self
    }

    /// Its resource id, as the portal shows it.
    pub fn id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Compute/virtualMachineScaleSets/{}",
            self.subscription, self.group, self.name
        )
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.azure.next_serial()
    }
}
