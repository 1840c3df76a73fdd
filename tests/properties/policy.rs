//! Values for the pure policy: targets, machines and scaling groups, without a server.

use octopus_scale_in::reconcile::pattern::{
    Form, Lead, Length, LetterCase, Meaning, NameOf, NamePattern, Suffix,
};
use octopus_scale_in::reconcile::plan::{OwnedOnly, Plan, RemovalAction, Rules};
use octopus_scale_in::reconcile::snapshot::{
    Connection, GroupId, Health, Instance, InstanceState, Participation, ScalingGroup,
    SecondWitness, Snapshot, Target, TargetId, TargetKind,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The defaults of the parameters.
pub const RULES: Rules = Rules {
    action: RemovalAction::Delete,
    owned_only: OwnedOnly::Yes,
};

/// The moment at which all plans of the tests are made.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// A Uniform computer name: the instance id in six digits of base 36, of which the first is 0.
pub const SIX_BASE_36: Suffix = Suffix {
    length: Length::Exactly(6),
    base: 36,
    letters: LetterCase::CapitalsUnless("00"),
    lead: Lead::Only('0'),
    meaning: Meaning::Number,
};

/// A Uniform resource: the instance id.
pub const NUMBER: Suffix = Suffix {
    length: Length::AtLeast(1),
    base: 10,
    letters: LetterCase::Any,
    lead: Lead::NoZero,
    meaning: Meaning::Number,
};

/// A Flexible computer name: six of 0-9 and A-Z.
pub const SIX_CAPITALS: Suffix = Suffix {
    length: Length::Exactly(6),
    base: 36,
    letters: LetterCase::Capitals,
    lead: Lead::Any,
    meaning: Meaning::Nothing,
};

/// A Flexible resource: eight hexadecimal digits.
pub const EIGHT_HEX: Suffix = Suffix {
    length: Length::Exactly(8),
    base: 16,
    letters: LetterCase::Any,
    lead: Lead::Any,
    meaning: Meaning::Nothing,
};

/// The names that a Uniform scale set gives. Without a prefix it has the second form only.
pub fn uniform(scale_set: &str, prefix: &str) -> NamePattern {
    pattern(scale_set, prefix, SIX_BASE_36, NUMBER)
}

/// The names that a Flexible scale set gives.
pub fn flexible(scale_set: &str, prefix: &str) -> NamePattern {
    pattern(scale_set, prefix, SIX_CAPITALS, EIGHT_HEX)
}

/// The names that it may give for all that is known, where its prefix is not.
pub fn of_any_prefix(mut pattern: NamePattern) -> NamePattern {
    let computers = pattern.forms.iter_mut();
    for form in computers.filter(|form| form.of == NameOf::Computer) {
        form.prefix = None;
    }
    pattern
}

fn pattern(scale_set: &str, prefix: &str, computer: Suffix, resource: Suffix) -> NamePattern {
    let computer = Form {
        of: NameOf::Computer,
        prefix: Some(prefix.to_owned()),
        suffix: computer,
    };
    let resource = Form {
        of: NameOf::Resource,
        prefix: Some(format!("{scale_set}_")),
        suffix: resource,
    };
    let computer = Some(computer).filter(|_| !prefix.is_empty());
    NamePattern {
        forms: computer.into_iter().chain([resource]).collect(),
    }
}

/// Six digits of base 36, as Azure writes an instance id into a computer name.
pub fn base36(mut number: u64) -> String {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(number % 36).expect("< 36")];
        number /= 36;
    }
    String::from_utf8(digits.to_vec()).expect("digits are ASCII")
}

/// A machine that is there, made long ago.
pub fn machine(resource: &str, computer: &str) -> Instance {
    Instance {
        group: None,
        id: None,
        resource_name: resource.to_owned(),
        machine_id: None,
        computer_name: (!computer.is_empty()).then(|| computer.to_owned()),
        state: InstanceState::Present,
        created: None,
    }
}

/// The machine of a Uniform scale set with this instance id.
pub fn numbered(scale_set: &str, prefix: &str, number: u64) -> Instance {
    Instance {
        id: Some(number.to_string()),
        ..machine(
            &format!("{scale_set}_{number}"),
            &format!("{prefix}{}", base36(number)),
        )
    }
}

/// The machines of the Uniform scale set `web` with these instance ids.
pub fn web(numbers: impl IntoIterator<Item = u64>) -> Vec<Instance> {
    numbers
        .into_iter()
        .map(|number| numbered("web", "web", number))
        .collect()
}

/// The same machine in another state.
pub fn in_state(state: InstanceState, instance: Instance) -> Instance {
    Instance { state, ..instance }
}

/// The machines as the group's own.
pub fn members(group: &GroupId, instances: Vec<Instance>) -> Vec<Arc<Instance>> {
    let member = |instance| {
        Arc::new(Instance {
            group: Some(group.clone()),
            ..instance
        })
    };
    instances.into_iter().map(member).collect()
}

/// The machines as they stand beside a group.
pub fn outsiders(instances: Vec<Instance>) -> Vec<Arc<Instance>> {
    instances.into_iter().map(Arc::new).collect()
}

/// A scaling group of these machines, with nothing beside it.
pub fn group(pattern: NamePattern, instances: Vec<Instance>) -> ScalingGroup {
    group_called("web", pattern, instances)
}

/// The same with an id of its own, for a run of several groups.
pub fn group_called(id: &str, pattern: NamePattern, instances: Vec<Instance>) -> ScalingGroup {
    let id = GroupId::new(id);
    ScalingGroup {
        title: "scale set web".to_owned(),
        summary: String::new(),
        identity: Some("one".to_owned()),
        unsettled: None,
        capacity: Some(instances.len() as u64),
        pattern,
        second_witness: SecondWitness::EachInstance,
        instances: members(&id, instances),
        outsiders: Vec::new(),
        idle: HashSet::new(),
        id,
    }
}

/// A healthy, enabled listening Tentacle of this name.
pub fn target(number: usize, name: &str) -> Target {
    Target {
        id: TargetId(format!("Machines-{number}")),
        name: name.to_owned(),
        thumbprint: Some(format!("{number:040X}")),
        environments: ["Environments-1".to_owned()].into(),
        roles: ["web".to_owned()].into(),
        kind: TargetKind::Machine(Connection::Listening),
        health: Health::Healthy,
        address: None,
        machine_policy: None,
        enabled: true,
        participation: Participation::Both,
    }
}

/// Targets of these names, against these groups.
pub fn snapshot<N: AsRef<str>>(
    names: impl IntoIterator<Item = N>,
    groups: Vec<ScalingGroup>,
) -> Snapshot {
    let names = names.into_iter().enumerate();
    Snapshot {
        targets: names
            .map(|(number, name)| Arc::new(target(number, name.as_ref())))
            .collect(),
        groups,
        ..Snapshot::default()
    }
}

/// The plan under the defaults.
pub fn plan(snapshot: &Snapshot) -> Plan {
    Plan::make(snapshot, RULES, now())
}

/// The word of each verdict, in the order of the targets.
pub fn words(plan: &Plan) -> Vec<&'static str> {
    plan.rows.iter().map(|row| row.verdict.word()).collect()
}

/// The names of those that would be removed.
pub fn removed(plan: &Plan) -> Vec<&str> {
    plan.candidates()
        .map(|row| row.target.name.as_str())
        .collect()
}
