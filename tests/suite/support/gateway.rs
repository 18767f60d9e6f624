//! What stands in front of the API and is not right, one thing at a time, by name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::task::JoinHandle;

/// How far the clock of one of them is behind.
const BEHIND: SignedDuration = SignedDuration::from_secs(60);

/// What the gateway does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// Requests with a token go past its cache, which keeps their good answers all the same, and
    /// serves them to whoever comes without.
    CacheServesAnybody,
    /// The same by the path alone: whoever comes with a bad token is served too.
    CacheServesEveryToken,
    /// Whoever is not let in is sent to a sign-in page, although this is an API.
    RedirectsToSignIn,
    /// Whoever is not let in gets the sign-in page, as if all were well.
    SignInPageWith200,
    /// Whoever is not let in gets an error in JSON, as if all were well.
    ErrorWith200,
    /// The same in a list, for a token without the scope alone.
    ErrorsWith200ForScope,
    /// Nobody is let in, by a code in the body.
    CodeWith200ForAll,
    /// What cannot be decoded makes it fail.
    FailsAtGarbage,
    /// The routes are gone.
    RoutesGone,
    /// The route of `/moons` is gone.
    MoonsGone,
    /// It knows no method but POST.
    PostAlone,
    /// Its clock is a minute behind, and it allows no leeway.
    ClockBehind,
    /// It has read the issuer's keys too long ago.
    OldKeys,
    /// It wants the client's id in `aud`.
    AudienceOfTheClient,
    /// It asks for a name and a password.
    Basic,
    /// It refuses every token and says nothing.
    Silent,
    /// It has read the keys too long ago, and refuses with the server's own page for 401.
    PageBesideRefusal,
    /// Its rules name the paths to the letter: with a slash behind, the request goes past them.
    SlashGoesPast,
    /// It answers whatever has a slash behind with a page of its own.
    PageForSlash,
}

struct Gate {
    fault: Fault,
    api: String,
    http: reqwest::Client,
    kept: Mutex<HashMap<String, Bytes>>,
}

/// The gateway; it ends when it is dropped.
pub(crate) struct Gateway {
    pub(crate) url: String,
    serving: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Gateway {
    /// In front of the API.
    pub(crate) async fn before(api: &str, fault: Fault) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let gate = Arc::new(Gate {
            fault,
            api: api.trim_end_matches('/').to_owned(),
            http: super::http(),
            kept: Mutex::default(),
        });
        let app = Router::new().fallback(carry).with_state(gate);
        let serving =
            tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
        Self { url, serving }
    }
}

async fn carry(State(gate): State<Arc<Gate>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let token = request.headers().get(header::AUTHORIZATION).cloned();
    if let Some(answer) = gate.instead(&path, token.as_ref()) {
        return answer;
    }
    let answer = gate.ask(request).await;
    gate.after(&path, answer)
}

impl Gate {
    /// What it answers without asking the API.
    fn instead(&self, path: &str, token: Option<&HeaderValue>) -> Option<Response<Body>> {
        let bearer = token.and_then(|token| token.to_str().ok()?.strip_prefix("Bearer "));
        match self.fault {
            Fault::CacheServesAnybody if token.is_none() => self.kept(path),
            Fault::CacheServesEveryToken => self.kept(path),
            Fault::FailsAtGarbage if bearer?.starts_with("garbage") => Some(plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error",
            )),
            Fault::CodeWith200ForAll => Some(json("{\"code\":401,\"message\":\"no access\"}")),
            Fault::RoutesGone => Some(plain(StatusCode::NOT_FOUND, "{\"message\":\"Not Found\"}")),
            Fault::MoonsGone if path == "/moons" => Some(plain(StatusCode::NOT_FOUND, "")),
            Fault::PostAlone => Some(plain(StatusCode::METHOD_NOT_ALLOWED, "")),
            Fault::ClockBehind => bearer.map(|_| too_early()),
            Fault::OldKeys => bearer.map(|_| refuses("unable to find key with kid")),
            Fault::PageBesideRefusal => bearer.map(|_| {
                let mut refusal = refuses("unable to find key with kid");
                let page = page("401 Authorization Required");
                let kind = page.headers().get(header::CONTENT_TYPE).cloned();
                let kind = kind.expect("a page has a type");
                refusal.headers_mut().insert(header::CONTENT_TYPE, kind);
                *refusal.body_mut() = page.into_body();
                refusal
            }),
            Fault::AudienceOfTheClient => bearer.map(|_| refuses("unexpected aud claim value")),
            Fault::Silent => Some(plain(StatusCode::UNAUTHORIZED, "")),
            Fault::Basic => Some(challenging("Basic realm=\"api\"")),
            Fault::SlashGoesPast => list(path.strip_suffix('/')?),
            Fault::PageForSlash if path.ends_with('/') => Some(page("Welcome")),
            _ => None,
        }
    }

    fn kept(&self, path: &str) -> Option<Response<Body>> {
        let kept = self.kept.lock().expect("the cache");
        let body = kept.get(path)?.clone();
        Some(Response::new(Body::from(body)))
    }

    async fn ask(&self, request: Request) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let target = parts.uri.path_and_query().expect("a path").as_str();
        let mut headers = parts.headers;
        headers.remove(header::HOST);
        let asked = self
            .http
            .request(parts.method, format!("{}{target}", self.api));
        let answer = asked
            .headers(headers)
            .body(body)
            .send()
            .await
            .expect("an answer");
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            if name != header::TRANSFER_ENCODING {
                response = response.header(name, value);
            }
        }
        let body = answer.bytes().await.expect("a body");
        response.body(body).expect("a response")
    }

    fn after(&self, path: &str, answer: Response<Bytes>) -> Response<Body> {
        let is_refused = answer.status() == StatusCode::UNAUTHORIZED;
        let lacks_scope = answer.status() == StatusCode::FORBIDDEN;
        if answer.status() == StatusCode::OK {
            let mut kept = self.kept.lock().expect("the cache");
            kept.insert(path.to_owned(), answer.body().clone());
        }
        match self.fault {
            Fault::RedirectsToSignIn if is_refused => Response::builder()
                .status(StatusCode::FOUND)
                .header(
                    header::LOCATION,
                    "https://org.example.com/oauth2/v1/authorize",
                )
                .body(Body::empty())
                .expect("a response"),
            Fault::SignInPageWith200 if is_refused => page("Sign in"),
            Fault::ErrorWith200 if is_refused || lacks_scope => {
                json("{\"error\":\"unauthorized\"}")
            }
            Fault::ErrorsWith200ForScope if lacks_scope => {
                json("{\"errors\":[{\"message\":\"scope missing\"}],\"data\":null}")
            }
            _ => answer.map(Body::from),
        }
    }
}

fn plain(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
}

fn json(body: &'static str) -> Response<Body> {
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(body)).expect("a response")
}

fn page(heading: &str) -> Response<Body> {
    let body = format!("<html><body><h1>{heading}</h1></body></html>");
    let response = Response::builder().header(header::CONTENT_TYPE, "text/html; charset=utf-8");
    response.body(Body::from(body)).expect("a response")
}

fn challenging(challenge: &str) -> Response<Body> {
    let response = Response::builder().status(StatusCode::UNAUTHORIZED);
    let response = response.header(header::WWW_AUTHENTICATE, challenge);
    response.body(Body::empty()).expect("a response")
}

/// A refusal of a token, with its reason.
fn refuses(why: &str) -> Response<Body> {
    challenging(&format!(
        "Bearer error=\"invalid_token\", error_description=\"{why}\""
    ))
}

/// The same, and the time that it has.
fn too_early() -> Response<Body> {
    let mut response = refuses("token is not valid yet");
    let time = Timestamp::now() - BEHIND;
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    let date = HeaderValue::from_str(&date.expect("a date")).expect("a header");
    response.headers_mut().insert(header::DATE, date);
    response
}

/// What the API would answer.
fn list(path: &str) -> Option<Response<Body>> {
    let body = match path {
        "/planets" => {
            "[\"mercury\",\"venus\",\"earth\",\"mars\",\"jupiter\",\"saturn\",\"uranus\",\"neptune\"]"
        }
        "/moons" => {
            "[\"adrastea\",\"amalthea\",\"callisto\",\"europa\",\"ganymede\",\"io\",\"metis\",\"thebe\"]"
        }
        _ => return None,
    };
    Some(plain(StatusCode::OK, body))
}
