//! Access and ID tokens, with exactly the claims of Okta's authorization servers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::claims;
use crate::fault::{Fault, TokenFault, TokenKind};
use crate::keys::{self, Digest, KeyError, SigningKey};
use crate::state::AppState;
use crate::state::grant::Grant;
use crate::state::org::random_token;

/// The type of access tokens that the org's own server issues, as recorded by okta/okta-sdk-python,
/// `test_dpop_api_request`.
const INTERNAL_TYPE: &str = "application/okta-internal-at+jwt";

/// How long an ID token lives, in seconds; no rule changes it.
const ID_TOKEN_LIFETIME_SECONDS: i64 = 3600;

/// What an ID token is issued with, and so hashes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Companions<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
}

/// An access token and what its answer and its revocation need to know.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) value: String,
    pub(crate) jti: String,
}

/// Everything tokens are made of, copied out of the org so that signing holds no lock.
pub(crate) struct Mint {
    grant: Grant,
    issuer: String,
    audience: String,
    org_id: String,
    subject: String,
    /// What the header says beside key and algorithm.
    token_type: Option<&'static str>,
    has_too_many_groups: bool,
    all_scopes: Vec<String>,
    access_claims: Map<String, Value>,
    thin_claims: Map<String, Value>,
    fat_claims: Map<String, Value>,
    key: Arc<SigningKey>,
    foreign: Option<Arc<SigningKey>>,
    fault: Option<Fault>,
    now: i64,
}

impl Mint {
    /// Gathers what the tokens of a grant are made of; nothing if an object of it is gone.
    pub(crate) async fn new(
        state: &AppState,
        grant: Grant,
        fault: Option<Fault>,
    ) -> Result<Option<Self>, KeyError> {
        let is_foreign = |kind| {
            fault.and_then(|fault| fault.in_token(kind)) == Some(TokenFault::ForeignSignature)
        };
        let foreign = if is_foreign(TokenKind::Access) || is_foreign(TokenKind::Id) {
            Some(keys::foreign().await?)
        } else {
            None
        };
        Ok(Self::gather(state, grant, foreign, fault))
    }

    fn gather(
        state: &AppState,
        grant: Grant,
        foreign: Option<Arc<SigningKey>>,
        fault: Option<Fault>,
    ) -> Option<Self> {
        let org = state.org();
        let server = org.server(&grant.server_id)?;
        let user = match grant.user_id() {
            Some(id) => Some(org.users.get(id)?),
            None => None,
        };
        let context = claims::Context {
            org: &org,
            server,
            user,
            grant: &grant,
            fault,
        };
        Some(Self {
            issuer: grant.issuer.clone(),
            audience: server.audiences.first().cloned().unwrap_or_default(),
            org_id: org.id.clone(),
            subject: subject(&context),
            token_type: server.is_of_org().then_some(INTERNAL_TYPE),
            has_too_many_groups: context.has_too_many_groups(),
            all_scopes: server
                .scopes
                .values()
                .map(|scope| scope.name.clone())
                .collect(),
            access_claims: context.of_access_token(),
            thin_claims: context.of_id_token(claims::Breadth::Thin),
            fat_claims: context.of_id_token(claims::Breadth::Fat),
            key: Arc::clone(server.active_key()?),
            foreign,
            fault,
            now: state.now(),
            grant,
        })
    }

    /// Whether a claim of groups has more of them than Okta sends through a browser.
    pub(crate) fn has_too_many_groups(&self) -> bool {
        self.has_too_many_groups
    }

    /// An access token of the grant.
    pub(crate) fn access_token(&self) -> Result<AccessToken, KeyError> {
        let grant = &self.grant;
        let jti = format!("AT.{}", random_token());
        let own = json!({
            "ver": 1,
            "jti": jti,
            "iss": self.issuer,
            "aud": self.audience,
            "iat": self.now,
            "exp": self.now + grant.lifetimes.access_token,
            "cid": grant.client_id,
            "scp": self.scopes(),
            "sub": self.subject,
        });
        let mut claims = merged(&self.access_claims, own);
        if let Some(session) = &grant.session {
            claims.insert("uid".to_owned(), session.user_id.clone().into());
            claims.insert("auth_time".to_owned(), session.auth_time.into());
        }
        let value = match self.fault {
            Some(Fault::AccessTokenOpaque) => random_token(),
            _ => self.sign(TokenKind::Access, claims)?,
        };
        Ok(AccessToken { value, jti })
    }

    /// An ID token of the grant; fat when no access token could fetch the rest.
    pub(crate) fn id_token(&self, companions: Companions<'_>) -> Result<String, KeyError> {
        let grant = &self.grant;
        let own = json!({
            "sub": grant.user_id(),
            "ver": 1,
            "iss": self.issuer,
            "aud": grant.client_id,
            "iat": self.now,
            "exp": self.now + ID_TOKEN_LIFETIME_SECONDS,
            "jti": format!("ID.{}", random_token()),
            "amr": ["pwd"],
            "idp": self.org_id,
            "auth_time": grant.session.as_ref().map(|session| session.auth_time),
        });
        let is_fat = companions.access_token.is_none() && companions.code.is_none();
        let about_user = if is_fat {
            &self.fat_claims
        } else {
            &self.thin_claims
        };
        let mut claims = merged(about_user, own);
        let optional = [
            ("nonce", grant.nonce.clone()),
            ("at_hash", companions.access_token.map(half_hash)),
            ("c_hash", companions.code.map(half_hash)),
        ];
        for (claim, value) in optional {
            if let Some(value) = value {
                claims.insert(claim.to_owned(), value.into());
            }
        }
        self.sign(TokenKind::Id, claims)
    }

    fn scopes(&self) -> Vec<String> {
        match self.fault {
            Some(Fault::ScopesAddsAll) => self.all_scopes.clone(),
            Some(Fault::ScopesReordered) => self.grant.scopes.iter().rev().cloned().collect(),
            _ => self.grant.scopes.clone(),
        }
    }

    fn sign(&self, kind: TokenKind, mut claims: Map<String, Value>) -> Result<String, KeyError> {
        if self.fault == Some(Fault::ClaimsExtra) {
            claims.insert("sandbox_extra".to_owned(), "harmless".into());
        }
        let fault = self.fault.and_then(|fault| fault.in_token(kind));
        if let Some(fault) = fault {
            change(&mut claims, fault);
        }
        let (algorithm, digest) = match fault {
            Some(TokenFault::AlgorithmNone) => ("none", None),
            Some(TokenFault::AlgorithmOther) => ("RS512", Some(Digest::Sha512)),
            _ => ("RS256", Some(Digest::Sha256)),
        };
        let key_id = match fault {
            Some(TokenFault::KeyIdUnknown) => random_token(),
            _ => self.key.kid.clone(),
        };
        let key = match (&self.foreign, fault) {
            (Some(foreign), Some(TokenFault::ForeignSignature)) => foreign,
            _ => &self.key,
        };
        let mut header = json!({"kid": key_id, "alg": algorithm});
        if let Some(token_type) = self.token_type.filter(|_| kind == TokenKind::Access) {
            header["typ"] = token_type.into();
        }
        if self.fault == Some(Fault::TokenTypeHeader) {
            header["typ"] = "JWT".into();
        }
        if let Some(fault) = fault {
            change_header(&mut header, kind, fault);
        }
        let mut payload = Value::from(claims).to_string();
        if fault == Some(TokenFault::Repeated) {
            payload.insert_str(1, r#""iss":"https://other.example.com/oauth2/other","#);
        }
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let message = format!("{}.{payload}", segment(&header));
        let signature = match digest {
            Some(digest) => URL_SAFE_NO_PAD.encode(key.sign(digest, message.as_bytes())?),
            None => String::new(),
        };
        Ok(format!("{message}.{signature}"))
    }
}

/// The left half of the SHA-256 of a token or code (OpenID Connect Core section 3.2.2.9).
fn half_hash(value: &str) -> String {
    let hash = Sha256::digest(value);
    let (left, _) = hash.split_at(hash.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

/// The `sub` of access tokens comes from an editable claim; by default it is the app user name, and
/// the client's id where the client acts for itself.
fn subject(context: &claims::Context<'_>) -> String {
    let claims::Context {
        org, user, grant, ..
    } = context;
    context.edited_subject().unwrap_or_else(|| {
        let Some(user) = user else {
            return grant.client_id.clone();
        };
        let application = org.applications.get(&grant.client_id);
        let direct = application.and_then(|application| application.users.get(&user.id));
        let name = direct.map(|assigned| assigned.user_name.as_str());
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| user.login())
            .to_owned()
    })
}

fn merged(base: &Map<String, Value>, own: Value) -> Map<String, Value> {
    let mut claims = base.clone();
    if let Value::Object(own) = own {
        claims.extend(own);
    }
    claims
}

fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn change_header(header: &mut Value, kind: TokenKind, fault: TokenFault) {
    match fault {
        TokenFault::TypeOther => {
            header["typ"] = match kind {
                TokenKind::Access => "logout+jwt".into(),
                TokenKind::Id => "at+jwt".into(),
            };
        }
        TokenFault::Header(member) => {
            header[member] = match member {
                "b64" => true.into(),
                "crit" => json!(["exp"]),
                "jwk" => json!({"kty": "RSA"}),
                "x5c" => json!(["MA=="]),
                "zip" => "DEF".into(),
                _ => "https://other.example.com/keys".into(),
            };
        }
        _ => {}
    }
}

fn change(claims: &mut Map<String, Value>, fault: TokenFault) {
    let add = |claims: &mut Map<String, Value>, name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    match fault {
        TokenFault::Missing(claim) => {
            claims.remove(claim);
        }
        TokenFault::Other(name) => {
            if let Some(value) = claims.get_mut(name) {
                *value = other(name, value);
            }
        }
        TokenFault::AudienceArray => {
            if let Some(audience) = claims.get_mut("aud") {
                *audience = json!([audience.take()]);
            }
        }
        TokenFault::AuthorizedPartyOther => add(claims, "azp", "other".into()),
        TokenFault::Expired => {
            let issued = claims.get("iat").and_then(Value::as_i64);
            add(claims, "exp", json!(issued.unwrap_or_default() - 3_600));
        }
        TokenFault::Long => add(claims, "padding", "x".repeat(9_000).into()),
        TokenFault::Personal => {
            add(claims, "given_name", "Ada".into());
            add(claims, "email", "ada@example.com".into());
        }
        TokenFault::Password => add(claims, "userPassword", "other".into()),
        TokenFault::ForeignSignature
        | TokenFault::AlgorithmNone
        | TokenFault::AlgorithmOther
        | TokenFault::KeyIdUnknown
        | TokenFault::Header(_)
        | TokenFault::TypeOther
        | TokenFault::Repeated => {}
    }
}

/// A wrong value of the right type.
fn other(claim: &str, value: &Value) -> Value {
    const HOUR: i64 = 3600;
    let seconds = value.as_i64().unwrap_or_default();
    match claim {
        "ver" => json!(2),
        "iat" | "exp" => json!(seconds + HOUR),
        "auth_time" => json!(seconds - 24 * HOUR),
        "iss" => json!("https://other.example.com/oauth2/other"),
        "aud" => json!("https://other.example.com"),
        "scp" => json!(["other"]),
        "amr" => json!(["otp"]),
        "at_hash" | "c_hash" => json!(half_hash("other")),
        _ => json!("other"),
    }
}
