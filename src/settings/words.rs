//! Settings in the words of people at a terminal.

use super::table::parameter;

/// The text with each parameter called by what a person at a terminal would set.
#[must_use]
pub fn words_by_hand(text: &str) -> String {
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
        match parameter(name) {
            None => words.push_str(name),
            Some(parameter) => {
                words.push_str(&parameter.called_by_hand());
                // At a terminal nobody writes a sign between a flag and its value.
                if let Some(value) = rest.strip_prefix(" = ") {
                    words.push(' ');
                    rest = value;
                }
            }
        }
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Flag;
    use super::super::table::PARAMETERS;
    use super::words_by_hand;

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
    fn a_text_calls_parameters_by_their_flags() {
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
            assert_eq!(words_by_hand(text), by_hand);
        }
    }
}
