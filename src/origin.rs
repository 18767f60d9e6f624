//! Where an address is: whether something may travel to it in clear, and whether it is the user's own.

use std::net::IpAddr;

use url::{Host, Origin, Url};

/// The origins at which a secret of the run may be used: those of the issuer and of the org, and
/// the ones that `OKTA_E2E_TRUSTED_ORIGINS` names.
///
/// An origin is scheme, host and port (RFC 6454 section 4). Nothing else makes an address the
/// user's own: not the metadata that names it, not a page that leads to it.
#[derive(Clone, Debug, Default)]
pub struct TrustedOrigins {
    origins: Vec<Origin>,
}

impl TrustedOrigins {
    /// Whether a secret may go to the address: at a trusted origin, by TLS or on this machine.
    #[must_use]
    pub fn has(&self, url: &Url) -> bool {
        is_secure(url) && self.origins.contains(&url.origin())
    }

    /// The origins at which [`has`](Self::has) holds, as a browser writes them.
    pub(crate) fn secure(&self) -> impl Iterator<Item = String> {
        let written = self.origins.iter().map(Origin::ascii_serialization);
        written.filter(|origin| Url::parse(origin).is_ok_and(|url| is_secure(&url)))
    }
}

impl<'a> FromIterator<&'a Url> for TrustedOrigins {
    fn from_iter<I: IntoIterator<Item = &'a Url>>(urls: I) -> Self {
        let origins = urls.into_iter().map(Url::origin);
        Self {
            // An address without a host has an origin that equals nothing, itself included.
            origins: origins.filter(Origin::is_tuple).collect(),
        }
    }
}

/// Whether tokens may travel to the URL: TLS, or a server on this machine.
#[must_use]
pub fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether an address is this machine's own, which leads elsewhere on every other.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_org("https://example.okta.com/oauth2/aus1/v1/token", true)]
    #[case::the_port_written_out("https://example.okta.com:443/", true)]
    #[case::on_this_machine("http://127.0.0.1:8080/login", true)]
    #[case::another_port("https://example.okta.com:8443/", false)]
    #[case::in_clear("http://example.okta.com/", false)]
    #[case::a_host_that_ends_alike("https://evil-example.okta.com/", false)]
    #[case::a_host_below("https://login.example.okta.com/", false)]
    #[case::the_host_as_a_user("https://example.okta.com@evil.example/", false)]
    #[case::another_port_of_this_machine("http://127.0.0.1:8081/", false)]
    #[case::another_name_of_this_machine("http://localhost:8080/", false)]
    #[case::no_host("data:text/html,x", false)]
    fn a_secret_goes_to_trusted_origins_alone(#[case] url: &str, #[case] trusted: bool) {
        let ours = [
            "https://example.okta.com",
            "http://127.0.0.1:8080",
            "data:text/html,x",
        ];
        let ours = ours.map(|url| Url::parse(url).expect("a URL"));
        let origins: TrustedOrigins = ours.iter().collect();
        assert_eq!(origins.has(&Url::parse(url).expect("a URL")), trusted);
    }

    #[test]
    fn a_trusted_origin_in_clear_is_not_used() {
        let url = Url::parse("http://example.okta.com").expect("a URL");
        let origins: TrustedOrigins = [&url].into_iter().collect();
        assert!(!origins.has(&url));
    }
}
