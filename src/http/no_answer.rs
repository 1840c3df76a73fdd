//! Why there was no answer, in words for people, and whether another try can help.

use crate::clock::{in_seconds, now};
use crate::error::{Cause, Distrust};
use rustls::{CertificateError, InvalidMessage};
use std::io::ErrorKind;
use std::time::Duration;
use ureq::{Error, Proxy};

/// A request that was not answered.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Another try may be luckier.
    Passing(String),
    /// Another try would end the same.
    Lasting(String),
    /// The server could not prove who it is, so nothing was sent to it.
    Untrusted(Distrust, String),
}

impl NoAnswer {
    pub(super) fn lasting(why: impl Into<String>) -> Self {
        Self::Lasting(why.into())
    }

    /// What a failed exchange says; `time` is what it was given.
    pub(super) fn of(error: &Error, time: Duration, proxy: Option<&Proxy>) -> Self {
        let why = match error {
            Error::Timeout(_) => format!("no answer within {}", in_seconds(time)),
            Error::HostNotFound => "the name does not resolve".into(),
            Error::Protocol(why) => format!("what came back is no HTTP answer: {why}"),
            Error::Io(io) if io.kind() == ErrorKind::UnexpectedEof => {
                "the connection ended before the answer did".into()
            }
            Error::BodyExceedsLimit(bytes) => {
                format!("its answer is larger than {} MiB", bytes >> 20)
            }
            other => {
                let text = other.to_string();
                let text = text.trim_start_matches("io: ");
                text.replace(
                    "failed to lookup address information",
                    "the name does not resolve",
                )
            }
        };
        if let (Error::ConnectProxyFailed(_), Some(proxy)) = (error, proxy)
            && let Some(status) = status_in(&why)
        {
            return Self::refused_by(proxy, status);
        }
        let why = match proxy {
            Some(proxy) => format!("{why}, through the proxy {}", name(proxy)),
            None => why,
        };
        match error {
            // rustls reports what it does not trust or understand as invalid data.
            Error::Io(io) if io.kind() == ErrorKind::InvalidData => {
                let cause = io.get_ref().and_then(|cause| cause.downcast_ref());
                Self::of_tls(cause, &why)
            }
            Error::Io(_)
            | Error::HostNotFound
            | Error::ConnectionFailed
            | Error::Timeout(_)
            | Error::Protocol(_)
            | Error::Decompress(..)
            | Error::BodyStalled
            | Error::ConnectProxyFailed(_) => Self::Passing(why),
            _ => Self::Lasting(why),
        }
    }

    fn of_tls(cause: Option<&rustls::Error>, why: &str) -> Self {
        let what = match cause {
            Some(rustls::Error::InvalidCertificate(cause)) => distrust(cause),
            Some(rustls::Error::NoCertificatesPresented) => Distrust::Other,
            Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
                return Self::Lasting(format!(
                    "no TLS connection: what answers does not speak TLS, as on a port for plain http ({why})"
                ));
            }
            _ => return Self::Lasting(format!("no TLS connection: {why}")),
        };
        let why = match what {
            Distrust::Dates => format!("{why} (this worker's clock says {})", now()),
            _ => why.to_owned(),
        };
        Self::Untrusted(what, why)
    }

    /// A proxy that answered itself instead of passing the request on.
    pub(super) fn refused_by(proxy: &Proxy, status: u16) -> Self {
        let name = name(proxy);
        match status {
            407 => Self::Lasting(format!(
                "the proxy {name} answered 407: it wants a user name and a password, as in http://user:password@{name}"
            )),
            400..=499 if !matches!(status, 408 | 429) => Self::Lasting(format!(
                "the proxy {name} answered {status}: it does not let this worker through"
            )),
            _ => Self::Passing(format!("the proxy {name} answered {status}")),
        }
    }

    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Passing(_) => false,
            Self::Lasting(_) | Self::Untrusted(..) => true,
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::Passing(why) | Self::Lasting(why) | Self::Untrusted(_, why) => why,
        }
    }

    /// What came back, after so many tries.
    pub(super) fn cause(self, tries: u32) -> Cause {
        match self {
            Self::Untrusted(what, why) => Cause::Untrusted(what, why),
            Self::Passing(why) | Self::Lasting(why) if tries > 1 => {
                Cause::Unreachable(format!("{why} (after {tries} tries)"))
            }
            Self::Passing(why) | Self::Lasting(why) => Cause::Unreachable(why),
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
