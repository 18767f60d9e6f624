//! Errors that go back to the client: which, with what text, and in which place.

use rstest::rstest;

use crate::browser::Browser;
use crate::world::{REDIRECT_URI, World};

type Change<'a> = (&'a str, &'a str);

#[rstest]
#[case::an_unknown_response_type(
    &[("response_type", "banana")], "unsupported_response_type",
    "The response type is not supported by the authorization server. Configured response types: [code, token, id_token]."
)]
#[case::an_unknown_response_mode_of_a_code(
    &[("response_type", "code"), ("response_mode", "foo")], "unsupported_response_mode",
    "The response mode is not supported by the authorization server. Valid response modes: [query, fragment, form_post, okta_post_message]."
)]
#[case::a_missing_state(
    &[("response_type", "code"), ("state", "")], "invalid_request",
    "The authentication request has an invalid 'state' parameter."
)]
#[case::prompt_none_without_a_session(
    &[("response_type", "code"), ("prompt", "none")], "login_required",
    "The client specified not to prompt, but the user is not logged in."
)]
#[case::plain_pkce(
    &[("response_type", "code"), ("code_challenge", "c")], "invalid_request",
    "PKCE code challenge method is not supported. Valid values: [S256]"
)]
#[case::a_request_uri(
    &[("response_type", "code"), ("request_uri", "https://x.example")], "request_uri_not_supported",
    "The authorize request uri is not supported by this client."
)]
#[tokio::test]
async fn an_error_comes_in_the_query_when_no_token_is_asked(
    #[case] changes: &[Change<'_>],
    #[case] error: &str,
    #[case] description: &str,
) {
    let world = World::new().await;
    let page = Browser::new().get(&world.authorize_url(changes)).await;
    assert_eq!(page.status, 302);
    assert!(page.header("location").starts_with(REDIRECT_URI));
    assert_eq!(page.query()["error"], error);
    assert_eq!(page.query()["error_description"], description);
}

#[rstest]
#[case::query_with_tokens(
    &[("response_mode", "query")], "unsupported_response_mode",
    "'query' response mode cannot be used with either the 'id_token' or 'token' response types."
)]
#[case::a_missing_nonce(
    &[("nonce", "")], "invalid_request",
    "The 'nonce' parameter is required for authorize requests with either the 'id_token' or 'token' response types.."
)]
#[case::an_unknown_scope(
    &[("scope", "openid http://myapp.com/scp/bronze")], "invalid_scope",
    "One or more scopes are not configured for the authorization server resource."
)]
#[case::a_scope_in_capitals(
    &[("scope", "openid http://myapp.com/scp/SILVER")], "invalid_scope",
    "One or more scopes are not configured for the authorization server resource."
)]
#[case::no_openid(
    &[("scope", "http://myapp.com/scp/silver")], "invalid_scope",
    "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope."
)]
#[case::no_scope_at_all(
    &[("scope", "")], "invalid_scope",
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided."
)]
#[case::two_prompts(
    &[("prompt", "none login")], "invalid_request",
    "Invalid value for 'prompt' parameter. Supported values: [none, login, consent, login consent]"
)]
#[case::a_negative_age(
    &[("max_age", "-1")], "invalid_request",
    "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1."
)]
#[case::no_prompt_and_no_session(
    &[("prompt", "none")], "login_required",
    "The client specified not to prompt, but the user is not logged in."
)]
#[tokio::test]
async fn an_error_comes_in_the_fragment_when_a_token_is_asked(
    #[case] changes: &[Change<'_>],
    #[case] error: &str,
    #[case] description: &str,
) {
    let world = World::new().await;
    let page = Browser::new().get(&world.authorize_url(changes)).await;
    assert_eq!(page.status, 302);
    assert_eq!(page.location().query(), None);
    let fragment = page.fragment();
    assert_eq!(fragment["error"], error);
    assert_eq!(fragment["error_description"], description);
    assert_eq!(fragment["state"], "a-state");
}

#[tokio::test]
async fn a_parameter_sent_twice_is_refused() {
    let world = World::new().await;
    let url = format!("{}&scope=openid", world.authorize_url(&[]));
    let fragment = Browser::new().get(&url).await.fragment();
    assert_eq!(fragment["error"], "invalid_request");
    let text = "The request contained multiple parameters with the same name.";
    assert_eq!(fragment["error_description"], text);
}
