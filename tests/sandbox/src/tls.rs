//! A certificate authority for one run, and the certificate of its servers.

use crate::clock::Time;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The authority's certificate on disk, and what the servers present.
pub(crate) struct Tls {
    pub server: Arc<rustls::ServerConfig>,
    folder: TempDir,
}

impl Tls {
    /// Makes an authority and a certificate for 127.0.0.1, ::1 and localhost, which is good between these times, if it is
    /// not for ever.
    pub fn new(valid: Option<(Time, Time)>) -> Self {
        let authority_key = KeyPair::generate().expect("ring makes a key");
        let authority_params = authority_params();
        let authority = authority_params
            .self_signed(&authority_key)
            .expect("the authority signs itself");
        let issuer = Issuer::new(authority_params, authority_key);

        let key = KeyPair::generate().expect("ring makes a key");
        let mut leaf = leaf_params();
        if let Some((from, until)) = valid {
            (leaf.not_before, leaf.not_after) = (from, until);
        }
        let leaf = leaf
            .signed_by(&key, &issuer)
            .expect("the authority signs the servers' certificate");

        let folder = tempfile::Builder::new()
            .prefix("sandbox-")
            .tempdir()
            .expect("a temporary folder");
        std::fs::write(folder.path().join(CA_FILE), authority.pem())
            .expect("the certificate is written");
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .expect("key and certificate belong together");
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            server: Arc::new(server),
            folder,
        }
    }

    /// The authority's certificate, PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join(CA_FILE)
    }

    /// A folder that goes with the sandbox.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

const CA_FILE: &str = "sandbox-ca.pem";

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names, no bad names");
    params.distinguished_name.push(
        DnType::CommonName,
        "Sandbox certificate authority, for tests only",
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params() -> CertificateParams {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names).expect("loopback names are valid");
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2044, 1, 1);
    params
}
