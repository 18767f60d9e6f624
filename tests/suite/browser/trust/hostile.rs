//! An org whose pages may be anything, and another origin that notes whatever comes to it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, LOCATION, WWW_AUTHENTICATE};
use axum::response::{Html, IntoResponse, Response};
use tokio::net::TcpListener;
use url::Url;

pub(in crate::browser) use super::super::shared::Visited;
use super::super::shared::{IMPATIENT, REDIRECT_URI, User};

pub(in crate::browser) const USERNAME: &str = "alice@example.com";
pub(in crate::browser) const PASSWORD: &str = "Correct-horse-7-battery";

/// A sign-in form of another make than Okta's; `{action}` is where it leads.
pub(in crate::browser) const FORM: &str = "<form method='post' action='{action}'>\
    <input name='username'><input name='password' type='password'>\
    <button>Sign in</button></form>";

/// Tells the org of whatever is put into any field of the page.
const WATCH: &str = "<script>addEventListener('input', (event) => \
    navigator.sendBeacon('/typed', event.target.name + '=' + event.target.value), true)</script>";

/// What came to a server: method, path and body.
type Log = Arc<Mutex<Vec<String>>>;

/// The org, and the other origin.
pub(in crate::browser) struct Hostile {
    url: Url,
    /// The origin of the other server, as people write it.
    pub(in crate::browser) elsewhere: String,
    at_org: Log,
    at_other: Log,
}

impl Hostile {
    /// Shows this page at its authorization endpoint. In it `{elsewhere}` stands for the other
    /// origin, `{form}` for a sign-in form, and `{here}` for where a form of the org leads.
    pub(in crate::browser) async fn showing(page: &str) -> Self {
        let (at_org, at_other) = (Log::default(), Log::default());
        let other_page = format!("<h1>Sign in</h1>{}", FORM.replace("{action}", "/login"));
        let port = serve(at_other.clone(), other_page).await;
        let elsewhere = format!("http://localhost:{port}");
        let page = page
            .replace("{form}", &FORM.replace("{action}", "{here}"))
            .replace("{here}", "/answer")
            .replace("{elsewhere}", &elsewhere);
        let port = serve(at_org.clone(), format!("<!doctype html>{WATCH}{page}")).await;
        Self {
            url: Url::parse(&format!("http://127.0.0.1:{port}/authorize")).unwrap(),
            elsewhere,
            at_org,
            at_other,
        }
    }

    /// Signs in as somebody with a password.
    pub(in crate::browser) async fn sign_in(&self) -> Visited {
        self.visit(&self.url.clone()).await
    }

    /// The same at another address of the org.
    pub(in crate::browser) async fn visit(&self, url: &Url) -> Visited {
        let user = User {
            username: USERNAME,
            password: PASSWORD,
            totp_secret: None,
        };
        IMPATIENT.sign_in(url.clone(), &self.url, user).await
    }

    /// The address of this path at the org.
    pub(in crate::browser) fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    /// Whatever of this came to the other origin, the username or the password.
    pub(in crate::browser) fn leaked(&self) -> Vec<String> {
        let log = self.at_other.lock().unwrap();
        let holds = |line: &&String| line.contains("alice") || line.contains("Correct-horse");
        log.iter().filter(holds).cloned().collect()
    }

    /// What was put into fields of the page, and what forms sent to the org.
    pub(in crate::browser) fn typed(&self) -> Vec<String> {
        let log = self.at_org.lock().unwrap();
        let is_typed = |line: &&String| line.starts_with("POST /typed") || is_answer(line);
        log.iter().filter(is_typed).cloned().collect()
    }

    /// Whether something of the page was clicked that says so.
    pub(in crate::browser) fn was_clicked(&self) -> bool {
        let log = self.at_org.lock().unwrap();
        log.iter().any(|line| line.starts_with("POST /clicked"))
    }

    /// What the org's own form sent.
    pub(in crate::browser) fn answers(&self) -> Vec<String> {
        let log = self.at_org.lock().unwrap();
        log.iter().filter(|line| is_answer(line)).cloned().collect()
    }
}

fn is_answer(line: &str) -> bool {
    line.starts_with("POST /answer")
}

async fn serve(log: Log, page: String) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new()
        .fallback(answer)
        .with_state((log, Arc::new(page)));
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

async fn answer(State((log, page)): State<(Log, Arc<String>)>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 100_000).await;
    let body = body.unwrap_or_default();
    log.lock()
        .unwrap()
        .push(format!("{line} {}", String::from_utf8_lossy(&body)));
    match path.as_str() {
        "/answer" => {
            let target = format!("{REDIRECT_URI}#access_token=abc");
            (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
        }
        "/file" => ([(CONTENT_DISPOSITION, "attachment")], "not a page").into_response(),
        "/by-http" => {
            let asks = [(WWW_AUTHENTICATE, "Basic realm=\"staging\"")];
            (StatusCode::UNAUTHORIZED, asks, "Unauthorized").into_response()
        }
        // With the form, to the address in its query.
        "/away" => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, query)]).into_response(),
        _ => Html(page.to_string()).into_response(),
    }
}
