//! In use, against section 3's paragraph written as a list of questions.

use crate::law::always;
use crate::policy::{now, target};
use crate::worlds::unanswered;
use octopus_scale_in::reconcile::snapshot::TargetId;
use octopus_scale_in::reconcile::usage::{
    Activity, History, Naming, Reach, Task, TaskKind, Unread, in_use,
};
use octopus_scale_in::reconcile::verdict::Deferral;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::{Duration, SystemTime};

fn moment() -> BoxedStrategy<SystemTime> {
    select(vec![0_u64, 60, 119, 120, 121, 3600])
        .prop_map(|seconds| now() - Duration::from_secs(seconds))
        .boxed()
}

/// The target in question is `Machines-0` of `Environments-1`.
fn ids() -> BoxedStrategy<Vec<TargetId>> {
    prop_oneof![
        2 => Just(Vec::new()),
        1 => vec(select(vec![target(0, "").id, target(1, "").id]), 1..3),
    ]
    .boxed()
}

fn reach() -> BoxedStrategy<Result<Reach, Unread>> {
    let environment = select(vec![
        "Environments-1",
        "environments-1",
        "Environments-2",
        "",
    ]);
    let known = (environment, ids(), ids()).prop_map(|(environment, only, without)| Reach {
        environment: environment.to_owned(),
        only,
        without,
    });
    let listed = select(vec![
        None,
        Some(vec![]),
        Some(vec!["environments-1".to_owned()]),
        Some(vec!["Environments-2".to_owned()]),
    ]);
    let unread = listed.prop_map(|environments| Unread {
        why: unanswered("403"),
        environments,
    });
    prop_oneof![5 => known.prop_map(Ok), 2 => unread.prop_map(Err)].boxed()
}

fn task() -> BoxedStrategy<Task> {
    let kind = select(vec![TaskKind::Deployment, TaskKind::RunbookRun]);
    let times = (
        option::weighted(0.9, moment()),
        option::weighted(0.7, moment()),
    );
    let waits = (any::<bool>(), prop::bool::weighted(0.2));
    (kind, times, waits, reach())
        .prop_map(
            |(kind, (queued, started), (waiting, unapproved), reach)| Task {
                id: "ServerTasks-99".to_owned(),
                title: "Deploy".to_owned(),
                kind,
                queued,
                started: started.filter(|_| !waiting),
                waiting,
                unapproved,
                reach,
            },
        )
        .boxed()
}

/// What goes on in the space, and what the target's own tasks say: some of the same, and what began since.
fn activity() -> BoxedStrategy<(Activity, Vec<Naming>)> {
    let own = option::of(option::weighted(0.9, moment()));
    let tasks = vec((task(), prop::bool::weighted(0.3)), 0..4);
    let later = option::weighted(0.2, task());
    (tasks, later, own)
        .prop_map(|(tasks, later, own_runbook_run)| {
            let mut history: Vec<Naming> = later.iter().map(naming).collect();
            let numbered = |(number, (task, names)): (usize, (Task, bool))| {
                let task = Task {
                    id: format!("ServerTasks-{number}"),
                    ..task
                };
                history.extend(names.then(|| naming(&task)));
                task
            };
            let activity = Activity {
                tasks: tasks.into_iter().enumerate().map(numbered).collect(),
                own_runbook_run,
                now: now(),
            };
            (activity, history)
        })
        .boxed()
}

fn naming(task: &Task) -> Naming {
    Naming {
        id: task.id.to_uppercase(),
        kind: task.kind,
        queued: task.queued,
    }
}

/// Section 3, "In use", sentence by sentence, for one task.
fn counts(activity: &Activity, task: &Task, in_its_own_tasks: bool) -> bool {
    let this = target(0, "").id;
    let names_it = in_its_own_tasks
        || task
            .reach
            .as_ref()
            .is_ok_and(|reach| reach.only.contains(&this));
    let two_minutes_ago = activity.now - Duration::from_secs(120);
    let early = task.waiting || task.started.is_none_or(|start| start > two_minutes_ago);
    let here = |environment: &String| environment.eq_ignore_ascii_case("Environments-1");
    match (task.kind, &task.reach) {
        (TaskKind::RunbookRun, Ok(_)) => names_it && !is_behind(activity, task.queued),
        // "An answer that is refused or fails counts as in use", of what it could use.
        (TaskKind::RunbookRun, Err(unread)) => {
            let listed = unread.environments.as_ref();
            let here = listed.is_none_or(|listed| listed.iter().any(here));
            (names_it || here) && !is_behind(activity, task.queued)
        }
        // "So does a deployment in one of the target's environments, neither limited to other machines nor excluding it,
        // that is queued or began less than two minutes ago, and may yet choose it." "A deployment that waits for an
        // approval counts only for targets that it names."
        (TaskKind::Deployment, Ok(reach)) => {
            let free = reach.only.is_empty() && !reach.without.contains(&this);
            names_it || (!task.unapproved && early && free && here(&reach.environment))
        }
        // One that may not be read counts for what it could use.
        (TaskKind::Deployment, Err(unread)) => {
            let listed = unread.environments.as_ref();
            names_it
                || (!task.unapproved
                    && early
                    && listed.is_none_or(|listed| listed.iter().any(here)))
        }
    }
}

/// "Of two runbook runs only the earlier queued counts for the other."
fn is_behind(activity: &Activity, queued: Option<SystemTime>) -> bool {
    match (activity.own_runbook_run, queued) {
        (Some(Some(own)), Some(other)) => other >= own,
        _ => false,
    }
}

#[test]
fn a_target_is_in_use_exactly_when_a_task_counts() {
    always(activity(), |(activity, history), cases| {
        let names = |task: &Task| history.iter().any(|n| n.id.eq_ignore_ascii_case(&task.id));
        let in_space = activity
            .tasks
            .iter()
            .filter(|task| counts(&activity, task, names(task)));
        let behind = |n: &&Naming| n.kind == TaskKind::RunbookRun && is_behind(&activity, n.queued);
        let in_history = history.iter().filter(|naming| !behind(naming));
        let in_space = in_space.map(|task| (task.id.to_uppercase(), task.kind));
        let holding: Vec<(String, TaskKind)> = in_space
            .chain(in_history.map(|n| (n.id.clone(), n.kind)))
            .collect();
        let of = |kind: TaskKind| holding.iter().any(|(_, holder)| *holder == kind);
        cases.count("a deployment holds it", of(TaskKind::Deployment));
        cases.count("a runbook run holds it", of(TaskKind::RunbookRun));
        cases.count(
            "tasks, and none holds it",
            holding.is_empty() && !activity.tasks.is_empty(),
        );
        let history = History::Told(history);
        let used = in_use(&activity, &target(0, "web000001"), &history);
        prop_assert_eq!(used.is_some(), !holding.is_empty());
        if let Some(Deferral::InUse(task)) = &used {
            let is_told = |(id, _): &(String, TaskKind)| task.to_uppercase().contains(id);
            prop_assert!(holding.iter().any(is_told), "{task} does not hold it");
        }
        Ok(())
    });
}

/// What the target's own tasks would say does not matter where nobody tells it.
#[test]
fn a_history_that_is_not_told_spares_whatever_one_that_is_told_could() {
    always(activity(), |(activity, history), cases| {
        let this = target(0, "web000001");
        // Only a task of the target's environments that is free to choose it can stand in its own tasks.
        let here = |environment: &String| environment.eq_ignore_ascii_case("Environments-1");
        let may_be_told = |naming: &&Naming| {
            let task = activity.tasks.iter().find(|task| is_of(naming, task));
            task.is_some_and(|task| match &task.reach {
                Ok(reach) => {
                    let limited = !reach.only.is_empty() && !reach.only.contains(&this.id);
                    here(&reach.environment) && !limited && !reach.without.contains(&this.id)
                }
                Err(unread) => {
                    let listed = unread.environments.as_ref();
                    listed.is_none_or(|listed| listed.iter().any(here))
                }
            } && !task.unapproved)
        };
        let possible: Vec<Naming> = history.iter().filter(may_be_told).cloned().collect();
        let told = in_use(&activity, &this, &History::Told(possible));
        let not_told = in_use(&activity, &this, &History::NotTold);
        cases.count("spared, told or not", told.is_some());
        cases.count(
            "spared for want of it",
            told.is_none() && not_told.is_some(),
        );
        cases.count(
            "nothing may use it",
            not_told.is_none() && !activity.tasks.is_empty(),
        );
        prop_assert!(
            told.is_none() || not_told.is_some(),
            "what a history could hold is removed where there is none"
        );
        if activity.tasks.is_empty() {
            prop_assert!(not_told.is_none(), "nothing goes on, and yet it waits");
        }
        Ok(())
    });
}

fn is_of(naming: &Naming, task: &Task) -> bool {
    naming.id.eq_ignore_ascii_case(&task.id)
}

#[test]
fn of_two_runbook_runs_at_most_one_waits_for_the_other() {
    let moments = (option::weighted(0.9, moment()), moment());
    always(moments, |(other, own), cases| {
        let waits = |own, other| {
            let activity = Activity {
                tasks: Vec::new(),
                own_runbook_run: Some(own),
                now: now(),
            };
            let history = History::Told(vec![Naming {
                id: "ServerTasks-1".to_owned(),
                kind: TaskKind::RunbookRun,
                queued: other,
            }]);
            in_use(&activity, &target(0, "web000001"), &history).is_some()
        };
        cases.count("one waits", waits(Some(own), other));
        let both = waits(Some(own), other) && waits(other, Some(own));
        prop_assert!(
            !both || other.is_none(),
            "both runs would wait for each other for ever"
        );
        Ok(())
    });
}
