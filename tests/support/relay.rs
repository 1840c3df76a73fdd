//! A bad line between the run and a service: passes bytes on, or not, whatever they mean.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What happens to a connection.
#[derive(Clone, Copy)]
pub enum Line {
    /// Everything arrives.
    Good,
    /// Everything arrives, one byte at a time.
    Slow,
    /// It ends before a byte was read.
    Dead,
    /// It ends after what came first was read, in the middle of a handshake.
    Cut,
    /// Something else answers.
    Foreign(&'static str),
}

/// A line to one service, until the process ends.
pub struct Relay {
    address: String,
    connections: Arc<AtomicUsize>,
}

impl Relay {
    /// A line to the service at this URL: so many connections are like this, the others good.
    pub fn to(url: &str, first: usize, line: Line) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), url, first, line).expect("a free port")
    }

    /// The same at an address of this machine; `None` where it has no such address.
    pub fn at(own: IpAddr, url: &str, first: usize, line: Line) -> Option<Self> {
        let listener = TcpListener::bind((own, 0)).ok()?;
        let address = listener.local_addr().ok()?.to_string();
        let service = url.split_once("//").map_or(url, |(_, rest)| rest);
        let service = service.split('/').next().unwrap_or(service).to_owned();
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let line = if number < first { line } else { Line::Good };
                let service = service.clone();
                thread::spawn(move || drop(pass(client, &service, line)));
            }
        });
        Some(Self {
            address,
            connections,
        })
    }

    /// The service's address at this end of the line.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn pass(mut client: TcpStream, service: &str, line: Line) -> std::io::Result<()> {
    let mut first = [0; 64];
    match line {
        Line::Dead => return Ok(()),
        Line::Cut => return client.read(&mut first).map(drop),
        Line::Foreign(answer) => {
            let _ = client.read(&mut first)?;
            return client.write_all(answer.as_bytes());
        }
        Line::Good | Line::Slow => {}
    }
    let piece = if matches!(line, Line::Slow) {
        1
    } else {
        1 << 16
    };
    let server = TcpStream::connect(service)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let there = thread::spawn(move || pump(from, to, piece));
    pump(server, client, piece);
    drop(there.join());
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream, piece: usize) {
    let mut bytes = vec![0; piece];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
