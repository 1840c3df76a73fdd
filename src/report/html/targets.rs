//! The targets, one table for each thing that became of them.

use super::parts::{anchor, sign, time, who};
use crate::reconcile::plan::RemovalAction;
use crate::report::document::{HealthWord, Said, TargetFacts};
use crate::report::fate::Fate;
use crate::report::words::{capitalized, count_of};
use maud::{Markup, html};

/// A longer table is closed at first, and costs nothing until somebody opens it.
const OPEN_AT_FIRST: usize = 100;

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
    html! {
        table {
            caption { (title) ", " (many) ", in the order of Octopus's list" }
            thead { tr { th scope="col" { "Target" } th scope="col" { "Why, and who said so" } } }
            tbody { @for target in &group.targets { (row(target)) } }
        }
    }
}

fn row(target: &TargetFacts) -> Markup {
    html! {
        tr {
            th scope="row" {
                (target.name)
                small { (target.id) @if !target.enabled { ", disabled" } }
            }
            td {
                (capitalized(&target.reason.visible()))
                @if let Some(left_out) = &target.left_out { ". Not to be deployed to: " (left_out) }
                @if let Some(error) = &target.error { p { strong { "Error: " } (error) } }
                (evidence(target))
            }
        }
    }
}

/// One piece stands there; more are shown to who asks.
fn evidence(target: &TargetFacts) -> Markup {
    match target.evidence.as_slice() {
        [] if target.fate == Fate::MatchesNone => html! {
            p.soft { "Octopus calls it " (health(target.health)) }
        },
        [] => html! {},
        [one] => html! { " " small { (piece(one)) } },
        several => html! {
            details {
                summary { "Evidence: " (several.len()) " pieces" span.v { " about " (target.name) } }
                ul { @for one in several { li { (piece(one)) } } }
            }
        },
    }
}

fn piece(said: &Said) -> Markup {
    html! {
        (who(said.who))
        @if let Some(at) = &said.at { ", " (time(at)) }
        ": " (said.says)
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
