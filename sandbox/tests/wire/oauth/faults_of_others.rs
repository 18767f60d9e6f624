//! Faults by which others get what is a client's: redirect URIs that are taken for its own, what
//! was given to it presented by another client, and where errors and browsers are sent.

use okta_sandbox::Fault;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::world::{REDIRECT_URI, World};

fn set(world: &World, fault: &str) {
    world
        .sandbox
        .set_fault(Some(fault.parse::<Fault>().unwrap()));
}

async fn asked(world: &World, changes: &[(&str, &str)]) -> Page {
    let silent = [&[("prompt", "none")], changes].concat();
    Browser::new().get(&world.authorize_url(&silent)).await
}

/// The registered one is `http://localhost:8080/callback`.
#[rstest]
#[case("redirect-uri.any-scheme", "https://localhost:8080/callback")]
#[case("redirect-uri.any-port", "http://localhost:8081/callback")]
#[case("redirect-uri.host-in-any-case", "http://LOCALHOST:8080/callback")]
#[case("redirect-uri.dot-ignored", "http://localhost.:8080/callback")]
#[case("redirect-uri.loopback-names-alike", "http://127.0.0.1:8080/callback")]
#[case(
    "redirect-uri.host-begins-alike",
    "http://localhost.elsewhere.example/callback"
)]
#[case("redirect-uri.host-ends-alike", "http://elsewhere-localhost/callback")]
#[case("redirect-uri.user-ignored", "http://user@localhost:8080/callback")]
#[case(
    "redirect-uri.user-as-host",
    "http://localhost:8080@elsewhere.example/callback"
)]
#[case(
    "redirect-uri.backslash-in-user",
    "http://elsewhere.example\\@localhost:8080/callback"
)]
#[case(
    "redirect-uri.anywhere-within",
    "https://elsewhere.example/?to=http://localhost:8080/callback"
)]
#[case("redirect-uri.path-in-any-case", "http://localhost:8080/CALLBACK")]
#[case("redirect-uri.decoded", "http://localhost:8080/callbac%6b")]
#[case("redirect-uri.slashes-merged", "http://localhost:8080//callback")]
#[case("redirect-uri.slash-ignored", "http://localhost:8080/callback/")]
#[case("redirect-uri.query-ignored", "http://localhost:8080/callback?x=1")]
#[case("redirect-uri.fragment-ignored", "http://localhost:8080/callback#x")]
#[case(
    "redirect-uri.path-parameters-ignored",
    "http://localhost:8080/callback;x=1"
)]
#[case(
    "redirect-uri.path-begins-alike",
    "http://localhost:8080/callback/other"
)]
#[case(
    "redirect-uri.way-out-of-the-path",
    "http://localhost:8080/callback/../other"
)]
#[case("redirect-uri.any-file", "http://localhost:8080/other")]
#[tokio::test]
async fn another_address_can_be_taken_for_the_registered_one(
    #[case] fault: &str,
    #[case] sent: &str,
) {
    let world = World::new().await;
    let sent = [("redirect_uri", sent)];
    assert_eq!(asked(&world, &sent).await.status, 400);
    set(&world, fault);
    let answer = asked(&world, &sent).await;
    assert_eq!(answer.status, 302);
    assert!(
        answer.header("location").contains("error=login_required"),
        "{answer:?}"
    );
    let elsewhere = [("redirect_uri", "https://elsewhere.example/x")];
    assert_eq!(asked(&world, &elsewhere).await.status, 400);
}

#[rstest]
#[case("authorize.response-type-errors-go-anywhere", ("response_type", "banana"))]
#[case("authorize.client-errors-go-anywhere", ("client_id", "0oaother"))]
#[tokio::test]
async fn an_error_of_one_kind_can_go_anywhere(#[case] fault: &str, #[case] wrong: (&str, &str)) {
    let world = World::new().await;
    let both = [wrong, ("redirect_uri", "https://elsewhere.example/x")];
    assert_eq!(asked(&world, &both).await.status, 400);
    set(&world, fault);
    let page = asked(&world, &both).await;
    assert_eq!(page.location().host_str(), Some("elsewhere.example"));
    assert_eq!(asked(&world, &both[1..]).await.status, 400);
}

/// Another client of the org, by its credentials.
struct Other {
    id: String,
    secret: String,
}

impl Other {
    async fn made(world: &World) -> Self {
        let app = json!({
            "name": "oidc_client",
            "label": "Another client",
            "signOnMode": "OPENID_CONNECT",
            "credentials": {
                "oauthClient": { "token_endpoint_auth_method": "client_secret_post" }
            },
            "settings": { "oauthClient": {
                "application_type": "web",
                "grant_types": ["authorization_code"],
                "response_types": ["code"],
                "redirect_uris": [REDIRECT_URI],
            } },
        });
        let made = world.manage(Method::POST, "apps", &app).await;
        let told = |name: &str| {
            let value = made["credentials"]["oauthClient"][name].as_str();
            value.unwrap().to_owned()
        };
        Self {
            id: told("client_id"),
            secret: told("client_secret"),
        }
    }

    async fn post(&self, world: &World, endpoint: &str, form: &[(&str, &str)]) -> Page {
        let own = [("client_id", &*self.id), ("client_secret", &*self.secret)];
        let form = [form, &own].concat();
        let url = world.endpoint(endpoint);
        Browser::new().post_form(&url, &form).await
    }
}

#[tokio::test]
async fn a_code_can_be_redeemed_by_another_client() {
    let world = World::new().await;
    let other = Other::made(&world).await;
    let redeemed = async || {
        let code = world.code(&[]).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
        ];
        other.post(&world, "token", &form).await
    };
    assert_eq!(redeemed().await.json()["error"], "invalid_grant");
    set(&world, "token.grants-of-any-client");
    assert_eq!(redeemed().await.status, 200);
}

#[tokio::test]
async fn a_token_can_be_revoked_by_another_client() {
    let world = World::new().await;
    let other = Other::made(&world).await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let form = [("token", token.as_str())];
    let is_live = async || world.post("introspect", &form).await.json()["active"].clone();
    assert_eq!(other.post(&world, "revoke", &form).await.status, 200);
    assert_eq!(is_live().await, true);
    set(&world, "revocation.of-others-fails");
    assert_eq!(other.post(&world, "revoke", &form).await.status, 500);
    set(&world, "revocation.of-any-client");
    assert_eq!(other.post(&world, "revoke", &form).await.status, 200);
    assert_eq!(is_live().await, false);
}

#[tokio::test]
async fn a_host_that_begins_alike_can_be_gone_to_at_the_end() {
    let world = World::new().await;
    let id = world.sign_in("silver", &[]).await.fragment()["id_token"].clone();
    let to = "post_logout_redirect_uri=http%3A%2F%2Flocalhost.elsewhere.example%2F";
    let url = format!("{}?id_token_hint={id}&{to}", world.endpoint("logout"));
    assert_eq!(Browser::new().get(&url).await.status, 400);
    set(&world, "logout.begins-alike");
    let page = Browser::new().get(&url).await;
    let host = page.location().host_str().map(str::to_owned);
    assert_eq!(host.as_deref(), Some("localhost.elsewhere.example"));
}
