//! Reads what was published beside what it was made of, where the server does not say whether they are the same.

use super::asking::InSpace;
use crate::check::seen::Seen;
use crate::check::set_up::{NowAndThen, Pair, ProjectSide};
use crate::error::ServiceError;
use crate::octopus::set_up::{Kept, Published, SnapshotChanges};
use crate::workers::{self, both};

/// The ids of what is there now and of what was frozen.
type Ids = (Option<String>, Option<String>);

pub(super) fn read(space: &InSpace<'_>, side: &ProjectSide) -> NowAndThen {
    let published = side.published.known().and_then(Option::as_ref);
    let (Some(published), Some(changes)) = (published, side.changes.known()) else {
        return NowAndThen::default();
    };
    let until = space.asking.deadline;
    let processes = changes.process.is_none();
    let processes = processes.then(|| vec![processes_of(side, published)]);
    let sets = sets(side, published, changes);
    let (process, variables) = both(
        || processes.map(|ids| pairs(&ids, |id| space.octopus.kept_process(id, until))),
        || sets.map(|ids| pairs(&ids, |id| space.octopus.kept_variables(id, until))),
    );
    NowAndThen { process, variables }
}

fn pairs(ids: &[Ids], read: impl Fn(&str) -> Result<Kept, ServiceError> + Sync) -> Vec<Pair> {
    let one = |id: &Option<String>| Seen::from(id.as_deref().map(&read).transpose());
    let pair = |(now, then): &Ids| Pair {
        now: one(now),
        then: one(then),
    };
    let pairs = workers::map(ids, pair).into_iter();
    pairs.map(|(_, pair)| pair).collect()
}

fn processes_of(side: &ProjectSide, published: &Published) -> Ids {
    let draft = side.runbook.known().and_then(|it| it.process.clone());
    let both = draft.zip(published.process.clone());
    both.map_or((None, None), |(now, then)| (Some(now), Some(then)))
}

/// Those of the project and of its library variable sets, as far as the server does not speak of them.
fn sets(side: &ProjectSide, published: &Published, changes: &SnapshotChanges) -> Option<Vec<Ids>> {
    let project = side.project.known()?;
    let own = match (changes.variables, &published.variables) {
        (Some(_), _) => None,
        (None, None) => Some((None, None)),
        (None, Some(frozen)) => Some((Some(project.variables()), Some(frozen.clone()))),
    };
    let of_libraries = match changes.library_variables {
        Some(_) => None,
        None => Some(libraries(&project.library_sets, published)),
    };
    let is_told = own.is_none() && of_libraries.is_none();
    let all = own.into_iter().chain(of_libraries.into_iter().flatten());
    (!is_told).then(|| all.collect())
}

/// A frozen one is called by what it was made of.
fn libraries(included: &[String], published: &Published) -> Vec<Ids> {
    let Some(frozen) = &published.libraries else {
        return included.iter().map(|_| (None, None)).collect();
    };
    let now: Vec<String> = included.iter().map(|id| set_of(id)).collect();
    let is_of = |frozen: &str, now: &str| frozen.starts_with(&format!("{now}-s-"));
    let pair = |now: &String| {
        let then = frozen.iter().find(|it| is_of(it, now));
        (Some(now.clone()), then.cloned())
    };
    let is_gone = |it: &&String| !now.iter().any(|now| is_of(it, now));
    let gone = frozen.iter().filter(is_gone);
    let gone = gone.map(|it| (None, Some(it.clone())));
    now.iter().map(pair).chain(gone).collect()
}

fn set_of(owner: &str) -> String {
    format!("variableset-{owner}")
}
