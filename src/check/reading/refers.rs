//! What a step refers to: its template, its Azure account, its worker pool, its server.

use super::asking::{InSpace, with};
use crate::check::binding::Binding;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::Pool;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::set_up::{Action, AzureAccount, Greeting, StepTemplate, Variable, WorkerPool};
use crate::octopus::{BaseUrl, Server};
use std::time::Duration;

/// The step's own address of the server.
pub(super) const URL: &str = "VMSS.Octopus.Url";
/// A worker may reach an address that this machine does not; nobody waits for that.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) fn template(
    space: &InSpace<'_>,
    action: &Action,
) -> Result<Option<StepTemplate>, ServiceError> {
    let until = space.asking.deadline;
    let id = action.property("Octopus.Action.Template.Id");
    id.map(|id| space.octopus.step_template(id, until))
        .transpose()
}

/// The account that the step names: by the name of a variable, which holds its id.
pub(super) fn account(
    space: &InSpace<'_>,
    named: Option<&str>,
    held: Option<&Variable>,
) -> Seen<AzureAccount> {
    let value = held.and_then(|it| it.value.as_deref());
    let is_id = |id: &&str| id.to_lowercase().starts_with("accounts-");
    // Older servers made ids of names.
    let id = match held.is_some_and(Variable::holds_azure_account) {
        true => value,
        false => value.or(named).filter(is_id),
    };
    match id {
        Some(id) => space
            .octopus
            .azure_account(id, space.asking.deadline)
            .into(),
        None => Seen::NotAsked(NotAsked::AlreadySaid),
    }
}

/// The pool of this id; without one the default one.
pub(super) fn pool(space: &InSpace<'_>, named: Option<&str>) -> Seen<Pool> {
    let until = space.asking.deadline;
    with(space.rights, "WorkerView", || {
        let pools = space.octopus.worker_pools(until)?;
        let is_it = |pool: &WorkerPool| match named {
            None => pool.is_default,
            Some(id) => pool.id.eq_ignore_ascii_case(id),
        };
        let Some(pool) = pools.into_iter().find(is_it) else {
            let pool = WorkerPool::missing(named.unwrap_or("the default one").to_owned());
            let workers = Vec::new();
            return Ok(Pool { pool, workers });
        };
        let workers = space.octopus.workers_of(&pool, until)?;
        Ok(Pool { pool, workers })
    })
}

/// Who answers at the address that the step is bound to, where that is another than was asked. No key goes there: it was given for
/// the one that was.
pub(super) fn elsewhere(
    space: &InSpace<'_>,
    bindings: &[(&'static str, Binding)],
) -> Option<Seen<Greeting>> {
    let (_, bound) = bindings.iter().find(|(name, _)| *name == URL)?;
    let Binding::Value(text) = bound else {
        return None;
    };
    let url = BaseUrl::parse(text).ok()?;
    let asked = &space.asking.settings.octopus_url;
    let stranger = (url != *asked).then(|| Server::without_key(&space.asking.http, url));
    stranger.map(|it| it.greeting(Deadline::within(PATIENCE)).into())
}
