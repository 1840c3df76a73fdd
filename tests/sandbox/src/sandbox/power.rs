//! The doors of both services: open, closed, and open again at the same address; and the end of a program.

use super::Sandbox;
use crate::http::Service;
use crate::server::Listener;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::PoisonError;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// One address, whoever answers there, and what keeps it open.
pub(super) struct Door {
    pub address: SocketAddr,
    listener: Listener,
    open: Option<JoinHandle<()>>,
}

impl Door {
    /// Opens a free port on loopback.
    pub fn open(runtime: &Runtime, listener: Listener) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut door = Self {
            address: anywhere,
            listener,
            open: None,
        };
        door.reopen(runtime).expect("a free port on loopback");
        door
    }

    fn reopen(&mut self, runtime: &Runtime) -> io::Result<()> {
        if self.open.is_none() {
            let socket = runtime.block_on(TcpListener::bind(self.address))?;
            self.address = socket.local_addr()?;
            self.open = Some(runtime.spawn(self.listener.clone().run(socket)));
        }
        Ok(())
    }

    fn close(&mut self, runtime: &Runtime) {
        if let Some(open) = self.open.take() {
            open.abort();
            // It has ended, so the port is free.
            let _ = runtime.block_on(open);
        }
    }
}

impl Sandbox {
    /// Stops one of the services: open connections end, and new ones are refused until it is started again. Managed
    /// identities belong to Azure.
    pub fn stop_service(&self, service: Service) {
        let _ = self.each_door(service, |door, runtime| {
            door.close(runtime);
            Ok(())
        });
    }

    /// Starts it again, at the same addresses.
    ///
    /// # Errors
    /// Another program has taken one of them meanwhile.
    pub fn start_service(&self, service: Service) -> io::Result<()> {
        self.each_door(service, Door::reopen)
    }

    fn each_door(
        &self,
        service: Service,
        mut turn: impl FnMut(&mut Door, &Runtime) -> io::Result<()>,
    ) -> io::Result<()> {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(runtime) = runtime.as_ref() else {
            return Ok(());
        };
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let mut its = doors.iter_mut().filter(|it| it.listener.service == service);
        its.try_for_each(|door| turn(door, runtime))
    }

    /// Waits until every door takes a connection.
    ///
    /// # Errors
    /// One does not, within a few seconds.
    pub fn wait_until_ready(&self) -> io::Result<()> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        doors.iter().try_for_each(|door| {
            let patience = Duration::from_secs(5);
            std::net::TcpStream::connect_timeout(&door.address, patience).map(drop)
        })
    }
}

/// Hears Ctrl-C, and that the process is asked to end. For the program; a test just drops its sandbox.
pub struct Ending {
    runtime: Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Ending {
    /// From now on a signal no longer kills: who asks before anything can be cleaned up loses nothing.
    ///
    /// # Errors
    /// Signals cannot be heard.
    pub fn listen() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            let _context = runtime.enter();
            [
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
            ]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            signals,
        })
    }

    /// Waits for one, also one that came since [`Ending::listen`].
    ///
    /// # Errors
    /// Signals cannot be heard.
    #[cfg(unix)]
    pub fn wait(mut self) -> io::Result<()> {
        use std::task::Poll;
        self.runtime.block_on(std::future::poll_fn(|context| {
            let mut came = self.signals.iter_mut().map(|it| it.poll_recv(context));
            match came.any(|it| it.is_ready()) {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        }))
    }

    /// Waits for Ctrl-C.
    ///
    /// # Errors
    /// Signals cannot be heard.
    #[cfg(not(unix))]
    pub fn wait(self) -> io::Result<()> {
        self.runtime.block_on(tokio::signal::ctrl_c())
    }
}
