//! A deployment that a deployment target trigger queues again, with the real binary as a step of every run of it.

use crate::support::aftermath::Aftermath;
use crate::support::failure::expect_says;
use crate::support::{Run, settled};
use sandbox::{Sandbox, Time, World, minutes_ago, seconds};
use std::collections::BTreeMap;

/// The name of the step.
pub const STEP: &str = "Check VMSS Provision Status";

/// The machines that are there from the start.
pub const HOSTS: [&str; 3] = ["web000000", "web000001", "web000002"];

/// The task of a deployment that is queued again. The documentation tells of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    TheSameTask,
    AnotherTask,
}

/// Both ways.
pub const EITHER: [Under; 2] = [Under::TheSameTask, Under::AnotherTask];

/// The deployment, and the run of it that goes on, or went last.
pub struct Redeployment {
    pub sandbox: Sandbox,
    under: Under,
    deployment: String,
    task: String,
    /// When the last run that has ended did so.
    pub ended: Time,
}

impl Redeployment {
    /// Three machines, and a deployment that somebody started 20 minutes ago.
    pub fn began(under: Under) -> Self {
        let sandbox = settled(3);
        let (task, deployment) = sandbox.world(|world| {
            let task = world.deployment().queued(minutes_ago(20));
            let task = task.began(minutes_ago(20) + seconds(3));
            (task.id(), task.document())
        });
        Self {
            sandbox,
            under,
            deployment,
            task,
            ended: minutes_ago(10),
        }
    }

    /// It has handed out all three, a child project has deployed to them, and it succeeded ten minutes ago.
    pub fn succeeded(under: Under) -> Self {
        let mut redeployment = Self::began(under);
        redeployment.step_runs();
        redeployment.child_deploys("Success", &HOSTS);
        redeployment.ends("Success");
        redeployment
    }

    /// The step runs for real, and what it prints becomes the log of its step.
    pub fn step_runs(&self) -> Aftermath {
        self.step_runs_and_leaves(str::to_owned)
    }

    /// The same, and this is left of what it printed.
    pub fn step_runs_and_leaves(&self, shorten: impl FnOnce(&str) -> String) -> Aftermath {
        let aftermath = self.run().reconcile(&self.sandbox).code(0);
        self.log(STEP, &shorten(&aftermath.outcome.stdout));
        aftermath
    }

    /// The step runs for real, and its lines were written then.
    pub fn step_runs_at(&self, at: Time) {
        self.step_runs();
        self.sandbox.world(|world| {
            let task = world.octopus.tasks.get_mut(&self.task).expect("the task");
            let step = task.log.last_mut().expect("its step");
            step.at = Some(at);
            step.children
                .iter_mut()
                .for_each(|below| below.at = Some(at));
        });
    }

    /// A step of this name printed this.
    pub fn log(&self, step: &str, output: &str) {
        self.sandbox
            .world(|world| drop(world.task(&self.task).log(step, output)));
    }

    /// A deployment of a child project went to these machines while the run went on, and ended two minutes before it.
    pub fn child_deploys(&self, state: &str, hosts: &[&str]) {
        self.child_deploys_at(self.ended - seconds(120), state, hosts);
    }

    /// The same, and it ended then.
    pub fn child_deploys_at(&self, ended: Time, state: &str, hosts: &[&str]) {
        self.sandbox.world(|world| {
            let ids = ids(world, hosts);
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let child = world.deployment().project("Projects-2");
            let child = child.completed(state, ended - seconds(1), ended);
            drop(child.naming(&ids));
        });
    }

    /// The run is over, ten minutes ago where nothing else is said.
    pub fn ends(&mut self, state: &str) {
        self.ends_at(state, self.ended);
    }

    /// The run is over since then.
    pub fn ends_at(&mut self, state: &str, at: Time) {
        self.ended = at;
        self.sandbox
            .world(|world| drop(world.task(&self.task).ended(state, at)));
    }

    /// The trigger queued it again, so many seconds after the last run has ended; the new run goes on.
    pub fn queued_after(&mut self, after: i64) -> Run {
        let queued = self.ended + seconds(after);
        let began = queued.max(self.ended) + seconds(5);
        let (under, deployment) = (self.under, self.deployment.clone());
        self.task = self.sandbox.world(|world| {
            let task = match under {
                Under::TheSameTask => world.task(&self.task).queued_again(queued),
                Under::AnotherTask => world.deployment().of_document(&deployment).queued(queued),
            };
            task.began(began).id()
        });
        self.run()
            .set("OCTOPUS_DEPLOYMENT_TRIGGER_ID", "ProjectTriggers-1")
    }

    /// The trigger queued it again one minute later.
    pub fn queued_again(&mut self) -> Run {
        self.queued_after(60)
    }

    /// The step of the run that goes on, as of one that a person started.
    fn run(&self) -> Run {
        Run::by_hand(&self.sandbox)
            .set("OCTOPUS_TASK_ID", &self.task)
            .set("OCTOPUS_DEPLOYMENT_ID", &self.deployment)
            .set("OCTOPUS_STEP_NAME", STEP)
            .set("VMSS_RETRY_SECONDS", "0")
    }

    /// The id of the run's task.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Another machine comes up and registers.
    pub fn machine_comes_up(&self) -> String {
        self.sandbox.world(|world| {
            let machines = world.scale_set("web").scale_out(1).list();
            let machine = machines.last().expect("a machine came up");
            world.register(machine);
            machine.host()
        })
    }
}

/// The ids of the targets of these names.
pub fn ids(world: &mut World, hosts: &[&str]) -> Vec<String> {
    let id = |host: &&str| world.existing_target(host).id();
    hosts.iter().map(id).collect()
}

/// What a run records of these targets: their ids and thumbprints.
pub fn record(sandbox: &Sandbox, hosts: &[&str]) -> String {
    sandbox.world(|world| {
        let by_name: BTreeMap<&str, String> = world
            .octopus
            .targets
            .values()
            .map(|target| {
                let thumbprint = target.thumbprint.clone().unwrap_or_default();
                (target.name.as_str(), format!("{}/{thumbprint}", target.id))
            })
            .collect();
        let entries: Vec<&str> = hosts.iter().map(|host| by_name[host].as_str()).collect();
        entries.join(",")
    })
}

/// The warnings of a run, one line each.
pub fn warnings(aftermath: &Aftermath) -> Vec<String> {
    let lines = aftermath.outcome.lines.iter();
    let warnings = lines.filter(|(level, _)| level == "warning");
    warnings.map(|(_, line)| line.clone()).collect()
}

impl Aftermath {
    /// The run is a duplicate: it says so, in its report, too, and hands out nothing.
    #[track_caller]
    pub fn duplicate(self) -> Self {
        let aftermath = self.code(0).nothing_deployed().highlighted("Duplicate run");
        let report = aftermath.outcome.report();
        let told = report["result"]["duplicate"].as_str().unwrap_or_default();
        expect_says(
            told,
            "The same deployment succeeded at",
            "nobody learns later why",
        );
        aftermath
    }

    /// The run is none, and hands out exactly these.
    #[track_caller]
    pub fn deploys<S: AsRef<str>>(self, hosts: &[S]) -> Self {
        self.code(0).deployed(hosts)
    }

    /// The run is none, hands out all, and one warning says this.
    #[track_caller]
    pub fn deploys_with_a_warning(self, text: &str) -> Self {
        let aftermath = self.deploys(&HOSTS).warned(text);
        let warnings = warnings(&aftermath);
        assert_eq!(warnings.len(), 1, "one warning is enough: {warnings:#?}");
        aftermath
    }
}
