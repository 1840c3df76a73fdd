//! Signs in: one credential of the Azure SDK for each way, over our own transport.

use super::account::{Account, Application, Credential};
use super::azure_cli::AzureCli;
use super::transport::{AddressRewrite, client_options};
use super::transport_error::TransportError;
use crate::error::{Cause, Problem, Service};
use crate::http::Http;
use crate::secret::Secret;
use azure_core::Result;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{Secret as SdkSecret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, Url};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

/// The credential that an account asks for. Nothing is sent yet.
///
/// # Errors
/// A problem with the account's settings that only the SDK sees.
pub(super) fn credential(
    account: &Account,
    http: &Arc<Http>,
) -> std::result::Result<Arc<dyn TokenCredential>, Problem> {
    let entra_id = |application: &Application| {
        let below = path_of(&account.endpoints.authority, &application.tenant);
        let mut options = client_options(http, Service::EntraId, below);
        let mut cloud = CustomConfiguration::default();
        cloud
            .authority_host
            .clone_from(&account.endpoints.authority);
        options.cloud = Some(Arc::new(cloud.into()));
        options
    };
    let made = match &account.credential {
        Credential::ClientSecret {
            application,
            password,
        } => client_secret(application, password, entra_id(application)),
        Credential::FederatedToken { application, jwt } => {
            let options = entra_id(application);
            assertion(application, Assertion::Given(jwt.clone()), options)
        }
        Credential::WorkloadIdentity {
            application,
            token_file,
        } => {
            let options = entra_id(application);
            assertion(application, Assertion::File(token_file.clone()), options)
        }
        Credential::ManagedIdentity {
            client,
            metadata_host,
        } => {
            let rewrite = metadata_host
                .clone()
                .map_or(AddressRewrite::None, AddressRewrite::ForMetadata);
            let options = client_options(http, Service::ManagedIdentity, rewrite);
            managed_identity(client.as_ref(), options)
        }
        Credential::AzureCli {
            tenant,
            subscription,
        } => azure_cli(tenant.as_ref(), subscription.as_ref(), http),
    };
    made.map_err(|error| Problem {
        parameter: "VMSS.Azure.Credential".into(),
        what: format!("cannot be used: {error}"),
    })
}

/// The path of an authority that is not at the root of its host, as behind a gateway. Some write the tenant there, too.
fn path_of(authority: &str, tenant: &str) -> AddressRewrite {
    let url = Url::parse(authority).ok();
    let path = url.as_ref().map_or("", Url::path).trim_end_matches('/');
    match path.strip_suffix(&format!("/{tenant}")).unwrap_or(path) {
        "" => AddressRewrite::None,
        path => AddressRewrite::Below(path.to_owned()),
    }
}

fn client_secret(
    application: &Application,
    password: &Secret,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ClientSecretCredential::new(
        &application.tenant,
        application.client.clone(),
        SdkSecret::new(password.expose().to_owned()),
        Some(ClientSecretCredentialOptions { client_options }),
    )?)
}

fn assertion(
    application: &Application,
    assertion: Assertion,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ClientAssertionCredential::new(
        application.tenant.clone(),
        application.client.clone(),
        assertion,
        Some(ClientAssertionCredentialOptions { client_options }),
    )?)
}

fn managed_identity(
    client: Option<&String>,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ManagedIdentityCredential::new(Some(
        ManagedIdentityCredentialOptions {
            user_assigned_id: client.cloned().map(UserAssignedId::ClientId),
            client_options,
        },
    ))?)
}

/// Of tenant and subscription the Azure CLI takes one, not both.
fn azure_cli(
    tenant: Option<&String>,
    subscription: Option<&String>,
    http: &Arc<Http>,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(AzureCliCredential::new(Some(AzureCliCredentialOptions {
        tenant_id: tenant.cloned(),
        subscription: subscription.filter(|_| tenant.is_none()).cloned(),
        executor: Some(Arc::new(AzureCli::new(http))),
    }))?)
}

/// What an application shows instead of a secret.
#[derive(Debug)]
enum Assertion {
    Given(Secret),
    /// Read each time: the cluster replaces the token long before it expires.
    File(PathBuf),
}

impl Assertion {
    fn token(&self) -> Result<String> {
        let path = match self {
            Self::Given(jwt) => return Ok(jwt.expose().trim().to_owned()),
            Self::File(path) => path,
        };
        let token = std::fs::read_to_string(path).map_err(|error| {
            let why = format!("its token file {} cannot be read: {error}", path.display());
            TransportError::new(Service::WorkloadIdentity, Cause::Failed(why)).into_sdk()
        })?;
        let token = Secret::new(token.trim());
        if token.expose().is_empty() {
            let why = format!("its token file {} is empty", path.display());
            return Err(
                TransportError::new(Service::WorkloadIdentity, Cause::Failed(why)).into_sdk(),
            );
        }
        Ok(token.expose().to_owned())
    }
}

impl ClientAssertion for Assertion {
    // What `#[async_trait]` would write, without that dependency.
    fn secret<'a, 'b, 'f>(
        &'a self,
        _: Option<ClientMethodOptions<'b>>,
    ) -> Pin<Box<dyn Future<Output = Result<String>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.token() })
    }
}
