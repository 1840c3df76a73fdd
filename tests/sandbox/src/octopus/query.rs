//! The parameters of a listing. An unknown one is an error here, so that a misspelt filter shows.

use super::errors;
use crate::http::{Answer, Call};

pub(crate) struct Query {
    /// A handful, asked for once for every item of a listing: a list is quicker than a map.
    values: Vec<(String, String)>,
}

impl Query {
    /// Reads the parameters; names are compared without regard to case.
    pub fn read(call: &Call, known: &[&str]) -> Result<Self, Answer> {
        let mut values = Vec::new();
        for (name, value) in call.parameters() {
            if !known.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                let problem = format!(
                    "The sandbox's Octopus knows no parameter '{name}' for {}.",
                    call.path
                );
                return Err(errors::bad_request(&problem));
            }
            if !value.is_empty() {
                values.push((name, value));
            }
        }
        Ok(Self { values })
    }

    /// A value; an empty one counts as missing.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self
            .values
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A comma-separated list.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(
            self.text(name)?
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .collect(),
        )
    }

    pub fn number(&self, name: &str) -> Result<Option<usize>, Answer> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                errors::bad_request(&format!("The value '{text}' is not valid for {name}."))
            })
        };
        self.text(name).map(parse).transpose()
    }

    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Answer> {
        let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(errors::bad_request(&format!(
                "The value '{text}' is not valid for {name}."
            ))),
        };
        self.text(name).map(parse).transpose()
    }

    /// Whether one of the values is in the list; holds where there is no list.
    pub fn any<'a>(&self, name: &str, mut values: impl Iterator<Item = &'a str>) -> bool {
        match self.list(name) {
            None => true,
            Some(wanted) => values.any(|value| {
                wanted
                    .iter()
                    .any(|wanted| wanted.eq_ignore_ascii_case(value))
            }),
        }
    }

    /// Whether the text contains the parameter's value, whatever the case; holds where there is none.
    pub fn part(&self, name: &str, text: &str) -> bool {
        match self.text(name) {
            None => true,
            Some(part) => text.to_lowercase().contains(&part.to_lowercase()),
        }
    }
}
