//! Clients that act for themselves. Texts are those of Okta's error catalogue.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{GOLD, SILVER, World, claims};

/// An org whose client may act for itself, by a rule that gives it gold.
pub(super) async fn acting() -> World {
    let world = World::new().await;
    let grants = json!({"grant_types": ["authorization_code", "implicit", "client_credentials"]});
    world.change_client("settings", &grants).await;
    let acts = |rule: &mut Value| {
        let grants = rule.pointer_mut("/conditions/grantTypes/include").unwrap();
        grants
            .as_array_mut()
            .unwrap()
            .push(json!("client_credentials"));
    };
    world.change_rule("gold", acts).await;
    world
}

#[tokio::test]
async fn a_client_gets_a_token_without_a_user() {
    let world = acting().await;
    let form = [("grant_type", "client_credentials"), ("scope", GOLD)];
    let answer = world.post("token", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!(
        (answer.get("id_token"), answer.get("refresh_token")),
        (None, None)
    );
    let claims = claims(answer["access_token"].as_str().unwrap());
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    // okta/okta-developer-docs, `docs/reference/api/oidc`: `uid` "isn't included in the access
    // token if there is no user bound to it", and the expression behind `sub` gives the client's
    // id.
    assert_eq!(
        names,
        [
            "aud", "cid", "exp", "iat", "iss", "jti", "scp", "sub", "ver"
        ]
    );
    assert_eq!(claims["sub"], world.org.client_id);
    assert_eq!(claims["scp"], json!([GOLD]));
    let form = [("token", answer["access_token"].as_str().unwrap())];
    let told = world.post("introspect", &form).await.json();
    assert_eq!(
        (&told["active"], told.get("username")),
        (&json!(true), None)
    );
}

#[rstest]
#[case::openid(
    "openid",
    400,
    "invalid_scope",
    "Cannot request 'openid' scopes using client credentials."
)]
#[case::none(
    "",
    400,
    "invalid_scope",
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided."
)]
#[case::unknown(
    "http://myapp.com/scp/bronze",
    400,
    "invalid_scope",
    "One or more scopes are not configured for the authorization server resource."
)]
#[case::not_by_a_rule(SILVER, 200, "", "")]
#[tokio::test]
async fn what_a_client_may_not_ask_is_refused(
    #[case] scope: &str,
    #[case] status: u16,
    #[case] error: &str,
    #[case] text: &str,
) {
    let world = acting().await;
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    let answer = world.post("token", &form).await;
    assert_eq!(answer.status, status, "the gold rule holds silver too");
    if status != 200 {
        let expected = json!({"error": error, "error_description": text});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn a_client_without_the_grant_or_a_rule_gets_nothing() {
    let world = World::new().await;
    let form = [("grant_type", "client_credentials"), ("scope", GOLD)];
    let refused = world.post("token", &form).await;
    assert_eq!(refused.status, 400);
    let text = "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, implicit].";
    assert_eq!(refused.json()["error_description"], text);
    let grants = json!({"grant_types": ["authorization_code", "client_credentials"]});
    world.change_client("settings", &grants).await;
    let denied = world.post("token", &form).await;
    assert_eq!(denied.status, 401);
    assert_eq!(denied.json()["error"], "access_denied");
}

/// What each fault of clients that act for themselves does.
#[tokio::test]
async fn a_fault_gives_a_client_too_much() {
    let world = acting().await;
    let ask = async |scope: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        world.post("token", &form).await
    };
    world
        .sandbox
        .set_fault(Some("service.any-scope".parse().unwrap()));
    for scope in ["openid", "profile", SILVER] {
        let answer = ask(scope).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["scope"]),
            (200, &json!(scope))
        );
    }
    world
        .sandbox
        .set_fault(Some("service.token-names-user".parse().unwrap()));
    let answer = ask(GOLD).await.json();
    let claims = claims(answer["access_token"].as_str().unwrap());
    assert!(claims.contains_key("uid"));
    assert_ne!(claims["sub"], world.org.client_id);
}
