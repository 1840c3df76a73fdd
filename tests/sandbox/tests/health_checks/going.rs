//! How long a health check takes, and how it ends.

use super::{
    EVER, TASKS, arranged, connection, ended, health, ms, order, post, state, task, time, total,
};
use sandbox::{BusyTargets, hours, now, seconds};
use serde_json::Value;

#[test]
fn it_goes_from_the_queue_to_its_end_by_itself() {
    let (_sandbox, client) = arranged(|world| {
        world.target("web1").answers_after(ms(1000));
        world.health_checks().waits_in_queue = ms(500);
    });
    let id = post(&client, &order(&["Machines-1"]));
    assert_eq!(state(&client, &id), "Queued");
    assert_eq!(task(&client, &id)["StartTime"], Value::Null);
    std::thread::sleep(ms(700));
    assert_eq!(state(&client, &id), "Executing");
    let task = ended(&client, &id);
    assert_eq!(task["State"], "Success");
    assert_eq!(task["FinishedSuccessfully"], true);
    assert_eq!(task["Arguments"]["MachineTimeout"], "00:00:10");
    let moments = ["QueueTime", "StartTime", "CompletedTime"].map(|name| time(&task, name));
    assert!(moments.is_sorted(), "{moments:?}");
}

#[test]
fn a_busy_target_is_skipped_when_its_time_is_up_and_keeps_its_state() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").answers().busy().health("Unavailable");
        world.target("web2").answers().busy_for(ms(100));
    });
    let mut order = order(&["Machines-1", "Machines-2"]);
    order["Arguments"]["MachineTimeout"] = "00:00:00.4".into();
    let before = connection(&client, "Machines-1")["LastChecked"].clone();
    let task = ended(&client, &post(&client, &order));
    assert_eq!(task["State"], "Success");
    assert_eq!(task["HasWarningsOrErrors"], true);
    assert_eq!(health(&client, "Machines-1"), "Unavailable");
    assert_eq!(connection(&client, "Machines-1")["LastChecked"], before);
    assert_ne!(connection(&client, "Machines-2")["LastChecked"], before);

    // The other readings: the task fails, and the target may be called unhealthy.
    sandbox.world(|world| world.health_checks().busy_targets = BusyTargets::Cancelled);
    let task = ended(&client, &post(&client, &order));
    assert_eq!(task["State"], "Failed");
    assert_eq!(task["ErrorMessage"], "The task was cancelled");
    assert_eq!(connection(&client, "Machines-1")["LastChecked"], before);
    sandbox.world(|world| world.health_checks().busy_targets = BusyTargets::Unhealthy);
    ended(&client, &post(&client, &order));
    assert_eq!(health(&client, "Machines-1"), "Unhealthy");
}

#[test]
fn a_test_ends_with_the_time_of_its_machine_and_the_task_with_its_own() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").dead_after(EVER);
        world.target("web2").answers().busy();
        world.target("web3").answers_after(EVER);
    });
    let mut limited = order(&["Machines-1", "Machines-3"]);
    limited["Arguments"]["MachineTimeout"] = "00:00:00.2".into();
    assert_eq!(ended(&client, &post(&client, &limited))["State"], "Failed");
    assert_eq!(health(&client, "Machines-1"), "Unavailable");
    assert_eq!(health(&client, "Machines-3"), "Unavailable");

    let mut hanging = order(&["Machines-2"]);
    hanging["Arguments"]["Timeout"] = "00:00:00.3".into();
    let task = ended(&client, &post(&client, &hanging));
    assert_eq!(task["State"], "TimedOut");
    sandbox.world(|world| world.health_checks().state_at_timeout = "Failed".to_owned());
    let task = ended(&client, &post(&client, &hanging));
    assert_eq!(task["State"], "Failed");
    assert_eq!(health(&client, "Machines-2"), "Healthy");
}

#[test]
fn twenty_targets_are_tested_at_a_time() {
    let (sandbox, client) = arranged(|world| {
        for number in 0..100 {
            world.target(&format!("web{number:02}")).dead();
        }
        world.health_checks().takes = ms(500);
    });
    let ids: Vec<String> = sandbox.world(|world| world.octopus.targets.keys().cloned().collect());
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let id = post(&client, &order(&ids));
    std::thread::sleep(ms(700));
    let filter = "/api/Spaces-1/machines?healthStatuses=Unavailable";
    assert_eq!(total(&client, filter), 20);
    ended(&client, &id);
    assert_eq!(total(&client, filter), 100);
    let task = sandbox.world(|world| world.octopus.tasks[&id].clone());
    let took = task.completed.unwrap() - task.started.unwrap();
    assert_eq!(took, ms(2500), "five rounds, each at its own time");
}

#[test]
fn it_waits_while_the_server_runs_as_many_tasks_as_it_may() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").answers();
        world.octopus.task_cap = Some(1);
        world.runbook_run();
    });
    let id = post(&client, &order(&["Machines-1"]));
    std::thread::sleep(ms(150));
    assert_eq!(state(&client, &id), "Queued");
    sandbox.world(|world| drop(world.task("ServerTasks-1").ended("Success", now())));
    assert_eq!(ended(&client, &id)["State"], "Success");
}

#[test]
fn it_expires_where_it_stays_in_the_queue() {
    let (sandbox, client) = arranged(|world| {
        world.octopus.clock_ahead = hours(2);
        world.target("web1").answers();
        world.health_checks().waits_in_queue = EVER;
    });
    let id = post(&client, &order(&["Machines-1"]));
    let mut expiring = order(&["Machines-1"]);
    let expiry = sandbox.world(|world| world.octopus.now() + seconds(1));
    expiring["QueueTimeExpiry"] = format!("{}T{}Z", expiry.date(), expiry.time()).into();
    let expired = ended(&client, &post(&client, &expiring));
    assert_eq!(expired["State"], "TimedOut");
    assert_eq!(expired["StartTime"], Value::Null);
    assert_eq!(state(&client, &id), "Queued");
}

#[test]
fn it_can_be_cancelled_but_an_offline_polling_target_holds_it() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").answers().busy();
        world.target("web2").polling().dead_after(EVER);
        world
            .machine_policy("Default Machine Policy")
            .polling_queue_timeout = ms(1200);
    });
    let cancel = |id: &str| {
        std::thread::sleep(ms(60));
        let reply = client.try_octopus("POST", &format!("{TASKS}/{id}/cancel"), "");
        reply.unwrap().ok()["State"].clone()
    };
    let plain = post(&client, &order(&["Machines-1"]));
    assert_eq!(cancel(&plain), "Cancelling");
    assert_eq!(state(&client, &plain), "Canceled");

    let held = post(&client, &order(&["Machines-1", "Machines-2"]));
    assert_eq!(cancel(&held), "Cancelling");
    assert_eq!(state(&client, &held), "Cancelling");
    assert_eq!(ended(&client, &held)["State"], "Canceled");
    assert_eq!(health(&client, "Machines-2"), "Healthy");

    sandbox.world(|world| world.health_checks().waits_in_queue = EVER);
    assert_eq!(cancel(&post(&client, &order(&["Machines-1"]))), "Canceled");
}
