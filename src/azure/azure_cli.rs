//! Runs the Azure CLI for a token: within the time of a request, and without this program's secrets.

use super::transport_error::TransportError;
use super::waiting::deadline;
use crate::clock::in_seconds;
use crate::error::{Cause, Service};
use crate::http::Http;
use crate::secret::SECRET_VARIABLES;
use azure_identity::Executor;
use std::ffi::OsStr;
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

/// What a shell says where there is no such program.
const NOT_FOUND: i32 = 127;
/// No token and no error message is nearly as long.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// Starts the Azure CLI.
#[derive(Debug)]
pub(super) struct AzureCli {
    http: Arc<Http>,
}

impl AzureCli {
    pub(super) fn new(http: &Arc<Http>) -> Self {
        Self {
            http: Arc::clone(http),
        }
    }

    fn output(&self, program: &OsStr, arguments: &[&OsStr]) -> Result<Output, Cause> {
        let failed = |error: io::Error| Cause::Failed(error.to_string());
        let time = self.http.time_for_one(deadline())?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in SECRET_VARIABLES {
            command.env_remove(name);
        }
        let child = as_group(&mut command).spawn().map_err(failed)?;
        let group = child.id();
        let (done, end) = channel();
        thread::spawn(move || done.send(output_of(child)));
        let output = match end.recv_timeout(time) {
            Ok(output) => output.map_err(failed)?,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                stop(group);
                let why = format!("no answer within {}", in_seconds(time));
                return Err(Cause::Failed(why));
            }
        };
        if output.status.success() {
            return Ok(output);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let missing =
            output.status.code() == Some(NOT_FOUND) || text.contains("' is not recognized");
        Err(Cause::Failed(if missing {
            "there is no az on the PATH of this worker".into()
        } else {
            text.into_owned()
        }))
    }
}

/// What a program writes until it ends.
fn output_of(mut child: Child) -> io::Result<Output> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = thread::scope(|scope| {
        let errors = scope.spawn(|| start_of(stderr));
        (start_of(stdout), errors.join().unwrap_or(Ok(Vec::new())))
    });
    Ok(Output {
        stdout: stdout?,
        stderr: stderr?,
        status: child.wait()?,
    })
}

/// As much as anybody reads of it. The rest is read as well, since a full pipe would stop the program, and dropped.
fn start_of(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.by_ref().take(LONGEST_OUTPUT).read_to_end(&mut start)?;
        io::copy(&mut pipe, &mut io::sink())?;
    }
    Ok(start)
}

/// The shell, the Azure CLI and what that starts, as one to stop: on a worker whatever is left behind stays.
#[cfg(unix)]
fn as_group(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(not(unix))]
fn as_group(command: &mut Command) -> &mut Command {
    command
}

fn stop(group: u32) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/F", "/T", "/PID", &group.to_string()]);
        command
    } else {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("kill -9 -{group}")]);
        command
    };
    if let Err(error) = command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        log::debug!("the Azure CLI could not be stopped: {error}");
    }
}

impl Executor for AzureCli {
    // What `#[async_trait]` would write, without that dependency.
    fn run<'a, 'b, 'c, 'd, 'f>(
        &'a self,
        program: &'b OsStr,
        arguments: &'c [&'d OsStr],
    ) -> Pin<Box<dyn Future<Output = io::Result<Output>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        'd: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            self.output(program, arguments)
                .map_err(|cause| io::Error::other(TransportError::new(Service::AzureCli, cause)))
        })
    }
}
