//! The API serves what it is given: paths, methods, scopes, answers.

use okta_sandbox::{Access, Endpoint, SolarSystem};
use rstest::rstest;
use serde_json::{Value, json};

use super::issuer::{AUDIENCE, World, sign};
use super::raw::Raw;

const READ: &str = "orders:read";
const WRITE: &str = "orders:write";

async fn api(world: &World, open: bool) -> SolarSystem {
    let both = Access::AllOf(vec![READ.to_owned(), WRITE.to_owned()]);
    let either = Access::AnyOf(vec![READ.to_owned(), WRITE.to_owned()]);
    let endpoints = [
        Endpoint::new("/v1/orders", READ).answers(json!({"orders": [1, 2]})),
        Endpoint::new("/v1/orders", WRITE).method("POST"),
        Endpoint::new("/v1/both", READ).access(both),
        Endpoint::new("/v1/either", READ).access(either),
        Endpoint::new("/v1/me", READ).access(Access::SignedIn),
        Endpoint::new("/v1/health", READ).access(Access::Public),
        Endpoint::new("/v1/preise in €?limit=10", READ),
    ];
    let mut builder = SolarSystem::builder(&world.issuer, AUDIENCE).endpoints(endpoints);
    if open {
        builder = builder.open();
    }
    builder.start().await.unwrap()
}

#[rstest]
#[case::its_scope("GET", "/v1/orders", Some(READ), 200)]
#[case::another_scope("GET", "/v1/orders", Some(WRITE), 403)]
#[case::nobody("GET", "/v1/orders", None, 401)]
#[case::another_method("POST", "/v1/orders", Some(WRITE), 200)]
#[case::the_scope_of_another_method("POST", "/v1/orders", Some(READ), 403)]
#[case::no_such_method("DELETE", "/v1/orders", Some(READ), 405)]
#[case::one_of_both("GET", "/v1/both", Some(READ), 403)]
#[case::both("GET", "/v1/both", Some("orders:read orders:write"), 200)]
#[case::either("GET", "/v1/either", Some(WRITE), 200)]
#[case::neither("GET", "/v1/either", Some("openid"), 403)]
#[case::signed_in("GET", "/v1/me", Some("openid"), 200)]
#[case::not_signed_in("GET", "/v1/me", None, 401)]
#[case::public("GET", "/v1/health", None, 200)]
#[case::as_clients_encode_it("GET", "/v1/preise%20in%20%E2%82%AC?limit=10", Some(READ), 200)]
#[case::not_of_the_document("GET", "/planets", Some(READ), 404)]
#[tokio::test]
async fn each_endpoint_takes_what_it_is_said_to(
    #[case] method: &str,
    #[case] path: &str,
    #[case] scopes: Option<&str>,
    #[case] status: u16,
) {
    let world = World::new().await;
    let api = api(&world, false).await;
    let mut request = Raw::get(path).method(method);
    if let Some(scopes) = scopes {
        let scopes: Vec<&str> = scopes.split(' ').collect();
        request = request.bearer(&world.access_token(&scopes));
    }
    let answer = request.send(api.url()).await;
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(
        status == 200 || !answer.body.contains("orders"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_answer_is_the_one_that_was_given_or_names_the_endpoint() {
    let world = World::new().await;
    let api = api(&world, false).await;
    let token = sign(&world.access_claims(&[READ, WRITE]));
    for (path, expected) in [
        ("/v1/orders", json!({"orders": [1, 2]})),
        ("/v1/both", json!({"endpoint": "/v1/both"})),
    ] {
        let answer = Raw::get(path).bearer(&token).send(api.url()).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body, expected);
        assert!(
            answer.head.contains("content-type: application/json"),
            "{answer:?}"
        );
    }
}

/// Behind a gateway: whatever that lets through arrives, as at the laxest servers.
#[rstest]
#[case::as_it_is("/v1/orders")]
#[case::up("/v1/x/../orders")]
#[case::encoded("/v1/%2e%2e/v1/orders")]
#[case::slashes("//v1//orders/")]
#[case::parameters("/v1/orders;x=1")]
#[case::backslashes("/v1/x\\..\\orders")]
#[case::capitals("/V1/ORDERS")]
#[tokio::test]
async fn an_open_api_takes_a_path_in_any_spelling(#[case] path: &str) {
    let world = World::new().await;
    let api = api(&world, true).await;
    let answer = Raw::get(path).send(api.url()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("[1,2]"), "{answer:?}");
}
