//! Who reads the scale sets, and in which cloud.

use crate::secret::Secret;
use azure_core::http::Url;
use std::path::PathBuf;

/// Who reads the scale sets, and in which cloud.
#[derive(Debug, Clone)]
pub struct Account {
    /// How to sign in.
    pub credential: Credential,
    /// Where to sign in and where to read.
    pub endpoints: CloudEndpoints,
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum Credential {
    /// An application with a client secret.
    ClientSecret {
        /// Who it is.
        application: Application,
        /// The secret.
        password: Secret,
    },
    /// An application that trusts Octopus: the token that Octopus made for this run.
    FederatedToken {
        /// Who it is.
        application: Application,
        /// The token.
        jwt: Secret,
    },
    /// An application that trusts the Kubernetes cluster which the worker runs in.
    WorkloadIdentity {
        /// Who it is.
        application: Application,
        /// The file that holds the current token.
        token_file: PathBuf,
    },
    /// The identity of the Azure machine or app that the worker runs on.
    ManagedIdentity {
        /// The client id of a user-assigned one; `None`: the system-assigned one.
        client: Option<String>,
        /// Where the metadata service is, if not at its usual address.
        metadata_host: Option<Url>,
    },
    /// Whoever logged in to the Azure CLI of this machine.
    AzureCli {
        /// The tenant to ask for a token of.
        tenant: Option<String>,
        /// Where no tenant is set: the subscription whose tenant to ask for.
        subscription: Option<String>,
    },
}

/// An application registered in Entra ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Entra ID tenant (directory).
    pub tenant: String,
    /// Application (client) id.
    pub client: String,
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
