//! The `_links` of objects.

use serde_json::{Value, json};

/// A link, and what can be done there.
pub(super) fn link(url: impl Into<String>, allow: &[&str]) -> Value {
    json!({"href": url.into(), "hints": {"allow": allow}})
}

/// A link that says nothing more.
pub(super) fn plain(url: impl Into<String>) -> Value {
    json!({"href": url.into()})
}

/// `self` of an object that can be read, replaced and deleted.
pub(super) fn object(url: &str) -> Value {
    link(url, &["GET", "PUT", "DELETE"])
}

/// Adds `activate` or `deactivate`, whichever is possible.
pub(super) fn add_lifecycle(links: &mut Value, url: &str, is_active: bool) {
    let step = if is_active { "deactivate" } else { "activate" };
    if let Value::Object(links) = links {
        let url = format!("{url}/lifecycle/{step}");
        links.insert(step.to_owned(), link(url, &["POST"]));
    }
}
