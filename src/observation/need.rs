//! What a trial needs to be looked at before it can be judged.

use super::{AuthorizationKey, CallKey};

/// One thing to look at. What it depends on itself is looked at too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// A request to the API.
    Call(CallKey),
}
