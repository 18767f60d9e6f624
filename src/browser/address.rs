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

/// Scheme, host and port, for people; the scheme alone of a page that no server gave.
pub(super) fn origin(url: &Url) -> String {
    match url.scheme() {
        MADE_BY_A_SCRIPT => format!("{MADE_BY_A_SCRIPT}:"),
        _ => url.origin().ascii_serialization(),
    }
}

/// Whether a page at this address is a page of somebody: of a server, or of a script.
pub(super) fn is_of_somebody(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | MADE_BY_A_SCRIPT)
}

/// A page that a script made itself is at an address of this scheme, in which the origin of the
/// script stands (W3C File API, section 8).
const MADE_BY_A_SCRIPT: &str = "blob";

/// Whether two addresses differ at most in what follows the path.
pub(super) fn same_place(url: &Url, redirect_uri: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    url.scheme() == redirect_uri.scheme()
        && authority(url) == authority(redirect_uri)
        && path(url) == path(redirect_uri)
}

/// What is wrong with a certificate, by Chromium's names (`net_error_list.h`), and what to do.
const CERTIFICATES: [(&str, &str); 5] = [
    (
        "ERR_CERT_AUTHORITY_INVALID",
        "the browser does not trust who signed its certificate: set SSL_CERT_FILE to a PEM file \
         with the certificate of that authority",
    ),
    (
        "ERR_CERT_COMMON_NAME_INVALID",
        "its certificate is for another host: see OKTA_OAUTH2_ISSUER",
    ),
    (
        "ERR_CERT_DATE_INVALID",
        "its certificate has expired or is not valid yet: renew it, and see this machine's clock",
    ),
    ("ERR_BAD_SSL_CLIENT_AUTH_CERT", CLIENT_CERTIFICATE),
    ("ERR_SSL_CLIENT_AUTH_CERT_NEEDED", CLIENT_CERTIFICATE),
];

const CLIENT_CERTIFICATE: &str = "it asks for a certificate of the client, which automated sign-in \
     has none of: let the users of the tests come without one (mutual TLS, smart card)";

/// Why a page did not come, with what to do where that is known.
pub(super) fn with_advice(reason: String) -> String {
    let known = CERTIFICATES.iter().find(|(name, _)| reason.contains(name));
    match known {
        Some((_, advice)) => format!("{advice} ({reason})"),
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_a_script_made_is_of_no_server() {
        let url = Url::parse("blob:https://example.okta.com/7").expect("a URL");
        assert!(is_of_somebody(&url));
        assert_eq!(origin(&url), "blob:");
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_with_what_to_set() {
        let told = with_advice("net::ERR_CERT_AUTHORITY_INVALID".to_owned());
        assert!(told.contains("set SSL_CERT_FILE"), "{told}");
        assert!(
            told.ends_with("(net::ERR_CERT_AUTHORITY_INVALID)"),
            "{told}"
        );
        let other = "net::ERR_NAME_NOT_RESOLVED";
        assert_eq!(with_advice(other.to_owned()), other);
    }
}
