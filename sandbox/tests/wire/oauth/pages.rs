//! Okta's own error page, and answers that are pages.

use okta_sandbox::{ErrorPage, Options};
use rstest::rstest;

use crate::browser::Browser;
use crate::world::{REDIRECT_URI, World};

#[rstest]
#[case::another_host(("redirect_uri", "https://evil.example/callback"))]
#[case::a_longer_path(("redirect_uri", "http://localhost:8080/callback/x"))]
#[case::a_trailing_slash(("redirect_uri", "http://localhost:8080/callback/"))]
#[case::another_case(("redirect_uri", "http://localhost:8080/Callback"))]
#[case::a_query(("redirect_uri", "http://localhost:8080/callback?x=1"))]
#[case::another_port(("redirect_uri", "http://localhost:8081/callback"))]
#[case::none(("redirect_uri", ""))]
#[case::an_unknown_client(("client_id", "0oaunknown"))]
#[case::no_client(("client_id", ""))]
#[tokio::test]
async fn a_request_that_has_nowhere_to_go_shows_a_page(#[case] change: (&str, &str)) {
    let world = World::new().await;
    let page = Browser::new().get(&world.authorize_url(&[change])).await;
    assert_eq!(page.status, 400);
    assert_eq!(page.header("location"), "");
    assert_eq!(page.header("x-frame-options"), "SAMEORIGIN");
    assert!(page.body.contains("Your request resulted in an error."));
}

#[rstest]
#[case::classic(ErrorPage::Classic, "<h2 id=\"error-description\">Description: ")]
#[case::themed(ErrorPage::Themed, "<p class=\"o-form-explain\">")]
#[tokio::test]
async fn the_page_has_either_of_oktas_templates(
    #[case] error_page: ErrorPage,
    #[case] before: &str,
) {
    let world = World::with(Options {
        error_page,
        ..Options::default()
    })
    .await;
    let url = world.authorize_url(&[("redirect_uri", "https://evil.example")]);
    let body = Browser::new().get(&url).await.body;
    let after = body
        .split(before)
        .nth(1)
        .expect("the template's description");
    let text = "The &#x27;redirect_uri&#x27; parameter must be a Login redirect URI in the client \
                app settings: http:";
    assert!(after.starts_with(text), "{after}");
    assert!(after.contains(&world.org.client_id));
}

#[tokio::test]
async fn a_redirect_uri_sent_twice_shows_a_page() {
    let world = World::new().await;
    let url = format!(
        "{}&redirect_uri=https://evil.example",
        world.authorize_url(&[])
    );
    assert_eq!(Browser::new().get(&url).await.status, 400);
}

#[tokio::test]
async fn form_post_carries_the_answer_in_a_page() {
    let world = World::new().await;
    let state = "a\"><img src=x>";
    let asked = [("response_mode", "form_post"), ("state", state)];
    let page = world.sign_in("silver", &asked).await;
    assert_eq!(page.status, 200);
    assert!(page.header("cache-control").contains("no-store"));
    assert!(page.body.contains("name=\"access_token\""));
    assert!(page.body.contains("name=\"id_token\""));
    assert!(!page.body.contains("<img"));
    assert!(
        page.body
            .contains("action=\"http:&#x2f;&#x2f;localhost:8080&#x2f;callback\"")
    );
}

#[tokio::test]
async fn okta_post_message_goes_to_the_origin_of_the_redirect_uri_alone() {
    let world = World::new().await;
    let asked = [("response_mode", "okta_post_message")];
    let page = world.sign_in("silver", &asked).await;
    assert!(
        page.body
            .contains(r"postMessage(data, 'http\x3A\x2F\x2Flocalhost\x3A8080')")
    );
    assert!(page.body.contains(r"data['access\x5Ftoken']"));
}

#[tokio::test]
async fn what_a_request_says_stays_text_in_the_sign_in_page() {
    let world = World::new().await;
    let asked = [("login_hint", "</script><img src=x>")];
    let mut browser = Browser::new();
    let url = world.authorize_url(&asked);
    assert!(!browser.get(&url).await.body.contains("<img"));
    let first = browser.open(&url).await.first.json();
    let identifier = &first["remediation"]["value"][0]["value"][0];
    assert_eq!(identifier["value"], "</script><img src=x>");
}

#[tokio::test]
async fn a_fragment_mode_moves_a_code_into_the_fragment() {
    let world = World::new().await;
    let asked = [("response_type", "code"), ("response_mode", "fragment")];
    let page = world.sign_in("silver", &asked).await;
    assert!(
        page.header("location")
            .starts_with(&format!("{REDIRECT_URI}#code="))
    );
}
