//! What was asked of the servers, and when.

use crate::http::{Call, Service};
use crate::matcher::{Matcher, Route};
use hyper::body::Bytes;
use serde_json::Value;
use std::time::Instant;

/// One request that reached a server.
#[derive(Clone, Debug)]
pub struct Request {
    /// The server that it reached.
    pub service: Service,
    /// What it asked for.
    pub route: Route,
    /// `GET`, `DELETE`, ...
    pub method: String,
    /// The path as it was sent, percent-encoding included.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// The headers, secrets included: the sandbox knows only invented ones.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The status of the answer; `None` while there is none, and where a fault left it without one.
    pub status: Option<u16>,
    /// When it arrived.
    pub started: Instant,
    /// When its answer was ready, or its connection gone.
    pub ended: Option<Instant>,
}

impl Request {
    /// The value of one header.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::http::header(&self.headers, name)
    }

    /// The `Authorization` header.
    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// The parameters of the query, decoded.
    pub fn parameters(&self) -> Vec<(String, String)> {
        crate::http::form(&self.query)
    }

    /// The first value of one parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let found = self
            .parameters()
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// The body as JSON, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn matches(&self, matcher: &Matcher) -> bool {
        matcher.matches_parts(
            self.service,
            &self.method,
            self.route,
            &self.path,
            &self.query,
        )
    }
}

/// Every request since the sandbox started, in the order of arrival.
#[derive(Default)]
pub(crate) struct Record {
    requests: Vec<Request>,
}

impl Record {
    /// Writes down an arrival; the number goes into [`Record::end`].
    pub fn begin(&mut self, call: &Call, route: Route) -> usize {
        self.requests.push(Request {
            service: call.service,
            route,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
            status: None,
            started: Instant::now(),
            ended: None,
        });
        self.requests.len() - 1
    }

    /// Nothing is written where the record was cleared in between.
    pub fn end(&mut self, number: usize, status: Option<u16>) {
        if let Some(request) = self.requests.get_mut(number) {
            request.status = status.or(request.status);
            request.ended = Some(Instant::now());
        }
    }

    pub fn matching(&self, matcher: &Matcher) -> Vec<Request> {
        self.requests
            .iter()
            .filter(|request| request.matches(matcher))
            .cloned()
            .collect()
    }

    pub fn count(&self, matcher: &Matcher) -> usize {
        self.requests
            .iter()
            .filter(|request| request.matches(matcher))
            .count()
    }

    /// The most requests that were under way at one time.
    pub fn peak(&self, matcher: &Matcher) -> usize {
        let mut steps = Vec::new();
        for request in self
            .requests
            .iter()
            .filter(|request| request.matches(matcher))
        {
            steps.push((request.started, 1));
            steps.extend(request.ended.map(|ended| (ended, -1)));
        }
        // An end sorts before a start of the same instant: those two did not overlap.
        steps.sort();
        let mut under_way = 0_i64;
        let mut peak = 0;
        for (_, step) in steps {
            under_way += step;
            peak = peak.max(under_way);
        }
        usize::try_from(peak).unwrap_or(0)
    }
}
