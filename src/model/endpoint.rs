//! An endpoint of the resource server: what is sent there, who may, and what comes back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::json::Json;

/// The status of an answer where the model names none.
const OK: u16 = 200;

/// An endpoint of the resource server: the intent.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// How it is asked.
    #[serde(default)]
    pub method: Method,
    /// The path below `RESOURCE_SERVER_URL`, with its leading slash, and the query if there is one.
    pub path: String,
    /// Headers that every request to it has, of any user: an API key, a version.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, super::schema::Header>"))]
    pub headers: BTreeMap<String, HeaderText>,
    /// What is sent: JSON, or a text as it is where `Content-Type` in `headers` is none of JSON.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(super) body: Option<Json>,
    /// A file with what is sent, next to the model.
    #[serde(default)]
    pub(super) body_file: Option<String>,
    /// The scope that a token must hold.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) scope: Option<Spanned<String>>,
    /// Several scopes, instead of one.
    #[serde(default)]
    pub(super) scopes: Option<Scopes>,
    /// Whether any token of the authorization server for this API is enough.
    #[serde(default)]
    pub(super) signed_in: bool,
    /// Whether nothing is needed at all.
    #[serde(default)]
    pub(super) public: bool,
    /// The groups whose members may use it; `Everyone`: anybody to whom the client is assigned;
    /// none: services alone.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub open_to: Vec<Spanned<String>>,
    /// The status of its answer; absent: 200.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 200, max = 299)))]
    pub(super) status: Option<u16>,
    /// What it answers, exactly: JSON, or a text that may be the whole answer as it is.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(super) answers: Option<Json>,
    /// What is in its answer among other things.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    pub(super) contains: Option<Json>,
    /// Whether it may be asked again and again; absent: where the method is `GET`.
    #[serde(default)]
    pub(super) repeatable: Option<bool>,
    /// What follows from all this and the other endpoints, worked out when the file was read.
    #[serde(skip)]
    pub(super) settled: Settled,
}

/// What follows from what a model says of an endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Settled {
    pub(super) needs: Needs,
    pub(super) id: String,
    pub(super) body: Option<String>,
    pub(super) is_told: bool,
}

/// Methods of RFC 9110 section 9.3 and RFC 5789 that an API takes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// It reads.
    #[default]
    Get,
    /// It makes something, or asks with a body.
    Post,
    /// It replaces something.
    Put,
    /// It changes something.
    Patch,
    /// It removes something.
    Delete,
}

/// The value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderText {
    /// As it stands in the model.
    Text(String),
    /// The value of an environment variable, a secret.
    Variable(String),
}

/// Several scopes, as the model has them.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum Scopes {
    /// A token with every one of them.
    All(#[cfg_attr(test, schemars(with = "Vec<String>"))] Vec<Spanned<String>>),
    /// A token with at least one of them.
    Any(#[cfg_attr(test, schemars(with = "Vec<String>"))] Vec<Spanned<String>>),
}

/// What a caller needs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Needs {
    /// Nothing at all.
    Public,
    /// Any token of the authorization server for this API.
    #[default]
    SignedIn,
    /// A token with every one of these scopes.
    All(Vec<String>),
    /// A token with at least one of these scopes.
    Any(Vec<String>),
}

/// What the body of a right answer is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted<'a> {
    /// This JSON, or this text as it is.
    Exactly(&'a Value),
    /// This among other things: a text anywhere in the body, members of an object, items of a list.
    Among(&'a Value),
}

impl Method {
    /// Its name in a request.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Needs {
    /// The ways in: of each, every scope is needed. A public endpoint has none, since nobody needs
    /// a token.
    #[must_use]
    pub fn ways(&self) -> Vec<Vec<&str>> {
        match self {
            Self::Public => Vec::new(),
            Self::SignedIn => vec![Vec::new()],
            Self::All(scopes) => vec![scopes.iter().map(String::as_str).collect()],
            Self::Any(scopes) => scopes.iter().map(|scope| vec![scope.as_str()]).collect(),
        }
    }

    /// Whether these scopes are enough.
    pub(super) fn are_met_by(&self, holds: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Public | Self::SignedIn => true,
            Self::All(scopes) => scopes.iter().all(|scope| holds(scope)),
            Self::Any(scopes) => scopes.iter().any(|scope| holds(scope)),
        }
    }
}

impl Endpoint {
    /// What a run calls it: its path, behind the method where that is not `GET`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.settled.id
    }

    pub(super) fn named(&self) -> String {
        match self.method {
            Method::Get => self.path.clone(),
            method => format!("{} {}", method.name(), self.path),
        }
    }

    /// The path without its query.
    #[must_use]
    pub fn path_alone(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The query, without `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// The text of the body that is sent.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.settled.body.as_deref()
    }

    /// What a caller needs.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.settled.needs
    }

    /// Whether anybody may use it, with a token or without.
    #[must_use]
    pub fn is_public(&self) -> bool {
        *self.needs() == Needs::Public
    }

    /// The names of the groups whose members may use the endpoint.
    pub fn open_to_names(&self) -> impl Iterator<Item = &str> {
        self.open_to.iter().map(|name| name.get_ref().as_str())
    }

    /// The status of a right answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.unwrap_or(OK)
    }

    /// What the body of a right answer is; none: anything.
    #[must_use]
    pub fn wanted(&self) -> Option<Wanted<'_>> {
        let exactly = self
            .answers
            .as_ref()
            .map(|json| Wanted::Exactly(json.value()));
        exactly.or_else(|| {
            self.contains
                .as_ref()
                .map(|json| Wanted::Among(json.value()))
        })
    }

    /// Whether its data are known again wherever they come: the model says what is answered, that
    /// is not next to nothing, and no other endpoint answers the same.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.settled.is_told
    }

    /// Whether asking again changes nothing.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.repeatable.unwrap_or(self.method == Method::Get)
    }

    /// For names of trials: the path without slashes at its ends, `planets`; behind the method
    /// where that is not `GET`, `post_orders`.
    #[must_use]
    pub fn short(&self) -> String {
        let path = match self.path.trim_matches('/') {
            "" => "/",
            path => path,
        };
        match self.method {
            Method::Get => path.to_owned(),
            method => format!("{}_{path}", method.name().to_ascii_lowercase()),
        }
    }

    /// The text of the body that a file has.
    pub(super) fn body_of_file(&self) -> Option<&str> {
        self.body_file.as_ref().and(self.settled.body.as_deref())
    }

    /// The scopes that it names, with their places.
    pub(super) fn named_scopes(&self) -> impl Iterator<Item = &Spanned<String>> {
        let several = match &self.scopes {
            Some(Scopes::All(scopes) | Scopes::Any(scopes)) => scopes.as_slice(),
            None => &[],
        };
        self.scope.iter().chain(several)
    }
}

impl<'a> Wanted<'a> {
    /// Whether a body is right; `json` is what it is as JSON, if it is.
    #[must_use]
    pub fn is_in(self, body: &str, json: Option<&Value>) -> bool {
        match (self, json) {
            (Self::Exactly(Value::String(text)), _) if text == body => true,
            (Self::Exactly(wanted), Some(json)) => is_same(json, wanted),
            (Self::Among(Value::String(text)), _) => body.contains(text),
            (Self::Among(wanted), Some(json)) => holds(json, wanted),
            (_, None) => false,
        }
    }

    /// The JSON itself.
    #[must_use]
    pub const fn value(self) -> &'a Value {
        match self {
            Self::Exactly(value) | Self::Among(value) => value,
        }
    }

    /// An answer that has it and nothing else.
    pub(super) fn body(self) -> Cow<'a, str> {
        match self.value() {
            Value::String(text) => Cow::Borrowed(text),
            json => Cow::Owned(json.to_string()),
        }
    }

    /// Whether it is next to nothing: no text, number or truth is in it, so that any refusal may
    /// have it too.
    pub(super) fn says_nothing(self) -> bool {
        fn is_empty(value: &Value) -> bool {
            match value {
                Value::Null => true,
                Value::Bool(_) | Value::Number(_) => false,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.iter().all(is_empty),
                Value::Object(members) => members.values().all(is_empty),
            }
        }
        is_empty(self.value())
    }
}

/// Whether a JSON has another in it: every member of an object, every item of a list.
fn holds(json: &Value, wanted: &Value) -> bool {
    match (json, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            let mut members = wanted.iter();
            members.all(|(name, wanted)| found.get(name).is_some_and(|found| holds(found, wanted)))
        }
        (Value::Array(found), Value::Array(wanted)) => {
            let mut items = wanted.iter();
            items.all(|wanted| found.iter().any(|found| holds(found, wanted)))
        }
        (found, wanted) => is_same(found, wanted),
    }
}

/// Whether two texts of JSON say the same: `8`, `8.0` and `8e0` are one number (RFC 8259
/// section 6).
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut members = one.iter();
            one.len() == other.len()
                && members.all(|(name, value)| other.get(name).is_some_and(|it| is_same(value, it)))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::another_notation(json!({"count": 8}), r#"{"count":8.0}"#, true)]
    #[case::an_exponent(json!([100]), "[1e2]", true)]
    #[case::of_the_model(json!({"mass": 8.0}), r#"{"mass":8}"#, true)]
    #[case::in_another_order(json!({"a": 1, "b": 2}), r#"{"b":2.0,"a":1.0}"#, true)]
    #[case::another_number(json!({"count": 8}), r#"{"count":8.5}"#, false)]
    #[case::a_text(json!({"count": 8}), r#"{"count":"8"}"#, false)]
    #[case::more(json!({"count": 8}), r#"{"count":8.0,"more":1}"#, false)]
    #[case::large(json!([u64::MAX]), "[18446744073709551614]", false)]
    fn a_number_is_the_same_in_every_notation(
        #[case] wanted: Value,
        #[case] body: &str,
        #[case] same: bool,
    ) {
        let json = serde_json::from_str(body).expect("JSON");
        assert_eq!(Wanted::Exactly(&wanted).is_in(body, Some(&json)), same);
    }
}
