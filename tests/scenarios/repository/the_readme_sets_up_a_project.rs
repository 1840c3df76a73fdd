//! The README's five commands bring a project from nothing to a schedule whose run removes what is gone. Where the program's words
//! have changed, `WRITE_README=1 cargo test --test scenarios the_readme_sets_up_a_project` writes the plan anew.

use crate::support::markdown::{Page, root};
use crate::support::outcome::Outcome;
use crate::support::{Run, registered};
use sandbox::{BeforeSetup, ENVIRONMENT, Kind, Sandbox, now};

const COMMANDS: &str = "the_readme_sets_up_a_project -->\n```sh\n";
const PLAN: &str = "```text\n";
const ENDS: &str = "```\n<!-- end of the plan -->";
const TEMPLATE: &str = "octopus-scale-in.json";
const RUNBOOK: &str = "Remove scaled-in targets";

/// What the README says of its world, before anybody sets it up: two of six machines were scaled in.
fn world() -> (Sandbox, BeforeSetup) {
    let sandbox = Sandbox::start();
    let before = sandbox.world(|world| {
        world.scale_set_name = "todo-web".into();
        world.roles = vec![
            "azure-todo-web-server".into(),
            "vmss-scale-set-todo-web".into(),
        ];
        let set = world.scale_set("todo-web").prefix("web");
        let machines = set.instances(6).list();
        world.register_all(&machines);
        let gone = ["web000002", "web000004"];
        drop(world.scale_set("todo-web").scale_in(&gone));
        world.check_all();
        world.before_setup()
    });
    (sandbox, before)
}

/// What a shell makes of a line: words, and texts between quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let of_part = |(at, part): (usize, &str)| -> Vec<String> {
        match at % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        }
    };
    parts.flat_map(of_part).collect()
}

/// As it is typed, with the template where it is.
fn typed(sandbox: &Sandbox, before: &BeforeSetup, arguments: &[String]) -> Outcome {
    let template = root().join("step-template").join(TEMPLATE);
    let run = Run::by_hand(sandbox).set("OCTOPUS_API_KEY", &before.administrator_key);
    let place = |word: &String| match word.as_str() {
        TEMPLATE => template.display().to_string(),
        word => word.to_owned(),
    };
    let run = arguments
        .iter()
        .fold(run, |run, word| run.argument(&place(word)));
    run.run().expect_code(0)
}

/// Types the commands one after the other; what each of them printed.
fn carried_out(sandbox: &Sandbox, before: &BeforeSetup, commands: &str) -> Vec<String> {
    let mut said = Vec::new();
    for line in commands.lines() {
        match &words(line)[..] {
            [program, arguments @ ..] if program == "octopus-scale-in" => {
                said.push(typed(sandbox, before, arguments).stdout);
            }
            // Octopus's own program, which starts a run of what is published.
            [program, ..] if program == "octopus" => sandbox.world(|world| {
                let runbook = world.id_of(Kind::Runbook, RUNBOOK).expect("it was made");
                drop(world.runbook_ran(&runbook, ENVIRONMENT, "Success", now()));
            }),
            other => panic!("{other:?} is no command that a stranger has"),
        }
    }
    said
}

#[test]
fn the_readme_sets_up_a_project() {
    let readme = Page::read("README.md").text;
    let (before, rest) = readme.split_once(COMMANDS).expect("the commands begin");
    let (commands, rest) = rest.split_once("```\n").expect("the commands end");
    let (between, rest) = rest.split_once(PLAN).expect("the plan begins");
    let (shown, after) = rest.split_once(ENDS).expect("the plan ends");
    let (sandbox, world) = world();

    let said = carried_out(&sandbox, &world, commands);

    let [_, plan, applied, live] = &said[..] else {
        panic!("check, plan, apply, live: {said:?}");
    };
    let url = sandbox.octopus_url();
    let plan = plan.replace(url.trim_end_matches('/'), "https://octopus.example.com");
    if std::env::var_os("WRITE_README").is_some() {
        let text = format!("{before}{COMMANDS}{commands}```\n{between}{PLAN}{plan}{ENDS}{after}");
        std::fs::write(root().join("README.md"), text).expect("the README is written");
        return;
    }
    assert_eq!(
        shown, plan,
        "the README shows another plan: write it anew with WRITE_README=1"
    );
    assert!(applied.contains("Next: run it dry"), "{applied}");
    assert!(live.contains("It is live."), "{live}");
    the_schedule_is_on(&sandbox, &world);
    what_is_gone_goes(&sandbox);
}

fn the_schedule_is_on(sandbox: &Sandbox, before: &BeforeSetup) {
    let name = format!("{RUNBOOK} in Production");
    let disabled = sandbox.world(|world| {
        let trigger = world.id_of(Kind::Trigger, &name);
        world.document(&trigger.expect("it was made"))["IsDisabled"] == true
    });
    assert!(!disabled, "the schedule is disabled");
    let words = ["check", "--project", "Todo", "--runbook", RUNBOOK].map(str::to_owned);
    typed(sandbox, before, &words);
}

fn what_is_gone_goes(sandbox: &Sandbox) {
    Run::in_runbook(sandbox).run().expect_code(0);
    let kept = ["web000000", "web000001", "web000003", "web000005"];
    assert_eq!(registered(sandbox), kept);
}
