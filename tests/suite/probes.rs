//! Probes: tokens that the org signs and that the API must refuse, where nobody owns the issuer's
//! key.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use okta_e2e::clock::Clock;
use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::{Severity, Trial};
use okta_e2e::verification::Verified;
use okta_sandbox::{Sandbox, SolarSystem};
use rstest::rstest;

use crate::finding_codes::codes;
use crate::support::served;
use crate::support::world::{World, file};

const PROBE: &str = "hostile::near_scope";
const SHORT_LIVED: &str = "hostile::short_lived";
const ISSUER: &str = "hostile::another_server";
const AUDIENCE: &str = "hostile::another_server_and_audience";
const MODEL: &str = "fixtures/org-probes.toml";
/// What makes the probes.
const COMMAND: &str = "cargo run -- provision --env-file .env --with-probes";

/// A world of a model, faced as an org whose key is somebody else's.
async fn world(model: &str) -> World {
    let mut world = World::of(model, Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    world.access.trusted_key = None;
    world
}

/// A model with probes, and an org that was set up without them.
async fn unprovisioned() -> World {
    let mut world = world("fixtures/org.toml").await;
    world.model = OrgModel::load(&file(MODEL)).expect("the model is right");
    world
}

async fn of_scopes(world: &World) -> Verified {
    let here = |trial: &Trial| trial.id == PROBE || trial.id == "hostile::scope_longer";
    world.verify_where(&here).await
}

fn of<'v>(verified: &'v Verified, id: &str) -> Vec<&'v RecordedResult> {
    let results = verified.record.results.iter();
    let found: Vec<_> = results.filter(|result| result.id == id).collect();
    assert_eq!(found.len(), 2, "{id}, at both endpoints");
    found
}

/// A right API refuses them; what only a key could show otherwise is not missing then.
#[tokio::test]
async fn a_right_api_refuses_what_the_org_signs_for_a_probe() {
    let verified = of_scopes(&world(MODEL).await).await;
    for result in of(&verified, PROBE) {
        assert!(result.is_met(), "{result:#?}");
    }
    for result in of(&verified, "hostile::scope_longer") {
        assert_eq!(result.cause, Some(Cause::NotApplicable), "{result:#?}");
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(PROBE), "{reason}");
    }
    assert_eq!(verified.record.run.exit_status, 0);
    let verdict = &verified.record.run.verdict;
    assert!(!verdict.contains("check of another"), "{verdict}");
}

#[rstest]
#[case::beginning("rs.scope-prefix")]
#[case::part("rs.scope-substring")]
#[case::in_one_text("rs.scope-string-includes")]
#[tokio::test]
async fn an_api_that_takes_a_part_of_a_scope_is_caught_without_any_key(#[case] fault: &str) {
    let world = world(MODEL).await;
    world.set_faults(None, Some(fault));
    let verified = of_scopes(&world).await;
    for result in of(&verified, PROBE) {
        assert!(result.is_not_met(), "{result:#?}");
        assert_eq!(result.severity, Severity::Required);
        assert_eq!(codes(result), ["hostile-let-in".to_owned()].into());
        let fix = result.fix.as_ref().expect("a fix");
        let step = &fix.admin_console;
        assert!(
            step.contains("check the scope: an item of `scp` must be"),
            "{step}"
        );
    }
    assert_eq!(verified.record.run.exit_status, 1);
}

/// The users sign in once, as ever: what is asked for a probe is asked in that session.
#[tokio::test]
async fn nobody_signs_in_again_for_a_probe() {
    let verified = of_scopes(&world(MODEL).await).await;
    assert_eq!(
        verified.record.run.sign_ins, 2,
        "SILVER and GOLD, once each"
    );
}

/// Without the org's help nothing is green, and the run says how it is had.
#[tokio::test]
async fn an_org_without_probes_leaves_them_not_configured() {
    let here = |trial: &Trial| trial.id == PROBE || trial.id.starts_with("access::");
    let verified = unprovisioned().await.verify_where(&here).await;
    for result in of(&verified, PROBE) {
        assert_eq!(result.cause, Some(Cause::NotConfigured), "{result:#?}");
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(COMMAND), "{reason}");
    }
    let verdict = &verified.record.run.verdict;
    assert!(
        verdict.contains("the API's check of another scope"),
        "{verdict}"
    );
    assert_eq!(verified.record.run.exit_status, 0);
}

/// A token that the endpoint is right to take shows nothing, nor does one that holds no scope.
#[rstest]
#[case::good("access-token.scp.adds-all")]
#[case::for_nothing("access-token.scp.missing")]
#[tokio::test]
async fn a_token_that_is_no_probe_shows_nothing(#[case] fault: &str) {
    let world = world(MODEL).await;
    world.set_faults(Some(fault), None);
    let verified = of_scopes(&world).await;
    for result in of(&verified, PROBE) {
        assert!(!result.is_met() && !result.is_not_met(), "{result:#?}");
    }
}

/// A refusal proves nothing while the same user's good token is refused too.
#[tokio::test]
async fn a_probe_is_compared_with_a_good_token_of_its_user() {
    let world = world(MODEL).await;
    world.set_faults(None, Some("forbidden-to-all"));
    let verified = of_scopes(&world).await;
    for result in of(&verified, PROBE) {
        assert!(!result.is_met() && !result.is_not_met(), "{result:#?}");
    }
}

/// Where the model has no probes, what makes them is drift.
#[rstest]
#[case::policy(
    "step_3c_access_policy::the_policies_say_nothing_beyond_the_model",
    "near scopes"
)]
#[case::servers(
    "step_3a_authorization_server::the_authorization_server_differs_in_nothing_else",
    "`okta-e2e probe: another issuer`, `okta-e2e probe: another audience`"
)]
#[tokio::test]
async fn probes_that_no_model_names_are_drift(#[case] drift: &str, #[case] named: &str) {
    let mut world = world(MODEL).await;
    let verified = world.verify_filtered(drift).await;
    assert!(verified.record.results[0].is_met(), "the model names them");
    world.model = OrgModel::load(&file("fixtures/org.toml")).expect("the model is right");
    let verified = world.verify_filtered(drift).await;
    let result = &verified.record.results[0];
    let actual = result.actual.as_deref().unwrap_or_default();
    assert!(result.is_not_met() && actual.contains(named), "{result:#?}");
}

/// An API and a run whose clocks go a minute further whenever the run waits for a token to end.
async fn world_of_fast_clocks() -> World {
    let mut world = world(MODEL).await;
    world.config.profile = Profile::Full;
    let ahead = Arc::new(AtomicI64::new(0));
    let audience = &world.model.authorization_server.audience;
    world.api = SolarSystem::builder(&world.access.issuer, audience)
        .endpoints(served::endpoints(&world.model))
        .clock_ahead(Arc::clone(&ahead))
        .start()
        .await
        .expect("the API starts");
    world.config.clock = Clock::of(move || {
        let ahead = ahead.fetch_add(60, Ordering::Relaxed);
        Timestamp::now() + SignedDuration::from_secs(ahead)
    });
    world
}

async fn of_time(world: &World) -> Verified {
    let ids = [SHORT_LIVED, "hostile::expired_six_minutes_ago"];
    let here = |trial: &Trial| ids.contains(&trial.id.as_str());
    world.verify_where(&here).await
}

#[tokio::test]
async fn a_right_api_takes_no_token_that_has_ended() {
    let verified = of_time(&world_of_fast_clocks().await).await;
    for result in of(&verified, SHORT_LIVED) {
        assert!(result.is_met(), "{result:#?}");
    }
    for result in of(&verified, "hostile::expired_six_minutes_ago") {
        assert_eq!(result.cause, Some(Cause::NotApplicable), "{result:#?}");
    }
    assert_eq!(
        verified.record.run.sign_ins, 2,
        "SILVER and GOLD, once each"
    );
}

#[tokio::test]
async fn an_api_that_checks_no_expiry_is_caught_without_any_key() {
    let world = world_of_fast_clocks().await;
    world.set_faults(None, Some("expiry-unchecked"));
    let verified = of_time(&world).await;
    for result in of(&verified, SHORT_LIVED) {
        assert!(result.is_not_met(), "{result:#?}");
        assert_eq!(result.severity, Severity::Required);
        let fix = result.fix.as_ref().expect("a fix");
        assert!(fix.admin_console.contains("check the time"), "{fix:?}");
    }
}

/// What the API refuses at once, it does not refuse for having ended.
#[tokio::test]
async fn a_token_that_was_never_good_shows_nothing_when_it_has_ended() {
    let world = world_of_fast_clocks().await;
    world.set_faults(None, Some("scope-list-exact"));
    let verified = of_time(&world).await;
    for result in of(&verified, SHORT_LIVED) {
        assert!(!result.is_met() && !result.is_not_met(), "{result:#?}");
    }
}

/// Another rule gave it: it is not waited for.
#[tokio::test]
async fn a_token_that_lives_longer_is_not_waited_for() {
    let world = world_of_fast_clocks().await;
    world.set_faults(Some("access-token.exp.other"), None);
    let verified = of_time(&world).await;
    for result in of(&verified, SHORT_LIVED) {
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("another rule gave it"), "{result:#?}");
    }
}

/// `standard` waits for nothing.
#[tokio::test]
async fn the_standard_profile_sends_no_token_that_must_be_waited_for() {
    let world = world(MODEL).await;
    let verified = world.verify_where(&|trial| trial.id == SHORT_LIVED).await;
    assert!(verified.record.results.is_empty());
}

/// Each server has its own key: what the API makes of both is shown by an API that trusts the org.
async fn of_servers(world: &World) -> Verified {
    let ids = [
        ISSUER,
        AUDIENCE,
        "hostile::issuer_other",
        "hostile::audience_other",
    ];
    let here = |trial: &Trial| ids.contains(&trial.id.as_str());
    world.verify_where(&here).await
}

#[tokio::test]
async fn a_right_api_takes_no_token_of_another_server() {
    let verified = of_servers(&world(MODEL).await).await;
    for id in [ISSUER, AUDIENCE] {
        for result in of(&verified, id) {
            assert!(result.is_met(), "{result:#?}");
        }
    }
    for id in ["hostile::issuer_other", "hostile::audience_other"] {
        for result in of(&verified, id) {
            assert_eq!(result.cause, Some(Cause::NotApplicable), "{result:#?}");
        }
    }
    assert_eq!(
        verified.record.run.sign_ins, 2,
        "SILVER and GOLD, once each"
    );
}

#[rstest]
#[case::issuer("rs.fetch-iss-of-host", &[ISSUER], "check the issuer: `iss` must be")]
#[case::audience(
    "rs.fetch-iss-of-host-any-aud",
    &[ISSUER, AUDIENCE],
    "check the audience: `aud` must be"
)]
#[tokio::test]
async fn an_api_that_trusts_the_whole_org_is_caught_without_any_key(
    #[case] fault: &str,
    #[case] red: &[&str],
    #[case] step: &str,
) {
    let world = world(MODEL).await;
    world.set_faults(None, Some(fault));
    let verified = of_servers(&world).await;
    for id in [ISSUER, AUDIENCE] {
        for result in of(&verified, id) {
            assert_eq!(result.is_not_met(), red.contains(&id), "{result:#?}");
        }
    }
    let last = of(&verified, red[red.len() - 1])[0];
    let fix = last.fix.as_ref().expect("a fix");
    assert!(fix.admin_console.contains(step), "{fix:?}");
}

#[tokio::test]
async fn servers_that_are_not_told_are_not_configured() {
    let verified = of_servers(&unprovisioned().await).await;
    for (id, variable) in [
        (ISSUER, "OKTA_E2E_PROBE_ISSUER is not set"),
        (AUDIENCE, "OKTA_E2E_PROBE_AUDIENCE is not set"),
    ] {
        for result in of(&verified, id) {
            assert_eq!(result.cause, Some(Cause::NotConfigured), "{result:#?}");
            let reason = result.reason.as_deref().unwrap_or_default();
            assert!(
                reason.contains(variable) && reason.contains(COMMAND),
                "{reason}"
            );
        }
    }
    let verdict = &verified.record.run.verdict;
    assert!(
        verdict.contains("check of another issuer, audience"),
        "{verdict}"
    );
}

/// The client's secret and the user's session go to the org, and nowhere else.
#[tokio::test]
async fn a_server_elsewhere_is_sent_nothing() {
    let (mut world, other) = (world(MODEL).await, world(MODEL).await);
    world.access.probe_issuers = other.access.probe_issuers.clone();
    let verified = of_servers(&world).await;
    for result in of(&verified, ISSUER) {
        assert_eq!(result.cause, Some(Cause::Failed), "{result:#?}");
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("nothing is sent there"), "{reason}");
    }
}

/// The issuer of the API itself is no other one.
#[tokio::test]
async fn the_issuer_of_the_api_is_no_probe() {
    let mut world = world(MODEL).await;
    let own = world.access.issuer.clone();
    world
        .access
        .probe_issuers
        .values_mut()
        .for_each(|issuer| issuer.clone_from(&own));
    let verified = of_servers(&world).await;
    for result in of(&verified, ISSUER) {
        assert_eq!(result.cause, Some(Cause::Inconclusive), "{result:#?}");
    }
}
