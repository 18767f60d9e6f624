//! The authorization server's metadata (OpenID Connect Discovery 1.0, RFC 8414).

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Answer, NamedUrl};
use crate::escape;

/// The metadata, as far as the suite uses it.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// Where a browser is sent.
    pub authorization_endpoint: NamedUrl,
    /// Where a code is redeemed.
    pub token_endpoint: NamedUrl,
    /// Where the keys are.
    pub jwks_uri: NamedUrl,
    /// Response types, by name.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// Grant types, by name.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
}

impl Metadata {
    /// Reads the metadata out of an answer.
    ///
    /// # Errors
    /// A sentence that says what came instead.
    pub fn read(url: &Url, answer: &Answer) -> Result<Self, String> {
        if answer.status != reqwest::StatusCode::OK {
            return Err(format!(
                "{url} answers {}{}{}",
                answer.status,
                okta_summary(answer),
                answer.redirect_words(url)
            ));
        }
        serde_json::from_str(&answer.body).map_err(|error: serde_json::Error| {
            let error = escape::ends(&error.to_string(), escape::MOST_IN_TERMINAL);
            format!("{url} is not the metadata of an authorization server: {error}")
        })
    }

    /// The URL of a document below the issuer.
    ///
    /// # Errors
    /// A sentence, when the issuer is not a URL.
    pub fn url(issuer: &str, document: &str) -> Result<Url, String> {
        Url::parse(&format!("{issuer}/.well-known/{document}"))
            .map_err(|error| format!("the issuer `{issuer}` is not a URL: {error}"))
    }
}

/// What Okta's error body says, in brackets; nothing when there is none.
fn okta_summary(answer: &Answer) -> String {
    let body = answer.json().unwrap_or_default();
    let summary = body.get("errorSummary").and_then(Value::as_str);
    summary
        .map(|summary| escape::beginning(summary, escape::MOST_IN_TERMINAL))
        .map(|summary| format!(" ({summary})"))
        .unwrap_or_default()
}
