//! What holds of `setup` whatever goes wrong: what is told adds up, nothing is there twice, and what is other people's is as it was.

use crate::support::check::text;
use crate::support::expect;
use crate::support::outcome::Outcome;
use crate::support::schema;
use crate::support::setup::{Everything, POLICY, Planned, RUNBOOK, SettingUp, line, template_name};
use sandbox::Route;
use serde_json::Value;

/// The requests that change something in a project as the guide begins, in the order in which they are sent.
pub const MAKING: [Route; 9] = [
    Route::CreateMachinePolicy,
    Route::PutMachine,
    Route::CreateActionTemplate,
    Route::CreateRunbook,
    Route::PutVariableSet,
    Route::PutRunbookProcess,
    Route::CreateRunbookSnapshot,
    Route::CreateTrigger,
    Route::PutDeploymentSettings,
];
/// The same where all of it is there, and each of it is not as it should be.
pub const CORRECTING: [Route; 9] = [
    Route::PutMachinePolicy,
    Route::PutMachine,
    Route::PutActionTemplate,
    Route::PutRunbook,
    Route::PutVariableSet,
    Route::PutRunbookProcess,
    Route::CreateRunbookSnapshot,
    Route::PutTrigger,
    Route::PutEnvironment,
];
/// What makes something, of which a second would be one too many.
pub const POSTS: [Route; 5] = [
    Route::CreateMachinePolicy,
    Route::CreateActionTemplate,
    Route::CreateRunbook,
    Route::CreateRunbookSnapshot,
    Route::CreateTrigger,
];

/// One command, applied until nothing fails any more.
pub struct Stubborn {
    /// The project.
    pub setting: SettingUp,
    /// What is typed beside the usual.
    pub flags: Vec<&'static str>,
    /// All that was there at first.
    pub before: Everything,
}

impl Stubborn {
    /// An empty project, and guided failure for it.
    pub fn making() -> Self {
        Self::of(SettingUp::new(), &["--guided-failure", "project"])
    }

    /// A project that was set up, in which each thing is wrong.
    pub fn correcting() -> Self {
        let setting = SettingUp::done();
        setting.change_made(|world, made| {
            world.machine_policy(POLICY).interval = None;
            let ids: Vec<String> = world.target_names();
            for name in ids {
                drop(
                    world
                        .existing_target(&name)
                        .machine_policy("Default Machine Policy"),
                );
            }
            world.edit(&made.template, |it| {
                it["Description"] = "an older one".into()
            });
            world.edit(&made.runbook, |it| {
                it["DefaultGuidedFailureMode"] = "EnvironmentDefault".into();
            });
            world.edit("variableset-Projects-1", |set| {
                let all = set["Variables"].as_array_mut().into_iter().flatten();
                for it in all.filter(|it| it["Name"] == "Project.VMSS.ScaleSetName") {
                    it["Value"] = "another".into();
                }
            });
            world.edit(&made.process, |it| {
                it["Steps"][0]["Actions"][0]["Properties"]["VMSS.Octopus.Url"] =
                    "http://other".into();
            });
            // What is published is as wrong, so that nobody else has to publish it first.
            world.publish(&made.runbook);
            world.edit(&made.trigger, |it| {
                it["Action"]["TenantTags"] = serde_json::json!(["a/b"])
            });
        });
        Self::of(setting, &["--guided-failure", "environment"])
    }

    /// Of a project as it is.
    pub fn of(setting: SettingUp, flags: &[&'static str]) -> Self {
        Self {
            before: setting.everything(),
            flags: flags.to_vec(),
            setting,
        }
    }

    /// Applies once more, with little patience; what is told has to add up, however it ends.
    #[track_caller]
    pub fn apply(&self) -> Planned {
        let flags = [&["--apply"], &self.flags[..]].concat();
        let run = self.setting.run(&flags).set("VMSS_RETRY_SECONDS", "0.8");
        let planned = shaped(run.run());
        expect_told(&planned);
        planned
    }

    /// Without any failure it ends in the planned state, with nothing twice, and with everything else as it was.
    #[track_caller]
    pub fn expect_ends_well(&self, suffered: &str) {
        self.setting.sandbox.clear_faults();
        let planned = self.apply();
        planned.expect_code(0, suffered);
        self.setting.expect_settled(&self.flags, suffered);
        expect_nothing_twice(&self.setting, suffered);
        self.expect_others_kept(suffered);
    }

    /// What was there and is none of the set-up is byte for byte as it was.
    #[track_caller]
    pub fn expect_others_kept(&self, suffered: &str) {
        let now = self.setting.everything();
        let made = ids(&self.setting);
        for (id, was) in &self.before {
            let own = is_about(id, &made);
            let is = now.get(id).cloned().unwrap_or_default();
            let (was, is) = (
                without_what_is_planned(id, was),
                without_what_is_planned(id, &is),
            );
            expect(
                own || was == is,
                format!("{suffered}: somebody else's {id} is changed"),
                format!("{was:#}"),
                format!("{is:#}"),
            );
        }
    }
}

/// What `setup` printed, which always has the published shape.
#[track_caller]
pub fn shaped(outcome: Outcome) -> Planned {
    let read: Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
    if let Some(deviation) = schema::deviation_of_setup(&read) {
        panic!(
            "a program that reads what setup did does not understand it\n  expected: the shape of docs/setup.schema.json\n  found:    {deviation}"
        );
    }
    Planned::of(outcome)
}

/// Everything planned is done, or named as not done; what is done can be found and undone.
#[track_caller]
pub fn expect_told(planned: &Planned) {
    let read: Value = serde_json::from_str(&planned.outcome.stdout).unwrap_or_default();
    let subjects = |list: &[Value]| -> Vec<String> {
        list.iter()
            .map(|it| text(it, "subject").to_owned())
            .collect()
    };
    let open: Vec<&str> = read["setup"]["notDone"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let done = subjects(&planned.done);
    let changing: Vec<Value> = planned
        .rows
        .iter()
        .filter(|it| it["sign"] == "+" || it["sign"] == "~")
        .cloned()
        .collect();
    let has_begun = !done.is_empty() || !open.is_empty() || !planned.left.is_empty();
    for row in changing
        .iter()
        .filter(|it| has_begun && it["part"] != "assignment")
    {
        let subject = text(row, "subject");
        let told =
            usize::from(done.iter().any(|it| it == subject)) + usize::from(open.contains(&subject));
        expect(
            told == 1,
            "what was planned is neither told as done nor as left to do, or as both",
            line(row),
            format!("done {done:?}, not done {open:?}"),
        );
    }
    for row in &planned.done {
        let place = text(row, "place");
        expect(
            place.contains('/') && place.contains('-'),
            "what was done cannot be found to undo it",
            "its path and id",
            line(row),
        );
        let changes = row["changes"].as_array().cloned().unwrap_or_default();
        expect(
            row["sign"] != "~" || !changes.is_empty(),
            "what was changed cannot be undone",
            "the old values",
            line(row),
        );
    }
    let failed = !read["result"]["error"].is_null();
    expect(
        failed == (planned.outcome.code != 0),
        "a script cannot tell how it ended",
        "an error with each code but 0",
        &read["result"],
    );
}

/// Of each thing that is set up there is one.
#[track_caller]
pub fn expect_nothing_twice(setting: &SettingUp, suffered: &str) {
    let all = setting.everything();
    let named = |kind: &str, name: &str| {
        all.iter()
            .filter(|(id, it)| id.starts_with(kind) && text(it, "Name").eq_ignore_ascii_case(name))
            .count()
    };
    let schedule = format!("{RUNBOOK} in Production");
    let set = &all["variableset-Projects-1"]["Variables"];
    let names: Vec<&str> = set
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| text(it, "Name"))
        .collect();
    let mut counts = vec![
        ("machine policies", named("MachinePolicies-", POLICY)),
        (
            "step templates",
            named("ActionTemplates-", &template_name()),
        ),
        ("runbooks", named("Runbooks-", RUNBOOK)),
        ("schedules", named("ProjectTriggers-", &schedule)),
    ];
    for name in [
        "Project.Azure.Account",
        "Project.Octopus.Api.Key",
        "Project.Octopus.Roles",
        "Project.Octopus.Server.Url",
        "Project.VMSS.ResourceGroup.Name",
        "Project.VMSS.ScaleSetName",
    ] {
        counts.push((name, names.iter().filter(|it| **it == name).count()));
    }
    let made = setting.made();
    let steps = all[&made.process]["Steps"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let is_ours = |it: &&Value| {
        it["Actions"][0]["Properties"]
            .get("VMSS.ScaleSet.Name")
            .is_some()
    };
    counts.push(("steps", steps.iter().filter(is_ours).count()));
    let odd: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count != 1)
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    expect(
        odd.is_empty(),
        format!("{suffered}: something is there twice, or not at all"),
        "one of each",
        odd.join(", "),
    );
}

/// What the set-up is about, by id.
fn ids(setting: &SettingUp) -> Vec<String> {
    let made = setting.made();
    vec![
        made.policy,
        made.template,
        made.runbook,
        made.process,
        made.trigger,
    ]
}

fn is_about(id: &str, made: &[String]) -> bool {
    let is_template =
        |it: &String| it.starts_with("ActionTemplates-") && id.starts_with(it.as_str());
    made.iter().any(|it| it == id || is_template(it))
}

/// Of what only a part is planned of, the rest.
fn without_what_is_planned(id: &str, json: &Value) -> Value {
    let mut json = json.clone();
    let fields: &[&str] = if id.starts_with("Machines-") {
        &["MachinePolicyId", "Links"]
    } else if id.starts_with("Environments-") {
        &["UseGuidedFailure"]
    } else if id.starts_with("deploymentsettings-") {
        &["DefaultGuidedFailureMode"]
    } else if id == "variableset-Projects-1" {
        &["Version"]
    } else {
        &[]
    };
    for field in fields.iter().chain(&["LastModifiedOn", "LastModifiedBy"]) {
        if let Some(json) = json.as_object_mut() {
            json.remove(*field);
        }
    }
    let variables = json.get_mut("Variables").and_then(Value::as_array_mut);
    if let Some(variables) = variables.filter(|_| id == "variableset-Projects-1") {
        variables.retain(|it| !text(it, "Description").contains("octopus-scale-in"));
    }
    json
}
