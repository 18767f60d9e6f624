//! What pages of other origins may read: the endpoints that Okta's API description marks for it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::fault::Fault;
use crate::state::AppState;
use crate::state::org::Status;

/// How long a browser may keep the answer to its question, in seconds.
const KEPT_FOR: HeaderValue = HeaderValue::from_static("3600");

/// Which pages may read an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// All, and those of Trusted Origins with cookies.
    Everybody,
    /// Those of Trusted Origins.
    Trusted,
    /// Those of Trusted Origins, and of redirect URIs of clients.
    Clients,
}

/// An endpoint that pages may read.
#[derive(Debug, Clone, Copy)]
struct Endpoint {
    readers: Readers,
    methods: &'static str,
}

impl Endpoint {
    /// okta/okta-developer-docs, `isCorsEnabled` of the API description; what everybody may read is
    /// okta/samples-js-react#105. Who is trusted with the authentication API is recorded by
    /// okta/samples-js-react, `tools/mock-okta/tapes`.
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (readers, methods) = match name {
            "openid-configuration" | "oauth-authorization-server" | "keys"
                if !path.starts_with("/api/") =>
            {
                (Readers::Everybody, "GET, OPTIONS")
            }
            _ if path.starts_with("/.well-known/oauth-authorization-server/") => {
                (Readers::Everybody, "GET, OPTIONS")
            }
            "userinfo" => (Readers::Trusted, "GET, POST, OPTIONS"),
            "introspect" | "revoke" if path.starts_with("/oauth2/") => {
                (Readers::Trusted, "POST, OPTIONS")
            }
            "token" if path.starts_with("/oauth2/") => (Readers::Clients, "POST, OPTIONS"),
            _ if path == "/api/v1/authn" => (Readers::Trusted, "POST, OPTIONS"),
            _ => return None,
        };
        Some(Self { readers, methods })
    }
}

/// Lets pages read what they may, and answers browsers that ask beforehand.
pub(crate) async fn cors(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let endpoint = Endpoint::of(request.uri().path());
    let is_open = state.fault() == Some(Fault::CorsAnyOrigin);
    if let Some(origin) = origin.clone().filter(|_| is_open) {
        let mut response = next.run(request).await;
        response.headers_mut().extend(readable(origin));
        return response;
    }
    let (Some(origin), Some(endpoint)) = (origin, endpoint) else {
        return next.run(request).await;
    };
    let allowed = allowed(&state, endpoint.readers, &origin);
    let asked = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = asked.cloned();
    let is_question = request.method() == Method::OPTIONS;
    let mut response = if is_question {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if allowed.is_some() && is_question {
        describe(headers, endpoint, asked);
    }
    headers.extend(allowed.unwrap_or_default());
    response
}

/// What the answer to a preflight says of the endpoint, as recorded.
fn describe(headers: &mut HeaderMap, endpoint: Endpoint, asked: Option<HeaderValue>) {
    let methods = HeaderValue::from_static(endpoint.methods);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, KEPT_FOR);
    let asked = asked.unwrap_or_else(|| HeaderValue::from_static("Content-Type"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
}

/// The headers by which the browser lets a page of the origin read the answer.
fn allowed(state: &AppState, readers: Readers, origin: &HeaderValue) -> Option<HeaderMap> {
    let text = origin.to_str().ok()?;
    let is_named =
        is_trusted(state, text) || (readers == Readers::Clients && is_of_client(state, text));
    let mut headers = HeaderMap::new();
    if is_named {
        headers.extend(readable(origin.clone()));
    } else if readers == Readers::Everybody {
        let everybody = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everybody);
    } else {
        return None;
    }
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    Some(headers)
}

/// What lets pages of an origin read an answer, to requests with cookies too.
fn readable(origin: HeaderValue) -> HeaderMap {
    let with_cookies = HeaderValue::from_static("true");
    HeaderMap::from_iter([
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, with_cookies),
    ])
}

fn is_trusted(state: &AppState, origin: &str) -> bool {
    let org = state.org();
    let mut trusted = org.trusted_origins.values();
    trusted.any(|trusted| {
        trusted.status == Status::Active
            && trusted.origin.trim_end_matches('/') == origin
            && trusted.scopes.iter().any(|scope| scope.kind == "CORS")
    })
}

fn is_of_client(state: &AppState, origin: &str) -> bool {
    let org = state.org();
    let clients = org.applications.values();
    let active = clients.filter(|client| client.status == Status::Active);
    let uris = active.flat_map(|client| &client.settings.redirect_uris);
    let mut origins = uris.filter_map(|uri| Url::parse(uri).ok());
    origins.any(|uri| uri.origin().ascii_serialization() == origin)
}
