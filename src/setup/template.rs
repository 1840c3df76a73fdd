//! The step template: found in the space, or of a file. Content is compared, never the number, which the server counts by itself.
//!
//! Source: Octopus REST API reference, "Action templates".

use super::document::{Change, Edit, rows, same, text};
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::properties;
use super::site::{NEW, SetupSite};
use crate::check::own_steps::{PROGRAM, SCRIPT};
use crate::error::ServiceError;
use serde_json::Value;

const PATH: &str = "actiontemplates";
/// What it is called where no file says so.
const NAME: &str = "VMSS - Remove Deployment Targets Whose Machines Are Gone";
/// Its file in a release.
pub const FILE: &str = "octopus-scale-in.json";
/// What to do where nobody named the file.
pub const NO_FILE: &str = "it is not in this space. Download octopus-scale-in.json from the release, and name it with --template FILE";

/// The template as it is, and as it will be.
pub struct Template {
    /// As it is; `None` where it is not there.
    is: Option<Value>,
    /// As it will be; `None` where nobody gave one.
    edit: Option<Edit>,
}

impl Template {
    /// As it will be.
    pub fn wanted(&self) -> Option<&Value> {
        self.edit.as_ref().map(|edit| &edit.now)
    }

    /// As the space has it, with its id.
    pub fn found(&self) -> Option<&Value> {
        self.is.as_ref()
    }

    /// Whether it will have another number than today.
    pub fn changes(&self) -> bool {
        self.edit
            .as_ref()
            .is_some_and(|edit| !edit.changes.is_empty())
    }
}

pub fn look(site: &SetupSite<'_>) -> Result<Template, ServiceError> {
    let file = site.settings.template.as_ref();
    let file = file.filter(|_| site.does(SetupPart::Template));
    let name = file.map_or(NAME, |it| text(it, "Name"));
    let id = site.find(&[PATH], name)?;
    let is = id.map(|id| site.read(&[PATH, &id])).transpose()?;
    let edit = match (&is, file) {
        (None, None) => None,
        (Some(is), None) => Some(Edit::of(is.clone())),
        (None, Some(file)) => Some(Edit::of(new(site, file))),
        (Some(is), Some(file)) => Some(updated(is, file)),
    };
    Ok(Template { is, edit })
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let template = look(site)?;
    let name = template.wanted().map_or(NAME, |it| text(it, "Name"));
    let subject = format!("step template \"{name}\"");
    let row = |sign, note: &str| PlanLine::new(SetupPart::Template, sign, subject.as_str(), note);
    Ok(match (template.is, template.edit) {
        (None, None) | (Some(_), None) => Proposal::of(row(Sign::Open, NO_FILE)),
        (None, Some(edit)) => {
            let body = without_number(edit.now);
            Proposal::create(row(Sign::Create, ""), &[PATH], body)
        }
        (Some(is), Some(edit)) if edit.changes.is_empty() && !is_this_programs(&is) => {
            Proposal::of(row(
                Sign::Open,
                "it is another program's. Rename that one, and name this program's with --template FILE",
            ))
        }
        (Some(is), Some(edit)) => {
            let rename = May::NotWithout(
                "Only a rename of that template helps: it is not this program's; then setup".into(),
            );
            let may = if is_this_programs(&is) {
                May::Yes
            } else {
                rename
            };
            if text(&is, "CommunityActionTemplateId").is_empty() {
                Proposal::correct(
                    SetupPart::Template,
                    &subject,
                    &[PATH, text(&is, "Id")],
                    edit,
                    may,
                )
            } else if edit.changes.is_empty() {
                Proposal::of(row(Sign::Same, ""))
            } else {
                let note = "it comes from the community library: update it there (Library > Step templates > Community)";
                Proposal::of(row(Sign::Open, note))
            }
        }
    })
}

fn is_this_programs(template: &Value) -> bool {
    properties::text(&template["Properties"], SCRIPT).is_some_and(|it| it.contains(PROGRAM))
}

/// What the file says, without what belongs to the server it was exported from.
fn new(site: &SetupSite<'_>, file: &Value) -> Value {
    let mut template = file.clone();
    if let Some(fields) = template.as_object_mut() {
        for field in [
            "$Meta",
            "Category",
            "LastModifiedBy",
            "LastModifiedOn",
            "Links",
        ] {
            fields.remove(field);
        }
    }
    template["Id"] = NEW.into();
    template["Version"] = NEW.into();
    template["SpaceId"] = site.octopus.space().into();
    template
}

/// What the server gives a new one itself; its parameters keep their ids.
fn without_number(mut template: Value) -> Value {
    if let Some(fields) = template.as_object_mut() {
        fields.remove("Id");
        fields.remove("Version");
    }
    template
}

/// The file's content in what the space has. Packages that a person added stay.
fn updated(is: &Value, file: &Value) -> Edit {
    let mut edit = Edit::of(is.clone());
    let mut differs = Vec::new();
    for (name, value) in file["Properties"].as_object().into_iter().flatten() {
        if !properties::same_property(name, &is["Properties"][name], value) {
            properties::set(&mut edit.now["Properties"], name, value.clone());
            differs.push("script");
        }
    }
    if !same_parameters(is, file) {
        edit.now["Parameters"] = with_their_ids(is, file);
        differs.push("parameters");
    }
    if !properties::alike(is["Description"].as_str(), file["Description"].as_str()) {
        edit.now["Description"] = file["Description"].clone();
        differs.push("description");
    }
    let missing: Vec<Value> = rows(file, "Packages")
        .filter(|it| !has_package(is, it))
        .cloned()
        .collect();
    if !missing.is_empty() {
        let there = rows(is, "Packages").cloned();
        edit.now["Packages"] = there.chain(missing).collect();
        differs.push("packages");
    }
    differs.dedup();
    edit.changes.extend(differs.into_iter().map(|what| Change {
        what: what.to_owned(),
        old: format!("of version {}", is["Version"]),
        new: "of the file".to_owned(),
    }));
    edit
}

/// Whether both have the same parameters. Whatever a server adds to one is none of its content.
fn same_parameters(is: &Value, file: &Value) -> bool {
    let alike = |is: &Value, file: &Value, field: &str| {
        properties::alike(
            properties::plain(&is[field]),
            properties::plain(&file[field]),
        )
    };
    let shown = |is: &Value, file: &Value| {
        let settings = file["DisplaySettings"].as_object().into_iter().flatten();
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        settings.into_iter().all(|(name, value)| {
            let is = texts(&is["DisplaySettings"][name.as_str()]);
            properties::alike(is.as_deref(), texts(value).as_deref())
        })
    };
    let fields = ["Name", "Label", "HelpText", "DefaultValue"];
    let same = |(is, file): (&Value, &Value)| {
        fields.iter().all(|field| alike(is, file, field)) && shown(is, file)
    };
    let count = |template: &Value| rows(template, "Parameters").count();
    let pairs = rows(is, "Parameters").zip(rows(file, "Parameters"));
    count(is) == count(file) && pairs.into_iter().all(same)
}

fn with_their_ids(is: &Value, file: &Value) -> Value {
    let kept = |parameter: &Value| {
        let mut parameter = parameter.clone();
        let name = text(&parameter, "Name").to_owned();
        let known = rows(is, "Parameters").find(|it| text(it, "Name") == name);
        if let Some(known) = known {
            parameter["Id"] = known["Id"].clone();
        }
        parameter
    };
    rows(file, "Parameters").map(kept).collect()
}

fn has_package(template: &Value, package: &Value) -> bool {
    rows(template, "Packages").any(|it| {
        same(text(it, "Name"), text(package, "Name"))
            && same(text(it, "PackageId"), text(package, "PackageId"))
    })
}
