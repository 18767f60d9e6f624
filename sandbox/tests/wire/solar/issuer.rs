//! A small issuer with a key of its own, and the tokens it signs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaSignatureEncoding};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use okta_sandbox::SolarSystem;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

pub(crate) const AUDIENCE: &str = "http://api.example.com";
pub(crate) const SILVER: &str = "http://myapp.com/scp/silver";
pub(crate) const GOLD: &str = "http://myapp.com/scp/gold";

const PKCS_8_HEAD: usize = 26;

/// Made once: making a key takes a tenth of a second.
static GOOD: LazyLock<Key> = LazyLock::new(|| Key::generate("good"));
static FOREIGN: LazyLock<Key> = LazyLock::new(|| Key::generate("foreign"));

/// An issuer and the API that trusts it.
pub(crate) struct World {
    pub(crate) issuer: String,
    pub(crate) solar: SolarSystem,
    state: Arc<Issuer>,
}

struct Issuer {
    url: String,
    /// Where the keys are said to be.
    jwks_uri: String,
    /// How often the keys were fetched.
    fetches: AtomicUsize,
    /// How often keys were fetched that are not the issuer's.
    foreign_fetches: AtomicUsize,
    /// What the issuer publishes; nothing where it does not answer.
    published: Mutex<Option<Vec<Value>>>,
    /// Whether it never answers.
    hangs: AtomicBool,
}

struct Key {
    signing: EncodingKey,
    pair: KeyPair,
    public: Value,
}

/// What a forged token is signed with.
#[derive(Clone)]
pub(crate) enum Signer {
    /// The issuer's key, by the algorithm.
    Good(&'static RsaSignatureEncoding),
    /// A key that is not the issuer's.
    Foreign,
    /// A secret.
    Secret(Vec<u8>),
    /// This text.
    Text(String),
    /// Nothing, and no dot either.
    Nothing,
}

impl Key {
    fn generate(kid: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public = json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        });
        let der = pair.as_der().unwrap();
        // The library wants PKCS#1, which PKCS#8 wraps in a head of this length.
        let signing = EncodingKey::from_rsa_der(&der.as_ref()[PKCS_8_HEAD..]);
        Self {
            signing,
            pair,
            public,
        }
    }
}

impl Key {
    fn signature(&self, encoding: &'static RsaSignatureEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair
            .sign(encoding, &random, message, &mut signature)
            .unwrap();
        signature
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::naming_keys(None).await
    }

    /// An issuer that says its keys are elsewhere.
    pub(crate) async fn naming_keys(jwks_uri: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let jwks_uri = jwks_uri.map_or_else(|| format!("http://{address}/keys"), str::to_owned);
        let issuer = format!("http://{address}/oauth2/aus1");
        let state = Arc::new(Issuer {
            url: issuer.clone(),
            jwks_uri,
            fetches: AtomicUsize::new(0),
            foreign_fetches: AtomicUsize::new(0),
            published: Mutex::new(Some(vec![GOOD.public.clone()])),
            hangs: AtomicBool::new(false),
        });
        let router = Router::new()
            .route(
                "/oauth2/aus1/.well-known/openid-configuration",
                get(metadata),
            )
            .route("/keys", get(keys))
            .route("/foreign/keys", get(foreign_keys))
            .route(
                "/foreign/.well-known/openid-configuration",
                get(foreign_metadata),
            )
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let solar = SolarSystem::start(&issuer, AUDIENCE).await.unwrap();
        Self {
            issuer,
            solar,
            state,
        }
    }

    /// The claims of a good access token with the scopes.
    pub(crate) fn access_claims(&self, scopes: &[&str]) -> Value {
        json!({
            "ver": 1, "jti": "AT.1", "iss": self.issuer, "aud": AUDIENCE,
            "iat": get_current_timestamp(), "exp": get_current_timestamp() + 3600,
            "cid": "0oa1", "uid": "00u1", "scp": scopes, "sub": "silver@example.com",
        })
    }

    /// The claims of a good ID token, which is for the client.
    pub(crate) fn id_claims(&self) -> Value {
        json!({
            "ver": 1, "jti": "ID.1", "iss": self.issuer, "aud": "0oa1",
            "iat": get_current_timestamp(), "exp": get_current_timestamp() + 3600,
            "sub": "00u1", "amr": ["pwd"], "nonce": "n",
        })
    }

    pub(crate) fn access_token(&self, scopes: &[&str]) -> String {
        sign(&self.access_claims(scopes))
    }

    pub(crate) fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::Relaxed)
    }

    pub(crate) fn foreign_fetches(&self) -> usize {
        self.state.foreign_fetches.load(Ordering::Relaxed)
    }

    /// Lets the issuer publish these keys, or answer with an error.
    pub(crate) fn publish(&self, keys: Option<Vec<Value>>) {
        *self.state.published.lock().unwrap() = keys;
    }

    /// Lets the issuer answer nobody any more who asks for keys.
    pub(crate) fn hang(&self) {
        self.state.hangs.store(true, Ordering::Relaxed);
    }

    /// An issuer of somebody else, who has keys too.
    pub(crate) fn foreign_issuer(&self) -> String {
        self.issuer.replace("/oauth2/aus1", "/foreign")
    }

    /// Status, challenge and body of a call.
    pub(crate) async fn call(&self, path: &str, token: Option<&str>) -> (u16, String, Value) {
        let client = crate::browser::client();
        let mut request = client.get(format!("{}{path}", self.solar.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let challenge = response.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        (status, challenge.unwrap_or_default(), body)
    }

    /// Only the status.
    pub(crate) async fn status(&self, path: &str, token: Option<&str>) -> u16 {
        self.call(path, token).await.0
    }
}

/// The header that the issuer's tokens have.
pub(crate) fn header() -> Value {
    json!({"alg": "RS256", "kid": "good"})
}

/// A token of these texts, whatever they are.
pub(crate) fn forge_text(header: &[u8], payload: &[u8], signer: &Signer) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", encode(header), encode(payload));
    let bytes = message.as_bytes();
    let signature = match signer {
        Signer::Good(encoding) => encode(&GOOD.signature(encoding, bytes)),
        Signer::Foreign => encode(&FOREIGN.signature(&RSA_PKCS1_SHA256, bytes)),
        Signer::Secret(secret) => {
            let is_longer = String::from_utf8_lossy(header).contains("HS512");
            let hash = if is_longer {
                hmac::HMAC_SHA512
            } else {
                hmac::HMAC_SHA256
            };
            let key = hmac::Key::new(hash, secret);
            encode(hmac::sign(&key, bytes).as_ref())
        }
        Signer::Text(text) => text.clone(),
        Signer::Nothing => return message,
    };
    format!("{message}.{signature}")
}

/// A token with this header and these claims.
pub(crate) fn forge(header: &Value, claims: &Value, signer: &Signer) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    forge_text(header.as_bytes(), claims.as_bytes(), signer)
}

/// The issuer's signature of a text.
pub(crate) fn signature(message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(GOOD.signature(&RSA_PKCS1_SHA256, message))
}

/// A certificate of the key that is not the issuer's, signed by that key, as `x5c` has it.
pub(crate) fn foreign_certificate() -> String {
    let der = FOREIGN.pair.as_der().unwrap();
    let der = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(
        &PrivatePkcs8KeyDer::from(der.as_ref()),
        &rcgen::PKCS_RSA_SHA256,
    );
    let named = rcgen::CertificateParams::new(vec!["keys.invalid".to_owned()]).unwrap();
    let certificate = named.self_signed(&der.unwrap()).unwrap();
    STANDARD.encode(certificate.der())
}

/// The issuer's public key, and one that is not the issuer's, as key sets have them.
pub(crate) fn public_keys() -> (Value, Value) {
    (GOOD.public.clone(), FOREIGN.public.clone())
}

/// Signs with the issuer's key.
pub(crate) fn sign(claims: &Value) -> String {
    sign_as("good", Algorithm::RS256, claims)
}

/// Signs with the issuer's key, under any id and by any algorithm.
pub(crate) fn sign_as(kid: &str, algorithm: Algorithm, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &GOOD.signing).unwrap()
}

/// Signs with a key that is not the issuer's, under the id of the issuer's.
pub(crate) fn sign_foreign(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("good".to_owned());
    encode(&header, claims, &FOREIGN.signing).unwrap()
}

async fn metadata(State(state): State<Arc<Issuer>>) -> Json<Value> {
    Json(json!({"issuer": state.url, "jwks_uri": state.jwks_uri}))
}

async fn keys(State(state): State<Arc<Issuer>>) -> Result<Json<Value>, StatusCode> {
    state.fetches.fetch_add(1, Ordering::Relaxed);
    if state.hangs.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    let published = state.published.lock().unwrap().clone();
    let published = published.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({ "keys": published })))
}

async fn foreign_metadata(State(state): State<Arc<Issuer>>) -> Json<Value> {
    let issuer = state.url.replace("/oauth2/aus1", "/foreign");
    Json(json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")}))
}

async fn foreign_keys(State(state): State<Arc<Issuer>>) -> Json<Value> {
    state.foreign_fetches.fetch_add(1, Ordering::Relaxed);
    Json(json!({"keys": [FOREIGN.public]}))
}
