//! The audit log. Source: octopus.com/docs/api, "Events"; the categories are those that github.com/OctopusDeploy/Library
//! asks for, and octopus.com/docs, "Auditing".

use super::envelope::page;
use super::people::{Caller, Place, Sight};
use super::query::Query;
use super::routes::Address;
use super::task::PastRun;
use super::{Octopus, Target, Task, TaskKind};
use crate::clock::{self, Time};
use crate::http::{Answer, Call};
use serde_json::{Value, json};

/// One entry of the audit log.
#[derive(Clone, Debug)]
pub struct Event {
    /// `Created`, `Deleted`, `DeploymentQueued`, `DeploymentStarted`, `DeploymentSucceeded`, ...
    pub category: String,
    /// When it happened.
    pub occurred: Time,
    /// What it says.
    pub message: String,
    /// The ids that it is about.
    pub related: Vec<String>,
    /// The id of its space.
    pub space: String,
}

impl Event {
    /// The registration of a target.
    pub fn machine_created(target: &Target) -> Self {
        let mut related = vec![target.id.clone()];
        related.extend(target.environments.iter().cloned());
        Self {
            category: "Created".to_owned(),
            occurred: target.registered,
            message: format!("Machine {} was created", target.name),
            related,
            space: target.space.clone(),
        }
    }

    /// What became of a task in all its runs. Health checks leave no trace here.
    pub(crate) fn of_task(task: &Task, now: Time) -> Vec<Self> {
        let (prefix, what, more) = match task.kind {
            TaskKind::Deploy => ("Deployment", "Deploy", ["Releases-1", "Channels-1"]),
            TaskKind::RunbookRun => (
                "RunbookRun",
                "Run",
                [task.runbook.as_str(), task.snapshot.as_str()],
            ),
            TaskKind::Health => return Vec::new(),
        };
        let own = [&task.document, &task.project, &task.environment, &task.id];
        let own = own.into_iter().chain(&task.tenant).cloned();
        let related: Vec<String> = own.chain(more.map(str::to_owned)).collect();
        let event = |(category, occurred): (String, Time)| Self {
            message: format!(
                "{what} {} to {}: {category}",
                task.project, task.environment
            ),
            category,
            occurred,
            related: related.clone(),
            space: task.space.clone(),
        };
        let moments = task
            .runs()
            .into_iter()
            .flat_map(|run| moments(&run, prefix, now));
        moments.map(event).collect()
    }
}

/// The categories of the events of one run, with their times. What waits for a later time was queued before now.
fn moments(run: &PastRun, prefix: &str, now: Time) -> Vec<(String, Time)> {
    let mut moments = vec![(format!("{prefix}Queued"), run.queued.min(now))];
    moments.extend(run.started.map(|at| (format!("{prefix}Started"), at)));
    let end = match run.state.as_str() {
        "Success" => format!("{prefix}Succeeded"),
        "Canceled" => "TaskCanceled".to_owned(),
        _ => format!("{prefix}Failed"),
    };
    moments.extend(run.completed.map(|at| (end, at)));
    moments
}

impl Octopus {
    /// The audit log as the owner of the key sees it, oldest first.
    fn audit_log(&self) -> Vec<Event> {
        let now = self.now();
        let of_tasks = self.tasks.values();
        let of_tasks = of_tasks.flat_map(|task| Event::of_task(task, now));
        let mut events: Vec<Event> = self.events.iter().cloned().chain(of_tasks).collect();
        events.retain(|event| {
            let kept = self
                .audit_begins
                .is_none_or(|first| event.occurred >= first);
            kept && !self.hidden_events.contains(&event.category)
        });
        if !self.events_name_tasks {
            for event in &mut events {
                event.related.retain(|id| !id.starts_with("ServerTasks-"));
            }
        }
        events.sort_by_key(|event| event.occurred);
        events
    }

    /// What happened before is gone from the audit log, as after its retention.
    pub fn purge_events_before(&mut self, first: Time) {
        self.audit_begins = Some(first);
    }

    /// Leaves events of this category out of the audit log.
    pub fn hide_events(&mut self, category: &str) {
        self.hidden_events.insert(category.to_owned());
    }
}

const FILTERS: [&str; 17] = [
    "documentTypes",
    "environments",
    "eventCategories",
    "excludeDifference",
    "from",
    "ids",
    "includeInternalEvents",
    "includeSystem",
    "internal",
    "projects",
    "regarding",
    "regardingAny",
    "skip",
    "spaces",
    "take",
    "tenants",
    "to",
];

/// What lies beyond the restrictions of `EventView` is left out.
pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &FILTERS)?;
    let sight = caller.sight(octopus, "EventView");
    let log = octopus.audit_log();
    let mut found: Vec<(usize, &Event)> = log.iter().enumerate().collect();
    found.retain(|(_, event)| {
        address
            .space
            .as_ref()
            .is_none_or(|space| *space == event.space)
            && chosen(&query, event)
            && (sight.is_free() || is_seen(octopus, &sight, event))
    });
    found.sort_by_key(|(number, event)| std::cmp::Reverse((event.occurred, *number)));
    page(octopus, call, &query, "Event", &found, |(number, event)| {
        to_json(*number, event)
    })
    .map(Answer::ok)
}

fn is_seen(octopus: &Octopus, sight: &Sight, event: &Event) -> bool {
    let of = |kind: &str| {
        let own = event.related.iter().filter(|id| id.starts_with(kind));
        own.cloned().collect::<Vec<_>>()
    };
    let projects = of("Projects-");
    let place = Place {
        space: &event.space,
        project: projects.first().map(String::as_str),
        environments: &of("Environments-"),
        tenants: &of("Tenants-"),
    };
    sight.reaches(octopus, &place)
}

fn chosen(query: &Query, event: &Event) -> bool {
    let related = || event.related.iter().map(String::as_str);
    let all = |wanted: Vec<&str>| {
        wanted
            .iter()
            .all(|wanted| related().any(|id| id.eq_ignore_ascii_case(wanted)))
    };
    let kinds = || {
        related()
            .filter_map(|id| id.rsplit_once('-'))
            .map(|(kind, _)| kind)
    };
    query.any("eventCategories", [event.category.as_str()].into_iter())
        && query.any("documentTypes", kinds())
        && query.any("environments", related())
        && query.any("projects", related())
        && query.any("tenants", related())
        && query.any("regardingAny", related())
        && query.list("regarding").is_none_or(all)
        && query
            .text("from")
            .is_none_or(|from| second(event) >= head(from))
        && query.text("to").is_none_or(|to| second(event) <= head(to))
}

/// ISO times in UTC; down to the second they sort as the times do.
fn second(event: &Event) -> String {
    head(&clock::octopus(event.occurred))
}

fn head(time: &str) -> String {
    time.chars().take(19).collect()
}

fn to_json(number: usize, event: &Event) -> Value {
    json!({
        "Id": format!("Events-{}", number + 1),
        "Category": event.category,
        "Occurred": clock::octopus(event.occurred),
        "Message": event.message,
        "MessageHtml": event.message,
        "MessageReferences": [],
        "RelatedDocumentIds": event.related,
        "ChangeDetails": { "DocumentContext": Value::Null, "Differences": Value::Null },
        "UserId": "Users-7",
        "Username": "scale-set-bootstrap",
        "IsService": true,
        "IdentityEstablishedWith": "API key",
        "UserAgent": "OctopusTentacle/8.2",
        "SpaceId": event.space,
        "Links": {},
    })
}
