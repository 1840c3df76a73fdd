//! The picture of the fleet: every instance and every target, by sign, word and colour.

use super::parts::{action, anchor, sign};
use super::targets::Group;
use crate::report::document::{Document, InstanceFacts, ScaleSetFacts, StateWord};
use crate::report::text::Text;
use crate::report::words::{capitalized, count_of};
use maud::{Markup, html};

/// More of them are closed at first.
const OPEN_AT_FIRST: usize = 300;

/// What is drawn of some: how many, under which sign, word and colour, and where more of them stands.
struct Part<'a> {
    sign: &'static str,
    word: &'static str,
    colour: &'static str,
    anchor: Option<String>,
    names: Vec<&'a Text>,
}

pub fn section(report: &Document, groups: &[Group<'_>]) -> Markup {
    let groups = groups.iter().map(|group| Part {
        sign: group.fate.sign(),
        word: group.fate.title(action(report)),
        colour: group.fate.colour(),
        anchor: Some(anchor(group.fate)),
        names: group.targets.iter().map(|it| &it.name).collect(),
    });
    let parts: Vec<Part<'_>> = groups.collect();
    html! {
        section aria-labelledby="fleet" {
            h2 id="fleet" { "The fleet" }
            h3 { (count_of(report.targets.len(), "target")) }
            nav aria-label="Targets by what became of them" { (legend(&parts)) }
            (picture("Targets", "target", &parts))
            @for set in &report.scale_sets { (scale_set(set)) }
        }
    }
}

fn scale_set(set: &ScaleSetFacts) -> Markup {
    let label = format!("Instances of {}", set.title.visible());
    let parts = parts_of(set);
    html! {
        h3 { (capitalized(&set.title.visible())) ": " (count_of(set.instances.len(), "instance")) }
        p.soft { (set.state) br; (set.id) }
        (legend(&parts))
        (picture(&label, "instance", &parts))
    }
}

fn parts_of(set: &ScaleSetFacts) -> Vec<Part<'_>> {
    let parts = Mark::ALL.map(|mark| {
        let (sign, word, colour) = mark.drawn();
        let instances = set.instances.iter().filter(|it| Mark::of(it) == mark);
        Part {
            sign,
            word,
            colour,
            anchor: None,
            names: instances.map(InstanceFacts::name).collect(),
        }
    });
    let parts = parts.into_iter();
    parts.filter(|part| !part.names.is_empty()).collect()
}

/// What an instance is to its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    HasTarget,
    NoTarget,
    Creating,
    Failed,
    Deleting,
}

impl Mark {
    const ALL: [Self; 5] = [
        Self::HasTarget,
        Self::NoTarget,
        Self::Creating,
        Self::Failed,
        Self::Deleting,
    ];

    fn of(instance: &InstanceFacts) -> Self {
        match (instance.state, instance.targets.is_empty()) {
            (StateWord::Deleting, _) => Self::Deleting,
            (StateWord::Failed, _) => Self::Failed,
            (StateWord::Creating | StateWord::Present, false) => Self::HasTarget,
            (StateWord::Creating, true) => Self::Creating,
            (StateWord::Present, true) => Self::NoTarget,
        }
    }

    /// Its sign, its word, its colour.
    fn drawn(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::HasTarget => ("+", "Has its target", "good"),
            Self::NoTarget => ("o", "No target in scope", "odd"),
            Self::Creating => ("*", "Being created", "wait"),
            Self::Failed => ("!", "Provisioning failed", "bad"),
            Self::Deleting => ("\u{bb}", "Being deleted", "calm"),
        }
    }
}

/// What the parts mean, and how many each has.
fn legend(parts: &[Part<'_>]) -> Markup {
    html! {
        ul.legend {
            @for part in parts {
                li class=(part.colour) {
                    (sign(part.sign))
                    @match &part.anchor {
                        Some(anchor) => a href={ "#" (anchor) } { (part.word) ": " (part.names.len()) },
                        None => { (part.word) ": " (part.names.len()) },
                    }
                }
            }
        }
    }
}

/// A bar, and every single one.
fn picture(label: &str, what: &str, parts: &[Part<'_>]) -> Markup {
    let all: usize = parts.iter().map(|part| part.names.len()).sum();
    if all == 0 {
        return html! { p { "None." } };
    }
    html! {
        (bar(label, all, parts))
        @if all > OPEN_AT_FIRST {
            details {
                summary { "Show " (count_of(all, what)) span.v { ": " (label) } }
                (chips(label, parts))
            }
        } @else {
            (chips(label, parts))
        }
    }
}

fn bar(label: &str, all: usize, parts: &[Part<'_>]) -> Markup {
    let words = parts
        .iter()
        .map(|it| format!("{}: {}", it.word, it.names.len()));
    let words: Vec<String> = words.collect();
    let mut drawn = 0;
    let mut rects = Vec::new();
    for part in parts {
        rects.push((part.colour, drawn, part.names.len()));
        drawn += part.names.len();
    }
    html! {
        svg.bar role="img" aria-label={ (label) ": " (words.join(", ")) }
            viewBox={ "0 0 " (all) " 1" } preserveAspectRatio="none" {
            @for (colour, x, width) in rects {
                rect class=(colour) x=(x) width=(width) height="1" vector-effect="non-scaling-stroke" {}
            }
        }
    }
}

fn chips(label: &str, parts: &[Part<'_>]) -> Markup {
    html! {
        ul.chips aria-label=(label) {
            @for part in parts {
                @for name in &part.names {
                    li class=(part.colour) { (sign(part.sign)) (name) span.v { ": " (part.word) } }
                }
            }
        }
    }
}
