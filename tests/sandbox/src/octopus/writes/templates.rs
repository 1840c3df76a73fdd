//! Step templates. Source: octopus.com/docs/api, "Action Templates"; github.com/OctopusDeploy/Issues 7316 and 9185 (a name that
//! another template once had can be given to a new one, but not kept).

use super::{Write, created, name_taken, over, required, unknown_ids};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, shown, text, texts};
use crate::octopus::{errors, properties, templates};
use serde_json::{Value, json};

/// What a body leaves out.
fn blank() -> Value {
    json!({
        "Description": "",
        "CommunityActionTemplateId": Value::Null,
        "Packages": [],
        "GitDependencies": [],
        "Inputs": {},
        "Properties": {},
        "Parameters": [],
    })
}

pub(super) fn create(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let body = write.body()?;
    let mut json = saved(write, &body, &Value::Null)?;
    json["SpaceId"] = write.address.space().into();
    let honoured = write.octopus.readings.templates_keep_their_number && body["Version"].is_u64();
    json["Version"] = if honoured {
        body["Version"].clone()
    } else {
        0.into()
    };
    write.free_name(Kind::ActionTemplate, &json)?;
    let id = write.octopus.add_template(json);
    let kept = find(
        write.octopus,
        Kind::ActionTemplate,
        &id,
        write.address.space(),
    )?;
    Ok(created(shown(write.octopus, Kind::ActionTemplate, kept)))
}

pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let (id, space) = (write.address.id.as_str(), write.address.space());
    let was = find(write.octopus, Kind::ActionTemplate, id, space)?.clone();
    let body = write.body()?;
    if !was["CommunityActionTemplateId"].is_null() {
        return Err(errors::bad_request(
            "Only custom templates can be directly updated.",
        ));
    }
    let mut json = saved(write, &body, &was)?;
    if json["ActionType"] != was["ActionType"] {
        return Err(errors::bad_request(
            "The ActionType of a step template cannot be changed.",
        ));
    }
    for name in ["Id", "SpaceId"] {
        json[name] = was[name].clone();
    }
    write.free_name(Kind::ActionTemplate, &json)?;
    free_of_earlier_names(write, &json)?;
    let id = text(&was, "Id");
    write.octopus.save_template(id, json);
    let kept = find(write.octopus, Kind::ActionTemplate, id, space)?;
    Ok(Answer::ok(shown(write.octopus, Kind::ActionTemplate, kept)))
}

fn free_of_earlier_names(write: &Write<'_>, json: &Value) -> Result<(), Answer> {
    let (name, own) = (text(json, "Name"), text(json, "Id"));
    let all = &write.octopus.documents;
    let rival = |earlier: &Value| {
        let number = earlier["Version"].as_u64().unwrap_or(0);
        let mine = text(earlier, "Id") == templates::version_id(own, number);
        !mine && text(earlier, "Name").eq_ignore_ascii_case(name)
    };
    match all.of(Kind::ActionTemplateVersion).any(rival) {
        true => Err(name_taken(name)),
        false => Ok(()),
    }
}

fn saved(write: &mut Write<'_>, body: &Value, was: &Value) -> Result<Value, Answer> {
    required(body, &["Name", "ActionType"])?;
    let mut json = over(blank(), body);
    templates::drop_marks(&mut json);
    known_feeds(write, &json, was)?;
    json["Properties"] = properties::take(&json["Properties"], &was["Properties"])?;
    let sent = json["Parameters"].as_array().cloned().unwrap_or_default();
    let parameters = sent
        .into_iter()
        .map(|sent| parameter(write, sent, &was["Parameters"]));
    json["Parameters"] = parameters.collect::<Result<Vec<_>, _>>()?.into();
    write.stamp(&mut json);
    Ok(json)
}

/// A parameter keeps its id, or gets another one by every save.
fn parameter(write: &mut Write<'_>, mut sent: Value, earlier: &Value) -> Result<Value, Answer> {
    required(&sent, &["Name"])?;
    let earlier = earlier.as_array().into_iter().flatten();
    let mut same = earlier.filter(|own| own["Name"] == sent["Name"]);
    let kept = same.next().map_or(&Value::Null, |own| &own["DefaultValue"]);
    let value = properties::take_one(&sent["DefaultValue"], kept)?;
    sent["DefaultValue"] = value.unwrap_or_default();
    if write.octopus.readings.parameters_get_new_ids || text(&sent, "Id").is_empty() {
        sent["Id"] = write.octopus.next_guid().into();
    }
    Ok(sent)
}

/// Feeds are no resource here: those are known that some step template has already, and the built-in one.
fn known_feeds(write: &Write<'_>, json: &Value, was: &Value) -> Result<(), Answer> {
    let feeds = |json: &Value| {
        let packages = json["Packages"].as_array().into_iter().flatten();
        let ids: Value = packages.map(|package| package["FeedId"].clone()).collect();
        texts(&ids)
    };
    let all = write.octopus.documents.of(Kind::ActionTemplate);
    let mut known: Vec<String> = all.flat_map(feeds).chain(feeds(was)).collect();
    known.push("feeds-builtin".to_owned());
    let sent = feeds(json);
    let unknown = sent.iter().filter(|id| !known.contains(id));
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(unknown_ids("Feed", &unknown)),
    }
}
