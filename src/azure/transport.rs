//! Carries the Azure SDK's requests over the one HTTP stack, and what came back past the SDK.

use super::rows::{ErrorBody, ErrorDetail};
use crate::error::{CameBack, Service};
use crate::http::{Call, Http, Reply};
use crate::settings::Secret;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{AUTHORIZATION, Headers};
use azure_core::http::{
    AsyncRawResponse, ClientOptions, HttpClient, Request, RetryOptions, StatusCode, Transport,
};
use serde::Deserialize;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// The SDK's transport, for one of Azure's services.
#[derive(Debug)]
pub(super) struct Carrier {
    http: Arc<Http>,
    service: Service,
}

/// What came back, on its way through the SDK's errors.
#[derive(Debug, thiserror::Error)]
#[error("{service} {came_back}")]
pub(super) struct Carried {
    pub(super) service: Service,
    pub(super) came_back: CameBack,
}

/// Options for a credential or a pipeline. Retries are ours, below the SDK: two rules would multiply.
pub(super) fn client_options(http: &Arc<Http>, service: Service) -> ClientOptions {
    let carrier = Carrier {
        http: Arc::clone(http),
        service,
    };
    ClientOptions {
        transport: Some(Transport::new(Arc::new(carrier))),
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    }
}

impl Carrier {
    fn carry(&self, request: &Request) -> Result<AsyncRawResponse, CameBack> {
        if let Some(value) = request.headers().get_optional_str(&AUTHORIZATION) {
            // A server that quotes the token must not get it printed.
            drop(Secret::new(value.trim_start_matches("Bearer ")));
        }
        let header = |(name, value): (
            &azure_core::http::headers::HeaderName,
            &azure_core::http::headers::HeaderValue,
        )| { (name.as_str().to_owned(), value.as_str().to_owned()) };
        let body: azure_core::Bytes = request.body().into();
        let reply = self.http.send(&Call {
            method: request.method().as_str(),
            url: request.url().as_str(),
            headers: request.headers().iter().map(header).collect(),
            body: &body,
            pacer: None,
        })?;
        // Whatever is no success ends here: the SDK cannot read Entra ID's errors when their text has an escaped character,
        // which it always has, and drops what else the server said.
        if let Some(redirect) = reply.redirect() {
            return Err(redirect);
        }
        if !(200..300).contains(&reply.status) {
            return Err(refused(self.service, &reply));
        }
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
}

impl HttpClient for Carrier {
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
        Box::pin(async move {
            self.carry(request).map_err(|came_back| {
                let carried = Carried {
                    service: self.service,
                    came_back,
                };
                let text = carried.to_string();
                Error::with_error(ErrorKind::Other, carried, text)
            })
        })
    }
}

/// Source: Microsoft identity platform, "Error response" of the client credentials flow.
#[derive(Deserialize)]
struct SignInError {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

/// The server's own code and text, where the body has the shape of its errors.
fn refused(service: Service, reply: &Reply) -> CameBack {
    let read = if service == Service::EntraId {
        let body = serde_json::from_slice(&reply.body);
        body.map(
            |SignInError {
                 error,
                 error_description,
             }| (error, error_description),
        )
    } else {
        let nested = serde_json::from_slice(&reply.body).map(|ErrorBody { error }| error);
        let detail = nested.or_else(|_| serde_json::from_slice(&reply.body));
        detail.map(|ErrorDetail { code, message }| (code, message))
    };
    let (code, message) = match read {
        Ok((code, message)) => (Some(code), message.unwrap_or_default()),
        Err(_) => (None, String::from_utf8_lossy(&reply.body).into_owned()),
    };
    CameBack::Refused {
        status: reply.status,
        code,
        message,
        wait: reply.wait.map(Box::new),
    }
}

/// What came back, if our transport said so somewhere below this error.
pub(super) fn carried(error: &Error) -> Option<&Carried> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(carried) = error.downcast_ref::<Carried>() {
            return Some(carried);
        }
        source = error.source();
    }
    None
}

/// Waits for a future on this thread. The SDK's futures do their work in our blocking transport; what little waiting is
/// left (one thread fetching the token for all) is a park.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
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
