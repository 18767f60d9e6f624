//! The redirect URI: read, but never reached.

use futures_util::FutureExt;
use okta_e2e::browser::{Browsers, Landing};
use okta_e2e::openid::Response;
use rstest::rstest;

use super::org::{Org, PASSWORD, use_browser};

#[rstest]
#[case::by_name("localhost")]
#[case::by_address("127.0.0.1")]
#[tokio::test]
async fn nothing_reaches_a_listener_at_the_redirect_uri(#[case] host: &str) {
    let org = Org::start_with_redirect(host).await;
    let browsers = org.browsers().await;
    assert!(browsers.shields_redirect_uri());
    let mut user = browsers.user().await.unwrap();
    for page in ["redirect", "classic"] {
        let landing = org.sign_in(&mut user, page, PASSWORD).await;
        let Landing::Redirected { url, .. } = landing else {
            panic!("{landing:?}")
        };
        assert_eq!(url.expose().fragment(), Some("access_token=abc&state=xyz"));
    }
    assert!(
        org.callback.accept().now_or_never().is_none(),
        "the browser connected"
    );
    assert_eq!(
        org.seen.lock().unwrap().authorizations,
        2,
        "each request is made once"
    );
}

#[tokio::test]
async fn full_chromium_makes_each_request_once_and_stays_away_from_the_redirect_uri() {
    let org = Org::start().await;
    let mut config = org.config();
    use_browser(&mut config, "chromium");
    let browsers = Browsers::start(config).await.unwrap();
    let mut user = browsers.user().await.unwrap();
    for page in ["redirect", "gen3"] {
        let landing = org.sign_in(&mut user, page, PASSWORD).await;
        assert!(matches!(landing, Landing::Redirected { .. }), "{landing:?}");
    }
    assert!(
        org.callback.accept().now_or_never().is_none(),
        "the browser connected"
    );
    assert_eq!(org.seen.lock().unwrap().authorizations, 2);
}

/// What is posted to the redirect URI is posted to a server of the suite's; where the browser finds
/// none, it is posted to nobody, and is not seen.
#[rstest]
#[case::by_http("http://127.0.0.1:8080/callback?tenant=1", &["access_token", "state"])]
#[case::by_https("https://client.invalid/cb", &[])]
#[tokio::test]
async fn an_answer_in_a_form_is_read_where_it_is_posted(
    #[case] redirect_uri: &str,
    #[case] names: &[&str],
) {
    let mut org = Org::start().await;
    org.redirect_uri = redirect_uri.parse().unwrap();
    let browsers = org.browsers().await;
    let mut user = browsers.user().await.unwrap();
    let landing = org.sign_in(&mut user, "form", PASSWORD).await;
    let Landing::Redirected { url, .. } = landing else {
        panic!("{landing:?}")
    };
    let response = Response::parse(&org.redirect_uri, url.expose());
    let named = response.form.names();
    let named: Vec<_> = named.into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(named, names);
    let state = response.form.get("state");
    assert_eq!(state, names.last().map(|_| "x&z"));
    assert_eq!(
        response.fragment.names().len() + response.query.names().len(),
        0
    );
}

/// An answer that arrives elsewhere is no sign-in page, and nothing to be opened again: be it where
/// nobody is, where the client is, or at a page that takes it out of its address or leads on.
#[rstest]
#[case::where_nobody_is("http://127.0.0.1:9/callback")]
#[case::where_the_client_is("{client}/extra")]
#[case::at_a_page_that_strips_it("{other}strips")]
#[case::at_a_page_that_leads_on("{other}leads_on")]
#[case::at_an_address_that_leads_on("{other}redirects")]
#[tokio::test]
async fn an_answer_at_another_address_is_seen(#[case] at: &str) {
    let (org, other) = (Org::start().await, Org::start().await);
    let at = at.replace("{client}", org.redirect_uri.as_str());
    let at = at.replace("{other}", other.url.as_str());
    let browsers = org.browsers().await;
    let mut url = org.url.join("authorize").unwrap();
    url.query_pairs_mut()
        .append_pair("page", "redirect")
        .append_pair("redirect_uri", &at)
        .append_pair("state", "xyz");
    let mut user = browsers.user().await.unwrap();
    let landing = org.open(&mut user, &url).await.unwrap();
    let Landing::Elsewhere { url, signed_in } = landing else {
        panic!("{landing:?}")
    };
    assert!(!signed_in);
    let answer = format!("{at}#access_token=abc&state=xyz");
    assert_eq!(url.expose().as_str(), answer);
    assert_eq!(org.seen.lock().unwrap().authorizations, 1);
}

#[rstest]
#[case::https_name("https://client.invalid/cb")]
#[case::no_path("https://client.invalid")]
#[case::with_port("http://client.invalid:8080/a/b")]
#[tokio::test]
async fn any_web_address_can_be_the_redirect_uri(#[case] redirect_uri: &str) {
    let mut org = Org::start().await;
    org.redirect_uri = redirect_uri.parse().unwrap();
    let browsers = org.browsers().await;
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "redirect", PASSWORD)
        .await;
    let Landing::Redirected { url, signed_in } = landing else {
        panic!("{landing:?}")
    };
    assert!(!signed_in);
    assert!(url.expose().as_str().starts_with(redirect_uri));
    assert_eq!(url.expose().fragment(), Some("access_token=abc&state=xyz"));
}

/// What is at the redirect URI runs there, since it cannot be kept away: it may take the answer out
/// of the address before anybody looks at it.
#[rstest]
#[case::taken_out_of_the_address("strips")]
#[case::by_a_page_that_leads_on("leads_on")]
#[case::by_an_answer_that_leads_on("redirects")]
#[tokio::test]
async fn an_answer_to_the_org_itself_is_read_whatever_becomes_of_it(#[case] path: &str) {
    let mut org = Org::start().await;
    org.redirect_uri = org.url.join(path).unwrap();
    let browsers = org.browsers().await;
    let mut user = browsers.user().await.unwrap();
    for page in ["gen2", "redirect"] {
        let landing = org.sign_in(&mut user, page, PASSWORD).await;
        let Landing::Redirected { url, .. } = landing else {
            panic!("{landing:?}")
        };
        assert!(url.expose().as_str().starts_with(org.redirect_uri.as_str()));
        assert_eq!(url.expose().fragment(), Some("access_token=abc&state=xyz"));
    }
}

#[tokio::test]
async fn a_redirect_uri_on_the_org_itself_is_not_cut_off() {
    let mut org = Org::start().await;
    org.redirect_uri = org.url.join("callback").unwrap();
    let browsers = org.browsers().await;
    assert!(!browsers.shields_redirect_uri());
    let landing = org
        .sign_in(&mut browsers.user().await.unwrap(), "gen2", PASSWORD)
        .await;
    assert!(
        matches!(
            landing,
            Landing::Redirected {
                signed_in: true,
                ..
            }
        ),
        "{landing:?}"
    );
}

/// No browser goes to an app: where it was sent is known all the same, for one visit and the next.
#[rstest]
#[case::one_slash("com.example.app:/callback")]
#[case::a_host("com.example.app://callback")]
#[tokio::test]
async fn an_app_can_be_the_redirect_uri(#[case] redirect_uri: &str) {
    let mut org = Org::start().await;
    org.redirect_uri = redirect_uri.parse().unwrap();
    let browsers = org.browsers().await;
    let mut user = browsers.user().await.unwrap();
    for (page, typed) in [("redirect", false), ("gen3", true), ("redirect", false)] {
        let landing = org.sign_in(&mut user, page, PASSWORD).await;
        let Landing::Redirected { url, signed_in } = landing else {
            panic!("{page}: {landing:?}")
        };
        assert_eq!(signed_in, typed, "{page}");
        assert!(url.expose().as_str().starts_with(redirect_uri), "{page}");
        assert_eq!(url.expose().fragment(), Some("access_token=abc&state=xyz"));
    }
    assert_eq!(org.seen.lock().unwrap().authorizations, 3);
}
