//! A call of the Management API, taken apart, and its answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::error::ApiError;
use crate::keys::SigningKey;
use crate::state::org::{Org, ServerKey, Stamps};

/// What a call asks, beside its path.
pub(super) struct Call {
    pub(super) method: Method,
    /// The path from the root of the org.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// What the org takes for its address.
    pub(super) base_url: String,
    /// The address in issuers of the modes `CUSTOM_URL` and `DYNAMIC`.
    pub(super) custom_url: String,
    pub(super) asked_url: String,
    pub(super) now: Timestamp,
    /// Keys made beforehand, for the calls that need one: making them takes too long for a lock.
    pub(super) fresh_keys: FreshKeys,
}

/// Keys for the call that makes an authorization server or rotates its keys.
#[derive(Default)]
pub(super) struct FreshKeys {
    pub(super) of_server: Vec<ServerKey>,
    pub(super) next: Option<Arc<SigningKey>>,
}

/// What a resource answers to a call, given the rest of its path.
pub(super) type Route = fn(&Call, &mut Org, &[&str]) -> Result<Answer, ApiError>;

/// An answer that is not a refusal.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Option<Value>,
    /// `Link` header lines.
    pub(super) links: Vec<String>,
}

impl Answer {
    pub(super) fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self {
            status,
            body,
            links: Vec::new(),
        }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// 200 with `{}`, what most of the life cycle answers.
    pub(super) fn empty_object() -> Self {
        Self::ok(json!({}))
    }

    pub(super) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }
}

impl Call {
    /// The first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter that is `true` unless it says otherwise.
    pub(super) fn defaults_to_true(&self, name: &str) -> bool {
        self.parameter(name)
            .is_none_or(|value| !value.eq_ignore_ascii_case("false"))
    }

    /// The body, which must be JSON of the shape.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.body).map_err(|_| ApiError::malformed())
    }

    /// The body as an object; none is the same as an empty one.
    pub(super) fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        self.json()
    }

    /// The stamps of an object made or changed now.
    pub(super) fn stamps(&self, own: Option<Stamps>) -> Stamps {
        let mut stamps = own.unwrap_or_else(|| Stamps::new(self.now));
        stamps.touch(self.now);
        stamps
    }

    /// The address in issuers of this mode.
    pub(super) fn address(&self, mode: &str) -> &str {
        match mode {
            "CUSTOM_URL" => &self.custom_url,
            "DYNAMIC" => &self.asked_url,
            _ => &self.base_url,
        }
    }

    /// An URL of the Management API, from the path behind `/api/v1/`.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.base_url)
    }
}

/// The pairs of a query.
pub(super) fn parse_query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Whether a body, if there is one, says that it is JSON.
pub(super) fn is_json_or_empty(headers: &HeaderMap, body: &Bytes) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    body.is_empty() || content_type.is_some_and(|value| value.starts_with("application/json"))
}
