//! Settings that are missing or wrong, one by one, as a step of a runbook has them.

use crate::support::messages::{Case, Scene, case};
use crate::support::{Run, settled};

/// Parameters with values that they do not take.
const WRONG: [(&str, &str); 27] = [
    ("VMSS_SCALESET_NAME", "a/b/c"),
    ("VMSS_SCALESET_NAME", "#{Web.ScaleSet}"),
    ("VMSS_DEPLOYMENTTARGET_ROLES", ","),
    ("VMSS_OCTOPUS_URL", "octopus.example.com"),
    ("VMSS_OCTOPUS_URL", "ftp://octopus.example.com"),
    ("VMSS_OCTOPUS_URL", "https://b\u{fc}cher.example.com"),
    (
        "VMSS_OCTOPUS_URL",
        "https://octopus.example.com/app#/Spaces-1",
    ),
    (
        "VMSS_OCTOPUS_URL",
        "https://user:password@octopus.example.com",
    ),
    ("VMSS_OCTOPUS_APIKEY", "API-KEY WITH SPACES"),
    ("VMSS_TIMEOUT_VALUE", "soon"),
    ("VMSS_TIMEOUT_ERRORHANDLE", "Ignore"),
    ("VMSS_DRYRUN", "perhaps"),
    ("VMSS_REMOVAL_ACTION", "Destroy"),
    ("VMSS_REMOVAL_LIMIT", "half"),
    ("VMSS_REMOVAL_OWNEDONLY", "maybe"),
    ("VMSS_HEALTHY_HANDLE", "Ask"),
    ("VMSS_HEALTHY_TIMEOUTINMINUTES", "20"),
    ("VMSS_AZURE_CREDENTIAL", "Password"),
    ("VMSS_AZURE_ACCOUNT_TENANTID", "my tenant"),
    ("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", "AzureGermanCloud"),
    (
        "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
        "http://management.example.com",
    ),
    ("VMSS_REMOVAL_LIMT", "5"),
    ("VMSS_REQUEST_SECONDS", "0"),
    ("VMSS_PHASE_SECONDS", "1000"),
    ("OCTOPUS_MACHINE_ID", "Machines-1"),
    ("HTTPS_PROXY", "socks5://proxy.example.com"),
    ("SSL_CERT_FILE", "/no/such/file.pem"),
];

/// What nothing can be done without.
const MISSING: [&str; 10] = [
    "VMSS_SCALESET_NAME",
    "VMSS_RESOURCEGROUP_NAME",
    "VMSS_DEPLOYMENTTARGET_ROLES",
    "VMSS_OCTOPUS_URL",
    "VMSS_OCTOPUS_APIKEY",
    "OCTOPUS_SPACE_ID",
    "OCTOPUS_ENVIRONMENT_ID",
    "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER",
    "VMSS_AZURE_ACCOUNT_CLIENT",
    "VMSS_AZURE_ACCOUNT_PASSWORD",
];

pub fn cases() -> Vec<Case> {
    let nothing = case("`env -i octopus-scale-in`", || {
        Scene::with(settled(0), Run::bare())
            .without("VMSS_TIMEOUT_VALUE")
            .without("VMSS_RETRY_SECONDS")
    });
    let missing = MISSING.iter().map(|name| {
        case(format!("`{name}` is missing"), || {
            Scene::of(settled(0)).without(name)
        })
    });
    let wrong = WRONG.iter().map(|(name, value)| {
        case(format!("`{name}` is `{value}`"), || {
            Scene::of(settled(0)).set(name, *value)
        })
    });
    std::iter::once(nothing)
        .chain(missing)
        .chain(wrong)
        .collect()
}
