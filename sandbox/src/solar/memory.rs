//! What the API remembers from one request to the next: for the faults that do it wrongly, and for
//! those that count.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::answer::Verdict;
use super::behaviour::Verdicts;
use super::token::Token;

/// How many entries of a kind are kept.
const CAPACITY: usize = 10_000;

/// So many characters of a token are its beginning.
const BEGINNING: usize = 100;

/// What there is to remember since the fault was set.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Requests.
    requests: u32,
    /// Whether a failure has told what the API keeps.
    has_leaked: bool,
    /// Refusals of what was no good token.
    refusals: u32,
    /// Paths whose answer was given.
    answered: HashSet<String>,
    /// Statuses of refusals, by path.
    refused: HashMap<String, u16>,
    /// Tokens that were good.
    verdicts: HashSet<String>,
    /// What came of the request that was judged last.
    last: Option<Verdict>,
    /// Connections on which somebody was let in.
    let_in: HashSet<SocketAddr>,
    /// The paths where sessions began, by what their cookies say.
    sessions: HashMap<String, String>,
    /// Until when nobody is answered.
    busy_until: Option<Instant>,
}

impl Memory {
    /// Counts a request: 1 for the first.
    pub(super) fn count(&mut self) -> u32 {
        self.requests = self.requests.saturating_add(1);
        self.requests
    }

    /// Answers nobody for so long.
    pub(super) fn be_busy(&mut self, busy_for: Duration) {
        self.busy_until = Instant::now().checked_add(busy_for);
    }

    /// For how long nobody is answered yet.
    pub(super) fn busy(&self) -> Duration {
        let until = self.busy_until;
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// Whether this is the failure that tells what the API keeps: the first one alone.
    pub(super) fn leaks(&mut self) -> bool {
        !std::mem::replace(&mut self.has_leaked, true)
    }

    pub(super) fn count_refusal(&mut self) {
        self.refusals = self.refusals.saturating_add(1);
    }

    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    pub(super) fn note_answer(&mut self, path: &str) {
        if self.answered.len() < CAPACITY {
            self.answered.insert(path.to_owned());
        }
    }

    pub(super) fn was_answered(&self, path: &str) -> bool {
        self.answered.contains(path)
    }

    pub(super) fn note_refusal(&mut self, path: &str, status: u16) {
        if self.refused.len() < CAPACITY {
            self.refused.insert(path.to_owned(), status);
        }
    }

    pub(super) fn put_verdict(&mut self, verdict: Verdict) {
        self.last = Some(verdict);
    }

    pub(super) fn last_verdict(&self) -> Option<Verdict> {
        self.last.clone()
    }

    pub(super) fn note_let_in(&mut self, peer: Option<&SocketAddr>) {
        if self.let_in.len() < CAPACITY {
            self.let_in.extend(peer.copied());
        }
    }

    pub(super) fn was_let_in(&self, peer: &SocketAddr) -> bool {
        self.let_in.contains(peer)
    }

    /// Begins a session at a path: what its cookie says.
    pub(super) fn begin_session(&mut self, path: &str) -> String {
        let session = format!("begun-{}", self.sessions.len());
        if self.sessions.len() < CAPACITY {
            self.sessions.insert(session.clone(), path.to_owned());
        }
        session
    }

    /// The path where a session began.
    pub(super) fn began(&self, session: &str) -> Option<&str> {
        self.sessions.get(session).map(String::as_str)
    }

    /// What was refused at the path, once: then it is forgotten.
    pub(super) fn take_refusal(&mut self, path: &str) -> Option<u16> {
        self.refused.remove(path)
    }

    pub(super) fn note_good(&mut self, key: Option<String>) {
        if self.verdicts.len() < CAPACITY {
            self.verdicts.extend(key);
        }
    }

    pub(super) fn was_good(&self, key: Option<&String>) -> bool {
        key.is_some_and(|key| self.verdicts.contains(key))
    }
}

impl Verdicts {
    /// What a token is found again by.
    pub(super) fn key(self, token: &Token<'_>) -> Option<String> {
        match self {
            Self::NotKept => None,
            Self::ByToken => Some(format!("{}.{}", token.message, token.signature)),
            Self::ByBeginning => Some(token.message.chars().take(BEGINNING).collect()),
            Self::ByPayload => Some(token.message.to_owned()),
            Self::BySignature => Some(token.signature.to_owned()),
            Self::ById => token.claim("jti").map(str::to_owned),
            Self::BySubject => token.claim("sub").map(str::to_owned),
        }
    }
}
