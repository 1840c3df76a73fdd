//! Which machines a name may mean: generous, because a match keeps.

use super::{before_dot, fold};
use crate::reconcile::{Group, Instance};
use std::collections::HashSet;

/// Where a machine stands in a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat {
    /// Index of the group in the look.
    pub group: usize,
    /// Whether it is a machine of the group or one beside it.
    pub member: bool,
    /// Index in the group's `instances` or `bystanders`.
    pub index: usize,
}

/// Machines by name, for asking which of them a target means.
///
/// Built once for all targets and asked by binary search, so 10,000 targets against 10,000 machines stay near-linear.
#[derive(Debug, Default)]
pub struct Machines {
    names: Vec<(Box<str>, Seat)>,
    /// Names of machines that have a dot, up to that dot.
    hosts: Vec<(Box<str>, Seat)>,
    /// Lengths in bytes that occur in `names`, each once.
    lengths: Vec<usize>,
    /// Numbers of the machines that have one.
    numbers: HashSet<u64>,
}

impl Machines {
    /// All machines of the groups, members and bystanders.
    #[must_use]
    pub fn of(groups: &[Group]) -> Self {
        let mut machines = Self::default();
        for (group, g) in groups.iter().enumerate() {
            for (member, list) in [(true, &g.instances), (false, &g.bystanders)] {
                for (index, instance) in list.iter().enumerate() {
                    machines.add(
                        instance,
                        Seat {
                            group,
                            member,
                            index,
                        },
                    );
                }
            }
        }
        machines.sort();
        machines
    }

    /// A list of machines by itself.
    #[must_use]
    pub fn listed(instances: &[Instance]) -> Self {
        let mut machines = Self::default();
        for (index, instance) in instances.iter().enumerate() {
            machines.add(
                instance,
                Seat {
                    group: 0,
                    member: true,
                    index,
                },
            );
        }
        machines.sort();
        machines
    }

    /// Whether a machine has this number.
    #[must_use]
    pub fn has_number(&self, number: u64) -> bool {
        self.numbers.contains(&number)
    }

    fn add(&mut self, instance: &Instance, seat: Seat) {
        self.numbers.extend(instance.number);
        for name in instance
            .computer_name
            .iter()
            .chain([&instance.resource_name])
        {
            let name = fold(name);
            // An empty name would be found in every target's.
            if name.is_empty() {
                continue;
            }
            if let Some(host) = before_dot(&name) {
                self.hosts.push((host.into(), seat));
            }
            self.names.push((name.into(), seat));
        }
    }

    fn sort(&mut self) {
        self.names.sort_unstable();
        self.hosts.sort_unstable();
        let lengths: HashSet<usize> = self.names.iter().map(|(name, _)| name.len()).collect();
        self.lengths = lengths.into_iter().collect();
        self.lengths.sort_unstable();
    }

    /// The machines that a target of this name may mean, each once.
    #[must_use]
    pub fn meant_by(&self, target_name: &str) -> Vec<Seat> {
        let name = fold(target_name);
        let mut seats = Vec::new();
        for start in open_starts(&name) {
            seats.extend(self.standing_at(&name[start..]));
        }
        let host = before_dot(&name).unwrap_or(&name);
        seats.extend(named(&self.names, host));
        seats.extend(named(&self.hosts, host));
        seats.sort_unstable();
        seats.dedup();
        seats
    }
}

impl Machines {
    /// The machines whose names `rest` begins with, up to a boundary. What is left of the names shrinks with each letter
    /// compared, so a start at which no name begins costs one search.
    fn standing_at(&self, rest: &str) -> Vec<Seat> {
        let mut left = &self.names[..];
        let mut seats = Vec::new();
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
            seats.extend(equal.map(|(_, seat)| *seat));
        }
        seats
    }
}

/// The names that begin so.
fn beginning_with<'a>(names: &'a [(Box<str>, Seat)], part: &str) -> &'a [(Box<str>, Seat)] {
    let from = names.partition_point(|(n, _)| &**n < part);
    let to = from + names[from..].partition_point(|(n, _)| n.starts_with(part));
    &names[from..to]
}

/// Where something may begin that stands between boundaries.
pub(super) fn open_starts(name: &str) -> impl Iterator<Item = usize> {
    let starts = name
        .char_indices()
        .scan(None, |before: &mut Option<char>, (start, c)| {
            let open = before.is_none_or(|b| !b.is_alphanumeric());
            *before = Some(c);
            Some(open.then_some(start))
        });
    starts.flatten()
}

/// The seats under exactly this name.
fn named<'a>(names: &'a [(Box<str>, Seat)], name: &str) -> impl Iterator<Item = Seat> + use<'a> {
    let from = names.partition_point(|(n, _)| &**n < name);
    let to = from + names[from..].partition_point(|(n, _)| &**n == name);
    names[from..to].iter().map(|(_, seat)| *seat)
}
