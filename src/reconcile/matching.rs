//! Which instances a name may mean: generous, because a match keeps.
//!
//! A target's name matches an instance if it equals one of the instance's names, whole or up to the first dot of either, or
//! if one of them stands in it between non-alphanumeric boundaries. Where it is the whole name, or all but a domain, the
//! resource's name may also be written with dashes for its underscores.

use super::pattern::{NameOf, before_dot, fold, open_starts, with_dashes};
use super::snapshot::{Instance, ScalingGroup};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// Instances by name, for asking which of them a target matches.
///
/// Built once for all targets and asked by binary search, so 10,000 targets against 10,000 instances stay near-linear.
#[derive(Debug, Default)]
pub struct InstanceIndex {
    instances: Vec<Arc<Instance>>,
    /// Each with the place of its instance above.
    names: Vec<(Box<str>, usize)>,
    /// Computer names that have a dot, up to that dot.
    hosts: Vec<(Box<str>, usize)>,
    /// Resource names that have an underscore, with dashes.
    dashed: Vec<(Box<str>, usize)>,
    /// Lengths in bytes that occur in `names`, each once.
    lengths: Vec<usize>,
}

impl InstanceIndex {
    /// All machines of the groups, those beside them included.
    #[must_use]
    pub fn of_groups(groups: &[ScalingGroup]) -> Self {
        let machines = groups.iter().flat_map(ScalingGroup::machines);
        Self::of(machines.cloned().collect())
    }

    /// A list of instances by itself.
    #[must_use]
    pub fn of(instances: Vec<Arc<Instance>>) -> Self {
        let mut index = Self::default();
        for (place, instance) in instances.iter().enumerate() {
            index.add(instance, place);
        }
        index.names.sort_unstable();
        index.dashed.sort_unstable();
        index.hosts.sort_unstable();
        let lengths: HashSet<usize> = index.names.iter().map(|(name, _)| name.len()).collect();
        index.lengths = lengths.into_iter().collect();
        index.lengths.sort_unstable();
        Self { instances, ..index }
    }

    fn add(&mut self, instance: &Instance, place: usize) {
        // Only a computer name has a domain: a dot in a resource's name is part of the group's.
        let computer = instance.computer_name.iter();
        let others = instance.machine_id.iter().chain([&instance.resource_name]);
        let names = computer.map(|name| (NameOf::Computer, name));
        for (of, name) in names.chain(others.map(|name| (NameOf::Resource, name))) {
            let name = fold(name);
            // An empty name would be found in every target's.
            if name.is_empty() {
                continue;
            }
            if let (NameOf::Computer, Some(host)) = (of, before_dot(&name)) {
                self.hosts.push((host.into(), place));
            }
            self.names.push((name.into(), place));
        }
        let resource = fold(&instance.resource_name);
        if let Cow::Owned(name) = with_dashes(&resource) {
            self.dashed.push((name.into(), place));
        }
    }

    /// Whether the target of this name matches any.
    #[must_use]
    pub fn has_match(&self, target_name: &str) -> bool {
        !self.places(target_name).is_empty()
    }

    /// The instances that a target of this name matches, each once, in the order in which they were given.
    pub fn matches(&self, target_name: &str) -> impl Iterator<Item = &Arc<Instance>> {
        let places = self.places(target_name).into_iter();
        places.map(|place| &self.instances[place])
    }

    fn places(&self, target_name: &str) -> Vec<usize> {
        let name = fold(target_name);
        let mut places = Vec::new();
        for start in open_starts(&name) {
            self.standing_at(&name[start..], &mut places);
        }
        let host = before_dot(&name).unwrap_or(&name);
        places.extend(named(&self.names, host));
        places.extend(named(&self.hosts, host));
        for whole in [host, &name] {
            places.extend(named(&self.dashed, &with_dashes(whole)));
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The instances whose names `rest` begins with, up to a boundary. What is left of the names shrinks with each letter
    /// compared, so a start at which no name begins costs one search.
    fn standing_at(&self, rest: &str, places: &mut Vec<usize>) {
        let mut left = &self.names[..];
        for length in &self.lengths {
            if *length > rest.len() {
                break;
            }
            let Some(part) = rest.get(..*length) else {
                continue;
            };
            let after = rest[*length..].chars().next();
            if after.is_some_and(char::is_alphanumeric) {
                continue;
            }
            left = beginning_with(left, part);
            if left.is_empty() {
                break;
            }
            // Equal names sort before longer ones.
            let equal = left.iter().take_while(|(name, _)| name.len() == *length);
            places.extend(equal.map(|(_, place)| *place));
        }
    }
}

/// The names that begin so.
fn beginning_with<'a>(names: &'a [(Box<str>, usize)], part: &str) -> &'a [(Box<str>, usize)] {
    let from = names.partition_point(|(n, _)| &**n < part);
    let to = from + names[from..].partition_point(|(n, _)| n.starts_with(part));
    &names[from..to]
}

/// The places of exactly this name.
fn named<'a>(names: &'a [(Box<str>, usize)], name: &str) -> impl Iterator<Item = usize> + use<'a> {
    let from = names.partition_point(|(n, _)| &**n < name);
    let to = from + names[from..].partition_point(|(n, _)| &**n == name);
    names[from..to].iter().map(|(_, place)| *place)
}
