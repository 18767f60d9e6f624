//! Silent answers that bring what belongs to another request: older tokens, and what was changed.

use std::sync::Mutex;

use super::Variation;
use crate::support::front::{Answer, Request};

pub(super) const REPLAYS: [Variation; 6] = [
    ("silent-answer-with-an-older-id-token", |request, answer| {
        static OLDER: Mutex<Option<String>> = Mutex::new(None);
        replay(request, answer, "id_token", &OLDER);
    }),
    (
        "silent-answer-with-an-older-access-token",
        |request, answer| {
            static OLDER: Mutex<Option<String>> = Mutex::new(None);
            if value(answer, "id_token").is_some() {
                replay(request, answer, "access_token", &OLDER);
            }
        },
    ),
    ("another-code-beside-an-id-token", |request, answer| {
        if request.parameter("response_type").as_deref() == Some("code id_token token") {
            change(answer, "code", |_| {
                "another-code-of-the-same-kind-as-it".to_owned()
            });
        }
    }),
    (
        "id-token-alone-with-another-signature",
        |request, answer| {
            if request.parameter("response_type").as_deref() == Some("id_token") {
                change(answer, "id_token", |token| {
                    format!("{}AAAAAAAAAAAA", &token[..token.len() - 12])
                });
            }
        },
    ),
    ("id-token-alone-is-an-access-token", |request, answer| {
        static OLDER: Mutex<Option<String>> = Mutex::new(None);
        if request.parameter("response_type").as_deref() == Some("id_token") {
            let older = OLDER.lock().expect("no panic").clone();
            change(answer, "id_token", |token| older.unwrap_or(token));
        } else if let Some(token) = value(answer, "access_token") {
            *OLDER.lock().expect("no panic") = Some(token);
        }
    }),
    ("silent-answer-tells-more-scopes", |request, answer| {
        if is_silent(request) {
            change(answer, "scope", |scope| format!("{scope}+admin"));
        }
    }),
];

fn is_silent(request: &Request) -> bool {
    request.parameter("prompt").as_deref() == Some("none")
}

/// Silent answers bring the first token that came at all.
fn replay(request: &Request, answer: &mut Answer, name: &str, older: &Mutex<Option<String>>) {
    let mut older = older.lock().expect("no panic");
    if is_silent(request) {
        let older = older.clone();
        change(answer, name, |token| older.unwrap_or(token));
    } else if older.is_none() {
        *older = value(answer, name);
    }
}

/// A parameter of a redirect, as it is written.
pub(super) fn value(answer: &Answer, name: &str) -> Option<String> {
    let location = answer.header("location")?;
    let mut pairs = location.split(['?', '#', '&']);
    pairs.find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

/// Changes a parameter of a redirect, as it is written.
pub(super) fn change(answer: &mut Answer, name: &str, changed: impl FnOnce(String) -> String) {
    if let Some(found) = value(answer, name) {
        let (old, new) = (format!("{name}={found}"), changed(found));
        answer.redirect(|location| location.replace(&old, &format!("{name}={new}")));
    }
}
