//! Random names, machines, groups and snapshots. From few stems, few numbers and few decorations, so that names collide often.

use crate::policy::{
    flexible, group, group_called, in_state, machine, now, numbered, outsiders, target, uniform,
};
use octopus_scale_in::reconcile::pattern::NamePattern;
use octopus_scale_in::reconcile::plan::{OwnedOnly, RemovalAction, Rules};
use octopus_scale_in::reconcile::snapshot::{
    Connection, Health, Instance, InstanceState, Participation, ScalingGroup, Snapshot, Target,
    TargetKind,
};
use octopus_scale_in::reconcile::verdict::Unanswered;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const STEMS: &[&str] = &["web", "web", "web", "web", "app"];

const SUFFIXES: &[&str] = &[
    "000001",
    "000002",
    "000003",
    "00000A",
    "_1",
    "_12",
    "-12",
    "1A2B3C",
    "4D5E6F",
    "1a2b3c",
    "_1a2b3c4d",
    "123456",
];

/// What a permanent machine, a shorter or a longer number, and a number too large for any machine look like.
const NEARLY: &[&str] = &[
    "",
    "1",
    "10",
    "_",
    "server",
    "SERVER",
    "00000a",
    "100000",
    "00000",
    "0000001",
    "00000-",
    "1a2B3c",
    "_0012",
    "_1A2B3C4D",
    "_1a2b3c4",
    "_1a2b3c4g",
    "_18446744073709551615",
    "_18446744073709551616",
];

/// What stands around a machine's name: stages, colours, domains, another machine, and no boundary at all.
pub const DECORATIONS: &[(&str, &str)] = &[
    ("", ""),
    ("prod-", "-blue"),
    ("prod-", ""),
    ("", "_blue"),
    ("app.", ""),
    ("", ".contoso.com"),
    ("\u{212A}-", ".\u{1E9E}"),
    ("web000002-", ""),
    ("x", "x"),
];

/// Letters of which lower case is longer, shorter, or depends on what follows; boundaries; and blanks.
const LETTERS: &[&str] = &[
    "a", "A", "1", "0", "-", "_", ".", ".", " ", "\u{e9}", "\u{c9}", "\u{130}", "\u{1E9E}",
    "\u{212A}", "\u{3A3}",
];

const FIXED: &[&str] = &[
    "",
    " ",
    ".",
    "...",
    "---",
    "-.-",
    ".web",
    "web.",
    "web",
    "web.a",
    "web.b",
    "a-a-a.a-a",
];

fn concatenated((stem, suffix): (&str, &str)) -> String {
    format!("{stem}{suffix}")
}

pub fn decorated(((before, after), name): ((&str, &str), String)) -> String {
    format!("{before}{name}{after}")
}

/// A name that a scale set gives.
pub fn given_name() -> BoxedStrategy<String> {
    (select(STEMS.to_vec()), select(SUFFIXES.to_vec()))
        .prop_map(concatenated)
        .boxed()
}

/// Nearly a name that a scale set gives.
fn near_name() -> BoxedStrategy<String> {
    (select(STEMS.to_vec()), select(NEARLY.to_vec()))
        .prop_map(concatenated)
        .boxed()
}

/// Short words of strange letters, and names that are nothing but boundaries.
fn strange_name() -> BoxedStrategy<String> {
    let word = vec(select(LETTERS.to_vec()), 0..7).prop_map(|letters| letters.concat());
    prop_oneof![3 => word, 1 => select(FIXED.to_vec()).prop_map(str::to_owned)].boxed()
}

/// The same name as people and machines may write it elsewhere, and names that only look like it.
pub fn variant(name: &str) -> BoxedStrategy<String> {
    let domain = |domain: &str| format!("{}{domain}", name.split('.').next().unwrap_or_default());
    let written = vec![
        name.to_owned(),
        name.to_uppercase(),
        name.to_lowercase(),
        format!(" {name}\t"),
        domain(".a.example"),
        domain(".b.example"),
        format!("{name}1"),
        format!("1{name}"),
        name.chars().skip(1).collect(),
        name.replace('_', "-"),
    ];
    let around = (select(DECORATIONS.to_vec()), Just(name.to_owned())).prop_map(decorated);
    prop_oneof![2 => select(written), 1 => around].boxed()
}

/// Any name: given, decorated, written otherwise, strange, or two of them in one.
pub fn name() -> BoxedStrategy<String> {
    let given = prop_oneof![5 => given_name(), 2 => near_name()];
    let around = (select(DECORATIONS.to_vec()), given_name()).prop_map(decorated);
    let glued = (
        given_name(),
        select(vec!["-", ".", "_", ""]),
        strange_name(),
    )
        .prop_map(|(a, between, b)| format!("{a}{between}{b}"));
    let otherwise = near_name().prop_flat_map(|name| variant(&name));
    prop_oneof![8 => given, 4 => around, 3 => strange_name(), 1 => glued, 2 => otherwise].boxed()
}

pub fn pattern() -> BoxedStrategy<NamePattern> {
    select(vec![
        uniform("web", "web"),
        uniform("web", "web"),
        uniform("web", ""),
        uniform("web", "web_"),
        uniform("app", "app"),
        flexible("web", "web"),
        flexible("web", "web"),
        flexible("app", "we"),
    ])
    .boxed()
}

fn state() -> BoxedStrategy<InstanceState> {
    prop_oneof![
        8 => Just(InstanceState::Present),
        1 => Just(InstanceState::Failed),
        1 => Just(InstanceState::Creating),
        2 => Just(InstanceState::Deleting),
    ]
    .boxed()
}

/// About half an hour ago, or a little in the future where two clocks disagree.
fn moment() -> BoxedStrategy<SystemTime> {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let mut moments: Vec<SystemTime> = [0, 29, 29, 29, 30, 60]
        .map(|ago| now() - minutes(ago))
        .to_vec();
    moments.push(now() + minutes(5));
    select(moments).boxed()
}

/// A machine as a scale set names it, or any other.
pub fn instance() -> BoxedStrategy<Instance> {
    let stem = || select(STEMS.to_vec());
    let uniform = (stem(), select(vec![1, 2, 3, 10, 12])).prop_map(|(s, n)| numbered(s, s, n));
    let suffix = select(vec!["1A2B3C", "4D5E6F", "1a2b3c", "123456"]);
    let flexible = (stem(), suffix)
        .prop_map(|(s, suffix)| machine(&format!("{s}_1a2b3c4d"), &concatenated((s, suffix))));
    // A specialized image does not tell the cloud how its machine calls itself.
    let nameless = (
        stem(),
        select(vec!["_1", "_12", "_99", "_1a2b3c4d", "_5e6f7a8b"]),
    )
        .prop_map(|(s, suffix)| Instance {
            id: suffix[1..].parse().ok().map(|id: u64| id.to_string()),
            ..machine(&concatenated((s, suffix)), "")
        });
    let any = (name(), name()).prop_map(|(resource, computer)| machine(&resource, &computer));
    let named = prop_oneof![6 => uniform, 4 => flexible, 2 => nameless, 2 => any];
    (named, state(), option::weighted(0.9, moment()))
        .prop_map(|(instance, state, created)| Instance {
            state,
            created,
            ..instance
        })
        .boxed()
}

fn one_group(id: &'static str) -> BoxedStrategy<ScalingGroup> {
    let capacity = option::of(0..3_u64);
    let members = vec(instance(), 0..5).prop_map(with_ids_of_their_own);
    let machines = (members, vec(instance(), 0..2));
    (pattern(), capacity, machines)
        .prop_map(
            move |(pattern, capacity, (instances, beside))| ScalingGroup {
                capacity,
                outsiders: outsiders(beside),
                ..group_called(id, pattern, instances)
            },
        )
        .boxed()
}

/// No group gives the same id twice. Their names may still collide.
fn with_ids_of_their_own(mut instances: Vec<Instance>) -> Vec<Instance> {
    let mut given = HashSet::new();
    instances.retain(|i| i.id.clone().is_none_or(|id| given.insert(id)));
    instances
}

pub fn groups() -> BoxedStrategy<Vec<ScalingGroup>> {
    let (one, another) = (one_group("one"), one_group("another"));
    let one_alone = one_group("one").prop_map(|one| vec![one]);
    prop_oneof![
        one_alone,
        (one, another).prop_map(|(one, another)| vec![one, another])
    ]
    .boxed()
}

fn one_target(name: String) -> BoxedStrategy<Target> {
    let kind = prop_oneof![19 => Just(TargetKind::Machine(Connection::Listening)), 1 => Just(TargetKind::Other)];
    let participation = prop_oneof![
        3 => Just(Participation::Both),
        1 => Just(Participation::Tenanted),
        1 => Just(Participation::Untenanted),
    ];
    (
        kind,
        participation,
        any::<bool>(),
        prop::bool::weighted(0.8),
    )
        .prop_map(move |(kind, participation, healthy, enabled)| Target {
            kind,
            participation,
            enabled,
            health: if healthy {
                Health::Healthy
            } else {
                Health::Unavailable
            },
            ..target(0, &name)
        })
        .boxed()
}

/// Targets of these names, otherwise random; each has an id of its own.
fn targets(names: BoxedStrategy<Vec<String>>) -> BoxedStrategy<Vec<Arc<Target>>> {
    names
        .prop_flat_map(|names| names.into_iter().map(one_target).collect::<Vec<_>>())
        .prop_map(|targets| {
            let with_id = |(number, one)| {
                let id = target(number, "").id;
                Arc::new(Target { id, ..one })
            };
            targets.into_iter().enumerate().map(with_id).collect()
        })
        .boxed()
}

/// A scale set some of whose machines are gone, all registered under names in one decoration, and perhaps somebody else.
fn scaled_in() -> BoxedStrategy<Snapshot> {
    let numbered = |numbers: [u64; 6]| numbers.map(|number| numbered("web", "web", number));
    let lettered =
        |suffixes: [&str; 6]| suffixes.map(|s| machine(&format!("web_{s}00"), &format!("web{s}")));
    let capitals = lettered(["1A2B3C", "4D5E6F", "ABCDEF", "FEDCBA", "A1B2C3", "123456"]);
    let small = lettered(["1a2b3c", "4d5e6f", "abcdef", "fedcba", "a1b2c3", "123456"]);
    let sets = select(vec![
        (
            uniform("web", "web"),
            numbered([1, 2, 3, 10, 12, 99]).to_vec(),
        ),
        (flexible("web", "web"), capitals.to_vec()),
        (flexible("web", "web"), small.to_vec()),
    ]);
    let registered =
        |machines: Vec<Instance>, (before, after): (&str, &str), somebody: Option<String>| {
            let names = machines
                .into_iter()
                .filter_map(|machine| machine.computer_name);
            let names: Vec<String> = names.map(|name| format!("{before}{name}{after}")).collect();
            names.into_iter().chain(somebody).collect::<Vec<String>>()
        };
    let stranger = option::weighted(0.2, name());
    (sets, select(DECORATIONS.to_vec()), stranger)
        .prop_flat_map(move |((pattern, all), decoration, stranger)| {
            let names = registered(all.clone(), decoration, stranger);
            let left = subsequence(all, 0..6).prop_flat_map(|left| {
                let states = vec((state(), prop::bool::weighted(0.7)), left.len());
                (Just(left), states)
            });
            (targets(Just(names).boxed()), Just(pattern), left)
        })
        .prop_map(|(targets, pattern, (left, states))| Snapshot {
            targets,
            groups: vec![group(
                pattern,
                left.into_iter().zip(states).map(in_other_state).collect(),
            )],
            ..Snapshot::default()
        })
        .boxed()
}

fn in_other_state((instance, (state, tells_name)): (Instance, (InstanceState, bool))) -> Instance {
    Instance {
        computer_name: instance.computer_name.clone().filter(|_| tells_name),
        ..in_state(state, instance)
    }
}

/// Anything that could be read, plausible or not.
pub fn a_snapshot() -> BoxedStrategy<Snapshot> {
    let targets = targets(vec(name(), 0..7).boxed());
    let any = (targets, groups()).prop_map(|(targets, groups)| Snapshot {
        targets,
        groups,
        ..Snapshot::default()
    });
    prop_oneof![3 => any, 2 => scaled_in()].boxed()
}

pub fn rules() -> BoxedStrategy<Rules> {
    let action = prop_oneof![2 => Just(RemovalAction::Delete), 1 => Just(RemovalAction::Disable)];
    let owned_only = prop_oneof![7 => Just(OwnedOnly::Yes), 3 => Just(OwnedOnly::No)];
    (action, owned_only)
        .prop_map(|(action, owned_only)| Rules { action, owned_only })
        .boxed()
}

/// A question that came back without an answer.
pub fn unanswered(why: &str) -> Unanswered {
    Unanswered {
        whole: why.to_owned(),
        why: why.to_owned(),
        needs: None,
    }
}
