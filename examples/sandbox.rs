//! A provisioned sandbox org by hand: `scripts/sandbox` runs it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, Memory, Provisioned};
use okta_sandbox::{
    DefaultSignInPolicy, Fault, FirstPage, Language, Options, Sandbox, SignInPage, SolarFault,
    SolarSystem, StartError, scenarios,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

/// The org model that verification takes where none is named.
const MODEL: &str = "fixtures/org.toml";

/// Where `scripts/install-widget` puts Okta's own widget.
const WIDGET: &str = "target/okta-signin-widget/node_modules/@okta/okta-signin-widget";

/// A sandbox org, set up by the org model, with the solar-system API beside it, until Ctrl-C.
///
/// The first line on standard output is one JSON object with everything that is needed to use it.
#[derive(Parser)]
#[command(name = "scripts/sandbox", bin_name = "scripts/sandbox")]
struct Arguments {
    /// The port of the org; any free one when not given.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address that the org takes for its own where something is in front of it; the API
    /// fetches the org's keys there.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
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
    let sandbox = start(arguments).await?;
    let mut told = json!({"org_url": sandbox.org_url(), "api_token": sandbox.api_token()});
    let mut variables = BTreeMap::from([
        (
            "OKTA_CLIENT_ORGURL".to_owned(),
            sandbox.org_url().to_owned(),
        ),
        (
            "OKTA_CLIENT_TOKEN".to_owned(),
            sandbox.api_token().to_owned(),
        ),
    ]);
    let mut api = None;
    if !arguments.empty {
        let model = OrgModel::load(&arguments.model).map_err(|error| error.to_string())?;
        let made = provision(&model, &sandbox).await?;
        let audience = &model.authorization_server.audience;
        let started = SolarSystem::start(&made.issuer, audience).await;
        let started = started.map_err(|error| error.to_string())?;
        started.set_fault(api_fault);
        tell(&mut told, &mut variables, &made, &model, started.url());
        for named in &arguments.scenario {
            set_scenario(named, &sandbox, &made)?;
        }
        for name in &arguments.totp {
            enrol(name, &sandbox, &made, &mut told, &mut variables)?;
        }
        api = Some(started);
    }
    sandbox.set_fault(fault);
    if let Some(model) = other_model(&arguments.model) {
        variables.insert("OKTA_E2E_ORG_MODEL".to_owned(), model);
    }
    if let Some(file) = &arguments.env_file {
        write_env(file, &variables)?;
    }
    println!("{told}");
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| error.to_string())?;
    drop(api);
    Ok(())
}

/// The sandbox with the page that was asked for, or the builtin one where the widget is missing.
async fn start(arguments: &Arguments) -> Result<Sandbox, String> {
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
fn set_scenario(named: &str, sandbox: &Sandbox, made: &Provisioned) -> Result<(), String> {
    let (login, name) = match named.split_once('=') {
        Some((user, name)) => (Some(login(user, made)?), name),
        None => (None, named),
    };
    sandbox.set_scenario(login, name).map_err(|error| {
        let names: Vec<&str> = scenarios().iter().map(|row| row.name).collect();
        format!("{error}; there are:\n{}", names.join("\n"))
    })
}

fn login<'a>(name: &str, made: &'a Provisioned) -> Result<&'a str, String> {
    let user = made.users.get(name);
    let user = user.ok_or_else(|| format!("the model has no test user `{name}`"))?;
    Ok(&user.username)
}

/// Sets an authenticator app up for a test user and tells its secret.
fn enrol(
    name: &str,
    sandbox: &Sandbox,
    made: &Provisioned,
    told: &mut Value,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let secret = sandbox.enrol_totp(login(name, made)?);
    told["test_users"][name]["totp_secret"] = secret.as_str().into();
    variables.insert(format!("TEST_USER_{name}_TOTP_SECRET"), secret);
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

async fn provision(model: &OrgModel, sandbox: &Sandbox) -> Result<Provisioned, String> {
    // What is in front of the org may not be there yet.
    let url = Url::parse(sandbox.local_url()).map_err(|error| error.to_string())?;
    let token = SecretString::from(sandbox.api_token());
    let client = ManagementClient::new(url, token).map_err(|error| error.to_string())?;
    provisioning::provision(model, &client, &mut Memory::default(), |_| {})
        .await
        .map_err(|error| error.to_string())
}

fn tell(
    told: &mut Value,
    variables: &mut BTreeMap<String, String>,
    made: &Provisioned,
    model: &OrgModel,
    api: &str,
) {
    let secret = made
        .client_secret
        .as_ref()
        .map_or("", |secret| secret.expose_secret());
    let redirect_uri = model.client.redirect_uri.as_str();
    let mut users = json!({});
    for (name, user) in &made.users {
        let password = user.password.expose_secret();
        users[name] = json!({"username": user.username, "password": password});
        variables.insert(format!("TEST_USER_{name}_USERNAME"), user.username.clone());
        variables.insert(format!("TEST_USER_{name}_PASSWORD"), password.to_owned());
    }
    let pairs = [
        ("issuer", "OKTA_OAUTH2_ISSUER", made.issuer.as_str()),
        (
            "client_id",
            "OKTA_OAUTH2_CLIENT_ID",
            made.client_id.as_str(),
        ),
        ("client_secret", "OKTA_OAUTH2_CLIENT_SECRET", secret),
        ("redirect_uri", "OKTA_OAUTH2_REDIRECT_URI", redirect_uri),
        ("resource_server_url", "RESOURCE_SERVER_URL", api),
    ];
    for (field, variable, value) in pairs {
        told[field] = value.into();
        variables.insert(variable.to_owned(), value.to_owned());
    }
    told["test_users"] = users;
}

/// The whole path of a model that is not the one that verification takes by itself.
fn other_model(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let default = Path::new(MODEL).canonicalize();
    let is_other = default.ok().as_ref() != Some(&path);
    is_other.then(|| path.to_string_lossy().into_owned())
}

fn write_env(file: &Path, variables: &BTreeMap<String, String>) -> Result<(), String> {
    let lines = variables
        .iter()
        .map(|(name, value)| format!("{name}='{value}'\n"));
    let text: String = lines.collect();
    if let Some((name, _)) = variables
        .iter()
        .find(|(_, value)| value.contains(['\'', '\n']))
    {
        return Err(format!(
            "{name} has a value that no line of {} holds",
            file.display()
        ));
    }
    let write = || -> std::io::Result<()> {
        // A link is followed, not replaced.
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut draft = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        draft.write_all(text.as_bytes())?;
        draft.persist(&file)?;
        Ok(())
    };
    write().map_err(|error| format!("cannot write {}: {error}", file.display()))
}
