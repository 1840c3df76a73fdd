//! What a program needs to find in its environment, for each way to sign in.

use super::Sandbox;
use crate::jwt::Jwt;

impl Sandbox {
    /// The environment variables that point the program at this sandbox: the scale set and the roles
    /// that the world says to reconcile, an account, and the certificate authority.
    pub fn environment(&self) -> Vec<(String, String)> {
        let (octopus_url, azure_url) = (self.octopus_url(), self.azure_url());
        let ca_file = self.ca_file().display().to_string();
        self.world(|world| {
            let azure = &world.azure;
            let pairs = [
                ("VMSS_OCTOPUS_URL", octopus_url.as_str()),
                ("VMSS_OCTOPUS_APIKEY", &world.octopus.api_key),
                ("OCTOPUS_SPACE_ID", crate::world::SPACE),
                ("OCTOPUS_ENVIRONMENT_ID", crate::world::ENVIRONMENT),
                ("VMSS_SCALESET_NAME", &world.scale_set_name),
                ("VMSS_RESOURCEGROUP_NAME", crate::world::GROUP),
                ("VMSS_DEPLOYMENTTARGET_ROLES", &world.roles.join(",")),
                (
                    "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER",
                    crate::world::SUBSCRIPTION,
                ),
                ("VMSS_AZURE_ACCOUNT_CLIENT", &azure.client_id),
                ("VMSS_AZURE_ACCOUNT_TENANTID", &azure.tenant),
                ("VMSS_AZURE_ACCOUNT_PASSWORD", &azure.client_secret),
                (
                    "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
                    &azure_url,
                ),
                (
                    "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI",
                    &azure_url,
                ),
                ("SSL_CERT_FILE", &ca_file),
            ];
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec()
        })
    }

    /// What App Service adds to the environment of a program with a managed identity.
    pub fn managed_identity_environment(&self) -> Vec<(String, String)> {
        let secret = self.world(|world| world.azure.identity_header.clone());
        vec![
            (
                "IDENTITY_ENDPOINT".to_owned(),
                format!("http://{}/msi/token", self.identity),
            ),
            ("IDENTITY_HEADER".to_owned(), secret),
        ]
    }

    /// What points a program at this sandbox's instance metadata service, as on a virtual machine with managed
    /// identities. The name is the override that Microsoft's identity libraries for .NET, Python, Java, Go and
    /// JavaScript have in common.
    pub fn metadata_environment(&self) -> Vec<(String, String)> {
        vec![(
            "AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(),
            format!("http://{}", self.identity),
        )]
    }

    /// What the workload identity webhook of a Kubernetes cluster adds to the environment. The token, whose subject
    /// the application trusts from now on, is in a file of the sandbox's folder; a test may write another one into it.
    pub fn workload_identity_environment(&self) -> Vec<(String, String)> {
        let token = Jwt::of("system:serviceaccount:octopus:worker");
        let file = self.folder().join("federated-token");
        std::fs::write(&file, token.to_string()).expect("the token is written");
        let authority = format!("{}/", self.azure_url());
        self.world(|world| {
            world.azure.trust(&token);
            let pairs = [
                ("AZURE_CLIENT_ID", world.azure.client_id.clone()),
                ("AZURE_TENANT_ID", world.azure.tenant.clone()),
                ("AZURE_FEDERATED_TOKEN_FILE", file.display().to_string()),
                ("AZURE_AUTHORITY_HOST", authority),
            ];
            pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
        })
    }
}
