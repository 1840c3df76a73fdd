//! A short story on the terminal: the life of a scale set, with the real binary at every turn.

mod setting_up;

use sandbox::{Route, Sandbox, Vm, World, minutes_ago};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The machines that are left after the scale-in.
const SURVIVORS: usize = 8;

/// The scale set beside it, and how many machines that has.
const NEIGHBOUR: &str = "blue/web-blue";
const NEIGHBOURS: u64 = 3;

/// A server of somebody else, of a name that the scale set could give.
const PERMANENT: &str = "WEB000099";

/// Tells the story.
///
/// # Errors
/// Why the story could not be told, or what came out differently from what it says.
pub fn tell() -> Result<(), String> {
    let story = Story {
        binary: binary()?,
        sandbox: Sandbox::start(),
    };
    println!(
        "A scale set 'web' behind Octopus Deploy, on loopback. Beside it a neighbour: scale set 'blue/web-blue',"
    );
    println!(
        "whose machines carry the same roles and even the same computer name prefix; and a permanent server, {PERMANENT},"
    );
    println!("whose name is one that 'web' could give. Theirs must never be touched.");
    story.sandbox.world(set_the_scene);

    story.chapter("1. Five machines, all registered. There is nothing to do: what Octopus reaches stays, whatever its name.");
    story.run(&[])?;
    story.expect(&story.machines())?;

    story.chapter("2. It scales out to 25. Azure makes 27 to be quick, all of them register, then it takes 2 away again.");
    story.sandbox.world(scale_out);
    // The run finds the scale set in the middle of it, and waits; at its third look Azure has settled.
    story.sandbox.on(Route::ScaleSet, 3, |world| {
        drop(world.scale_set("web").finish_scale_out())
    });
    story.run(&[])?;
    story.expect(&story.machines())?;

    story.chapter(
        "3. It scales in to 8: 17 machines are gone. First a dry run, which changes nothing.",
    );
    let before = story.registered();
    story.sandbox.world(scale_in);
    story.run(&["--dry-run"])?;
    story.expect(&before)?;

    story.chapter("4. The same for real.");
    story.run(&[])?;
    story.expect(&story.machines())?;

    story.chapter("5. Once more, as a schedule would. There is nothing to do.");
    story.run(&[])?;
    story.expect(&story.machines())?;

    story.chapter(
        "6. A deployment goes to all 8, and one of them is scaled in under it. The deployment hangs, and asks people what to do.",
    );
    let before = story.registered();
    let task = story.sandbox.world(hang_a_deployment);
    story.run_with(&[("VMSS_GUIDEDFAILURE_HANDLE", "Exclude")], &[])?;
    story.expect(&before)?;
    story.expect_exclusion()?;

    story.chapter("7. The deployment went on without that machine, and is over. The next run removes its target.");
    story.sandbox.world(|world| {
        let ended = world.octopus.now();
        drop(world.task(&task).ended("Success", ended));
    });
    story.run(&[])?;
    story.expect(&story.machines())?;

    story.chapter("8. All of this by itself, from a project in which nothing is set up yet.");
    setting_up::tell(&story.binary)
}

struct Story {
    binary: PathBuf,
    sandbox: Sandbox,
}

impl Story {
    fn chapter(&self, title: &str) {
        println!("\n{title}\n");
    }

    /// Runs the real binary; what it says goes straight to the terminal.
    fn run(&self, arguments: &[&str]) -> Result<(), String> {
        self.run_with(&[], arguments)
    }

    /// The same, with these parameters.
    fn run_with(&self, parameters: &[(&str, &str)], arguments: &[&str]) -> Result<(), String> {
        let set: String = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value} "))
            .collect();
        println!("$ {set}octopus-scale-in {}", arguments.join(" "));
        let mut environment = self.sandbox.environment();
        let parameters = parameters.iter();
        environment.extend(parameters.map(|(name, value)| ((*name).into(), (*value).into())));
        match start(&self.binary, environment, arguments)? {
            0 => Ok(()),
            code => Err(format!("the run ended with the exit code {code}")),
        }
    }

    /// The names of all machines that exist, the neighbour's too.
    fn machines(&self) -> Vec<String> {
        self.sandbox.world(|world| {
            sorted(
                [
                    world.scale_set("web").hosts(),
                    world.scale_set(NEIGHBOUR).hosts(),
                    vec![PERMANENT.to_owned()],
                ]
                .concat(),
            )
        })
    }

    fn registered(&self) -> Vec<String> {
        self.sandbox.world(|world| sorted(world.target_names()))
    }

    /// Octopus has exactly these targets.
    fn expect(&self, expected: &[String]) -> Result<(), String> {
        let registered = self.registered();
        println!(
            "\n  Octopus now has {} targets, {NEIGHBOURS} of them the neighbour's, and one the permanent server's.",
            registered.len()
        );
        if registered == expected {
            Ok(())
        } else {
            Err(format!(
                "Octopus should have the targets {expected:?}, and has {registered:?}"
            ))
        }
    }

    /// The deployment that asked what to do was told to go on without the machine.
    fn expect_exclusion(&self) -> Result<(), String> {
        let answers: Vec<Option<String>> = self.sandbox.world(|world| {
            let all = world.octopus.interruptions.values();
            all.map(|interruption| interruption.guidance.clone())
                .collect()
        });
        if answers == [Some("Exclude".to_owned())] {
            println!("  The deployment was told to go on without it.");
            Ok(())
        } else {
            Err(format!(
                "the deployment should have been told to exclude the machine, and was told {answers:?}"
            ))
        }
    }
}

/// Runs the real binary with short waits to its end; what it says goes straight to the terminal.
fn start(
    binary: &Path,
    environment: Vec<(String, String)>,
    arguments: &[&str],
) -> Result<i32, String> {
    let status = command(binary, environment, arguments)
        .status()
        .map_err(|error| format!("{} did not start: {error}", binary.display()))?;
    status
        .code()
        .ok_or_else(|| format!("the run ended with {status}"))
}

fn command(binary: &Path, environment: Vec<(String, String)>, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs(environment)
        .envs([
            ("VMSS_CONFIRM_SECONDS", "0.5"),
            ("VMSS_POLL_SECONDS", "0.5"),
        ])
        .args(arguments);
    command
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn set_the_scene(world: &mut World) {
    let machines = world.scale_set("web").instances(5).list();
    world.register_all(&machines);
    // Numbers that 'web' will not reach: two machines of one name would be somebody's real problem.
    let neighbours = world
        .scale_set(NEIGHBOUR)
        .edit(|set| set.next_id = 100)
        .prefix("web")
        .instances(NEIGHBOURS)
        .list();
    world.register_all(&neighbours);
    drop(world.target(PERMANENT).answers());
}

fn scale_out(world: &mut World) {
    let new: Vec<Vm> = world
        .scale_set("web")
        .begin_scale_out(20, 2)
        .list()
        .into_iter()
        .filter(|machine| machine.state == "Creating")
        .collect();
    world.register_all(&new);
}

fn scale_in(world: &mut World) {
    let hosts = world.scale_set("web").hosts();
    world.scale_set("web").scale_in(&hosts[SURVIVORS..]);
    // Octopus checks its targets from time to time, and has noticed.
    world.check_all();
}

/// A deployment goes to all machines of the scale set, and one of them goes; returns the deployment's task.
fn hang_a_deployment(world: &mut World) -> String {
    let hosts = world.scale_set("web").hosts();
    let targets: Vec<String> = hosts
        .iter()
        .map(|host| world.existing_target(host).id())
        .collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let deployment = world.deployment().executing_since(minutes_ago(5));
    let deployment = deployment.naming(&targets);
    let task = deployment.id();
    deployment.hangs_on("Deploy the web site", &hosts[0]);
    world.scale_set("web").remove(&hosts[0]);
    world.check_all();
    task
}

/// The product's binary, built if need be. It is the one beside this program, of the same profile.
fn binary() -> Result<PathBuf, String> {
    let here = std::env::current_exe()
        .map_err(|error| format!("where this program is could not be learned: {error}"))?;
    let binary = here.with_file_name(format!("octopus-scale-in{}", std::env::consts::EXE_SUFFIX));
    if std::env::var_os("STORY_WITHOUT_BUILD").is_none() {
        build(&here)?;
    }
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(format!("there is no {}", binary.display()))
    }
}

fn build(here: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--workspace", "--bins"]);
    build.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    if here.components().any(|part| part.as_os_str() == "release") {
        build.arg("--release");
    }
    println!(
        "This was the sandbox. Now cargo builds the program itself; the first time that takes a minute or two.\n"
    );
    let status = build
        .status()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if status.success() {
        println!();
        Ok(())
    } else {
        Err("octopus-scale-in could not be built; see above".into())
    }
}
