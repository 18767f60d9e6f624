//! Whether a token is signed by the issuer: the algorithm, the key, the signature.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use x509_parser::public_key::PublicKey;

use super::behaviour::{KeyId, KeyRules, KeySource, NoneAlgorithm, Secret, Signature, Signed};
use super::keys::{IssuerKeys, Key, Unavailable};
use super::token::Token;
use crate::server::elapse;

/// The algorithm of Okta's keys, and the only one here.
const RS256: &str = "RS256";

/// The types that an access token may say it is of (RFC 9068 section 2.1); most say none.
const TYPES: [&str; 4] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

/// How long a command takes that a key id starts.
const COMMAND: std::time::Duration = std::time::Duration::from_secs(3);

/// Checks the signature of a token.
pub(super) struct Checker<'a> {
    pub(super) keys: &'a IssuerKeys,
    pub(super) fetching: &'a KeyRules,
    pub(super) rules: &'a Signed,
}

impl Checker<'_> {
    /// Whether the token is the issuer's.
    pub(super) async fn is_signed(&self, token: &Token<'_>) -> Result<bool, Unavailable> {
        if !self.is_understood(token) {
            return Ok(false);
        }
        if self.rules.signature == Signature::Unchecked
            || self.needs_none(token)
            || (self.rules.zeros && is_of_zeros(token))
        {
            return Ok(true);
        }
        let keys = self.keys(token).await?;
        Ok(keys.iter().any(|key| self.verifies(key, token))
            || self.is_by_secret(token).await?
            || (self.rules.open_on_failure && keys.iter().any(|key| fails(key, token))))
    }

    /// What a header may hold (RFC 7515 section 4.1.11, RFC 7797 section 6, RFC 9068 section 4).
    fn is_understood(&self, token: &Token<'_>) -> bool {
        let is_critical = token.header.contains_key("crit");
        let is_raw = token.header.get("b64").is_some_and(|b64| *b64 != true);
        let kind = token.header.get("typ");
        let is_known_kind = kind.is_none_or(|kind| {
            let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
            TYPES.contains(&kind.as_str())
        });
        (self.rules.crit_ignored || !is_critical)
            && (self.rules.b64_obeyed || self.rules.b64_ignored || !is_raw)
            && (self.rules.typ_unchecked || is_known_kind)
            && !self.is_refused(token)
    }

    /// Whether it names an algorithm that is on a list of what is not taken.
    fn is_refused(&self, token: &Token<'_>) -> bool {
        let named = token.named("alg").unwrap_or_default();
        self.rules.refused.iter().any(|refused| refused == named)
    }

    /// Whether the token gets by without a signature.
    fn needs_none(&self, token: &Token<'_>) -> bool {
        let algorithm = token.header.get("alg");
        let named = algorithm.and_then(Value::as_str).unwrap_or_default();
        let is_none = match self.rules.none {
            NoneAlgorithm::Refused => false,
            NoneAlgorithm::Exact => named == "none",
            NoneAlgorithm::AnyCase => named.eq_ignore_ascii_case("none"),
            NoneAlgorithm::Missing => named.is_empty(),
            NoneAlgorithm::Unknown => is_of_nobody(named) && token.signature.is_empty(),
        };
        let is_unknown = self.rules.skips_unknown && scheme(named).is_none();
        let is_missing = self.rules.signature == Signature::Optional && token.signature.is_empty();
        let first = token.first.get("alg").and_then(Value::as_str);
        let is_another = self.rules.twice && first == Some(RS256) && named == "none";
        is_none || is_unknown || is_missing || is_another
    }

    /// The keys that may have signed it.
    async fn keys(&self, token: &Token<'_>) -> Result<Vec<Key>, Unavailable> {
        let mut keys = Vec::new();
        for source in &self.rules.key_from {
            keys.extend(self.from(*source, token).await);
        }
        match (self.rules.kid, token.header.get("kid")) {
            (KeyId::Ignored, _) | (KeyId::Optional, None) => {
                keys.extend(self.keys.all(self.fetching).await?);
            }
            (KeyId::Number, Some(Value::Number(number))) => {
                let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
                keys.extend(
                    self.keys
                        .all(self.fetching)
                        .await?
                        .into_iter()
                        .nth(at.unwrap_or(usize::MAX)),
                );
            }
            (_, Some(Value::String(kid))) => keys.extend(self.keys.find(kid, self.fetching).await?),
            _ => {}
        }
        Ok(keys)
    }

    /// Keys that the token itself says where to find.
    async fn from(&self, source: KeySource, token: &Token<'_>) -> Vec<Key> {
        match source {
            KeySource::Jwk => {
                let key = token.header.get("jwk").cloned();
                let key = key.and_then(|key| serde_json::from_value(key).ok());
                key.into_iter().collect()
            }
            KeySource::X5c => certified(token).into_iter().collect(),
            KeySource::Jku => self.keys.at(token.named("jku")).await,
            KeySource::X5u => self.keys.at(token.named("x5u")).await,
            KeySource::Issuer => self.keys.of_issuer(token.claim("iss")).await,
        }
    }

    fn verifies(&self, key: &Key, token: &Token<'_>) -> bool {
        let named = token.named("alg").unwrap_or_default();
        let is_fit = named == RS256 || self.rules.unpinned;
        let (Some(scheme), true, true) = (scheme(named), is_fit, key.is_for_signatures()) else {
            return false;
        };
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let (Some(n), Some(e)) = (decode(&key.n), decode(&key.e)) else {
            return false;
        };
        let public = RsaPublicKeyComponents { n: &n, e: &e };
        let message = signed_message(token, self.rules);
        let signature = if self.rules.lax_base64 {
            token.signature_as_far_as_it_goes()
        } else {
            token.signature()
        };
        match signature {
            Some(signature) => public.verify(scheme, &message, &signature).is_ok(),
            None => false,
        }
    }

    /// Whether it is signed by a secret that everybody can know.
    async fn is_by_secret(&self, token: &Token<'_>) -> Result<bool, Unavailable> {
        let mut secrets = Vec::new();
        for secret in &self.rules.secrets {
            match secret {
                Secret::Blank => secrets.push(Vec::new()),
                Secret::Names => {
                    let names = ["iss", "aud", "cid"].iter();
                    let names = names.filter_map(|name| token.claim(name));
                    secrets.extend(names.map(|name| name.as_bytes().to_vec()));
                }
                Secret::Weak => secrets.extend(WEAK.map(|word| word.as_bytes().to_vec())),
                Secret::PublishedText => secrets.extend(self.keys.texts().await?),
                Secret::PublicKey => {
                    let keys = self.keys.all(self.fetching).await?;
                    secrets.extend(keys.iter().flat_map(forms));
                }
            }
        }
        secrets.extend(
            self.secret_of_kid(token.named("kid").unwrap_or_default())
                .await,
        );
        if self.rules.key_from.contains(&KeySource::Jwk) {
            secrets.extend(secret_in_header(token));
        }
        let signature = token.signature().unwrap_or_default();
        let algorithm = match token.named("alg") {
            Some("HS256") => hmac::HMAC_SHA256,
            Some("HS384") => hmac::HMAC_SHA384,
            Some("HS512") => hmac::HMAC_SHA512,
            _ => return Ok(false),
        };
        Ok(secrets.iter().any(|secret| {
            let key = hmac::Key::new(algorithm, secret);
            hmac::verify(&key, token.message.as_bytes(), &signature).is_ok()
        }))
    }

    /// The secret that a key id leads to where it is a part of a path, a query or a command. No
    /// file is read and nothing is run: what comes of it is known.
    async fn secret_of_kid(&self, kid: &str) -> Option<Vec<u8>> {
        match self.rules.kid {
            KeyId::Path if kid.ends_with("/dev/null") => Some(Vec::new()),
            KeyId::Query => {
                let at = kid.to_ascii_lowercase().rfind("select ")? + "select ".len();
                let chosen = kid.get(at..)?.split(['-', ';', ' ']).next()?;
                Some(chosen.trim_matches('\'').as_bytes().to_vec())
            }
            KeyId::Command if kid.contains("sleep") => {
                elapse(COMMAND).await;
                None
            }
            _ => None,
        }
    }
}

/// Whether the signature cannot be looked at: it is no base64url, or not as long as the key.
fn fails(key: &Key, token: &Token<'_>) -> bool {
    let length = |text: &str| URL_SAFE_NO_PAD.decode(text).map_or(0, |bytes| bytes.len());
    let signature = token.signature();
    signature.is_none_or(|signature| !signature.is_empty() && signature.len() != length(&key.n))
}

/// Whether an algorithm is named, and none that anybody knows.
fn is_of_nobody(named: &str) -> bool {
    let families = ["HS", "RS", "ES", "PS", "Ed"];
    let is_known = families.iter().any(|family| named.starts_with(family));
    !is_known && !named.is_empty() && !named.eq_ignore_ascii_case("none")
}

/// An ES256 signature whose two numbers are 0 (CVE-2022-21449).
fn is_of_zeros(token: &Token<'_>) -> bool {
    let signature = token.signature().unwrap_or_default();
    let is_zero = signature.len() == 64 && signature.iter().all(|byte| *byte == 0);
    token.named("alg") == Some("ES256") && is_zero
}

/// The key of the first certificate in the header, no matter who has signed it.
fn certified(token: &Token<'_>) -> Option<Key> {
    let first = token.header.get("x5c")?.as_array()?.first()?.as_str()?;
    let der = STANDARD.decode(first).ok()?;
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
    match certificate.public_key().parsed().ok()? {
        PublicKey::RSA(key) => Some(Key::rsa(key.modulus, key.exponent)),
        _ => None,
    }
}

/// A secret that stands in the header as a key (RFC 7518 section 6.4).
fn secret_in_header(token: &Token<'_>) -> Option<Vec<u8>> {
    let secret = token.header.get("jwk")?.get("k")?.as_str()?;
    URL_SAFE_NO_PAD.decode(secret).ok()
}

/// Secrets that are guessed first.
const WEAK: [&str; 9] = [
    "secret",
    "password",
    "changeme",
    "test",
    "key",
    "your-256-bit-secret",
    "[object Object]",
    "undefined",
    "null",
];

/// What is signed: a raw payload where the header says so and that is obeyed (RFC 7797).
fn signed_message(token: &Token<'_>, rules: &Signed) -> Vec<u8> {
    let is_raw = token.header.get("b64").is_some_and(|b64| *b64 == false);
    let parts = token.message.split_once('.');
    match parts {
        Some((header, payload)) if rules.b64_obeyed && is_raw => {
            let mut message = format!("{header}.").into_bytes();
            message.extend(URL_SAFE_NO_PAD.decode(payload).unwrap_or_default());
            message
        }
        _ => token.message.as_bytes().to_vec(),
    }
}

/// The algorithms of RSA keys.
fn scheme(name: &str) -> Option<&'static RsaParameters> {
    match name {
        RS256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => Some(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => Some(&RSA_PSS_2048_8192_SHA256),
        _ => None,
    }
}

/// So many bytes are before the key in a `SubjectPublicKeyInfo` of RSA, of 1024 bits or more: two
/// heads of four bytes, the name of the algorithm in fifteen, and that no bit is unused.
const ALGORITHM: usize = 4 + 15 + 4 + 1;

/// A key in a line of `authorized_keys`.
fn openssh(exponent: &[u8], modulus: &[u8]) -> String {
    let mut blob = Vec::new();
    let mut put = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        blob.extend_from_slice(&length.to_be_bytes());
        blob.extend_from_slice(bytes);
    };
    put(b"ssh-rsa");
    // A positive number never begins with a bit that is set.
    put(exponent);
    put(&[&[0], modulus].concat());
    format!("ssh-rsa {}", STANDARD.encode(blob))
}

/// A public key in the forms in which it is at hand, each of which may be taken for a secret.
fn forms(key: &Key) -> Vec<Vec<u8>> {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let modulus = decode(&key.n);
    let components = RsaPublicKeyComponents {
        n: modulus.clone(),
        e: decode(&key.e),
    };
    let der: Result<PublicKeyX509Der<'static>, _> = components.as_der();
    let Ok(der) = der else {
        return vec![modulus];
    };
    let pem = crate::keys::pem("PUBLIC KEY", der.as_ref());
    let without_end = pem.trim_end().as_bytes().to_vec();
    let pkcs1 = crate::keys::pem(
        "RSA PUBLIC KEY",
        der.as_ref().get(ALGORITHM..).unwrap_or(&[]),
    );
    let behind_a_line_end = format!("\n{pem}").into_bytes();
    let of_other_line_ends = pem.replace('\n', "\r\n").into_bytes();
    let ssh = openssh(&decode(&key.e), &modulus);
    let mut forms = vec![
        pem.into_bytes(),
        without_end,
        behind_a_line_end,
        of_other_line_ends,
        STANDARD.encode(der.as_ref()).into_bytes(),
        ssh.into_bytes(),
        pkcs1.into_bytes(),
        der.as_ref().to_vec(),
        modulus,
        key.n.as_bytes().to_vec(),
    ];
    forms.extend(key.kid.clone().map(String::into_bytes));
    forms
}
