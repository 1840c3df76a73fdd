//! Which instances a name matches, and whose name it is.

use crate::law::{Holds, always};
use crate::oracle::{self, Held};
use crate::policy::{base36, flexible, machine, numbered, outsiders, uniform};
use crate::worlds::{DECORATIONS, decorated, given_name, groups, instance, name, pattern, variant};
use octopus_scale_in::reconcile::matching::InstanceIndex;
use octopus_scale_in::reconcile::ownership::{KeptName, LearnedPattern, Proof};
use octopus_scale_in::reconcile::pattern::{Author, Joint, Letters, NameOf, Standing};
use octopus_scale_in::reconcile::snapshot::Instance;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The instances that the target matches, by asking each.
fn asked_one_by_one<'a>(
    target: &str,
    instances: impl IntoIterator<Item = &'a Arc<Instance>>,
) -> Vec<&'a Arc<Instance>> {
    let matches = |instance: &&Arc<Instance>| oracle::matches(target, instance);
    instances.into_iter().filter(matches).collect()
}

/// Exactly these, not only such as are alike, each once and in this order.
fn finds(index: &InstanceIndex, target: &str, expected: &[&Arc<Instance>]) -> Holds {
    let found: Vec<&Arc<Instance>> = index.matches(target).collect();
    let mut both = found.iter().zip(expected);
    let same = found.len() == expected.len() && both.all(|(a, b)| Arc::ptr_eq(a, b));
    prop_assert!(same, "{target:?} matches {found:?}, not {expected:?}");
    prop_assert_eq!(index.has_match(target), !expected.is_empty());
    Ok(())
}

#[test]
fn a_target_matches_exactly_the_instances_that_asking_each_one_finds() {
    always((name(), groups()), |(target, groups), cases| {
        let all = groups
            .iter()
            .flat_map(|g| g.instances.iter().chain(&g.outsiders));
        let expected = asked_one_by_one(&target, all);
        cases.count("matches an instance", !expected.is_empty());
        cases.count("matches several", expected.len() > 1);
        cases.count(
            "matches none although machines exist",
            expected.is_empty() && !groups.is_empty(),
        );
        finds(&InstanceIndex::of_groups(&groups), &target, &expected)
    });
}

#[test]
fn a_name_matches_what_it_matches_under_each_of_the_two_names_of_a_machine() {
    let names = (name(), name()).prop_flat_map(|(computer, resource)| {
        let dashed = Just(resource.replace('_', "-"));
        let target = prop_oneof![variant(&computer), variant(&resource), dashed, name()];
        (target, Just(computer), Just(resource))
    });
    always(names, |(target, computer, resource), cases| {
        let listed = InstanceIndex::of(outsiders(vec![machine(&resource, &computer)]));
        let with_dashes = oracle::means_with_dashes(&target, &resource);
        let mut expected = [&computer, &resource].map(|name| oracle::names_match(&target, name));
        expected[0] |= oracle::hosts_match(&target, &computer);
        cases.count(
            "with dashes alone",
            with_dashes && expected == [false, false],
        );
        cases.count("one of the two", expected[0] != expected[1]);
        cases.count("both have a domain", {
            expected[1] && target.contains('.') && resource.contains('.')
        });
        prop_assert_eq!(
            listed.matches(&target).count(),
            usize::from(expected[0] || expected[1] || with_dashes)
        );
        Ok(())
    });
}

/// A name of the pattern's where it stands in another, in the oracle's words.
fn in_the_oracles_words(it: &Standing<'_>) -> Held {
    Held {
        name: it.name.chars().collect(),
        id: it.id.clone(),
        bare: it.is_bare(),
        as_given: it.letters == Letters::AsGiven,
        peoples: it.author == Author::Anybody,
        dash: it.joint == Joint::Dash,
        decoration: (
            it.of == NameOf::Computer,
            oracle::small(it.before.chars()),
            oracle::small(it.after.chars()),
        ),
    }
}

#[test]
fn what_of_a_name_a_scale_set_may_give_is_found_as_it_is_written_in_the_contract() {
    let names = prop_oneof![2 => given_name(), 3 => name()];
    let patterns = prop_oneof![1 => Just(flexible("web", "web")), 3 => pattern()];
    always((names, patterns), |(name, pattern), cases| {
        let expected = oracle::held(&pattern, &name);
        let any = |which: fn(&Held) -> bool| expected.iter().any(which);
        cases.count("bare", any(|it| it.bare));
        cases.count("held", any(|it| !it.bare));
        cases.count("in other letters", any(|it| !it.as_given));
        cases.count("people could have chosen it", any(|it| it.peoples));
        cases.count("with a dash", any(|it| it.dash));
        cases.count("carries an id", any(|it| it.id.is_some()));
        cases.count("none", expected.is_empty());
        let found = pattern.names_in(&name);
        let found: BTreeSet<Held> = found.map(|it| in_the_oracles_words(&it)).collect();
        prop_assert_eq!(pattern.may_give(&name), !found.is_empty());
        prop_assert_eq!(
            pattern.gives_resource(&name),
            oracle::gives(&pattern, &name)
        );
        prop_assert_eq!(found, expected);
        Ok(())
    });
}

#[test]
fn every_name_that_a_scale_set_gives_fits_and_reads_back_as_its_id() {
    let domain = prop_oneof![Just(""), Just(".contoso.com"), Just(" ")];
    // Five digits of base 36, since the first of six is 0.
    always(
        (0..36_u64.pow(5), domain, any::<bool>()),
        |(number, domain, capitals), _| {
            let pattern = uniform("Web-Front", "wEb");
            let written = |name: String| {
                let name = if capitals { name.to_uppercase() } else { name };
                let own = LearnedPattern::learn(&pattern, &[]);
                own.own(&format!("{name}{domain}")).map(|own| own.ids)
            };
            let id = Some(BTreeSet::from([number.to_string()]));
            prop_assert_eq!(written(format!("web{}", base36(number))), id.clone());
            prop_assert_eq!(written(format!("web-front_{number}")), id);
            Ok(())
        },
    );
}

#[test]
fn whose_a_name_is_depends_on_the_kept_targets_as_it_is_written_in_the_contract() {
    let made_here = select(vec![
        machine("web_1a2b3c4d", "web4D5E6F"),
        machine("web_5e6f7a8b", "webABCDEF"),
        numbered("web", "web", 3),
        numbered("web", "web", 12),
    ]);
    let kept = prop_oneof![2 => made_here, 1 => instance()];
    let kept = vec((kept, 0..4_usize), 0..4);
    let suffix = select(vec![
        "ABCDEF",
        "abcdef",
        "server",
        "4k7x2a",
        "000003",
        "-12",
        "_12",
        "-5e6f7a8b",
    ]);
    let asked = prop_oneof![3 => suffix.prop_map(|it| format!("web{it}")), 1 => name()];
    let around = select(DECORATIONS.to_vec());
    let asked = (around.clone(), asked, any::<bool>(), around);
    let patterns = prop_oneof![3 => Just(flexible("web", "web")), 2 => pattern()];
    always((kept, patterns, asked), |(kept, pattern, asked), cases| {
        let (decoration, asked, same, another) = asked;
        let asked = decorated((if same { decoration } else { another }, asked));
        let written = |(instance, how): (Instance, usize)| {
            let computer = instance.computer_name.clone().unwrap_or_default();
            let ways = [
                computer.clone(),
                computer.to_lowercase(),
                instance.resource_name.clone(),
                instance.resource_name.replace('_', "-"),
            ];
            let name = decorated((decoration, ways[how].clone()));
            (name, Arc::new(instance))
        };
        let kept: Vec<(String, Arc<Instance>)> = kept.into_iter().map(written).collect();
        let names: Vec<KeptName<'_>> = kept
            .iter()
            .map(|(name, instance)| KeptName {
                name,
                instances: vec![instance],
            })
            .collect();
        let same = kept.iter().map(|(name, it)| (name.as_str(), vec![it]));
        let same: Vec<_> = same.collect();
        let expected = oracle::owned(&pattern, &same, &asked);
        let alone = oracle::owned(&pattern, &[], &asked);
        cases.count("own", expected.is_some());
        cases.count(
            "own for what is kept",
            expected.is_some() && alone.is_none(),
        );
        let is_plain = |it: &Option<(BTreeSet<String>, bool)>| it.as_ref().is_some_and(|it| it.1);
        cases.count("own for what is kept, or proved by it", {
            is_plain(&expected) && !is_plain(&alone)
        });
        cases.count("not own", expected.is_none());
        let learned = LearnedPattern::learn(&pattern, &names);
        let own = learned.own(&asked).map(|own| {
            let ids: BTreeSet<String> = own.ids.into_iter().collect();
            (ids, own.proof == Proof::Plain)
        });
        prop_assert_eq!(own, expected);
        Ok(())
    });
}

#[test]
fn names_of_any_length_and_of_nothing_but_boundaries_are_answered() {
    let run = || {
        let boundary =
            proptest::sample::select(vec!["-", ".", "_-", "\u{130}", "\u{212A}", "a", "a-"]);
        (boundary, 0..1000_usize).prop_map(|(boundary, times)| boundary.repeat(times))
    };
    let long =
        (run(), given_name(), run()).prop_map(|(before, name, after)| before + &name + &after);
    always(
        (long, vec(instance(), 0..3)),
        |(long, mut instances), cases| {
            instances.push(machine("web_1", "web000001"));
            let instances = outsiders(instances);
            let expected = asked_one_by_one(&long, &instances);
            cases.count("matches an instance", !expected.is_empty());
            cases.count("matches none", expected.is_empty());
            finds(&InstanceIndex::of(instances.clone()), &long, &expected)
        },
    );
}
