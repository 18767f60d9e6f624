//! Addresses as they may be said, and as they may be sent.

use std::io;

use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use url::Url;

const LONGEST_ADDRESS: usize = 200;
/// Longer parts of a path are tokens, or mischief.
const LONGEST_SEGMENT: usize = 100;

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

/// A user and a password in an address are no credentials of the run, but of whoever wrote it.
pub(super) fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only where an address cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The cause that says most, which is the last one.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref().and_then(io::Error::get_ref) {
        Some(inner) => without_frame(inner),
        None => without_frame(cause),
    }
}

/// An explanation of our own is told as it is, and not as "other error: …".
fn without_frame(error: &(dyn std::error::Error + 'static)) -> String {
    match error.downcast_ref() {
        Some(rustls::Error::Other(explanation)) => explanation.to_string(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

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
