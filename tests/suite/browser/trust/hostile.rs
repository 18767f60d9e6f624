//! An org whose pages may be anything, and another origin that notes whatever comes to it.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, REFRESH, WWW_AUTHENTICATE};
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;
use okta_e2e::origin::TrustedOrigins;
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::Url;

pub(in crate::browser) use super::super::shared::Visited;
use super::super::shared::{IMPATIENT, PATIENT, REDIRECT_URI, Shared, User};

pub(in crate::browser) const USERNAME: &str = "alice@example.com";
pub(in crate::browser) const PASSWORD: &str = "Correct-horse-7-battery";

const ALICE: User = User {
    username: USERNAME,
    password: PASSWORD,
    totp_secret: None,
};

/// A sign-in form of another make than Okta's; `{action}` is where it leads.
pub(in crate::browser) const FORM: &str = "<form method='post' action='{action}'>\
    <input name='username'><input name='password' type='password'>\
    <button>Sign in</button></form>";

/// Tells the org of whatever is put into any field of the page.
const WATCH: &str = "<script>addEventListener('input', (event) => \
    navigator.sendBeacon('/typed', event.target.name + '=' + event.target.value), true)</script>";

/// Longer than any page is waited for on which nothing is under way.
const LATE: Duration = Duration::from_secs(6);

/// An error as an API tells it.
const DATA: &str = r#"{"error":"access_denied","error_description":"User is not assigned"}"#;

/// A script between the pages and their server, that asks it in their place.
const WORKER: &str = "addEventListener('activate', (event) => event.waitUntil(clients.claim()));\
    addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));";

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
    /// Shows this page at its authorization endpoint. In it `{elsewhere}` and `{third}` stand for
    /// other origins, `{form}` for a sign-in form, and `{here}` for where a form of the org leads.
    /// What is behind `{second}` is shown everywhere but at the authorization endpoint.
    pub(in crate::browser) async fn showing(page: &str) -> Self {
        let other_page = format!("<h1>Sign in</h1>{}", FORM.replace("{action}", "/login"));
        Self::beside(page, &other_page).await
    }

    /// The same, with a page of the other origin in which `{org}` stands for the org.
    pub(in crate::browser) async fn beside(page: &str, other_page: &str) -> Self {
        let (at_org, at_other) = (Log::default(), Log::default());
        let (org, other) = (listener().await, listener().await);
        let elsewhere = format!("http://localhost:{}", port(&other));
        let own = format!("http://127.0.0.1:{}", port(&org));
        let whole = |page: &str| {
            let page = page
                .replace("{form}", &FORM.replace("{action}", "{here}"))
                .replace("{here}", "/answer")
                .replace("{elsewhere}", &elsewhere)
                .replace(
                    "{third}",
                    &elsewhere.replace("localhost", "third.localhost"),
                )
                .replace("{org}", &own);
            let (first, second) = page.split_once("{second}").unwrap_or((&page, &page));
            [first, second].map(|page| format!("<!doctype html>{WATCH}{page}"))
        };
        serve(org, at_org.clone(), whole(page));
        serve(other, at_other.clone(), whole(other_page));
        Self {
            url: Url::parse(&format!("{own}/authorize")).unwrap(),
            elsewhere,
            at_org,
            at_other,
        }
    }

    /// Signs in as somebody with a password.
    pub(in crate::browser) async fn sign_in(&self) -> Visited {
        let trusted = [&self.url].into_iter().collect();
        sign_in(&IMPATIENT, self.url.clone(), trusted).await
    }

    /// The same, and comes to another address of the org afterwards.
    pub(in crate::browser) async fn sign_in_and_go_on(&self, next: &str) -> Visited {
        let trusted = [&self.url].into_iter().collect();
        let next = Some(self.at(next));
        IMPATIENT
            .sign_in_and_go_on(self.url.clone(), next, trusted, ALICE)
            .await
    }

    /// The same where a page is given as long as a run gives it.
    pub(in crate::browser) async fn sign_in_patiently(&self) -> Visited {
        self.visit_patiently(&self.url).await
    }

    /// The same at another address of the org.
    pub(in crate::browser) async fn visit_patiently(&self, url: &Url) -> Visited {
        let trusted = [&self.url].into_iter().collect();
        sign_in(&PATIENT, url.clone(), trusted).await
    }

    /// The same where the other origin is trusted too.
    pub(in crate::browser) async fn sign_in_trusting_both(&self) -> Visited {
        self.sign_in_trusting(&self.elsewhere).await
    }

    /// The same where this origin is trusted beside the org.
    pub(in crate::browser) async fn sign_in_trusting(&self, other: &str) -> Visited {
        let other = Url::parse(other).unwrap();
        let trusted = [&self.url, &other].into_iter().collect();
        sign_in(&PATIENT, self.url.clone(), trusted).await
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

    /// What came to the other origin that this is told of.
    pub(in crate::browser) fn at_other(&self, told: &str) -> Vec<String> {
        let log = self.at_other.lock().unwrap();
        let is_it = |line: &&String| line.starts_with(told);
        log.iter().filter(is_it).cloned().collect()
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
    line.starts_with("POST /answer") || line.starts_with("POST /second")
}

async fn sign_in(browsers: &'static Shared, url: Url, trusted: TrustedOrigins) -> Visited {
    browsers.sign_in(url, trusted, ALICE).await
}

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

/// What is shown at the authorization endpoint, and everywhere else.
type Pages = Arc<[String; 2]>;

fn serve(listener: TcpListener, log: Log, pages: [String; 2]) {
    let app = Router::new()
        .fallback(answer)
        .with_state((log, Pages::new(pages)));
    tokio::spawn(async move { axum::serve(listener, app).await });
}

fn to(address: &str) -> Response {
    // A fragment cannot stand in an address as it is.
    let address = address.replace("%23", "#");
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

async fn answer(State((log, pages)): State<(Log, Pages)>, request: Request) -> Response {
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
        "/nothing" => StatusCode::NO_CONTENT.into_response(),
        "/never" => pending().await,
        "/circle" => to(&path),
        "/late" => {
            let _late = timeout(LATE, pending::<()>()).await;
            to(&query)
        }
        // To the address in its query, without the form.
        "/to" => to(&query),
        // With the form, to the address in its query.
        "/away" => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, query)]).into_response(),
        "/forbidden" => (StatusCode::FORBIDDEN, Html(pages[1].clone())).into_response(),
        "/check" => {
            let checks = [("cf-mitigated", "challenge")];
            (StatusCode::FORBIDDEN, checks, Html(pages[1].clone())).into_response()
        }
        "/as" => as_told(&query, &pages[1]),
        "/authorize" => Html(pages[0].clone()).into_response(),
        _ => special(&path, &query).unwrap_or_else(|| Html(pages[1].clone()).into_response()),
    }
}

/// The page with the status and the headers that the address tells.
fn as_told(query: &str, page: &str) -> Response {
    let told = Url::parse(&format!("http://x/?{query}")).unwrap();
    let mut answer = Response::builder();
    // What is no HTML begins with what is its own.
    let own = page.split_once("</script>").map_or(page, |(_, own)| own);
    let page = if query.contains("xml") { own } else { page };
    let mut body = page.as_bytes().to_vec();
    for (name, value) in told.query_pairs() {
        match name.as_ref() {
            "status" => answer = answer.status(value.parse::<u16>().unwrap()),
            "utf-16" => body = page.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            name => answer = answer.header(name, value.as_ref()),
        }
    }
    answer.body(Body::from(body)).unwrap()
}

/// Answers that few pages have.
fn special(path: &str, query: &str) -> Option<Response> {
    let typed = |kind: &'static str, body: Body| ([(CONTENT_TYPE, kind)], body).into_response();
    Some(match path {
        "/data" => typed("application/json", Body::from(DATA)),
        "/text" => typed("text/plain", Body::from("Access denied")),
        "/worker" => typed("text/javascript", Body::from(WORKER)),
        "/stream" => typed(
            "text/event-stream",
            Body::from_stream(stream::pending::<Result<Vec<u8>, Infallible>>()),
        ),
        "/closed" => (StatusCode::SERVICE_UNAVAILABLE, Html("<h1>Back soon</h1>")).into_response(),
        "/refresh" => {
            let address = query.replace("%23", "#");
            ([(REFRESH, format!("2; url={address}"))], "One moment").into_response()
        }
        _ => return None,
    })
}
