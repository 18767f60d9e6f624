//! Whether an answer is of the object that was asked for: a cache that takes no account of the path
//! gives another's, and everything that is read there would be said of the wrong one.

use serde_json::Value;

/// Where an object is asked for by what names it, which its answer must say again.
const BY_NAME: [&str; 4] = ["apps", "authorizationServers", "groups", "users"];
/// Okta's word for a server that has another id.
const DEFAULT_SERVER: &str = "default";

/// The id of the object in an answer, where it is another one than the path asks for.
pub(super) fn another<'f>(path: &[&str], found: &'f Value) -> Option<&'f str> {
    let asked = match path {
        [collection, asked] if BY_NAME.contains(collection) => *asked,
        ["apps", _, "users", asked] => *asked,
        _ => return None,
    };
    let id = found.get("id").and_then(Value::as_str)?;
    let text = |place: &str| found.pointer(place).and_then(Value::as_str);
    let login = text("/profile/login");
    // Okta takes a login in any case, and what stands before its `@`.
    let plain = asked.to_lowercase();
    let is_login = |login: &str| {
        let login = login.to_lowercase();
        login == plain || login.split('@').next() == Some(plain.as_str())
    };
    let is_it = id == asked
        || text("/credentials/oauthClient/client_id") == Some(asked)
        || path == ["authorizationServers", DEFAULT_SERVER]
        || (path.first() == Some(&"users") && login.is_none_or(is_login));
    (!is_it).then_some(id)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::a_group(&["groups", "00g1"], None)]
    #[case::another_group(&["groups", "00g2"], Some("00g1"))]
    #[case::what_is_below(&["groups", "00g2", "users"], None)]
    #[case::another_user_of_the_app(&["apps", "0oa1", "users", "00u2"], Some("00g1"))]
    #[case::the_default_server(&["authorizationServers", "default"], None)]
    #[case::another_server(&["authorizationServers", "aus2"], Some("00g1"))]
    fn an_object_is_known_by_its_id(#[case] path: &[&str], #[case] is: Option<&str>) {
        assert_eq!(another(path, &json!({ "id": "00g1" })), is);
    }

    #[rstest]
    #[case::by_id("00u1", None)]
    #[case::by_login("silver@example.com", None)]
    #[case::in_capitals("Silver@Example.COM", None)]
    #[case::by_its_beginning("silver", None)]
    #[case::another("gold@example.com", Some("00u1"))]
    #[case::a_longer_one("silver@example.com.de", Some("00u1"))]
    fn a_user_is_known_by_its_login(#[case] asked: &str, #[case] is: Option<&str>) {
        let found = json!({ "id": "00u1", "profile": { "login": "silver@example.com" } });
        assert_eq!(another(&["users", asked], &found), is);
    }

    #[rstest]
    #[case::by_id("0oa1", None)]
    #[case::by_the_id_that_was_chosen("chosen", None)]
    #[case::another("0oa2", Some("0oa1"))]
    fn a_client_is_known_by_its_client_id(#[case] asked: &str, #[case] is: Option<&str>) {
        let credentials = json!({ "oauthClient": { "client_id": "chosen" } });
        let found = json!({ "id": "0oa1", "credentials": credentials });
        assert_eq!(another(&["apps", asked], &found), is);
    }

    #[test]
    fn a_user_whose_login_is_not_shown_may_be_the_one() {
        let found = json!({ "id": "00u1", "profile": null });
        assert_eq!(another(&["users", "silver@example.com"], &found), None);
    }
}
