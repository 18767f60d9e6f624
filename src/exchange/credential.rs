//! A credential as data: what it is made of, what is changed in it, and where it is put.

use serde::Deserialize;
use serde_json::Value;

/// A credential, and how it is made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What it is made of.
    pub token: TokenOf,
    /// What is changed, in this order.
    #[serde(default)]
    pub recipe: Vec<Change>,
    /// Where it is put.
    #[serde(default)]
    pub put: Put,
}

/// What a credential is made of.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenOf {
    /// The access token of the authorization.
    Access,
    /// Its ID token.
    Id,
    /// This text.
    Text(String),
}

/// One change to a token. Texts in it are templates.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// A member of the header.
    SetHeader {
        /// Its name.
        name: String,
        /// What it is from now on.
        value: Value,
    },
    /// A member of the header that is not there any more.
    RemoveHeader(String),
    /// The whole header, as a text.
    HeaderText(String),
    /// A claim of the payload.
    SetClaim {
        /// Its name.
        name: String,
        /// What it is from now on.
        value: Value,
    },
    /// A claim that is not there any more.
    RemoveClaim(String),
    /// The whole payload, as a text.
    PayloadText(String),
    /// The whole payload, as bytes.
    PayloadBytes(Vec<u8>),
    /// Another signature than the one that the token came with.
    Sign(SignedBy),
    /// How the segments are put together; nothing else: with dots between them.
    Assemble(String),
}

/// What makes the signature of a token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedBy {
    /// Nothing: the segment is empty.
    Nothing,
    /// This text.
    Text(String),
    /// What it was, with its first byte another.
    FirstByteFlipped,
    /// What it was, with its last byte another.
    LastByteFlipped,
    /// A key that the suite has made itself.
    Own(Algorithm),
    /// The key that the issuer signs with.
    Trusted(Algorithm),
    /// HS256, or HS384 or HS512 where the header names that, with a secret that everybody knows.
    Secret(SecretOf),
}

/// Algorithms of RFC 7518 section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// `RSASSA-PKCS1-v1_5` with SHA-256.
    RS256,
    /// `RSASSA-PKCS1-v1_5` with SHA-384.
    RS384,
    /// `RSASSA-PKCS1-v1_5` with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
}

/// What is taken for a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretOf {
    /// The public key in PEM.
    PublicPem,
    /// The same without the last line end.
    PublicPemWithoutLineEnd,
    /// The public key in PEM, with a line end before it: what a pattern of PEM begins behind.
    PublicPemBehindALineEnd,
    /// The public key in PEM, its lines ended as Windows ends them.
    PublicPemOfOtherLineEnds,
    /// The public key in DER.
    PublicDer,
    /// The same in base64, on one line, as settings have it.
    PublicDerInBase64,
    /// The public key as OpenSSH writes it (RFC 4253 section 6.6).
    PublicSsh,
    /// The public key in PEM, as PKCS#1 has it.
    PublicPkcs1Pem,
    /// Its modulus.
    Modulus,
    /// Its modulus as the key set has it, in base64url.
    ModulusAsPublished,
    /// What the key set calls it.
    KeyId,
    /// The public key as JSON, as it stands in the key set.
    PublicJwk,
    /// The key set, as it is served.
    KeySet,
    /// This text, which is a template.
    Text(String),
}

/// Where a credential is put.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Put {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    #[default]
    Header,
    /// `access_token` in the query of the URL (RFC 6750 section 2.3).
    Query,
    /// Where the request has `{token}`.
    AsWritten,
}

/// What of a credential is wrong, by which a check keeps it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// No token of anybody's.
    NoToken,
    /// An ID token, as it is.
    IdToken,
    /// Who issued it: the claim `iss`.
    Issuer,
    /// Whom it is for: the claim `aud`.
    Audience,
    /// When it is good: `exp` and `nbf`.
    Time,
    /// What it may: the scopes, in whichever claim.
    Scopes,
    /// The algorithm.
    Algorithm,
    /// Where its key is.
    KeyAddress,
    /// What its key is called.
    KeyId,
    /// What else stands in the header.
    Header,
    /// How its segments are written.
    Form,
    /// What is under the signature, or the signature.
    Signature,
}

/// Members of the header that bring a key along, or say where one is (RFC 7515 section 4.1).
const KEY_ADDRESSES: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

impl TokenOf {
    /// Whether it is a token that an authorization gave.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        match self {
            Self::Access | Self::Id => true,
            Self::Text(_) => false,
        }
    }
}

/// What of a token a change is of.
enum Place<'a> {
    /// A member of the header.
    Header(&'a str),
    /// The header as a whole.
    WholeHeader,
    /// A claim.
    Claim(&'a str),
    /// The payload as a whole.
    Payload,
    /// The signature.
    Signature,
    /// How the segments stand together.
    Form,
}

/// The claims of the scopes, as Okta and RFC 9068 call them.
const OF_SCOPES: [&str; 2] = ["scp", "scope"];

impl Change {
    fn place(&self) -> Place<'_> {
        match self {
            Self::SetHeader { name, .. } | Self::RemoveHeader(name) => Place::Header(name),
            Self::HeaderText(_) => Place::WholeHeader,
            Self::SetClaim { name, .. } | Self::RemoveClaim(name) => Place::Claim(name),
            Self::PayloadText(_) | Self::PayloadBytes(_) => Place::Payload,
            Self::Sign(_) => Place::Signature,
            Self::Assemble(_) => Place::Form,
        }
    }

    /// Whether it changes what the token says.
    pub(super) fn is_of_claims(&self) -> bool {
        matches!(self.place(), Place::Claim(_) | Place::Payload)
    }

    /// Whether it changes a claim of the scopes.
    pub(super) fn is_of_scopes(&self) -> bool {
        self.claim().is_some_and(|claim| OF_SCOPES.contains(&claim))
    }

    fn header(&self) -> Option<&str> {
        match self.place() {
            Place::Header(name) => Some(name),
            Place::WholeHeader
            | Place::Claim(_)
            | Place::Payload
            | Place::Signature
            | Place::Form => None,
        }
    }

    fn claim(&self) -> Option<&str> {
        match self.place() {
            Place::Claim(name) => Some(name),
            Place::Header(_)
            | Place::WholeHeader
            | Place::Payload
            | Place::Signature
            | Place::Form => None,
        }
    }
}

impl Credential {
    /// What of it is wrong; none: it is an access token as it is.
    #[must_use]
    pub fn lie(&self) -> Option<Lie> {
        match (&self.token, self.recipe.is_empty()) {
            (TokenOf::Text(_), _) => Some(Lie::NoToken),
            (TokenOf::Id, true) => Some(Lie::IdToken),
            (TokenOf::Access, true) => None,
            (TokenOf::Access | TokenOf::Id, false) if self.is_signed_by_the_issuer() => {
                Some(self.lie_of_the_issuer())
            }
            (TokenOf::Access | TokenOf::Id, false) => Some(self.lie_of_a_stranger()),
        }
    }

    /// The signature is right: what is under it is not.
    fn lie_of_the_issuer(&self) -> Lie {
        let claims: Vec<&str> = self.recipe.iter().filter_map(Change::claim).collect();
        let changes = |names: &[&str]| claims.iter().any(|claim| names.contains(claim));
        if changes(&["iss"]) {
            Lie::Issuer
        } else if changes(&["aud"]) {
            Lie::Audience
        } else if changes(&["exp", "nbf"]) {
            Lie::Time
        } else if claims.is_empty() {
            self.lie_of_the_header().unwrap_or(Lie::Algorithm)
        } else {
            Lie::Scopes
        }
    }

    /// The signature is not the issuer's: what is to let it in nevertheless.
    fn lie_of_a_stranger(&self) -> Lie {
        let mut claims = self.recipe.iter().filter_map(Change::claim);
        let names_own_issuer = claims.any(|claim| claim == "iss");
        let is_form = |change: &Change| matches!(change, Change::Assemble(_));
        let is_by_secret = |change: &Change| matches!(change, Change::Sign(SignedBy::Secret(_)));
        let by_header = || match self.lie_of_the_header() {
            Some(Lie::Header) | None => None,
            lie => lie,
        };
        if self.recipe.iter().all(is_form) {
            Lie::Form
        } else if names_own_issuer {
            Lie::KeyAddress
        } else if let Some(lie) = by_header() {
            lie
        } else if self.recipe.iter().any(is_by_secret) {
            Lie::Algorithm
        } else {
            Lie::Signature
        }
    }

    fn lie_of_the_header(&self) -> Option<Lie> {
        let headers: Vec<&str> = self.recipe.iter().filter_map(Change::header).collect();
        if headers.iter().any(|name| KEY_ADDRESSES.contains(name)) {
            Some(Lie::KeyAddress)
        } else if headers.contains(&"alg") {
            Some(Lie::Algorithm)
        } else if headers.contains(&"kid") {
            Some(Lie::KeyId)
        } else {
            (!headers.is_empty()).then_some(Lie::Header)
        }
    }

    /// Whether it takes the keys of the issuer to make it.
    #[must_use]
    pub fn reads_keys(&self) -> bool {
        self.recipe.iter().any(|change| match change {
            Change::Sign(SignedBy::Secret(secret)) => !matches!(secret, SecretOf::Text(_)),
            Change::SetHeader { .. }
            | Change::RemoveHeader(_)
            | Change::HeaderText(_)
            | Change::SetClaim { .. }
            | Change::RemoveClaim(_)
            | Change::PayloadText(_)
            | Change::PayloadBytes(_)
            | Change::Sign(_)
            | Change::Assemble(_) => false,
        })
    }

    /// Whether the scopes of the token are changed.
    #[must_use]
    pub fn changes_scopes(&self) -> bool {
        self.recipe.iter().any(|change| match change {
            Change::SetClaim { name, .. } | Change::RemoveClaim(name) => name == "scp",
            Change::SetHeader { .. }
            | Change::RemoveHeader(_)
            | Change::HeaderText(_)
            | Change::PayloadText(_)
            | Change::PayloadBytes(_)
            | Change::Sign(_)
            | Change::Assemble(_) => false,
        })
    }

    /// Whether it takes the key that the issuer signs with.
    #[must_use]
    pub fn is_signed_by_the_issuer(&self) -> bool {
        let trusted = |change: &Change| matches!(change, Change::Sign(SignedBy::Trusted(_)));
        self.recipe.iter().any(trusted)
    }
}
