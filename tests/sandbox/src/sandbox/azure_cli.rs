//! A stand-in for the Azure CLI: a shell script called `az` that hands out the sandbox's own tokens.
//!
//! Sources: `az account get-access-token` at learn.microsoft.com/cli/azure/account; what it says, and which options
//! exclude each other, in github.com/Azure/azure-cli (`_profile.py`, `auth/util.py`).

use super::Sandbox;
use crate::azure::Azure;
use crate::clock;
use crate::world::SUBSCRIPTION;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// What the Azure CLI does when it is asked for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AzureCli {
    /// It prints one.
    SignedIn,
    /// It prints one as versions before 2.54 did, without `expires_on`.
    Old,
    /// Nobody has signed in: exit 1.
    SignedOut,
    /// Somebody has, too long ago (AADSTS700082): exit 1.
    Expired,
    /// It prints what is no JSON, and exits with 0.
    Rubbish,
    /// It complains at a length of 400 MB: exit 1.
    Floods,
    /// It goes on until it is killed, or the sandbox stops.
    Hangs,
    /// It is not installed.
    Missing,
}

/// One time that `az` was called.
#[derive(Clone, Debug)]
pub struct AzureCliCall {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The environment that it was given.
    pub environment: Vec<(String, String)>,
    /// The number of its process.
    pub process: u32,
    started: SystemTime,
}

impl Sandbox {
    /// Installs an `az` in a folder of the sandbox, and gives the `PATH` that finds it. Unix only.
    ///
    /// It knows the tenant, the audiences and the subscriptions of this moment.
    pub fn azure_cli(&self, behaviour: AzureCli) -> Vec<(String, String)> {
        let folder = self.folder().join(format!("azure-cli-{behaviour:?}"));
        fs::create_dir_all(&folder).expect("a folder for az");
        fs::create_dir_all(self.azure_cli_records()).expect("a folder for its calls");
        let path = folder.display().to_string();
        if behaviour == AzureCli::Missing {
            return vec![("PATH".to_owned(), path)];
        }
        let records = self.azure_cli_records();
        let script = self.world(|world| script(behaviour, &records, &mut world.azure));
        install(&folder.join("az"), &script);
        vec![("PATH".to_owned(), format!("{path}:/usr/bin:/bin"))]
    }

    /// How `az` was called so far, in this order.
    pub fn azure_cli_calls(&self) -> Vec<AzureCliCall> {
        let Ok(records) = fs::read_dir(self.azure_cli_records()) else {
            return Vec::new();
        };
        let mut calls: Vec<AzureCliCall> = records
            .filter_map(|record| Some(record.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "call"))
            .map(|path| AzureCliCall::read(&path))
            .collect();
        calls.sort_by_key(|call| call.started);
        calls
    }

    fn azure_cli_records(&self) -> PathBuf {
        self.folder().join("azure-cli-calls")
    }
}

impl AzureCliCall {
    /// The value of an option: `call.option("--tenant")`.
    pub fn option(&self, name: &str) -> Option<&str> {
        let at = self
            .arguments
            .iter()
            .position(|argument| argument == name)?;
        self.arguments.get(at + 1).map(String::as_str)
    }

    fn read(record: &Path) -> Self {
        let part = |name: &str| fs::read_to_string(record.join(name)).expect("a whole record");
        let mut environment: Vec<(String, String)> = Vec::new();
        for line in part("environment").lines() {
            match (line.split_once('='), environment.last_mut()) {
                (Some((name, value)), _) => environment.push((name.to_owned(), value.to_owned())),
                // The next line of the same value.
                (None, Some((_, value))) => *value = format!("{value}\n{line}"),
                (None, None) => {}
            }
        }
        Self {
            arguments: part("arguments").lines().map(str::to_owned).collect(),
            environment,
            process: part("process").trim().parse().expect("a number"),
            started: fs::metadata(record.join("process"))
                .and_then(|about| about.modified())
                .expect("files have times"),
        }
    }
}

/// Writes a script that can be run at once. Another process writes it: while this one has a file open for writing, a
/// child that another thread starts at that moment would inherit it, and the script could not be run ("text file busy").
fn install(path: &Path, script: &str) {
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut input = shell.stdin.take().expect("a pipe");
    input.write_all(script.as_bytes()).expect("a shell reads");
    drop(input);
    assert!(shell.wait().is_ok_and(|status| status.success()));
}

/// The script, which begins with what it has to know.
fn script(behaviour: AzureCli, records: &Path, azure: &mut Azure) -> String {
    let now = azure.now();
    let expires = now + azure.token_lifetime;
    let audiences: Vec<String> = azure.accepted_audiences().map(str::to_owned).collect();
    let holder = azure.application();
    let tokens: Vec<String> = audiences
        .iter()
        .map(|audience| format!("{audience} {}", azure.issue(audience, holder.clone())))
        .collect();
    let subscriptions: Vec<&str> = azure.subscriptions.keys().map(String::as_str).collect();
    let known = [
        ("behaviour", format!("{behaviour:?}")),
        ("records", records.display().to_string()),
        ("tenant", azure.tenant.clone()),
        ("subscription", SUBSCRIPTION.to_owned()),
        ("subscriptions", subscriptions.join(" ")),
        ("tokens", tokens.join("\n")),
        ("expires", clock::azure_cli(expires)),
        ("expires_on", expires.unix_timestamp().to_string()),
        ("issued", clock::entra(now - clock::hours(91 * 24))),
        ("now", clock::entra(now)),
    ];
    let known: String = known
        .iter()
        .map(|(name, value)| format!("{name}='{}'\n", value.replace('\'', r"'\''")))
        .collect();
    format!("#!/bin/sh\n{known}{}", include_str!("az.sh"))
}
