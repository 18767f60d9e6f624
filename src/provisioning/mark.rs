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

/// A field by the names on the way to it.
type Field = &'static [&'static str];

/// Where an object may carry the mark: in the first that nothing else is wanted in. None where
/// there is no place for notes.
pub(super) fn fields(subject: &Subject) -> &'static [Field] {
    match subject {
        Subject::Group { .. } => &[&["profile", "description"]],
        Subject::User { .. } => &[
            &["profile", "department"],
            &["profile", "division"],
            &["profile", "costCenter"],
        ],
        Subject::Server | Subject::ProbesServer { .. } | Subject::SignInPolicy => {
            &[&["description"]]
        }
        Subject::Client | Subject::Service { .. } => &[&["settings", "notes", "admin"]],
        Subject::Origin { .. } => &[&["name"]],
        _ => &[],
    }
}

/// Adds the mark to what is sent, behind what the field holds.
pub(super) fn sign(subject: &Subject, body: &mut Value, mark: &str) {
    let fields = fields(subject);
    let free = fields.iter().find(|field| at(field, body).is_none());
    let Some(field) = free.or(fields.first()) else {
        return;
    };
    let mark = format!("{SIGNATURE}{mark}");
    let text = match at(field, body).unwrap_or_default() {
        "" => mark,
        text => format!("{text} ({mark})"),
    };
    let wanted = field.iter().rev().fold(Value::String(text), |inner, name| {
        Value::Object([((*name).to_owned(), inner)].into_iter().collect())
    });
    overlay(body, &wanted);
}

/// What an object's field with a mark holds, or the first that may have one.
pub(super) fn text<'v>(subject: &Subject, value: &'v Value) -> Option<&'v str> {
    let mut texts = fields(subject).iter().filter_map(|field| at(field, value));
    let first = texts.clone().next();
    texts.find(|text| text.contains(SIGNATURE)).or(first)
}

fn at<'v>(field: &[&str], value: &'v Value) -> Option<&'v str> {
    let mut path = field.iter();
    path.try_fold(value, |value, name| value.get(name))?
        .as_str()
}

/// Whether a found object is the one that an entry was noted for before it was made.
pub(super) fn is_ours(journal: &Journal, entry: &Entry, found: &Value) -> bool {
    let mark = journal.mark();
    if !fields(&entry.subject).is_empty() {
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
