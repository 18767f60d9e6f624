//! One sandbox org for each sign-in page, and the browsers that all of them share.
//!
//! Browsers are bound to the runtime they were started on, so the cases run on one that outlives
//! them; every case has a user of its own, made through the Management API.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_e2e::browser::{BrowserConfig, Browsers, Credentials, Landing, UserBrowser, Visit};
use okta_e2e::model::OrgModel;
use okta_e2e::openid::{AuthorizationRequest, Flow, Prompt, Response};
use okta_e2e::totp::Totp;
use okta_sandbox::{Lockout, Options, Sandbox, SandboxBuilder, SignInPage};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use url::Url;

use crate::support::world::{World, authorization_endpoint, file};

/// Meets the sandbox's password policy, and is nobody's.
pub(super) const PASSWORD: &str = "Correct-horse-7";

/// Pages that are waited for to stand still take no processor.
const SESSIONS_PER_CORE: usize = 2;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
static BROWSERS: OnceCell<Browsers> = OnceCell::const_new();
static GERMAN_BROWSERS: OnceCell<Browsers> = OnceCell::const_new();
static ORGS: [OnceCell<World>; 4] = [const { OnceCell::const_new() }; 4];

/// Runs a case on the runtime that the browsers belong to.
pub(super) fn run<T>(case: impl Future<Output = T>) -> T {
    RUNTIME.block_on(case)
}

/// A sandbox that is to have this page.
fn builder(page: SignInPage, options: Options) -> SandboxBuilder {
    let builder = Sandbox::builder().sign_in_page(page).options(options);
    builder.widget(widget())
}

/// Where `scripts/install-widget` puts Okta's own widget.
fn widget() -> PathBuf {
    file("target/okta-signin-widget/node_modules/@okta/okta-signin-widget")
}

/// The org with this page, shared by all cases: none of them may break it.
pub(super) async fn org(page: SignInPage) -> Org<'static> {
    let cell = match page {
        SignInPage::Builtin => &ORGS[0],
        SignInPage::Classic => &ORGS[1],
        SignInPage::Gen2 => &ORGS[2],
        SignInPage::Gen3 => &ORGS[3],
    };
    let options = Options {
        lockout: Lockout::Told,
        ..Options::default()
    };
    let world = cell.get_or_init(|| world(page, options)).await;
    Org { world }
}

/// On the host of the sandboxes: to go to another and back takes a browser two new processes, and
/// half of the time of a visit.
const REDIRECT_URI: &str = "http://127.0.0.1:8080/callback";

/// The default model, with the redirect URI that the browsers here are kept from.
pub(super) fn model() -> OrgModel {
    let mut model = OrgModel::load(&file("fixtures/org.toml")).expect("the model is right");
    model.client.redirect_uri = REDIRECT_URI.parse().expect("a redirect URI");
    model
}

/// A sandbox that is set up as that model says.
pub(super) async fn world(page: SignInPage, options: Options) -> World {
    World::of_model(model(), builder(page, options)).await
}

/// The same, known by a name: passkeys are for no address.
pub(super) async fn world_at_localhost(page: SignInPage, options: Options) -> World {
    World::of_model(model(), builder(page, options).host_name("localhost")).await
}

/// How browsers are started here.
pub(super) fn config() -> BrowserConfig {
    let redirect_uri = Url::parse(REDIRECT_URI).expect("a URL");
    let org_url = Url::parse("http://127.0.0.1:1").expect("a URL");
    let mut config = BrowserConfig::new(redirect_uri, org_url);
    config.step_timeout = Duration::from_secs(40);
    config
}

pub(super) async fn browsers() -> &'static Browsers {
    BROWSERS.get_or_init(|| start(config())).await
}

/// Browsers that ask for German pages.
pub(super) async fn german_browsers() -> &'static Browsers {
    let config = BrowserConfig {
        language: "de-DE".to_owned(),
        ..config()
    };
    GERMAN_BROWSERS.get_or_init(|| start(config)).await
}

async fn start(mut config: BrowserConfig) -> Browsers {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    config.sessions = SESSIONS_PER_CORE * cores;
    Browsers::start(config).await.expect("a browser starts")
}

/// An org that a case signs in at.
#[derive(Clone, Copy)]
pub(super) struct Org<'a> {
    pub(super) world: &'a World,
}

impl Org<'_> {
    /// Makes a user who is a silver subscriber and so assigned to the client; the login.
    pub(super) async fn subscriber(&self, name: &str) -> String {
        let groups = self.manage("GET", "groups?q=silverSubscribers", None).await;
        let group = groups[0]["id"].clone();
        self.user(name, &json!([group])).await
    }

    /// Makes a user who is in these groups; the login.
    pub(super) async fn user(&self, name: &str, groups: &Value) -> String {
        let login = format!("{name}@example.com");
        let profile = json!({
            "login": login, "email": login, "firstName": "Test", "lastName": "User",
        });
        let body = json!({
            "profile": profile,
            "credentials": {"password": {"value": PASSWORD}},
            "groupIds": groups,
        });
        self.manage("POST", "users", Some(body)).await;
        login
    }

    /// Calls the Management API.
    pub(super) async fn manage(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let sandbox = &self.world.sandbox;
        let url = format!("{}/api/v1/{path}", sandbox.org_url());
        let http = crate::support::http();
        let mut request = http
            .request(method.parse().expect("a method"), url)
            .header("authorization", format!("SSWS {}", sandbox.api_token()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(
            status.is_success(),
            "{method} {path} answers {status}: {text}"
        );
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Visits the authorize URL in a browser of their own as somebody who asks for silver.
    pub(super) async fn sign_in(
        &self,
        login: &str,
        password: &str,
        totp: Option<&Totp>,
    ) -> Landing {
        let mut browser = browsers().await.user().await.expect("a browser is free");
        self.sign_in_with(&mut browser, login, password, totp).await
    }

    /// The same in this browser.
    pub(super) async fn sign_in_with(
        &self,
        browser: &mut UserBrowser<'_>,
        login: &str,
        password: &str,
        totp: Option<&Totp>,
    ) -> Landing {
        let password = SecretString::from(password);
        let credentials = Credentials {
            username: login,
            password: &password,
            totp,
            passkey: None,
        };
        self.visit(browser, Some(credentials)).await
    }

    /// Visits the authorize URL; an answer is to the very request.
    pub(super) async fn visit(
        &self,
        browser: &mut UserBrowser<'_>,
        credentials: Option<Credentials<'_>>,
    ) -> Landing {
        let redirect_uri = &self.world.model.client.redirect_uri;
        let request = AuthorizationRequest::new(
            &authorization_endpoint(&self.world.access),
            &self.world.access.client_id,
            redirect_uri.as_str(),
            "openid http://myapp.com/scp/silver",
            Flow::Implicit,
            Prompt::Login,
        );
        let visit = Visit {
            url: &request.url,
            redirect_uri,
            credentials,
            trusted: &self.world.access.trusted_origins(),
        };
        let landing = browser.authorize(&visit).await;
        let landing = landing.expect("the visit comes to an end");
        if let Landing::Redirected { url, .. } = &landing {
            let response = Response::parse(redirect_uri, url.expose());
            assert_eq!(response.get("state"), Some(request.state.as_str()));
        }
        landing
    }

    /// Whose access token came back, by the org's own word.
    pub(super) fn subject(self, landing: &Landing) -> String {
        let Landing::Redirected { url, .. } = landing else {
            panic!("{landing:?}")
        };
        let redirect_uri = &self.world.model.client.redirect_uri;
        let response = Response::parse(redirect_uri, url.expose());
        let token = response.fragment.secret("access_token").expect("a token");
        let claims = token.expose_secret().split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        claims["sub"].as_str().expect("a subject").to_owned()
    }
}

/// Keeps the picture of where a visit ended, for people to look at.
pub(super) fn keep_picture(page: SignInPage, name: &str, landing: &Landing) {
    let evidence = match landing {
        Landing::Redirected { .. } | Landing::Elsewhere { .. } => return,
        Landing::ErrorPage { evidence, .. }
        | Landing::Refused { evidence, .. }
        | Landing::Stopped { evidence, .. }
        | Landing::Untrusted { evidence, .. } => evidence,
    };
    let png = evidence.screenshot_png.as_ref().expect("a picture");
    let folder = file("target/sign-in-pages");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{page:?}-{name}.png").to_lowercase());
    std::fs::write(path, png).expect("a file");
}
