//! Where the program is kept, and what happens where it cannot be.

use crate::promises;
use crate::worker::{Worker, recorder};

promises! { PROMISES:
    the_folder_of_the_parameter_comes_first,
    without_a_tentacle_the_users_cache_serves,
    without_any_home_the_working_directory_serves,
    a_path_with_spaces_and_quotes_is_a_path,
    a_file_where_the_folder_should_be_is_no_folder,
}

promises! { IN_NAMESPACES:
    a_folder_that_forbids_execution_is_passed_over,
    a_folder_that_cannot_be_written_is_passed_over,
    a_worker_without_any_folder_says_so,
}

fn the_folder_of_the_parameter_comes_first() {
    let worker = Worker::recording();
    let folder = worker.at("chosen").display().to_string();
    let worker = worker.parameter("VMSS.Cache.Folder", &folder);
    worker.run().code(0);
    assert!(worker.kept_in("chosen").is_file());
    assert!(!worker.kept_in("tentacle").exists());
}

fn without_a_tentacle_the_users_cache_serves() {
    let worker = Worker::recording().without("TentacleHome");
    worker.run().code(0);
    assert!(worker.kept_in("home/.cache").is_file());
    let worker = Worker::recording().without("TentacleHome");
    let cache = worker.at("xdg").display().to_string();
    let worker = worker.variable("XDG_CACHE_HOME", &cache);
    worker.run().code(0);
    assert!(worker.kept_in("xdg").is_file());
}

fn without_any_home_the_working_directory_serves() {
    let worker = Worker::recording().without("TentacleHome").without("HOME");
    worker.run().code(0);
    let kept = worker.kept_in("work");
    let here = worker.at("work").join(kept.file_name().expect("a name"));
    assert!(here.is_file());
    worker.run().code(0);
}

fn a_path_with_spaces_and_quotes_is_a_path() {
    let worker = Worker::recording();
    let folder = worker
        .at("it's a \"folder\" [1] $x gr\u{fc}n")
        .display()
        .to_string();
    let worker = worker.parameter("VMSS.Cache.Folder", &folder);
    worker.run().code(0);
    worker.run().code(0);
    assert_eq!(worker.server.asked().len(), 1);
}

fn a_file_where_the_folder_should_be_is_no_folder() {
    let worker = Worker::recording();
    std::fs::write(worker.at("file"), "").expect("a file");
    let file = worker.at("file").display().to_string();
    let worker = worker.parameter("VMSS.Cache.Folder", &file);
    let step = worker.run().code(0);
    assert!(
        step.stdout.contains("cannot keep the program"),
        "{}",
        step.stdout
    );
    assert!(worker.kept_in("tentacle").is_file());
}

/// Starts PowerShell where these folders are mounted so.
fn mounted(worker: Worker, folders: &[&str], options: &str) -> Worker {
    let mounts: Vec<String> = folders
        .iter()
        .map(|folder| {
            let folder = worker.at(folder).display().to_string();
            format!("mount -t tmpfs -o {options} none '{folder}'")
        })
        .collect();
    let script = format!("{} && exec \"$0\" \"$@\"", mounts.join(" && "));
    worker.started_by(&["unshare", "-Urm", "sh", "-c", &script])
}

fn a_folder_that_forbids_execution_is_passed_over() {
    let worker = mounted(Worker::recording(), &["tentacle"], "noexec");
    let step = worker.run().code(0);
    assert!(
        step.stdout.contains("does not let the program start"),
        "{}",
        step.stdout
    );
    assert!(worker.kept_in("home/.cache").is_file());
    assert_eq!(
        worker.server.asked().len(),
        1,
        "what was downloaded is not downloaded again"
    );
}

fn a_folder_that_cannot_be_written_is_passed_over() {
    let worker = mounted(Worker::recording(), &["tentacle"], "ro");
    let step = worker.run().code(0);
    assert!(
        step.stdout.contains("cannot keep the program"),
        "{}",
        step.stdout
    );
    assert!(worker.kept_in("home/.cache").is_file());
}

fn a_worker_without_any_folder_says_so() {
    let worker = Worker::knowing(&recorder(0));
    let worker = mounted(worker, &["tentacle", "home", "work"], "noexec");
    worker
        .run()
        .not_started(&worker, &["No folder of this worker", "VMSS.Cache.Folder"]);
}
