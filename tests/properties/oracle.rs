//! The contract's definitions written a second time: naive, quadratic, and without a line of the product's.

use crate::policy::{EIGHT_HEX, NUMBER, SIX_BASE_36, SIX_CAPITALS};
use octopus_scale_in::reconcile::pattern::{NamePattern, Suffix};
use octopus_scale_in::reconcile::snapshot::{
    Connection, Instance, InstanceState, ScalingGroup, Snapshot, Target, TargetKind,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// "Case-insensitive, trimmed": letter by letter, so that what follows a letter does not change it.
pub fn letters(name: &str) -> Vec<char> {
    small(name.trim().chars())
}

fn small(letters: impl Iterator<Item = char>) -> Vec<char> {
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
            || host(&target) == host(&machine)
            || stands_between_boundaries(&machine, &target))
}

pub fn names_of(instance: &Instance) -> impl Iterator<Item = &String> {
    instance
        .computer_name
        .iter()
        .chain([&instance.resource_name])
}

/// Section 4, "Match", of a target and an instance.
pub fn matches(target: &str, instance: &Instance) -> bool {
    names_of(instance).any(|name| names_match(target, name))
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

/// Section 4, "Pattern": the ids that the name may stand for, or `None` if it is no name of the group's.
pub fn fits(pattern: &NamePattern, name: &str, small: bool) -> Option<BTreeSet<String>> {
    let name = name.trim();
    let host = name.split('.').next().unwrap_or_default();
    let mut found = None;
    for reading in [name, host] {
        for form in &pattern.forms {
            for (at, _) in reading.char_indices().chain([(reading.len(), ' ')]) {
                let (head, tail) = reading.split_at(at);
                let prefix = form.prefix.as_deref();
                let fits_prefix = prefix.is_none_or(|prefix| head.eq_ignore_ascii_case(prefix));
                if fits_prefix && let Some(number) = suffix_fits(form.suffix, tail, small) {
                    let ids = found.get_or_insert_with(BTreeSet::new);
                    ids.extend(number.map(|number| number.to_string()));
                }
            }
        }
    }
    found
}

fn suffix_fits(suffix: Suffix, text: &str, small: bool) -> Option<Option<u64>> {
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
        NUMBER => (!text.is_empty()).then(|| digits(10))?.map(Some),
        SIX_CAPITALS => {
            let capital = each(|c| matches!(c, '0'..='9' | 'A'..='Z'));
            let lower = each(|c| matches!(c, '0'..='9' | 'a'..='z'));
            (six && (capital || small && lower)).then_some(None)
        }
        EIGHT_HEX => {
            let hex = each(|c| "0123456789abcdefABCDEF".contains(c));
            (text.chars().count() == 8 && hex).then_some(None)
        }
        other => panic!("the contract knows no such suffix: {other:?}"),
    }
}

/// What stands before and after.
type Decoration = (Vec<char>, Vec<char>);

/// Every way in which the name is written around a machine's name, between boundaries.
fn decorations(target: &str, instances: &[&Arc<Instance>]) -> BTreeSet<Decoration> {
    let whole = letters(target);
    let mut found = BTreeSet::new();
    for outer in [&whole[..], host(&whole)] {
        for inner in instances.iter().flat_map(|i| names_of(i)) {
            let inner = letters(inner);
            for at in 0..outer.len() {
                let (before, rest) = outer.split_at(at);
                let Some(after) = rest.strip_prefix(&inner[..]) else {
                    continue;
                };
                let ends = [before.last(), after.first()];
                if !inner.is_empty() && ends.iter().flatten().all(|c| !c.is_alphanumeric()) {
                    found.insert((before.to_vec(), after.to_vec()));
                }
            }
        }
    }
    found
}

/// The decorations that every kept target of the group carries; none on the word of one target or of one machine.
fn shared_decorations(kept: &[(&Target, Vec<&Arc<Instance>>)]) -> BTreeSet<Decoration> {
    let machines: BTreeSet<*const Instance> = kept
        .iter()
        .flat_map(|(_, matched)| matched.iter().map(|i| Arc::as_ptr(i)))
        .collect();
    if kept.len() < 2 || machines.len() < 2 {
        return BTreeSet::new();
    }
    let mut each = kept
        .iter()
        .map(|(target, matched)| decorations(&target.name, matched));
    let first = each.next().unwrap_or_default();
    each.fold(first, |shared, theirs| &shared & &theirs)
}

/// The readings of a name: itself, up to its first dot, and both without each of the decorations.
fn readings(name: &str, decorations: &BTreeSet<Decoration>) -> Vec<String> {
    let name = name.trim();
    let mut readings = vec![name.to_owned()];
    for part in [name, name.split('.').next().unwrap_or_default()] {
        let part: Vec<char> = part.chars().collect();
        let lower = |chars: &[char]| small(chars.iter().copied());
        for (before, after) in decorations {
            for (from, to) in (0..=part.len()).flat_map(|f| (f..=part.len()).map(move |t| (f, t))) {
                if lower(&part[..from]) == *before && lower(&part[to..]) == *after {
                    readings.push(part[from..to].iter().collect());
                }
            }
        }
    }
    readings
}

/// Section 4, "Pattern", decorations included: the ids that a name of the group's own may stand for, or `None` if it is
/// no name of the group's own.
pub fn owned_as(snapshot: &Snapshot, group: &ScalingGroup, name: &str) -> Option<BTreeSet<String>> {
    let kept: Vec<(&Target, Vec<&Arc<Instance>>)> = snapshot
        .targets
        .iter()
        .filter(|target| target.kind == TargetKind::Machine(Connection::Listening))
        .map(|target| (&**target, staying(target, group)))
        .filter(|(_, matched)| !matched.is_empty())
        .collect();
    let shared = shared_decorations(&kept);
    let fit = |name: &str, small| fits(&group.pattern, name, small);
    let small = kept
        .iter()
        .flat_map(|(target, _)| readings(&target.name, &shared))
        .any(|reading| fit(&reading, true).is_some() && fit(&reading, false).is_none());
    let readings = readings(name, &shared);
    let ids = readings.iter().filter_map(|reading| fit(reading, small));
    ids.reduce(|all, more| &all | &more)
}

/// The machines of the group that have one of these ids.
pub fn with_id(group: &ScalingGroup, ids: &BTreeSet<String>) -> Vec<InstanceState> {
    let has = |i: &&Arc<Instance>| i.id.as_ref().is_some_and(|id| ids.contains(id));
    group
        .instances
        .iter()
        .filter(has)
        .map(|i| i.state)
        .collect()
}
