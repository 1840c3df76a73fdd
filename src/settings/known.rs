//! The names that this program knows. A misspelt `VMSS_DRY_RUN` must not be a real run.

use super::reader::{Place, Reader, variable_name};
use super::table::PARAMETERS;
use crate::spelling::near;

/// What all its environment variables begin with.
const PREFIX: &str = "VMSS_";

/// What is no parameter: the times for tests and diagnosis, and what the step's script alone reads.
const OTHERS: [&str; 8] = [
    "VMSS_CONFIRM_SECONDS",
    "VMSS_PHASE_SECONDS",
    "VMSS_POLL_SECONDS",
    "VMSS_REQUEST_SECONDS",
    "VMSS_RETRY_SECONDS",
    "VMSS.Binary.Path",
    "VMSS.Cache.Folder",
    "VMSS.Download.BaseUrl",
];

/// Every variable that begins as this program's do and is none of them.
pub(super) fn refuse_strangers(r: &mut Reader) {
    let names = PARAMETERS.iter().map(|parameter| parameter.name);
    let known = names.chain(OTHERS).map(|name| (name, variable_name(name)));
    let known: Vec<(&str, String)> = known.collect();
    let is_known = |name: &String| known.iter().any(|(_, variable)| variable == name);
    for stranger in r.names_with(PREFIX).into_iter().filter(|it| !is_known(it)) {
        // What all begin with tells nothing.
        let ours = known.iter().filter_map(|(_, it)| it.strip_prefix(PREFIX));
        let near = near(stranger.trim_start_matches(PREFIX), ours);
        let is_near = |variable: &str| variable.strip_prefix(PREFIX) == near;
        let nearest = known.iter().find(|(_, it)| near.is_some() && is_near(it));
        let meant = nearest.map_or_else(String::new, |(name, variable)| {
            if *name == variable || r.place == Place::ByHand {
                format!(". {variable} is the nearest that is")
            } else {
                format!(". {variable} is the nearest that is, for {name}")
            }
        });
        r.problem(
            &stranger,
            format!("is no parameter of this program{meant}. Take it away or correct it"),
        );
    }
}
