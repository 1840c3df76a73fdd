//! Values for the pure policy: targets, machines and scaling groups, without a server.

use octopus_scale_in::reconcile::identity::{Form, NamePattern, Suffix};
use octopus_scale_in::reconcile::plan::{Action, Plan, Rules};
use octopus_scale_in::reconcile::{
    Group, Instance, InstanceState, Look, Participation, Target, TargetId, TargetKind,
};
use std::time::{Duration, SystemTime};

/// The defaults of the parameters.
pub const RULES: Rules = Rules {
    action: Action::Delete,
    owned_only: true,
};

/// The moment at which all plans of the tests are made.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// The names that a Uniform scale set gives. Without a prefix it has the second form only.
pub fn uniform(scale_set: &str, prefix: &str) -> NamePattern {
    pattern(
        scale_set,
        prefix,
        Suffix::Base36Number,
        Suffix::DecimalNumber,
    )
}

/// The names that a Flexible scale set gives.
pub fn flexible(scale_set: &str, prefix: &str) -> NamePattern {
    pattern(scale_set, prefix, Suffix::SixCapitals, Suffix::EightHex)
}

fn pattern(scale_set: &str, prefix: &str, computer: Suffix, resource: Suffix) -> NamePattern {
    let form = |stem: String, suffix| Form { stem, suffix };
    let mut forms = vec![form(format!("{scale_set}_"), resource)];
    if !prefix.is_empty() {
        forms.insert(0, form(prefix.to_owned(), computer));
    }
    NamePattern { forms }
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
        resource_name: resource.to_owned(),
        computer_name: (!computer.is_empty()).then(|| computer.to_owned()),
        number: None,
        state: InstanceState::Present,
        created: None,
    }
}

/// The machine of a Uniform scale set with this instance id.
pub fn numbered(scale_set: &str, prefix: &str, number: u64) -> Instance {
    Instance {
        number: Some(number),
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

/// A scaling group of these machines, with nothing beside it.
pub fn group(pattern: NamePattern, instances: Vec<Instance>) -> Group {
    Group {
        title: "scale set web".to_owned(),
        summary: String::new(),
        identity: Some("one".to_owned()),
        unsettled: None,
        capacity: Some(instances.len() as u64),
        pattern,
        instances,
        bystanders: Vec::new(),
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
        kind: TargetKind::Machine,
        answers_health_checks: true,
        enabled: true,
        participation: Participation::Both,
    }
}

/// Targets of these names, against these groups.
pub fn look<N: AsRef<str>>(names: impl IntoIterator<Item = N>, groups: Vec<Group>) -> Look {
    let names = names.into_iter().enumerate();
    Look {
        targets: names
            .map(|(number, name)| target(number, name.as_ref()))
            .collect(),
        groups,
    }
}

/// The plan under the defaults.
pub fn plan(look: &Look) -> Plan {
    Plan::make(look, RULES, now())
}

/// The word of each verdict, in the order of the targets.
pub fn words(plan: &Plan) -> Vec<&'static str> {
    plan.verdicts.iter().map(|verdict| verdict.word()).collect()
}

/// The names of those that would be removed.
pub fn removed<'a>(look: &'a Look, plan: &Plan) -> Vec<&'a str> {
    plan.candidates()
        .map(|(index, _)| look.targets[index].name.as_str())
        .collect()
}
