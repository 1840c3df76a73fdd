//! The Azure account and the cloud it belongs to.

use super::reader::Reader;
use super::secret::Secret;
use azure_core::http::Url;

/// The account that reads the scale sets: an application with a client secret.
#[derive(Debug, Clone)]
pub struct Account {
    /// Entra ID tenant (directory).
    pub tenant: String,
    /// Application (client) id.
    pub client: String,
    /// Client secret.
    pub password: Secret,
    /// Where to sign in and where to read.
    pub endpoints: CloudEndpoints,
}

/// The clouds that Octopus's Azure accounts can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// `AzureCloud`.
    Public,
    /// `AzureUSGovernment`.
    UsGovernment,
    /// `AzureChinaCloud`.
    China,
}

/// Where to sign in and where to read. All HTTPS, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEndpoints {
    /// Entra ID.
    pub authority: String,
    /// Azure Resource Manager.
    pub resource_manager: String,
    /// The scope of a token for Azure Resource Manager.
    pub scope: String,
}

impl Cloud {
    /// The endpoints of the cloud, as the Azure SDK for Python lists them (azure-mgmt-core, tools.py).
    #[must_use]
    pub fn endpoints(self) -> CloudEndpoints {
        let (authority, resource_manager, audience) = match self {
            Self::Public => (
                "https://login.microsoftonline.com",
                "https://management.azure.com",
                "https://management.azure.com",
            ),
            Self::UsGovernment => (
                "https://login.microsoftonline.us",
                "https://management.usgovcloudapi.net",
                "https://management.core.usgovcloudapi.net",
            ),
            Self::China => (
                "https://login.chinacloudapi.cn",
                "https://management.chinacloudapi.cn",
                "https://management.chinacloudapi.cn",
            ),
        };
        CloudEndpoints {
            authority: authority.into(),
            resource_manager: resource_manager.into(),
            scope: format!("{audience}/.default"),
        }
    }
}

/// The names of the fields that say who signs in, with those that the Azure SDK uses for them.
const IDENTITY: [(&str, &str); 3] = [
    ("VMSS.Azure.Account.TenantId", "AZURE_TENANT_ID"),
    ("VMSS.Azure.Account.Client", "AZURE_CLIENT_ID"),
    ("VMSS.Azure.Account.Password", "AZURE_CLIENT_SECRET"),
];
const JWT: &str = "VMSS.Azure.Account.OpenIdConnect.Jwt";
const SUBSCRIPTION: &str = "VMSS.Azure.Account.SubscriptionNumber";
const GUID: &str = "6f6f6f6f-0000-4000-8000-000000000000";

/// Reads the account, or leaves its problems with the reader; and the subscription of the scale sets that do not name
/// their own.
pub(super) fn read<'a>(r: &mut Reader<'a>, by_hand: bool) -> (Option<Account>, Option<&'a str>) {
    refuse_other_credentials(r);
    r.text("VMSS.Azure.Account");
    let endpoints = endpoints(r);
    // The SDK's names and the account's are never mixed: half of each would be an identity that nobody configured.
    let named = IDENTITY.iter().any(|(field, _)| r.raw(field).is_some()) || r.raw(JWT).is_some();
    let sdk = by_hand
        && !named
        && IDENTITY
            .iter()
            .any(|(_, variable)| r.raw(variable).is_some());
    let subscription = if sdk && r.raw(SUBSCRIPTION).is_none() {
        "AZURE_SUBSCRIPTION_ID"
    } else {
        SUBSCRIPTION
    };
    let subscription = r.text(subscription);
    let fields = if sdk {
        IDENTITY.map(|(_, variable)| variable)
    } else {
        IDENTITY.map(|(field, _)| field)
    };
    (identity(r, fields, endpoints), subscription)
}

fn identity(
    r: &mut Reader,
    fields: [&str; 3],
    endpoints: Option<CloudEndpoints>,
) -> Option<Account> {
    let [tenant, client, password] = fields;
    r.secret(JWT);
    if r.raw(password).is_none() && r.raw(JWT).is_some() {
        r.problem(JWT, "is set and VMSS.Azure.Account.Password is not: this version signs in with a password only. Use an Azure account with a client secret");
        return None;
    }
    let tenant = r.required(tenant, GUID).map(str::to_owned);
    let client = r.required(client, GUID).map(str::to_owned);
    if r.raw(password).is_none() {
        r.missing(
            password,
            "the account's client secret; choose an Azure account for VMSS.Azure.Account",
        );
    }
    let password = r.secret(password).map(Secret::new);
    let tenant = tenant.filter(|tenant| is_tenant(r, tenant));
    Some(Account {
        tenant: tenant?,
        client: client?,
        password: password?,
        endpoints: endpoints?,
    })
}

fn is_tenant(r: &mut Reader, tenant: &str) -> bool {
    let valid = tenant
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    if !valid {
        r.problem(
            IDENTITY[0].0,
            format!("is '{tenant}', which is no tenant id. Example: {GUID}"),
        );
    }
    valid
}

fn refuse_other_credentials(r: &mut Reader) {
    const NAME: &str = "VMSS.Azure.Credential";
    let names = ["Account", "ManagedIdentity", "WorkloadIdentity", "AzureCli"];
    let chosen = r.choice(NAME, &names.map(|name| (name, name)), "Account");
    if chosen != "Account" {
        r.problem(
            NAME,
            format!("asks for {chosen}, which this version does not do yet. Use Account"),
        );
    }
}

fn endpoints(r: &mut Reader) -> Option<CloudEndpoints> {
    // All three are read before any of them can end this, so that all their problems are known.
    let cloud = cloud(r);
    let resource_manager = endpoint(
        r,
        "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
        "https://management.azure.com",
    );
    let authority = endpoint(
        r,
        "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
        "https://login.microsoftonline.com",
    );
    let mut endpoints = cloud?.endpoints();
    if let Some(address) = resource_manager?
        && address != endpoints.resource_manager
    {
        let known = [Cloud::Public, Cloud::UsGovernment, Cloud::China].map(Cloud::endpoints);
        let known = known
            .into_iter()
            .find(|known| known.resource_manager == address);
        endpoints.scope = known.map_or_else(|| format!("{address}/.default"), |known| known.scope);
        endpoints.resource_manager = address;
    }
    if let Some(address) = authority? {
        endpoints.authority = address;
    }
    Some(endpoints)
}

fn cloud(r: &mut Reader) -> Option<Cloud> {
    const NAME: &str = "VMSS.Azure.Account.AzureEnvironment";
    let clouds = [
        ("AzureCloud", Some(Cloud::Public)),
        ("AzureUSGovernment", Some(Cloud::UsGovernment)),
        ("AzureChinaCloud", Some(Cloud::China)),
        ("AzureGermanCloud", None),
    ];
    let cloud = r.choice(NAME, &clouds, Some(Cloud::Public));
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
                && url.password().is_none() =>
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
