//! From a request to its answer: rate limit, sign-in, permission, and whose turn it is.

use super::people::Caller;
use super::routes::{self, Address};
use super::{
    Octopus, TaskKind, audit, authentication, connection, deployments, documents, errors, git,
    interruptions, machines, new_task, people, places, policies, projects, runbooks, snapshots,
    stock, tasks, templates, variables,
    writes::{self, Write},
};
use crate::http::{Answer, Call};
use crate::matcher::Route;
use crate::world::World;
use std::time::Instant;

/// Answers a request.
pub(crate) fn serve(world: &mut World, call: &Call) -> Answer {
    let octopus = &mut world.octopus;
    let user = authentication::user(octopus, call);
    let limit = octopus.rate_limit.as_mut().map(|limit| {
        let decision = limit.take(&user, Instant::now());
        let answer = (!decision.allowed).then(|| errors::too_many_requests(limit, decision));
        let headers = [
            ("Octopus-RateLimit-Policy", limit.policy()),
            (
                "Octopus-RateLimit",
                format!("r={};t={}", decision.remaining, decision.seconds_to_full),
            ),
        ];
        (answer, headers)
    });
    let (refused, headers) = limit.unzip();
    let mut answer = match refused.flatten() {
        Some(refused) => refused,
        None => dispatch(octopus, call).unwrap_or_else(|error| error),
    };
    for (name, value) in headers.into_iter().flatten() {
        answer = answer.with_header(name, value);
    }
    answer
}

fn dispatch(octopus: &mut Octopus, call: &Call) -> Result<Answer, Answer> {
    let address = routes::parse(octopus, call);
    if address.route == Route::Root {
        return Ok(places::root(octopus));
    }
    if address.route == Route::Unknown {
        return Err(errors::no_such_address(call));
    }
    let caller = authentication::check(octopus, call)?;
    if !octopus.knows(&address) {
        return Err(errors::unknown_question());
    }
    if let Some(space) = &address.space
        && !octopus.spaces.contains_key(space)
    {
        return Err(errors::not_found(space));
    }
    authentication::permit(octopus, call, &address, &caller)?;
    answer(octopus, call, &address, &caller)
}

/// Whose turn it is, by the part of the server that the route belongs to.
fn answer(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    if address.branch.is_some() {
        return git::on_branch(octopus, call, address, caller);
    }
    match address.route {
        Route::Me
        | Route::User
        | Route::Permissions
        | Route::ApiKeys
        | Route::AllPermissions
        | Route::UserRoles
        | Route::Teams => of_people(octopus, call, address, caller),
        Route::DeploymentSettings => projects::settings(octopus, call, address, caller),
        Route::DeploymentProcess => projects::process(octopus, call, address, caller),
        Route::VariableSet => variables::set(octopus, call, address, caller),
        Route::ProjectVariables => variables::of_project(octopus, call, address, caller),
        Route::ActionTemplateVersion => templates::version(octopus, call, address),
        Route::ActionTemplateUsage => templates::usage(octopus, call, address, caller),
        Route::RunbookEnvironments => runbooks::environments(octopus, call, address, caller),
        Route::RunbookProcess => runbooks::process(octopus, call, address, caller),
        Route::SnapshotTemplate => snapshots::template(octopus, call, address, caller),
        Route::RunTemplate => snapshots::run_template(octopus, call, address, caller),
        Route::DeploymentFreezes => stock::freezes(octopus, call),
        route => match documents::Shape::of(route) {
            Some(shape) if shape.list == route => documents::list(octopus, call, address, caller),
            Some(_) => documents::one(octopus, call, address, caller),
            None => of_infrastructure(octopus, call, address, caller),
        },
    }
}

fn of_people(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    match address.route {
        Route::Me => people::routes::me(octopus, call, caller),
        Route::User => people::routes::user(octopus, address, caller),
        Route::Permissions => people::routes::permissions(octopus, call, address, caller),
        Route::ApiKeys => people::routes::api_keys(octopus, call, address, caller),
        Route::AllPermissions => people::routes::all_permissions(),
        Route::UserRoles => people::routes::roles(octopus, call, address),
        _ => people::routes::teams(octopus, call, address),
    }
}

fn of_infrastructure(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    match address.route {
        Route::Spaces => places::spaces(octopus, call, address),
        Route::Space => places::space(octopus, address),
        Route::Environments => places::environments(octopus, call, address, caller),
        Route::Environment => places::environment(octopus, address, caller),
        Route::Tenants => places::tenants(octopus, call, address, caller),
        Route::Tenant => places::tenant(octopus, address),
        Route::Machines => machines::list(octopus, call, address, caller),
        Route::EnvironmentMachines | Route::PolicyMachines => {
            machines::nested(octopus, call, address, caller)
        }
        Route::AllMachines => machines::all(octopus, call, address, caller),
        Route::Machine => machines::get(octopus, address, caller),
        Route::PutMachine => machines::put(octopus, call, address, caller),
        Route::DeleteMachine => machines::delete(octopus, address, caller),
        Route::MachineTasks => tasks::of_machine(octopus, call, address, caller),
        Route::Connection => connection::get(octopus, address, caller),
        Route::MachinePolicies => policies::list(octopus, call, address),
        Route::MachinePolicy => policies::get(octopus, address),
        Route::MachinePolicyTemplate => policies::template(octopus, address),
        Route::PolicyWorkers => policies::workers(octopus, call, address),
        Route::ScopedVariables => machines::scoped_variables(octopus, address, caller),
        _ => of_activity(octopus, call, address, caller),
    }
}

fn of_activity(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    match address.route {
        Route::Tasks => tasks::list(octopus, call, address, caller),
        Route::CreateTask => new_task::create(octopus, call, address, caller),
        Route::Task => tasks::get(octopus, address, caller),
        Route::TaskDetails => tasks::details(octopus, call, address, caller),
        Route::TaskLog => tasks::log(octopus, address, caller),
        Route::CancelTask => tasks::cancel(octopus, address, caller),
        Route::Deployments => deployments::list(octopus, call, address, caller, TaskKind::Deploy),
        Route::Deployment => deployments::one(octopus, address, caller, TaskKind::Deploy),
        Route::RunbookRuns => {
            deployments::list(octopus, call, address, caller, TaskKind::RunbookRun)
        }
        Route::RunbookRun => deployments::one(octopus, address, caller, TaskKind::RunbookRun),
        Route::Events => audit::list(octopus, call, address, caller),
        Route::Interruptions => interruptions::list(octopus, call, address, caller),
        Route::Interruption => interruptions::get(octopus, address, caller),
        Route::InterruptionResponsible => interruptions::responsible(octopus, address, caller),
        Route::ClaimInterruption => interruptions::claim(octopus, call, address, caller),
        Route::SubmitInterruption => interruptions::submit(octopus, call, address, caller),
        _ => writes::answer(&mut Write {
            octopus,
            call,
            address,
            caller,
        }),
    }
}
