//! Faults of the API that pass, and differences that do no harm.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use super::issuer::{SILVER, World};

async fn world(fault: &str) -> World {
    let world = World::new().await;
    world.solar.set_fault(Some(fault.parse().unwrap()));
    world
}

#[tokio::test]
async fn one_request_in_five_fails_in_three_ways() {
    let world = world("flaky.one-in-five").await;
    let mut statuses = Vec::new();
    for _ in 0..15 {
        let url = format!("{}/planets", world.solar.url());
        let answer = crate::browser::client().get(url).send().await;
        statuses.push(answer.map_or(0, |answer| answer.status().as_u16()));
    }
    assert_eq!([4, 9, 14].map(|index| statuses[index]), [500, 503, 0]);
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 12);
}

#[rstest]
#[case::one_in_five("flaky.slow", 5, Duration::from_millis(300))]
#[case::each_a_little("latency", 1, Duration::from_millis(50))]
#[case::each_a_lot("answers.slow", 1, Duration::from_millis(300))]
#[tokio::test]
async fn answers_can_be_late(
    #[case] fault: &str,
    #[case] requests: usize,
    #[case] at_least: Duration,
) {
    let world = world(fault).await;
    let begun = Instant::now();
    for _ in 0..requests {
        assert_eq!(world.status("/planets", None).await, 401);
    }
    assert!(begun.elapsed() >= at_least);
}

#[tokio::test]
async fn the_first_request_can_be_one_too_many() {
    let world = world("rate-limited-once").await;
    let url = format!("{}/planets", world.solar.url());
    let first = crate::browser::client().get(url).send().await.unwrap();
    let wait = first.headers().get("retry-after").unwrap();
    assert_eq!(
        (first.status().as_u16(), wait.to_str().unwrap()),
        (429, "1")
    );
    assert_eq!(world.status("/planets", None).await, 401);
}

#[tokio::test]
async fn each_fiftieth_request_can_be_one_too_many() {
    let world = world("rate-limited.one-in-fifty").await;
    let mut too_many = 0;
    for _ in 0..150 {
        too_many += u16::from(world.status("/planets", None).await == 429);
    }
    assert_eq!(too_many, 3);
}

#[tokio::test]
async fn who_asks_again_can_be_let_in() {
    let world = world("opens-when-asked-again").await;
    let token = world.access_token(&[SILVER]);
    assert_eq!(world.status("/moons", None).await, 503);
    let (status, _, body) = world.call("/moons", None).await;
    assert_eq!((status, body[0].as_str()), (200, Some("adrastea")));
    assert_eq!(world.status("/moons", Some(&token)).await, 403);
}

#[tokio::test]
async fn a_failure_can_tell_the_list_once() {
    let world = world("leaks-in-failure").await;
    let (status, _, body) = world.call("/planets", None).await;
    assert_eq!((status, body[0].as_str()), (500, Some("mercury")));
    assert_eq!(
        world.call("/planets", None).await,
        (401, "Bearer".to_owned(), Value::Null)
    );
}

#[rstest]
#[case::in_small_letters("challenge.lower-case", "bearer")]
#[case::beside_another("challenge.several", "DPoP algs=\"RS256\", Bearer")]
#[tokio::test]
async fn a_challenge_can_look_otherwise(#[case] fault: &str, #[case] challenge: &str) {
    let world = world(fault).await;
    let (status, found, _) = world.call("/planets", None).await;
    assert_eq!((status, found.as_str()), (401, challenge));
}
