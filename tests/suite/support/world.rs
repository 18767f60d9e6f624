//! A provisioned sandbox org with the solar-system API beside it, and a verification of both.

use std::path::{Path, PathBuf};

use okta_e2e::browser::UserAgents;
use okta_e2e::config::{Config, Environment, OrgAccess, Profile};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::openid::{BrowserEndpoint, NamedUrl, Reach};
use okta_e2e::progress::Progress;
use okta_e2e::provisioning::{self, Memory};
use okta_e2e::requirements::{self, Trial};
use okta_e2e::verification::{Verification, Verified};
use okta_sandbox::{Sandbox, SandboxBuilder, SolarSystem};
use secrecy::SecretString;
use url::Url;

use super::agent::HttpAgents;
use super::front::Front;
use super::gateway::{Fault, Gateway};
use super::served;

/// A world to verify.
pub(crate) struct World {
    pub(crate) model: OrgModel,
    pub(crate) sandbox: Sandbox,
    pub(crate) api: SolarSystem,
    /// Where the run is told that the API is.
    pub(crate) resource_server: String,
    gateway: Option<Gateway>,
    pub(crate) access: OrgAccess,
    pub(crate) config: Config,
}

/// A file of this package.
pub(crate) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl World {
    /// The default model, on a sandbox of its own.
    pub(crate) async fn new() -> Self {
        Self::of("fixtures/org.toml", Sandbox::builder()).await
    }

    /// Another model, or a sandbox with options.
    pub(crate) async fn of(model: &str, sandbox: SandboxBuilder) -> Self {
        let model = OrgModel::load(&file(model)).expect("the model is right");
        Self::of_model(model, sandbox).await
    }

    /// A model that no file has.
    pub(crate) async fn of_model(model: OrgModel, sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.start().await.expect("the sandbox starts");
        Self::on(model, sandbox).await
    }

    /// The default model, on a sandbox that something stands before.
    pub(crate) async fn behind(front: &Front) -> Self {
        Self::of_behind("fixtures/org.toml", front).await
    }

    /// Another model, on a sandbox that something stands before.
    pub(crate) async fn of_behind(model: &str, front: &Front) -> Self {
        let sandbox = Sandbox::builder().public_url(front.url());
        let sandbox = sandbox.start().await.expect("the sandbox starts");
        front.leads_to(sandbox.local_url());
        let model = OrgModel::load(&file(model)).expect("the model is right");
        Self::on(model, sandbox).await
    }

    /// A model on a sandbox that is there.
    async fn on(model: OrgModel, sandbox: Sandbox) -> Self {
        sandbox.prepare_keys(model.servers_to_make()).await;
        let org_url = Url::parse(sandbox.org_url()).expect("a URL");
        let token = SecretString::from(sandbox.api_token());
        let client = ManagementClient::new(org_url.clone(), token.clone()).expect("a client");
        let made = provisioning::provision(&model, &client, &mut Memory::for_model(&model), |_| {})
            .await
            .expect("the sandbox is set up");
        let api = SolarSystem::builder(&made.issuer, &model.authorization_server.audience)
            .endpoints(served::endpoints(&model))
            .start()
            .await
            .expect("the API starts");
        let trusted_key = sandbox.signing_key(&made.issuer);
        let mut access = made.access(org_url, token);
        access.trusted_key = trusted_key.map(|key| SecretString::from(key.private));
        let mut config = Config::read(&Environment::default()).expect("no configuration is right");
        // What is sent beside it is what `hostile_requests` is about.
        config.profile = Profile::Document;
        Self {
            model,
            sandbox,
            resource_server: api.url().to_owned(),
            gateway: None,
            api,
            access,
            config,
        }
    }

    /// Breaks the org and the API in ways that no Management API can.
    pub(crate) fn set_faults(&self, org: Option<&str>, api: Option<&str>) {
        let org = org.map(|name| name.parse().expect("a fault of the org"));
        let api = api.map(|name| name.parse().expect("a fault of the API"));
        self.sandbox.set_fault(org);
        self.api.set_fault(api);
    }

    /// Puts something in front of the API that is not right.
    pub(crate) async fn stand_before_the_api(&mut self, fault: Fault) {
        let gateway = Gateway::before(self.api.url(), fault).await;
        self.resource_server.clone_from(&gateway.url);
        self.gateway = Some(gateway);
    }

    /// Verifies the world without a browser.
    pub(crate) async fn verify(&self) -> Verified {
        let agents = HttpAgents;
        self.verify_with(Some(&agents)).await
    }

    /// Verifies the world; without user agents, in browsers.
    pub(crate) async fn verify_with(&self, agents: Option<&dyn UserAgents>) -> Verified {
        self.verify_part(&self.resource_server, agents, None).await
    }

    /// Verifies the org with another API beside it.
    pub(crate) async fn verify_at(&self, api: &str, agents: Option<&dyn UserAgents>) -> Verified {
        self.verify_part(api, agents, None).await
    }

    /// Verifies these trials alone, without a browser.
    pub(crate) async fn verify_where(
        &self,
        is_selected: &(dyn Fn(&Trial) -> bool + Sync),
    ) -> Verified {
        self.verify_where_at(self.api.url(), is_selected).await
    }

    /// The same with user agents; without them, in browsers.
    pub(crate) async fn verify_where_with(
        &self,
        is_selected: &(dyn Fn(&Trial) -> bool + Sync),
        agents: Option<&dyn UserAgents>,
    ) -> Verified {
        self.verify_selected(self.api.url(), is_selected, agents)
            .await
    }

    /// The same, with another API beside the org.
    pub(crate) async fn verify_where_at(
        &self,
        api: &str,
        is_selected: &(dyn Fn(&Trial) -> bool + Sync),
    ) -> Verified {
        self.verify_selected(api, is_selected, Some(&HttpAgents))
            .await
    }

    async fn verify_selected(
        &self,
        api: &str,
        is_selected: &(dyn Fn(&Trial) -> bool + Sync),
        agents: Option<&dyn UserAgents>,
    ) -> Verified {
        let verification = self.verification(api, None);
        let trials = requirements::trials_of(&self.model, self.config.profile);
        let progress = Progress::silent();
        let run = verification.run(&trials, is_selected, agents, &progress);
        run.await.expect("a run")
    }

    /// Verifies what has this in its name, without a browser.
    pub(crate) async fn verify_filtered(&self, filter: &str) -> Verified {
        self.verify_part(&self.resource_server, Some(&HttpAgents), Some(filter))
            .await
    }

    /// The same, with other user agents.
    pub(crate) async fn verify_filtered_with(
        &self,
        filter: &str,
        agents: &dyn UserAgents,
    ) -> Verified {
        self.verify_part(&self.resource_server, Some(agents), Some(filter))
            .await
    }

    async fn verify_part(
        &self,
        api: &str,
        agents: Option<&dyn UserAgents>,
        filter: Option<&str>,
    ) -> Verified {
        let verification = self.verification(api, filter);
        let trials = requirements::trials_of(&self.model, self.config.profile);
        let progress = Progress::silent();
        let is_selected = |trial: &Trial| filter.is_none_or(|filter| trial.name().contains(filter));
        verification
            .run(&trials, &is_selected, agents, &progress)
            .await
            .expect("a run")
    }

    fn verification(&self, api: &str, filter: Option<&str>) -> Verification<'_> {
        Verification {
            model: &self.model,
            config: &self.config,
            access: &self.access,
            target: "a sandbox of the suite's own proof".to_owned(),
            resource_server: Url::parse(api).expect("a URL"),
            resource_server_words: "the solar-system API".to_owned(),
            filter: filter.map(str::to_owned),
        }
    }
}

/// Where a browser is sent, by the path that the sandbox has.
pub(crate) fn authorization_endpoint(access: &OrgAccess) -> BrowserEndpoint {
    let url = Url::parse(&format!("{}/v1/authorize", access.issuer)).expect("a URL");
    let reach = Reach::of(&access.issuer, access.trusted_origins());
    NamedUrl::new(url).opened(&reach).expect("the org's own")
}

/// The names of the trials with an outcome, in the document's order.
pub(crate) fn names(verified: &Verified, outcome: &str) -> Vec<String> {
    let results = verified.record.results.iter();
    results
        .filter(|result| result.outcome.word() == outcome)
        .map(|result| result.name.clone())
        .collect()
}
