//! The authorization server's metadata (OpenID Connect Discovery 1.0, RFC 8414).

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use url::Url;

use super::{Answer, Flow, NamedUrl, read_last, repeated_member};
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
    /// Where the claims of a user are.
    #[serde(default, deserialize_with = "url_or_nothing")]
    pub userinfo_endpoint: Option<NamedUrl>,
    /// Where it is told whether a token is alive (RFC 7662).
    #[serde(default, deserialize_with = "url_or_nothing")]
    pub introspection_endpoint: Option<NamedUrl>,
    /// Where a token is ended (RFC 7009).
    #[serde(default, deserialize_with = "url_or_nothing")]
    pub revocation_endpoint: Option<NamedUrl>,
    /// Where a browser is sent to sign out (OpenID Connect RP-Initiated Logout 1.0).
    #[serde(default, deserialize_with = "url_or_nothing")]
    pub end_session_endpoint: Option<NamedUrl>,
    /// Response types, by name.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// Grant types, by name.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
    /// Every other member.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    /// A member that the document has twice, of which the last one is here.
    #[serde(skip)]
    pub repeated: Option<String>,
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
        let read = read_last(&answer.body).map_err(|error| {
            let error = escape::ends(&error.to_string(), escape::MOST_IN_TERMINAL);
            format!("{url} is not the metadata of an authorization server: {error}")
        })?;
        Ok(Self {
            repeated: repeated_member(answer.body.as_bytes()),
            ..read
        })
    }

    /// Says so where the metadata lists response types and the one of a flow is not among them; the
    /// words of a response type come in any order (OAuth 2.0 Multiple Response Type Encoding
    /// Practices, section 3).
    #[must_use]
    pub fn lacks_response_type(&self, flow: Flow) -> Option<String> {
        self.lacks(&flow.response_types().join(" "))
    }

    /// The same of a response type, in whatever order its words stand.
    #[must_use]
    pub fn lacks(&self, asked: &str) -> Option<String> {
        let words = |kind: &str| -> BTreeSet<String> {
            kind.split_ascii_whitespace().map(str::to_owned).collect()
        };
        let listed = &self.response_types_supported;
        let is_listed = listed.iter().any(|kind| words(kind) == words(asked));
        (!listed.is_empty() && !is_listed).then(|| {
            let listed = escape::list(listed.iter().map(String::as_str));
            format!("`{asked}` was asked for, and the metadata allows the response types {listed}")
        })
    }

    /// Whether it promises that every answer to a browser names the issuer (RFC 9207 section 3).
    #[must_use]
    pub fn promises_issuer(&self) -> bool {
        let promised = self
            .other
            .get("authorization_response_iss_parameter_supported");
        promised == Some(&Value::Bool(true))
    }

    /// Adds the response types that the other document names: Okta names `token` in one alone.
    pub fn extend_response_types(&mut self, other: &Self) {
        if self.response_types_supported.is_empty() {
            return;
        }
        for kind in &other.response_types_supported {
            if !self.response_types_supported.contains(kind) {
                self.response_types_supported.push(kind.clone());
            }
        }
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

/// An address that the suite can do without: one that cannot be read is none.
fn url_or_nothing<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NamedUrl>, D::Error> {
    let named = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(named).ok())
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn listing(listed: &[&str]) -> Metadata {
        let url = "https://org.example.com/";
        serde_json::from_value(json!({
            "issuer": url, "authorization_endpoint": url, "token_endpoint": url, "jwks_uri": url,
            "response_types_supported": listed,
        }))
        .expect("metadata")
    }

    #[test]
    fn what_either_document_lists_is_listed_once() {
        let mut metadata = listing(&["code", "id_token"]);
        metadata.extend_response_types(&listing(&["code", "token"]));
        let listed = ["code", "id_token", "token"];
        assert_eq!(metadata.response_types_supported, listed);
        let mut silent = listing(&[]);
        silent.extend_response_types(&metadata);
        assert!(silent.response_types_supported.is_empty());
    }

    #[rstest]
    #[case::in_another_order(&["id_token token"], Flow::Implicit, false)]
    #[case::not_listed(&["code", "id_token"], Flow::Implicit, true)]
    #[case::part_of_another(&["code id_token"], Flow::Code, true)]
    #[case::nothing_told(&[], Flow::Code, false)]
    fn a_response_type_that_is_not_listed_is_told(
        #[case] listed: &[&str],
        #[case] flow: Flow,
        #[case] lacks: bool,
    ) {
        assert_eq!(listing(listed).lacks_response_type(flow).is_some(), lacks);
    }
}
