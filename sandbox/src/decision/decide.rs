//! What a signed-in user, or a client for itself, gets: the assignment first, then the access
//! policies.

use super::policy::{self, Question};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::options::{Denial, OpenIdConnectScopes};
use crate::state::AppState;
use crate::state::grant::{Grant, Lifetimes};
use crate::state::org::{Application, AuthorizationServer, Org, Rule, Status, TokenLifetimes};
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::Session;

/// The lifetimes of tokens when no rule decides them: an hour, and for refresh tokens as long as
/// they are used once in a week.
const DEFAULT_LIFETIMES: Lifetimes = Lifetimes {
    access_token: 3600,
    refresh_token: 0,
    refresh_token_window: 7 * 24 * 3600,
};

/// Why a user gets nothing.
#[derive(Debug)]
pub(crate) enum Denied {
    /// The client is not theirs: Identity Engine may say so on the sign-in page.
    NotAssigned,
    /// Anything else, which the client hears of.
    Error(OAuthError),
}

impl From<OAuthError> for Denied {
    fn from(error: OAuthError) -> Self {
        Self::Error(error)
    }
}

impl From<Denied> for OAuthError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAssigned => Self::user_not_assigned(),
            Denied::Error(error) => error,
        }
    }
}

/// What is asked of an authorization server, by whatever grant.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) server_id: &'a str,
    /// The `iss` of the tokens.
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) grant_types: &'a [&'a str],
    /// Empty when the default scopes are wanted.
    pub(crate) scopes: &'a [String],
    pub(crate) nonce: Option<&'a str>,
}

/// Decides a request for the user of a session; nothing later asks the policies again.
pub(crate) fn decide(
    state: &AppState,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Grant, Denied> {
    let grant_types = request.response_type.grant_types();
    let asked = Asked {
        server_id: &request.server_id,
        issuer: &request.issuer,
        client_id: &request.client_id,
        grant_types: &grant_types,
        scopes: &request.scopes,
        nonce: request.nonce.as_deref(),
    };
    decide_asked(state, &asked, Some(session))
}

/// The same for anything else that is asked; without a session the client acts for itself.
pub(crate) fn decide_asked(
    state: &AppState,
    asked: &Asked<'_>,
    session: Option<&Session>,
) -> Result<Grant, Denied> {
    let org = state.org();
    let server = org.server(asked.server_id);
    let server = server.ok_or_else(OAuthError::no_matching_policy)?;
    let client = org
        .applications
        .get(asked.client_id)
        .filter(|client| client.status == Status::Active)
        .ok_or_else(OAuthError::invalid_client_id)?;
    let case = Case {
        state,
        org: &org,
        server,
        client,
        asked,
        session,
    };
    case.check_environment()?;
    case.check_assignment()?;
    if !server.has_scopes(asked.scopes) {
        return Err(OAuthError::unknown_scope().into());
    }
    Ok(case.by_policy()?)
}

struct Case<'a> {
    state: &'a AppState,
    org: &'a Org,
    server: &'a AuthorizationServer,
    client: &'a Application,
    asked: &'a Asked<'a>,
    session: Option<&'a Session>,
}

impl Case<'_> {
    /// Callers are on this machine, which is in no network zone of any org.
    fn check_environment(&self) -> Result<(), OAuthError> {
        let network = self.client.settings.other.get("network");
        let connection = network.and_then(|network| network.get("connection"));
        if self.state.fault() == Some(Fault::FeatureMissing) {
            return Err(OAuthError::feature_missing());
        }
        if self.state.fault() == Some(Fault::ClaimEvaluationFails) {
            return Err(OAuthError::claim_not_evaluated("sub"));
        }
        if connection.is_some_and(|connection| connection == "ZONE") {
            return Err(OAuthError::outside_network_zones());
        }
        Ok(())
    }

    fn check_assignment(&self) -> Result<(), Denied> {
        let may_use = |session: &Session| self.org.may_use(&session.user_id, self.client);
        let is_assigned = self.session.is_none_or(may_use)
            || self.state.fault() == Some(Fault::AssignmentIgnored);
        is_assigned.then_some(()).ok_or(Denied::NotAssigned)
    }

    fn by_policy(&self) -> Result<Grant, OAuthError> {
        if self.server.is_of_org() || self.state.fault() == Some(Fault::GrantEverything) {
            return Ok(self.grant(self.wanted(), DEFAULT_LIFETIMES));
        }
        let question = Question {
            client_id: &self.client.id,
            user_id: self.session.map(|session| session.user_id.as_str()),
            grant_types: self.asked.grant_types,
            scopes: self.asked.scopes,
            openid_connect_always_granted: self.state.options.openid_connect_scopes
                == OpenIdConnectScopes::AlwaysGranted,
        };
        if let Some(rule) = policy::first_match(self.org, self.server, &question) {
            return self.by_rule(rule, &question);
        }
        if self.state.fault() == Some(Fault::ScopesDownScope)
            && let Some(rule) = policy::first_partial_match(self.org, self.server, &question)
        {
            return self.by_rule(rule, &question);
        }
        Err(match self.state.options.denial {
            Denial::NoMatchingPolicy => OAuthError::no_matching_policy(),
            Denial::ScopeDenied => {
                OAuthError::scope_denied(&policy::denied_scopes(self.org, self.server, &question))
            }
        })
    }

    /// What the rule covers of what is wanted: all of it, unless the default scopes are wanted.
    fn by_rule(&self, rule: &Rule, question: &Question<'_>) -> Result<Grant, OAuthError> {
        let mut granted = self.wanted();
        granted.retain(|scope| question.covers(rule, scope));
        if granted.is_empty() {
            return Err(OAuthError::no_scope_allowed());
        }
        Ok(self.grant(granted, lifetimes(&rule.actions.token)))
    }

    fn wanted(&self) -> Vec<String> {
        if self.asked.scopes.is_empty() {
            self.server.default_scopes()
        } else {
            self.asked.scopes.to_vec()
        }
    }

    fn grant(&self, scopes: Vec<String>, lifetimes: Lifetimes) -> Grant {
        Grant {
            server_id: self.server.id.clone(),
            issuer: self.asked.issuer.to_owned(),
            client_id: self.client.id.clone(),
            session: self.session.cloned(),
            scopes,
            lifetimes,
            nonce: self.asked.nonce.map(str::to_owned),
        }
    }
}

/// The lifetimes of a rule, which counts in minutes.
fn lifetimes(rule: &TokenLifetimes) -> Lifetimes {
    let seconds = |minutes: u32| i64::from(minutes) * 60;
    Lifetimes {
        access_token: seconds(rule.access_token_lifetime_minutes),
        refresh_token: seconds(rule.refresh_token_lifetime_minutes),
        refresh_token_window: seconds(rule.refresh_token_window_minutes),
    }
}
