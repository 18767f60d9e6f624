//! The words by which a page refuses, where nothing but its words is known.

use std::iter::once;

use crate::browser::landing::Refusal;

/// Sentences of the widget's English catalogue, most telling first, and of other providers: how
/// they begin. A part of a sentence says nothing: it may be of another day, or of something else.
const REFUSALS: [(&str, Refusal); 24] = [
    ("this factor is suspended", Refusal::LockedOut),
    ("your account is locked", Refusal::LockedOut),
    ("your account has been locked", Refusal::LockedOut),
    ("account is locked", Refusal::LockedOut),
    ("user is locked out", Refusal::LockedOut),
    (
        "user is not assigned to this application",
        Refusal::NotAssigned,
    ),
    (
        "user is not assigned to the client application",
        Refusal::NotAssigned,
    ),
    (
        "you are not allowed to access this app. to request access, contact an admin",
        Refusal::NotAssigned,
    ),
    (
        "you are not allowed to access this app",
        Refusal::NotAllowed,
    ),
    ("you do not have permission", Refusal::NotAllowed),
    ("access denied", Refusal::NotAllowed),
    ("too many attempts", Refusal::RateLimited),
    ("too many requests", Refusal::RateLimited),
    (
        "you exceeded the maximum number of requests",
        Refusal::RateLimited,
    ),
    ("api call exceeded rate limit", Refusal::RateLimited),
    (
        "there is no account with the username",
        Refusal::UnknownUser,
    ),
    ("your code doesn't match", Refusal::WrongCode),
    ("your passcode doesn't match", Refusal::WrongCode),
    ("invalid passcode", Refusal::WrongCode),
    ("password is incorrect", Refusal::WrongPassword),
    ("unable to sign in", Refusal::Credentials),
    ("authentication failed", Refusal::Credentials),
    ("sign in failed", Refusal::Credentials),
    ("incorrect username or password", Refusal::Credentials),
];

/// What is said of a sign-in that took too long.
const EXPIRED_REQUESTS: [&str; 4] = [
    "logged out due to inactivity",
    "session has expired",
    "request has expired",
    "request expired",
];

/// Whether a text says that.
pub(super) fn is_expired_request(text: &str) -> bool {
    let lowercase = text.to_lowercase();
    EXPIRED_REQUESTS
        .iter()
        .any(|known| lowercase.contains(known))
}

/// What a text of small letters refuses, in the first of these sentences that it has.
pub(super) fn known_refusal(text: &str) -> Option<Refusal> {
    let begins = |known: &str| sentences(text).any(|sentence| sentence.starts_with(known));
    let (_, kind) = REFUSALS.iter().find(|(known, _)| begins(known))?;
    Some(*kind)
}

/// The text from each of its sentences on.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(['.', '!', '?', '/', '\n']);
    let starts = once(0).chain(ends.map(|(at, end)| at + end.len()));
    starts.map(|at| text[at..].trim_start())
}
