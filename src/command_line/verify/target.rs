//! Which org is verified: the one that is named, or the embedded sandbox org, set up by the suite.

use okta_e2e::browser::Browsers;
use okta_e2e::config::{Config, OrgAccess, Target};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::StartingBrowsers;
use okta_e2e::provisioning::{self, Memory};
use okta_e2e::report::EMBEDDED;
use okta_e2e::verification;
use okta_sandbox::{Sandbox, SolarSystem};
use secrecy::SecretString;
use url::Url;

use super::served;

/// An org that can be verified, with what keeps its embedded parts alive.
pub(super) struct Prepared {
    pub(super) access: OrgAccess,
    pub(super) words: String,
    pub(super) resource_server: Url,
    pub(super) resource_server_words: String,
    /// Browsers on their way since before the org was set up.
    pub(super) browsers: Option<StartingBrowsers<'static>>,
    _sandbox: Option<Sandbox>,
    _solar_system: Option<SolarSystem>,
}

/// Makes the target ready: provisions the sandbox, starts the embedded API where none is named.
///
/// Browsers for so many users start meanwhile, if the org has to be set up first.
pub(super) async fn prepare(
    config: &Config,
    model: &OrgModel,
    users: usize,
) -> Result<Prepared, String> {
    let mut browsers = None;
    let (access, words, sandbox) = match &config.target {
        Target::Org(access) => (access.as_ref().clone(), access.issuer.clone(), None),
        Target::Sandbox => {
            let sandbox = Sandbox::start().await.map_err(|error| error.to_string())?;
            browsers = start_browsers(config, model, &sandbox, users)?;
            // However long that takes on a busy machine, no call waits for it.
            sandbox.prepare_keys(model.servers_to_make()).await;
            let access = provision(model, &sandbox).await?;
            let words = format!("{EMBEDDED} ({})", access.issuer);
            (access, words, Some(sandbox))
        }
    };
    let audience = access
        .audience
        .as_deref()
        .unwrap_or(&model.authorization_server.audience);
    let (solar_system, resource_server, resource_server_words) =
        if let Some(url) = &config.resource_server {
            (None, url.clone(), without_query(url))
        } else {
            let (api, url) = solar_system(&access.issuer, audience, model).await?;
            (Some(api), url, embedded_api(&config.target).to_owned())
        };
    Ok(Prepared {
        access,
        words,
        resource_server,
        resource_server_words,
        browsers,
        _sandbox: sandbox,
        _solar_system: solar_system,
    })
}

/// An address as it may be told: keys of gateways stand in queries.
fn without_query(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

async fn solar_system(
    issuer: &str,
    audience: &str,
    model: &OrgModel,
) -> Result<(SolarSystem, Url), String> {
    let api = SolarSystem::builder(issuer, audience)
        .endpoints(served::endpoints(model))
        .start()
        .await
        .map_err(|error| error.to_string())?;
    let url = Url::parse(api.url()).map_err(|error| error.to_string())?;
    Ok((api, url))
}

/// What a run calls the embedded API: beside somebody's org, it is not what they protect.
fn embedded_api(target: &Target) -> &'static str {
    match target {
        Target::Sandbox => "the embedded solar-system API",
        Target::Org(_) => {
            "the embedded solar-system API, trusting the issuer: this is NOT your gateway; set \
             RESOURCE_SERVER_URL to verify yours"
        }
    }
}

/// Browsers that start from now on, while others work.
fn start_browsers(
    config: &Config,
    model: &OrgModel,
    sandbox: &Sandbox,
    users: usize,
) -> Result<Option<StartingBrowsers<'static>>, String> {
    if users == 0 {
        return Ok(None);
    }
    let org_url = Url::parse(sandbox.org_url()).map_err(|error| error.to_string())?;
    let redirect_uri = Url::clone(&model.client.redirect_uri);
    let browsers = verification::browsers(config, model, redirect_uri, org_url, users);
    let starting = tokio::spawn(Browsers::start(browsers));
    Ok(Some(Box::pin(async {
        starting.await.unwrap_or_else(|error| {
            let reason = error.to_string();
            Err(okta_e2e::browser::BrowserError::Session { reason })
        })
    })))
}

/// Sets the empty sandbox org up through its Management API, as any org would be.
async fn provision(model: &OrgModel, sandbox: &Sandbox) -> Result<OrgAccess, String> {
    let org_url = Url::parse(sandbox.org_url()).map_err(|error| error.to_string())?;
    let api_token = SecretString::from(sandbox.api_token());
    let client = ManagementClient::new(org_url.clone(), api_token.clone())
        .map_err(|error| error.to_string())?;
    let made = provisioning::provision(model, &client, &mut Memory::for_model(model), |_| {})
        .await
        .map_err(|error| format!("the sandbox org could not be set up: {error}"))?;
    let trusted_key = sandbox.signing_key(&made.issuer);
    let mut access = made.access(org_url, api_token);
    access.trusted_key = trusted_key.map(|key| SecretString::from(key.private));
    Ok(access)
}
