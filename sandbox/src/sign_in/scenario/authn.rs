//! An answer of Classic Engine, made of a row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::row::Authn;

static FACTORS: LazyLock<BTreeMap<String, Value>> =
    LazyLock::new(|| toml::from_str(include_str!("factors.toml")).unwrap_or_default());

/// The status in which factors are offered to be set up.
const ENROLS: &str = "MFA_ENROLL";

/// The body that a row describes, at an org of this address; the user is for the caller to add.
pub(crate) fn answer(row: &Authn, base_url: &str) -> Value {
    let builder = Builder { row, base_url };
    let mut body = json!({"status": row.status, "_embedded": {}, "_links": {}});
    for (name, value) in &row.with {
        body[name] = value.clone();
    }
    if !row.factors.is_empty() {
        let factors = row.factors.iter().map(|name| builder.factor(name));
        body["_embedded"]["factors"] = factors.collect();
    }
    if row.status.as_deref() == Some("MFA_REQUIRED") {
        body["_embedded"]["policy"] =
            json!({"allowRememberDevice": false, "rememberDeviceByDefault": false});
    }
    for (name, value) in &row.embedded {
        body["_embedded"][name] = value.clone();
    }
    for (name, link) in &row.links {
        body["_links"][name] = builder.link(link);
    }
    body
}

/// A factor of this name that is set up, at an org of this address.
pub(crate) fn factor_to_verify(name: &str, base_url: &str) -> Value {
    let row = &Authn::default();
    Builder { row, base_url }.factor(name)
}

struct Builder<'a> {
    row: &'a Authn,
    base_url: &'a str,
}

impl Builder<'_> {
    fn factor(&self, name: &str) -> Value {
        let mut factor = FACTORS.get(name).cloned().unwrap_or_default();
        let id = factor["id"].as_str().unwrap_or_default().to_owned();
        if self.row.status.as_deref() != Some(ENROLS) {
            let verify = self.post(&format!("authn/factors/{id}/verify"));
            factor["_links"] = json!({"verify": verify});
            return factor;
        }
        if let Some(members) = factor.as_object_mut() {
            members.retain(|name, _| name != "id" && name != "profile");
        }
        factor["_links"] = json!({"enroll": self.post("authn/factors")});
        factor["status"] = "NOT_SETUP".into();
        factor["enrollment"] = "REQUIRED".into();
        factor
    }

    /// A link of its own, or one to post to: the path, and behind a blank its name.
    fn link(&self, link: &Value) -> Value {
        let Some((path, name)) = link.as_str().and_then(|text| text.split_once(' ')) else {
            return link.clone();
        };
        let mut link = self.post(path);
        link["name"] = name.into();
        link
    }

    fn post(&self, path: &str) -> Value {
        let href = format!("{}/api/v1/{path}", self.base_url);
        json!({"href": href, "hints": {"allow": ["POST"]}})
    }
}

/// The members of a body, with the user among what is embedded if it has none.
pub(crate) fn with_user(mut body: Value, user: Value) -> Value {
    let embedded = body["_embedded"].as_object_mut();
    if let Some(embedded) = embedded {
        let own = embedded.remove("user").unwrap_or_default();
        embedded.insert("user".to_owned(), merged(user, own));
    }
    body
}

fn merged(value: Value, more: Value) -> Value {
    match (value, more) {
        (Value::Object(mut members), Value::Object(more)) => {
            for (name, value) in more {
                let before = members.remove(&name).unwrap_or_default();
                members.insert(name, merged(before, value));
            }
            Value::Object(members)
        }
        (value, Value::Null) => value,
        (_, more) => more,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn every_factor_can_be_read_and_a_user_is_added_to() {
        let text = include_str!("factors.toml");
        assert!(toml::from_str::<Map<String, Value>>(text).is_ok_and(|all| all.len() > 10));
        let body = json!({"_embedded": {"user": {"recovery_question": {"question": "Which?"}}}});
        let body = with_user(body, json!({"id": "00u"}));
        assert_eq!(body["_embedded"]["user"]["id"], "00u");
        assert_eq!(
            body["_embedded"]["user"]["recovery_question"]["question"],
            "Which?"
        );
    }
}
