//! A file server on loopback that can be as bad as a server gets.

use crate::support::base64;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What comes back for a path.
#[derive(Clone)]
pub enum Answer {
    /// The file.
    Whole(Vec<u8>),
    /// Half of the file, although all of it was announced.
    Half(Vec<u8>),
    /// The first byte, and nothing more for as long as the client waits.
    Slow,
    /// One byte after the other, for as long as the client listens.
    Trickle,
    /// An error.
    Status(u16),
    /// Another address.
    Redirect(String),
    /// The file, for a client that has this login for a proxy.
    ForLogin(&'static str, Vec<u8>),
}

#[derive(Default)]
struct State {
    answers: HashMap<String, Vec<Answer>>,
    asked: Vec<String>,
}

/// Serves until the process ends.
#[derive(Clone)]
pub struct Server {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let state = Arc::<Mutex<State>>::default();
        let server = Self { address, state };
        let serving = server.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = serving.clone();
                thread::spawn(move || drop(server.answer(client)));
            }
        });
        server
    }

    pub fn url(&self) -> &str {
        &self.address
    }

    /// What comes back for a path: one answer after the other, the last one for ever.
    pub fn answers(&self, path: &str, answers: &[Answer]) {
        self.lock()
            .answers
            .insert(path.to_owned(), answers.to_vec());
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, path: &str) -> Answer {
        let mut state = self.lock();
        state.asked.push(path.to_owned());
        let Some(answers) = state.answers.get_mut(path) else {
            return Answer::Status(404);
        };
        if answers.len() > 1 {
            return answers.remove(0);
        }
        answers[0].clone()
    }

    fn answer(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let mut headers = String::new();
        while reader.read_line(&mut headers)? > 2 {}
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let head = |status: &str, length: usize, more: &str| {
            format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n"
            )
        };
        match self.next(&path) {
            Answer::Whole(bytes) => {
                client.write_all(head("200 OK", bytes.len(), "").as_bytes())?;
                client.write_all(&bytes)
            }
            Answer::Half(bytes) => {
                client.write_all(head("200 OK", bytes.len(), "").as_bytes())?;
                client.write_all(&bytes[..bytes.len() / 2])
            }
            Answer::Slow => {
                client.write_all(head("200 OK", 1000, "").as_bytes())?;
                client.write_all(b"x")?;
                client.set_read_timeout(Some(Duration::from_secs(60)))?;
                // Until the client hangs up.
                reader.read_line(&mut headers).map(drop)
            }
            Answer::Trickle => {
                client.write_all(head("200 OK", 1_000_000, "").as_bytes())?;
                for _ in 0..6000 {
                    client.write_all(b"x")?;
                    thread::sleep(Duration::from_millis(10));
                }
                Ok(())
            }
            Answer::Status(status) => {
                let page = "<html>no</html>";
                client.write_all(head(&format!("{status} No"), page.len(), "").as_bytes())?;
                client.write_all(page.as_bytes())
            }
            Answer::Redirect(to) => {
                client.write_all(head("302 Found", 0, &format!("Location: {to}\r\n")).as_bytes())
            }
            Answer::ForLogin(login, bytes) => {
                let (status, bytes) = if headers.contains(&base64(login)) {
                    ("200 OK", bytes)
                } else {
                    ("407 Login", Vec::new())
                };
                let more = "Proxy-Authenticate: Basic realm=\"proxy\"\r\n";
                client.write_all(head(status, bytes.len(), more).as_bytes())?;
                client.write_all(&bytes)
            }
        }
    }
}
