//! What people read, and what the steps that follow are told: the plan, the outputs, the summary, the attached report.

mod finish;
mod older;
mod outcome;
mod plan;
mod summary;

pub use finish::{finish, level};
pub use outcome::{Decision, Hold, Outcome, Removals};
pub use plan::{count_of, names_of, show_plan, telling_changes};
