//! A request as the two services see it, and what they answer.

use hyper::body::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Which of the servers a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Octopus Server, over HTTPS or plain HTTP.
    Octopus,
    /// Azure: Entra ID and Azure Resource Manager.
    Azure,
}

/// A request, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub service: Service,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Scheme, host and port that the caller used; links in answers start with it.
    pub origin: String,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The parameters of the query, decoded, in their order.
    pub fn parameters(&self) -> Vec<(String, String)> {
        form(&self.query)
    }

    /// The first value of one parameter, whatever the case of its name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let found = self
            .parameters()
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Decodes `a=b&c=d`, from a query or from a form.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decode(&key.replace('+', " ")),
                decode(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// Decodes percent-encoded text.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What a server answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// The body of an answer; JSON stays a value until the end, so that a fault can edit it.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    Raw(Bytes),
}

impl Answer {
    pub fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(value),
        }
    }

    pub fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The bytes of the body, and their type.
    pub fn bytes(&self) -> (Bytes, Option<&'static str>) {
        match &self.body {
            Body::Empty => (Bytes::new(), None),
            Body::Json(value) => (
                Bytes::from(value.to_string()),
                Some("application/json; charset=utf-8"),
            ),
            Body::Raw(bytes) => (bytes.clone(), None),
        }
    }
}
