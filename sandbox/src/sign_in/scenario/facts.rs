//! What the rows are, for tests that say what must come of them.

use serde_json::{Map, Value};

use super::row::{Answer, Authn, Remediation, Scenario, When, all};

/// What a scenario is, for tests that say what must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its name.
    pub name: &'static str,
    /// How the shape of its answers is known.
    pub source: &'static str,
    /// Whether it begins the sign-in, so that it can only be met by everybody.
    pub is_for_everybody: bool,
    /// Whether the user's password is asked for before it.
    pub is_after_password: bool,
    /// The answers of Identity Engine; none where it has no such page.
    pub identity: Vec<FactsOfAnswer>,
    /// The answers of Classic Engine.
    pub classic: Vec<FactsOfAnswer>,
    /// Whether the page stays blank.
    pub is_blank: bool,
}

/// What one answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsOfAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The names of its forms; of Classic Engine its status or error code.
    pub names: Vec<&'static str>,
    /// The key of the authenticator it is about; of Classic Engine the factor's type.
    pub key: Option<&'static str>,
    /// The authenticator's methods.
    pub methods: Vec<&'static str>,
    /// The keys that can be chosen.
    pub choices: Vec<&'static str>,
    /// The keys of what it says.
    pub messages: Vec<&'static str>,
    /// The names of what else it has.
    pub members: Vec<&'static str>,
    /// The calls that lead on: a path, and behind a blank what must be chosen there.
    pub leads: Vec<&'static str>,
    /// Whether a field that its row names must be filled in.
    pub has_required_field: bool,
}

/// What every scenario is.
#[must_use]
pub fn scenarios() -> Vec<Facts> {
    all().iter().map(Scenario::facts).collect()
}

impl Scenario {
    fn facts(&'static self) -> Facts {
        Facts {
            name: &self.name,
            source: &self.source,
            is_for_everybody: self.after == When::Start,
            is_after_password: self.after == When::Password,
            identity: self.identity.iter().map(Answer::facts).collect(),
            classic: self.classic.iter().map(Authn::facts).collect(),
            is_blank: self.is_blank,
        }
    }
}

impl Answer {
    fn facts(&'static self) -> FactsOfAnswer {
        let current = self.authenticator.as_ref();
        let methods = current.and_then(|current| current.methods.as_ref());
        let members = self.body.as_ref().and_then(Value::as_object);
        let members = members.into_iter().flat_map(Map::keys);
        FactsOfAnswer {
            status: self.status,
            names: self.remediation.iter().map(Remediation::name).collect(),
            key: current.map(|current| current.key.as_str()),
            methods: texts(methods.into_iter().flatten()),
            choices: texts(&self.choices),
            messages: texts(self.messages.iter().map(|message| &message.key)),
            members: texts(self.with.keys().chain(members)),
            leads: texts(&self.leads),
            has_required_field: self.remediation.iter().any(asks_for_something),
        }
    }
}

/// Whether a field of the form must be filled in that its row names.
fn asks_for_something(form: &Remediation) -> bool {
    let Remediation::Changed {
        fields: Some(fields),
        ..
    } = form
    else {
        return false;
    };
    let inner = fields
        .iter()
        .filter_map(|field| field.pointer("/form/value"));
    let mut inner = inner.filter_map(Value::as_array).flatten();
    inner.any(|field| field.get("required") == Some(&Value::Bool(true)))
}

impl Authn {
    fn facts(&'static self) -> FactsOfAnswer {
        let code = self.error.as_ref().map(|error| &error.code);
        FactsOfAnswer {
            status: self.error.as_ref().map_or(200, |error| error.status),
            names: texts(self.status.iter().chain(code)),
            key: None,
            methods: Vec::new(),
            choices: texts(&self.factors),
            messages: Vec::new(),
            members: texts(self.with.keys().chain(self.links.keys())),
            leads: texts(&self.leads),
            has_required_field: false,
        }
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    texts.into_iter().map(String::as_str).collect()
}
