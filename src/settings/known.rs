//! The names that this program knows. A misspelt `VMSS_DRY_RUN` must not be a real run.

use super::reader::{Reader, variable_name};

/// What all its environment variables begin with.
const PREFIX: &str = "VMSS_";

/// A name that is farther from a known one than this is probably not meant as it.
const NEAR: usize = 6;

/// Every parameter, and the times for tests and diagnosis.
const KNOWN: [&str; 39] = [
    "VMSS.Azure.Account",
    "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
    "VMSS.Azure.Account.AzureEnvironment",
    "VMSS.Azure.Account.Client",
    "VMSS.Azure.Account.OpenIdConnect.Jwt",
    "VMSS.Azure.Account.Password",
    "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
    "VMSS.Azure.Account.SubscriptionNumber",
    "VMSS.Azure.Account.TenantId",
    "VMSS.Azure.Credential",
    "VMSS.BusyTargets.Handle",
    "VMSS.DeploymentTarget.Roles",
    "VMSS.DryRun",
    "VMSS.Duplicate.Handle",
    "VMSS.Duplicate.TimeInMinutes",
    "VMSS.GuidedFailure.Handle",
    "VMSS.Healthy.Handle",
    "VMSS.Healthy.TimeoutInMinutes",
    "VMSS.Octopus.ApiKey",
    "VMSS.Octopus.Url",
    "VMSS.OldServers.ExcludeFromOutput",
    "VMSS.Problem.Handle",
    "VMSS.ReferencedTargets.Handle",
    "VMSS.Registration.TimeoutInMinutes",
    "VMSS.Removal.Action",
    "VMSS.Removal.Limit",
    "VMSS.Removal.OwnedOnly",
    "VMSS.ResourceGroup.Name",
    "VMSS.ScaleSet.Name",
    "VMSS.Timeout.ErrorHandle",
    "VMSS.Timeout.Value",
    "VMSS_CONFIRM_SECONDS",
    "VMSS_PHASE_SECONDS",
    "VMSS_POLL_SECONDS",
    "VMSS_REQUEST_SECONDS",
    "VMSS_RETRY_SECONDS",
    // The step's script's own: this program ignores them.
    "VMSS.Binary.Path",
    "VMSS.Cache.Folder",
    "VMSS.Download.BaseUrl",
];

/// Every variable that begins as this program's do and is none of them.
pub(super) fn refuse_strangers(r: &mut Reader) {
    let known: Vec<(&str, String)> = KNOWN.map(|name| (name, variable_name(name))).into();
    let is_known = |name: &String| known.iter().any(|(_, variable)| variable == name);
    for stranger in r.names_with(PREFIX).into_iter().filter(|it| !is_known(it)) {
        let distance = |variable: &str| strsim::levenshtein(&stranger, variable);
        let nearest = known.iter().min_by_key(|(_, variable)| distance(variable));
        let nearest = nearest.filter(|(_, variable)| distance(variable) <= NEAR);
        let meant = nearest.map_or_else(String::new, |(name, variable)| {
            if *name == variable {
                format!(". {variable} is the nearest that is")
            } else {
                format!(". {variable} is the nearest that is, for {name}")
            }
        });
        r.problem(
            &stranger,
            format!("is no parameter of this program{meant}. Take it away or correct it"),
        );
    }
}
