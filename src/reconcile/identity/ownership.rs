//! Whose name it is: exact, because ownership removes.

use super::matching::open_starts;
use super::{Fit, Letters, NamePattern, before_dot, fold, lower};
use crate::reconcile::Instance;
use std::collections::HashSet;

/// What stands around a machine's name in the name of its target, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decoration {
    before: String,
    after: String,
}

impl Decoration {
    /// The decoration with which `target_name` carries `machine_name`, or `None` if that does not stand in it.
    fn around(target_name: &str, machine_name: &str) -> Option<Self> {
        let (target, machine) = (fold(target_name), fold(machine_name));
        if machine.is_empty() {
            return None;
        }
        // Up to the first dot if it stands there, so that a domain is no decoration.
        [before_dot(&target), Some(&target)]
            .into_iter()
            .flatten()
            .find_map(|whole| {
                open_starts(whole).find_map(|start| {
                    let after = whole[start..].strip_prefix(machine.as_str())?;
                    let ends = !after.starts_with(char::is_alphanumeric);
                    ends.then(|| Self {
                        before: whole[..start].into(),
                        after: after.into(),
                    })
                })
            })
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// The name without the decoration, or `None` if it does not carry it.
    fn strip<'a>(&self, name: &'a str) -> Option<&'a str> {
        let inner = name.get(self.before.len()..name.len().checked_sub(self.after.len())?)?;
        let around = (
            &name[..self.before.len()],
            &name[name.len() - self.after.len()..],
        );
        (lower(around.0) == self.before && lower(around.1) == self.after).then_some(inner)
    }
}

/// Which names are a group's own: its pattern, and what its kept targets teach about how people write it.
#[derive(Debug)]
pub struct Ownership<'a> {
    pattern: &'a NamePattern,
    letters: Letters,
    decoration: Option<Decoration>,
}

/// A kept target of a group, with the machines of that group that it means.
pub type Kept<'a> = (&'a str, Vec<&'a Instance>);

impl<'a> Ownership<'a> {
    /// Learns from the kept targets of the group.
    #[must_use]
    pub fn learn(pattern: &'a NamePattern, kept: &[Kept<'_>]) -> Self {
        let decoration = shared_decoration(kept);
        let small = kept.iter().any(|(name, instances)| {
            readings(name, decoration.as_ref())
                .any(|core| is_written_small(pattern, core, instances))
        });
        let letters = if small {
            Letters::EitherCase
        } else {
            Letters::Capitals
        };
        Self {
            pattern,
            letters,
            decoration,
        }
    }

    /// Whether the name is the group's own, and how it reads without its decoration.
    #[must_use]
    pub fn fit(&self, name: &str) -> Option<(String, Fit)> {
        let name = name.trim();
        if let Some(fit) = self.pattern.fit(name, self.letters) {
            return Some((name.to_owned(), fit));
        }
        readings(name, self.decoration.as_ref()).find_map(|core| {
            let fit = self.pattern.fit(core, self.letters)?;
            Some((core.to_owned(), fit))
        })
    }
}

/// A name as it is, and without the decoration, whole and up to its first dot.
fn readings<'n>(name: &'n str, decoration: Option<&Decoration>) -> impl Iterator<Item = &'n str> {
    let name = name.trim();
    let parts = [Some(name), before_dot(name)].into_iter().flatten();
    let stripped: Vec<&str> = parts.filter_map(|part| decoration?.strip(part)).collect();
    std::iter::once(name).chain(stripped)
}

/// Whether a kept target writes in small letters the name of a machine that the group made. One that was attached by hand,
/// such as `webserver`, teaches nothing about the names that the group gives.
fn is_written_small(pattern: &NamePattern, core: &str, instances: &[&Instance]) -> bool {
    let host = before_dot(core).unwrap_or(core);
    let made_here = |instance: &&Instance| {
        let computer_name = instance.computer_name.as_deref().unwrap_or_default().trim();
        let given = [computer_name, &instance.resource_name];
        computer_name.eq_ignore_ascii_case(host)
            && given
                .iter()
                .any(|name| pattern.fit(name, Letters::Capitals).is_some())
    };
    pattern.fit(core, Letters::Capitals).is_none()
        && pattern.fit(core, Letters::EitherCase).is_some()
        && instances.iter().any(made_here)
}

/// The decoration that every kept target carries around its machine's name, if there is one.
///
/// One kept target alone proves nothing: `app-web00000A` of a neighbour matches `web00000A` by accident, and would hand
/// over all of the neighbour's machines.
fn shared_decoration(kept: &[Kept<'_>]) -> Option<Decoration> {
    let machines: HashSet<&str> = kept
        .iter()
        .flat_map(|(_, instances)| instances.iter().map(|i| i.resource_name.as_str()))
        .collect();
    if kept.len() < 2 || machines.len() < 2 {
        return None;
    }
    let decorations_of = |(name, instances): &Kept<'_>| -> Vec<Decoration> {
        let names = instances
            .iter()
            .flat_map(|i| i.computer_name.iter().chain([&i.resource_name]));
        names
            .filter_map(|machine| Decoration::around(name, machine))
            .collect()
    };
    let (first, others) = kept.split_first()?;
    let mut shared = decorations_of(first);
    for other in others {
        let theirs = decorations_of(other);
        shared.retain(|decoration| theirs.contains(decoration));
        if shared.is_empty() {
            return None;
        }
    }
    shared.into_iter().find(|decoration| !decoration.is_empty())
}
