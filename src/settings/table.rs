//! All parameters, each with its flag, its variables, what it takes and its default.

use super::parameters::{About, Flag, Parameter, Takes};
use super::values::{
    BusyTargets, CLOUDS, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling,
    HealthyTargets, KINDS, OWNED_ONLY, PROBLEMS, REMOVAL_ACTIONS, ReferencedTargets,
    TimeoutHandling,
};

/// The parameter of this name.
#[must_use]
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

fn names_of<T, const N: usize>(choices: &[(&'static str, T); N]) -> Vec<&'static str> {
    choices.iter().map(|(name, _)| *name).collect()
}

/// What most parameters lack.
const PLAIN: Parameter = Parameter {
    name: "",
    flag: Flag::Named(""),
    by_hand: &[],
    takes: Takes::Text("TEXT"),
    default: "",
    about: About::Scope,
    help: "",
};

/// All of them, in the order of the help.
pub static PARAMETERS: [Parameter; 34] = [
    Parameter {
        name: "VMSS.ScaleSet.Name",
        flag: Flag::Short("scale-set", None, "scale-set-name"),
        takes: Takes::List("NAME"),
        help: "A scale set, or several: each a name, GROUP/NAME or a resource id",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.ResourceGroup.Name",
        flag: Flag::Short("resource-group", None, "resource-group-name"),
        takes: Takes::Text("NAME"),
        help: "Their resource group",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.DeploymentTarget.Roles",
        flag: Flag::Short("role", None, "deployment-target-roles"),
        takes: Takes::List("TAG"),
        help: "A target tag (role) that its targets carry; all of several",
        ..PLAIN
    },
    Parameter {
        name: "Octopus.Space.Id",
        flag: Flag::Short("space", Some('s'), "octopus-space-id"),
        by_hand: &["OCTOPUS_SPACE"],
        takes: Takes::Text("NAME|ID"),
        help: "The space",
        ..PLAIN
    },
    Parameter {
        name: "Octopus.Environment.Id",
        flag: Flag::Short("environment", Some('e'), "octopus-environment-id"),
        by_hand: &["OCTOPUS_ENVIRONMENT"],
        takes: Takes::Text("NAME|ID"),
        help: "The environment",
        ..PLAIN
    },
    Parameter {
        name: "Octopus.Deployment.Tenant.Id",
        flag: Flag::Short("tenant", None, "octopus-deployment-tenant-id"),
        takes: Takes::Text("ID"),
        help: "Only the targets of this tenant",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Octopus.Url",
        flag: Flag::Named("octopus-url"),
        by_hand: &["OCTOPUS_URL"],
        takes: Takes::Text("URL"),
        about: About::Access,
        help: "Octopus Server",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Octopus.ApiKey",
        flag: Flag::Secret("octopus-api-key", "OCTOPUS_API_KEY"),
        by_hand: &["OCTOPUS_API_KEY", "OCTOPUS_ACCESS_TOKEN"],
        about: About::Access,
        help: "The API key of a service account, or its access token",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Credential",
        flag: Flag::Named("azure-credential"),
        takes: Takes::Choice(|| names_of(&KINDS)),
        default: "Account",
        about: About::Access,
        help: "Who signs in to Azure: AzureCli is whoever has signed in with az login",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account",
        flag: Flag::Pointless(
            "azure-account",
            "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_SUBSCRIPTION_ID",
        ),
        about: About::Access,
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.SubscriptionNumber",
        flag: Flag::Named("azure-account-subscription-number"),
        takes: Takes::Text("ID"),
        about: About::Access,
        help: "The subscription; AZURE_SUBSCRIPTION_ID serves as well, where none of these is set",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.TenantId",
        flag: Flag::Named("azure-account-tenant-id"),
        takes: Takes::Text("ID"),
        about: About::Access,
        help: "The account's tenant; AZURE_TENANT_ID serves as well, where none of these is set",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.Client",
        flag: Flag::Named("azure-account-client"),
        takes: Takes::Text("ID"),
        about: About::Access,
        help: "The account's application; AZURE_CLIENT_ID serves as well, where none of these is set",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.Password",
        flag: Flag::Secret("azure-account-password", "VMSS_AZURE_ACCOUNT_PASSWORD"),
        about: About::Access,
        help: "The account's client secret; AZURE_CLIENT_SECRET serves as well, where none of these is set",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.OpenIdConnect.Jwt",
        flag: Flag::Secret(
            "azure-account-open-id-connect-jwt",
            "VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT",
        ),
        about: About::Access,
        help: "The account's token",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.AzureEnvironment",
        flag: Flag::Named("azure-account-azure-environment"),
        takes: Takes::Choice(|| {
            CLOUDS
                .iter()
                .filter(|it| it.1.is_some())
                .map(|it| it.0)
                .collect()
        }),
        default: "AzureCloud",
        about: About::Access,
        help: "The cloud",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
        flag: Flag::Named("azure-account-resource-management-endpoint-base-uri"),
        takes: Takes::Text("URL"),
        about: About::Access,
        help: "Another address of Azure Resource Manager than the cloud's",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
        flag: Flag::Named("azure-account-active-directory-endpoint-base-uri"),
        takes: Takes::Text("URL"),
        about: About::Access,
        help: "Another address of Entra ID than the cloud's",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.DryRun",
        flag: Flag::Named("dry-run"),
        takes: Takes::Nothing,
        default: "No",
        about: About::Removal,
        help: "Plan, gather the evidence, print, change nothing",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Removal.Action",
        flag: Flag::Named("removal-action"),
        takes: Takes::Choice(|| names_of(&REMOVAL_ACTIONS)),
        default: "Delete",
        about: About::Removal,
        help: "Delete the registration, or disable the target",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Removal.Limit",
        flag: Flag::Named("removal-limit"),
        takes: Takes::Text("NUMBER|PERCENT%"),
        default: "100",
        about: About::Removal,
        help: "The most targets that one run may remove; with more it removes none",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Removal.OwnedOnly",
        flag: Flag::Named("removal-owned-only"),
        takes: Takes::Choice(|| names_of(&OWNED_ONLY)),
        default: "Yes",
        about: About::Removal,
        help: "Only remove names that only the scale set gives",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Healthy.Handle",
        flag: Flag::Named("healthy-handle"),
        takes: Takes::Choice(|| names_of(&HealthyTargets::CHOICES)),
        default: "Check",
        about: About::Removal,
        help: "A target without a machine that Octopus does not call unavailable: test its connection, leave it, or remove it unasked",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.BusyTargets.Handle",
        flag: Flag::Named("busy-targets-handle"),
        takes: Takes::Choice(|| names_of(&BusyTargets::CHOICES)),
        default: "Defer",
        about: About::Removal,
        help: "One that another task may be using",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.ReferencedTargets.Handle",
        flag: Flag::Named("referenced-targets-handle"),
        takes: Takes::Choice(|| names_of(&ReferencedTargets::CHOICES)),
        default: "Hold",
        about: About::Removal,
        help: "One that variables are scoped to alone",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Problem.Handle",
        flag: Flag::Named("problem-handle"),
        takes: Takes::Choice(|| names_of(&PROBLEMS)),
        default: "Auto",
        about: About::Removal,
        help: "What brakes and failed removals do: fail the run, or warn; Auto fails it by hand",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Timeout.Value",
        flag: Flag::Named("timeout-value"),
        takes: Takes::Text("MINUTES"),
        default: "30",
        about: About::Time,
        help: "For the scale sets to settle",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Timeout.ErrorHandle",
        flag: Flag::Named("timeout-error-handle"),
        takes: Takes::Choice(|| names_of(&TimeoutHandling::CHOICES)),
        default: "Proceed",
        about: About::Time,
        help: "If they do not: go on with what is there, or end with 6",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Healthy.TimeoutInMinutes",
        flag: Flag::Named("healthy-timeout-in-minutes"),
        takes: Takes::Text("MINUTES"),
        default: "5",
        about: About::Time,
        help: "For the test of connections, 14 at most",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Registration.TimeoutInMinutes",
        flag: Flag::Named("registration-timeout-in-minutes"),
        takes: Takes::Text("MINUTES"),
        default: "0",
        about: About::Time,
        help: "For every machine to have a registered target",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Duplicate.Handle",
        flag: Flag::Named("duplicate-handle"),
        takes: Takes::Choice(|| names_of(&DuplicateHandling::CHOICES)),
        default: "Proceed",
        about: About::Deployments,
        help: "A run that repeats one before: go on, or cancel its task",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.Duplicate.TimeInMinutes",
        flag: Flag::Named("duplicate-time-in-minutes"),
        takes: Takes::Text("MINUTES"),
        default: "3",
        about: About::Deployments,
        help: "How soon after a success it is one; 0: never",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.OldServers.ExcludeFromOutput",
        flag: Flag::Named("old-servers-exclude-from-output"),
        takes: Takes::Choice(|| names_of(&ExcludeOldServers::CHOICES)),
        default: "No",
        about: About::Deployments,
        help: "Leave targets that existed before out of the outputs",
        ..PLAIN
    },
    Parameter {
        name: "VMSS.GuidedFailure.Handle",
        flag: Flag::Named("guided-failure-handle"),
        takes: Takes::Choice(|| names_of(&GuidedFailureHandling::CHOICES)),
        default: "None",
        about: About::Deployments,
        help: "A guided failure on a machine that is gone: leave it, or exclude the machine",
        ..PLAIN
    },
];
