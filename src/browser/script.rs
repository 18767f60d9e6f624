//! The script that sees a page and acts on it: written once into a page, asked again and again.

use serde_json::Value;

/// A function body whose `arguments` are an action and what it is about.
pub(super) const SCRIPT: &str = concat!(
    include_str!("script/names.js"),
    include_str!("script/words.js"),
    include_str!("script/seen.js"),
    include_str!("script/forms.js"),
    include_str!("script/leads.js"),
    include_str!("script/says.js"),
    include_str!("script/acts.js"),
    include_str!("script/picture.js"),
    include_str!("script/watch.js"),
);

/// What a page answers that the script was not written into yet: no action does.
pub(super) const ABSENT: &str = "okta-e2e: absent";

/// Asks the script that a page has. Its elements can be called like it, and are no property of its
/// own.
pub(super) fn asking(action: &str, detail: &Value) -> String {
    let action = Value::from(action);
    format!("Object.hasOwn(globalThis, 'oktaE2e') ? oktaE2e({action}, {detail}) : '{ABSENT}'")
}

/// Writes the script into a page.
pub(super) fn definition() -> String {
    format!("globalThis.oktaE2e = function () {{ {SCRIPT}\n }};")
}

/// Writes the script into a page, and asks it.
pub(super) fn writing(action: &str, detail: &Value) -> String {
    format!("{} {}", definition(), asking(action, detail))
}

/// The value that an expression came to by `DevTools`, null where it failed. Nothing where a driver
/// does not say, being interrupted by a dialog of the page: then what was asked for may be done.
pub(super) fn outcome(mut answer: Value) -> Option<Value> {
    if answer.get("exceptionDetails").is_some() {
        return Some(Value::Null);
    }
    let value = answer.get_mut("result")?.get_mut("value");
    Some(value.map(Value::take).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// A dialog of the page leaves the driver without an answer, and the form may be sent.
    #[rstest]
    #[case::a_value(json!({"result": {"type": "number", "value": 7}}), Some(json!(7)))]
    #[case::nothing_to_tell(json!({"result": {"type": "undefined"}}), Some(Value::Null))]
    #[case::a_failure(
        json!({"exceptionDetails": {"text": "Uncaught"}, "result": {"type": "object"}}),
        Some(Value::Null)
    )]
    #[case::an_interruption(json!({}), None)]
    #[case::no_answer(Value::Null, None)]
    fn what_came_of_an_expression(#[case] answer: Value, #[case] expected: Option<Value>) {
        assert_eq!(outcome(answer), expected);
    }
}
