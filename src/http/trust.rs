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
        .map_err(|e| problem(format!("names {}, which cannot be read: {e}. It takes a file of certificates in PEM form; without it the operating system's store is used", path.display())))?;
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
