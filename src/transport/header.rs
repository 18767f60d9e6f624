//! An `Authorization` header that a request can carry, and what a secret must be for that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// No server in use takes a longer header; most stop at 8 or 16 KiB.
const LONGEST_HEADER: usize = 64 * 1024;
pub(crate) const CLIENT_SECRET: &str = "the client secret";

/// What a secret is called, and why no request can carry it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be sent in a header: {reason}")]
pub struct Unsendable {
    what: String,
    reason: String,
}

/// An `Authorization` header that a request can carry.
#[derive(Debug, Clone)]
pub struct AuthorizationHeader(HeaderValue);

impl AuthorizationHeader {
    /// `Bearer`, with a token that is called `what` in sentences.
    ///
    /// # Errors
    /// [`Unsendable`] where no header can carry the token.
    pub fn bearer(what: &str, token: &SecretString) -> Result<Self, Unsendable> {
        Self::new(what, "Bearer", token)
    }

    /// `Basic`: client authentication at the token endpoint (RFC 6749 section 2.3.1).
    ///
    /// # Errors
    /// [`Unsendable`] where the secret is longer, or of other characters, than any client's.
    pub fn basic(client_id: &str, secret: &SecretString) -> Result<Self, Unsendable> {
        can_be_sent(CLIENT_SECRET, secret.expose_secret())?;
        let pair = STANDARD.encode(format!("{client_id}:{}", secret.expose_secret()));
        Self::new(CLIENT_SECRET, "Basic", &SecretString::from(pair))
    }

    pub(crate) fn new(what: &str, scheme: &str, secret: &SecretString) -> Result<Self, Unsendable> {
        can_be_sent(what, secret.expose_secret())?;
        let value = HeaderValue::from_str(&format!("{scheme} {}", secret.expose_secret()));
        let mut value = value.map_err(|error| Unsendable {
            what: what.to_owned(),
            reason: error.to_string(),
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The header's value, which debug output does not show.
    #[must_use]
    pub fn value(&self) -> &HeaderValue {
        &self.0
    }
}

/// Whether a secret is of the characters that RFC 6749 Appendix A gives to all of them.
pub(crate) fn can_be_sent(what: &str, secret: &str) -> Result<(), Unsendable> {
    let reason = if secret.is_empty() {
        "it is empty".to_owned()
    } else if secret.len() > LONGEST_HEADER {
        let length = secret.len();
        format!("it has {length} bytes, and no server takes more than {LONGEST_HEADER}")
    } else if secret.chars().any(char::is_control) {
        "it holds a control character, such as a line break".to_owned()
    } else if !secret.is_ascii() {
        "it holds a character that is not ASCII".to_owned()
    } else {
        return Ok(());
    };
    let what = what.to_owned();
    Err(Unsendable { what, reason })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::line_break("a\nb", "a control character")]
    #[case::escape("\u{1b}[31m", "a control character")]
    #[case::not_ascii("tøken", "not ASCII")]
    #[case::nothing("", "empty")]
    #[case::long(&"A".repeat(LONGEST_HEADER + 1), "65537 bytes")]
    fn what_no_header_can_carry_is_said_without_it(#[case] token: &str, #[case] why: &str) {
        let token = SecretString::from(token);
        let error = AuthorizationHeader::bearer("the access token", &token).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the access token cannot be sent in a header: it"),
            "{text}"
        );
        assert!(text.contains(why), "{text}");
        AuthorizationHeader::basic("0oa1", &token).unwrap_err();
    }

    #[test]
    fn a_header_is_not_shown_by_debug_output() {
        let header = AuthorizationHeader::bearer("the token", &SecretString::from("secret"));
        assert!(!format!("{header:?}").contains("secret"));
    }
}
