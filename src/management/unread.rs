//! What policies and rules say that nobody here reads: Okta's API description of access policies
//! has none of it, so that whom it lets in, and whom it keeps out, is not known.

use serde_json::{Map, Value};

use super::found::{FoundPolicy, FoundRule, Include};

/// What every policy of an authorization server is.
const POLICY: &str = "OAUTH_AUTHORIZATION_POLICY";
/// What every rule of such a policy is.
const RULE: &str = "RESOURCE_ACCESS";
/// Words by which Okta's conditions of other policies let everybody in.
const OPEN_WORDS: [&str; 2] = ["ANYWHERE", "ANY"];

impl FoundPolicy {
    /// Where it says what nobody here reads, as Okta's API would call it, and what.
    #[must_use]
    pub fn unread(&self) -> Vec<(String, String)> {
        let conditions = &self.conditions;
        [
            of_another_kind(self.kind.as_deref(), POLICY),
            members("conditions", &conditions.other),
            beside_included("conditions.clients", &conditions.clients),
        ]
        .concat()
    }
}

impl FoundRule {
    /// Where it says what nobody here reads, as Okta's API would call it, and what. Lifetimes of
    /// refresh tokens are numbers, and give nothing.
    #[must_use]
    pub fn unread(&self) -> Vec<(String, String)> {
        let conditions = &self.conditions;
        let people = &conditions.people;
        [
            of_another_kind(self.kind.as_deref(), RULE),
            members("conditions", &conditions.other),
            members("conditions.people", &people.other),
            members("conditions.people.users", &people.users.other),
            members("conditions.people.groups", &people.groups.other),
            beside_included("conditions.grantTypes", &conditions.grant_types),
            beside_included("conditions.scopes", &conditions.scopes),
            members("actions.token", &self.actions.token.other),
        ]
        .concat()
    }
}

fn of_another_kind(kind: Option<&str>, own: &str) -> Vec<(String, String)> {
    let other = kind.filter(|kind| *kind != own);
    let other = other.map(|kind| ("type".to_owned(), kind.to_owned()));
    other.into_iter().collect()
}

/// A condition that is documented to include alone.
fn beside_included(path: &str, list: &Include) -> Vec<(String, String)> {
    let excluded = (!list.exclude.is_empty())
        .then(|| (format!("{path}.exclude"), format!("{:?}", list.exclude)));
    let mut unread = members(path, &list.other);
    unread.extend(excluded);
    unread
}

fn members(path: &str, members: &Map<String, Value>) -> Vec<(String, String)> {
    let narrowing = members.iter().filter(|(_, value)| chooses(value));
    narrowing
        .map(|(name, value)| (format!("{path}.{name}"), value.to_string()))
        .collect()
}

/// Whether it may choose between people: Okta's conditions are objects and lists, and one that
/// is empty, or open by its word, chooses nobody.
fn chooses(value: &Value) -> bool {
    let says = |value: &Value| match value {
        Value::String(word) => !OPEN_WORDS.contains(&word.as_str()),
        other => *other == Value::Bool(true) || other.is_number() || chooses(other),
    };
    match value {
        Value::Object(fields) => fields.values().any(says),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::of_zones(json!({"network": {"connection": "ZONE", "include": ["nzo1"]}}), true)]
    #[case::by_an_expression(json!({"elCondition": {"condition": "user.isAdmin"}}), true)]
    #[case::managed_devices(json!({"device": {"managed": true}}), true)]
    #[case::of_everywhere(json!({"network": {"connection": "ANYWHERE"}}), false)]
    #[case::empty(json!({"userType": {"include": [], "exclude": []}}), false)]
    #[case::null(json!({"network": null}), false)]
    #[case::no_condition(json!({"note": "of no use"}), false)]
    #[case::roles(json!({"people": {"roles": {"include": ["admin"]}}}), true)]
    #[case::members_of_groups(json!({"people": {"groups": {"nested": ["00g1"]}}}), true)]
    #[case::left_out_grants(json!({"grantTypes": {"exclude": ["implicit"]}}), true)]
    #[case::left_out_scopes(json!({"scopes": {"exclude": ["gold"]}}), true)]
    #[case::left_out_users(json!({"people": {"users": {"exclude": ["00u1"]}}}), false)]
    fn a_condition_that_nobody_here_reads_is_named(
        #[case] conditions: Value,
        #[case] is_named: bool,
    ) {
        let rule = json!({"id": "0pr1", "name": "rule", "conditions": conditions});
        let rule: FoundRule = serde_json::from_value(rule).expect("a rule");
        assert_eq!(!rule.unread().is_empty(), is_named, "{:?}", rule.unread());
    }

    #[rstest]
    #[case::more_scopes(json!({"scopes": {"add": ["gold"]}}), true)]
    #[case::lifetimes(json!({"refreshTokenLifetimeMinutes": 0, "inlineHook": {"id": "1"}}), false)]
    fn an_action_that_nobody_here_reads_is_named(#[case] token: Value, #[case] is_named: bool) {
        let rule = json!({"id": "0pr1", "name": "rule", "actions": {"token": token}});
        let rule: FoundRule = serde_json::from_value(rule).expect("a rule");
        assert_eq!(!rule.unread().is_empty(), is_named, "{:?}", rule.unread());
    }

    #[rstest]
    #[case::itself(json!({"type": "OAUTH_AUTHORIZATION_POLICY"}), false)]
    #[case::another(json!({"type": "OKTA_SIGN_ON"}), true)]
    #[case::not_told(json!({}), false)]
    #[case::left_out_clients(json!({"conditions": {"clients": {"exclude": ["0oa1"]}}}), true)]
    #[case::people(json!({"conditions": {"people": {"groups": {"include": ["00g1"]}}}}), true)]
    fn a_policy_that_nobody_here_reads_is_named(#[case] mut policy: Value, #[case] is_named: bool) {
        policy["id"] = "00p1".into();
        policy["name"] = "policy".into();
        let policy: FoundPolicy = serde_json::from_value(policy).expect("a policy");
        assert_eq!(!policy.unread().is_empty(), is_named);
    }
}
