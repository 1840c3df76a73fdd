//! What holds back every removal.

use crate::support::fleet::Fleet;
use crate::support::messages::{Case, Scene, case};
use crate::support::{scaled_in, settled};
use sandbox::Mode;

pub fn cases() -> Vec<Case> {
    vec![
        case("a listing is empty", || {
            let sandbox = settled(3);
            sandbox.world(|world| drop(world.scale_set("web").hide_all()));
            Scene::of(sandbox)
        }),
        case("no target matches any machine", || {
            let sandbox = settled(0);
            sandbox.world(|world| {
                drop(world.scale_set("web").instances(3).list());
                for name in ["frontend-1", "frontend-2"] {
                    world.target(name).answers();
                }
            });
            Scene::of(sandbox)
        }),
        case("machines, and no target that could be theirs", || {
            let sandbox = settled(0);
            sandbox.world(|world| drop(world.scale_set("web").instances(3).list()));
            Scene::of(sandbox)
        }),
        case("a machine answers that no listing has", || {
            let sandbox = scaled_in(4, &["web000001"]);
            sandbox.world(|world| drop(world.scale_set("web").hide("web000002")));
            Scene::of(sandbox).set("VMSS_HEALTHY_HANDLE", "Remove")
        }),
        case("two lists of a Flexible scale set differ", || {
            let fleet = Fleet::of(Mode::Flexible, 4);
            fleet.scale_in(&[1]);
            let host = fleet.host(2).to_owned();
            fleet
                .sandbox
                .world(|world| drop(world.scale_set("web").hide(&host)));
            let scene = Scene::of(fleet.sandbox).set("VMSS_HEALTHY_HANDLE", "Remove");
            fleet
                .hosts
                .iter()
                .zip(["webAAAAA1", "webAAAAA2", "webAAAAA3", "webAAAAA4"])
                .fold(scene, |scene, (host, shown)| {
                    scene.named(host.clone(), shown)
                })
        }),
        case("nothing there answers", || {
            let sandbox = scaled_in(4, &["web000001"]);
            sandbox.world(|world| {
                for name in ["web000000", "web000002", "web000003"] {
                    world.existing_target(name).dead();
                }
                world.check_all();
            });
            Scene::of(sandbox)
        }),
        case("more than the limit", || {
            Scene::of(scaled_in(4, &["web000001", "web000002"])).set("VMSS_REMOVAL_LIMIT", "1")
        }),
        case("more than the limit in a hundred", || {
            Scene::of(scaled_in(4, &["web000001", "web000002"])).set("VMSS_REMOVAL_LIMIT", "25%")
        }),
    ]
}
