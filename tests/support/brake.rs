//! Brakes, as a user meets them.

use crate::support::aftermath::Aftermath;

impl Aftermath {
    /// A brake held back exactly these removals, failed the step, and said how many, which, why, and what lifts it.
    #[track_caller]
    pub fn braked<S: AsRef<str>>(self, names: &[S], why: &str, lifted_by: &str) -> Self {
        self.code(4)
            .nothing_removed()
            .held(names)
            .complained(why)
            .complained(&held_back(names))
            .complained(lifted_by)
    }
}

/// How a brake counts and names what it holds back.
pub fn held_back<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let removals = if names.len() == 1 {
        "removal"
    } else {
        "removals"
    };
    // Twenty stand in the log, all in the report.
    let shown = names
        .iter()
        .take(20)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let others = match names.len().saturating_sub(20) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    format!("{} {removals} held back: {shown}{others}.", names.len())
}
