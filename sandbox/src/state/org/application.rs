//! OpenID Connect applications, their assignments, and Trusted Origins.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Stamps, Status, Table};

/// An OpenID Connect application: the client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    /// `0oa…`, the client id too.
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) status: Status,
    pub(crate) stamps: Stamps,
    /// The first is made with the application, unless it authenticates otherwise; by id.
    pub(crate) secrets: Table<ClientSecret>,
    pub(crate) credentials: OAuthClientCredentials,
    pub(crate) settings: OAuthClientSettings,
    /// Assigned groups by id.
    pub(crate) groups: IndexMap<String, GroupAssignment>,
    /// Directly assigned users by id.
    pub(crate) users: IndexMap<String, AppUser>,
    /// The id of the app sign-in policy that was assigned; nothing where it is the default one.
    pub(crate) sign_in_policy: Option<String>,
    /// `accessibility`, `visibility`, `profile` and whatever else was sent and has no effect here.
    pub(crate) other: Map<String, Value>,
}

/// Whether a refresh token gives way to another when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It stays.
    Static,
    /// Another takes its place; it fits for so many seconds yet.
    Rotate { leeway_seconds: i64 },
}

/// How long a refresh token fits yet, in seconds, where nobody says otherwise (Okta's guide
/// "Refresh
/// access tokens").
const DEFAULT_LEEWAY_SECONDS: i64 = 30;

impl Application {
    /// Which address the org's own server names itself by in ID tokens: `ORG_URL`, `CUSTOM_URL` or
    /// `DYNAMIC`.
    pub(crate) fn issuer_mode(&self) -> &str {
        let mode = self.settings.other.get("issuer_mode");
        mode.and_then(Value::as_str).unwrap_or("ORG_URL")
    }

    /// Whether the client may use the grant.
    pub(crate) fn has_grant_type(&self, wanted: &str) -> bool {
        let mut grant_types = self.settings.grant_types.iter();
        grant_types.any(|grant_type| grant_type == wanted)
    }

    /// What `settings.oauthClient.refresh_token` says; pages rotate unless it says otherwise.
    pub(crate) fn rotation(&self) -> Rotation {
        let said = self.settings.other.get("refresh_token");
        let kind = said.and_then(|said| said.get("rotation_type")?.as_str());
        let leeway = said.and_then(|said| said.get("leeway")?.as_i64());
        let is_page = self.settings.application_type == "browser";
        match kind {
            Some("STATIC") => Rotation::Static,
            None if !is_page => Rotation::Static,
            _ => Rotation::Rotate {
                leeway_seconds: leeway.unwrap_or(DEFAULT_LEEWAY_SECONDS),
            },
        }
    }

    /// Whether the client may authenticate by this secret.
    pub(crate) fn has_secret(&self, value: &str) -> bool {
        let mut secrets = self.secrets.values();
        secrets.any(|secret| secret.status == Status::Active && secret.value == value)
    }
}

/// A secret of a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClientSecret {
    /// `ocs…`
    pub(crate) id: String,
    pub(crate) value: String,
    /// `secret_hash`: how Okta computes it is not on record, so it only tells secrets apart.
    pub(crate) hash: String,
    pub(crate) status: Status,
    pub(crate) stamps: Stamps,
}

/// `credentials.oauthClient`, without id and secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OAuthClientCredentials {
    #[serde(rename = "autoKeyRotation")]
    pub(crate) auto_key_rotation: bool,
    /// `client_secret_basic`, `client_secret_post`, `none`, …
    pub(crate) token_endpoint_auth_method: String,
    pub(crate) pkce_required: bool,
}

/// `settings.oauthClient`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OAuthClientSettings {
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// `code`, `token`, `id_token`.
    #[serde(default)]
    pub(crate) response_types: Vec<String>,
    /// `authorization_code`, `implicit`, …
    #[serde(default)]
    pub(crate) grant_types: Vec<String>,
    /// `web`, `browser`, `native` or `service`; it cannot be changed later.
    pub(crate) application_type: String,
    /// `TRUSTED` or `REQUIRED`.
    #[serde(default = "trusted")]
    pub(crate) consent_method: String,
    /// `client_uri`, `issuer_mode`, `wildcard_redirect`, `dpop_bound_access_tokens`, `network`
    /// and the rest, as sent.
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

fn trusted() -> String {
    "TRUSTED".to_owned()
}

/// A group assigned to an application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GroupAssignment {
    pub(crate) priority: u32,
    pub(crate) last_updated: jiff::Timestamp,
    pub(crate) profile: Value,
}

/// A user assigned to an application directly.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AppUser {
    pub(crate) stamps: Stamps,
    /// `credentials.userName`: the `appuser.userName` of Okta's expressions.
    pub(crate) user_name: String,
    pub(crate) profile: Value,
}

/// A Trusted Origin: governs CORS and redirects after signing out, never `redirect_uri`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrustedOrigin {
    /// `tos…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) origin: String,
    pub(crate) scopes: Vec<TrustedOriginScope>,
    pub(crate) status: Status,
    pub(crate) stamps: Stamps,
}

/// What an origin is trusted with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrustedOriginScope {
    /// `CORS`, `REDIRECT` or `IFRAME_EMBED`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}
