//! Targets and machines in, one verdict per target out.
//!
//! | target | verdict |
//! |---|---|
//! | not a Tentacle or SSH target | ignored |
//! | means a machine in any state but Deleting, by name or by its number in the group | kept |
//! | means only machines that are Deleting | leaving |
//! | means a machine beside the group that is not, or no longer, in it | detached |
//! | means none, and is disabled already where disabling is all that is asked | done |
//! | means none, and the name fits | stale: a candidate for removal |
//! | means none, and the name does not fit | foreign |
//!
//! [`super::evidence`] turns candidates into deferred, referenced or foreign ones; never the other way round.

use super::identity::{Fit, Kept, Letters, Machines, Ownership, Seat};
pub use super::verdict::{Claim, Deferral, Foreign, Reference, Verdict};
use super::{Group, Instance, InstanceState, Look, Target, TargetKind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, SystemTime};

/// While all machines are younger than this, that no target means any of them only says that they are about to register.
pub const MACHINES_ARE_NEW: Duration = Duration::from_secs(30 * 60);

/// The settings that a verdict depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What a removal does to a registration.
    pub action: Action,
    /// Only names that fit a group's pattern are ever removed.
    pub owned_only: bool,
}

/// What a removal does to a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Deletes it.
    Delete,
    /// Disables it, which can be taken back.
    Disable,
}

impl Action {
    /// What a registration is when it is done.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Delete => "removed",
            Self::Disable => "disabled",
        }
    }
}

/// One verdict per target of the look, in the same order.
#[derive(Debug, Default)]
pub struct Plan {
    /// Parallel to the look's targets.
    pub verdicts: Vec<Verdict>,
}

impl Plan {
    /// Gives every target its verdict.
    ///
    /// `now` only tells new machines from old ones.
    #[must_use]
    pub fn make(look: &Look, rules: Rules, now: SystemTime) -> Self {
        let machines = Machines::of(&look.groups);
        let met: Vec<Option<Verdict>> = look
            .targets
            .iter()
            .map(|target| met(look, &machines, target))
            .collect();
        let owners = ownerships(look, &met);
        let numbers = numbers(&look.groups);
        let verdict = |(target, met): (&Target, Option<Verdict>)| {
            met.unwrap_or_else(|| unmet(target, &owners, rules))
        };
        let mut plan = Self {
            verdicts: look.targets.iter().zip(met).map(verdict).collect(),
        };
        plan.keep_listed_numbers(look, &numbers);
        plan.spare_for_nameless_machines(look);
        if plan.nothing_matches(look) && all_are_new(&look.groups, now) {
            plan.defer_candidates(|_| Some(Deferral::MachinesAreNew));
        }
        plan
    }

    /// A candidate whose name carries the number of a machine that is listed means that machine, whatever that is called.
    fn keep_listed_numbers(&mut self, look: &Look, numbers: &HashMap<(usize, u64), Seat>) {
        for verdict in &mut self.verdicts {
            let Verdict::Stale(claim) = &*verdict else {
                continue;
            };
            let meant = claim
                .groups
                .iter()
                .flat_map(|(group, of)| of.iter().map(move |number| (*group, *number)));
            let seats: Vec<Seat> = meant
                .filter_map(|number| numbers.get(&number).copied())
                .collect();
            if !seats.is_empty() {
                *verdict = by_state(look, &seats);
            }
        }
    }

    /// A machine whose computer name the cloud does not tell, and that no target means by its other name, could be any
    /// candidate that is called as machines of that group call themselves; and any at all whose name fits no pattern.
    fn spare_for_nameless_machines(&mut self, look: &Look) {
        let met: HashSet<Seat> = self
            .verdicts
            .iter()
            .flat_map(Verdict::seats)
            .copied()
            .collect();
        let groups = look.groups.iter().enumerate();
        let nameless: Vec<&Group> = groups
            .filter(|(group, g)| has_nameless(*group, g, &met))
            .map(|(_, g)| g)
            .collect();
        self.defer_stale(|index, claim| {
            let mut names = claim.readings(&look.targets[index].name);
            let bare = names.any(|name| {
                nameless
                    .iter()
                    .any(|g| g.pattern.is_bare_computer_name(name))
            });
            let any_name = claim.groups.is_empty() && !nameless.is_empty();
            (bare || any_name).then_some(Deferral::NamelessMachine)
        });
    }

    /// The targets that would be removed, as indices into the look.
    pub fn candidates(&self) -> impl Iterator<Item = (usize, &Claim)> {
        self.verdicts
            .iter()
            .enumerate()
            .filter_map(|(index, verdict)| match verdict {
                Verdict::Stale(claim) => Some((index, claim)),
                _ => None,
            })
    }

    /// How many targets would be removed.
    #[must_use]
    pub fn candidate_count(&self) -> usize {
        self.candidates().count()
    }

    /// Machines exist, and no target means any of them: wrong group, or names that do not line up.
    #[must_use]
    pub fn nothing_matches(&self, look: &Look) -> bool {
        look.groups.iter().any(|g| !g.instances.is_empty())
            && !self
                .verdicts
                .iter()
                .any(|v| matches!(v, Verdict::Kept(_) | Verdict::Leaving))
    }

    /// Leaves those candidates to a later run for which `why` has a reason.
    pub fn defer_candidates(&mut self, why: impl Fn(usize) -> Option<Deferral>) {
        self.defer_stale(|index, _| why(index));
    }

    fn defer_stale(&mut self, why: impl Fn(usize, &Claim) -> Option<Deferral>) {
        for (index, verdict) in self.verdicts.iter_mut().enumerate() {
            let Verdict::Stale(claim) = &*verdict else {
                continue;
            };
            if let Some(deferral) = why(index, claim) {
                *verdict = Verdict::Deferred(deferral);
            }
        }
    }
}

/// Whether the group has a machine without a computer name that no target means; or one stands beside it that the group
/// made.
fn has_nameless(group: usize, g: &Group, met: &HashSet<Seat>) -> bool {
    let unmet = |index| {
        !met.contains(&Seat {
            group,
            member: true,
            index,
        })
    };
    let mut members = g.instances.iter().enumerate();
    let made_here = |machine: &Instance| {
        g.pattern
            .fit(&machine.resource_name, Letters::Capitals)
            .is_some()
    };
    members.any(|(index, machine)| machine.computer_name.is_none() && unmet(index))
        || g.bystanders
            .iter()
            .any(|machine| machine.computer_name.is_none() && made_here(machine))
}

/// The verdict of a target that is no machine, or means one; `None` if it means none.
fn met(look: &Look, machines: &Machines, target: &Target) -> Option<Verdict> {
    if target.kind == TargetKind::Other {
        return Some(Verdict::Ignored);
    }
    let seats = machines.meant_by(&target.name);
    let (members, bystanders): (Vec<Seat>, Vec<Seat>) =
        seats.into_iter().partition(|seat| seat.member);
    let of_members = (!members.is_empty()).then(|| by_state(look, &members));
    match (of_members, bystanders.first()) {
        (Some(kept @ Verdict::Kept(_)), _) => Some(kept),
        // Also where a member of that name is Deleting: the machine that runs on decides.
        (_, Some(seat)) => Some(Verdict::Detached(
            look.instance(*seat).resource_name.clone(),
        )),
        (of_members, None) => of_members,
    }
}

/// Kept for the machines that stay, leaving if none does.
fn by_state(look: &Look, seats: &[Seat]) -> Verdict {
    let stays = |seat: &&Seat| look.instance(**seat).state != InstanceState::Deleting;
    let staying: Vec<Seat> = seats.iter().filter(stays).copied().collect();
    if staying.is_empty() {
        Verdict::Leaving
    } else {
        Verdict::Kept(staying)
    }
}

/// The machines that have a number, by group and number.
fn numbers(groups: &[Group]) -> HashMap<(usize, u64), Seat> {
    let of_group = |(group, g): (usize, &Group)| -> Vec<((usize, u64), Seat)> {
        let seat = move |index| Seat {
            group,
            member: true,
            index,
        };
        let instances = g.instances.iter().enumerate();
        instances
            .filter_map(|(index, i)| Some(((group, i.number?), seat(index))))
            .collect()
    };
    groups.iter().enumerate().flat_map(of_group).collect()
}

/// The verdict of a target that means no machine.
fn unmet(target: &Target, owners: &[Ownership<'_>], rules: Rules) -> Verdict {
    if rules.action == Action::Disable && !target.enabled {
        return Verdict::Done;
    }
    let mut claim = Claim::default();
    for (group, owner) in owners.iter().enumerate() {
        if let Some((core, Fit { numbers })) = owner.fit(&target.name) {
            if core != target.name.trim() && !claim.cores.contains(&core) {
                claim.cores.push(core);
            }
            claim.groups.push((group, numbers));
        }
    }
    if claim.groups.is_empty() && rules.owned_only {
        Verdict::Foreign(Foreign::NameDoesNotFit)
    } else {
        Verdict::Stale(claim)
    }
}

/// What each group's own names are, learned from the targets that are kept for it.
fn ownerships<'a>(look: &'a Look, met: &[Option<Verdict>]) -> Vec<Ownership<'a>> {
    let mut kept: HashMap<usize, Vec<Kept<'_>>> = HashMap::new();
    for (target, verdict) in look.targets.iter().zip(met) {
        let Some(Verdict::Kept(seats)) = verdict else {
            continue;
        };
        let mut by_group: BTreeMap<usize, Vec<&Instance>> = BTreeMap::new();
        for seat in seats {
            by_group
                .entry(seat.group)
                .or_default()
                .push(look.instance(*seat));
        }
        for (group, instances) in by_group {
            kept.entry(group)
                .or_default()
                .push((&target.name, instances));
        }
    }
    let learn = |(group, g): (usize, &'a Group)| {
        Ownership::learn(&g.pattern, kept.get(&group).map_or(&[], Vec::as_slice))
    };
    look.groups.iter().enumerate().map(learn).collect()
}

/// Every machine is known to be new.
fn all_are_new(groups: &[Group], now: SystemTime) -> bool {
    let is_new = |instance: &Instance| {
        let age = instance
            .created
            .map(|created| now.duration_since(created).unwrap_or_default());
        age.is_some_and(|age| age < MACHINES_ARE_NEW)
    };
    groups.iter().flat_map(|g| &g.instances).all(is_new)
}

impl Look {
    /// The machine at a seat of this look.
    ///
    /// # Panics
    /// If the seat is another look's.
    #[must_use]
    pub fn instance(&self, seat: Seat) -> &Instance {
        let group = &self.groups[seat.group];
        if seat.member {
            &group.instances[seat.index]
        } else {
            &group.bystanders[seat.index]
        }
    }
}
