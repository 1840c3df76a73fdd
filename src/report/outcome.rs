//! How a run ended, once its plan stood, as data.

use crate::error::{Error, ExitCode, ServiceError};
use crate::octopus::{CannotTell, EnvironmentRoles, Gap};
use crate::reconcile::brake::Brake;
use crate::reconcile::deploy_list::DeployList;
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{Snapshot, Target, TargetId};
use crate::reconcile::verdict::{Untested, Verdict};
use crate::redeployments::Duplicate;
use crate::settings::{DryRun, DryRunExit, ProblemHandling, Settings};
use std::collections::HashMap;
use std::time::{Instant, SystemTime};

/// Something that was asked about the candidates, and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// When it was asked: the answer is as old as this.
    pub at: SystemTime,
    /// What was asked.
    pub about: Asked,
}

/// What was asked about the candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The targets, then the instances.
    Snapshot,
    /// The instances once more.
    Instances,
    /// What other scale sets there are, so many, and what those list that could have a candidate.
    OtherScaleSets(usize),
    /// Whether any came meanwhile, and what a second witness says of theirs.
    OtherScaleSetsAgain,
    /// Whether a task uses them.
    Use,
    /// Whether variables are scoped to one of them alone.
    Variables,
    /// When Octopus had checked them last.
    LastChecks,
    /// Whether they answer: by this task, where it could be had.
    Test(Option<String>),
    /// The scale sets' own lists of their machines.
    OwnLists,
    /// Their instances, each by itself.
    EachInstance,
}

/// What is to be removed, and what speaks against it.
#[derive(Debug)]
pub struct Decision {
    /// The last snapshot.
    pub snapshot: Snapshot,
    /// When that was begun: the evidence is as old as this.
    pub looked: Instant,
    /// What was asked, in that order.
    pub inquiries: Vec<Inquiry>,
    /// Its verdicts.
    pub plan: Plan,
    /// Why nothing is removed.
    pub hold: Option<Hold>,
    /// Which roles the targets of the environment carry.
    pub roles: EnvironmentRoles,
}

/// Why nothing is removed.
#[derive(Debug)]
pub enum Hold {
    /// A brake, or several.
    Brakes(Vec<Brake>),
    /// The evidence could not be had.
    Failure(Error),
    /// Somebody was asked, and did not say yes.
    Declined,
}

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Removals {
    /// Ended by this run, those included that somebody else had ended meanwhile.
    pub removed: HashMap<TargetId, Ended>,
    /// Not removed, each with its reason.
    pub failed: HashMap<TargetId, ServiceError>,
    /// No further removal began, because the run was cancelled or its log is lost: what is in neither was left.
    pub cut_short: bool,
    /// Why the last of them were left as they are, as the log says it.
    pub why_left: Option<String>,
}

/// That a registration is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When that was known.
    pub at: SystemTime,
    /// Who ended it.
    pub by: EndedBy,
}

/// Who ended a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// This run.
    ThisRun,
    /// Somebody else, or an earlier try of this run whose answer was lost.
    SomebodyElse,
}

/// How a run ended, once its plan stood.
#[derive(Debug)]
pub struct Outcome {
    /// What was to be removed, and what spoke against it.
    pub decision: Decision,
    /// What became of it.
    pub removals: Removals,
    /// Which of the kept targets to deploy to.
    pub deploy_list: DeployList,
    /// The earlier run that this one repeats; it hands out nothing then.
    pub duplicate: Option<Duplicate>,
    /// What Octopus Server was asked and did not know.
    pub cannot_tell: Option<CannotTell>,
}

impl Outcome {
    /// What was asked about the candidates and answered: an older server is asked some of it in vain.
    pub(super) fn answered(&self) -> impl DoubleEndedIterator<Item = &Inquiry> {
        let inquiries = self.decision.inquiries.iter();
        inquiries.filter(|it| match it.about {
            Asked::Use => self.is_known(Gap::Tasks),
            Asked::Variables => self.is_known(Gap::ScopedVariables),
            Asked::LastChecks => self.is_known(Gap::LastCheck),
            Asked::Snapshot
            | Asked::Instances
            | Asked::OtherScaleSets(_)
            | Asked::OtherScaleSetsAgain
            | Asked::Test(_)
            | Asked::OwnLists
            | Asked::EachInstance => true,
        })
    }

    /// Whether Octopus Server knows a question of this program.
    pub(super) fn is_known(&self, gap: Gap) -> bool {
        let cannot_tell = self.cannot_tell.as_ref();
        cannot_tell.is_none_or(|it| !it.gaps.contains(&gap))
    }

    /// The exit code. Where problems are only to be warned of, brakes, refusals, failed removals, a scaling group that is missing
    /// and evidence that could not be had are no reason to fail the step; a cancelled run ends as cancelled all the same.
    #[must_use]
    pub fn exit_code(&self, settings: &Settings) -> ExitCode {
        let code = self.reconciled(settings.problem_handling);
        let asked = settings.dry_run_exit == DryRunExit::Telling;
        if asked && code == ExitCode::Reconciled && self.would_remove(settings.dry_run) {
            return ExitCode::WouldRemove;
        }
        code
    }

    /// The exit code where nobody has all of the log.
    pub(super) fn lost(&self) -> ExitCode {
        match self.removals.removed.is_empty() {
            true => ExitCode::Service,
            false => ExitCode::RemovalsFailed,
        }
    }

    /// Whether a run would remove something, or would if a test allowed it.
    fn would_remove(&self, dry_run: DryRun) -> bool {
        let plan = &self.decision.plan;
        let any = plan.candidate_count() > 0 || undecided(plan, dry_run) > 0;
        any && self.decision.hold.is_none() && dry_run == DryRun::Yes
    }

    fn reconciled(&self, problems: ProblemHandling) -> ExitCode {
        match (&self.decision.hold, problems) {
            (None, _) if self.removals.cut_short => ExitCode::RemovalsFailed,
            (Some(Hold::Declined), _) => ExitCode::Held,
            (_, ProblemHandling::Warn) => ExitCode::Reconciled,
            (Some(Hold::Brakes(_)), ProblemHandling::Fail) => ExitCode::Held,
            (Some(Hold::Failure(error)), ProblemHandling::Fail) => error.exit_code(),
            (None, ProblemHandling::Fail)
                if !self.removals.failed.is_empty()
                    || !self.decision.snapshot.missing.is_empty() =>
            {
                ExitCode::RemovalsFailed
            }
            // Such a set-up can never work: it must not be green.
            (None, ProblemHandling::Fail) if !self.decision.plan.refusals().is_empty() => {
                ExitCode::Held
            }
            (None, ProblemHandling::Fail) => ExitCode::Reconciled,
        }
    }

    /// The names of the targets with this kind of verdict.
    pub(super) fn names_with(&self, which: impl Fn(&Verdict) -> bool) -> Vec<&str> {
        let rows = self.decision.plan.rows.iter();
        let rows = rows.filter(|row| which(&row.verdict));
        rows.map(|row| row.target.name.as_str()).collect()
    }

    /// The targets that the steps that follow are to deploy to.
    pub(super) fn handed_out(&self) -> Vec<&Target> {
        match self.duplicate {
            Some(_) => Vec::new(),
            None => self.deployable(),
        }
    }

    /// The targets that could be handed out, a duplicate or not.
    pub(super) fn deployable(&self) -> Vec<&Target> {
        let targets = self.deploy_list.targets.iter();
        targets.map(|target| &**target).collect()
    }

    pub(super) fn removed(&self) -> Vec<&Target> {
        self.targets(|row| self.removals.removed.contains_key(&row.target.id))
    }

    /// What needs somebody's eye: held by its verdict, by a brake, by a failure, or left by a cancelled run.
    pub(super) fn held(&self) -> Vec<&Target> {
        let Removals {
            removed,
            failed,
            cut_short,
            why_left: _,
        } = &self.removals;
        let stopped = self.decision.hold.is_some() || *cut_short || !failed.is_empty();
        self.targets(|row| {
            let left = stopped && row.is_candidate() && !removed.contains_key(&row.target.id);
            row.verdict.is_held() || left
        })
    }

    pub(super) fn targets(&self, which: impl Fn(&Row) -> bool) -> Vec<&Target> {
        let rows = self.decision.plan.rows.iter().filter(|row| which(row));
        rows.map(|row| &*row.target).collect()
    }
}

/// Those of which a dry run cannot tell.
pub(super) fn undecided(plan: &Plan, dry_run: DryRun) -> usize {
    let rows = plan.rows.iter();
    let rows = rows.filter(|row| is_undecided(&row.verdict, dry_run));
    rows.count()
}

pub(super) fn is_undecided(verdict: &Verdict, dry_run: DryRun) -> bool {
    dry_run == DryRun::Yes && *verdict == Verdict::Untested(Untested::DryRun)
}
