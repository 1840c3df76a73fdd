//! The audit log. Source: octopus.com/docs/api, "Events".

use super::envelope::page;
use super::query::Query;
use super::routes::Address;
use super::{Octopus, Target};
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
}

const FILTERS: [&str; 14] = [
    "documentTypes",
    "environments",
    "eventCategories",
    "excludeDifference",
    "from",
    "ids",
    "includeInternalEvents",
    "includeSystem",
    "internal",
    "regarding",
    "regardingAny",
    "skip",
    "spaces",
    "take",
];

pub(crate) fn list(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &FILTERS)?;
    let mut found: Vec<(usize, &Event)> = octopus.events.iter().enumerate().collect();
    found.retain(|(_, event)| {
        address
            .space
            .as_ref()
            .is_none_or(|space| *space == event.space)
            && chosen(&query, event)
    });
    found.sort_by_key(|(number, event)| std::cmp::Reverse((event.occurred, *number)));
    page(octopus, call, &query, "Event", &found, |(number, event)| {
        to_json(*number, event)
    })
    .map(Answer::ok)
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
        && query.any("regardingAny", related())
        && query.list("regarding").is_none_or(all)
        && query.text("from").is_none_or(|from| since(event, from))
}

/// Both are ISO times in UTC; down to the second they sort as the times do.
fn since(event: &Event, from: &str) -> bool {
    let occurred: String = clock::octopus(event.occurred).chars().take(19).collect();
    occurred >= from.chars().take(19).collect::<String>()
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
