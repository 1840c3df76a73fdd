//! Azure: its state, and which answer belongs to which address.
//!
//! Shapes follow the REST reference at learn.microsoft.com/rest/api/compute ("Virtual Machine Scale Sets",
//! "Virtual Machine Scale Set VMs", "Virtual Machines"), its examples in github.com/Azure/azure-rest-api-specs, and
//! "Microsoft identity platform and the OAuth 2.0 client credentials flow".

mod access;
mod clouds;
mod errors;
mod identities;
mod lies;
mod login;
mod paging;
mod refusals;
mod resources;
mod routes;
mod rows;
mod scale_set;
mod scaling;
mod tokens;
mod vm;

pub use access::{Access, Read, scope};
pub use identities::{Identities, ManagedIdentity};
pub use login::Federation;
pub use scale_set::{Mode, ScaleSet, ScaleSetHandle};
pub use vm::Vm;
pub(crate) use vm::scramble;

use crate::clock::{self, Time};
use crate::http::{Answer, Call};
use crate::matcher::Route;
use crate::world::{GROUP, SUBSCRIPTION, World};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// The state of Azure.
#[derive(Clone, Debug)]
pub struct Azure {
    /// The tenant of Entra ID.
    pub tenant: String,
    /// The application (client) id of the service principal.
    pub client_id: String,
    /// Whether somebody has switched it off: AADSTS7000112.
    pub application_disabled: bool,
    /// Its secret.
    pub client_secret: String,
    /// Whether the secret is the right one, and too old: AADSTS7000222.
    pub client_secret_expired: bool,
    /// A federated token that it may show instead of the secret, whatever its form; a JWT has to be meant for
    /// Entra ID and within its time all the same.
    pub federated_token: Option<String>,
    /// Whose JWTs it may show instead of the secret, see [`Azure::trust`].
    pub federations: Vec<Federation>,
    /// The managed identities that the program under test may ask for.
    pub identities: Identities,
    /// What a program on App Service has to show to get a managed identity's token.
    pub identity_header: String,
    /// The id that refusals name.
    pub object_id: String,
    /// How long tokens last.
    pub token_lifetime: Duration,
    /// The audiences that Resource Manager accepts beside its own address.
    pub audiences: Vec<String>,
    /// The versions of the API that Microsoft.Compute knows.
    pub api_versions: Vec<String>,
    /// The subscriptions by their ids in lower case.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// What the account may read.
    pub access: Access,
    /// How many items a page holds.
    pub page_size: usize,
    /// Puts an empty page with a `nextLink` before every page.
    pub empty_pages: bool,
    /// The code of the 404 for an instance that is gone: `NotFound` and `ResourceNotFound` were both seen.
    pub gone_code: String,
    pub(crate) origin: String,
    tokens: HashMap<String, tokens::Token>,
    serial: u64,
}

/// A subscription.
#[derive(Clone, Debug, Default)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Its resource groups by their names in lower case.
    pub groups: BTreeMap<String, Group>,
}

/// A resource group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its name as it was given.
    pub name: String,
    /// Its scale sets by their names in lower case.
    pub scale_sets: BTreeMap<String, ScaleSet>,
    /// Its virtual machines by their names in lower case: instances of Flexible scale sets, and lone ones.
    pub vms: BTreeMap<String, Vm>,
    /// What listings of the virtual machines show instead of the truth.
    pub frozen_vms: Option<Vec<Vm>>,
}

impl Default for Azure {
    fn default() -> Self {
        let versions = [
            "2021-03-01",
            "2023-09-01",
            "2024-03-01",
            "2024-07-01",
            "2024-11-01",
            "2025-04-01",
            "2026-04-01",
        ];
        let mut azure = Self {
            tenant: "00000000-7e4a-4700-8000-000000000002".to_owned(),
            client_id: "00000000-c11e-4700-8000-000000000003".to_owned(),
            application_disabled: false,
            client_secret: "sandbox-secret-not-a-real-one".to_owned(),
            client_secret_expired: false,
            federated_token: None,
            federations: Vec::new(),
            identities: Identities::default(),
            identity_header: "sandbox-identity-not-a-real-one".to_owned(),
            object_id: "00000000-0b1e-4700-8000-000000000004".to_owned(),
            token_lifetime: Duration::from_secs(3599),
            audiences: vec![
                "https://management.azure.com".to_owned(),
                "https://management.core.windows.net".to_owned(),
            ],
            api_versions: versions.map(str::to_owned).to_vec(),
            subscriptions: BTreeMap::new(),
            access: Access::everything(),
            page_size: 200,
            empty_pages: false,
            gone_code: "NotFound".to_owned(),
            origin: String::new(),
            tokens: HashMap::new(),
            serial: 0,
        };
        azure.group_mut(SUBSCRIPTION, GROUP);
        azure
    }
}

impl Azure {
    /// A resource group, made if it is not there yet, and its subscription too.
    pub fn group_mut(&mut self, subscription: &str, group: &str) -> &mut Group {
        let subscription = self
            .subscriptions
            .entry(subscription.to_ascii_lowercase())
            .or_insert_with(|| Subscription {
                id: subscription.to_owned(),
                groups: BTreeMap::new(),
            });
        let made = || Group {
            name: group.to_owned(),
            ..Group::default()
        };
        subscription
            .groups
            .entry(group.to_ascii_lowercase())
            .or_insert_with(made)
    }

    /// The time by Azure's own clock.
    pub fn now(&self) -> Time {
        clock::now()
    }

    /// Makes every token that was issued so far worthless.
    pub fn expire_tokens(&mut self) {
        self.tokens.values_mut().for_each(tokens::Token::expire);
    }

    /// A number that no other thing in this world has.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(crate) fn add_lone_vm(&mut self, subscription: &str, group: &str, name: &str) -> Vm {
        let serial = self.next_serial();
        let machine = Vm::new(name, name, Some(name.to_owned()), serial);
        self.group_mut(subscription, group)
            .vms
            .insert(name.to_ascii_lowercase(), machine.clone());
        machine
    }
}

/// One subscription in the hands of a test.
pub struct SubscriptionHandle<'a> {
    azure: &'a mut Azure,
    id: String,
}

impl<'a> SubscriptionHandle<'a> {
    pub(crate) fn of(azure: &'a mut Azure, id: &str) -> Self {
        let made = || Subscription {
            id: id.to_owned(),
            groups: BTreeMap::new(),
        };
        azure
            .subscriptions
            .entry(id.to_ascii_lowercase())
            .or_insert_with(made);
        Self {
            azure,
            id: id.to_owned(),
        }
    }

    /// A scale set as `group/name`, made if it is not there yet.
    pub fn scale_set(self, name: &str) -> ScaleSetHandle<'a> {
        let (group, name) = name.split_once('/').unwrap_or((GROUP, name));
        ScaleSetHandle::of(self.azure, &self.id, group, name)
    }
}

/// What a request asks for.
pub(crate) fn route(call: &Call) -> Route {
    routes::parse(call).route
}

/// Answers a request.
pub(crate) fn serve(world: &mut World, call: &Call) -> Answer {
    let azure = &mut world.azure;
    let serial = azure.next_serial();
    let address = routes::parse(call);
    let answer = match address.route {
        Route::Token => login::token(azure, call, &address),
        Route::OpenIdConfiguration => Ok(login::configuration(azure, call, &address)),
        Route::ManagedIdentity => identities::app_service(azure, call),
        Route::Metadata => identities::metadata(azure, call),
        Route::CloudEndpoints => Ok(clouds::endpoints(azure)),
        Route::Subscriptions => clouds::subscriptions(azure, call),
        _ => resources::serve(azure, call, &address),
    };
    answer
        .unwrap_or_else(|error| error)
        .with_header("x-ms-request-id", vm::guid(serial))
        .with_header("x-ms-ratelimit-remaining-subscription-reads", "249")
}
