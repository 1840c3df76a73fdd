//! A listing of machines against a group's own list of those that are its own.

use super::snapshot::Instance;
use std::collections::HashSet;
use std::fmt;

/// Why a listing is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// The group's own list names machines that the listing lacks.
    ListingLacks {
        /// How many are missing.
        missing: usize,
        /// The name of one.
        machine: String,
    },
    /// The group's own list is empty although machines of it are listed.
    OwnListEmpty {
        /// How many are listed.
        instances: usize,
    },
}

/// Compares the two. Machines of no group are those that stand beside it. Each machine in the own list comes with every name
/// that it has there; one that is listed under any of them is listed.
pub fn compare<'a>(
    machines: impl Iterator<Item = &'a Instance> + Clone,
    own_list: &[Vec<String>],
) -> Option<Disagreement> {
    let instances = machines.clone().filter(|it| it.group.is_some()).count();
    if own_list.is_empty() && instances > 0 {
        return Some(Disagreement::OwnListEmpty { instances });
    }
    let fold = |name: &str| name.trim().to_lowercase();
    let listed: HashSet<String> = machines.map(|it| fold(&it.resource_name)).collect();
    let mut missing = own_list
        .iter()
        .filter(|names| !names.iter().any(|name| listed.contains(&fold(name))));
    let machine = missing.next()?.first()?.clone();
    Some(Disagreement::ListingLacks {
        missing: missing.count() + 1,
        machine,
    })
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListingLacks { missing, machine } => write!(
                f,
                "its own list names machines that the listing lacks ({missing}, {machine} among them)"
            ),
            Self::OwnListEmpty { instances } => write!(
                f,
                "its own list names no machine, although {instances} of it are listed"
            ),
        }
    }
}
