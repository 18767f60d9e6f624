//! How an object found by name is known to be ours although the answer that told its id was lost.
//!
//! Objects at the root of an org carry a mark in a field where people write notes. Objects below
//! another one have no such field: they are ours where the other one is, and else where they are
//! exactly what was sent; that nobody has made the same by hand in between cannot be known. The
//! same holds for links, of which an org tells no more than that they are there.

use serde_json::Value;

use super::difference::{differences, overlay};
use super::journal::{Entry, Journal};
use super::subject::Subject;

/// What stands before every mark, for people who meet it.
pub(super) const SIGNATURE: &str = "okta-e2e ";

/// Where an object carries the mark.
pub(super) fn field(subject: &Subject) -> Option<&'static [&'static str]> {
    match subject {
        Subject::Group { .. } => Some(&["profile", "description"]),
        Subject::User { .. } => Some(&["profile", "department"]),
        Subject::Server | Subject::SignInPolicy => Some(&["description"]),
        Subject::Client | Subject::Service { .. } => Some(&["settings", "notes", "admin"]),
        Subject::Origin { .. } => Some(&["name"]),
        _ => None,
    }
}

/// Adds the mark to what is sent, behind what the field holds.
pub(super) fn sign(subject: &Subject, body: &mut Value, mark: &str) {
    let Some(field) = field(subject) else {
        return;
    };
    let mark = format!("{SIGNATURE}{mark}");
    let text = match text(subject, body).unwrap_or_default() {
        "" => mark,
        text => format!("{text} ({mark})"),
    };
    let wanted = field.iter().rev().fold(Value::String(text), |inner, name| {
        Value::Object([((*name).to_owned(), inner)].into_iter().collect())
    });
    overlay(body, &wanted);
}

/// What an object's field for the mark holds.
pub(super) fn text<'v>(subject: &Subject, value: &'v Value) -> Option<&'v str> {
    let mut path = field(subject)?.iter();
    path.try_fold(value, |value, name| value.get(name))?
        .as_str()
}

/// Whether a found object is the one that an entry was noted for before it was made.
pub(super) fn is_ours(journal: &Journal, entry: &Entry, found: &Value) -> bool {
    let mark = journal.mark();
    if field(&entry.subject).is_some() {
        let text = text(&entry.subject, found).unwrap_or_default();
        return !mark.is_empty() && text.contains(&format!("{SIGNATURE}{mark}"));
    }
    if !entry.subject.is_object() || journal.owns_parent(&entry.path) {
        return true;
    }
    let sent = entry.intent.as_ref().and_then(|intent| intent.sent.clone());
    let Some(mut sent) = sent else {
        return false;
    };
    // Okta moves rules and policies to make room for others.
    if let Some(sent) = sent.as_object_mut() {
        sent.remove("priority");
    }
    differences(&sent, found).is_empty()
}
