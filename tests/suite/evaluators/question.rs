//! Who asks for what, by which flow.

use std::collections::BTreeSet;
use std::fmt;

use okta_e2e::openid::Flow;
use serde::Serialize;

pub(super) const USERS: [&str; 4] = ["SILVER", "GOLD", "NONE", "UNASSIGNED"];
pub(super) const OPENID: &str = "openid";
pub(super) const SILVER: &str = "http://myapp.com/scp/silver";
pub(super) const GOLD: &str = "http://myapp.com/scp/gold";
/// What is asked for; a request for an ID token holds `openid`.
const REQUESTS: [&[&str]; 5] = [
    &[OPENID],
    &[OPENID, SILVER],
    &[OPENID, GOLD],
    &[OPENID, SILVER, GOLD],
    &[OPENID, "profile", SILVER],
];

/// A question by its numbers, as it is generated.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Asked {
    pub(super) user: usize,
    pub(super) request: usize,
    pub(super) by_code: bool,
}

impl Asked {
    pub(super) const USERS: usize = USERS.len();
    pub(super) const REQUESTS: usize = REQUESTS.len();
}

/// A question.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) user: &'static str,
    pub(super) scopes: BTreeSet<String>,
    pub(super) flow: Flow,
}

impl Question {
    pub(super) fn of(asked: &Asked) -> Self {
        Self {
            user: USERS[asked.user],
            scopes: REQUESTS[asked.request]
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
            flow: if asked.by_code {
                Flow::Code
            } else {
                Flow::Implicit
            },
        }
    }
}

/// Everybody, asking for everything, by both flows.
pub(super) fn every_question() -> impl Iterator<Item = Question> {
    (0..Asked::USERS).flat_map(|user| {
        (0..Asked::REQUESTS).flat_map(move |request| {
            [true, false].map(|by_code| {
                Question::of(&Asked {
                    user,
                    request,
                    by_code,
                })
            })
        })
    })
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        write!(
            formatter,
            "{} asking {} by {}",
            self.user,
            scopes.join(" "),
            self.flow.grant_type()
        )
    }
}
