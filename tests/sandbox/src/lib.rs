//! Octopus Server and Azure on loopback: a stateful double of both, for the tests of `octopus-scale-in` and for
//! trying it out. See `README.md` beside this crate for what it is like to use, and [`Sandbox`] to begin.

mod azure;
mod clock;
mod delivery;
mod exchange;
mod faults;
mod guide;
mod http;
mod jwt;
mod limiter;
mod matcher;
mod octopus;
mod record;
mod sandbox;
mod script;
mod server;
mod tls;
mod world;

pub use azure::{
    Access, Azure, Federation, Group, Identities, ManagedIdentity, Mode, Read, ScaleSet,
    ScaleSetHandle, Subscription, SubscriptionHandle, Vm, scope,
};
pub use clock::{Time, hours, http_date, minutes_ago, now, seconds, seconds_ago};
pub use faults::{Fault, When};
pub use guide::{BeforeSetup, Guide};
pub use http::Service;
pub use jwt::Jwt;
pub use limiter::{RateLimit, Refill};
pub use matcher::{Matcher, Route};
pub use octopus::{
    ApiKey, BusyTargets, DailyForm, Documents, Environment, Event, GitStage, Grant, HealthCheck,
    HealthChecks, Interruption, InterruptionHandle, KeyHint, Kind, LogNode, MachinePolicy,
    Modified, Newer, Octopus, OnlyTestConnection, PERMISSIONS, PastRun, PublishedBy, Reach,
    Readings, SERVICE_ACCOUNT, ScopedRole, Space, Target, TargetHandle, Task, TaskHandle, TaskKind,
    Tenant, User, UserHandle, UserRole,
};
pub use record::Request;
pub use sandbox::{AzureCli, AzureCliCall, Ending, PublishedRun, RequestLog, Sandbox};
pub use world::{ENVIRONMENT, GROUP, SPACE, SUBSCRIPTION, World};

/// Runs the example in the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
