//! What a signed-in user gets: the assignment first, then the access policies.

use super::policy::{self, Question};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::options::{Denial, OpenIdConnectScopes};
use crate::state::AppState;
use crate::state::grant::Grant;
use crate::state::org::{Application, AuthorizationServer, Org, Rule, Status};
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::Session;

/// The lifetime of an access token when no rule decides it, in minutes.
const DEFAULT_LIFETIME_MINUTES: u32 = 60;

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

/// Decides a request for the user of a session; nothing later asks the policies again.
pub(crate) fn decide(
    state: &AppState,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Grant, Denied> {
    let org = state.org();
    let server = org.servers.get(&request.server_id);
    let server = server.ok_or_else(OAuthError::no_matching_policy)?;
    let client = org
        .applications
        .get(&request.client_id)
        .filter(|client| client.status == Status::Active)
        .ok_or_else(OAuthError::invalid_client_id)?;
    let case = Case {
        state,
        org: &org,
        server,
        client,
        request,
        session,
    };
    case.check_environment()?;
    case.check_assignment()?;
    if !server.has_scopes(&request.scopes) {
        return Err(OAuthError::unknown_scope().into());
    }
    Ok(case.by_policy()?)
}

struct Case<'a> {
    state: &'a AppState,
    org: &'a Org,
    server: &'a AuthorizationServer,
    client: &'a Application,
    request: &'a AuthorizeRequest,
    session: &'a Session,
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
        let is_assigned = self.org.may_use(&self.session.user_id, self.client)
            || self.state.fault() == Some(Fault::AssignmentIgnored);
        is_assigned.then_some(()).ok_or(Denied::NotAssigned)
    }

    fn by_policy(&self) -> Result<Grant, OAuthError> {
        if self.state.fault() == Some(Fault::GrantEverything) {
            return Ok(self.grant(self.wanted(), DEFAULT_LIFETIME_MINUTES));
        }
        let grant_types = self.request.response_type.grant_types();
        let question = Question {
            client_id: &self.client.id,
            user_id: &self.session.user_id,
            grant_types: &grant_types,
            scopes: &self.request.scopes,
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
        let minutes = rule.actions.token.access_token_lifetime_minutes;
        Ok(self.grant(granted, minutes))
    }

    fn wanted(&self) -> Vec<String> {
        if self.request.scopes.is_empty() {
            self.server.default_scopes()
        } else {
            self.request.scopes.clone()
        }
    }

    fn grant(&self, scopes: Vec<String>, lifetime_minutes: u32) -> Grant {
        Grant {
            server_id: self.server.id.clone(),
            client_id: self.client.id.clone(),
            user_id: self.session.user_id.clone(),
            scopes,
            access_token_lifetime_seconds: i64::from(lifetime_minutes) * 60,
            auth_time: self.session.auth_time,
            nonce: self.request.nonce.clone(),
        }
    }
}
