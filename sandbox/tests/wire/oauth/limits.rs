//! Okta's client-based rate limit of the authorize endpoint: 60 requests a minute for a client and
//! a browser, which the cookie `DT` tells apart (Okta's reference, "Client-based rate limits").

use okta_sandbox::Options;

use crate::browser::Browser;
use crate::world::World;

#[tokio::test]
async fn a_client_and_browser_have_so_many_requests_a_minute() {
    let options = Options {
        authorize_per_minute: Some(3),
        ..Options::default()
    };
    let world = World::with(options).await;
    let url = world.authorize_url(&[("prompt", "none")]);
    let mut nobody = Browser::new();
    for remaining in ["2", "1", "0"] {
        let page = nobody.get(&url).await;
        assert_eq!(page.status, 302);
        assert_eq!(page.header("x-rate-limit-limit"), "3");
        assert_eq!(page.header("x-rate-limit-remaining"), remaining);
    }
    let refused = nobody.get(&url).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["errorCode"], "E0000047");
    assert!(refused.header("x-rate-limit-reset").parse::<i64>().is_ok());
    assert_eq!(
        refused.header("retry-after"),
        "",
        "as recorded: there is none"
    );
    let other = world.authorize_url(&[("client_id", "0oaother")]);
    assert_eq!(
        nobody.get(&other).await.status,
        400,
        "another client has its own"
    );
    let keys = nobody.get(&world.endpoint("keys")).await;
    assert_eq!(keys.status, 200);
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let world = World::new().await;
    let page = Browser::new().get(&world.authorize_url(&[])).await;
    assert_eq!(page.header("x-rate-limit-limit"), "");
}
