//! An application as the Management API answers it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::status::Status;
use super::super::told::Told;
use super::{object_or_default, or_default};

/// An OpenID Connect application: the client.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundApplication {
    /// `0oa…`
    pub id: String,
    /// The label.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// `credentials.oauthClient` and the rest.
    #[serde(default, deserialize_with = "object_or_default")]
    pub credentials: ApplicationCredentials,
    /// `settings.oauthClient` and the rest.
    #[serde(default, deserialize_with = "object_or_default")]
    pub settings: ApplicationSettings,
    /// Who may take it for themselves.
    #[serde(default, deserialize_with = "object_or_default")]
    pub accessibility: Accessibility,
}

/// `accessibility` of an application.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accessibility {
    /// Whether users can assign it to themselves.
    #[serde(default)]
    pub self_service: Option<bool>,
}

/// `credentials` of an application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ApplicationCredentials {
    /// Client id and authentication.
    #[serde(
        rename = "oauthClient",
        default,
        deserialize_with = "object_or_default"
    )]
    pub oauth_client: OAuthClientCredentials,
    /// What users are called in the application: the `sub` of access tokens by default.
    #[serde(
        rename = "userNameTemplate",
        default,
        deserialize_with = "object_or_default"
    )]
    pub user_name_template: UserNameTemplate,
}

/// `credentials.userNameTemplate` of an application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct UserNameTemplate {
    /// `${source.login}` unless somebody changed it.
    #[serde(default)]
    pub template: Option<String>,
}

/// `credentials.oauthClient` of an application; a secret is never kept here.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OAuthClientCredentials {
    /// The client id.
    #[serde(default, deserialize_with = "or_default")]
    pub client_id: String,
    /// How the client authenticates at the token endpoint.
    #[serde(default)]
    pub token_endpoint_auth_method: Told<String>,
    /// Whether an authorization request needs a code challenge.
    #[serde(default)]
    pub pkce_required: Option<bool>,
}

/// `settings` of an application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ApplicationSettings {
    /// What the client may do.
    #[serde(
        rename = "oauthClient",
        default,
        deserialize_with = "object_or_default"
    )]
    pub oauth_client: OAuthClientSettings,
    /// Whether users need no assignment (Federation Broker Mode).
    #[serde(rename = "implicitAssignment", default)]
    pub implicit_assignment: Option<bool>,
    /// A hook that the application calls.
    #[serde(rename = "inlineHookId", default)]
    pub inline_hook_id: Option<String>,
}

/// `settings.oauthClient` of an application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OAuthClientSettings {
    /// Login redirect URIs.
    #[serde(default)]
    pub redirect_uris: Told<Vec<String>>,
    /// Logout redirect URIs.
    #[serde(default, deserialize_with = "or_default")]
    pub post_logout_redirect_uris: Vec<String>,
    /// `code`, `token`, `id_token`.
    #[serde(default)]
    pub response_types: Told<Vec<String>>,
    /// Grant types.
    #[serde(default)]
    pub grant_types: Told<Vec<String>>,
    /// `web`, `browser`, `native` or `service`.
    #[serde(default)]
    pub application_type: Told<String>,
    /// `TRUSTED` or `REQUIRED`.
    #[serde(default)]
    pub consent_method: Option<String>,
    /// `wildcard_redirect`, `issuer_mode`, `dpop_bound_access_tokens`, `network` and the rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
