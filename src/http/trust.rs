//! Whose certificates are believed.

use crate::error::{Error, Problem};
use std::path::Path;
use ureq::tls::{PemItem, RootCerts, parse_pem};

/// The operating system's certificate store, or `SSL_CERT_FILE` where that is set, on every system.
pub(super) fn roots() -> Result<RootCerts, Error> {
    match std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        Some(path) => certificates(Path::new(&path)),
        None => Ok(RootCerts::PlatformVerifier),
    }
}

fn certificates(path: &Path) -> Result<RootCerts, Error> {
    let problem = |what: String| {
        Error::Settings(vec![Problem {
            parameter: "SSL_CERT_FILE".into(),
            what,
        }])
    };
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
