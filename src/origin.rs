//! Where an address is: whether something may travel to it in clear, and whether it is the user's
//! own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Origin, Url};

/// Domains at which an org is `{org}.{domain}` and its Admin Console `{org}-admin.{domain}`: those
/// that Okta's own libraries refuse as the address of an org (`okta-commons-java`,
/// `ConfigurationValidator`).
pub(crate) const OKTA_DOMAINS: [&str; 7] = [
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "okta-miltest.com",
    "trex-gov.com",
];

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

/// Whether an address holds a user or a password before its host, as in `https://user:pass@host`.
///
/// They would be printed with it, and every request would carry them.
#[must_use]
pub fn holds_user(address: &str) -> bool {
    let parsed =
        Url::parse(address).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    // An empty user is taken away when an address is parsed, and stays in one that is kept as text.
    let after_scheme = address.split_once("://").map_or("", |(_, rest)| rest);
    let authority = after_scheme.split(['/', '\\', '?', '#']).next();
    parsed || authority.is_some_and(|authority| authority.contains('@'))
}

/// Which network an address belongs to, judged by the literal address alone: no name is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// This machine, by number or by one of its usual names.
    Loopback,
    /// A network that is not the Internet: private, link-local, shared, multicast or reserved.
    Private,
    /// Any other: a name, or a number of the Internet.
    Public,
}

/// The names that `/etc/hosts` gives to this machine, beside `localhost` itself.
const LOOPBACK_NAMES: [&str; 3] = ["localhost.localdomain", "ip6-localhost", "ip6-loopback"];

impl Network {
    /// The network of an address; decimal, octal and shortened numbers are read as such.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        match url.host() {
            Some(Host::Domain(name)) => Self::of_name(name.trim_end_matches('.')),
            Some(Host::Ipv4(address)) => Self::of_v4(address),
            Some(Host::Ipv6(address)) => Self::of_v6(address),
            None => Self::Public,
        }
    }

    fn of_name(name: &str) -> Self {
        let is_localhost = name == "localhost" || name.ends_with(".localhost");
        if is_localhost || LOOPBACK_NAMES.contains(&name) {
            Self::Loopback
        } else {
            Self::Public
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, c, _] = address.octets();
        match (a, b, c) {
            // `0.0.0.0` reaches this machine as well.
            (0 | 127, ..) => Self::Loopback,
            // RFC 6598, RFC 6890, RFC 2544, and from 224 on multicast and what is reserved.
            (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _) | (224.., ..) => Self::Private,
            _ if address.is_private() || address.is_link_local() => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_loopback() || address.is_unspecified() {
            return Self::Loopback;
        }
        if let Some(inner) = embedded_v4(address) {
            return Self::of_v4(inner);
        }
        // fec0::/10 was the private range before fc00::/7.
        let is_site_local = address.segments()[0] & 0xffc0 == 0xfec0;
        if is_site_local
            || address.is_unique_local()
            || address.is_unicast_link_local()
            || address.is_multicast()
        {
            Self::Private
        } else {
            Self::Public
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped or compatible (RFC 4291), by NAT64
/// (RFC 6052) or 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
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

    #[rstest]
    #[case::both("https://u:p@example.com/a", true)]
    #[case::user_alone("https://u@example.com", true)]
    #[case::password_alone("https://:p@example.com", true)]
    #[case::neither_before_the_sign("https://@example.com", true)]
    #[case::without_slashes("https:u:p@example.com/", true)]
    #[case::another_scheme("com.example.app://u:p@callback", true)]
    #[case::none("https://example.com/a@b?c=d@e#f@g", false)]
    #[case::no_address("a@b", false)]
    fn a_user_in_an_address_is_seen(#[case] address: &str, #[case] expected: bool) {
        assert_eq!(holds_user(address), expected);
    }

    #[rstest]
    #[case::by_number("https://127.0.0.1/", Network::Loopback)]
    #[case::hexadecimal("https://0x7f.1/", Network::Loopback)]
    #[case::decimal("https://2130706433/", Network::Loopback)]
    #[case::octal("https://0177.0.0.01/", Network::Loopback)]
    #[case::unspecified("https://0/", Network::Loopback)]
    #[case::v6("https://[::1]/", Network::Loopback)]
    #[case::v6_unspecified("https://[::]/", Network::Loopback)]
    #[case::mapped("https://[::ffff:127.0.0.1]/", Network::Loopback)]
    #[case::compatible("https://[::7f00:1]/", Network::Loopback)]
    #[case::nat64("https://[64:ff9b::7f00:1]/", Network::Loopback)]
    #[case::six_to_four("https://[2002:7f00:1::]/", Network::Loopback)]
    #[case::by_name("https://LocalHost/", Network::Loopback)]
    #[case::with_a_dot("https://localhost./", Network::Loopback)]
    #[case::below_localhost("https://keys.localhost/", Network::Loopback)]
    #[case::of_the_hosts_file("https://ip6-localhost/", Network::Loopback)]
    #[case::private("https://10.1.2.3/", Network::Private)]
    #[case::full_width("https://１９２.168.0.1/", Network::Private)]
    #[case::metadata_service("https://169.254.169.254/", Network::Private)]
    #[case::metadata_service_v6("https://[fd00:ec2::254]/", Network::Private)]
    #[case::shared("https://100.100.100.200/", Network::Private)]
    #[case::protocol_assignments("https://192.0.0.192/", Network::Private)]
    #[case::multicast("https://224.0.0.1/", Network::Private)]
    #[case::broadcast("https://255.255.255.255/", Network::Private)]
    #[case::link_local("https://[fe80::1]/", Network::Private)]
    #[case::multicast_v6("https://[ff02::1]/", Network::Private)]
    #[case::mapped_private("https://[::ffff:10.0.0.1]/", Network::Private)]
    #[case::a_name("https://keys.example/", Network::Public)]
    #[case::a_name_that_begins_alike("https://localhost.example/", Network::Public)]
    #[case::a_number_of_the_internet("https://93.184.215.14/", Network::Public)]
    #[case::v6_of_the_internet("https://[2606:4700::1]/", Network::Public)]
    #[case::beside_the_private("https://172.32.0.1/", Network::Public)]
    fn a_network_is_known_by_the_literal_address(#[case] url: &str, #[case] network: Network) {
        assert_eq!(Network::of(&Url::parse(url).expect("a URL")), network);
    }
}
