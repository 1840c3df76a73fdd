//! The names that this program knows. A misspelt `VMSS_DRY_RUN` must not be a real run.

use super::reader::{Place, Reader, variable_name};
use super::table::PARAMETERS;

/// What all its environment variables begin with.
const PREFIX: &str = "VMSS_";

/// A name that is farther from a known one than this is probably not meant as it.
const NEAR: usize = 6;

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
        let distance = |variable: &str| strsim::levenshtein(&stranger, variable);
        let nearest = known.iter().min_by_key(|(_, variable)| distance(variable));
        let nearest = nearest.filter(|(_, variable)| distance(variable) <= NEAR);
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
