//! How far whoever checks sees. Where their own grants do not reach all of a list, what the list lacks tells nothing.

use super::finding::{Finding, FindingStatus};
use super::id::Id;
use super::needs::{Extent, Has, Site, has};
use super::seen::Seen;
use super::set_up::{Library, OctopusKey, SetUp};
use crate::octopus::set_up::AccessLevel;

impl SetUp {
    /// Where permissions must reach to.
    pub fn site(&self) -> Site<'_> {
        let project = self.project.project.known();
        Site {
            environment: self.environment_id().unwrap_or_default(),
            project: project.map(|it| (it.id.as_str(), it.group.as_deref())),
            tenant: self.draft.tenant.as_ref().map(|it| it.id.as_str()),
        }
    }

    /// A finding about what a list lacks; where whoever checks may not see all of that list, that they do not.
    pub fn unless_hidden(&self, finding: Finding, permission: &str, reach: Extent) -> Finding {
        match self.short_of(permission, reach) {
            None => finding,
            Some(why) => Finding::out_of_sight(finding.id, finding.subject, &why, permission),
        }
    }

    /// The same of a finding that passes where nothing is missing.
    pub fn unless_complete(&self, finding: Finding, permission: &str, reach: Extent) -> Finding {
        match finding.status {
            FindingStatus::Pass => finding,
            FindingStatus::Warn | FindingStatus::Fail => {
                self.unless_hidden(finding, permission, reach)
            }
        }
    }

    /// Whether a variable that is not among those that were read is none: whoever checks may see those of every environment, and
    /// read each library variable set.
    pub fn sees_all_variables(&self) -> bool {
        self.project.unread_libraries.is_empty()
            && self.sees_all_of("VariableView", Extent::OfProject)
    }

    /// A finding that passes because no variable says otherwise; where one that does may be out of sight, that it is.
    pub fn unless_a_variable_is_hidden(&self, finding: Finding) -> Vec<Finding> {
        let hidden = self.hidden_variables(finding.id);
        match finding.status {
            FindingStatus::Pass if !hidden.is_empty() => hidden,
            FindingStatus::Pass if !self.sees_usual_variables() => {
                vec![self.unless_hidden(finding, "VariableView", Extent::OfProject)]
            }
            FindingStatus::Pass | FindingStatus::Warn | FindingStatus::Fail => vec![finding],
        }
    }

    /// Whether the project's variables that are scoped to this environment alone or to none could be seen: those of none by either
    /// of two permissions. One of several environments takes the permission in all of them. Where none could be read, or what the key may is not known, that
    /// was said.
    /// Source: octopus.com/docs, "Security and un-scoped variables".
    pub fn sees_usual_variables(&self) -> bool {
        let unscoped = || {
            self.sees_all_of("VariableView", Extent::Here)
                && self.sees_all_of("VariableViewUnscoped", Extent::OfProject)
        };
        self.project.variables.known().is_none()
            || self.checkers_rights.known().is_none()
            || self.sees_all_of("VariableView", Extent::OfProject)
            || unscoped()
    }

    /// That library variable sets could not be read.
    pub fn hidden_variables(&self, id: Id) -> Vec<Finding> {
        let permission = "LibraryVariableSetView and VariableView";
        let unread = self.project.unread_libraries.iter();
        let finding = |library: &Library| {
            let subject = format!("library variable set {}", library.name);
            let variables = &library.variables;
            variables.judged(id, &subject, permission, |_| Vec::new())
        };
        unread.flat_map(finding).collect()
    }

    /// Whether what a list lacks is not there.
    pub fn sees_all_of(&self, permission: &str, reach: Extent) -> bool {
        self.short_of(permission, reach).is_none()
    }

    /// What the key of whoever checks may of what its user may, where it can be told which key that is.
    pub fn checkers_access(&self) -> Option<&AccessLevel> {
        match self.checkers_key.known()? {
            OctopusKey::OneOf(keys) => match &keys[..] {
                [key] => Some(&key.access),
                _ => None,
            },
            OctopusKey::Token => None,
        }
    }

    /// Why a list may lack something that is there.
    fn short_of(&self, permission: &str, reach: Extent) -> Option<String> {
        if let Some(AccessLevel::Custom(level)) = self.checkers_access() {
            return Some(format!(
                "your key is of access level {level}, which may hide {permission}"
            ));
        }
        let rights = match &self.checkers_rights {
            Seen::Known(rights) => rights,
            Seen::Refused(_) | Seen::NotAsked(_) => {
                return Some("what your key may is not known".into());
            }
        };
        match has(rights, permission, reach, self.site()) {
            Has::Whole => None,
            Has::Restricted(to) => Some(format!("your key has {permission} for {to} only")),
            Has::Nothing => Some(format!("your key lacks {permission}")),
        }
    }
}
