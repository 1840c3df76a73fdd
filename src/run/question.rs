//! The question before anything is removed, to somebody at a terminal.

use super::snapshot::{Clients, Taken};
use super::{evidence, others};
use crate::console::{Answer, Console};
use crate::guided_failures::GuidedFailures;
use crate::reconcile::plan::{MachineWord, Row};
use crate::reconcile::verdict::Verdict;
use crate::report::{Asked, Decision, Hold, count_of, names_of, show_plan};
use crate::settings::{Question, Settings};
use std::time::{Duration, Instant, SystemTime};

/// Evidence that waited longer for an answer is gathered again.
const FRESH: Duration = Duration::from_secs(10);

/// Asks whether what is left of the plan may go. After an answer that took long the evidence is gathered anew: candidates only
/// become fewer, so nobody is asked twice.
pub fn ask(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    guided: &GuidedFailures,
    mut decision: Decision,
) -> Decision {
    let many = decision.plan.candidate_count();
    let nothing_goes = many == 0 || decision.hold.is_some() || clients.writer.is_dry();
    if nothing_goes || settings.question == Question::Never || !console.can_ask() {
        return decision;
    }
    let action = settings.rules.action;
    let names = names_of(decision.plan.candidates().map(|row| &*row.target.name));
    let about = format!("To be {}: {names}", action.done());
    let question = format!("{} {}?", action.to_do(), count_of(many, "target"));
    let asked = Instant::now();
    let by_the_wall_clock = SystemTime::now();
    match console.ask(&about, &question) {
        Answer::No => {
            decision.hold = Some(Hold::Declined);
            decision
        }
        // A machine that slept meanwhile knows of it by the one clock or the other.
        Answer::Yes
            if asked.elapsed() <= FRESH
                && by_the_wall_clock.elapsed().is_ok_and(|it| it <= FRESH) =>
        {
            decision
        }
        Answer::Yes => {
            console.info("That took a while, so everything is looked at again");
            let verdicts = |decision: &Decision| -> Vec<Verdict> {
                let rows = decision.plan.rows.iter();
                rows.map(|row| row.verdict.clone()).collect()
            };
            let before = verdicts(&decision);
            let decision = again(clients, settings, console, guided, (decision, asked));
            if verdicts(&decision) != before || decision.hold.is_some() {
                show_plan(settings, console, &decision);
            }
            decision
        }
    }
}

/// The same evidence once more, for what is left.
fn again(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    guided: &GuidedFailures,
    (decision, at): (Decision, Instant),
) -> Decision {
    let Decision {
        snapshot,
        mut plan,
        roles,
        looked: _,
        inquiries,
        hold: _,
    } = decision;
    for Row { evidence, .. } in &mut plan.rows {
        evidence.machine = MachineWord::default();
        evidence.checked_ago = None;
        evidence.heard.clear();
    }
    let others = others::other_scale_sets(&clients.azure, settings, &snapshot, &plan);
    let mut looks = inquiries.iter().rev();
    let last = looks.find(|it| it.about == Asked::Snapshot);
    let taken = Taken {
        snapshot,
        asked: last.map_or_else(SystemTime::now, |it| it.at),
        roles,
        at,
    };
    evidence::gather(clients, settings, console, (taken, plan), others, guided)
}
