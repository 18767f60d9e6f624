//! A provisioned sandbox org by hand: `scripts/sandbox` runs it.

mod files;
mod gateway;
#[path = "../../src/command_line/verify/served.rs"]
mod served;
mod told;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, Memory, Provisioned, Store};
use okta_sandbox::{
    CertificateAuthority, DefaultSignInPolicy, Detour, Fault, FirstPage, Language, Options,
    Sandbox, SignInPage, SolarFault, SolarSystem, SolarSystemBuilder, StartError, scenarios,
};
use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::files::Folder;
use crate::told::Told;

/// The org model that verification takes where none is named.
const MODEL: &str = "fixtures/org.toml";

/// Where `scripts/install-widget` puts Okta's own widget.
const WIDGET: &str = "target/okta-signin-widget/node_modules/@okta/okta-signin-widget";

/// A sandbox org, set up by the org model, with the solar-system API beside it, until Ctrl-C.
///
/// The first line on standard output is one JSON object with everything that is needed to use it.
#[derive(Parser)]
#[command(name = "scripts/sandbox", bin_name = "scripts/sandbox")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
struct Arguments {
    /// The port of the org; any free one when not given.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address that the org takes for its own where something is in front of it; the API
    /// fetches the org's keys there.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The name of this machine in the org's address, `localhost` say: passkeys are for names.
    #[arg(long, value_name = "NAME", conflicts_with = "public_url")]
    host_name: Option<String>,
    /// An org with nothing in it, and no API beside it.
    #[arg(long)]
    empty: bool,
    /// The page that users sign in on.
    #[arg(long, value_name = "PAGE", default_value = "builtin")]
    sign_in_page: SignInPage,
    /// Asks for username and password on one page, as some orgs on Identity Engine do.
    #[arg(long)]
    one_page: bool,
    /// The language of the sign-in page.
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: Language,
    /// A page that test users come to when they sign in: its name for everybody, or `USER=NAME`;
    /// may be given several times.
    #[arg(long, value_name = "[USER=]NAME")]
    scenario: Vec<String>,
    /// New apps ask for any two factors, as in new orgs on Identity Engine.
    #[arg(long)]
    two_factors: bool,
    /// A test user who has an authenticator app; may be given several times.
    #[arg(long, value_name = "NAME")]
    totp: Vec<String>,
    /// A test user who is asked for a passkey, which `okta-e2e passkey --enroll` enrolls; may be
    /// given several times.
    #[arg(long, value_name = "NAME")]
    passkey: Vec<String>,
    /// Org and API answer by TLS, with certificates of an authority that `ca_file` names.
    #[arg(long)]
    tls: bool,
    /// Keeps the org in this folder and goes on with it at the next start: ids, keys, passwords
    /// and ports stay. The folder holds secrets, is for its owner alone, and ignored by git.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// What the API beside the org checks.
    #[arg(long, value_name = "KIND", default_value = "guarded")]
    api: Api,
    /// A gateway in front of the API, which then checks nothing itself: a folder of
    /// `fixtures/gateways`.
    #[arg(long, value_name = "NAME")]
    gateway: Option<String>,
    /// What is taken away from the gateway's configuration: a weakness of its `gateway.toml`.
    #[arg(long, value_name = "WEAKNESS", requires = "gateway")]
    without: Option<String>,
    /// What is wrong with the org or the API, by name.
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// The org model.
    #[arg(long, value_name = "FILE", default_value = MODEL)]
    model: PathBuf,
    /// Writes the same as a ready `.env`.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Api {
    /// Every request, as the API of the document.
    Guarded,
    /// Nothing: it is behind a gateway, which checks.
    Open,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), String> {
    let (fault, api_fault) = faults(arguments.fault.as_deref())?;
    let folder = match &arguments.keep {
        Some(path) => Folder::kept(path)?,
        None => Folder::temporary()?,
    };
    let authority = arguments.tls.then(|| folder.authority()).transpose()?;
    let (authority, ca_file) = authority.unzip();
    let sandbox = start(arguments, authority.as_ref()).await?;
    let mut told = Told::of(&sandbox);
    if let Some(file) = &ca_file {
        told.authority(file);
    }
    let (mut api, mut gateway) = (None, None);
    if !arguments.empty {
        let model = OrgModel::load(&arguments.model).map_err(|error| error.to_string())?;
        let made = provision(arguments, &model, &sandbox, &folder).await?;
        told.provisioned(&made, &model);
        told.services(&made, &folder)?;
        told.keys(&sandbox, &made.issuer, &folder)?;
        let port = api_port(&folder)?;
        let started = api_builder(arguments, &made, &model, authority.as_ref()).port(port);
        let started = started.start().await.map_err(|error| error.to_string())?;
        started.set_fault(api_fault);
        told.api(started.url());
        if let Some(name) = &arguments.gateway {
            let without = arguments.without.as_deref();
            let url = started.url();
            let front = gateway::start(name, without, url, &sandbox, &made.issuer, &model).await?;
            told.api(front.url());
            gateway = Some(front);
        }
        for named in &arguments.scenario {
            set_scenario(named, &sandbox, &made)?;
        }
        for name in &arguments.passkey {
            sandbox.set_detour(login(name, &made)?, Detour::Passkey);
        }
        for name in &arguments.totp {
            enrol(name, &sandbox, &made, &mut told)?;
        }
        api = Some(started);
    }
    sandbox.set_fault(fault);
    if let Some(model) = other_model(&arguments.model) {
        told.model(model);
    }
    told.keep(&folder)?;
    if let Some(file) = &arguments.env_file {
        told.write(file)?;
    }
    println!("{told}");
    until_stopped().await.map_err(|error| error.to_string())?;
    drop((gateway, api));
    Ok(())
}

/// Ctrl-C, or what ends it from a script.
async fn until_stopped() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminated.recv() => Ok(()),
    }
}

fn api_builder(
    arguments: &Arguments,
    made: &Provisioned,
    model: &OrgModel,
    authority: Option<&CertificateAuthority>,
) -> SolarSystemBuilder {
    let audience = &model.authorization_server.audience;
    let mut builder =
        SolarSystem::builder(&made.issuer, audience).endpoints(served::endpoints(model));
    if arguments.api == Api::Open || arguments.gateway.is_some() {
        builder = builder.open();
    }
    if let Some(authority) = authority {
        builder = builder.tls(authority);
    }
    builder
}

/// Where the API was before, for those who have its address in their configuration; 0: nowhere.
fn api_port(folder: &Folder) -> Result<u16, String> {
    let variables = folder.variables()?;
    let url = variables.get("RESOURCE_SERVER_URL");
    let port = url.and_then(|url| Url::parse(url).ok()?.port());
    Ok(port.unwrap_or(0))
}

/// The sandbox with the page that was asked for, or the builtin one where the widget is missing.
async fn start(
    arguments: &Arguments,
    authority: Option<&CertificateAuthority>,
) -> Result<Sandbox, String> {
    let builder = |page| {
        let options = Options {
            first_page: if arguments.one_page {
                FirstPage::IdentifierAndPassword
            } else {
                FirstPage::Identifier
            },
            default_sign_in_policy: if arguments.two_factors {
                DefaultSignInPolicy::AnyTwoFactors
            } else {
                DefaultSignInPolicy::PasswordAlone
            },
            language: arguments.language,
            ..Options::default()
        };
        let mut builder = Sandbox::builder().port(arguments.port).options(options);
        if let Some(url) = &arguments.public_url {
            builder = builder.public_url(url);
        }
        if let Some(name) = &arguments.host_name {
            builder = builder.host_name(name);
        }
        if let Some(authority) = authority {
            builder = builder.tls(authority);
        }
        if let Some(folder) = &arguments.keep {
            builder = builder.keep(folder.clone());
        }
        builder.sign_in_page(page).widget(WIDGET.into())
    };
    let mut started = builder(arguments.sign_in_page).start().await;
    if let Err(error @ StartError::Widget { .. }) = &started {
        eprintln!("{error}: run scripts/install-widget; until then, this is the builtin page");
        started = builder(SignInPage::Builtin).start().await;
    }
    started.map_err(|error| error.to_string())
}

/// Lets a test user, or everybody, come to a page by its name.
fn set_scenario(asked: &str, sandbox: &Sandbox, made: &Provisioned) -> Result<(), String> {
    let (login, name) = match asked.split_once('=') {
        Some((user, name)) => (Some(login(user, made)?), name),
        None => (None, asked),
    };
    sandbox.set_scenario(login, name).map_err(|error| {
        let known: Vec<&str> = scenarios().iter().map(|row| row.name).collect();
        format!("{error}; there are:\n{}", known.join("\n"))
    })
}

fn login<'a>(name: &str, made: &'a Provisioned) -> Result<&'a str, String> {
    let user = made.users.get(name);
    let user = user.ok_or_else(|| format!("the model has no test user `{name}`"))?;
    Ok(&user.username)
}

/// Sets an authenticator app up for a test user and tells its secret.
fn enrol(name: &str, sandbox: &Sandbox, made: &Provisioned, told: &mut Told) -> Result<(), String> {
    let secret = sandbox.enrol_totp(login(name, made)?);
    told.of_user(name, "totp_secret", &secret);
    Ok(())
}

fn faults(name: Option<&str>) -> Result<(Option<Fault>, Option<SolarFault>), String> {
    let Some(name) = name else {
        return Ok((None, None));
    };
    match (name.parse::<Fault>(), name.parse::<SolarFault>()) {
        (Ok(fault), _) => Ok((Some(fault), None)),
        (_, Ok(fault)) => Ok((None, Some(fault))),
        (Err(error), _) => {
            let faults = Fault::all().into_iter().map(|fault| fault.to_string());
            let api = SolarFault::all().into_iter().map(|fault| fault.to_string());
            let names: Vec<String> = faults.chain(api).collect();
            Err(format!("{error}; there are:\n{}", names.join("\n")))
        }
    }
}

async fn provision(
    arguments: &Arguments,
    model: &OrgModel,
    sandbox: &Sandbox,
    folder: &Folder,
) -> Result<Provisioned, String> {
    // What is in front of the org may not be there yet, or not be trusted by this process.
    let url = Url::parse(sandbox.local_url()).map_err(|error| error.to_string())?;
    let token = SecretString::from(sandbox.api_token());
    let client = ManagementClient::new(url.clone(), token).map_err(|error| error.to_string())?;
    let made = if arguments.keep.is_some() {
        let mut store = folder.store(&url)?;
        make_keys(model, folder, &mut store)?;
        provisioning::provision(model, &client, &mut store, |_| {}).await
    } else {
        provisioning::provision(model, &client, &mut Memory::for_model(model), |_| {}).await
    };
    made.map_err(|error| error.to_string())
}

/// A key for each service client that signs and has none in the folder yet.
fn make_keys(model: &OrgModel, folder: &Folder, store: &mut impl Store) -> Result<(), String> {
    let made = Memory::for_model(model);
    for service in &model.services {
        let variable = service.variable("PRIVATE_KEY");
        let key = made
            .variable(&variable)
            .filter(|_| store.variable(&variable).is_none());
        if let Some(key) = key {
            let file = format!("service-{}.pem", service.name().to_lowercase());
            let set = store.set(&[(&variable, &folder.write(&file, &key)?)]);
            set.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// The whole path of a model that is not the one that verification takes by itself.
fn other_model(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let default = Path::new(MODEL).canonicalize();
    let is_other = default.ok().as_ref() != Some(&path);
    is_other.then(|| path.to_string_lossy().into_owned())
}
