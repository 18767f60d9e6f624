//! Which org is verified: the one that is named, or the embedded sandbox org, set up by the suite.

use okta_e2e::config::{Config, OrgAccess, Target};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, Memory};
use okta_sandbox::{Sandbox, SolarSystem};
use secrecy::SecretString;
use url::Url;

/// An org that can be verified, with what keeps its embedded parts alive.
pub(crate) struct Prepared {
    pub(crate) access: OrgAccess,
    pub(crate) words: String,
    pub(crate) resource_server: Url,
    pub(crate) resource_server_words: String,
    _sandbox: Option<Sandbox>,
    _solar_system: Option<SolarSystem>,
}

/// Makes the target ready: provisions the sandbox, starts the embedded API where none is named.
pub(crate) async fn prepare(config: &Config, model: &OrgModel) -> Result<Prepared, String> {
    let (access, words, sandbox) = match &config.target {
        Target::Org(access) => (access.as_ref().clone(), access.issuer.clone(), None),
        Target::Sandbox => {
            let (access, sandbox) = sandbox(model).await?;
            let words = format!("the embedded sandbox org ({})", access.issuer);
            (access, words, Some(sandbox))
        }
    };
    let audience = access
        .audience
        .as_deref()
        .unwrap_or(&model.authorization_server.audience);
    let (solar_system, resource_server, resource_server_words) =
        if let Some(url) = &config.resource_server {
            (None, url.clone(), url.to_string())
        } else {
            let (api, url) = solar_system(&access.issuer, audience).await?;
            (Some(api), url, embedded_api(&config.target).to_owned())
        };
    Ok(Prepared {
        access,
        words,
        resource_server,
        resource_server_words,
        _sandbox: sandbox,
        _solar_system: solar_system,
    })
}

async fn solar_system(issuer: &str, audience: &str) -> Result<(SolarSystem, Url), String> {
    let api = SolarSystem::start(issuer, audience)
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

/// An empty sandbox org, set up through its Management API as any org would be.
async fn sandbox(model: &OrgModel) -> Result<(OrgAccess, Sandbox), String> {
    let sandbox = Sandbox::start().await.map_err(|error| error.to_string())?;
    let org_url = Url::parse(sandbox.org_url()).map_err(|error| error.to_string())?;
    let api_token = SecretString::from(sandbox.api_token());
    let client = ManagementClient::new(org_url.clone(), api_token.clone())
        .map_err(|error| error.to_string())?;
    let made = provisioning::provision(model, &client, &mut Memory::default(), |_| {})
        .await
        .map_err(|error| format!("the sandbox org could not be set up: {error}"))?;
    let access = made.access(org_url, api_token);
    Ok((access, sandbox))
}
