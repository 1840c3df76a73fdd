//! Answers on the wire, whole or broken.

use crate::faults::Delivery;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::collections::VecDeque;
use std::io;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;

/// A body that may break off.
pub(crate) struct WireBody {
    steps: VecDeque<Step>,
    announced: u64,
}

enum Step {
    Send(Bytes),
    /// Long enough for what was sent before to leave the machine.
    Flush(Pin<Box<Sleep>>),
    Stall,
    Fail,
}

impl WireBody {
    pub fn new(bytes: Bytes, delivery: Delivery) -> Self {
        let announced = bytes.len() as u64;
        let half = bytes.slice(..bytes.len() / 2);
        let flush = || Step::Flush(Box::pin(tokio::time::sleep(Duration::from_millis(20))));
        let (announced, steps) = match delivery {
            Delivery::Whole | Delivery::ResetAfter => (announced, vec![Step::Send(bytes)]),
            Delivery::Shorten => (half.len() as u64, vec![Step::Send(half)]),
            Delivery::StallHalfway | Delivery::Stall => {
                (announced, vec![Step::Send(half), flush(), Step::Stall])
            }
            Delivery::Truncate | Delivery::ResetHalfway | Delivery::Reset => {
                (announced, vec![Step::Send(half), flush(), Step::Fail])
            }
        };
        let wanted = |step: &Step| !matches!(step, Step::Send(bytes) if bytes.is_empty());
        Self {
            steps: steps.into_iter().filter(wanted).collect(),
            announced,
        }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(Step::Flush(sleep)) = self.steps.front_mut() {
            ready!(sleep.as_mut().poll(cx));
            self.steps.pop_front();
        }
        match self.steps.front() {
            Some(Step::Stall) => return Poll::Pending,
            Some(Step::Fail) => return Poll::Ready(Some(Err(io::Error::other("a planned fault")))),
            _ => {}
        }
        match self.steps.pop_front() {
            Some(Step::Send(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// These pieces as one, compressed.
pub(crate) fn gzip<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for piece in pieces {
        encoder.write_all(piece).expect("memory takes everything");
    }
    encoder.finish().expect("memory takes everything")
}
