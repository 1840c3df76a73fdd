//! The brakes, in words.

use super::words::{count_of, names_of};
use crate::octopus::EnvironmentRoles;
use crate::reconcile::brake::Brake;
use crate::reconcile::plan::Limit;
use crate::settings::Settings;
use crate::spelling::near;

/// A brake that holds back these candidates.
pub(super) fn brake_line(
    brake: &Brake,
    candidates: &[&str],
    settings: &Settings,
    roles: &EnvironmentRoles,
) -> String {
    let held = match candidates.len() {
        0 => "Nothing can be removed so, today or later".to_owned(),
        many => format!(
            "{} held back: {}",
            count_of(many, "removal"),
            names_of(candidates.iter().copied())
        ),
    };
    format!(
        "Brake: {}. {held}. What lifts it: {}.",
        whole_fact(brake, settings, roles),
        lifted_by(brake)
    )
}

/// The fact, and where no target could match at all, why.
pub(super) fn whole_fact(brake: &Brake, settings: &Settings, roles: &EnvironmentRoles) -> String {
    match brake {
        Brake::NothingMatches { target: None, .. } => {
            format!("{}. {}", fact(brake), who_carries_them(settings, roles))
        }
        _ => fact(brake),
    }
}

/// Why nobody is in scope.
pub(super) fn who_carries_them(settings: &Settings, roles: &EnvironmentRoles) -> String {
    let EnvironmentRoles {
        environment,
        targets,
        carried_by_none,
        carried,
    } = roles;
    let who = count_of(*targets, "target");
    if *targets == 0 {
        return format!(
            "No deployment target at all is registered in {environment}; this run looks for the roles {}. Check Octopus.Environment.Id, and look at what registers machines",
            settings.roles.join(", ")
        );
    }
    if carried_by_none.is_empty() {
        return format!(
            "None of the {who} of {environment} is in scope: none carries all of the roles {} and belongs to this run. Check VMSS.DeploymentTarget.Roles, Octopus.Deployment.Tenant.Id, and the tenants of the targets",
            settings.roles.join(", ")
        );
    }
    let nearest = carried_by_none.iter().filter_map(|wanted| {
        let near = near(wanted, carried.iter().map(String::as_str))?;
        Some(format!("; {near} is the nearest to {wanted}"))
    });
    format!(
        "None of the {who} of {environment} carries the role {}. Check VMSS.DeploymentTarget.Roles: they carry {}{}",
        carried_by_none.join(", "),
        names_of(carried.iter().map(String::as_str)),
        nearest.collect::<String>()
    )
}

/// The fact.
pub(super) fn fact(brake: &Brake) -> String {
    match brake {
        Brake::EmptyListing {
            group,
            capacity: Some(capacity),
        } => {
            format!("{group} lists no instance although its capacity is {capacity}")
        }
        Brake::EmptyListing {
            group,
            capacity: None,
        } => {
            format!("{group} lists no instance and does not say what its capacity is")
        }
        Brake::NothingMatches {
            instances,
            instance,
            target,
        } => {
            let instance = instance.join(", resource ");
            let target = match target {
                Some(target) => format!("no target in scope (such as {target}) matches"),
                None => "no Tentacle or SSH target is in scope that could match".to_owned(),
            };
            match instances {
                1 => format!("1 instance exists ({instance}), and {target} it"),
                _ => format!(
                    "{instances} instances exist (such as {instance}), and {target} any of them"
                ),
            }
        }
        Brake::StillAnswers {
            target,
            instance,
            state,
        } => {
            format!(
                "{instance}, the machine of {target}, answers ({state}) although no listing has it"
            )
        }
        Brake::ListingLacks {
            group,
            missing,
            machine,
        } => {
            format!(
                "{group} names {missing} of its machines (such as {machine}) that the listing of machines lacks"
            )
        }
        Brake::OwnListEmpty { group, instances } => {
            format!("{group} names no machine as its own although {instances} are listed")
        }
        Brake::ControlSilent { control } => format!(
            "{control}, whose machine exists, does not answer either: Octopus reaches nothing there"
        ),
        Brake::NobodyAnswers { kept, target } => format!(
            "all of the {kept} targets whose machines exist (such as {target}) are called unavailable: Octopus reaches nothing there"
        ),
        Brake::OverLimit {
            candidates,
            limit: Limit::Count(limit),
            ..
        } => {
            format!("{candidates} targets would be removed, and VMSS.Removal.Limit is {limit}")
        }
        Brake::OverLimit {
            candidates,
            limit: Limit::Percent(limit),
            of,
        } => {
            format!(
                "{candidates} of {of} targets would be removed, and VMSS.Removal.Limit is {limit}%"
            )
        }
    }
}

/// What lifts it.
pub(super) fn lifted_by(brake: &Brake) -> &'static str {
    match brake {
        Brake::EmptyListing { .. } => {
            "an instance that is listed, or capacity 0. All Spot instances evicted look like this, and so does a listing that is not complete. If the machines are gone for good, set the capacity to 0"
        }
        // Where no target could match, its name is not what is wrong.
        Brake::NothingMatches { target: None, .. } => {
            "one target that matches. Check that this is the scale set of these roles, and what registers the machines, as deployment targets and not as workers"
        }
        Brake::NothingMatches {
            target: Some(_), ..
        } => {
            "one target that matches. Check that this is the scale set of these roles; that targets have their machines' names (https://github.com/octopus-scale-in/octopus-scale-in/blob/main/docs/names.md has which work); and what registers the machines"
        }
        Brake::StillAnswers { .. } | Brake::ListingLacks { .. } | Brake::OwnListEmpty { .. } => {
            "a later run whose listing is complete. If it stays, ask Azure's support why the listing is not complete"
        }
        Brake::ControlSilent { .. } | Brake::NobodyAnswers { .. } => {
            "a target whose machine exists and that answers. Look at the connection between Octopus and these machines"
        }
        Brake::OverLimit { .. } => {
            "a higher VMSS.Removal.Limit, for one run, once you are sure that all of them are gone"
        }
    }
}
