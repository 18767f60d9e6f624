//! Faults that pass, and differences that do no harm: each does what its name says.

use std::time::{Duration, Instant};

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, client};
use crate::world::{World, login};

async fn world(fault: &str) -> World {
    World::broken(fault.parse().unwrap()).await
}

/// Statuses of so many requests, one after the other; 0 where no answer came.
async fn statuses(url: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        let answer = client().get(url).send().await;
        statuses.push(answer.map_or(0, |answer| answer.status().as_u16()));
    }
    statuses
}

#[tokio::test]
async fn one_request_in_five_fails_in_three_ways() {
    let world = world("flaky.one-in-five").await;
    let statuses = statuses(&world.endpoint("keys"), 15).await;
    let failed = [4, 9, 14].map(|index| statuses[index]);
    assert_eq!(failed, [500, 503, 0], "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 12);
}

/// The last of four attempts is answered, also where others ask between them.
#[tokio::test]
async fn no_request_fails_each_time_it_is_made() {
    let world = world("flaky.one-in-five").await;
    let asked = |scope: &str| format!("{}?scope={scope}", world.endpoint("authorize"));
    let mut failures = Vec::new();
    for _ in 0..5 {
        statuses(&asked("another"), 4).await;
        failures.extend(statuses(&asked("one"), 1).await);
    }
    failures.retain(|status| *status != 400);
    assert_eq!(failures, [500, 503, 0]);
}

#[tokio::test]
async fn the_management_api_fails_as_often() {
    let world = world("flaky.one-in-five").await;
    let url = format!("{}/api/v1/groups", world.sandbox.org_url());
    assert_eq!(statuses(&url, 5).await, [401, 401, 401, 401, 500]);
}

#[tokio::test]
async fn one_request_in_five_is_slow() {
    let world = world("flaky.slow").await;
    let begun = Instant::now();
    assert_eq!(statuses(&world.endpoint("keys"), 5).await, [200; 5]);
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn one_call_in_five_of_the_sign_in_page_fails() {
    let world = world("flaky.sign-in").await;
    assert_eq!(statuses(&world.endpoint("keys"), 6).await, [200; 6]);
    let url = format!("{}/idp/idx/introspect", world.sandbox.org_url());
    let mut browser = Browser::new();
    for count in 1..=5 {
        let page = browser
            .post_json(&url, &json!({"stateToken": "none"}))
            .await;
        assert_eq!(page.status == 500, count == 5, "{count}: {}", page.status);
    }
}

#[rstest]
#[case::keys("v1/keys")]
#[case::discovery(".well-known/openid-configuration")]
#[case::authorize("v1/authorize")]
#[tokio::test]
async fn the_first_request_to_each_endpoint_is_one_too_many(#[case] path: &str) {
    let world = world("flaky.rate-limited").await;
    let url = format!("{}/{path}", world.issuer());
    let mut browser = Browser::new();
    let first = browser.get(&url).await;
    assert_eq!(
        (
            first.status.as_u16(),
            first.header("x-rate-limit-remaining")
        ),
        (429, "0")
    );
    assert_eq!(first.json()["errorCode"], "E0000047");
    let date = jiff::fmt::rfc2822::parse(first.header("date")).unwrap();
    let reset: i64 = first.header("x-rate-limit-reset").parse().unwrap();
    let wait = reset - date.timestamp().as_second();
    assert!((0..=2).contains(&wait), "{wait} seconds");
    assert_ne!(browser.get(&url).await.status, 429);
}

#[tokio::test]
async fn the_first_look_can_be_from_before_the_change() {
    let world = world("management.stale").await;
    let read = async |path: &str| {
        let url = format!("{}/api/v1/{path}", world.sandbox.org_url());
        let token = format!("SSWS {}", world.sandbox.api_token());
        let request = client().get(url).header("authorization", token);
        let answer = request.send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    assert_eq!(read("groups?q=silver").await, (200, json!([])));
    assert_eq!(read("groups?q=silver").await.1.as_array().unwrap().len(), 1);
    let user = format!("users/{}", login("silver"));
    let (status, body) = read(&user).await;
    assert_eq!(
        (status, body["errorCode"].as_str()),
        (404, Some("E0000007"))
    );
    assert_eq!(read(&user).await.0, 200);
}

#[tokio::test]
async fn the_key_that_signs_can_be_published_late() {
    let world = world("keys.lag").await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let kid = json!(jsonwebtoken::decode_header(&token).unwrap().kid.unwrap());
    let lists_it = |keys: Value| keys.as_array().unwrap().iter().any(|key| key["kid"] == kid);
    for _ in 0..2 {
        assert!(!lists_it(world.keys().await));
    }
    assert!(lists_it(world.keys().await));
}

#[tokio::test]
async fn keys_can_be_rotated_after_the_first_token() {
    let world = world("keys.rotate-after-first-token").await;
    let mut kids = Vec::new();
    for _ in 0..3 {
        let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
        world.verified(&token).await;
        kids.push(jsonwebtoken::decode_header(&token).unwrap().kid.unwrap());
    }
    assert_ne!(kids[0], kids[1]);
    assert_eq!(kids[1], kids[2]);
}

#[tokio::test]
async fn tokens_can_say_that_they_are_jwts() {
    let world = world("token-header.typ").await;
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    world.verified(&token).await;
}

#[tokio::test]
async fn discovery_can_hold_more() {
    let world = world("discovery.fields-extra").await;
    let url = format!("{}/.well-known/openid-configuration", world.issuer());
    let metadata = Browser::new().get(&url).await.json();
    assert_eq!(metadata["sandbox_extra"], json!({"harmless": true}));
    assert_eq!(metadata["issuer"], world.issuer());
}

#[tokio::test]
async fn objects_of_the_management_api_can_hold_more() {
    let world = world("management.fields-extra").await;
    let path = format!("apps/{}", world.org.client_id);
    let client = world.manage(Method::GET, &path, &Value::Null).await;
    assert_eq!(client["sandboxExtra"], "harmless");
    assert_eq!(
        client["settings"]["oauthClient"]["sandboxExtra"],
        "harmless"
    );
    assert_eq!(client["id"], world.org.client_id);
}
