//! Addresses that others name, and what each may be used for: asked at the moment of use.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::{Origin, Url};

use crate::origin::{Network, TrustedOrigins, is_secure};
use crate::transport;

/// An address that the metadata names. It is good for nothing until it is checked for a use.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedUrl(Url);

impl<'de> Deserialize<'de> for NamedUrl {
    /// The error does not show the address, in which a password may be.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let url = Url::parse(&text)
            .map_err(|error| D::Error::custom(format!("an endpoint is not a URL: {error}")));
        url.map(Self)
    }
}

/// What an address of the metadata is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To send a browser there.
    Authorization,
    /// To redeem a code there, with the client's secret.
    Token,
    /// To fetch the keys.
    Keys,
    /// To fetch the claims of a user there, with an access token.
    UserInfo,
    /// To ask about a token there, with the client's secret.
    Introspection,
    /// To end a token there, with the client's secret.
    Revocation,
    /// To end a session there, with an ID token.
    Logout,
}

/// Where look-ups may lead: anywhere on the Internet, and to networks that the issuer is in itself.
#[derive(Debug, Clone)]
pub struct Reach {
    issuer: Option<Url>,
    trusted: TrustedOrigins,
}

/// An endpoint that may get secrets of the run: only the check gives one.
#[derive(Debug, Clone)]
pub struct TrustedEndpoint(Url);

/// An authorization endpoint that a browser may be sent to: only the check gives one.
#[derive(Debug, Clone)]
pub struct BrowserEndpoint(Url);

/// An endpoint of the API, where access tokens belong.
#[derive(Debug, Clone)]
pub struct ApiEndpoint(Url);

/// Why an address is not used, and what that comes to. It names no more than the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {why}: {}{hint}", wanted.endpoint(), wanted.not_done())]
pub struct NotUsed {
    wanted: Use,
    why: String,
    hint: &'static str,
}

/// What allows an address nevertheless.
const TO_ALLOW: &str = "; to allow it: OKTA_E2E_TRUSTED_ORIGINS";

impl Use {
    const fn endpoint(self) -> &'static str {
        match self {
            Self::Authorization => "authorization endpoint",
            Self::Token => "token endpoint",
            Self::Keys => "`jwks_uri`",
            Self::UserInfo => "userinfo endpoint",
            Self::Introspection => "introspection endpoint",
            Self::Revocation => "revocation endpoint",
            Self::Logout => "end-session endpoint",
        }
    }

    const fn not_done(self) -> &'static str {
        match self {
            Self::Authorization => "not opened",
            Self::Token => "not redeemed",
            Self::Keys => "not fetched",
            Self::UserInfo | Self::Introspection | Self::Revocation | Self::Logout => "not asked",
        }
    }
}

impl Reach {
    /// The reach of look-ups for an issuer.
    #[must_use]
    pub fn of(issuer: &str, trusted: TrustedOrigins) -> Self {
        Self {
            issuer: Url::parse(issuer).ok(),
            trusted,
        }
    }

    /// Why an address is out of reach, if it is.
    fn refuses(&self, url: &Url) -> Option<String> {
        let issuer = self.issuer.as_ref();
        let issuer_network = issuer.map(Network::of);
        let port = |url: &Url| url.port_or_known_default();
        let network = Network::of(url);
        let is_there = match network {
            Network::Public => true,
            Network::Loopback => {
                issuer_network == Some(network) && issuer.and_then(port) == port(url)
            }
            Network::Private => issuer_network == Some(network),
        };
        let host = host(url);
        match network {
            _ if is_there || self.trusted.has(url) => None,
            Network::Loopback if issuer_network == Some(network) => {
                Some(format!("at another port of this machine (`{host}`)"))
            }
            Network::Loopback => Some(format!(
                "on the machine that runs the suite (`{host}`), where the issuer is not"
            )),
            _ => Some(format!(
                "in a private network (`{host}`), where the issuer is not"
            )),
        }
    }
}

impl NamedUrl {
    /// An address that somebody named.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self(url)
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.0.origin()
    }

    /// The address, to send secrets to.
    ///
    /// # Errors
    /// [`NotUsed`] where it is not at a trusted origin.
    pub fn trusted(
        &self,
        wanted: Use,
        trusted: &TrustedOrigins,
    ) -> Result<TrustedEndpoint, NotUsed> {
        self.check_form(wanted)?;
        if trusted.has(&self.0) {
            return Ok(TrustedEndpoint(self.0.clone()));
        }
        let why = format!("at another host (`{}`)", host(&self.0));
        Err(wanted.refused(why, TO_ALLOW))
    }

    /// The address, to look something up that is no secret, without any credential.
    ///
    /// # Errors
    /// [`NotUsed`] where it is neither on the Internet nor where the issuer is.
    pub fn looked_up(&self, wanted: Use, reach: &Reach) -> Result<&Url, NotUsed> {
        self.check_form(wanted)?;
        match reach.refuses(&self.0) {
            Some(why) => Err(wanted.refused(why, TO_ALLOW)),
            None => Ok(&self.0),
        }
    }

    /// The address, to send a browser there.
    ///
    /// # Errors
    /// [`NotUsed`] as for [`Self::looked_up`]: a browser in our hands reads as much as we do.
    pub fn opened(&self, reach: &Reach) -> Result<BrowserEndpoint, NotUsed> {
        let url = self.looked_up(Use::Authorization, reach)?;
        Ok(BrowserEndpoint(url.clone()))
    }

    /// What holds for every use: http or https, in clear only on this machine, and no credentials,
    /// which would be somebody else's.
    fn check_form(&self, wanted: Use) -> Result<(), NotUsed> {
        let url = &self.0;
        let scheme = url.scheme();
        if !matches!(scheme, "http" | "https") {
            let scheme: String = scheme.chars().take(20).collect();
            return Err(wanted.refused(format!("with the scheme `{scheme}:`"), ""));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let why = format!("with a user or password in its address (`{}`)", host(url));
            return Err(wanted.refused(why, ""));
        }
        if !is_secure(url) {
            let why = format!("without TLS, `http://` at another host (`{}`)", host(url));
            return Err(wanted.refused(why, ""));
        }
        Ok(())
    }
}

impl Use {
    const fn refused(self, why: String, hint: &'static str) -> NotUsed {
        NotUsed {
            wanted: self,
            why,
            hint,
        }
    }
}

/// Host and port, without anything else of an address.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Without user, password and query, which may be secret.
impl fmt::Display for NamedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&transport::address(&self.0))
    }
}

impl fmt::Debug for NamedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl TrustedEndpoint {
    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

impl BrowserEndpoint {
    /// The same, where every request says this too. What an endpoint's address has as its query
    /// stays in each request (RFC 6749 section 3.1).
    #[must_use]
    pub fn saying(mut self, parameter: Option<(&str, &str)>) -> Self {
        if let Some((name, value)) = parameter {
            self.0.query_pairs_mut().append_pair(name, value);
        }
        self
    }

    /// Whether an address is its own, whatever the query of both.
    #[must_use]
    pub fn is_at(&self, address: &str) -> bool {
        let bare = |text: &str| text.split(['?', '#']).next().map(str::to_owned);
        bare(address) == bare(self.0.as_str())
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

impl TrustedEndpoint {
    /// How anyone who proves something to it names it: its address.
    #[must_use]
    pub fn audience(&self) -> &str {
        self.0.as_str()
    }
}

impl ApiEndpoint {
    /// A path below the base of the API, perhaps with a query. The query of the base is kept behind
    /// it: keys of gateways stand in it.
    #[must_use]
    pub fn new(base: &Url, path: &str) -> Self {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = base.clone();
        let path = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let queries: Vec<&str> = query.into_iter().chain(base.query()).collect();
        if !queries.is_empty() {
            url.set_query(Some(&queries.join("&")));
        }
        Self(url)
    }

    /// The endpoint with a token in its query (RFC 6750 section 2.3).
    #[must_use]
    pub fn with_token_in_query(mut self, token: &str) -> Self {
        self.0.query_pairs_mut().append_pair("access_token", token);
        self
    }

    /// Where the endpoint leads, if that is another path of its own origin.
    #[must_use]
    pub fn led(&self, location: &str) -> Option<Self> {
        let url = self.0.join(location).ok()?;
        let is_own = url.origin() == self.0.origin() && url.path() != self.0.path();
        is_own.then_some(Self(url))
    }

    /// The address.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ORG: &str = "https://example.okta.com/oauth2/aus1";
    const LOCAL: &str = "http://127.0.0.1:8080/oauth2/aus1";

    fn named(url: &str) -> NamedUrl {
        NamedUrl::new(Url::parse(url).expect("a URL"))
    }

    fn trusting(urls: &[&str]) -> TrustedOrigins {
        let urls: Vec<Url> = urls.iter().map(|url| Url::parse(url).unwrap()).collect();
        urls.iter().collect()
    }

    #[rstest]
    #[case::the_org("https://example.okta.com/oauth2/aus1/v1/token", None)]
    #[case::named_in_the_configuration("https://login.example/token", None)]
    #[case::elsewhere(
        "https://evil.example/token",
        Some(
            "token endpoint at another host (`evil.example`): not redeemed; to allow it: \
             OKTA_E2E_TRUSTED_ORIGINS"
        )
    )]
    #[case::another_port("https://example.okta.com:8443/token", Some("example.okta.com:8443"))]
    #[case::in_clear("http://example.okta.com/token", Some("without TLS"))]
    #[case::with_credentials(
        "https://user:hunter22secret@example.okta.com/token",
        Some("with a user or password in its address (`example.okta.com`)")
    )]
    #[case::a_file("file:///etc/passwd", Some("with the scheme `file:`: not redeemed"))]
    fn secrets_go_to_trusted_endpoints_alone(#[case] url: &str, #[case] refusal: Option<&str>) {
        let trusted = trusting(&[ORG, "https://login.example"]);
        let endpoint = named(url).trusted(Use::Token, &trusted);
        let said = endpoint.err().map(|error| error.to_string());
        assert_eq!(said.is_some(), refusal.is_some(), "{said:?}");
        let said = said.unwrap_or_default();
        assert!(said.contains(refusal.unwrap_or_default()), "{said}");
        assert!(!said.contains("hunter22secret"));
    }

    #[rstest]
    #[case::of_the_org(ORG, "https://example.okta.com/keys", true)]
    #[case::elsewhere_on_the_internet(ORG, "https://keys.example/keys", true)]
    #[case::in_clear(ORG, "http://keys.example/keys", false)]
    #[case::a_file(ORG, "file:///etc/passwd", false)]
    #[case::a_script(ORG, "javascript:alert(1)", false)]
    #[case::this_machine(ORG, "http://127.0.0.1:8080/keys", false)]
    #[case::this_machine_by_tls(ORG, "https://localhost/keys", false)]
    #[case::this_machine_mapped(ORG, "https://[::ffff:127.0.0.1]/keys", false)]
    #[case::private(ORG, "https://10.0.0.1/keys", false)]
    #[case::metadata_service(ORG, "https://169.254.169.254/latest", false)]
    #[case::with_credentials(ORG, "https://user:hunter22secret@keys.example/", false)]
    #[case::at_the_issuer(LOCAL, "http://127.0.0.1:8080/keys", true)]
    #[case::at_the_issuer_by_name(LOCAL, "http://localhost:8080/keys", true)]
    #[case::another_port(LOCAL, "http://127.0.0.1:8081/keys", false)]
    #[case::another_port_in_hexadecimal(LOCAL, "http://0x7f.1:8081/keys", false)]
    #[case::another_port_with_a_dot(LOCAL, "https://localhost.:8081/keys", false)]
    #[case::from_here_to_private(LOCAL, "https://10.0.0.1/keys", false)]
    #[case::private_both("https://10.0.0.1/oauth2/aus1", "https://192.168.0.7/keys", true)]
    #[case::private_to_here("https://10.0.0.1/oauth2/aus1", "https://127.0.0.1/keys", false)]
    #[case::nowhere("no issuer", "https://127.0.0.1/keys", false)]
    fn look_ups_reach_networks_that_the_issuer_is_in(
        #[case] issuer: &str,
        #[case] url: &str,
        #[case] is_reached: bool,
    ) {
        let reach = Reach::of(issuer, TrustedOrigins::default());
        let url = named(url);
        let looked_up = url.looked_up(Use::Keys, &reach);
        assert_eq!(looked_up.is_ok(), is_reached, "{looked_up:?}");
        assert_eq!(url.opened(&reach).is_ok(), is_reached);
        let said = looked_up.err().map(|error| error.to_string());
        assert!(!said.unwrap_or_default().contains("hunter22secret"));
    }

    #[test]
    fn a_trusted_origin_is_in_reach_wherever_it_is() {
        let reach = Reach::of(ORG, trusting(&["http://127.0.0.1:8081"]));
        let url = named("http://127.0.0.1:8081/keys");
        url.looked_up(Use::Keys, &reach).unwrap();
    }

    #[test]
    fn an_address_is_shown_without_its_credentials() {
        let url = named("https://user:hunter22secret@example.okta.com/token?key=value#x");
        assert_eq!(url.to_string(), "https://example.okta.com/token");
        assert_eq!(format!("{url:?}"), url.to_string());
    }

    #[test]
    fn a_path_of_the_api_stays_below_its_base() {
        let base = Url::parse("https://api.example/v2/?key=value").unwrap();
        let endpoint = ApiEndpoint::new(&base, "/planets");
        assert_eq!(
            endpoint.url().as_str(),
            "https://api.example/v2/planets?key=value"
        );
    }

    #[test]
    fn a_query_is_sent_as_a_query() {
        let base = Url::parse("https://api.example/v2").unwrap();
        let endpoint = ApiEndpoint::new(&base, "/orders?limit=10");
        let sent = endpoint.url().as_str();
        assert_eq!(sent, "https://api.example/v2/orders?limit=10");
        let base = Url::parse("https://api.example/v2?key=value").unwrap();
        let endpoint = ApiEndpoint::new(&base, "/orders?limit=10");
        let sent = endpoint.url().as_str();
        assert_eq!(sent, "https://api.example/v2/orders?limit=10&key=value");
    }
}
