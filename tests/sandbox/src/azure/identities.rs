//! Managed identities: which ones the machine has, and the two services beside it that hand out their tokens.
//!
//! Sources at learn.microsoft.com: "How to use managed identities for Azure resources on an Azure VM to acquire an
//! access token", "Azure Instance Metadata Service for virtual machines" (security, versions), "Managed identities for
//! Azure resources frequently asked questions" (which identity is the default), and "How to use managed identities for
//! App Service and Azure Functions" (REST endpoint reference).

use super::tokens::Principal;
use super::{Azure, vm};
use crate::http::{Answer, Call};
use crate::world::{GROUP, SUBSCRIPTION};
use serde_json::json;
use std::collections::BTreeMap;

/// The managed identities of the machine, or of the app, that the program under test runs on.
#[derive(Clone, Debug)]
pub struct Identities {
    /// Whether it has one of its own: at first it has.
    pub system_assigned: bool,
    /// Those that were assigned to it: at first none.
    pub user_assigned: Vec<ManagedIdentity>,
}

/// A user-assigned managed identity; a request may name it by any of the three.
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    /// Its client id.
    pub client_id: String,
    /// Its object id, also called principal id.
    pub object_id: String,
    /// Its resource id.
    pub resource_id: String,
}

impl Default for Identities {
    fn default() -> Self {
        Self {
            system_assigned: true,
            user_assigned: Vec::new(),
        }
    }
}

impl Identities {
    /// Assigns an identity of this client id.
    pub fn assign(&mut self, client_id: &str) -> ManagedIdentity {
        let number = self.user_assigned.len() + 1;
        let identity = ManagedIdentity {
            client_id: client_id.to_owned(),
            object_id: format!("00000000-0b1e-4700-8000-1{number:011}"),
            resource_id: format!(
                "/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.ManagedIdentity/\
                 userAssignedIdentities/identity-{number}"
            ),
        };
        self.user_assigned.push(identity.clone());
        identity
    }

    fn named(&self, name: &str, value: &str) -> Option<Principal> {
        let is = |identity: &&ManagedIdentity| {
            let own = match name {
                "client_id" => &identity.client_id,
                "object_id" | "principal_id" => &identity.object_id,
                _ => &identity.resource_id,
            };
            own.eq_ignore_ascii_case(value)
        };
        self.user_assigned.iter().find(is).map(principal)
    }

    fn own(&self) -> Option<Principal> {
        self.system_assigned.then(|| Principal {
            client_id: "00000000-5e1f-4700-8000-000000000005".to_owned(),
            object_id: "00000000-0b1e-4700-8000-000000000005".to_owned(),
        })
    }
}

fn principal(identity: &ManagedIdentity) -> Principal {
    Principal {
        client_id: identity.client_id.clone(),
        object_id: identity.object_id.clone(),
    }
}

type Query = BTreeMap<String, String>;

/// How a request may name a user-assigned identity.
const METADATA_NAMES: [&str; 3] = ["client_id", "object_id", "msi_res_id"];
const APP_SERVICE_NAMES: [&str; 4] = ["client_id", "principal_id", "object_id", "mi_res_id"];

/// The parameters of the query. One that is unknown or comes twice is refused: ignoring a misspelt name would
/// silently hand out the token of another identity.
fn parameters(call: &Call, names: &[&str]) -> Result<Query, String> {
    let mut found = Query::new();
    for (name, value) in call.parameters() {
        if !["api-version", "resource"].contains(&name.as_str()) && !names.contains(&name.as_str())
        {
            return Err(format!("The parameter '{name}' is unknown."));
        }
        if found.insert(name.clone(), value).is_some() {
            return Err(format!("The parameter '{name}' comes twice."));
        }
    }
    Ok(found)
}

/// The identity that a request names, as name and value; `None` where it names none.
fn asked<'a>(query: &'a Query, names: &[&str]) -> Result<Option<(&'a str, &'a str)>, &'static str> {
    let mut asked = names.iter().filter_map(|name| query.get_key_value(*name));
    match (asked.next(), asked.next()) {
        (Some(_), Some(_)) => Err("More than one identity was asked for"),
        (one, _) => Ok(one.map(|(name, value)| (name.as_str(), value.as_str()))),
    }
}

fn metadata_holder(identities: &Identities, query: &Query) -> Result<Principal, &'static str> {
    const MISSING: &str = "Identity not found";
    if let Some((name, value)) = asked(query, &METADATA_NAMES)? {
        return identities.named(name, value).ok_or(MISSING);
    }
    match (identities.own(), identities.user_assigned.as_slice()) {
        (Some(own), _) => Ok(own),
        (None, [only]) => Ok(principal(only)),
        (None, []) => Err(MISSING),
        (None, _) => Err(
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in \
             the token request",
        ),
    }
}

/// Other than the metadata service, App Service never falls back on a user-assigned identity.
fn app_service_holder(identities: &Identities, query: &Query) -> Result<Principal, &'static str> {
    match asked(query, &APP_SERVICE_NAMES)? {
        None => identities
            .own()
            .ok_or("Unable to load requested managed identity."),
        Some((name, value)) => identities.named(name, value).ok_or(
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        ),
    }
}

/// The instance metadata service: `GET /metadata/identity/oauth2/token`.
pub(crate) fn metadata(azure: &mut Azure, call: &Call) -> Result<Answer, Answer> {
    if call.header("metadata") != Some("true") {
        return Err(no_metadata(
            "bad_request_102",
            "Required metadata header not specified",
        ));
    }
    let invalid = |text: &str| no_metadata("invalid_request", text);
    if call.header("x-forwarded-for").is_some() {
        return Err(invalid("Requests with X-Forwarded-For are not accepted"));
    }
    let mut query = parameters(call, &METADATA_NAMES).map_err(|problem| invalid(&problem))?;
    match query.get("api-version").map(String::as_str) {
        Some("2018-02-01" | "2019-08-01") => {}
        _ => return Err(no_version()),
    }
    let audience = query
        .remove("resource")
        .filter(|resource| !resource.is_empty())
        .ok_or_else(|| invalid("Required audience parameter not specified"))?;
    let holder = metadata_holder(&azure.identities, &query).map_err(invalid)?;
    let now = azure.now();
    let lifetime = azure.token_lifetime;
    let token = azure.issue(&audience, holder);
    Ok(Answer::ok(json!({
        "access_token": token,
        "refresh_token": "",
        "expires_in": lifetime.as_secs().to_string(),
        "expires_on": (now + lifetime).unix_timestamp().to_string(),
        "not_before": now.unix_timestamp().to_string(),
        "resource": audience,
        "token_type": "Bearer",
    })))
}

fn no_metadata(error: &str, text: &str) -> Answer {
    Answer::json(400, json!({ "error": error, "error_description": text }))
}

fn no_version() -> Answer {
    let text = "Bad request. api-version is invalid or was not specified in the request. For more information refer to \
                aka.ms/azureimds";
    let newest = ["2019-08-01", "2018-02-01"];
    Answer::json(400, json!({ "error": text, "newest-versions": newest }))
}

/// App Service: the address in `IDENTITY_ENDPOINT`.
pub(crate) fn app_service(azure: &mut Azure, call: &Call) -> Result<Answer, Answer> {
    let correlation = vm::guid(azure.next_serial());
    let refused = |status: u16, text: &str| {
        Answer::json(
            status,
            json!({ "statusCode": status, "message": text, "correlationId": correlation }),
        )
    };
    if call.header("x-identity-header") != Some(azure.identity_header.as_str()) {
        return Err(refused(401, "The identity header is wrong."));
    }
    let mut query =
        parameters(call, &APP_SERVICE_NAMES).map_err(|problem| refused(400, &problem))?;
    if query.get("api-version").map(String::as_str) != Some("2019-08-01") {
        return Err(refused(400, "The api-version is missing or unknown."));
    }
    let audience = query
        .remove("resource")
        .ok_or_else(|| refused(400, "The resource is missing."))?;
    let holder =
        app_service_holder(&azure.identities, &query).map_err(|text| refused(400, text))?;
    let expires = azure.now() + azure.token_lifetime;
    let client_id = holder.client_id.clone();
    let token = azure.issue(&audience, holder);
    Ok(Answer::ok(json!({
        "access_token": token,
        "expires_on": expires.unix_timestamp().to_string(),
        "resource": audience,
        "token_type": "Bearer",
        "client_id": client_id,
    })))
}
