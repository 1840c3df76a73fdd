//! A report, made of what is known at the end of a run.

use super::brakes::{lifted_by, whole_fact};
use super::document::{
    ActionWord, AskedFacts, BrakeFacts, Document, HealthWord, InstanceFacts, LevelWord,
    MissingFacts, NoticeFacts, RunFacts, RunKind, RunResult, ScaleSetFacts, SettingFacts,
    StateWord, TargetFacts,
};
use super::fate::Fate;
use super::notice::Notice;
use super::outcome::{Decision, Hold, Inquiry, Outcome};
use super::plan::left_out_because;
use super::shared::details;
use super::testimony::{Witnesses, question};
use super::text::Text;
use crate::clock;
use crate::console::Level;
use crate::error::{ExitCode, ServiceError};
use crate::octopus::{DryRun, EnvironmentRoles};
use crate::reconcile::brake::Brake;
use crate::reconcile::plan::{RemovalAction, Row};
use crate::reconcile::snapshot::{
    Health, Instance, InstanceState, MissingGroup, ScalingGroup, Target, TargetId,
};
use crate::reconcile::verdict::Verdict;
use crate::redeployments::Duplicate;
use crate::settings::{CallerKind, Settings};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The shape that `docs/report.schema.json` has.
const FORMAT: u32 = 1;

/// The report of a run whose plan stood.
pub fn of_outcome(
    outcome: &Outcome,
    settings: &Settings,
    summary: &str,
    notices: &[Notice],
) -> Document {
    let Decision {
        snapshot,
        looked: _,
        inquiries: _,
        plan,
        hold,
        roles,
    } = &outcome.decision;
    let (brakes, error) = match hold {
        None | Some(Hold::Declined) => (Vec::new(), None),
        Some(Hold::Brakes(brakes)) => (
            brakes.iter().map(|it| brake(it, settings, roles)).collect(),
            None,
        ),
        Some(Hold::Failure(error)) => (Vec::new(), Some(Text::of(error))),
    };
    let mut meant = Meant::default();
    for row in &plan.rows {
        meant.add(row);
    }
    Document {
        run: RunFacts {
            environment: Text::of(&roles.environment),
            ..run(settings)
        },
        result: RunResult {
            exit_code: outcome.exit_code(settings) as u8,
            summary: Text::of(summary),
            brakes,
            error,
            notices: notices.iter().map(notice).collect(),
            duplicate: outcome.duplicate.as_ref().map(duplicate),
        },
        scale_sets: snapshot
            .groups
            .iter()
            .map(|it| scale_set(it, &meant))
            .collect(),
        missing: snapshot.missing.iter().map(missing).collect(),
        asked: outcome.answered().map(asked).collect(),
        targets: Targets::of(outcome, settings).facts(),
        ..head(settings)
    }
}

/// The report of a run that made no plan, because a scale set is not found.
pub fn of_unmatched(settings: &Settings, error: &ServiceError, unmatched: &[Row]) -> Document {
    let target = |row: &Row| TargetFacts {
        fate: Fate::MatchesNone,
        verdict: None,
        ..target(&row.target, "matches no machine that was read")
    };
    Document {
        run: run(settings),
        result: RunResult {
            exit_code: ExitCode::Service as u8,
            summary: Text::of("No plan was made, and nothing was removed"),
            brakes: Vec::new(),
            error: Some(Text::of(error)),
            notices: Vec::new(),
            duplicate: None,
        },
        targets: unmatched.iter().map(target).collect(),
        ..head(settings)
    }
}

/// What every report says, and nothing of what it is about.
fn head(settings: &Settings) -> Document {
    let setting = |(name, value): (&'static str, String)| SettingFacts {
        name,
        value: Text::of(value),
    };
    Document {
        format: FORMAT,
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        written: clock::now(),
        run: run(settings),
        result: RunResult {
            exit_code: ExitCode::Reconciled as u8,
            summary: Text::of(""),
            brakes: Vec::new(),
            error: None,
            notices: Vec::new(),
            duplicate: None,
        },
        scale_sets: Vec::new(),
        missing: Vec::new(),
        settings: settings.decided().into_iter().map(setting).collect(),
        asked: Vec::new(),
        targets: Vec::new(),
    }
}

fn run(settings: &Settings) -> RunFacts {
    let caller = &settings.caller;
    RunFacts {
        kind: match caller.kind {
            CallerKind::Deployment => RunKind::Deployment,
            CallerKind::RunbookRun => RunKind::RunbookRun,
            CallerKind::Terminal => RunKind::ByHand,
        },
        task: caller.task.as_ref().map(Text::of),
        document: caller.document.as_ref().map(Text::of),
        step: Some(&caller.step)
            .filter(|step| !step.is_empty())
            .map(Text::of),
        octopus: Text::of(&settings.octopus_url),
        space: Text::of(&settings.space),
        environment: Text::of(&settings.environment),
        tenant: settings.tenant.as_ref().map(|it| Text::of(&it.id)),
        roles: settings.roles.iter().map(Text::of).collect(),
        dry_run: settings.dry_run == DryRun::Yes,
        action: match settings.rules.action {
            RemovalAction::Delete => ActionWord::Delete,
            RemovalAction::Disable => ActionWord::Disable,
        },
    }
}

fn brake(brake: &Brake, settings: &Settings, roles: &EnvironmentRoles) -> BrakeFacts {
    BrakeFacts {
        fact: Text::of(whole_fact(brake, settings, roles)),
        lifted_by: Text::of(lifted_by(brake)),
    }
}

fn notice(notice: &Notice) -> NoticeFacts {
    NoticeFacts {
        level: match notice.level {
            Level::Error => LevelWord::Error,
            Level::Warning => LevelWord::Warning,
            Level::Verbose | Level::Info | Level::Highlight => LevelWord::Info,
        },
        text: Text::of(&notice.text),
    }
}

fn duplicate(earlier: &Duplicate) -> Text {
    let (task, at) = (&earlier.record.task, clock::shown(earlier.succeeded));
    Text::of(format_args!(
        "The same deployment succeeded at {at} ({task}), so nothing was handed out"
    ))
}

fn missing(group: &MissingGroup) -> MissingFacts {
    MissingFacts {
        id: Text::of(&group.id),
        title: Text::of(&group.title),
        explanation: Text::of(&group.explanation),
    }
}

fn asked(inquiry: &Inquiry) -> AskedFacts {
    let (who, what) = question(&inquiry.about);
    AskedFacts {
        at: clock::shown(inquiry.at),
        who,
        what: Text::of(what),
    }
}

/// Which targets mean which instance, told apart even where instances are alike.
#[derive(Default)]
struct Meant<'a>(HashMap<*const Instance, Vec<&'a TargetId>>);

impl<'a> Meant<'a> {
    fn add(&mut self, row: &'a Row) {
        let evidence = &row.evidence;
        for instance in evidence.kept_by.iter().chain(&evidence.going) {
            let meant_by = self.0.entry(Arc::as_ptr(instance)).or_default();
            meant_by.push(&row.target.id);
        }
    }

    fn by(&self, instance: &Arc<Instance>) -> Vec<Text> {
        let ids = self.0.get(&Arc::as_ptr(instance)).into_iter().flatten();
        ids.map(Text::of).collect()
    }
}

fn scale_set(group: &ScalingGroup, meant: &Meant<'_>) -> ScaleSetFacts {
    let instance = |it: &Arc<Instance>| InstanceFacts {
        resource: Text::of(&it.resource_name),
        computer_name: it.computer_name.as_ref().map(Text::of),
        id: it.id.as_ref().map(Text::of),
        state: match it.state {
            InstanceState::Creating => StateWord::Creating,
            InstanceState::Present => StateWord::Present,
            InstanceState::Failed => StateWord::Failed,
            InstanceState::Deleting => StateWord::Deleting,
        },
        created: it.created.map(clock::shown),
        targets: meant.by(it),
    };
    ScaleSetFacts {
        id: Text::of(&group.id),
        title: Text::of(&group.title),
        state: Text::of(&group.summary),
        capacity: group.capacity,
        instances: group.instances.iter().map(instance).collect(),
    }
}

/// Why its verdict is what it is: all that is known, since a reason that many share stands in the log once.
fn reason(verdict: &Verdict) -> String {
    match details(verdict) {
        Some(details) => format!("{verdict}. {}", details.trim_end_matches('.')),
        None => verdict.to_string(),
    }
}

/// What is said of every target, whatever became of it.
fn target(target: &Target, reason: impl std::fmt::Display) -> TargetFacts {
    TargetFacts {
        id: Text::of(&target.id),
        name: Text::of(&target.name),
        fate: Fate::Ignored,
        verdict: None,
        reason: Text::of(reason),
        error: None,
        removed: None,
        health: match target.health {
            Health::Healthy => HealthWord::Healthy,
            Health::Unhealthy => HealthWord::Unhealthy,
            Health::Unavailable => HealthWord::Unavailable,
            Health::Unknown => HealthWord::Unknown,
        },
        enabled: target.enabled,
        handed_out: false,
        left_out: None,
        evidence: Vec::new(),
    }
}

/// The rows of a plan, with what became of them.
struct Targets<'a> {
    outcome: &'a Outcome,
    dry_run: DryRun,
    witnesses: Witnesses<'a>,
    handed_out: HashSet<&'a TargetId>,
    left_out: HashMap<&'a TargetId, &'static str>,
}

impl<'a> Targets<'a> {
    fn of(outcome: &'a Outcome, settings: &Settings) -> Self {
        let handed_out = outcome.handed_out().into_iter();
        let left_out = outcome.deploy_list.left_out.iter();
        Self {
            outcome,
            dry_run: settings.dry_run,
            witnesses: Witnesses::of(outcome, settings.rules.action),
            handed_out: handed_out.map(|target| &target.id).collect(),
            left_out: left_out
                .map(|(target, why)| (&target.id, left_out_because(*why)))
                .collect(),
        }
    }

    fn facts(&self) -> Vec<TargetFacts> {
        let rows = self.outcome.decision.plan.rows.iter();
        rows.map(|row| self.fact(row)).collect()
    }

    fn fact(&self, row: &Row) -> TargetFacts {
        let id = &row.target.id;
        let removals = &self.outcome.removals;
        TargetFacts {
            fate: Fate::of(row, self.outcome, self.dry_run),
            verdict: Some(row.verdict.word()),
            error: removals.failed.get(id).map(Text::of),
            removed: removals.removed.get(id).map(|it| clock::shown(it.at)),
            handed_out: self.handed_out.contains(id),
            left_out: self.left_out.get(id).map(Text::of),
            evidence: self.witnesses.about(row),
            ..target(&row.target, reason(&row.verdict))
        }
    }
}
