//! A finding carries what it rests on: what was sent, what came back, what stood in the token.

use okta_e2e::report::{Evidence, RecordedResult};
use serde_json::to_string;

use crate::support::world::World;

async fn of(org: Option<&str>, api: Option<&str>, filter: &str) -> RecordedResult {
    let world = World::new().await;
    world.set_faults(org, api);
    let verified = world.verify_filtered(filter).await;
    let mut results = verified.record.results.into_iter();
    results.next().expect("a result")
}

fn kinds(result: &RecordedResult) -> Vec<&'static str> {
    let kind = |evidence: &Evidence| match evidence {
        Evidence::Request { .. } => "request",
        Evidence::Response { .. } => "response",
        Evidence::Claims { .. } => "claims",
        Evidence::Rule { .. } => "rule",
        Evidence::Screenshot { .. } => "screenshot",
    };
    result.evidence.iter().map(kind).collect()
}

#[tokio::test]
async fn a_breach_at_the_api_shows_the_token_that_was_let_in() {
    let result = of(
        None,
        Some("scope-unchecked"),
        "access::silver_is_refused_moons",
    )
    .await;
    assert!(result.is_not_met(), "{result:?}");
    assert_eq!(kinds(&result)[..3], ["request", "response", "claims"]);
    let [
        Evidence::Request { line, headers, .. },
        Evidence::Response { status, .. },
        Evidence::Claims { claims, .. },
        ..,
    ] = &result.evidence[..]
    else {
        panic!("{result:?}")
    };
    assert_eq!(line, "GET /moons");
    assert_eq!(headers[..], ["Authorization: Bearer {token}"]);
    assert_eq!(*status, Some(200));
    let scopes = claims["scp"].as_array().expect("scopes");
    assert!(!scopes.contains(&"http://myapp.com/scp/gold".into()));
    assert_eq!(claims["iat"], "…");
}

#[tokio::test]
async fn a_wrong_claim_is_marked() {
    let result = of(
        Some("access-token.aud.other"),
        None,
        "the_access_token_is_for_the_audience",
    )
    .await;
    assert!(result.is_not_met(), "{result:?}");
    let is_marked = |evidence: &Evidence| {
        matches!(evidence, Evidence::Claims { token, named, .. }
            if token.starts_with("access token") && *named == ["aud"])
    };
    assert!(result.evidence.iter().any(is_marked), "{result:?}");
    let request = to_string(&result.evidence[0]).expect("JSON");
    assert!(request.contains("/v1/authorize?"), "{request}");
    assert!(
        !request.contains("state=") || request.contains("state=%E2%80%A6"),
        "{request}"
    );
}

#[tokio::test]
async fn what_is_met_carries_none() {
    let result = of(None, None, "access::silver_is_refused_moons").await;
    assert!(result.is_met(), "{result:?}");
    assert_eq!(result.evidence, []);
}
