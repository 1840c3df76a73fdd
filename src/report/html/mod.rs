//! A report as one page that needs nothing else: no network, no font, no script.
//!
//! Every text in it passes through [`Text::visible`] and the template's own escaping. The page's policy
//! (Content-Security-Policy) allows nothing but the one style sheet, by its hash.

mod fleet;
mod parts;
mod targets;

use self::parts::{action, sign, time, who};
use super::document::{Document, LevelWord, MissingFacts, RunKind};
use super::text::Text;
use super::words::capitalized;
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

/// How everything looks.
const STYLE: &str = include_str!("page.css");

/// What the page may do: be shown in this style. The hash is the SHA-256 of [`STYLE`]; a test compares them.
const POLICY: &str = "default-src 'none'; style-src 'sha256-pCsgS26q4XsWOIi7W7G6MPBi8YOkqLGxdpBvYbsT+wc='; base-uri 'none'; form-action 'none'";

/// The page.
pub fn page(report: &Document) -> String {
    let groups = targets::groups(&report.targets);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                title { (title(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title(report)) }
                    p.lead { (report.result.summary) }
                    (which_run(report))
                }
                main {
                    (what_went_wrong(report))
                    (fleet::section(report, &groups))
                    (notices(report))
                    @for group in &groups { (targets::section(group, action(report))) }
                    (facts(report))
                    (asked(report))
                    (settings(report))
                }
                footer {
                    p { "Written by " (report.program) " " (report.version) " at " (time(&report.written)) "." }
                }
            }
        }
    };
    page.into_string()
}

/// What it is about, for a tab and for the first line.
fn title(report: &Document) -> String {
    let run = &report.run;
    let dry = if run.dry_run { " (a dry run)" } else { "" };
    let which = match (&run.task, run.kind) {
        (Some(task), _) => task.visible(),
        (None, RunKind::Deployment) => "a deployment".into(),
        (None, RunKind::RunbookRun) => "a runbook run".into(),
        (None, RunKind::ByHand) => "a run by hand".into(),
    };
    format!("Scale-in report of {which}{dry}")
}

/// Which run it was, in a sentence.
fn which_run(report: &Document) -> Markup {
    let run = &report.run;
    html! {
        p.soft {
            (capitalized(kind(report)))
            @if let Some(document) = &run.document { " " (document) }
            ", environment " (run.environment) ", space " (run.space) ", " (time(&report.written)) ". "
            @if run.dry_run { "A dry run: nothing was changed. " }
            "Exit code " (report.result.exit_code) "."
        }
        @if let Some(duplicate) = &report.result.duplicate {
            p { strong { "Duplicate run: " } (duplicate) "." }
        }
    }
}

fn kind(report: &Document) -> &'static str {
    match report.run.kind {
        RunKind::Deployment => "deployment",
        RunKind::RunbookRun => "runbook run",
        RunKind::ByHand => "by hand",
    }
}

fn what_went_wrong(report: &Document) -> Markup {
    let result = &report.result;
    if result.brakes.is_empty() && result.error.is_none() && report.missing.is_empty() {
        return html! {};
    }
    html! {
        section.bad aria-labelledby="held" {
            h2 id="held" { (sign("!")) " What went wrong" }
            @for brake in &result.brakes {
                div.problem {
                    p { strong { "Brake: " } (brake.fact) ". It holds every removal of this run." }
                    p { strong { "What lifts it: " } (brake.lifted_by) "." }
                }
            }
            @if let Some(error) = &result.error {
                div.problem { p { strong { "Error: " } (error) } }
            }
            @for MissingFacts { id, title, explanation } in &report.missing {
                div.problem {
                    p { strong { "Not found: " } (title) }
                    p { (explanation) }
                    p.soft { (id) }
                }
            }
        }
    }
}

fn notices(report: &Document) -> Markup {
    let notices = &report.result.notices;
    if notices.is_empty() {
        return html! {};
    }
    html! {
        section.wait aria-labelledby="notices" {
            h2 id="notices" { (sign("\u{2192}")) " What to know, and what to do" }
            ul.plain {
                @for notice in notices {
                    li { (level(notice.level)) (notice.text) }
                }
            }
        }
    }
}

fn level(level: LevelWord) -> Markup {
    match level {
        LevelWord::Info => html! {},
        LevelWord::Warning => html! { strong { "Warning: " } },
        LevelWord::Error => html! { strong { "Error: " } },
    }
}

fn facts(report: &Document) -> Markup {
    let run = &report.run;
    let roles: Vec<String> = run.roles.iter().map(Text::visible).collect();
    html! {
        section aria-labelledby="run" {
            h2 id="run" { "The run" }
            dl {
                (fact("Written", &time(&report.written)))
                (fact("Started", &html! { (kind(report)) @if let Some(document) = &run.document { " " (document) } }))
                @if let Some(task) = &run.task { (fact("Task", task)) }
                @if let Some(step) = &run.step { (fact("Step", step)) }
                (fact("Octopus Server", &run.octopus))
                (fact("Space", &run.space))
                (fact("Environment", &run.environment))
                @if let Some(tenant) = &run.tenant { (fact("Tenant", tenant)) }
                (fact("Target tags (roles)", &roles.join(", ")))
                (fact("Exit code", &report.result.exit_code))
            }
        }
    }
}

fn fact(name: &str, value: &impl Render) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn asked(report: &Document) -> Markup {
    if report.asked.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="asked" {
            h2 id="asked" { "What was asked, and when" }
            table {
                caption.v { "Questions about all candidates, in the order in which they were asked" }
                thead { tr { th scope="col" { "When, and who" } th scope="col" { "What" } } }
                tbody {
                    @for asked in &report.asked {
                        tr {
                            th scope="row" { (who(asked.who)) small { (time(&asked.at)) } }
                            td { (asked.what) }
                        }
                    }
                }
            }
        }
    }
}

fn settings(report: &Document) -> Markup {
    html! {
        section aria-labelledby="settings" {
            h2 id="settings" { "Settings that decided" }
            table {
                caption.v { "Parameters and their values" }
                thead { tr { th scope="col" { "Parameter" } th scope="col" { "Value" } } }
                tbody {
                    @for setting in &report.settings {
                        tr { th scope="row" { (setting.name) } td { (setting.value) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{POLICY, STYLE};
    use azure_core::base64;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_this_style_and_no_other() {
        let hash = base64::encode(Sha256::digest(STYLE));

        assert!(
            POLICY.contains(&format!("style-src 'sha256-{hash}';")),
            "the style has changed; its hash is now {hash}"
        );
    }
}
