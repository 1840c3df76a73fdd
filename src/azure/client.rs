//! Requests to Azure Resource Manager: signed in, page by page, never to another origin.

use super::rows::Page;
use super::transport::{carried, client_options, wait};
use crate::error::{CameBack, Problem, Service, ServiceError};
use crate::http::Http;
use crate::listing::{self, Distinct, Reading};
use crate::settings::{Account, Secret};
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::Secret as SdkSecret;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{Context, Method, Pipeline, PipelineSendOptions, Request, Url};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The first stable version that all clouds have and that knows everything asked for here.
const API_VERSION: &str = "2024-11-01";

/// Azure, as seen by one account.
#[derive(Debug)]
pub struct Azure {
    pipeline: Pipeline,
    resource_manager: Url,
}

impl Azure {
    /// Prepares the sign-in; the first request does it.
    ///
    /// # Errors
    /// A problem with the account's settings that only the SDK sees.
    pub fn connect(account: &Account, http: &Arc<Http>) -> Result<Self, Problem> {
        let problem = |what: String| Problem {
            parameter: "VMSS.Azure.Account".into(),
            what,
        };
        let resource_manager =
            Url::parse(&account.endpoints.resource_manager).map_err(|e| problem(e.to_string()))?;
        let mut options = client_options(http, Service::EntraId);
        let mut cloud = CustomConfiguration::default();
        cloud
            .authority_host
            .clone_from(&account.endpoints.authority);
        options.cloud = Some(Arc::new(cloud.into()));
        let credential = ClientSecretCredential::new(
            &account.tenant,
            account.client.clone(),
            sdk_secret(&account.password),
            Some(ClientSecretCredentialOptions {
                client_options: options,
            }),
        )
        .map_err(|e| problem(e.to_string()))?;
        let bearer =
            BearerTokenAuthorizationPolicy::new(credential, [account.endpoints.scope.clone()]);
        let pipeline = Pipeline::new(
            Some(env!("CARGO_PKG_NAME")),
            Some(env!("CARGO_PKG_VERSION")),
            client_options(http, Service::Azure),
            Vec::new(),
            vec![Arc::new(bearer)],
            None,
        );
        Ok(Self {
            pipeline,
            resource_manager,
        })
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
    ) -> Result<T, ServiceError> {
        let failed = |service, came_back| {
            let next = next_step(service, &came_back);
            ServiceError {
                service,
                attempted: attempted.to_owned(),
                came_back,
                next,
            }
        };
        let mut request = Request::new(url, Method::Get);
        request.insert_header("accept", "application/json");
        let options = PipelineSendOptions {
            skip_checks: true,
            ..PipelineSendOptions::default()
        };
        let response = wait(
            self.pipeline
                .send(&Context::new(), &mut request, Some(options)),
        );
        let response = response.map_err(|error| match carried(&error) {
            Some(carried) => failed(carried.service, carried.came_back.clone()),
            // Only the sign-in parses anything before this point.
            None => failed(Service::EntraId, CameBack::Unreadable(error.to_string())),
        })?;
        let body: &[u8] = response.body().as_ref();
        serde_json::from_slice(body)
            .map_err(|e| failed(Service::Azure, CameBack::Unreadable(e.to_string())))
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
    ) -> Result<Vec<R>, ServiceError> {
        listing::complete(Service::Azure, attempted, || {
            self.read_pages(first, attempted, &key, &keep)
        })
    }

    fn read_pages<T: DeserializeOwned, R>(
        &self,
        first: &Url,
        attempted: &str,
        key: &impl Fn(&T) -> &str,
        keep: &impl Fn(T) -> R,
    ) -> Result<Reading<Vec<R>>, ServiceError> {
        let (mut links, mut keys) = (Distinct::default(), Distinct::default());
        let mut rows = Vec::new();
        let mut next = Some(first.clone());
        while let Some(url) = next {
            if !links.is_new_exactly(url.as_str()) {
                return Ok(Reading::Changed(
                    "a page led back to one that was read before".into(),
                ));
            }
            let page: Page<T> = self.get(url, attempted)?;
            for row in page.value {
                if !keys.is_new(key(&row)) {
                    return Ok(Reading::Changed(format!("{} came twice", key(&row))));
                }
                rows.push(keep(row));
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
                came_back: CameBack::Unreadable(format!(
                    "the next page is said to be at another place: {link}"
                )),
                next: format!(
                    "Pages are read from {} only; look for a proxy that rewrites addresses",
                    self.resource_manager
                ),
            }),
        }
    }
}

fn sdk_secret(secret: &Secret) -> SdkSecret {
    SdkSecret::new(secret.expose().to_owned())
}

/// What to check, by what came back.
fn next_step(service: Service, came_back: &CameBack) -> String {
    let (status, code, message) = match came_back {
        CameBack::Refused { wait: Some(_), .. } | CameBack::Silent(_) => {
            return "Run less often, let fewer runs read the same scale set, or raise VMSS_RETRY_SECONDS".into();
        }
        CameBack::Refused {
            status,
            code,
            message,
            ..
        } => (*status, code.as_deref().unwrap_or_default(), message),
        CameBack::Unreachable(_) | CameBack::OutOfTime => {
            return "Check the worker's network and proxy, and run again".into();
        }
        CameBack::Redirected { .. }
        | CameBack::Unreadable(_)
        | CameBack::Incomplete(_)
        | CameBack::NotKnown(_) => {
            return "Look for a proxy between this worker and Azure".into();
        }
    };
    let text = match (service, status) {
        (Service::EntraId, _) => sign_in_advice(message),
        (_, 403) => {
            "Give the account the Reader role on the resource group, or better on the subscription (README, Permissions in Azure)"
        }
        (_, 401) => {
            "Check that the account's tenant is the one of the subscription, and that the cloud is the right one"
        }
        (_, 404) if code.eq_ignore_ascii_case("SubscriptionNotFound") => {
            "Check VMSS.Azure.Account.SubscriptionNumber, and that the account may see that subscription"
        }
        (_, 400) if code.eq_ignore_ascii_case("InvalidSubscriptionId") => {
            "Check VMSS.Azure.Account.SubscriptionNumber"
        }
        (_, 404) if code.eq_ignore_ascii_case("ResourceGroupNotFound") => {
            "Check VMSS.ResourceGroup.Name"
        }
        (_, 404) => "Check VMSS.ScaleSet.Name and VMSS.ResourceGroup.Name",
        (_, 429) => "Run less often, or let fewer runs read the same scale set",
        _ => "Run again; if it stays, look at Azure's service health",
    };
    text.into()
}

fn sign_in_advice(message: &str) -> &'static str {
    let advice = [
        (
            "AADSTS7000215",
            "Check the Azure account in Octopus: it takes the secret's value, not the secret's id",
        ),
        (
            "AADSTS7000222",
            "The client secret has expired: make a new one and put it into the Azure account in Octopus",
        ),
        (
            "AADSTS700016",
            "Check the application (client) id and the tenant of the Azure account in Octopus",
        ),
        (
            "AADSTS90002",
            "Check the tenant id of the Azure account in Octopus, and its cloud",
        ),
    ];
    let known = advice.iter().find(|(code, _)| message.contains(code));
    known.map_or(
        "Check the Azure account in Octopus: tenant, client id and secret",
        |(_, text)| text,
    )
}
