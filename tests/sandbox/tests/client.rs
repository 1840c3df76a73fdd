//! A small client for the sandbox's own tests.

use sandbox::{SUBSCRIPTION, Sandbox};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};

/// What a server said.
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }
}

/// Speaks to one sandbox as the program does.
pub struct Client {
    agent: Agent,
    octopus: String,
    azure: String,
    key: String,
}

impl Client {
    pub fn of(sandbox: &Sandbox) -> Self {
        Self {
            agent: agent(sandbox),
            octopus: sandbox.octopus_url(),
            azure: sandbox.azure_url(),
            key: sandbox.world(|world| world.octopus.api_key.clone()),
        }
    }

    /// The same with another API key.
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = key.to_owned();
        self
    }

    pub fn try_octopus(&self, method: &str, path: &str, body: &str) -> Result<Reply, Error> {
        self.send(
            method,
            &format!("{}{path}", self.octopus),
            &[("X-Octopus-ApiKey", self.key.as_str())],
            body,
        )
    }

    pub fn octopus(&self, path: &str) -> Reply {
        self.try_octopus("GET", path, "").expect("Octopus answers")
    }

    /// Sends JSON to Octopus.
    pub fn write(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.try_octopus(method, path, &body.to_string())
            .expect("Octopus answers")
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.try_octopus("DELETE", path, "")
            .expect("Octopus answers")
    }

    pub fn token(&self, sandbox: &Sandbox, secret: &str, scope: &str) -> Reply {
        let (tenant, client) =
            sandbox.world(|world| (world.azure.tenant.clone(), world.azure.client_id.clone()));
        self.token_at(&tenant, &client, secret, scope)
    }

    pub fn token_at(&self, tenant: &str, client: &str, secret: &str, scope: &str) -> Reply {
        self.grant(tenant, client, &format!("client_secret={secret}"), scope)
    }

    /// Signs in with a federated token.
    pub fn assertion(&self, sandbox: &Sandbox, token: &str) -> Reply {
        let (tenant, client) =
            sandbox.world(|world| (world.azure.tenant.clone(), world.azure.client_id.clone()));
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let credential = format!("client_assertion_type={kind}&client_assertion={token}");
        let scope = "https%3A%2F%2Fmanagement.azure.com%2F.default";
        self.grant(&tenant, &client, &credential, scope)
    }

    fn grant(&self, tenant: &str, client: &str, credential: &str, scope: &str) -> Reply {
        let form =
            format!("grant_type=client_credentials&client_id={client}&{credential}&scope={scope}");
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.azure);
        let form_type = [("Content-Type", "application/x-www-form-urlencoded")];
        self.send("POST", &url, &form_type, &form)
            .expect("Entra ID answers")
    }

    /// Signs in with the right secret.
    pub fn bearer(&self, sandbox: &Sandbox) -> String {
        let secret = sandbox.world(|world| world.azure.client_secret.clone());
        let reply = self
            .token(
                sandbox,
                &secret,
                "https%3A%2F%2Fmanagement.azure.com%2F.default",
            )
            .ok();
        reply["access_token"].as_str().expect("a token").to_owned()
    }

    /// Reads any address of Azure.
    pub fn azure_url(&self, bearer: &str, url: &str) -> Reply {
        let authorization = format!("Bearer {bearer}");
        self.send("GET", url, &[("Authorization", authorization.as_str())], "")
            .expect("Azure answers")
    }

    /// Reads something of Microsoft.Compute in a resource group of the first subscription.
    pub fn compute(&self, bearer: &str, group: &str, rest: &str) -> Reply {
        let (path, query) = rest
            .split_once('?')
            .map_or((rest, String::new()), |(p, q)| (p, format!("&{q}")));
        let url = format!(
            "{}/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute/{path}\
             ?api-version=2024-11-01{query}",
            self.azure
        );
        self.azure_url(bearer, &url)
    }

    /// All rows of a listing, following `nextLink`.
    pub fn all_pages(&self, bearer: &str, first: Reply) -> (Vec<Value>, usize) {
        let (mut rows, mut pages, mut page) = (Vec::new(), 1, first.ok());
        loop {
            rows.extend(page["value"].as_array().expect("rows").clone());
            let Some(next) = page["nextLink"].as_str() else {
                return (rows, pages);
            };
            page = self.azure_url(bearer, next).ok();
            pages += 1;
        }
    }

    pub fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self
            .agent
            .run(request.body(body.to_owned()).expect("a valid request"))?;
        let headers = response.headers().clone();
        let status = response.status().as_u16();
        let text = response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string()?;
        Ok(Reply {
            status,
            headers,
            text,
        })
    }
}

fn agent(sandbox: &Sandbox) -> Agent {
    let pem = std::fs::read(sandbox.ca_file()).expect("the authority's certificate is there");
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .new_agent()
}
