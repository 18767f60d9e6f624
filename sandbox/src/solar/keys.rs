//! The keys of the issuer: found by discovery, kept, and fetched again when one is missing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Certificate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::{Host, Url};

use super::behaviour::KeyRules;
use crate::tls::CertificateAuthority;

/// How long the issuer may take for an answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// The largest answer taken from the issuer, in bytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// How long keys are good without asking whether they still are: one that the issuer has taken back
/// is good for no longer.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// Unknown key ids make for fetches; so many a caller can cause at once.
const FETCHES_AT_ONCE: u32 = 3;

/// After so long, a caller can cause one more: a new key is never unknown for longer.
const ONE_MORE_AFTER: Duration = Duration::from_secs(6);

/// The keys could not be had.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unavailable;

/// A published key (RFC 7517 section 4); of other kinds than RSA, nothing is known but that.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    kty: String,
    /// The modulus, base64url.
    #[serde(default)]
    pub(super) n: String,
    /// The exponent, base64url.
    #[serde(default)]
    pub(super) e: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

pub(super) struct IssuerKeys {
    issuer: String,
    clients: Clients,
    cache: Mutex<Cache>,
    /// Held by the one who asks the issuer.
    fetching: tokio::sync::Mutex<()>,
}

struct Cache {
    keys: Vec<Key>,
    /// When they were last known to be the issuer's.
    fetched: Option<Instant>,
    /// What callers may cause, and since when that is counted.
    left: u32,
    counted: Instant,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

impl Key {
    /// An RSA key of these numbers, which may have zeros in front.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        let number = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            URL_SAFE_NO_PAD.encode(&bytes[zeros..])
        };
        Self {
            kty: "RSA".to_owned(),
            n: number(modulus),
            e: number(exponent),
            ..Self::default()
        }
    }

    /// Whether it is a key that RS256 signatures may be checked with.
    pub(super) fn is_for_signatures(&self) -> bool {
        self.kty == "RSA"
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256")
    }

    fn is(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid)
    }
}

/// What asks the issuer. To read the authorities of the platform costs more than all that is ever
/// asked: they are read when something by https is.
struct Clients {
    own: Option<Certificate>,
    plain: reqwest::Client,
    proxied: OnceCell<reqwest::Client>,
    direct: OnceCell<reqwest::Client>,
}

impl Clients {
    fn trusting(authority: Option<&CertificateAuthority>) -> Result<Self, reqwest::Error> {
        let own = authority.map(|authority| authority.certificate().as_bytes());
        let plain = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        Ok(Self {
            own: own.map(Certificate::from_pem).transpose()?,
            plain: build(plain)?,
            proxied: OnceCell::new(),
            direct: OnceCell::new(),
        })
    }

    /// No proxy stands before this machine, whatever the environment says.
    async fn that_asks(&self, url: &Url) -> Result<&reqwest::Client, reqwest::Error> {
        let (cell, builder) = match (is_loopback(url), url.scheme()) {
            (true, "http") => return Ok(&self.plain),
            (true, _) => (&self.direct, reqwest::Client::builder().no_proxy()),
            (false, _) => (&self.proxied, reqwest::Client::builder()),
        };
        let trusting = builder.tls_certs_merge(self.own.clone());
        cell.get_or_try_init(|| async { build(trusting) }).await
    }
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, reqwest::Error> {
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.timeout(DEADLINE).build()
}

impl IssuerKeys {
    /// Trusts the platform's certificates, and those of the authority if there is one.
    pub(super) fn new(
        issuer: &str,
        authority: Option<&CertificateAuthority>,
    ) -> Result<Self, reqwest::Error> {
        let cache = Cache {
            keys: Vec::new(),
            fetched: None,
            left: FETCHES_AT_ONCE,
            counted: Instant::now(),
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            clients: Clients::trusting(authority)?,
            cache: Mutex::new(cache),
            fetching: tokio::sync::Mutex::default(),
        })
    }

    /// The keys with the id; none, if the issuer does not publish it.
    pub(super) async fn find(&self, kid: &str, rules: &KeyRules) -> Result<Vec<Key>, Unavailable> {
        let of_id = |keys: Vec<Key>| keys.into_iter().filter(|key| key.is(kid)).collect();
        let known: Vec<Key> = of_id(self.all(rules).await?);
        let may_ask = || rules.unbounded || self.cache().may_fetch();
        if !known.is_empty() || rules.never_again || !may_ask() {
            return Ok(known);
        }
        self.fetch_now(rules).await.map(of_id)
    }

    /// Every key that the issuer publishes, asked for again after a while. Those that are known
    /// stay
    /// good while the issuer does not answer, and nobody but one waits for it.
    pub(super) async fn all(&self, rules: &KeyRules) -> Result<Vec<Key>, Unavailable> {
        let (known, fetched) = self.known();
        let Some(fetched) = fetched else {
            return self.fetch_now(rules).await;
        };
        let is_good = fetched.elapsed() < GOOD_FOR || rules.never_again;
        let Some(_only) = (!is_good).then(|| self.fetching.try_lock().ok()).flatten() else {
            return Ok(known);
        };
        if let Ok(keys) = self.fetch().await {
            return Ok(self.cache().replace(keys, rules));
        }
        self.cache().fetched = Some(Instant::now());
        Ok(known)
    }

    /// Fetches the keys, unless somebody else has meanwhile.
    async fn fetch_now(&self, rules: &KeyRules) -> Result<Vec<Key>, Unavailable> {
        let before = self.known().1;
        let _only = self.fetching.lock().await;
        let (known, fetched) = self.known();
        if fetched != before {
            return Ok(known);
        }
        let keys = self.fetch().await?;
        Ok(self.cache().replace(keys, rules))
    }

    fn known(&self) -> (Vec<Key>, Option<Instant>) {
        let cache = self.cache();
        (cache.keys.clone(), cache.fetched)
    }

    /// What is known; never to be held across an await.
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys at any address; none, where there are none. For those who believe a token.
    pub(super) async fn at(&self, url: Option<&str>) -> Vec<Key> {
        let Some(url) = url.and_then(|url| Url::parse(url).ok()) else {
            return Vec::new();
        };
        let set: Result<KeySet, Unavailable> = self.get(&url).await;
        set.map_or_else(|_| Vec::new(), |set| set.keys)
    }

    /// The keys of any issuer. For those who believe a token.
    pub(super) async fn of_issuer(&self, issuer: Option<&str>) -> Vec<Key> {
        let metadata = format!(
            "{}/.well-known/openid-configuration",
            issuer.unwrap_or_default()
        );
        let Ok(url) = Url::parse(&metadata) else {
            return Vec::new();
        };
        match self.get::<Metadata>(&url).await {
            Ok(metadata) => self.at(Some(metadata.jwks_uri.as_str())).await,
            Err(_) => Vec::new(),
        }
    }

    /// The key set as it is served, and each key as it stands in it.
    pub(super) async fn texts(&self) -> Result<Vec<Vec<u8>>, Unavailable> {
        let set = self.read(&self.place().await?).await?;
        let text = String::from_utf8_lossy(&set);
        let keys = text.split_inclusive('}').filter_map(|part| {
            let key = part.rfind('{')?;
            part.get(key..)
        });
        let mut texts: Vec<Vec<u8>> = keys.map(|key| key.as_bytes().to_vec()).collect();
        texts.push(set);
        Ok(texts)
    }

    async fn fetch(&self) -> Result<Vec<Key>, Unavailable> {
        let set: KeySet = self.get(&self.place().await?).await?;
        Ok(set.keys)
    }

    /// Where the keys are.
    async fn place(&self) -> Result<Url, Unavailable> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let url = Url::parse(&url).map_err(|_| Unavailable)?;
        let metadata: Metadata = self.get(&url).await?;
        if metadata.issuer != self.issuer || !may_be_fetched(&metadata.jwks_uri, &url) {
            return Err(Unavailable);
        }
        Ok(metadata.jwks_uri)
    }

    async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Unavailable> {
        serde_json::from_slice(&self.read(url).await?).map_err(|_| Unavailable)
    }

    async fn read(&self, url: &Url) -> Result<Vec<u8>, Unavailable> {
        let http = self.clients.that_asks(url).await;
        let http = http.map_err(|_| Unavailable)?;
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
        Ok(body)
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
    /// Takes fetched keys over, and says which there are now.
    fn replace(&mut self, keys: Vec<Key>, rules: &KeyRules) -> Vec<Key> {
        let before = std::mem::replace(&mut self.keys, keys);
        if rules.removed_kept {
            self.keys.extend(before);
        }
        self.fetched = Some(Instant::now());
        self.keys.clone()
    }

    /// Whether a caller may cause a fetch now.
    fn may_fetch(&mut self) -> bool {
        let passed = self.counted.elapsed().as_secs() / ONE_MORE_AFTER.as_secs();
        let more = u32::try_from(passed).unwrap_or(FETCHES_AT_ONCE);
        if more > 0 {
            self.left = self.left.saturating_add(more).min(FETCHES_AT_ONCE);
            self.counted = Instant::now();
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}
