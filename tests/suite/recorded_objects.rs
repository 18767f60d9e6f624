//! What real orgs answered is read whole: no default stands in for a field that Okta always has.
//!
//! `recorded.json` has objects by kind from recorded answers of real orgs (acceptance tests of
//! okta/terraform-provider-okta and okta-sdk-python, 2020 to 2026), without links, secrets, keys
//! and times.

use okta_e2e::management::found::{
    FoundApplication, FoundAssignment, FoundClaim, FoundGroup, FoundOrganization, FoundPolicy,
    FoundRule, FoundScope, FoundServer, FoundTrustedOrigin, FoundUser,
};
use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// All recorded objects of a kind, as the suite reads them.
fn recorded<T: DeserializeOwned>(kind: &str) -> Vec<T> {
    let all: Map<String, Value> =
        serde_json::from_str(include_str!("recorded.json")).expect("JSON");
    let objects = all[kind].as_array().expect("a list").iter();
    let read = |object: &Value| {
        let found = serde_json::from_value(object.clone());
        found.unwrap_or_else(|error| panic!("{kind}: {error}: {object}"))
    };
    let found: Vec<T> = objects.map(read).collect();
    assert!(!found.is_empty(), "no {kind} was recorded");
    found
}

#[test]
fn groups_and_users_are_read() {
    for group in recorded::<FoundGroup>("group") {
        let known = ["OKTA_GROUP", "BUILT_IN", "APP_GROUP"];
        assert!(known.contains(&group.kind.as_str()), "{group:?}");
        assert!(group.id.starts_with("00g"), "{group:?}");
    }
    for user in recorded::<FoundUser>("user") {
        assert!(!user.status.as_str().is_empty(), "{user:?}");
        assert!(!user.profile.login.is_empty(), "{user:?}");
    }
}

#[test]
fn authorization_servers_are_read_with_their_settings() {
    for server in recorded::<FoundServer>("server") {
        assert_eq!(server.audiences.len(), 1, "{server:?}");
        let names = [server.id.as_str(), "default"];
        let (_, name) = server.issuer.rsplit_once("/oauth2/").expect("a name");
        assert!(names.contains(&name), "{server:?}");
        assert!(server.issuer_mode.is_some(), "{server:?}");
        let credentials = &server.other["credentials"];
        let rotation = credentials.pointer("/signing/rotationMode");
        assert!(rotation.is_some(), "{server:?}");
    }
}

#[test]
fn scopes_and_claims_are_read_with_all_that_decides() {
    for scope in recorded::<FoundScope>("scope") {
        assert!(scope.metadata_publish.is_some(), "{scope:?}");
    }
    for claim in recorded::<FoundClaim>("claim") {
        let known = ["RESOURCE", "IDENTITY"];
        assert!(known.contains(&claim.claim_type.as_str()), "{claim:?}");
        assert!(claim.value_type.is_some(), "{claim:?}");
    }
}

#[test]
fn policies_and_rules_are_read_with_whom_they_name() {
    for policy in recorded::<FoundPolicy>("policy") {
        assert!(policy.priority > 0, "{policy:?}");
        assert!(!policy.conditions.clients.include.is_empty(), "{policy:?}");
    }
    for rule in recorded::<FoundRule>("rule") {
        let conditions = &rule.conditions;
        assert!(rule.priority > 0, "{rule:?}");
        assert!(!conditions.grant_types.include.is_empty(), "{rule:?}");
        let people = &conditions.people;
        let named = people.groups.include.iter().chain(&people.users.include);
        assert!(named.count() > 0, "{rule:?}");
        assert!(rule.actions.token.access_token_lifetime_minutes > 0);
    }
}

#[test]
fn clients_are_read_with_what_they_may_do() {
    for client in recorded::<FoundApplication>("application") {
        let settings = &client.settings.oauth_client;
        let credentials = &client.credentials.oauth_client;
        assert!(!client.label.is_empty(), "{client:?}");
        assert!(!settings.grant_types.is_empty(), "{client:?}");
        assert!(!settings.response_types.is_empty(), "{client:?}");
        assert!(!settings.redirect_uris.is_empty(), "{client:?}");
        assert!(!settings.application_type.is_empty(), "{client:?}");
        assert!(settings.consent_method.is_some(), "{client:?}");
        for setting in [
            "wildcard_redirect",
            "issuer_mode",
            "dpop_bound_access_tokens",
        ] {
            assert!(
                settings.other.contains_key(setting),
                "{setting}: {client:?}"
            );
        }
        assert_eq!(credentials.client_id, client.id);
        assert!(!credentials.token_endpoint_auth_method.is_empty());
        assert!(credentials.pkce_required.is_some(), "{client:?}");
        assert!(client.settings.implicit_assignment.is_some(), "{client:?}");
        let template = &client.credentials.user_name_template.template;
        assert_eq!(template.as_deref(), Some("${source.login}"));
    }
}

#[test]
fn assignments_and_origins_are_read() {
    for assignment in recorded::<FoundAssignment>("assignment") {
        let known = ["USER", "GROUP"];
        assert!(known.contains(&assignment.scope.as_str()), "{assignment:?}");
        let name = assignment.credentials.as_ref();
        let name = name.and_then(|credentials| credentials.user_name.as_ref());
        assert!(name.is_some(), "{assignment:?}");
    }
    for origin in recorded::<FoundTrustedOrigin>("trusted_origin") {
        assert!(!origin.scopes.is_empty(), "{origin:?}");
        assert!(!origin.name.is_empty(), "{origin:?}");
    }
    for org in recorded::<FoundOrganization>("organization") {
        assert!(org.id.starts_with("00o"), "{org:?}");
        let known = ["idx", "v1"];
        assert!(
            org.pipeline
                .is_some_and(|engine| known.contains(&engine.as_str()))
        );
    }
}

/// An array is no object: read by its places it would say what nobody said.
#[rstest]
#[case::conditions_of_a_claim("claim", "/conditions", is_read::<FoundClaim>)]
#[case::conditions_of_a_policy("policy", "/conditions", is_read::<FoundPolicy>)]
#[case::conditions_of_a_rule("rule", "/conditions", is_read::<FoundRule>)]
#[case::people_of_a_rule("rule", "/conditions/people", is_read::<FoundRule>)]
#[case::actions_of_a_rule("rule", "/actions", is_read::<FoundRule>)]
#[case::tokens_of_a_rule("rule", "/actions/token", is_read::<FoundRule>)]
#[case::settings_of_a_client("application", "/settings", is_read::<FoundApplication>)]
#[case::credentials_of_a_client("application", "/credentials", is_read::<FoundApplication>)]
fn an_array_is_read_as_no_object(
    #[case] kind: &str,
    #[case] place: &str,
    #[case] is_read: fn(Value) -> bool,
) {
    let all: Map<String, Value> =
        serde_json::from_str(include_str!("recorded.json")).expect("JSON");
    let object = all[kind][0].clone();
    assert!(is_read(object.clone()), "{object}");
    for other in [json!([]), json!([["x"]])] {
        let mut object = object.clone();
        *object.pointer_mut(place).expect("it is there") = other;
        assert!(!is_read(object.clone()), "{object}");
    }
}

fn is_read<T: DeserializeOwned>(object: Value) -> bool {
    serde_json::from_value::<T>(object).is_ok()
}
