//! What a run is about: its scale sets, and the tags of its targets. Pure.

use crate::settings::Draft;

/// In which of its parameters a run is about something else than another: what each is about.
#[must_use]
pub fn differences(one: &Draft, other: &Draft) -> Vec<(&'static str, String, String)> {
    let pairs = [
        ("VMSS.ScaleSet.Name", names(one), names(other)),
        ("VMSS.DeploymentTarget.Roles", tags(one), tags(other)),
    ];
    let differ = pairs
        .into_iter()
        .filter(|(_, one, other)| !one.is_empty() && !other.is_empty() && one != other);
    differ
        .map(|(parameter, one, other)| (parameter, one.join(", "), other.join(", ")))
        .collect()
}

fn names(of: &Draft) -> Vec<String> {
    let ids = of.scale_sets.as_deref().unwrap_or_default().iter();
    let mut names: Vec<String> = ids.map(|id| id.to_string().to_lowercase()).collect();
    names.sort();
    names
}

/// A tag is the same with its set before it: `Tag set/tag`.
fn tags(of: &Draft) -> Vec<String> {
    let tags = of.roles.as_deref().unwrap_or_default().iter();
    let own = tags.map(|tag| tag.rsplit('/').next().unwrap_or(tag).trim());
    let mut tags: Vec<String> = own.map(str::to_lowercase).collect();
    tags.sort();
    tags
}
