//! What many targets wait for alike, said once: the question that was not answered, what came back, and what to do next. Their
//! rows have a few words of it.

use super::notice::Ending;
use super::outcome::Outcome;
use super::words::{capitalized, count_of, level, names_of};
use crate::console::Level;
use crate::error::ServiceError;
use crate::reconcile::plan::RemovalAction;
use crate::reconcile::snapshot::Target;
use crate::reconcile::verdict::{Deferral, Foreign, Needs, Reference, Untested, Verdict};
use crate::settings::Settings;
use std::collections::BTreeMap;

/// What some targets wait for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reason<'a> {
    needs: Option<Needs>,
    /// The question about one of them, and about several; nothing where it is not one that was asked of each.
    question: Option<[&'static str; 2]>,
    /// What came back, and what to do next.
    why: &'a str,
}

/// One line for each reason, however many targets wait for it: as bad as a brake where the account lacks something, for then
/// they wait in every run.
pub(super) fn say_unanswered(outcome: &Outcome, settings: &Settings, ending: &mut Ending<'_>) {
    let mut reasons: BTreeMap<Reason<'_>, Vec<&str>> = BTreeMap::new();
    for row in &outcome.decision.plan.rows {
        if let Some(reason) = reason(&row.verdict) {
            reasons.entry(reason).or_default().push(&row.target.name);
        }
    }
    for (reason, names) in reasons {
        let level = match reason.needs {
            Some(_) => level(settings.problem_handling),
            None => Level::Warning,
        };
        ending.say(level, line(&reason, &names));
    }
}

fn reason(verdict: &Verdict) -> Option<Reason<'_>> {
    let unanswered = verdict.unanswered();
    let needs = verdict.needs();
    if unanswered.is_none() && needs.is_none() {
        return None;
    }
    Some(Reason {
        needs,
        question: question(verdict),
        why: unanswered.map_or("", |it| &it.why),
    })
}

fn question(verdict: &Verdict) -> Option<[&'static str; 2]> {
    Some(match verdict {
        Verdict::Deferred(Deferral::InUseUnknown(_)) => {
            ["whether a task uses it", "whether a task uses them"]
        }
        Verdict::Deferred(Deferral::WitnessSilent(_)) => [
            "whether its own machine is there",
            "whether their own machines are there",
        ],
        Verdict::Deferred(Deferral::Unread(_)) => {
            ["how it is registered now", "how they are registered now"]
        }
        Verdict::Referenced(Reference::Unknown(_)) => [
            "whether variables are scoped to it alone",
            "whether variables are scoped to one of them alone",
        ],
        Verdict::Deferred(Deferral::OthersUnseen(_)) => [
            "whether a scale set that this account may not see has its machine",
            "whether a scale set that this account may not see has their machines",
        ],
        Verdict::Referenced(Reference::NotAllVisible(_)) => [
            "whether variables that this account may not see are scoped to it alone",
            "whether variables that this account may not see are scoped to one of them alone",
        ],
        Verdict::Untested(Untested::NoTest(_)) => {
            ["whether Octopus reaches it", "whether Octopus reaches them"]
        }
        Verdict::Deferred(_)
        | Verdict::Referenced(_)
        | Verdict::Untested(_)
        | Verdict::Answers(_)
        | Verdict::Ignored
        | Verdict::Kept
        | Verdict::Leaving
        | Verdict::Detached(_)
        | Verdict::Stale
        | Verdict::Done
        | Verdict::Foreign(_) => return None,
    })
}

fn line(reason: &Reason<'_>, names: &[&str]) -> String {
    let Reason {
        needs,
        question,
        why,
    } = reason;
    let wait = match names.len() {
        1 => "1 target waits".to_owned(),
        many => format!("{many} targets wait"),
    };
    let asked = match question {
        None => String::new(),
        Some([one, _]) if names.len() == 1 => format!(", because {one} could not be learned"),
        Some([_, many]) => format!(", because {many} could not be learned"),
    };
    let names = names_of(names.iter().copied());
    let why = match why.trim_end_matches('.') {
        "" => String::new(),
        why => format!(" {why}."),
    };
    let lacks = match needs {
        None => String::new(),
        Some(Needs { permission, role }) => format!(
            " Give this account {permission} ({role}): no later run will know better without it."
        ),
    };
    format!("{wait}{asked}: {names}.{why}{lacks}")
}

/// Scale sets elsewhere that could not be read, each with the targets that may be theirs.
pub(super) fn say_unreadable_elsewhere(outcome: &Outcome, ending: &mut Ending<'_>) {
    let mut unread: BTreeMap<(&str, &str, Option<Needs>), Vec<&str>> = BTreeMap::new();
    for row in &outcome.decision.plan.rows {
        if let Verdict::Foreign(Foreign::ElsewhereUnreadable(group, why)) = &row.verdict {
            let names = unread.entry((group, &why.why, why.needs)).or_default();
            names.push(&row.target.name);
        }
    }
    for ((group, why, needs), names) in unread {
        let needs = needs
            .map(|Needs { permission, role }| format!(" Give the account {permission} ({role}), or this scale set a computer name prefix of its own."));
        ending.warn(format_args!(
            "{} could not be read, and may have the machines of {}: {}. {}.{}",
            capitalized(group),
            count_of(names.len(), "target"),
            names_of(names.iter().copied()),
            why.trim_end_matches('.'),
            needs.unwrap_or_default()
        ));
    }
}

/// What was not removed, each reason once.
pub(super) fn say_failed(outcome: &Outcome, settings: &Settings, ending: &Ending<'_>) {
    let failed = &outcome.removals.failed;
    let rows = outcome.decision.plan.rows.iter();
    let failures = rows.filter_map(|row| Some((&row.target, failed.get(&row.target.id)?)));
    let mut reasons: BTreeMap<String, Vec<(&Target, &ServiceError)>> = BTreeMap::new();
    for (target, error) in failures {
        let alike = reasons.entry(error.came_back()).or_default();
        alike.push((target, error));
    }
    let action = settings.rules.action;
    for (came_back, alike) in reasons {
        let line = match alike[..] {
            [(_, error)] => error.to_string(),
            _ => {
                let names = alike.iter().map(|(target, _)| target.name.as_str());
                let what = match action {
                    RemovalAction::Delete => "delete",
                    RemovalAction::Disable => "disable",
                };
                let (targets, host) = (count_of(alike.len(), "target"), &alike[0].1.host);
                let names = names_of(names);
                format!("Could not {what} {targets} at {host}: {names}. {came_back}")
            }
        };
        ending.console.say(level(settings.problem_handling), line);
    }
}

/// All that is known of why a target waits, where its row says less.
pub(super) fn details(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Foreign(Foreign::ElsewhereUnreadable(_, why)) => Some(&why.whole),
        other => other.unanswered().map(|it| it.whole.as_str()),
    }
}
