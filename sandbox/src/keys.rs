//! Signing keys: RSA, made when an authorization server is made.
//!
//! Making a key takes about 100 ms in a debug build, so the process keeps a small pool of them;
//! what an org must never see is the same key twice, until it has used up the pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pem::{EncodeConfig, LineEnding, Pem};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

/// How many keys the process makes at most.
const POOL_SIZE: usize = 8;

/// The pool; the first key is kept apart as the foreign one, which no server ever owns.
static POOL: [OnceCell<Arc<SigningKey>>; POOL_SIZE + 1] =
    [const { OnceCell::const_new() }; POOL_SIZE + 1];

/// No key could be made or used for signing.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("failed to make or use an RSA key: the system's random source or memory gave out")]
pub(crate) struct KeyError;

/// An RSA key of 2048 bits.
pub(crate) struct SigningKey {
    /// The RFC 7638 thumbprint of the key.
    pub(crate) kid: String,
    /// The modulus, base64url.
    pub(crate) n: String,
    /// The exponent, base64url.
    pub(crate) e: String,
    pair: KeyPair,
}

/// A key pair as programs take it in files.
pub struct KeyPairPem {
    /// The id under which the public half is published.
    pub kid: String,
    /// PKCS#8: `BEGIN PRIVATE KEY` (RFC 7468 section 10).
    pub private: String,
    /// `BEGIN PUBLIC KEY` (RFC 7468 section 13).
    pub public: String,
}

impl std::fmt::Debug for KeyPairPem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("KeyPairPem")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The public half of a key, as the keys endpoint shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PublicKey {
    pub(crate) alg: &'static str,
    pub(crate) e: String,
    pub(crate) n: String,
    pub(crate) kid: String,
    pub(crate) kty: &'static str,
    #[serde(rename = "use")]
    pub(crate) usage: &'static str,
}

/// The digest a signature is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    /// RS256, what Okta signs with.
    Sha256,
    /// RS512, for the fault that changes the algorithm.
    Sha512,
}

impl SigningKey {
    fn generate() -> Result<Self, KeyError> {
        KeyPair::generate(KeySize::Rsa2048)
            .map(Self::of)
            .map_err(|_| KeyError)
    }

    /// The key that a PEM file of PKCS#8 holds.
    fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::parse(text).map_err(|_| KeyError)?;
        KeyPair::from_pkcs8(pem.contents())
            .map(Self::of)
            .map_err(|_| KeyError)
    }

    fn of(pair: KeyPair) -> Self {
        let (n, e) = {
            let public = pair.public_key();
            let modulus = public.modulus().big_endian_without_leading_zero();
            let exponent = public.exponent().big_endian_without_leading_zero();
            (
                URL_SAFE_NO_PAD.encode(modulus),
                URL_SAFE_NO_PAD.encode(exponent),
            )
        };
        // RFC 7638: the required members in lexicographic order, without white space.
        let members = json!({"e": e, "kty": "RSA", "n": n}).to_string();
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        Self { kid, n, e, pair }
    }

    /// The signature of a message by RSASSA-PKCS1-v1_5.
    pub(crate) fn sign(&self, digest: Digest, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let encoding: &'static dyn RsaEncoding = match digest {
            Digest::Sha256 => &RSA_PKCS1_SHA256,
            Digest::Sha512 => &RSA_PKCS1_SHA512,
        };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError)?;
        Ok(signature)
    }

    /// Both halves, for files.
    pub(crate) fn pem(&self) -> Result<KeyPairPem, KeyError> {
        let private: Pkcs8V1Der<'static> = self.pair.as_der().map_err(|_| KeyError)?;
        let public: PublicKeyX509Der<'static> =
            self.pair.public_key().as_der().map_err(|_| KeyError)?;
        Ok(KeyPairPem {
            kid: self.kid.clone(),
            private: pem("PRIVATE KEY", private.as_ref()),
            public: pem("PUBLIC KEY", public.as_ref()),
        })
    }

    /// The public half.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey {
            alg: "RS256",
            e: self.e.clone(),
            n: self.n.clone(),
            kid: self.kid.clone(),
            kty: "RSA",
            usage: "sig",
        }
    }
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), lines)
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// A key as a text, where an org is kept in a file.
pub(crate) mod in_pem {
    use std::sync::Arc;

    use serde::de::{Deserialize as _, Deserializer, Error as _};
    use serde::ser::{Error as _, Serializer};

    use super::SigningKey;

    pub(crate) fn serialize<S: Serializer>(
        key: &Arc<SigningKey>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let pem = key.pem().map_err(S::Error::custom)?;
        serializer.serialize_str(&pem.private)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<SigningKey>, D::Error> {
        let text = String::deserialize(deserializer)?;
        SigningKey::from_pem(&text)
            .map(Arc::new)
            .map_err(D::Error::custom)
    }
}

/// Where an org takes its keys from.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    taken: AtomicUsize,
}

impl KeyRing {
    /// A key this org has not had yet, as long as the pool lasts.
    pub(crate) async fn take(&self) -> Result<Arc<SigningKey>, KeyError> {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        pooled(1 + taken % POOL_SIZE).await
    }
}

/// Makes the keys that the first authorization servers of an org will have, where they are not
/// made.
pub(crate) async fn prepare(servers: usize) -> Result<(), KeyError> {
    let ring = KeyRing::default();
    for _ in 0..servers {
        tokio::try_join!(ring.take(), ring.take())?;
    }
    Ok(())
}

/// A key that belongs to no authorization server, for the faults that sign with one.
pub(crate) async fn foreign() -> Result<Arc<SigningKey>, KeyError> {
    pooled(0).await
}

async fn pooled(index: usize) -> Result<Arc<SigningKey>, KeyError> {
    let slot = POOL.get(index).ok_or(KeyError)?;
    slot.get_or_try_init(|| async {
        let made = tokio::task::spawn_blocking(SigningKey::generate).await;
        made.map_err(|_| KeyError)?.map(Arc::new)
    })
    .await
    .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_server_waits_for_a_key_that_is_prepared() {
        const SERVERS: usize = 3;
        prepare(SERVERS).await.unwrap();
        let ring = KeyRing::default();
        for server in 1..=SERVERS {
            let at_once = std::future::poll_fn(|context| {
                let keys = std::pin::pin!(async { tokio::try_join!(ring.take(), ring.take()) });
                std::task::Poll::Ready(keys.poll(context).is_ready())
            });
            assert!(at_once.await, "server {server}");
        }
    }

    #[tokio::test]
    async fn an_org_has_no_key_twice_and_never_the_foreign_one() {
        let ring = KeyRing::default();
        let mut kids = vec![foreign().await.unwrap().kid.clone()];
        for _ in 0..3 {
            kids.push(ring.take().await.unwrap().kid.clone());
        }
        let unique: std::collections::HashSet<&String> = kids.iter().collect();
        assert_eq!(unique.len(), kids.len());
    }
}
