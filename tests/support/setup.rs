//! `setup` in a project as the guide begins: a scenario changes what is there, plans or applies, and looks at what came of it.

use crate::support::Run;
use crate::support::check::{Checked, text};
use crate::support::expect;
pub use crate::support::planned::{Planned, line};
use sandbox::{BeforeSetup, Kind, Sandbox, Service, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// The step template that this repository packs.
pub const TEMPLATE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/step-template/octopus-scale-in.json"
);
/// What the runbook is called where nobody says otherwise.
pub const RUNBOOK: &str = "Remove scaled-in targets";
/// The same of the machine policy.
pub const POLICY: &str = "Scale set machines";
/// The only account of the project, in Octopus's words.
pub const ACCOUNT: &str = "Azure subscription";
/// Where the program says that it made something.
pub const MARK: &str = "Made by octopus-scale-in setup";

/// All that Octopus keeps, by its id.
pub type Everything = BTreeMap<String, Value>;

/// A sandbox with what the guide begins with, and whoever sets up.
pub struct SettingUp {
    /// It.
    pub sandbox: Sandbox,
    /// Where everything is.
    pub before: BeforeSetup,
}

/// Where `setup` put what it made, by ids.
pub struct Made {
    /// The machine policy.
    pub policy: String,
    /// The step template.
    pub template: String,
    /// The runbook.
    pub runbook: String,
    /// Its process.
    pub process: String,
    /// The schedule.
    pub trigger: String,
}

impl SettingUp {
    /// An empty project.
    pub fn new() -> Self {
        let sandbox = Sandbox::start();
        let before = sandbox.world(World::before_setup);
        Self { sandbox, before }
    }

    /// An empty project but for this.
    pub fn but(change: impl FnOnce(&mut World, &BeforeSetup)) -> Self {
        let setting = Self::new();
        setting.change(change);
        setting
    }

    /// A project that was set up.
    pub fn done() -> Self {
        Self::done_but(|_, _| {})
    }

    /// A project that was set up on a server that is so.
    pub fn done_but(change: impl FnOnce(&mut World, &BeforeSetup)) -> Self {
        let setting = Self::but(change);
        setting.apply(&[]);
        setting
    }

    /// Somebody changes something.
    pub fn change(&self, change: impl FnOnce(&mut World, &BeforeSetup)) {
        self.sandbox.world(|world| change(world, &self.before));
    }

    /// Somebody changes what was set up.
    pub fn change_made(&self, change: impl FnOnce(&mut World, &Made)) {
        let made = self.made();
        self.sandbox.world(|world| change(world, &made));
    }

    /// As the person who sets up types it, with both keys and everything else that has to be known.
    pub fn run(&self, flags: &[&str]) -> Run {
        let run = self.bare(flags).arguments(&["--azure-account", ACCOUNT]);
        run.arguments(&["--template", TEMPLATE])
    }

    /// The same for whoever names neither the account nor the template.
    pub fn bare(&self, flags: &[&str]) -> Run {
        self.lost(flags)
            .arguments(&["-p", "Todo", "-e", "Production"])
    }

    /// The same for whoever names no project and no environment either.
    pub fn lost(&self, flags: &[&str]) -> Run {
        self.typed(&[&["-f", "json"], flags].concat())
    }

    /// The same for whoever reads the lines.
    pub fn typed(&self, flags: &[&str]) -> Run {
        Run::by_hand(&self.sandbox)
            .set("OCTOPUS_API_KEY", &self.before.administrator_key)
            .without("OCTOPUS_ENVIRONMENT_ID")
            .argument("setup")
            .arguments(flags)
    }

    /// What it plans.
    pub fn plan(&self, flags: &[&str]) -> Planned {
        Planned::of(self.run(flags).run())
    }

    /// It carries the plan out, to its end.
    #[track_caller]
    pub fn apply(&self, flags: &[&str]) -> Planned {
        let planned = self.plan(&[&["--apply"], flags].concat());
        planned.expect_code(0, "what can be set up is not");
        planned
    }

    /// It goes live.
    pub fn go_live(&self) -> Planned {
        self.plan(&["--go-live"])
    }

    /// A run of what is published that succeeds now.
    pub fn run_dry(&self) {
        let runbook = self.made().runbook;
        self.change(|world, before| {
            let now = sandbox::now();
            drop(world.runbook_ran(&runbook, &before.environment, "Success", now));
        });
    }

    /// `check` of what was set up, with both keys.
    pub fn check(&self) -> Checked {
        let run = Run::by_hand(&self.sandbox)
            .set("OCTOPUS_API_KEY", &self.before.administrator_key)
            .arguments(&["check", "-f", "json", "-p", "Todo", "-r", RUNBOOK]);
        Checked::of(run.run())
    }

    /// All that Octopus keeps, but for the links that a server writes anew with each answer.
    pub fn everything(&self) -> Everything {
        let mut all = self.sandbox.world(|world| world.everything());
        for fields in all.values_mut().filter_map(Value::as_object_mut) {
            fields.remove("Links");
        }
        all
    }

    /// The same without what a server counts with each save.
    pub fn content(&self) -> Everything {
        let mut all = self.everything();
        for fields in all.values_mut().filter_map(Value::as_object_mut) {
            for counted in ["Version", "LastModifiedOn", "LastModifiedBy"] {
                fields.remove(counted);
            }
        }
        all
    }

    /// What Octopus keeps of this id.
    #[track_caller]
    pub fn thing(&self, id: &str) -> Value {
        let thing = self.everything().remove(id);
        thing.unwrap_or_else(|| panic!("Octopus has no {id}"))
    }

    /// Where everything is that was set up.
    #[track_caller]
    pub fn made(&self) -> Made {
        self.made_as(RUNBOOK)
    }

    /// The same with another name of the runbook.
    #[track_caller]
    pub fn made_as(&self, runbook: &str) -> Made {
        self.sandbox.world(|world| {
            let id = |kind, name: &str| {
                let id = world.id_of(kind, name);
                id.unwrap_or_else(|| panic!("there is no {name} in Octopus"))
            };
            let policies = &world.octopus.machine_policies;
            let policy = policies.values().find(|it| it.name == POLICY);
            let runbook_id = id(Kind::Runbook, runbook);
            Made {
                policy: policy.map(|it| it.id.clone()).unwrap_or_default(),
                template: id(Kind::ActionTemplate, &template_name()),
                process: format!("RunbookProcess-{runbook_id}"),
                trigger: id(Kind::Trigger, &format!("{runbook} in Production")),
                runbook: runbook_id,
            }
        })
    }

    /// The requests that change something in Octopus: method and path.
    pub fn writes(&self) -> Vec<String> {
        let requests = self.sandbox.requests().into_iter();
        let octopus = requests.filter(|it| it.service == Service::Octopus && it.method != "GET");
        octopus
            .map(|it| format!("{} {}", it.method, it.path))
            .collect()
    }

    /// Since there were so many requests that change something, none has come.
    #[track_caller]
    pub fn expect_no_write_since(&self, count: usize, suffered: &str) {
        let more = self.writes().split_off(count);
        expect(
            more.is_empty(),
            suffered,
            "no request but GET",
            more.join("\n"),
        );
    }

    /// It waits for somebody: says so by this line, ends with 4, and has changed nothing.
    #[track_caller]
    pub fn expect_refused(&self, flags: &[&str], words: &str, suffered: &str) -> Planned {
        let (before, writes) = (self.everything(), self.writes().len());
        let planned = self.plan(&[&["--apply"], flags].concat());
        planned.expect_line(words, suffered);
        planned.expect_code(4, suffered);
        self.expect_no_write_since(writes, suffered);
        self.expect_changed(&before, &[], suffered);
        planned
    }

    /// A second run plans nothing and sends nothing but questions.
    #[track_caller]
    pub fn expect_settled(&self, flags: &[&str], suffered: &str) {
        let (before, writes) = (self.everything(), self.writes().len());
        let planned = self.apply(flags);
        let planned_more: Vec<String> = planned.lines_with(&['+', '~', '!']);
        expect(
            planned_more.is_empty(),
            suffered,
            "a plan without a change",
            planned_more.join("\n"),
        );
        self.expect_no_write_since(writes, suffered);
        self.expect_changed(&before, &[], suffered);
    }

    /// These things and no others are not what they were, or not there, or new: compared as [`Self::everything`] or
    /// [`Self::content`] gave them before. In a name one star stands for anything.
    #[track_caller]
    pub fn expect_changed(&self, before: &Everything, expected: &[&str], suffered: &str) {
        let now = match before.values().any(|it| it.get("Version").is_some()) {
            true => self.everything(),
            false => self.content(),
        };
        let ids = before.keys().chain(now.keys());
        let mut changed: Vec<&String> = ids.filter(|id| before.get(*id) != now.get(*id)).collect();
        changed.sort_unstable();
        changed.dedup();
        let fits = |pattern: &str, id: &str| match pattern.split_once('*') {
            Some((begins, ends)) => id.starts_with(begins) && id.ends_with(ends),
            None => id == pattern,
        };
        let strange = changed
            .iter()
            .filter(|id| !expected.iter().any(|it| fits(it, id)));
        let missing = expected
            .iter()
            .filter(|it| !changed.iter().any(|id| fits(it, id)));
        let strange: Vec<String> = strange
            .map(|id| format!("{id}: {}", differences(before.get(*id), now.get(*id))))
            .collect();
        let missing: Vec<&&str> = missing.collect();
        expect(
            strange.is_empty() && missing.is_empty(),
            suffered,
            format!("changes of {expected:?} alone"),
            format!(
                "unchanged {missing:?}, changed as well:\n{}",
                strange.join("\n")
            ),
        );
    }
}

/// Values of a thing, by the names that lead to each.
#[track_caller]
pub fn expect_values(thing: &Value, values: &[(&str, Value)], suffered: &str) {
    for (path, expected) in values {
        let found = thing.pointer(path).unwrap_or(&Value::Null);
        expect(
            found == expected,
            format!("{suffered}: {path}"),
            expected,
            format!("{found} in {thing:#}"),
        );
    }
}

/// How one thing differs from what it was: each field with both of its values.
pub fn differences(was: Option<&Value>, is: Option<&Value>) -> String {
    let (Some(was), Some(is)) = (was, is) else {
        let words = if is.is_some() { "new" } else { "gone" };
        return format!("{words}, {:#}", is.or(was).cloned().unwrap_or_default());
    };
    let names = |json: &Value| {
        json.as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    let mut names: Vec<String> = names(was).into_iter().chain(names(is)).collect();
    names.sort_unstable();
    names.dedup();
    let differing = names
        .iter()
        .filter(|it| was.get(it.as_str()) != is.get(it.as_str()));
    let told =
        differing.map(|it| format!("{it} was {} and is {}", was[it.as_str()], is[it.as_str()]));
    told.collect::<Vec<_>>().join("; ")
}

/// What the packed step template is called.
pub fn template_name() -> String {
    text(&template_file(), "Name").to_owned()
}

/// The packed step template.
pub fn template_file() -> Value {
    let packed = std::fs::read_to_string(TEMPLATE).expect("the step template is packed");
    serde_json::from_str(&packed).expect("the step template is JSON")
}
