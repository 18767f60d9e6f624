//! How the API answers (RFC 6750 section 3).

use std::io::Write as _;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::behaviour::{Answers, Caching, Challenge, Cors};
use super::endpoint::{Access, Answer, Endpoint};
use super::request::Asked;

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Granted,
    /// Nothing was presented.
    NoToken,
    /// What was presented is no credential.
    Malformed,
    /// It is no good token.
    Invalid,
    /// A good token that is not enough: this is.
    Insufficient(Access),
    /// The issuer's keys cannot be had.
    NoKeys,
    /// The same as was answered to somebody else.
    Repeated(u16),
}

impl Answers {
    /// The answer to a request.
    pub(super) fn to(&self, verdict: &Verdict, asked: &Asked, endpoint: &Endpoint) -> Response {
        let (status, error) = self.status(verdict);
        if *verdict == Verdict::Granted && status == StatusCode::OK {
            let mut response = self.granted(endpoint);
            *response.status_mut() = endpoint.good();
            return response;
        }
        let mut response = self.refusal(verdict, asked, endpoint);
        *response.status_mut() = status;
        let is_challenged = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
        ];
        if is_challenged.contains(&status) {
            self.challenge(&mut response, error, verdict);
        }
        response
    }

    /// What is answered where the query has other endpoints' answers come along: each by its name.
    pub(super) fn with_others(
        &self,
        asked: &Asked,
        endpoint: &Endpoint,
        endpoints: &[Endpoint],
    ) -> Option<Response> {
        let named = self
            .includes
            .iter()
            .filter_map(|name| asked.parameter(name));
        let named: Vec<String> = named.collect();
        let is_named = |other: &&Endpoint| {
            let mut named = named.iter();
            let is_it = named.any(|name| name == "*" || name == other.name());
            is_it && other.path() != endpoint.path()
        };
        let others: Vec<&Endpoint> = endpoints.iter().filter(is_named).collect();
        let told = others.iter().copied().chain([endpoint]);
        let told = told.filter_map(|endpoint| match endpoint.answer() {
            Answer::Json(json) => Some((endpoint.name().to_owned(), json.clone())),
            Answer::Text(_) => None,
        });
        (!others.is_empty()).then(|| list(&Value::Object(told.collect())))
    }

    fn status(&self, verdict: &Verdict) -> (StatusCode, &'static str) {
        let or = |status: Option<u16>, or: StatusCode| {
            status.map_or(or, |status| StatusCode::from_u16(status).unwrap_or(or))
        };
        let unauthorized = StatusCode::UNAUTHORIZED;
        match verdict {
            Verdict::Granted => (or(self.good, StatusCode::OK), "insufficient_scope"),
            Verdict::NoToken => (or(self.no_token, unauthorized), ""),
            Verdict::Malformed => (StatusCode::BAD_REQUEST, "invalid_request"),
            Verdict::Invalid => (or(self.invalid, unauthorized), "invalid_token"),
            Verdict::Insufficient(_) => {
                let status = or(self.insufficient, StatusCode::FORBIDDEN);
                (status, "insufficient_scope")
            }
            Verdict::NoKeys => (StatusCode::SERVICE_UNAVAILABLE, ""),
            Verdict::Repeated(status) => (or(Some(*status), unauthorized), "invalid_token"),
        }
    }

    fn granted(&self, endpoint: &Endpoint) -> Response {
        let empty = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT];
        if empty.contains(&endpoint.good()) {
            return ().into_response();
        }
        if self.wrong_body {
            list(&json!(["pluto"]))
        } else {
            given(endpoint.answer())
        }
    }

    fn refusal(&self, verdict: &Verdict, asked: &Asked, endpoint: &Endpoint) -> Response {
        let presented = asked.headers("authorization").join(", ");
        if self.leaks {
            given(endpoint.answer())
        } else if self.echoes {
            let text = format!("Error: {verdict:?}\n    at verify({presented})\n");
            text.into_response()
        } else if self.shows_inside && *verdict == Verdict::Malformed {
            "Error: no credential\n    at verify (/srv/api/verify.js:12:7)\n".into_response()
        } else if self.html {
            Html("<!doctype html><title>No</title><h1>You may not see this page</h1>")
                .into_response()
        } else {
            ().into_response()
        }
    }

    fn challenge(&self, response: &mut Response, error: &str, verdict: &Verdict) {
        let mut attributes = Vec::new();
        if self.challenge == Challenge::Realm {
            attributes.push("realm=\"the API\"".to_owned());
        }
        match error {
            "" if self.challenge == Challenge::AlwaysError => {
                attributes.push("error=\"invalid_token\"".to_owned());
            }
            "" => {}
            error => attributes.push(format!("error=\"{error}\"")),
        }
        if let Verdict::Insufficient(wanted) = verdict {
            attributes.push(format!("scope=\"{}\"", hint(wanted)));
        }
        let bearer = format!("Bearer {}", attributes.join(", "));
        let bearer = bearer.trim_end();
        let dpop = "DPoP algs=\"RS256\"";
        let challenges = match self.challenge {
            Challenge::None => vec![],
            Challenge::LowerCase => vec![bearer.replace("Bearer", "bearer")],
            Challenge::Several => vec![format!("{dpop}, {bearer}")],
            Challenge::TwoHeaders => vec![dpop.to_owned(), bearer.to_owned()],
            _ => vec![bearer.to_owned()],
        };
        let values = challenges.iter();
        for value in values.filter_map(|value| HeaderValue::from_str(value).ok()) {
            response
                .headers_mut()
                .append(header::WWW_AUTHENTICATE, value);
        }
    }

    /// What is added to every answer.
    pub(super) async fn finish(
        &self,
        cache: &Caching,
        asked: &Asked,
        mut response: Response,
    ) -> Response {
        let is_good = response.status().is_success();
        let mut add = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        if is_good && cache.public {
            add(header::CACHE_CONTROL, "public, max-age=3600");
        }
        if is_good && cache.shared {
            add(header::CACHE_CONTROL, "s-maxage=3600");
        }
        if self.extra_headers {
            add(header::VARY, "Accept-Encoding");
            add(HeaderName::from_static("x-request-id"), "7");
        }
        let origin = asked
            .header("origin")
            .and_then(|origin| self.cors.allowed(origin));
        if let Some(origin) = origin {
            add(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            add(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if self.compressed
            && asked
                .header("accept-encoding")
                .is_some_and(|c| c.contains("gzip"))
        {
            return compressed(response).await;
        }
        response
    }

    /// The answer to a preflight (Fetch, section 3.3.2), where another than that to any `OPTIONS`.
    pub(super) fn preflight(&self, asked: &Asked) -> Option<Response> {
        let is_one =
            asked.method() == "OPTIONS" && asked.header("access-control-request-method").is_some();
        match self.cors {
            Cors::PreflightRefused if is_one => Some(StatusCode::UNAUTHORIZED.into_response()),
            Cors::Reflected | Cors::Star | Cors::Beginning | Cors::Holding if is_one => {
                let allowed = [
                    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"),
                    (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization"),
                ];
                Some((StatusCode::NO_CONTENT, allowed).into_response())
            }
            _ => None,
        }
    }
}

fn given(answer: &Answer) -> Response {
    match answer {
        Answer::Json(json) => list(json),
        Answer::Text(text) => text.clone().into_response(),
    }
}

impl Cors {
    /// What is answered to a page of an origin, with credentials.
    fn allowed(self, origin: &str) -> Option<&str> {
        match self {
            Self::Reflected => Some(origin),
            Self::Star => Some("*"),
            Self::Beginning => Some(origin).filter(|origin| {
                ["http://localhost", "http://127.0.0.1"]
                    .iter()
                    .any(|own| origin.starts_with(own))
            }),
            Self::Holding => Some(origin).filter(|origin| origin.contains("localhost")),
            Self::Off | Self::Listed | Self::PreflightRefused => None,
        }
    }
}

fn list(answer: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, answer.to_string()).into_response()
}

/// The scopes that would do; of several that would, the first.
fn hint(wanted: &Access) -> String {
    match wanted {
        Access::AllOf(scopes) => scopes.join(" "),
        wanted => wanted.scopes().first().cloned().unwrap_or_default(),
    }
}

async fn compressed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let encoding = HeaderValue::from_static("gzip");
    let body = match written {
        Ok(body) => {
            parts.headers.insert(header::CONTENT_ENCODING, encoding);
            Bytes::from(body)
        }
        Err(_) => bytes,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body.into())
}
