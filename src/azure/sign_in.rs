//! Signs in: one credential of the Azure SDK for each way, over our own transport. The Azure CLI runs within the time of a
//! request, and without this program's secrets.

use super::account::{Account, Application, Credential};
use super::advice::TransportError;
use super::transport::{AddressRewrite, client_options, deadline};
use crate::clock::in_seconds;
use crate::error::{Cause, Problem, Service};
use crate::http::{Deadline, Http};
use crate::secret::{SECRET_VARIABLES, Secret};
use azure_core::Result;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{Secret as SdkSecret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, Url};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    Executor, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use std::ffi::OsStr;
use std::future::Future;
use std::io::{self, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

/// The credential that an account asks for. Nothing is sent yet.
///
/// # Errors
/// A problem with the account's settings that only the SDK sees.
pub(super) fn credential(
    account: &Account,
    http: &Arc<Http>,
) -> std::result::Result<Arc<dyn TokenCredential>, Problem> {
    let entra_id = |application: &Application| {
        let below = path_of(&account.endpoints.authority, &application.tenant);
        let mut options = client_options(http, Service::EntraId, below);
        let mut cloud = CustomConfiguration::default();
        cloud
            .authority_host
            .clone_from(&account.endpoints.authority);
        options.cloud = Some(Arc::new(cloud.into()));
        options
    };
    let made = match &account.credential {
        Credential::ClientSecret {
            application,
            password,
        } => client_secret(application, password, entra_id(application)),
        Credential::FederatedToken { application, jwt } => {
            let options = entra_id(application);
            assertion(application, Assertion::Given(jwt.clone()), options)
        }
        Credential::WorkloadIdentity {
            application,
            token_file,
        } => {
            let options = entra_id(application);
            assertion(application, Assertion::File(token_file.clone()), options)
        }
        Credential::ManagedIdentity {
            client,
            metadata_host,
        } => {
            let rewrite = metadata_host
                .clone()
                .map_or(AddressRewrite::None, AddressRewrite::ForMetadata);
            let options = client_options(http, Service::ManagedIdentity, rewrite);
            managed_identity(client.as_ref(), options)
        }
        Credential::AzureCli {
            tenant,
            subscription,
        } => azure_cli(tenant.as_ref(), subscription.as_ref(), http),
    };
    made.map_err(|error| Problem {
        parameter: "VMSS.Azure.Credential".into(),
        what: format!("cannot be used: {error}"),
    })
}

/// The path of an authority that is not at the root of its host, as behind a gateway. Some write the tenant there, too.
fn path_of(authority: &str, tenant: &str) -> AddressRewrite {
    let url = Url::parse(authority).ok();
    let path = url.as_ref().map_or("", Url::path).trim_end_matches('/');
    match path.strip_suffix(&format!("/{tenant}")).unwrap_or(path) {
        "" => AddressRewrite::None,
        path => AddressRewrite::Below(path.to_owned()),
    }
}

fn client_secret(
    application: &Application,
    password: &Secret,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ClientSecretCredential::new(
        &application.tenant,
        application.client.clone(),
        SdkSecret::new(password.expose().to_owned()),
        Some(ClientSecretCredentialOptions { client_options }),
    )?)
}

fn assertion(
    application: &Application,
    assertion: Assertion,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ClientAssertionCredential::new(
        application.tenant.clone(),
        application.client.clone(),
        assertion,
        Some(ClientAssertionCredentialOptions { client_options }),
    )?)
}

fn managed_identity(
    client: Option<&String>,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(ManagedIdentityCredential::new(Some(
        ManagedIdentityCredentialOptions {
            user_assigned_id: client.cloned().map(UserAssignedId::ClientId),
            client_options,
        },
    ))?)
}

/// Of tenant and subscription the Azure CLI takes one, not both.
fn azure_cli(
    tenant: Option<&String>,
    subscription: Option<&String>,
    http: &Arc<Http>,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(AzureCliCredential::new(Some(AzureCliCredentialOptions {
        tenant_id: tenant.cloned(),
        subscription: subscription.filter(|_| tenant.is_none()).cloned(),
        executor: Some(Arc::new(AzureCli::new(http))),
    }))?)
}

/// What an application shows instead of a secret.
#[derive(Debug)]
enum Assertion {
    Given(Secret),
    /// Read each time: the cluster replaces the token long before it expires.
    File(PathBuf),
}

impl Assertion {
    fn token(&self) -> Result<String> {
        let path = match self {
            Self::Given(jwt) => return Ok(jwt.expose().trim().to_owned()),
            Self::File(path) => path,
        };
        let token = std::fs::read_to_string(path).map_err(|error| {
            let why = format!("its token file {} cannot be read: {error}", path.display());
            no_token_file(why)
        })?;
        let token = Secret::new(token.trim());
        if token.expose().is_empty() {
            let why = format!("its token file {} is empty", path.display());
            return Err(no_token_file(why));
        }
        Ok(token.expose().to_owned())
    }
}

fn no_token_file(why: String) -> azure_core::Error {
    TransportError::new(Service::WorkloadIdentity, "", Cause::Failed(why)).into_sdk()
}

impl ClientAssertion for Assertion {
    // What `#[async_trait]` would write, without that dependency.
    fn secret<'a, 'b, 'f>(
        &'a self,
        _: Option<ClientMethodOptions<'b>>,
    ) -> Pin<Box<dyn Future<Output = Result<String>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.token() })
    }
}

/// What a shell says where there is no such program.
const NOT_FOUND: i32 = 127;
/// No token and no error message is nearly as long.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// Starts the Azure CLI.
#[derive(Debug)]
pub(super) struct AzureCli {
    http: Arc<Http>,
}

impl AzureCli {
    pub(super) fn new(http: &Arc<Http>) -> Self {
        Self {
            http: Arc::clone(http),
        }
    }

    fn output(&self, program: &OsStr, arguments: &[&OsStr]) -> std::result::Result<Output, Cause> {
        let failed = |error: io::Error| Cause::Failed(error.to_string());
        let time = self.http.time_for_one(deadline())?;
        let watched = self.http.watch.begin("the Azure CLI".into());
        watched.ends(Deadline::within(time));
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in SECRET_VARIABLES {
            command.env_remove(name);
        }
        let child = as_group(&mut command).spawn().map_err(failed)?;
        let group = child.id();
        let (done, end) = channel();
        thread::spawn(move || done.send(output_of(child)));
        let output = match end.recv_timeout(time) {
            Ok(output) => output.map_err(failed)?,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                stop(group);
                let why = format!("no answer within {}", in_seconds(time));
                return Err(Cause::Failed(why));
            }
        };
        if output.status.success() {
            return Ok(output);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let missing =
            output.status.code() == Some(NOT_FOUND) || text.contains("' is not recognized");
        Err(Cause::Failed(if missing {
            "there is no az on the PATH of this worker".into()
        } else {
            text.into_owned()
        }))
    }
}

/// What a program writes until it ends.
fn output_of(mut child: Child) -> io::Result<Output> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = thread::scope(|scope| {
        let errors = scope.spawn(|| start_of(stderr));
        (start_of(stdout), errors.join().unwrap_or(Ok(Vec::new())))
    });
    Ok(Output {
        stdout: stdout?,
        stderr: stderr?,
        status: child.wait()?,
    })
}

/// As much as anybody reads of it. The rest is read as well, since a full pipe would stop the program, and dropped.
fn start_of(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.by_ref().take(LONGEST_OUTPUT).read_to_end(&mut start)?;
        io::copy(&mut pipe, &mut io::sink())?;
    }
    Ok(start)
}

/// The shell, the Azure CLI and what that starts, as one to stop: on a worker whatever is left behind stays.
#[cfg(unix)]
fn as_group(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(not(unix))]
fn as_group(command: &mut Command) -> &mut Command {
    command
}

fn stop(group: u32) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/F", "/T", "/PID", &group.to_string()]);
        command
    } else {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("kill -9 -{group}")]);
        command
    };
    if let Err(error) = command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        log::debug!("the Azure CLI could not be stopped: {error}");
    }
}

impl Executor for AzureCli {
    // What `#[async_trait]` would write, without that dependency.
    fn run<'a, 'b, 'c, 'd, 'f>(
        &'a self,
        program: &'b OsStr,
        arguments: &'c [&'d OsStr],
    ) -> Pin<Box<dyn Future<Output = io::Result<Output>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        'd: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let failed = |cause| TransportError::new(Service::AzureCli, "", cause);
            let output = self.output(program, arguments);
            output.map_err(|cause| io::Error::other(failed(cause)))
        })
    }
}
