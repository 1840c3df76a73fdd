//! A forward proxy as offices have them: tunnels for HTTPS, whole addresses for plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Forwards until the process ends, and remembers what it was asked for.
pub struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Whom a proxy serves.
#[derive(Clone, Copy)]
enum Manner {
    Everybody,
    /// Who shows this after `Basic`.
    Whoever(&'static str),
    /// Nobody: this is its answer to everything.
    Nobody(&'static str),
}

impl Proxy {
    pub fn start() -> Self {
        Self::of(Manner::Everybody)
    }

    /// One that wants a user name and a password, in base64 as they are sent; others get a page and 407.
    pub fn wanting(credentials: &'static str) -> Self {
        Self::of(Manner::Whoever(credentials))
    }

    /// One that gives everybody this answer, byte by byte.
    pub fn answering(answer: &'static str) -> Self {
        Self::of(Manner::Nobody(answer))
    }

    fn of(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let record = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let record = Arc::clone(&record);
                thread::spawn(move || drop(forward(client, &record, manner)));
            }
        });
        Self { address, asked }
    }

    /// For `HTTPS_PROXY` and `HTTP_PROXY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same with a user name and a password.
    pub fn url_with(&self, credentials: &str) -> String {
        format!("http://{credentials}@{}", self.address)
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The hosts that it was asked to reach, each once, sorted: `127.0.0.1:40157`.
    pub fn hosts(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hosts = asked.clone();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

/// A proxy's refusal that repeats what it was shown, as some do.
fn refusal(shown: &str) -> String {
    let page = format!("<html><body><h1>Proxy Authentication Required</h1>{shown}</body></html>");
    let length = page.len();
    format!(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{page}"
    )
}

fn forward(
    mut client: TcpStream,
    record: &Mutex<Vec<String>>,
    manner: Manner,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let mut words = head.split(' ');
    let (method, to) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let address = to.strip_prefix("http://").unwrap_or(to);
    let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
    record
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(host.to_owned());
    let shown = head
        .lines()
        .find_map(|line| line.strip_prefix("Proxy-Authorization: Basic "));
    match manner {
        Manner::Nobody(answer) => return client.write_all(answer.as_bytes()),
        Manner::Whoever(credentials) if shown != Some(credentials) => {
            return client.write_all(refusal(shown.unwrap_or("nothing")).as_bytes());
        }
        Manner::Whoever(_) | Manner::Everybody => {}
    }
    let mut server = TcpStream::connect(host)?;
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        server.write_all(head.replacen(to, path, 1).as_bytes())?;
    }
    let back = server.try_clone()?;
    let answers = thread::spawn(move || pump(back, client));
    pump(reader, server);
    drop(answers.join());
    Ok(())
}

fn pump(mut from: impl Read, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
