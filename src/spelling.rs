//! Which name somebody may have meant, and how many names are written.

/// The name of these that is the nearest to the one that was written; the first of several.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names.min_by_key(|name| distance(written, name))
}

/// The same, unless more than half of it differs: then it was hardly meant.
pub fn near<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = |name: &str| name.chars().count().max(written.chars().count());
    nearest(written, names).filter(|name| distance(written, name) * 2 <= length(name))
}

fn distance(written: &str, name: &str) -> usize {
    strsim::levenshtein(&name.to_lowercase(), &written.to_lowercase())
}

/// So many of a kind stand in the log; all stand in the report.
pub const SHOWN: usize = 20;

/// Names, cut after twenty, with the count of the others.
pub fn names_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        others => format!("{shown} and {others} more"),
    }
}
