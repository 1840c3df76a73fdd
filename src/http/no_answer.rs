//! Why a request was not answered, in words for people, and whether another try can help.

use crate::clock::{in_seconds, now, shown};
use crate::error::{Cause, Distrust, Unreached};
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, InvalidMessage};
use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};
use ureq::{Error, Proxy};

/// A request that was not answered.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Another try may be luckier.
    Passing(Unreached, String),
    /// Another try would end the same.
    Lasting(Unreached, String),
    /// The server could not prove who it is, so nothing was sent to it.
    Untrusted(Distrust, String),
    /// It did answer, with something that is no answer to anything.
    Unreadable(String),
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
            Error::BodyExceedsLimit(bytes) => {
                Self::Unreadable(format!("it is larger than {} MiB", bytes >> 20))
            }
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

    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Passing(..) => false,
            Self::Lasting(..) | Self::Untrusted(..) | Self::Unreadable(_) => true,
        }
    }

    pub(super) fn why(&self) -> &str {
        match self {
            Self::Passing(_, why)
            | Self::Lasting(_, why)
            | Self::Untrusted(_, why)
            | Self::Unreadable(why) => why,
        }
    }

    /// What came back, after so many tries.
    pub(super) fn cause(self, tries: u32) -> Cause {
        match self {
            Self::Untrusted(what, why) => Cause::Untrusted(what, why),
            Self::Unreadable(why) => Cause::Unreadable(why),
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
            let names: Vec<String> = presented.iter().map(|it| bare(it)).collect();
            format!("its certificate is for {} only", names.join(", "))
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

/// The name in rustls's `DnsName("octopus.example.com")`, the address in its `IpAddress(0::1)`.
fn bare(presented: &str) -> String {
    let inner = presented.split_once('(').map_or(presented, |(_, it)| it);
    let name = inner.trim_end_matches(')').trim_matches('"');
    let address = name.parse::<IpAddr>();
    address.map_or_else(|_| name.to_owned(), |it| it.to_string())
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
    use super::{NoAnswer, bare, distrust};
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
    fn the_names_of_a_certificate_are_said_as_people_write_them() {
        for (presented, said) in [
            ("DnsName(\"octopus.example.com\")", "octopus.example.com"),
            ("DnsName(\"*.example.com\")", "*.example.com"),
            ("IpAddress(127.0.0.1)", "127.0.0.1"),
            ("IpAddress(0::1)", "::1"),
            ("DirectoryName", "DirectoryName"),
        ] {
            assert_eq!(bare(presented), said);
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
