//! Passkeys, enrolled through the Management API and asked for by the page.
//!
//! Enrolment has the shape of Okta's documents (Factors API, "Enroll `WebAuthn` Factor",
//! "Activate `WebAuthn` Factor"); the page that of the mock answers
//! `authenticator-verification-webauthn` and
//! `error-authenticator-webauthn-failure` of Okta's widget.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use okta_sandbox::{DefaultSignInPolicy, Detour, Options};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::{Browser, Page, SignIn, client};
use crate::world::{PASSWORD, World, login};

const ID: &[u8] = b"a credential of the test";

/// An authenticator with one key, for the org's page.
struct Authenticator {
    pair: EcdsaKeyPair,
    origin: String,
    host: String,
}

impl Authenticator {
    fn of(world: &World) -> Self {
        Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"),
            origin: world.sandbox.org_url().to_owned(),
            host: "127.0.0.1".to_owned(),
        }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> String {
        json!({"type": kind, "challenge": challenge, "origin": self.origin}).to_string()
    }

    fn sign(&self, data: &[u8], client_data: &str) -> Vec<u8> {
        let signed = [data, &Sha256::digest(client_data)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed);
        signature.expect("signed").as_ref().to_vec()
    }

    fn head(&self, flags: u8, count: u32) -> Vec<u8> {
        let mut data = Sha256::digest(&self.host).to_vec();
        data.push(flags);
        data.extend(count.to_be_bytes());
        data
    }

    /// What `navigator.credentials.create` answers with.
    fn attest(&self, challenge: &Value) -> Value {
        let point = self.pair.public_key().as_ref();
        let key = [
            (1, Cbor::from(2)),
            (3, Cbor::from(-7)),
            (-1, Cbor::from(1)),
            (-2, Cbor::Bytes(point[1..33].to_vec())),
            (-3, Cbor::Bytes(point[33..].to_vec())),
        ];
        let key = Cbor::Map(key.map(|(name, value)| (Cbor::from(name), value)).to_vec());
        let mut data = self.head(0x45, 0);
        data.extend([0; 16]);
        data.extend(u16::try_from(ID.len()).expect("short").to_be_bytes());
        data.extend(ID);
        data.extend(encoded(&key));
        let client_data = self.client_data("webauthn.create", challenge);
        let signature = self.sign(&data, &client_data);
        let text = |text: &str| Cbor::Text(text.to_owned());
        let statement = vec![
            (text("alg"), Cbor::from(-7)),
            (text("sig"), Cbor::Bytes(signature)),
        ];
        let object = vec![
            (text("fmt"), text("packed")),
            (text("attStmt"), Cbor::Map(statement)),
            (text("authData"), Cbor::Bytes(data)),
        ];
        json!({
            "attestation": STANDARD.encode(encoded(&Cbor::Map(object))),
            "clientData": STANDARD.encode(client_data),
        })
    }

    /// What the page sends of what `navigator.credentials.get` answers with.
    fn assertion(&self, asked: &Value, flags: u8, count: u32) -> Value {
        let challenge = &asked["currentAuthenticator"]["value"]["contextualData"]["challengeData"];
        let client_data = self.client_data("webauthn.get", &challenge["challenge"]);
        let data = self.head(flags, count);
        let signature = self.sign(&data, &client_data);
        json!({
            "clientData": STANDARD.encode(client_data),
            "authenticatorData": STANDARD.encode(data),
            "signatureData": STANDARD.encode(signature),
        })
    }
}

fn encoded(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("written");
    bytes
}

async fn manage(world: &World, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1/{path}", world.sandbox.local_url());
    let token = format!("SSWS {}", world.sandbox.api_token());
    let request = client().request(method, url).header("authorization", token);
    let answer = request.json(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn begun(world: &World) -> Value {
    let path = format!("users/{}/factors", login("silver"));
    let wanted = json!({"factorType": "webauthn", "provider": "FIDO"});
    world.manage(Method::POST, &path, &wanted).await
}

async fn activated(world: &World, begun: &Value, attested: &Value) -> (u16, Value) {
    let id = begun["id"].as_str().expect("an id");
    let path = format!("users/{}/factors/{id}/lifecycle/activate", login("silver"));
    manage(world, Method::POST, &path, attested).await
}

/// Enrols the authenticator for the silver user.
async fn enrol(world: &World, authenticator: &Authenticator) {
    let begun = begun(world).await;
    let attested = authenticator.attest(&begun["_embedded"]["activation"]["challenge"]);
    assert_eq!(activated(world, &begun, &attested).await.0, 200);
}

/// A user whom a page asks for the passkey.
async fn asked(world: &World, browser: &mut Browser) -> (SignIn, Value) {
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    browser.identify(&sign_in, &login("silver")).await;
    let asked = browser.answer(&sign_in, PASSWORD).await.json();
    (sign_in, asked)
}

async fn prove(browser: &mut Browser, sign_in: &SignIn, credentials: &Value) -> Page {
    let body = json!({"credentials": credentials, "stateHandle": sign_in.handle});
    browser
        .post_json(&sign_in.path("challenge/answer"), &body)
        .await
}

#[tokio::test]
async fn an_enrolment_begins_and_ends_as_in_oktas_documents() {
    let world = World::new().await;
    let begun = begun(&world).await;
    assert_eq!(begun["status"], "PENDING_ACTIVATION");
    assert!(begun["_links"]["activate"]["href"].is_string());
    let activation = &begun["_embedded"]["activation"];
    let names = [
        "attestation",
        "authenticatorSelection",
        "challenge",
        "excludeCredentials",
    ];
    let more = ["pubKeyCredParams", "rp", "user"];
    for name in names.into_iter().chain(more) {
        assert!(!activation[name].is_null(), "{name}: {begun}");
    }
    assert_eq!(activation["pubKeyCredParams"][0]["alg"], -7);
    assert_eq!(activation["user"]["name"], login("silver").as_str());
    let attested = Authenticator::of(&world).attest(&activation["challenge"]);
    let (status, active) = activated(&world, &begun, &attested).await;
    assert_eq!(status, 200);
    assert_eq!(active["status"], "ACTIVE");
    let id = URL_SAFE_NO_PAD.encode(ID);
    assert_eq!(active["profile"]["credentialId"], id.as_str());
    let path = format!("users/{}/factors", login("silver"));
    let listed = world.manage(Method::GET, &path, &Value::Null).await;
    assert_eq!(listed, json!([active]));
    let one = format!("{path}/{}", active["id"].as_str().expect("an id"));
    assert_eq!(
        manage(&world, Method::DELETE, &one, &json!({})).await.0,
        204
    );
    assert_eq!(manage(&world, Method::GET, &one, &json!({})).await.0, 404);
}

/// As Okta's documents have it: 403 with the code of a wrong passcode.
#[rstest]
#[case::another_challenge(|_: &mut Authenticator| json!("AAAA"))]
#[case::on_another_page(|one: &mut Authenticator| {
    one.origin = "https://evil.example".to_owned();
    Value::Null
})]
#[case::for_another_host(|one: &mut Authenticator| {
    one.host = "evil.example".to_owned();
    Value::Null
})]
#[tokio::test]
async fn an_enrolment_that_is_not_signed_rightly_is_refused(
    #[case] wrong: fn(&mut Authenticator) -> Value,
) {
    let world = World::new().await;
    let begun = begun(&world).await;
    let mut authenticator = Authenticator::of(&world);
    let other = wrong(&mut authenticator);
    let own = &begun["_embedded"]["activation"]["challenge"];
    let attested = authenticator.attest(if other.is_null() { own } else { &other });
    let (status, error) = activated(&world, &begun, &attested).await;
    assert_eq!((status, &error["errorCode"]), (403, &json!("E0000068")));
}

#[tokio::test]
async fn a_factor_that_this_org_does_not_have_is_refused() {
    let world = World::new().await;
    let path = format!("users/{}/factors", login("silver"));
    let wanted = json!({"factorType": "sms", "provider": "OKTA"});
    assert_eq!(manage(&world, Method::POST, &path, &wanted).await.0, 400);
}

#[tokio::test]
async fn a_passkey_is_asked_for_as_in_oktas_mocks_and_signs_the_user_in() {
    let world = World::new().await;
    let authenticator = Authenticator::of(&world);
    enrol(&world, &authenticator).await;
    world.sandbox.set_detour(&login("silver"), Detour::Passkey);
    let mut browser = Browser::new();
    let (sign_in, asked) = asked(&world, &mut browser).await;
    let form = &asked["remediation"]["value"][0];
    assert_eq!(form["name"], "challenge-authenticator");
    assert_eq!(form["relatesTo"], json!(["$.currentAuthenticator"]));
    let fields = form["value"][0]["form"]["value"]
        .as_array()
        .expect("fields");
    let fields: Vec<&Value> = fields.iter().map(|field| &field["name"]).collect();
    assert_eq!(fields, ["clientData", "authenticatorData", "signatureData"]);
    let current = &asked["currentAuthenticator"]["value"];
    assert_eq!(current["key"], "webauthn");
    assert_eq!(current["type"], "security_key");
    let data = &current["contextualData"]["challengeData"];
    assert_eq!(data["userVerification"], "required");
    assert_eq!(data["challenge"].as_str().map(str::len), Some(20));
    let enrolled = &asked["authenticatorEnrollments"]["value"][1];
    assert_eq!(
        enrolled["credentialId"],
        URL_SAFE_NO_PAD.encode(ID).as_str()
    );
    let credentials = authenticator.assertion(&asked, 0x05, 1);
    let done = prove(&mut browser, &sign_in, &credentials).await.json();
    let href = done["success"]["href"].as_str().expect("the way on");
    assert!(
        browser
            .get(href)
            .await
            .fragment()
            .contains_key("access_token")
    );
}

/// `authenticator` and `count` are those of the second signature; the first counted 5.
#[rstest]
#[case::another_key(true, 0x05, 6)]
#[case::no_verification(false, 0x01, 6)]
#[case::a_copy(false, 0x05, 5)]
#[tokio::test]
async fn a_passkey_that_is_not_right_is_refused_as_in_oktas_mocks(
    #[case] by_another_key: bool,
    #[case] flags: u8,
    #[case] count: u32,
) {
    let world = World::new().await;
    let authenticator = Authenticator::of(&world);
    enrol(&world, &authenticator).await;
    world.sandbox.set_detour(&login("silver"), Detour::Passkey);
    let mut browser = Browser::new();
    let (sign_in, first) = asked(&world, &mut browser).await;
    let credentials = authenticator.assertion(&first, 0x05, 5);
    let done = prove(&mut browser, &sign_in, &credentials).await;
    assert_eq!(done.status, 200);
    let mut browser = Browser::new();
    let (sign_in, second) = asked(&world, &mut browser).await;
    // What was signed for another sign-in signs nobody in.
    let replayed = prove(&mut browser, &sign_in, &credentials).await;
    assert_eq!(replayed.status, 401);
    let another = Authenticator::of(&world);
    let signs = if by_another_key {
        &another
    } else {
        &authenticator
    };
    let credentials = signs.assertion(&second, flags, count);
    let refused = prove(&mut browser, &sign_in, &credentials).await;
    assert_eq!(refused.status, 401);
    let key = &refused.json()["messages"]["value"][0]["i18n"]["key"];
    assert_eq!(
        key,
        "authfactor.webauthn.error.assertion_validation_failure"
    );
}

#[tokio::test]
async fn a_policy_of_two_factors_asks_for_the_passkey_of_a_user_who_has_one() {
    let options = Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut browser = Browser::new();
    let (_, without) = asked(&world, &mut browser).await;
    let name = &without["remediation"]["value"][0]["name"];
    assert_eq!(name, "select-authenticator-enroll");
    let authenticator = Authenticator::of(&world);
    enrol(&world, &authenticator).await;
    let (sign_in, with) = asked(&world, &mut browser).await;
    assert_eq!(with["currentAuthenticator"]["value"]["key"], "webauthn");
    let credentials = authenticator.assertion(&with, 0x05, 1);
    let done = prove(&mut browser, &sign_in, &credentials).await.json();
    assert!(done["success"]["href"].is_string(), "{done}");
}

#[tokio::test]
async fn a_passkey_can_be_chosen_among_others() {
    let world = World::new().await;
    let authenticator = Authenticator::of(&world);
    enrol(&world, &authenticator).await;
    for detour in [Detour::Choice, Detour::Code, Detour::Passkey] {
        world.sandbox.set_detour(&login("silver"), detour);
    }
    let mut browser = Browser::new();
    let (sign_in, choice) = asked(&world, &mut browser).await;
    let options = &choice["remediation"]["value"][0]["value"][0]["options"];
    assert_eq!(options[2]["label"], "Security Key or Biometric");
    assert_eq!(
        options[2]["relatesTo"],
        "$.authenticatorEnrollments.value[3]"
    );
    let id = options[2]["value"]["form"]["value"][0]["value"].clone();
    let body = json!({"authenticator": {"id": id}, "stateHandle": sign_in.handle});
    let chosen = browser.post_json(&sign_in.path("challenge"), &body).await;
    let chosen = chosen.json();
    assert_eq!(chosen["currentAuthenticator"]["value"]["key"], "webauthn");
    let credentials = authenticator.assertion(&chosen, 0x05, 1);
    let done = prove(&mut browser, &sign_in, &credentials).await.json();
    assert!(done["success"]["href"].is_string(), "{done}");
}

/// After the mock `authenticator-verification-webauthn-passkeys`.
#[tokio::test]
async fn a_passkey_can_be_asked_for_in_place_of_the_password() {
    let world = World::new().await;
    let authenticator = Authenticator::of(&world);
    enrol(&world, &authenticator).await;
    world
        .sandbox
        .set_detour(&login("silver"), Detour::PasskeyAlone);
    let mut browser = Browser::new();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let asked = browser.identify(&sign_in, &login("silver")).await.json();
    assert_eq!(asked["currentAuthenticator"]["value"]["key"], "webauthn");
    let by_password = browser.answer(&sign_in, PASSWORD).await;
    assert_eq!(by_password.status, 401);
    let credentials = authenticator.assertion(&asked, 0x05, 1);
    let done = prove(&mut browser, &sign_in, &credentials).await.json();
    let href = done["success"]["href"].as_str().expect("the way on");
    assert!(
        browser
            .get(href)
            .await
            .fragment()
            .contains_key("access_token")
    );
}
