//! The sandbox: two services on loopback, and the strings that move them.

mod azure_cli;
mod environment;
mod power;
mod published;

pub use azure_cli::{AzureCli, AzureCliCall};
pub use power::Ending;
pub use published::PublishedRun;

use crate::clock::Time;
use crate::exchange::Shared;
use crate::faults::{Fault, When};
use crate::http::Service;
use crate::matcher::Matcher;
use crate::record::Request;
use crate::script::Moment;
use crate::server::Listener;
use crate::tls::Tls;
use crate::world::World;
use power::Door;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;

/// Octopus Server and Azure on loopback. Both stop when it is dropped.
///
/// ```
/// use sandbox::{Route, Sandbox};
///
/// let sandbox = Sandbox::start();
/// sandbox.world(|world| {
///     let web = world.scale_set("web").instances(3).list();
///     world.register_all(&web);
///     // One machine goes after the program has read the instances for the first time.
/// });
/// sandbox.after(Route::Instances, 1, |world| world.scale_set("web").remove("web000002"));
/// // Run the program with `sandbox.environment()`, then look at what it did:
/// assert_eq!(sandbox.count(Route::DeleteMachine), 0);
/// ```
pub struct Sandbox {
    shared: Arc<Shared>,
    tls: Tls,
    octopus: SocketAddr,
    octopus_plain: SocketAddr,
    azure: SocketAddr,
    identity: SocketAddr,
    doors: Mutex<Vec<Door>>,
    runtime: Mutex<Option<Runtime>>,
}

impl Sandbox {
    /// Starts both services with a world that holds one space, one environment, one
    /// subscription and one resource group, and neither targets nor scale sets.
    pub fn start() -> Self {
        Self::with(Tls::new(None))
    }

    /// The same, with servers whose certificate is good between these times only.
    pub fn with_certificate(from: Time, until: Time) -> Self {
        Self::with(Tls::new(Some((from, until))))
    }

    fn with(tls: Tls) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()
            .expect("the runtime starts");
        let shared = Arc::<Shared>::default();
        let mut doors = Vec::new();
        let mut open = |service, tls| {
            let listener = Listener {
                service,
                tls,
                shared: Arc::clone(&shared),
            };
            let door = Door::open(&runtime, listener);
            let address = door.address;
            doors.push(door);
            address
        };
        let octopus = open(Service::Octopus, Some(Arc::clone(&tls.server)));
        let octopus_plain = open(Service::Octopus, None);
        let azure = open(Service::Azure, Some(Arc::clone(&tls.server)));
        let identity = open(Service::Azure, None);
        shared.world().azure.origin = format!("https://{azure}");
        Self {
            shared,
            tls,
            octopus,
            octopus_plain,
            azure,
            identity,
            doors: Mutex::new(doors),
            runtime: Mutex::new(Some(runtime)),
        }
    }

    /// Looks at the world, or changes it.
    ///
    /// Nothing is answered meanwhile, so do not wait for the program under test in here.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.shared.world())
    }

    /// Begins anew with a world that holds what every world does, arranged like this. Faults and changes that wait for
    /// their request stay.
    pub fn new_world(&self, arrange: impl FnOnce(&mut World)) {
        self.world(|world| {
            let origin = std::mem::take(&mut world.azure.origin);
            *world = World::default();
            world.azure.origin = origin;
            arrange(world);
        });
    }

    /// Changes the world just before the `nth` matching request is answered, counted from 1 and from now.
    pub fn on(
        &self,
        matcher: impl Into<Matcher>,
        nth: usize,
        change: impl FnOnce(&mut World) + Send + 'static,
    ) {
        self.shared
            .script()
            .add(matcher.into(), Moment::Before, nth, Box::new(change));
    }

    /// Changes the world just after the `nth` matching request was answered, before anything else is.
    pub fn after(
        &self,
        matcher: impl Into<Matcher>,
        nth: usize,
        change: impl FnOnce(&mut World) + Send + 'static,
    ) {
        self.shared
            .script()
            .add(matcher.into(), Moment::After, nth, Box::new(change));
    }

    /// How many changes still wait for their request: 0 at the end of a test that ran as it was thought.
    pub fn waiting_changes(&self) -> usize {
        self.shared.script().waiting()
    }

    /// Lets something go wrong with matching requests, counted from now.
    /// Several faults add up; of several made-up answers the first one wins.
    pub fn fault(&self, matcher: impl Into<Matcher>, when: When, fault: Fault) {
        self.shared.faults().add(matcher.into(), when, fault);
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.requests_to(Matcher::any())
    }

    /// The matching requests so far, in the order of arrival.
    pub fn requests_to(&self, matcher: impl Into<Matcher>) -> Vec<Request> {
        self.shared.record().matching(&matcher.into())
    }

    /// How many matching requests there were.
    pub fn count(&self, matcher: impl Into<Matcher>) -> usize {
        self.shared.record().count(&matcher.into())
    }

    /// The most matching requests that were under way at one time.
    pub fn peak_in_flight(&self, matcher: impl Into<Matcher>) -> usize {
        self.shared.record().peak(&matcher.into())
    }

    /// The requests, for somebody who may outlive the sandbox.
    pub fn request_log(&self) -> RequestLog {
        RequestLog(Arc::clone(&self.shared))
    }

    /// Octopus over HTTPS, virtual directory included, without a slash at the end.
    pub fn octopus_url(&self) -> String {
        format!("https://{}{}", self.octopus, self.virtual_directory())
    }

    /// The same Octopus over plain HTTP.
    pub fn octopus_http_url(&self) -> String {
        format!("http://{}{}", self.octopus_plain, self.virtual_directory())
    }

    /// Azure: Resource Manager and Entra ID at one address.
    pub fn azure_url(&self) -> String {
        format!("https://{}", self.azure)
    }

    /// The certificate of the authority that both services' certificates come from.
    pub fn ca_file(&self) -> PathBuf {
        self.tls.ca_file()
    }

    /// A folder that goes when the sandbox goes.
    pub fn folder(&self) -> PathBuf {
        self.tls.folder().to_owned()
    }

    /// Stops both services: open connections end, and new ones are refused.
    pub fn stop(&self) {
        let runtime = self
            .runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(runtime) = runtime {
            // Not waiting: stalled requests never end by themselves.
            runtime.shutdown_background();
        }
    }

    fn virtual_directory(&self) -> String {
        self.world(|world| world.octopus.virtual_directory.clone())
    }
}

/// What was asked of a sandbox, also after it has stopped.
#[derive(Clone)]
pub struct RequestLog(Arc<Shared>);

impl RequestLog {
    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.0.record().matching(&Matcher::any())
    }

    /// How many there were so far.
    pub fn count(&self) -> usize {
        self.0.record().count(&Matcher::any())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}
