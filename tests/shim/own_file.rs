//! `VMSS.Binary.Path`: a file of the user's own.

use crate::promises;
use crate::worker::{Worker, program, recorder};
use std::fs;
use std::os::unix::fs::PermissionsExt;

promises! { PROMISES:
    a_path_is_used_as_it_is,
    a_path_may_begin_in_the_working_directory,
    a_path_that_is_wrong_is_said,
    a_path_to_what_is_no_program_is_said,
}

/// A worker that may not download anything.
fn offline() -> Worker {
    Worker::recording().believing(&"0".repeat(64))
}

fn a_path_is_used_as_it_is() {
    let worker = offline();
    let file = worker.file("a 'package' [1] \"x\" $y gr\u{fc}n/-p", &recorder(5));
    // As it comes out of a zip file.
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("it has a mode");
    let worker = worker.parameter("VMSS.Binary.Path", &format!(" {} ", file.display()));
    worker.run().code(5);
    assert!(worker.server.asked().is_empty(), "it was downloaded");
}

fn a_path_may_begin_in_the_working_directory() {
    let worker = offline().parameter("VMSS.Binary.Path", "package/program");
    worker.file("work/package/program", &recorder(4));
    worker.run().code(4);
}

fn a_path_that_is_wrong_is_said() {
    let worker = offline().parameter("VMSS.Binary.Path", "/nowhere/program");
    worker
        .run()
        .not_started(&worker, &["VMSS.Binary.Path is /nowhere/program"]);
}

fn a_path_to_what_is_no_program_is_said() {
    let worker = offline().parameter("VMSS.Binary.Path", "program");
    let text = program("").split_off(2);
    worker.file("work/program", &text);
    worker
        .run()
        .not_started(&worker, &["VMSS.Binary.Path is ", "does not start: "]);
}
