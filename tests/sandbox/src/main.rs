//! The sandbox as a program: both servers with a small world, which can be changed while they run; or a story that runs the
//! real binary.

mod clients;
mod control;
mod serve;
mod story;
mod toy;

use sandbox::World;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use toy::Toy;

const HELP: &str = "\
Octopus Server and Azure on loopback, for trying octopus-scale-in out.

Usage: sandbox story
       sandbox serve [--machines COUNT | --guide | --empty | --clients]
                     [--http] [--port PORT]
       sandbox COMMAND [--port PORT]

  story     builds octopus-scale-in and runs it through the life of a scale set
  serve     starts both with a small world, says what to type, and runs until Ctrl-C
  --http    lets the program reach Octopus over plain HTTP
  --machines COUNT
            a larger world: so many instances, all registered, and ten targets whose
            machines are gone
  --guide   the small world with the set-up of Octopus's guide: project, runbook, schedule,
            policy, account, and an administrator's key in the environment
  --empty   the same before anybody sets it up: a project, an account and a worker, no runbook
  --clients a world in short pages for other clients of both services, see
            scripts/public-clients; the environment then also describes that world
  --port PORT
            where commands go, if not where the last `serve` of this user has written down

Commands, for the one that runs:

";

/// How long a terminal waits for a sandbox that is being started in another one.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(arguments.iter().map(String::as_str).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Usage) => {
            eprint!("{}", help());
            ExitCode::from(2)
        }
        Err(Trouble::Told(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

enum Trouble {
    Usage,
    Told(String),
}

fn run(mut arguments: Vec<&str>) -> Result<(), Trouble> {
    let port = take_port(&mut arguments)?;
    match arguments.as_slice() {
        ["story"] => {
            story::tell().map_err(|why| Trouble::Told(format!("\nThe story went wrong: {why}")))
        }
        ["serve", options @ ..] => {
            let mut options = options.to_vec();
            let http = options.iter().position(|it| *it == "--http");
            let http = http.map(|at| options.remove(at)).is_some();
            let toy = match options[..] {
                [] => Toy::start(http, small_world),
                ["--guide"] => Toy::start(http, guided_world),
                ["--empty"] => Toy::start(http, empty_world),
                ["--clients"] => Toy::start(http, clients::arrange),
                ["--machines", count] => {
                    let count = count.parse().map_err(|_| Trouble::Usage)?;
                    Toy::start(http, move |world| large_world(world, count))
                }
                _ => return Err(Trouble::Usage),
            };
            let served = serve::serve(toy, port);
            served.map_err(|why| Trouble::Told(format!("The sandbox could not go on: {why}")))
        }
        ["--help" | "-h" | "help"] => {
            print!("{}", help());
            Ok(())
        }
        [command, ..] if is_command(command) => {
            let said = ask(port, &arguments).map_err(Trouble::Told)?;
            print!("{said}");
            Ok(())
        }
        _ => Err(Trouble::Usage),
    }
}

fn help() -> String {
    format!("{HELP}{}\n", toy::usage(""))
}

fn is_command(word: &str) -> bool {
    let commands = toy::COMMANDS.iter();
    let mut names = commands.map(|(command, _)| command.split(' ').next().unwrap_or_default());
    names.any(|name| name == word)
}

fn take_port(arguments: &mut Vec<&str>) -> Result<Option<u16>, Trouble> {
    let Some(at) = arguments.iter().position(|it| *it == "--port") else {
        return Ok(None);
    };
    let port = arguments.get(at + 1).and_then(|it| it.parse().ok());
    arguments.drain(at..arguments.len().min(at + 2));
    port.map(Some).ok_or(Trouble::Usage)
}

/// Asks whoever serves. Only the environment is waited for: it is what is typed while `serve` is still being built.
fn ask(port: Option<u16>, words: &[&str]) -> Result<String, String> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let asked = control::send(port, words);
        let waits = words[0] == "env" && std::env::var_os("SANDBOX_DOES_NOT_WAIT").is_none();
        if asked.is_ok() || !waits || began.elapsed() > PATIENCE {
            return asked;
        }
        if !told {
            let seconds = PATIENCE.as_secs();
            eprintln!("Waiting up to {seconds} seconds for `sandbox serve` in another terminal.");
            told = true;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Five instances and seven targets: two machines are gone, one target never was an instance, and one is a neighbour.
fn small_world(world: &mut World) {
    let machines = world.scale_set("web").instances(7).list();
    world.register_all(&machines);
    world.scale_set("web").scale_in(&["web000002", "web000005"]);
    world.check_all();
    world.target("reporting");
    world.target("api-region").cloud_region();
    let neighbours = world.scale_set("api").prefix("api").instances(2).list();
    for neighbour in &neighbours {
        world.register(neighbour).roles(&["api-server"]);
    }
}

/// The small world with everything that the guide sets up.
fn guided_world(world: &mut World) {
    small_world(world);
    world.guide();
}

/// The small world with what the guide begins with, and nothing of what it sets up.
fn empty_world(world: &mut World) {
    small_world(world);
    world.before_setup();
}

/// As many machines as asked for, and ten targets that have lost theirs.
fn large_world(world: &mut World, count: u64) {
    let machines = world.scale_set("web").instances(count + 10).list();
    world.register_all(&machines);
    let gone: Vec<String> = machines
        .iter()
        .take(10)
        .map(|machine| machine.name.clone())
        .collect();
    world.scale_set("web").scale_in(&gone);
    world.check_all();
}
