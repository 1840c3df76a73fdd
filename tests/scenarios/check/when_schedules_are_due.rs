//! A schedule that is due too seldom, too often, never again, or nobody knows when, is told so; all that are enabled count.

use crate::support::check::{Checked, Guided};
use sandbox::{DailyForm, GitStage, Guide, World};
use serde_json::{Value, json};

/// A check where the schedule is as it is changed.
fn with(change: fn(&mut World, &Guide)) -> Checked {
    Guided::but(change).check()
}

fn cron(line: &str) -> Checked {
    Guided::but(|world, guide| {
        world.edit(&guide.trigger, |it| {
            it["Filter"]["CronExpression"] = line.into()
        });
    })
    .check()
}

fn continuous(from: &str, until: &str, days: &[&str]) -> Value {
    json!({
        "FilterType": "ContinuousDailySchedule",
        "Interval": "OnceEveryMinute",
        "MinuteInterval": 15,
        "RunAfter": from,
        "RunUntil": until,
        "DaysOfWeek": days,
        "Timezone": "UTC",
    })
}

#[test]
fn fields_that_name_everything_are_every_day() {
    for line in [
        "0 0/15 * 1/1 * ? *",
        "0 0/15 * */1 * *",
        "0 0/15 * * 1-12 0-6",
    ] {
        cron(line).expect_only(&[], line);
    }
}

#[test]
fn a_schedule_whose_year_is_over_starts_nothing() {
    let checked = cron("0 0/15 * * * * 2020");
    checked.expect_only(&["FAIL schedule"], "it was due in 2020");
    checked.expect_says("schedule", "its last year is over");
}

#[test]
fn a_schedule_that_is_due_each_second_is_told_so() {
    let checked = cron("* 0/15 * * * *");
    checked.expect_only(
        &["WARN timeout", "WARN schedule"],
        "each second of a minute",
    );
    checked.expect_says("schedule", "due 60 times in one minute");
}

#[test]
fn hours_and_days_of_a_continuous_schedule_count() {
    for (filter, found) in [
        (
            continuous("2026-01-01T09:00:00.000Z", "2026-01-01T10:00:00.000Z", &[]),
            "up to 1380 minutes pass",
        ),
        (
            continuous("00:00:00", "23:59:00", &["Monday"]),
            "not due on every day",
        ),
    ] {
        let guided = Guided::but(|world, guide| {
            world.edit(&guide.trigger, |it| it["Filter"] = filter);
        });
        let checked = guided.check();
        checked.expect_only(&["WARN schedule"], found);
        checked.expect_says("schedule", found);
    }
}

#[test]
fn both_forms_of_a_schedule_for_all_day_pass() {
    for form in [DailyForm::Older, DailyForm::Newer] {
        let guided = Guided::but(|world, guide| {
            world.octopus.run_all_day(&guide.trigger, 15, form);
        });
        guided.check().expect_only(&[], "all day, every 15 minutes");
    }
}

#[test]
fn a_second_schedule_may_come_too_soon() {
    let checked = with(|world, guide| {
        let (runbook, here) = (&guide.runbook, &guide.environment);
        world.octopus.add_schedule(runbook, here, "0 5/15 * * * *");
    });
    checked.expect_only(
        &["WARN timeout"],
        "the second is due five minutes after the first",
    );
    checked.expect_says("timeout", "due after 5");
}

#[test]
fn a_second_schedule_may_make_the_first_often_enough() {
    let checked = with(|world, guide| {
        world.edit(&guide.trigger, |it| {
            it["Filter"]["CronExpression"] = "0 0 3 * * *".into()
        });
        let (runbook, here) = (&guide.runbook, &guide.environment);
        world.octopus.add_schedule(runbook, here, "0 0/15 * * * *");
    });
    checked.expect_only(&[], "one is due once a day, and one every 15 minutes");
}

#[test]
fn a_schedule_of_tags_may_start_it_or_not() {
    let checked = with(|world, guide| {
        world.edit(&guide.trigger, |it| {
            it["Action"]["RunbookId"] = Value::Null;
            it["Action"]["RunbookTags"] = json!(["Kind/Scheduled"]);
        });
    });
    checked.expect_only(&["WARN schedule"], "it starts what has a tag");
    checked.expect_says("schedule", "cannot be told");
}

#[test]
fn a_policy_that_does_not_check_on_every_day_is_told_so() {
    let checked = with(|world, guide| {
        let policy = world.machine_policy(&guide.policy);
        policy.interval = None;
        policy.cron = Some("0 0/15 * * * MON".into());
    });
    checked.expect_only(&["WARN machine-policy"], "it checks on Mondays");
    checked.expect_says("machine-policy", "not check on every day");
}

#[test]
fn a_trigger_that_calls_a_runbook_in_git_otherwise_is_not_called_missing() {
    let checked = with(|world, guide| {
        world.convert_to_git(&guide.project, GitStage::Runbooks);
        world.edit(&guide.trigger, |it| {
            it["Action"]["RunbookId"] = "another-slug".into()
        });
    });
    checked.expect_says("schedule", "cannot be told");
    checked.expect_code(0);
}
