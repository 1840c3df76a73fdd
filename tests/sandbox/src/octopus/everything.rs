//! All that Octopus keeps, for tests that compare before and after.

use super::machines;
use super::places::environment_json;
use super::policies;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

impl World {
    /// All that Octopus keeps, by its id and as it is kept, secrets included: what was not changed is the same in two of these.
    pub fn everything(&self) -> BTreeMap<String, Value> {
        let octopus = &self.octopus;
        let mut all = BTreeMap::new();
        for (id, json) in octopus.documents.all() {
            all.insert(id.clone(), json.clone());
        }
        for (id, policy) in &octopus.machine_policies {
            all.insert(id.clone(), policies::to_json(octopus, policy));
        }
        for (id, environment) in &octopus.environments {
            all.insert(id.clone(), environment_json(octopus, environment));
        }
        for (id, target) in &octopus.targets {
            all.insert(id.clone(), machines::to_json(octopus, target));
        }
        for (id, user) in &octopus.users {
            all.insert(id.clone(), told(user));
        }
        for (id, tenant) in &octopus.tenants {
            all.insert(id.clone(), told(tenant));
        }
        for (id, task) in &octopus.tasks {
            all.insert(id.clone(), told(task));
        }
        for (id, interruption) in &octopus.interruptions {
            all.insert(id.clone(), told(interruption));
        }
        all
    }
}

/// What has no JSON of its own that says all of it.
fn told(thing: &impl std::fmt::Debug) -> Value {
    format!("{thing:?}").into()
}
