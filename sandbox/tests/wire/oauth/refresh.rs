//! Refresh tokens: okta/okta-developer-docs, `docs/guides/refresh-tokens`, and Okta's error
//! catalogue.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::Page;
use crate::world::{GOLD, SILVER, World, claims};

/// The scopes of a sign-in that brings a refresh token.
fn scope() -> String {
    format!("openid offline_access {SILVER}")
}

/// An org whose client may refresh, with what its settings say of it.
async fn refreshing(settings: &Value) -> World {
    let world = World::new().await;
    let mut all = json!({"grant_types": ["authorization_code", "implicit", "refresh_token"]});
    let settings = settings.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(settings);
    world.change_client("settings", &all).await;
    let more = |rule: &mut Value| {
        let scopes = rule.pointer_mut("/conditions/scopes/include").unwrap();
        scopes.as_array_mut().unwrap().push(json!("offline_access"));
    };
    world.change_rule("silver", more).await;
    world
}

/// The tokens of a fresh sign-in.
async fn tokens(world: &World) -> Value {
    let code = world.code(&[("scope", &scope())]).await;
    world.redeem(&code, &[]).await.json()
}

async fn refresh(world: &World, token: &Value, more: &[(&str, &str)]) -> Page {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    form.extend_from_slice(more);
    world.post("token", &form).await
}

async fn is_active(world: &World, token: &Value) -> bool {
    let form = [("token", token.as_str().unwrap())];
    world.post("introspect", &form).await.json()["active"] == true
}

fn assert_refused(page: &Page, error: &str, text: &str) {
    let expected = json!({"error": error, "error_description": text});
    assert_eq!((page.status.as_u16(), page.json()), (400, expected));
}

#[tokio::test]
async fn a_web_client_keeps_its_refresh_token() {
    let world = refreshing(&json!({})).await;
    let first = tokens(&world).await;
    let answer = refresh(&world, &first["refresh_token"], &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"));
    let second = answer.json();
    assert_eq!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["scope"], scope());
    assert_ne!(second["access_token"], first["access_token"]);
    let of = |tokens: &Value, name: &str| claims(tokens[name].as_str().unwrap());
    let (before, after) = (of(&first, "id_token"), of(&second, "id_token"));
    assert_eq!(after["auth_time"], before["auth_time"]);
    assert_eq!(
        (after["sub"].clone(), after.get("nonce")),
        (before["sub"].clone(), None)
    );
    assert_eq!(
        of(&second, "access_token")["uid"],
        world.org.users["silver"]
    );
}

#[rstest]
#[case::not_asked_for(true, format!("openid {SILVER}"))]
#[case::not_the_clients(false, scope())]
#[tokio::test]
async fn without_offline_access_or_the_grant_there_is_none(
    #[case] has_grant: bool,
    #[case] scope: String,
) {
    let settings = if has_grant {
        json!({})
    } else {
        json!({"grant_types": ["authorization_code", "implicit"]})
    };
    let world = refreshing(&settings).await;
    let code = world.code(&[("scope", &scope)]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    assert!(tokens["access_token"].is_string());
    assert_eq!(tokens.get("refresh_token"), None);
}

#[tokio::test]
async fn scopes_can_be_fewer_and_never_more() {
    let world = refreshing(&json!({})).await;
    let first = tokens(&world).await;
    let fewer = refresh(&world, &first["refresh_token"], &[("scope", SILVER)])
        .await
        .json();
    assert_eq!(fewer["scope"], SILVER);
    assert_eq!(
        (fewer.get("id_token"), fewer.get("refresh_token")),
        (None, None)
    );
    let more = format!("{SILVER} {GOLD}");
    let refused = refresh(&world, &first["refresh_token"], &[("scope", &more)]).await;
    let text = format!(
        "Some of the scopes requested for the refresh request were not granted in the original \
         authorize request. Denied scopes: {GOLD}."
    );
    assert_refused(&refused, "access_denied", &text);
    let whole = refresh(&world, &first["refresh_token"], &[]).await.json();
    assert_eq!(
        whole["scope"],
        scope(),
        "the sign-in's scopes are still there"
    );
}

#[rstest]
#[case::as_configured(json!({"refresh_token": {"rotation_type": "ROTATE", "leeway": 0}}))]
#[tokio::test]
async fn a_rotated_token_that_comes_again_ends_its_family(#[case] settings: Value) {
    let world = refreshing(&settings).await;
    let first = tokens(&world).await;
    let second = refresh(&world, &first["refresh_token"], &[]).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert!(is_active(&world, &second["access_token"]).await);
    assert!(is_active(&world, &second["refresh_token"]).await);
    assert!(!is_active(&world, &first["refresh_token"]).await);
    let text = "The refresh token is invalid or expired.";
    let again = refresh(&world, &first["refresh_token"], &[]).await;
    assert_refused(&again, "invalid_grant", text);
    // "Okta immediately invalidates the most recently issued refresh token and all access tokens
    // issued since the user authenticated."
    let newest = refresh(&world, &second["refresh_token"], &[]).await;
    assert_refused(&newest, "invalid_grant", text);
    assert!(!is_active(&world, &first["access_token"]).await);
    assert!(!is_active(&world, &second["access_token"]).await);
}

/// What comes of a rotated token that comes again, and of the newest, while a fault is set.
#[rstest]
#[case::as_it_is(None, 400, false)]
#[case::taken(Some("refresh.reusable"), 200, true)]
#[case::without_consequence(Some("refresh.reuse-ignored"), 400, true)]
#[tokio::test]
async fn a_fault_is_in_what_comes_of_reuse(
    #[case] fault: Option<&str>,
    #[case] status: u16,
    #[case] is_newest_good: bool,
) {
    let rotates = json!({"refresh_token": {"rotation_type": "ROTATE", "leeway": 0}});
    let world = refreshing(&rotates).await;
    let fault = fault.map(|fault| fault.parse().unwrap());
    world.sandbox.set_fault(fault);
    let first = tokens(&world).await;
    let second = refresh(&world, &first["refresh_token"], &[]).await.json();
    let again = refresh(&world, &first["refresh_token"], &[]).await;
    assert_eq!(again.status, status);
    assert_eq!(
        is_active(&world, &second["refresh_token"]).await,
        is_newest_good
    );
}

#[tokio::test]
async fn a_fault_is_in_the_claims_of_refreshed_tokens_alone() {
    let world = refreshing(&json!({})).await;
    let claim = json!({
        "name": "groups", "claimType": "RESOURCE", "alwaysIncludeInToken": true,
        "valueType": "GROUPS", "group_filter_type": "CONTAINS", "value": "subscribers",
        "conditions": {"scopes": []}
    });
    let path = format!("authorizationServers/{}/claims", world.org.server_id);
    world.manage(Method::POST, &path, &claim).await;
    let fault = "refresh.claims-of-anybody".parse().unwrap();
    world.sandbox.set_fault(Some(fault));
    let first = tokens(&world).await;
    let second = refresh(&world, &first["refresh_token"], &[]).await.json();
    let groups =
        |tokens: &Value| claims(tokens["access_token"].as_str().unwrap())["groups"].clone();
    assert_eq!(groups(&first), json!(["silverSubscribers"]));
    assert_eq!(
        groups(&second),
        json!(["silverSubscribers", "goldSubscribers"])
    );
}

#[tokio::test]
async fn a_rotated_token_fits_for_the_grace_period() {
    let rotates = json!({"refresh_token": {"rotation_type": "ROTATE", "leeway": 60}});
    let world = refreshing(&rotates).await;
    let first = tokens(&world).await;
    let second = refresh(&world, &first["refresh_token"], &[]).await.json();
    let third = refresh(&world, &first["refresh_token"], &[]).await;
    assert_eq!(third.status, 200);
    assert_ne!(third.json()["refresh_token"], second["refresh_token"]);
}

#[tokio::test]
async fn a_refresh_token_is_of_one_client_one_user_and_one_server() {
    let world = refreshing(&json!({})).await;
    let first = tokens(&world).await;
    let text = "The refresh token is invalid or expired.";
    assert_refused(
        &refresh(&world, &json!("other"), &[]).await,
        "invalid_grant",
        text,
    );
    let path = format!(
        "apps/{}/groups/{}",
        world.org.client_id, world.org.groups["silver"]
    );
    world.manage(Method::DELETE, &path, &Value::Null).await;
    let unassigned = refresh(&world, &first["refresh_token"], &[]).await;
    let not_assigned = "User is not assigned to the client application.";
    assert_refused(&unassigned, "access_denied", not_assigned);
    world.manage(Method::PUT, &path, &json!({})).await;
    assert_eq!(
        refresh(&world, &first["refresh_token"], &[]).await.status,
        200
    );
    let suspend = format!("users/{}/lifecycle/suspend", world.org.users["silver"]);
    world.manage(Method::POST, &suspend, &Value::Null).await;
    assert_refused(
        &refresh(&world, &first["refresh_token"], &[]).await,
        "invalid_grant",
        text,
    );
}

/// Okta's guide "Revoke tokens": revoking the refresh token revokes the access tokens that came of
/// it; revoking an access token leaves the refresh token.
#[tokio::test]
async fn revoking_ends_downwards() {
    let world = refreshing(&json!({})).await;
    let first = tokens(&world).await;
    let second = refresh(&world, &first["refresh_token"], &[]).await.json();
    let revoke = async |token: &Value| {
        let form = [("token", token.as_str().unwrap())];
        assert_eq!(world.post("revoke", &form).await.status, 200);
    };
    revoke(&second["access_token"]).await;
    assert!(!is_active(&world, &second["access_token"]).await);
    assert!(is_active(&world, &first["access_token"]).await);
    assert!(is_active(&world, &first["refresh_token"]).await);
    revoke(&first["refresh_token"]).await;
    assert!(!is_active(&world, &first["access_token"]).await);
    assert_eq!(
        refresh(&world, &first["refresh_token"], &[]).await.status,
        400
    );
}

#[tokio::test]
async fn a_code_that_comes_again_ends_the_refresh_token_too() {
    let world = refreshing(&json!({})).await;
    let code = world.code(&[("scope", &scope())]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    assert_eq!(world.redeem(&code, &[]).await.status, 400);
    assert_eq!(
        refresh(&world, &tokens["refresh_token"], &[]).await.status,
        400
    );
}

/// Okta's API description, `IntrospectionRefreshToken`.
#[tokio::test]
async fn introspection_knows_refresh_and_id_tokens() {
    let world = refreshing(&json!({})).await;
    let tokens = tokens(&world).await;
    let introspect = async |name: &str| {
        let form = [("token", tokens[name].as_str().unwrap())];
        world.post("introspect", &form).await.json()
    };
    let told = introspect("refresh_token").await;
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "active",
            "client_id",
            "exp",
            "scope",
            "sub",
            "token_type",
            "username"
        ]
    );
    assert_eq!(told["scope"], scope());
    let told = introspect("id_token").await;
    assert_eq!(
        (&told["active"], &told["sub"]),
        (&json!(true), &json!(world.org.users["silver"]))
    );
}

/// What each fault of refresh tokens does, beside an org that does it right.
#[tokio::test]
async fn a_fault_is_in_refresh_tokens_alone() {
    let world = refreshing(&json!({})).await;
    let more = format!("openid offline_access {SILVER} {GOLD}");
    let scope_of = |page: &Page| page.json()["scope"].as_str().unwrap_or_default().to_owned();

    world
        .sandbox
        .set_fault(Some("refresh.widens".parse().unwrap()));
    let first = tokens(&world).await;
    let wide = refresh(&world, &first["refresh_token"], &[("scope", &more)]).await;
    assert_eq!(scope_of(&wide), more);
    assert_eq!(
        scope_of(&refresh(&world, &first["refresh_token"], &[]).await),
        scope()
    );

    world
        .sandbox
        .set_fault(Some("refresh.adds-scopes".parse().unwrap()));
    let added = refresh(&world, &first["refresh_token"], &[]).await;
    assert!(scope_of(&added).contains(GOLD));

    world
        .sandbox
        .set_fault(Some("refresh.audience-other".parse().unwrap()));
    let other = refresh(&world, &first["refresh_token"], &[]).await.json();
    let audience = |tokens: &Value| claims(tokens["access_token"].as_str().unwrap())["aud"].clone();
    assert_ne!(audience(&other), audience(&first));
    assert_eq!(
        audience(&tokens(&world).await),
        audience(&first),
        "codes bring the right one"
    );

    world
        .sandbox
        .set_fault(Some("refresh.rotates-otherwise".parse().unwrap()));
    let another = refresh(&world, &first["refresh_token"], &[]).await.json();
    assert_ne!(another["refresh_token"], first["refresh_token"]);

    world
        .sandbox
        .set_fault(Some("refresh.refused".parse().unwrap()));
    let fresh = tokens(&world).await;
    assert_eq!(
        refresh(&world, &fresh["refresh_token"], &[]).await.status,
        400
    );

    world
        .sandbox
        .set_fault(Some("refresh.outlives-revocation".parse().unwrap()));
    let form = [("token", fresh["refresh_token"].as_str().unwrap())];
    assert_eq!(world.post("revoke", &form).await.status, 200);
    assert_eq!(
        refresh(&world, &fresh["refresh_token"], &[]).await.status,
        200
    );
}

#[rstest]
#[case::unasked("refresh.unasked", format!("openid {SILVER}"), true)]
#[case::missing("refresh.missing", scope(), false)]
#[tokio::test]
async fn a_fault_decides_whether_a_refresh_token_comes(
    #[case] fault: &str,
    #[case] scope: String,
    #[case] comes: bool,
) {
    let world = refreshing(&json!({})).await;
    world.sandbox.set_fault(Some(fault.parse().unwrap()));
    let code = world.code(&[("scope", &scope)]).await;
    let tokens = world.redeem(&code, &[]).await.json();
    assert_eq!(tokens.get("refresh_token").is_some(), comes);
}
