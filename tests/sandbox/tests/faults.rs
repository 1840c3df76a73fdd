//! What tests of the program may rely on about faults, scripts and the record.

use crate::client::Client;
use sandbox::{Fault, Matcher, Route, Sandbox, Service, When};
use std::thread;
use std::time::{Duration, Instant};

const MACHINES: &str = "/api/Spaces-1/machines";

fn with_targets(count: usize) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        (0..count).for_each(|number| drop(world.target(&format!("web{number:06}"))))
    });
    sandbox
}

#[test]
fn a_status_replaces_as_many_answers_as_were_named() {
    let sandbox = with_targets(1);
    sandbox.fault(
        Route::DeleteMachine,
        When::First(2),
        Fault::octopus_error(503, "Busy."),
    );
    let client = Client::of(&sandbox);
    let delete = || client.delete("/api/Spaces-1/machines/Machines-1");
    assert_eq!(delete().status, 503);
    assert_eq!(delete().json()["ErrorMessage"], "Busy.");
    assert_eq!(delete().status, 200);
    assert_eq!(client.octopus(MACHINES).status, 200);
}

#[test]
fn headers_and_pages_of_a_proxy_are_made_up() {
    let sandbox = with_targets(0);
    sandbox.fault(Route::Machines, When::Nth(1), Fault::too_many_requests(7));
    sandbox.fault(
        Route::Machines,
        When::Nth(2),
        Fault::html(502, "Bad gateway"),
    );
    sandbox.fault(
        Route::Machines,
        When::Nth(3),
        Fault::redirect("https://octopus.example/login"),
    );
    let client = Client::of(&sandbox);
    let first = client.octopus(MACHINES);
    assert_eq!(
        (first.status, first.header("Retry-After")),
        (429, Some("7"))
    );
    assert!(first.header("Date").is_some());
    let second = client.octopus(MACHINES);
    assert_eq!(
        second.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert!(second.text.contains("Bad gateway"));
    assert_eq!(
        client.octopus(MACHINES).header("Location"),
        Some("https://octopus.example/login")
    );
    sandbox.clear_faults();
    assert_eq!(client.octopus(MACHINES).status, 200);
}

#[test]
fn a_reset_does_nothing_and_a_lost_answer_does_it_silently() {
    let sandbox = with_targets(2);
    sandbox.fault(
        Route::DeleteMachine.containing("Machines-1"),
        When::First(1),
        Fault::reset(),
    );
    sandbox.fault(
        Route::DeleteMachine.containing("Machines-2"),
        When::First(1),
        Fault::lost_answer(),
    );
    let client = Client::of(&sandbox);
    let delete = |id: &str| client.try_octopus("DELETE", &format!("{MACHINES}/{id}"), "");
    assert!(delete("Machines-1").is_err());
    assert!(delete("Machines-2").is_err());
    assert_eq!(sandbox.world(|world| world.target_names()), ["web000000"]);
    assert_eq!(delete("Machines-1").unwrap().status, 200);
    assert_eq!(delete("Machines-2").unwrap().status, 404);
    let statuses: Vec<_> = sandbox
        .requests_to(Route::DeleteMachine)
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [None, None, Some(200), Some(404)]);
}

#[test]
fn bodies_break_off_in_three_ways() {
    let sandbox = with_targets(20);
    sandbox.fault(Route::Machines, When::Nth(1), Fault::truncate());
    sandbox.fault(Route::Machines, When::Nth(2), Fault::reset_halfway());
    sandbox.fault(Route::Machines, When::Nth(3), Fault::broken_json());
    let client = Client::of(&sandbox);
    assert!(client.try_octopus("GET", MACHINES, "").is_err());
    assert!(client.try_octopus("GET", MACHINES, "").is_err());
    let broken = client.octopus(MACHINES);
    assert_eq!(broken.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
    assert_eq!(client.octopus(MACHINES).ok()["TotalResults"], 20);
}

#[test]
fn the_same_holds_over_plain_http() {
    let sandbox = with_targets(20);
    for (nth, fault) in [Fault::truncate(), Fault::reset_halfway(), Fault::reset()]
        .into_iter()
        .enumerate()
    {
        sandbox.fault(Route::Machines, When::Nth(nth + 1), fault);
    }
    let client = Client::of(&sandbox);
    let url = format!("{}{MACHINES}", sandbox.octopus_http_url());
    let key = sandbox.world(|world| world.octopus.api_key.clone());
    let read = || client.send("GET", &url, &[("X-Octopus-ApiKey", key.as_str())], "");
    assert!(read().is_err());
    assert!(read().is_err());
    assert!(read().is_err());
    assert_eq!(read().unwrap().status, 200);
}

#[test]
fn a_stall_lasts_until_the_caller_gives_up() {
    let sandbox = with_targets(20);
    sandbox.fault(Route::Machines, When::Nth(1), Fault::stall());
    sandbox.fault(Route::Machines, When::Nth(2), Fault::stall_halfway());
    let ended = |number: usize| sandbox.requests_to(Route::Machines)[number].ended.is_some();
    thread::scope(|scope| {
        let calls =
            [0, 1].map(|_| scope.spawn(|| Client::of(&sandbox).try_octopus("GET", MACHINES, "")));
        let patience = Instant::now() + Duration::from_secs(15);
        while sandbox.count(Route::Machines) < 2 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(calls.iter().all(|call| !call.is_finished()));
        // Their client gives up after twenty seconds; stopping the servers is quicker.
        assert!(!ended(0));
        sandbox.stop();
        assert!(calls.into_iter().all(|call| call.join().unwrap().is_err()));
    });
}

#[test]
fn latency_adds_up_and_shows_in_flight() {
    let sandbox = with_targets(4);
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::latency(Duration::from_secs(2)),
    );
    let started = Instant::now();
    thread::scope(|scope| {
        for number in 1..=4 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                Client::of(sandbox).delete(&format!("{MACHINES}/Machines-{number}"))
            });
        }
    });
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(sandbox.peak_in_flight(Route::DeleteMachine), 4);
    assert_eq!(sandbox.peak_in_flight(Service::Azure), 0);
}

#[test]
fn an_answer_can_be_edited() {
    let sandbox = with_targets(3);
    sandbox.fault(
        Route::Machines,
        When::Nth(1),
        Fault::edit(|page| page["TotalResults"] = 4.into()),
    );
    let client = Client::of(&sandbox);
    assert_eq!(client.octopus(MACHINES).ok()["TotalResults"], 4);
    assert_eq!(client.octopus(MACHINES).ok()["TotalResults"], 3);
}

#[test]
fn a_page_can_come_twice() {
    let sandbox = with_targets(4);
    sandbox.world(|world| {
        world.scale_set("web").instances(4);
        world.azure.page_size = 2;
    });
    sandbox.fault(
        Matcher::any().later_page(),
        When::Always,
        Fault::repeat_page(),
    );
    let client = Client::of(&sandbox);
    let second = client.octopus("/api/Spaces-1/machines?skip=2&take=2").ok();
    assert_eq!(second["Items"][0]["Name"], "web000000");

    let bearer = client.bearer(&sandbox);
    let first = client
        .compute(
            &bearer,
            "web-rg",
            "virtualMachineScaleSets/web/virtualMachines",
        )
        .ok();
    let second = client
        .azure_url(&bearer, first["nextLink"].as_str().unwrap())
        .ok();
    assert_eq!(first, second);
}

#[test]
fn the_world_changes_just_before_or_just_after_a_request() {
    let sandbox = with_targets(1);
    sandbox.on(Route::Machines, 2, |world| drop(world.target("before")));
    sandbox.after(Route::Machines, 2, |world| drop(world.target("zafter")));
    let client = Client::of(&sandbox);
    let total = || {
        client.octopus(MACHINES).ok()["TotalResults"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(total(), 1);
    assert_eq!(sandbox.waiting_changes(), 2);
    assert_eq!(total(), 2);
    assert_eq!(total(), 3);
    assert_eq!(sandbox.waiting_changes(), 0);
}

#[test]
fn listings_are_counted_by_their_first_page() {
    let sandbox = with_targets(4);
    sandbox.on(Route::Machines.first_page(), 2, |world| {
        drop(world.target("new"))
    });
    let client = Client::of(&sandbox);
    let total = |skip: usize| {
        client
            .octopus(&format!("{MACHINES}?skip={skip}&take=2"))
            .ok()["TotalResults"]
            .clone()
    };
    assert_eq!([total(0), total(2), total(0), total(2)], [4, 4, 5, 5]);
}

#[test]
fn the_record_names_what_was_asked() {
    let sandbox = with_targets(1);
    let client = Client::of(&sandbox);
    client.octopus("/api/Spaces-1/machines?name=web%20one");
    client.bearer(&sandbox);
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].route, Route::Machines);
    assert_eq!(requests[0].parameter("name").as_deref(), Some("web one"));
    assert!(requests[0].header("X-Octopus-ApiKey").is_some());
    assert!(requests[0].authorization().is_none());
    assert_eq!(requests[1].route, Route::Token);
    assert_eq!(sandbox.count(Service::Octopus), 1);
    assert_eq!(sandbox.count(Matcher::any().method("POST")), 1);
    assert_eq!(sandbox.count(Matcher::any().containing("web one")), 1);
}
