//! Answers of the org that arrive at another address than the redirect URI: what is handed out there
//! is a breach, and no address to be trusted.

use okta_e2e::verification::Verified;

use crate::finding_codes::codes;
use crate::support::front::{Answer, Change, Front};
use crate::support::world::{World, names};

const TOKENS: &str = "step_5_authorize::the_user_gets_tokens[SILVER openid alone]";
const DENIAL: &str = "step_5_authorize::the_user_is_denied_the_scopes[NONE silver]";

async fn verified(change: Change) -> (World, Verified) {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(change);
    let verified = world.verify_filtered("step_5").await;
    (world, verified)
}

fn told(verified: &Verified, name: &str) -> String {
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == name).expect("it");
    let told = result
        .reason
        .iter()
        .chain(&result.actual)
        .chain(&result.expected);
    told.cloned().collect::<Vec<_>>().join(" ")
}

fn elsewhere(answer: &mut Answer) {
    answer.redirect(|to| to.replacen("localhost:8080", "localhost:9090", 1));
}

fn at_longer_path(answer: &mut Answer) {
    answer.redirect(|to| to.replacen("/callback", "/callback/extra", 1));
}

/// Tokens of the one request that asks for `openid` alone.
fn tokens_elsewhere(answer: &mut Answer) {
    if answer.leads_with("access_token=") && answer.leads_with("scope=openid&") {
        elsewhere(answer);
    }
}

#[tokio::test]
async fn tokens_at_another_address_are_a_breach() {
    let (world, verified) = verified(|_, answer| tokens_elsewhere(answer)).await;
    let unmet = names(&verified, "not_met");
    assert!(unmet.iter().any(|name| name == TOKENS), "{unmet:?}");
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == TOKENS).expect("it");
    assert!(codes(result).contains("answer-elsewhere"), "{result:#?}");
    let told = told(&verified, TOKENS);
    let came = "came at `http://localhost:9090/callback`, and not at the redirect URI";
    assert!(told.contains(came), "{told}");
    assert_eq!(verified.record.run.exit_status, 1);
    // It is typed once, whatever becomes of the answer.
    assert_eq!(verified.record.run.sign_ins, world.access.users.len());
}

/// What is denied there is denied to nobody who asked.
#[tokio::test]
async fn a_denial_at_another_address_proves_nothing() {
    let (_, verified) = verified(|_, answer| {
        if answer.leads_with("error=access_denied") {
            elsewhere(answer);
        }
    })
    .await;
    let unseen = names(&verified, "not_checked");
    assert!(unseen.iter().any(|name| name == DENIAL), "{unseen:?}");
    let told = told(&verified, DENIAL);
    assert!(told.contains("the answer (`access_denied`"), "{told}");
}

#[tokio::test]
async fn nobody_is_advised_to_trust_where_an_answer_went() {
    let changes: [Change; 2] = [
        |_, answer| elsewhere(answer),
        |_, answer| at_longer_path(answer),
    ];
    for change in changes {
        let (_, verified) = verified(change).await;
        let record = serde_json::to_string(&verified.record).expect("a record");
        assert!(!record.contains("OKTA_E2E_TRUSTED_ORIGINS"));
        let unmet = names(&verified, "not_met");
        assert!(
            unmet.iter().any(|name| name == TOKENS),
            "{unmet:?}: {record}"
        );
    }
}
