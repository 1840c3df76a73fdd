//! Listeners, connections, and the way from bytes to a request and back.

use crate::delivery::WireBody;
use crate::exchange::{Outcome, Shared};
use crate::faults::Delivery;
use crate::http::{Call, Service};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// One address that a service listens on.
#[derive(Clone)]
pub(crate) struct Listener {
    pub service: Service,
    /// Plain HTTP without it.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    pub shared: Arc<Shared>,
}

impl Listener {
    /// Accepts connections until the runtime ends, or whoever started this ends it: open connections end with it.
    pub async fn run(self, socket: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            match socket.accept().await {
                Ok((stream, _)) => {
                    connections.spawn(self.clone().connection(stream));
                }
                // For example too many open files: the next try may find one.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    async fn connection(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let end = Arc::<End>::default();
        let socket = Socket {
            stream,
            end: Arc::clone(&end),
        };
        match self.tls.clone() {
            None => self.serve(socket, end).await,
            Some(tls) => {
                // A client that does not trust the authority ends the handshake: its own affair.
                if let Ok(stream) = TlsAcceptor::from(tls).accept(socket).await {
                    self.serve(stream, end).await;
                }
            }
        }
    }

    async fn serve<S>(self, stream: S, end: Arc<End>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request| self.answer(request, &end));
        let connection = hyper::server::conn::http1::Builder::new()
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(stream), service);
        // Clients hang up, and planned faults end connections: neither is an error here.
        let _ = connection.await;
    }

    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        end: &End,
    ) -> io::Result<hyper::Response<WireBody>> {
        if end.doomed.load(Ordering::Relaxed) {
            end.reset.store(true, Ordering::Relaxed);
            return Err(io::Error::other("a planned fault"));
        }
        let call = self.read(request).await?;
        let Outcome { answer, delivery } = self.shared.exchange(call).await;
        let resets = matches!(delivery, Delivery::Reset | Delivery::ResetHalfway);
        end.reset.store(resets, Ordering::Relaxed);
        let dooms = delivery == Delivery::ResetAfter;
        end.doomed.store(dooms, Ordering::Relaxed);
        match delivery {
            Delivery::Reset => return Err(io::Error::other("a planned fault")),
            Delivery::Stall => std::future::pending().await,
            _ => {}
        }
        let (bytes, content_type) = answer.bytes();
        let mut response = hyper::Response::builder().status(answer.status);
        if let Some(content_type) = content_type {
            response = response.header("Content-Type", content_type);
        }
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        response
            .body(WireBody::new(bytes, delivery))
            .map_err(io::Error::other)
    }

    async fn read(&self, request: hyper::Request<Incoming>) -> io::Result<Call> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let headers = parts.headers.iter();
        let headers: Vec<(String, String)> = headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let host = crate::http::header(&headers, "host").unwrap_or("localhost");
        Ok(Call {
            service: self.service,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or("").to_owned(),
            origin: format!("{scheme}://{host}"),
            headers,
            body,
        })
    }
}

/// How a connection is to end.
#[derive(Default)]
struct End {
    /// With a reset.
    reset: AtomicBool,
    /// With the next request.
    doomed: AtomicBool,
}

/// A connection that can end with a reset instead of a goodbye.
struct Socket {
    stream: TcpStream,
    end: Arc<End>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.end.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A polite end of the stream would reach the client before the reset does.
        if self.end.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
