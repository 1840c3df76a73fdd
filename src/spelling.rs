//! Which name somebody may have meant.

/// The name of these that is the nearest to the one that was written; the first of several.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    names.min_by_key(|name| strsim::levenshtein(&name.to_lowercase(), &written))
}
