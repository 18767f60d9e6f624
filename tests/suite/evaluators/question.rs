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
/// A client that no policy names: those for all clients apply to it.
const NO_CLIENT: &str = "no client";

/// What is asked for over HTTP; a request for an ID token holds `openid`.
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

/// Scopes that may be asked for together.
const SCOPES: [&str; 4] = [OPENID, "profile", SILVER, GOLD];

/// Everybody, asking for all that can be asked for together, by every grant type, with either
/// client and with one that no policy names.
pub(super) fn every_question() -> impl Iterator<Item = Question> {
    USERS.into_iter().flat_map(|user| {
        (1..1_usize << SCOPES.len()).flat_map(move |mask| {
            GRANT_TYPES.into_iter().flat_map(move |grant_type| {
                [THE_CLIENT, ANOTHER_CLIENT, NO_CLIENT].map(|client| Question {
                    user,
                    scopes: chosen(mask),
                    client,
                    grant_type,
                })
            })
        })
    })
}

/// How many questions these are.
pub(super) const QUESTIONS: usize = USERS.len() * ((1 << SCOPES.len()) - 1) * GRANT_TYPES.len() * 3;

/// The scopes whose bits are set.
fn chosen(mask: usize) -> BTreeSet<String> {
    let scopes = SCOPES.into_iter().enumerate();
    let chosen = scopes.filter(|(index, _)| mask & (1 << index) != 0);
    chosen.map(|(_, scope)| scope.to_owned()).collect()
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
