//! The six variables of the guide: what each is to be, and how one that is there differs from that.
//!
//! Source: octopus.com/docs, "Azure account variables": only a variable of this type gives a run the account's fields.

use super::document::{Change, MARK, rows, same, text};
use super::plan::PlanLine;
use super::site::SetupSite;
use serde_json::{Value, json};

/// The Azure account.
pub const ACCOUNT: &str = "Project.Azure.Account";
/// The schedule's key.
pub const KEY: &str = "Project.Octopus.Api.Key";
/// The target tags.
pub const ROLES: &str = "Project.Octopus.Roles";
/// The server's address.
pub const URL: &str = "Project.Octopus.Server.Url";
/// The resource group.
pub const RESOURCE_GROUP: &str = "Project.VMSS.ResourceGroup.Name";
/// The scale sets.
pub const SCALE_SETS: &str = "Project.VMSS.ScaleSetName";

/// Types of variables.
const TEXT: &str = "String";
const SECRET: &str = "Sensitive";
const AZURE_ACCOUNT: &str = "AzureAccount";

/// What Octopus itself says, whatever its address will be.
const OWN_ADDRESS: &str = "#{Octopus.Web.ServerUri}";
/// What the guide has for it; a run takes the address that Octopus itself gives instead.
const ADDRESS_OF_THE_GUIDE: &str = "#{Server.Base.Uri}";

/// How to make the key that is stored, which is not this program's to do.
pub const MAKE_ONE: [&str; 3] = [
    "Make a service account: Configuration > Users > Create user, 'The user is a service account'",
    "Put it into a team with the roles Environment Manager, Project Viewer, Deployment Creator and Space Viewer, for this space and environment: Configuration > Teams",
    "Make an API key on its page, and set VMSS_OCTOPUS_APIKEY to it",
];

/// Where a variable of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// In the environment.
    Environment,
    /// In the environment, for this runbook alone.
    Runbook,
}

/// One of the six.
pub struct Wanted {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// Where it holds.
    pub scope: Scope,
    /// What was told; `None` where what is there will do.
    pub value: Option<String>,
    /// How the value is called in a plan.
    pub shown: String,
}

impl Wanted {
    /// Whether nobody may see it.
    pub fn is_secret(&self) -> bool {
        self.kind == SECRET
    }

    /// Whether a value that is there is as good.
    fn is_met_by(&self, value: &str) -> bool {
        let is_address = self.name == URL && same(value.trim(), ADDRESS_OF_THE_GUIDE);
        self.value.as_deref().is_none_or(|wanted| wanted == value) || is_address
    }

    /// Sets the value, with the type that it needs.
    pub fn put(&self, variable: &mut Value, value: &str) {
        variable["Value"] = value.into();
        // Any other type of somebody's is as good for a text.
        if is_hidden(variable) || self.kind != TEXT {
            variable["Type"] = self.kind.into();
            variable["IsSensitive"] = self.is_secret().into();
        }
    }

    /// What to do where it has to be changed, and to what nobody told.
    pub fn untold(&self) -> &'static str {
        match self.name {
            ACCOUNT => "a run cannot use it. Name an account with --azure-account NAME",
            ROLES => "what it holds nobody can see. Name the target tags with --role",
            RESOURCE_GROUP => "what it holds nobody can see. Name it with --resource-group",
            _ => "what it holds nobody can see. Name it with --scale-set",
        }
    }
}

/// The six, as they were told.
pub fn wanted(site: &SetupSite<'_>) -> [Wanted; 6] {
    let text = |name, scope, value: Option<String>| Wanted {
        name,
        kind: TEXT,
        scope,
        shown: value.clone().unwrap_or_default(),
        value,
    };
    let told = site.settings;
    let account = site.account.as_ref();
    let key = site.stored.as_ref();
    [
        Wanted {
            kind: AZURE_ACCOUNT,
            shown: account.map(|it| it.name.clone()).unwrap_or_default(),
            ..text(ACCOUNT, Scope::Runbook, account.map(|it| it.id.clone()))
        },
        Wanted {
            kind: SECRET,
            shown: "the key of VMSS_OCTOPUS_APIKEY".into(),
            ..text(KEY, Scope::Runbook, key.map(|it| it.expose().to_owned()))
        },
        text(ROLES, Scope::Environment, told.roles.clone()),
        text(URL, Scope::Everywhere, Some(OWN_ADDRESS.into())),
        text(
            RESOURCE_GROUP,
            Scope::Environment,
            told.resource_group.clone(),
        ),
        text(SCALE_SETS, Scope::Environment, told.scale_sets.clone()),
    ]
}

/// Whether nobody can see what a variable holds.
pub fn is_hidden(variable: &Value) -> bool {
    variable["IsSensitive"] == true || same(text(variable, "Type"), SECRET)
}

/// How a variable that is there differs from one of the six that is no secret.
pub fn differences(wanted: &Wanted, variable: &Value) -> Vec<Change> {
    let (kind, is_hidden) = (text(variable, "Type"), is_hidden(variable));
    let old = match is_hidden {
        true => "a secret",
        false => text(variable, "Value"),
    };
    let change = |what: &str, old: &str, new: &str| Change {
        what: what.into(),
        old: old.into(),
        new: new.into(),
    };
    let mut changes = Vec::new();
    if is_hidden || (wanted.kind == AZURE_ACCOUNT && !same(kind, AZURE_ACCOUNT)) {
        changes.push(change("type", kind, wanted.kind));
    }
    if is_hidden || !wanted.is_met_by(old) {
        changes.push(change("value", old, &wanted.shown));
    }
    changes
}

/// Whether another value would change more than was asked for.
pub fn holds_elsewhere(wanted: &Wanted, variable: &Value) -> bool {
    let environments = rows(&variable["Scope"], "Environment").count();
    wanted.scope != Scope::Everywhere && environments != 1
}

/// A new one.
pub fn new(site: &SetupSite<'_>, wanted: &Wanted, value: &str, owner: &str) -> Value {
    let environment = [site.environment.id.as_str()];
    let scope = match wanted.scope {
        Scope::Everywhere => json!({}),
        Scope::Environment => json!({"Environment": environment}),
        Scope::Runbook => json!({"Environment": environment, "ProcessOwner": [owner]}),
    };
    json!({
        "Name": wanted.name,
        "Value": value,
        "Type": wanted.kind,
        "Scope": scope,
        "IsSensitive": wanted.is_secret(),
        "IsEditable": true,
        "Description": format!("{MARK}."),
        "Prompt": null,
    })
}

/// Where it holds, for people.
pub fn reach(scope: Scope) -> &'static str {
    match scope {
        Scope::Everywhere => "everywhere",
        Scope::Environment => "in this environment",
        Scope::Runbook => "in this environment, for this runbook",
    }
}

/// Making a service account is not this program's to do: how it is done is said.
pub fn unsaid(wanted: &Wanted, line: PlanLine) -> PlanLine {
    let below = if wanted.is_secret() {
        MAKE_ONE.join("\n")
    } else {
        String::new()
    };
    PlanLine { below, ..line }
}

/// What to give, where nothing is there and nothing was told.
pub fn missing(wanted: &Wanted) -> &'static str {
    match wanted.name {
        ACCOUNT => "it is not there. Name an account with --azure-account NAME",
        KEY => "there is no key to store. Set VMSS_OCTOPUS_APIKEY to a service account's",
        ROLES => "it is not there. Name the target tags with --role",
        RESOURCE_GROUP => "it is not there. Name it with --resource-group",
        _ => "it is not there. Name it with --scale-set",
    }
}
