//! The address of Octopus Server, however it was written down.

use azure_core::http::Url;
use std::fmt;

/// The address of Octopus Server, with its virtual directory, without `/api` and without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads an address with or without a trailing slash, `/api`, or a virtual directory.
    ///
    /// # Errors
    /// Why it cannot be used. The text never quotes the address, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text.trim()).map_err(|_| match text.is_ascii() {
            true => "is no http or https address",
            false => {
                "is no http or https address in ASCII; write its host as DNS has it, with xn--"
            }
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("is no http or https address".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "holds a user name or a password; the API key is all that is needed".into(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("is the address of a page; it takes the address of the server".into());
        }
        let path = url.path().trim_end_matches('/');
        let cut = path.len().saturating_sub("/api".len());
        let path = match path.get(cut..) {
            Some(end) if end.eq_ignore_ascii_case("/api") => path[..cut].trim_end_matches('/'),
            _ => path,
        };
        let path = path.to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether the API key would cross the network unencrypted.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Its host, and the port if that is no usual one.
    #[must_use]
    pub fn host(&self) -> String {
        crate::http::place_of(&self.0)
    }

    /// The same address with the other one of http and https.
    #[must_use]
    pub fn other_scheme(&self) -> Option<Self> {
        let mut url = self.0.clone();
        let scheme = if self.is_plain_http() {
            "https"
        } else {
            "http"
        };
        url.set_scheme(scheme).ok()?;
        Some(Self(url))
    }

    /// Where a redirect only asks for https at the same host: the address to take instead.
    #[must_use]
    pub fn moved_to_https(&self, to: &str) -> Option<Self> {
        let to = Url::parse(to).ok()?;
        let same = self.is_plain_http() && to.scheme() == "https" && to.host() == self.0.host();
        let mut https = self.other_scheme().filter(|_| same)?;
        https.0.set_port(to.port()).ok()?;
        Some(https)
    }

    /// The address of a resource: path segments below `api`, each percent-encoded, and query parameters.
    #[must_use]
    pub fn resource(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api").extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
            crate::http::spell_spaces_out(&mut url);
        }
        url
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}
