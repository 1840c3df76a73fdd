//! The pages that are looked at: each of a run in the sandbox.

use crate::support::{Run, settled};
use sandbox::{Sandbox, minutes_ago};
use std::path::PathBuf;

/// A page in a folder that lives as long as it does.
pub struct Written {
    pub file: PathBuf,
    _folder: tempfile::TempDir,
}

/// Runs, and has the page written.
pub fn written(sandbox: &Sandbox) -> Written {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let run = Run::in_runbook(sandbox)
        .argument("--report")
        .argument("report.html");
    let output = run
        .command(folder.path())
        .output()
        .expect("the binary starts");
    let file = folder.path().join("report.html");
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(file.is_file(), "no page was written:\n{log}");
    Written {
        file,
        _folder: folder,
    }
}

/// Names that somebody chose to break a page with.
pub const HOSTILE: [&str; 4] = [
    "<script>document.title='owned'</script>",
    "\"><img src=https://192.0.2.1/x onerror=alert(1)>",
    "</td></table></style><base href=https://192.0.2.1/>",
    "turned\u{202e}000100bew",
];

/// The targets of [`of_everything`], in the order in which they were registered.
pub const TARGETS: [&str; 8] = [
    "web000000",
    "web000001",
    "web000002",
    "web000003",
    "web000004",
    "reporting",
    "region",
    "a-name-that-is-so-long-and-without-a-blank-that-no-window-of-a-telephone-could-ever-show-it-in-one-line",
];

/// Machines that are there, that are gone, one that has no target, and targets of every other kind.
pub fn of_everything() -> Sandbox {
    let sandbox = settled(5);
    sandbox.world(|world| {
        drop(world.scale_set("web").scale_in(&["web000001", "web000002"]));
        world.check_all();
        drop(
            world
                .existing_target("web000002")
                .scoped_variable("Project shop", "Certificate"),
        );
        drop(world.existing_target("web000003").disabled());
        drop(world.scale_set("web").instances(1));
        drop(world.target(TARGETS[5]));
        drop(world.target(TARGETS[6]).cloud_region());
        drop(world.target(TARGETS[7]));
        for name in HOSTILE {
            drop(world.target(name));
        }
    });
    sandbox
}

/// A scale set that scaled in, and what stands beside it on a usual day: a deployment that still uses a target, a variable that
/// would be lost, a permanent server under such a name, and targets that are not the scale set's.
pub fn of_a_working_day() -> Sandbox {
    let sandbox = settled(14);
    sandbox.world(|world| {
        let gone = [
            "web000003",
            "web000004",
            "web000007",
            "web000009",
            "web00000B",
        ];
        drop(world.scale_set("web").scale_in(&gone));
        world.check_all();
        let used = world.existing_target("web000007").id();
        let deployment = world.deployment().executing_since(minutes_ago(5));
        deployment.naming(&[used.as_str()]);
        let referenced = world.existing_target("web000009");
        drop(referenced.scoped_variable("Project shop", "Certificate"));
        drop(world.scale_set("web").instances(1));
        drop(world.target("WEB00000P").answers());
        drop(world.target("reporting"));
        drop(world.target("region").cloud_region());
    });
    sandbox
}

/// So many machines that are there, with their targets, and two that are gone.
pub fn large(machines: u64) -> Sandbox {
    let sandbox = settled(machines);
    sandbox.world(|world| {
        drop(world.scale_set("web").scale_in(&["web000001", "web000002"]));
        world.check_all();
    });
    sandbox
}
