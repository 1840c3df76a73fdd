//! Whose name it is: exact, because ownership removes.
//!
//! A name is a group's own if it is one that the group's pattern gives, or holds one, whatever people put around it:
//!
//! | the name is written | the whole name, or all but a domain | inside a decoration |
//! |---|---|---|
//! | as the cloud does, and people would hardly write it so | own | own |
//! | as the cloud does, but people could have | own | own beside a kept target with this decoration |
//! | in another case, and people would hardly write it so | own | own |
//! | in another case, and people could have | own beside a kept target that is written in that case | both of these |
//! | with a dash for the underscore | own beside a kept target that is written so | never |
//!
//! A decoration that no kept target carries proves less: see [`Proof`].

use super::pattern::{
    Author, Joint, Letters, NameOf, NamePattern, Standing, fold, lower, open_starts, with_dashes,
};
use super::snapshot::Instance;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What stands around one of a machine's names in the name of its target, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Decoration {
    of: NameOf,
    before: String,
    after: String,
}

impl Decoration {
    fn of(standing: &Standing<'_>) -> Self {
        Self {
            of: standing.of,
            before: lower(standing.before),
            after: lower(standing.after),
        }
    }

    /// Every decoration with which `target_name` carries the names of the instance.
    fn around(target_name: &str, instance: &Instance) -> HashSet<Self> {
        let computer = instance.computer_name.iter();
        let names = computer.map(|name| (NameOf::Computer, name));
        let names = names.chain([(NameOf::Resource, &instance.resource_name)]);
        let around = |(of, name): (_, &String)| Self::around_name(target_name, name, of);
        names.flat_map(around).collect()
    }

    fn around_name(target_name: &str, machine_name: &str, of: NameOf) -> Vec<Self> {
        let (target, machine) = (fold(target_name), fold(machine_name));
        let at = |start: usize| {
            let after = target[start..].strip_prefix(machine.as_str())?;
            let ends = !machine.is_empty() && !after.starts_with(char::is_alphanumeric);
            ends.then(|| Self {
                of,
                before: target[..start].into(),
                after: after.into(),
            })
        };
        open_starts(&target).filter_map(at).collect()
    }
}

/// Which names are a group's own: its pattern, and what its kept targets teach about how people write it.
#[derive(Debug)]
pub struct LearnedPattern<'a> {
    pattern: &'a NamePattern,
    /// A kept target is written in another case than the cloud does.
    other_case: bool,
    /// A kept target is written with a dash for the underscore.
    dashes: bool,
    /// What kept targets carry around their machines' names.
    decorations: HashSet<Decoration>,
}

/// A kept target of a group, with the instances of that group that it matches.
#[derive(Debug)]
pub struct KeptName<'a> {
    /// The target's name.
    pub name: &'a str,
    /// What keeps it.
    pub instances: Vec<&'a Arc<Instance>>,
}

/// A name that is a group's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnName {
    /// The ids of the instances that it may stand for; empty where names carry none.
    pub ids: BTreeSet<String>,
    /// How much that proves.
    pub proof: Proof,
}

/// How much it proves that a name is a group's own. The smaller, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It is the name that the group gives, or stands in a decoration that a kept target of the group carries, too.
    Plain,
    /// It stands in a decoration that no kept target of the group carries: it may as well be another group's, so all groups
    /// that there are must have been seen.
    OthersMustBeSeen,
}

impl<'a> LearnedPattern<'a> {
    /// Learns from the kept targets of the group. A machine that was attached by hand, such as `WEBSERVER`, teaches nothing
    /// about the names that the group gives; its resource has a name of its own.
    #[must_use]
    pub fn learn(pattern: &'a NamePattern, kept: &[KeptName<'_>]) -> Self {
        let mut learned = Self {
            pattern,
            other_case: kept.iter().any(|kept| is_in_other_case(pattern, kept)),
            dashes: false,
            decorations: HashSet::new(),
        };
        for (instance, meant_by) in by_instance(kept) {
            // Beside a target that means the instance by its own name, one with dashes is somebody's, which happens to be
            // called so.
            let with_dashes = |name: &&str| means_with_dashes(pattern, name, instance);
            learned.dashes |= meant_by.iter().all(with_dashes);
            if pattern.gives_resource(&instance.resource_name) {
                learned.learn_decorations(instance, &meant_by);
            }
        }
        learned
    }

    /// Numbers collide: a twin's target may mean this instance by accident. So where several targets mean one that has a
    /// number, only a decoration that all of them carry is the group's.
    fn learn_decorations(&mut self, instance: &Instance, names: &[&str]) {
        let mut each = names.iter().map(|name| Decoration::around(name, instance));
        if instance.id.is_none() {
            self.decorations.extend(each.flatten());
        } else if let Some(first) = each.next().filter(|first| !first.is_empty())
            && each.all(|other| other == first)
        {
            self.decorations.extend(first);
        }
    }

    /// How the name is the group's own, if it is.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<OwnName> {
        let standing: Vec<Standing<'_>> = self.pattern.names_in(name).collect();
        let own = standing.iter().filter(|it| self.is_own(it));
        let proof = own.map(|it| self.proof_of(it)).min()?;
        // Where several stand in it, each may be the machine's.
        let ids = standing.into_iter().filter_map(|it| it.id).collect();
        Some(OwnName { ids, proof })
    }

    fn proof_of(&self, own: &Standing<'_>) -> Proof {
        if own.is_bare() || self.is_known(own) {
            Proof::Plain
        } else {
            Proof::OthersMustBeSeen
        }
    }

    /// The table above.
    fn is_own(&self, standing: &Standing<'_>) -> bool {
        let by_joint = match standing.joint {
            Joint::AsGiven => true,
            Joint::Dash => self.dashes && standing.is_bare(),
        };
        let (as_written, in_decoration) = match (standing.author, standing.letters) {
            (Author::Cloud, Letters::AsGiven | Letters::OtherCase) => (true, true),
            (Author::Anybody, Letters::AsGiven) => (true, self.is_known(standing)),
            (Author::Anybody, Letters::OtherCase) => {
                (self.other_case, self.other_case && self.is_known(standing))
            }
        };
        by_joint
            && match standing.is_bare() {
                true => as_written,
                false => in_decoration,
            }
    }

    fn is_known(&self, standing: &Standing<'_>) -> bool {
        self.decorations.contains(&Decoration::of(standing))
    }
}

/// Whether the target writes in another case than the cloud does the computer name of a machine that the group made.
fn is_in_other_case(pattern: &NamePattern, kept: &KeptName<'_>) -> bool {
    let written = pattern.names_in(kept.name);
    let written = written.filter(|it| it.letters == Letters::OtherCase);
    let written: Vec<&str> = written.map(|it| it.name).collect();
    let means = |instance: &&Arc<Instance>| {
        let computer_name = instance.computer_name.as_deref().unwrap_or_default().trim();
        let mut written = written.iter();
        written.any(|name| name.eq_ignore_ascii_case(computer_name))
            && pattern.gives_resource(&instance.resource_name)
    };
    !written.is_empty() && kept.instances.iter().any(means)
}

/// The instances that kept targets mean, each with the names of those.
fn by_instance<'k>(kept: &[KeptName<'k>]) -> Vec<(&'k Instance, Vec<&'k str>)> {
    let mut places: HashMap<*const Instance, usize> = HashMap::new();
    let mut all: Vec<(&Instance, Vec<&str>)> = Vec::new();
    for kept in kept {
        for instance in &kept.instances {
            let place = *places.entry(Arc::as_ptr(instance)).or_insert(all.len());
            if place == all.len() {
                all.push((instance, Vec::new()));
            }
            all[place].1.push(kept.name);
        }
    }
    all
}

/// Whether a name is that of the instance's resource, with dashes.
fn means_with_dashes(pattern: &NamePattern, name: &str, instance: &Instance) -> bool {
    let is_it = |it: &Standing<'_>| {
        let (written, resource) = (fold(it.name), fold(&instance.resource_name));
        with_dashes(&written) == with_dashes(&resource)
    };
    let mut written = pattern.names_in(name);
    written.any(|it| it.joint == Joint::Dash && it.is_bare() && is_it(&it))
}
