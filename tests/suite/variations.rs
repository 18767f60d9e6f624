//! A server in front of the org that answers otherwise: what only differs turns nothing red, and
//! what is a breach does.

mod answers;
mod breaches;
mod differences;
mod endpoints;
mod harmless;
mod pages;
mod products;
mod replays;

use std::collections::{BTreeMap, BTreeSet};

use okta_e2e::config::Profile;
use okta_e2e::requirements::{Severity, Trial};
use okta_e2e::verification::Verified;
use rstest::rstest;

use crate::support::front::{Answer, Change, Front, Request};
use crate::support::world::World;

/// One thing that a server does otherwise.
pub(crate) type Variation = (&'static str, Change);

/// Everything that no server may do.
fn breaches() -> impl Iterator<Item = Variation> {
    let of_pages = pages::PAGES.into_iter().chain(replays::REPLAYS);
    let others = of_pages.chain(endpoints::ENDPOINTS);
    let others = others.chain(answers::ANSWERS).chain(products::PRODUCTS);
    breaches::BREACHES.into_iter().chain(others)
}

/// What servers may do otherwise.
fn harmless() -> impl Iterator<Item = Variation> {
    let harmless = harmless::HARMLESS.into_iter();
    let harmless = harmless.chain(differences::DIFFERENCES);
    harmless.chain(answers::RIGHT)
}

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
    for (name, change) in [unchanged].into_iter().chain(harmless()) {
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
    for (name, change) in breaches() {
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
    let known: BTreeSet<&str> = breaches().map(|(name, _)| name).collect();
    let proven = proofs.variations.keys().map(String::as_str).collect();
    assert_eq!(known, proven, "a proof of what is no variation");
}

/// What lets others in weighs as much as it can, whatever its row weighs.
#[rstest]
#[case::second_location("second-location-elsewhere", "protocol-redirects-elsewhere")]
#[case::first_location("first-location-elsewhere", "protocol-redirects-elsewhere")]
#[case::refresh("error-page-refreshes", "protocol-redirects-unregistered")]
#[case::refresh_in_the_page("error-page-refreshes-in-its-head", "protocol-redirects-unregistered")]
#[case::form("error-page-posts", "protocol-redirects-unregistered")]
#[case::another_path("answer-behind-the-path", "protocol-redirects-elsewhere")]
#[case::another_name("redirect-uri-by-another-name", "protocol-redirects-unregistered")]
#[case::in_the_query(
    "redirect-uri-in-the-query-of-a-form",
    "protocol-redirects-unregistered"
)]
#[case::request_object("request-object-leads", "protocol-redirects-elsewhere")]
#[case::alive("inactive-and-active", "protocol-answer-unsafe")]
#[case::secret("secret-said-again", "protocol-answer-unsafe")]
#[case::no_origin("cors-of-no-origin", "protocol-answer-unsafe")]
#[case::begins_alike("cors-of-what-begins-alike", "protocol-answer-unsafe")]
#[case::forwarded("forwarded-host-in-metadata", "protocol-answer-unsafe")]
#[case::script("error-page-goes-by-script", "protocol-redirects-unregistered")]
#[case::form_by_get("error-page-with-a-form-by-get", "protocol-redirects-unregistered")]
#[case::second_form(
    "second-form-of-an-error-page-posts",
    "protocol-redirects-unregistered"
)]
#[case::frame("error-page-with-a-frame", "protocol-redirects-unregistered")]
#[case::with_the_state(
    "error-page-refreshes-elsewhere-with-the-state",
    "protocol-redirects-elsewhere"
)]
#[case::line_break("line-break-in-a-state-makes-a-header", "protocol-answer-unsafe")]
#[case::older_id_token("silent-answer-with-an-older-id-token", "protocol-of-another")]
#[case::unsigned("userinfo-takes-unsigned-tokens", "protocol-unchecked")]
#[case::of_another_signature("introspection-of-another-signature", "protocol-unchecked")]
#[case::without_scheme("location-without-scheme", "protocol-redirects-elsewhere")]
#[case::with_a_refusal("refusal-with-a-token", "protocol-hands-out")]
#[case::sign_in_page("sign-in-page-for-any-redirect-uri", "protocol-taken")]
#[tokio::test]
async fn a_breach_is_required(#[case] name: &str, #[case] code: &str) {
    let (front, world) = behind_a_front().await;
    let change = breaches().find(|(known, _)| *known == name);
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
    assert!(
        codes.values().any(|found| found.contains(code)),
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

/// Keys with something private about them: a secret one, and others of several kinds.
const KEYS: [Variation; 6] = [
    ("secret", |request, answer| {
        with_key(request, answer, r#"{"kty":"oct","k":"c2VjcmV0"}"#);
    }),
    ("of-a-curve", |request, answer| {
        let key = r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","d":"AQ"}"#;
        with_key(request, answer, key);
    }),
    ("for-encryption", |request, answer| {
        let key = r#"{"kty":"RSA","use":"enc","n":"AQ","e":"AQAB","d":"AQ"}"#;
        with_key(request, answer, key);
    }),
    ("its-own", |request, answer| {
        with_members(request, answer, &["d", "p", "q", "dp", "dq", "qi"]);
    }),
    ("a-prime-alone", |request, answer| {
        with_members(request, answer, &["q"]);
    }),
    ("other-primes", |request, answer| {
        with_members(request, answer, &["oth"]);
    }),
];

/// A key that anyone has who verifies, signs as well: whatever kind of key it is, and whatever of
/// its private part is there.
#[tokio::test]
async fn a_key_that_anyone_signs_with_is_required_to_go() {
    let (front, mut world) = behind_a_front().await;
    world.config.profile = Profile::Document;
    for (name, change) in KEYS {
        front.changes(change);
        let of_keys = |trial: &Trial| trial.id.ends_with("its_keys_can_verify_rs256");
        let verified = world.verify_where(&of_keys).await;
        let results = verified.record.results.iter();
        let mut red = results.filter(|result| result.is_not_met());
        let is_it = red.any(|result| {
            let is_required = result.severity == Severity::Required;
            is_required && crate::finding_codes::codes(result).contains("key-private")
        });
        assert!(is_it, "{name}: {:?}", named(&verified, "not_met"));
        assert_eq!(verified.record.run.exit_status, 1, "{name}");
    }
}

/// Whoever registers a client there shows what the server alone is to see.
#[tokio::test]
async fn an_endpoint_of_any_name_elsewhere_is_red() {
    let (front, world) = behind_a_front().await;
    front.changes(with_registration_elsewhere);
    let red = named(&verified(&world).await, "not_met");
    let is_red = |id: &String| id.ends_with("its_endpoints_are_on_the_host_of_the_issuer");
    assert_eq!(red.iter().filter(|id| is_red(id)).count(), red.len());
    assert_eq!(red.len(), 1, "{red:?}");
}

fn with_registration_elsewhere(request: &Request, answer: &mut Answer) {
    if request.is_to("openid-configuration") {
        answer.rewrite_json(|value| {
            value["registration_endpoint"] = "https://other.example/clients".into();
        });
    }
}

/// Nobody gets tokens where they come as a form, and it is said why.
#[tokio::test]
async fn tokens_as_a_form_are_named() {
    let (front, world) = behind_a_front().await;
    let change = breaches().find(|(name, _)| *name == "tokens-as-a-form");
    front.changes(change.expect("a variation").1);
    let verified = verified(&world).await;
    let results = verified.record.results.iter();
    let said = |result: &okta_e2e::report::RecordedResult| {
        let said = result.reason.as_ref().or(result.actual.as_ref());
        said.cloned().unwrap_or_default()
    };
    let missing = results.filter(|result| !result.is_met());
    let missing: BTreeMap<&str, String> = missing
        .map(|result| (result.name.as_str(), said(result)))
        .collect();
    let is_named = |said: &String| said.contains("tokens as a form, which must come as JSON");
    assert!(missing.values().any(is_named), "{missing:#?}");
    assert_eq!(verified.record.run.exit_status, 1, "{missing:#?}");
    let record = serde_json::to_string(&verified.record).expect("JSON");
    for token in world.sandbox.secrets() {
        assert!(!record.contains(&token), "the record has a secret");
    }
}

/// A member that is there twice is named, and what is read by the last of both is judged all the
/// same.
#[rstest]
#[case::issuer("issuer-twice", "its_metadata_names_the_issuer", "metadata-repeats")]
#[case::key("key-id-twice", "its_keys_can_verify_rs256", "keys-repeat")]
#[case::tokens(
    "access-token-twice",
    "an_id_token_comes_with_the_access_token",
    "answer-repeats"
)]
#[case::state("state-twice", "both_tokens_are_in_the_fragment", "answer-repeats")]
#[tokio::test]
async fn what_a_server_says_of_itself_is_judged_in_its_step(
    #[case] name: &str,
    #[case] trial: &str,
    #[case] code: &str,
) {
    let (front, mut world) = behind_a_front().await;
    world.config.profile = Profile::Document;
    let change = breaches().find(|(known, _)| *known == name);
    front.changes(change.expect("a breach").1);
    let verified = verified(&world).await;
    let results = verified.record.results.iter();
    let mut red = results.filter(|result| result.is_not_met());
    let is_it = red.any(|result| {
        result.name.contains(trial) && crate::finding_codes::codes(result).contains(code)
    });
    assert!(is_it, "{:?}", named(&verified, "not_met"));
    let is_read = named(&verified, "met");
    assert!(is_read.iter().any(|id| id.contains("the_user_gets_tokens")));
}

/// Publishes one more key.
fn with_key(request: &Request, answer: &mut Answer, key: &str) {
    if request.is_to("/keys") {
        answer.rewrite_json(|value| {
            let keys = value["keys"].as_array_mut().expect("keys");
            keys.push(serde_json::from_str(key).expect("a key"));
        });
    }
}

/// Publishes members with the first key.
fn with_members(request: &Request, answer: &mut Answer, names: &[&str]) {
    if request.is_to("/keys") {
        answer.rewrite_json(|value| {
            for name in names {
                value["keys"][0][name] = "AQAB".into();
            }
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
