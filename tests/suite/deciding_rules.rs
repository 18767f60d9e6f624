//! A finding about scopes that came, or did not, shows the rule that gave them or should have, as
//! the audit read it, and marks what decides.

use okta_e2e::report::{self, Evidence, RecordedResult, RuleCondition};
use okta_e2e::verification::Verified;
use rstest::rstest;
use tempfile::TempDir;

use crate::support::scenario::Scenario;

async fn verified(broken: &str) -> Verified {
    let (_, world) = Scenario::broken(broken).await;
    world.verify().await
}

fn result<'v>(verified: &'v Verified, trial: &str) -> &'v RecordedResult {
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.name == trial);
    result.unwrap_or_else(|| panic!("no trial {trial}"))
}

/// The rules under a finding, by name, each with its conditions.
fn rules(result: &RecordedResult) -> Vec<(&str, &[RuleCondition])> {
    let rules = result.evidence.iter().filter_map(|one| match one {
        Evidence::Rule {
            rule, conditions, ..
        } => Some((rule.as_str(), conditions.as_slice())),
        Evidence::Request { .. }
        | Evidence::Response { .. }
        | Evidence::Claims { .. }
        | Evidence::Screenshot { .. } => None,
    });
    rules.collect()
}

/// What decides, by name and in the words of the page.
fn deciding(conditions: &[RuleCondition]) -> Vec<(&str, &str)> {
    let decide = conditions.iter().filter(|condition| condition.decides);
    decide
        .map(|own| (own.name.as_str(), own.is.as_str()))
        .collect()
}

const GIVES: &str = "step_3c_access_policy::the_rules_give_the_group_its_scopes";
const NOBODY_ELSE: &str = "step_3c_access_policy::no_rule_gives_the_scope_to_anybody_else";
const DENIED: &str = "step_5_authorize::the_user_is_denied_the_scopes";
const GETS: &str = "step_5_authorize::the_user_gets_tokens";

#[rstest]
#[case::opened_to_everyone("step-3c-rule-open-to-everyone", NOBODY_ELSE, "silver",
    &[("people", "everyone")])]
#[case::gives_more_scopes("step-3c-rule-gives-gold-too", NOBODY_ELSE, "gold",
    &[("scopes", "openid, http://myapp.com/scp/silver, http://myapp.com/scp/gold")])]
#[case::without_the_group("step-3c-wrong-group-in-rule", GIVES, "goldSubscribers",
    &[("people", "members of `silverSubscribers`")])]
#[case::inactive("step-3c-rule-inactive", GIVES, "goldSubscribers",
    &[("status", "INACTIVE")])]
#[case::excludes_a_group("step-3c-rule-excludes-a-group-of-the-user", GIVES, "silverSubscribers",
    &[("people", "members of `silverSubscribers`, but not members of `contractors`")])]
#[case::came_at_step_5("step-3c-rule-open-to-everyone", DENIED, "NONE silver",
    &[("people", "everyone")])]
#[case::did_not_come_at_step_5("fault-sign-in-access-denied", GETS, "SILVER silver", &[])]
#[tokio::test]
async fn the_rule_is_shown_with_what_decides(
    #[case] broken: &str,
    #[case] id: &str,
    #[case] subject: &str,
    #[case] wanted: &[(&str, &str)],
) {
    let verified = verified(broken).await;
    let result = result(&verified, &format!("{id}[{subject}]"));
    assert!(result.is_not_met(), "{result:#?}");
    let rules = rules(result);
    let [(rule, conditions)] = rules[..] else {
        panic!("{:#?}", result.evidence)
    };
    let is_gold = subject.contains("gold");
    let of_gold = is_gold && broken != "step-3c-rule-gives-gold-too";
    assert_eq!(rule, if of_gold { "gold" } else { "silver" });
    assert_eq!(deciding(conditions), wanted);
    let names: Vec<&str> = conditions.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(
        names,
        ["status", "people", "clients", "grant types", "scopes"]
    );
    // A name is said before an id.
    let clients = &conditions[2].is;
    assert!(
        clients.starts_with("`Solar System Explorer` (0oa"),
        "{clients}"
    );
}

#[tokio::test]
async fn the_page_marks_it_and_the_terminal_leaves_it_out() {
    let verified = verified("step-3c-rule-open-to-everyone").await;
    let folder = TempDir::new().expect("a folder");
    let page = report::render(&verified.record, folder.path(), None).expect("it renders");
    let page = std::fs::read_to_string(page).expect("it is written");
    let marked = "<mark><bdi>people</bdi>: <bdi>everyone</bdi></mark> <small>decides</small>";
    assert!(page.contains(marked));
    assert!(page.contains("rule <bdi>silver</bdi> of policy <bdi>Solar system subscribers</bdi>"));
    let lines = report::lines(&verified.record, "report.html", None, None);
    let lines = lines.into_iter().map(|line| line.to_string());
    assert!(!lines.collect::<String>().contains("grant types: "));
}

#[tokio::test]
async fn there_is_none_without_an_api_token() {
    let (_, mut world) = Scenario::broken("step-3c-rule-open-to-everyone").await;
    world.access.api_token = None;
    let verified = world.verify().await;
    let result = result(&verified, &format!("{DENIED}[NONE silver]"));
    assert!(result.is_not_met(), "{result:#?}");
    assert!(!result.evidence.is_empty());
    assert_eq!(rules(result), []);
}
