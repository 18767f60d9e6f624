//! What a found object lacks of the wanted one; what the model does not speak of stays.

use serde_json::Value;

/// Where found JSON differs from wanted JSON, in words. Lists are sets; an empty one may be absent.
pub(super) fn differences(wanted: &Value, found: &Value) -> Vec<String> {
    let mut list = Vec::new();
    collect("", wanted, found, &mut list);
    list
}

fn collect(path: &str, wanted: &Value, found: &Value, list: &mut Vec<String>) {
    if let Value::Object(fields) = wanted {
        for (name, wanted) in fields {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            collect(&path, wanted, found.get(name).unwrap_or(&Value::Null), list);
        }
    } else if !is_same(wanted, found) {
        list.push(format!("{path} {found} → {wanted}"));
    }
}

fn is_same(wanted: &Value, found: &Value) -> bool {
    let Value::Array(wanted) = wanted else {
        return wanted == found;
    };
    let nothing = Vec::new();
    let found = found.as_array().unwrap_or(&nothing);
    wanted.len() == found.len() && wanted.iter().all(|item| found.contains(item))
}

/// Lays wanted JSON over found JSON, for a `PUT`, which replaces the whole object.
pub(super) fn overlay(found: &mut Value, wanted: &Value) {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            for (name, value) in wanted {
                overlay(found.entry(name).or_insert(Value::Null), value);
            }
        }
        (found, wanted) => *found = wanted.clone(),
    }
}
