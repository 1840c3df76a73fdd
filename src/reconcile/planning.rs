//! Targets and instances in, one verdict per target out.
//!
//! | target | verdict |
//! |---|---|
//! | not a Tentacle or SSH target | ignored |
//! | matches an instance in any state but Deleting, by name or by its id in the group | kept |
//! | matches only instances that are Deleting | leaving |
//! | matches a machine beside the group that is not, or no longer, in it | detached |
//! | matches none, and is disabled already where disabling is all that is asked | done |
//! | matches none, and the name fits | stale: a candidate for removal |
//! | matches none, and the name does not fit | foreign |
//!
//! [`super::evidence`] turns candidates into deferred, referenced or foreign ones; never the other way round.

use super::brake;
use super::matching::InstanceIndex;
use super::missing::spare_what_missing_groups_could_have;
use super::ownership::{KeptName, LearnedPattern, OwnName, Proof};
use super::plan::{Evidence, OwnedOnly, Owner, Plan, RemovalAction, Row, Rules};
use super::snapshot::{
    GroupId, Instance, InstanceState, ScalingGroup, Snapshot, Target, TargetKind,
};
use super::verdict::{Deferral, Foreign, Verdict};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

impl Plan {
    /// Gives every target its verdict.
    ///
    /// `now` only tells new instances from old ones.
    #[must_use]
    pub fn make(snapshot: &Snapshot, rules: Rules, now: SystemTime) -> Self {
        let index = InstanceIndex::of_groups(&snapshot.groups);
        let targets = snapshot.targets.iter();
        let mut plan = Self {
            rows: targets.map(|target| by_matches(target, &index)).collect(),
        };
        let patterns = learn_patterns(&snapshot.groups, &plan.rows);
        for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
            by_name(row, &patterns, rules);
        }
        plan.keep_listed_ids(&snapshot.groups);
        spare_what_missing_groups_could_have(&mut plan, &snapshot.missing);
        plan.spare_for_nameless_instances(&snapshot.groups);
        plan.spare_for_unmeant_instances(&snapshot.groups);
        if plan.nothing_matches(&snapshot.groups) && brake::all_are_new(&snapshot.groups, now) {
            plan.defer_candidates(|_| Some(Deferral::MachinesAreNew));
        }
        plan
    }

    /// A candidate whose name carries the id of an instance that is listed: it means that one if the cloud does not tell how
    /// that calls itself; else that goes by another name, and nothing says that this machine is gone.
    fn keep_listed_ids(&mut self, groups: &[ScalingGroup]) {
        let mut candidates = self.rows.iter_mut().filter(|row| row.is_candidate());
        let Some(first) = candidates.next() else {
            return;
        };
        let listed: Vec<(&GroupId, HashMap<&str, &Arc<Instance>>)> =
            groups.iter().map(|g| (&g.id, by_id(g))).collect();
        let instance = |group: &GroupId, id: &String| {
            let of_group = listed.iter().find(|(listed, _)| *listed == group);
            of_group.and_then(|(_, ids)| ids.get(id.as_str()).copied().cloned())
        };
        for row in std::iter::once(first).chain(candidates) {
            let owners = row.evidence.owners.iter();
            let named = owners.flat_map(|o| o.instance_ids.iter().map(|id| (&o.group, id)));
            let instances = named.filter_map(|(group, id)| instance(group, id));
            let (named, nameless): (Vec<_>, Vec<_>) =
                instances.partition(|it| it.computer_name.is_some());
            match named.first() {
                _ if !nameless.is_empty() => row.decide_by(nameless),
                Some(other) => {
                    let name = other.name().to_owned();
                    row.verdict = Verdict::Deferred(Deferral::IdIsAnothers(name));
                }
                None => {}
            }
        }
    }

    /// An instance whose computer name the cloud does not tell could be any candidate that is called as machines of that group
    /// call themselves, also where a target means it by its resource's name: it may be registered twice. One that no target
    /// means could be any at all whose name no group gives.
    fn spare_for_nameless_instances(&mut self, groups: &[ScalingGroup]) {
        let mut machines = groups.iter().flat_map(ScalingGroup::machines);
        if machines.all(|machine| machine.computer_name.is_some()) {
            return;
        }
        let matched = self.matched();
        let nameless = |counts: &dyn Fn(&Arc<Instance>) -> bool| -> Vec<&ScalingGroup> {
            let nameless = groups.iter().filter(|group| has_nameless(group, counts));
            nameless.collect()
        };
        let (all, unmatched) = (nameless(&|_| true), nameless(&|it| !matched.contains(it)));
        self.defer_candidates(|row| {
            let name = &row.target.name;
            let mut patterns = all.iter().map(|group| &group.pattern);
            let could_be = patterns.any(|it| it.has_computer_name_without_id(name));
            let any_name = row.proof().is_none() && !unmatched.is_empty();
            (could_be || any_name).then_some(Deferral::NamelessMachine)
        });
    }

    /// While a listed instance is meant by no target, a candidate whose name no group gives may be that very machine under
    /// another name.
    fn spare_for_unmeant_instances(&mut self, groups: &[ScalingGroup]) {
        let meant = self.meant();
        let listed = groups.iter().flat_map(|group| &group.instances);
        let unmeant = listed.filter(|instance| !meant.contains(instance));
        let mut names: Vec<&str> = unmeant.map(|instance| instance.name()).collect();
        names.sort_unstable();
        let Some((first, others)) = names.split_first() else {
            return;
        };
        let name = match others.len() {
            0 => (*first).to_owned(),
            others => format!("{first} and {others} more"),
        };
        self.defer_candidates(|row| {
            let is_strange = row.proof().is_none();
            is_strange.then(|| Deferral::UnmeantMachine(name.clone()))
        });
    }
}

impl Row {
    /// For these instances: kept for those that stay, leaving if none does.
    fn decide_by(&mut self, instances: Vec<Arc<Instance>>) {
        self.evidence = Evidence::default();
        let stays = |i: &Arc<Instance>| i.state != InstanceState::Deleting;
        let (staying, going): (Vec<_>, Vec<_>) = instances.into_iter().partition(stays);
        self.verdict = if staying.is_empty() {
            Verdict::Leaving
        } else {
            Verdict::Kept
        };
        self.evidence.kept_by = staying;
        self.evidence.going = going;
    }
}

/// The row of a target, decided if it stands for no machine or matches one. What matches none is stale until its name is read.
fn by_matches(target: &Arc<Target>, index: &InstanceIndex) -> Row {
    let mut row = Row {
        target: Arc::clone(target),
        verdict: Verdict::Stale,
        evidence: Evidence::default(),
    };
    if target.kind == TargetKind::Other {
        row.verdict = Verdict::Ignored;
        return row;
    }
    let matches = index.matches(&target.name).cloned();
    let (members, outsiders): (Vec<_>, Vec<_>) = matches.partition(|i| i.group.is_some());
    if members.is_empty() && outsiders.is_empty() {
        return row;
    }
    row.decide_by(members);
    match outsiders.first() {
        // Also where an instance of that name is Deleting: the machine that runs on decides.
        Some(outsider) if row.verdict != Verdict::Kept => {
            row.verdict = Verdict::Detached(outsider.resource_name.clone());
        }
        Some(_) | None => {}
    }
    row
}

/// Decides a target that matches no instance.
fn by_name(row: &mut Row, patterns: &[(&GroupId, LearnedPattern<'_>)], rules: Rules) {
    if rules.action == RemovalAction::Disable && !row.target.enabled {
        row.verdict = Verdict::Done;
        return;
    }
    let evidence = &mut row.evidence;
    for (group, pattern) in patterns {
        let owner = |OwnName { ids, proof }| Owner {
            group: (*group).clone(),
            instance_ids: ids,
            // There even a name that no group gives needs no more.
            proof: match rules.owned_only {
                OwnedOnly::Yes => proof,
                OwnedOnly::No => Proof::Plain,
            },
        };
        evidence
            .owners
            .extend(pattern.own(&row.target.name).map(owner));
    }
    row.verdict = match rules.owned_only {
        OwnedOnly::Yes if evidence.owners.is_empty() => Verdict::Foreign(Foreign::NameDoesNotFit),
        OwnedOnly::Yes | OwnedOnly::No => Verdict::Stale,
    };
}

/// What each group's own names are, learned from the targets that are kept for it.
fn learn_patterns<'a>(
    groups: &'a [ScalingGroup],
    rows: &[Row],
) -> Vec<(&'a GroupId, LearnedPattern<'a>)> {
    let kept_for = |group: &ScalingGroup| -> Vec<KeptName<'_>> {
        let kept = rows.iter().filter_map(|row| {
            let of_group = |i: &&Arc<Instance>| i.group.as_ref() == Some(&group.id);
            let instances: Vec<_> = row.evidence.kept_by.iter().filter(of_group).collect();
            let name = &row.target.name;
            (!instances.is_empty()).then_some(KeptName { name, instances })
        });
        kept.collect()
    };
    let learn = |group: &'a ScalingGroup| {
        let learned = LearnedPattern::learn(&group.pattern, &kept_for(group));
        (&group.id, learned)
    };
    groups.iter().map(learn).collect()
}

/// The group's instances that have an id.
fn by_id(group: &ScalingGroup) -> HashMap<&str, &Arc<Instance>> {
    let with_id = |i| -> Option<(&str, &Arc<Instance>)> {
        let instance: &Arc<Instance> = i;
        Some((instance.id.as_deref()?, instance))
    };
    group.instances.iter().filter_map(with_id).collect()
}

/// Whether the group has an instance without a computer name that counts; or one stands beside it that the group made.
fn has_nameless(group: &ScalingGroup, counts: &dyn Fn(&Arc<Instance>) -> bool) -> bool {
    let is_nameless = |i: &&Arc<Instance>| i.computer_name.is_none();
    let made_here = |i: &Arc<Instance>| group.pattern.gives_resource(&i.resource_name);
    let mut members = group.instances.iter().filter(is_nameless);
    let mut outsiders = group.outsiders.iter().filter(is_nameless);
    members.any(counts) || outsiders.any(made_here)
}
