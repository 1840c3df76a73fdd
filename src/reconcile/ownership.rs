//! Whose name it is: exact, because ownership removes.
//!
//! A name is a group's own if the group's pattern gives it, or if it is such a name inside the decoration that every kept
//! target of the group carries.

use super::pattern::{Fit, NamePattern, Spelling, before_dot, fold, lower, open_starts};
use super::snapshot::Instance;
use std::collections::HashSet;
use std::sync::Arc;

/// What stands around a machine's name in the name of its target, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Decoration {
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
pub struct LearnedPattern<'a> {
    pattern: &'a NamePattern,
    spelling: Spelling,
    decoration: Option<Decoration>,
}

/// A kept target of a group, with the instances of that group that it matches.
#[derive(Debug)]
pub struct KeptName<'a> {
    /// The target's name.
    pub name: &'a str,
    /// What keeps it.
    pub instances: Vec<&'a Arc<Instance>>,
}

impl<'a> LearnedPattern<'a> {
    /// Learns from the kept targets of the group.
    #[must_use]
    pub fn learn(pattern: &'a NamePattern, kept: &[KeptName<'_>]) -> Self {
        let decoration = shared_decoration(kept);
        let small = kept.iter().any(|kept| {
            readings(kept.name, decoration.as_ref())
                .any(|core| is_written_small(pattern, core, &kept.instances))
        });
        let spelling = if small {
            Spelling::EitherCase
        } else {
            Spelling::Exact
        };
        Self {
            pattern,
            spelling,
            decoration,
        }
    }

    /// Whether the name is the group's own, and how it reads without its decoration. The ids are those that it may stand for.
    #[must_use]
    pub fn fit(&self, name: &str) -> Option<(String, Fit)> {
        let name = name.trim();
        if let Some(fit) = self.pattern.fit(name, self.spelling) {
            return Some((name.to_owned(), fit));
        }
        readings(name, self.decoration.as_ref()).find_map(|core| {
            let fit = self.pattern.fit(core, self.spelling)?;
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
fn is_written_small(pattern: &NamePattern, core: &str, instances: &[&Arc<Instance>]) -> bool {
    let host = before_dot(core).unwrap_or(core);
    let made_here = |instance: &&Arc<Instance>| {
        let computer_name = instance.computer_name.as_deref().unwrap_or_default().trim();
        let given = [computer_name, &instance.resource_name];
        computer_name.eq_ignore_ascii_case(host)
            && given
                .iter()
                .any(|name| pattern.fit(name, Spelling::Exact).is_some())
    };
    pattern.fit(core, Spelling::Exact).is_none()
        && pattern.fit(core, Spelling::EitherCase).is_some()
        && instances.iter().any(made_here)
}

/// The decoration that every kept target carries around its machine's name, if there is one.
///
/// One kept target alone proves nothing: `app-web00000A` of a neighbour matches `web00000A` by accident, and would hand
/// over all of the neighbour's machines.
fn shared_decoration(kept: &[KeptName<'_>]) -> Option<Decoration> {
    let machines: HashSet<&str> = kept
        .iter()
        .flat_map(|kept| kept.instances.iter().map(|i| i.resource_name.as_str()))
        .collect();
    if kept.len() < 2 || machines.len() < 2 {
        return None;
    }
    let decorations_of = |kept: &KeptName<'_>| -> Vec<Decoration> {
        let names = kept
            .instances
            .iter()
            .flat_map(|i| i.computer_name.iter().chain([&i.resource_name]));
        names
            .filter_map(|machine| Decoration::around(kept.name, machine))
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
