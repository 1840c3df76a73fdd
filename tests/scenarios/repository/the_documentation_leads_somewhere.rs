//! Every link and every anchor of the documentation leads somewhere, and so does every address of a page in the program; what
//! the examples tell people to type is known.

use crate::support::Run;
use crate::support::markdown::{Page, code_spans, root};
use octopus_scale_in::error::Error;
use octopus_scale_in::settings::{Flags, Settings, variable_name};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What is wrong with a link to this path and anchor, both as they stand in the page, if anything is.
fn broken(page: &Path, link: &str) -> Option<String> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = page.parent().unwrap_or(Path::new(""));
    let path = match path {
        "" => page.to_owned(),
        path => tidy(&folder.join(path)),
    };
    if !root().join(&path).exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let is_page = path.extension().is_some_and(|it| it == "md");
    if anchor.is_empty() || !is_page {
        return None;
    }
    let anchors = Page::read(&path).anchors();
    (!anchors.iter().any(|it| it == anchor))
        .then(|| format!("{} has no #{anchor}, but {anchors:?}", path.display()))
}

/// The path without steps upwards.
fn tidy(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut tidy, part| {
        match part {
            Component::ParentDir => drop(tidy.pop()),
            Component::CurDir => {}
            part => tidy.push(part),
        }
        tidy
    })
}

#[test]
fn every_link_between_pages_leads_to_a_page_and_a_heading() {
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for page in Page::all() {
        for link in page.links() {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            looked_at += 1;
            if let Some(why) = broken(&page.path, link) {
                wrong.push(format!("{}: ({link}): {why}", page.path.display()));
            }
        }
    }
    assert!(looked_at > 100, "{looked_at} links are few");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The texts that reach users from outside of the pages.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src"), root().join("step-template")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            let is_source = ["rs", "ps1", "toml", "md"]
                .iter()
                .any(|kind| path.extension().is_some_and(|it| it == *kind));
            if path.is_dir() {
                folders.push(path);
            } else if is_source {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                files.push((path, text));
            }
        }
    }
    files
}

/// What follows each of these words, as far as an address goes.
fn addresses<'a>(text: &'a str, begins: &'a str) -> impl Iterator<Item = &'a str> {
    let ends = |c: char| c.is_whitespace() || "\"'`)<>,;".contains(c);
    let rest = text.split(begins).skip(1);
    rest.map(move |rest| rest.split(ends).next().unwrap_or("").trim_end_matches('.'))
}

#[test]
fn every_page_that_the_program_names_is_there() {
    let mut named = 0;
    for (file, text) in sources() {
        let online = addresses(&text, REPOSITORY).filter_map(|rest| {
            let below = rest.strip_prefix("/blob/main/");
            below.map(str::to_owned).or_else(|| {
                let mark = rest.strip_prefix('#')?;
                Some(format!("README.md#{mark}"))
            })
        });
        let plain = addresses(&text, "docs/").filter(|rest| rest.contains(".md"));
        let plain = plain.map(|rest| format!("docs/{rest}"));
        for address in online.chain(plain) {
            named += 1;
            let why = broken(Path::new("README.md"), &address);
            assert_eq!(why, None, "{} names {address}", file.display());
        }
    }
    assert!(named > 0, "the program names no page at all");
}

/// The variables of other programs that a person at a terminal has set already.
fn borrowed() -> BTreeSet<String> {
    let page = Page::read("docs/by-hand.md");
    let rows = page.table("variable");
    let names = rows.iter().flat_map(|row| code_spans(&row[0]));
    names.map(str::to_owned).collect()
}

/// The variables that an example sets or reads.
fn variables(example: &str) -> BTreeSet<String> {
    let words = example.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let families = ["VMSS_", "OCTOPUS_", "AZURE_"];
    words
        .filter(|word| families.iter().any(|family| word.starts_with(family)))
        .map(str::to_owned)
        .collect()
}

fn is_known(variable: &str) -> bool {
    if !variable.starts_with("VMSS_") {
        let of_octopus = ["Octopus.Space.Id", "Octopus.Environment.Id"].map(variable_name);
        return borrowed().contains(variable) || of_octopus.iter().any(|it| it == variable);
    }
    let set = [(variable.to_owned(), "1".to_owned())].into();
    match Settings::read(&set, &Flags::default()) {
        Err(Error::Settings(problems)) => !problems
            .iter()
            .any(|it| it.what.contains("is no parameter of this program")),
        _ => true,
    }
}

#[test]
fn every_variable_of_an_example_is_known() {
    let mut looked_at = 0;
    for page in Page::all() {
        for example in page.blocks(&["sh", "bash", "powershell"]) {
            for variable in variables(&example) {
                looked_at += 1;
                assert!(
                    is_known(&variable),
                    "{} sets {variable}, which nothing reads:\n{example}",
                    page.path.display()
                );
            }
        }
    }
    assert!(looked_at >= 6, "{looked_at} variables are few");
}

/// The flags that the program's own help has, of this command or of none.
fn flags(command: &[&str]) -> BTreeSet<String> {
    let help = Run::bare().arguments(command).argument("--help").run();
    let help = help.stdout;
    let words = help.split_whitespace().map(|word| {
        let end = |c: char| !c.is_ascii_lowercase() && c != '-';
        word.trim_matches(end).to_owned()
    });
    words.filter(|word| word.starts_with('-')).collect()
}

#[test]
fn every_flag_of_an_example_is_known() {
    let (of_runs, of_checks, of_setup) = (flags(&[]), flags(&["check"]), flags(&["setup"]));
    let mut looked_at = 0;
    assert!(of_runs.contains("--dry-run"), "{of_runs:?}");
    assert!(of_checks.contains("--runbook"), "{of_checks:?}");
    assert!(of_setup.contains("--go-live"), "{of_setup:?}");
    for page in Page::all() {
        for example in page.blocks(&["sh", "bash", "powershell"]) {
            let whole = example.replace("\\\n", " ");
            let commands = whole
                .lines()
                .filter(|line| line.starts_with("octopus-scale-in"));
            for command in commands {
                let known = match command.split_whitespace().nth(1) {
                    Some("check") => &of_checks,
                    Some("setup") => &of_setup,
                    _ => &of_runs,
                };
                let words = command.split_whitespace();
                for word in words.filter(|word| word.starts_with('-')) {
                    looked_at += 1;
                    assert!(
                        known.contains(word),
                        "{} types {word}, which is no flag:\n{example}",
                        page.path.display()
                    );
                }
            }
        }
    }
    assert!(looked_at >= 2, "{looked_at} flags are few");
}

#[test]
fn every_cron_line_has_six_fields() {
    let mut looked_at = 0;
    for page in Page::all() {
        let text = page.prose().join("\n");
        let blocks = page.blocks(&["text"]);
        let lines = blocks.iter().flat_map(|block| block.lines());
        for line in code_spans(&text).into_iter().chain(lines) {
            let fields: Vec<&str> = line.split(' ').collect();
            let is_field = |it: &&str| {
                !it.is_empty()
                    && it
                        .chars()
                        .all(|c| c.is_ascii_digit() || "*/,-?".contains(c))
            };
            if fields.len() > 3 && fields.iter().all(is_field) && line.contains('*') {
                looked_at += 1;
                assert_eq!(fields.len(), 6, "{}: {line}", page.path.display());
            }
        }
    }
    assert!(looked_at >= 2, "{looked_at} cron lines are few");
}
