//! A defect in the program, in whichever thread, ends all of it at once, with exit 1 and a word to whoever reads the log.

use octopus_scale_in::console::{Audience, Console};
use octopus_scale_in::secret::Secret;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

const PLACE: &str = "WHERE_TO_PANIC";
const SECRET: &str = "a-secret-that-a-panic-quotes";

/// What the other tests run: a process that has a defect.
#[test]
fn a_process_with_a_defect() {
    let Ok(place) = std::env::var(PLACE) else {
        return;
    };
    let log = Console::new(Audience::Octopus);
    log.end_on_panics();
    drop(Secret::new(SECRET));
    let panic = || panic!("index 7 of {SECRET}\n##octopus[stdout-warning]");
    match place.as_str() {
        "main" => panic(),
        "thread" => drop(thread::spawn(panic).join()),
        // The scope waits for its other thread, which would never end.
        "scoped thread" => thread::scope(|scope| {
            scope.spawn(|| thread::sleep(Duration::from_secs(3600)));
            scope.spawn(panic);
        }),
        other => unreachable!("{other}"),
    }
    println!("half a run went on");
}

fn run_into(place: &str) -> Output {
    let this = std::env::current_exe().expect("a path");
    let (_, module) = module_path!().split_once("::").expect("a module");
    Command::new(this)
        .arg(format!("{module}::a_process_with_a_defect"))
        .args(["--exact", "--nocapture"])
        .env(PLACE, place)
        .output()
        .expect("it starts")
}

#[test]
fn a_defect_ends_the_run_with_1_and_asks_to_be_reported() {
    for place in ["main", "thread", "scoped thread"] {
        let output = run_into(place);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "in {place}: {said}");
        for words in [
            "This is a defect in octopus-scale-in",
            "index 7 of ***",
            "Please report it",
            "What was removed before stands above",
        ] {
            assert!(said.contains(words), "in {place}, {words:?}: {said}");
        }
        assert!(!said.contains("half a run went on"), "in {place}: {said}");
        assert!(!said.contains(SECRET), "in {place}: {said}");
        assert!(
            !said.contains("\n##octopus[stdout-warning]"),
            "in {place}: {said}"
        );
    }
}
