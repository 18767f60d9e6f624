//! What is there already of what the model wants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::subject::Subject;

/// The parts of the found org that provisioning works on.
#[derive(Debug, Default)]
pub(super) struct Found {
    objects: BTreeMap<Subject, Object>,
    /// What provisioning has made.
    own: BTreeSet<Subject>,
    /// What provisioning has made, as is known only now that it is found.
    pub(super) recovered: Vec<Subject>,
    /// What is there and may not be used as it is: the variables do not know its secret.
    pub(super) unknown: BTreeSet<Subject>,
    /// The public keys of the service clients that sign, by NAME.
    pub(super) service_keys: BTreeMap<String, Value>,
    /// The NAMEs of the service clients that sign and whose key is not known.
    pub(super) keyless: BTreeSet<String>,
    /// The names of the server's policies that the model does not speak of.
    pub(super) other_policies: Vec<String>,
    /// The names of the policy's rules that the model does not speak of.
    pub(super) other_rules: Vec<String>,
    /// The priorities that rules must be given; the others stand right.
    pub(super) priorities: BTreeMap<String, usize>,
    /// Whether the org is on Identity Engine.
    pub(super) identity_engine: bool,
    /// Whether the client needs an app sign-in policy of its own.
    pub(super) own_sign_in_policy: bool,
    /// Whether the client's app sign-in policy asks for two factors, as far as it can be read.
    pub(super) asks_for_two_factors: bool,
}

/// An object or a link that is there.
#[derive(Debug)]
struct Object {
    path: String,
    value: Value,
}

impl Found {
    /// The id of an object, or words that stand for it until it is made.
    pub(super) fn id(&self, subject: &Subject) -> String {
        match self.path(subject).and_then(|path| path.rsplit('/').next()) {
            Some(id) => id.to_owned(),
            None => format!("({subject})"),
        }
    }

    /// Where an object is below `/api/v1/`.
    pub(super) fn path(&self, subject: &Subject) -> Option<&str> {
        self.objects.get(subject).map(|object| object.path.as_str())
    }

    /// An object as Okta tells it.
    pub(super) fn value(&self, subject: &Subject) -> Option<&Value> {
        self.objects.get(subject).map(|object| &object.value)
    }

    /// Whether the org as it is has a place for something that the model wants.
    pub(super) fn needs(&self, subject: &Subject) -> bool {
        match subject {
            Subject::SignInPolicy | Subject::SignInRule => self.own_sign_in_policy,
            Subject::Service { name }
            | Subject::ServicePolicy { name }
            | Subject::ServiceRule { name } => !self.keyless.contains(name),
            Subject::SignInPolicyAssignment => self.identity_engine,
            Subject::ClientSecret | Subject::Password { .. } => self.unknown.contains(subject),
            _ => true,
        }
    }

    /// A text field of an object.
    pub(super) fn text(&self, subject: &Subject, pointer: &str) -> Option<&str> {
        self.value(subject)?.pointer(pointer)?.as_str()
    }

    /// Whether provisioning has made it.
    pub(super) fn is_own(&self, subject: &Subject) -> bool {
        self.own.contains(subject)
    }

    /// Adds what provisioning has made.
    pub(super) fn add_own(&mut self, subject: Subject, path: String, value: Value) {
        self.own.insert(subject.clone());
        self.add(subject, path, value);
    }

    /// Adds what is there.
    pub(super) fn add(&mut self, subject: Subject, path: String, value: Value) {
        self.objects.insert(subject, Object { path, value });
    }
}
