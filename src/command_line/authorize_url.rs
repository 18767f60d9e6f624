//! `authorize-url`: the document's step-5 URL by the model's flow, with real values for state and
//! nonce.

use std::path::PathBuf;

use clap::Args;

use okta_e2e::config::{Config, Environment, Target};
use okta_e2e::console::Console;
use okta_e2e::model::{OrgModel, Scope, ScopeRequest};
use okta_e2e::openid::{AuthorizationRequest, Http, Metadata, Prompt, Reach};

use super::Failure;

/// Prints the step-5 URL for a browser of your own. Every call makes new values for state and
/// nonce.
#[derive(Debug, Args)]
pub(super) struct AuthorizeUrl {
    /// Asks for all that the model gives this test user; else for the first endpoint's scope
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

impl AuthorizeUrl {
    /// Prints the URL.
    pub(super) async fn run(&self, console: &Console) -> Result<(), Failure> {
        let environment = Environment::of_run(self.env_file.as_deref());
        let environment = environment?;
        console.secrets().add_variables(environment.pairs());
        console.say_whole(&self.url(&environment, console).await?);
        Ok(())
    }

    /// Makes the URL from the configuration and the org's metadata.
    async fn url(&self, environment: &Environment, console: &Console) -> Result<String, Failure> {
        let config = Config::read(environment)?;
        for note in &config.notes {
            console.tell(&format!("note: {note}"));
        }
        let model = OrgModel::load(&config.org_model)?;
        let Target::Org(access) = &config.target else {
            return Err(Failure::unusable(
                "set OKTA_OAUTH2_ISSUER and OKTA_OAUTH2_CLIENT_ID in .env, or name a file that \
                 has them with --env-file; for a sandbox org, run `scripts/sandbox --env-file \
                 .env` in another terminal",
            ));
        };
        let request = self
            .request(&model)
            .map_err(|reason| Failure::unusable(&reason))?;
        let metadata = metadata(&config, &access.issuer)
            .await
            .map_err(|reason| Failure::unusable(&reason))?;
        let redirect_uri = access
            .redirect_uri
            .as_ref()
            .unwrap_or(&model.client.redirect_uri);
        let reach = Reach::of(&access.issuer, access.trusted_origins());
        let endpoint = metadata.authorization_endpoint.opened(&reach);
        let endpoint = endpoint.map_err(|error| Failure::unusable(&error))?;
        let request = AuthorizationRequest::new(
            &endpoint.saying(model.authorization_server.asked_audience()),
            &access.client_id,
            redirect_uri.as_str(),
            &request.parameter(),
            model.main_flow(),
            Prompt::Login,
        );
        Ok(request.url.to_string())
    }

    fn request(&self, model: &OrgModel) -> Result<ScopeRequest, String> {
        let Some(name) = &self.user else {
            let mut endpoints = model.endpoints.iter();
            let first = endpoints.find(|endpoint| !endpoint.is_public());
            let request = first.map(|endpoint| model.way_in(endpoint, model.main_flow()));
            return Ok(request.unwrap_or_else(|| model.request_for(&[])));
        };
        let user = model.user(name).ok_or_else(|| {
            let names: Vec<&str> = model
                .users
                .iter()
                .map(okta_e2e::model::TestUser::name)
                .collect();
            format!(
                "the org model has no user {name}; it has {}",
                names.join(", ")
            )
        })?;
        let all: Vec<&str> = model.scopes.iter().map(Scope::name).collect();
        let largest = model.largest_granted(user, model.main_flow());
        Ok(largest.unwrap_or_else(|| model.request_for(&all)))
    }
}

/// The metadata of the org, as far as it is one.
async fn metadata(config: &Config, issuer: &str) -> Result<Metadata, String> {
    let url = Metadata::url(issuer, "openid-configuration")?;
    let answer = Http::trusting(&config.certificates)?.get(&url).await;
    Metadata::read(&url, &answer.map_err(|error| error.to_string())?)
}
