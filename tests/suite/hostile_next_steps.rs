//! The next step after a hostile request is the one check that is missing, by its name.

use okta_e2e::config::Profile;
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
