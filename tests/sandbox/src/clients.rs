//! The world that public clients are tried on, and what they should read in it.

use sandbox::{GROUP, GitStage, Kind, SPACE, SUBSCRIPTION, ScaleSet, Vm, World};
use serde_json::{Value, json};

/// The roles of this world, by which it is known.
const ROLE: &str = "public-clients";

/// Both orchestration modes, machines in several states, and pages so short that every listing has several.
pub fn arrange(world: &mut World) {
    world.roles = vec![ROLE.to_owned()];
    world.azure.page_size = 2;
    world.octopus.max_page_size = Some(2);
    let machines = world.scale_set("web").instances(5).list();
    world.register_all(&machines);
    world
        .scale_set("web")
        .stop("web000001")
        .fail_delete("web000003");
    let machines = world
        .scale_set("green")
        .flexible()
        .prefix("green")
        .instances(3)
        .list();
    world.register_all(&machines);
    world.scale_set("green").deallocate(&machines[1].host());
    world.lone_vm("jump-box");
    world.target("reporting").disabled();
    world.target("region").cloud_region();
    world.scale_set("old").prefix("old").scale_to_zero();
    world.guide();
    let project = world.octopus.add_project("Cloud");
    let runbook = world.octopus.add_runbook(&project, "Tidy up");
    world.publish(&runbook);
    world.convert_to_git(&project, GitStage::Runbooks);
}

/// What a client should find; `None` in every other world.
pub fn describe(world: &mut World) -> Option<String> {
    if world.roles != [ROLE] {
        return None;
    }
    let group = &world.azure.subscriptions[SUBSCRIPTION].groups[GROUP];
    let sets = group.scale_sets.values();
    let sets = sets.map(|set| scale_set(set, group.vms.values()));
    let octopus = &world.octopus;
    let targets = octopus.targets.values().map(|target| {
        json!({ "id": target.id, "name": target.name, "roles": target.roles, "disabled": target.disabled })
    });
    let named = |kind| octopus.documents.of(kind).map(named).collect::<Vec<_>>();
    let runs = octopus
        .tasks
        .values()
        .filter(|task| !task.runbook.is_empty());
    let described = json!({
        "projects": named(Kind::Project),
        "project_groups": named(Kind::ProjectGroup),
        "lifecycles": named(Kind::Lifecycle),
        "runbooks": octopus.documents.of(Kind::Runbook).map(runbook).collect::<Vec<_>>(),
        "accounts": named(Kind::Account),
        "triggers": named(Kind::Trigger),
        "templates": named(Kind::ActionTemplate),
        "variables": octopus.documents.of(Kind::VariableSet).map(set).collect::<Vec<_>>(),
        "runs": runs.map(|task| json!({ "id": task.document, "task": task.id, "state": task.state })).collect::<Vec<_>>(),
        "space": { "id": SPACE, "name": octopus.spaces[SPACE].name },
        "environments": octopus.environments.values().map(|it| json!({ "id": it.id, "name": it.name })).collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
        "scale_sets": sets.collect::<Vec<_>>(),
        "virtual_machines": group.vms.values().map(machine).collect::<Vec<_>>(),
    });
    Some(described.to_string())
}

fn named(json: &Value) -> Value {
    json!({ "id": json["Id"], "name": json["Name"] })
}

fn runbook(json: &Value) -> Value {
    json!({
        "id": json["Id"],
        "name": json["Name"],
        "slug": json["Slug"],
        "project": json["ProjectId"],
        "process": json["RunbookProcessId"],
        "published": json["PublishedRunbookSnapshotId"],
    })
}

fn set(json: &Value) -> Value {
    let all = json["Variables"].as_array().into_iter().flatten();
    json!({ "id": json["Id"], "names": all.map(|it| it["Name"].clone()).collect::<Vec<_>>() })
}

fn scale_set<'a>(set: &'a ScaleSet, vms: impl Iterator<Item = &'a Vm>) -> Value {
    let own = vms.filter(|vm| vm.scale_set.as_ref() == Some(&set.name));
    json!({
        "name": set.name,
        "mode": format!("{:?}", set.mode),
        "capacity": set.capacity,
        "prefix": set.prefix,
        "state": set.state,
        "instances": set.instances.values().chain(own).map(machine).collect::<Vec<_>>(),
    })
}

fn machine(vm: &Vm) -> Value {
    json!({
        "name": vm.name,
        "instance_id": vm.instance_id,
        "computer_name": vm.computer_name,
        "state": vm.state,
        "power": vm.power,
        "scale_set": vm.scale_set,
    })
}
