//! Which machine a name means, and whose it is, as tables: one line, one decision.

use crate::policy::{
    flexible, group, machine, numbered, outsiders, plan, removed, snapshot, uniform, web,
};
use octopus_scale_in::reconcile::matching::InstanceIndex;
use octopus_scale_in::reconcile::ownership::{LearnedPattern, Proof};
use octopus_scale_in::reconcile::pattern::NamePattern;

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
