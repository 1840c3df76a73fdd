//! Octopus Server: its address, the key, the space.

use super::reader::{Reader, is_unresolved};
use crate::octopus::BaseUrl;
use crate::secret::Secret;

/// The address, or what serves in its place.
pub(super) fn url(r: &mut Reader, by_hand: bool) -> Option<BaseUrl> {
    const NAME: &str = "VMSS.Octopus.Url";
    let fallbacks: &[&str] = if by_hand {
        &[
            NAME,
            "OCTOPUS_URL",
            "Octopus.Web.ServerUri",
            "Octopus.Web.BaseUrl",
        ]
    } else {
        &[NAME, "Octopus.Web.ServerUri", "Octopus.Web.BaseUrl"]
    };
    let usable = |name: &&&str| r.raw(name).is_some_and(|value| !is_unresolved(value));
    let Some(name) = fallbacks.iter().find(usable).copied() else {
        match r.raw(NAME).map(str::trim) {
            Some(expression) => r.problem(
                NAME,
                format!("still holds the unresolved expression {expression}, and Octopus.Web.ServerUri and Octopus.Web.BaseUrl are not set either. Example: https://octopus.example.com"),
            ),
            None if by_hand => r.missing(NAME, "https://octopus.example.com"),
            None => r.missing(NAME, "#{Octopus.Web.ServerUri}, or https://octopus.example.com"),
        }
        return None;
    };
    match BaseUrl::parse(r.raw(name)?) {
        Ok(url) => {
            if name != NAME && name != "OCTOPUS_URL" {
                let state = if r.raw(NAME).is_some() {
                    "holds an unresolved expression"
                } else {
                    "is not set"
                };
                r.warnings
                    .push(format!("{NAME} {state}; {name} is used instead: {url}."));
            }
            if url.is_plain_http() {
                r.warnings.push(format!("{NAME} is plain HTTP: the API key crosses the network unencrypted. Use https where you can."));
            }
            Some(url)
        }
        Err(why) => {
            r.problem(name, format!("{why}. Example: https://octopus.example.com"));
            None
        }
    }
}

const KEY: &str = "VMSS.Octopus.ApiKey";
const KEY_BY_HAND: &str = "OCTOPUS_API_KEY";
const TOKEN: &str = "OCTOPUS_ACCESS_TOKEN";

/// The API key or access token.
pub(super) fn key(r: &mut Reader, by_hand: bool) -> Option<Secret> {
    let (names, example): (&[&'static str], _) = if by_hand {
        let example = "the API key of a service account; or OCTOPUS_ACCESS_TOKEN, a token of it";
        (&[KEY, KEY_BY_HAND, TOKEN], example)
    } else {
        let example = "the API key of a service account, from a sensitive variable";
        (&[KEY], example)
    };
    let Some(name) = r.first_set(names) else {
        r.missing(KEY, example);
        return None;
    };
    key_in(r, name)
}

/// Who checks, which may be anybody; and the schedule's own, where it is given. The one that is given alone is both.
pub(super) fn two_keys(r: &mut Reader, by_hand: bool) -> (Option<Secret>, Option<Secret>) {
    let schedule = r.raw(KEY).and_then(|_| key_in(r, KEY));
    let checker = r.first_set(&[KEY_BY_HAND, TOKEN]);
    match checker.filter(|_| by_hand) {
        Some(name) => (key_in(r, name), schedule),
        None if r.raw(KEY).is_some() => (schedule.clone(), schedule),
        None => (key(r, by_hand), None),
    }
}

/// What the key of whoever checks is set with.
pub(super) fn checkers_name(r: &Reader, by_hand: bool) -> &'static str {
    let own = r.first_set(&[KEY_BY_HAND, TOKEN]);
    own.filter(|_| by_hand).unwrap_or("VMSS_OCTOPUS_APIKEY")
}

/// Who sets up; and the key that is stored for the schedule, where it is given. One key is never both.
pub(super) fn setters_keys(r: &mut Reader) -> (Option<Secret>, Option<Secret>) {
    let stored = r.raw(KEY).and_then(|_| key_in(r, KEY));
    let setter = match r.first_set(&[KEY_BY_HAND, TOKEN]) {
        Some(name) => key_in(r, name),
        None => {
            r.missing(
                KEY_BY_HAND,
                "your own API key, with the role Space Manager; the key that is stored for the schedule is VMSS_OCTOPUS_APIKEY",
            );
            None
        }
    };
    (setter, stored)
}

fn key_in(r: &mut Reader, name: &'static str) -> Option<Secret> {
    let key = r.secret(name)?.trim();
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        r.problem(
            name,
            "holds characters that no API key has, such as a space or a line break. Copy it again",
        );
        return None;
    }
    let key = Secret::new(key);
    if name == TOKEN && !key.is_jwt() {
        r.problem(
            name,
            "is no token in the form of a JWT. An API key belongs into OCTOPUS_API_KEY",
        );
        return None;
    }
    Some(key)
}

const ENVIRONMENT: &str = "Octopus.Environment.Id";
const ENVIRONMENT_BY_HAND: [&str; 2] = [ENVIRONMENT, "OCTOPUS_ENVIRONMENT"];

/// The space's id; by hand also its name.
pub(super) fn space(r: &mut Reader, by_hand: bool) -> Option<String> {
    const NAME: &str = "Octopus.Space.Id";
    let (names, example): (&[&str], _) = if by_hand {
        (&[NAME, "OCTOPUS_SPACE"], "Default, or Spaces-1")
    } else {
        (&[NAME], "Spaces-1")
    };
    place(r, r.first_set(names).unwrap_or(NAME), example)
}

/// The environment's id; by hand also its name.
pub(super) fn environment(r: &mut Reader, by_hand: bool) -> Option<String> {
    let (names, example): (&[&str], _) = if by_hand {
        (&ENVIRONMENT_BY_HAND, "Production, or Environments-1")
    } else {
        (&[ENVIRONMENT], "Environments-1")
    };
    place(r, r.first_set(names).unwrap_or(ENVIRONMENT), example)
}

/// The same, where whoever did not say is told which there are.
pub(super) fn told_environment(r: &mut Reader) -> Option<String> {
    let name = r.first_set(&ENVIRONMENT_BY_HAND)?;
    place(r, name, "Production, or Environments-1")
}

/// The id of a space or an environment, which becomes a part of addresses.
fn place(r: &mut Reader, parameter: &str, example: &str) -> Option<String> {
    let value = r.required(parameter, example)?;
    // An address would take these as a step up or none at all, and mean another space.
    if matches!(value, "." | "..") {
        r.problem(parameter, format!("is '{value}'. Example: {example}"));
        return None;
    }
    Some(value.to_owned())
}
