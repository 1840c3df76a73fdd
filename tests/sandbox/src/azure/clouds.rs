//! What a client asks before it knows a cloud: where its services are, and which subscriptions the account sees.
//!
//! Sources: github.com/Azure/azure-cli (`cloud.py`, what it reads of `/metadata/endpoints`), and "Subscriptions - List" at
//! learn.microsoft.com/rest/api/resources.

use super::{Azure, tokens};
use crate::http::{Answer, Call};
use serde_json::{Value, json};

pub(crate) fn endpoints(azure: &Azure) -> Answer {
    let origin = &azure.origin;
    Answer::ok(json!({
        "name": "Sandbox",
        "resourceManager": origin,
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [origin],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graph": origin,
        "graphAudience": origin,
        "portal": origin,
        "suffixes": {},
    }))
}

pub(crate) fn subscriptions(azure: &Azure, call: &Call) -> Result<Answer, Answer> {
    tokens::check(azure, call)?;
    let row = |id: &String| {
        json!({
            "id": format!("/subscriptions/{id}"),
            "subscriptionId": id,
            "tenantId": azure.tenant,
            "displayName": "Sandbox",
            "state": "Enabled",
            "authorizationSource": "RoleBased",
        })
    };
    let rows: Vec<Value> = azure
        .subscriptions
        .values()
        .map(|own| row(&own.id))
        .collect();
    Ok(Answer::ok(
        json!({ "value": rows, "count": { "type": "Total", "value": rows.len() } }),
    ))
}
