//! Which of today's targets have the machine policy: those that a run would keep and that have the default one. Others keep theirs
//! unless somebody says otherwise, and tomorrow's machines take theirs from the script that registers them.

use super::document::{Change, text};
use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign, Write};
use super::site::{Chosen, NEW, SetupSite};
use super::variables;
use crate::azure::Azure;
use crate::check::needs::Extent;
use crate::error::{Error, ServiceError};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{ScalingGroup, Snapshot, Target};
use crate::settings::Consent;
use crate::spelling::names_of;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

/// What becomes of the targets of one policy.
struct Holders {
    /// Its name.
    policy: String,
    /// Whether they move.
    moves: bool,
    targets: Vec<Target>,
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    if site.settings.roles.is_none()
        && let Some(why) = site.is_blind_to(SetupPart::Variables)
    {
        let note = format!("{why}. Name the target tags with --role");
        return Ok(Proposal::of(PlanLine::new(
            SetupPart::Assignment,
            Sign::Open,
            "targets",
            note,
        )));
    }
    let policies = site.list(&["machinepolicies"], &[])?;
    let name = &site.settings.machine_policy;
    let default = policies.iter().find(|it| it["IsDefault"] == true);
    let default = default.map(|it| text(it, "Id").to_owned());
    let own = super::site::named(&policies)
        .into_iter()
        .find(|it| it.name.eq_ignore_ascii_case(name));
    let own = own.unwrap_or_else(|| Chosen {
        id: NEW.into(),
        name: name.clone(),
    });
    let called = |id: &str| {
        let named = policies
            .iter()
            .find(|it| text(it, "Id").eq_ignore_ascii_case(id));
        named.map_or_else(|| id.to_owned(), |it| text(it, "Name").to_owned())
    };
    let mut groups: BTreeMap<Option<String>, Holders> = BTreeMap::new();
    for target in targets(site)? {
        let policy = target.machine_policy.clone();
        let id = policy
            .clone()
            .or_else(|| default.clone())
            .unwrap_or_default();
        let has_it = id.eq_ignore_ascii_case(&own.id);
        let is_default = default
            .as_deref()
            .is_some_and(|it| it.eq_ignore_ascii_case(&id));
        let group = groups.entry(policy).or_insert_with(|| Holders {
            policy: called(&id),
            moves: !has_it && (is_default || site.allows(Consent::AdoptPolicy)),
            targets: Vec::new(),
        });
        group.targets.push(target);
    }
    let groups: Vec<Holders> = groups.into_values().collect();
    let out_of_reach = out_of_reach(site, &groups);
    let mut proposal = proposal(groups, &own);
    proposal.rows.extend(out_of_reach);
    Ok(proposal)
}

/// Targets that are in other environments, too, in which whoever sets up may not change them. That is said before the first
/// change.
fn out_of_reach(site: &SetupSite<'_>, groups: &[Holders]) -> Option<PlanLine> {
    let moving = groups
        .iter()
        .filter(|it| it.moves)
        .flat_map(|it| &it.targets);
    let lack = |target: &Target| {
        let mut environments = target.environments.iter();
        let there = environments.find_map(|it| site.lacks_in(it, "MachineEdit", Extent::Here));
        there.map(|lack| (target.name.clone(), lack))
    };
    let (name, lack) = moving.filter(|_| site.rights.complete).find_map(lack)?;
    // Where it holds nowhere that is said of the part.
    site.lacks("MachineEdit", Extent::Here).is_none().then(|| {
        let note = format!(
            "{lack}: {name} is in other environments, too. --skip assignment leaves all targets as they are"
        );
        PlanLine::new(SetupPart::Assignment, Sign::Open, "permission MachineEdit", note)
    })
}

/// The targets of the scale set's machines, as far as Azure may be asked; else all in scope. Only what is checked has a machine
/// policy, and a list may lack what a target by itself has.
fn targets(site: &SetupSite<'_>) -> Result<Vec<Target>, ServiceError> {
    let held = match site.settings.roles {
        Some(_) => None,
        None => variables::held(site, variables::ROLES)?,
    };
    let roles = site.roles(held.as_deref());
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let (environment, until) = (&site.environment.id, site.until());
    let (targets, _) = site.octopus.targets(environment, &roles, None, until)?;
    let machines = targets.into_iter().filter(|it| it.connection().is_some());
    let machines = kept(site, machines.map(Arc::new).collect());
    let whole = machines
        .into_iter()
        .map(|target| match target.machine_policy {
            Some(_) => Ok(Some(Arc::unwrap_or_clone(target))),
            None => site.octopus.target(&target.id, site.until()),
        });
    whole.filter_map(Result::transpose).collect()
}

/// Those that a run would keep, by a run's own plan.
fn kept(site: &SetupSite<'_>, targets: Vec<Arc<Target>>) -> Vec<Arc<Target>> {
    let Some(groups) = site.groups.clone() else {
        return targets;
    };
    let missing = Vec::new();
    let snapshot = Snapshot {
        targets,
        groups,
        missing,
    };
    let plan = Plan::make(&snapshot, site.settings.draft.rules, SystemTime::now());
    plan.kept().map(|row| Arc::clone(&row.target)).collect()
}

/// The scale sets with their machines, where an account for Azure is at hand. One that fails is no word for all targets.
pub fn groups(site: &SetupSite<'_>) -> Result<Option<Vec<ScalingGroup>>, Error> {
    let told = &site.settings.draft;
    let (Some(account), Some(all)) = (&told.account, &told.scale_sets) else {
        return Ok(None);
    };
    let azure = Azure::connect(account, &site.http);
    let azure = azure.map_err(|problem| Error::Settings(vec![problem]))?;
    let groups = all
        .iter()
        .map(|id| azure.scaling_group(id, all, site.until()));
    Ok(Some(groups.collect::<Result<_, _>>()?))
}

/// What people call so many of them.
pub fn subject(count: usize) -> String {
    match count {
        1 => "1 target".to_owned(),
        count => format!("{count} targets"),
    }
}

fn proposal(groups: Vec<Holders>, own: &Chosen) -> Proposal {
    let mut proposal = Proposal::default();
    if groups.is_empty() {
        let note = "no machine of it has a target with the target tags yet";
        return Proposal::of(PlanLine::new(
            SetupPart::Assignment,
            Sign::Same,
            "targets",
            note,
        ));
    }
    for group in groups {
        let names = names_of(group.targets.iter().map(|it| it.name.as_str()));
        let subject = subject(group.targets.len());
        let has_it = group.policy.eq_ignore_ascii_case(&own.name);
        let mut row = PlanLine::new(SetupPart::Assignment, Sign::Same, subject, String::new());
        if group.moves {
            row.sign = Sign::Change;
            row.note = names;
            row.changes = vec![Change {
                what: "machine policy".into(),
                old: group.policy.clone(),
                new: own.name.clone(),
            }];
            proposal
                .writes
                .extend(group.targets.into_iter().map(|target| Write::Reassign {
                    machine: target.id.0,
                    name: target.name,
                    from: target.machine_policy,
                    policy: group.policy.clone(),
                    to: own.id.clone(),
                }));
        } else if has_it {
            row.note = format!("machine policy {}", group.policy);
        } else {
            row.note = format!(
                "machine policy {}, which they keep. --adopt-policy moves them",
                group.policy
            );
        }
        proposal.rows.push(row);
    }
    proposal
}
