//! The last line of a run: what became of everything that is gone.

use super::outcome::{Decision, Hold, Outcome, Removals, is_undecided, undecided};
use super::words::count_of;
use crate::error::Error;
use crate::reconcile::plan::{Plan, RemovalAction};
use crate::reconcile::verdict::{Deferral, Verdict};
use crate::settings::{DryRun, Settings};

/// Such as `Removed 3 of 5 targets that match no machine; 2 wait (1 in use, 1 untested); 1 answers; 8 kept.`
pub(super) fn summary(outcome: &Outcome, settings: &Settings) -> String {
    let plan = &outcome.decision.plan;
    let count = |which: fn(&Verdict) -> bool| {
        let rows = plan.rows.iter().filter(|row| which(&row.verdict));
        rows.count()
    };
    let mut parts = what_became(outcome, settings);
    let waiting = waiting(plan, settings.dry_run);
    if !waiting.is_empty() {
        let many: usize = waiting.iter().map(|(_, many)| many).sum();
        let each = waiting.iter().map(|(why, many)| format!("{many} {why}"));
        let each: Vec<String> = each.collect();
        let verb = if many == 1 { "waits" } else { "wait" };
        parts.push(format!("{many} {verb} ({})", each.join(", ")));
    }
    let mut add = |many: usize, what: &str| {
        if many > 0 {
            parts.push(format!("{many} {what}"));
        }
    };
    let answers = count(|it| matches!(it, Verdict::Answers(_)));
    add(answers, if answers == 1 { "answers" } else { "answer" });
    add(count(|it| matches!(it, Verdict::Foreign(_))), "not ours");
    add(count(|it| matches!(it, Verdict::Detached(_))), "detached");
    add(count(|it| *it == Verdict::Leaving), "leaving");
    add(count(|it| *it == Verdict::Done), "disabled already");
    let missing = outcome.decision.snapshot.missing.len();
    if missing > 0 {
        parts.push(format!("{} not found", count_of(missing, "scale set")));
    }
    parts.push(format!("{} kept", count(|it| *it == Verdict::Kept)));
    parts.join("; ") + "."
}

/// What became of the candidates.
fn what_became(outcome: &Outcome, settings: &Settings) -> Vec<String> {
    let Decision { plan, hold, .. } = &outcome.decision;
    let (did, would) = match settings.rules.action {
        RemovalAction::Delete => ("Removed", "Would remove"),
        RemovalAction::Disable => ("Disabled", "Would disable"),
    };
    let candidates = plan.candidate_count();
    let undecided = undecided(plan, settings.dry_run);
    let waiting: usize = waiting(plan, settings.dry_run)
        .iter()
        .map(|(_, many)| many)
        .sum();
    let gone = candidates + undecided + waiting;
    let match_none = if gone == 1 { "matches" } else { "match" };
    let of_gone = format!(
        "of {} that {match_none} no machine",
        count_of(gone, "target")
    );
    if let (0, Some(Hold::Brakes(_))) = (candidates, hold) {
        return vec!["Nothing lines up: no target in scope matches any instance".into()];
    }
    if gone == 0 {
        return vec![nothing(plan, settings.rules.action)];
    }
    let more = match undecided {
        0 => String::new(),
        many => format!(", and up to {many} more if a test finds them unavailable"),
    };
    match (hold, settings.dry_run) {
        (Some(Hold::Brakes(_)), DryRun::Yes) => {
            vec![format!(
                "{would} 0 {of_gone}: a brake would hold back {candidates}{more}"
            )]
        }
        (Some(Hold::Brakes(_)), DryRun::No) => {
            vec![format!(
                "{did} 0 {of_gone}: a brake holds back {candidates}"
            )]
        }
        (Some(Hold::Failure(error)), dry_run) => {
            let did = match dry_run {
                DryRun::Yes => would,
                DryRun::No => did,
            };
            let why = match (error, candidates) {
                (Error::LogLost, _) => "nobody would have the log".to_owned(),
                (_, 0) => "evidence could not be had".to_owned(),
                (_, some) => format!("the evidence for {some} could not be had"),
            };
            vec![format!("{did} 0 {of_gone}: {why}")]
        }
        (Some(Hold::Declined), _) => vec![format!("{did} 0 {of_gone}: the answer was no")],
        (None, DryRun::Yes) => vec![format!("{would} {candidates}{more}")],
        (None, DryRun::No) => carried_out(&outcome.removals, candidates, did, &of_gone),
    }
}

fn carried_out(removals: &Removals, candidates: usize, did: &str, of_gone: &str) -> Vec<String> {
    let (removed, failed) = (removals.removed.len(), removals.failed.len());
    let cancelled = if removals.cut_short {
        "Cancelled: "
    } else {
        ""
    };
    let mut parts = vec![format!("{cancelled}{did} {removed} {of_gone}")];
    let left = candidates.saturating_sub(removed + failed);
    for (many, what) in [(failed, "failed"), (left, "left as they are")] {
        if many > 0 {
            parts.push(format!("{many} {what}"));
        }
    }
    parts
}

/// Nothing is gone, as far as is known.
fn nothing(plan: &Plan, action: RemovalAction) -> String {
    let is_there = |verdict: &Verdict| matches!(verdict, Verdict::Kept | Verdict::Ignored);
    let mut rows = plan.rows.iter();
    if rows.all(|row| is_there(&row.verdict)) {
        "Nothing to remove".into()
    } else {
        format!("Nothing was {}", action.done())
    }
}

/// How many wait, by what they wait for.
fn waiting(plan: &Plan, dry_run: DryRun) -> Vec<(&'static str, usize)> {
    let mut counted: Vec<(&'static str, usize)> = Vec::new();
    for row in &plan.rows {
        let why = match &row.verdict {
            Verdict::Deferred(deferral) => word(deferral),
            Verdict::Referenced(_) => "referenced",
            verdict @ Verdict::Untested(_) if !is_undecided(verdict, dry_run) => "untested",
            Verdict::Untested(_)
            | Verdict::Ignored
            | Verdict::Kept
            | Verdict::Leaving
            | Verdict::Detached(_)
            | Verdict::Stale
            | Verdict::Done
            | Verdict::Answers(_)
            | Verdict::Foreign(_) => continue,
        };
        match counted.iter_mut().find(|(known, _)| *known == why) {
            Some((_, many)) => *many += 1,
            None => counted.push((why, 1)),
        }
    }
    counted
}

fn word(deferral: &Deferral) -> &'static str {
    match deferral {
        Deferral::InUse(_) => "in use",
        Deferral::InUseUnknown(_) => "perhaps in use",
        Deferral::Changed(_)
        | Deferral::GoneSinceFirstSnapshot
        | Deferral::CameBack
        | Deferral::RegisteredMeanwhile
        | Deferral::Recreated(_)
        | Deferral::GroupCame(_) => "changed meanwhile",
        Deferral::NamelessMachine
        | Deferral::IdIsAnothers(_)
        | Deferral::UnmeantMachine(_)
        | Deferral::TwinUnseen
        | Deferral::OthersUnseen(_)
        | Deferral::GroupMissing(_) => "perhaps another machine's",
        Deferral::MachinesAreNew => "beside new machines",
        Deferral::WitnessSilent(_) | Deferral::Unread(_) => "unconfirmed",
        Deferral::GuidedFailure(_) => "in a guided failure",
    }
}
