//! What the org's server said to a sign-in page, by its keys and without its words.
//!
//! Identity Engine names the page by its remediations, the authenticator by its key and what is
//! wrong by the `i18n.key` of a message; Classic Engine by `status` and `errorCode`. None of them
//! changes with the language or the brand of the page.

use serde::Serialize;
use serde_json::Value;

use super::page::APP;

/// What one answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Which answer of the page's it is.
    pub(super) id: String,
    /// Its keys, each with what it is a key of: `remediation:identify`,
    /// `message:incorrectPassword`.
    pub(super) keys: Vec<String>,
    /// What a user may choose to sign in with, in this order.
    pub(super) choices: Vec<Choice>,
    /// The texts of what is wrong, in the server's words.
    pub(super) texts: Vec<String>,
    /// The id of the application that it is about.
    pub(super) app: Option<String>,
}

/// An authenticator that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    pub(super) key: String,
    pub(super) label: String,
}

/// Classic Engine's name of Google Authenticator.
const CLASSIC_APP: &str = "google/token:software:totp";

/// Of one answer, no more keys than this are taken.
const MOST_KEYS: usize = 60;
const MOST_CHARS: usize = 120;
/// Forms inside of forms are not looked into further than this.
const DEEPEST: usize = 12;

impl Choice {
    pub(super) fn new(key: &str, label: &str) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
        }
    }
}

impl Answer {
    /// Reads the body of the answer with this id, which came with this status.
    pub(super) fn read(id: &str, status: u16, body: &str) -> Self {
        let mut answer = Self {
            id: id.to_owned(),
            ..Self::default()
        };
        match serde_json::from_str::<Value>(body) {
            Ok(body) if body.is_object() => {
                answer.read_identity_engine(&body);
                answer.read_classic_engine(&body);
                answer.read_messages(&body, DEEPEST);
            }
            _ => answer.add("body", "unreadable"),
        }
        answer.add("http", &status.to_string());
        answer
    }

    /// Whether it is none of the org's, which answers with JSON.
    pub(super) fn is_of_a_stranger(&self) -> bool {
        self.keys.iter().any(|key| key == "body:unreadable")
    }

    fn add(&mut self, of: &str, key: &str) {
        let key: String = key.chars().take(MOST_CHARS).collect();
        let key = format!("{of}:{key}");
        if self.keys.len() < MOST_KEYS && !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    fn add_parts(&mut self, value: &Value, parts: &[(&str, &str)]) {
        for (of, path) in parts {
            if let Some(key) = string(value, path) {
                self.add(of, key);
            }
        }
    }

    fn read_identity_engine(&mut self, body: &Value) {
        let forms = list(body.pointer("/remediation/value"));
        for name in forms.iter().filter_map(|form| string(form, "/name")) {
            self.add("remediation", name);
        }
        if let Some(authenticator) = authenticator(body, forms) {
            self.read_authenticator(authenticator);
        }
        for part in [
            "success",
            "successWithInteractionCode",
            "failure",
            "captcha",
        ] {
            if body.get(part).is_some() {
                self.add("has", part);
            }
        }
        let parts = [
            ("device", "/deviceEnrollment/value/name"),
            ("challenge", "/authenticatorChallenge/value/challengeMethod"),
        ];
        self.add_parts(body, &parts);
        self.app = string(body, "/app/value/id").map(str::to_owned);
        let choose =
            |form: &&Value| string(form, "/name") == Some("select-authenticator-authenticate");
        let options = forms.iter().find(choose).map(options).unwrap_or_default();
        let choice = |option: &Value| choice(body, option);
        self.choices = options.iter().filter_map(choice).collect();
    }

    fn read_authenticator(&mut self, authenticator: &Value) {
        if let Some(key) = string(authenticator, "/key") {
            self.add("authenticator", key);
        }
        for method in list(authenticator.get("methods")) {
            self.add("method", string(method, "/type").unwrap_or_default());
        }
        let data = authenticator.get("contextualData").unwrap_or(&Value::Null);
        if data.get("correctAnswer").is_some() {
            self.add("asks", "number");
        }
        let challenge = [("challenge", "/challenge/value/challengeMethod")];
        self.add_parts(data, &challenge);
    }

    fn read_classic_engine(&mut self, body: &Value) {
        /// Where one of the factors that are set up is to be proven.
        const ASKS_FOR_A_FACTOR: [&str; 4] = [
            "MFA_REQUIRED",
            "MFA_CHALLENGE",
            "FACTOR_REQUIRED",
            "FACTOR_CHALLENGE",
        ];
        let parts = [
            ("status", "/status"),
            ("error", "/errorCode"),
            ("error", "/error"),
            ("result", "/factorResult"),
        ];
        self.add_parts(body, &parts);
        if let Some(summary) = string(body, "/errorSummary") {
            self.texts.push(summary.to_owned());
        }
        // What stands before the org answers in the same form, whatever it refuses.
        if let Some(message) = string(body, "/message").filter(|_| body.get("error").is_some()) {
            self.texts.push(message.to_owned());
            if message.contains("network policy") {
                self.add("has", "network-policy");
            }
        }
        if let Some(factor) = body.pointer("/_embedded/factor").and_then(factor) {
            self.add("factor", &factor);
        }
        if body.pointer("/_links/skip").is_some() {
            self.add("has", "skip");
        }
        let factors = list(body.pointer("/_embedded/factors"));
        let is_wanting = |factor: &Value| {
            string(factor, "/enrollment") == Some("REQUIRED")
                && string(factor, "/status") != Some("ACTIVE")
        };
        if factors.iter().any(is_wanting) {
            self.add("wants", "factor");
        }
        let status = string(body, "/status").unwrap_or_default();
        if ASKS_FOR_A_FACTOR.contains(&status) {
            let apps = factors
                .iter()
                .filter(|one| factor(one).as_deref() == Some(CLASSIC_APP));
            self.choices.extend(apps.map(|_| Choice::new(APP.0, APP.1)));
        }
    }

    /// Messages are said of the page or of a field, which is deep inside of its form.
    fn read_messages(&mut self, value: &Value, depth: usize) {
        let inside: Vec<&Value> = match value {
            Value::Object(parts) => parts.values().collect(),
            Value::Array(items) => items.iter().collect(),
            _ => return,
        };
        for message in list(value.pointer("/messages/value")) {
            self.read_message(message);
        }
        if depth > 0 {
            for part in inside {
                self.read_messages(part, depth - 1);
            }
        }
    }

    /// What is no error is a note: a warning, or how it went.
    fn read_message(&mut self, message: &Value) {
        let Some(key) = string(message, "/i18n/key") else {
            return;
        };
        let key = key.strip_prefix("errors.").unwrap_or(key);
        if matches!(string(message, "/class"), Some("ERROR") | None) {
            self.add("message", key);
            self.texts
                .extend(string(message, "/message").map(str::to_owned));
        } else {
            self.add("note", key);
        }
    }

    /// The authenticator with this key, if it is offered once.
    pub(super) fn choice(&self, key: &str) -> Option<&Choice> {
        let mut offered = self.choices.iter().filter(|choice| choice.key == key);
        offered.next().filter(|_| offered.next().is_none())
    }

    /// The keys worth showing to a person, in one line.
    pub(super) fn shown(&self) -> Vec<String> {
        const MOST_SHOWN: usize = 8;
        let tells = |key: &&String| !key.starts_with("note:") && *key != "http:200";
        let keys = self.keys.iter().filter(tells);
        keys.take(MOST_SHOWN).cloned().collect()
    }
}

fn string<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path)?.as_str()
}

fn list(value: Option<&Value>) -> &[Value] {
    let list = value.and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The authenticator that the first form is about, or the only one that is under way.
fn authenticator<'a>(body: &'a Value, forms: &[Value]) -> Option<&'a Value> {
    const UNDER_WAY: [&str; 3] = [
        "currentAuthenticator",
        "currentAuthenticatorEnrollment",
        "enrollmentAuthenticator",
    ];
    let related = forms.first().and_then(|form| {
        let related = form.get("relatesTo")?;
        let path = related.get(0).unwrap_or(related).as_str()?;
        at(body, path)
    });
    let under_way = || UNDER_WAY.iter().find_map(|name| body.get(name));
    let found = related.or_else(under_way)?;
    Some(found.get("value").unwrap_or(found))
}

/// What a path like `$.authenticatorEnrollments.value[1]` leads to.
fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.strip_prefix("$.")?;
    let pointer = path.replace(['.', '['], "/").replace(']', "");
    body.pointer(&format!("/{pointer}"))
}

/// The options of the form to choose an authenticator with.
fn options(form: &Value) -> &[Value] {
    let fields = list(form.get("value"));
    let is_it = |field: &&Value| string(field, "/name") == Some("authenticator");
    let field = fields.iter().find(is_it);
    list(field.and_then(|field| field.get("options")))
}

fn choice(body: &Value, option: &Value) -> Option<Choice> {
    let related = at(body, string(option, "/relatesTo")?)?;
    Some(Choice {
        key: string(related, "/key")?.to_owned(),
        label: string(option, "/label").unwrap_or_default().to_owned(),
    })
}

/// A factor of Classic Engine, as the addresses of its pages have it: `okta/push`.
fn factor(factor: &Value) -> Option<String> {
    let provider = string(factor, "/provider")?.to_lowercase();
    Some(format!("{provider}/{}", string(factor, "/factorType")?))
}
