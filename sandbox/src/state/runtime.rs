//! What an org remembers of sign-ins: transactions, sessions, codes, revocations.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::event::Event;
use super::grant::{Code, Consent, RefreshToken};
use super::sign_in::{Authn, Session, Totp, Transaction};
use crate::options::Detour;

/// How many entries of a kind are kept; the oldest go first.
const CAPACITY: usize = 10_000;

/// How long a code can be redeemed, in seconds.
pub(crate) const CODE_LIFETIME_SECONDS: i64 = 300;

/// How long a sign-in may take, in seconds: Okta's state tokens live an hour.
pub(crate) const TRANSACTION_LIFETIME_SECONDS: i64 = 3600;

/// How long a session lives, in seconds: two hours, Okta's default.
pub(crate) const SESSION_LIFETIME_SECONDS: i64 = 7200;

/// A table that forgets its oldest entries instead of growing without end.
#[derive(Debug)]
pub(crate) struct Bounded<T>(IndexMap<String, T>);

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T> Bounded<T> {
    pub(crate) fn insert(&mut self, key: String, value: T) {
        if self.0.len() >= CAPACITY {
            self.0.shift_remove_index(0);
        }
        self.0.insert(key, value);
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.0.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.0.get_mut(key)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.0.shift_remove(key)
    }
}

/// Everything an org remembers of sign-ins.
#[derive(Debug, Default)]
pub(crate) struct Runtime {
    /// Sign-ins under way by state token.
    pub(crate) transactions: Bounded<Transaction>,
    /// Sessions by the value of the `sid` cookie.
    pub(crate) sessions: Bounded<Session>,
    /// Sign-ins under way at Classic Engine by state token.
    pub(crate) authns: Bounded<Authn>,
    /// What a finished sign-in of Classic Engine is exchanged for: each once, for a session.
    pub(crate) session_tokens: Bounded<Session>,
    /// What users meet on the way in, by login.
    pub(crate) detours: HashMap<String, Vec<Detour>>,
    /// The scenarios that users play, by login; those of an empty one are played by everybody.
    pub(crate) scenarios: HashMap<String, Vec<String>>,
    /// What happened on sign-in pages, if that is to be kept.
    pub(crate) events: Vec<Event>,
    /// The authenticator apps that are set up, by login.
    pub(crate) totps: HashMap<String, Totp>,
    /// Codes by value.
    pub(crate) codes: Bounded<Code>,
    /// Refresh tokens by value.
    pub(crate) refresh_tokens: Bounded<RefreshToken>,
    /// The `jti` of client assertions that were used.
    pub(crate) assertions: Bounded<()>,
    /// The `jti` of revoked access tokens.
    pub(crate) revoked: HashSet<String>,
    /// The families of access tokens that came of a code, by their `jti`.
    families: Bounded<String>,
    /// The families whose tokens are all revoked.
    ended_families: HashSet<String>,
    /// Who allowed which client which scope.
    pub(crate) consents: HashSet<Consent>,
    /// The first session ever, for the fault that gives it to everybody.
    pub(crate) first_session: Option<Session>,
    /// Tokens and codes by value, for tests that look for them where they must not be.
    pub(crate) handed_out: Bounded<()>,
    /// What a fault counts: how often something was asked since it was set.
    counts: Bounded<u32>,
}

impl Runtime {
    /// Forgets what the last fault counted and kept.
    pub(crate) fn forget_faults(&mut self) {
        self.first_session = None;
        self.counts = Bounded::default();
    }

    /// Counts once more: 1 for the first time since the fault was set.
    pub(crate) fn count(&mut self, what: &str) -> u32 {
        let Some(count) = self.counts.get_mut(what) else {
            self.counts.insert(what.to_owned(), 1);
            return 1;
        };
        *count = count.saturating_add(1);
        *count
    }

    /// Notes that an access token came of an authorization: it ends with its family, even when that
    /// ended while the token was made.
    pub(crate) fn join_family(&mut self, jti: String, family: String) {
        self.families.insert(jti, family);
    }

    /// Revokes everything that came of an authorization, and whatever may come of it yet.
    pub(crate) fn end_family(&mut self, family: &str) {
        self.ended_families.insert(family.to_owned());
    }

    /// Whether an access token was revoked, alone or with its family.
    pub(crate) fn is_revoked(&self, jti: &str) -> bool {
        let family = self.families.get(jti);
        self.revoked.contains(jti) || family.is_some_and(|family| self.has_ended(family))
    }

    /// A refresh token that is neither too old nor of a family that has ended.
    pub(crate) fn refresh_token(&self, value: &str, now: i64) -> Option<&RefreshToken> {
        let token = self.refresh_tokens.get(value)?;
        (now < token.ends() && !self.has_ended(&token.family)).then_some(token)
    }

    fn has_ended(&self, family: &str) -> bool {
        self.ended_families.contains(family)
    }

    /// The live session of a browser.
    pub(crate) fn session(&self, sid: &str, now: i64) -> Option<&Session> {
        let session = self.sessions.get(sid)?;
        (now - session.auth_time < SESSION_LIFETIME_SECONDS).then_some(session)
    }

    /// The state token of the sign-in with this handle.
    pub(crate) fn token_of_handle<'a>(&self, handle: &'a str, now: i64) -> Option<&'a str> {
        let (token, _) = handle.split_once('~')?;
        let transaction = self.transaction(token, now)?;
        (transaction.handle == handle).then_some(token)
    }

    /// A sign-in that is still under way.
    pub(crate) fn transaction(&self, token: &str, now: i64) -> Option<&Transaction> {
        let transaction = self.transactions.get(token)?;
        (now - transaction.started < TRANSACTION_LIFETIME_SECONDS).then_some(transaction)
    }
}
