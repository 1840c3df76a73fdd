//! The last chapter: from an empty project to a schedule that removes what is gone.

use super::{command, sorted, start};
use sandbox::{BeforeSetup, ENVIRONMENT, Kind, Sandbox, World};
use std::path::Path;

/// What a release has beside the program.
const TEMPLATE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../step-template/octopus-scale-in.json"
);
const RUNBOOK: &str = "Remove scaled-in targets";
/// Which scale set, account and tags: a world knows one of each.
const SETUP: [&str; 9] = [
    "setup",
    "--project",
    "Todo",
    "--environment",
    "Production",
    "--azure-account",
    "Azure subscription",
    "--template",
    TEMPLATE,
];

/// Tells it.
pub fn tell(binary: &Path) -> Result<(), String> {
    let sandbox = Sandbox::start();
    let before = sandbox.world(World::before_setup);
    let chapter = Chapter {
        binary,
        sandbox,
        before,
    };
    chapter.check(2)?;
    chapter.by_hand(&SETUP, 0)?;
    chapter.by_hand(&[&SETUP[..], &["--apply"]].concat(), 0)?;
    println!(
        "\n  Two of the three machines go. Octopus runs what is published, which is a dry run.\n"
    );
    chapter.sandbox.world(scale_in);
    chapter.published()?;
    chapter.by_hand(&[&SETUP[..], &["--go-live"]].concat(), 0)?;
    println!("\n  The schedule runs for the first time.\n");
    chapter.published()?;
    let left = chapter.sandbox.world(|world| sorted(world.target_names()));
    if left != ["web000000"] {
        return Err(format!(
            "Octopus should have the target web000000, and has {left:?}"
        ));
    }
    println!("\n  Octopus has one target, whose machine is there.\n");
    chapter.check(0)
}

struct Chapter<'a> {
    binary: &'a Path,
    sandbox: Sandbox,
    before: BeforeSetup,
}

impl Chapter<'_> {
    /// As the person types it who sets up.
    fn by_hand(&self, arguments: &[&str], expected: i32) -> Result<(), String> {
        let typed: Vec<String> = arguments.iter().map(|it| typed(it)).collect();
        println!("\n$ octopus-scale-in {}", typed.join(" "));
        ended(start(self.binary, self.environment(), arguments)?, expected)
    }

    /// What check finds, without what is as it should be.
    fn check(&self, expected: i32) -> Result<(), String> {
        println!(
            "\n$ octopus-scale-in check --project Todo --runbook \"{RUNBOOK}\" | grep -v PASS"
        );
        let arguments = ["check", "--project", "Todo", "--runbook", RUNBOOK];
        let (code, told) = self.captured(self.environment(), &arguments)?;
        for line in told.lines().filter(|line| !line.contains("PASS")) {
            println!("{line}");
        }
        ended(code, expected)
    }

    fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.sandbox.environment();
        let key = self.before.administrator_key.clone();
        environment.push(("OCTOPUS_API_KEY".into(), key));
        environment
    }

    /// Its exit code, and what it printed. What it leaves goes with the sandbox.
    fn captured(
        &self,
        environment: Vec<(String, String)>,
        arguments: &[&str],
    ) -> Result<(i32, String), String> {
        let mut command = command(self.binary, environment, arguments);
        let output = command.current_dir(self.sandbox.folder()).output();
        let output = output.map_err(|error| format!("the program did not start: {error}"))?;
        let code = output.status.code().ok_or("something ended the program")?;
        Ok((code, String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// As Octopus runs what is published, with its log as Octopus shows it at first.
    fn published(&self) -> Result<(), String> {
        let runbook = self
            .sandbox
            .world(|world| world.id_of(Kind::Runbook, RUNBOOK));
        let runbook = runbook.ok_or("setup made no runbook")?;
        let run = self.sandbox.published_run_begins(&runbook, ENVIRONMENT);
        let (code, log) = self.captured(run.environment.clone(), &[])?;
        let mut is_shown = true;
        for line in log.lines() {
            match line.strip_prefix("##octopus[") {
                Some(message) if message.starts_with("stdout-") => {
                    is_shown = !message.starts_with("stdout-verbose");
                }
                Some(_) => {}
                None if is_shown => println!("{line}"),
                None => {}
            }
        }
        self.sandbox.published_run_ends(&run, code);
        ended(code, 0)
    }
}

/// In quotes where a shell needs them, and without the folders of this repository.
fn typed(argument: &str) -> String {
    let name = argument.rsplit('/').next().unwrap_or_default();
    match name.contains(' ') {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}

fn ended(code: i32, expected: i32) -> Result<(), String> {
    match code == expected {
        true => Ok(()),
        false => Err(format!(
            "it ended with {code}, and should have with {expected}"
        )),
    }
}

fn scale_in(world: &mut World) {
    let hosts = world.scale_set("web").hosts();
    world.scale_set("web").scale_in(&hosts[1..]);
    world.check_all();
}
