//! What a run left behind: the registrations that are there no more, and what the run itself says about every target.

use crate::support::failure::{expect, expect_says};
use crate::support::{Outcome, Run, registered};
use sandbox::Sandbox;
use serde_json::Value;

/// A finished run, with what was registered before it and is registered since.
pub struct Aftermath {
    /// What the run said.
    pub outcome: Outcome,
    before: Vec<String>,
    after: Vec<String>,
}

/// A step of a runbook run with the usual settings, in a world that has settled.
pub fn reconcile(sandbox: &Sandbox) -> Aftermath {
    // Whoever waits for it to settle is wrong, and need not be for half an hour.
    Run::in_runbook(sandbox)
        .set("VMSS_TIMEOUT_VALUE", "0.1")
        .reconcile(sandbox)
}

/// The same where no machine is asked: what is promised about listings must hold without its word.
pub fn reconcile_unasked(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .set("VMSS_TIMEOUT_VALUE", "0.1")
        .asking_no_machine()
        .reconcile(sandbox)
}

impl Run {
    /// No machine is asked whether it answers.
    pub fn asking_no_machine(self) -> Self {
        self.set("VMSS_HEALTHY_HANDLE", "Remove")
    }

    /// Runs to the end.
    pub fn reconcile(&self, sandbox: &Sandbox) -> Aftermath {
        let before = registered(sandbox);
        let outcome = self.reporting().run();
        Aftermath {
            outcome,
            before,
            after: registered(sandbox),
        }
    }

    /// Requests that fail are not tried again, so that a lasting failure takes no time.
    pub fn without_retries(self) -> Self {
        self.set("VMSS_RETRY_SECONDS", "0")
    }
}

impl Aftermath {
    /// The exit code.
    #[track_caller]
    pub fn code(mut self, code: i32) -> Self {
        self.outcome = self.outcome.expect_code(code);
        self
    }

    /// Exactly these registrations are gone, and the outputs say so. For runs during which nobody else registers or
    /// removes targets.
    #[track_caller]
    pub fn removed<S: AsRef<str>>(self, names: &[S]) -> Self {
        let expected = texts(names);
        let mut lost = self.before.clone();
        for name in &self.after {
            let place = lost.iter().position(|gone| gone == name);
            lost.remove(place.expect("nobody registers a target meanwhile"));
        }
        expect(
            lost.iter().all(|name| expected.contains(name)),
            "registrations of machines that had to stay are lost",
            format!("{expected:?} go"),
            format!("{lost:?} are gone"),
        );
        expect(
            expected.iter().all(|name| lost.contains(name)),
            "registrations of machines that are gone were left behind",
            format!("{expected:?} go"),
            format!("{lost:?} are gone"),
        );
        self.says_removed(names)
    }

    /// No registration is gone, and the outputs say so.
    #[track_caller]
    pub fn nothing_removed(self) -> Self {
        self.removed::<&str>(&[])
    }

    /// The outputs name exactly these as removed, with an id each.
    #[track_caller]
    pub fn says_removed<S: AsRef<str>>(self, names: &[S]) -> Self {
        self.output("VMSSRemovedTargetNames", names, "as removed");
        self.ids("VMSSRemovedTargetIds", names.len());
        self
    }

    /// The outputs name exactly these as held.
    #[track_caller]
    pub fn held<S: AsRef<str>>(self, names: &[S]) -> Self {
        self.output("VMSSHeldTargetNames", names, "as held");
        self
    }

    /// Nothing needs anybody's eye.
    #[track_caller]
    pub fn nothing_held(self) -> Self {
        self.held::<&str>(&[])
    }

    /// Exactly these are handed to the steps that deploy, in this order.
    #[track_caller]
    pub fn deployed<S: AsRef<str>>(self, names: &[S]) -> Self {
        self.output("VMSSDeploymentTargetNames", names, "to deploy to");
        self.ids("VMSSDeploymentTargetIds", names.len());
        let any = if names.is_empty() { "False" } else { "True" };
        let said = self.outcome.output("VMSSHasServersToDeployTo");
        expect(
            said == any,
            "later steps branch on whether there is any target, and go the wrong way",
            any,
            said,
        );
        self
    }

    /// Nothing is handed to the steps that deploy.
    #[track_caller]
    pub fn nothing_deployed(self) -> Self {
        self.deployed::<&str>(&[])
    }

    /// Octopus has exactly these registrations left.
    #[track_caller]
    pub fn left<S: AsRef<str>>(self, names: &[S]) -> Self {
        let expected = texts(names);
        expect(
            self.after == expected,
            "other registrations are left than should be",
            format!("{expected:?}"),
            format!("{:?}", self.after),
        );
        self
    }

    /// Every target in scope has exactly this verdict in the end, in Octopus's order.
    #[track_caller]
    pub fn verdicts<S: AsRef<str>>(self, expected: &[(S, &str)]) -> Self {
        let rows = self.rows();
        let said = rows.iter().map(|row| (&*row.name, &*row.verdict));
        let said: Vec<(&str, &str)> = said.collect();
        let expected: Vec<(&str, &str)> = expected.iter().map(|(n, v)| (n.as_ref(), *v)).collect();
        expect(
            said == expected,
            "targets have other verdicts than they deserve",
            format!("{expected:?}"),
            format!("{said:?}"),
        );
        self
    }

    /// The target has this verdict in the end, and the reason says this.
    #[track_caller]
    pub fn verdict(self, name: &str, verdict: &str, reason: &str) -> Self {
        let rows = self.rows();
        let row = rows.iter().find(|row| row.name == name);
        let row = row.unwrap_or_else(|| {
            panic!("nobody learns what becomes of {name}: the report has no verdict")
        });
        expect(
            row.verdict == verdict,
            format!("{name} has another verdict than it deserves"),
            verdict,
            format!("{}: {}", row.verdict, row.reason),
        );
        let suffered = format!("nobody learns why {name} is {verdict}");
        expect_says(&row.reason, reason, suffered);
        self
    }

    /// The word of the target's verdict; empty where the report does not have it.
    pub fn word_of(&self, name: &str) -> String {
        let rows = self.rows();
        let row = rows.iter().find(|row| row.name == name);
        row.map_or_else(String::new, |row| row.verdict.to_owned())
    }

    /// A warning says this.
    #[track_caller]
    pub fn warned(self, text: &str) -> Self {
        self.said_at("warning", text)
    }

    /// An error says this.
    #[track_caller]
    pub fn complained(self, text: &str) -> Self {
        self.said_at("error", text)
    }

    /// A highlighted line says this.
    #[track_caller]
    pub fn highlighted(self, text: &str) -> Self {
        self.said_at("highlight", text)
    }

    /// Somewhere in the log this stands.
    #[track_caller]
    pub fn said(self, text: &str) -> Self {
        self.outcome.expect_said(text);
        self
    }

    #[track_caller]
    fn said_at(self, level: &str, text: &str) -> Self {
        self.outcome.expect_said_at(level, text);
        self
    }

    #[track_caller]
    fn output<S: AsRef<str>>(&self, output: &str, names: &[S], what: &str) {
        let (expected, said) = (texts(names), self.outcome.names(output));
        expect(
            said == expected,
            format!("{output} names other targets {what} than it should"),
            format!("{expected:?}"),
            format!("{said:?}"),
        );
    }

    /// An output names as many ids as there are names.
    #[track_caller]
    fn ids(&self, output: &str, names: usize) {
        let ids = self.outcome.names(output);
        expect(
            ids.len() == names,
            format!("{output} does not have an id for every name"),
            format!("{names} ids"),
            format!("{ids:?}"),
        );
    }

    /// The targets of the report, which has every one that is in scope.
    fn rows(&self) -> Vec<Row> {
        let report = self.outcome.report();
        let targets = report["targets"].as_array().expect("a list of targets");
        targets.iter().map(Row::read).collect()
    }
}

/// A target in the report.
struct Row {
    name: String,
    verdict: String,
    reason: String,
}

impl Row {
    fn read(target: &Value) -> Self {
        let text = |field: &str| target[field].as_str().unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            verdict: text("verdict"),
            reason: text("reason"),
        }
    }
}

fn texts<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}
