//! Signing keys: RSA, made when an authorization server is made.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use sha2::{Digest as _, Sha256};

/// An RSA key of 2048 bits that signs with RS256.
pub(crate) struct SigningKey {
    /// The RFC 7638 thumbprint of the key.
    pub(crate) kid: String,
    /// The modulus, base64url.
    pub(crate) n: String,
    /// The exponent, base64url.
    pub(crate) e: String,
    /// What `jsonwebtoken` signs with.
    pub(crate) encoding: EncodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
