//! Signs in: one credential of the Azure SDK for each way, over our own transport.

use super::azure_cli::AzureCli;
use super::transport::{Carried, Detour, client_options};
use crate::error::{CameBack, Problem, Service, to_be_trusted};
use crate::http::Http;
use crate::settings::{Account, Application, Credential, Secret};
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
            let detour = metadata_host
                .clone()
                .map_or(Detour::None, Detour::ForMetadata);
            let options = client_options(http, Service::ManagedIdentity, detour);
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
fn path_of(authority: &str, tenant: &str) -> Detour {
    let url = Url::parse(authority).ok();
    let path = url.as_ref().map_or("", Url::path).trim_end_matches('/');
    match path.strip_suffix(&format!("/{tenant}")).unwrap_or(path) {
        "" => Detour::None,
        path => Detour::Below(path.to_owned()),
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
            Carried::new(Service::WorkloadIdentity, CameBack::Failed(why)).into_sdk()
        })?;
        let token = Secret::new(token.trim());
        if token.expose().is_empty() {
            let why = format!("its token file {} is empty", path.display());
            return Err(Carried::new(Service::WorkloadIdentity, CameBack::Failed(why)).into_sdk());
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

/// What to check when there is no token.
pub(super) fn next_step(service: Service, came_back: &CameBack) -> &'static str {
    match (service, came_back) {
        (Service::AzureCli, CameBack::Failed(why)) if why.starts_with("no answer") => {
            "Run az account get-access-token on this worker to see what it waits for; VMSS_REQUEST_SECONDS gives it more time"
        }
        (Service::AzureCli, _) => {
            "Log in on this worker (az login), or choose an Azure account and VMSS.Azure.Credential = Account"
        }
        (Service::WorkloadIdentity, _) => {
            "Check that workload identity is set up for the worker's pod"
        }
        (_, CameBack::Refused { wait: Some(_), .. } | CameBack::Silent(_)) => {
            "Run again later, or raise VMSS_RETRY_SECONDS"
        }
        (
            Service::ManagedIdentity,
            CameBack::Refused {
                status: 408 | 410 | 429 | 500..,
                ..
            },
        ) => {
            "It is busy, or being updated: run again; if it stays, look at the health of the machine that this worker runs on"
        }
        (Service::ManagedIdentity, CameBack::Refused { .. }) => {
            "Assign a managed identity to the machine that this worker runs on; of several user-assigned ones, name one by its client id in VMSS.Azure.Account.Client"
        }
        (Service::ManagedIdentity, _) => {
            "Only machines and apps in Azure have that endpoint: if this worker runs elsewhere, choose an Azure account and VMSS.Azure.Credential = Account"
        }
        (
            _,
            CameBack::Refused {
                status: 408 | 429 | 500..,
                ..
            },
        ) => "Run again; if it stays, look at the service health of Entra ID",
        (_, CameBack::Refused { code, message, .. })
            if code.is_none() && !message.contains("AADSTS") =>
        {
            "That is no answer of Entra ID's own: look for a proxy between this worker and Entra ID, and check the cloud and the tenant of the Azure account"
        }
        (_, CameBack::Refused { message, .. }) => advice(message),
        (_, CameBack::Untrusted(why)) => to_be_trusted(why),
        (_, CameBack::Unreachable(_) | CameBack::OutOfTime) => {
            "Check the worker's network and proxy, and run again"
        }
        (
            _,
            CameBack::Redirected { .. }
            | CameBack::Unreadable(_)
            | CameBack::Failed(_)
            | CameBack::Incomplete(_)
            | CameBack::NotKnown(_),
        ) => "Look for a proxy between this worker and Entra ID",
    }
}

/// What to check when Entra ID refuses, by its own code. Source: "Microsoft Entra authentication and authorization error
/// codes" at learn.microsoft.com.
fn advice(message: &str) -> &'static str {
    const TENANT: &str = "Check the tenant id of the Azure account in Octopus, and its cloud";
    const FEDERATION: &str = "Check the federated credential of the application in Entra ID: its issuer, subject and audience must be those of Octopus's token for this account and space";
    // Whole codes: 70021 begins like 700211, which means something else.
    let mut codes = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix("AADSTS"));
    match codes.next().unwrap_or_default() {
        "7000215" => {
            "Check the Azure account in Octopus: it takes the secret's value, not the secret's id"
        }
        "7000222" => {
            "The client secret has expired: make a new one and put it into the Azure account in Octopus"
        }
        "700016" => {
            "Check the application (client) id and the tenant of the Azure account in Octopus"
        }
        "7000112" => {
            "The application is disabled: enable it in Entra ID, or choose another Azure account"
        }
        "7000229" => {
            "The application has no service principal in this tenant: check the tenant, or grant the application consent there"
        }
        "90002" | "900021" | "900023" => TENANT,
        "700024" => {
            "The token of the account has expired, or is not valid yet: compare the clocks of this worker and of Octopus Server with the time in Entra ID's answer. A run that waits long outlives its token: lower VMSS.Timeout.Value, or use an account with a client secret"
        }
        "700027" | "70021" | "700211" | "700212" | "700213" | "70025" => FEDERATION,
        "50027" => {
            "The token of the account is none that Entra ID can read: choose an Azure account with OpenID Connect for VMSS.Azure.Account"
        }
        "500011" => {
            "Check the cloud of the Azure account in Octopus (VMSS.Azure.Account.AzureEnvironment): this tenant does not know that cloud's Resource Manager"
        }
        "900382" => {
            "The tenant belongs to another cloud: check VMSS.Azure.Account.AzureEnvironment"
        }
        "53003" => {
            "A conditional access policy blocks the application: let this worker's address in, or exclude the application"
        }
        _ => "Check the Azure account in Octopus: tenant, client id and secret",
    }
}
