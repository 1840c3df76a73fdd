//! The kept program: believed only after a look, and shared by runs at once.

use crate::promises;
use crate::worker::{Step, Worker, program, recorder};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

promises! { PROMISES:
    a_kept_file_that_was_changed_is_deleted_and_not_run,
    a_changed_file_fails_the_step_although_another_folder_has_it_right,
    first_runs_at_once_do_not_disturb_each_other,
    runs_at_once_that_find_a_changed_file_never_start_it,
    what_killed_downloads_left_is_cleared_away,
    another_build_of_the_same_version_is_another_file,
    what_the_next_folder_keeps_is_not_downloaded_again,
    nobody_else_may_write_where_it_is_kept,
}

/// Not the program of the release.
fn stolen() -> Vec<u8> {
    program("echo stolen >\"$RECORD\"")
}

fn a_kept_file_that_was_changed_is_deleted_and_not_run() {
    let worker = Worker::recording();
    let kept = worker.kept_in("tentacle");
    worker.run().code(0);
    fs::remove_file(worker.at("record")).expect("it ran");
    fs::write(&kept, stolen()).expect("it can be changed");

    let saying = ["It was deleted and not run", worker.hash()];
    worker.run().not_started(&worker, &saying);
    assert!(!kept.exists());

    worker.run().code(0);
    assert!(worker.has_run(), "the next run downloads it anew");
}

fn a_changed_file_fails_the_step_although_another_folder_has_it_right() {
    let worker = Worker::recording();
    let name = format!("octopus-scale-in/{}", worker.kept_name());
    worker.file(&format!("home/.cache/{name}"), &recorder(0));
    let changed = worker.file(&format!("tentacle/{name}"), &stolen());
    worker
        .run()
        .not_started(&worker, &["It was deleted and not run"]);
    assert!(!changed.exists());
    assert!(worker.kept_in("home/.cache").exists());
}

fn first_runs_at_once_do_not_disturb_each_other() {
    let worker = Worker::recording();
    let runs: Vec<_> = (0..3).map(|_| worker.start()).collect();
    for run in runs {
        run.end().code(0);
    }
    let kept = worker.kept_in("tentacle");
    let folder = kept.parent().expect("a folder");
    let files = fs::read_dir(folder).expect("it is there").flatten();
    let names: Vec<_> = files.map(|file| file.file_name()).collect();
    assert_eq!(names, [kept.file_name().expect("a name")]);
}

fn runs_at_once_that_find_a_changed_file_never_start_it() {
    let worker = Worker::recording();
    let name = format!("tentacle/octopus-scale-in/{}", worker.kept_name());
    worker.file(&name, &stolen());
    let runs: Vec<_> = (0..3).map(|_| worker.start()).collect();
    let steps: Vec<Step> = runs.into_iter().map(super::worker::Running::end).collect();
    // Who comes after the deletion has a good file.
    assert!(steps.iter().any(|step| step.code == 10), "{steps:?}");
    assert!(
        steps.iter().all(|step| [0, 10].contains(&step.code)),
        "{steps:?}"
    );
    worker.run().code(0);
    let record = fs::read_to_string(worker.at("record")).expect("it ran");
    assert!(!record.contains("stolen"), "it was started");
}

fn what_killed_downloads_left_is_cleared_away() {
    let worker = Worker::recording();
    let kept = worker.kept_in("tentacle");
    let folder = kept.parent().expect("a folder");
    let old = worker.file("tentacle/octopus-scale-in/octopus-scale-in-1.part", b"half");
    let name = format!("{}.1.part", worker.kept_name());
    let new = worker.file(&format!("tentacle/octopus-scale-in/{name}"), &stolen());
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    let file = fs::File::options().write(true).open(&old);
    let file = file.expect("it is there");
    file.set_modified(long_ago).expect("files have times");

    worker.run().code(0).said("the program ran");

    assert!(!old.exists(), "it stays in {folder:?} for ever");
    assert!(new.exists(), "another run may be writing it");
}

fn another_build_of_the_same_version_is_another_file() {
    let worker = Worker::recording();
    worker.run().code(0);
    let other = Worker::knowing(&recorder(4));
    let tentacle = worker.at("tentacle").display().to_string();
    other.variable("TentacleHome", &tentacle).run().code(4);
    worker.run().code(0);
}

fn what_the_next_folder_keeps_is_not_downloaded_again() {
    let worker = Worker::recording();
    let name = format!("octopus-scale-in/{}", worker.kept_name());
    worker.file(&format!("home/.cache/{name}"), &recorder(0));
    worker.run().code(0);
    assert!(
        worker.kept_in("tentacle").exists(),
        "the best folder has it"
    );
    assert!(worker.server.asked().is_empty(), "it was downloaded");
}

fn nobody_else_may_write_where_it_is_kept() {
    // A worker whose files are everybody's.
    let careless = ["sh", "-c", "umask 000 && exec \"$0\" \"$@\""];
    let worker = Worker::recording().started_by(&careless);
    worker.run().code(0);
    let kept = worker.kept_in("tentacle");
    for path in [kept.as_path(), kept.parent().expect("a folder")] {
        let mode = fs::metadata(path).expect("it is there").permissions();
        let mode = mode.mode() & 0o777;
        assert_eq!(mode, 0o755, "{path:?} has {mode:o}");
    }
}
