//! Whether what was published is what is there now, row by row, where the server itself does not say so.

use crate::check::set_up::Pair;
use crate::octopus::set_up::Kept;
use serde_json::Value;

/// What a comparison tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// These differ.
    Differs(Vec<String>),
    /// Nothing does.
    Same,
    /// Nothing that can be seen does; these are secrets, or something may be out of sight.
    AsFarAsSeen(Vec<String>),
    /// Nothing was compared.
    Unknown,
}

/// Of all of these together, seen by somebody who sees all of them or not. What was not saved since has not changed, secrets
/// included.
pub(super) fn compare(pairs: Option<&[Pair]>, sees_all: bool) -> Comparison {
    let Some(pairs) = pairs else {
        return Comparison::Unknown;
    };
    let (mut differ, mut secrets, mut hidden) = (Vec::new(), Vec::new(), false);
    for pair in pairs {
        let (Some(now), Some(then)) = (pair.now.known(), pair.then.known()) else {
            return Comparison::Unknown;
        };
        let (now, then) = match (now, then) {
            (Some(now), Some(then)) => (now, then),
            (None, None) => return Comparison::Unknown,
            (Some(_), None) | (None, Some(_)) => {
                differ.push("a library variable set that was added or taken out".to_owned());
                continue;
            }
        };
        differ.extend(differences(now, then));
        if now.version.is_none() || now.version != then.version {
            hidden |= !sees_all;
            secrets.extend(now.rows.iter().filter(|row| has_secret(row)).map(name));
        }
    }
    match differ[..] {
        [_, ..] => Comparison::Differs(differ),
        [] if hidden || !secrets.is_empty() => Comparison::AsFarAsSeen(secrets),
        [] => Comparison::Same,
    }
}

/// The names of the rows that are not in the other; where only their order differs, that.
fn differences(now: &Kept, then: &Kept) -> Vec<String> {
    let missing = |of: &Kept, from: &Kept| -> Vec<String> {
        let rows = of.rows.iter().filter(|row| !from.rows.contains(row));
        rows.map(name).collect()
    };
    let mut names = [missing(now, then), missing(then, now)].concat();
    names.sort();
    names.dedup();
    let is_reordered = names.is_empty() && now.rows != then.rows && has_order(now);
    match is_reordered {
        true => vec!["the order of the steps".to_owned()],
        false => names,
    }
}

/// Steps have one, variables have none.
fn has_order(kept: &Kept) -> bool {
    kept.rows.iter().any(|row| row.get("Actions").is_some())
}

fn name(row: &Value) -> String {
    let name = row.get("Name").and_then(Value::as_str);
    name.unwrap_or("one without a name").to_owned()
}

fn has_secret(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            let is = |name: &str| fields.get(name) == Some(&Value::Bool(true));
            is("HasValue") || is("IsSensitive") || fields.values().any(has_secret)
        }
        Value::Array(all) => all.iter().any(has_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, compare};
    use crate::check::seen::Seen;
    use crate::check::set_up::Pair;
    use crate::octopus::set_up::Kept;
    use serde_json::{Value, json};

    fn pair(now: (u64, Value), then: (u64, Value)) -> Pair {
        let kept = |(version, rows): (u64, Value)| {
            Seen::Known(Some(Kept {
                version: Some(version),
                rows: serde_json::from_value(rows).expect("rows"),
            }))
        };
        Pair {
            now: kept(now),
            then: kept(then),
        }
    }

    #[test]
    fn what_differs_is_named_and_a_secret_that_was_saved_since_is_not_called_the_same() {
        let (a, other) = (json!([{"Name": "a"}]), json!([{"Name": "a", "Value": "x"}]));
        let secret = json!([{"Name": "key", "IsSensitive": true}]);
        let step = |name: &str| json!({"Name": name, "Actions": []});
        let (ab, ba) = (json!([step("a"), step("b")]), json!([step("b"), step("a")]));
        let named = |name: &str| vec![name.to_owned()];
        for (one, sees_all, is) in [
            (pair((2, a.clone()), (1, a.clone())), true, Comparison::Same),
            (
                pair((2, a.clone()), (1, a.clone())),
                false,
                Comparison::AsFarAsSeen(Vec::new()),
            ),
            (
                pair((1, a.clone()), (1, a.clone())),
                false,
                Comparison::Same,
            ),
            (
                pair((2, other), (1, a)),
                true,
                Comparison::Differs(named("a")),
            ),
            (
                pair((1, secret.clone()), (1, secret.clone())),
                true,
                Comparison::Same,
            ),
            (
                pair((2, secret.clone()), (1, secret)),
                true,
                Comparison::AsFarAsSeen(named("key")),
            ),
            (
                pair((1, ab), (1, ba)),
                true,
                Comparison::Differs(named("the order of the steps")),
            ),
        ] {
            assert_eq!(compare(Some(&[one]), sees_all), is);
        }
        assert_eq!(compare(Some(&[]), true), Comparison::Same);
        assert_eq!(compare(None, true), Comparison::Unknown);
    }
}
