//! What the Management API answers: the fields that decide who gets what, and the rest as found.

mod application;
mod claim;

pub use application::{
    Accessibility, ApplicationCredentials, ApplicationSettings, FoundApplication,
    OAuthClientCredentials, OAuthClientSettings, UserNameTemplate,
};

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::status::Status;
use super::told::Told;

/// Okta leaves a field out, or says null, where nothing is set.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The same for an object: an array is none, whatever it holds, and would be read by its places.
fn object_or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    let found: Option<Map<String, Value>> = Option::deserialize(deserializer)?;
    let found = found.map(|found| T::deserialize(Value::Object(found)));
    Ok(found
        .transpose()
        .map_err(Error::custom)?
        .unwrap_or_default())
}

/// Whether an object takes part, as it is written.
pub const ACTIVE: &str = "ACTIVE";
/// The type of groups that Okta made.
pub const BUILT_IN: &str = "BUILT_IN";
/// What a policy names instead of clients when it speaks of all.
pub const ALL_CLIENTS: &str = "ALL_CLIENTS";
/// What a rule names instead of groups when it speaks of everybody.
pub const EVERY_GROUP: &str = "EVERYONE";
/// What a rule names instead of scopes when it covers all.
pub const EVERY_SCOPE: &str = "*";

/// `GET /.well-known/okta-organization`, which needs no token.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundOrganization {
    /// The id of the org, `00o…`: the `idp` claim of its own users.
    pub id: String,
    /// `idx` on Identity Engine, `v1` on Classic Engine.
    #[serde(default)]
    pub pipeline: Option<String>,
}

/// A group.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundGroup {
    /// `00g…`
    pub id: String,
    /// `OKTA_GROUP`, `APP_GROUP` or `BUILT_IN`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// Name and description.
    pub profile: GroupProfile,
}

/// `profile` of a group.
#[derive(Debug, Clone, Deserialize)]
pub struct GroupProfile {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundUser {
    /// `00u…`: the `uid` of access tokens and the `sub` of ID tokens.
    pub id: String,
    /// Who can sign in: [`Words::USER`](super::status::Words::USER).
    #[serde(default)]
    pub status: Status,
    /// Login and the rest.
    pub profile: UserProfile,
}

/// `profile` of a user.
#[derive(Debug, Clone, Deserialize)]
pub struct UserProfile {
    /// What the user signs in with.
    pub login: String,
    /// Every other attribute, by its variable name.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An authorization server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundServer {
    /// `aus…` or `default`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// The `aud` of its access tokens, one value.
    pub audiences: Vec<String>,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`.
    #[serde(default)]
    pub issuer_mode: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// Everything else, `credentials.signing.rotationMode` and encryption among it.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A scope of an authorization server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundScope {
    /// `scp…`
    pub id: String,
    /// The name, byte for byte.
    pub name: String,
    /// Whether Okta made it.
    #[serde(default, deserialize_with = "or_default")]
    pub system: bool,
    /// `IMPLICIT`, `REQUIRED` or `FLEXIBLE`.
    #[serde(default)]
    pub consent: Option<String>,
    /// `NO_CLIENTS` or `ALL_CLIENTS`: whether discovery names it.
    #[serde(default)]
    pub metadata_publish: Option<String>,
    /// Whether it is given when no scope is asked for.
    #[serde(default)]
    pub default: Told<bool>,
    /// Whether a user may decline it.
    #[serde(default)]
    pub optional: Told<bool>,
}

/// A claim of an authorization server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundClaim {
    /// `ocl…`
    pub id: String,
    /// The name.
    pub name: String,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// `RESOURCE` for access tokens, `IDENTITY` for ID tokens; blank where the org does not say.
    #[serde(default, deserialize_with = "or_default")]
    pub claim_type: String,
    /// The expression, or the filter of groups.
    #[serde(default)]
    pub value: Option<String>,
    /// `EXPRESSION`, `GROUPS` or `SYSTEM`.
    #[serde(default)]
    pub value_type: Option<String>,
    /// The scopes with which it comes.
    #[serde(default, deserialize_with = "object_or_default")]
    pub conditions: ClaimConditions,
    /// Whether Okta made it.
    #[serde(default, deserialize_with = "or_default")]
    pub system: bool,
    /// Whether an ID token has it that comes with an access token or by a code.
    #[serde(default)]
    pub always_include_in_token: Option<bool>,
    /// `STARTS_WITH`, `EQUALS`, `CONTAINS` or `REGEX`, of a claim of groups.
    #[serde(rename = "group_filter_type", default)]
    pub group_filter_type: Option<String>,
}

/// `conditions` of a claim.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ClaimConditions {
    /// The names of scopes; none: with any.
    #[serde(default, deserialize_with = "or_default")]
    pub scopes: Vec<String>,
}

/// An access policy of an authorization server.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundPolicy {
    /// `00p…`
    pub id: String,
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// 1 is asked first.
    #[serde(default, deserialize_with = "or_default")]
    pub priority: u32,
    /// The clients that it speaks of.
    #[serde(default, deserialize_with = "object_or_default")]
    pub conditions: PolicyConditions,
    /// What kind of policy it is, where it says.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
}

/// `conditions` of a policy.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PolicyConditions {
    /// Client ids, or `ALL_CLIENTS`.
    #[serde(default)]
    pub clients: Told<Include>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A rule of an access policy.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundRule {
    /// `0pr…`
    pub id: String,
    /// The name.
    pub name: String,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// 1 is asked first.
    #[serde(default, deserialize_with = "or_default")]
    pub priority: u32,
    /// When it matches.
    #[serde(default, deserialize_with = "object_or_default")]
    pub conditions: RuleConditions,
    /// What it does.
    #[serde(default, deserialize_with = "object_or_default")]
    pub actions: RuleActions,
    /// What kind of rule it is, where it says.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
}

impl FoundRule {
    /// The conditions that decide who gets what and that the org does not name, as Okta's API calls
    /// them.
    #[must_use]
    pub fn untold(&self) -> Vec<&'static str> {
        let conditions = &self.conditions;
        let people = &conditions.people;
        // A rule for users alone need name no groups.
        let of_users = people.groups.is_told() && !people.users.include.is_empty();
        let named = [
            (
                "conditions.people.groups",
                of_users || people.groups.names(),
            ),
            ("conditions.grantTypes", conditions.grant_types.names()),
            ("conditions.scopes", conditions.scopes.names()),
        ];
        let untold = named.into_iter().filter(|(_, is_told)| !is_told);
        untold.map(|(name, _)| name).collect()
    }
}

/// `conditions` of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RuleConditions {
    /// The users and groups.
    #[serde(default, deserialize_with = "object_or_default")]
    pub people: People,
    /// Grant types.
    #[serde(rename = "grantTypes", default)]
    pub grant_types: Told<Include>,
    /// Scope names, or `*`.
    #[serde(default)]
    pub scopes: Told<Include>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// `conditions.people` of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct People {
    /// User ids.
    #[serde(default, deserialize_with = "or_default")]
    pub users: Include,
    /// Group ids, or `EVERYONE`.
    #[serde(default)]
    pub groups: Told<Include>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A condition's two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Include {
    /// What it matches.
    #[serde(default)]
    pub include: Told<Vec<String>>,
    /// What it does not match, although included.
    #[serde(default, deserialize_with = "or_default")]
    pub exclude: Vec<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Told<Include> {
    /// Whether the org names what is matched, be it nothing.
    #[must_use]
    pub fn names(&self) -> bool {
        self.is_told() && self.include.is_told()
    }
}

/// `actions` of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RuleActions {
    /// Token lifetimes.
    #[serde(default, deserialize_with = "object_or_default")]
    pub token: TokenActions,
}

/// `actions.token` of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenActions {
    /// How long access tokens live, in minutes.
    #[serde(default, deserialize_with = "or_default")]
    pub access_token_lifetime_minutes: u32,
    /// A hook that may change the claims of the tokens.
    #[serde(default)]
    pub inline_hook: Option<InlineHook>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// `actions.token.inlineHook` of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct InlineHook {
    /// The id of the hook; none where no hook is called.
    #[serde(default)]
    pub id: Option<String>,
}

/// A policy with its rules.
#[derive(Debug, Clone)]
pub struct FoundPolicyRules {
    /// The policy.
    pub policy: FoundPolicy,
    /// Its rules, active or not.
    pub rules: Vec<FoundRule>,
}

/// A user's assignment to an application.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundAssignment {
    /// The user's id.
    pub id: String,
    /// `USER` when assigned directly, `GROUP` when through a group.
    #[serde(default, deserialize_with = "or_default")]
    pub scope: String,
    /// Who may use the application: [`Words::ASSIGNMENT`](super::status::Words::ASSIGNMENT).
    #[serde(default)]
    pub status: Status,
    /// What the user is called in the application.
    #[serde(default)]
    pub credentials: Option<AssignmentCredentials>,
}

/// `credentials` of an assignment; a password is never kept here.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AssignmentCredentials {
    /// `appuser.userName` of Okta's expressions: the `sub` of access tokens by default.
    #[serde(rename = "userName", default)]
    pub user_name: Option<String>,
}

/// A Trusted Origin.
#[derive(Debug, Clone, Deserialize)]
pub struct FoundTrustedOrigin {
    /// `tos…`
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Scheme, host and port.
    pub origin: String,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: Status,
    /// What it is trusted with.
    #[serde(default, deserialize_with = "or_default")]
    pub scopes: Vec<OriginScope>,
}

/// What an origin is trusted with.
#[derive(Debug, Clone, Deserialize)]
pub struct OriginScope {
    /// `CORS`, `REDIRECT` or `IFRAME_EMBED`.
    #[serde(rename = "type")]
    pub kind: String,
}
