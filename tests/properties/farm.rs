//! The made-up cloud itself: two groups of machines, and how it names them.

use crate::policy::{machine, members};
use octopus_scale_in::reconcile::pattern::{
    Form, Lead, Length, LetterCase, Meaning, NameOf, NamePattern, Suffix,
};
use octopus_scale_in::reconcile::snapshot::{GroupId, Instance, ScalingGroup, SecondWitness};
use std::collections::HashSet;

fn form(of: NameOf, prefix: &str, suffix: Suffix) -> Form {
    let prefix = Some(prefix.to_owned());
    Form { of, prefix, suffix }
}

/// `ox-01af`: four hexadecimal digits, the number of the ox. Its resource is `pasture/` and two octal digits or more.
pub fn names_of_oxen() -> NamePattern {
    let hex = Suffix {
        length: Length::Exactly(4),
        base: 16,
        letters: LetterCase::Any,
        lead: Lead::Any,
        meaning: Meaning::Number,
    };
    let octal = Suffix {
        length: Length::AtLeast(2),
        base: 8,
        meaning: Meaning::Nothing,
        ..hex
    };
    let computer = form(NameOf::Computer, "ox-", hex);
    NamePattern {
        forms: vec![computer, form(NameOf::Resource, "pasture/", octal)],
    }
}

/// `hen7J3`: 7, and two of 0-9 A-X in capitals, which mean nothing. Its resource is `nest of ` the same.
pub fn names_of_hens() -> NamePattern {
    let letters = Suffix {
        length: Length::Exactly(3),
        base: 34,
        letters: LetterCase::Capitals,
        lead: Lead::Only('7'),
        meaning: Meaning::Nothing,
    };
    NamePattern {
        forms: vec![
            form(NameOf::Computer, "hen", letters),
            form(NameOf::Resource, "nest of ", letters),
        ],
    }
}

pub fn ox(number: u64) -> Instance {
    Instance {
        id: Some(number.to_string()),
        ..machine(&format!("pasture/7{number:o}"), &format!("ox-{number:04x}"))
    }
}

pub fn hen(suffix: &str) -> Instance {
    machine(&format!("nest of {suffix}"), &format!("hen{suffix}"))
}

/// One that calls itself otherwise, or does not tell how.
pub fn called(name: &str, instance: Instance) -> Instance {
    let computer_name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Instance {
        computer_name,
        ..instance
    }
}

/// Each ox can be asked for by its number.
pub fn herd(oxen: Vec<Instance>) -> ScalingGroup {
    let id = GroupId::new("moo:herd");
    ScalingGroup {
        title: "herd on the hill".to_owned(),
        summary: "grazing".to_owned(),
        identity: Some("brand 1".to_owned()),
        unsettled: None,
        capacity: Some(oxen.len() as u64),
        pattern: names_of_oxen(),
        second_witness: SecondWitness::EachInstance,
        instances: members(&id, oxen),
        outsiders: Vec::new(),
        idle: HashSet::new(),
        id,
    }
}

/// Hens cannot; the coop has a list of its own.
pub fn coop(hens: Vec<Instance>) -> ScalingGroup {
    let id = GroupId::new("cluck:coop");
    ScalingGroup {
        title: "coop in the yard".to_owned(),
        pattern: names_of_hens(),
        second_witness: SecondWitness::OwnList,
        instances: members(&id, hens),
        id,
        ..herd(Vec::new())
    }
}

pub fn oxen(numbers: impl IntoIterator<Item = u64>) -> Vec<Instance> {
    numbers.into_iter().map(ox).collect()
}
