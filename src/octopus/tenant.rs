//! Whose targets a tenanted run is about.

/// The tenant of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Its tags, as `Tag set/Tag`.
    pub tags: Vec<String>,
}
