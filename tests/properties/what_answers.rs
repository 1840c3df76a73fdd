//! With `Check` or `Defer`, no enabled target that answers is removed: the first of all promises.

use crate::law::always;
use crate::policy::now;
use crate::worlds::{a_snapshot, rules};
use octopus_scale_in::reconcile::machine_word::{
    Ages, OwnState, Policies, Test, TestRun, UnhealthySsh, Word, judge_last_words, leave_untested,
    to_be_dated, weigh_test, word,
};
use octopus_scale_in::reconcile::plan::{Limit, MachineWord, Plan};
use octopus_scale_in::reconcile::snapshot::{
    Connection, Health, Snapshot, Target, TargetId, TargetKind,
};
use octopus_scale_in::reconcile::verdict::{Untested, Verdict};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What is true of a target, and what Octopus knows.
#[derive(Debug, Clone)]
struct Truth {
    answers: bool,
    connection: Connection,
    /// Minutes since the last check; what was found within the last hour is still so.
    checked: Option<u64>,
    /// What an older check found.
    once: Health,
    /// What a check of a machine that answers finds.
    found: Health,
    policy: Option<&'static str>,
    /// A test reaches its turn in time, and does not meet it busy.
    tested: bool,
}

fn truth() -> BoxedStrategy<Truth> {
    let any_health = select(vec![
        Health::Healthy,
        Health::Unhealthy,
        Health::Unavailable,
        Health::Unknown,
    ]);
    let found = select(vec![Health::Healthy, Health::Healthy, Health::Unhealthy]);
    let connection = select(vec![
        Connection::Listening,
        Connection::Polling,
        Connection::Ssh,
    ]);
    let checked = option::of(select(vec![0_u64, 14, 16, 59, 61, 100_000]));
    let policy = select(vec![Some("keeps"), Some("deletes"), Some("strange"), None]);
    let booleans = (any::<bool>(), prop::bool::weighted(0.8));
    (booleans, connection, checked, any_health, found, policy)
        .prop_map(
            |((answers, tested), connection, checked, once, found, policy)| Truth {
                answers,
                connection,
                checked,
                once,
                found,
                policy,
                tested,
            },
        )
        .boxed()
}

impl Truth {
    fn now(&self) -> Health {
        if self.answers {
            self.found
        } else {
            Health::Unavailable
        }
    }

    fn told(&self) -> Health {
        match self.checked {
            Some(0..=60) => self.now(),
            Some(_) | None => self.once,
        }
    }
}

/// The snapshot as Octopus tells it.
fn told(snapshot: Snapshot, truths: &[Truth]) -> Snapshot {
    let tell = |(target, truth): (&Arc<Target>, &Truth)| {
        let kind = match target.kind {
            TargetKind::Machine(_) => TargetKind::Machine(truth.connection),
            TargetKind::Other => TargetKind::Other,
        };
        Arc::new(Target {
            kind,
            health: truth.told(),
            machine_policy: truth.policy.map(str::to_owned),
            ..Target::clone(target)
        })
    };
    let targets = snapshot.targets.iter().zip(truths.iter().cycle());
    Snapshot {
        targets: targets.map(tell).collect(),
        ..snapshot
    }
}

fn policies() -> Policies {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Policies {
        all: ids(&["keeps", "deletes"]),
        deleting: ids(&["deletes"]),
        default: Some("keeps".to_owned()),
    }
}

/// What a test says, by an honest server.
fn words(test: &Test, of: &HashMap<TargetId, Truth>) -> HashMap<TargetId, Word> {
    let started = now();
    let run = TestRun {
        started: Some(started),
        asked: Some(started),
        ended_by_itself: true,
    };
    let say = |target: &Arc<Target>| {
        let truth = &of[&target.id];
        let state = if truth.tested {
            OwnState {
                health: truth.now(),
                last_checked: Some(started + Duration::from_secs(1)),
            }
        } else {
            OwnState {
                health: target.health,
                last_checked: Some(started - Duration::from_secs(600)),
            }
        };
        let said = word(target, state, run, UnhealthySsh::Reached);
        (target.id.clone(), said)
    };
    test.targets().map(say).collect()
}

#[test]
fn no_enabled_target_that_answers_is_removed() {
    let defers = any::<bool>();
    let limit = select(vec![Limit::Count(100), Limit::Count(2), Limit::Percent(50)]);
    let truths = vec(truth(), 1..8);
    always(
        (a_snapshot(), truths, rules(), defers, limit),
        |(snapshot, truths, rules, defers, limit), cases| {
            let snapshot = told(snapshot, &truths);
            let with_truth = snapshot.targets.iter().zip(truths.iter().cycle());
            let of: HashMap<TargetId, Truth> = with_truth
                .map(|(target, truth)| (target.id.clone(), truth.clone()))
                .collect();
            let mut plan = Plan::make(&snapshot, rules, now());
            let before = plan.candidate_count();
            let dated = to_be_dated(&plan);
            let age = |target: &Arc<Target>| {
                let minutes = of[&target.id].checked?;
                Some((target.id.clone(), Duration::from_secs(minutes * 60)))
            };
            let ages: Ages = dated.iter().filter_map(age).collect();
            judge_last_words(&mut plan, &ages);
            if defers {
                leave_untested(&mut plan, |_| Some(Untested::Left));
            } else {
                let policies = policies();
                leave_untested(&mut plan, |target| {
                    (!policies.spare(target)).then_some(Untested::PolicyDeletes)
                });
                let test = Test::choose(&plan, &ages, limit, &policies);
                let deletes = |t: &Arc<Target>| t.machine_policy.as_deref() == Some("deletes");
                prop_assert!(!test.targets().any(deletes), "the test itself would delete");
                let _ = weigh_test(&mut plan, &test, &words(&test, &of));
            }
            cases.count("something is removed", plan.candidate_count() > 0);
            let is_answering = |verdict: &Verdict| matches!(verdict, Verdict::Answers(_));
            let answering = plan.rows.iter().any(|row| is_answering(&row.verdict));
            cases.count("something answers", answering);
            prop_assert!(plan.candidate_count() <= before);
            for row in plan.candidates() {
                prop_assert_ne!(row.evidence.machine, MachineWord::Unasked);
                prop_assert!(
                    !(row.target.enabled && of[&row.target.id].answers),
                    "{:?} answers and would be removed",
                    row.target.name
                );
            }
            Ok(())
        },
    );
}
