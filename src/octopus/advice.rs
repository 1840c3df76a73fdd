//! What to check or do next where Octopus gave no usable answer.

use super::base_url::BaseUrl;
use crate::error::{Cause, PERMISSIONS_IN_OCTOPUS, Speaker, Unreached, to_be_trusted};

/// What to do next, by what came back from this server; `with_token`: it was asked with an access token, not with a key.
pub(super) fn next_step(cause: &Cause, url: &BaseUrl, with_token: bool) -> String {
    match cause {
        Cause::Refused { wait: Some(_), .. }
        | Cause::Refused { status: 429, .. }
        | Cause::Silent(_)
        | Cause::Aged
        | Cause::Halted => {
            "Let fewer runs share this service account, run less often, or raise VMSS_RETRY_SECONDS"
                .into()
        }
        Cause::Refused {
            status, speaker, ..
        } => refused(*status, *speaker, url, with_token),
        Cause::Redirected { to, .. } => match url.moved_to_https(to) {
            Some(https) => format!("Set VMSS.Octopus.Url to {https}"),
            None => format!(
                "Set VMSS.Octopus.Url to the address of Octopus Server itself: {url} leads elsewhere, as before a login page or after a move"
            ),
        },
        Cause::Untrusted(what, _) => to_be_trusted(*what).into(),
        Cause::Unreachable(how, _) => unreached(*how, url),
        Cause::Unreadable(_) => {
            format!(
                "Check that {url} (VMSS.Octopus.Url) is Octopus Server and no login page or proxy"
            )
        }
        Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_)
        | Cause::Partial(_)
        | Cause::OutOfTime => {
            format!(
                "Run again; if it stays, look at the server's own log, and whether it is slow, at {url}"
            )
        }
    }
}

fn refused(status: u16, speaker: Speaker, url: &BaseUrl, with_token: bool) -> String {
    match (status, speaker) {
        (401, _) if with_token => {
            "Check that VMSS.Octopus.ApiKey is an access token of this server and has not expired; a run that waits long outlives it".into()
        }
        (401, _) => format!(
            "Check VMSS.Octopus.ApiKey: it takes a key of {url} that has not expired, of a service account that is active. Make a new one there: Configuration > Users > the service account > API Keys"
        ),
        (403, _) => format!(
            "Give the service account a role with what is missing (Configuration > Teams); {PERMISSIONS_IN_OCTOPUS} names them"
        ),
        (404, Speaker::Stranger | Speaker::Nobody) => format!(
            "Look for a proxy between this worker and {url}: that is no answer of Octopus itself"
        ),
        (404, Speaker::Service) => {
            format!("Check VMSS.Octopus.Url ({url}), the space and the environment")
        }
        (400..=499, Speaker::Stranger | Speaker::Nobody) if url.is_plain_http() => {
            format!("Check VMSS.Octopus.Url ({url}), and whether it should begin with https")
        }
        (400..=499, Speaker::Stranger | Speaker::Nobody) => format!(
            "Check VMSS.Octopus.Url ({url}), and look for a proxy before it: that is no answer of Octopus itself"
        ),
        (500.., Speaker::Stranger) => format!(
            "Run again; if it stays, look at the server, and at any proxy before it ({url}): that is no answer of Octopus itself"
        ),
        _ => format!(
            "Run again; if it stays, look at the log of the server itself ({url}, Configuration > Diagnostics)"
        ),
    }
}

fn unreached(how: Unreached, url: &BaseUrl) -> String {
    match how {
        Unreached::Name => format!(
            "Check the host name in VMSS.Octopus.Url ({url}), and that this worker can resolve it"
        ),
        Unreached::Proxy => format!(
            "Check HTTPS_PROXY and HTTP_PROXY, and that the proxy lets this worker reach {url}; NO_PROXY names what is reached without it"
        ),
        Unreached::SpeaksNoTls => match url.other_scheme() {
            Some(http) => format!(
                "Set VMSS.Octopus.Url to the port at which the server speaks https, or, where it has none, to {http} (the key then crosses the network unencrypted)"
            ),
            None => format!("Check VMSS.Octopus.Url ({url})"),
        },
        Unreached::SpeaksNoPlainHttp => match url.other_scheme() {
            Some(https) => format!("Set VMSS.Octopus.Url to {https}, if that is Octopus Server"),
            None => format!("Check VMSS.Octopus.Url ({url})"),
        },
        Unreached::Server if url.is_plain_http() => format!(
            "Check that this worker reaches {url} (VMSS.Octopus.Url), and whether that should begin with https; then run again"
        ),
        Unreached::Server => format!(
            "Check that this worker reaches {url} (VMSS.Octopus.Url): address, port, firewall, HTTPS_PROXY; then run again"
        ),
    }
}
