//! Whether a body says that nothing is given, whatever the status says: an object of JSON with an
//! error in it.

use serde_json::{Map, Value};

/// The members that tell what is wrong.
const ERRORS: [&str; 4] = ["error", "errors", "errorCode", "errorSummary"];
/// The members that may repeat the status that was meant.
const CODES: [&str; 4] = ["code", "status", "statusCode", "status_code"];
/// The members that say whether it went well.
const SUCCESS: [&str; 2] = ["success", "ok"];
/// What stands beside an error: RFC 6749 section 5.2, RFC 9457 section 3.1, and what is usual.
const BESIDE: [&str; 14] = [
    "error_description",
    "error_uri",
    "errorCauses",
    "errorId",
    "errorLink",
    "message",
    "msg",
    "detail",
    "title",
    "type",
    "instance",
    "path",
    "timestamp",
    "reason",
];
/// 4xx and 5xx.
const REFUSES: std::ops::Range<u64> = 400..600;

/// Whether the body says that something is wrong.
fn says_error(body: &Value) -> bool {
    let Value::Object(body) = body else {
        return false;
    };
    body.iter().any(|(name, value)| is_error(name, value))
}

/// Whether it says that, and nothing else.
pub(super) fn says_error_alone(body: &Value) -> bool {
    let Value::Object(members) = body else {
        return false;
    };
    says_error(body) && !gives_more(members)
}

fn is_error(name: &str, value: &Value) -> bool {
    let is = |names: &[&str]| names.contains(&name);
    if is(&ERRORS) {
        return !is_nothing(value);
    }
    if is(&SUCCESS) {
        return *value == Value::Bool(false);
    }
    let code = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    is(&CODES) && code.is_some_and(|code| REFUSES.contains(&code))
}

/// Whether a member is there that is no part of an error.
fn gives_more(body: &Map<String, Value>) -> bool {
    let known = [&ERRORS[..], &CODES, &SUCCESS, &BESIDE].concat();
    let mut others = body
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    others.any(|(_, value)| !is_nothing(value))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        // No errors, or the code of none.
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Bool(true) => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::oauth(json!({"error": "invalid_token", "error_description": "x"}), true, true)]
    #[case::list(json!({"errors": [{"message": "Unauthorized"}]}), true, true)]
    #[case::list_and_no_data(json!({"errors": [{}], "data": null}), true, true)]
    #[case::list_and_data(json!({"errors": [{}], "data": {"moons": []}}), true, false)]
    #[case::code(json!({"code": 401, "message": "no"}), true, true)]
    #[case::code_as_text(json!({"statusCode": "403"}), true, true)]
    #[case::no_success(json!({"success": false, "msg": "login first"}), true, true)]
    #[case::okta(json!({"errorCode": "E0000011", "errorSummary": "Invalid token"}), true, true)]
    #[case::no_error(json!({"error": null, "data": [1]}), false, false)]
    #[case::none_counted(json!({"errors": 0}), false, false)]
    #[case::some_counted(json!({"errors": 3, "requests": 90}), true, false)]
    #[case::empty(json!({"errors": [], "items": ["io"]}), false, false)]
    #[case::a_code_of_success(json!({"code": 200, "data": ["io"]}), false, false)]
    #[case::a_status_of_its_own(json!({"status": "paid"}), false, false)]
    #[case::list_of_moons(json!(["io"]), false, false)]
    fn an_error_is_known_by_its_members(
        #[case] body: Value,
        #[case] says: bool,
        #[case] alone: bool,
    ) {
        assert_eq!(says_error(&body), says);
        assert_eq!(says_error_alone(&body), alone);
    }
}
