//! Whose certificates are believed.

use crate::error::{Error, Problem};
use std::path::Path;
use ureq::tls::{PemItem, RootCerts, parse_pem};

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

    let found = rustls_native_certs::load_native_certs();
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
        .map_err(|e| problem(format!("cannot be read ({}): {e}", path.display())))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(problem(format!(
            "{} holds no certificate in PEM form",
            path.display()
        )));
    }
    Ok(RootCerts::from(certificates))
}
