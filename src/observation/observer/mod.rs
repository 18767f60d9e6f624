//! Looks at what the selected trials need, once each, side by side.

mod again;
mod amid;
mod answered;
mod anyway;
mod api;
mod audit;
mod behind;
mod beside_good;
mod brings;
mod browser;
mod cares;
mod client;
mod codes;
mod discovery;
mod ended;
mod good;
mod hostile;
mod in_session;
mod inside;
mod issuer;
mod lasting;
mod late;
mod leads;
mod leeway;
mod listener;
mod nobody;
mod other_clients;
mod outlive;
mod own_words;
mod pace;
mod plan;
mod presented;
mod probe_servers;
mod quoted;
mod recovery;
mod refresh;
mod refused;
pub(crate) mod server;
mod services;
mod shows;
mod tokens;
mod typing;
mod untrusted;
mod visitor;

pub use plan::Plan;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::{NotSeen, Observations};
use crate::browser::{BrowserError, Browsers, UserAgents};
use crate::clock::Clock;
use crate::config::{Facts, OrgAccess};
use crate::exchange::{OwnRequests, Turn};
use crate::management::ManagementClient;
use crate::model::OrgModel;
use crate::openid::Http;
use crate::passkey::Passkey;
use crate::progress::Progress;
use crate::secrets::{SHORTEST, Secrets};

/// What an observer works with.
pub struct Observer<'a> {
    /// The wanted org.
    pub model: &'a OrgModel,
    /// How the org is reached.
    pub access: &'a OrgAccess,
    /// What the run was told, the model's defaults filled in.
    pub facts: &'a Facts,
    /// The base of the API's endpoints.
    pub resource_server: &'a Url,
    /// What every request to an endpoint of the API has.
    pub own: &'a OwnRequests,
    /// Plain HTTP.
    pub http: &'a Http,
    /// What time it is.
    pub clock: &'a Clock,
    /// Tells what is going on.
    pub progress: &'a Progress,
    /// What nobody must be told; every token is added before anything is said of it.
    pub secrets: &'a Secrets,
}

/// Browsers on their way, or why there will be none.
pub type StartingBrowsers<'a> = BoxFuture<'a, Result<Browsers, BrowserError>>;

/// Who visits the authorization endpoint.
pub enum Agents<'a> {
    /// Browsers that are started for the run, perhaps before it, and closed after it.
    Browsers(StartingBrowsers<'a>),
    /// User agents that are there already.
    Given(&'a dyn UserAgents),
}

/// A picture of a page on which a sign-in ended.
#[derive(Debug)]
pub struct Picture {
    /// Who asked for what.
    pub name: String,
    /// The picture.
    pub png: Vec<u8>,
}

/// Everything that was seen, and what it must not be told with.
#[derive(Debug)]
pub struct Seeing {
    /// The facts.
    pub observations: Observations,
    /// Every secret and token that was used.
    pub secrets: Secrets,
    /// Pictures of pages on which a sign-in ended.
    pub pictures: Vec<Picture>,
    /// Which browsers were used, if any.
    pub browser: Option<String>,
}

impl Observer<'_> {
    /// Looks at everything that the plan names.
    ///
    /// # Errors
    /// [`BrowserError`] when the plan needs browsers and none can be started.
    pub async fn observe(&self, plan: &Plan, agents: Agents<'_>) -> Result<Seeing, BrowserError> {
        self.note_secrets();
        let management = self.management();
        let (audit, rest) = tokio::join!(
            self.audit(plan, management.as_ref()),
            Box::pin(self.discover_and_sign_in(plan, agents)),
        );
        let mut seeing = rest?;
        let audit = self.unless_of_another_org(audit, &seeing.observations);
        audit.into_observations(&mut seeing.observations);
        seeing.observations.retries.extend(self.http.retries());
        Ok(seeing)
    }

    /// What the run was told: token, client secret, passwords, keys of a gateway.
    fn note_secrets(&self) {
        let (access, users) = (self.access, self.access.users.values());
        let of_users = users.flat_map(|user| {
            let passkey = user.passkey.as_ref().map(Passkey::secret);
            [Some(&user.password), user.totp_secret.as_ref(), passkey]
        });
        let told = [access.client_secret.as_ref(), access.api_token.as_ref()];
        let services = access.services.values();
        let of_services = services
            .flat_map(|service| [service.client_secret.as_ref(), service.private_key.as_ref()]);
        let told = told.into_iter().chain(of_users).chain(of_services);
        let told = told.flatten();
        told.for_each(|secret| self.secrets.add(secret));
        self.own
            .secrets()
            .iter()
            .for_each(|secret| self.secrets.add(secret));
        let keys = self.resource_server.query_pairs();
        // A version or a flag is no key.
        for (_, key) in keys.filter(|(_, key)| key.len() >= SHORTEST) {
            self.secrets.add(&SecretString::from(key.as_ref()));
        }
    }

    async fn discover_and_sign_in(
        &self,
        plan: &Plan,
        agents: Agents<'_>,
    ) -> Result<Seeing, BrowserError> {
        let mut seeing = Seeing {
            observations: Observations::default(),
            secrets: self.secrets.clone(),
            pictures: Vec::new(),
            browser: None,
        };
        let discovery = self.discover(plan, &mut seeing.observations);
        match agents {
            Agents::Browsers(starting) if plan.needs_browsers() => {
                let (browsers, ()) = tokio::join!(starting, discovery);
                let browsers = browsers?;
                for program in browsers.passed_over() {
                    self.progress.say(&format!("note: passed over {program}"));
                }
                self.look_at_both(plan, Some(&browsers), &mut seeing).await;
                browsers.close().await;
            }
            Agents::Browsers(_) => {
                discovery.await;
                self.look_at_both(plan, None, &mut seeing).await;
            }
            Agents::Given(agents) => {
                discovery.await;
                self.look_at_both(plan, Some(agents), &mut seeing).await;
            }
        }
        Ok(seeing)
    }

    /// Looks at the server, then at the API, and asks the server last what ends what the run goes
    /// by.
    async fn look_at_both(
        &self,
        plan: &Plan,
        agents: Option<&dyn UserAgents>,
        seeing: &mut Seeing,
    ) {
        Box::pin(self.visit_server(plan, agents, seeing)).await;
        let resting = async {
            if let Some(agents) = agents {
                agents.rest().await;
            }
        };
        let api = Box::pin(self.look_at_api(plan, &mut seeing.observations));
        let ((), ()) = tokio::join!(resting, api);
        let renewed = Box::pin(self.renew_codes(plan, Turn::Last, agents, seeing)).await;
        let last = self.ask_server_at_the_end(plan, &renewed, &mut seeing.observations);
        Box::pin(last).await;
    }

    async fn look_at_api(&self, plan: &Plan, seen: &mut Observations) {
        self.look_for_new_keys(seen).await;
        self.call_api(plan, seen).await;
        self.send_hostile(plan, seen).await;
        self.ask_as_services(plan, seen).await;
        self.refresh(plan, seen).await;
    }

    /// Signs the users in, and presents the codes that came, which live no longer than that; asks
    /// beside it what needs no sign-in, and behind it what the users' tokens are needed for.
    async fn visit_server(
        &self,
        plan: &Plan,
        agents: Option<&dyn UserAgents>,
        seeing: &mut Seeing,
    ) {
        let metadata = seeing.observations.metadata.clone();
        let sign_in = async {
            if let Some(agents) = agents {
                let authorizations = self.sign_in(plan, agents, seeing).await;
                let (probes, own): (Vec<_>, Vec<_>) = authorizations
                    .into_iter()
                    .partition(|(key, _)| key.is_probe());
                seeing.observations.authorizations.extend(own);
                seeing.observations.probes.extend(probes);
            }
            let renewed = self.renew_codes(plan, Turn::InOrder, agents, seeing);
            let renewed = Box::pin(renewed).await;
            self.ask_server_with_codes(plan, &metadata, &renewed, &seeing.observations)
                .await
        };
        let (of_codes, answers) = tokio::join!(sign_in, self.ask_server(plan, &metadata));
        seeing.observations.server = answers;
        seeing.observations.server.extend(of_codes);
        let after = self
            .ask_server_with_tokens(plan, &metadata, &seeing.observations)
            .await;
        seeing.observations.server.extend(after);
    }

    fn management(&self) -> Result<ManagementClient, NotSeen> {
        let Some(token) = &self.access.api_token else {
            if !self.model.provider.has_management_api() {
                return Err(NotSeen::not_applicable(
                    "steps 1 to 4 are audited through Okta's Management API, which no other \
                     provider has",
                ));
            }
            return Err(NotSeen::not_configured(
                "set OKTA_CLIENT_TOKEN to an API token (Security > API > Tokens) to have steps 1 \
                 to 4 audited",
            ));
        };
        let transport = self.http.transport().another();
        ManagementClient::by(transport, self.access.org_url.clone(), token.clone())
            .map(ManagementClient::looking_twice)
            .map_err(|error| NotSeen::failed(error.to_string()))
    }
}

/// How far the server's clock is ahead, by the `Date` header of an answer.
fn clock_ahead(date: &str, at: Timestamp) -> Option<jiff::SignedDuration> {
    let server = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(server.duration_since(at))
}
