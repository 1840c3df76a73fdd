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

#[test]
fn a_cron_line_is_called_what_it_is() {
    for (line, odd, words) in [
        (
            "0 0/15 * * * * 2190-2199",
            "FAIL schedule",
            "not due before 2190",
        ),
        (
            "0 0/15 * * * * 2020,2190",
            "FAIL schedule",
            "not due before 2190",
        ),
        ("0 0/15 * 31 2 *", "FAIL schedule", "never due"),
        ("0 0/15 22-2 * * *", "WARN schedule", "cannot be read"),
        ("0 H/15 * * * *", "WARN schedule", "cannot be read"),
        ("0 45-15/15 * * * *", "WARN schedule", "cannot be read"),
        ("0 0 0 1 1 ?", "WARN schedule", "not due on every day"),
    ] {
        let checked = cron(line);
        checked.expect_only(&[odd], line);
        checked.expect_says("schedule", words);
        checked.expect_no_pass("schedule");
    }
    for days in ["MON-SUN", "FRI-MON,TUE-THU", "0-7", "1-6,7"] {
        let line = format!("0 0/15 * * * {days}");
        cron(&line).expect_only(&[], &line);
    }
    cron("* * * * * *").expect_no_pass("schedule");
}

#[test]
fn what_is_left_over_in_a_filter_does_not_count() {
    let named = |days: &[&str], until: &str| {
        let mut filter = continuous("00:00:00", until, &[]);
        filter["FilterType"] = "DaysPerWeekSchedule".into();
        filter["RunType"] = "Continuously".into();
        for day in days {
            filter[day] = true.into();
        }
        filter
    };
    let mut once = continuous("00:00:00", "23:59:00", &[]);
    once["FilterType"] = "DailySchedule".into();
    once["RunType"] = "ScheduledTime".into();
    once["StartTime"] = "2026-01-01T03:00:00.000Z".into();
    let all = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    for (filter, odd, words) in [
        (named(&all, "23:59:00"), &[][..], "due every 15 minutes"),
        (
            named(&["Monday"], "23:59:00"),
            &["WARN schedule"],
            "not due on every day",
        ),
        (
            named(&[], "23:59:00"),
            &["WARN schedule"],
            "how often it is due is not known",
        ),
        (once, &["WARN schedule"], "up to 1440 minutes pass"),
        (
            continuous("22:00:00", "06:00:00", &[]),
            &["WARN schedule"],
            "from 22:00 until 06:00, of which it is not known",
        ),
    ] {
        let guided = Guided::but(|world, guide| {
            world.edit(&guide.trigger, |it| it["Filter"] = filter);
        });
        let checked = guided.check();
        checked.expect_only(odd, words);
        checked.expect_says("schedule", words);
    }
}

/// A check where the schedule has this cron line, and another one is changed so.
fn beside(line: &str, change: impl Fn(&mut Value)) -> Checked {
    Guided::but(|world, guide| {
        world.edit(&guide.trigger, |it| {
            it["Filter"]["CronExpression"] = line.into()
        });
        let (runbook, here) = (&guide.runbook, &guide.environment);
        let other = world.octopus.add_schedule(runbook, here, "0 0/15 * * * *");
        world.edit(&other, |it| {
            it["Name"] = "The other".into();
            change(it);
        });
    })
    .check()
}

#[test]
fn two_schedules_may_share_the_week() {
    let checked = beside("0 0/15 * * * MON-FRI", |it| {
        it["Filter"]["CronExpression"] = "0 0/15 * * * SAT,SUN".into();
    });
    checked.expect_only(&[], "one on working days, one on the others");
}

#[test]
fn what_takes_no_part_is_not_said_to_pass() {
    let cron = |it: &mut Value| it["Filter"]["CronExpression"] = "0 garbage * * * *".into();
    let tenant = |it: &mut Value| it["Action"]["TenantIds"] = json!(["Tenants-1"]);
    let others: [(fn(&mut Value), _); 2] = [
        (
            cron,
            "The other: its cron line 0 garbage * * * * cannot be read",
        ),
        (tenant, "The other: it starts one run for each of"),
    ];
    for (change, words) in others {
        let checked = beside("0 0/15 * * * *", change);
        checked.expect_only(&["WARN schedule"], words);
        checked.expect_says("schedule", words);
        checked.expect_says("schedule", "Every 15 minutes: due every 15 minutes");
    }
}

#[test]
fn minutes_of_different_clocks_are_not_united() {
    let checked = beside("0 0 0/2 * * *", |it| {
        it["Filter"]["CronExpression"] = "0 0 1/2 * * *".into();
        it["Filter"]["Timezone"] = "Pacific Standard Time".into();
    });
    let odd = ["WARN timeout", "WARN schedule"];
    checked.expect_only(&odd, "each is due every two hours, by a clock of its own");
    checked.expect_says("schedule", "another time zone");
    checked.expect_says("timeout", "different time zones");
    let checked = beside("0 0/15 * * * *", |it| {
        it["Filter"]["CronExpression"] = "0 0 3 * * *".into();
        it["Filter"]["Timezone"] = "Pacific Standard Time".into();
    });
    checked.expect_only(&["WARN timeout"], "one of them is enough");
    checked.expect_says("schedule", "Every 15 minutes: due every 15 minutes");
}

#[test]
fn what_makes_a_run_too_long_is_named() {
    for (name, value, not) in [
        ("VMSS.Timeout.Value", "30", "apart"),
        ("VMSS.Registration.TimeoutInMinutes", "20", "Timeout.Value"),
        ("VMSS.Healthy.TimeoutInMinutes", "12", "Timeout.Value"),
    ] {
        let guided = Guided::but(|world, guide| {
            guide.parameter(world, name, Some(value));
            guide.publish(world);
        });
        let checked = guided.check();
        checked.expect_only(&["WARN timeout"], name);
        checked.expect_says("timeout", &format!("Set {name} to 5"));
        checked.expect_says_not("timeout", not);
    }
    let checked = cron("0 0/10 * * * *");
    checked.expect_only(&["WARN timeout"], "each ten minutes");
    checked.expect_says("timeout", "Let schedules be more than");
    checked.expect_says_not("timeout", "VMSS.Timeout.Value");
}

#[test]
fn a_policy_is_judged_by_all_that_says_when_it_checks() {
    let quarter = Some(std::time::Duration::from_secs(900));
    let zero = Some(std::time::Duration::ZERO);
    for (interval, line, words) in [
        (quarter, "0 0 3 * * *", "which of them wins is not known"),
        (None, "0 0/15 * * * * 2020", "its last year is over"),
        (None, "0 0/15 * 31 2 *", "it never checks"),
        (None, "0 H/15 * * * *", "cannot be read"),
        (zero, "", "its interval 00:00:00 cannot be read"),
    ] {
        let guided = Guided::but(|world, guide| {
            let policy = world.machine_policy(&guide.policy);
            policy.interval = interval;
            policy.cron = Some(line.to_owned());
        });
        let checked = guided.check();
        checked.expect_only(&["WARN machine-policy"], words);
        checked.expect_says("machine-policy", words);
    }
    let checked = with(|world, guide| {
        world.machine_policy(&guide.policy).cron = Some("0 0/15 * * * *".into());
    });
    checked.expect_only(&[], "both are right");
}
