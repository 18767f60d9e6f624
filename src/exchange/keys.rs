//! Keys that sign what is sent: the suite's own, and the issuer's where the run was given it.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicEncryptingKey, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::CertificateParams;
use rustls::pki_types::PrivatePkcs8KeyDer;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::credential::{Algorithm, SecretOf};
use crate::openid::Key;

/// An RSA key that can sign.
pub struct SigningKey(KeyPair);

/// What the suite signs with that nobody trusts: made once, kept nowhere.
pub(super) struct OwnKeys {
    rsa: SigningKey,
    ec: EcdsaKeyPair,
}

/// None where the system gives no random numbers.
static OWN: LazyLock<Option<OwnKeys>> = LazyLock::new(|| {
    let rsa = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
    let rsa = SigningKey(rsa);
    Some(OwnKeys { rsa, ec })
});

/// The suite's own keys.
pub(super) fn own() -> Option<&'static OwnKeys> {
    OWN.as_ref()
}

/// The public half of the suite's own RSA key as a JSON Web Key, by the name that tokens call it.
#[must_use]
pub fn own_key() -> Option<Value> {
    Some(own()?.jwk("own"))
}

/// A certificate of the suite's own RSA key, signed by that key itself, in base64 as `x5c` has it
/// (RFC 7515 section 4.1.6).
pub(super) fn own_certificate() -> Option<String> {
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = own()?.rsa.0.as_der().ok()?;
    let der = PrivatePkcs8KeyDer::from(der.as_ref());
    let key = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).ok()?;
    let named = CertificateParams::new(vec!["keys.invalid".to_owned()]).ok()?;
    let certificate = named.self_signed(&key).ok()?;
    Some(STANDARD.encode(certificate.der()))
}

/// A new RSA key in PEM; none where the system gives no random numbers.
#[must_use]
pub fn new_private_key() -> Option<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().ok()?;
    Some(pem("PRIVATE KEY", der.as_ref()))
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}

impl SigningKey {
    /// The key of a PEM text: PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it, without the key.
    pub fn from_pem(text: &SecretString) -> Result<Self, String> {
        let none = || "it is no private RSA key in PEM".to_owned();
        let lines = text.expose_secret().lines().map(str::trim);
        let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(body).map_err(|_| none())?;
        let pair = KeyPair::from_pkcs8(&der).or_else(|_| KeyPair::from_der(&der));
        pair.map(Self).map_err(|_| none())
    }

    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let encoding: &'static dyn RsaEncoding = match algorithm {
            Algorithm::RS256 => &RSA_PKCS1_SHA256,
            Algorithm::RS384 => &RSA_PKCS1_SHA384,
            Algorithm::RS512 => &RSA_PKCS1_SHA512,
            Algorithm::PS256 => &RSA_PSS_SHA256,
            Algorithm::ES256 => return None,
        };
        let mut signature = vec![0; self.0.public_modulus_len()];
        let signed = self
            .0
            .sign(encoding, &SystemRandom::new(), message, &mut signature);
        signed.ok().map(|()| signature)
    }

    /// The signature of a message in base64url, where the key can make one.
    pub(super) fn signature(&self, algorithm: Algorithm, message: &str) -> Option<String> {
        let signature = self.sign(algorithm, message.as_bytes())?;
        Some(URL_SAFE_NO_PAD.encode(signature))
    }
}

impl OwnKeys {
    /// The signature of a message in base64url.
    pub(super) fn signature(&self, algorithm: Algorithm, message: &str) -> Option<String> {
        match algorithm {
            Algorithm::ES256 => {
                let signed = self.ec.sign(&SystemRandom::new(), message.as_bytes());
                Some(URL_SAFE_NO_PAD.encode(signed.ok()?.as_ref()))
            }
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 => {
                self.rsa.signature(algorithm, message)
            }
        }
    }

    /// The public half of the RSA key, as a JSON Web Key.
    pub(super) fn jwk(&self, kid: &str) -> Value {
        self.rsa.jwk(kid)
    }
}

impl SigningKey {
    /// The public half, as a JSON Web Key.
    pub(super) fn jwk(&self, kid: &str) -> Value {
        let public = self.0.public_key();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": kid,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

/// The hash of an HMAC (RFC 7518 section 3.2).
#[derive(Debug, Clone, Copy)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The one that an algorithm has; SHA-256, where it is no HMAC.
    pub(super) fn named(algorithm: Option<&str>) -> Self {
        match algorithm {
            Some("HS384") => Self::Sha384,
            Some("HS512") => Self::Sha512,
            _ => Self::Sha256,
        }
    }

    /// The name of its algorithm.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "HS256",
            Self::Sha384 => "HS384",
            Self::Sha512 => "HS512",
        }
    }
}

/// The HMAC of a message, in base64url.
pub(super) fn hmac(hash: Hash, secret: &[u8], message: &str) -> String {
    let algorithm = match hash {
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    let key = hmac::Key::new(algorithm, secret);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()))
}

/// The bytes of a published key that are taken for a secret; none where it has no such form.
pub(super) fn secret(of: &SecretOf, published: &Key) -> Option<Vec<u8>> {
    let der = der(published)?;
    match of {
        SecretOf::Text(_) | SecretOf::KeySet => None,
        SecretOf::PublicJwk => Some(published.text.clone().into_bytes()),
        SecretOf::PublicPem => Some(pem("PUBLIC KEY", &der).into_bytes()),
        SecretOf::PublicPemWithoutLineEnd => {
            let pem = pem("PUBLIC KEY", &der);
            Some(pem.trim_end().to_owned().into_bytes())
        }
        SecretOf::PublicPkcs1Pem => Some(pem("RSA PUBLIC KEY", pkcs1(&der)?).into_bytes()),
        SecretOf::PublicPemBehindALineEnd => {
            Some(format!("\n{}", pem("PUBLIC KEY", &der)).into_bytes())
        }
        SecretOf::PublicPemOfOtherLineEnds => {
            let pem = pem("PUBLIC KEY", &der);
            Some(pem.replace('\n', "\r\n").into_bytes())
        }
        SecretOf::PublicDer => Some(der),
        SecretOf::PublicDerInBase64 => Some(STANDARD.encode(&der).into_bytes()),
        SecretOf::PublicSsh => ssh(published).map(String::into_bytes),
        SecretOf::Modulus => URL_SAFE_NO_PAD.decode(published.n.as_ref()?).ok(),
        SecretOf::KeyId => Some(published.kid.clone()?.into_bytes()),
        SecretOf::ModulusAsPublished => Some(published.n.clone()?.into_bytes()),
    }
}

fn der(key: &Key) -> Option<Vec<u8>> {
    let decode = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
    let (n, e) = (decode(&key.n)?, decode(&key.e)?);
    let key: PublicEncryptingKey = PublicKeyComponents { n, e }.try_into().ok()?;
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.as_der().ok()?;
    Some(der.as_ref().to_vec())
}

/// The key inside of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7): what stands in the bit
/// string behind the parameters of the algorithm, which for RSA are NULL.
fn pkcs1(der: &[u8]) -> Option<&[u8]> {
    const NULL_AND_BIT_STRING: [u8; 3] = [0x05, 0x00, 0x03];
    let at = der
        .windows(NULL_AND_BIT_STRING.len())
        .position(|bytes| bytes == NULL_AND_BIT_STRING)?;
    let length = at + NULL_AND_BIT_STRING.len();
    // The long form of a length has the number of its bytes in the first one.
    let first = *der.get(length)?;
    let more = first.saturating_sub(0x80);
    let no_unused_bits = length + 1 + usize::from(more);
    der.get(no_unused_bits + 1..)
}

/// A key as OpenSSH writes it: the kind, the exponent and the modulus, each behind its length (RFC
/// 4253 section 6.6); a number whose first bit is set has a zero before it (RFC 4251 section 5).
fn ssh(key: &Key) -> Option<String> {
    const KIND: &str = "ssh-rsa";
    let number = |text: &Option<String>| {
        let bytes = URL_SAFE_NO_PAD.decode(text.as_ref()?).ok()?;
        let is_negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
        Some([vec![0; usize::from(is_negative)], bytes].concat())
    };
    let parts = [KIND.as_bytes().to_vec(), number(&key.e)?, number(&key.n)?];
    let mut written = Vec::new();
    for part in parts {
        written.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
        written.extend(part);
    }
    Some(format!("{KIND} {}", STANDARD.encode(written)))
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let body = lines.join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
