//! Who asks for what, by which flow.

use std::collections::BTreeSet;
use std::fmt;

use okta_e2e::openid::Flow;
use serde::Serialize;

use super::generated::{ANOTHER_CLIENT, GRANT_TYPES, THE_CLIENT};

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
    /// Which client asks, by the names of the generated orgs.
    pub(super) client: &'static str,
    pub(super) grant_type: &'static str,
}

impl Question {
    pub(super) fn of(asked: &Asked) -> Self {
        Self {
            user: USERS[asked.user],
            scopes: REQUESTS[asked.request]
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
            client: THE_CLIENT,
            grant_type: if asked.by_code {
                Flow::Code.grant_type()
            } else {
                Flow::Implicit.grant_type()
            },
        }
    }

    /// The flow by which it is asked over HTTP.
    pub(super) fn flow(&self) -> Flow {
        if self.grant_type == Flow::Code.grant_type() {
            Flow::Code
        } else {
            Flow::Implicit
        }
    }
}

/// Everybody, asking for everything, by every grant type, with either client.
pub(super) fn every_question() -> impl Iterator<Item = Question> {
    (0..Asked::USERS).flat_map(|user| {
        (0..Asked::REQUESTS).flat_map(move |request| {
            let asked = Asked {
                user,
                request,
                by_code: true,
            };
            GRANT_TYPES.into_iter().flat_map(move |grant_type| {
                [THE_CLIENT, ANOTHER_CLIENT].map(|client| Question {
                    client,
                    grant_type,
                    ..Question::of(&asked)
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
            "{} asking {} by {} with {}",
            self.user,
            scopes.join(" "),
            self.grant_type,
            self.client
        )
    }
}
