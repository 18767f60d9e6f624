//! A site that leaves every trace a browser can keep, and tells which it finds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use okta_e2e::browser::{BrowserConfig, Browsers, Landing, UserBrowser, Visit};
use tokio::net::TcpListener;
use url::Url;

/// Every trace that a visit leaves, HTTP authentication apart.
pub(crate) const WIPEABLE: [&str; 11] = [
    "cookie",
    "script_cookie",
    "local_storage",
    "session_storage",
    "window_name",
    "history",
    "indexed_db",
    "cache_storage",
    "http_cache",
    "memory_cache",
    "service_worker",
];
/// How many visits there were: what is cached carries the number of the visit it came with.
type Visits = Arc<AtomicUsize>;

/// The site, and the redirect URI where nobody listens.
pub(crate) struct Traces {
    url: Url,
    redirect_uri: Url,
    visits: Visits,
}

impl Traces {
    pub(crate) async fn start() -> Self {
        let visits = Visits::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = app(visits.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url: url.parse().unwrap(),
            redirect_uri: "http://client.invalid/callback".parse().unwrap(),
            visits,
        }
    }

    pub(crate) fn config(&self) -> BrowserConfig {
        BrowserConfig::new(self.redirect_uri.clone(), self.url.clone())
    }

    pub(crate) async fn browsers(&self) -> Browsers {
        Browsers::start(self.config()).await.unwrap()
    }

    /// The traces that the browser held when the visit began; it holds all of them afterwards.
    pub(crate) async fn found(&self, user: &mut UserBrowser<'_>, options: &str) -> Vec<String> {
        let visit = self.visits.fetch_add(1, Ordering::SeqCst) + 1;
        let mut url = self.url.join("traces").unwrap();
        url.set_query(Some(options));
        url.query_pairs_mut()
            .append_pair("visit", &visit.to_string())
            .append_pair("redirect_uri", self.redirect_uri.as_str());
        let visit = Visit {
            url: &url,
            redirect_uri: &self.redirect_uri,
            credentials: None,
            trusted: &[&self.url].into_iter().collect(),
        };
        let landing = user.authorize(&visit).await.unwrap();
        let Landing::Redirected { url, .. } = landing else {
            panic!("{landing:?}")
        };
        let names = url.expose().fragment().unwrap_or_default();
        let names = names.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }
}

fn app(visits: Visits) -> Router {
    Router::new()
        .route("/traces", get(page))
        .route("/leave", get(leave))
        .route("/popup", get(popup))
        .route("/frame", get(frame))
        .route("/sent", get(sent))
        .route("/cached", get(cached))
        .route("/mark.js", get(mark))
        .route("/protected", get(protected))
        .route("/worker.js", get(worker))
        .with_state(visits)
}

async fn page() -> Html<&'static str> {
    Html(include_str!("pages/traces.html"))
}

async fn leave() -> Response {
    let cookie = "kept=left; HttpOnly; Max-Age=3600";
    ([(SET_COOKIE, cookie)], "left").into_response()
}

/// A tab that goes on leaving a trace after its opener is gone.
async fn popup() -> Html<&'static str> {
    Html("<script>setInterval(() => { document.cookie = 'script=left; Max-Age=3600' }, 5)</script>")
}

/// A page of another site in the page: it tells its parent whether it is signed in, and signs in.
async fn frame() -> Html<&'static str> {
    Html(
        "<script>
        const sent = () => fetch('/sent').then((answer) => answer.text());
        sent().then((before) => {
            const request = new XMLHttpRequest();
            request.open('GET', '/protected', true, 'user', 'word');
            request.onloadend = () => parent.postMessage(before.includes('authorization'), '*');
            request.send();
        });
        </script>",
    )
}

async fn sent(headers: HeaderMap) -> String {
    let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok());
    let cookie = cookies.is_some_and(|cookies| cookies.contains("kept="));
    let authorization = headers.contains_key(AUTHORIZATION);
    let words = [(cookie, "cookie"), (authorization, "authorization")];
    let words = words
        .iter()
        .filter(|(held, _)| *held)
        .map(|(_, word)| *word);
    words.collect::<Vec<_>>().join(" ")
}

async fn cached(State(visits): State<Visits>) -> Response {
    let visit = visits.load(Ordering::SeqCst).to_string();
    ([(CACHE_CONTROL, "max-age=3600")], visit).into_response()
}

async fn mark(State(visits): State<Visits>) -> Response {
    let script = format!("self.mark = '{}'", visits.load(Ordering::SeqCst));
    let headers = [
        (CONTENT_TYPE, "text/javascript"),
        (CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, script).into_response()
}

async fn protected(headers: HeaderMap) -> Response {
    if headers.contains_key(AUTHORIZATION) {
        return "in".into_response();
    }
    let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"traces\"")];
    (StatusCode::UNAUTHORIZED, challenge).into_response()
}

async fn worker() -> Response {
    let script = "self.addEventListener('fetch', () => {});";
    ([(CONTENT_TYPE, "text/javascript")], script).into_response()
}
