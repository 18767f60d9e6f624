//! Rate limits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use okta_sandbox::Options;

use super::api::{Api, Reply};

fn number(reply: &Reply, name: &str) -> u64 {
    reply.headers[name].to_str().unwrap().parse().unwrap()
}

async fn limited(window_seconds: u32) -> Api {
    let options = Options {
        rate_limit_per_minute: 2,
        rate_limit_window_seconds: window_seconds,
        ..Options::default()
    };
    Api::with(options).await
}

#[tokio::test]
async fn calls_are_counted_for_each_kind_of_object_until_none_is_left() {
    let api = limited(60).await;
    let first = api.get("groups").await;
    assert_eq!(number(&first, "x-rate-limit-limit"), 2);
    assert_eq!(number(&first, "x-rate-limit-remaining"), 1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let left = number(&first, "x-rate-limit-reset") - now.as_secs();
    assert!((58..=60).contains(&left), "{left} s");
    assert_eq!(
        number(&api.get("groups").await, "x-rate-limit-remaining"),
        0
    );
    let refused = api.get("groups").await;
    assert_eq!(refused.refusal(), (429, "E0000047"));
    assert_eq!(number(&refused, "x-rate-limit-remaining"), 0);
    assert_eq!(refused.headers.get("retry-after"), None);
    assert_eq!(api.get("users").await.status, 200);
}

#[tokio::test]
async fn calls_are_taken_again_after_the_reset() {
    let api = limited(1).await;
    let polled = async {
        while api.get("groups").await.status != 429 {}
        while api.get("groups").await.status == 429 {}
    };
    let deadline = Duration::from_secs(10);
    assert!(tokio::time::timeout(deadline, polled).await.is_ok());
}
