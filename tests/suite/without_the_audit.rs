//! A run without an API token sees what a rule gives beside the requests of the document: nobody
//! else would.

use std::collections::BTreeSet;

use okta_e2e::config::Profile;
use rstest::rstest;

use crate::support::scenario::{Scenario, told};
use crate::support::world::names;

/// The right org with one more rule, for a group, with a grant type, that lists these scopes.
fn with_rule(group: &str, grant_type: &str, scopes: &[&str]) -> Scenario {
    let scopes = scopes.join("\", \"");
    let text = format!(
        r#"sentence = "One more rule."

[run]
api_token = "none"

[[change]]
post = "/api/v1/authorizationServers/{{server}}/policies/{{policy}}/rules"

[change.body]
type = "RESOURCE_ACCESS"
status = "ACTIVE"
name = "more"
priority = 9
conditions.people.groups.include = ["{{group:{group}}}"]
conditions.grantTypes.include = ["{grant_type}"]
conditions.scopes.include = ["{scopes}"]

[change.body.actions.token]
accessTokenLifetimeMinutes = 60
refreshTokenLifetimeMinutes = 0
refreshTokenWindowMinutes = 10080
"#
    );
    toml::from_str(&text).expect("a scenario")
}

const GOLD: &str = "http://myapp.com/scp/gold";

#[rstest]
#[case::a_scope_alone(
    with_rule("silverSubscribers", "implicit", &[GOLD]),
    &["the_user_is_denied_the_scopes[SILVER gold without openid]"],
)]
#[case::a_scope_alone_by_code(
    with_rule("silverSubscribers", "authorization_code", &[GOLD]),
    &["the_user_is_denied_the_scopes[SILVER gold without openid by code]"],
)]
#[case::openid_alone_by_code(
    with_rule("Everyone", "authorization_code", &["openid"]),
    &["the_user_is_denied_the_scopes[NONE openid alone by code]"],
)]
#[tokio::test]
async fn what_a_rule_gives_beside_the_documents_requests_is_red(
    #[case] scenario: Scenario,
    #[case] expected: &[&str],
) {
    let mut world = scenario.world().await;
    world.config.profile = Profile::Standard;
    let verified = world.verify_filtered("step_5_authorize").await;
    let names_of = |name: &&str| format!("step_5_authorize::{name}");
    let expected: Vec<String> = expected.iter().map(names_of).collect();
    assert_eq!(names(&verified, "not_met"), expected);
    assert_eq!(verified.record.run.exit_status, 1);
}

/// What lets a user in whom nothing assigns: nobody is to be added to a rule or to the client.
#[tokio::test]
async fn nobody_is_advised_to_open_what_an_unassigned_user_was_refused() {
    let (_, mut world) = Scenario::broken("step-4c-nobody-needs-assignment").await;
    world.access.api_token = None;
    let verified = world.verify().await;
    let not_met = names(&verified, "not_met");
    let subjects = [
        "openid alone",
        "silver",
        "gold",
        "silver and gold",
        "silver by code",
    ];
    let refused = "step_5_authorize::the_user_is_refused_as_not_assigned";
    let expected = subjects.map(|subject| format!("{refused}[UNASSIGNED {subject}]"));
    let found: BTreeSet<&String> = not_met.iter().collect();
    let expected: BTreeSet<&String> = expected.iter().collect();
    assert_eq!(found, expected);
    for name in &not_met {
        let told = told(&verified.record, name);
        assert!(told.contains("Federation Broker Mode off"), "{told}");
        for opens in ["no active rule holds", "must hold", "Assign to", "likely"] {
            assert!(!told.contains(opens), "{told}");
        }
    }
}
