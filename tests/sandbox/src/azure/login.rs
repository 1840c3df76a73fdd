//! Entra ID: which application gets a token.
//!
//! Sources: "Microsoft identity platform and the OAuth 2.0 client credentials flow" and "Workload identity federation"
//! at learn.microsoft.com.

use super::Azure;
use super::refusals::{self, Refusal};
use super::routes::Address;
use crate::http::{Answer, Call, form};
use crate::jwt::{self, Claims, Jwt};
use serde_json::json;

/// A federated identity credential of the application: tokens that it may show instead of a secret.
#[derive(Clone, Debug)]
pub struct Federation {
    /// Who issues them.
    pub issuer: String,
    /// Whom they speak for; compared with regard to case.
    pub subject: String,
    /// Whom they are meant for.
    pub audience: String,
}

impl Azure {
    /// Gives the application a federated identity credential that such tokens match.
    pub fn trust(&mut self, token: &Jwt) {
        self.federations.push(Federation {
            issuer: token.issuer.clone(),
            subject: token.subject.clone(),
            audience: token.audience.clone(),
        });
    }
}

pub(crate) fn token(azure: &mut Azure, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let fields = form(&body);
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let audience = match grant(azure, &address.tenant, &field) {
        Ok(audience) => audience,
        Err(refusal) => return Err(refusal.answer(azure)),
    };
    let lifetime = azure.token_lifetime.as_secs();
    let token = azure.issue(audience, azure.application());
    Ok(Answer::ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": token,
    })))
}

/// The audience that the application may have a token for.
fn grant<'f>(
    azure: &Azure,
    tenant: &str,
    field: &impl Fn(&str) -> &'f str,
) -> Result<&'f str, Refusal> {
    if !tenant.eq_ignore_ascii_case(&azure.tenant) {
        return Err(refusals::unknown_tenant(tenant));
    }
    if field("grant_type") != "client_credentials" {
        return Err(refusals::grant_type());
    }
    let application = field("client_id");
    if !application.eq_ignore_ascii_case(&azure.client_id) {
        return Err(refusals::unknown_application(application, tenant));
    }
    if azure.application_disabled {
        return Err(refusals::disabled_application(application));
    }
    match (field("client_assertion"), field("client_secret")) {
        ("", "") => return Err(refusals::no_credential()),
        ("", secret) => check_secret(azure, secret)?,
        (assertion, _) => {
            if field("client_assertion_type") != ASSERTION_TYPE {
                return Err(refusals::assertion_type());
            }
            check_assertion(azure, assertion)?;
        }
    }
    let scope = field("scope");
    scope
        .strip_suffix("/.default")
        .ok_or_else(|| refusals::scope(scope))
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn check_secret(azure: &Azure, secret: &str) -> Result<(), Refusal> {
    if secret != azure.client_secret {
        Err(refusals::wrong_secret(&azure.client_id))
    } else if azure.client_secret_expired {
        Err(refusals::expired_secret(&azure.client_id))
    } else {
        Ok(())
    }
}

/// What a token says of itself is held against it even where the test has named that very token.
fn check_assertion(azure: &Azure, assertion: &str) -> Result<(), Refusal> {
    let named = azure.federated_token.as_deref() == Some(assertion);
    let Some(claims) = jwt::read(assertion) else {
        return if named {
            Ok(())
        } else {
            Err(refusals::no_jwt())
        };
    };
    if named {
        match claims.audience.as_deref() {
            None | Some(jwt::AUDIENCE) => {}
            Some(other) => return Err(refusals::federated_audience(other)),
        }
    } else {
        check_federation(&azure.federations, &claims)?;
    }
    let now = azure.now();
    let early = claims.not_before.is_some_and(|from| now < from);
    let late = claims.expires.is_some_and(|until| until <= now);
    if early || late {
        return Err(refusals::outside_its_time(now, &claims));
    }
    Ok(())
}

fn check_federation(federations: &[Federation], claims: &Claims) -> Result<(), Refusal> {
    let audience = claims.audience.as_deref().unwrap_or_default();
    if federations.is_empty() {
        return Err(refusals::no_federation(claims));
    }
    let mut left: Vec<&Federation> = federations.iter().collect();
    left.retain(|federation| federation.issuer == claims.issuer);
    if left.is_empty() {
        return Err(refusals::federated_issuer(&claims.issuer));
    }
    left.retain(|federation| federation.subject == claims.subject);
    if left.is_empty() {
        return Err(refusals::federated_subject(&claims.subject));
    }
    left.retain(|federation| federation.audience == audience);
    if left.is_empty() {
        return Err(refusals::federated_audience(audience));
    }
    Ok(())
}

pub(crate) fn configuration(azure: &Azure, call: &Call, address: &Address) -> Answer {
    let base = format!("{}/{}", call.origin, address.tenant);
    Answer::ok(json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "issuer": format!("{base}/v2.0"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": azure.origin,
    }))
}
