//! The authorization server asked what it must refuse: every row, on the right org and on broken
//! ones.

mod page;
mod proofs;
mod services;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::proofs::Proofs;
use crate::support::agent::HttpAgents;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file};
use okta_e2e::config::Profile;
use okta_e2e::exchange::{self, Place, Row};
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::{Severity, Trial, trials_of};
use okta_e2e::verification::Verified;
use okta_sandbox::{Fault, Sandbox};
use rstest::rstest;

/// The names of these trials begin with it.
const PROTOCOL: &str = "protocol::";
/// The row that most others are compared with.
const SILENT: &str = "a_silent_request_without_a_session_is_refused";
const ELSEWHERE: &str = "a_redirect_uri_at_another_host_is_refused";

async fn world() -> World {
    let mut world = World::new().await;
    world.config.profile = Profile::Standard;
    world
}

async fn verified(world: &World) -> Verified {
    let here = |trial: &Trial| trial.id.starts_with(PROTOCOL);
    world.verify_where(&here).await
}

/// The authorization endpoint alone, for which nobody needs to sign in.
async fn verified_silently(world: &World) -> Verified {
    let here = |trial: &Trial| {
        let subject = trial.subject.as_ref();
        let case = subject.and_then(|subject| subject.case.as_deref());
        trial.id.starts_with(PROTOCOL) && case == Some(Place::Authorization.name())
    };
    world.verify_where(&here).await
}

fn results(verified: &Verified) -> impl Iterator<Item = (&str, &RecordedResult)> {
    let results = verified.record.results.iter();
    results.filter_map(|result| Some((result.id.strip_prefix(PROTOCOL)?, result)))
}

/// The rows with an outcome.
fn rows(verified: &Verified, outcome: &str) -> BTreeSet<String> {
    let results = results(verified).filter(|(_, result)| result.outcome.word() == outcome);
    results.map(|(row, _)| row.to_owned()).collect()
}

fn of_row<'a>(verified: &'a Verified, row: &str) -> &'a RecordedResult {
    let found = results(verified).find(|(found, _)| *found == row);
    found.unwrap_or_else(|| panic!("no row {row}")).1
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

#[rstest]
#[case("fixtures/org.toml")]
#[case("fixtures/org-code-only.toml")]
#[case("fixtures/org-planets-only.toml")]
#[case("fixtures/org-orders.toml")]
#[case("fixtures/org-services.toml")]
#[tokio::test]
async fn a_right_org_passes_every_row(#[case] model: &str) {
    let mut world = World::of(model, Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    let verified = verified(&world).await;
    assert_eq!(rows(&verified, "not_met"), none());
    assert_eq!(rows(&verified, "not_checked"), none());
    let asked = exchange::protocol().filter(|row| row.is_for(&world.model));
    let asked = asked.filter(|row| row.profile <= Profile::Standard);
    let asked: BTreeSet<String> = asked.map(|row| row.id.clone()).collect();
    assert_eq!(rows(&verified, "met"), asked);
    let unusual = results(&verified).filter(|(_, result)| result.reason.is_some());
    assert_eq!(unusual.count(), 0);
}

/// The rows use the sign-ins that the run has anyway; further requests in browsers are those of
/// rows that ask in a session, and what is denied once more in other words.
#[tokio::test]
async fn a_run_signs_in_no_more_often_for_it() {
    let mut world = World::new().await;
    let mut visits = Vec::new();
    for profile in [Profile::Document, Profile::Standard] {
        world.config.profile = profile;
        let run = world.verify().await.record.run;
        visits.push((run.sign_ins, run.requests));
    }
    let [document, standard] = [visits[0], visits[1]];
    assert_eq!(document.0, standard.0);
    let rows = exchange::protocol().filter(|row| row.is_for(&world.model));
    let rows = rows.filter(|row| row.profile <= Profile::Standard);
    let asking = rows.filter(|row| row.asks().is_some());
    let denied = |profile| {
        let trials = trials_of(&world.model, profile).into_iter();
        let denied = trials.filter(|trial| trial.id.ends_with("the_user_is_denied_the_scopes"));
        denied.count()
    };
    let once_more = denied(Profile::Standard) - denied(Profile::Document);
    // Gold of SILVER and both of NONE by either flow, and `openid` alone of NONE by code.
    assert_eq!(once_more, 7);
    assert_eq!(standard.1 - document.1, asking.count() + once_more);
}

/// What needs the client's secret says so, and nothing else is lost.
#[tokio::test]
async fn without_the_client_secret_what_needs_it_is_not_configured() {
    let mut world = world().await;
    world.access.client_secret = None;
    let verified = verified(&world).await;
    assert_eq!(rows(&verified, "not_met"), none());
    let causes = results(&verified).filter(|(_, result)| !result.is_met());
    let causes: BTreeMap<&str, Option<Cause>> =
        causes.map(|(row, result)| (row, result.cause)).collect();
    let unseen: BTreeSet<&str> = causes.keys().copied().collect();
    let asked = exchange::protocol().filter(|row| row.is_for(&world.model));
    let needing = asked.filter(|row| {
        let of_client = [Place::Token, Place::Introspection, Place::Revocation];
        let is_of_client = |row: &Row| of_client.contains(&row.to());
        is_of_client(row) || row.after().is_some_and(is_of_client)
    });
    assert_eq!(unseen, needing.map(|row| row.id.as_str()).collect());
    for (row, cause) in causes {
        assert_eq!(cause, Some(Cause::NotConfigured), "{row}");
    }
}

/// A secret goes to trusted origins alone, whatever the metadata names.
#[tokio::test]
async fn an_endpoint_at_another_host_is_asked_nothing() {
    let world = world().await;
    world.set_faults(Some("discovery.endpoint-other-host"), None);
    let verified = verified(&world).await;
    assert_eq!(rows(&verified, "not_met"), none());
    let wrong_secret = of_row(&verified, "a_wrong_client_secret_is_refused");
    let reason = wrong_secret.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("at another host"), "{wrong_secret:#?}");
}

#[tokio::test]
async fn the_document_alone_asks_none() {
    let world = World::new().await;
    assert_eq!(world.config.profile, Profile::Document);
    assert_eq!(results(&world.verify().await).count(), 0);
}

#[test]
fn every_row_is_turned_red_by_something() {
    let proofs = Proofs::read();
    let proven: BTreeSet<&String> = proofs
        .faults
        .values()
        .chain(proofs.with_pkce.values())
        .chain(proofs.with_service.values())
        .chain(proofs.full.values())
        .chain(proofs.variations.values())
        .flatten()
        .collect();
    let all: BTreeSet<&String> = exchange::protocol().map(|row| &row.id).collect();
    assert_eq!(
        all.difference(&proven).collect::<Vec<_>>(),
        Vec::<&&String>::new()
    );
    assert!(proven.is_subset(&all), "a proof of what is no row");
}

/// Faults in tokens are no business of these rows, others make every run wait, and which user comes
/// first is chance.
fn is_tried(fault: &str) -> bool {
    let left_out = [
        "access-token.",
        "id-token.",
        "by-code.",
        "hangs",
        "flaky",
        "latency",
        "rate-limited",
        "server-error",
        "discovery.",
        "session-of-first-user",
        "sign-in.",
    ];
    !left_out.iter().any(|part| fault.contains(part))
}

async fn assert_red(world: &World, named: &BTreeMap<String, BTreeSet<String>>) {
    let mut wrong = Vec::new();
    for fault in Fault::all() {
        let name = fault.to_string();
        if !is_tried(&name) {
            continue;
        }
        world.set_faults(Some(&name), None);
        // Nothing else reads a redirect URI.
        let verified = if name.starts_with("redirect-uri.") {
            verified_silently(world).await
        } else {
            verified(world).await
        };
        let red = rows(&verified, "not_met");
        let wanted = named.get(&name).cloned().unwrap_or_default();
        if red != wanted {
            let more: Vec<_> = red.difference(&wanted).collect();
            let fewer: Vec<_> = wanted.difference(&red).collect();
            wrong.push(format!("{name} turns red also {more:?}, and not {fewer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What each fault turns red is exactly what stands beside it: nothing, where it is not named.
#[tokio::test]
async fn a_fault_turns_red_what_stands_beside_it() {
    assert_red(&world().await, &Proofs::read().faults).await;
}

/// The rows that `full` alone asks, which a right org passes: each fault turns red those beside it.
#[tokio::test]
async fn what_full_asks_beside_is_turned_red_too() {
    let mut world = world().await;
    world.config.profile = Profile::Full;
    let is_of_full = |row: &&Row| row.profile == Profile::Full;
    let all: BTreeSet<String> = exchange::protocol()
        .filter(is_of_full)
        .map(|row| row.id.clone())
        .collect();
    let is_asked = |trial: &Trial| {
        let row = trial.id.strip_prefix(PROTOCOL);
        row.is_some_and(|row| all.contains(row))
    };
    let verified = async || world.verify_where_with(&is_asked, Some(&HttpAgents)).await;
    let red_of = async || {
        let red = rows(&verified().await, "not_met");
        red.intersection(&all).cloned().collect::<BTreeSet<_>>()
    };
    let right = verified().await;
    let unmet: Vec<_> = results(&right)
        .filter(|(_, result)| !result.is_met())
        .collect();
    assert!(unmet.is_empty(), "{unmet:#?}");
    assert_eq!(rows(&right, "met"), all);
    for (fault, wanted) in Proofs::read().full {
        world.set_faults(Some(&fault), None);
        assert_eq!(red_of().await, wanted, "{fault}");
    }
}

/// The same of what is asked of other clients alone.
#[tokio::test]
async fn a_client_that_must_use_pkce_is_asked_without() {
    assert_red_beside("fixtures/org-code-only.toml", &Proofs::read().with_pkce).await;
}

async fn assert_red_beside(model: &str, named: &BTreeMap<String, BTreeSet<String>>) {
    let mut world = World::of(model, Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    for (fault, wanted) in named {
        assert_eq!(rows(&verified(&world).await, "not_met"), none());
        world.set_faults(Some(fault), None);
        let red = rows(&verified(&world).await, "not_met");
        assert!(red.is_superset(wanted), "{fault} turns red {red:?}");
        world.set_faults(None, None);
    }
}

/// Anyone who is sent a code or an error that is not meant for them: required, whatever a row
/// weighs.
#[tokio::test]
async fn an_answer_that_leads_elsewhere_is_a_breach() {
    let world = world().await;
    world.set_faults(Some("authorize.errors-go-anywhere"), None);
    let verified = verified(&world).await;
    let result = of_row(&verified, ELSEWHERE);
    assert_eq!(
        (result.is_not_met(), result.severity),
        (true, Severity::Required)
    );
    let actual = result.actual.as_deref().unwrap_or_default();
    assert!(actual.contains("`http://elsewhere.example/"), "{actual}");
    assert_eq!(verified.record.run.exit_status, 1);
}

/// What is wrong here weighs as much as it can: a script runs at the org, a token is where servers
/// log it, a code is anybody's, and anyone who revokes a token is told that it is over.
#[rstest]
#[case::script(
    "pages.unescaped",
    "an_error_page_shows_a_client_id_as_text",
    "as HTML"
)]
#[case::script_in_a_form("pages.unescaped", "a_form_has_what_was_sent_as_text", "as HTML")]
#[case::readers(
    "cors.any-origin",
    "no_page_elsewhere_reads_an_answer_with_cookies",
    "CORS"
)]
#[case::tokens_in_the_query(
    "authorize.response-mode-unchecked",
    "no_token_of_a_session_comes_in_the_query",
    "`access_token` and `id_token`"
)]
#[case::scope(
    "scope.begins-alike",
    "a_scope_that_begins_alike_is_refused",
    "hands out"
)]
#[case::code(
    "token.verifier-unchecked",
    "a_code_is_refused_without_a_verifier",
    "as if nothing were wrong"
)]
#[case::revoked(
    "revocation.ends-nothing",
    "a_revoked_token_is_not_alive",
    "as if nothing were wrong"
)]
#[case::signing_out(
    "logout.goes-anywhere",
    "nobody_who_signs_out_is_sent_elsewhere",
    "sent"
)]
#[tokio::test]
async fn what_lets_others_in_is_required(
    #[case] fault: &str,
    #[case] row: &str,
    #[case] said: &str,
) {
    let world = world().await;
    world.set_faults(Some(fault), None);
    let verified = verified(&world).await;
    let result = of_row(&verified, row);
    assert_eq!(
        (result.is_not_met(), result.severity),
        (true, Severity::Required),
        "{result:#?}"
    );
    let actual = result.actual.as_deref().unwrap_or_default();
    assert!(actual.contains(said), "{actual}");
}

/// A refusal proves nothing where the right request is refused too: the cause is the broken step.
#[rstest]
#[case::client("step-4a-client-inactive")]
#[case::redirect_uri("step-4b-redirect-uri-in-capitals")]
#[tokio::test]
async fn without_its_control_a_refusal_proves_nothing(#[case] broken: &str) {
    let (scenario, mut world) = Scenario::broken(broken).await;
    world.config.profile = Profile::Standard;
    let verified = world.verify().await;
    assert_eq!(rows(&verified, "not_met"), none());
    let of_others = exchange::protocol().filter(|row| row.to() != Place::Authorization);
    let of_others: BTreeSet<String> = of_others.map(|row| row.id.clone()).collect();
    assert!(rows(&verified, "met").is_subset(&of_others));
    for (row, result) in results(&verified).filter(|(_, result)| !result.is_met()) {
        assert_eq!(result.cause, Some(Cause::Blocked), "{row}: {result:#?}");
        let by = result.blocked_by.map(okta_e2e::requirements::Step::number);
        assert_eq!(by, scenario.blamed_step.as_deref(), "{row}");
    }
}

/// What is wrong with other steps is no business of these rows.
#[rstest]
#[case("step-3b-gold-scope-missing")]
#[case("step-3c-no-rule")]
#[case("step-4c-client-not-assigned")]
#[case("step-2-user-suspended")]
#[tokio::test]
async fn a_broken_step_of_others_turns_no_row_red(#[case] broken: &str) {
    let (_, mut world) = Scenario::broken(broken).await;
    world.config.profile = Profile::Standard;
    let verified = verified_silently(&world).await;
    assert_eq!(rows(&verified, "not_met"), none());
    assert_eq!(rows(&verified, "not_checked"), none());
}

/// An endpoint that hangs is asked once, and the rest is not checked.
#[tokio::test]
async fn an_endpoint_that_hangs_is_asked_once() {
    let world = world().await;
    world.set_faults(Some("authorize.hangs"), None);
    let verified = verified_silently(&world).await;
    assert_eq!(rows(&verified, "met"), none());
    assert_eq!(rows(&verified, "not_met"), none());
    let waiting = results(&verified).filter(|(_, result)| {
        let reason = result.reason.as_deref().unwrap_or_default();
        result.cause == Some(Cause::Failed) && reason.contains("no answer")
    });
    assert_eq!(waiting.count(), results(&verified).count());
}

/// An org that fails says so once; what is refused while it fails proves nothing.
#[tokio::test]
async fn an_endpoint_that_fails_is_advised() {
    let world = world().await;
    world.set_faults(Some("authorize.server-error"), None);
    let verified = verified_silently(&world).await;
    assert_eq!(rows(&verified, "met"), none());
    let silent = of_row(&verified, SILENT);
    assert_eq!(
        (silent.is_not_met(), silent.severity),
        (true, Severity::Advised)
    );
    assert_eq!(
        of_row(&verified, ELSEWHERE).cause,
        Some(Cause::Inconclusive)
    );
}

/// Somebody may have registered the redirect URI by another scheme: that is a matter of step 4b.
#[rstest]
#[case::known(true, "registered too")]
#[case::not_known(false, "set OKTA_CLIENT_TOKEN")]
#[tokio::test]
async fn a_second_redirect_uri_that_is_registered_is_no_breach(
    #[case] is_audited: bool,
    #[case] said: &str,
) {
    let path = file("fixtures/broken-orgs/step-4b-another-redirect-uri.toml");
    let text = std::fs::read_to_string(path).expect("a scenario");
    let text = text.replace("https://example.com", "https://localhost:8080/callback");
    let scenario: Scenario = toml::from_str(&text).expect("a scenario");
    let mut world = scenario.world().await;
    world.config.profile = Profile::Standard;
    if !is_audited {
        world.access.api_token = None;
    }
    let verified = verified(&world).await;
    let result = of_row(&verified, "a_redirect_uri_by_another_scheme_is_refused");
    let reason = result.reason.as_deref().unwrap_or_default();
    assert!(reason.contains(said), "{result:#?}");
    assert_eq!(rows(&verified, "not_met"), none());
}

/// A server that wants a challenge of everyone has no code that a verifier is nothing to.
#[tokio::test]
async fn a_code_without_a_challenge_is_looked_at_where_there_is_one() {
    let path = file("fixtures/broken-orgs/step-4a-pkce-required.toml");
    let text = std::fs::read_to_string(path).expect("a scenario");
    let scenario: Scenario = toml::from_str(&text).expect("a scenario");
    let mut world = scenario.world().await;
    world.config.profile = Profile::Standard;
    let verified = verified(&world).await;
    let result = of_row(
        &verified,
        "a_verifier_is_refused_where_there_was_no_challenge",
    );
    assert_eq!(result.cause, Some(Cause::NotApplicable), "{result:#?}");
}

/// RFC 6749 section 3.1.2: a query that the redirect URI has itself stays.
#[tokio::test]
async fn an_answer_keeps_the_query_of_the_redirect_uri() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let text = text.replace(
        "localhost:8080/callback",
        "localhost:8080/callback?tenant=1",
    );
    let model = OrgModel::parse("org.toml".as_ref(), &text).expect("the model is right");
    let mut world = World::of_model(model, Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    let right = verified_silently(&world).await;
    assert_eq!(rows(&right, "not_met"), none());
    world.set_faults(Some("redirect-uri.query-dropped"), None);
    let dropped = verified_silently(&world).await;
    let silent = of_row(&dropped, SILENT);
    assert_eq!(
        (silent.is_not_met(), silent.severity),
        (true, Severity::Required),
        "{silent:#?}"
    );
}

#[test]
fn the_page_of_the_protocol_is_current() {
    let (page, path) = (page::page(), file("docs/protocol.md"));
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/protocol.md is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test protocol` writes it \
         anew"
    );
}
