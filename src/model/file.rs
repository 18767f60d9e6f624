//! The model file, as it is written.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::worked_out::Kept;
use super::{
    Accepted, Claim, Endpoint, Json, Probes, Provider, RedirectUri, RefreshToken, Service,
};

/// The wanted org.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrgModel {
    /// What a run calls the model.
    pub title: String,
    /// Whose authorization server it is: of another provider than Okta, what only Okta's tokens
    /// have is worth knowing and no more.
    #[serde(default)]
    pub provider: Provider,
    /// The endpoints of the resource server, and who may use them.
    #[serde(rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
    /// Step 1; none, where being assigned to the client is all that counts.
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
    /// Step 2: the test users, known by name; their passwords come from the environment.
    #[serde(rename = "user")]
    pub users: Vec<TestUser>,
    /// Step 3a.
    pub authorization_server: AuthorizationServer,
    /// Step 3b.
    #[serde(rename = "scope")]
    pub scopes: Vec<Scope>,
    /// Step 3a: what tokens say beyond Okta's own claims.
    #[serde(rename = "claim", default)]
    pub claims: Vec<Claim>,
    /// Step 3c.
    pub policy: Policy,
    /// Step 4.
    pub client: Client,
    /// Clients that get tokens for themselves, known by name; their credentials come from the
    /// environment.
    #[serde(rename = "service", default)]
    pub services: Vec<Service>,
    /// Step 4b.
    #[serde(rename = "trusted_origin", default)]
    pub trusted_origins: Vec<TrustedOrigin>,
    /// What is there and meant: findings that are no failure.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// Tokens that the org is made to sign and that the API must refuse.
    #[serde(default)]
    pub probes: Probes,
    /// The SHA-256 of the file's text and of the files that it names, in hexadecimal.
    #[serde(skip)]
    pub sha256: String,
    /// What follows from all this, worked out once. Nothing that it follows from changes after the
    /// file was read.
    #[serde(skip)]
    pub(super) kept: Kept,
}

/// A group of step 1.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `profile.name`.
    pub name: String,
    /// `profile.description`.
    #[serde(default)]
    pub description: String,
}

/// A test user of step 2.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TestUser {
    /// The NAME in `TEST_USER_<NAME>_USERNAME`: capital letters, digits and `_`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: Spanned<String>,
    /// The groups that the user is in, beside `Everyone`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub groups: Vec<Spanned<String>>,
    /// Whether the client is assigned to the user directly.
    #[serde(default)]
    pub assigned_directly: bool,
    /// Attributes of the user's profile by their variable names, for claims: `provision` makes the
    /// user with them. An attribute that is not here is read from the org.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, super::schema::Attribute>"))]
    pub profile: BTreeMap<String, Json>,
}

/// The custom authorization server of step 3a.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuthorizationServer {
    /// What `provision` calls it.
    pub name: String,
    /// What `provision` describes it as.
    #[serde(default)]
    pub description: String,
    /// The `aud` of its access tokens.
    pub audience: String,
    /// How a request says which API its token is for, at a provider that wants to hear it; none:
    /// the authorization server has one audience, as Okta's have.
    #[cfg_attr(test, schemars(with = "Option<AudienceParameter>"))]
    pub audience_parameter: Option<Spanned<AudienceParameter>>,
}

/// The parameter that names the API which a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AudienceParameter {
    /// `resource` (RFC 8707).
    Resource,
    /// `audience`, as some providers had it before there was a norm.
    Audience,
}

impl AuthorizationServer {
    /// What a request says of the API that its token is for: a parameter and its value.
    #[must_use]
    pub fn asked_audience(&self) -> Option<(&'static str, &str)> {
        let parameter = match self.audience_parameter.as_ref()?.get_ref() {
            AudienceParameter::Resource => "resource",
            AudienceParameter::Audience => "audience",
        };
        Some((parameter, &self.audience))
    }
}

/// A custom scope of step 3b.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The name, byte for byte.
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: Spanned<String>,
    /// What `provision` describes it as.
    #[serde(default)]
    pub description: String,
    /// Whether a client that asks for no scope at all is given it.
    #[serde(default)]
    pub default: bool,
    /// What trials and tables call it; of the model, since it depends on the other scopes.
    #[serde(skip)]
    pub(super) short: String,
}

/// The access policy of step 3c.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What `provision` calls it.
    pub name: String,
    /// What `provision` describes it as.
    #[serde(default)]
    pub description: String,
    /// Whether it applies to all clients, not to the one of step 4 alone.
    #[serde(default)]
    pub all_clients: bool,
    /// The rules; the first that matches wins.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// A rule of the access policy.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What `provision` calls it.
    pub name: String,
    /// The groups whose members it matches.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub groups: Vec<Spanned<String>>,
    /// The scopes that it covers; it matches only a request that asks for no other.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub scopes: Vec<Spanned<String>>,
    /// The grant types that it matches.
    #[cfg_attr(test, schemars(with = "BTreeSet<super::schema::GrantType>"))]
    pub grant_types: BTreeSet<String>,
    /// How long access tokens live, in minutes: 5 to 1440.
    #[cfg_attr(test, schemars(with = "u32", range(min = 5, max = 1440)))]
    pub access_token_lifetime_minutes: Spanned<u32>,
}

/// The OpenID Connect client of step 4.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// What `provision` calls it.
    pub label: String,
    /// `web`, as in the document; `browser` and `native` for public clients.
    pub application_type: ApplicationType,
    /// The grant types that it may use.
    #[cfg_attr(test, schemars(with = "BTreeSet<super::schema::ClientGrantType>"))]
    pub grant_types: BTreeSet<String>,
    /// `code`, `token`, `id_token`: the last two are the document's two implicit boxes.
    #[cfg_attr(test, schemars(with = "BTreeSet<super::schema::ResponseType>"))]
    pub response_types: BTreeSet<String>,
    /// How the client authenticates at the token endpoint.
    pub token_endpoint_auth_method: ClientAuthentication,
    /// Whether the client must use PKCE; absent: as Okta has it for new clients of the type.
    #[serde(default)]
    pub pkce_required: Option<bool>,
    /// How its refresh tokens behave; absent: as Okta has it for new clients of the type.
    #[serde(default)]
    pub refresh_token: Option<RefreshToken>,
    /// The login redirect URI, byte for byte.
    #[cfg_attr(test, schemars(with = "String"))]
    pub redirect_uri: RedirectUri,
    /// The groups that the client is assigned to.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub assigned_groups: Vec<Spanned<String>>,
    /// Whether users are asked to allow what the client wants, and do; the document's client is
    /// trusted.
    #[serde(default)]
    pub asks_for_consent: bool,
    /// What the org's own pages say to a user who is not assigned, where the words are not Okta's:
    /// a part of it is enough.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub not_assigned: Vec<Spanned<String>>,
    /// What the org says beside `access_denied` where its access policy denies, where the words are
    /// not Okta's: a part of it is enough.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub denied: Vec<Spanned<String>>,
    /// Whether `provision` sees to it that users sign in by a password alone. It is asked for on
    /// the command line and not in the file: it is of the test users, and nothing is judged by it.
    #[serde(skip)]
    pub password_only_sign_in: bool,
}

/// Okta's `application_type`, which cannot be changed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// A web application: it can keep a secret.
    Web,
    /// A single-page application.
    Browser,
    /// A mobile or desktop application.
    Native,
}

/// Okta's `token_endpoint_auth_method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// A public client: PKCE alone protects its codes.
    None,
    /// The secret, by HTTP Basic.
    ClientSecretBasic,
    /// The secret, in the form.
    ClientSecretPost,
    /// An assertion that the secret signs.
    ClientSecretJwt,
    /// An assertion that a private key signs.
    PrivateKeyJwt,
}

/// A Trusted Origin of step 4b.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrustedOrigin {
    /// What `provision` calls it.
    pub name: String,
    /// Scheme, host and port.
    pub origin: String,
}

impl Scope {
    /// The name, byte for byte.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// The last part of the name, or as many of the last parts as tell it from every other scope of
    /// the model: `silver` for `http://myapp.com/scp/silver`, `orders:read` beside `invoices:read`.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.short
    }
}

impl TestUser {
    /// The NAME of the user.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// The names of the groups that the user is in.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        names(&self.groups)
    }
}

impl Rule {
    /// The names of the groups whose members the rule matches.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        names(&self.groups)
    }

    /// The names of the scopes that the rule covers.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        names(&self.scopes)
    }
}

impl ApplicationType {
    /// Okta's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Browser => "browser",
            Self::Native => "native",
        }
    }
}

impl ClientAuthentication {
    /// Okta's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Whether the client has a secret.
    #[must_use]
    pub fn has_secret(self) -> bool {
        !matches!(self, Self::None | Self::PrivateKeyJwt)
    }

    /// Whether the client signs an assertion, for which the suite has no key.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(self, Self::ClientSecretJwt | Self::PrivateKeyJwt)
    }
}

impl Client {
    /// Whether nothing but PKCE protects the client's codes.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == ClientAuthentication::None
    }

    /// Whether the client must use PKCE: as the model says, else as Okta has it for new clients.
    #[must_use]
    pub fn requires_pkce(&self) -> bool {
        let by_default = self.application_type != ApplicationType::Web || self.is_public();
        self.pkce_required.unwrap_or(by_default)
    }

    /// The names of the groups that the client is assigned to.
    pub fn assigned_group_names(&self) -> impl Iterator<Item = &str> {
        names(&self.assigned_groups)
    }
}

fn names(list: &[Spanned<String>]) -> impl Iterator<Item = &str> {
    list.iter().map(|name| name.get_ref().as_str())
}
