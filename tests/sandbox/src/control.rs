//! How one process of this program talks to the one that serves: a line over loopback, and an answer.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longer than any command.
const LONGEST_LINE: u64 = 1024;

/// The first line of an answer: done, or not done.
const DONE: &str = "done";
const REFUSED: &str = "refused";

/// Who serves, and where commands go. It is written down for the user alone, and goes with the process.
pub struct Post {
    listener: TcpListener,
    port: u16,
    file: PathBuf,
}

impl Post {
    /// Opens a port for commands, this one or any, and writes it down.
    ///
    /// # Errors
    /// The port is taken, or it cannot be written down.
    pub fn open(port: Option<u16>) -> Result<Self, String> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let listener = TcpListener::bind(wanted);
        let listener =
            listener.map_err(|error| format!("port {} is not free: {error}", wanted.port()))?;
        let port = listener
            .local_addr()
            .map_err(|error| error.to_string())?
            .port();
        let file = file();
        note(&file, port)
            .map_err(|error| format!("{} could not be written: {error}", file.display()))?;
        Ok(Self {
            listener,
            port,
            file,
        })
    }

    /// Where commands go.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers commands, one after the other, in a thread of its own.
    pub fn answer(
        &self,
        mut obey: impl FnMut(&[&str]) -> Result<String, String> + Send + 'static,
    ) -> io::Result<()> {
        let listener = self.listener.try_clone()?;
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who hangs up in the middle does not get an answer.
                let _ = answer(&stream, &mut obey);
            }
        });
        Ok(())
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        // Another one may have written its own down since.
        if noted(&self.file).is_ok_and(|port| port == self.port) {
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

fn answer(
    stream: &TcpStream,
    obey: &mut impl FnMut(&[&str]) -> Result<String, String>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let said = match obey(&words) {
        Ok(said) => format!("{DONE}\n{said}\n"),
        Err(why) => format!("{REFUSED}\n{why}\n"),
    };
    let mut stream = stream;
    stream.write_all(said.as_bytes())
}

/// Sends a command to whoever serves: at this port, or at the one that is written down.
///
/// # Errors
/// Nobody serves, or the command was refused.
pub fn send(port: Option<u16>, words: &[&str]) -> Result<String, String> {
    let port = match port {
        Some(port) => port,
        None => noted(&file())?,
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let nobody =
        |error: io::Error| format!("No sandbox answers at port {port} ({error}). {START_ONE}");
    let mut stream =
        TcpStream::connect_timeout(&address, Duration::from_secs(2)).map_err(nobody)?;
    let mut said = String::new();
    let asked = stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .and_then(|()| writeln!(stream, "{}", words.join(" ")))
        .and_then(|()| stream.read_to_string(&mut said));
    asked.map_err(nobody)?;
    match said.split_once('\n') {
        Some((DONE, said)) => Ok(said.to_owned()),
        Some((REFUSED, why)) => Err(why.trim_end().to_owned()),
        _ => Err(format!("What answers at port {port} is no sandbox.")),
    }
}

const START_ONE: &str = "Start one in another terminal: sandbox serve";

/// In the temporary folder, under the user's name.
fn file() -> PathBuf {
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    let mut name = "octopus-scale-in-sandbox".to_owned();
    if let Ok(user) = user {
        let plain: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
        let _ = write!(name, "-{plain}");
    }
    std::env::temp_dir().join(format!("{name}.json"))
}

/// Readable by the user alone from the beginning, and there at once or not at all.
fn note(file: &Path, port: u16) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    write!(
        new,
        "{}",
        json!({ "port": port, "process": std::process::id() })
    )?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn noted(file: &Path) -> Result<u16, String> {
    let unreadable = |why: String| {
        format!(
            "{} cannot be used: {why}. Name the port: --port",
            file.display()
        )
    };
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("No sandbox is running. {START_ONE}"));
        }
        text => text.map_err(|error| unreadable(error.to_string()))?,
    };
    if !is_private(file) {
        return Err(unreadable("others may have written it".into()));
    }
    let value: Value =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    let port = value["port"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok());
    port.ok_or_else(|| unreadable("it names no port".into()))
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::symlink_metadata(file);
    found.is_ok_and(|it| it.is_file() && it.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
fn is_private(_file: &Path) -> bool {
    true
}
