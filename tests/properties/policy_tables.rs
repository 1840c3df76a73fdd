//! What the policy decides, as tables: one line, one decision.

use crate::policy::{
    flexible, group, in_state, machine, now, outsiders, plan, snapshot, target, uniform, web, words,
};
use octopus_scale_in::reconcile::brake::{Brake, doubts, incomplete_listing, over_limit};
use octopus_scale_in::reconcile::pattern::NamePattern;
use octopus_scale_in::reconcile::plan::Limit;
use octopus_scale_in::reconcile::snapshot::{
    Health, Instance, InstanceState, ScalingGroup, Snapshot, Target,
};
use std::time::Duration;

#[test]
fn the_state_of_its_machine_decides_between_kept_and_leaving() {
    use InstanceState::{Creating, Deleting, Failed, Present};
    for (states, expected) in [
        (&[Present][..], "kept"),
        (&[Failed], "kept"),
        (&[Creating], "kept"),
        (&[Deleting], "leaving"),
        (&[Deleting, Deleting], "leaving"),
        (&[Deleting, Failed], "kept"),
        (&[], "stale"),
    ] {
        let twins = states
            .iter()
            .flat_map(|state| web([1]).into_iter().map(|i| in_state(*state, i)));
        let snapshot = snapshot(
            ["web000001", "web000002"],
            vec![group(
                uniform("web", "web"),
                twins.chain(web([2])).collect(),
            )],
        );
        assert_eq!(
            words(&plan(&snapshot)),
            [expected, "kept"],
            "its machines are {states:?}"
        );
    }
}

/// The cloud does not know what machines of a specialized image call themselves.
#[test]
fn a_machine_that_does_not_tell_its_name_is_matched_by_its_id_or_may_be_any() {
    let tenth = |state| Instance {
        id: Some("10".to_owned()),
        ..in_state(state, machine("web_10", ""))
    };
    let (here, going) = (
        tenth(InstanceState::Present),
        tenth(InstanceState::Deleting),
    );
    let nameless = machine("web_1a2b3c4d", "");
    let (uni, flex) = (uniform("web", "web"), flexible("web", "web"));
    #[rustfmt::skip]
    let table: [(&NamePattern, &Instance, &[&str], &[&str]); 7] = [
        (&uni, &here, &["web00000A"], &["kept"]),
        (&uni, &here, &["prod-web00000A", "web00000B"], &["kept", "stale"]),
        (&uni, &going, &["web00000A"], &["leaving"]),
        (&uni, &here, &["app00000A"], &["foreign"]),
        (&flex, &nameless, &["web1A2B3C", "web_4d5e6f7a"], &["deferred", "stale"]),
        (&flex, &nameless, &["web1A2B3C", "web_1a2b3c4d"], &["deferred", "kept"]),
        (&flex, &nameless, &["prod-web_1a2b3c4d", "webserver"], &["kept", "foreign"]),
    ];
    for (pattern, instance, names, expected) in table {
        let snapshot = snapshot(names, vec![group(pattern.clone(), vec![instance.clone()])]);
        assert_eq!(
            words(&plan(&snapshot)),
            expected,
            "{names:?} beside {instance:?}"
        );
    }
}

#[test]
fn a_group_is_not_settled_because() {
    use InstanceState::{Creating, Deleting, Failed, Present};
    let of = |unsettled: Option<&str>, states: &[InstanceState]| {
        let states = states.iter().zip(web(0..9));
        let instances: Vec<Instance> = states.map(|(state, i)| in_state(*state, i)).collect();
        ScalingGroup {
            unsettled: unsettled.map(str::to_owned),
            ..group(uniform("web", "web"), instances)
        }
    };
    #[rustfmt::skip]
    let table: [(ScalingGroup, &[&str]); 8] = [
        (of(None, &[]), &[]),
        (of(None, &[Present, Failed]), &[]),
        (of(None, &[Creating, Present]), &["created"]),
        (of(None, &[Deleting, Deleting]), &["2", "deleted"]),
        (of(None, &[Deleting, Creating]), &["created", "deleted"]),
        (of(Some("Updating"), &[]), &["Updating"]),
        (of(Some("Updating"), &[Present]), &["Updating"]),
        (of(Some("Updating"), &[Creating]), &["Updating"]),
    ];
    for (group, expected) in table {
        let why = group.unsettled_because();
        assert_eq!(why.is_none(), expected.is_empty(), "{why:?}");
        for word in expected {
            let why = why.as_deref().unwrap_or_default();
            assert!(why.contains(word), "{why:?} says {word:?}");
        }
    }
}

#[test]
fn a_registration_changed_between_two_snapshots_in_its() {
    type Edit = fn(&mut Target);
    #[rustfmt::skip]
    let table: [(Edit, Option<&str>); 8] = [
        (|_| {}, None),
        (|t| t.name.push('2'), Some("name")),
        (|t| t.thumbprint = None, Some("thumbprint")),
        (|t| t.roles = ["web".to_owned(), "db".to_owned()].into(), Some("list of roles")),
        (|t| t.environments = ["Environments-2".to_owned()].into(), Some("list of environments")),
        // What a health check or a person may change without making another machine of it.
        (|t| t.health = Health::Unavailable, None),
        (|t| t.enabled = false, None),
        (|t| t.roles = ["web".to_owned()].into(), None),
    ];
    for (edit, expected) in table {
        let (earlier, mut later) = (target(1, "web000001"), target(1, "web000001"));
        edit(&mut later);
        assert_eq!(later.change_since(&earlier), expected);
    }
}

#[test]
fn a_brake_is_raised_when() {
    let set = |instances: Vec<Instance>, capacity| ScalingGroup {
        capacity,
        ..group(uniform("web", "web"), instances)
    };
    let raised = |snapshot: Snapshot| -> Vec<Brake> {
        let plan = plan(&snapshot);
        let limit = over_limit(&plan, Limit::Percent(50));
        let doubts = doubts(&snapshot.groups, &plan, now());
        doubts.into_iter().chain(limit).collect()
    };
    let empty = |capacity| Brake::EmptyListing {
        group: "scale set web".to_owned(),
        capacity,
    };
    let nothing_matches = |instances, target: Option<&str>| Brake::NothingMatches {
        instances,
        instance: vec!["web000001".to_owned(), "web_1".to_owned()],
        target: target.map(str::to_owned),
    };
    let made = |minutes: u64| {
        let created = Some(now() - Duration::from_secs(60 * minutes));
        web([1, 2])
            .into_iter()
            .map(move |it| Instance { created, ..it })
    };
    let with_idle = |names: &[&str]| ScalingGroup {
        idle: names.iter().map(|&name| name.to_owned()).collect(),
        ..set(web([1, 2]), Some(2))
    };
    let over_limit = Brake::OverLimit {
        candidates: 2,
        limit: Limit::Percent(50),
        of: 3,
    };
    #[rustfmt::skip]
    let table = [
        (snapshot(["web000001"], vec![set(web([1]), Some(1))]), vec![]),
        (snapshot(["web000009", "web000001"], vec![set(web([1]), Some(9))]), vec![]),
        (snapshot(["sql"], vec![set(vec![], Some(0))]), vec![]),
        (snapshot(["sql"], vec![set(vec![], Some(2))]), vec![empty(Some(2))]),
        (snapshot(["sql"], vec![set(vec![], None)]), vec![empty(None)]),
        (snapshot(["sql"], vec![set(web([1, 2]), Some(2))]), vec![nothing_matches(2, Some("sql"))]),
        (snapshot([""; 0], vec![set(web([1, 2]), Some(2))]), vec![nothing_matches(2, None)]),
        (snapshot(["sql"], vec![set(made(29).collect(), Some(2))]), vec![]),
        (snapshot(["sql"], vec![set(made(30).collect(), Some(2))]), vec![nothing_matches(2, Some("sql"))]),
        (snapshot(["sql"], vec![with_idle(&["web_2"])]), vec![nothing_matches(1, Some("sql"))]),
        (snapshot(["sql"], vec![with_idle(&["web_1", "web_2"])]), vec![]),
        (snapshot(["web000001", "web000002", "web000003"], vec![set(web([1]), Some(1))]), vec![over_limit]),
    ];
    for (snapshot, expected) in table {
        assert_eq!(raised(snapshot), expected);
    }
}

/// What is listed, what is listed beside the group, the group's own list with all names of each machine, and the brake.
type Row<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str], Option<Brake>);

#[test]
fn a_listing_is_complete_beside_the_groups_own_list_when() {
    let set = |listed: &[&str], beside: &[&str]| {
        let machines = |names: &[&str]| names.iter().map(|name| machine(name, "")).collect();
        ScalingGroup {
            outsiders: outsiders(machines(beside)),
            ..group(flexible("web", "web"), machines(listed))
        }
    };
    let own_list_empty = Brake::OwnListEmpty {
        group: "scale set web".to_owned(),
        instances: 2,
    };
    let listing_lacks = Brake::ListingLacks {
        group: "scale set web".to_owned(),
        missing: 2,
        machine: "b".to_owned(),
    };
    #[rustfmt::skip]
    let table: [Row; 8] = [
        (&[], &[], &[], None),
        (&["a"], &[], &["a"], None),
        (&["a"], &[], &[" A "], None),
        (&["a"], &[], &["7|a"], None),
        (&["a", "b"], &[], &["a"], None),
        (&[], &["a"], &["a"], None),
        (&["a", "b"], &[], &[], Some(own_list_empty)),
        (&["a"], &[], &["a", "b", "c"], Some(listing_lacks)),
    ];
    for (listed, beside, own_list, expected) in table {
        let own_list: Vec<Vec<String>> = own_list
            .iter()
            .map(|names| names.split('|').map(str::to_owned).collect())
            .collect();
        let brake = incomplete_listing(&set(listed, beside), &own_list);
        assert_eq!(brake, expected);
    }
}
