//! What goes wrong on the way, or in an answer.

use crate::http::{Answer, Body, Call};
use crate::matcher::{Matcher, Route};
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Which of the matching requests a fault hits, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Always,
    /// The first so many.
    First(usize),
    /// Only this one.
    Nth(usize),
    /// This one and all that follow.
    From(usize),
}

impl When {
    fn hits(self, number: usize) -> bool {
        match self {
            Self::Always => true,
            Self::First(count) => number <= count,
            Self::Nth(nth) => number == nth,
            Self::From(first) => number >= first,
        }
    }
}

type Edit = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// One thing that goes wrong.
#[derive(Clone)]
pub struct Fault(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Latency(Duration),
    Instead(Box<Answer>),
    /// The same after doing what was asked.
    After(Box<Answer>),
    Edit(Edit),
    RepeatPage,
    /// Names it in this header instead of whatever the answer had there.
    Header(String, String),
    /// Compresses the body where the caller takes that.
    Gzip,
    Deliver {
        processed: bool,
        delivery: Delivery,
    },
}

/// How an answer reaches the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// Not at all: the connection is reset.
    Reset,
    /// Half of the body, then the connection is reset.
    ResetHalfway,
    /// Not at all: nothing comes, and the connection stays open.
    Stall,
    /// Half of the body, then nothing more.
    StallHalfway,
    /// Half of the body, then the connection ends although more was announced.
    Truncate,
    /// Half of the body, announced as all of it.
    Shorten,
    /// Whole; the next request over the same connection meets a reset.
    ResetAfter,
}

impl Fault {
    /// Answers late.
    pub fn latency(delay: Duration) -> Self {
        Self(Kind::Latency(delay))
    }

    /// Answers with this status and an empty body, instead of doing what was asked.
    /// [`Fault::header`] and [`Fault::json`] say more.
    pub fn status(status: u16) -> Self {
        Self(Kind::Instead(Box::new(Answer::empty(status))))
    }

    /// Does what was asked, and answers with this status and an empty body all the same, as a proxy does that did not wait.
    pub fn status_after(status: u16) -> Self {
        Self(Kind::After(Box::new(Answer::empty(status))))
    }

    /// 429, asking to wait that many seconds.
    pub fn too_many_requests(retry_after_seconds: u64) -> Self {
        Self::status(429).header("Retry-After", &retry_after_seconds.to_string())
    }

    /// A redirect to that address.
    pub fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// A page as a proxy or a load balancer shows it.
    pub fn html(status: u16, text: &str) -> Self {
        let page = format!("<!DOCTYPE html><html><body><h1>{text}</h1></body></html>");
        Self::bytes(status, page.into_bytes()).header("Content-Type", "text/html; charset=utf-8")
    }

    /// These bytes as the body, instead of doing what was asked.
    pub fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = Body::Raw(Bytes::from(body.into()));
        Self(Kind::Instead(Box::new(Answer {
            status,
            headers: Vec::new(),
            body,
        })))
    }

    /// An error as Octopus words it, instead of doing what was asked.
    pub fn octopus_error(status: u16, message: &str) -> Self {
        Self::status(status).json(json!({ "ErrorMessage": message, "Errors": [message] }))
    }

    /// An error as Azure Resource Manager words it, instead of doing what was asked.
    pub fn azure_error(status: u16, code: &str, message: &str) -> Self {
        Self::status(status).json(json!({ "error": { "code": code, "message": message } }))
    }

    /// Adds a header to an answer that [`Fault::status`] and its kin make up.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.instead("a header")
            .headers
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body of an answer that [`Fault::status`] and its kin make up.
    pub fn json(mut self, body: Value) -> Self {
        self.instead("a body").body = Body::Json(body);
        self
    }

    fn instead(&mut self, what: &str) -> &mut Answer {
        match &mut self.0 {
            Kind::Instead(answer) | Kind::After(answer) => answer,
            _ => panic!("this fault makes up no answer that could take {what}"),
        }
    }

    /// Resets the connection; nothing was done.
    pub fn reset() -> Self {
        Self(Kind::Deliver {
            processed: false,
            delivery: Delivery::Reset,
        })
    }

    /// Does what was asked, and resets the connection instead of saying so.
    pub fn lost_answer() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::Reset,
        })
    }

    /// Resets the connection in the middle of the body.
    pub fn reset_halfway() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::ResetHalfway,
        })
    }

    /// Answers, and resets the connection when the next request comes over it.
    pub fn reset_after() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::ResetAfter,
        })
    }

    /// Never answers.
    pub fn stall() -> Self {
        Self(Kind::Deliver {
            processed: false,
            delivery: Delivery::Stall,
        })
    }

    /// Stops in the middle of the body, and keeps the connection open.
    pub fn stall_halfway() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::StallHalfway,
        })
    }

    /// Ends the connection in the middle of the body, although more was announced.
    pub fn truncate() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::Truncate,
        })
    }

    /// Half of the body as a complete HTTP message: JSON that breaks off.
    pub fn broken_json() -> Self {
        Self(Kind::Deliver {
            processed: true,
            delivery: Delivery::Shorten,
        })
    }

    /// Changes the JSON of the answer.
    pub fn edit(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self(Kind::Edit(Arc::new(change)))
    }

    /// Adds a header to whatever the answer is, or puts it in the place of one of that name.
    pub fn extra_header(name: &str, value: &str) -> Self {
        Self(Kind::Header(name.to_owned(), value.to_owned()))
    }

    /// Compresses the answer, where the caller says that it takes gzip.
    pub fn gzip() -> Self {
        Self(Kind::Gzip)
    }

    /// A few bytes that are so many MiB of spaces once they are expanded.
    pub fn gzip_bomb(mebibytes: usize) -> Self {
        let spaces = vec![b' '; 1 << 20];
        let pieces = std::iter::repeat_n(spaces.as_slice(), mebibytes);
        Self::bytes(200, crate::delivery::gzip(pieces)).header("Content-Encoding", "gzip")
    }

    /// Answers with the first page of the listing, whichever page was asked for.
    pub fn repeat_page() -> Self {
        Self(Kind::RepeatPage)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Latency(delay) => write!(f, "latency of {delay:?}"),
            Kind::Instead(answer) => write!(f, "status {}", answer.status),
            Kind::After(answer) => write!(f, "status {} after all was done", answer.status),
            Kind::Edit(_) => write!(f, "edited answer"),
            Kind::RepeatPage => write!(f, "repeated page"),
            Kind::Header(name, value) => write!(f, "{name}: {value}"),
            Kind::Gzip => write!(f, "compressed answer"),
            Kind::Deliver {
                processed,
                delivery,
            } => write!(f, "{delivery:?}, processed: {processed}"),
        }
    }
}

struct Planned {
    matcher: Matcher,
    when: When,
    fault: Fault,
    seen: usize,
}

/// The faults that were ordered.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Vec<Planned>,
}

impl Faults {
    pub fn add(&mut self, matcher: Matcher, when: When, fault: Fault) {
        self.planned.push(Planned {
            matcher,
            when,
            fault,
            seen: 0,
        });
    }

    pub fn clear(&mut self) {
        self.planned.clear();
    }

    /// Counts one request, and tells what goes wrong with it.
    pub fn due(&mut self, call: &Call, route: Route) -> Vec<Fault> {
        let mut due = Vec::new();
        for planned in self
            .planned
            .iter_mut()
            .filter(|planned| planned.matcher.matches(call, route))
        {
            planned.seen += 1;
            if planned.when.hits(planned.seen) {
                due.push(planned.fault.clone());
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::When;

    fn hits(when: When) -> Vec<usize> {
        (1..=4).filter(|number| when.hits(*number)).collect()
    }

    #[test]
    fn faults_hit_the_requests_that_were_named() {
        assert_eq!(hits(When::Always), [1, 2, 3, 4]);
        assert_eq!(hits(When::First(2)), [1, 2]);
        assert_eq!(hits(When::Nth(2)), [2]);
        assert_eq!(hits(When::From(3)), [3, 4]);
    }
}
