//! How this machine reaches others: through which proxy (`HTTPS_PROXY` for https, `HTTP_PROXY` for http, none for what
//! `NO_PROXY` names), and whose certificates are believed.

use super::exchange::Call;
use crate::error::{Error, Problem, without_numbers};
use crate::secret::Secret;
use azure_core::base64;
use azure_core::http::Url;
use std::net::IpAddr;
use std::path::Path;
use ureq::tls::{PemItem, RootCerts, parse_pem};
use ureq::{Proxy, ProxyProtocol};

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
            .split([',', ' ', '\t'])
            .map(|entry| entry.trim().to_ascii_lowercase());
        Ok(Self {
            https: proxy("HTTPS_PROXY")?,
            http: proxy("HTTP_PROXY")?,
            direct: direct.filter(|entry| !entry.is_empty()).collect(),
        })
    }

    /// The proxy for a request.
    pub(super) fn of(&self, call: &Call<'_>) -> Option<Proxy> {
        if call.direct {
            return None;
        }
        let url = Url::parse(call.url).ok()?;
        let host = url
            .host_str()?
            .trim_matches(['[', ']'])
            .to_ascii_lowercase();
        let port = url.port_or_known_default()?;
        let covered = |entry: &String| {
            let entry = entry.strip_suffix(&format!(":{port}")).unwrap_or(entry);
            covers(entry, &host)
        };
        if self.direct.iter().any(covered) {
            return None;
        }
        match url.scheme() {
            "https" => self.https.clone(),
            _ => self.http.clone(),
        }
    }
}

/// Whether an entry of `NO_PROXY` covers a host: `*` all of them, a name itself and what is below it, a network such as
/// `10.0.0.0/8` its addresses.
fn covers(entry: &str, host: &str) -> bool {
    if let Some((network, bits)) = entry.split_once('/') {
        return is_within(host, network, bits).unwrap_or(false);
    }
    let name = entry
        .trim_start_matches('*')
        .trim_start_matches('.')
        .trim_matches(['[', ']']);
    entry == "*" || host == name || (!name.is_empty() && host.ends_with(&format!(".{name}")))
}

/// `None`: these are no address and no network of the same kind.
fn is_within(host: &str, network: &str, bits: &str) -> Option<bool> {
    let bits: u32 = bits.trim().parse().ok()?;
    let (width, host, network): (u32, u128, u128) =
        match (host.parse().ok()?, network.trim().parse().ok()?) {
            (IpAddr::V4(host), IpAddr::V4(network)) => {
                (32, host.to_bits().into(), network.to_bits().into())
            }
            (IpAddr::V6(host), IpAddr::V6(network)) => (128, host.to_bits(), network.to_bits()),
            _ => return None,
        };
    let rest = width.checked_sub(bits)?;
    Some((host ^ network).checked_shr(rest).unwrap_or(0) == 0)
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
    let is_http = |proxy: &Proxy| {
        matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
            // A password with a slash of its own would end the address, and the user would be the proxy.
            && (proxy.username().is_some() || !address.contains('@'))
    };
    let proxy = Proxy::new(address.trim()).ok().filter(is_http);
    let proxy = proxy.ok_or_else(|| {
        // Not shown: it can hold a password.
        let what = "is no address of an HTTP proxy. Example: http://proxy.example.com:8080, or http://user:password@proxy.example.com:8080 with a password in which characters such as / and # are written as %2F and %23".into();
        Error::Settings(vec![Problem {
            parameter: name,
            what,
        }])
    })?;
    if let Some(password) = proxy.password().map(Secret::new) {
        // As it is sent.
        let user = proxy.username().unwrap_or_default();
        drop(Secret::new(base64::encode(format!(
            "{user}:{}",
            password.expose()
        ))));
    }
    Ok(Some(proxy))
}

/// The operating system's certificate store, or `SSL_CERT_FILE` where that is set, on every system. A warning where there
/// is neither.
pub(super) fn roots() -> Result<(RootCerts, Option<String>), Error> {
    match std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        Some(path) => Ok((certificates(Path::new(&path))?, None)),
        None => store(),
    }
}

/// Where the store is files, as in Linux, it may be missing: minimal containers have none.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn store() -> Result<(RootCerts, Option<String>), Error> {
    use ureq::tls::Certificate;

    let found = native_certificates();
    if !found.certs.is_empty() {
        let certificates = found.certs.iter();
        let certificates: Vec<_> = certificates
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect();
        return Ok((RootCerts::from(certificates), None));
    }
    if std::env::var_os("SSL_CERT_DIR").is_some_and(|folders| !folders.is_empty()) {
        return Err(problem(
            "SSL_CERT_DIR",
            "names no folder with a certificate".into(),
        ));
    }
    let why: String = found
        .errors
        .iter()
        .map(|error| format!(" ({error})"))
        .collect();
    let warning = format!(
        "This machine has no certificate store{why}, so the public authorities that Mozilla lists are trusted, as of this version. For a private one, name a file with its certificate in SSL_CERT_FILE"
    );
    Ok((RootCerts::WebPki, Some(warning)))
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn native_certificates() -> rustls_native_certs::CertificateResult {
    use rustls_native_certs::{load_certs_from_paths, load_native_certs};

    if std::env::var_os("SSL_CERT_FILE").is_none() {
        return load_native_certs();
    }
    // Set and empty, which counts as not set; that library would read a file without a name, and trust nobody.
    let folders = std::env::var_os("SSL_CERT_DIR").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&folders)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    let mut file = None;
    if folders.is_empty() {
        let usual = openssl_probe::probe();
        (file, folders) = (usual.cert_file, usual.cert_dir);
    }
    let mut found = load_certs_from_paths(file.as_deref(), None);
    for folder in folders {
        let more = load_certs_from_paths(None, Some(&folder));
        found.certs.extend(more.certs);
        found.errors.extend(more.errors);
    }
    found
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn store() -> Result<(RootCerts, Option<String>), Error> {
    Ok((RootCerts::PlatformVerifier, None))
}

fn problem(parameter: &str, what: String) -> Error {
    Error::Settings(vec![Problem {
        parameter: parameter.into(),
        what,
    }])
}

fn certificates(path: &Path) -> Result<RootCerts, Error> {
    let problem = |what| problem("SSL_CERT_FILE", what);
    let pem = std::fs::read(path)
        .map_err(|e| problem(format!("names {}, which cannot be read: {}. It takes a file of certificates in PEM form; without it the operating system's store is used", path.display(), without_numbers(&e.to_string()))))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(problem(format!(
            "names {}, which holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
            path.display()
        )));
    }
    Ok(RootCerts::from(certificates))
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
            ("10.0.0.0/8", "10.200.3.4", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.2", false),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "fe80::1", true),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.0/8", "octopus.example.com", false),
        ] {
            assert_eq!(covers(entry, host), covered, "NO_PROXY={entry} for {host}");
        }
    }
}
