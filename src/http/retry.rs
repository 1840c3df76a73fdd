//! The one retry rule, for both services and for what issues the tokens.
//!
//! 408, 429, 5xx and no answer are tried again: with a pause that doubles and varies, at most five times (429 as often as
//! fits), and within `VMSS_RETRY_SECONDS`. A wait that the server asks for is kept if it ends within that; one that does
//! not ends the request at once.
//!
//! What makes something ([`Method::Create`]) is tried again only where the rate limit turned it away.
//!
//! Why there was no answer, in words for people, and whether another try can help, stands in [`NoAnswer`].

use super::exchange::{Method, Reply};
use crate::clock::{in_seconds, now, shown};
use crate::error::{Cause, Distrust, RetryAfter, Unreached};
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, InvalidMessage};
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::time::{Duration, Instant, UNIX_EPOCH};
use ureq::{Error, Proxy};

/// Retries of a request that answered 408 or 5xx, or got no answer.
const RETRIES: u32 = 5;
/// The first pause before a retry; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// What another try needs at least.
const SHORTEST_TRY: Duration = Duration::from_millis(100);

/// What comes after a try.
pub(super) enum Next {
    Pause(Duration),
    /// Nothing; the server may have asked for a wait that there is no time for.
    End(Option<RetryAfter>),
}

/// The tries of one request, and the time that they may take together.
#[derive(Debug, Default)]
pub(super) struct Tries {
    pub(super) made: u32,
    /// Those that were not answered, or with another status than 429, which may be tried as often as fits.
    failed: u32,
    give_up: Option<Instant>,
    /// The last answer was a refusal because of the rate limit: whatever is waited for then is trying.
    refused: bool,
}

impl Tries {
    /// Begins a try. What was waited for the rate limit takes nothing from the time for tries, but after a refusal.
    pub(super) fn begin(&mut self, now: Instant, waited: Duration, time: Duration) {
        self.give_up = match self.give_up {
            None => now.checked_add(time),
            Some(give_up) if self.refused => Some(give_up),
            Some(give_up) => give_up.checked_add(waited),
        };
    }

    /// Until when it is of use to wait for the rate limit: after a refusal, as long as trying is.
    pub(super) fn patience(&self) -> Option<Instant> {
        self.give_up.filter(|_| self.refused)
    }

    pub(super) fn count(&mut self, answer: &Result<Reply, NoAnswer>) {
        self.made += 1;
        self.refused = answer.as_ref().is_ok_and(|reply| reply.status == 429);
        self.failed += u32::from(!self.refused);
    }

    /// Lets the time for tries begin, if it has not.
    pub(super) fn begin_time(&mut self, now: Instant, time: Duration) {
        self.give_up = self.give_up.or_else(|| now.checked_add(time));
    }

    /// When that time is over; `None` if it has not begun.
    pub(super) fn give_up(&self) -> Option<Instant> {
        self.give_up
    }

    /// An answer, after so many tries.
    pub(super) fn of(&self, reply: Reply) -> Reply {
        let tries = self.made;
        Reply { tries, ..reply }
    }

    pub(super) fn left(&self, now: Instant) -> Duration {
        self.give_up
            .map_or(Duration::MAX, |end| end.saturating_duration_since(now))
    }

    /// What comes after an answer, or none.
    pub(super) fn next(
        &self,
        method: Method,
        answer: &Result<Reply, NoAnswer>,
        now: Instant,
    ) -> Next {
        let left = self.left(now);
        // Only of what the rate limit turned away is it known that nothing was made.
        if method == Method::Create && !self.refused {
            return Next::End(None);
        }
        let (status, asked) = match answer {
            Ok(reply) if asks_for_another_try(reply) => (reply.status, reply.retry_after()),
            Ok(_) => return Next::End(None),
            Err(none) if none.is_lasting() => return Next::End(None),
            Err(_) => (0, None),
        };
        if let Some(asked) = asked.filter(|asked| *asked >= left) {
            return Next::End(Some(RetryAfter { asked, left }));
        }
        if self.failed > RETRIES && status != 429 {
            return Next::End(None);
        }
        let backoff = FIRST_PAUSE.saturating_mul(1 << (self.made - 1).min(6));
        // Runs that were turned away together must not come back together.
        let pause = match asked {
            Some(asked) => asked + FIRST_PAUSE.mul_f64(random() / 2.0),
            None => backoff.mul_f64(0.5 + random() / 2.0),
        };
        // A try without any time would only hide why the one before it failed.
        if pause + SHORTEST_TRY < left {
            Next::Pause(pause)
        } else {
            Next::End(None)
        }
    }
}

fn asks_for_another_try(reply: &Reply) -> bool {
    matches!(reply.status, 408 | 429 | 500..=599)
}

/// A number from 0 to 1, different for every thread, run and call.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(Instant::now());
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// A request that was not answered.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Another try may be luckier.
    Passing(Unreached, String),
    /// Another try would end the same.
    Lasting(Unreached, String),
    /// The server could not prove who it is, so nothing was sent to it.
    Untrusted(Distrust, String),
}

impl NoAnswer {
    pub(super) fn lasting(why: impl Into<String>) -> Self {
        Self::Lasting(Unreached::Server, why.into())
    }

    /// What a failed exchange says; `time` is what it was given.
    pub(super) fn of(error: &Error, time: Duration, is_plain: bool, proxy: Option<&Proxy>) -> Self {
        let why = in_words(error, time);
        if let (Error::ConnectProxyFailed(_), Some(proxy)) = (error, proxy)
            && let Some(status) = status_in(&why)
        {
            return Self::refused_by(proxy, status);
        }
        let through = proxy.map(|proxy| format!(", through the proxy {}", name(proxy)));
        let through = through.unwrap_or_default();
        let why = why + &through;
        let how = match (proxy, why.contains(NO_NAME)) {
            (Some(_), _) => Unreached::Proxy,
            (None, true) => Unreached::Name,
            (None, false) => Unreached::Server,
        };
        match error {
            // rustls reports what it does not trust or understand as invalid data.
            Error::Io(io) if io.kind() == ErrorKind::InvalidData => {
                let cause = io.get_ref().and_then(|cause| cause.downcast_ref());
                Self::of_tls(cause, how, &why, &through)
            }
            // Where nothing stands between, that is another protocol's answer: an alert of TLS, most often.
            Error::Protocol(what)
                if is_plain
                    && proxy.is_none()
                    && what.to_string().starts_with("http parse fail") =>
            {
                Self::Lasting(Unreached::SpeaksNoPlainHttp, why)
            }
            Error::Io(_)
            | Error::HostNotFound
            | Error::ConnectionFailed
            | Error::Timeout(_)
            | Error::Protocol(_)
            | Error::Decompress(..)
            | Error::BodyStalled
            | Error::ConnectProxyFailed(_) => Self::Passing(how, why),
            _ => Self::Lasting(how, why),
        }
    }

    fn of_tls(cause: Option<&rustls::Error>, how: Unreached, why: &str, through: &str) -> Self {
        let (what, said) = match cause {
            Some(rustls::Error::InvalidCertificate(cause)) => {
                let what = distrust(cause);
                (what, certificate_in_words(what, cause))
            }
            Some(rustls::Error::NoCertificatesPresented) => {
                (Distrust::Other, Some("it has no certificate".to_owned()))
            }
            Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
                let how = match how {
                    Unreached::Proxy => how,
                    _ => Unreached::SpeaksNoTls,
                };
                return Self::Lasting(
                    how,
                    format!(
                        "what answers does not speak https, as on a port for plain http{through}"
                    ),
                );
            }
            _ => return Self::Lasting(how, format!("no TLS connection: {why}")),
        };
        let said = said.map(|said| said + through);
        Self::Untrusted(what, said.unwrap_or_else(|| why.to_owned()))
    }

    /// A proxy that answered itself instead of passing the request on.
    pub(super) fn refused_by(proxy: &Proxy, status: u16) -> Self {
        let name = name(proxy);
        match status {
            407 => Self::Lasting(
                Unreached::Proxy,
                format!(
                    "the proxy {name} answered 407: it wants a user name and a password, as in http://user:password@{name}"
                ),
            ),
            400..=499 if !matches!(status, 408 | 429) => Self::Lasting(
                Unreached::Proxy,
                format!("the proxy {name} answered {status}: it does not let this worker through"),
            ),
            _ => Self::Passing(
                Unreached::Proxy,
                format!("the proxy {name} answered {status}"),
            ),
        }
    }

    fn is_lasting(&self) -> bool {
        match self {
            Self::Passing(..) => false,
            Self::Lasting(..) | Self::Untrusted(..) => true,
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::Passing(_, why) | Self::Lasting(_, why) | Self::Untrusted(_, why) => why,
        }
    }

    /// What came back, after so many tries.
    pub(super) fn cause(self, tries: u32) -> Cause {
        match self {
            Self::Untrusted(what, why) => Cause::Untrusted(what, why),
            Self::Passing(how, why) | Self::Lasting(how, why) if tries > 1 => {
                Cause::Unreachable(how, format!("{why} (after {tries} tries)"))
            }
            Self::Passing(how, why) | Self::Lasting(how, why) => Cause::Unreachable(how, why),
        }
    }
}

const NO_NAME: &str = "the name does not resolve";

/// Why there was no answer; `time` is what it was given.
fn in_words(error: &Error, time: Duration) -> String {
    match error {
        Error::Timeout(_) => format!("no answer within {}", in_seconds(time)),
        Error::HostNotFound => NO_NAME.into(),
        // Of which byte it is that no HTTP answer has, nobody learns anything.
        Error::Protocol(_) => "what came back is no HTTP answer".into(),
        Error::Io(io) if io.kind() == ErrorKind::UnexpectedEof => {
            "the connection ended before the answer did".into()
        }
        Error::BodyExceedsLimit(bytes) => {
            format!("its answer is larger than {} MiB", bytes >> 20)
        }
        other => {
            let text = other.to_string();
            let text = text.trim_start_matches("io: ");
            text.replace("failed to lookup address information", NO_NAME)
        }
    }
}

/// What is wrong with a certificate.
fn distrust(cause: &CertificateError) -> Distrust {
    match cause {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::WrongName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Distrust::Dates,
        CertificateError::UnknownIssuer => Distrust::UnknownAuthority,
        // rustls has no name of its own for this one.
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => Distrust::AuthorityItself,
            _ => Distrust::Other,
        },
        _ => Distrust::Other,
    }
}

/// What is wrong with it, where that can be said in words that are not a programmer's.
fn certificate_in_words(what: Distrust, cause: &CertificateError) -> Option<String> {
    let day = |time: &UnixTime| shown(UNIX_EPOCH + Duration::from_secs(time.as_secs()));
    Some(match (what, cause) {
        (_, CertificateError::NotValidForNameContext { presented, .. })
            if !presented.is_empty() =>
        {
            format!("its certificate is for {} only", presented.join(", "))
        }
        (Distrust::WrongName, _) => "its certificate is for another name".to_owned(),
        (_, CertificateError::ExpiredContext { not_after, .. }) => format!(
            "its certificate ended at {}, and this worker's clock says {}",
            day(not_after),
            now()
        ),
        (_, CertificateError::NotValidYetContext { not_before, .. }) => format!(
            "its certificate begins at {}, and this worker's clock says {}",
            day(not_before),
            now()
        ),
        (Distrust::Dates, _) => format!(
            "its certificate has ended or not begun, and this worker's clock says {}",
            now()
        ),
        (Distrust::UnknownAuthority, _) => {
            "nobody whom this machine trusts has issued its certificate".to_owned()
        }
        (Distrust::AuthorityItself, _) => "its certificate is an authority's own".to_owned(),
        (Distrust::Other, _) => return None,
    })
}

/// Without the credentials that its address may hold.
fn name(proxy: &Proxy) -> String {
    format!("{}:{}", proxy.host(), proxy.port())
}

/// The status in ureq's "proxy server responded 403/403".
fn status_in(why: &str) -> Option<u16> {
    let (_, status) = why.rsplit_once("responded ")?;
    status.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{NoAnswer, distrust};
    use crate::error::Distrust;
    use rustls::{CertificateError, OtherError};
    use std::sync::Arc;
    use ureq::Proxy;

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_by_its_type() {
        let other = |error| CertificateError::Other(OtherError(Arc::new(error)));
        for (cause, what) in [
            (CertificateError::NotValidForName, Distrust::WrongName),
            (CertificateError::Expired, Distrust::Dates),
            (CertificateError::NotValidYet, Distrust::Dates),
            (CertificateError::UnknownIssuer, Distrust::UnknownAuthority),
            (
                other(webpki::Error::CaUsedAsEndEntity),
                Distrust::AuthorityItself,
            ),
            (other(webpki::Error::EndEntityUsedAsCa), Distrust::Other),
            (CertificateError::BadSignature, Distrust::Other),
        ] {
            assert_eq!(distrust(&cause), what, "{cause}");
        }
    }

    #[test]
    fn a_proxy_that_is_only_busy_is_asked_again() {
        let proxy = Proxy::new("http://proxy.example.com:8080").expect("an address");
        for (status, lasting) in [
            (403, true),
            (404, true),
            (407, true),
            (408, false),
            (429, false),
            (502, false),
        ] {
            let none = NoAnswer::refused_by(&proxy, status);
            assert_eq!(none.is_lasting(), lasting, "{status}");
        }
    }
}
