//! What people read, and what the steps that follow are told: the plan, the outputs, the summary, the attached report.

mod brakes;
mod finish;
mod json;
mod missing;
mod older;
mod outcome;
mod plan;
mod reasons;
mod shared;
mod summary;
mod words;

pub use finish::{finish, show_missing};
pub use json::json_error;
pub use missing::{
    Compared, NotFoundHere, WhyHeld, attach_unmatched, explain_missing, missing_beside_others,
    vanished,
};
pub use outcome::{Decision, Hold, Outcome, Removals};
pub use plan::{show_plan, show_snapshot, telling_changes};
pub use words::{count_of, names_of};
