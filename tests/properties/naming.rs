//! Which machine a name means, and whose name it is.

use crate::law::always;
use crate::oracle;
use crate::policy::{base36, flexible, uniform};
use crate::worlds::{given_name, groups, instance, name, pattern, variant};
use octopus_scale_in::reconcile::Instance;
use octopus_scale_in::reconcile::identity::{Letters, Machines, Ownership, Seat};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The places in the list of those that the target means, by asking each.
fn meant_one_by_one(target: &str, list: &[Instance], group: usize, member: bool) -> Vec<Seat> {
    let seat = |index| Seat {
        group,
        member,
        index,
    };
    let each = list.iter().enumerate();
    each.filter(|(_, instance)| oracle::is_meant(target, instance))
        .map(|(index, _)| seat(index))
        .collect()
}

#[test]
fn a_target_means_exactly_the_machines_that_asking_each_one_finds() {
    always((name(), groups()), |(target, groups), cases| {
        let mut expected = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            expected.extend(meant_one_by_one(&target, &group.instances, index, true));
            expected.extend(meant_one_by_one(&target, &group.bystanders, index, false));
        }
        expected.sort_unstable();
        cases.count("means a machine", !expected.is_empty());
        cases.count("means several", expected.len() > 1);
        cases.count(
            "means none although machines exist",
            expected.is_empty() && !groups.is_empty(),
        );
        prop_assert_eq!(Machines::of(&groups).meant_by(&target), expected);
        Ok(())
    });
}

#[test]
fn a_name_means_what_it_means_under_each_of_the_two_names_of_a_machine() {
    let machine = (name(), name()).prop_flat_map(|(computer, resource)| {
        let target = prop_oneof![variant(&computer), variant(&resource), name()];
        (target, Just(computer), Just(resource))
    });
    always(machine, |(target, computer, resource), cases| {
        let listed = Machines::listed(&[crate::policy::machine(&resource, &computer)]);
        let expected = [&computer, &resource].map(|name| oracle::names_match(&target, name));
        cases.count("one of the two", expected[0] != expected[1]);
        cases.count("both have a domain", {
            expected[1] && target.contains('.') && resource.contains('.')
        });
        prop_assert_eq!(
            listed.meant_by(&target).len(),
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
            "carries a number",
            expected[0].as_ref().is_some_and(|n| !n.is_empty()),
        );
        cases.count("does not fit", expected == [None, None]);
        let fit = [Letters::Capitals, Letters::EitherCase].map(|letters| {
            let fit = pattern.fit(&name, letters);
            fit.map(|fit| fit.numbers.into_iter().collect::<BTreeSet<_>>())
        });
        prop_assert_eq!(fit, expected);
        Ok(())
    });
}

#[test]
fn every_name_that_a_scale_set_gives_fits_and_reads_back_as_its_number() {
    let domain = prop_oneof![Just(""), Just(".contoso.com"), Just(" ")];
    // Five digits of base 36, since the first of six is 0.
    always(
        (0..36_u64.pow(5), domain, any::<bool>()),
        |(number, domain, capitals), _| {
            let pattern = uniform("Web-Front", "wEb");
            let written = |name: String| {
                let name = if capitals { name.to_uppercase() } else { name };
                pattern
                    .fit(&format!("{name}{domain}"), Letters::Capitals)
                    .map(|fit| fit.numbers)
            };
            prop_assert_eq!(
                written(format!("web{}", base36(number))),
                Some(vec![number])
            );
            prop_assert_eq!(written(format!("web-front_{number}")), Some(vec![number]));
            Ok(())
        },
    );
}

#[test]
fn small_letters_fit_only_beside_a_kept_target_that_has_them() {
    let suffix = || proptest::sample::select(vec!["1a2b3c", "1A2B3C", "123456", "server"]);
    always((suffix(), suffix()), |(kept, asked), cases| {
        let (pattern, kept) = (flexible("web", "web"), format!("web{kept}"));
        let instance = crate::policy::machine("web_00000001", &kept);
        let ownership = Ownership::learn(&pattern, &[(&kept, vec![&instance])]);
        let is_small = |name: &str| name.ends_with(|c: char| c.is_ascii_lowercase());
        cases.count("small and allowed", is_small(asked) && is_small(&kept));
        cases.count("small and refused", is_small(asked) && !is_small(&kept));
        let fits = ownership.fit(&format!("web{asked}")).is_some();
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
            let accident = Ownership::learn(&pattern, &[(&kept, vec![&instance])]);
            let none = Ownership::learn(&pattern, &[]);
            // Two registrations of one machine are still the word of one machine.
            let twice = Ownership::learn(
                &pattern,
                &[(&kept, vec![&instance]), (&kept, vec![&instance])],
            );
            let plainly = oracle::fits(&pattern, &asked, true).is_some();
            cases.count("does not fit plainly", !plainly);
            cases.count("does not fit, and the kept target is decorated", {
                !plainly
                    && oracle::is_meant(&kept, &instance)
                    && !oracle::names_of(&instance).any(|n| *n == kept)
            });
            for ownership in [none, accident, twice] {
                prop_assert!(
                    plainly || ownership.fit(&asked).is_none(),
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
            instances.push(crate::policy::machine("web_1", "web000001"));
            let expected = meant_one_by_one(&long, &instances, 0, true);
            cases.count("means a machine", !expected.is_empty());
            cases.count("means none", expected.is_empty());
            prop_assert_eq!(Machines::listed(&instances).meant_by(&long), expected);
            Ok(())
        },
    );
}
