//! A list with a gap, a field that is not there: nothing is met by the part that was not seen.
//!
//! Where a whole need is out of sight is in `blind_runs.rs`. Here something is missing inside of
//! what was seen: exactly the trials that would rest on it are not checked, and none turns red.

use std::collections::BTreeSet;

use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::management::found::{
    FoundApplication, FoundAssignment, FoundGroup, FoundRule, FoundScope, OAuthClientSettings,
};
use okta_e2e::management::{Named, Told};
use okta_e2e::observation::{Denial, FoundTestUser, Observations};
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

fn settings(seen: &mut Observations) -> &mut OAuthClientSettings {
    &mut client(seen).settings.oauth_client
}

fn gold_scope(seen: &mut Observations) -> &mut FoundScope {
    let mut scopes = seen.org.scopes.as_mut().expect("scopes").iter_mut();
    let gold = scopes.find(|scope| scope.name.ends_with("gold"));
    gold.expect("the scope")
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

/// Whatever client it is, a rule for the model's group and for grants that bring a user gives
/// nobody else anything; this one gives it to the client itself.
fn client_that_a_policy_names(seen: &mut Observations) {
    let grants = &mut rule(seen, "gold").conditions.grant_types;
    grants.include.push("client_credentials".to_owned());
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
    rule(seen, "gold").status = "INACTIVE".into();
}

fn consent_of_a_scope(seen: &mut Observations) {
    gold_scope(seen).consent = None;
}

fn whether_a_scope_is_a_default_one(seen: &mut Observations) {
    gold_scope(seen).default = Told::default();
}

fn whether_a_scope_may_be_declined(seen: &mut Observations) {
    gold_scope(seen).optional = Told::default();
}

fn groups_of_a_rule(seen: &mut Observations) {
    rule(seen, "gold").conditions.people.groups = Told::default();
}

fn grants_of_a_rule(seen: &mut Observations) {
    rule(seen, "gold").conditions.grant_types = Told::default();
}

fn scopes_of_a_rule(seen: &mut Observations) {
    rule(seen, "gold").conditions.scopes = Told::default();
}

fn clients_of_a_policy(seen: &mut Observations) {
    let policies = seen.org.policies.as_mut().expect("policies");
    policies[0].policy.conditions.clients = Told::default();
}

fn grants_of_the_client(seen: &mut Observations) {
    settings(seen).grant_types = Told::default();
}

fn response_types_of_the_client(seen: &mut Observations) {
    settings(seen).response_types = Told::default();
}

fn redirect_uris_of_the_client(seen: &mut Observations) {
    settings(seen).redirect_uris = Told::default();
}

fn type_of_the_client(seen: &mut Observations) {
    settings(seen).application_type = Told::default();
}

fn authentication_of_the_client(seen: &mut Observations) {
    let credentials = &mut client(seen).credentials.oauth_client;
    credentials.token_endpoint_auth_method = Told::default();
}

/// Tokens that came without a proof would say that none is needed.
fn proof_of_possession_of_the_client(seen: &mut Observations) {
    settings(seen).other.remove("dpop_bound_access_tokens");
    seen.authorizations.clear();
}

fn whether_anybody_needs_an_assignment(seen: &mut Observations) {
    client(seen).settings.implicit_assignment = None;
}

/// A word that Okta's API description does not have.
fn status_of_a_rule(seen: &mut Observations) {
    rule(seen, "gold").status = "PENDING".into();
}

fn status_of_a_policy(seen: &mut Observations) {
    let policies = seen.org.policies.as_mut().expect("policies");
    policies[0].policy.status = "".into();
}

fn status_of_an_assignment(seen: &mut Observations) {
    assignment(seen).status = "IMPORTED".into();
    seen.authorizations.clear();
}

fn status_of_a_user(seen: &mut Observations) {
    silver(seen).user.status = "ACTIVATING".into();
}

fn status_of_the_client(seen: &mut Observations) {
    client(seen).status = "PENDING".into();
}

fn status_of_a_claim(seen: &mut Observations) {
    let claims = seen.org.claims.as_mut().expect("claims");
    let mut other = claims[0].clone();
    "company".clone_into(&mut other.name);
    other.system = false;
    other.status = "PENDING".into();
    claims.push(other);
}

fn condition_of_a_rule(seen: &mut Observations) {
    let other = &mut rule(seen, "gold").conditions.other;
    other.insert("device".to_owned(), json!({"managed": true}));
}

/// Okta's own clients are named in `include` alone.
fn clients_left_out_of_a_policy(seen: &mut Observations) {
    let policies = seen.org.policies.as_mut().expect("policies");
    let clients = &mut policies[0].policy.conditions.clients;
    clients.exclude.push(HIDDEN.to_owned());
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

const WHAT_THE_RULES_GIVE: [&str; 5] = [
    "step_3c_access_policy::an_active_policy_applies_to_the_client",
    "step_3c_access_policy::the_rules_give_the_group_its_scopes[*]",
    NOBODY_ELSE,
    "step_3c_access_policy::the_rules_are_in_the_order_of_the_model",
    NOTHING_BEYOND,
];
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
    &["step_4b_redirect_uri::no_redirect_uri_has_a_wildcard"])]
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
    "step_4c_assignment::the_app_user_name_is_not_the_login_of_another_user[SILVER]",
    "step_4c_assignment::the_assignment_differs_in_nothing_else[SILVER]",
])]
#[case::rules_of_the_model(rules_of_the_model,
    &["step_3c_access_policy::the_rules_are_in_the_order_of_the_model"])]
#[case::consent_of_a_scope(consent_of_a_scope,
    &["step_3b_scope::the_scope_differs_in_nothing_else[gold]"])]
#[case::whether_a_scope_is_a_default_one(whether_a_scope_is_a_default_one,
    &["step_3b_scope::the_scope_is_not_given_unasked[gold]"])]
#[case::whether_a_scope_may_be_declined(whether_a_scope_may_be_declined,
    &["step_3b_scope::the_scope_differs_in_nothing_else[gold]"])]
#[case::groups_of_a_rule(groups_of_a_rule, &WHAT_THE_RULES_GIVE)]
#[case::grants_of_a_rule(grants_of_a_rule, &WHAT_THE_RULES_GIVE)]
#[case::scopes_of_a_rule(scopes_of_a_rule, &WHAT_THE_RULES_GIVE)]
#[case::clients_of_a_policy(clients_of_a_policy, &WHAT_THE_RULES_GIVE)]
#[case::grants_of_the_client(grants_of_the_client, &[
    "step_4a_client::the_client_may_use_the_grant_type[*]",
    "step_4a_client::the_client_differs_in_nothing_else",
])]
#[case::response_types_of_the_client(response_types_of_the_client, &[
    "step_4a_client::the_client_may_use_the_response_type[*]",
    "step_4a_client::the_client_differs_in_nothing_else",
])]
#[case::redirect_uris_of_the_client(redirect_uris_of_the_client, &[
    "step_4b_redirect_uri::the_redirect_uri_is_registered",
    "step_4b_redirect_uri::no_other_redirect_uri_is_registered",
])]
#[case::type_of_the_client(type_of_the_client,
    &["step_4a_client::the_client_is_of_the_wanted_type"])]
#[case::authentication_of_the_client(authentication_of_the_client,
    &["step_4a_client::the_client_authenticates_as_the_model_says"])]
#[case::proof_of_possession_of_the_client(proof_of_possession_of_the_client,
    &["step_4a_client::the_client_needs_no_proof_of_possession"])]
#[case::whether_anybody_needs_an_assignment(whether_anybody_needs_an_assignment,
    &[
        "step_4c_assignment::the_user_is_assigned_as_the_model_says[UNASSIGNED]",
        "step_4c_assignment::the_client_is_not_assigned_to_everyone",
    ])]
#[case::status_of_a_rule(status_of_a_rule, &WHAT_THE_RULES_GIVE)]
#[case::status_of_a_policy(status_of_a_policy, &WHAT_THE_RULES_GIVE)]
#[case::condition_of_a_rule(condition_of_a_rule, &WHAT_THE_RULES_GIVE[..4])]
#[case::clients_left_out_of_a_policy(clients_left_out_of_a_policy, &WHAT_THE_RULES_GIVE[..4])]
#[case::status_of_an_assignment(status_of_an_assignment,
    &["step_4c_assignment::the_user_is_assigned_as_the_model_says[SILVER]"])]
#[case::status_of_a_user(status_of_a_user, &["step_2_users::the_user_is_active[SILVER]"])]
#[case::status_of_the_client(status_of_the_client, &["step_4a_client::the_client_is_active"])]
#[case::status_of_a_claim(status_of_a_claim,
    &["step_3a_authorization_server::the_authorization_server_differs_in_nothing_else"])]
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

/// Whom a rule names and the org does not show can only have been given more than was computed
/// without them, and whom it excludes only less: GOLD is denied what the rules give.
#[rstest]
#[case::all_are_shown(|_: &mut Observations| {}, true)]
#[case::a_rule_names_a_group(group_that_a_rule_names, true)]
#[case::a_rule_names_a_user(user_whom_a_rule_names, true)]
#[case::a_rule_excludes_a_group(group_that_a_rule_excludes, false)]
#[tokio::test]
async fn a_denial_is_unlike_the_audit_unless_a_rule_excludes_whom_nobody_sees(
    #[case] hide: fn(&mut Observations),
    #[case] is_red: bool,
) {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    hide(&mut sight.seen);
    let own = sight.seen.authorizations.iter_mut();
    for (_, seen) in own.filter(|(key, _)| key.user == "GOLD") {
        seen.as_mut().expect("a look").outcome = okta_e2e::observation::Outcome::Denied {
            denial: Denial::Policy,
            text: "access_denied".to_owned(),
            response: None,
        };
    }
    let wanted = "step_5_authorize::the_org_does_what_the_audit_computes[GOLD]";
    let red = names(&sight, |outcome| matches!(outcome, Outcome::NotMet(_)));
    assert_eq!(red.iter().any(|name| name == wanted), is_red, "{red:?}");
    let met = names(&sight, |outcome| matches!(outcome, Outcome::Met(_)));
    assert!(!met.iter().any(|name| name == wanted), "{met:?}");
}

/// Tokens came without a proof that the client holds a key, so it needs none, whatever the org
/// shows of that.
#[tokio::test]
async fn tokens_without_a_proof_of_possession_say_that_none_is_needed() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    settings(&mut sight.seen)
        .other
        .remove("dpop_bound_access_tokens");
    let met = names(&sight, |outcome| matches!(outcome, Outcome::Met(_)));
    let wanted = "step_4a_client::the_client_needs_no_proof_of_possession";
    assert!(met.iter().any(|name| name == wanted), "{met:?}");
}

/// Okta says of some who are assigned that they are "not enabled to use the app"; where one of them
/// was let through all the same, nobody knows.
#[rstest]
#[case::suspended("SUSPENDED", false, "not met")]
#[case::revoked("REVOKED", false, "not met")]
#[case::suspended_and_let_through("SUSPENDED", true, "not checked")]
#[case::imported("IMPORTED", false, "not checked")]
#[case::imported_and_let_through("IMPORTED", true, "met")]
#[case::provisioned("PROVISIONED", false, "met")]
#[tokio::test]
async fn who_may_not_use_the_client_is_not_taken_for_assigned(
    #[case] status: &str,
    #[case] was_let_through: bool,
    #[case] wanted: &str,
) {
    type Is = fn(&Outcome) -> bool;
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    assignment(&mut sight.seen).status = status.into();
    if !was_let_through {
        sight.seen.authorizations.clear();
    }
    let trial = "step_4c_assignment::the_user_is_assigned_as_the_model_says[SILVER]";
    let outcomes: [(&str, Is); 3] = [
        ("met", |outcome| matches!(outcome, Outcome::Met(_))),
        ("not met", |outcome| matches!(outcome, Outcome::NotMet(_))),
        ("not checked", |outcome| {
            matches!(outcome, Outcome::NotChecked { .. })
        }),
    ];
    let is_it = |is_wanted| names(&sight, is_wanted).iter().any(|name| name == trial);
    let outcomes = outcomes.into_iter();
    let mut came_to = outcomes.filter(|(_, is_wanted)| is_it(*is_wanted));
    assert_eq!(came_to.next().map(|(words, _)| words), Some(wanted));
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
    // What was granted would say that it is in the model's as well.
    let seen = &mut sight.seen.authorizations;
    seen.retain(|key, _| key.user != "SILVER");
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
