//! An answer of Identity Engine, made of a row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::row::{Answer, Current, Remediation, Saying};
use crate::options::Language;
use crate::sign_in::forms::Forms;

static FORMS: LazyLock<BTreeMap<String, FormRow>> =
    LazyLock::new(|| toml::from_str(include_str!("forms.toml")).unwrap_or_default());

static AUTHENTICATORS: LazyLock<BTreeMap<String, Authenticator>> =
    LazyLock::new(|| toml::from_str(include_str!("authenticators.toml")).unwrap_or_default());

/// Where an authenticator stands in an answer that is about one the user has.
const PLACE: &str = "currentAuthenticatorEnrollment";

/// The form to choose an authenticator to set up.
const ENROL: &str = "select-authenticator-enroll";

/// A form as most answers have it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormRow {
    path: String,
    #[serde(default)]
    fields: Vec<Value>,
    /// Which fields of the authenticator it asks for.
    credentials: Option<Credentials>,
    /// Whether it is about the answer's authenticator.
    #[serde(default)]
    is_about: bool,
    /// Whether an authenticator is to be chosen.
    #[serde(default)]
    has_choices: bool,
    #[serde(default)]
    with: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Credentials {
    /// What the authenticator is answered with.
    Answer,
    /// What it is set up with.
    Enrol,
}

/// An authenticator as Okta's answers describe it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Authenticator {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    answer: Vec<Value>,
    #[serde(default)]
    enrol: Vec<Value>,
    #[serde(default)]
    forms: BTreeMap<String, String>,
    /// What else is known of the one that the user has.
    #[serde(default)]
    enrolled: Map<String, Value>,
    #[serde(default)]
    with: Map<String, Value>,
}

/// What is to be in an answer beside what every answer has, or in place of all of it.
pub(crate) enum Made {
    Beside(Map<String, Value>),
    Whole(Value),
}

/// The answer that a row describes, with the forms of a sign-in under way.
pub(crate) fn answer(row: &Answer, forms: &Forms<'_>) -> Made {
    let builder = Builder { row, forms };
    match &row.body {
        Some(body) => Made::Whole(builder.placed(body)),
        None => Made::Beside(builder.members()),
    }
}

/// The id of the authenticator with this key.
pub(crate) fn id(key: &str) -> String {
    format!("aut-{}", key.replace('_', "-"))
}

/// The key of the authenticator with this id.
pub(crate) fn key_of(id: &str) -> String {
    id.trim_start_matches("aut-").replace('-', "_")
}

struct Builder<'a> {
    row: &'a Answer,
    forms: &'a Forms<'a>,
}

impl Builder<'_> {
    fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let forms: Vec<Value> = self
            .row
            .remediation
            .iter()
            .map(|form| self.form(form))
            .collect();
        if !forms.is_empty() {
            members.insert("remediation".to_owned(), array(&forms));
        }
        if let Some(current) = &self.row.authenticator {
            let place = current.place.as_deref().unwrap_or(PLACE);
            members.insert(place.to_owned(), object(&self.current(current)));
        }
        let choices = self.row.choices.iter();
        let choices: Vec<Value> = choices.map(|key| described(key)).collect();
        if !choices.is_empty() && !self.offers_enrolment() {
            let enrolled = self.row.choices.iter().zip(&choices);
            let enrolled = enrolled.map(|(key, choice)| enrolled_as(key, choice.clone()));
            let enrolled = array(&enrolled.collect::<Vec<Value>>());
            members.insert("authenticatorEnrollments".to_owned(), enrolled);
        }
        members.insert("authenticators".to_owned(), array(&choices));
        if !self.row.messages.is_empty() {
            let language = self.forms.state.options.language;
            let texts = self.row.messages.iter();
            let texts: Vec<Value> = texts.map(|text| text.json(language)).collect();
            members.insert("messages".to_owned(), array(&texts));
        }
        let more = self.row.with.iter();
        members.extend(more.map(|(name, value)| (name.clone(), self.placed(value))));
        members
    }

    fn offers_enrolment(&self) -> bool {
        self.row.remediation.iter().any(|form| form.name() == ENROL)
    }

    fn form(&self, remediation: &Remediation) -> Value {
        let known = FORMS.get(remediation.name());
        let mut fields = known.map(|row| row.fields.clone()).unwrap_or_default();
        let mut path = known.map_or("", |row| row.path.as_str());
        let mut more = known.map(|row| row.with.clone()).unwrap_or_default();
        if let Remediation::Changed {
            path: other,
            fields: others,
            with,
            ..
        } = remediation
        {
            path = other.as_deref().unwrap_or(path);
            fields = others.clone().unwrap_or(fields);
            more.extend(with.clone());
        }
        if let Some(row) = known {
            fields.extend(self.asked(row));
            if let (true, Some(current)) = (row.is_about, &self.row.authenticator) {
                let place = current.place.as_deref().unwrap_or(PLACE);
                more.insert("relatesTo".to_owned(), json!([format!("$.{place}")]));
            }
        }
        let mut form = self.forms.form(remediation.name(), path, fields);
        if path.contains('{') {
            form["href"] = self.placed(&path.into());
        }
        for (name, value) in more {
            form[name] = self.placed(&value);
        }
        form
    }

    /// The fields of a form that depend on the answer.
    fn asked(&self, row: &FormRow) -> Option<Value> {
        if row.has_choices {
            let is_new = self.offers_enrolment();
            let options = self.row.choices.iter().enumerate();
            let options: Vec<Value> = options
                .map(|(place, key)| choice(key, place, is_new))
                .collect();
            return Some(json!({"name": "authenticator", "type": "object", "options": options}));
        }
        let current = self.row.authenticator.as_ref()?;
        let known = AUTHENTICATORS.get(&current.key)?;
        let asked = match row.credentials? {
            Credentials::Answer => current.answer.as_ref().unwrap_or(&known.answer),
            Credentials::Enrol => current.answer.as_ref().unwrap_or(&known.enrol),
        };
        let form = json!({"value": asked});
        Some(json!({"name": "credentials", "type": "object", "required": true, "form": form}))
    }

    fn current(&self, current: &Current) -> Value {
        let mut value = described(&current.key);
        if let Some(methods) = &current.methods {
            value["methods"] = methods_of(methods);
        }
        let known = AUTHENTICATORS.get(&current.key);
        let forms = known.into_iter().flat_map(|known| &known.forms);
        for (name, form) in forms.chain(&current.forms) {
            value[name] = self.form(&Remediation::Plain(form.clone()));
        }
        let more = known.into_iter().flat_map(|known| &known.with);
        let enrolled = known.into_iter().flat_map(|known| &known.enrolled);
        for (name, more) in enrolled.chain(more).chain(&current.with) {
            value[name] = self.placed(more);
        }
        value
    }

    /// A value in which `{org}` is the org's address, and `{token}` and `{handle}` are those of the
    /// sign-in.
    fn placed(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.placed_text(text).into(),
            Value::Array(values) => values.iter().map(|value| self.placed(value)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                let placed = members.map(|(name, value)| (name.clone(), self.placed(value)));
                Value::Object(placed.collect())
            }
            other => other.clone(),
        }
    }

    fn placed_text(&self, text: &str) -> String {
        let handle = &self.forms.transaction.handle;
        let token = handle.split('~').next().unwrap_or_default();
        text.replace("{org}", &self.forms.state.base_url)
            .replace("{token}", token)
            .replace("{handle}", handle)
    }
}

impl Saying {
    fn json(&self, language: Language) -> Value {
        let mut message = json!({
            "message": language.server_text(&self.text),
            "i18n": {"key": self.key, "params": self.params},
            "class": self.class,
        });
        if !self.links.is_empty() {
            message["links"] = self.links.clone().into();
        }
        message
    }
}

/// An authenticator as `authenticators.toml` describes it.
fn described(key: &str) -> Value {
    let Some(known) = AUTHENTICATORS.get(key) else {
        return json!({"key": key, "id": id(key)});
    };
    json!({
        "type": known.kind,
        "key": key,
        "id": id(key),
        "displayName": known.name,
        "methods": methods_of(&known.methods),
    })
}

/// The same as the user has it.
fn enrolled_as(key: &str, mut value: Value) -> Value {
    let known = AUTHENTICATORS.get(key);
    for (name, more) in known.into_iter().flat_map(|known| &known.enrolled) {
        value[name] = more.clone();
    }
    value
}

fn methods_of(methods: &[String]) -> Value {
    methods
        .iter()
        .map(|method| json!({"type": method}))
        .collect()
}

/// An option of a form to choose an authenticator.
fn choice(key: &str, place: usize, is_new: bool) -> Value {
    let known = AUTHENTICATORS.get(key);
    let methods = known
        .map(|known| known.methods.as_slice())
        .unwrap_or_default();
    let mut fields = vec![json!({
        "name": "id", "required": true, "value": id(key), "mutable": false,
    })];
    fields.extend(method_field(methods));
    let list = if is_new {
        "authenticators"
    } else {
        "authenticatorEnrollments"
    };
    json!({
        "label": known.map(|known| known.name.as_str()),
        "value": {"form": {"value": fields}},
        "relatesTo": format!("$.{list}.value[{place}]"),
    })
}

/// The field for the method: fixed where there is one, to be chosen where there are more.
fn method_field(methods: &[String]) -> Option<Value> {
    let (first, others) = methods.split_first()?;
    if others.is_empty() {
        return Some(json!({
            "name": "methodType", "required": false, "value": first, "mutable": false,
        }));
    }
    let options = methods
        .iter()
        .map(|method| json!({"label": label(method), "value": method}));
    let options: Vec<Value> = options.collect();
    Some(json!({
        "name": "methodType", "type": "string", "required": false, "options": options,
    }))
}

/// What Okta's answers call a method.
fn label(method: &str) -> &str {
    match method {
        "sms" => "SMS",
        "voice" => "Voice call",
        "push" => "Get a push notification",
        "totp" => "Enter a code",
        "signed_nonce" => "Use Okta FastPass",
        other => other,
    }
}

fn object(value: &Value) -> Value {
    json!({"type": "object", "value": value})
}

fn array(values: &[Value]) -> Value {
    json!({"type": "array", "value": values})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_and_every_authenticator_can_be_read() {
        let forms = toml::from_str::<BTreeMap<String, FormRow>>(include_str!("forms.toml"));
        assert_eq!(forms.err().map(|error| error.to_string()), None);
        let text = include_str!("authenticators.toml");
        let authenticators = toml::from_str::<BTreeMap<String, Authenticator>>(text);
        assert_eq!(authenticators.err().map(|error| error.to_string()), None);
    }
}
