//! The Azure SDK's transport: its requests go over the one HTTP stack, and end by the deadline of whoever waits for them, for
//! which the SDK has no place.

use super::advice::TransportError;
use super::rows::{ArmErrorRow, ErrorDetail};
use super::token;
use crate::clock::Difference;
use crate::error::{Cause, Service, Speaker, in_detail};
use crate::http::{Call, Deadline, Http, Method, Reply, object, place_of, words};
use crate::secret::Secret;
use azure_core::http::headers::{AUTHORIZATION, Headers};
use azure_core::http::{
    AsyncRawResponse, ClientOptions, HttpClient, Request, RetryOptions, StatusCode, Transport, Url,
};
use serde::Deserialize;
use std::borrow::Cow;
use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::SystemTime;

/// The host of the metadata service of Azure's machines. Source: "Azure Instance Metadata Service" at
/// learn.microsoft.com.
const METADATA_HOST: &str = "169.254.169.254";

/// The SDK's transport, for one of Azure's services.
#[derive(Debug)]
struct SdkTransport {
    http: Arc<Http>,
    service: Service,
    rewrite: AddressRewrite,
}

/// Where the SDK's own addresses lead.
#[derive(Debug)]
pub(super) enum AddressRewrite {
    /// Where they say.
    None,
    /// What is for the metadata service, whose address the SDK does not let anybody choose, goes here.
    ForMetadata(Url),
    /// Below this path, which the SDK drops from the address of an authority.
    Below(String),
}

/// Options for a credential or a pipeline. Retries are ours, below the SDK: two rules would multiply.
pub(super) fn client_options(
    http: &Arc<Http>,
    service: Service,
    rewrite: AddressRewrite,
) -> ClientOptions {
    let transport = SdkTransport {
        http: Arc::clone(http),
        service,
        rewrite,
    };
    ClientOptions {
        transport: Some(Transport::new(Arc::new(transport))),
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    }
}

impl SdkTransport {
    /// Where a request goes.
    fn address<'a>(&self, url: &'a Url) -> Cow<'a, Url> {
        match &self.rewrite {
            AddressRewrite::ForMetadata(host) if url.host_str() == Some(METADATA_HOST) => {
                let mut moved = host.clone();
                moved.set_path(url.path());
                moved.set_query(url.query());
                Cow::Owned(moved)
            }
            AddressRewrite::Below(path) => {
                let mut below = url.clone();
                below.set_path(&format!("{path}{}", url.path()));
                Cow::Owned(below)
            }
            AddressRewrite::None | AddressRewrite::ForMetadata(_) => Cow::Borrowed(url),
        }
    }

    fn answer(&self, request: &Request) -> Result<AsyncRawResponse, TransportError> {
        let reply = self.ask(request)?;
        let mut headers = Headers::new();
        for (name, value) in &reply.headers {
            headers.insert(
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            );
        }
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::from(reply.status),
            headers,
            reply.body,
        ))
    }

    /// A success. Whatever is none ends here: the SDK cannot read Entra ID's errors when their text has an escaped
    /// character, which it always has, and drops what else the server said.
    fn ask(&self, request: &Request) -> Result<Reply, TransportError> {
        let host = place_of(&self.address(request.url()));
        let failed = |cause| TransportError::new(self.service, host.clone(), cause);
        let mut reply = self.exchange(request).map_err(failed)?;
        if let Some(redirect) = reply.redirect() {
            return Err(failed(redirect));
        }
        if !(200..300).contains(&reply.status) {
            // What is signed, or valid for a time only, is refused with these.
            let timely = matches!(reply.status, 400 | 401);
            let clock = reply.date().filter(|_| timely).and_then(Difference::to);
            let cause = refused(self.service, &reply);
            return Err(TransportError {
                clock,
                ..failed(cause)
            });
        }
        if matches!(self.service, Service::EntraId | Service::ManagedIdentity) {
            reply.body = token::read(&reply.body, SystemTime::now())
                .map_err(|why| failed(Cause::Unreadable(why)))?;
        }
        Ok(reply)
    }

    fn exchange(&self, request: &Request) -> Result<Reply, Cause> {
        if let Some(value) = request.headers().get_optional_str(&AUTHORIZATION) {
            // A server that quotes the token must not get it printed.
            drop(Secret::new(value.trim_start_matches("Bearer ")));
        }
        let method = match request.method() {
            azure_core::http::Method::Get => Method::Get,
            azure_core::http::Method::Post => Method::Post,
            other => {
                let why = format!("the SDK would have sent {other}, which reads nothing");
                return Err(Cause::Failed(why));
            }
        };
        let headers = request.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()));
        let address = self.address(request.url());
        let body: azure_core::Bytes = request.body().into();
        let call = Call {
            method,
            url: address.as_str(),
            headers: headers.collect(),
            body: &body,
            direct: self.service == Service::ManagedIdentity,
        };
        self.http.send(&call, None, deadline())
    }
}

impl HttpClient for SdkTransport {
    // What `#[async_trait]` would write, without that dependency.
    fn execute_request<'a, 'b, 'f>(
        &'a self,
        request: &'b Request,
    ) -> Pin<Box<dyn Future<Output = azure_core::Result<AsyncRawResponse>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.answer(request).map_err(TransportError::into_sdk) })
    }
}

/// Sources: Microsoft identity platform, "Error response" of the client credentials flow; the metadata service's errors
/// have the same form, App Service's have a message alone.
#[derive(Deserialize)]
struct SignInError {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// The server's own code and text, where the body has the shape of its errors.
fn refused(service: Service, reply: &Reply) -> Cause {
    let read = match service {
        Service::EntraId | Service::ManagedIdentity => {
            let body = object::<SignInError>(&reply.body);
            body.map(|body| (body.error, body.error_description.or(body.message)))
        }
        Service::Azure | Service::Octopus | Service::WorkloadIdentity | Service::AzureCli => {
            let nested = object(&reply.body);
            let nested = nested.map(|ArmErrorRow { error }| error);
            let detail = nested.or_else(|_| object(&reply.body));
            detail.map(|ErrorDetail { code, message }| (Some(code), message))
        }
    };
    let (code, message) = match read {
        Ok((None, None)) | Err(_) => (None, words(&reply.body)),
        Ok((code, message)) => (code, message.unwrap_or_default()),
    };
    // What helps nobody who reads it here.
    let message = match message.split_once(" For more details please go to") {
        Some((all, _)) => all.to_owned(),
        None => message,
    };
    if let Some(more) = in_detail(&message) {
        log::debug!("{service} says: {more}");
    }
    let speaker = match &code {
        Some(_) => Speaker::Service,
        None if reply.body.trim_ascii().is_empty() => Speaker::Nobody,
        None => Speaker::Stranger,
    };
    Cause::Refused {
        status: reply.status,
        code: code.map(Into::into),
        message: message.into(),
        wait: reply.wait.map(Box::new),
        tries: reply.tries,
        speaker,
    }
}

thread_local! {
    static DEADLINE: Cell<Deadline> = const { Cell::new(Deadline::NONE) };
}

/// Sets the deadline of this thread until it is dropped.
struct Bound {
    before: Deadline,
}

impl Bound {
    fn by(deadline: Deadline) -> Self {
        Self {
            before: DEADLINE.replace(deadline),
        }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        DEADLINE.set(self.before);
    }
}

/// The deadline of whoever waits on this thread.
pub(super) fn deadline() -> Deadline {
    DEADLINE.get()
}

/// Waits for a future on this thread. The SDK's futures do their work in our blocking transport, which ends by the deadline;
/// what little waiting is left (one thread fetching the token for all) is a park.
pub(super) fn wait<F: Future>(future: F, deadline: Deadline) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let _bound = Bound::by(deadline);
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Deadline, deadline, wait};
    use std::panic::catch_unwind;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_deadline_holds_on_this_thread_for_as_long_as_the_wait() {
        let long = Deadline::within(Duration::from_secs(60));
        let short = Deadline::within(Duration::from_secs(1));
        assert_eq!(deadline(), Deadline::NONE);
        let seen = wait(
            async {
                let before = deadline();
                let within = wait(async { deadline() }, short);
                let elsewhere = thread::spawn(deadline).join().expect("no panic");
                [before, within, elsewhere, deadline()]
            },
            long,
        );
        assert_eq!(seen, [long, short, Deadline::NONE, long]);
        assert_eq!(deadline(), Deadline::NONE);
    }

    #[test]
    fn a_panic_leaves_no_deadline_behind() {
        let short = Deadline::within(Duration::from_secs(1));
        let panicked = catch_unwind(|| wait(async { panic!("as in a defect") }, short));
        assert!(panicked.is_err());
        assert_eq!(deadline(), Deadline::NONE);
    }
}
