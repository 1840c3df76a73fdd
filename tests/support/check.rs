//! `check` against the set-up of the guide, which is complete and right: a scenario changes one thing.

use crate::support::Run;
use crate::support::expect;
use crate::support::outcome::Outcome;
use sandbox::{Guide, Sandbox, World};
use serde_json::Value;

/// A sandbox with the set-up of the guide.
pub struct Guided {
    /// It.
    pub sandbox: Sandbox,
    /// Where everything is.
    pub guide: Guide,
}

impl Guided {
    /// The right one, whose runs end before the next is due.
    pub fn new() -> Self {
        let sandbox = Sandbox::start();
        let guide = sandbox.world(|world| {
            let guide = world.guide();
            guide.parameter(world, "VMSS.Timeout.Value", Some("5"));
            guide.publish(world);
            guide
        });
        Self { sandbox, guide }
    }

    /// The right one but for this.
    pub fn but(change: impl FnOnce(&mut World, &Guide)) -> Self {
        let guided = Self::new();
        let guide = &guided.guide;
        guided.sandbox.world(|world| change(world, guide));
        guided
    }

    /// As the person who sets things up types it, with the schedule's key beside their own.
    pub fn run(&self) -> Run {
        self.run_with("-p", &self.guide.project)
    }

    /// The same, with another project or runbook.
    pub fn run_with(&self, flag: &str, name: &str) -> Run {
        let named = |own: &str, usual: &str| {
            if own == flag {
                name.to_owned()
            } else {
                usual.to_owned()
            }
        };
        let project = named("-p", &self.guide.project);
        let runbook = named("-r", &self.guide.runbook);
        Run::by_hand(&self.sandbox)
            .set("OCTOPUS_API_KEY", &self.guide.administrator_key)
            .arguments(&["check", "-f", "json", "-p", &project, "-r", &runbook])
    }

    /// Checks.
    pub fn check(&self) -> Checked {
        Checked::of(self.run().run())
    }
}

/// What a check found.
pub struct Checked {
    /// How it ended.
    pub outcome: Outcome,
    /// Its findings.
    pub findings: Vec<Value>,
}

impl Checked {
    /// Reads what a check with `-f json` printed.
    pub fn of(outcome: Outcome) -> Self {
        let read: Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
        let findings = read["checks"].as_array().cloned().unwrap_or_default();
        Self { outcome, findings }
    }

    /// Which findings do not pass, each with its status: `FAIL schedule`.
    pub fn odd(&self) -> Vec<String> {
        let odd = self.findings.iter().filter(|it| it["status"] != "PASS");
        let named = odd.map(|it| format!("{} {}", text(it, "status"), text(it, "id")));
        let mut named: Vec<String> = named.collect();
        named.dedup();
        named
    }

    /// These and no other findings do not pass, and each of them tells what to do.
    #[track_caller]
    pub fn expect_only(&self, odd: &[&str], suffered: &str) {
        let told = self.findings.iter().filter(|it| it["status"] != "PASS");
        let told: Vec<String> = told.map(|it| format!("{it:#}")).collect();
        let found = self.odd();
        expect(
            found == odd,
            suffered,
            format!("{odd:?}"),
            format!("{found:?}\n{}", told.join("\n")),
        );
        let silent = self.findings.iter().find(|it| {
            it["status"] != "PASS"
                && (text(it, "action").is_empty() || text(it, "found").is_empty())
        });
        expect(
            silent.is_none() && !self.findings.is_empty(),
            "somebody is told that something is wrong, and not what to do",
            "what to do",
            format!("{silent:?}"),
        );
    }

    /// A finding of this id says this: what was found, or what to do.
    #[track_caller]
    pub fn expect_says(&self, id: &str, words: &str) {
        let of_id = self.findings.iter().filter(|it| it["id"] == id);
        let texts = of_id.map(|it| {
            format!(
                "{}: {}. {}",
                text(it, "subject"),
                text(it, "found"),
                text(it, "action")
            )
        });
        let texts: Vec<String> = texts.collect();
        expect(
            texts.iter().any(|it| it.contains(words)),
            format!("a finding {id} does not say what it should"),
            words,
            texts.join("\n"),
        );
    }

    /// No finding of this id passes.
    #[track_caller]
    pub fn expect_no_pass(&self, id: &str) {
        let mut of_id = self.findings.iter().filter(|it| it["id"] == id);
        let passes = of_id.find(|it| it["status"] == "PASS");
        expect(
            passes.is_none(),
            "somebody is told that all is right, and nobody knows",
            format!("no {id} passes"),
            format!("{passes:?}"),
        );
    }

    /// No finding of this id fails.
    #[track_caller]
    pub fn expect_no_fail(&self, id: &str) {
        let mut of_id = self.findings.iter().filter(|it| it["id"] == id);
        let fails = of_id.find(|it| it["status"] == "FAIL");
        expect(
            fails.is_none(),
            "what is right is called wrong",
            format!("no {id} fails"),
            format!("{fails:?}"),
        );
    }

    /// No finding of this id says this.
    #[track_caller]
    pub fn expect_says_not(&self, id: &str, words: &str) {
        let of_id = self.findings.iter().filter(|it| it["id"] == id);
        let mut texts = of_id.map(|it| format!("{}. {}", text(it, "found"), text(it, "action")));
        let says = texts.find(|it| it.contains(words));
        expect(
            says.is_none(),
            format!("a finding {id} says what it should not"),
            format!("nothing of {words}"),
            format!("{says:?}"),
        );
    }

    /// It ends so.
    #[track_caller]
    pub fn expect_code(&self, code: i32) {
        expect(
            self.outcome.code == code,
            "a script that checks is misled",
            code,
            self.outcome.code,
        );
    }
}

/// A mistake, how it is made, and what is found.
pub type Mistake = (
    &'static str,
    fn(&mut World, &Guide),
    &'static [&'static str],
);

/// Each is found alone.
pub fn found_alone(mistakes: &[Mistake]) {
    for (mistake, make, found) in mistakes {
        let checked = Guided::but(*make).check();
        checked.expect_only(found, &format!("the mistake: {mistake}"));
        let fails = found.iter().any(|it| it.starts_with("FAIL"));
        checked.expect_code(if fails { 2 } else { 0 });
    }
}

/// What is found, how it comes to be, and in which words.
pub type Told = (
    &'static str,
    fn(&mut World, &Guide),
    &'static [&'static str],
    &'static str,
);

/// Each is found alone, in its words.
pub fn told(id: &str, outcomes: &[Told]) {
    for (what, make, found, words) in outcomes {
        let checked = Guided::but(*make).check();
        checked.expect_only(found, what);
        checked.expect_says(id, words);
    }
}

/// A field of a finding.
pub fn text<'v>(finding: &'v Value, field: &str) -> &'v str {
    finding[field].as_str().unwrap_or_default()
}
