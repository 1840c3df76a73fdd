//! Groups of the run that do not exist.

use crate::law::always;
use crate::oracle::letters;
use crate::policy::{RULES, now, plan, snapshot, words};
use crate::worlds::{a_snapshot, rules};
use octopus_scale_in::reconcile::plan::{OwnedOnly, Plan};
use octopus_scale_in::reconcile::snapshot::{GroupId, MissingGroup, Snapshot};
use octopus_scale_in::reconcile::verdict::{Foreign, Verdict};
use proptest::prelude::*;
use proptest::sample::select;

fn missing(name: &str) -> MissingGroup {
    MissingGroup {
        id: GroupId::new(name),
        title: format!("{name} on the hill"),
        name: name.to_owned(),
        explanation: "nobody has seen it".to_owned(),
    }
}

/// Section 6: the name holds `{missing}_` at its beginning or at a boundary.
fn is_named_after(group: &MissingGroup, name: &str) -> bool {
    let (name, beginning) = (letters(name), letters(&format!("{}_", group.name)));
    (0..name.len()).any(|at| {
        let open = at == 0 || !name[at - 1].is_alphanumeric();
        open && name[at..].starts_with(&beginning)
    })
}

#[test]
fn a_missing_group_makes_candidates_fewer_and_changes_no_one_that_has_a_machine() {
    let names = select(vec!["web", "app", "PROD-web", "other"]);
    always(
        (a_snapshot(), rules(), names),
        |(found, rules, name), cases| {
            let before = Plan::make(&found, rules, now());
            let group = missing(name);
            let lacking = Snapshot {
                missing: vec![group.clone()],
                ..found
            };
            let after = Plan::make(&lacking, rules, now());
            let mut spared = false;
            for (before, after) in before.rows.iter().zip(&after.rows) {
                let name = &after.target.name;
                prop_assert!(before.is_candidate() || !after.is_candidate(), "{:?}", name);
                if after.is_candidate() {
                    prop_assert!(
                        !is_named_after(&group, name),
                        "{:?} is named after it",
                        name
                    );
                    prop_assert!(!after.evidence.owners.is_empty(), "{:?} may be its", name);
                }
                if before.verdict != after.verdict {
                    let strange = Verdict::Foreign(Foreign::NameDoesNotFit);
                    let unmatched = before.evidence.kept_by.is_empty();
                    prop_assert!(unmatched, "{:?} has a machine", name);
                    prop_assert!(
                        before.verdict.word() == "stale"
                            || before.verdict.word() == "deferred"
                            || before.verdict == strange
                    );
                }
                spared |= before.is_candidate() && !after.is_candidate();
            }
            cases.count("something is spared for it", spared);
            let still = after.candidate_count() > 0;
            cases.count("something goes all the same", still);
            let strangers = rules.owned_only == OwnedOnly::No && spared;
            cases.count("something is spared where strangers go, too", strangers);
            Ok(())
        },
    );
}

#[test]
fn a_name_that_only_ends_like_a_missing_groups_is_not_its() {
    let names = ["web_1", "x-WEB_1", "cobweb_1", "web-1", "web"];
    let lacking = Snapshot {
        missing: vec![missing("web")],
        ..snapshot(names, Vec::new())
    };
    let of_it = Verdict::Foreign(Foreign::OfMissingGroup("web on the hill".to_owned()));
    let rows = Plan::make(&lacking, RULES, now()).rows;
    let named: Vec<bool> = rows.iter().map(|row| row.verdict == of_it).collect();
    assert_eq!(named, [true, true, false, false, false]);
    assert_eq!(words(&plan(&lacking)), ["foreign"; 5]);
}
