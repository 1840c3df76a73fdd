//! Where the program is kept, and what happens where it cannot be.

use crate::promises;
use crate::server::Answer;
use crate::worker::{VERSION, Worker, program, recorder, triple};

promises! { PROMISES:
    the_folder_of_the_parameter_comes_first,
    without_a_tentacle_the_users_cache_serves,
    without_any_home_the_working_directory_serves,
    a_path_with_spaces_and_quotes_is_a_path,
    a_file_where_the_folder_should_be_is_no_folder,
    a_folder_without_modes_will_do,
    windows_has_an_exe_and_a_cache_of_its_own,
}

promises! { IN_NAMESPACES:
    a_folder_that_forbids_execution_is_passed_over,
    a_folder_that_came_to_forbid_execution_is_passed_over,
    a_folder_that_cannot_be_written_is_passed_over,
    a_disk_that_is_full_is_passed_over,
    a_changed_file_that_cannot_be_deleted_is_not_run_either,
    a_worker_without_any_folder_says_so,
}

fn the_folder_of_the_parameter_comes_first() {
    // Relative paths begin in the working directory.
    let worker = Worker::recording().parameter("VMSS.Cache.Folder", "../chosen ");
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
    worker.run().code(0).said("cannot keep the program");
    assert!(worker.kept_in("tentacle").is_file());
}

fn a_folder_without_modes_will_do() {
    // A share on which everything can be executed, and nothing can be changed about that.
    let script = "touch \"$2\"; /bin/chmod 755 \"$2\"; echo no modes >&2; exit 1";
    let worker = Worker::recording();
    let chmod = worker.file("bin/chmod", &program(script));
    let folder = chmod.parent().expect("a folder").display();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let step = worker.variable("PATH", &path).run().code(0);
    step.said("The mode could not be set: no modes");
}

fn windows_has_an_exe_and_a_cache_of_its_own() {
    let worker = Worker::recording().without("TentacleHome");
    let local = worker.at("local").display().to_string();
    let worker = worker.variable("LOCALAPPDATA", &local);
    let test = "[System.Environment]::OSVersion.Platform -eq 'Win32NT'";
    let script = worker.script().replace(test, "$true");
    let script = script.replacen(triple(), "x86_64-pc-windows-gnu", 1);
    let path = format!("/octopus-scale-in-{VERSION}-x86_64-pc-windows-gnu.exe");
    let file = Answer::Whole(recorder(0));
    worker.server.answers(&path, &[file]);
    let kept = format!("local/octopus-scale-in/{}.exe", worker.kept_name());

    // Nothing is executable here that was not made so, as no file needs to be on Windows.
    worker.run_script(&script).code(10);
    assert_eq!(worker.server.asked(), [path]);
    assert_eq!(std::fs::read(worker.at(&kept)).ok(), Some(recorder(0)));
    worker.file(&kept, &recorder(0));
    worker.run_script(&script).code(0).said("the program ran");
}

/// Starts PowerShell where these commands were run first, for its eyes alone.
fn mounted(worker: Worker, commands: &[&str]) -> Worker {
    let script = format!(
        "cd '{}' && {} && cd work && exec \"$0\" \"$@\"",
        worker.folder.path().display(),
        commands.join(" && ")
    );
    worker.started_by(&["unshare", "-Urm", "sh", "-c", &script])
}

fn a_folder_that_forbids_execution_is_passed_over() {
    let worker = Worker::recording();
    let worker = mounted(worker, &["mount -t tmpfs -o noexec none tentacle"]);
    let step = worker.run().code(0);
    step.said("does not let the program start");
    assert!(worker.kept_in("home/.cache").is_file());
    let asked = worker.server.asked().len();
    assert_eq!(asked, 1, "what is there was downloaded again");
}

fn a_folder_that_came_to_forbid_execution_is_passed_over() {
    let worker = Worker::recording();
    worker.run().code(0);
    let bind = "mount --bind tentacle tentacle";
    let forbid = "mount -o remount,bind,noexec tentacle";
    let worker = mounted(worker, &[bind, forbid]);
    let step = worker.run().code(0);
    step.said("does not let the program start");
    let asked = worker.server.asked().len();
    assert_eq!(asked, 1, "what is there was downloaded again");
}

fn a_folder_that_cannot_be_written_is_passed_over() {
    let worker = Worker::recording();
    let worker = mounted(worker, &["mount -t tmpfs -o ro none tentacle"]);
    for _ in 0..2 {
        worker.run().code(0).said("cannot keep the program");
    }
    assert!(worker.kept_in("home/.cache").is_file());
    let asked = worker.server.asked().len();
    assert_eq!(asked, 1, "the second run downloads again");
}

fn a_disk_that_is_full_is_passed_over() {
    let large = format!("exit 0\n# {}", "x".repeat(100_000));
    let worker = Worker::knowing(&program(&large));
    let worker = mounted(worker, &["mount -t tmpfs -o size=8k none tentacle"]);
    worker.run().code(0).said("cannot keep the program");
    assert!(worker.kept_in("home/.cache").is_file());
}

fn a_changed_file_that_cannot_be_deleted_is_not_run_either() {
    let worker = Worker::recording();
    let name = format!("tentacle/octopus-scale-in/{}", worker.kept_name());
    worker.file(&name, &recorder(3));
    let bind = "mount --bind tentacle tentacle";
    let protect = "mount -o remount,bind,ro tentacle";
    let worker = mounted(worker, &[bind, protect]);
    let saying = ["It was not run, and could not be deleted", "by hand"];
    worker.run().not_started(&worker, &saying);
}

fn a_worker_without_any_folder_says_so() {
    let commands =
        ["tentacle", "home", "work"].map(|f| format!("mount -t tmpfs -o noexec none {f}"));
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let worker = mounted(Worker::knowing(&recorder(0)), &commands);
    worker
        .run()
        .not_started(&worker, &["No folder of this worker", "VMSS.Cache.Folder"]);
}
