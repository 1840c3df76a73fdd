//! What the policy decides, as tables: one line, one decision.

use crate::policy::{
    flexible, group, in_state, machine, now, numbered, outsiders, plan, removed, snapshot, target,
    uniform, web, words,
};
use octopus_scale_in::reconcile::brake::{Brake, doubts, incomplete_listing, over_limit};
use octopus_scale_in::reconcile::matching::InstanceIndex;
use octopus_scale_in::reconcile::ownership::{LearnedPattern, Proof};
use octopus_scale_in::reconcile::pattern::NamePattern;
use octopus_scale_in::reconcile::plan::Limit;
use octopus_scale_in::reconcile::snapshot::{
    Health, Instance, InstanceState, ScalingGroup, Snapshot, Target,
};
use std::time::Duration;

#[test]
fn a_target_matches_an_instance_when() {
    #[rustfmt::skip]
    let table = [
        ("web00000A", "web00000A", true),
        ("WEB00000a", "web00000A", true),
        (" web00000A\t", "web00000A ", true),
        ("web00000A.contoso.com", "web00000A", true),
        ("prod-web00000A", "web00000A", true),
        ("prod-web00000A-blue", "web00000A", true),
        ("10.0.0.4 (web00000A)", "web00000A", true),
        ("prod_web_12", "web_12", true),
        ("web_12_old", "web_12", true),
        ("K\u{f6}ln-web1", "web1", true),
        ("WEB-\u{c9}TE", "web-\u{e9}te", true),
        ("web10", "web1", false),
        ("1web1", "web1", false),
        ("web_1", "web_12", false),
        ("web1\u{e9}", "web1", false),
        ("web1", "prod-web1", false),
        ("prod-web1", "prod-web2", false),
        (".contoso.com", ".internal", false),
        ("...", "web1", false),
        ("---", "web1", false),
        ("web1", "", false),
        ("web1", "   ", false),
        ("", "web1", false),
        ("", "", false),
    ];
    for (target, name, expected) in table {
        for instance in [machine(name, ""), machine("other", name)] {
            let matches = InstanceIndex::of(outsiders(vec![instance])).has_match(target);
            assert_eq!(matches, expected, "{target:?} matches {name:?}");
        }
    }
}

#[test]
fn a_dot_ends_a_computer_name_and_is_part_of_a_resources() {
    for (target, name) in [
        ("web00000A", "web00000A.internal"),
        ("web00000A.contoso.com", "web00000A.internal"),
        ("my.web_2", "my.web_0"),
    ] {
        let matches = |instance| InstanceIndex::of(outsiders(vec![instance])).has_match(target);
        assert!(
            matches(machine("other", name)),
            "{target:?} matches {name:?}"
        );
        assert!(!matches(machine(name, "")), "{target:?} is no {name:?}");
    }
}

/// Lower case of a capital sigma depends on what follows it; the letter does not.
#[test]
fn a_greek_capital_is_the_same_letter_wherever_it_stands_in_a_name() {
    for (target, name) in [
        ("\u{3a3}.\u{3b1}", "\u{3a3}"),
        ("web.\u{3a3}", "\u{3a3}"),
        ("\u{3b1}\u{3c2}", "\u{391}\u{3a3}"),
    ] {
        let listed = InstanceIndex::of(outsiders(vec![machine(name, "")]));
        assert!(listed.has_match(target), "{target:?} matches {name:?}");
    }
}

/// Beside no kept target.
#[test]
fn a_name_is_the_groups_own_when() {
    const BARE: Option<Proof> = Some(Proof::Plain);
    const HELD: Option<Proof> = Some(Proof::OthersMustBeSeen);
    let (uni, flex, bare) = (
        uniform("web", "web"),
        flexible("web", "web"),
        uniform("web", ""),
    );
    #[rustfmt::skip]
    let table: [(&NamePattern, &str, Option<Proof>, &[&str]); 56] = [
        (&uni, "web00000A", BARE, &["10"]),
        (&uni, "WEB00000a", BARE, &["10"]),
        (&uni, " web00000A ", BARE, &["10"]),
        (&uni, "web00000A.contoso.com", BARE, &["10"]),
        (&uni, "web0ZZZZZ", BARE, &["60466175"]),
        (&uni, "web01A2B3", BARE, &["2149167"]),
        (&uni, "web01prod", None, &[]),
        (&uni, "prod-web02test", None, &[]),
        (&uni, "web_12", BARE, &["12"]),
        (&uni, "WEB_0", BARE, &["0"]),
        (&uni, "web00000A_Tentacle", HELD, &["10"]),
        (&uni, "PROD-web00000A", HELD, &["10"]),
        (&uni, "prod.web00000A", HELD, &["10"]),
        (&uni, "Web (web00000A)", HELD, &["10"]),
        (&uni, "web00000A (10.1.0.7)", HELD, &["10"]),
        (&uni, "web00000A-v1.2.3", HELD, &["10"]),
        (&uni, "prod-web_3", HELD, &["3"]),
        (&uni, "web00000A web00000B", HELD, &["10", "11"]),
        (&uni, "web00000A.web_3", BARE, &["10", "3"]),
        (&uni, "web_0012", None, &[]),
        (&uni, "web100000", None, &[]),
        (&uni, "web00000", None, &[]),
        (&uni, "web0000001", None, &[]),
        (&uni, "web00000-", None, &[]),
        (&uni, "web", None, &[]),
        (&uni, "web_", None, &[]),
        (&uni, "web_-1", None, &[]),
        (&uni, "web_1a", None, &[]),
        (&uni, "web-3", None, &[]),
        (&uni, "web-01", None, &[]),
        (&uni, "prod-web-1", None, &[]),
        (&uni, "myweb00000A", None, &[]),
        (&uni, "\u{212A}web00000A", None, &[]),
        (&uni, "...", None, &[]),
        (&uni, "", None, &[]),
        (&bare, "web_12", BARE, &["12"]),
        (&bare, "web00000A", None, &[]),
        (&flex, "web1A2B3C", BARE, &[]),
        (&flex, "WEB1A2B3C", BARE, &[]),
        (&flex, "WEBSERVER", BARE, &[]),
        (&flex, "web_1a2B3c4D", BARE, &[]),
        (&flex, "web4k7x2a", BARE, &[]),
        (&flex, "web1a2b3C.contoso.com", BARE, &[]),
        (&flex, "prod-web4K7X2A", HELD, &[]),
        (&flex, "prod-web4k7x2a-blue", HELD, &[]),
        (&flex, "prod-web_1a2b3c4d", HELD, &[]),
        (&flex, "webserver", None, &[]),
        (&flex, "webprod01", None, &[]),
        (&flex, "web01prod", None, &[]),
        (&flex, "webabcdef", None, &[]),
        (&flex, "PROD-WEBMASTER", None, &[]),
        (&flex, "prod-web123456", None, &[]),
        (&flex, "web-1a2b3c4d", None, &[]),
        (&flex, "web_1a2b3c4", None, &[]),
        (&flex, "web_1a2b3c4g", None, &[]),
        (&flex, "mywebABCD12", None, &[]),
    ];
    for (pattern, name, proof, ids) in table {
        let own = LearnedPattern::learn(pattern, &[]).own(name);
        let found: Vec<String> = own.iter().flat_map(|own| own.ids.clone()).collect();
        assert_eq!(own.map(|own| own.proof), proof, "{name:?} of {pattern:?}");
        assert_eq!(found, ids, "{name:?} of {pattern:?}");
    }
}

#[test]
fn a_name_that_reads_as_two_ids_stands_for_both() {
    let pattern = uniform("web", "web0");

    let own = LearnedPattern::learn(&pattern, &[]).own("web0_12-web000000C");
    let ids: Vec<String> = own.into_iter().flat_map(|own| own.ids).collect();
    assert_eq!(ids, ["12"], "the same id twice is one question");

    let own = LearnedPattern::learn(&pattern, &[]).own("web000000C-web_7");
    let ids: Vec<String> = own.into_iter().flat_map(|own| own.ids).collect();
    assert_eq!(ids, ["12", "7"]);
}

/// The machines are web000001, web000002 (resources web_1, web_2); the last name is the one in question.
#[test]
fn a_decorated_name_needs_all_groups_seen_unless_a_kept_target_carries_the_same() {
    #[rustfmt::skip]
    let table: [(&[&str], &str, Proof); 12] = [
        (&["prod-web000001-blue"], "prod-web000003-blue", Proof::Plain),
        (&["prod-web000001-blue", "prod-web000002-green"], "PROD-WEB000003-GREEN", Proof::Plain),
        (&["prod-web_1"], "prod-web_3", Proof::Plain),
        (&["prod-web_1"], "prod-web000003", Proof::OthersMustBeSeen),
        (&["prod-web000001", "web000001"], "prod-web000003", Proof::OthersMustBeSeen),
        (&["prod-web000001", "web000002"], "prod-web000003", Proof::Plain),
        (&["prod-web000001"], "web000003", Proof::Plain),
        (&["web000001"], "prod-web000003", Proof::OthersMustBeSeen),
        (&["prod-web000001-blue"], "prod-web000003", Proof::OthersMustBeSeen),
        (&["prod-web000001-blue"], "prod-web000003-green", Proof::OthersMustBeSeen),
        (&["prod-web000001-v1.2"], "prod-web000003-v1.3", Proof::OthersMustBeSeen),
        (&[], "prod-web000003", Proof::OthersMustBeSeen),
    ];
    for (kept, asked, expected) in table {
        let names = kept.iter().chain([&asked]);
        let snapshot = snapshot(names, vec![group(uniform("web", "web"), web([1, 2]))]);
        let plan = plan(&snapshot);
        assert_eq!(removed(&plan), [asked]);
        let row = plan.candidates().next().expect("it is one");
        assert_eq!(row.proof(), Some(expected), "{asked:?} beside {kept:?}");
    }
}

#[test]
fn what_people_could_have_chosen_is_removed_only_beside_kept_targets_that_are_written_so() {
    #[rustfmt::skip]
    let table: [(&[&str], &str, bool); 11] = [
        (&["web1a2b3c"], "webabcdef", true),
        (&["web1a2b3c.contoso.com"], "webabcdef.contoso.com", true),
        (&["prod-web1a2b3c"], "prod-webabcdef", true),
        (&["prod-web1a2b3c-x.a.com"], "prod-webabcdef-x.a.com", true),
        (&["web1a2b3c"], "webAbCdEf", true),
        (&["prod-web1A2B3C"], "prod-webABCDEF", true),
        (&["web1A2B3C"], "webabcdef", false),
        (&["web1A2B3C", "web4D5E6F"], "webserver", false),
        (&["prod-web1A2B3C"], "prod-webabcdef", false),
        (&["prod-web1a2b3c"], "other-webabcdef", false),
        (&["web1A2B3C"], "prod-webABCDEF", false),
    ];
    let machines = || {
        vec![
            machine("web_1a2b3c4d", "web1A2B3C"),
            machine("web_4d5e6f7a", "web4D5E6F"),
        ]
    };
    for (kept, asked, expected) in table {
        let names = kept.iter().chain([&asked]);
        let snapshot = snapshot(names, vec![group(flexible("web", "web"), machines())]);
        let removes = removed(&plan(&snapshot)) == [asked];
        assert_eq!(removes, expected, "{asked:?} beside {kept:?} is removed");
    }
}

/// The scale set is web-vmss, with the instances 5 and 6; the last name is the one in question.
#[test]
fn dashes_for_underscores_count_where_they_are_the_only_word_of_a_machine() {
    #[rustfmt::skip]
    let table: [(&[&str], &str, bool); 8] = [
        (&["web-vmss-5"], "web-vmss-3", true),
        (&["web-vmss-5.contoso.com"], "Web-VMSS-3.contoso.com", true),
        (&["web-vmss-5", "web000006"], "web-vmss-3", true),
        (&["web-vmss-5"], "web-vmss-03", false),
        (&["web-vmss-5"], "prod-web-vmss-3", false),
        (&["web000005", "web000006"], "web-vmss-3", false),
        (&["web-vmss-5", "web000005"], "web-vmss-3", false),
        (&["web-vmss_5"], "web-vmss-3", false),
    ];
    for (kept, asked, expected) in table {
        let names = kept.iter().chain([&asked]);
        let machines = [5, 6].map(|number| numbered("web-vmss", "web", number));
        let pattern = uniform("web-vmss", "web");
        let plan = plan(&snapshot(names, vec![group(pattern, machines.to_vec())]));
        let removes = removed(&plan) == [asked];
        assert_eq!(removes, expected, "{asked:?} beside {kept:?} is removed");
    }
}

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
