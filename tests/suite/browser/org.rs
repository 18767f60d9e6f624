//! A tiny org: sign-in pages, a password, and a redirect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use okta_e2e::browser::{
    BrowserConfig, BrowserError, Browsers, Credentials, Landing, UserBrowser, Visit,
};
use okta_e2e::origin::TrustedOrigins;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

pub(crate) const PASSWORD: &str = "correct horse $'\"ß battery";

type Parameters = HashMap<String, String>;

/// What the org has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) authorizations: usize,
    pub(crate) usernames: Vec<String>,
    pub(crate) passwords: usize,
    pub(crate) clicked: Vec<String>,
}

type Shared = Arc<Mutex<Seen>>;

/// The org and the listener that stands at its redirect URI.
pub(crate) struct Org {
    pub(crate) url: Url,
    pub(crate) redirect_uri: Url,
    pub(crate) trusted: TrustedOrigins,
    pub(crate) seen: Shared,
    pub(crate) callback: TcpListener,
}

impl Org {
    pub(crate) async fn start() -> Self {
        Self::start_with_redirect("127.0.0.1").await
    }

    /// `redirect_host` is a name of the loopback interface.
    pub(crate) async fn start_with_redirect(redirect_host: &str) -> Self {
        let seen = Shared::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = app(seen.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let callback = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = callback.local_addr().unwrap().port();
        let redirect_uri = format!("http://{redirect_host}:{port}/callback");
        let url: Url = url.parse().unwrap();
        Self {
            trusted: [&url].into_iter().collect(),
            url,
            redirect_uri: redirect_uri.parse().unwrap(),
            seen,
            callback,
        }
    }

    pub(crate) fn config(&self) -> BrowserConfig {
        let mut config = BrowserConfig::new(self.redirect_uri.clone(), self.url.clone());
        config.step_timeout = Duration::from_secs(15);
        config
    }

    pub(crate) async fn browsers(&self) -> Browsers {
        Browsers::start(self.config()).await.unwrap()
    }

    pub(crate) fn authorize_url(&self, page: &str) -> Url {
        let mut url = self.url.join("authorize").unwrap();
        url.query_pairs_mut()
            .append_pair("page", page)
            .append_pair("redirect_uri", self.redirect_uri.as_str());
        url
    }

    /// Visits this address as nobody: there is nothing to type.
    pub(crate) async fn open(
        &self,
        browser: &mut UserBrowser<'_>,
        url: &Url,
    ) -> Result<Landing, BrowserError> {
        let visit = Visit {
            url,
            redirect_uri: &self.redirect_uri,
            credentials: None,
            trusted: &self.trusted,
        };
        browser.authorize(&visit).await
    }

    /// Visits `page` as a user with this password.
    pub(crate) async fn sign_in(
        &self,
        browser: &mut UserBrowser<'_>,
        page: &str,
        password: &str,
    ) -> Landing {
        let password = SecretString::from(password);
        let credentials = Credentials {
            username: "alice@example.com",
            password: &password,
            totp: None,
            passkey: None,
        };
        let visit = Visit {
            url: &self.authorize_url(page),
            redirect_uri: &self.redirect_uri,
            credentials: Some(credentials),
            trusted: &self.trusted,
        };
        browser.authorize(&visit).await.unwrap()
    }
}

/// Makes the configuration use this browser of the search path.
pub(crate) fn use_browser(config: &mut BrowserConfig, program: &str) {
    let mut files = config.search_path.iter().map(|folder| folder.join(program));
    config.browser = files.find(|file| file.is_file());
    assert!(config.browser.is_some(), "`{program}` is not installed");
}

/// Pages that take the answer out of their address, or lead on at once.
const STRIPS: &str = "<h1>Done</h1><script>history.replaceState(null, '', '/strips')</script>";
const LEADS_ON: &str = "<script>location = '/home'</script>";

fn app(seen: Shared) -> Router {
    Router::new()
        .route("/authorize", get(authorize))
        .route("/answer", post(answer))
        .route("/finish", get(finish))
        .route("/plain", post(plain))
        .route("/strips", get(Html(STRIPS)))
        .route("/leads_on", get(Html(LEADS_ON)))
        .route("/redirects", get(Redirect::to("/home")))
        .route("/sign_in.js", get(script))
        .with_state(seen)
}

async fn authorize(State(seen): State<Shared>, Query(parameters): Query<Parameters>) -> Response {
    seen.lock().unwrap().authorizations += 1;
    let html = match parameters["page"].as_str() {
        "gen3" | "gen3-kmsi" | "gen3-unknown" => include_str!("pages/gen3.html").to_owned(),
        "gen2" | "gen2-greeting" | "gen2-warning" | "gen2-enrolment" => {
            include_str!("pages/gen2.html").to_owned()
        }
        "plain" => include_str!("pages/plain.html").to_owned(),
        "classic" => include_str!("pages/classic.html").to_owned(),
        "redirect" => return finish(Query(parameters)).await,
        "form" => posting(&parameters["redirect_uri"]),
        "hang" => std::future::pending().await,
        "busy" => "<h1>busy</h1><script>for (;;) {}</script>".to_owned(),
        _ => include_str!("pages/stops.html").to_owned(),
    };
    Html(html).into_response()
}

/// An answer in a form that is posted by itself, as Okta's `form_post` has it.
fn posting(redirect_uri: &str) -> String {
    format!(
        "<body><form method='post' action='{redirect_uri}'>\
         <input type='hidden' name='access_token' value='abc'>\
         <input type='hidden' name='state' value='x&amp;z'>\
         <noscript><button type='submit'>Continue</button></noscript></form>\
         <script>document.forms[0].submit()</script></body>"
    )
}

async fn finish(Query(parameters): Query<Parameters>) -> Response {
    let target = format!("{}#access_token=abc&state=xyz", parameters["redirect_uri"]);
    (StatusCode::FOUND, [(LOCATION, target)]).into_response()
}

/// A form that is sent as forms are, to a provider that is not Okta.
async fn plain(State(seen): State<Shared>, Form(form): Form<Parameters>) -> Response {
    let mut seen = seen.lock().unwrap();
    seen.usernames.push(form["user"].clone());
    seen.passwords += 1;
    if form["password"] != PASSWORD {
        let page = "<h1>Log in</h1><p role='alert'>Incorrect username or password.</p>";
        return Html(page).into_response();
    }
    let target = format!("{}#access_token=abc&state=xyz", form["redirect_uri"]);
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

async fn script() -> Response {
    (
        [(CONTENT_TYPE, "text/javascript")],
        include_str!("pages/sign_in.js"),
    )
        .into_response()
}

async fn answer(State(seen): State<Shared>, Form(form): Form<Parameters>) -> Json<Value> {
    let mut seen = seen.lock().unwrap();
    seen.usernames.push(form["username"].clone());
    seen.clicked.push(form["clicked"].clone());
    Json(match (form["page"].as_str(), form["step"].as_str()) {
        (_, "kmsi" | "warning" | "enrolment") => json!({ "href": "/finish" }),
        ("gen3-unknown", _) => json!({ "step": "identify", "message": "Unable to sign in" }),
        ("gen3" | "gen3-kmsi", "identify") => json!({ "step": "password" }),
        (page, _) => {
            seen.passwords += 1;
            after_password(page, &form["password"])
        }
    })
}

fn after_password(page: &str, password: &str) -> Value {
    let after_success = match page {
        "gen3-kmsi" => json!({ "step": "kmsi" }),
        "gen2-warning" => json!({ "step": "warning" }),
        "gen2-enrolment" => json!({ "step": "enrolment" }),
        _ => json!({ "href": "/finish" }),
    };
    match password.strip_prefix("refused: ") {
        // Backwards, so that the answer holds no part of the password, which pictures leave out.
        Some(message) => {
            let message: String = message.chars().rev().collect();
            json!({ "step": "password", "message": message })
        }
        None if password == PASSWORD => after_success,
        None => json!({ "step": "password", "message": "Unable to sign in" }),
    }
}
