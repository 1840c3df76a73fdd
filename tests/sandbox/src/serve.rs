//! Both servers until Ctrl-C, and what to type meanwhile.

use crate::clients;
use crate::control::Post;
use crate::toy::{Toy, usage};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Serves until Ctrl-C.
///
/// # Errors
/// Why it could not go on.
pub fn serve(toy: Toy, port: Option<u16>) -> Result<(), String> {
    let ending = sandbox::Ending::listen().map_err(|error| error.to_string())?;
    let post = Post::open(port)?;
    let ready = toy.sandbox.wait_until_ready();
    ready.map_err(|error| format!("the servers do not answer: {error}"))?;
    if !io::stdout().is_terminal() {
        print_environment(&toy).map_err(|error| error.to_string())?;
    }
    eprintln!("{}", guide(&toy, &post));
    let toy = Arc::new(Mutex::new(toy));
    // The thread that answers never ends, and must not keep the toy's files.
    let player = Arc::downgrade(&toy);
    let answering = post.answer(move |words| match player.upgrade() {
        Some(toy) => lock(&toy).obey(words),
        None => Err("The sandbox is ending.".into()),
    });
    answering.map_err(|error| error.to_string())?;
    print_running().map_err(|error| error.to_string())?;
    ending.wait().map_err(|error| error.to_string())
}

fn lock(toy: &Mutex<Toy>) -> std::sync::MutexGuard<'_, Toy> {
    toy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What somebody needs to know now, with commands that can be copied.
fn guide(toy: &Toy, post: &Post) -> String {
    let me = Command::of_this_program(post);
    let program = program();
    format!(
        "\
Octopus Server and Azure are running on this machine, and answer. All credentials are invented.

{}

In another terminal, point it here and look. bash, zsh:

  eval \"$({} env)\"
  {program} --dry-run

PowerShell:

  {} env --powershell | Out-String | Invoke-Expression
  {program} --dry-run

Change the world while it runs, from any terminal:

{}

SSL_CERT_FILE is among the variables: it replaces that terminal's trust store, so use one that you can close.
Ctrl-C here stops both.",
        toy.status(),
        me.posix(),
        me.powershell(),
        usage(&format!("{} ", me.posix())),
    )
}

/// How this program is called in a terminal.
struct Command {
    path: String,
    port: String,
}

impl Command {
    fn of_this_program(post: &Post) -> Self {
        let path = std::env::current_exe().map_or_else(|_| "sandbox".into(), |path| short(&path));
        let named = std::env::args().any(|it| it == "--port");
        let port = if named {
            format!(" --port {}", post.port())
        } else {
            String::new()
        };
        Self { path, port }
    }

    fn posix(&self) -> String {
        let Self { path, port } = self;
        match path.contains(' ') {
            true => format!("'{path}'{port}"),
            false => format!("{path}{port}"),
        }
    }

    fn powershell(&self) -> String {
        format!("& '{}'{}", self.path, self.port)
    }
}

/// The program to try: the one beside this one, or what cargo makes of it.
fn program() -> String {
    let beside = std::env::current_exe().map(|path| {
        path.with_file_name(format!("octopus-scale-in{}", std::env::consts::EXE_SUFFIX))
    });
    match beside {
        Ok(path) if path.is_file() => short(&path),
        _ => "cargo run --".into(),
    }
}

/// The path from here, where it is below this folder.
fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let below = path
        .strip_prefix(&here)
        .map(|it| PathBuf::from(".").join(it));
    below
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}

/// For who writes it to a file and reads that in.
fn print_environment(toy: &Toy) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "# Octopus Server and Azure on loopback; read this in with: . ./sandbox.env"
    )?;
    for (name, value) in toy.variables() {
        writeln!(out, "export {name}='{value}'")?;
    }
    for (name, value) in toy.sandbox.managed_identity_environment() {
        writeln!(out, "# export {name}='{value}'")?;
    }
    if let Some(world) = toy.sandbox.world(clients::describe) {
        writeln!(out, "export SANDBOX_WORLD='{world}'")?;
    }
    out.flush()
}

fn print_running() -> io::Result<()> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "# Running. Ctrl-C stops both.")?;
    out.flush()
}
