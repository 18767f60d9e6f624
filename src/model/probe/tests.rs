//! What a model with probes asks an org for, and what it is refused for.

use std::path::Path;

use rstest::rstest;

use super::*;

const MODEL: &str = include_str!("../../../fixtures/org-probes.toml");

fn parsed(text: &str) -> Result<OrgModel, String> {
    let model = OrgModel::parse(Path::new("org.toml"), text);
    model.map_err(|error| error.to_string())
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}

#[test]
fn near_scopes_are_for_one_reader_of_each_scope_and_open_no_endpoint() {
    let model = parsed(MODEL).expect("a model");
    let rules = model.probes_rules();
    let near = rules.first().expect("a rule");
    assert_eq!(near.probe, Probe::NearScope);
    assert_eq!(near.users, texts(["GOLD", "SILVER"]));
    let scopes = [
        "openid",
        "http://myapp.com/scp/gold-okta-e2e-probe",
        "http://myapp.com/scp/silver-okta-e2e-probe",
    ];
    assert_eq!(near.scopes, texts(scopes));
}

/// Nobody gets by a probe what the model gives somebody else.
#[test]
fn what_lives_short_is_what_its_one_user_may_have_anyway() {
    let model = parsed(MODEL).expect("a model");
    let mut short = model.probes_rules();
    short.retain(|rule| rule.probe == Probe::ShortLived);
    let told = short
        .iter()
        .map(|rule| (rule.name.as_str(), &rule.users, &rule.scopes));
    let (silver, gold) = ("http://myapp.com/scp/silver", "http://myapp.com/scp/gold");
    let (near_silver, near_gold) = (near(silver), near(gold));
    let (of_silver, of_gold) = (texts(["SILVER"]), texts(["GOLD"]));
    let first = texts(["openid", silver, near_silver.as_str()]);
    let second = texts(["openid", gold, near_gold.as_str()]);
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("short-lived 1", &of_silver, &first),
            ("short-lived 2", &of_gold, &second),
        ]
    );
}

#[test]
fn another_server_gives_each_user_what_the_first_gives_too() {
    let model = parsed(MODEL).expect("a model");
    for probe in Probe::OF_SERVERS {
        let rules = model.probes_rules_of(probe.server());
        let told = rules.iter().map(|rule| (&rule.users, &rule.scopes));
        let told: Vec<_> = told.collect();
        let silver = texts(["openid", "http://myapp.com/scp/silver"]);
        let gold = texts(["openid", "http://myapp.com/scp/gold"]);
        let (of_silver, of_gold) = (texts(["SILVER"]), texts(["GOLD"]));
        assert_eq!(told, [(&of_silver, &silver), (&of_gold, &gold)]);
    }
    let audiences = Probe::OF_SERVERS.map(|probe| model.audience_of(probe));
    assert_eq!(
        audiences,
        ["http://myapp.com", "http://myapp.com-okta-e2e-probe"]
    );
}

#[test]
fn a_model_without_probes_asks_for_none() {
    let off = MODEL.replace(" = true\n", " = false\n");
    for text in [off.as_str(), include_str!("../../../fixtures/org.toml")] {
        let model = parsed(text).expect("a model");
        assert_eq!(model.probes_rules(), []);
        assert!(model.near_scopes().is_empty());
    }
}

#[test]
fn without_a_reader_there_is_nothing_to_probe_with() {
    let text = MODEL
        .replace(
            "name = \"SILVER\"\ngroups = [\"silverSubscribers\"]",
            "name = \"SILVER\"",
        )
        .replace(
            "name = \"GOLD\"\ngroups = [\"goldSubscribers\"]",
            "name = \"GOLD\"",
        );
    let problem = parsed(&text).expect_err("a problem");
    assert!(
        problem.contains("`[probes]` needs an endpoint"),
        "{problem}"
    );
}

#[rstest]
#[case::scope_taken("scp/gold\"", "scp/gold-okta-e2e-probe\"", "rename it")]
#[case::policy_taken(
    "\"Solar system subscribers\"",
    "\"okta-e2e probes\"",
    "rename this one"
)]
#[case::provider("title = ", "provider = \"generic\"\ntitle = ", "remove `[probes]`")]
#[case::unknown("near_scope = ", "near_scopes = ", "near_scope")]
fn what_cannot_be_probed_is_said(#[case] from: &str, #[case] to: &str, #[case] said: &str) {
    assert!(MODEL.contains(from), "the model has no `{from}`");
    let problem = parsed(&MODEL.replace(from, to)).expect_err("a problem");
    assert!(problem.contains(said), "{problem}");
}
