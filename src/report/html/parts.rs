//! What every part of a page is made of.

use crate::reconcile::plan::RemovalAction;
use crate::report::document::{ActionWord, Document, Who};
use crate::report::fate::Fate;
use crate::report::text::Text;
use maud::{Markup, Render, html};

impl Render for Text {
    fn render(&self) -> Markup {
        self.visible().render()
    }
}

pub fn action(report: &Document) -> RemovalAction {
    match report.run.action {
        ActionWord::Delete => RemovalAction::Delete,
        ActionWord::Disable => RemovalAction::Disable,
    }
}

/// A sign, for who sees it.
pub fn sign(sign: &str) -> Markup {
    html! { span.sign aria-hidden="true" { (sign) } }
}

/// As servers write it for programs, and a little easier for people.
pub fn time(time: &str) -> Markup {
    let shown = time.replace('T', " ").replace('Z', " UTC");
    html! { time datetime=(time) { (shown) } }
}

pub fn who(who: Who) -> &'static str {
    match who {
        Who::Azure => "Azure",
        Who::Octopus => "Octopus",
        Who::OctopusThenAzure => "Octopus, then Azure",
        Who::ThisRun => "This run",
    }
}

/// The anchor of a group of targets.
pub fn anchor(fate: Fate) -> String {
    format!("targets-{}", fate.word())
}
