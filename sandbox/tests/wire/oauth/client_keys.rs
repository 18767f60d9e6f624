//! Clients that authenticate by a JWT. Texts are those of Okta's error catalogue,
//! `client_assertion_…`.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::world::{REDIRECT_URI, World};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key of a client, and its public half.
struct Key {
    private: EncodingKey,
    public: Value,
}

fn key(kid: &str) -> Key {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let document = document.unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref());
    let pair = pair.unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let encode = |half: &[u8]| URL_SAFE_NO_PAD.encode(half);
    Key {
        private: EncodingKey::from_ec_der(document.as_ref()),
        public: json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid,
            "x": encode(x), "y": encode(y),
        }),
    }
}

/// The claims of a good assertion for an endpoint, with changes; null takes a claim out.
fn assertion_claims(world: &World, endpoint: &str, changes: &Value) -> Value {
    let now = jiff::Timestamp::now().as_second();
    let mut claims = json!({
        "iss": world.org.client_id,
        "sub": world.org.client_id,
        "aud": world.endpoint(endpoint),
        "exp": now + 300,
        "iat": now,
        "jti": format!("{now}-{endpoint}"),
    });
    for (name, value) in changes.as_object().unwrap() {
        let value = match value.as_str() {
            Some("past") => json!(now - 10),
            Some("far") => json!(now + 7200),
            Some("soon") => json!(now + 120),
            _ => value.clone(),
        };
        claims[name] = value;
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

fn signed(key: &Key, kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &key.private).unwrap()
}

async fn by_key(keys: &[Value]) -> World {
    let world = World::new().await;
    let method = json!({"token_endpoint_auth_method": "private_key_jwt"});
    world.change_client("credentials", &method).await;
    let keys = json!({"jwks": {"keys": keys}});
    world.change_client("settings", &keys).await;
    world
}

async fn redeem(world: &World, assertion: &str, kind: &str) -> Page {
    let code = world.code(&[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ];
    Browser::new()
        .post_form(&world.endpoint("token"), &form)
        .await
}

#[tokio::test]
async fn a_client_with_a_key_redeems_a_code_and_introspects() {
    let own = key("own");
    let world = by_key(std::slice::from_ref(&own.public)).await;
    let assertion = signed(
        &own,
        Some("own"),
        &assertion_claims(&world, "token", &json!({})),
    );
    let answer = redeem(&world, &assertion, TYPE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let claims = assertion_claims(&world, "introspect", &json!({}));
    let assertion = signed(&own, None, &claims);
    let form = [
        ("token", token.as_str()),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    let mut browser = Browser::new();
    let introspected = browser
        .post_form(&world.endpoint("introspect"), &form)
        .await;
    assert_eq!(introspected.json()["active"], true);
    let again = redeem(&world, &assertion, TYPE).await;
    assert_eq!(again.status, 401, "it is meant for another endpoint");
}

#[rstest]
#[case::another_issuer(
    json!({"iss": "0oaother"}),
    "Invalid value for 'client_id' parameter."
)]
#[case::another_subject(
    json!({"sub": "0oaother"}),
    "The subject claim for client_assertion is not a valid client_id."
)]
#[case::another_audience(
    json!({"aud": "https://other.example.com"}),
    "The audience claim for client_assertion must be the endpoint invoked for the request."
)]
#[case::without_an_end(
    json!({"exp": null}),
    "The client_assertion must contain the 'exp' claim as seconds since epoch."
)]
#[case::ended(json!({"exp": "past"}), "The client_assertion token is expired.")]
#[case::too_long(
    json!({"exp": "far"}),
    "The client_assertion token has an expiration too far into the future."
)]
#[case::issued_later(
    json!({"iat": "soon"}),
    "The client_assertion token must be issued before the current time."
)]
#[tokio::test]
async fn an_assertion_that_is_wrong_is_refused(#[case] changes: Value, #[case] text: &str) {
    let own = key("own");
    let world = by_key(std::slice::from_ref(&own.public)).await;
    let assertion = signed(
        &own,
        Some("own"),
        &assertion_claims(&world, "token", &changes),
    );
    let refused = redeem(&world, &assertion, TYPE).await;
    assert_eq!(refused.status, 401);
    let expected = json!({"error": "invalid_client", "error_description": text});
    assert_eq!(refused.json(), expected);
}

#[tokio::test]
async fn an_assertion_counts_once_and_by_the_clients_own_key_alone() {
    let (own, foreign) = (key("own"), key("foreign"));
    let world = by_key(std::slice::from_ref(&own.public)).await;
    let claims = assertion_claims(&world, "token", &json!({}));
    let text = async |assertion: &str, kind: &str| {
        let refused = redeem(&world, assertion, kind).await;
        refused.json()["error_description"]
            .as_str()
            .map(str::to_owned)
    };
    let by_foreign = signed(&foreign, Some("own"), &claims);
    let signature = "The client_assertion signature is invalid.";
    assert_eq!(text(&by_foreign, TYPE).await.as_deref(), Some(signature));
    let unknown = signed(&own, Some("unknown"), &claims);
    let kid = "The client_assertion JWT kid is invalid.";
    assert_eq!(text(&unknown, TYPE).await.as_deref(), Some(kid));
    let other_type = "The client_assertion_type is invalid.";
    let good = signed(&own, Some("own"), &claims);
    assert_eq!(text(&good, "other").await.as_deref(), Some(other_type));
    let unreadable = "The parsing of the client_assertion failed.";
    assert_eq!(text("no.jwt", TYPE).await.as_deref(), Some(unreadable));
    assert_eq!(text(&good, TYPE).await, None, "it is good");
    let used = "The client_assertion token has already been used.";
    assert_eq!(text(&good, TYPE).await.as_deref(), Some(used));
}

/// Okta's error catalogue, `invalid_token_endpoint_auth_method`: a secret is no key, and the other
/// way round.
#[tokio::test]
async fn each_client_authenticates_by_its_own_method() {
    let own = key("own");
    let world = by_key(std::slice::from_ref(&own.public)).await;
    let code = world.code(&[]).await;
    let text =
        "Client authentication failed. Either the client or the client credentials are invalid.";
    let expected = json!({"error": "invalid_client", "error_description": text});
    let by_secret = world.redeem(&code, &[]).await;
    assert_eq!(
        (by_secret.status.as_u16(), by_secret.json()),
        (401, expected.clone())
    );
    let method = json!({"token_endpoint_auth_method": "client_secret_post"});
    world.change_client("credentials", &method).await;
    let assertion = signed(
        &own,
        Some("own"),
        &assertion_claims(&world, "token", &json!({})),
    );
    let by_key = redeem(&world, &assertion, TYPE).await;
    assert_eq!((by_key.status.as_u16(), by_key.json()), (401, expected));
}

/// okta/okta-developer-docs, `docs/reference/api/oidc`, "JWT With Shared Key".
#[tokio::test]
async fn a_client_with_a_shared_key_signs_with_its_secret() {
    let world = World::new().await;
    let method = json!({"token_endpoint_auth_method": "client_secret_jwt"});
    world.change_client("credentials", &method).await;
    let sign = |secret: &str, id: &str| {
        let claims = assertion_claims(&world, "token", &json!({"jti": id}));
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
    };
    let good = sign(&world.org.client_secret, "good");
    assert_eq!(redeem(&world, &good, TYPE).await.status, 200);
    let refused = redeem(&world, &sign("other", "bad"), TYPE).await;
    assert_eq!(refused.status, 401);
    let keyless = by_key(&[]).await;
    let own = key("own");
    let claims = assertion_claims(&keyless, "token", &json!({}));
    let refused = redeem(&keyless, &signed(&own, None, &claims), TYPE).await;
    let text =
        "The client does not have a JWKSet configured, but the client_assertion requires one.";
    assert_eq!(refused.json()["error_description"], text);
}

#[tokio::test]
async fn a_fault_takes_any_key() {
    let (own, other) = (key("own"), key("other"));
    let world = by_key(&[own.public]).await;
    world
        .sandbox
        .set_fault(Some("token.assertion-unchecked".parse().unwrap()));
    let claims = assertion_claims(&world, "introspect", &json!({}));
    let assertion = signed(&other, Some("own"), &claims);
    let form = [
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion.as_str()),
        ("token", "none"),
    ];
    let mut browser = Browser::new();
    let answer = browser
        .post_form(&world.endpoint("introspect"), &form)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
