//! What is downloaded, when, and what is believed of it.

use crate::promises;
use crate::server::Answer;
use crate::worker::{Worker, file_name, recorder};

promises! { PROMISES:
    the_first_run_downloads_and_the_second_does_not,
    a_mirror_is_asked_instead_of_the_release,
    a_mirror_that_is_no_address_is_said,
    what_has_another_hash_is_neither_kept_nor_run,
    a_web_page_in_place_of_the_file_is_called_one,
    half_a_file_is_neither_kept_nor_run,
    what_is_not_there_is_said_with_the_way_out,
    a_server_that_stumbles_is_asked_again,
    a_server_that_is_too_slow_is_given_up,
    a_server_that_trickles_is_given_up,
    a_server_that_is_not_there_is_said,
    a_killed_download_leaves_nothing_that_is_trusted,
}

/// What a worker asks its release for.
pub fn path() -> String {
    format!("/{}", file_name())
}

fn the_first_run_downloads_and_the_second_does_not() {
    let worker = Worker::recording();
    let first = worker.run().code(0).said("the program ran");
    first.said("its SHA-256 is the one");
    let second = worker.run().code(0);
    assert_eq!(second.stdout.trim(), "the program ran");
    assert_eq!(worker.server.asked(), [path()]);
    assert!(worker.kept_in("tentacle").is_file());
}

fn a_mirror_is_asked_instead_of_the_release() {
    let worker = Worker::recording();
    let mirror = Worker::recording();
    let base = format!("{}/mirror/?sig=A%2FSIGNATURE", mirror.server.url());
    let path = format!("/mirror{}?sig=A%2FSIGNATURE", path());
    mirror.server.answers(&path, &[Answer::Whole(recorder(0))]);

    let worker = worker.parameter("VMSS.Download.BaseUrl", &base);
    let step = worker.run().code(0);

    assert_eq!(mirror.server.asked(), [path]);
    assert!(worker.server.asked().is_empty(), "the release was asked");
    assert!(!step.stdout.contains("SIGNATURE"), "{}", step.stdout);
}

fn a_mirror_that_is_no_address_is_said() {
    let worker = Worker::recording().parameter("VMSS.Download.BaseUrl", "files\\releases");
    worker
        .run()
        .not_started(&worker, &["VMSS.Download.BaseUrl is no address"]);
}

fn what_has_another_hash_is_neither_kept_nor_run() {
    let worker = Worker::recording().believing(&"0".repeat(64));
    worker
        .run()
        .not_started(&worker, &["It was not kept and not run", &"0".repeat(64)]);
    assert!(!worker.kept_in("tentacle").exists());
}

fn a_web_page_in_place_of_the_file_is_called_one() {
    let page = Answer::Whole(b"\r\n<!DOCTYPE html><title>Sign in</title>".to_vec());
    let worker = Worker::recording().answered(&[page]);
    worker
        .run()
        .not_started(&worker, &["It was not kept and not run", "a web page"]);
}

fn half_a_file_is_neither_kept_nor_run() {
    let answers = [Answer::Half(recorder(0)), Answer::Status(404)];
    let worker = Worker::recording().answered(&answers);
    worker
        .run()
        .not_started(&worker, &["Could not download", &file_name()]);
    assert!(!worker.kept_in("tentacle").exists());
}

fn what_is_not_there_is_said_with_the_way_out() {
    let worker = Worker::recording().answered(&[Answer::Status(404)]);
    let address = format!("{}{}", worker.server.url(), path());
    let saying = [
        &address,
        "the server answered 404",
        "VMSS.Download.BaseUrl",
        "VMSS.Binary.Path",
    ];
    worker.run().not_started(&worker, &saying);
    let asked = worker.server.asked().len();
    assert_eq!(asked, 1, "asking again would not have helped");
}

fn a_server_that_stumbles_is_asked_again() {
    let worker = Worker::recording().answered(&[
        Answer::Status(503),
        Answer::Half(recorder(0)),
        Answer::Whole(recorder(0)),
    ]);
    worker.run().code(0).said("the server answered 503. Trying");
    assert_eq!(worker.server.asked().len(), 3);
}

fn a_server_that_is_too_slow_is_given_up() {
    given_up(Answer::Slow);
}

fn a_server_that_trickles_is_given_up() {
    given_up(Answer::Trickle);
}

fn given_up(answer: Answer) {
    let worker = Worker::recording().patient_for(1).answered(&[answer]);
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

fn a_killed_download_leaves_nothing_that_is_trusted() {
    let answers = [Answer::Slow, Answer::Whole(recorder(0))];
    let worker = Worker::recording().answered(&answers);
    let mut running = worker.start();
    while worker.server.asked().is_empty() {
        assert!(running.is_running(), "it ended before it asked");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.kill();
    assert!(!worker.kept_in("tentacle").exists());
    worker.run().code(0);
    assert!(worker.has_run());
}
