//! An Okta org in one process, on loopback, for anyone's tests.
//!
//! [`Sandbox`] starts as empty as a new org: the group `Everyone` and one API token. What it
//! should hold is made through its Management API, as in a real org.

mod cors;
mod decision;
mod error;
mod fault;
mod flaky;
mod gate;
mod gateway;
mod kept;
mod keys;
mod management;
mod oauth;
mod options;
mod pages;
mod parameters;
mod server;
mod session;
mod sign_in;
mod solar;
mod state;
#[cfg(test)]
mod testing;
mod tls;
mod visit;
mod web;
mod webauthn;

use std::path::PathBuf;
use std::sync::Arc;

use axum::{Router, middleware};
use kept::{Keeper, Ports};

pub use fault::{Fault, TokenFault, TokenKind, UnknownFault};
pub use gateway::{Finds, Gateway, GatewayError, GatewayKind, Guarded};
pub use kept::KeepError;
pub use keys::KeyPairPem;
pub use options::{
    DefaultSignInPolicy, Denial, Detour, ErrorPage, FirstPage, Language, Lockout, Look,
    NotAssigned, OpenIdConnectScopes, Options, SignInPage, UnknownScope,
};
use serde_json::Value;
pub use server::StartError;
pub use sign_in::scenario::{Facts, FactsOfAnswer, UnknownScenario, scenarios};
pub use solar::{
    Access, Endpoint, LoggedRequest, SolarFault, SolarSystem, SolarSystemBuilder, UnknownSolarFault,
};
use state::AppState;
pub use state::Event;
use state::org::{Group, GroupKind};
pub use tls::{CertificateAuthority, TlsError};

/// An org under way; dropping it stops it.
///
/// It runs on the async runtime it was started on and ends with that too.
pub struct Sandbox {
    state: Arc<AppState>,
    /// `http://127.0.0.1:PORT`
    local_url: String,
    _running: Vec<server::Running>,
}

impl Sandbox {
    /// Starts an org with the defaults, on any free port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// An org to be.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Makes the signing keys that the org's first authorization servers will have.
    ///
    /// They take a tenth of a second each, and seconds on a machine that is busy: whoever creates a
    /// server and waits for the answer no longer than so long has them made before.
    pub async fn prepare_keys(&self, servers: usize) {
        // What fails here fails again where a server is created, and is answered there.
        let _prepared = keys::prepare(servers).await;
    }

    /// The address that the org takes for its own, without a slash at the end:
    /// `http://127.0.0.1:PORT`, or what [`SandboxBuilder::public_url`] says.
    #[must_use]
    pub fn org_url(&self) -> &str {
        &self.state.base_url
    }

    /// Where the org listens without TLS, whatever it takes for its address:
    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn local_url(&self) -> &str {
        &self.local_url
    }

    /// The org's custom domain, without a slash at the end.
    #[must_use]
    pub fn custom_domain(&self) -> Option<&str> {
        self.state.custom_domain.as_deref()
    }

    /// The API token, for `Authorization: SSWS …`; made anew at each start.
    #[must_use]
    pub fn api_token(&self) -> &str {
        &self.state.api_token
    }

    /// Every secret that the org has given out: API token, client secrets, tokens, codes, cookies.
    ///
    /// For tests that look for them where they must not be.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let org = self.state.org();
        let applications = org.applications.values();
        let client_secrets = applications.flat_map(|client| client.secrets.values());
        let client_secrets = client_secrets.map(|secret| secret.value.clone());
        let runtime = self.state.runtime();
        let given = runtime
            .handed_out
            .keys()
            .chain(runtime.sessions.keys())
            .cloned();
        std::iter::once(self.state.api_token.clone())
            .chain(client_secrets)
            .chain(given)
            .chain(runtime.totps.values().map(|totp| totp.secret.clone()))
            .collect()
    }

    /// What the access policies of a server give a user who asks a client for scopes by a grant
    /// type, whoever is assigned: how long the access token would live, in minutes.
    ///
    /// Nothing when no rule gives all of the scopes, or an object is not there. For tests that
    /// compare another reading of the policies with this one without signing anybody in.
    #[must_use]
    pub fn would_grant(
        &self,
        server_id: &str,
        client_id: &str,
        user_id: &str,
        grant_type: &str,
        scopes: &[String],
    ) -> Option<u32> {
        let question = decision::Question {
            client_id,
            user_id: Some(user_id),
            grant_types: &[grant_type],
            scopes,
            openid_connect_always_granted: self.state.options.openid_connect_scopes
                == OpenIdConnectScopes::AlwaysGranted,
        };
        let org = self.state.org();
        let server = org.server(server_id)?;
        let rule = decision::first_match(&org, server, &question)?;
        Some(rule.actions.token.access_token_lifetime_minutes)
    }

    /// The key that the authorization server with this issuer signs with at the moment, for whoever
    /// plays its part; none where there is no such server.
    #[must_use]
    pub fn signing_key(&self, issuer: &str) -> Option<KeyPairPem> {
        let (base, id) = issuer.rsplit_once("/oauth2/")?;
        if base != self.state.base_url {
            return None;
        }
        let org = self.state.org();
        let key = org.servers.get(id)?.active_key()?;
        key.pem().ok()
    }

    /// The page users sign in on.
    #[must_use]
    pub fn sign_in_page(&self) -> SignInPage {
        self.state.sign_in_page
    }

    /// Lets the user with this login meet something on the way in, from now on.
    pub fn set_detour(&self, login: &str, detour: Detour) {
        let mut runtime = self.state.runtime();
        let met = runtime.detours.entry(login.to_lowercase()).or_default();
        met.push(detour);
    }

    /// Lets the user with this login come to the page of a scenario, from now on; with no login
    /// everybody. [`scenarios`] lists them.
    ///
    /// # Errors
    /// When there is no scenario of this name.
    pub fn set_scenario(&self, login: Option<&str>, name: &str) -> Result<(), UnknownScenario> {
        if sign_in::scenario::find(name).is_none() {
            return Err(UnknownScenario(name.to_owned()));
        }
        let mut runtime = self.state.runtime();
        let key = login.unwrap_or_default().to_lowercase();
        let met = runtime.scenarios.entry(key).or_default();
        met.push(name.to_owned());
        Ok(())
    }

    /// Lets everybody come to the ordinary pages again.
    pub fn clear_scenarios(&self) {
        self.state.runtime().scenarios.clear();
    }

    /// What happened on sign-in pages since this was asked last: nothing unless
    /// [`Options::watches_sign_in`] says so.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.state.runtime().events)
    }

    /// Sets an authenticator app up for the user with this login, who is asked for its codes from
    /// now on: its secret, made anew, in base32.
    #[must_use]
    pub fn enrol_totp(&self, login: &str) -> String {
        let secret = sign_in::totp::new_secret();
        sign_in::totp::set_up(&self.state, login, secret.clone());
        self.set_detour(login, Detour::Code);
        secret
    }

    /// The secret of the user's authenticator app, in base32.
    #[must_use]
    pub fn totp_secret(&self, login: &str) -> Option<String> {
        let runtime = self.state.runtime();
        let totp = runtime.totps.get(&login.to_lowercase());
        totp.map(|totp| totp.secret.clone())
    }

    /// Brings a group with these members, by login, as a directory does that Okta imports from: its
    /// id. It may be called as another group is, and no call of the Management API changes it.
    #[must_use]
    pub fn bring_group(&self, name: &str, logins: &[&str]) -> String {
        let mut org = self.state.org();
        let now = jiff::Timestamp::now();
        let mut group = Group::new(GroupKind::AppGroup, name.to_owned(), None, now);
        let members = logins.iter().filter_map(|login| org.user_by_login(login));
        group.members = members.map(|user| user.id.clone()).collect();
        let id = group.id.clone();
        org.groups.insert(id.clone(), group);
        id
    }

    /// Breaks the org from now on, or mends it.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state.set_fault(fault);
    }

    /// Keeps an object from the administrator of the API token, as a custom role whose resource set
    /// does not hold it does (Okta's help, "Resource sets"): lists leave it out, and by its id it
    /// is not found. A list, by its path below `/api/v1/`, is empty.
    pub fn hide(&self, id: &str) {
        self.state.hidden().insert(id.to_owned());
    }

    /// Refuses to show what is at this path below `/api/v1/`, and all below it, as an org does to
    /// an administrator whose custom role lacks the permission for it.
    pub fn refuse(&self, path: &str) {
        self.state.refused().insert(path.to_owned());
    }

    /// Shows an object otherwise than it is to whoever reads it by the Management API, as an org
    /// does that has settings or words of which this one knows nothing: by its path below
    /// `/api/v1/`, with its id for a name. What the org does stays the same.
    pub fn show(&self, path: &str, otherwise: impl Fn(&mut Value) + Send + Sync + 'static) {
        let path = path.to_owned();
        self.state.shown().insert(path, Box::new(otherwise));
    }
}

/// How an org is to be started.
#[derive(Debug, Clone, Default)]
pub struct SandboxBuilder {
    port: u16,
    public_url: Option<String>,
    host_name: Option<String>,
    custom_domain: Option<String>,
    sign_in_page: SignInPage,
    widget: Option<PathBuf>,
    options: Options,
    tls: Option<CertificateAuthority>,
    keep: Option<PathBuf>,
    fault: Option<Fault>,
}

impl SandboxBuilder {
    /// The port to listen on; 0, the default, is any free one, or that of an org that was kept.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The address that the org takes for its own where something is in front of it: of its
    /// issuers, endpoints, links and pages. Scheme, host and port.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The name of this machine in the org's address, `localhost` say, in place of `127.0.0.1`:
    /// passkeys are for names alone.
    #[must_use]
    pub fn host_name(mut self, name: impl Into<String>) -> Self {
        self.host_name = Some(name.into());
        self
    }

    /// A second address at which the org is reached: its custom domain, which issuers name by their
    /// mode. Scheme, host and port; without a port it is that of [`SandboxBuilder::port`], so that
    /// `http://localhost` is enough.
    ///
    /// Metadata and tokens follow it; a sign-in goes on at the first address.
    #[must_use]
    pub fn custom_domain(mut self, url: impl Into<String>) -> Self {
        self.custom_domain = Some(url.into());
        self
    }

    /// The page users sign in on.
    #[must_use]
    pub fn sign_in_page(mut self, page: SignInPage) -> Self {
        self.sign_in_page = page;
        self
    }

    /// The folder of the npm package `@okta/okta-signin-widget`, which every page but the builtin
    /// one is made of.
    #[must_use]
    pub fn widget(mut self, folder: PathBuf) -> Self {
        self.widget = Some(folder);
        self
    }

    /// Where real orgs differ.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Answers by TLS with a certificate of this authority: the org's address begins with `https`.
    /// Without TLS, it listens at [`Sandbox::local_url`] too.
    #[must_use]
    pub fn tls(mut self, authority: &CertificateAuthority) -> Self {
        self.tls = Some(authority.clone());
        self
    }

    /// Keeps in this folder what the Management API makes, and goes on with it at the next start:
    /// the same ids, keys, API token and port. The folder is made where there is none, for its
    /// owner alone; secrets are in it.
    #[must_use]
    pub fn keep(mut self, folder: PathBuf) -> Self {
        self.keep = Some(folder);
        self
    }

    /// What is wrong with the org.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When a port cannot be bound, the public address is none of an org, the widget for the page
    /// is not there, or the folder that the org is kept in cannot be used.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let folder = self.widget.clone().unwrap_or_default();
        if let Some(missing) = pages::widget::missing(self.sign_in_page, &folder) {
            return Err(StartError::Widget { missing });
        }
        let public_url = self.public_url.as_deref().map(server::public_url);
        let public_url = public_url.transpose()?;
        let kept = self.keep.as_deref().map(kept::open).transpose()?.flatten();
        let ports = kept.as_ref().map(|kept| kept.ports).unwrap_or_default();
        let ports = ports.asked(self.port);
        let bound = server::bind_as(ports.public, self.tls.as_ref()).await?;
        let plain = match self.tls {
            Some(_) => Some(server::bind(ports.local).await?),
            None => None,
        };
        let ports = Ports {
            public: bound.port,
            local: plain.as_ref().map_or(0, |plain| plain.port),
        };
        let custom_domain = self.custom_domain.as_deref();
        let custom_domain = custom_domain.map(|url| server::custom_domain(url, &bound.url));
        let custom_domain = custom_domain.transpose()?;
        let local_url = plain.as_ref().unwrap_or(&bound).url.clone();
        let own_url = match &self.host_name {
            Some(name) => server::public_url(&bound.url.replacen("127.0.0.1", name, 1))?,
            None => bound.url.clone(),
        };
        let mut state = AppState::new(
            public_url.unwrap_or(own_url),
            custom_domain,
            self.options,
            self.sign_in_page,
            self.widget,
            self.fault,
        );
        if let Some(kept) = kept {
            state = state.resuming(kept.org, kept.api_token);
        }
        let state = Arc::new(state);
        let mut router = router(Arc::clone(&state));
        if let Some(folder) = self.keep {
            let keeper = Keeper::new(folder, ports, Arc::clone(&state));
            keeper.keep()?;
            router = router.layer(middleware::from_fn_with_state(Arc::new(keeper), kept::gate));
        }
        let plain = plain.map(|plain| plain.serve(router.clone()));
        let running = std::iter::once(bound.serve(router)).chain(plain).collect();
        Ok(Sandbox {
            state,
            local_url,
            _running: running,
        })
    }
}

fn router(state: Arc<AppState>) -> Router {
    let flaky = middleware::from_fn_with_state(Arc::clone(&state), flaky::gate);
    management::router()
        .route(
            pages::widget::ROUTE,
            axum::routing::get(pages::widget::file),
        )
        .merge(web::router(&state))
        .layer(flaky)
        .with_state(state)
}
