//! The keys of the issuer: found by discovery, kept, and fetched again when one is missing.

use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

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
    http: reqwest::Client,
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
    jwks_uri: String,
}

impl IssuerKeys {
    pub(super) fn new(issuer: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let cache = Cache {
            keys: JwkSet { keys: Vec::new() },
            minute: Instant::now(),
            fetches: 0,
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            http,
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
        let metadata: Metadata = self.get(&url).await?;
        if metadata.issuer != self.issuer {
            return Err(Unavailable);
        }
        self.get(&metadata.jwks_uri).await
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Unavailable> {
        let answer = self.http.get(url).send().await.map_err(|_| Unavailable)?;
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
