//! A list with a gap, a field that is not there: nothing is met by the part that was not seen.
//!
//! Where a whole need is out of sight is in `blind_runs.rs`. Here something is missing inside of
//! what was seen: exactly the trials that would rest on it are not checked, and none turns red.

use std::collections::BTreeSet;

use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::management::Named;
use okta_e2e::management::found::{FoundApplication, FoundAssignment, FoundGroup, FoundRule};
use okta_e2e::observation::{FoundTestUser, Observations};
use okta_e2e::requirements::Remembered;
use rstest::rstest;
use serde_json::json;

use crate::blind_runs::Sight;
use crate::support::pattern::selected;
use crate::support::world::World;

/// An id that the org does not show.
const HIDDEN: &str = "00gnotshown";

fn rule<'s>(seen: &'s mut Observations, name: &str) -> &'s mut FoundRule {
    let policies = seen.org.policies.as_mut().expect("policies").iter_mut();
    let mut rules = policies.flat_map(|policy| &mut policy.rules);
    rules.find(|rule| rule.name == name).expect("the rule")
}

fn client(seen: &mut Observations) -> &mut FoundApplication {
    let client = seen.org.client.as_mut().expect("a look");
    client.as_mut().expect("the client")
}

fn silver(seen: &mut Observations) -> &mut FoundTestUser {
    let found = seen.org.users.get_mut("SILVER").expect("a test user");
    found.as_mut().expect("a look").as_mut().expect("the user")
}

fn assignment(seen: &mut Observations) -> &mut FoundAssignment {
    let assignment = silver(seen).assignment.as_mut().expect("a look");
    assignment.as_mut().expect("an assignment")
}

fn signing_of_the_server(seen: &mut Observations) {
    let server = seen.org.server.as_mut().expect("a look").as_mut();
    server.expect("the server").other.remove("credentials");
}

fn consent_of_the_client(seen: &mut Observations) {
    client(seen).settings.oauth_client.consent_method = None;
}

fn template_of_the_client(seen: &mut Observations) {
    client(seen).credentials.user_name_template.template = None;
}

fn wildcards_of_the_client(seen: &mut Observations) {
    let settings = &mut client(seen).settings.oauth_client;
    settings.other.remove("wildcard_redirect");
}

/// The zones may leave this machine out, and nothing came through to say that they do not.
fn zones_of_the_client(seen: &mut Observations) {
    let settings = &mut client(seen).settings.oauth_client;
    let zones = json!({"connection": "ZONE", "include": ["nzo1"]});
    settings.other.insert("network".to_owned(), zones);
    seen.authorizations.clear();
}

fn lifetime_of_a_rule(seen: &mut Observations) {
    rule(seen, "gold")
        .actions
        .token
        .access_token_lifetime_minutes = 0;
}

fn group_that_a_rule_names(seen: &mut Observations) {
    let groups = &mut rule(seen, "gold").conditions.people.groups;
    groups.include.push(HIDDEN.to_owned());
    seen.org.gone_groups.insert(HIDDEN.to_owned());
}

fn group_that_a_rule_excludes(seen: &mut Observations) {
    let groups = &mut rule(seen, "gold").conditions.people.groups;
    groups.exclude.push(HIDDEN.to_owned());
    seen.org.gone_groups.insert(HIDDEN.to_owned());
}

fn user_whom_a_rule_names(seen: &mut Observations) {
    let users = &mut rule(seen, "gold").conditions.people.users;
    users.include.push(HIDDEN.to_owned());
    seen.org.gone_users.insert(HIDDEN.to_owned());
}

fn client_that_a_policy_names(seen: &mut Observations) {
    let policies = seen.org.policies.as_mut().expect("policies");
    let clients = &mut policies[0].policy.conditions.clients.include;
    clients.push(HIDDEN.to_owned());
    seen.org.other_clients.insert(HIDDEN.to_owned(), Ok(None));
}

/// A rule that lets clients have it for themselves, and nobody knows what the client may do.
fn client_of_an_open_grant(seen: &mut Observations) {
    let grants = &mut rule(seen, "gold").conditions.grant_types;
    grants.include.push("client_credentials".to_owned());
    seen.org.client = Observations::default().org.client;
}

fn group_of_the_client(seen: &mut Observations) {
    let groups = seen.org.client_groups.as_mut().expect("groups");
    groups.push(HIDDEN.to_owned());
    seen.org.gone_groups.insert(HIDDEN.to_owned());
}

fn scope_of_an_assignment(seen: &mut Observations) {
    assignment(seen).scope.clear();
}

fn name_in_an_assignment(seen: &mut Observations) {
    assignment(seen).credentials = None;
}

/// One rule alone has no order.
fn rules_of_the_model(seen: &mut Observations) {
    "INACTIVE".clone_into(&mut rule(seen, "gold").status);
}

fn consent_of_a_scope(seen: &mut Observations) {
    let scopes = seen.org.scopes.as_mut().expect("scopes").iter_mut();
    let mut gold = scopes.filter(|scope| scope.name.ends_with("gold"));
    gold.next().expect("the scope").consent = None;
}

fn which_of_two_groups(seen: &mut Observations) {
    let groups = seen.org.groups.as_mut().expect("groups");
    let gold = groups.get_mut("goldSubscribers").expect("the group");
    let own = gold.one().expect("one").clone();
    let other = FoundGroup {
        id: HIDDEN.to_owned(),
        ..own.clone()
    };
    *gold = Named::Several(vec![own, other]);
}

const NOBODY_ELSE: &str = "step_3c_access_policy::no_rule_gives_the_scope_to_anybody_else[*]";
const NOTHING_BEYOND: &str = "step_3c_access_policy::the_policies_say_nothing_beyond_the_model";

#[rstest]
#[case::signing_of_the_server(signing_of_the_server,
    &["step_3a_authorization_server::the_authorization_server_differs_in_nothing_else"])]
#[case::consent_of_the_client(consent_of_the_client,
    &["step_4a_client::the_client_differs_in_nothing_else"])]
#[case::template_of_the_client(template_of_the_client,
    &["step_4a_client::the_client_differs_in_nothing_else"])]
#[case::wildcards_of_the_client(wildcards_of_the_client,
    &["step_4b_redirect_uri::no_wildcard_stands_in_a_redirect_uri"])]
#[case::zones_of_the_client(zones_of_the_client,
    &["step_4a_client::the_client_may_be_used_from_this_network"])]
#[case::lifetime_of_a_rule(lifetime_of_a_rule,
    &["step_3c_access_policy::access_tokens_live_as_long_as_the_model_says[gold]"])]
#[case::group_that_a_rule_names(group_that_a_rule_names, &[NOBODY_ELSE])]
#[case::group_that_a_rule_excludes(group_that_a_rule_excludes,
    &["step_3c_access_policy::the_rules_give_the_group_its_scopes[*]", NOTHING_BEYOND])]
#[case::user_whom_a_rule_names(user_whom_a_rule_names, &[NOBODY_ELSE, NOTHING_BEYOND])]
#[case::client_that_a_policy_names(client_that_a_policy_names,
    &["step_3c_access_policy::no_rule_gives_the_scope_to_anybody_else[gold]"])]
#[case::client_of_an_open_grant(client_of_an_open_grant,
    &["step_3c_access_policy::no_rule_gives_the_scope_to_anybody_else[gold]"])]
#[case::group_of_the_client(group_of_the_client, &[
    "step_4c_assignment::the_client_is_not_assigned_to_everyone",
    "step_4c_assignment::no_other_group_is_assigned",
])]
#[case::scope_of_an_assignment(scope_of_an_assignment,
    &["step_4c_assignment::the_assignment_differs_in_nothing_else[SILVER]"])]
#[case::name_in_an_assignment(name_in_an_assignment, &[
    "step_4c_assignment::the_client_does_not_take_the_user_for_another[SILVER]",
    "step_4c_assignment::the_assignment_differs_in_nothing_else[SILVER]",
])]
#[case::rules_of_the_model(rules_of_the_model,
    &["step_3c_access_policy::the_rules_stand_in_the_order_of_the_model"])]
#[case::consent_of_a_scope(consent_of_a_scope,
    &["step_3b_scope::the_scope_differs_in_nothing_else[gold]"])]
#[case::which_of_two_groups(which_of_two_groups, &[
    "step_1_groups::the_group_exists[goldSubscribers]",
    "step_2_users::the_user_is_in_no_other_group_of_the_model[GOLD]",
    NOBODY_ELSE,
    "step_4c_assignment::the_client_is_assigned_to_the_group[goldSubscribers]",
    "step_4c_assignment::no_other_group_is_assigned",
])]
#[tokio::test]
async fn nothing_is_met_by_a_part_that_is_out_of_sight(
    #[case] hide: fn(&mut Observations),
    #[case] unseen: &[&str],
) {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    hide(&mut sight.seen);
    let met = names(&sight, |outcome| matches!(outcome, Outcome::Met(_)));
    let all = names(&sight, |_| true);
    let patterns: Vec<String> = unseen.iter().map(|name| (*name).to_owned()).collect();
    let unseen: BTreeSet<String> = selected(&patterns, &all).into_iter().collect();
    let wrongly: Vec<&String> = met.iter().filter(|name| unseen.contains(*name)).collect();
    assert_eq!(
        wrongly,
        Vec::<&String>::new(),
        "met by what they do not see"
    );
    let red = names(&sight, |outcome| matches!(outcome, Outcome::NotMet(_)));
    let red: Vec<&String> = red.iter().filter(|name| unseen.contains(*name)).collect();
    assert_eq!(red, Vec::<&String>::new(), "red by what they do not see");
}

/// A group that a directory brought is not the model's, whatever its name.
#[tokio::test]
async fn a_member_of_another_group_of_the_same_name_is_no_member() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let groups = silver(&mut sight.seen).groups.iter_mut();
    let own = groups.filter(|group| group.profile.name == "silverSubscribers");
    own.for_each(|group| {
        group.id = HIDDEN.to_owned();
        group.kind = "APP_GROUP".to_owned();
    });
    let red = names(&sight, |outcome| matches!(outcome, Outcome::NotMet(_)));
    let wanted = "step_2_users::the_user_is_in_its_groups[SILVER]";
    assert!(red.iter().any(|name| name == wanted), "{red:?}");
}

/// What is wrong is wrong, whatever else could not be compared.
#[tokio::test]
async fn a_token_that_names_another_user_is_wrong_without_audit_and_id_token() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let gold = sight.facts.logins["GOLD"].clone();
    sight.seen.org.users.clear();
    for (key, seen) in &mut sight.seen.authorizations {
        if let (true, Ok(seen)) = (key.user == "SILVER", seen)
            && let okta_e2e::observation::Outcome::Tokens { tokens, .. } = &mut seen.outcome
        {
            tokens.id_token = None;
            let token = tokens.access_token.as_mut().expect("a token");
            token.claims.insert("sub".to_owned(), gold.clone().into());
        }
    }
    let red = names(&sight, |outcome| matches!(outcome, Outcome::NotMet(_)));
    let wanted = "step_5_authorize::the_access_token_names_the_user[SILVER";
    assert!(red.iter().any(|name| name.starts_with(wanted)), "{red:?}");
}

fn names(sight: &Sight<'_>, is_wanted: fn(&Outcome) -> bool) -> Vec<String> {
    let remembered = Remembered::default();
    let judged = judge(&sight.trials, &sight.context(&remembered));
    let wanted = judged.iter().filter(|judged| is_wanted(&judged.outcome));
    wanted.map(|judged| judged.trial.name()).collect()
}
