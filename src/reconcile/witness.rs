//! What is asked of the second witness where names carry ids, and what it may say.

use super::snapshot::{GroupId, TargetId};
use super::verdict::Unanswered;

/// A question for the second witness: does this instance answer?
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceQuestion {
    /// The candidate.
    pub target: TargetId,
    /// The group.
    pub group: GroupId,
    /// The instance's id in the group.
    pub instance_id: String,
}

/// What the cloud said when one instance was asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceAnswer {
    /// It does not exist.
    Gone,
    /// It is being deleted.
    Deleting,
    /// It exists, in this state.
    Exists(String),
    /// It could not be asked, for this reason.
    Silent(Unanswered),
}
