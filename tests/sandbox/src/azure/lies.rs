//! Listings that do not tell the truth, each lie by itself.
//!
//! Sources: github.com/Azure/azure-sdk-for-go issues 14110 and 17195 (short and empty lists without an error),
//! azure-sdk-for-net issue 36946 (instances that were deleted long ago), azure-sdk-for-java issue 35524 (late lists).

use super::scale_set::{Mode, ScaleSetHandle};
use super::vm::Vm;

impl ScaleSetHandle<'_> {
    /// The listing that names come from leaves this machine out: the list of instances of a Uniform scale set, the
    /// resource group's list of a Flexible one. A Uniform instance read by itself, and a Flexible scale set's own
    /// list, still have it.
    pub fn hide(mut self, name: &str) -> Self {
        self.vm_mut(name).unlisted = true;
        self
    }

    /// The same for all its machines: a listing that is empty without an error.
    pub fn hide_all(mut self) -> Self {
        for machine in self.list() {
            self.vm_mut(&machine.name).unlisted = true;
        }
        self
    }

    /// Tells the truth again about all machines.
    pub fn unhide_all(mut self) -> Self {
        for machine in self.list() {
            self.vm_mut(&machine.name).unlisted = false;
        }
        self
    }

    /// The scale set's own list has this machine, although it is gone.
    pub fn ghost(self, machine: &Vm) -> Self {
        self.edit(|set| set.ghosts.push(machine.clone()))
    }

    /// The listing that names come from stays as it is now, whatever happens. Reads of one machine tell the truth.
    pub fn freeze_listing(mut self) -> Self {
        let frozen = match self.set().mode {
            Mode::Uniform => self.list(),
            Mode::Flexible => self.group().vms.values().cloned().collect(),
        };
        self.set_frozen(Some(frozen));
        self
    }

    /// Ends [`ScaleSetHandle::freeze_listing`].
    pub fn thaw_listing(mut self) -> Self {
        self.set_frozen(None);
        self
    }

    fn set_frozen(&mut self, frozen: Option<Vec<Vm>>) {
        match self.set().mode {
            Mode::Uniform => self.set().frozen = frozen,
            Mode::Flexible => self.group().frozen_vms = frozen,
        }
    }

    /// A Flexible scale set's own list of its machines is empty, although the resource group's list has them.
    pub fn empty_own_list(self) -> Self {
        self.edit(|set| set.own_list_empty = true)
    }

    /// Lists of scale sets leave it out, although a read of it alone finds it.
    pub fn hide_from_lists(self) -> Self {
        self.edit(|set| set.unlisted = true)
    }
}
