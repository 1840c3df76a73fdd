//! What came back instead of a usable answer, and in words.

use crate::secret::hide_secrets;
use std::fmt;
use std::time::Duration;

/// What came back instead of a usable answer.
#[derive(Debug, Clone)]
pub enum Cause {
    /// An HTTP status that is not a success, with the server's own code and text.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's error code, where it gave one.
        code: Option<Box<str>>,
        /// The server's text.
        message: Box<str>,
        /// The wait that it asked for and that there was no time for.
        wait: Option<Box<RetryAfter>>,
        /// How often it was asked.
        tries: u32,
        /// Whose words these are.
        speaker: Speaker,
    },
    /// It was not asked at all: to an earlier request it said to wait, and there is no time for that.
    Silent(RetryAfter),
    /// It answered with a redirect, which is never followed with credentials.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// Where it led.
        to: String,
    },
    /// No answer: the connection failed, broke, or took too long.
    Unreachable(Unreached, String),
    /// It could not prove who it is, so nothing was sent to it.
    Untrusted(Distrust, String),
    /// An answer that cannot be understood.
    Unreadable(String),
    /// A program or a file of this machine was no help.
    Failed(String),
    /// A listing that did not become complete, however often it was read.
    Incomplete(String),
    /// A list that is complete, and has no such thing.
    NotKnown(String),
    /// A list that leaves out what this account may not see.
    Partial(String),
    /// The phase took longer than it may.
    OutOfTime,
    /// It was not asked, or not again, because what spoke for that had aged.
    Aged,
    /// It was not sent: the run was interrupted or cancelled meanwhile.
    Halted,
}

/// Whose words an answer that is no success holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The service's own: they have its shape.
    Service,
    /// Something between it and us, as far as can be told.
    Stranger,
    /// There are none.
    Nobody,
}

/// Where it is that a request did not get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    /// The server, as far as can be told.
    Server,
    /// Its name does not resolve.
    Name,
    /// The proxy before it.
    Proxy,
    /// The server: it was asked in plain http, and speaks something else, as a port for https does.
    SpeaksNoPlainHttp,
    /// The server: it was asked over TLS, and speaks something else, as a port for plain http does.
    SpeaksNoTls,
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It is for another name.
    WrongName,
    /// It has expired, or is not valid yet, by this machine's clock.
    Dates,
    /// It is an authority's own.
    AuthorityItself,
    /// Nobody who is trusted issued it.
    UnknownAuthority,
    /// Something else.
    Other,
}

/// What to do about a server that could not prove who it is.
#[must_use]
pub fn to_be_trusted(what: Distrust) -> &'static str {
    match what {
        Distrust::WrongName => {
            "Use a name that its certificate is valid for, or give it a certificate that has this name, too"
        }
        Distrust::Dates => {
            "Renew the server's certificate, or set this worker's clock right (a file in SSL_CERT_FILE helps only if that holds the right one)"
        }
        Distrust::AuthorityItself => {
            "Give the server a certificate of its own, and name a file with the authority that issued it in SSL_CERT_FILE: an authority's own certificate (CA:TRUE) proves no server, whatever is trusted"
        }
        Distrust::UnknownAuthority | Distrust::Other => {
            "Add the authority that issued its certificate to the operating system's store, or name a file with it in SSL_CERT_FILE, if it is the right server"
        }
    }
}

/// A wait that a server asked for and that there was no time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// What it asked for (`Retry-After`).
    pub asked: Duration,
    /// What was left for the request with all its retries.
    pub left: Duration,
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.left.as_secs_f64();
        let begun = u64::from(self.asked.subsec_nanos() > 0);
        write!(
            f,
            "asked to wait {} s, with {left:.1} s of VMSS_RETRY_SECONDS left",
            self.asked.as_secs().saturating_add(begun)
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused {
                status,
                code,
                message,
                wait,
                tries,
                speaker: _,
            } => {
                write!(f, "answered {status}")?;
                if let Some(code) = code {
                    write!(f, " {code}")?;
                }
                let message = tidy(message);
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                if *tries > 1 {
                    write!(f, " (after {tries} tries)")?;
                }
                wait.iter().try_for_each(|wait| write!(f, "; it {wait}"))
            }
            Self::Silent(wait) => {
                write!(f, "was not asked, because to an earlier request it {wait}")
            }
            Self::Redirected { status, to } => {
                write!(
                    f,
                    "answered {status} with a redirect to {}, which is never followed with credentials",
                    tidy(to)
                )
            }
            Self::Unreachable(_, why) => write!(f, "could not be reached: {}", tidy(why)),
            Self::Unreadable(why) => {
                write!(f, "gave an answer that cannot be understood: {}", tidy(why))
            }
            Self::Untrusted(_, why) => write!(f, "could not prove who it is: {}", tidy(why)),
            Self::Failed(why) => write!(f, "failed: {}", tidy(why)),
            Self::Incomplete(why) => {
                write!(f, "gave a listing that stayed incomplete: {}", tidy(why))
            }
            Self::NotKnown(what) => write!(f, "has no {what} that this key may see"),
            Self::Partial(why) => write!(
                f,
                "gave a list that leaves out what this account may not see: {}",
                tidy(why)
            ),
            Self::Aged => f.write_str(
                "was not asked, or not again: what spoke for that had aged, and there was no time to look once more",
            ),
            Self::Halted => f.write_str("was not asked, because the run was to end"),
            Self::OutOfTime => f.write_str(
                "took longer than a phase of a run may take, 15 minutes unless VMSS_PHASE_SECONDS says less",
            ),
        }
    }
}

/// A server says more than anybody reads; what it says first is what is wrong.
const LONGEST: usize = 200;
const LONGEST_IN_DETAIL: usize = 2000;
/// What is longer is no name.
const LONGEST_WORD: usize = 100;

/// What the operating system says, without its number for that, which no person knows.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    let Some((before, rest)) = text.split_once(" (os error ") else {
        return text.to_owned();
    };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

/// A server's text as one line that fits a log: without secrets (a cut could leave half of one), white space folded, cut
/// when it is long, no full stop at the end.
#[must_use]
pub fn tidy(text: &str) -> String {
    cut(text, LONGEST)
}

/// More of it, for whoever looks into it; nothing where [`tidy`] leaves nothing out.
#[must_use]
pub fn in_detail(text: &str) -> Option<String> {
    let is_cut = text.chars().nth(LONGEST).is_some();
    is_cut.then(|| cut(text, LONGEST_IN_DETAIL))
}

fn cut(text: &str, longest: usize) -> String {
    let line = hide_secrets(text);
    let line = without_numbers(&line.split_whitespace().collect::<Vec<_>>().join(" "));
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(longest) {
        // At the end of a word: names of what is missing are long, and stand where people look.
        Some((cut, _)) => {
            let rest = line[cut..].split(' ').next().unwrap_or_default();
            match rest.chars().nth(LONGEST_WORD) {
                Some(_) => format!("{}[...]", &line[..cut]),
                None if cut + rest.len() == line.len() => line.to_owned(),
                None => format!("{}{rest} [...]", &line[..cut]),
            }
        }
        None => line.to_owned(),
    }
}
