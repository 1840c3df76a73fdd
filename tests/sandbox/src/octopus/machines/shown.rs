//! A deployment target as a server of 2026 shows it.

use crate::clock;
use crate::octopus::envelope::link;
use crate::octopus::places::slug;
use crate::octopus::{Octopus, Target};
use serde_json::{Value, json};

/// The resource as lists show it, which may be late.
pub(crate) fn listed(octopus: &Octopus, target: &Target) -> Value {
    let mut resource = to_json(octopus, target);
    resource["HealthStatus"] = target.listed_health().into();
    if let Some(fields) = resource.as_object_mut() {
        for name in &octopus.readings.left_out_of_target_lists {
            fields.remove(name);
        }
    }
    resource
}

/// The resource as a server of 2026 shows it, in its size too.
pub(crate) fn to_json(octopus: &Octopus, target: &Target) -> Value {
    let own = link(octopus, &target.space, &format!("machines/{}", target.id));
    let mut resource = json!({
        "Architecture": "X64",
        "Endpoint": endpoint(target),
        "EnvironmentIds": target.environments,
        "HasLatestCalamari": true,
        "HealthStatus": target.health,
        "Id": target.id,
        "IsDisabled": target.disabled,
        "IsInProcess": false,
        "LastModifiedBy": "scale-set-bootstrap",
        "LastModifiedOn": clock::octopus(target.registered),
        "Links": {
            "Self": own,
            "Connection": format!("{own}/connection"),
            "TasksTemplate": format!("{own}/tasks{{?skip,take,type}}"),
            "LatestDeployments": format!("{own}/latestdeployments"),
            "SinglyScopedVariableDetails": format!("{own}/singlyScopedVariableDetails"),
            "MachinePolicy": link(octopus, &target.space, &format!("machinepolicies/{}", target.policy)),
        },
        "MachinePolicyId": target.policy,
        "Name": target.name,
        "OperatingSystem": "Microsoft Windows NT 10.0.20348.0",
        "OperatingSystemVersion": "10.0.20348.0",
        "Roles": target.roles,
        "ShellName": "PowerShell",
        "ShellVersion": "5.1.20348.2582",
        "SkipInitialHealthCheck": false,
        "Slug": slug(&target.name),
        "SpaceId": target.space,
        "StatusSummary": format!(
            "Octopus was able to successfully establish a connection with this machine on {}",
            clock::http_date(target.registered)
        ),
        "TenantIds": target.tenants,
        "TenantTags": target.tenant_tags,
        "TenantedDeploymentParticipation": target.participation,
        "Thumbprint": target.thumbprint,
        "Uri": target.uri,
    });
    if let Some(fields) = resource.as_object_mut() {
        fields.extend(target.extra.clone());
    }
    resource
}

fn endpoint(target: &Target) -> Value {
    let mut endpoint = json!({
        "CommunicationStyle": target.style,
        "Id": Value::Null,
        "LastModifiedBy": Value::Null,
        "LastModifiedOn": Value::Null,
        "Links": {},
    });
    let more = match target.style.as_str() {
        "TentaclePassive" | "TentacleActive" => json!({
            "Thumbprint": target.thumbprint,
            "Uri": target.uri,
            "ProxyId": Value::Null,
            "CertificateSignatureAlgorithm": "sha256RSA",
            "TentacleVersionDetails": {
                "Version": "8.2.2187",
                "UpgradeLocked": false,
                "UpgradeSuggested": false,
                "UpgradeRequired": false,
            },
        }),
        "Ssh" => json!({
            "AccountId": "Accounts-1",
            "Host": target.name.to_lowercase(),
            "Port": 22,
            "Fingerprint": target.thumbprint,
            "Uri": target.uri,
            "ProxyId": Value::Null,
            "DotNetCorePlatform": "linux-x64",
        }),
        _ => json!({ "DefaultWorkerPoolId": "" }),
    };
    if let (Some(fields), Value::Object(more)) = (endpoint.as_object_mut(), more) {
        fields.extend(more);
    }
    endpoint
}
