//! Which scale set is meant, and how it names its machines.
//!
//! Sources: Azure documentation, "Understand instance IDs for Azure VM Scale Set VMs" and "Orchestration modes"; the
//! base-36 form is also how Kubernetes' Azure provider reads them (`azure_vmss.go`).

use super::rows::{Mode, Prefix};
use crate::reconcile::pattern::{
    Form, Lead, Length, LetterCase, Meaning, NameOf, NamePattern, Suffix,
};
use crate::reconcile::snapshot::GroupId;
use std::fmt;

/// A scale set's place in Azure. Compared case-insensitively, as Azure does.
#[derive(Debug, Clone)]
pub struct ScaleSetId {
    /// Subscription id.
    pub subscription: String,
    /// Resource group name.
    pub group: String,
    /// Scale set name.
    pub name: String,
}

impl PartialEq for ScaleSetId {
    fn eq(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name) && self.same_group(other)
    }
}

impl Eq for ScaleSetId {}

impl fmt::Display for ScaleSetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scale set {} (resource group {})", self.name, self.group)
    }
}

/// What an entry of `VMSS.ScaleSet.Name` lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is neither a name, nor `group/name`, nor a full resource id.
    Shape,
    /// It names no resource group, and there is no other word of one.
    Group,
    /// It names no subscription, and there is no other word of one.
    Subscription,
}

impl Missing {
    /// The parameter to blame.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Shape => "VMSS.ScaleSet.Name",
            Self::Group => "VMSS.ResourceGroup.Name",
            Self::Subscription => "VMSS.Azure.Account.SubscriptionNumber",
        }
    }

    /// What is wrong and what it should look like.
    #[must_use]
    pub fn explain(self, entry: &str) -> String {
        match self {
            Self::Shape => format!(
                "'{entry}' is no scale set. It takes a name (todo-web), a group and a name (rg-blue/todo-web), or a full id (/subscriptions/.../resourceGroups/rg-blue/providers/Microsoft.Compute/virtualMachineScaleSets/todo-web)"
            ),
            Self::Group => format!(
                "is missing, and '{entry}' does not name its own. Example: rg-todo-production"
            ),
            Self::Subscription => {
                format!(
                    "is missing, and '{entry}' does not name its own. Example: 5c5c5c5c-0000-4000-8000-000000000000"
                )
            }
        }
    }
}

impl ScaleSetId {
    /// Reads a name, `group/name`, or a full resource id.
    ///
    /// # Errors
    /// All that the entry lacks.
    pub fn parse(
        entry: &str,
        subscription: Option<&str>,
        group: Option<&str>,
    ) -> Result<Self, Vec<Missing>> {
        if entry.starts_with('/') {
            return Self::from_resource_id(entry).ok_or(vec![Missing::Shape]);
        }
        let (group, name) = match entry.split_once('/') {
            Some((group, name)) => (Some(group.trim()), name.trim()),
            None => (group, entry),
        };
        if !is_segment(name) || !group.is_none_or(is_segment) {
            return Err(vec![Missing::Shape]);
        }
        match (subscription, group) {
            (Some(subscription), Some(group)) => Ok(Self {
                subscription: subscription.into(),
                group: group.into(),
                name: name.into(),
            }),
            (Some(_), None) => Err(vec![Missing::Group]),
            (None, Some(_)) => Err(vec![Missing::Subscription]),
            (None, None) => Err(vec![Missing::Group, Missing::Subscription]),
        }
    }

    /// Reads `/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}`.
    #[must_use]
    pub fn from_resource_id(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.trim().trim_end_matches('/').split('/').collect();
        let [
            "",
            subscriptions,
            subscription,
            groups,
            group,
            providers,
            provider,
            kind,
            name,
        ] = parts[..]
        else {
            return None;
        };
        let words = [
            (subscriptions, "subscriptions"),
            (groups, "resourceGroups"),
            (providers, "providers"),
            (provider, "Microsoft.Compute"),
            (kind, "virtualMachineScaleSets"),
        ];
        let shaped = words
            .iter()
            .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
            && [subscription, group, name].into_iter().all(is_segment);
        shaped.then(|| Self {
            subscription: subscription.into(),
            group: group.into(),
            name: name.into(),
        })
    }

    /// The same as the policy knows it: its resource id.
    #[must_use]
    pub fn group_id(&self) -> GroupId {
        let Self {
            subscription,
            group,
            name,
        } = self;
        GroupId::new(format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
        ))
    }

    /// Whether both are in the same resource group.
    #[must_use]
    pub fn same_group(&self, other: &Self) -> bool {
        self.same_subscription(other) && self.group.eq_ignore_ascii_case(&other.group)
    }

    /// Whether both are in the same subscription.
    #[must_use]
    pub fn same_subscription(&self, other: &Self) -> bool {
        self.subscription.eq_ignore_ascii_case(&other.subscription)
    }
}

/// One part of a path: not empty, and none that a URL would resolve to somewhere else.
fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains('/') && text != "." && text != ".."
}

/// The names that a scale set gives.
///
/// Uniform: `{prefix}{instance id in base 36, six digits}`, resource `{scale set}_{instance id}`.
/// Flexible: `{prefix}{six of 0-9 A-Z}`, resource `{scale set}_{eight hexadecimal digits}`.
pub(super) fn pattern(mode: Mode, scale_set: &str, prefix: Prefix<'_>) -> NamePattern {
    let (computer, resource) = match mode {
        Mode::Uniform => (SIX_BASE_36, NUMBER),
        Mode::Flexible => (SIX_CAPITALS, EIGHT_HEX),
    };
    let prefix = match prefix {
        Prefix::Given(prefix) => Some(Some(prefix.to_owned())),
        Prefix::Unsaid => Some(None),
        Prefix::None => None,
    };
    let computer = prefix.map(|prefix| Form {
        of: NameOf::Computer,
        prefix,
        suffix: computer,
    });
    let resource = Form {
        of: NameOf::Resource,
        prefix: Some(format!("{scale_set}_")),
        suffix: resource,
    };
    NamePattern {
        forms: computer.into_iter().chain([resource]).collect(),
    }
}

/// The instance id in base 36, written with six digits. The first is 0 up to an id of sixty million, the second up to one of
/// 1.7 million; where it is not, `web01prod` is people's and `web01A2B3` Azure's.
const SIX_BASE_36: Suffix = Suffix {
    length: Length::Exactly(6),
    base: 36,
    letters: LetterCase::CapitalsUnless("00"),
    lead: Lead::Only('0'),
    meaning: Meaning::Number,
};

/// The instance id.
const NUMBER: Suffix = Suffix {
    length: Length::AtLeast(1),
    base: 10,
    letters: LetterCase::Any,
    lead: Lead::NoZero,
    meaning: Meaning::Number,
};

/// Chosen at random.
const SIX_CAPITALS: Suffix = Suffix {
    length: Length::Exactly(6),
    base: 36,
    letters: LetterCase::Capitals,
    lead: Lead::Any,
    meaning: Meaning::Nothing,
};

/// Chosen at random.
const EIGHT_HEX: Suffix = Suffix {
    length: Length::Exactly(8),
    base: 16,
    letters: LetterCase::Any,
    lead: Lead::Any,
    meaning: Meaning::Nothing,
};

/// What they look like.
const EXAMPLES: [(Suffix, &str); 4] = [
    (SIX_BASE_36, "00000A"),
    (NUMBER, "10"),
    (SIX_CAPITALS, "4K7X2A"),
    (EIGHT_HEX, "1a2b3c4d"),
];

/// What the names of the pattern look like, for people: `web00000A or web_10`.
pub(super) fn examples(pattern: &NamePattern) -> String {
    let example = |form: &Form| {
        let known = EXAMPLES.iter().find(|(suffix, _)| *suffix == form.suffix);
        let suffix = known.map_or("", |(_, example)| example);
        let prefix = form.prefix.as_deref().unwrap_or_default();
        format!("{prefix}{suffix}")
    };
    let examples: Vec<String> = pattern.forms.iter().map(example).collect();
    examples.join(" or ")
}
