//! The log in the README is the log of a run. Where the program's words have changed, `WRITE_README=1 cargo test --test
//! scenarios the_readme_shows_a_real_run` writes it anew.

use crate::support::Run;
use crate::support::markdown::{Page, root};
use sandbox::{Sandbox, minutes_ago};

const BEGINS: &str = "the_readme_shows_a_real_run -->\n```text\n";
const ENDS: &str = "```\n<!-- end of the log -->";

/// What the README says of its world: two machines scaled in, one more while a deployment is at it, and a permanent server.
fn world() -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set_name = "todo-web".into();
        world.roles = vec![
            "azure-todo-web-server".into(),
            "vmss-scale-set-todo-web".into(),
        ];
        let set = world.scale_set("todo-web").prefix("web");
        let machines = set.instances(7).list();
        world.register_all(&machines);
        drop(world.target("WEB000042").answers());
        let gone = ["web000002", "web000004", "web000005"];
        let busy = world.existing_target(gone[2]).id();
        drop(
            world
                .deployment()
                .executing_since(minutes_ago(5))
                .naming(&[&busy]),
        );
        drop(world.scale_set("todo-web").scale_in(&gone));
        world.check_all();
    });
    sandbox
}

/// What the run says to somebody who does not ask for more. Removals go side by side, in whatever order.
fn log() -> String {
    let sandbox = world();
    let run = Run::in_runbook(&sandbox).set("VMSS_CONFIRM_SECONDS", "10");
    let outcome = run.run().expect_code(0);
    let shown = outcome.lines.iter().filter(|(level, _)| level != "verbose");
    let mut lines: Vec<String> = shown
        .map(|(level, line)| match level.as_str() {
            "warning" | "error" => format!("{level}: {line}"),
            _ => line.clone(),
        })
        .collect();
    let is_removal = |line: &String| line.trim_start().starts_with("removed  ");
    let first = lines.iter().position(is_removal).unwrap_or(0);
    let count = lines.iter().filter(|line| is_removal(line)).count();
    lines[first..first + count].sort();
    // What a busy machine took until then is taken from the interval.
    for line in &mut lines {
        let again = line.strip_prefix("Looking again in ");
        if let Some((_, rest)) = again.and_then(|it| it.split_once(" s, ")) {
            *line = format!("Looking again in 10 s, {rest}");
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_readme_shows_a_real_run() {
    let readme = Page::read("README.md").text;
    let (before, rest) = readme.split_once(BEGINS).expect("the log begins");
    let (shown, after) = rest.split_once(ENDS).expect("the log ends");
    let log = log();
    if std::env::var_os("WRITE_README").is_some() {
        let text = format!("{before}{BEGINS}{log}{ENDS}{after}");
        std::fs::write(root().join("README.md"), text).expect("the README is written");
        return;
    }
    assert_eq!(
        shown, log,
        "the README shows another log than a run: write it anew with WRITE_README=1"
    );
    assert!(log.contains("Removed 2 of 3"), "{log}");
}
