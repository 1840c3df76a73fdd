//! Which name somebody may have meant, and how many names are written.

/// The name of these that is the nearest to the one that was written; the first of several.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    names.min_by_key(|name| strsim::levenshtein(&name.to_lowercase(), &written))
}

/// Names, cut after twenty, with the count of the others: all stand in the report.
pub fn names_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        others => format!("{shown} and {others} more"),
    }
}
