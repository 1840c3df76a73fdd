//! Duplicate runs, over random histories: whoever is called a duplicate leaves out no machine that nobody deployed to.

use crate::law::always;
use crate::policy::{now, target};
use octopus_scale_in::reconcile::snapshot::Target;
use octopus_scale_in::redeployments::history::{
    Earlier, Event, EventKind, PastDeployment, Record, executions, is_old, near_successes,
    own_execution, with_record,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

const WINDOW: Duration = Duration::from_secs(180);

/// What Octopus is like, and what of the past can be seen.
#[derive(Debug, Clone, Copy)]
struct Server {
    /// Ids are handed on to another project, which deploys to all of them; else only the machines that triggered the run.
    parent_project: bool,
    /// All runs share one task, whose log then has several sections.
    one_task: bool,
    /// The audit log names tasks.
    names_tasks: bool,
    /// The audit log knows when runs began.
    tells_starts: bool,
    /// The lines of logs have their times.
    times_lines: bool,
    /// Events before this second are purged.
    purged_before: u64,
}

/// What happens between two runs, or in one.
#[derive(Debug, Clone)]
struct Turn {
    /// Registered, or made anew, before the run is queued.
    new: Vec<usize>,
    /// Seconds from the turn before: until it is queued, from there to the start at the earliest, the step, the deployment,
    /// the end.
    pauses: [u64; 5],
    /// Made anew after the step has recorded what it handed out.
    reimaged: Vec<usize>,
    /// What the trigger named, in a plain project.
    triggered_by: Vec<usize>,
    /// Cancelled while it waited.
    cancelled_in_queue: bool,
    /// The deployment to the machines went well, and so did the run.
    deployed_well: bool,
    ended_well: bool,
    /// The audit log does not know that it ended.
    end_is_lost: bool,
    /// The log still has the record.
    recorded: bool,
}

/// Everything that is true, and what can be seen of it.
struct World {
    server: Server,
    clock: u64,
    /// When the run before ended.
    free: u64,
    /// The registered machines: which certificate each has.
    machines: HashMap<usize, u32>,
    certificates: u32,
    events: Vec<Event>,
    records: Vec<Record>,
    /// By machine: the tasks in its history.
    history: HashMap<usize, Vec<PastDeployment>>,
    /// Which machines, as they were made, somebody really deployed to.
    deployed_to: HashSet<(usize, u32)>,
}

fn second(second: u64) -> SystemTime {
    now() + Duration::from_secs(second)
}

impl World {
    fn new(server: Server) -> Self {
        Self {
            server,
            clock: 0,
            free: 0,
            machines: HashMap::new(),
            certificates: 0,
            events: Vec::new(),
            records: Vec::new(),
            history: HashMap::new(),
            deployed_to: HashSet::new(),
        }
    }

    fn make(&mut self, machines: &[usize]) {
        for machine in machines {
            self.certificates += 1;
            self.machines.insert(*machine, self.certificates);
        }
    }

    fn task(&self, run: usize) -> String {
        let number = if self.server.one_task { 0 } else { run };
        format!("ServerTasks-{number}")
    }

    fn happened(&mut self, kind: EventKind, at: u64, run: usize) {
        let task = self.server.names_tasks.then(|| self.task(run));
        let seen = at >= self.server.purged_before
            && (kind != EventKind::Started || self.server.tells_starts);
        let at = second(at);
        self.events.extend(seen.then_some(Event { kind, at, task }));
    }

    fn targets(&self) -> Vec<Target> {
        let mut machines: Vec<(&usize, &u32)> = self.machines.iter().collect();
        machines.sort();
        let registered = |(machine, certificate): (&usize, &u32)| Target {
            thumbprint: Some(format!("{certificate:08X}")),
            ..target(*machine, "")
        };
        machines.into_iter().map(registered).collect()
    }

    /// One run, up to the point where it knows what it would hand out. Returns when it began.
    fn begin(&mut self, run: usize, turn: &Turn) -> Option<u64> {
        let [queue, start, step, ..] = turn.pauses;
        self.make(&turn.new);
        self.clock += queue;
        self.happened(EventKind::Queued, self.clock, run);
        if turn.cancelled_in_queue {
            self.happened(EventKind::Ended, self.clock + 1, run);
            return None;
        }
        let began = self.free.max(self.clock) + start + 1;
        self.happened(EventKind::Started, began, run);
        self.free = began + step + 1;
        Some(began)
    }

    /// What it is called by what can be seen, asked as the program asks.
    fn duplicate(&self, run: usize, chosen: &[Target]) -> Option<Earlier> {
        let executions = executions(self.events.clone());
        let own = own_execution(&executions, Some(&self.task(run)))?;
        let near = near_successes(&executions, own, WINDOW);
        let none = Vec::new();
        let history = |target: &Target| {
            let machine = target.id.0.trim_start_matches("Machines-").parse::<usize>();
            let seen = self.history.get(&machine.expect("a number"));
            seen.unwrap_or(&none).clone()
        };
        let mut earlier = near
            .into_iter()
            .filter_map(|execution| with_record(&executions, execution, &self.records));
        earlier.find(|earlier| {
            let by = chosen
                .iter()
                .map(|target| earlier.reached_by(&history(target)));
            let by_one = by.reduce(|before, by| before.intersection(&by).cloned().collect());
            by_one.is_some_and(|projects| !projects.is_empty())
                && chosen.iter().all(|target| earlier.has(target))
        })
    }

    /// The rest of a run that hands out these.
    fn end(&mut self, run: usize, began: u64, turn: &Turn, handed_out: &[Target]) {
        let [.., deployment, rest] = turn.pauses;
        let step = self.free;
        if turn.recorded {
            let thumbprint = |target: &Target| target.thumbprint.clone().unwrap_or_default();
            self.records.push(Record {
                written: self.server.times_lines.then(|| second(step)),
                task: self.task(run),
                handed_out: handed_out
                    .iter()
                    .map(|target| (target.id.clone(), thumbprint(target)))
                    .collect(),
            });
        }
        self.make(&turn.reimaged);
        let deployment = step + deployment + 1;
        for machine in self.reached(turn, handed_out) {
            self.deploy(run, began, deployment, turn, machine);
        }
        self.free = deployment + rest + 1;
        let kind = if turn.ended_well {
            EventKind::Succeeded
        } else {
            EventKind::Ended
        };
        if !turn.end_is_lost {
            self.happened(kind, self.free, run);
        }
    }

    /// Where Octopus really deploys to.
    fn reached(&self, turn: &Turn, handed_out: &[Target]) -> Vec<usize> {
        let all: Vec<usize> = self.machines.keys().copied().collect();
        let is_handed_out = |machine: &usize| {
            let id = target(*machine, "").id;
            handed_out.iter().any(|target| target.id == id)
        };
        if self.server.parent_project {
            all.into_iter().filter(is_handed_out).collect()
        } else {
            let named = |machine: &usize| turn.triggered_by.contains(machine);
            all.into_iter().filter(named).collect()
        }
    }

    fn deploy(&mut self, run: usize, began: u64, at: u64, turn: &Turn, machine: usize) {
        let certificate = self.machines[&machine];
        if turn.deployed_well {
            self.deployed_to.insert((machine, certificate));
        }
        let history = self.history.entry(machine).or_default();
        if self.server.parent_project {
            history.push(PastDeployment {
                task: format!("ServerTasks-child-of-{run}"),
                project: Some("Projects-2".into()),
                began: Some(second(at)),
                succeeded: turn.deployed_well,
            });
            return;
        }
        // In one task for all runs this one's state is overwritten by the next, and that is going on still.
        let succeeded = turn.deployed_well && turn.ended_well && !self.server.one_task;
        history.push(PastDeployment {
            task: if self.server.one_task {
                "ServerTasks-0".into()
            } else {
                format!("ServerTasks-{run}")
            },
            project: Some("Projects-1".into()),
            began: Some(second(began)),
            succeeded,
        });
    }
}

fn some_machines(most: usize) -> BoxedStrategy<Vec<usize>> {
    vec(0..4_usize, 0..=most).boxed()
}

fn server() -> BoxedStrategy<Server> {
    let purged = prop_oneof![6 => Just(0_u64), 1 => 0..900_u64];
    let usual = prop::bool::weighted(0.8);
    (any::<[bool; 3]>(), [usual, usual], purged)
        .prop_map(|(any, usual, purged_before)| {
            let [tells_starts, times_lines] = usual;
            let [parent_project, one_task, names_tasks] = any;
            Server {
                parent_project,
                one_task,
                names_tasks,
                tells_starts,
                times_lines,
                purged_before,
            }
        })
        .boxed()
}

fn turn() -> BoxedStrategy<Turn> {
    let pause = || select(vec![0_u64, 1, 20, 60, 179, 180, 181, 400]);
    let pauses = [pause(), pause(), pause(), pause(), pause()];
    let (often, seldom) = (prop::bool::weighted(0.85), prop::bool::weighted(0.1));
    let triggered_by = prop_oneof![2 => Just((0..4).collect()), 1 => some_machines(2)];
    let new = prop_oneof![1 => Just(Vec::new()), 2 => some_machines(2)];
    let machines = (new, some_machines(1), triggered_by);
    (machines, pauses, [seldom, seldom], [often, often, often])
        .prop_map(
            |((new, reimaged, triggered_by), pauses, [cancelled_in_queue, end_is_lost], good)| {
                Turn {
                    new,
                    pauses,
                    reimaged,
                    triggered_by,
                    cancelled_in_queue,
                    end_is_lost,
                    deployed_well: good[0],
                    ended_well: good[1],
                    recorded: good[2],
                }
            },
        )
        .boxed()
}

#[test]
fn no_duplicate_leaves_out_a_machine_that_nobody_deployed_to() {
    always((server(), vec(turn(), 1..8)), |(server, turns), cases| {
        let mut world = World::new(server);
        for (run, turn) in turns.iter().enumerate() {
            let Some(began) = world.begin(run, turn) else {
                continue;
            };
            let chosen = world.targets();
            let duplicate = world.duplicate(run, &chosen);
            if let Some(earlier) = &duplicate {
                cases.count("a duplicate in a parent project", server.parent_project);
                cases.count("a duplicate in a plain project", !server.parent_project);
                for target in &chosen {
                    let machine = target.id.0.trim_start_matches("Machines-");
                    let machine: usize = machine.parse().expect("a number");
                    let as_made = (machine, world.machines[&machine]);
                    prop_assert!(
                        world.deployed_to.contains(&as_made),
                        "{} was never deployed to as it is now, and is left out as handed out by {earlier:?}",
                        target.id
                    );
                }
            }
            cases.count("no duplicate", duplicate.is_none());
            let handed_out = if duplicate.is_some() {
                Vec::new()
            } else {
                chosen
            };
            world.end(run, began, turn, &handed_out);
        }
        Ok(())
    });
}

#[test]
fn old_is_only_who_is_known_to_have_been_there_longer_than_the_window() {
    let moment = || (0..1000_u64).prop_map(second);
    let registered = proptest::option::of(moment());
    always((registered, moment()), |(registered, queued), cases| {
        let old = is_old(registered, queued, WINDOW);
        cases.count("old", old);
        cases.count("registered after it was queued", registered > Some(queued));
        match registered {
            Some(registered) => prop_assert_eq!(old, registered + WINDOW < queued),
            None => prop_assert!(!old),
        }
        Ok(())
    });
}
