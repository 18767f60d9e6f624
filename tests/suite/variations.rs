//! A server in front of the org that answers otherwise: what only differs turns nothing red, and
//! what is a breach does.

mod breaches;
mod harmless;

use std::collections::{BTreeMap, BTreeSet};

use okta_e2e::config::Profile;
use okta_e2e::requirements::{Severity, Trial};
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::world::World;

/// One thing that a server does otherwise.
pub(crate) type Variation = (&'static str, Change);

pub(crate) use breaches::BREACHES;

/// What a server answers to is what these trials look at.
async fn verified(world: &World) -> Verified {
    let begins = ["protocol::", "step_3a", "step_5"];
    let here = |trial: &Trial| begins.iter().any(|begin| trial.id.starts_with(begin));
    world.verify_where(&here).await
}

/// The names of those with an outcome.
fn named(verified: &Verified, outcome: &str) -> BTreeSet<String> {
    let results = verified.record.results.iter();
    let results = results.filter(|result| result.outcome.word() == outcome);
    results.map(|result| result.id.clone()).collect()
}

async fn behind_a_front() -> (Front, World) {
    let front = Front::start().await;
    let mut world = World::behind(&front).await;
    world.config.profile = Profile::Standard;
    (front, world)
}

#[tokio::test]
async fn what_only_differs_turns_nothing_red() {
    let (front, world) = behind_a_front().await;
    let mut wrong = Vec::new();
    let unchanged: Variation = ("nothing", |_, _| {});
    for (name, change) in [unchanged].into_iter().chain(harmless::HARMLESS) {
        front.changes(change);
        let verified = verified(&world).await;
        for result in &verified.record.results {
            if !result.is_met() {
                let reason = result.reason.as_ref().or(result.actual.as_ref());
                wrong.push(format!("{name}: {}: {reason:?}", result.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `fixtures/protocol-proofs.toml` says which rows each turns red, and no others.
#[tokio::test]
async fn a_breach_turns_red_what_stands_beside_it() {
    let proofs = crate::protocol::Proofs::read();
    let (front, world) = behind_a_front().await;
    let mut wrong = Vec::new();
    for (name, change) in BREACHES {
        front.changes(change);
        let red = named(&verified(&world).await, "not_met").into_iter();
        let red: BTreeSet<String> = red
            .filter_map(|id| Some(id.strip_prefix("protocol::")?.to_owned()))
            .collect();
        let wanted = proofs.variations.get(name).cloned().unwrap_or_default();
        if red != wanted || red.is_empty() {
            wrong.push(format!("{name:?} = {red:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known: BTreeSet<&str> = BREACHES.iter().map(|(name, _)| *name).collect();
    let proven = proofs.variations.keys().map(String::as_str).collect();
    assert_eq!(known, proven, "a proof of what is no variation");
}

/// What lets others in weighs as much as it can, whatever its row weighs.
#[rstest]
#[case::second_location("second-location-elsewhere", "redirects-elsewhere")]
#[case::first_location("first-location-elsewhere", "redirects-elsewhere")]
#[case::refresh("error-page-refreshes", "redirects-unregistered")]
#[case::refresh_in_the_page("error-page-refreshes-in-its-head", "redirects-unregistered")]
#[case::form("error-page-posts", "redirects-unregistered")]
#[case::another_path("answer-behind-the-path", "redirects-elsewhere")]
#[case::another_name("redirect-uri-by-another-name", "redirects-unregistered")]
#[case::in_the_query("redirect-uri-in-the-query-of-a-form", "redirects-unregistered")]
#[case::request_object("request-object-leads", "redirects-elsewhere")]
#[case::alive("inactive-and-active", "answer-unsafe")]
#[case::secret("secret-said-again", "answer-unsafe")]
#[case::no_origin("cors-of-no-origin", "answer-unsafe")]
#[case::begins_alike("cors-of-what-begins-alike", "answer-unsafe")]
#[case::forwarded("forwarded-host-in-metadata", "answer-unsafe")]
#[tokio::test]
async fn a_breach_is_required(#[case] name: &str, #[case] code: &str) {
    let (front, world) = behind_a_front().await;
    let change = BREACHES.iter().find(|(known, _)| *known == name);
    front.changes(change.expect("a breach").1);
    let verified = verified(&world).await;
    let results = verified.record.results.iter();
    let required = results.filter(|result| result.is_not_met());
    let required = required.filter(|result| result.severity == Severity::Required);
    let codes: BTreeMap<&str, String> = required
        .map(|result| {
            (
                result.id.as_str(),
                crate::finding_codes::codes(result).into_iter().collect(),
            )
        })
        .collect();
    let code = format!("protocol-{code}");
    assert!(
        codes.values().any(|found| found.contains(&code)),
        "{codes:#?}"
    );
    assert_eq!(verified.record.run.exit_status, 1);
}

/// A server whose metadata nobody can read is nowhere taken for a good one.
#[rstest]
#[case::mark(marked)]
#[case::packed(packed)]
#[tokio::test]
async fn what_cannot_be_read_is_nowhere_met(#[case] change: Change) {
    let (front, world) = behind_a_front().await;
    front.changes(change);
    let verified = verified(&world).await;
    let met = named(&verified, "met");
    let met: Vec<_> = met
        .iter()
        .filter(|id| id.starts_with("protocol::"))
        .collect();
    assert!(met.is_empty(), "{met:?}");
    assert_ne!(verified.record.run.exit_status, 0);
}

/// A key that whoever verifies has, signs as well.
#[tokio::test]
async fn a_key_that_anyone_signs_with_is_red() {
    let (front, world) = behind_a_front().await;
    front.changes(with_a_key_for_all);
    let red = named(&verified(&world).await, "not_met");
    let is_red = red
        .iter()
        .any(|id| id.ends_with("its_keys_can_verify_rs256"));
    assert!(is_red, "{red:?}");
}

fn with_a_key_for_all(request: &Request, answer: &mut Answer) {
    if request.is_to("/keys") {
        answer.rewrite_json(|value| {
            let keys = value["keys"].as_array_mut().expect("keys");
            let key = serde_json::json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"});
            keys.push(key);
        });
    }
}

/// A mark of the order of bytes, which JSON must not begin with (RFC 8259 section 8.1).
fn marked(_: &Request, answer: &mut Answer) {
    if answer.has_kind("json") {
        answer.rewrite(|text| format!("\u{feff}{text}"));
    }
}

/// Nobody asked for it packed.
fn packed(request: &Request, answer: &mut Answer) {
    if request.is_to("openid-configuration") {
        answer.add("content-encoding", "gzip");
        answer.body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
    }
}
