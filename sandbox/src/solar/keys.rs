//! The keys of the issuer: found by discovery, kept, and fetched again when one is missing.

use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::Certificate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::{Host, Url};

use crate::tls::CertificateAuthority;

/// How long the issuer may take for an answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The largest answer taken from the issuer, in bytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Unknown key ids make for fetches; this is how many a caller can cause in a minute.
const FETCHES_PER_MINUTE: u32 = 30;

/// The keys could not be had.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unavailable;

pub(super) struct IssuerKeys {
    issuer: String,
    proxied: reqwest::Client,
    direct: reqwest::Client,
    cache: Mutex<Cache>,
}

struct Cache {
    keys: JwkSet,
    minute: Instant,
    fetches: u32,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

impl IssuerKeys {
    /// Trusts the platform's certificates, and those of the authority if there is one.
    pub(super) fn new(
        issuer: &str,
        authority: Option<&CertificateAuthority>,
    ) -> Result<Self, reqwest::Error> {
        let own = authority.map(|authority| authority.certificate().as_bytes());
        let own = own.map(Certificate::from_pem).transpose()?;
        let build = |builder: reqwest::ClientBuilder| {
            let builder = builder.timeout(DEADLINE).tls_certs_merge(own.clone());
            builder.redirect(reqwest::redirect::Policy::none()).build()
        };
        let cache = Cache {
            keys: JwkSet { keys: Vec::new() },
            minute: Instant::now(),
            fetches: 0,
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            proxied: build(reqwest::Client::builder())?,
            direct: build(reqwest::Client::builder().no_proxy())?,
            cache: Mutex::new(cache),
        })
    }

    /// The key with the id, or none if the issuer does not publish it.
    pub(super) async fn find(&self, kid: &str) -> Result<Option<Jwk>, Unavailable> {
        let mut cache = self.cache.lock().await;
        if let Some(key) = cache.keys.find(kid) {
            return Ok(Some(key.clone()));
        }
        if cache.may_fetch() {
            cache.keys = self.fetch().await?;
        }
        Ok(cache.keys.find(kid).cloned())
    }

    async fn fetch(&self) -> Result<JwkSet, Unavailable> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let url = Url::parse(&url).map_err(|_| Unavailable)?;
        let metadata: Metadata = self.get(&url).await?;
        if metadata.issuer != self.issuer || !may_be_fetched(&metadata.jwks_uri, &url) {
            return Err(Unavailable);
        }
        self.get(&metadata.jwks_uri).await
    }

    /// No proxy stands before this machine, whatever the environment says.
    async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Unavailable> {
        let http = if is_loopback(url) {
            &self.direct
        } else {
            &self.proxied
        };
        let answer = http.get(url.clone()).send().await;
        let answer = answer.map_err(|_| Unavailable)?;
        let mut answer = answer.error_for_status().map_err(|_| Unavailable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| Unavailable)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                return Err(Unavailable);
            }
        }
        serde_json::from_slice(&body).map_err(|_| Unavailable)
    }
}

/// Keys are the issuer's own, or come from a name by TLS: an issuer must not have this machine ask
/// numbers of a network that the issuer itself cannot reach.
fn may_be_fetched(jwks_uri: &Url, issuer: &Url) -> bool {
    let is_elsewhere = matches!(jwks_uri.host(), Some(Host::Domain(_)))
        && jwks_uri.scheme() == "https"
        && !is_loopback(jwks_uri);
    let has_user = !jwks_uri.username().is_empty() || jwks_uri.password().is_some();
    !has_user && (is_elsewhere || jwks_uri.origin() == issuer.origin())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

impl Cache {
    fn may_fetch(&mut self) -> bool {
        if self.minute.elapsed() >= Duration::from_secs(60) {
            self.minute = Instant::now();
            self.fetches = 0;
        }
        self.fetches += 1;
        self.fetches <= FETCHES_PER_MINUTE
    }
}
