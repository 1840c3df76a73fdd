//! Octopus's configuration language, for what is printed for a commit.
//!
//! Source: octopus.com/docs, "OCL file format": environments, runbooks and accounts go by their slugs.

use super::document::{rows, text};
use super::plan::PlanLine;
use super::properties;
use super::site::SetupSite;
use super::step;
use super::variables;
use serde_json::Value;
use std::fmt::Write;

/// What Octopus makes of a name: small letters and digits, with a dash for what is between.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// One of the six variables.
#[must_use]
pub fn variable(site: &SetupSite<'_>, row: &PlanLine) -> String {
    let name = row.subject.trim_start_matches("variable ");
    let wanted = variables::told(site, name).unwrap_or_default();
    let environment = slug(&site.environment.name);
    let (kind, value, scope) = match name {
        variables::ACCOUNT => {
            let account = site
                .account
                .as_ref()
                .map_or_else(String::new, |it| slug(&it.name));
            let runbook = slug(&site.settings.runbook);
            let scope = format!(
                "        environment = [\"{environment}\"]\n        process = [\"{runbook}\"]\n"
            );
            ("    type = \"AzureAccount\"\n\n", account, scope)
        }
        variables::URL => ("", wanted, String::new()),
        _ => (
            "",
            wanted,
            format!("        environment = [\"{environment}\"]\n"),
        ),
    };
    let body = match &scope[..] {
        "" => "{}".to_owned(),
        scope => format!("{{\n{scope}    }}"),
    };
    format!(
        "variable {} {{\n{kind}    value {} {body}\n}}",
        quoted(name),
        quoted(&value)
    )
}

/// The runbook with its step.
#[must_use]
pub fn runbook(site: &SetupSite<'_>, template: &Value) -> String {
    let environment = slug(&site.environment.name);
    let mut text = format!("name = {}\n", quoted(&site.settings.runbook));
    let _ = write!(
        text,
        "default_guided_failure_mode = \"Off\"\nenvironment_scope = \"Specified\"\nenvironments = [\"{environment}\"]\n\
         multi_tenancy_mode = \"Untenanted\"\n\n\
         connectivity_policy {{\n    allow_deployments_to_no_targets = true\n}}\n\n\
         run_retention_policy {{\n    quantity_to_keep = 30\n    unit = \"Days\"\n}}\n",
    );
    text.push_str(&process(site, template));
    text
}

/// A step of a template has its parameters, and neither script nor type of its own.
fn process(site: &SetupSite<'_>, template: &Value) -> String {
    let step = step::new(site, template, step::number(template), &Value::Null);
    let action = rows(&step, "Actions").next().cloned().unwrap_or_default();
    let own = template["Properties"].as_object();
    let is_templates = |name: &str| own.is_some_and(|own| own.contains_key(name));
    let mut bound = String::new();
    for (name, value) in action["Properties"].as_object().into_iter().flatten() {
        let is_where = name == "Octopus.Action.RunOnServer";
        if is_where || !is_templates(name) {
            let value = properties::plain(value).unwrap_or_default();
            let _ = writeln!(bound, "                {name} = {}", quoted(value));
        }
    }
    let name = text(&step, "Name");
    let pool = site.pool.as_ref().map_or_else(String::new, |pool| {
        format!("            worker_pool = {}\n", quoted(&slug(&pool.name)))
    });
    format!(
        "\nprocess {{\n    step {slug} {{\n        name = {name}\n\n        action {{\n{pool}            properties = {{\n{bound}            }}\n        }}\n    }}\n}}\n",
        slug = quoted(&slug(name)),
        name = quoted(name),
    )
}
