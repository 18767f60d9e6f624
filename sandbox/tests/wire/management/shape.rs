//! Shapes: exactly these keys, with values of these types.

use serde_json::Value;

/// Checks a value against its shape.
///
/// A text in the shape names a type: `id:00g` an id of twenty characters, `time` an RFC 3339 time
/// with milliseconds, `text`, `url`, `number`, `flag`, `null`; with a `?` it may be null. `=x` is
/// the text `x`. An array of one shape holds for all its items, of which there is at least one.
pub(crate) fn assert_shape(found: &Value, shape: &Value) {
    check("", found, shape);
}

fn check(place: &str, found: &Value, shape: &Value) {
    match shape {
        Value::Object(shape) => {
            let found = found
                .as_object()
                .unwrap_or_else(|| panic!("{place} is no object: {found}"));
            let mut keys: Vec<_> = found.keys().collect();
            let mut wanted: Vec<_> = shape.keys().collect();
            keys.sort();
            wanted.sort();
            assert_eq!(keys, wanted, "the keys of `{place}`");
            for (key, shape) in shape {
                check(&format!("{place}/{key}"), &found[key], shape);
            }
        }
        Value::Array(shapes) => {
            let items = found.as_array();
            let items = items.unwrap_or_else(|| panic!("{place} is no list: {found}"));
            assert_eq!(items.is_empty(), shapes.is_empty(), "{place}: {found}");
            for item in items {
                check(&format!("{place}[]"), item, &shapes[0]);
            }
        }
        Value::String(kind) => {
            let (kind, may_be_null) = match kind.strip_suffix('?') {
                Some(kind) => (kind, true),
                None => (kind.as_str(), false),
            };
            let fits = (may_be_null && found.is_null()) || fits(found, kind);
            assert!(fits, "{place} is not `{kind}`: {found}");
        }
        exact => assert_eq!(found, exact, "{place}"),
    }
}

fn fits(found: &Value, kind: &str) -> bool {
    let text = found.as_str();
    if let Some(prefix) = kind.strip_prefix("id:") {
        return text.is_some_and(|text| text.starts_with(prefix) && text.len() == 20);
    }
    if let Some(exact) = kind.strip_prefix('=') {
        return text == Some(exact);
    }
    match kind {
        "text" => text.is_some(),
        "time" => text.is_some_and(|text| text.len() == 24 && text.ends_with('Z')),
        "url" => text.is_some_and(|text| text.starts_with("http://127.0.0.1:")),
        "number" => found.is_number(),
        "flag" => found.is_boolean(),
        "null" => found.is_null(),
        _ => panic!("unknown kind `{kind}`"),
    }
}
