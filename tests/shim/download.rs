//! What is downloaded, when, and what is believed of it.

use crate::promises;
use crate::server::Answer;
use crate::worker::{Worker, file_name, recorder};
use std::fs;

promises! { PROMISES:
    the_first_run_downloads_and_the_second_does_not,
    a_mirror_is_asked_instead_of_the_release,
    a_redirect_of_the_release_is_followed,
    what_has_another_hash_is_neither_kept_nor_run,
    half_a_file_is_neither_kept_nor_run,
    what_is_not_there_is_said_with_the_way_out,
    a_server_that_stumbles_is_asked_again,
    a_server_that_is_too_slow_is_given_up,
    a_server_that_is_not_there_is_said,
    a_kept_file_that_was_changed_is_deleted_and_not_run,
    two_first_runs_at_once_do_not_disturb_each_other,
    a_killed_download_leaves_nothing_that_is_trusted,
    what_killed_downloads_left_is_cleared_away,
    another_build_of_the_same_version_is_another_file,
    a_path_is_used_as_it_is,
    a_path_that_is_wrong_is_said,
}

fn path() -> String {
    format!("/{}", file_name())
}

fn the_first_run_downloads_and_the_second_does_not() {
    let worker = Worker::recording();
    let first = worker.run().code(0);
    assert!(
        first.stdout.contains("its SHA-256 is the one"),
        "{}",
        first.stdout
    );
    assert!(first.stdout.contains("the program ran"), "{}", first.stdout);
    let second = worker.run().code(0);
    assert_eq!(second.stdout.trim(), "the program ran");
    assert_eq!(worker.server.asked(), [path()]);
    assert!(worker.kept_in("tentacle").is_file());
}

fn a_mirror_is_asked_instead_of_the_release() {
    let worker = Worker::recording();
    let mirror = Worker::recording();
    let base = format!("{}/mirror/", mirror.server.url());
    let path = format!("/mirror{}", path());
    mirror.server.answers(&path, &[Answer::Whole(recorder(0))]);

    worker
        .parameter("VMSS.Download.BaseUrl", &base)
        .run()
        .code(0);

    assert_eq!(mirror.server.asked(), [path]);
}

fn a_redirect_of_the_release_is_followed() {
    let worker = Worker::recording();
    let there = format!("{}/elsewhere", worker.server.url());
    worker.server.answers(&path(), &[Answer::Redirect(there)]);
    worker
        .server
        .answers("/elsewhere", &[Answer::Whole(recorder(0))]);
    worker.run().code(0);
    assert!(worker.has_run());
}

fn what_has_another_hash_is_neither_kept_nor_run() {
    let worker = Worker::recording().believing(&"0".repeat(64));
    worker
        .run()
        .not_started(&worker, &["It was not kept and not run", &"0".repeat(64)]);
    assert!(!worker.kept_in("tentacle").exists());
}

fn half_a_file_is_neither_kept_nor_run() {
    let worker = Worker::recording();
    worker.server.answers(&path(), &[Answer::Half(recorder(0))]);
    worker
        .run()
        .not_started(&worker, &["Could not download", &file_name()]);
    assert!(!worker.kept_in("tentacle").exists());
}

fn what_is_not_there_is_said_with_the_way_out() {
    for status in [404, 403] {
        let worker = Worker::recording();
        worker.server.answers(&path(), &[Answer::Status(status)]);
        let address = format!("{}{}", worker.server.url(), path());
        let answered = format!("the server answered {status}");
        worker.run().not_started(
            &worker,
            &[
                &address,
                &answered,
                "VMSS.Download.BaseUrl",
                "VMSS.Binary.Path",
            ],
        );
        assert_eq!(
            worker.server.asked().len(),
            1,
            "asking again would not have helped"
        );
    }
}

fn a_server_that_stumbles_is_asked_again() {
    let worker = Worker::recording();
    let answers = [
        Answer::Status(503),
        Answer::Half(recorder(0)),
        Answer::Whole(recorder(0)),
    ];
    worker.server.answers(&path(), &answers);
    worker.run().code(0);
    assert_eq!(worker.server.asked().len(), 3);
}

fn a_server_that_is_too_slow_is_given_up() {
    let worker = Worker::recording().patient_for(1);
    worker.server.answers(&path(), &[Answer::Slow]);
    worker
        .run()
        .not_started(&worker, &["it took longer than 1 seconds"]);
}

fn a_server_that_is_not_there_is_said() {
    let worker = Worker::recording().parameter("VMSS.Download.BaseUrl", "http://127.0.0.1:9");
    worker
        .run()
        .not_started(&worker, &["Could not download http://127.0.0.1:9/"]);
}

fn a_kept_file_that_was_changed_is_deleted_and_not_run() {
    let worker = Worker::recording();
    worker.run().code(0);
    fs::remove_file(worker.at("record")).expect("it ran");
    let kept = worker.kept_in("tentacle");
    fs::write(&kept, "#!/bin/sh\necho stolen\n").expect("it can be changed");

    let step = worker.run();
    assert!(!step.stdout.contains("stolen"));
    step.not_started(&worker, &["It was deleted and not run", worker.hash()]);
    assert!(!kept.exists());

    worker.run().code(0);
    assert!(worker.has_run(), "the next run downloads it anew");
}

fn two_first_runs_at_once_do_not_disturb_each_other() {
    let worker = Worker::recording();
    let runs: Vec<_> = (0..4).map(|_| worker.start()).collect();
    for run in runs {
        run.end().code(0);
    }
    let kept = worker.kept_in("tentacle");
    let folder = kept.parent().expect("a folder");
    let files: Vec<_> = fs::read_dir(folder)
        .expect("it is there")
        .flatten()
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

fn a_killed_download_leaves_nothing_that_is_trusted() {
    let worker = Worker::recording();
    worker
        .server
        .answers(&path(), &[Answer::Slow, Answer::Whole(recorder(0))]);
    let mut running = worker.start();
    while worker.server.asked().is_empty() {
        assert!(
            running.is_running(),
            "it ended before it asked for anything"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.kill();
    assert!(!worker.kept_in("tentacle").exists());
    worker.run().code(0);
    assert!(worker.has_run());
}

fn what_killed_downloads_left_is_cleared_away() {
    let worker = Worker::recording();
    let kept = worker.kept_in("tentacle");
    let folder = kept.parent().expect("a folder");
    fs::create_dir_all(folder).expect("a folder");
    let (old, new) = (
        folder.join("octopus-scale-in-1.part"),
        folder.join("octopus-scale-in-2.part"),
    );
    for file in [&old, &new] {
        fs::write(file, "half").expect("a file");
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 3600);
    let file = fs::File::options()
        .write(true)
        .open(&old)
        .expect("it is there");
    file.set_modified(long_ago).expect("files have times");

    worker.run().code(0);

    assert!(!old.exists(), "it stays for ever");
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

fn a_path_is_used_as_it_is() {
    let worker = Worker::recording().believing(&"0".repeat(64));
    let program = worker.at("work").join("my own 'program'");
    fs::write(&program, recorder(5)).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).expect("it can run");

    let path = program.display().to_string();
    let worker = worker.parameter("VMSS.Binary.Path", &path);
    worker.run().code(5);

    assert!(
        worker.server.asked().is_empty(),
        "{:?}",
        worker.server.asked()
    );
}

fn a_path_that_is_wrong_is_said() {
    let worker = Worker::recording().parameter("VMSS.Binary.Path", "/nowhere/program");
    worker
        .run()
        .not_started(&worker, &["VMSS.Binary.Path is /nowhere/program"]);
}
