//! Settings in the words of people at a terminal.

use super::flags::Flags;
use super::reader::{Environment, Reader};
use super::table::PARAMETERS;
use std::collections::HashMap;

/// How parameters are called in messages: by where each was set, or by what a person at a terminal would set.
#[derive(Debug, Clone, Default)]
pub struct Words(HashMap<&'static str, String>);

impl Words {
    /// Of a run with these settings.
    #[must_use]
    pub fn of(environment: &Environment, flags: &Flags) -> Self {
        let reader = Reader::new(environment, flags);
        let names = PARAMETERS.iter().map(|parameter| parameter.name);
        Self(names.map(|name| (name, reader.called(name))).collect())
    }

    /// The text with each parameter called so.
    #[must_use]
    pub fn said(&self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let mut words = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            words.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let token = rest[..end].trim_end_matches('.');
            let name = if token.is_empty() {
                &rest[..end]
            } else {
                token
            };
            rest = &rest[name.len()..];
            match self.0.get(name) {
                None => words.push_str(name),
                Some(called) => {
                    words.push_str(called);
                    // At a terminal nobody writes a sign between a flag and its value.
                    if let Some(value) = rest.strip_prefix(" = ")
                        && called.starts_with("--")
                    {
                        words.push(' ');
                        rest = value;
                    }
                }
            }
        }
        words.push_str(rest);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{Flag, Takes};
    use super::super::table::PARAMETERS;
    use super::{Environment, Flags, Words};

    /// `VMSS.Removal.OwnedOnly` is `removal-owned-only`.
    fn whole_name(parameter: &str) -> String {
        let mut flag = String::new();
        for c in parameter.trim_start_matches("VMSS.").chars() {
            if c.is_ascii_uppercase() && !flag.is_empty() && !flag.ends_with('-') {
                flag.push('-');
            }
            flag.push(if c == '.' {
                '-'
            } else {
                c.to_ascii_lowercase()
            });
        }
        flag
    }

    #[test]
    fn a_flag_is_the_parameters_name_in_words() {
        for parameter in &PARAMETERS {
            match parameter.flag {
                Flag::Short(_, _, flag)
                | Flag::Named(flag)
                | Flag::Secret(flag, _)
                | Flag::Pointless(flag, _) => assert_eq!(flag, whole_name(parameter.name)),
            }
        }
    }

    #[test]
    fn every_default_of_a_choice_is_one_of_its_words() {
        for parameter in &PARAMETERS {
            if let Takes::Choice(names) = parameter.takes {
                let (name, default) = (parameter.name, parameter.default);
                assert!(names().contains(&default), "{name} is {default:?}");
            }
        }
    }

    #[test]
    fn a_text_calls_parameters_by_their_flags() {
        let unset = Words::of(&Environment::default(), &Flags::default());
        for (text, by_hand) in [
            ("(VMSS.Timeout.Value): x.", "(--timeout-value): x."),
            ("Check Octopus.Space.Id.", "Check --space."),
            (
                "roles, VMSS.Removal.OwnedOnly = No removes",
                "roles, --removal-owned-only No removes",
            ),
            ("VMSS.Octopus.ApiKey is", "OCTOPUS_API_KEY is"),
            (
                "VMSS.Removal.Limits, .VMSS.DryRun ... \u{fc}",
                "VMSS.Removal.Limits, .VMSS.DryRun ... \u{fc}",
            ),
        ] {
            assert_eq!(unset.said(text), by_hand);
        }
    }

    #[test]
    fn a_parameter_is_called_by_where_it_was_set() {
        let set = [
            ("VMSS_OCTOPUS_URL", "http://octopus"),
            ("VMSS_REMOVAL_LIMIT", "3"),
        ];
        let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut flags = Flags::default();
        flags.set("VMSS.Removal.Limit", "--removal-limit", "5".to_owned());
        let words = Words::of(&set.into(), &flags);
        assert_eq!(
            words.said("VMSS.Octopus.Url, VMSS.Removal.Limit, VMSS.Octopus.ApiKey"),
            "VMSS_OCTOPUS_URL, --removal-limit, OCTOPUS_API_KEY"
        );
    }
}
