//! What a trial needs to be looked at before it can be judged.

use super::{AuthorizationKey, authorization};
use crate::exchange::{ApiCall, Exchange};
use crate::model::{Flow, OrgModel, ScopeRequest};

/// One thing to look at. What it depends on itself is looked at too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Whether an Okta org answers.
    Organization,
    /// The groups of the model, by the Management API.
    Groups,
    /// The test users, with their groups and their assignment to the client.
    Users,
    /// The authorization server.
    Server,
    /// Its scopes.
    Scopes,
    /// Its claims.
    Claims,
    /// Its policies and rules.
    Policies,
    /// The client.
    Client,
    /// The groups that the client is assigned to.
    ClientGroups,
    /// The Trusted Origins.
    TrustedOrigins,
    /// Both metadata documents, with the clock of the server.
    Metadata,
    /// The signing keys.
    Keys,
    /// A request in a browser.
    Authorization(AuthorizationKey),
    /// The refresh token that a request in a browser brings, redeemed.
    Refresh(AuthorizationKey),
    /// A request to the API, or to an endpoint that the metadata names.
    Call(Exchange),
    /// A positive that something refused is compared with: of anybody who may have it.
    Anybodys(Positive),
}

/// What must be given to everybody whom the model gives the scopes.
///
/// It names nobody: thousands of refusals are compared with the same few positives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Positive {
    /// The scopes.
    pub request: ScopeRequest,
    /// The flow.
    pub flow: Flow,
    /// The path of the endpoint that answers to the token; none: it is the tokens themselves.
    pub endpoint: Option<String>,
}

impl Positive {
    /// Tokens for a request.
    #[must_use]
    pub fn tokens(request: &ScopeRequest, flow: Flow) -> Self {
        Self {
            request: request.clone(),
            flow,
            endpoint: None,
        }
    }

    /// An endpoint's answer to the token of a request.
    #[must_use]
    pub fn answer(request: &ScopeRequest, flow: Flow, endpoint: &str) -> Self {
        Self {
            endpoint: Some(endpoint.to_owned()),
            ..Self::tokens(request, flow)
        }
    }

    /// The requests of all who must be given it, in the order of the model.
    pub fn keys(&self, model: &OrgModel) -> impl Iterator<Item = AuthorizationKey> + use<'_> {
        let grantees = model.granted_to(&self.request, self.flow);
        let key = move |place: usize| {
            let grantee = grantees.get(place)?;
            Some(authorization(&grantee.user, &grantee.request, self.flow))
        };
        (0..).map_while(key)
    }

    /// What is looked at for it, if it is looked at with this request.
    #[must_use]
    pub fn need(&self, key: AuthorizationKey) -> Need {
        match &self.endpoint {
            None => Need::Authorization(key),
            Some(_) => Need::of_api(&self.call(&key)),
        }
    }

    /// The request to the endpoint with the token of this request.
    #[must_use]
    pub fn call(&self, key: &AuthorizationKey) -> ApiCall {
        ApiCall::with_token_of(key, self.endpoint.as_deref().unwrap_or_default())
    }
}

impl Need {
    /// A request to the API.
    #[must_use]
    pub fn of_api(call: &ApiCall) -> Self {
        Self::Call(Exchange::Api(call.clone()))
    }

    /// What this need depends on itself.
    #[must_use]
    pub fn dependencies(&self) -> Vec<Self> {
        match self {
            Self::Call(call) => {
                let basis = call.basis().cloned().map(Self::Authorization);
                let keys = call.needs_keys().then_some(Self::Keys);
                let metadata = call.needs_metadata().then_some(Self::Metadata);
                let after = call.after().map(Self::Call);
                let given = basis.into_iter().chain(keys).chain(metadata);
                return given.chain(after).collect();
            }
            Self::Authorization(_) | Self::Keys => Some(Self::Metadata),
            Self::Refresh(key) => Some(Self::Authorization(key.clone())),
            Self::Scopes | Self::Claims => Some(Self::Server),
            // Rules may name users by their ids.
            Self::Policies => {
                return vec![Self::Server, Self::Groups, Self::Client, Self::Users];
            }
            Self::Users | Self::ClientGroups => return vec![Self::Client, Self::Groups],
            Self::Organization
            | Self::Groups
            | Self::Server
            | Self::Client
            | Self::TrustedOrigins
            | Self::Metadata
            | Self::Anybodys(_) => None,
        }
        .into_iter()
        .collect()
    }

    /// The test user whose browser or token is needed, where it is one.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        let key = match self {
            Self::Authorization(key) | Self::Refresh(key) => Some(key),
            Self::Call(call) => call.basis(),
            _ => None,
        };
        key.map(|key| key.user.as_str())
    }
}
