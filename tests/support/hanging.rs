//! A deployment that hangs on a machine which is gone, and waits for guidance.

use crate::support::aftermath::Aftermath;
use crate::support::failure::expect_says;
use crate::support::{Run, settled};
use sandbox::{Interruption, InterruptionHandle, Route, Sandbox, World, minutes_ago};

/// The machine that it hangs on: gone, and its target.
pub const GONE: &str = "web000002";
pub const GONE_ID: &str = "Machines-3";
/// Another machine that is gone; nobody uses its target.
pub const OTHER: &str = "web000003";
/// Machines that exist.
pub const KEPT: [&str; 2] = ["web000000", "web000001"];
/// The owner of the key.
pub const SCALE_IN: &str = "Users-21";
/// The step that failed.
pub const STEP: &str = "Deploy the web site";

/// The world of these scenarios.
pub struct Hanging {
    pub sandbox: Sandbox,
    /// The task that waits.
    pub task: String,
    /// What it waits for.
    pub interruption: String,
}

impl Hanging {
    /// Four machines; a deployment goes to the first three of them, and hangs on the third, which was scaled in. So was the
    /// fourth.
    pub fn on_a_machine_that_is_gone() -> Self {
        let hanging = Self::on(GONE);
        hanging.sandbox.world(|world| {
            drop(world.scale_set("web").scale_in(&[GONE, OTHER]));
            world.check_all();
        });
        hanging
    }

    /// The same, and the interruption differs by this.
    pub fn with(change: impl FnOnce(InterruptionHandle<'_>) -> InterruptionHandle<'_>) -> Self {
        let hanging = Self::on_a_machine_that_is_gone();
        hanging.change(change);
        hanging
    }

    /// Four machines, all there; a deployment goes to the first three, and hangs on this one.
    pub fn on(machine: &str) -> Self {
        let sandbox = settled(4);
        let (task, interruption) = sandbox.world(|world| {
            let deployment = world.deployment().executing_since(minutes_ago(10));
            let deployment = deployment.naming(&["Machines-1", "Machines-2", GONE_ID]);
            let task = deployment.id();
            (task, deployment.hangs_on(STEP, machine).id())
        });
        Self {
            sandbox,
            task,
            interruption,
        }
    }

    /// Changes the interruption.
    pub fn change(&self, change: impl FnOnce(InterruptionHandle<'_>) -> InterruptionHandle<'_>) {
        self.sandbox
            .world(|world| drop(change(world.interruption(&self.interruption))));
    }

    /// The interruption as it is now.
    pub fn now(&self) -> Interruption {
        self.sandbox
            .world(|world| world.octopus.interruptions[&self.interruption].clone())
    }

    /// A runbook run that answers guided failures.
    pub fn run(&self) -> Run {
        answering(Run::in_runbook(&self.sandbox))
    }

    /// The deployment is over.
    pub fn ends(&self) {
        let ended = sandbox::now();
        self.sandbox
            .world(|world| drop(world.task(&self.task).ended("Success", ended)));
    }

    /// The machine is excluded, with a note; its target waits, and whatever else is gone is removed.
    #[track_caller]
    pub fn expect_excluded(&self, run: &Run) -> Aftermath {
        let aftermath = run
            .reconcile(&self.sandbox)
            .code(0)
            .removed(&[OTHER])
            .held(&[GONE])
            .verdict(GONE, "deferred", &self.task);
        self.expect_answer();
        aftermath
    }

    /// The answer was given: once, by the run, with a note.
    #[track_caller]
    pub fn expect_answer(&self) {
        let now = self.now();
        assert_eq!(
            now.guidance.as_deref(),
            Some("Exclude"),
            "the deployment waits on for a machine that is gone"
        );
        assert_eq!(now.responsible.as_deref(), Some(SCALE_IN));
        let notes = now.notes.unwrap_or_default();
        assert!(
            notes.contains(GONE) && notes.contains("gone"),
            "people who read the task do not learn why: {notes:?}"
        );
        assert_eq!(self.sandbox.count(Route::SubmitInterruption), 1);
    }

    /// The interruption is as it was, nobody tried to change it, and the log names it with the reason.
    #[track_caller]
    pub fn expect_left_alone(&self, run: &Run, reason: &str) -> Aftermath {
        let before = self.now();
        let aftermath = run.reconcile(&self.sandbox).code(0);
        self.expect_untouched(&before);
        let said = aftermath.outcome.stdout.lines();
        let said: Vec<&str> = said
            .filter(|line| line.contains(&self.interruption))
            .collect();
        let suffered = format!("nobody learns why {} was left alone", self.interruption);
        expect_says(&said.join("\n"), reason, suffered);
        aftermath
    }

    /// Nobody has touched it since it was like this.
    #[track_caller]
    pub fn expect_untouched(&self, before: &Interruption) {
        for route in [Route::ClaimInterruption, Route::SubmitInterruption] {
            let asked = self.sandbox.count(route);
            assert_eq!(
                asked, 0,
                "{route:?}: an answer that nobody could be sure of"
            );
        }
        let now = self.now();
        assert_eq!(now.guidance, before.guidance);
        assert_eq!(now.responsible, before.responsible);
    }
}

/// The same run, answering guided failures.
pub fn answering(run: Run) -> Run {
    run.set("VMSS_GUIDEDFAILURE_HANDLE", "Exclude")
        .set("VMSS_RETRY_SECONDS", "0")
}

/// The element of a task's log that its last step has for a machine.
pub fn machine_element<'a>(world: &'a mut World, task: &str) -> &'a mut sandbox::LogNode {
    let task = world.octopus.tasks.get_mut(task).expect("the task");
    let step = task.log.last_mut().expect("its step");
    step.children.last_mut().expect("the machine below it")
}
