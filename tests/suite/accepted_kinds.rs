//! Each kind of finding that the org model can accept, end to end: accepted it fails nothing and is
//! shown; out of date it fails, and an entry that nothing finds is never met.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::{Acceptance, Code, Trial};
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::finding_codes::{codes, proof};
use crate::support::scenario::Scenario;
use crate::support::world::{World, file};

const TRIAL: &str = "accepted::the_accepted_finding_is_there_and_in_date";
const IN_DATE: &str = "2999-12-31";
const PAST: &str = "2001-01-31";

/// What a finding is about, as the record says it: the subjects, or scopes and who gets each.
fn abouts(result: &RecordedResult) -> Vec<String> {
    let texts = result.observed.texts();
    let Some(list) = texts.get("finding_about") else {
        return vec![String::new()];
    };
    serde_json::from_str(list).expect("a list")
}

/// The entries that accept a finding of a code about these.
fn entries(code: Code, abouts: &BTreeSet<String>, until: &str) -> String {
    let mut text = String::new();
    for about in abouts {
        let _ = writeln!(text, "\n[[accepted]]\nfinding = \"{}\"", code.text());
        let _ = match (code.acceptance(), about.split_once(" to ")) {
            (Acceptance::ByScopeAndWhom, Some((scope, whom))) => {
                writeln!(text, "scope = {scope:?}\nwhom = {whom:?}")
            }
            _ if about.is_empty() => Ok(()),
            _ => writeln!(text, "subject = {about:?}"),
        };
        let _ = writeln!(
            text,
            "reason = \"meant\"\nowner = \"identity\"\nuntil = {until}"
        );
    }
    text
}

/// A world that is broken, and its model with entries.
struct Broken {
    scenario: Option<Scenario>,
    world: World,
}

impl Broken {
    /// By a file of `fixtures/broken-orgs/`, or by a fault of the org or of the API.
    async fn by(kind: &str, name: &str) -> Self {
        if kind == "broken org" {
            let (scenario, world) = Scenario::broken(name).await;
            let scenario = Some(scenario);
            return Self { scenario, world };
        }
        let mut world = World::new().await;
        world.config.profile = Profile::Full;
        let is_of_org = kind == "fault of the org";
        let (org, api) = if is_of_org {
            (Some(name), None)
        } else {
            (None, Some(name))
        };
        world.set_faults(org, api);
        let scenario = None;
        Self { scenario, world }
    }

    fn model_and(&self, entries: &str) -> OrgModel {
        if let Some(scenario) = &self.scenario {
            return scenario.org_model_and(entries);
        }
        let path = file("fixtures/org.toml");
        let text = std::fs::read_to_string(&path).expect("the model can be read");
        OrgModel::parse(&path, &(text + entries)).expect("the model is right")
    }

    /// The run of the world with these entries in its model.
    async fn run(&mut self, trial: &str, entries: &str) -> Verified {
        self.world.model = self.model_and(entries);
        run(&self.world, trial).await
    }
}

/// The run of one trial, and of the entries.
async fn run(world: &World, trial: &str) -> Verified {
    let is_selected = |known: &Trial| known.id == trial || known.id == TRIAL;
    world
        .verify_where_at(&world.resource_server, &is_selected)
        .await
}

fn of<'v>(verified: &'v Verified, id: &str) -> impl Iterator<Item = &'v RecordedResult> {
    let results = verified.record.results.iter();
    results.filter(move |result| result.id == id)
}

/// Fails unless all that a run says of the entries is that they are met, or that none is.
fn assert_entries(verified: &Verified, are_met: bool) {
    let mut entries = of(verified, TRIAL).peekable();
    assert!(entries.peek().is_some(), "an entry is a trial");
    for entry in entries {
        assert_eq!(entry.is_met(), are_met, "{entry:#?}");
    }
}

#[rstest]
#[case::user_not_active("user-not-active")]
#[case::server_drift("server-drift")]
#[case::claim_other("claim-other")]
#[case::scope_drift("scope-drift")]
#[case::scope_given_to_others("scope-given-to-others")]
#[case::rule_lifetime_other("rule-lifetime-other")]
#[case::policy_drift("policy-drift")]
#[case::client_drift("client-drift")]
#[case::service_client_other("service-client-other")]
#[case::redirect_uri_extra("redirect-uri-extra")]
#[case::everyone_assigned("everyone-assigned")]
#[case::tokens_given("tokens-given")]
#[case::id_token_lifetime("id-token-lifetime")]
#[case::access_token_claim("access-token-claim")]
#[case::access_given("access-given")]
#[case::challenge_missing("challenge-missing")]
#[case::body_other("body-other")]
#[case::metadata_documents_differ("metadata-documents-differ")]
#[case::refresh_rotation_other("refresh-rotation-other")]
#[case::hostile_fails("hostile-fails")]
#[case::hostile_let_in("hostile-let-in")]
#[case::protocol_refused_otherwise("protocol-refused-otherwise")]
#[tokio::test]
async fn what_is_accepted_fails_nothing_until_it_is_out_of_date_or_gone(#[case] code: &str) {
    let (kind, trial, case) = proof(code);
    let code = Code::of(code).expect("a code");
    let mut broken = Broken::by(kind, &case).await;
    let found = broken.run(&trial, "").await;
    let is_such = |it: &&RecordedResult| it.is_not_met() && codes(it).contains(code.text());
    let abouts: BTreeSet<String> = of(&found, &trial)
        .filter(is_such)
        .flat_map(abouts)
        .collect();
    assert!(!abouts.is_empty(), "{case} does not produce {code:?}");

    let in_date = entries(code, &abouts, IN_DATE);
    let accepted = broken.run(&trial, &in_date).await;
    for result in of(&accepted, &trial).filter(|it| it.is_not_met()) {
        let actual = result.actual.as_deref().unwrap_or_default();
        let is_shown = actual.starts_with("accepted until 2999-12-31 by identity (meant): ");
        assert!(is_shown && !result.is_required(), "{result:#?}");
    }
    assert_entries(&accepted, true);

    let expired = broken.run(&trial, &entries(code, &abouts, PAST)).await;
    assert_entries(&expired, false);
    assert_eq!(expired.record.run.exit_status, 1);
    assert!(of(&expired, &trial).any(RecordedResult::is_not_met));

    let mut right = World::of_model(broken.model_and(&in_date), Sandbox::builder()).await;
    right.config.profile = broken.world.config.profile;
    // Of one trial alone, nobody knows whether others find it; a whole run fails: see `accepted`.
    let gone = run(&right, &trial).await;
    assert!(of(&gone, &trial).all(RecordedResult::is_met));
    assert_entries(&gone, false);
}
