//! The authorization code flow.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rstest::rstest;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::browser::{Browser, Page};
use crate::world::{REDIRECT_URI, SILVER, World};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn assert_refused(page: &Page, error: &str, description: &str) {
    let wanted = json!({"error": error, "error_description": description});
    assert_eq!(page.json(), wanted);
}

#[tokio::test]
async fn a_code_with_pkce_is_redeemed_for_both_tokens() {
    let world = World::new().await;
    let pkce = challenge();
    let asked = [
        ("code_challenge", pkce.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let code = world.code(&asked).await;
    let page = world.redeem(&code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("cache-control").contains("no-store"));
    let tokens = page.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 1800);
    assert_eq!(tokens["scope"], format!("openid {SILVER}"));
    assert!(tokens.get("refresh_token").is_none());
    let access = world
        .verified(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(access["uid"], world.org.users["silver"]);
    let id = world.verified(tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(id["nonce"], "a-nonce");
    assert!(id.contains_key("at_hash"));
}

#[tokio::test]
async fn a_code_comes_in_the_query_and_needs_no_nonce() {
    let world = World::new().await;
    let asked = [("response_type", "code"), ("nonce", "")];
    let page = world.sign_in("silver", &asked).await;
    let names: Vec<String> = page.query().into_keys().collect();
    assert_eq!(names, ["code", "state"]);
    assert_eq!(page.location().fragment(), None);
}

#[tokio::test]
async fn a_second_redemption_is_refused_and_ends_the_first_ones_token() {
    let world = World::new().await;
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let again = world.redeem(&code, &[]).await;
    assert_eq!(again.status, 400);
    let text = "The authorization code is invalid or has expired.";
    assert_refused(&again, "invalid_grant", text);
    let introspected = world.post("introspect", &[("token", token)]).await.json();
    assert_eq!(introspected, json!({"active": false}));
}

/// RFC 6749 section 4.1.2: of two at once one wins, and the other ends what the winner got.
#[tokio::test]
async fn two_redemptions_at_once_leave_no_token() {
    let world = World::new().await;
    let code = world.code(&[]).await;
    let (one, other) = tokio::join!(world.redeem(&code, &[]), world.redeem(&code, &[]));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let won = if one.status == 200 { one } else { other };
    let token = won.json()["access_token"].as_str().unwrap().to_owned();
    let introspected = world.post("introspect", &[("token", &token)]).await.json();
    assert_eq!(introspected, json!({"active": false}));
}

#[rstest]
#[case::another_redirect_uri(
    ("redirect_uri", "http://localhost:8080/other"),
    "invalid_grant",
    "The 'redirect_uri' does not match the redirection URI used in the authorization request."
)]
#[case::another_grant_type(
    ("grant_type", "password"),
    "unauthorized_client",
    "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, implicit]."
)]
#[case::an_unknown_grant_type(
    ("grant_type", "other"),
    "unsupported_grant_type",
    "The authorization grant type is not supported by the authorization server. Configured grant types: [authorization_code, implicit, refresh_token, client_credentials]."
)]
#[case::another_code(
    ("code", "other"),
    "invalid_grant",
    "The authorization code is invalid or has expired."
)]
#[case::a_verifier_without_challenge(
    ("code_verifier", VERIFIER),
    "invalid_request",
    "PKCE code challenge should be specified in the authorize request for code verification."
)]
#[tokio::test]
async fn a_wrong_redemption_is_refused(
    #[case] change: (&str, &str),
    #[case] error: &str,
    #[case] description: &str,
) {
    let world = World::new().await;
    let code = world.code(&[]).await;
    let mut form = std::collections::BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
    ]);
    form.insert(change.0, change.1);
    let form: Vec<(&str, &str)> = form.into_iter().collect();
    let page = world.post("token", &form).await;
    assert_eq!(page.status, 400);
    assert_refused(&page, error, description);
}

#[rstest]
#[case::missing(&[], "invalid_request", "PKCE code verifier is required by the application.")]
#[case::wrong(
    &[("code_verifier", "another-verifier-of-at-least-forty-three-chars")],
    "invalid_grant",
    "PKCE verification failed."
)]
#[tokio::test]
async fn a_challenge_asks_for_its_verifier(
    #[case] sent: &[(&str, &str)],
    #[case] error: &str,
    #[case] description: &str,
) {
    let world = World::new().await;
    let pkce = challenge();
    let asked = [
        ("code_challenge", pkce.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let code = world.code(&asked).await;
    assert_refused(&world.redeem(&code, sent).await, error, description);
}

#[rstest]
#[case::a_wrong_secret(
    Some("other"),
    "The client secret supplied for a confidential client is invalid."
)]
#[case::no_secret(None, "No client credentials found.")]
#[tokio::test]
async fn a_client_must_prove_who_it_is(#[case] secret: Option<&str>, #[case] description: &str) {
    let world = World::new().await;
    let code = world.code(&[]).await;
    let mut form = vec![("code", code.as_str()), ("client_id", &world.org.client_id)];
    form.extend(secret.map(|secret| ("client_secret", secret)));
    let page = Browser::new()
        .post_form(&world.endpoint("token"), &form)
        .await;
    assert_eq!(page.status, 401);
    assert_refused(&page, "invalid_client", description);
}

#[tokio::test]
async fn basic_credentials_are_as_good_as_posted_ones() {
    let world = World::new().await;
    let code = world.code(&[]).await;
    let pair = format!("{}:{}", world.org.client_id, world.org.client_secret);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
    ];
    let client = crate::browser::client();
    let request = client.post(world.endpoint("token")).form(&form);
    let request = request.header("authorization", format!("Basic {}", STANDARD.encode(pair)));
    assert_eq!(request.send().await.unwrap().status(), 200);
}
