//! What a request does.

use std::fmt;

/// What a request does. Azure is only read, and signed in to by POST; whatever is not GET for Octopus is its writer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// It reads.
    Get,
    /// It replaces.
    Put,
    /// It asks for something to be done.
    Post,
    /// It deletes.
    Delete,
}

impl Method {
    /// As HTTP spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
