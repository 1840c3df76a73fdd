//! A scale set whose machines are all registered, in either orchestration mode.

use sandbox::{Mode, Route, Sandbox, ScaleSetHandle};

/// Both orchestration modes.
pub const MODES: [Mode; 2] = [Mode::Uniform, Mode::Flexible];

/// The scale set `web`, and the names that its machines are registered under, in Octopus's order.
pub struct Fleet {
    pub sandbox: Sandbox,
    pub hosts: Vec<String>,
}

impl Fleet {
    /// So many machines, all registered.
    pub fn of(mode: Mode, machines: u64) -> Self {
        let sandbox = Sandbox::start();
        let hosts = sandbox.world(|world| {
            let machines = in_mode(world.scale_set("web"), mode)
                .instances(machines)
                .list();
            world.register_all(&machines);
            world.target_names()
        });
        Self { sandbox, hosts }
    }

    /// Scales these machines in, which Octopus notices, by their place among the hosts; returns the names of the others.
    pub fn scale_in(&self, gone: &[usize]) -> Vec<&str> {
        let names: Vec<&str> = gone.iter().map(|place| self.host(*place)).collect();
        self.sandbox.world(|world| {
            drop(world.scale_set("web").scale_in(&names));
            world.check_all();
        });
        let others = self.hosts.iter().map(String::as_str);
        others.filter(|host| !names.contains(host)).collect()
    }

    /// Lets the listing that names come from leave this machine out.
    pub fn hide(&self, place: usize) {
        let name = self.host(place);
        self.sandbox
            .world(|world| drop(world.scale_set("web").hide(name)));
    }

    /// One of the hosts.
    pub fn host(&self, place: usize) -> &str {
        &self.hosts[place]
    }
}

/// A new scale set in this mode.
pub fn in_mode(set: ScaleSetHandle<'_>, mode: Mode) -> ScaleSetHandle<'_> {
    match mode {
        Mode::Uniform => set.uniform(),
        Mode::Flexible => set.flexible(),
    }
}

/// The listing that names come from.
pub fn listing(mode: Mode) -> Route {
    match mode {
        Mode::Uniform => Route::Instances,
        Mode::Flexible => Route::GroupVms,
    }
}

/// The id of the target of this name.
pub fn id_of(sandbox: &Sandbox, name: &str) -> String {
    sandbox.world(|world| world.existing_target(name).id())
}
