//! Requests to Azure Resource Manager: signed in, page by page, never to another origin.

use super::account::{Account, Credential};
use super::advice::{TransportError, find_in, innermost, next_step};
use super::rows::ArmPage;
use super::sign_in;
use super::transport::{AddressRewrite, client_options, wait};
use crate::clock::http_date;
use crate::error::{Cause, Problem, Service, ServiceError};
use crate::http::{self, Deadline, Distinct, Http, ListingLength, Reading, object, place_of};
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{Context, Method, Pipeline, PipelineSendOptions, RawResponse, Request, Url};
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The first stable version that all clouds have and that knows everything asked for here.
const API_VERSION: &str = "2024-11-01";

/// Azure, as seen by one account.
#[derive(Debug)]
pub struct Azure {
    http: Arc<Http>,
    account: Account,
    resource_manager: Url,
    session: Mutex<Session>,
    clock: Mutex<Option<Clock>>,
}

/// What a service said that the time is, and when it said so by this machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Its time.
    pub theirs: SystemTime,
    /// This machine's.
    pub ours: SystemTime,
}

/// A sign-in, and what became of it.
#[derive(Debug, Clone)]
struct Session {
    pipeline: Pipeline,
    number: u32,
    /// Azure has taken its token at least once.
    accepted: bool,
}

impl Azure {
    /// Prepares the sign-in; the first request does it.
    ///
    /// # Errors
    /// A problem with the account's settings that only the SDK sees.
    pub fn connect(account: &Account, http: &Arc<Http>) -> Result<Self, Problem> {
        let resource_manager =
            Url::parse(&account.endpoints.resource_manager).map_err(|e| Problem {
                parameter: "VMSS.Azure.Account.ResourceManagementEndpointBaseUri".into(),
                what: e.to_string(),
            })?;
        Ok(Self {
            session: Mutex::new(Session {
                pipeline: pipeline(account, http)?,
                number: 0,
                accepted: false,
            }),
            http: Arc::clone(http),
            account: account.clone(),
            resource_manager,
            clock: Mutex::default(),
        })
    }

    /// What the time was by Azure's last answer.
    pub fn clock(&self) -> Option<Clock> {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address of a resource: path segments, each percent-encoded, and query parameters.
    pub(super) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.resource_manager.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url.query_pairs_mut()
            .append_pair("api-version", API_VERSION)
            .extend_pairs(query);
        crate::http::spell_spaces_out(&mut url);
        url
    }

    /// Reads one resource.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        url: Url,
        attempted: &str,
        deadline: Deadline,
    ) -> Result<T, ServiceError> {
        let failed = |error: &TransportError| ServiceError {
            service: error.service,
            attempted: error.attempted(attempted),
            // A sign-in names its own.
            host: match error.service {
                Service::Azure => error.host.as_str().into(),
                _ => Box::default(),
            },
            cause: error.cause.clone(),
            next: next_step(error),
        };
        let response = self
            .send(&url, deadline)
            .map_err(|error| match find_in(&error) {
                Some(error) => failed(error),
                // Only the sign-in reads anything before this point.
                None => failed(&self.no_token(&innermost(&error))),
            })?;
        self.note_clock(&response);
        let body: &[u8] = response.body().as_ref();
        object(body).map_err(|why| {
            let cause = Cause::Unreadable(why);
            failed(&TransportError::new(Service::Azure, self.host(), cause))
        })
    }

    fn note_clock(&self, response: &RawResponse) {
        let date = response
            .headers()
            .get_optional_str(&HeaderName::from_static("date"));
        let clock = date.and_then(http_date).map(|theirs| Clock {
            theirs,
            ours: SystemTime::now(),
        });
        if clock.is_some() {
            *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
        }
    }

    /// The host of Azure Resource Manager, and the port if that is no usual one.
    pub(super) fn host(&self) -> String {
        place_of(&self.resource_manager)
    }

    /// Sends a request. A token that Azure took before and takes no more is replaced, once.
    fn send(&self, url: &Url, deadline: Deadline) -> azure_core::Result<RawResponse> {
        let session = self.session().clone();
        let answer = session.send(url, deadline);
        let refused = answer.as_ref().err().and_then(find_in).is_some_and(|it| {
            matches!(it.cause, Cause::Refused { status: 401, .. }) && it.service == Service::Azure
        });
        if refused && let Some(next) = self.next_session(&session) {
            return next.send(url, deadline);
        }
        if answer.is_ok() {
            let mut current = self.session();
            current.accepted |= current.number == session.number;
        }
        answer
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What follows a session whose token was refused. The SDK's credentials keep a token until it is about to expire by
    /// this machine's clock, whatever Azure says of it; only a new one asks again.
    fn next_session(&self, refused: &Session) -> Option<Session> {
        let mut current = self.session();
        if current.number == refused.number {
            if !current.accepted {
                return None;
            }
            *current = Session {
                pipeline: pipeline(&self.account, &self.http).ok()?,
                number: refused.number + 1,
                accepted: false,
            };
        }
        Some(current.clone())
    }

    /// An answer of who issues the tokens in which there is none.
    fn no_token(&self, why: &str) -> TransportError {
        log::debug!("the sign-in says: {why}");
        // A parser's words are a programmer's.
        let why = match why.contains(" at line ") {
            true => "there is no token in it".to_owned(),
            false => format!("there is no token in it: {why}"),
        };
        let authority = Url::parse(&self.account.endpoints.authority);
        let (service, host) = match self.account.credential {
            Credential::ClientSecret { .. }
            | Credential::FederatedToken { .. }
            | Credential::WorkloadIdentity { .. } => (
                Service::EntraId,
                authority.map(|it| place_of(&it)).unwrap_or_default(),
            ),
            Credential::ManagedIdentity { .. } => (Service::ManagedIdentity, String::new()),
            Credential::AzureCli { .. } => (Service::AzureCli, String::new()),
        };
        TransportError::new(service, host, Cause::Unreadable(why))
    }

    /// Reads every page of a listing and hands over every row, in order. `key` tells rows apart.
    ///
    /// A listing in which a page or a row comes twice changed while it was read, and is read again from the start.
    pub(super) fn list<T: DeserializeOwned, R>(
        &self,
        first: &Url,
        attempted: &str,
        key: impl Fn(&T) -> &str,
        keep: impl Fn(T) -> R,
        deadline: Deadline,
    ) -> Result<Vec<R>, ServiceError> {
        http::complete(Service::Azure, (attempted, &self.host()), || {
            self.read_pages(first, attempted, &key, &keep, deadline)
        })
    }

    fn read_pages<T: DeserializeOwned, R>(
        &self,
        first: &Url,
        attempted: &str,
        key: &impl Fn(&T) -> &str,
        keep: &impl Fn(T) -> R,
        deadline: Deadline,
    ) -> Result<Reading<Vec<R>>, ServiceError> {
        let (mut links, mut keys) = (Distinct::default(), Distinct::default());
        let mut length = ListingLength::default();
        let mut rows = Vec::new();
        let mut next = Some(first.clone());
        while let Some(url) = next {
            if !links.is_new_exactly(url.as_str()) {
                return Ok(Reading::Changed(
                    "a page led back to one that was read before".into(),
                ));
            }
            let page: ArmPage<T> = self.get(url, attempted, deadline)?;
            for row in page.value {
                if !keys.is_new(key(&row)) {
                    return Ok(Reading::Changed(format!("{} came twice", key(&row))));
                }
                rows.push(keep(row));
            }
            if let Some(why) = length.page(rows.len()) {
                return Ok(Reading::Endless(why));
            }
            next = self.next_page(page.next_link.as_deref(), attempted)?;
        }
        Ok(Reading::Complete(rows))
    }

    /// The address of the next page. A token goes only to the origin it was issued for, whatever a link says.
    fn next_page(&self, link: Option<&str>, attempted: &str) -> Result<Option<Url>, ServiceError> {
        let Some(link) = link.filter(|link| !link.is_empty()) else {
            return Ok(None);
        };
        match Url::parse(link) {
            Ok(url) if url.origin() == self.resource_manager.origin() => Ok(Some(url)),
            _ => Err(ServiceError {
                service: Service::Azure,
                attempted: attempted.to_owned(),
                host: self.host().into(),
                cause: Cause::Unreadable(format!(
                    "the next page is said to be at another place: {link}"
                )),
                next: format!(
                    "Look for a proxy that rewrites addresses: pages are read from {} only",
                    self.resource_manager
                ),
            }),
        }
    }
}

fn pipeline(account: &Account, http: &Arc<Http>) -> Result<Pipeline, Problem> {
    let credential = sign_in::credential(account, http)?;
    let bearer = BearerTokenAuthorizationPolicy::new(credential, [account.endpoints.scope.clone()]);
    Ok(Pipeline::new(
        Some(env!("CARGO_PKG_NAME")),
        Some(env!("CARGO_PKG_VERSION")),
        client_options(http, Service::Azure, AddressRewrite::None),
        Vec::new(),
        vec![Arc::new(bearer)],
        None,
    ))
}

impl Session {
    fn send(&self, url: &Url, deadline: Deadline) -> azure_core::Result<RawResponse> {
        let mut request = Request::new(url.clone(), Method::Get);
        request.insert_header("accept", "application/json");
        let options = PipelineSendOptions {
            skip_checks: true,
            ..PipelineSendOptions::default()
        };
        let context = Context::new();
        let sent = self.pipeline.send(&context, &mut request, Some(options));
        wait(sent, deadline)
    }
}
