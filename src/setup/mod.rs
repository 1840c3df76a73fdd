//! `setup`: the guide in five commands. Prints a plan; carries it out where it is told to.
//!
//! Each part has a file of its own: what is there is read whole, and what is to be done is a function of that. What is planned is
//! [`plan::Proposal`], values alone; [`apply`] carries it out, and [`pen`] is the only one that writes.

mod access;
mod account;
mod apply;
mod assignment;
mod branch;
mod choices;
mod content;
mod document;
mod dry_run;
mod exit;
mod git;
mod go_live;
mod guided_failure;
mod ocl;
mod part;
mod pen;
mod plan;
mod policy;
mod properties;
mod proposals;
mod publication;
mod runbook;
mod schedule;
mod show;
mod site;
mod six;
mod step;
mod stop;
mod template;
mod variables;

pub use exit::SetupExit;
pub use part::SetupPart;

use self::apply::Hands;
use self::go_live::Life;
use self::pen::Pen;
use self::plan::{PlanLine, Proposal, Sign};
use self::show::Upshot;
use self::site::SetupSite;
use crate::console::{Console, Level, ResultForm};
use crate::error::{Error, Problem};
use crate::http::{Deadline, Http};
use crate::octopus::{DryRun, Octopus, Server, Writer};
use crate::settings::{Consent, Environment, Flags, SetupMode, SetupSettings};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Plans, and carries the plan out where it is told to.
///
/// # Errors
/// Settings that are missing or wrong, or a server that could not be asked: nothing is changed.
pub fn setup(
    environment: &Environment,
    flags: &Flags,
    console: &Console,
) -> Result<SetupExit, Error> {
    let settings = SetupSettings::read(environment, flags)?;
    let mut parts = SetupPart::ALL.iter();
    if !parts.any(|part| part.is_chosen(&settings.flags)) {
        return Err(Error::Settings(vec![Problem {
            parameter: "--skip".into(),
            what: "leaves nothing to do: it names all that --only does, or every part".into(),
        }]));
    }
    settings.warnings.iter().for_each(|it| console.warn(it));
    let http = Arc::new(Http::new(settings.tuning.requests)?);
    console.watch(&http.watch);
    http.warning.iter().for_each(|it| console.warn(it));
    let url = settings.octopus_url.clone();
    let server = Arc::new(Server::new(&http, url, settings.setter.clone()));
    let until = Deadline::within(settings.tuning.phase);
    let space = server.space_id(&settings.space, until)?;
    let octopus = Octopus::new(&server, space);
    let missing = choices::of_space(&settings, &octopus, until)?;
    let (Some(project), Some(place)) = (&settings.project, &settings.environment) else {
        return Ok(choose(&settings, &missing, console));
    };
    let site = site(
        &settings,
        &http,
        (&server, octopus),
        (project, place),
        until,
    )?;
    let missing = match site.does(SetupPart::Variables) {
        true => choices::of_project(&site)?,
        false => Vec::new(),
    };
    if !missing.is_empty() {
        return Ok(choose(&settings, &missing, console));
    }
    let mut told = Upshot::default();
    let mut keys = stored_key(&site)?;
    keys.extend(access::of_setter(&server, &site));
    let plan = proposals::all(&site)?;
    told.rows = rows(&plan);
    told.rows.extend(keys);
    told.rows.extend(access::lacks(&plan, &site));
    told.rows.extend(go_live::is_live_elsewhere(&site, &plan)?);
    if settings.flags.mode == SetupMode::GoLive {
        let proposals: Vec<Proposal> = plan.iter().map(|(_, it)| it.clone()).collect();
        told.rows.extend(go_live::refusals(&site, &proposals)?);
    }
    Ok(finish(&site, &plan, told, console))
}

/// Where it is set up, and who does it.
fn site<'a>(
    settings: &'a SetupSettings,
    http: &Arc<Http>,
    (server, octopus): (&Server, Octopus),
    (project, place): (&str, &str),
    until: Deadline,
) -> Result<SetupSite<'a>, Error> {
    let setter = server.me(until)?;
    let rights = octopus.rights_of(&setter, until)?;
    let greeting = server.greeting(until)?;
    let environment = octopus.environment(&octopus.environment_id(place, until)?, until)?;
    let project = octopus.project(&octopus.project_id(project, until)?, until)?;
    let mut site = SetupSite {
        settings,
        octopus,
        setter,
        rights,
        snapshots_take_their_own: access::snapshots_take_their_own(&greeting.version),
        environment,
        project,
        other_runbooks: Vec::new(),
        stored: settings.stored.clone(),
        account: None,
        pool: None,
        pools: Vec::new(),
        http: Arc::clone(http),
        known: RefCell::default(),
        snapshot: RefCell::default(),
        groups: None,
        written: RefCell::default(),
    };
    if site.does(SetupPart::Assignment) {
        site.groups = assignment::groups(&site)?;
    }
    site.other_runbooks = site.others_that_were_set_up()?;
    let named = &settings.flags;
    site.account = named
        .azure_account
        .as_deref()
        .map(|name| account::account(&site, name))
        .transpose()?;
    if let Some(name) = &named.worker_pool {
        site.pools = account::pools(&site)?;
        site.pool = Some(account::pool(&site.pools, name)?);
    }
    Ok(site)
}

/// Why the key that was given is not stored.
fn stored_key(site: &SetupSite<'_>) -> Result<Vec<PlanLine>, Error> {
    let Some(key) = &site.stored else {
        return Ok(Vec::new());
    };
    let url = site.settings.octopus_url.clone();
    let server = Arc::new(Server::new(&site.http, url, key.clone()));
    let stored = access::stored(&server, site.octopus.space(), site.until())?;
    let powerful = match site.allows(Consent::PowerfulKey) {
        true => access::Powerful::Accepted,
        false => access::Powerful::Refused,
    };
    Ok(access::refusals(&site.setter, key, &stored, powerful))
}

fn rows(plan: &[(SetupPart, Proposal)]) -> Vec<PlanLine> {
    plan.iter()
        .flat_map(|(_, proposal)| proposal.rows.clone())
        .collect()
}

/// Shows the plan, carries it out where nothing is open, and says what became of it.
fn finish(
    site: &SetupSite<'_>,
    plan: &[(SetupPart, Proposal)],
    mut told: Upshot,
    console: &Console,
) -> SetupExit {
    let shows = console.result_form() == ResultForm::Lines;
    if shows {
        let heading = format!(
            "Set-up of project {}, for {} at {}:",
            site.project.name, site.environment.name, site.settings.octopus_url,
        );
        show::plan(&heading, &told.rows, console);
    }
    let is_open = told.rows.iter().any(|row| row.sign == Sign::Open);
    let is_idle = !plan.iter().any(|(_, it)| it.changes());
    let mode = match site.settings.draft.dry_run {
        DryRun::Yes => SetupMode::Plan,
        DryRun::No => site.settings.flags.mode,
    };
    let exit = match (is_open, mode) {
        (true, _) => {
            let open = told.rows.iter().filter(|row| row.sign == Sign::Open);
            let open: Vec<&str> = open.map(|row| row.subject.as_str()).collect();
            told.error = Some(format!("A decision is open: {}.", open.join(", ")));
            told.next = "Nothing is changed. Each line with a ! says what it waits for.".into();
            SetupExit::Refused
        }
        (false, SetupMode::Plan) => {
            told.next = match is_idle {
                true => next(site),
                false => format!(
                    "Nothing is changed yet. The same {} carries this out{}.",
                    how(site),
                    when(site),
                ),
            };
            SetupExit::Done
        }
        (false, SetupMode::Apply | SetupMode::GoLive) => carry_out(site, plan, &mut told, console),
    };
    match shows {
        true => show::outcome(&told, console),
        false => console.document(&show::document(&told, exit)),
    }
    exit
}

fn carry_out(
    site: &SetupSite<'_>,
    plan: &[(SetupPart, Proposal)],
    told: &mut Upshot,
    console: &Console,
) -> SetupExit {
    // From now on an interrupt does not end it in the middle.
    console.removals_begin();
    let mut hands = Hands::new(Pen {
        site,
        writer: Writer::new(&site.octopus, DryRun::No),
        halt: console.halt(),
        has_written: false,
        touched: BTreeSet::new(),
    });
    let ended = hands.carry_out(plan);
    told.done = std::mem::take(&mut hands.done);
    told.left = std::mem::take(&mut hands.left);
    told.undone = std::mem::take(&mut hands.undone);
    let Err(stop) = ended else {
        told.next = next(site);
        return SetupExit::Done;
    };
    told.error = Some(stop.to_string());
    told.next = "The same command again does what is left, once that is settled.".into();
    match hands.pen.has_written {
        true => SetupExit::StoppedHalfway,
        false => SetupExit::NothingChanged,
    }
}

/// What carries a plan out that was only printed.
fn how(site: &SetupSite<'_>) -> String {
    match site.settings.flags.mode {
        SetupMode::Plan => "with --apply".into(),
        SetupMode::Apply | SetupMode::GoLive => format!("without {}", site.settings.dry_run_by),
    }
}

/// Of what is live a change is live at once.
fn when(site: &SetupSite<'_>) -> &'static str {
    match go_live::life(site) {
        Ok(Life::Live) => ", and the schedule's next run does it: it is live",
        Ok(Life::Dry | Life::Off | Life::InGit | Life::Unknown) | Err(_) => "",
    }
}

/// What comes after a plan that is carried out.
fn next(site: &SetupSite<'_>) -> String {
    let life = go_live::life(site).unwrap_or(Life::Unknown);
    match (life, site.settings.flags.mode) {
        (Life::Live, _) => format!(
            "It is live. Whether all of it is right tells: octopus-scale-in check --project \"{}\" --runbook \"{}\"",
            site.project.name, site.settings.runbook,
        ),
        (Life::Off, _) => {
            "What is published removes targets, and no schedule starts it here. --go-live enables it.".into()
        }
        (Life::Unknown, _) => format!(
            "Whether what is published removes could not be seen here. octopus-scale-in check --project \"{}\" --runbook \"{}\" tells.",
            site.project.name, site.settings.runbook,
        ),
        (Life::InGit, SetupMode::GoLive) => "The schedule is enabled: what the default branch has runs.".into(),
        (Life::Dry | Life::InGit, _) => format!(
            "Next: run it dry, and read its log: {}. Then the same command with --go-live.",
            go_live::command(site),
        ),
    }
}

fn choose(settings: &SetupSettings, missing: &[choices::Untold], console: &Console) -> SetupExit {
    let exit = SetupExit::Settings;
    let command = choices::command(settings, missing);
    match console.result_form() {
        ResultForm::Lines => {
            let lines = missing.iter().map(|it| format!("  {}", it.line()));
            let all = std::iter::once("More has to be known:".to_owned()).chain(lines);
            console.block(Level::Error, &all.collect::<Vec<String>>());
            console.info(format_args!("Next: {command}"));
        }
        ResultForm::Document => {
            let told = Upshot {
                error: Some(
                    missing
                        .iter()
                        .map(choices::Untold::line)
                        .collect::<Vec<_>>()
                        .join("; "),
                ),
                next: command,
                ..Upshot::default()
            };
            console.document(&show::document(&told, exit));
        }
    }
    exit
}
