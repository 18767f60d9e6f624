//! What a model with probes asks an org for, and what it is refused for.

use std::path::Path;

use rstest::rstest;

use super::*;

const MODEL: &str = include_str!("../../../fixtures/org-probes.toml");

fn parsed(text: &str) -> Result<OrgModel, String> {
    let model = OrgModel::parse(Path::new("org.toml"), text);
    model.map_err(|error| error.to_string())
}

#[test]
fn the_rule_is_for_one_reader_of_each_scope_and_opens_no_endpoint() {
    let model = parsed(MODEL).expect("a model");
    let rule = model.probes_rule().expect("a rule");
    assert_eq!(rule.users, ["GOLD", "SILVER"].map(str::to_owned).into());
    let scopes: Vec<&str> = rule.scopes.iter().map(String::as_str).collect();
    assert_eq!(
        scopes,
        [
            "http://myapp.com/scp/gold-okta-e2e-probe",
            "http://myapp.com/scp/silver-okta-e2e-probe",
            "openid",
        ]
    );
    let own = |scope: &&String| model.scopes.iter().any(|known| known.name() == *scope);
    assert!(!rule.scopes.iter().any(|scope| own(&scope)));
}

#[test]
fn a_model_without_probes_asks_for_none() {
    let off = MODEL.replace("near_scope = true", "near_scope = false");
    for text in [off.as_str(), include_str!("../../../fixtures/org.toml")] {
        let model = parsed(text).expect("a model");
        assert_eq!(model.probes_rule(), None);
        assert!(model.near_scopes().is_empty());
    }
}

#[test]
fn without_a_reader_there_is_nothing_to_probe_with() {
    let text = MODEL
        .replace("name = \"SILVER\"\ngroups = [\"silverSubscribers\"]", "name = \"SILVER\"")
        .replace("name = \"GOLD\"\ngroups = [\"goldSubscribers\"]", "name = \"GOLD\"");
    let problem = parsed(&text).expect_err("a problem");
    assert!(problem.contains("`near_scope` needs an endpoint"), "{problem}");
}

#[rstest]
#[case::scope_taken("scp/gold\"", "scp/gold-okta-e2e-probe\"", "rename it")]
#[case::policy_taken("\"Solar system subscribers\"", "\"okta-e2e probes\"", "rename this one")]
#[case::provider("title = ", "provider = \"generic\"\ntitle = ", "remove `[probes]`")]
#[case::unknown("near_scope = ", "near_scopes = ", "near_scope")]
fn what_cannot_be_probed_is_said(#[case] from: &str, #[case] to: &str, #[case] said: &str) {
    assert!(MODEL.contains(from), "the model has no `{from}`");
    let problem = parsed(&MODEL.replace(from, to)).expect_err("a problem");
    assert!(problem.contains(said), "{problem}");
}
