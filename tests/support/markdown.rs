//! The documentation as tests read it: pages, headings, tables, blocks of code.

use std::path::{Path, PathBuf};

/// The folder that the repository is checked out in.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One page.
pub struct Page {
    /// Where it is, below the repository's folder.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl Page {
    /// The page of this path below the repository's folder.
    pub fn read(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let file = root().join(&path);
        let text = std::fs::read_to_string(&file);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { path, text }
    }

    /// All pages for users and contributors, sorted.
    pub fn all() -> Vec<Self> {
        let mut paths = Vec::new();
        collect(Path::new(""), &mut paths);
        paths.sort();
        paths.into_iter().map(Self::read).collect()
    }

    /// The lines outside of blocks of code.
    pub fn prose(&self) -> Vec<&str> {
        let mut code = false;
        let lines = self.text.lines().filter(|line| {
            let fence = line.trim_start().starts_with("```");
            code ^= fence;
            !fence && !code
        });
        lines.collect()
    }

    /// The blocks of code of these languages.
    pub fn blocks(&self, languages: &[&str]) -> Vec<String> {
        let mut blocks = Vec::new();
        let mut open: Option<Option<String>> = None;
        for line in self.text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take().flatten()),
                (Some(language), None) => {
                    open = Some(languages.contains(&language.trim()).then(String::new));
                }
                (None, Some(Some(block))) => {
                    block.push_str(line);
                    block.push('\n');
                }
                (None, _) => {}
            }
        }
        blocks
    }

    /// What a link may name behind `#`: the headings as GitHub spells them, and marks of our own.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for line in self.prose() {
            if let Some(heading) = line.trim_start_matches('#').strip_prefix(' ')
                && line.starts_with('#')
            {
                let plain = anchor(heading);
                let before = anchors.iter().filter(|it| **it == plain).count();
                anchors.push(match before {
                    0 => plain,
                    _ => format!("{plain}-{before}"),
                });
            }
            let marks = line.split("<a id=\"").skip(1);
            anchors.extend(marks.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
        anchors
    }

    /// Where its links lead, pictures included.
    pub fn links(&self) -> Vec<&str> {
        let prose = self.prose().into_iter();
        let targets = prose.flat_map(|line| line.split("](").skip(1));
        targets
            .filter_map(|rest| Some(rest.split_once(')')?.0))
            .collect()
    }

    /// The cells of the table whose first column is headed so, without its head.
    pub fn table(&self, head: &str) -> Vec<Vec<String>> {
        let begins = format!("| {head} |");
        let mut rows = self
            .text
            .lines()
            .skip_while(|row| !row.starts_with(&begins));
        assert!(
            rows.next().is_some(),
            "{} has a table that begins with '{begins}'",
            self.path.display()
        );
        let rows = rows.skip(1).take_while(|row| row.starts_with('|'));
        let cells = |row: &str| {
            let row = row.trim().trim_matches('|');
            row.split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect()
        };
        rows.map(cells).collect()
    }
}

/// A heading as GitHub makes an anchor of it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

/// What stands in backticks.
pub fn code_spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn collect(below: &Path, pages: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(root().join(below)).expect("the folder can be read");
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = below.join(&name);
        let is_page = name.ends_with(".md");
        let skipped = name.starts_with('.') || name == "target" || name == "dist";
        if entry.path().is_dir() && !skipped {
            collect(&path, pages);
        } else if is_page {
            pages.push(path);
        }
    }
}
