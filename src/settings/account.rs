//! Who reads the scale sets, and in which cloud: the Azure account, or what the worker itself is.

use super::reader::Reader;
use super::values::{CLOUDS, KINDS, Kind};
use crate::azure::{Account, Application, Cloud, CloudEndpoints, Credential};
use crate::error::without_numbers;
use crate::secret::Secret;
use azure_core::http::Url;

const CREDENTIAL: &str = "VMSS.Azure.Credential";
const JWT: &str = "VMSS.Azure.Account.OpenIdConnect.Jwt";
pub(super) const SUBSCRIPTION: &str = "VMSS.Azure.Account.SubscriptionNumber";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
/// Replaces the address of the metadata service. Source: Azure Identity for Python, environment variables.
const METADATA_HOST: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const GUID: &str = "6f6f6f6f-0000-4000-8000-000000000000";

/// The fields that say who signs in.
#[derive(Clone, Copy)]
struct Fields {
    tenant: &'static str,
    client: &'static str,
    password: &'static str,
}

/// As Octopus expands an account variable.
const ACCOUNT: Fields = Fields {
    tenant: "VMSS.Azure.Account.TenantId",
    client: "VMSS.Azure.Account.Client",
    password: "VMSS.Azure.Account.Password",
};
/// As the Azure SDKs call them.
const SDK: Fields = Fields {
    tenant: "AZURE_TENANT_ID",
    client: "AZURE_CLIENT_ID",
    password: "AZURE_CLIENT_SECRET",
};

/// The subscription of the scale sets that do not name their own, and the setting that it stands in or is missing from.
pub(super) struct Subscription<'a> {
    pub id: Option<&'a str>,
    pub setting: &'static str,
}

impl Fields {
    /// Whether they are the SDK's, which only people at a terminal set.
    fn are_the_sdks(self) -> bool {
        self.tenant == SDK.tenant
    }

    fn any_set(self, r: &Reader) -> bool {
        [self.tenant, self.client, self.password]
            .iter()
            .any(|field| r.raw(field).is_some())
    }
}

/// Reads the account, or leaves its problems with the reader; and the subscription of the scale sets that do not name
/// their own.
pub(super) fn read<'a>(r: &mut Reader<'a>, by_hand: bool) -> (Option<Account>, Subscription<'a>) {
    let kind = r.choice(CREDENTIAL, &KINDS);
    r.text("VMSS.Azure.Account");
    // The SDK's names and the account's are never mixed: half of each would be an identity that nobody configured.
    let named = ACCOUNT.any_set(r) || r.raw(JWT).is_some();
    let sdk = by_hand && !named;
    let fields = if sdk { SDK } else { ACCOUNT };
    let setting = if sdk && r.raw(SUBSCRIPTION).is_none() {
        "AZURE_SUBSCRIPTION_ID"
    } else {
        SUBSCRIPTION
    };
    let subscription = Subscription {
        id: r.text(setting),
        setting,
    };
    let endpoints = endpoints(r, matches!(kind, Kind::WorkloadIdentity));
    let credential = match kind {
        Kind::Account => application_credential(r, fields),
        Kind::ManagedIdentity => managed_identity(r, fields),
        Kind::WorkloadIdentity => workload_identity(r),
        Kind::AzureCli => azure_cli(r, subscription.id),
    };
    if !matches!(kind, Kind::Account) {
        refuse_unresolved(r);
    }
    let account = credential.zip(endpoints);
    let account = account.map(|(credential, endpoints)| Account {
        credential,
        endpoints,
    });
    (account, subscription)
}

/// A password wins over a token.
fn application_credential(r: &mut Reader, fields: Fields) -> Option<Credential> {
    let jwt = r.secret(JWT).map(Secret::new);
    let shaped = jwt.as_ref().is_some_and(Secret::is_jwt);
    let application = application(r, fields);
    if r.raw(fields.password).is_some() || !shaped {
        let password = password(r, fields, jwt.is_some());
        return Some(Credential::ClientSecret {
            application: application?,
            password: password?,
        });
    }
    Some(Credential::FederatedToken {
        application: application?,
        jwt: jwt?,
    })
}

fn password(r: &mut Reader, fields: Fields, beside_no_jwt: bool) -> Option<Secret> {
    let field = fields.password;
    if r.raw(field).is_none() {
        if beside_no_jwt {
            r.problem(
                JWT,
                format!("is no token in the form of a JWT, and {field} is not set. Choose an Azure account with a client secret or with OpenID Connect for VMSS.Azure.Account"),
            );
        } else if r.raw(JWT).is_none() {
            let or = if fields.are_the_sdks() {
                "or sign in with az login, and add --azure-credential AzureCli"
            } else {
                "choose an Azure account for VMSS.Azure.Account"
            };
            r.missing(field, &format!("the account's client secret; {or}"));
        }
    }
    r.secret(field).map(Secret::new)
}

fn application(r: &mut Reader, fields: Fields) -> Option<Application> {
    let tenant = r.required(fields.tenant, GUID);
    let client = r.required(fields.client, GUID).map(str::to_owned);
    let tenant = tenant.filter(|tenant| is_tenant(r, fields.tenant, tenant))?;
    Some(Application {
        tenant: tenant.to_owned(),
        client: client?,
    })
}

fn is_tenant(r: &mut Reader, field: &str, tenant: &str) -> bool {
    let valid = tenant
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    if !valid {
        let what = format!("is '{tenant}', which is no tenant id. Example: {GUID}");
        r.problem(field, what);
    }
    valid
}

/// Of an account with a secret or a token the client is that application, and no managed identity.
fn managed_identity(r: &mut Reader, fields: Fields) -> Option<Credential> {
    let application = r.raw(fields.password).is_some()
        || r.secret(JWT).is_some_and(|jwt| Secret::new(jwt).is_jwt());
    let client = r.text(fields.client).filter(|_| !application);
    let metadata_host = match r.text(METADATA_HOST).map(Url::parse) {
        None => None,
        Some(Ok(url)) if url.has_host() => Some(url),
        Some(_) => {
            r.problem(
                METADATA_HOST,
                "is no address. Example: http://169.254.169.254",
            );
            return None;
        }
    };
    Some(Credential::ManagedIdentity {
        client: client.map(str::to_owned),
        metadata_host,
    })
}

/// Source: Microsoft Entra Workload ID for Kubernetes, "Environment variables" of the mutating admission webhook.
fn workload_identity(r: &mut Reader) -> Option<Credential> {
    let application = application(r, SDK);
    let file = r.required(
        TOKEN_FILE,
        "/var/run/secrets/azure/tokens/azure-identity-token",
    )?;
    if let Err(error) = std::fs::File::open(file) {
        let what = format!(
            "names {file}, which cannot be read: {}. Check that workload identity is set up for the worker's pod",
            without_numbers(&error.to_string())
        );
        r.problem(TOKEN_FILE, what);
        return None;
    }
    Some(Credential::WorkloadIdentity {
        application: application?,
        token_file: file.into(),
    })
}

fn azure_cli(r: &mut Reader, subscription: Option<&str>) -> Option<Credential> {
    let tenant = r.text(ACCOUNT.tenant);
    if tenant.is_some_and(|tenant| !is_tenant(r, ACCOUNT.tenant, tenant)) {
        return None;
    }
    Some(Credential::AzureCli {
        tenant: tenant.map(str::to_owned),
        subscription: subscription.map(str::to_owned),
    })
}

/// Fields that this credential has no use for: an unresolved expression is a mistake wherever it stands.
fn refuse_unresolved(r: &mut Reader) {
    for field in [ACCOUNT.tenant, ACCOUNT.client] {
        r.text(field);
    }
    for field in [ACCOUNT.password, JWT] {
        r.secret(field);
    }
}

/// Reads them, or leaves their problems with the reader. The environment of a workload identity names its cloud by the
/// address of Entra ID.
fn endpoints(r: &mut Reader, workload_identity: bool) -> Option<CloudEndpoints> {
    const AUTHORITY: &str = "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri";
    // All are read before any of them can end this, so that all their problems are known.
    let cloud = cloud(r);
    let resource_manager = endpoint(
        r,
        "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
        "https://management.azure.com",
    );
    let authority = if workload_identity && r.raw(AUTHORITY).is_none() {
        "AZURE_AUTHORITY_HOST"
    } else {
        AUTHORITY
    };
    let authority = endpoint(r, authority, "https://login.microsoftonline.com");
    let (cloud, resource_manager, authority) = (cloud?, resource_manager?, authority?);
    let known = [Cloud::Public, Cloud::UsGovernment, Cloud::China].map(Cloud::endpoints);
    let named = known.into_iter().find(|known| {
        match (&resource_manager, &authority) {
            (Some(address), _) => known.resource_manager == *address,
            // Octopus names the cloud itself; only a pod knows nothing but this address.
            (None, Some(address)) => workload_identity && known.authority == *address,
            (None, None) => false,
        }
    });
    let mut endpoints = named.unwrap_or_else(|| cloud.endpoints());
    if let Some(address) = resource_manager.filter(|a| *a != endpoints.resource_manager) {
        endpoints.scope = format!("{address}/.default");
        endpoints.resource_manager = address;
    }
    if let Some(address) = authority {
        endpoints.authority = address;
    }
    Some(endpoints)
}

fn cloud(r: &mut Reader) -> Option<Cloud> {
    const NAME: &str = "VMSS.Azure.Account.AzureEnvironment";
    let cloud = r.choice(NAME, &CLOUDS);
    if cloud.is_none() {
        r.problem(
            NAME,
            "is AzureGermanCloud, which is closed. Move to a German region of AzureCloud",
        );
    }
    cloud
}

/// `Some(None)`: not set. `None`: a problem, which was noted.
#[allow(clippy::option_option)]
fn endpoint(r: &mut Reader, parameter: &str, example: &str) -> Option<Option<String>> {
    let before = r.problems.len();
    let Some(value) = r.text(parameter) else {
        return (r.problems.len() == before).then_some(None);
    };
    match Url::parse(value) {
        Ok(url)
            if url.scheme() == "https"
                && url.host_str().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none() =>
        {
            Some(Some(url.as_str().trim_end_matches('/').to_owned()))
        }
        _ => {
            // Not shown: an address can hold a password.
            r.problem(
                parameter,
                format!("is no plain https address. Example: {example}"),
            );
            None
        }
    }
}
