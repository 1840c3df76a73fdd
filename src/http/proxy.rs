//! Which proxy a request goes through: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, none for what `NO_PROXY` names.

use crate::error::{Error, Problem};
use crate::settings::Secret;
use ureq::Proxy;
use ureq::http::Uri;

/// The proxies of this process.
#[derive(Debug)]
pub(super) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    direct: Vec<String>,
}

impl Proxies {
    /// Reads the variables, in capitals or small letters.
    pub(super) fn from_environment() -> Result<Self, Error> {
        let direct = variable("NO_PROXY")
            .map(|(_, list)| list)
            .unwrap_or_default();
        let direct = direct
            .split(',')
            .map(|entry| entry.trim().to_ascii_lowercase());
        Ok(Self {
            https: proxy("HTTPS_PROXY")?,
            http: proxy("HTTP_PROXY")?,
            direct: direct.filter(|entry| !entry.is_empty()).collect(),
        })
    }

    /// The proxy for an address.
    pub(super) fn of(&self, uri: &Uri) -> Option<Proxy> {
        let host = uri.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = uri
            .port_u16()
            .unwrap_or(if uri.scheme_str() == Some("https") {
                443
            } else {
                80
            });
        let covered = |entry: &String| {
            covers(
                entry.strip_suffix(&format!(":{port}")).unwrap_or(entry),
                &host,
            )
        };
        if self.direct.iter().any(covered) {
            return None;
        }
        if uri.scheme_str() == Some("https") {
            self.https.clone()
        } else {
            self.http.clone()
        }
    }
}

/// Whether an entry of `NO_PROXY` covers a host: `*` all of them, a name itself and what is below it.
fn covers(entry: &str, host: &str) -> bool {
    let name = entry
        .trim_start_matches('*')
        .trim_start_matches('.')
        .trim_matches(['[', ']']);
    entry == "*" || host == name || (!name.is_empty() && host.ends_with(&format!(".{name}")))
}

fn variable(name: &str) -> Option<(String, String)> {
    let names = [name.to_owned(), name.to_ascii_lowercase()];
    let mut values = names
        .into_iter()
        .filter_map(|name| std::env::var(&name).ok().map(|value| (name, value)));
    values.find(|(_, value)| !value.trim().is_empty())
}

fn proxy(name: &str) -> Result<Option<Proxy>, Error> {
    let Some((name, address)) = variable(name) else {
        return Ok(None);
    };
    if let Some(credentials) = address.rsplit_once('@').map(|(credentials, _)| credentials) {
        // The password as it was written; below as it is sent.
        drop(Secret::new(
            credentials
                .rsplit_once(':')
                .map_or("", |(_, password)| password),
        ));
    }
    let proxy = Proxy::new(address.trim()).map_err(|_| {
        // Not shown: it can hold a password.
        let what = "is no address of a proxy. Example: http://proxy.example.com:8080".into();
        Error::Settings(vec![Problem {
            parameter: name,
            what,
        }])
    })?;
    proxy.password().map(Secret::new);
    Ok(Some(proxy))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn what_needs_no_proxy_is_a_name_and_what_is_below_it() {
        for (entry, host, covered) in [
            ("*", "example.com", true),
            ("example.com", "example.com", true),
            ("example.com", "octopus.example.com", true),
            (".example.com", "octopus.example.com", true),
            ("*.example.com", "octopus.example.com", true),
            ("example.com", "badexample.com", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.11", false),
            ("::1", "::1", true),
        ] {
            assert_eq!(covers(entry, host), covered, "NO_PROXY={entry} for {host}");
        }
    }
}
