//! Blanks at the ends of a value: of most they are a slip of the hand, of a password a part.

use super::{Environment, names};

/// Line breaks end a file, as a secret is often kept in, and no field of a page takes one.
const LINE_BREAKS: [char; 2] = ['\r', '\n'];

/// The value as a run uses it; none: it is blank.
pub(super) fn value<'v>(name: &str, written: &'v str) -> Option<&'v str> {
    let bare = written.trim();
    let value = if names::keeps_blanks(name) {
        written.trim_matches(LINE_BREAKS)
    } else {
        bare
    };
    (!bare.is_empty()).then_some(value)
}

/// A line for each secret that begins or ends with a blank, which is a part of it.
pub(super) fn notes(environment: &Environment) -> impl Iterator<Item = String> {
    let secrets = secrets(environment).filter(|(_, value)| value.trim() != *value);
    secrets.map(|(name, _)| {
        format!(
            "{name} begins or ends with a blank, which is used as a part of it: if it is none, \
             remove it (a wrong password can lock a user)"
        )
    })
}

/// A line for each secret that no page or endpoint could be sent as it is.
pub(super) fn problems(environment: &Environment) -> impl Iterator<Item = String> {
    let secrets = secrets(environment).filter(|(_, value)| value.contains(char::is_control));
    secrets.map(|(name, _)| {
        format!(
            "{name} holds a line break, a tab or another control character, which no sign-in page \
             or endpoint takes: write it anew, and where it has a `\\` in `.env`, in single quotes"
        )
    })
}

fn secrets(environment: &Environment) -> impl Iterator<Item = (&str, &str)> {
    environment
        .pairs()
        .filter(|(name, _)| names::keeps_blanks(name))
}
