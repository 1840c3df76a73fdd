//! What the account may read, and where.

/// A right to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// `Microsoft.Compute/virtualMachineScaleSets/read`
    ScaleSets,
    /// `Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read`
    Instances,
    /// `Microsoft.Compute/virtualMachines/read`
    Vms,
}

impl Read {
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::ScaleSets => "Microsoft.Compute/virtualMachineScaleSets/read",
            Self::Instances => "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
            Self::Vms => "Microsoft.Compute/virtualMachines/read",
        }
    }
}

/// The role assignments of the account, and its deny assignments.
///
/// A scope is a resource id, see [`scope`]; it covers everything below it.
#[derive(Clone, Debug)]
pub struct Access {
    granted: Vec<Rule>,
    denied: Vec<Rule>,
    filters: bool,
}

#[derive(Clone, Debug)]
struct Rule {
    /// All three where it is missing.
    read: Option<Read>,
    scope: String,
}

impl Rule {
    fn covers(&self, read: Read, scope: &str) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.read.is_none_or(|own| own == read)
            && scope.len() >= self.scope.len()
            && scope.is_char_boundary(self.scope.len())
            && scope[..self.scope.len()].eq_ignore_ascii_case(&self.scope)
            && below(&scope[self.scope.len()..])
    }
}

impl Access {
    /// Reader of everything.
    pub fn everything() -> Self {
        Self {
            granted: vec![Rule {
                read: None,
                scope: String::new(),
            }],
            denied: Vec::new(),
            filters: false,
        }
    }

    /// No role at all.
    pub fn nothing() -> Self {
        Self {
            granted: Vec::new(),
            denied: Vec::new(),
            filters: false,
        }
    }

    /// Adds the role Reader at a scope.
    pub fn reader(mut self, scope: impl Into<String>) -> Self {
        self.granted.push(Rule {
            read: None,
            scope: scope.into(),
        });
        self
    }

    /// Adds one right at a scope.
    pub fn grant(mut self, read: Read, scope: impl Into<String>) -> Self {
        self.granted.push(Rule {
            read: Some(read),
            scope: scope.into(),
        });
        self
    }

    /// Takes one right away at a scope, whatever was granted.
    pub fn deny(mut self, read: Read, scope: impl Into<String>) -> Self {
        self.denied.push(Rule {
            read: Some(read),
            scope: scope.into(),
        });
        self
    }

    /// Takes all rights away at a scope, whatever was granted.
    pub fn deny_all(mut self, scope: impl Into<String>) -> Self {
        self.denied.push(Rule {
            read: None,
            scope: scope.into(),
        });
        self
    }

    /// Lists answer 200 and silently leave out what the account may not see, instead of 403.
    pub fn filtered(mut self) -> Self {
        self.filters = true;
        self
    }

    pub(crate) fn may(&self, read: Read, scope: &str) -> bool {
        self.granted.iter().any(|rule| rule.covers(read, scope))
            && !self.denied.iter().any(|rule| rule.covers(read, scope))
    }

    pub(crate) fn may_list(&self, read: Read, scope: &str) -> bool {
        self.filters || self.may(read, scope)
    }
}

/// Resource ids in the first subscription, as scopes for [`Access`].
pub mod scope {
    use crate::world::SUBSCRIPTION;

    /// The whole subscription.
    pub fn subscription() -> String {
        format!("/subscriptions/{SUBSCRIPTION}")
    }

    /// One resource group.
    pub fn group(group: &str) -> String {
        format!("{}/resourceGroups/{group}", subscription())
    }

    /// One scale set.
    pub fn scale_set(group: &str, name: &str) -> String {
        format!(
            "{}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}",
            self::group(group)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_what_is_below_it_whatever_the_case() {
        let access = Access::nothing().reader(scope::group("web-rg"));
        assert!(access.may(Read::Vms, &scope::group("WEB-RG")));
        assert!(access.may(Read::Instances, &scope::scale_set("web-rg", "web")));
        assert!(!access.may(Read::Vms, &scope::group("web-rg2")));
        assert!(!access.may(Read::ScaleSets, &scope::subscription()));
    }

    #[test]
    fn what_is_denied_is_not_granted_by_anything() {
        let access = Access::everything().deny(Read::ScaleSets, scope::subscription());
        assert!(!access.may(Read::ScaleSets, &scope::scale_set("web-rg", "web")));
        assert!(access.may(Read::Instances, &scope::scale_set("web-rg", "web")));
    }
}
