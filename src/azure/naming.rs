//! How a scale set names its machines.
//!
//! Sources: Azure documentation, "Understand instance IDs for Azure VM Scale Set VMs" and "Orchestration modes"; the
//! base-36 form is also how Kubernetes' Azure provider reads them (`azure_vmss.go`).

use super::rows::Mode;
use crate::reconcile::identity::{Form, NamePattern, Suffix};

/// The names that a scale set gives.
///
/// Uniform: `{prefix}{instance id in base 36, six digits}`, resource `{scale set}_{instance id}`.
/// Flexible: `{prefix}{six of 0-9 A-Z}`, resource `{scale set}_{eight hexadecimal digits}`.
pub(super) fn pattern(mode: Mode, scale_set: &str, prefix: Option<&str>) -> NamePattern {
    let (computer, resource) = match mode {
        Mode::Uniform => (Suffix::Base36Number, Suffix::DecimalNumber),
        Mode::Flexible => (Suffix::SixCapitals, Suffix::EightHex),
    };
    let prefix = prefix.map(str::trim).filter(|prefix| !prefix.is_empty());
    let computer = prefix.map(|prefix| Form {
        stem: prefix.to_owned(),
        suffix: computer,
    });
    let resource = Form {
        stem: format!("{scale_set}_"),
        suffix: resource,
    };
    NamePattern {
        forms: computer.into_iter().chain([resource]).collect(),
    }
}

/// The pattern for people, for the head of the plan.
pub(super) fn describe(pattern: &NamePattern) -> String {
    let form = |form: &Form| {
        let suffix = match form.suffix {
            Suffix::Base36Number => "0 and five base-36 digits",
            Suffix::DecimalNumber => "number",
            Suffix::SixCapitals => "six of 0-9 A-Z",
            Suffix::EightHex => "eight hex digits",
        };
        format!("{}<{suffix}>", form.stem)
    };
    pattern
        .forms
        .iter()
        .map(form)
        .collect::<Vec<_>>()
        .join(" or ")
}

/// The number of a machine as Azure's paths want it.
pub(super) fn instance_id(number: u64) -> String {
    number.to_string()
}
