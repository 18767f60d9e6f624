//! Whether an application's sign-in policy lets a user in, and by how many factors.

use serde_json::Value;

use crate::state::org::{Application, Org, SignInRule, Status};

/// What the policy of an application asks of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignOn {
    /// A password.
    Password,
    /// Something beside the password.
    TwoFactors,
    /// Nothing helps.
    Denied,
}

/// What the policy of the client asks of a user; Classic Engine has none.
///
/// The first active rule whose people and network fit decides. Methods are not looked at: the users
/// of this org have a password, and an authenticator app at most.
pub(crate) fn sign_on(org: &Org, client_id: &str, user_id: &str) -> SignOn {
    let client = org.applications.get(client_id);
    let Some(rule) = client.and_then(|client| first_rule(org, client, user_id)) else {
        return SignOn::Password;
    };
    let text = |pointer: &str| rule.actions.pointer(pointer).and_then(Value::as_str);
    if text("/appSignOn/access") == Some("DENY") {
        return SignOn::Denied;
    }
    match text("/appSignOn/verificationMethod/factorMode") {
        Some("2FA") => SignOn::TwoFactors,
        _ => SignOn::Password,
    }
}

fn first_rule<'a>(org: &'a Org, client: &Application, user_id: &str) -> Option<&'a SignInRule> {
    let mut rules = org.sign_in_policy(client)?.rules.values();
    rules.find(|rule| rule.status == Status::Active && fits(org, &rule.conditions, user_id))
}

/// Whether conditions hold for a user who is on this machine, which is in no network zone.
fn fits(org: &Org, conditions: &Value, user_id: &str) -> bool {
    let listed = |pointer: &str| -> Vec<&str> {
        let list = conditions.pointer(pointer).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let is_named = |list: &str| listed(&format!("/people/users/{list}")).contains(&user_id);
    let is_member = |list: &str| {
        let groups = listed(&format!("/people/groups/{list}"));
        groups.iter().any(|group| org.is_member(user_id, group))
    };
    let names_nobody =
        listed("/people/users/include").is_empty() && listed("/people/groups/include").is_empty();
    let connection = conditions.pointer("/network/connection");
    (names_nobody || is_named("include") || is_member("include"))
        && !is_named("exclude")
        && !is_member("exclude")
        && connection.is_none_or(|connection| connection != "ZONE")
}
