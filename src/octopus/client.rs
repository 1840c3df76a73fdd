//! The client that everything else here asks with: a server, and a space of it. With the key, inside the rate limit, page by
//! page. Only GET, but for the writer.

use super::advice;
use super::base_url::BaseUrl;
use super::gaps::{Gap, Gaps};
use super::writer::WritePermit;
use crate::error::{Cause, Service, ServiceError, Speaker, in_detail};
use crate::http::{
    self, Call, Deadline, Distinct, Http, ListingLength, Method, RateLimiter, Reading, Reply,
    Sending, object, words,
};
use crate::secret::Secret;
use azure_core::http::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::SystemTime;

/// Rows asked for at once. A page of targets is then about a megabyte; a server that sends fewer is followed.
const PAGE: usize = 500;

/// Octopus Server, as seen by one service account.
#[derive(Debug)]
pub struct Server {
    http: Arc<Http>,
    limiter: RateLimiter,
    url: BaseUrl,
    /// `None` where it is asked only what it tells everybody.
    key: Option<Secret>,
}

/// A path, and the questions behind it.
pub(super) type Address<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// The rows of a listing.
#[derive(Debug)]
pub(crate) struct Listed<R> {
    pub(crate) rows: Vec<R>,
    /// When the server answered, by its own clock.
    pub(crate) answered: Option<SystemTime>,
}

impl Server {
    /// Prepares the client; nothing is sent yet.
    #[must_use]
    pub fn new(http: &Arc<Http>, url: BaseUrl, key: Secret) -> Self {
        Self {
            key: Some(key),
            ..Self::without_key(http, url)
        }
    }

    /// The same, which is asked only what it tells everybody: nothing secret is sent to it.
    #[must_use]
    pub fn without_key(http: &Arc<Http>, url: BaseUrl) -> Self {
        Self {
            http: Arc::clone(http),
            limiter: RateLimiter::default(),
            url,
            key: None,
        }
    }

    /// Sends a request that is not GET: method, path and query, and body.
    pub(super) fn change(
        &self,
        _: &WritePermit,
        (method, (path, query), body): (Method, Address<'_>, &[u8]),
        attempted: &str,
        sending: &mut Sending,
    ) -> Result<Reply, ServiceError> {
        let url = self.url.resource(path, query);
        self.send((method, &url, body), attempted, sending)
    }

    /// Sends a request; any status but a success is an error.
    fn send(
        &self,
        (method, url, body): (Method, &Url, &[u8]),
        attempted: &str,
        sending: &mut Sending,
    ) -> Result<Reply, ServiceError> {
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        headers.extend(self.key.as_ref().map(|key| match key.is_jwt() {
            true => (
                "authorization".to_owned(),
                format!("Bearer {}", key.expose()),
            ),
            false => ("x-octopus-apikey".to_owned(), key.expose().to_owned()),
        }));
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let call = Call {
            method,
            url: url.as_str(),
            headers,
            body,
            direct: false,
        };
        let failed = |cause: Cause| {
            let is_jwt = self.key.as_ref().is_some_and(Secret::is_jwt);
            let next = advice::next_step(&cause, &self.url, is_jwt);
            ServiceError {
                service: Service::Octopus,
                attempted: attempted.to_owned(),
                host: self.url.host().into(),
                cause,
                next,
            }
        };
        let limiter = Some(&self.limiter);
        let reply = self.http.send_while_fresh(&call, limiter, sending);
        let reply = reply.map_err(failed)?;
        match reply.status {
            200..=299 => Ok(reply),
            _ => Err(failed(reply.redirect().unwrap_or_else(|| refused(&reply)))),
        }
    }

    /// Reads one resource; and the reply it came with, without its body.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<(T, Reply), ServiceError> {
        let (body, reply) = self.answer(path, query, attempted, deadline)?;
        let value = object(&body).map_err(|why| self.unreadable(attempted, &why))?;
        Ok((value, reply))
    }

    /// What the same does for every type, compiled once: the body, and the reply without it.
    fn answer(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<(Vec<u8>, Reply), ServiceError> {
        let url = self.url.resource(path, query);
        let request = (Method::Get, &url, &b""[..]);
        let mut reply = self.send(request, attempted, &mut deadline.into())?;
        Ok((std::mem::take(&mut reply.body), reply))
    }

    /// Its host, and the port if that is no usual one.
    pub(super) fn host(&self) -> String {
        self.url.host()
    }

    pub(super) fn unreadable(&self, attempted: &str, why: &dyn std::fmt::Display) -> ServiceError {
        let next = format!(
            "Check that {} (VMSS.Octopus.Url) is Octopus Server and no login page or proxy",
            self.url
        );
        let cause = Cause::Unreadable(why.to_string());
        ServiceError {
            service: Service::Octopus,
            attempted: attempted.to_owned(),
            host: self.url.host().into(),
            cause,
            next,
        }
    }

    /// Reads every page of a listing (its path and its query) and hands over every row, in order. `key` tells rows apart.
    ///
    /// Complete is a listing whose total stayed the same on all pages and equals the number of distinct rows; any other
    /// changed while it was read, and is read again from the start.
    pub(super) fn list<T: DeserializeOwned, R>(
        &self,
        listing: (&[&str], &[(&str, &str)]),
        attempted: &str,
        key: impl Fn(&T) -> &str,
        mut keep: impl FnMut(T) -> R,
        deadline: Deadline,
    ) -> Result<Listed<R>, ServiceError> {
        http::complete(Service::Octopus, (attempted, &self.url.host()), || {
            self.read_pages(listing, attempted, &key, &mut keep, deadline)
        })
    }

    fn read_pages<T: DeserializeOwned, R>(
        &self,
        (path, query): (&[&str], &[(&str, &str)]),
        attempted: &str,
        key: &impl Fn(&T) -> &str,
        keep: &mut impl FnMut(T) -> R,
        deadline: Deadline,
    ) -> Result<Reading<Listed<R>>, ServiceError> {
        let (mut rows, mut keys) = (Vec::new(), Distinct::default());
        let take = PAGE.to_string();
        let (mut total, mut length) = (None, ListingLength::default());
        loop {
            let skip = rows.len().to_string();
            let mut query = query.to_vec();
            query.extend([("skip", skip.as_str()), ("take", take.as_str())]);
            let (page, reply) = self.get::<ResourcePage<T>>(path, &query, attempted, deadline)?;
            let no_page = "it lacks Items or TotalResults";
            let (items, now) = page
                .into_parts()
                .ok_or_else(|| self.unreadable(attempted, &no_page))?;
            let expected = *total.get_or_insert(now);
            if let Some(why) = length.page(expected) {
                return Ok(Reading::Endless(why));
            }
            if now != expected {
                return Ok(Reading::Changed(format!(
                    "its total went from {expected} to {now}"
                )));
            }
            let empty = items.is_empty();
            for row in items {
                // An id becomes a part of addresses, where these would mean the listing itself.
                if matches!(key(&row), "" | "." | "..") {
                    return Err(self.unreadable(attempted, &"a row has no id"));
                }
                if !keys.is_new(key(&row)) {
                    return Ok(Reading::Changed(format!("{} came twice", key(&row))));
                }
                rows.push(keep(row));
            }
            if rows.len() == expected {
                return Ok(Reading::Complete(Listed {
                    rows,
                    answered: reply.date(),
                }));
            }
            if empty || rows.len() > expected {
                return Ok(Reading::Changed(format!(
                    "it holds {} rows and says that it has {expected}",
                    rows.len()
                )));
            }
        }
    }
}

/// The server's own text, where it is Octopus's error shape.
fn refused(reply: &Reply) -> Cause {
    let error = object::<OctopusErrorRow>(&reply.body);
    let speaker = match &error {
        Ok(OctopusErrorRow {
            error_message: Some(_),
            ..
        }) => Speaker::Service,
        _ if reply.body.trim_ascii().is_empty() => Speaker::Nobody,
        Ok(_) | Err(_) => Speaker::Stranger,
    };
    let message = match error {
        Ok(OctopusErrorRow {
            error_message,
            errors,
        }) => {
            let mut texts: Vec<String> = error_message
                .into_iter()
                .chain(errors.unwrap_or_default())
                .collect();
            // The first error usually repeats the message.
            texts.dedup();
            texts.join(" ")
        }
        Err(_) => words(&reply.body),
    };
    if let Some(more) = in_detail(&message) {
        log::debug!("Octopus says: {more}");
    }
    Cause::Refused {
        status: reply.status,
        code: None,
        message: message.into(),
        wait: reply.wait.map(Box::new),
        tries: reply.tries,
        speaker,
    }
}

/// A page of a listing. Newer servers put the page of some listings into an object of one property.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourcePage<T> {
    #[serde(default = "Option::default")]
    items: Option<Vec<T>>,
    #[serde(default)]
    total_results: Option<usize>,
    #[serde(default = "Option::default")]
    resource_collection: Option<Box<Self>>,
}

impl<T> ResourcePage<T> {
    /// The rows and the total of the listing; `None` if this is no page.
    fn into_parts(self) -> Option<(Vec<T>, usize)> {
        match self.resource_collection {
            Some(page) => page.into_parts(),
            None => Some((self.items?, self.total_results?)),
        }
    }
}

/// An error body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OctopusErrorRow {
    error_message: Option<String>,
    #[serde(default)]
    errors: Option<Vec<String>>,
}

/// One space of Octopus Server. It only reads; what changes something is [`super::Writer`]'s.
#[derive(Debug, Clone)]
pub struct Octopus {
    server: Arc<Server>,
    space: String,
    gaps: Arc<Gaps>,
}

impl Octopus {
    /// Prepares the client for the space of this id; nothing is sent yet.
    #[must_use]
    pub fn new(server: &Arc<Server>, space: String) -> Self {
        Self {
            server: Arc::clone(server),
            space,
            gaps: Arc::default(),
        }
    }

    /// The id of the space, such as `Spaces-1`.
    #[must_use]
    pub fn space(&self) -> &str {
        &self.space
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// Below the space; but a task's id is the server's, not a space's, and serves where tasks are not found there.
    fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        match below {
            ["tasks", ..] if self.gaps.has(Gap::SpaceTasks) => below.to_vec(),
            _ => [&[self.space.as_str()], below].concat(),
        }
    }

    /// Reads one resource of the space; and the reply it came with, without its body.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<(T, Reply), ServiceError> {
        self.server
            .get(&self.path(path), query, attempted, deadline)
    }

    /// Reads a listing of the space, as [`Server::list`] does.
    pub(crate) fn list<T: DeserializeOwned, R>(
        &self,
        (path, query): (&[&str], &[(&str, &str)]),
        attempted: &str,
        key: impl Fn(&T) -> &str,
        keep: impl FnMut(T) -> R,
        deadline: Deadline,
    ) -> Result<Listed<R>, ServiceError> {
        let path = self.path(path);
        self.server
            .list((&path, query), attempted, key, keep, deadline)
    }

    /// Changes something in the space: method, path and query, and body.
    pub(super) fn change(
        &self,
        permit: &WritePermit,
        (method, (path, query), body): (Method, Address<'_>, &[u8]),
        attempted: &str,
        sending: &mut Sending,
    ) -> Result<Reply, ServiceError> {
        let path = self.path(path);
        self.server
            .change(permit, (method, (&path, query), body), attempted, sending)
    }

    pub(crate) fn unreadable(&self, attempted: &str, why: &dyn std::fmt::Display) -> ServiceError {
        self.server.unreadable(attempted, why)
    }
}
