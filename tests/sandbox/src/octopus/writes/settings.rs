//! Environments, and the deployment settings of projects. Source: octopus.com/docs/api, "Environments" and "Deployment
//! Settings".

use super::{Write, name_taken, one_of, over, required};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, need, shown, text};
use crate::octopus::places::{self, Environment, slug};
use crate::octopus::{errors, git, layers};
use serde_json::{Map, Value, json};

pub(super) fn put_environment(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = places::find_environment(write.octopus, write.address)?.clone();
    let place = was.place();
    let (octopus, caller) = (&*write.octopus, write.caller);
    caller.need_at(octopus, "EnvironmentEdit", &place, &was.id)?;
    let body = write.body()?;
    required(&body, &["Name"])?;
    let name = text(&body, "Name");
    let mut others = octopus.environments.values();
    if others
        .any(|it| it.space == was.space && it.id != was.id && it.name.eq_ignore_ascii_case(name))
    {
        return Err(name_taken(name));
    }
    let blank = json!({
        "Slug": slug(name),
        "Description": "",
        "SortOrder": 0,
        "UseGuidedFailure": false,
        "AllowDynamicInfrastructure": false,
        "EnvironmentTags": [],
        "ExtensionSettings": [],
    });
    let mut wanted = over(blank, &body);
    write.stamp(&mut wanted);
    wanted["Id"] = was.id.as_str().into();
    wanted["SpaceId"] = was.space.as_str().into();
    let controlled = |extension: &Value| extension["Values"]["ServiceNowChangeControlled"] == true;
    let extensions = wanted["ExtensionSettings"].as_array();
    let mut now = Environment {
        name: name.to_owned(),
        guided_failure: wanted["UseGuidedFailure"] == true,
        change_controlled: extensions.is_some_and(|all| all.iter().any(controlled)),
        fields: Map::new(),
        ..was
    };
    now.fields = layers::difference(&wanted, &places::environment_json(octopus, &now));
    let shown = places::environment_json(octopus, &now);
    let all = &mut write.octopus.environments;
    all.insert(now.id.clone(), now);
    Ok(Answer::ok(shown))
}

/// Servers of 2020 keep the guided failure mode of a project here.
pub(super) fn put_project(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let (id, space) = (&write.address.id, write.address.space());
    let was = find(write.octopus, Kind::Project, id, space)?.clone();
    need(
        write.octopus,
        write.caller,
        "ProjectEdit",
        Kind::Project,
        &was,
    )?;
    let body = write.body()?;
    required(&body, &["Name", "ProjectGroupId", "LifecycleId"])?;
    let blank = json!({
        "Slug": slug(text(&body, "Name")),
        "Description": "",
        "IsDisabled": false,
        "IncludedLibraryVariableSetIds": [],
        "TenantedDeploymentMode": "Untenanted",
        "DefaultToSkipIfAlreadyInstalled": false,
        "AutoCreateRelease": false,
        "ExtensionSettings": [],
        "Templates": [],
    });
    let mut json = over(blank, &body);
    for name in [
        "Id",
        "SpaceId",
        "VariableSetId",
        "DeploymentProcessId",
        "IsVersionControlled",
        "PersistenceSettings",
        "ClonedFromProjectId",
    ] {
        json[name] = was[name].clone();
    }
    write.free_name(Kind::Project, &json)?;
    write.stamp(&mut json);
    let documents = &mut write.octopus.documents;
    if !write.octopus.newer.deployment_settings {
        let fields = json.as_object_mut();
        let mode = fields.and_then(|fields| fields.remove("DefaultGuidedFailureMode"));
        let settings = format!("deploymentsettings-{}", text(&json, "Id"));
        documents.edit(&settings, |settings| {
            settings["DefaultGuidedFailureMode"] = mode.unwrap_or("EnvironmentDefault".into());
        });
    }
    documents.insert(Kind::Project, json.clone());
    Ok(Answer::ok(shown(write.octopus, Kind::Project, &json)))
}

/// Which permission it needs is documented nowhere: `ProjectEdit`, or `ProcessEdit`.
pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let octopus = &*write.octopus;
    if !octopus.newer.deployment_settings {
        return Err(errors::unknown_question());
    }
    let body = write.body()?;
    let project = write.project(&body)?;
    let json = find(octopus, Kind::Project, project, write.address.space())?;
    let permission = match octopus.readings.settings_need_process_edit {
        true => "ProcessEdit",
        false => "ProjectEdit",
    };
    need(octopus, write.caller, permission, Kind::Project, json)?;
    git::refuse_plain(octopus, project, Kind::DeploymentSettings)?;
    required(&body, &["ConnectivityPolicy", "DefaultGuidedFailureMode"])?;
    let modes = ["EnvironmentDefault", "Off", "On"];
    one_of(&body, "DefaultGuidedFailureMode", &modes)?;
    let id = format!("deploymentsettings-{project}");
    let blank = json!({
        "VersioningStrategy": Value::Null,
        "ReleaseNotesTemplate": Value::Null,
        "DeploymentChangesTemplate": Value::Null,
        "ForcePackageDownload": false,
    });
    let mut json = over(blank, &body);
    json["Id"] = id.into();
    json["SpaceId"] = write.address.space().into();
    json["ProjectId"] = project.into();
    write.stamp(&mut json);
    let documents = &mut write.octopus.documents;
    documents.insert(Kind::DeploymentSettings, json.clone());
    Ok(Answer::ok(json))
}
