//! What was asked of the API, for those who want to know what somebody sends.

use std::sync::{Mutex, PoisonError};

use axum::http::request::Parts;

/// A request that came to the API, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method, as it was sent.
    pub method: String,
    /// The path, byte for byte.
    pub path: String,
    /// Names in small letters and values, in their order.
    pub headers: Vec<(String, String)>,
}

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Vec<LoggedRequest>>);

impl Log {
    pub(super) fn note(&self, parts: &Parts) {
        let headers = parts.headers.iter();
        let headers = headers.map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        });
        let request = LoggedRequest {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            headers: headers.collect(),
        };
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(request);
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.clone()
    }
}
