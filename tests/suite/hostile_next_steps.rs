//! The next step after a hostile request is the one check that is missing, by its name.

use std::collections::BTreeSet;

use okta_e2e::config::Profile;
use okta_e2e::exchange;
use okta_e2e::requirements::{Step, Trial};
use rstest::rstest;

use crate::support::world::World;

/// The next step is the one check that is missing, not a list of all there are.
#[rstest]
#[case::issuer(
    "issuer-unchecked",
    "issuer_other",
    "check the issuer: `iss` must be `http"
)]
#[case::audience(
    "audience-unchecked",
    "audience_other",
    "check the audience: `aud` must be"
)]
#[case::expiry("expiry-unchecked", "expired_an_hour_ago", "check the time")]
#[case::scope(
    "rs.scope-prefix",
    "scope_longer",
    "must be `http://myapp.com/scp/gold`"
)]
#[case::algorithm("rs.hs-with-pubkey", "hmac_by_public_pkcs1_pem", "check the algorithm")]
#[case::none("rs.alg-none", "alg_none", "check the algorithm")]
#[case::key(
    "rs.fetch-jku",
    "jku_that_holds_the_issuer",
    "take keys from the `jwks_uri`"
)]
#[case::kid("rs.kid-file", "kid_path_empty_secret", "look `kid` up")]
#[case::base64(
    "rs.base64-lax",
    "signature_foreign_character_behind",
    "three segments of base64url"
)]
#[case::method("rs.head-open", "anonymous_head", "for every method")]
#[case::path(
    "rs.path-dot-segments",
    "anonymous_dot_dot",
    "by the path that is really served"
)]
#[case::header("rs.trust-xff", "trusted_address_x_real_ip", "believe no header")]
#[case::scheme(
    "rs.trust-other-schemes",
    "digest_of_a_name_alone",
    "answer 401 to whatever `Authorization` holds"
)]
#[case::host(
    "rs.vhost-open",
    "anonymous_other_host",
    "decide alike whatever `Host` a request names"
)]
#[case::part(
    "rs.trust-kind",
    "anonymous_range",
    "who asks for a part of an answer (`Range`)"
)]
#[case::unchanged(
    "rs.trust-kind",
    "anonymous_conditional",
    "decide before the header is read"
)]
#[case::way(
    "rs.cookie-token",
    "token_in_cookie",
    "from one `Authorization: Bearer` alone"
)]
#[case::cache(
    "rs.verdict-by-beginning",
    "signature_after_a_good_answer",
    "keep no answer"
)]
#[case::expired_since(
    "rs.cache-past-exp",
    "expired_after_a_good_answer",
    "keep no decision for longer than its token is good"
)]
#[case::two_tokens(
    "rs.verifies-first-reads-last",
    "forged_behind_the_genuine",
    "take one token from one place"
)]
#[case::connection(
    "rs.connection-remembered",
    "anonymous_on_a_good_connection",
    "a connection is not a session"
)]
#[case::shared(
    "rs.verdict-shared",
    "outsider_among_good_ones",
    "never in a variable that requests share"
)]
#[case::unnamed_client(
    "rs.trust-unnamed-client",
    "anonymous_without_user_agent",
    "whatever kind of client they say they are"
)]
#[case::unnamed_in_words(
    "rs.trust-unnamed-client",
    "anonymous_empty_user_agent",
    "whatever kind of client they say they are"
)]
#[case::query(
    "rs.trust-query-flags",
    "anonymous_flags_in_the_query",
    "by the path and the token alone"
)]
#[case::what_is_asked_for(
    "rs.includes-unchecked",
    "outsider_included_in_another",
    "ask for the scope of whatever is served"
)]
#[case::parameter(
    "rs.parameter-of-any-name",
    "token_in_other_parameters",
    "from one `Authorization: Bearer` alone"
)]
#[case::origin(
    "rs.cors-beginning",
    "cors_beginning",
    "compare the whole origin with the ones that you know"
)]
#[case::failure("rs.strip-500", "two_segments", "catch what the verifier throws")]
#[tokio::test]
async fn the_next_step_is_the_check_that_is_missing(
    #[case] fault: &str,
    #[case] case: &str,
    #[case] step: &str,
) {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    world.set_faults(None, Some(fault));
    let name = format!("hostile::{case}[/moons]");
    let verified = world.verify_filtered(&name).await;
    let mut results = verified.record.results.into_iter();
    let result = results
        .find(|result| result.name == name)
        .expect("the case");
    assert!(result.is_not_met(), "{result:?}");
    let fix = result.fix.expect("a fix").admin_console;
    assert!(fix.contains(step), "{fix}");
}

/// What is too large for the check goes past it, whatever else each request tries.
#[tokio::test]
async fn what_is_let_in_by_its_size_is_one_mistake() {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    world.set_faults(None, Some("rs.large-goes-past"));
    let tokens = |trial: &Trial| {
        let cases = exchange::family("tokens").iter();
        let mut ids = cases.map(|case| format!("hostile::{}", case.id));
        trial.step == Step::Access
            && (!trial.id.starts_with("hostile::") || ids.any(|id| id == trial.id))
    };
    let verified = world.verify_where(&tokens).await;
    let unmet = || verified.record.results.iter().filter(|it| it.is_not_met());
    for case in [
        "kid_long_empty_secret",
        "payload_large",
        "payload_30_kb",
        "long_word",
    ] {
        assert!(
            unmet().any(|it| it.id == format!("hostile::{case}")),
            "{case}"
        );
    }
    let fixes: BTreeSet<&str> = unmet()
        .filter_map(|it| Some(it.fix.as_ref()?.admin_console.as_str()))
        .collect();
    assert_eq!(fixes.len(), 1, "{fixes:#?}");
    assert!(
        fixes
            .iter()
            .all(|fix| fix.contains("what is large goes past the check"))
    );
}

/// Where the decision on one token is taken for another one, the part that both have is named, and
/// whatever is let in by that is one mistake.
#[rstest]
#[case::signature("rs.verdict-by-signature", "one with the same signature, or end")]
#[case::payload("rs.verdict-by-payload", "one with the same header and payload")]
#[case::beginning("rs.verdict-by-beginning", "one that begins like it")]
#[case::id("rs.verdict-by-id", "one with the same `jti`")]
#[case::subject("rs.verdict-by-subject", "one with the same `sub`")]
#[tokio::test]
async fn the_part_by_which_a_verdict_is_kept_is_named(#[case] fault: &str, #[case] part: &str) {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    world.set_faults(None, Some(fault));
    let of_tokens = |trial: &Trial| {
        let families = ["algorithms", "tokens", "claims", "caches"].into_iter();
        let mut cases = families.flat_map(exchange::family);
        let hostile = trial.id.strip_prefix("hostile::");
        let is_of_tokens = hostile.is_none_or(|id| cases.any(|case| case.id == id));
        trial.step == Step::Access && is_of_tokens
    };
    let verified = world.verify_where(&of_tokens).await;
    let unmet = verified.record.results.iter().filter(|it| it.is_not_met());
    let fixes: BTreeSet<&str> = unmet
        .filter_map(|it| Some(it.fix.as_ref()?.admin_console.as_str()))
        .filter(|fix| !fix.contains("keep no decision for longer"))
        .collect();
    assert_eq!(fixes.len(), 1, "{fixes:#?}");
    assert!(fixes.iter().all(|fix| fix.contains(part)), "{fixes:#?}");
}
