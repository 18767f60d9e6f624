//! What a run saw: facts, each looked for once, or the reason why it could not be seen.
//!
//! Nothing here says whether a fact is right: see [`crate::requirements`].

mod authorization;
mod call;
mod doubts;
mod found_org;
mod hostile;
pub(crate) mod missing;
mod need;
mod observer;
mod refresh;
mod said_error;
mod server;
mod service;
mod token_answer;

pub use crate::exchange::{Anew, AuthorizationKey};
pub use authorization::{Authorization, Denial, Outcome, Tokens};
pub use call::{ApiAnswer, Data};
pub use found_org::{ClientAssignments, FoundOrg, FoundTestUser};
pub use hostile::{Afterwards, HostileAnswer, OpenAnyway, Reaction, Trouble};
pub use need::{Need, Positive};
pub(crate) use observer::server::pace;
pub use observer::{Agents, Observer, Picture, Plan, Seeing, StartingBrowsers};
pub use refresh::{PresentedByAnother, Refreshed, Reused};
pub use server::{Lands, Redirected, ServerAnswer};
pub use service::ServiceSeen;
pub use token_answer::TokenAnswer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::escape::excerpt;
use crate::exchange::{ApiCall, ServerCall};
use crate::management::found::FoundOrganization;
use crate::model::ScopeRequest;
use crate::openid::{CarriedSession, Flow, Jwt, KeySet, Metadata};

/// A fact, or why it could not be seen.
pub type Seen<T> = Result<T, NotSeen>;

/// Why a fact could not be seen. It says nothing about whether the set-up is right.
#[derive(Debug, Clone)]
pub struct NotSeen {
    /// Whether something broke, or was never to be looked at.
    pub cause: Cause,
    /// A sentence: what kept it from being seen, and what to do.
    pub reason: String,
    /// What was seen instead, where a broken step of the set-up may explain it.
    pub symptom: Option<Box<Symptom>>,
}

/// Why something was not checked: whether that costs a run its good end depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody asked for it: the run was not given what it needs, a token or a user.
    NotConfigured,
    /// This target cannot have it: there is nothing to look at.
    NotApplicable,
    /// Something broke while looking, or could not be reached.
    Failed,
    /// It was seen, but proves nothing without something that was not.
    Inconclusive,
    /// A broken step of the set-up explains it; only a judgement says so.
    Blocked,
}

/// Something missing that should be there; a broken step of the set-up may explain it.
#[derive(Debug, Clone)]
pub enum Symptom {
    /// A user got no tokens for a request that the model grants, or was refused for another reason.
    NoTokens {
        /// The authorization.
        key: AuthorizationKey,
        /// What came instead.
        denial: Denial,
    },
    /// An endpoint refused a token that holds its scope.
    Refused {
        /// The authorization that gave the token.
        key: AuthorizationKey,
        /// The path of the endpoint.
        endpoint: String,
    },
    /// The org has no such object at all, so nothing can be said about it.
    Missing {
        /// The object, as the requirement names it that looks for it: "group `silverSubscribers`".
        object: String,
    },
}

impl NotSeen {
    /// The run was not given what it needs.
    pub fn not_configured(reason: impl Into<String>) -> Self {
        Self::because(Cause::NotConfigured, reason)
    }

    /// This target cannot have it.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::because(Cause::NotApplicable, reason)
    }

    /// Something broke while looking.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::because(Cause::Failed, reason)
    }

    /// It proves nothing by itself.
    pub fn inconclusive(reason: impl Into<String>) -> Self {
        Self::because(Cause::Inconclusive, reason)
    }

    fn because(cause: Cause, reason: impl Into<String>) -> Self {
        Self {
            cause,
            reason: reason.into(),
            symptom: None,
        }
    }

    /// With what was seen instead.
    #[must_use]
    pub fn with(mut self, symptom: Symptom) -> Self {
        self.symptom = Some(Box::new(symptom));
        self
    }

    fn not_asked() -> Self {
        Self::inconclusive("no selected trial needed it, so it was not looked for")
    }
}

impl Symptom {
    /// The authorization that the symptom is about, if it is about one.
    #[must_use]
    pub fn key(&self) -> Option<&AuthorizationKey> {
        match self {
            Self::NoTokens { key, .. } | Self::Refused { key, .. } => Some(key),
            Self::Missing { .. } => None,
        }
    }

    /// Whether it is about this test user.
    #[must_use]
    pub fn is_about(&self, user: &str) -> bool {
        self.key().is_some_and(|key| key.user == user)
    }

    /// Whether this object is missing.
    #[must_use]
    pub fn is_missing(&self, wanted: &str) -> bool {
        matches!(self, Self::Missing { object } if object == wanted)
    }

    /// Whether a user of these groups got no tokens by a denial of this kind.
    #[must_use]
    pub fn is_denial(&self, kinds: &[Denial]) -> bool {
        matches!(self, Self::NoTokens { denial, .. } if kinds.contains(denial))
    }
}

/// What an issuer is, where it is not a custom authorization server of the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherIssuer {
    /// The org's own authorization server, which has no custom scopes.
    OrgServer,
    /// The address of a metadata document.
    Document {
        /// The issuer that it names.
        issuer: String,
    },
    /// A server of another org than the one that is audited.
    AnotherOrg {
        /// The id of the issuer's org.
        issuer: String,
        /// The id of the org that `OKTA_CLIENT_ORGURL` names.
        audited: String,
    },
}

impl OtherIssuer {
    /// What it is and what to do, for an issuer as the run was told it.
    #[must_use]
    pub fn words(&self, told: &str) -> String {
        match self {
            Self::OrgServer => format!(
                "`{told}` is the org authorization server, which gives no custom scopes: set \
                 OKTA_OAUTH2_ISSUER to the Issuer URI of a custom one (Security > API > \
                 Authorization Servers)"
            ),
            Self::Document { issuer } => format!(
                "OKTA_OAUTH2_ISSUER is the address of a metadata document: set it to {}",
                excerpt(issuer)
            ),
            Self::AnotherOrg { issuer, audited } => format!(
                "OKTA_OAUTH2_ISSUER is a server of the org {}, and OKTA_CLIENT_ORGURL is the org \
                 {}: set both to the same org",
                excerpt(issuer),
                excerpt(audited)
            ),
        }
    }
}

/// Everything that a run saw.
#[derive(Debug)]
pub struct Observations {
    /// Which Okta org answers; none where something else does.
    pub organization: Seen<Option<FoundOrganization>>,
    /// What the Management API told of steps 1 to 4.
    pub org: FoundOrg,
    /// How far the org's clock is ahead of this machine's.
    pub clock_ahead: Seen<SignedDuration>,
    /// `{issuer}/.well-known/openid-configuration`.
    pub metadata: Seen<Metadata>,
    /// `{issuer}/.well-known/oauth-authorization-server`.
    pub oauth_metadata: Seen<Metadata>,
    /// What the issuer is, where it is no custom authorization server of the org.
    pub other_issuer: Option<OtherIssuer>,
    /// The signing keys.
    pub keys: Seen<KeySet>,
    /// What came of each request in a browser.
    pub authorizations: BTreeMap<AuthorizationKey, Seen<Authorization>>,
    /// What came of each request in a browser for a token of a probe: no other judgement is made of
    /// these.
    pub probes: BTreeMap<AuthorizationKey, Seen<Authorization>>,
    /// What came of each refresh token that a request in a browser brought.
    pub refreshed: BTreeMap<AuthorizationKey, Seen<Refreshed>>,
    /// What came of what each service client asked, by NAME.
    pub services: BTreeMap<String, Seen<ServiceSeen>>,
    /// What the API answered.
    pub calls: BTreeMap<ApiCall, Seen<ApiAnswer>>,
    /// What plain requests of the access matrix are answered by HTTP/1.1: one without a token
    /// before any hostile one, and what is plainer than a hostile request that was let in right
    /// after it.
    pub plainly: BTreeMap<ApiCall, ApiAnswer>,
    /// What came of each hostile request.
    pub hostile: BTreeMap<ApiCall, Seen<HostileAnswer>>,
    /// What each endpoint that the metadata names answered.
    pub server: BTreeMap<ServerCall, Seen<ServerAnswer>>,
    /// The session that each user's browser has left, where it is known without the browser too.
    pub sessions: BTreeMap<String, Arc<CarriedSession>>,
    /// How often a test user's password was submitted, whatever came of it.
    pub sign_ins: usize,
    /// How many authorization requests were made in browsers or in their sessions, those made again
    /// among them.
    pub requests: usize,
    /// What came of what each test user typed.
    pub typed: BTreeMap<String, Typed>,
    /// Every request that was made again, and why.
    pub retries: Vec<String>,
    /// How long it took to follow each request in a browser, and to get each answer of the API.
    pub durations: BTreeMap<Need, Duration>,
}

/// What came of what a test user typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// How often the password was submitted.
    pub passwords: usize,
    /// The origins that are not trusted to which a page sent what was typed into it.
    pub elsewhere: Seen<BTreeSet<String>>,
    /// To whom pages sent something that cannot be read once it was typed, and whose workers may
    /// have.
    pub unread: BTreeSet<String>,
}

impl Typed {
    /// This, and what the user typed later: what was sent elsewhere once is known there.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        let elsewhere = match (self.elsewhere, later.elsewhere) {
            (Ok(before), Ok(after)) => Ok(before.into_iter().chain(after).collect()),
            (Ok(known), Err(_)) | (Err(_), Ok(known)) if !known.is_empty() => Ok(known),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        Self {
            passwords: self.passwords + later.passwords,
            elsewhere,
            unread: self.unread.into_iter().chain(later.unread).collect(),
        }
    }
}

impl Default for Observations {
    fn default() -> Self {
        Self {
            organization: Err(NotSeen::not_asked()),
            org: FoundOrg::default(),
            clock_ahead: Err(NotSeen::not_asked()),
            metadata: Err(NotSeen::not_asked()),
            oauth_metadata: Err(NotSeen::not_asked()),
            other_issuer: None,
            keys: Err(NotSeen::not_asked()),
            authorizations: BTreeMap::new(),
            probes: BTreeMap::new(),
            refreshed: BTreeMap::new(),
            services: BTreeMap::new(),
            calls: BTreeMap::new(),
            plainly: BTreeMap::new(),
            hostile: BTreeMap::new(),
            server: BTreeMap::new(),
            sessions: BTreeMap::new(),
            sign_ins: 0,
            requests: 0,
            typed: BTreeMap::new(),
            retries: Vec::new(),
            durations: BTreeMap::new(),
        }
    }
}

impl Observations {
    /// What came of a request in a browser.
    ///
    /// # Errors
    /// [`NotSeen`] when it could not be made or followed to an end.
    pub fn authorization(&self, key: &AuthorizationKey) -> Seen<&Authorization> {
        let all = if key.is_probe() {
            &self.probes
        } else {
            &self.authorizations
        };
        let seen = all.get(key).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }

    /// Whose ID tokens came, and whom they are about.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = (&str, &str)> {
        let tokens = self.id_tokens();
        tokens.filter_map(|(key, token)| Some((key.user.as_str(), token.text("sub")?)))
    }

    /// When a user signed in, by the ID tokens of the document's own requests.
    pub(crate) fn sign_in_times(&self, user: &str) -> impl Iterator<Item = i64> {
        let tokens = self.id_tokens();
        let of_user = tokens.filter(move |(key, _)| key.user == user && key.details.is_none());
        of_user.filter_map(|(_, token)| token.number("auth_time"))
    }

    /// The ID tokens that can be read, and what they came for.
    fn id_tokens(&self) -> impl Iterator<Item = (&AuthorizationKey, &Jwt)> {
        self.authorizations.iter().filter_map(|(key, seen)| {
            let Outcome::Tokens { tokens, .. } = &seen.as_ref().ok()?.outcome else {
                return None;
            };
            Some((key, tokens.id_token.as_ref()?.as_ref().ok()?))
        })
    }

    /// What came of the refresh token that a request in a browser brought.
    ///
    /// # Errors
    /// [`NotSeen`] when there was none, or it could not be redeemed.
    pub fn refreshed(&self, key: &AuthorizationKey) -> Seen<&Refreshed> {
        let seen = self.refreshed.get(key).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }

    /// What came of what a service client asked.
    ///
    /// # Errors
    /// [`NotSeen`] when it could not ask.
    pub fn service(&self, name: &str) -> Seen<&ServiceSeen> {
        let seen = self.services.get(name).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }

    /// Every token of the run that can be read.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &Jwt> {
        let seen = self.authorizations.values();
        let tokens = seen.filter_map(|seen| match &seen.as_ref().ok()?.outcome {
            Outcome::Tokens { tokens, .. } => Some(tokens),
            Outcome::Denied { .. } => None,
        });
        tokens.flat_map(|tokens| {
            let id = tokens.id_token.as_ref();
            [Some(&tokens.access_token), id]
                .into_iter()
                .flatten()
                .filter_map(|token| token.as_ref().ok())
        })
    }

    /// How long it took to look at what a trial needs itself, in seconds.
    #[must_use]
    pub fn seconds(&self, needs: &[Need]) -> f64 {
        let known = needs.iter().filter_map(|need| self.durations.get(need));
        known.sum::<Duration>().as_secs_f64()
    }

    /// What the API answered.
    ///
    /// # Errors
    /// [`NotSeen`] when there was no token to ask with, or no answer.
    pub fn call(&self, key: &ApiCall) -> Seen<&ApiAnswer> {
        let seen = self.calls.get(key).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }
}

impl Observations {
    /// What an endpoint that the metadata names answered.
    ///
    /// # Errors
    /// [`NotSeen`] when it was not asked, or gave no answer.
    pub fn server(&self, call: &ServerCall) -> Seen<&ServerAnswer> {
        let seen = self.server.get(call).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }

    /// What came of a hostile request.
    ///
    /// # Errors
    /// [`NotSeen`] when it was not sent.
    pub fn hostile(&self, exchange: &ApiCall) -> Seen<&HostileAnswer> {
        let seen = self.hostile.get(exchange).ok_or_else(NotSeen::not_asked)?;
        seen.as_ref().map_err(Clone::clone)
    }
}

/// A user's request by a flow.
#[must_use]
pub fn authorization(user: &str, request: &ScopeRequest, flow: Flow) -> AuthorizationKey {
    AuthorizationKey::new(user, request, flow)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sent(origins: Option<&str>) -> Seen<BTreeSet<String>> {
        let origins = origins.ok_or_else(|| NotSeen::failed("the browser did not say"))?;
        Ok(origins.split_whitespace().map(str::to_owned).collect())
    }

    /// What was sent elsewhere stays known whatever else is not; that nothing was is known only
    /// where all of it was seen.
    #[rstest]
    #[case::nothing(Some(""), Some(""), Some(""))]
    #[case::both(Some("a"), Some("b"), Some("a b"))]
    #[case::known_before(Some("a"), None, Some("a"))]
    #[case::known_later(None, Some("b"), Some("b"))]
    #[case::unseen_later(Some(""), None, None)]
    #[case::unseen_before(None, Some(""), None)]
    #[case::unseen(None, None, None)]
    fn what_was_sent_elsewhere_is_known_by_all_that_was_typed(
        #[case] before: Option<&str>,
        #[case] later: Option<&str>,
        #[case] all: Option<&str>,
    ) {
        let typed = |passwords, origins, unread: &str| Typed {
            passwords,
            elsewhere: sent(origins),
            unread: [unread.to_owned()].into(),
        };
        let both = typed(1, before, "one").and(typed(2, later, "two"));
        assert_eq!(both.passwords, 3);
        assert_eq!(both.unread, ["one".to_owned(), "two".to_owned()].into());
        assert_eq!(both.elsewhere.ok(), sent(all).ok());
    }
}
