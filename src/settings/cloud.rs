//! The cloud that the account belongs to: where to sign in, and where to read.

use super::reader::Reader;
use crate::azure::{Cloud, CloudEndpoints};
use azure_core::http::Url;

/// Reads them, or leaves their problems with the reader. The environment of a workload identity names its cloud by the
/// address of Entra ID.
pub(super) fn endpoints(r: &mut Reader, workload_identity: bool) -> Option<CloudEndpoints> {
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
