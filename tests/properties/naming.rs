//! Which instances a name matches, and whose name it is.

use crate::law::{Holds, always};
use crate::oracle;
use crate::policy::{base36, flexible, machine, outsiders, uniform};
use crate::worlds::{given_name, groups, instance, name, pattern, variant};
use octopus_scale_in::reconcile::matching::InstanceIndex;
use octopus_scale_in::reconcile::ownership::{KeptName, LearnedPattern};
use octopus_scale_in::reconcile::pattern::Spelling;
use octopus_scale_in::reconcile::snapshot::Instance;
use proptest::collection::vec;
use proptest::prelude::*;
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
        let target = prop_oneof![variant(&computer), variant(&resource), name()];
        (target, Just(computer), Just(resource))
    });
    always(names, |(target, computer, resource), cases| {
        let listed = InstanceIndex::of(outsiders(vec![machine(&resource, &computer)]));
        let expected = [&computer, &resource].map(|name| oracle::names_match(&target, name));
        cases.count("one of the two", expected[0] != expected[1]);
        cases.count("both have a domain", {
            expected[1] && target.contains('.') && resource.contains('.')
        });
        prop_assert_eq!(
            listed.matches(&target).count(),
            usize::from(expected[0] || expected[1])
        );
        Ok(())
    });
}

#[test]
fn a_name_fits_a_pattern_exactly_as_it_is_written_in_the_contract() {
    let names = prop_oneof![2 => given_name(), 1 => name()];
    always((names, pattern()), |(name, pattern), cases| {
        let expected = [false, true].map(|small| oracle::fits(&pattern, &name, small));
        cases.count("fits", expected[0].is_some());
        cases.count(
            "fits only with small letters",
            expected[0].is_none() && expected[1].is_some(),
        );
        cases.count(
            "carries an id",
            expected[0].as_ref().is_some_and(|n| !n.is_empty()),
        );
        cases.count("does not fit", expected == [None, None]);
        let fit = [Spelling::Exact, Spelling::EitherCase].map(|spelling| {
            let fit = pattern.fit(&name, spelling);
            fit.map(|fit| fit.ids.into_iter().collect::<BTreeSet<_>>())
        });
        prop_assert_eq!(fit, expected);
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
                pattern
                    .fit(&format!("{name}{domain}"), Spelling::Exact)
                    .map(|fit| fit.ids)
            };
            let id = Some(vec![number.to_string()]);
            prop_assert_eq!(written(format!("web{}", base36(number))), id.clone());
            prop_assert_eq!(written(format!("web-front_{number}")), id);
            Ok(())
        },
    );
}

/// A kept target of this name and of this instance alone.
fn kept_for<'a>(name: &'a str, instance: &'a Arc<Instance>) -> KeptName<'a> {
    let instances = vec![instance];
    KeptName { name, instances }
}

#[test]
fn small_letters_fit_only_beside_a_kept_target_that_has_them() {
    let suffix = || proptest::sample::select(vec!["1a2b3c", "1A2B3C", "123456", "server"]);
    always((suffix(), suffix()), |(kept, asked), cases| {
        let (pattern, kept) = (flexible("web", "web"), format!("web{kept}"));
        let instance = Arc::new(machine("web_00000001", &kept));
        let learned = LearnedPattern::learn(&pattern, &[kept_for(&kept, &instance)]);
        let is_small = |name: &str| name.ends_with(|c: char| c.is_ascii_lowercase());
        cases.count("small and allowed", is_small(asked) && is_small(&kept));
        cases.count("small and refused", is_small(asked) && !is_small(&kept));
        let fits = learned.fit(&format!("web{asked}")).is_some();
        prop_assert_eq!(fits, !is_small(asked) || is_small(&kept));
        Ok(())
    });
}

#[test]
fn one_kept_target_never_opens_the_door_to_decorated_names() {
    let accident =
        instance().prop_flat_map(|instance| (variant(&instance.resource_name), Just(instance)));
    always(
        (accident, pattern(), name()),
        |((kept, instance), pattern, asked), cases| {
            let instance = Arc::new(instance);
            let accident = LearnedPattern::learn(&pattern, &[kept_for(&kept, &instance)]);
            let none = LearnedPattern::learn(&pattern, &[]);
            // Two registrations of one machine are still the word of one machine.
            let twice = LearnedPattern::learn(
                &pattern,
                &[kept_for(&kept, &instance), kept_for(&kept, &instance)],
            );
            let plainly = oracle::fits(&pattern, &asked, true).is_some();
            cases.count("does not fit plainly", !plainly);
            cases.count("does not fit, and the kept target is decorated", {
                !plainly
                    && oracle::matches(&kept, &instance)
                    && !oracle::names_of(&instance).any(|n| *n == kept)
            });
            for learned in [none, accident, twice] {
                prop_assert!(
                    plainly || learned.fit(&asked).is_none(),
                    "{asked:?} must not fit"
                );
            }
            Ok(())
        },
    );
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
