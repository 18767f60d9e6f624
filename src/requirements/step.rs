//! The steps of the document.

use serde::{Deserialize, Serialize};

/// A step of the document, in its order, and what comes of it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// The prerequisites: an org with API Access Management.
    #[serde(rename = "0")]
    Prerequisites,
    /// The groups.
    #[serde(rename = "1")]
    Groups,
    /// The users in them.
    #[serde(rename = "2")]
    Users,
    /// The authorization server.
    #[serde(rename = "3a")]
    AuthorizationServer,
    /// The scopes.
    #[serde(rename = "3b")]
    Scope,
    /// The access policy.
    #[serde(rename = "3c")]
    AccessPolicy,
    /// The client.
    #[serde(rename = "4a")]
    Client,
    /// The redirect URI and the Trusted Origins.
    #[serde(rename = "4b")]
    RedirectUri,
    /// The assignment.
    #[serde(rename = "4c")]
    Assignment,
    /// The authorize URL, and what comes back.
    #[serde(rename = "5")]
    Authorize,
    /// The endpoints of the API.
    #[serde(rename = "access")]
    Access,
}

impl Step {
    /// Every step, in the document's order.
    pub const ALL: [Self; 11] = [
        Self::Prerequisites,
        Self::Groups,
        Self::Users,
        Self::AuthorizationServer,
        Self::Scope,
        Self::AccessPolicy,
        Self::Client,
        Self::RedirectUri,
        Self::Assignment,
        Self::Authorize,
        Self::Access,
    ];

    /// What the document calls the step: `3b`.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::Prerequisites => "0",
            Self::Groups => "1",
            Self::Users => "2",
            Self::AuthorizationServer => "3a",
            Self::Scope => "3b",
            Self::AccessPolicy => "3c",
            Self::Client => "4a",
            Self::RedirectUri => "4b",
            Self::Assignment => "4c",
            Self::Authorize => "5",
            Self::Access => "access",
        }
    }

    /// What the checklist calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Prerequisites => "Prerequisites",
            Self::Groups => "Create the groups",
            Self::Users => "Add users to the groups",
            Self::AuthorizationServer => "Create an authorization server",
            Self::Scope => "Add the scopes",
            Self::AccessPolicy => "Add an access policy and its rules",
            Self::Client => "Create an OpenID Connect client",
            Self::RedirectUri => "Register the redirect URI and the origin",
            Self::Assignment => "Assign the client",
            Self::Authorize => "Send a user to the authorize URL",
            Self::Access => "Use the API",
        }
    }

    /// The module that the names of its trials begin with.
    #[must_use]
    pub fn module(self) -> &'static str {
        match self {
            Self::Prerequisites => "step_0_prerequisites",
            Self::Groups => "step_1_groups",
            Self::Users => "step_2_users",
            Self::AuthorizationServer => "step_3a_authorization_server",
            Self::Scope => "step_3b_scope",
            Self::AccessPolicy => "step_3c_access_policy",
            Self::Client => "step_4a_client",
            Self::RedirectUri => "step_4b_redirect_uri",
            Self::Assignment => "step_4c_assignment",
            Self::Authorize => "step_5_authorize",
            Self::Access => "access",
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Access => formatter.write_str("access"),
            step => write!(formatter, "step {}", step.number()),
        }
    }
}
