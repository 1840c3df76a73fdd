//! The targets, one table for each thing that became of them.

use super::parts::{anchor, sign, time, who};
use crate::reconcile::plan::RemovalAction;
use crate::report::document::{HealthWord, Said, TargetFacts};
use crate::report::fate::Fate;
use crate::report::words::{capitalized, count_of};
use maud::{Markup, html};

/// A longer table is closed at first, and costs nothing until somebody opens it.
const OPEN_AT_FIRST: usize = 100;

/// The evidence of so few that went, or were to go, is open at first: it is why somebody reads this.
const EVIDENCE_OPEN_AT_FIRST: usize = 3;

/// The targets that became the same.
pub struct Group<'a> {
    pub fate: Fate,
    pub targets: Vec<&'a TargetFacts>,
}

/// Those that have any, in the order of a report.
pub fn groups(targets: &[TargetFacts]) -> Vec<Group<'_>> {
    let group = |fate: Fate| Group {
        fate,
        targets: targets.iter().filter(|it| it.fate == fate).collect(),
    };
    let groups = Fate::ALL.map(group).into_iter();
    groups.filter(|group| !group.targets.is_empty()).collect()
}

pub fn section(group: &Group<'_>, action: RemovalAction) -> Markup {
    let Group { fate, targets } = group;
    let (title, id) = (fate.title(action), anchor(*fate));
    let many = count_of(targets.len(), "target");
    html! {
        section class=(fate.colour()) aria-labelledby=(id) {
            h2 id=(id) { (sign(fate.sign())) " " (title) ": " (targets.len()) }
            p { (fate.meaning()) }
            @if targets.len() > OPEN_AT_FIRST {
                details {
                    summary { "Show " (many) span.v { ": " (title) } }
                    (table(group, title, &many))
                }
            } @else {
                (table(group, title, &many))
            }
        }
    }
}

fn table(group: &Group<'_>, title: &str, many: &str) -> Markup {
    let open = group.fate.is_of_candidates() && group.targets.len() <= EVIDENCE_OPEN_AT_FIRST;
    html! {
        table {
            caption.v { (title) ", " (many) ", in the order of Octopus's list" }
            thead { tr { th scope="col" { "Target" } th scope="col" { "Why, and who said so" } } }
            tbody { @for target in &group.targets { (row(target, open)) } }
        }
    }
}

fn row(target: &TargetFacts, open: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                (target.name)
                small { (target.id) @if !target.enabled { ", disabled" } }
            }
            td {
                (capitalized(&target.reason.visible())) "."
                @if let Some(at) = &target.removed { " Registration ended " (time(at)) "." }
                @if let Some(left_out) = &target.left_out { " Not to be deployed to: " (left_out) "." }
                @if let Some(error) = &target.error { p { strong { "Error: " } (error) } }
                (evidence(target, open))
            }
        }
    }
}

/// One piece stands there; more are shown to who asks, where they are not open.
fn evidence(target: &TargetFacts, open: bool) -> Markup {
    match target.evidence.as_slice() {
        [] if target.fate == Fate::MatchesNone => html! {
            p.soft { "Octopus calls it " (health(target.health)) }
        },
        [] => html! {},
        [one] => html! { p.soft { (piece(one)) } },
        several => html! {
            details open[open] {
                summary { "Evidence: " (several.len()) " pieces" span.v { " about " (target.name) } }
                ul { @for one in several { li { (piece(one)) } } }
            }
        },
    }
}

fn piece(said: &Said) -> Markup {
    html! {
        strong { (who(said.who)) ": " } (said.says) "."
        @if let Some(at) = &said.at { " " small { (time(at)) } }
    }
}

fn health(health: HealthWord) -> &'static str {
    match health {
        HealthWord::Healthy => "healthy",
        HealthWord::Unhealthy => "unhealthy",
        HealthWord::Unavailable => "unavailable",
        HealthWord::Unknown => "nothing that is known",
    }
}
