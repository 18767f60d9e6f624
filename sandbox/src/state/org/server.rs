//! Authorization servers: scopes, claims, policies, rules and keys.

use std::sync::Arc;

use indexmap::IndexSet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Stamps, Status, Table, new_id};
use crate::keys::{SigningKey, in_pem};

/// The scopes of the org's own authorization server, as its metadata names them.
const SCOPES_OF_ORG: [&str; 7] = [
    "openid",
    "email",
    "profile",
    "address",
    "phone",
    "offline_access",
    "groups",
];

/// An authorization server: a custom one, or the org's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuthorizationServer {
    /// `aus…`, or `default`; the org's own has none.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// One effective value, the `aud` of access tokens.
    pub(crate) audiences: Vec<String>,
    /// `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`.
    pub(crate) issuer_mode: String,
    pub(crate) status: Status,
    pub(crate) stamps: Stamps,
    /// `AUTO` or `MANUAL`.
    pub(crate) rotation_mode: String,
    pub(crate) last_rotated: Timestamp,
    pub(crate) next_rotation: Option<Timestamp>,
    /// The keys, the active one among them.
    pub(crate) keys: Vec<ServerKey>,
    pub(crate) scopes: Table<Scope>,
    pub(crate) claims: Table<Claim>,
    pub(crate) policies: Table<Policy>,
    /// Whether it is the org's `default` server.
    pub(crate) is_default: bool,
    /// `accessTokenEncryptedResponseAlgorithm` and whatever else was sent and has no effect here.
    pub(crate) other: serde_json::Map<String, Value>,
}

/// What a key is used for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum KeyStatus {
    /// Signs.
    Active,
    /// Signs after the next rotation, published already.
    Next,
    /// Signed before the last rotation, still published.
    Expired,
}

/// A signing key of an authorization server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServerKey {
    pub(crate) status: KeyStatus,
    #[serde(with = "in_pem")]
    pub(crate) key: Arc<SigningKey>,
}

/// A scope.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// `scp…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) system: bool,
    /// `NO_CLIENTS` or `ALL_CLIENTS`: whether discovery names it.
    pub(crate) metadata_publish: String,
    /// `IMPLICIT`, `REQUIRED` or `FLEXIBLE`.
    pub(crate) consent: String,
    pub(crate) optional: bool,
    pub(crate) api_resource_id: Option<String>,
    /// Whether it is given when no scope is asked.
    pub(crate) default: bool,
}

/// A claim.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// `ocl…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    /// `RESOURCE` (access token) or `IDENTITY` (ID token).
    pub(crate) kind: String,
    /// `EXPRESSION`, `GROUPS` or `SYSTEM`.
    pub(crate) value_type: String,
    pub(crate) value: String,
    /// The scopes that bring it, as `{"scopes": […]}`.
    pub(crate) conditions: Value,
    pub(crate) system: bool,
    pub(crate) always_include_in_token: bool,
    pub(crate) api_resource_id: Option<String>,
    /// `EQUALS`, `STARTS_WITH`, `CONTAINS` or `REGEX`, for `GROUPS`.
    pub(crate) group_filter_type: Option<String>,
}

/// Which clients a policy speaks of: ids, or `ALL_CLIENTS`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Clients {
    #[serde(default)]
    pub(crate) include: Vec<String>,
}

/// An access policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Policy {
    /// `00p…`
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// 1 is asked first.
    pub(crate) priority: u32,
    pub(crate) system: bool,
    pub(crate) stamps: Stamps,
    pub(crate) clients: Clients,
    pub(crate) rules: Table<Rule>,
}

/// A rule of an access policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rule {
    /// `0pr…`
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) name: String,
    /// 1 is asked first.
    pub(crate) priority: u32,
    pub(crate) system: bool,
    pub(crate) stamps: Stamps,
    pub(crate) conditions: RuleConditions,
    pub(crate) actions: RuleActions,
}

/// When a rule matches: people, grant type and all requested scopes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RuleConditions {
    pub(crate) users_include: IndexSet<String>,
    pub(crate) users_exclude: IndexSet<String>,
    /// Group ids, or `EVERYONE`.
    pub(crate) groups_include: IndexSet<String>,
    pub(crate) groups_exclude: IndexSet<String>,
    /// `authorization_code`, `implicit`, …
    pub(crate) grant_types: IndexSet<String>,
    /// Scope names, or `*`.
    pub(crate) scopes: IndexSet<String>,
}

/// What a matching rule does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RuleActions {
    pub(crate) token: TokenLifetimes,
}

/// How long tokens of a rule live.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenLifetimes {
    /// 5 to 1440.
    pub(crate) access_token_lifetime_minutes: u32,
    /// 0 is unlimited.
    pub(crate) refresh_token_lifetime_minutes: u32,
    pub(crate) refresh_token_window_minutes: u32,
    /// `inlineHook` and whatever else was sent and has no effect here.
    #[serde(flatten)]
    pub(crate) other: serde_json::Map<String, Value>,
}

impl Scope {
    /// A scope that Okta made.
    fn of_okta(name: &str) -> Self {
        Self {
            id: new_id("scp"),
            name: name.to_owned(),
            display_name: None,
            description: None,
            system: true,
            metadata_publish: "ALL_CLIENTS".to_owned(),
            consent: "IMPLICIT".to_owned(),
            optional: false,
            api_resource_id: None,
            default: false,
        }
    }
}

impl ServerKey {
    /// The keys of a new authorization server: one that signs and one that will.
    pub(crate) fn pair(active: Arc<SigningKey>, next: Arc<SigningKey>) -> Vec<Self> {
        let of = |status, key| Self { status, key };
        vec![of(KeyStatus::Active, active), of(KeyStatus::Next, next)]
    }
}

impl AuthorizationServer {
    /// The org's own: no policies, no scopes but Okta's, tokens for Okta itself.
    pub(crate) fn of_org(url: &str, stamps: Stamps) -> Self {
        let scopes = SCOPES_OF_ORG.map(Scope::of_okta);
        Self {
            id: String::new(),
            name: String::new(),
            description: None,
            audiences: vec![url.to_owned()],
            issuer_mode: "DYNAMIC".to_owned(),
            status: Status::Active,
            stamps,
            rotation_mode: "AUTO".to_owned(),
            last_rotated: stamps.created,
            next_rotation: None,
            keys: Vec::new(),
            scopes: scopes
                .into_iter()
                .map(|scope| (scope.id.clone(), scope))
                .collect(),
            claims: Table::new(),
            policies: Table::new(),
            is_default: false,
            other: serde_json::Map::new(),
        }
    }

    /// Whether it is the org's own, whose policies nobody asks.
    pub(crate) fn is_of_org(&self) -> bool {
        self.id.is_empty()
    }

    /// The key it signs with.
    pub(crate) fn active_key(&self) -> Option<&Arc<SigningKey>> {
        let mut keys = self.keys.iter();
        let active = keys.find(|key| key.status == KeyStatus::Active);
        active.map(|key| &key.key)
    }

    /// Promotes the next key at once: it signs, the one before it expires, `fresh` will be next.
    pub(crate) fn rotate(&mut self, fresh: Arc<SigningKey>) {
        self.keys.retain(|key| key.status != KeyStatus::Expired);
        for key in &mut self.keys {
            key.status = match key.status {
                KeyStatus::Next => KeyStatus::Active,
                KeyStatus::Active | KeyStatus::Expired => KeyStatus::Expired,
            };
        }
        self.keys.push(ServerKey {
            status: KeyStatus::Next,
            key: fresh,
        });
    }

    /// The scopes given when none is asked for.
    pub(crate) fn default_scopes(&self) -> Vec<String> {
        let scopes = self.scopes.values().filter(|scope| scope.default);
        scopes.map(|scope| scope.name.clone()).collect()
    }

    /// Whether it has all of the scopes.
    pub(crate) fn has_scopes(&self, names: &[String]) -> bool {
        let is_known = |name: &String| self.scopes.values().any(|scope| scope.name == *name);
        names.iter().all(is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyRing;
    use crate::testing::server;

    fn kids(server: &AuthorizationServer, status: KeyStatus) -> Vec<&str> {
        let keys = server.keys.iter().filter(|key| key.status == status);
        keys.map(|key| key.key.kid.as_str()).collect()
    }

    #[tokio::test]
    async fn rotation_promotes_the_next_key_and_keeps_the_old_one_published() {
        let ring = KeyRing::default();
        let mut server = server("aus");
        let (active, next) = (ring.take().await.unwrap(), ring.take().await.unwrap());
        server.keys = ServerKey::pair(active, next);
        let before = server.keys.clone();
        let fresh = ring.take().await.unwrap();
        server.rotate(Arc::clone(&fresh));
        assert_eq!(
            kids(&server, KeyStatus::Expired),
            [before[0].key.kid.as_str()]
        );
        assert_eq!(
            kids(&server, KeyStatus::Active),
            [before[1].key.kid.as_str()]
        );
        assert_eq!(kids(&server, KeyStatus::Next), [fresh.kid.as_str()]);
        assert_eq!(server.active_key().unwrap().kid, before[1].key.kid);
        server.rotate(ring.take().await.unwrap());
        assert_eq!(server.keys.len(), 3, "the oldest is gone");
    }
}
