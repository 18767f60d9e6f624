//! What the endpoints for clients refuse. Texts are those of Okta's error catalogue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use serde_json::json;

use crate::browser::{Browser, client};
use crate::world::{LOGOUT_URI, REDIRECT_URI, World};

/// Sends a form to an endpoint with headers, as nobody in particular.
async fn send(
    world: &World,
    endpoint: &str,
    headers: &[(&str, &str)],
    form: &[(&str, &str)],
) -> (u16, serde_json::Value) {
    let mut request = client().post(world.endpoint(endpoint)).form(form);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}

fn basic(world: &World, scheme: &str) -> String {
    let pair = format!("{}:{}", world.org.client_id, world.org.client_secret);
    format!("{scheme} {}", STANDARD.encode(pair))
}

/// `multiple_client_credentials`.
#[tokio::test]
async fn a_client_proves_itself_in_one_way() {
    let world = World::new().await;
    let authorization = basic(&world, "Basic");
    let form = [
        ("token", "x"),
        ("client_secret", world.org.client_secret.as_str()),
    ];
    let headers = [("authorization", authorization.as_str())];
    let (status, body) = send(&world, "introspect", &headers, &form).await;
    assert_eq!(status, 401);
    assert_eq!(
        body,
        json!({
            "error": "invalid_request",
            "error_description": "Cannot supply multiple client credentials. Use one of the \
                following: credentials in the Authorization header, credentials in the post body, \
                or a client_assertion in the post body.",
        })
    );
}

/// RFC 9110 section 11.1: the name of a scheme has no case.
#[tokio::test]
async fn the_scheme_of_basic_credentials_has_no_case() {
    let world = World::new().await;
    for scheme in ["Basic", "basic", "BASIC"] {
        let authorization = basic(&world, scheme);
        let headers = [("authorization", authorization.as_str())];
        let (status, _) = send(&world, "introspect", &headers, &[("token", "x")]).await;
        assert_eq!(status, 200, "{scheme}");
    }
}

/// `client_credentials_in_query`, and tokens in the body alone.
#[rstest]
#[case::token("token")]
#[case::introspect("introspect")]
#[case::revoke("revoke")]
#[tokio::test]
async fn a_secret_or_a_token_in_the_query_is_refused(#[case] endpoint: &str) {
    let world = World::new().await;
    let own = [
        ("client_id", world.org.client_id.as_str()),
        ("client_secret", world.org.client_secret.as_str()),
    ];
    let endpoint_with = |query: &str| format!("{endpoint}?{query}");
    let secret = endpoint_with(&format!("client_secret={}", world.org.client_secret));
    let (status, body) = send(&world, &secret, &[], &own[..1]).await;
    let text = "Client credentials cannot be supplied via query parameters.";
    assert_eq!((status, &body["error_description"]), (400, &json!(text)));
    if endpoint != "token" {
        let (status, body) = send(&world, &endpoint_with("token=x"), &[], &own).await;
        let text = "The 'token' parameter is required.";
        assert_eq!((status, &body["error_description"]), (400, &json!(text)));
    }
}

/// `duplicate_oauth_params`.
#[rstest]
#[case::token("token", ("code", "x"))]
#[case::introspect("introspect", ("token", "x"))]
#[case::revoke("revoke", ("token", "x"))]
#[tokio::test]
async fn nothing_is_said_twice(#[case] endpoint: &str, #[case] twice: (&str, &str)) {
    let world = World::new().await;
    let form = [
        twice,
        twice,
        ("client_id", world.org.client_id.as_str()),
        ("client_secret", world.org.client_secret.as_str()),
    ];
    let (status, body) = send(&world, endpoint, &[], &form).await;
    let text = "The request contained multiple parameters with the same name.";
    assert_eq!((status, &body["error_description"]), (400, &json!(text)));
}

/// `illegal_origin_browser_request`, `unsupported_auth_method_browser_request` and
/// `unsupported_grant_type_browser_request`.
#[rstest]
#[case::of_another_origin(
    "https://evil.example.com",
    "authorization_code",
    (400, "Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.")
)]
#[case::without_a_verifier(
    "http://localhost:8080",
    "authorization_code",
    (401, "Browser requests to the token endpoint must use Proof Key for Code Exchange.")
)]
#[case::by_another_grant(
    "http://localhost:8080",
    "client_credentials",
    (400, "Browser requests to the token endpoint may only use the authorization_code grant_type.")
)]
#[tokio::test]
async fn a_page_redeems_no_more_than_the_codes_of_its_client(
    #[case] origin: &str,
    #[case] grant_type: &str,
    #[case] expected: (u16, &str),
) {
    let world = World::new().await;
    let grants = json!({"grant_types": ["authorization_code", "implicit", "client_credentials"]});
    world.change_client("settings", &grants).await;
    let code = world.code(&[]).await;
    let form = [
        ("grant_type", grant_type),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", &world.org.client_id),
        ("client_secret", &world.org.client_secret),
    ];
    let (status, body) = send(&world, "token", &[("origin", origin)], &form).await;
    assert_eq!(
        (status, &body["error_description"]),
        (expected.0, &json!(expected.1))
    );
}

/// `request_not_supported` and `request_uri_not_supported`: the metadata says nothing of either.
#[rstest]
#[case::in_the_request("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
#[case::by_address(
    "request_uri",
    "https://evil.example.com/r",
    "request_uri_not_supported"
)]
#[tokio::test]
async fn a_request_object_is_not_supported(
    #[case] name: &str,
    #[case] value: &str,
    #[case] error: &str,
) {
    let world = World::new().await;
    let url = world.authorize_url(&[(name, value)]);
    let fragment = Browser::new().get(&url).await.fragment();
    assert_eq!(fragment["error"], error);
}

#[tokio::test]
async fn signing_out_to_two_addresses_at_once_goes_to_neither() {
    let world = World::new().await;
    let tokens = world.sign_in("silver", &[]).await.fragment();
    let url = format!(
        "{}?id_token_hint={}&post_logout_redirect_uri={LOGOUT_URI}&post_logout_redirect_uri=https://evil.example",
        world.endpoint("logout"),
        tokens["id_token"]
    );
    let page = Browser::new().get(&url).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
}

/// okta/okta-developer-docs, `docs/reference/api/oidc`: without an address "the browser is
/// redirected to the Okta sign-in page".
#[tokio::test]
async fn signing_out_without_an_address_ends_on_a_page_of_the_org() {
    let world = World::new().await;
    let tokens = world.sign_in("silver", &[]).await.fragment();
    let url = format!(
        "{}?id_token_hint={}",
        world.endpoint("logout"),
        tokens["id_token"]
    );
    let mut browser = Browser::new();
    let location = browser.get(&url).await.header("location").to_owned();
    assert_eq!(location, format!("{}/", world.sandbox.org_url()));
    let page = browser.get(&location).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Sign In"), "{}", page.body);
}
