//! What happens to a scale set over time.
//!
//! Sources at learn.microsoft.com: "Design considerations for scale sets" (overprovisioning), "Azure Spot Virtual
//! Machines for Virtual Machine Scale Sets", "Attach or detach a virtual machine", "Resilient create and delete".

use super::scale_set::{Mode, ScaleSetHandle};
use super::vm::{Vm, guid};
use crate::clock;

impl ScaleSetHandle<'_> {
    /// Grows at once: finished machines, a higher capacity.
    pub fn scale_out(self, count: u64) -> Self {
        self.instances(count)
    }

    /// Begins to grow: the machines are Creating, `surplus` more than the capacity asks for (overprovisioning).
    pub fn begin_scale_out(mut self, count: u64, surplus: u64) -> Self {
        for machine in self.add(count + surplus) {
            let machine = self.vm_mut(&machine.name);
            machine.state = "Creating".to_owned();
            machine.created = clock::now();
            machine.power = None;
        }
        self.add_capacity(count as i64);
        self.state("Updating")
    }

    /// Ends what [`ScaleSetHandle::begin_scale_out`] began: the surplus goes, the others are finished.
    pub fn finish_scale_out(mut self) -> Self {
        let capacity = self.set().capacity.unwrap_or(u64::MAX) as usize;
        let machines = self.list();
        let surplus = machines.len().saturating_sub(capacity);
        let new: Vec<Vm> = machines
            .into_iter()
            .filter(|machine| machine.state == "Creating")
            .collect();
        for (number, machine) in new.iter().rev().enumerate() {
            if number < surplus {
                self.take_away(&machine.name);
            } else {
                let machine = self.vm_mut(&machine.name);
                machine.state = "Succeeded".to_owned();
                machine.power = Some("running".to_owned());
            }
        }
        self.state("Succeeded")
    }

    /// Begins to shrink: these machines are Deleting, and the capacity is lower already.
    pub fn begin_scale_in(mut self, names: &[impl AsRef<str>]) -> Self {
        for name in names {
            self.vm_mut(name.as_ref()).state = "Deleting".to_owned();
        }
        self.add_capacity(-(names.len() as i64));
        self.state("Updating")
    }

    /// Ends what [`ScaleSetHandle::begin_scale_in`] began: what is Deleting is gone.
    pub fn finish_scale_in(mut self) -> Self {
        for machine in self.list() {
            if machine.state == "Deleting" {
                self.take_away(&machine.name);
            }
        }
        self.state("Succeeded")
    }

    /// Shrinks at once: these machines are gone, and the capacity is lower.
    pub fn scale_in(self, names: &[impl AsRef<str>]) -> Self {
        self.begin_scale_in(names).finish_scale_in()
    }

    /// Shrinks by one machine at once.
    pub fn remove(self, name: &str) {
        self.scale_in(&[name]);
    }

    /// A machine that was taken away is there again: somebody restored it.
    pub fn bring_back(mut self, machine: &Vm) -> Self {
        match self.set().mode {
            Mode::Uniform => {
                let id = machine.instance_id.parse();
                let id = id.expect("Uniform instance ids are numbers");
                self.set().instances.insert(id, machine.clone());
            }
            Mode::Flexible => {
                let name = machine.name.to_ascii_lowercase();
                self.group().vms.insert(name, machine.clone());
            }
        }
        self.add_capacity(1);
        self
    }

    /// A delete that did not work: the machine is Failed, and still there.
    pub fn fail_delete(mut self, name: &str) -> Self {
        self.vm_mut(name).state = "Failed".to_owned();
        self.state("Succeeded")
    }

    /// A Spot eviction with the policy Delete: the machine is gone, the capacity stays.
    pub fn evict(mut self, name: &str) -> Self {
        self.take_away(name);
        self
    }

    /// A Spot eviction with the policy Deallocate, or somebody switched it off: it stays in the list.
    pub fn deallocate(self, name: &str) -> Self {
        self.power(name, "deallocated")
    }

    /// Stopped from inside: it stays in the list.
    pub fn stop(self, name: &str) -> Self {
        self.power(name, "stopped")
    }

    fn power(mut self, name: &str, power: &str) -> Self {
        self.vm_mut(name).power = Some(power.to_owned());
        self
    }

    /// Another machine under the same names: Azure may use an instance id again.
    pub fn recreate(mut self, name: &str) -> Self {
        let vm_id = guid(self.next_serial());
        let machine = self.vm_mut(name);
        machine.vm_id = vm_id;
        machine.created = clock::now();
        machine.state = "Succeeded".to_owned();
        self
    }

    /// Leaves a Flexible scale set and goes on running.
    pub fn detach(mut self, name: &str) -> Self {
        assert_eq!(
            self.set().mode,
            Mode::Flexible,
            "only Flexible scale sets let machines go alive"
        );
        self.vm_mut(name).scale_set = None;
        self.add_capacity(-1);
        self
    }

    /// All machines go, and the capacity is 0.
    pub fn scale_to_zero(mut self) -> Self {
        for machine in self.list() {
            self.take_away(&machine.name);
        }
        self.capacity(0)
    }

    /// Deleted with all its machines.
    pub fn delete(mut self) {
        for machine in self.list() {
            self.take_away(&machine.name);
        }
        let key = self.set().name.to_ascii_lowercase();
        self.group().scale_sets.remove(&key);
    }

    /// Deleted and made anew under the same name, with the same prefix and no machines.
    pub fn replace(mut self) -> Self {
        let unique_id = guid(self.next_serial());
        let mut handle = self.scale_to_zero();
        let set = handle.set();
        set.unique_id = unique_id;
        set.created = clock::now();
        set.next_id = 0;
        handle
    }

    fn add_capacity(&mut self, change: i64) {
        let set = self.set();
        set.capacity = set
            .capacity
            .map(|capacity| capacity.saturating_add_signed(change));
    }

    fn take_away(&mut self, name: &str) {
        let machine = self.vm(name);
        match self.set().mode {
            Mode::Uniform => {
                let id = machine
                    .instance_id
                    .parse()
                    .expect("Uniform instance ids are numbers");
                self.set().instances.remove(&id);
            }
            Mode::Flexible => {
                self.group().vms.remove(&machine.name.to_ascii_lowercase());
            }
        }
    }
}
