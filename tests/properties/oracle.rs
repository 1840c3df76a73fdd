//! The contract's definitions written a second time: naive, quadratic, and without a line of the product's.

use crate::policy::{EIGHT_HEX, NUMBER, SIX_BASE_36, SIX_CAPITALS};
use octopus_scale_in::reconcile::pattern::{Form, NameOf, NamePattern, Suffix};
use octopus_scale_in::reconcile::snapshot::{
    Connection, Instance, InstanceState, ScalingGroup, Snapshot, Target, TargetKind,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// "Case-insensitive, trimmed": letter by letter, so that what follows a letter does not change it.
pub fn letters(name: &str) -> Vec<char> {
    small(name.trim().chars())
}

pub fn small(letters: impl Iterator<Item = char>) -> Vec<char> {
    let final_sigma = |c| if c == '\u{3c2}' { '\u{3c3}' } else { c };
    letters
        .flat_map(char::to_lowercase)
        .map(final_sigma)
        .collect()
}

/// Up to the first dot. A name that begins with one has no such part: nothing would equal everything.
fn host(name: &[char]) -> &[char] {
    let dot = name.iter().position(|c| *c == '.');
    dot.filter(|dot| *dot > 0).map_or(name, |dot| &name[..dot])
}

fn stands_between_boundaries(inner: &[char], outer: &[char]) -> bool {
    let is_boundary = |c: Option<&char>| c.is_none_or(|c| !c.is_alphanumeric());
    (0..outer.len()).any(|at| {
        outer[at..].starts_with(inner)
            && is_boundary(at.checked_sub(1).and_then(|before| outer.get(before)))
            && is_boundary(outer.get(at + inner.len()))
    })
}

/// Section 4, "Match", of one name and one name.
pub fn names_match(target: &str, machine: &str) -> bool {
    let (target, machine) = (letters(target), letters(machine));
    !machine.is_empty()
        && (target == machine
            || host(&target) == &machine[..]
            || stands_between_boundaries(&machine, &target))
}

/// "Equal up to the first dot of either", of a computer name: in a resource's name a dot is no domain.
pub fn hosts_match(target: &str, computer: &str) -> bool {
    let (target, computer) = (letters(target), letters(computer));
    !computer.is_empty() && host(&target) == host(&computer)
}

pub fn names_of(instance: &Instance) -> impl Iterator<Item = &String> {
    let Instance {
        computer_name,
        machine_id,
        ..
    } = instance;
    let names = computer_name.iter().chain(machine_id);
    names.chain([&instance.resource_name])
}

/// Section 4, "Match", of a target and an instance.
pub fn matches(target: &str, instance: &Instance) -> bool {
    let mut computer = instance.computer_name.iter();
    names_of(instance).any(|name| names_match(target, name))
        || computer.any(|name| hosts_match(target, name))
        || means_with_dashes(target, &instance.resource_name)
}

/// "A resource name also with `-` for its `_`, whole or up to the first dot".
pub fn means_with_dashes(target: &str, resource: &str) -> bool {
    let with_dashes = |name: &[char]| -> Vec<char> {
        let dash = |c: &char| if *c == '_' { '-' } else { *c };
        name.iter().map(dash).collect()
    };
    let (target, resource) = (letters(target), letters(resource));
    resource.contains(&'_')
        && [&target[..], host(&target)]
            .iter()
            .any(|whole| with_dashes(whole) == with_dashes(&resource))
}

/// The machines of the group that the target keeps its registration for.
pub fn staying<'a>(target: &Target, group: &'a ScalingGroup) -> Vec<&'a Arc<Instance>> {
    let there = |i: &&Arc<Instance>| i.state != InstanceState::Deleting && matches(&target.name, i);
    group.instances.iter().filter(there).collect()
}

/// Whether anything in the snapshot, in any state, is a machine that the target may stand for.
pub fn matches_anything(target: &Target, snapshot: &Snapshot) -> bool {
    snapshot
        .groups
        .iter()
        .flat_map(|g| g.instances.iter().chain(&g.outsiders))
        .any(|instance| matches(&target.name, instance))
}

/// A name of a scale set's where it stands in another, between boundaries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    pub name: Vec<char>,
    pub id: Option<String>,
    /// Nothing stands around it, but perhaps a domain.
    pub bare: bool,
    /// Written in the letters that Azure uses.
    pub as_given: bool,
    /// People could have chosen it.
    pub peoples: bool,
    pub dash: bool,
    pub decoration: Decoration,
}

/// Section 4, "Pattern": everything in the name that is a name of the pattern's, in any spelling.
pub fn held(pattern: &NamePattern, name: &str) -> BTreeSet<Held> {
    let name: Vec<char> = name.trim().chars().collect();
    let is_boundary = |c: Option<&char>| c.is_none_or(|c| !c.is_alphanumeric());
    let spans = (0..name.len()).flat_map(|from| (from + 1..=name.len()).map(move |to| (from, to)));
    let mut found = BTreeSet::new();
    for (from, to) in spans {
        let (before, core, after) = (&name[..from], &name[from..to], &name[to..]);
        if !is_boundary(before.last()) || !is_boundary(after.first()) {
            continue;
        }
        for form in &pattern.forms {
            for (head, tail) in (0..=core.len()).map(|at| core.split_at(at)) {
                let Some(dash) = is_prefix(form, head) else {
                    continue;
                };
                let tail: String = tail.iter().collect();
                let Some(number) = suffix_fits(form.suffix, &tail) else {
                    continue;
                };
                // An instance id above 1.7 million is Azure's only in its own letters.
                let capitals_only = form.suffix == SIX_CAPITALS
                    || form.suffix == SIX_BASE_36 && !tail.starts_with("00");
                found.insert(Held {
                    name: core.to_vec(),
                    id: number.map(|number| number.to_string()),
                    bare: before.is_empty() && after.first().is_none_or(|c| *c == '.'),
                    as_given: !capitals_only || !tail.contains(|c: char| c.is_ascii_lowercase()),
                    peoples: capitals_only && !is_unmistakable(&tail),
                    dash,
                    decoration: (
                        form.of == NameOf::Computer,
                        small(before.iter().copied()),
                        small(after.iter().copied()),
                    ),
                });
            }
        }
    }
    found
}

/// Whether the name begins as the form wants it, and whether only with dashes for underscores, which resources may.
fn is_prefix(form: &Form, head: &[char]) -> Option<bool> {
    let head: String = head.iter().collect();
    let Some(prefix) = &form.prefix else {
        return Some(false);
    };
    let same = |head: &str, prefix: &str| !prefix.is_empty() && head.eq_ignore_ascii_case(prefix);
    // An underscore may stand where it is, or be a dash.
    let as_written = |(h, p): (char, char)| if p == '_' && h == '-' { '_' } else { h };
    let restored: String = head.chars().zip(prefix.chars()).map(as_written).collect();
    if same(&head, prefix) {
        Some(false)
    } else if form.of == NameOf::Resource && head.len() == prefix.len() && same(&restored, prefix) {
        Some(true)
    } else {
        None
    }
}

/// "A digit comes before a letter and the first two are not both digits."
fn is_unmistakable(six: &str) -> bool {
    let six: Vec<char> = six.chars().collect();
    let digit_then_letter = (0..six.len())
        .any(|at| six[at].is_ascii_digit() && six[at..].iter().any(char::is_ascii_alphabetic));
    digit_then_letter && !six.iter().take(2).all(char::is_ascii_digit)
}

/// Whether the whole name is one that the scale set gives to a resource, as Azure writes it.
pub fn gives(pattern: &NamePattern, name: &str) -> bool {
    let of_a_resource = |it: &Held| it.bare && !it.dash && !it.decoration.0;
    held(pattern, name).iter().any(of_a_resource)
}

/// The ids that stand in the name.
pub fn ids_in(pattern: &NamePattern, name: &str) -> BTreeSet<String> {
    held(pattern, name)
        .into_iter()
        .filter_map(|it| it.id)
        .collect()
}

fn suffix_fits(suffix: Suffix, text: &str) -> Option<Option<u64>> {
    let digits = |radix: u32| -> Option<u64> {
        text.chars().try_fold(0_u64, |number, c| {
            number
                .checked_mul(u64::from(radix))?
                .checked_add(u64::from(c.to_digit(radix)?))
        })
    };
    let six = text.chars().count() == 6;
    let each = |test: fn(char) -> bool| text.chars().all(test);
    match suffix {
        SIX_BASE_36 => (six && text.starts_with('0'))
            .then(|| digits(36))?
            .map(Some),
        NUMBER => {
            let no_leading_zero = text == "0" || !text.starts_with('0');
            (!text.is_empty() && no_leading_zero)
                .then(|| digits(10))?
                .map(Some)
        }
        SIX_CAPITALS => {
            let alphanumeric = each(|c| c.is_ascii_alphanumeric());
            (six && alphanumeric).then_some(None)
        }
        EIGHT_HEX => {
            let hex = each(|c| "0123456789abcdefABCDEF".contains(c));
            (text.chars().count() == 8 && hex).then_some(None)
        }
        other => panic!("the contract knows no such suffix: {other:?}"),
    }
}

/// What stands before and after, in small letters, and whether around a computer name.
pub type Decoration = (bool, Vec<char>, Vec<char>);

/// Every way in which the name is written around a machine's name, between boundaries.
fn decorations(target: &str, machine: &Instance) -> BTreeSet<Decoration> {
    let whole = letters(target);
    let mut found = BTreeSet::new();
    let computer = machine.computer_name.iter().map(|name| (true, name));
    let names = computer.chain([(false, &machine.resource_name)]);
    let names = names.map(|(computer, name)| (computer, letters(name)));
    for (computer, inner) in names.filter(|(_, it)| !it.is_empty()) {
        for at in 0..whole.len() {
            let (before, rest) = whole.split_at(at);
            let Some(after) = rest.strip_prefix(&inner[..]) else {
                continue;
            };
            let ends = [before.last(), after.first()];
            if ends.iter().flatten().all(|c| !c.is_alphanumeric()) {
                found.insert((computer, before.to_vec(), after.to_vec()));
            }
        }
    }
    found
}

/// What the kept targets of a scale set teach.
#[derive(Default)]
struct Taught {
    other_case: bool,
    dashes: bool,
    decorations: BTreeSet<Decoration>,
}

fn taught(pattern: &NamePattern, kept: &[(&str, Vec<&Arc<Instance>>)]) -> Taught {
    let mut taught = Taught::default();
    let by_dashes = |name: &str, machine: &Instance| {
        let mut held = held(pattern, name).into_iter();
        held.any(|it| it.bare && it.dash)
            && means_with_dashes(name, &machine.resource_name)
            && !names_match(name, &machine.resource_name)
    };
    let each = || {
        kept.iter()
            .flat_map(|(name, all)| all.iter().map(move |it| (*name, *it)))
    };
    for (name, machine) in each() {
        let others = each().filter(|(_, other)| Arc::ptr_eq(other, machine));
        let alone = others.into_iter().all(|(name, it)| by_dashes(name, it));
        taught.dashes |= alone;
        let computer = machine.computer_name.as_deref().unwrap_or_default();
        if gives(pattern, &machine.resource_name) {
            // A number may mean this machine by accident: then all that mean it must be decorated alike.
            let theirs = decorations(name, machine);
            let mut others = each().filter(|(_, other)| Arc::ptr_eq(other, machine));
            if machine.id.is_none() || others.all(|(name, it)| decorations(name, it) == theirs) {
                taught.decorations.extend(theirs);
            }
            let means = |it: &Held| letters(computer) == small(it.name.iter().copied());
            let written = held(pattern, name);
            taught.other_case |= written.iter().any(|it| !it.as_given && means(it));
        }
    }
    taught
}

/// Section 4, "Pattern": the ids that a name of the scale set's own may stand for, and whether the name alone proves enough;
/// `None` if it is no name of the scale set's own.
pub fn owned(
    pattern: &NamePattern,
    kept: &[(&str, Vec<&Arc<Instance>>)],
    name: &str,
) -> Option<(BTreeSet<String>, bool)> {
    let taught = taught(pattern, kept);
    let knows = |it: &Held| taught.decorations.contains(&it.decoration);
    let is_own = |it: &&Held| {
        let spelled = it.as_given || !it.peoples || taught.other_case;
        let held_so = it.bare || !it.peoples || knows(it);
        spelled && held_so && (!it.dash || it.bare && taught.dashes)
    };
    let all = held(pattern, name);
    let own: Vec<&Held> = all.iter().filter(is_own).collect();
    let plain = own.iter().any(|it| it.bare || knows(it));
    (!own.is_empty()).then(|| (ids_in(pattern, name), plain))
}

/// The same for a group of a snapshot, beside the targets that are kept for it.
pub fn owned_as(
    snapshot: &Snapshot,
    group: &ScalingGroup,
    name: &str,
) -> Option<(BTreeSet<String>, bool)> {
    let kept: Vec<(&str, Vec<&Arc<Instance>>)> = snapshot
        .targets
        .iter()
        .filter(|target| target.kind == TargetKind::Machine(Connection::Listening))
        .map(|target| (target.name.as_str(), staying(target, group)))
        .filter(|(_, matched)| !matched.is_empty())
        .collect();
    owned(&group.pattern, &kept, name)
}

/// The machines of the group that have one of these ids.
pub fn with_id<'a>(group: &'a ScalingGroup, ids: &BTreeSet<String>) -> Vec<&'a Arc<Instance>> {
    let has = |i: &&Arc<Instance>| i.id.as_ref().is_some_and(|id| ids.contains(id));
    group.instances.iter().filter(has).collect()
}

/// The names from which no number can be read: those in letters.
pub fn lettered(pattern: &NamePattern) -> NamePattern {
    let forms = pattern.forms.iter();
    let forms = forms.filter(|form| form.suffix == SIX_CAPITALS).cloned();
    NamePattern {
        forms: forms.collect(),
    }
}
