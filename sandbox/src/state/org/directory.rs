//! Groups and users.

use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Passkey, Stamps, Status, Table, new_id};

/// Who made a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum GroupKind {
    /// An administrator.
    OktaGroup,
    /// Okta itself: `Everyone`.
    BuiltIn,
    /// A directory that Okta imports from, which alone changes it.
    AppGroup,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// `00g…`
    pub(crate) id: String,
    /// Made and changed.
    pub(crate) stamps: Stamps,
    /// When somebody last joined or left.
    pub(crate) last_membership_updated: Timestamp,
    /// Who made it.
    pub(crate) kind: GroupKind,
    /// `profile.name`
    pub(crate) name: String,
    /// `profile.description`
    pub(crate) description: Option<String>,
    /// The ids of the users in it; `Everyone` keeps none and holds all.
    pub(crate) members: IndexSet<String>,
    /// The ids of the users that a group rule has put in it, with the id of the rule.
    pub(crate) by_rule: IndexMap<String, String>,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(
        kind: GroupKind,
        name: String,
        description: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: new_id("00g"),
            stamps: Stamps::new(now),
            last_membership_updated: now,
            kind,
            name,
            description,
            members: IndexSet::new(),
            by_rule: IndexMap::new(),
        }
    }

    /// Whether the user is in it.
    pub(crate) fn holds(&self, user: &str) -> bool {
        self.kind == GroupKind::BuiltIn
            || self.members.contains(user)
            || self.by_rule.contains_key(user)
    }
}

/// A rule that puts users into groups by what their profile says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GroupRule {
    /// `0pr…`
    pub(crate) id: String,
    /// Made and changed.
    pub(crate) stamps: Stamps,
    /// A new one is inactive.
    pub(crate) status: Status,
    pub(crate) name: String,
    /// An expression of Okta's language.
    pub(crate) expression: String,
    /// The users it leaves alone.
    pub(crate) users_exclude: IndexSet<String>,
    /// The groups whose users it leaves alone.
    pub(crate) groups_exclude: IndexSet<String>,
    /// Where it puts users.
    pub(crate) group_ids: IndexSet<String>,
}

/// The stations of a user's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UserStatus {
    /// Made with `activate=false`.
    Staged,
    /// Activated without a password.
    Provisioned,
    /// Can sign in.
    Active,
    /// The password was reset and not set again.
    Recovery,
    /// Too many wrong passwords.
    LockedOut,
    /// Must set a new password before signing in.
    PasswordExpired,
    /// Suspended by an administrator.
    Suspended,
    /// Deactivated.
    Deprovisioned,
}

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// `00u…`
    pub(crate) id: String,
    /// Where in their life the user stands.
    pub(crate) status: UserStatus,
    /// Made and changed.
    pub(crate) stamps: Stamps,
    /// When the user was activated.
    pub(crate) activated: Option<Timestamp>,
    /// When the status last changed.
    pub(crate) status_changed: Option<Timestamp>,
    /// When the user last signed in.
    pub(crate) last_login: Option<Timestamp>,
    /// When the password was last set.
    pub(crate) password_changed: Option<Timestamp>,
    /// `profile`, as sent: `login`, `email`, `firstName`, `lastName` and whatever else.
    pub(crate) profile: Map<String, Value>,
    /// The password in clear: this org lives for a test and knows nobody.
    pub(crate) password: Option<String>,
    /// Wrong passwords since the last right one.
    pub(crate) failed_attempts: u32,
    /// By the ids of their factors.
    #[serde(default)]
    pub(crate) passkeys: Table<Passkey>,
}

impl User {
    /// The name the user signs in with, and the `sub` of their access tokens.
    pub(crate) fn login(&self) -> &str {
        self.text("login")
    }

    /// A text of the profile, empty when it is not there.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.profile
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}
