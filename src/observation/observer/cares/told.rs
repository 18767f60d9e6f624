//! What an answer tells in its JSON that it should not, or tells otherwise.

use serde_json::Value;

use crate::openid::{is_of_a_secret, scopes_of};

/// The scope that asks for a refresh token (OpenID Connect Core section 11).
const OFFLINE: &str = "offline_access";

/// What is said of tokens by a text, wherever it is (RFC 6749 section 5.1, RFC 7662 section 2.2,
/// OpenID Connect Core section 3.1.3.3).
const TEXTS: [&str; 11] = [
    "access_token",
    "token_type",
    "refresh_token",
    "id_token",
    "scope",
    "client_id",
    "username",
    "sub",
    "iss",
    "jti",
    "issued_token_type",
];

/// Whether what must be a text is something else, such as a list: clients differ in what they make
/// of it.
pub(super) fn is_of_no_text(told: &Value) -> bool {
    let mut members = TEXTS.iter().filter_map(|name| told.get(name));
    members.any(|member| !member.is_string() && !member.is_null())
}

/// Whether how long a token lives is anything but a whole number of seconds: RFC 6749 section 5.1
/// has numbers as numbers of JSON, and its appendix A.14 has digits alone.
pub(super) fn is_of_no_number(told: &Value) -> bool {
    let lifetime = told.get("expires_in");
    lifetime.is_some_and(|lifetime| lifetime.as_u64().is_none())
}

/// Whether a refresh token comes although the scope that was granted does not ask for one. Where
/// the scope is not told, nobody knows.
pub(super) fn is_unasked(told: &Value) -> bool {
    let scopes = told.get("scope").and_then(scopes_of);
    let asks = |scopes: Vec<&str>| scopes.contains(&OFFLINE);
    told.get("refresh_token").is_some() && scopes.is_some_and(|scopes| !asks(scopes))
}

/// Whether a member is called as what holds a secret, be it within another one.
pub(super) fn has_a_secret(told: &Value) -> bool {
    match told {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| is_of_a_secret(name) || has_a_secret(value)),
        Value::Array(items) => items.iter().any(has_a_secret),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::number(json!({"expires_in": 3600}), false)]
    #[case::missing(json!({}), false)]
    #[case::text(json!({"expires_in": "3600"}), true)]
    #[case::fraction(json!({"expires_in": 3599.98}), true)]
    #[case::null(json!({"expires_in": null}), true)]
    fn a_lifetime_is_a_whole_number(#[case] told: Value, #[case] wrong: bool) {
        assert_eq!(is_of_no_number(&told), wrong);
    }

    #[rstest]
    #[case::texts(json!({"access_token": "a", "scope": "openid", "exp": 1}), false)]
    #[case::missing(json!({"active": true}), false)]
    #[case::list(json!({"scope": ["openid"]}), true)]
    #[case::list_of_types(json!({"token_type": ["Bearer"]}), true)]
    #[case::number(json!({"sub": 7}), true)]
    #[case::null(json!({"refresh_token": null}), false)]
    fn what_is_said_by_texts_is_texts(#[case] told: Value, #[case] wrong: bool) {
        assert_eq!(is_of_no_text(&told), wrong);
    }

    #[rstest]
    #[case::none(json!({"scope": "openid"}), false)]
    #[case::asked(json!({"scope": "openid offline_access", "refresh_token": "r"}), false)]
    #[case::unasked(json!({"scope": "openid", "refresh_token": "r"}), true)]
    #[case::in_a_list(json!({"scope": ["offline_access"], "refresh_token": "r"}), false)]
    #[case::unasked_in_a_list(json!({"scope": ["openid"], "refresh_token": "r"}), true)]
    #[case::longer(json!({"scope": "offline_access2", "refresh_token": "r"}), true)]
    #[case::not_told(json!({"refresh_token": "r"}), false)]
    fn a_refresh_token_is_asked_for(#[case] told: Value, #[case] wrong: bool) {
        assert_eq!(is_unasked(&told), wrong);
    }

    #[rstest]
    #[case::claims(json!({"sub": "a", "zoneinfo": "b"}), false)]
    #[case::password(json!({"sub": "a", "password_hash": "b"}), true)]
    #[case::within(json!({"profile": [{"Client-Secret": "b"}]}), true)]
    #[case::said(json!({"sub": "password"}), false)]
    fn a_secret_is_known_by_its_name(#[case] told: Value, #[case] wrong: bool) {
        assert_eq!(has_a_secret(&told), wrong);
    }
}
