//! What the program says when something is wrong, collected: a run that provokes it, and its message as people read it.

use crate::support::{Outcome, Run};
use sandbox::Sandbox;

/// A run that ends with something to say, in a world that was arranged for that.
pub struct Scene {
    pub sandbox: Sandbox,
    pub run: Run,
    /// The target whose row is shown as well.
    pub row: Option<&'static str>,
    /// Addresses and folders of this scene, and how they are shown.
    named: Vec<(String, String)>,
    /// What must live as long as the run.
    kept: Vec<Box<dyn std::any::Any + Send>>,
}

/// One thing that goes wrong.
pub struct Case {
    /// What it is, for the table.
    pub what: String,
    scene: Box<dyn Fn() -> Scene + Send + Sync>,
}

/// One message, in its three parts.
pub struct Message {
    /// All of it.
    pub text: String,
    /// What was attempted.
    pub attempted: String,
    /// What came back, or what the program found.
    pub found: String,
    /// What to do next.
    pub next: String,
}

/// What goes wrong in the scene that `make` arranges.
pub fn case(what: impl Into<String>, make: impl Fn() -> Scene + Send + Sync + 'static) -> Case {
    Case {
        what: what.into(),
        scene: Box::new(make),
    }
}

impl Scene {
    /// A step of a runbook in this world, which tries nothing twice.
    pub fn of(sandbox: Sandbox) -> Self {
        let run = Run::in_runbook(&sandbox);
        Self::with(sandbox, run)
    }

    /// Somebody at a terminal.
    pub fn by_hand(sandbox: Sandbox) -> Self {
        let run = Run::by_hand(&sandbox);
        Self::with(sandbox, run)
    }

    /// This run in this world.
    pub fn with(sandbox: Sandbox, run: Run) -> Self {
        let run = run.without_retries().set("VMSS_TIMEOUT_VALUE", "0.02");
        Self {
            sandbox,
            run,
            row: None,
            named: Vec::new(),
            kept: Vec::new(),
        }
    }

    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.run = self.run.set(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.run = self.run.without(name);
        self
    }

    /// The row of this target is shown, too.
    pub fn row(mut self, target: &'static str) -> Self {
        self.row = Some(target);
        self
    }

    /// Something of this scene is shown as that.
    pub fn named(mut self, as_is: impl Into<String>, shown: &str) -> Self {
        self.named.push((as_is.into(), shown.to_owned()));
        self
    }

    /// Something lives until the run has ended.
    pub fn keeping(mut self, it: impl std::any::Any + Send) -> Self {
        self.kept.push(Box::new(it));
        self
    }

    /// What differs from run to run, as it is shown.
    fn shown(&self, text: &str) -> String {
        let place = |url: String| {
            url.split_once("//")
                .map_or(url.clone(), |(_, it)| it.to_owned())
        };
        let octopus = place(self.sandbox.octopus_url());
        let plain = place(self.sandbox.octopus_http_url());
        let azure = place(self.sandbox.azure_url());
        let folder = self.sandbox.folder().display().to_string();
        let mut text = text.to_owned();
        for (as_is, shown) in &self.named {
            text = text.replace(as_is, shown);
        }
        for (as_is, shown) in [
            (octopus, "octopus.example.com"),
            (plain, "octopus.example.com"),
            (azure, "azure.example.com"),
            (folder, "/folder"),
        ] {
            text = text.replace(&as_is, shown);
        }
        masked(&text)
    }
}

impl Case {
    /// Runs it.
    pub fn messages(&self) -> Vec<Message> {
        let scene = (self.scene)();
        let outcome = scene.run.run();
        let mut texts: Vec<String> = Vec::new();
        for (level, line) in &outcome.lines {
            if let "error" | "warning" = level.as_str() {
                // By hand they have their level in words.
                let word = ["error: ", "warning: "]
                    .iter()
                    .find_map(|it| line.strip_prefix(it));
                texts.push(word.unwrap_or(line).to_owned());
            }
        }
        texts.extend(scene.row.and_then(|target| row_of(target, &outcome)));
        if texts.is_empty() {
            texts.push(format!("nothing, and exit code {}", outcome.code));
        }
        let shown = texts.iter().map(|text| scene.shown(text.trim()));
        shown.map(Message::read).collect()
    }
}

/// The row of a target in the plan, and the section that it stands in.
fn row_of(target: &str, outcome: &Outcome) -> Option<String> {
    let said = outcome.said("default");
    let lines: Vec<&str> = said.lines().collect();
    let is_row = |line: &str| line.starts_with("  ") && line.contains(target);
    let at = lines.iter().rposition(|line| is_row(line))?;
    let head = lines[..at].iter().rfind(|line| !line.starts_with("  "))?;
    let (section, _) = head.rsplit_once(" (")?;
    let row: Vec<&str> = lines[at].split_whitespace().collect();
    Some(format!("{ROW} \"{section}\": {}.", row.join(" ")))
}

/// How a row is introduced.
pub const ROW: &str = "In the plan, below";

/// How a sentence begins that says what to do.
const TO_DO: [&str; 27] = [
    "Add ",
    "Assign ",
    "Check ",
    "Choose ",
    "Compare ",
    "Enable ",
    "Give ",
    "Install ",
    "Let ",
    "Log in ",
    "Look ",
    "Make ",
    "Move ",
    "Register ",
    "Renew ",
    "Run ",
    "Set ",
    "Take ",
    "Upgrade ",
    "Use ",
    "What lifts it: ",
    "If they are",
    "If it stays",
    "Define ",
    "Example: ",
    "It takes ",
    "In the step, set ",
];

impl Message {
    fn read(text: String) -> Self {
        let sentences = sentences(&text);
        let (attempted, rest) = match sentences.split_first() {
            Some((first, rest)) if first.starts_with("Could not ") => (*first, rest),
            _ => ("", &sentences[..]),
        };
        // A setting has its name before what is wrong with it.
        let setting = attempted
            .is_empty()
            .then(|| text.split_once(": "))
            .flatten();
        let setting =
            setting.filter(|(name, _)| !name.contains(' ') && name.contains(['.', '_', '-']));
        let attempted = setting.map_or(attempted, |(name, _)| name);
        let to_do = |it: &&str| TO_DO.iter().any(|word| it.starts_with(word));
        // A server gives advice, too, and what was cut is its own.
        let cut = rest
            .iter()
            .rposition(|it| it.ends_with("[...]."))
            .map_or(0, |it| it + 1);
        let at = rest[cut..]
            .iter()
            .position(to_do)
            .map_or(rest.len(), |it| it + cut);
        let (found, next) = rest.split_at(at);
        Self {
            attempted: attempted.to_owned(),
            found: match setting {
                Some((name, _)) => found.join(" ").replacen(&format!("{name}: "), "", 1),
                None => found.join(" "),
            },
            next: next.join(" "),
            text,
        }
    }
}

/// Cut where a full stop is followed by a space and a capital letter.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(". ") {
        if text[at + 2..].starts_with(|c: char| c.is_ascii_uppercase()) {
            sentences.push(&text[from..=at]);
            from = at + 2;
        }
    }
    sentences.push(&text[from..]);
    sentences
}

/// Times, and what counts them, are other ones in every run.
fn masked(text: &str) -> String {
    let mut hours = 10..;
    let words = text.split(' ').map(|word| {
        let end = word.trim_end_matches(['.', ';', ',', ')', '\'']);
        let begun = end.trim_start_matches(['\'', '(']);
        let is_time = begun.len() >= 19 && begun.starts_with("20") && begun.contains('T');
        let is_seconds = matches!(begun, "19.9" | "20.0");
        let is_id =
            begun.len() == 36 && begun.matches('-').count() == 4 && !begun.contains("-0000-4000-");
        let shown = match (is_time, is_seconds, is_id) {
            (true, _, _) => {
                let hour: u8 = hours.next().unwrap_or_default();
                format!("2026-11-25T{hour}:00:00Z")
            }
            (_, true, _) => "20.0".to_owned(),
            (_, _, true) => "11111111-2222-4333-8444-555555555555".to_owned(),
            _ => return word.to_owned(),
        };
        word.replacen(begun, &shown, 1)
    });
    words.collect::<Vec<_>>().join(" ")
}
