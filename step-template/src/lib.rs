//! Packs the step template: metadata, parameters, description and script into the one JSON file that Octopus imports.
//!
//! Sources of the form: "Export a step template" in Octopus's documentation, and the templates and validation tests of
//! github.com/OctopusDeploy/Library.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The script, as it is without a release.
pub const SCRIPT: &str = include_str!("../octopus-scale-in.ps1");
const METADATA: &str = include_str!("../template.toml");
const DESCRIPTION: &str = include_str!("../description.md");

/// Around what a release fills in.
const RELEASE: (&str, &str) = ("# <release>", "# </release>");

/// What a template knows of the release that it was made with.
#[derive(Debug, Clone)]
pub struct Release {
    /// The version of the program.
    pub version: String,
    /// The folder that its files are downloaded from, without a slash at the end.
    pub base_url: String,
    /// How long a download may take, in seconds.
    pub seconds: u32,
    /// The SHA-256 of the program by target triple, in small hexadecimal digits.
    pub sha256: BTreeMap<String, String>,
}

/// What Octopus shows of the template.
#[derive(Debug, Deserialize)]
pub struct Template {
    /// Its GUID, for good.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One more for every published change.
    pub version: u32,
    /// A category of the Library.
    pub category: String,
    author: String,
    exported_at: String,
    octopus_version: String,
    /// Its parameters, in the order in which they are shown.
    #[serde(rename = "parameter")]
    pub parameters: Vec<Parameter>,
}

/// A parameter of the template.
#[derive(Debug, Deserialize)]
pub struct Parameter {
    /// Its GUID, for good.
    pub id: String,
    /// Its name, which is also that of the variable.
    pub name: String,
    /// What people see beside the field.
    pub label: String,
    /// Octopus's name of the kind of field.
    pub control: String,
    /// What holds where nothing is set.
    #[serde(default)]
    pub default: String,
    /// The choices of a `Select`: `value|Label`.
    #[serde(default)]
    pub options: Vec<String>,
    /// What it means, in Markdown.
    pub help: String,
}

impl Template {
    /// Reads the sources.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read() -> Result<Self, String> {
        toml::from_str(METADATA).map_err(|error| format!("template.toml: {error}"))
    }

    /// The template as Octopus imports it: of a release, or without one for development.
    ///
    /// # Errors
    /// The script has no place for a release.
    pub fn pack(&self, release: Option<&Release>) -> Result<String, String> {
        let script = match release {
            Some(release) => with_release(SCRIPT, release)?,
            None => SCRIPT.to_owned(),
        };
        let parameters: Vec<Value> = self.parameters.iter().map(Parameter::json).collect();
        let template = json!({
            "Id": self.id,
            "Name": self.name,
            "Description": DESCRIPTION.trim_end(),
            "ActionType": "Octopus.Script",
            "Version": self.version,
            "CommunityActionTemplateId": null,
            "Packages": [],
            "Properties": {
                "Octopus.Action.Script.ScriptSource": "Inline",
                "Octopus.Action.Script.Syntax": "PowerShell",
                "Octopus.Action.Script.ScriptBody": script,
                "Octopus.Action.RunOnServer": "true",
            },
            "Parameters": parameters,
            "$Meta": {
                "ExportedAt": self.exported_at,
                "OctopusVersion": self.octopus_version,
                "Type": "ActionTemplate",
            },
            "LastModifiedBy": self.author,
            "Category": self.category,
        });
        let text = serde_json::to_string_pretty(&template).map_err(|error| error.to_string())?;
        Ok(text + "\n")
    }
}

impl Parameter {
    fn json(&self) -> Value {
        let mut settings = Map::new();
        settings.insert("Octopus.ControlType".into(), self.control.as_str().into());
        if !self.options.is_empty() {
            let options = self.options.join("\n");
            settings.insert("Octopus.SelectOptions".into(), options.into());
        }
        json!({
            "Id": self.id,
            "Name": self.name,
            "Label": self.label,
            "HelpText": self.help.trim(),
            "DefaultValue": self.default,
            "DisplaySettings": settings,
        })
    }
}

impl Release {
    /// Reads a folder of release files: the hashes from its `SHA256SUMS`.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else, or nothing of this version.
    pub fn read(folder: &Path, version: &str, repository: &str) -> Result<Self, String> {
        let file = folder.join("SHA256SUMS");
        let sums = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let mut sha256 = BTreeMap::new();
        for line in sums.lines() {
            let (hash, name) = line
                .split_once(char::is_whitespace)
                .filter(|(hash, _)| is_sha256(hash))
                .ok_or_else(|| format!("{}: no SHA-256 of a file: {line}", file.display()))?;
            let name = name.trim_start_matches([' ', '*']);
            let triple = name.strip_prefix(&format!("octopus-scale-in-{version}-"));
            if let Some(triple) = triple {
                let triple = triple.trim_end_matches(".exe");
                sha256.insert(triple.to_owned(), hash.to_ascii_lowercase());
            }
        }
        if sha256.is_empty() {
            return Err(format!(
                "{} has no file of version {version}",
                file.display()
            ));
        }
        Ok(Self {
            version: version.to_owned(),
            base_url: format!(
                "{}/releases/download/v{version}",
                repository.trim_end_matches('/')
            ),
            seconds: 120,
            sha256,
        })
    }
}

/// Whether it can be one: a template with half a hash would refuse every program.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The script with a release in its place.
fn with_release(script: &str, release: &Release) -> Result<String, String> {
    let (start, end) = RELEASE;
    let parts = script.split_once(start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or("the script has no place for a release")?;
    let hashes = release.sha256.iter();
    let hashes: String = hashes
        .map(|(triple, hash)| format!("        {} = {}\n", quoted(triple), quoted(hash)))
        .collect();
    Ok(format!(
        "{before}$ScaleInRelease = @{{\n    Version = {}\n    BaseUrl = {}\n    Seconds = {}\n    Sha256  = @{{\n{hashes}    }}\n}}{after}",
        quoted(&release.version),
        quoted(&release.base_url),
        release.seconds,
    ))
}

/// As PowerShell quotes a text that is taken as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
