//! Scale sets of the run that are not found, in words. A misspelt name looks like one that was deleted, so nothing here is ever
//! a list of what to delete.

use super::attach::deliver;
use super::compose;
use super::words::{count_of, names_of};
use crate::azure::{OtherScaleSets, ScaleSetId};
use crate::console::Console;
use crate::error::ServiceError;
use crate::reconcile::plan::Row;
use crate::settings::Settings;
use crate::spelling::nearest;

const LOOKS_ALIKE: &str = "A misspelt name looks like a deleted one, and its machines are alive";
const SCALE_FIRST: &str = "Before deleting one, scale it to 0 and let a run finish";

/// A scale set of the run that is not found.
#[derive(Debug)]
pub struct NotFoundHere<'a> {
    /// Which one.
    pub id: &'a ScaleSetId,
    /// What came back.
    pub error: ServiceError,
}

/// Why the others of the run, if any, are held with it.
#[derive(Debug)]
pub enum WhyHeld {
    /// No other is there.
    NoOther,
    /// Nothing but its own answer says that it does not exist: this came back.
    Unproven(ServiceError),
}

/// What the targets were compared with.
#[derive(Debug)]
pub struct Compared {
    /// The scale sets that were read.
    pub read: usize,
    /// Those that were seen.
    pub of: usize,
    /// Whether all that the account sees could be listed.
    pub listed: bool,
}

/// It was there when the plan was made.
#[must_use]
pub fn vanished(it: &NotFoundHere<'_>) -> ServiceError {
    let ServiceError { next, .. } = &it.error;
    let next = format!("It was there when this run looked first. {next}. {SCALE_FIRST}");
    ServiceError {
        next,
        ..it.error.clone()
    }
}

/// One that is missing while the others are reconciled.
#[must_use]
pub fn missing_beside_others(
    it: &NotFoundHere<'_>,
    seen: Result<&OtherScaleSets, &ServiceError>,
) -> String {
    let next = [
        it.error.next.clone(),
        what_is_there(it.id, seen),
        format!("The others go on without it. {LOOKS_ALIKE}"),
        format!("{SCALE_FIRST}; then take it out of VMSS.ScaleSet.Name"),
    ];
    with_next(&it.error, &next).to_string()
}

/// The same error, with what else there is, and how many targets match nothing. Never with their names.
#[must_use]
pub fn explain_missing(
    gone: &[NotFoundHere<'_>],
    held: &WhyHeld,
    seen: Result<&OtherScaleSets, &ServiceError>,
    compared: &Compared,
    unmatched: usize,
) -> ServiceError {
    let first = &gone[0];
    let mut next = vec![first.error.next.clone(), what_is_there(first.id, seen)];
    if gone.len() > 1 {
        let others = gone[1..].iter().map(|it| it.id.to_string());
        let others: Vec<String> = others.collect();
        let others = names_of(others.iter().map(String::as_str));
        next.push(format!("Not found either: {others}"));
    }
    if let WhyHeld::Unproven(why) = held {
        next.push(format!(
            "The others are held with it, because only the list of its subscription can show that it does not exist: {why}"
        ));
    }
    next.push(LOOKS_ALIKE.to_owned());
    next.push(SCALE_FIRST.to_owned());
    next.push(match_nothing(unmatched, compared));
    with_next(&first.error, &next)
}

fn with_next(error: &ServiceError, sentences: &[String]) -> ServiceError {
    let sentences = sentences.iter().map(|it| it.trim_end_matches('.'));
    let next: Vec<&str> = sentences.filter(|it| !it.is_empty()).collect();
    ServiceError {
        next: next.join(". "),
        ..error.clone()
    }
}

/// How many targets match nothing that could be compared with them.
fn match_nothing(unmatched: usize, compared: &Compared) -> String {
    let Compared { read, of, listed } = *compared;
    let seen = count_of(of, "scale set");
    let among = match (listed, of) {
        (false, _) => {
            let read = count_of(read, "scale set");
            format!("the {read} that could be read (not all could be listed)")
        }
        (true, 0) => {
            return format!(
                "This account sees no scale set; targets that carry the roles: {unmatched}"
            );
        }
        (true, _) if read == of => format!("the {seen} that this account sees"),
        (true, _) => {
            format!("{read} of the {seen} that this account sees (the others were not read)")
        }
    };
    format!("Targets that carry the roles and match no instance of {among}: {unmatched}")
}

/// What may have been meant, beside the scale sets of the run: those of this very name elsewhere; those of its resource group,
/// and the one of them whose name is the nearest.
fn what_is_there(id: &ScaleSetId, seen: Result<&OtherScaleSets, &ServiceError>) -> String {
    let group = format!("Resource group {}", id.group);
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return format!("{group}: what it has could not be read ({error})"),
    };
    let wanted = id.name.to_lowercase();
    let others = seen.beside_the_run();
    let (here, elsewhere): (Vec<_>, Vec<_>) = others.partition(|other| other.same_group(id));
    let namesakes = elsewhere
        .iter()
        .filter(|it| it.name.to_lowercase() == wanted);
    let namesakes: Vec<String> = namesakes
        .map(|it| format!("{}/{}", it.group, it.name))
        .collect();
    let namesakes = match namesakes.is_empty() {
        true => String::new(),
        false => {
            let all = names_of(namesakes.iter().map(String::as_str));
            format!("There is {all}, if that is meant. ")
        }
    };
    let names = || here.iter().map(|it| it.name.as_str());
    match nearest(&id.name, names()) {
        None => {
            let other = match seen.seen.iter().any(|it| it.same_group(id)) {
                true => "other ",
                false => "",
            };
            format!("{namesakes}{group} has no {other}scale set that this account sees")
        }
        Some(nearest) => {
            let all = names_of(names());
            format!("{namesakes}{group} has {all}; the nearest name is {nearest}")
        }
    }
}

/// What a run that ends without a plan leaves for whoever knows that a scale set was deleted.
pub fn attach_unmatched(
    settings: &Settings,
    console: &Console,
    error: &ServiceError,
    unmatched: &[Row],
) {
    let report = compose::of_unmatched(settings, error, unmatched);
    deliver(&report, settings, console);
}
