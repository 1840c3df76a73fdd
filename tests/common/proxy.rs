//! A forward proxy as offices have them: tunnels for HTTPS, whole addresses for plain HTTP.

#![allow(dead_code, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Forwards until the process ends, and remembers what it was asked for.
pub struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let record = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let record = Arc::clone(&record);
                thread::spawn(move || drop(forward(client, &record)));
            }
        });
        Self { address, asked }
    }

    /// For `HTTPS_PROXY` and `HTTP_PROXY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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

fn forward(mut client: TcpStream, record: &Mutex<Vec<String>>) -> std::io::Result<()> {
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
