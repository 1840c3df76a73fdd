//! The sandbox as a program: both servers with a small world, until Ctrl-C; or a story that runs the real binary.

mod clients;
mod story;

use sandbox::{Sandbox, World};
use std::io::{self, Write};
use std::process::ExitCode;

const HELP: &str = "\
Octopus Server and Azure on loopback, for trying octopus-scale-in out.

Usage: sandbox story | sandbox serve [--http | --machines COUNT | --clients]

  story     builds octopus-scale-in and runs it through the life of a scale set
  serve     starts both with a small world, prints the environment that points the
            program at them, and runs until Ctrl-C
  --http    lets the program reach Octopus over plain HTTP
  --machines COUNT
            a larger world: so many instances, all registered, and ten targets whose
            machines are gone
  --clients a world in short pages for other clients of both services, see
            scripts/public-clients; the environment then also describes that world
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["story"] => match story::tell() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("\nThe story went wrong: {why}");
                ExitCode::FAILURE
            }
        },
        ["serve"] => serve(false, small_world),
        ["serve", "--http"] => serve(true, small_world),
        ["serve", "--clients"] => serve(false, clients::arrange),
        ["serve", "--machines", count] => match count.parse() {
            Ok(count) => serve(false, |world| large_world(world, count)),
            Err(error) => {
                eprintln!("--machines takes a number: {error}");
                ExitCode::from(2)
            }
        },
        ["--help" | "-h" | "help"] => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}

fn serve(plain_http: bool, arrange: impl FnOnce(&mut World)) -> ExitCode {
    let sandbox = Sandbox::start();
    sandbox.world(arrange);
    let served =
        print_environment(&sandbox, plain_http).and_then(|()| sandbox.run_until_interrupted());
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The sandbox could not go on: {error}");
            ExitCode::FAILURE
        }
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

fn print_environment(sandbox: &Sandbox, plain_http: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "# Octopus Server and Azure are running. In another shell, paste the lines below,"
    )?;
    writeln!(
        out,
        "# or write them to a file and read it in: . ./sandbox.env"
    )?;
    writeln!(
        out,
        "# Then run octopus-scale-in there. All credentials are invented."
    )?;
    writeln!(
        out,
        "# Mind SSL_CERT_FILE: it replaces that shell's trust store, so that other programs"
    )?;
    writeln!(
        out,
        "# which honour it trust nothing but the sandbox. Use a shell that you can close."
    )?;
    for (name, value) in sandbox.environment() {
        let value = match name.as_str() {
            "VMSS_OCTOPUS_URL" if plain_http => sandbox.octopus_http_url(),
            _ => value,
        };
        writeln!(out, "export {name}='{value}'")?;
    }
    for (name, value) in sandbox.managed_identity_environment() {
        writeln!(out, "# export {name}='{value}'")?;
    }
    if let Some(world) = sandbox.world(clients::describe) {
        writeln!(out, "export SANDBOX_WORLD='{world}'")?;
    }
    writeln!(out, "# Running. Ctrl-C stops both.")?;
    out.flush()
}
