//! What tests of the program may rely on about Azure: scale sets, instances, pages, lies.

use crate::client::Client;
use sandbox::Sandbox;
use std::collections::BTreeSet;

fn names(rows: &[serde_json::Value]) -> Vec<String> {
    let names = rows.iter().map(|row| row["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[test]
fn a_uniform_scale_set_and_its_instances_are_read() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").instances(3);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);

    let set = client
        .compute(&bearer, "web-rg", "virtualMachineScaleSets/WEB")
        .ok();
    assert_eq!(set["sku"]["capacity"], 3);
    assert_eq!(
        set["properties"]["virtualMachineProfile"]["osProfile"]["computerNamePrefix"],
        "web"
    );

    let page = client
        .compute(
            &bearer,
            "web-rg",
            "virtualMachineScaleSets/web/virtualMachines",
        )
        .ok();
    let last = &page["value"][2];
    assert_eq!(last["instanceId"], "2");
    assert_eq!(last["name"], "web_2");
    assert_eq!(last["properties"]["osProfile"]["computerName"], "web000002");
    assert!(
        last["id"]
            .as_str()
            .unwrap()
            .contains("/resourceGroups/WEB-RG/")
    );
    assert!(last["properties"].get("instanceView").is_none());
    assert!(page.get("nextLink").is_none());
}

#[test]
fn pages_follow_next_link_and_may_be_empty() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").instances(7);
        world.azure.page_size = 3;
        world.azure.empty_pages = true;
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let first = client.compute(
        &bearer,
        "web-rg",
        "virtualMachineScaleSets/web/virtualMachines",
    );
    let (rows, pages) = client.all_pages(&bearer, first);
    assert_eq!(pages, 6);
    assert_eq!(names(&rows).into_iter().collect::<BTreeSet<_>>().len(), 7);
}

#[test]
fn a_flexible_scale_set_has_ids_of_its_own_and_names_in_the_group() {
    let sandbox = Sandbox::start();
    let (id, mut hosts) = sandbox.world(|world| {
        world.lone_vm("jumpbox");
        let mut web = world.scale_set("web").flexible().prefix("web").instances(2);
        (web.id(), web.hosts())
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);

    let own = client
        .compute(
            &bearer,
            "web-rg",
            "virtualMachineScaleSets/web/virtualMachines",
        )
        .ok();
    assert_eq!(own["value"].as_array().unwrap().len(), 2);
    assert!(own["value"][0].get("properties").is_none());

    let group = client.compute(&bearer, "web-rg", "virtualMachines").ok();
    assert_eq!(group["value"].as_array().unwrap().len(), 3);

    let filter = format!("%27virtualMachineScaleSet/id%27%20eq%20%27{id}%27");
    let filtered = client
        .compute(
            &bearer,
            "web-rg",
            &format!("virtualMachines?$filter={filter}&$expand=instanceView"),
        )
        .ok();
    let rows = filtered["value"].as_array().unwrap();
    let mut seen: Vec<_> = rows
        .iter()
        .map(|row| {
            row["properties"]["osProfile"]["computerName"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    seen.sort();
    hosts.sort();
    assert_eq!(seen, hosts);
    assert_eq!(
        rows[0]["properties"]["instanceView"]["statuses"][1]["code"],
        "PowerState/running"
    );
}

#[test]
fn a_detached_machine_stays_in_the_group() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let mut web = world.scale_set("web").flexible().instances(2);
        let first = web.hosts().remove(0);
        web.detach(&first);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let own = client
        .compute(
            &bearer,
            "web-rg",
            "virtualMachineScaleSets/web/virtualMachines",
        )
        .ok();
    assert_eq!(own["value"].as_array().unwrap().len(), 1);
    let group = client.compute(&bearer, "web-rg", "virtualMachines").ok();
    let rows = group["value"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows.iter()
            .filter(|row| row["properties"].get("virtualMachineScaleSet").is_some())
            .count(),
        1
    );
}

#[test]
fn a_listing_may_lie_where_the_point_read_does_not() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let mut web = world.scale_set("web").instances(3);
        let gone = web.vm("web000002");
        web.hide("web000001").scale_in(&["web000002"]).ghost(&gone);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let listed = client
        .compute(
            &bearer,
            "web-rg",
            "virtualMachineScaleSets/web/virtualMachines",
        )
        .ok();
    assert_eq!(
        names(listed["value"].as_array().unwrap()),
        ["web_0", "web_2"]
    );
    let point = |id: &str| {
        client.compute(
            &bearer,
            "web-rg",
            &format!("virtualMachineScaleSets/web/virtualMachines/{id}"),
        )
    };
    assert_eq!(point("1").status, 200);
    let gone = point("2");
    assert_eq!(gone.status, 404);
    assert_eq!(gone.json()["error"]["code"], "NotFound");
}

#[test]
fn a_frozen_listing_shows_the_past() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world
            .scale_set("web")
            .instances(2)
            .freeze_listing()
            .scale_in(&["web000000"])
            .scale_out(1);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let list = || {
        let page = client
            .compute(
                &bearer,
                "web-rg",
                "virtualMachineScaleSets/web/virtualMachines",
            )
            .ok();
        names(page["value"].as_array().unwrap())
    };
    assert_eq!(list(), ["web_0", "web_1"]);
    sandbox.world(|world| {
        world.scale_set("web").thaw_listing();
    });
    assert_eq!(list(), ["web_1", "web_2"]);
}

#[test]
fn a_scale_out_overprovisions_and_settles() {
    let sandbox = Sandbox::start();
    let (during, after) = sandbox.world(|world| {
        let during = world
            .scale_set("web")
            .instances(1)
            .begin_scale_out(2, 1)
            .list();
        let after = world.scale_set("web").finish_scale_out().list();
        (during, after)
    });
    assert_eq!(
        during
            .iter()
            .filter(|machine| machine.state == "Creating")
            .count(),
        3
    );
    assert_eq!(after.len(), 3);
    assert!(after.iter().all(|machine| machine.state == "Succeeded"));
}
