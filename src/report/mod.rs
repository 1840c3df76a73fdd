//! What people read, and what the steps that follow are told: the plan, the outputs, the summary, the attached report.

mod attach;
mod brakes;
mod compose;
mod document;
mod fate;
mod finish;
mod html;
mod json_error;
mod missing;
mod notice;
mod older;
mod outcome;
mod plan;
mod reasons;
mod shared;
mod summary;
mod testimony;
mod text;
mod words;

pub use finish::{finish, show_missing};
pub use json_error::{AskedFor, json_error};
pub use missing::{
    Compared, NotFoundHere, WhyHeld, attach_unmatched, explain_missing, missing_beside_others,
    vanished,
};
pub use outcome::{Asked, Decision, Ended, EndedBy, Hold, Inquiry, Outcome, Removals};
pub use plan::{show_plan, show_snapshot, telling_changes};
pub use words::{count_of, names_of};
