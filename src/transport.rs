//! How everything is sent by plain HTTP: with a deadline, past any proxy on this machine, without
//! following redirects, and never more of a body than a limit.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::origin::is_loopback;

/// No request takes longer, its answer included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// No server in use takes a longer header; most stop at 8 or 16 KiB.
const LONGEST_HEADER: usize = 64 * 1024;
const LONGEST_ADDRESS: usize = 200;
/// Longer parts of a path are tokens, or mischief.
const LONGEST_SEGMENT: usize = 100;

/// Sends requests; a proxy of the environment is used for everything but this machine.
#[derive(Debug)]
pub(crate) struct Transport {
    proxied: Client,
    direct: Client,
}

impl Transport {
    /// Trusts the platform's certificates and uses the proxies that the environment names.
    ///
    /// # Errors
    /// A sentence, when the platform's trust store cannot be used.
    pub(crate) fn new() -> Result<Self, String> {
        Ok(Self {
            proxied: build(Client::builder())?,
            direct: build(Client::builder().no_proxy())?,
        })
    }

    /// A request. A user and a password in the address are not sent: they are no credentials of
    /// the run, but of whoever wrote the address.
    pub(crate) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let client = if is_loopback(url) {
            &self.direct
        } else {
            &self.proxied
        };
        client.request(method, without_user(url))
    }
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder
        .timeout(DEADLINE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("okta-e2e/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("cannot set up HTTPS: {}", innermost(&error)))
}

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

pub(crate) const CLIENT_SECRET: &str = "the client secret";

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

/// Why a body is not complete.
#[derive(Debug)]
pub(crate) enum Incomplete {
    /// It is longer than the limit.
    TooLong,
    /// It broke off, or did not come in time.
    Broken(reqwest::Error),
}

/// Reads a body into `body`, as far as it comes and no further than the limit.
pub(crate) async fn read_body(
    response: &mut Response,
    limit_bytes: usize,
    body: &mut Vec<u8>,
) -> Result<(), Incomplete> {
    while let Some(chunk) = response.chunk().await.map_err(Incomplete::Broken)? {
        let room = limit_bytes.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Err(Incomplete::TooLong);
        }
    }
    Ok(())
}

/// Where a redirect leads, as it may be said: it is never followed.
pub(crate) fn redirect_target(headers: &HeaderMap, from: &Url) -> String {
    let target = headers.get(LOCATION).map(HeaderValue::as_bytes);
    let target = target.and_then(|target| std::str::from_utf8(target).ok());
    match target.map(|target| from.join(target)) {
        Some(Ok(url)) => format!("`{}`", address(&url)),
        Some(Err(_)) => "an address that cannot be read".to_owned(),
        None => "nowhere".to_owned(),
    }
}

/// An address without what may be secret in it (user, query and fragment), and not at any length.
///
/// Segments stand whole or not at all: of a token that was cut, redaction would know nothing.
pub(crate) fn address(url: &Url) -> String {
    if !url.has_host() {
        return format!("{}:…", url.scheme());
    }
    let mut address = url.origin().ascii_serialization();
    for segment in url.path_segments().into_iter().flatten() {
        if address.len() > LONGEST_ADDRESS {
            address.push('…');
            break;
        }
        let is_short = segment.len() <= LONGEST_SEGMENT;
        address.push('/');
        address.push_str(if is_short { segment } else { "…" });
    }
    address
}

fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only where an address cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The cause that says most, which is the last one.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
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

    #[rstest]
    #[case::elsewhere("https://evil.example/a?code=x#y", "`https://evil.example/a`")]
    #[case::relative("/login?x=y", "`https://api.example/login`")]
    #[case::with_a_user("https://user:pass@evil.example/", "`https://evil.example/`")]
    #[case::control_characters("/\u{7f}\u{9b}31m", "`https://api.example/%7F%C2%9B31m`")]
    #[case::script("javascript:alert(1)", "`javascript:…`")]
    #[case::nonsense("https://[", "an address that cannot be read")]
    fn a_redirect_is_reported_without_what_may_be_secret(
        #[case] location: &str,
        #[case] said: &str,
    ) {
        let from = Url::parse("https://api.example/planets?key=k").unwrap();
        let value = HeaderValue::from_bytes(location.as_bytes());
        let headers = value.map(|value| HeaderMap::from_iter([(LOCATION, value)]));
        // What is no header at all cannot come.
        let said_of = headers.map(|headers| redirect_target(&headers, &from));
        assert_eq!(said_of.unwrap_or_else(|_| said.to_owned()), said);
    }

    #[test]
    fn a_long_address_is_cut() {
        let url = Url::parse(&format!("https://evil.example/{}", "a/".repeat(5000))).unwrap();
        assert!(address(&url).len() < 300);
        let token = format!("eyJ{}", "a".repeat(200));
        let url = Url::parse(&format!("https://evil.example/x/{token}/y")).unwrap();
        assert_eq!(address(&url), "https://evil.example/x/…/y");
    }
}
