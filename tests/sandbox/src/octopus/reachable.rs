//! Which targets answer. Their machines are Azure's, unless a test says otherwise.

use super::Target;
use crate::azure::Azure;
use crate::world::World;
use std::collections::{HashMap, HashSet};

/// The targets that answer as the world is now, of those that were asked about.
pub(crate) struct Reachable(HashSet<String>);

impl Reachable {
    pub fn of<'a>(world: &World, ids: impl Iterator<Item = &'a String>) -> Self {
        let targets = ids.filter_map(|id| world.octopus.targets.get(id));
        let mut ground = None;
        let answers = targets.filter(|target| {
            let word = target
                .reach
                .answers
                .or(target.has_no_machine().then_some(true));
            word.unwrap_or_else(|| {
                let ground = ground.get_or_insert_with(|| Ground::of(world));
                ground.answers_for(target)
            })
        });
        Self(answers.map(|target| target.id.clone()).collect())
    }

    pub fn answers(&self, target: &Target) -> bool {
        self.0.contains(&target.id)
    }
}

/// What runs, read once for all questions.
struct Ground<'a> {
    machines: HashSet<String>,
    endpoints: HashMap<(&'a str, &'a str), Vec<&'a Target>>,
}

impl<'a> Ground<'a> {
    fn of(world: &'a World) -> Self {
        let mut endpoints: HashMap<_, Vec<&Target>> = HashMap::new();
        for target in world.octopus.targets.values() {
            if let Some(endpoint) = endpoint(target) {
                endpoints.entry(endpoint).or_default().push(target);
            }
        }
        Self {
            machines: running(&world.azure),
            endpoints,
        }
    }

    /// Targets with the same endpoint have the same machine.
    fn answers_for(&self, target: &Target) -> bool {
        let twins = endpoint(target).and_then(|endpoint| self.endpoints.get(&endpoint));
        let twins = twins.map(Vec::as_slice).unwrap_or_default();
        let by_itself = |target: &Target| {
            let word = target.reach.answers;
            word.unwrap_or_else(|| is_named_after(&target.name, &self.machines))
        };
        by_itself(target) || twins.iter().any(|twin| by_itself(twin))
    }
}

fn endpoint(target: &Target) -> Option<(&str, &str)> {
    target.uri.as_deref().zip(target.thumbprint.as_deref())
}

/// The names of the machines that exist and run, in lower case.
fn running(azure: &Azure) -> HashSet<String> {
    let subscriptions = azure.subscriptions.values();
    let groups = subscriptions.flat_map(|subscription| subscription.groups.values());
    let machines = groups.flat_map(|group| {
        let sets = group.scale_sets.values();
        let instances = sets.flat_map(|set| set.instances.values());
        group.vms.values().chain(instances)
    });
    let runs = machines.filter(|machine| {
        let power = machine.power.as_deref();
        power.is_none_or(|power| power == "running")
    });
    runs.flat_map(|machine| [machine.host().to_lowercase(), machine.name.to_lowercase()])
        .collect()
}

/// Whether a target's name is one of these, or holds one between other words: `prod-web00000A`, `web00000A.example.com`.
fn is_named_after(target: &str, machines: &HashSet<String>) -> bool {
    let name = target.to_lowercase();
    let separators = name.char_indices().filter(|(_, c)| !c.is_alphanumeric());
    let separators: Vec<(usize, usize)> =
        separators.map(|(at, c)| (at, at + c.len_utf8())).collect();
    let begins = [0]
        .into_iter()
        .chain(separators.iter().map(|(_, after)| *after));
    begins.into_iter().any(|begin| {
        let ends = separators.iter().map(|(at, _)| *at).chain([name.len()]);
        ends.filter(|end| begin < *end)
            .any(|end| machines.contains(&name[begin..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::is_named_after;

    #[test]
    fn a_target_may_wear_more_than_the_name_of_its_machine() {
        let machines = ["web00000a", "web_10"].map(str::to_owned).into();
        for target in [
            "web00000A",
            "prod-WEB00000a",
            "web00000A.example.com",
            "x/web_10",
        ] {
            assert!(is_named_after(target, &machines), "{target}");
        }
        for target in ["web00000AB", "xweb00000A", "web", "web_100", ""] {
            assert!(!is_named_after(target, &machines), "{target}");
        }
    }
}
