//! Where a report goes: to Octopus as two artifacts, and into the file that was asked for.

use super::document::Document;
use super::html;
use crate::console::{Console, ResultForm, harmless_json};
use crate::error::without_numbers;
use crate::settings::Settings;
use std::io;
use std::path::{Path, PathBuf};

/// Attaches a report inside Octopus, where somebody may ask later why; a file that was asked for is written in any case, and by
/// hand it is the result where that was asked for as JSON.
pub fn deliver(report: &Document, settings: &Settings, console: &Console) -> Delivery {
    let mut delivery = Delivery::AsAsked;
    let quiet = report.targets.iter().all(|it| !it.fate.is_worth_a_report())
        && report.result.brakes.is_empty()
        && report.result.error.is_none()
        && report.missing.is_empty();
    if let Some(task) = &settings.caller.task
        && !quiet
    {
        let named = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let task: String = task.chars().filter(named).collect();
        for form in ["html", "json"] {
            let name = PathBuf::from(format!("octopus-scale-in-{task}.{form}"));
            match write(&name, report) {
                Ok(length) => console.attach(&name, length),
                Err(error) => warn(console, &name, &error),
            }
        }
    }
    if let Some(path) = &settings.report
        && let Err(error) = write(path, report)
    {
        warn(console, path, &error);
        delivery = Delivery::Failed;
    }
    match console.result_form() {
        ResultForm::Lines => {}
        ResultForm::Document => match json(report) {
            Ok(text) => console.document(&text),
            Err(error) => {
                warn(console, Path::new("on standard output"), &error);
                delivery = Delivery::Failed;
            }
        },
    }
    delivery
}

/// Whether somebody has the report that they asked for. One that Octopus collects nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    AsAsked,
    Failed,
}

fn warn(console: &Console, path: &Path, error: &io::Error) {
    let path = path.display();
    console.warn(format_args!(
        "The report {path} could not be written: {}. Look at the disk and the rights of its folder.",
        without_numbers(&error.to_string())
    ));
}

/// Writes it in the form that the file's name says; how long it is.
fn write(path: &Path, report: &Document) -> io::Result<usize> {
    let ending = path.extension();
    let text = match ending.is_some_and(|it| it.eq_ignore_ascii_case("json")) {
        true => json(report)?,
        false => html::page(report),
    };
    std::fs::write(path, &text)?;
    Ok(text.len())
}

/// The same for programs: names are exactly what they are, and what nobody would see in them is spelt out.
fn json(report: &Document) -> io::Result<String> {
    let text = serde_json::to_string(report)?;
    Ok(harmless_json(&text) + "\n")
}

#[cfg(test)]
mod tests {
    use super::{html, json};
    use crate::console::is_shown;
    use crate::report::document::{
        ActionWord, Document, HealthWord, InstanceFacts, LevelWord, MissingFacts, NoticeFacts,
        RunFacts, RunKind, RunResult, Said, ScaleSetFacts, StateWord, TargetFacts, Who,
    };
    use crate::report::fate::Fate;
    use crate::report::text::Text;
    use proptest::prelude::*;
    use serde_json::Value;

    /// A report in which a server or a setting may have written every text.
    fn report(text: &str) -> Document {
        let text = || Text::of(text);
        let instance = || InstanceFacts {
            resource: text(),
            computer_name: Some(text()),
            id: Some(text()),
            state: StateWord::Present,
            created: None,
            targets: vec![text()],
        };
        let said = || Said {
            who: Who::Azure,
            at: None,
            says: text(),
        };
        Document {
            format: 1,
            program: "",
            version: "",
            written: String::new(),
            run: RunFacts {
                kind: RunKind::Deployment,
                task: Some(text()),
                document: Some(text()),
                step: Some(text()),
                octopus: text(),
                space: text(),
                environment: text(),
                tenant: Some(text()),
                roles: vec![text(), text()],
                dry_run: true,
                action: ActionWord::Disable,
            },
            result: RunResult {
                exit_code: 0,
                summary: text(),
                brakes: Vec::new(),
                error: Some(text()),
                notices: vec![NoticeFacts {
                    level: LevelWord::Warning,
                    text: text(),
                }],
                duplicate: Some(text()),
            },
            scale_sets: vec![ScaleSetFacts {
                id: text(),
                title: text(),
                state: text(),
                capacity: None,
                instances: vec![instance()],
            }],
            missing: vec![MissingFacts {
                id: text(),
                title: text(),
                explanation: text(),
            }],
            settings: Vec::new(),
            asked: Vec::new(),
            targets: vec![TargetFacts {
                id: text(),
                name: text(),
                fate: Fate::Failed,
                verdict: None,
                reason: text(),
                error: Some(text()),
                removed: None,
                health: HealthWord::Unknown,
                enabled: false,
                handed_out: false,
                left_out: Some(text()),
                evidence: vec![said(), said()],
            }],
        }
    }

    /// Text that is likelier to break something than most.
    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            "[<>&\"'/=;]{1,4}",
            Just("</script>".to_owned()),
            Just("]]>".to_owned()),
            Just("\u{202e}".to_owned()),
            Just("\u{0}".to_owned()),
            "[\u{80}-\u{a0}\u{2028}\u{2066}\u{e0041}]",
        ];
        proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
    }

    fn count(page: &str, what: char) -> usize {
        page.chars().filter(|c| *c == what).count()
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup_or_hides_in_a_page(text in any_text()) {
            let (page, plain) = (html::page(&report(&text)), html::page(&report("plain")));

            for mark in ['<', '>', '"'] {
                prop_assert_eq!(count(&page, mark), count(&plain, mark), "{}", mark);
            }
            let unseen = page.chars().find(|c| !is_shown(*c) && *c != '\n');
            prop_assert_eq!(unseen, None);
            prop_assert_eq!(count(&page, '\n'), count(&plain, '\n'));
        }

        #[test]
        fn every_text_is_exact_in_the_json_and_hides_nowhere(text in any_text()) {
            let json = json(&report(&text)).expect("it is written");

            let read: Value = serde_json::from_str(&json).expect("it is JSON");
            prop_assert_eq!(&read["targets"][0]["name"], &Value::from(text));
            let unseen = json.trim_end().chars().find(|c| !is_shown(*c));
            prop_assert_eq!(unseen, None);
        }
    }
}
