//! What a browser showed when a sign-in ended anywhere but at the redirect URI.

use std::fmt;

use url::Url;

use crate::openid::split_encoded;

/// The page as a person would have seen it; each part is missing if it could not be had.
#[derive(Clone, Default)]
pub struct Evidence {
    /// The address, with the values of its query and fragment redacted.
    pub url: String,
    /// The document's title.
    pub title: String,
    /// The visible text, at most [`Evidence::TEXT_CHARS`] characters of it.
    pub text: String,
    /// What of the text stood on no page on which something was submitted: none of it, where that
    /// is not known.
    pub said_since: String,
    /// A picture of the page.
    pub screenshot_png: Option<Vec<u8>>,
    /// Why there is no picture.
    pub left_out: Option<&'static str>,
}

impl Evidence {
    /// How much of a page's text is kept.
    pub const TEXT_CHARS: usize = 2_000;
}

impl fmt::Debug for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Evidence")
            .field("url", &self.url)
            .field("title", &self.title)
            .field("text", &self.text)
            .field("said_since", &self.said_since)
            .field(
                "screenshot_bytes",
                &self.screenshot_png.as_ref().map(Vec::len),
            )
            .field("left_out", &self.left_out)
            .finish()
    }
}

/// A URL that may carry tokens or a code: shown only with its values redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// Takes charge of a URL.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self(url)
    }

    /// The URL itself, its secrets included.
    #[must_use]
    pub const fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretUrl({})", redacted(&self.0))
    }
}

/// The URL with names but no values: credentials, query, fragment and path parameters are masked.
pub(super) fn redacted(url: &Url) -> String {
    if url.cannot_be_a_base() {
        return format!("{}:…", url.scheme());
    }
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = url.path().split(';').next().unwrap_or_default();
    let (path, encoded) = split_encoded(path);
    let encoded = encoded.map_or("", |_| "%23…");
    let query = url
        .query()
        .map(|query| format!("?{}", names(query)))
        .unwrap_or_default();
    let fragment = url
        .fragment()
        .map(|part| format!("#{}", names(part)))
        .unwrap_or_default();
    format!(
        "{}://{host}{port}{path}{encoded}{query}{fragment}",
        url.scheme()
    )
}

fn names(pairs: &str) -> String {
    let masked = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => "…".to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::fragment(
        "http://localhost:8080/callback#access_token=a",
        "/callback#access_token=…"
    )]
    #[case::encoded("http://localhost:8080/callback%23access_token=a", "/callback%23…")]
    #[case::encoded_query("http://localhost:8080/callback%3fcode=a", "/callback%23…")]
    fn no_value_of_an_address_is_shown(#[case] url: &str, #[case] shown: &str) {
        let url = Url::parse(url).expect("a URL");
        assert_eq!(redacted(&url), format!("http://localhost:8080{shown}"));
    }
}
