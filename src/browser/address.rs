//! Addresses that a visit leads to.

use url::Url;

use super::config::authority;
use super::error::BrowserError;

/// An authorization request is made by http or https, and without the credentials of anybody.
pub(super) fn check_address(url: &Url) -> Result<(), BrowserError> {
    let reason = if !matches!(url.scheme(), "http" | "https") {
        format!("it is a `{}:` address", url.scheme())
    } else if !url.username().is_empty() || url.password().is_some() {
        format!(
            "it holds a user name or a password for `{}`",
            url.host_str().unwrap_or_default()
        )
    } else {
        return Ok(());
    };
    Err(BrowserError::Address { reason })
}

/// Scheme, host and port, for people.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether two addresses differ at most in what follows the path.
pub(super) fn same_place(url: &Url, redirect_uri: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    url.scheme() == redirect_uri.scheme()
        && authority(url) == authority(redirect_uri)
        && path(url) == path(redirect_uri)
}
