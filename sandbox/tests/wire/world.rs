//! The org that tests of the OAuth endpoints stand in: two groups, four users, one client.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use okta_sandbox::{Fault, Options, Sandbox, SandboxBuilder, SignInPage};
use reqwest::Method;
use serde_json::{Map, Value};

use crate::browser::{Browser, Page};
use crate::provision::{self, Provisioned};

pub(crate) const SILVER: &str = "http://myapp.com/scp/silver";
pub(crate) const GOLD: &str = "http://myapp.com/scp/gold";
pub(crate) const BOTH: &str = "openid http://myapp.com/scp/silver http://myapp.com/scp/gold";
pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/callback";
pub(crate) const LOGOUT_URI: &str = "http://localhost:8080/bye";
pub(crate) const PASSWORD: &str = "Tr0ub4dor-and-3";

/// A provisioned org.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) org: Provisioned,
}

/// The login of a test user: `silver`, `gold`, `none` or `unassigned`.
pub(crate) fn login(user: &str) -> String {
    format!("{user}@example.com")
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::of(Sandbox::builder().options(options)).await
    }

    /// An org that is started so.
    pub(crate) async fn of(sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.start().await.unwrap();
        let org = provision::provision(&sandbox).await;
        Self { sandbox, org }
    }

    /// An org on Classic Engine, whose page is none: what its script would do is done here.
    pub(crate) async fn classic(options: Options) -> Self {
        let sandbox = Sandbox::builder()
            .options(options)
            .sign_in_page(SignInPage::Classic)
            .widget(empty_widget());
        Self::of(sandbox).await
    }

    pub(crate) async fn broken(fault: Fault) -> Self {
        let world = Self::new().await;
        world.sandbox.set_fault(Some(fault));
        world
    }

    /// Calls the Management API; a `null` body is none.
    pub(crate) async fn manage(&self, method: Method, path: &str, body: &Value) -> Value {
        provision::call(&self.sandbox, method, path, body).await
    }

    /// Changes the client: what is given replaces what is in the section's `oauthClient`.
    pub(crate) async fn change_client(&self, section: &str, change: &Value) {
        let path = format!("apps/{}", self.org.client_id);
        let mut client = self.manage(Method::GET, &path, &Value::Null).await;
        let settings = client[section]["oauthClient"].as_object_mut().unwrap();
        settings.extend(change.as_object().unwrap().clone());
        self.manage(Method::PUT, &path, &client).await;
    }

    /// Changes the rule of this name.
    pub(crate) async fn change_rule(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let (server, policy) = (&self.org.server_id, &self.org.policy_id);
        let path = format!("authorizationServers/{server}/policies/{policy}/rules");
        let mut rules = self.manage(Method::GET, &path, &Value::Null).await;
        let mut rules = rules.as_array_mut().unwrap().iter_mut();
        let rule = rules.find(|rule| rule["name"] == name).unwrap();
        change(rule);
        let one = format!("{path}/{}", rule["id"].as_str().unwrap());
        self.manage(Method::PUT, &one, rule).await;
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/oauth2/{}", self.sandbox.org_url(), self.org.server_id)
    }

    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("{}/v1/{name}", self.issuer())
    }

    /// The document's request, with parameters changed, added, or, by an empty value, left out.
    pub(crate) fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let scope = format!("openid {SILVER}");
        let mut parameters = BTreeMap::from([
            ("client_id", self.org.client_id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "token id_token"),
            ("scope", &scope),
            ("state", "a-state"),
            ("nonce", "a-nonce"),
        ]);
        parameters.extend(changes.iter().copied());
        parameters.retain(|_, value| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("{}?{query}", self.endpoint("authorize"))
    }

    /// Signs a test user in with a fresh browser.
    pub(crate) async fn sign_in(&self, user: &str, changes: &[(&str, &str)]) -> Page {
        let url = self.authorize_url(changes);
        Browser::new().sign_in(&url, &login(user), PASSWORD).await
    }

    /// Posts a form as the client, by Basic credentials in the form.
    pub(crate) async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Page {
        let mut form = form.to_vec();
        form.push(("client_id", &self.org.client_id));
        form.push(("client_secret", &self.org.client_secret));
        Browser::new()
            .post_form(&self.endpoint(endpoint), &form)
            .await
    }

    /// A code that was just handed out to the silver user.
    pub(crate) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let mut all = vec![("response_type", "code")];
        all.extend_from_slice(changes);
        self.sign_in("silver", &all).await.query()["code"].clone()
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Page {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
        ];
        form.extend_from_slice(more);
        self.post("token", &form).await
    }

    /// The keys the org publishes.
    pub(crate) async fn keys(&self) -> Value {
        Browser::new().get(&self.endpoint("keys")).await.json()["keys"].take()
    }

    /// The claims of a token whose signature fits one of the published keys.
    pub(crate) async fn verified(&self, token: &str) -> Map<String, Value> {
        let header = jsonwebtoken::decode_header(token).unwrap();
        let kid = header.kid.unwrap();
        let keys = self.keys().await;
        let key = keys
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == kid.as_str());
        let jwk = serde_json::from_value(key.expect("a published key").clone()).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.validate_aud = false;
        jsonwebtoken::decode(token, &key, &validation)
            .unwrap()
            .claims
    }
}

/// A folder with the names of the widget's files.
fn empty_widget() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty-widget");
    for file in ["js/okta-sign-in.classic.min.js", "css/okta-sign-in.min.css"] {
        let path = folder.join("dist").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    folder
}

/// The present code of an authenticator app with this secret.
pub(crate) fn code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new()
        .with_secret(secret)
        .build_noncompliant();
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    app.generate(elapsed.as_secs()).to_string()
}

/// The claims of a token, whoever signed it.
pub(crate) fn claims(token: &str) -> Map<String, Value> {
    jsonwebtoken::dangerous::insecure_decode(token)
        .unwrap()
        .claims
}
