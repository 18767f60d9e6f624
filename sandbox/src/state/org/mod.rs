//! The objects of an org: what the Management API changes and the authorization servers read.

mod application;
mod directory;
mod id;
mod passkey;
mod server;
mod sign_in;

pub(crate) use application::{
    AppUser, Application, ClientSecret, GroupAssignment, OAuthClientCredentials,
    OAuthClientSettings, Rotation, TrustedOrigin, TrustedOriginScope,
};
pub(crate) use directory::{Group, GroupKind, GroupRule, User, UserStatus};
pub(crate) use id::{new_id, random_token};
pub(crate) use passkey::Passkey;
pub(crate) use server::{
    AuthorizationServer, Claim, Clients, KeyStatus, Policy, Rule, RuleActions, RuleConditions,
    Scope, ServerKey, TokenLifetimes,
};
pub(crate) use sign_in::{SignInPolicy, SignInRule};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::options::DefaultSignInPolicy;

/// Objects by id, in the order of their creation.
pub(crate) type Table<T> = IndexMap<String, T>;

/// Whether an object takes part: `ACTIVE` or `INACTIVE` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    /// It takes part.
    #[default]
    Active,
    /// It is kept, and has no effect.
    Inactive,
}

/// When an object was made and last changed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stamps {
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it was last changed.
    pub(crate) last_updated: Timestamp,
}

impl Stamps {
    /// Of an object made now.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            created: now,
            last_updated: now,
        }
    }

    /// Notes a change.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.last_updated = now;
    }
}

/// Everything an org holds that the Management API can change.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Org {
    /// The id of the org, `00o…`: the `idp` claim of ID tokens of its own users.
    pub(crate) id: String,
    /// Groups by id; the built-in `Everyone` is one of them.
    pub(crate) groups: Table<Group>,
    /// Group rules by id.
    pub(crate) group_rules: Table<GroupRule>,
    /// Users by id.
    pub(crate) users: Table<User>,
    /// Custom authorization servers by id.
    pub(crate) servers: Table<AuthorizationServer>,
    /// The org's own authorization server, which has no id; its keys are made when they are needed.
    pub(crate) own_server: AuthorizationServer,
    /// Applications by id, which is their client id too.
    pub(crate) applications: Table<Application>,
    /// Trusted Origins by id.
    pub(crate) trusted_origins: Table<TrustedOrigin>,
    /// App sign-in policies by id, the default one first; none on Classic Engine.
    pub(crate) sign_in_policies: Table<SignInPolicy>,
}

impl Org {
    /// A new org: nobody in it, and the group that everybody will be in.
    pub(crate) fn new(now: Timestamp, url: &str) -> Self {
        let description = Some("All users in your organization".to_owned());
        let everyone = Group::new(GroupKind::BuiltIn, "Everyone".to_owned(), description, now);
        Self {
            id: new_id("00o"),
            groups: Table::from([(everyone.id.clone(), everyone)]),
            group_rules: Table::new(),
            users: Table::new(),
            servers: Table::new(),
            own_server: AuthorizationServer::of_org(url, Stamps::new(now)),
            applications: Table::new(),
            trusted_origins: Table::new(),
            sign_in_policies: Table::new(),
        }
    }

    /// The authorization server with this id; without one it is the org's own.
    pub(crate) fn server(&self, id: &str) -> Option<&AuthorizationServer> {
        match id {
            "" => Some(&self.own_server),
            _ => self.servers.get(id),
        }
    }

    /// The same, to be changed.
    pub(crate) fn server_mut(&mut self, id: &str) -> Option<&mut AuthorizationServer> {
        match id {
            "" => Some(&mut self.own_server),
            _ => self.servers.get_mut(id),
        }
    }

    /// Puts the org on Identity Engine, with a default app sign-in policy that asks for this.
    pub(crate) fn on_identity_engine(mut self, asks: DefaultSignInPolicy) -> Self {
        let id = self.related_id("rst");
        let everyone = self.everyone().and_then(|id| self.groups.get(id));
        if let Some(stamps) = everyone.map(|group| group.stamps) {
            let policy = SignInPolicy::of_org(id.clone(), asks, stamps);
            self.sign_in_policies.insert(id, policy);
        }
        self
    }

    /// The app sign-in policy of an application; none on Classic Engine.
    pub(crate) fn sign_in_policy(&self, application: &Application) -> Option<&SignInPolicy> {
        match &application.sign_in_policy {
            Some(id) => self.sign_in_policies.get(id),
            None => self.sign_in_policies.values().find(|policy| policy.system),
        }
    }

    /// An id of something that every org has one of, like its `oty…`: the type of its users.
    pub(crate) fn related_id(&self, prefix: &str) -> String {
        let tail = self.id.get(3..).unwrap_or_default();
        format!("{prefix}{tail}")
    }

    /// The id of whom the API token belongs to, who is not among the users.
    pub(crate) fn administrator_id(&self) -> String {
        self.related_id("00u")
    }

    /// The id of the built-in group that every user is in.
    pub(crate) fn everyone(&self) -> Option<&str> {
        let built_in = |group: &&Group| group.kind == GroupKind::BuiltIn;
        self.groups
            .values()
            .find(built_in)
            .map(|group| group.id.as_str())
    }

    /// Whether the user is in the group; everyone is in `Everyone`.
    pub(crate) fn is_member(&self, user: &str, group: &str) -> bool {
        self.groups
            .get(group)
            .is_some_and(|group| group.holds(user))
    }

    /// Whether the application is the user's: by an assignment, or because it needs none.
    ///
    /// Okta's help, "Manage Federation Broker Mode": "without the need to pre-assign apps to
    /// specific users"; by the API it is `settings.implicitAssignment`.
    pub(crate) fn may_use(&self, user: &str, application: &Application) -> bool {
        let settings = application.other.get("settings");
        let implicit = settings.and_then(|settings| settings.get("implicitAssignment"));
        implicit.is_some_and(|implicit| implicit == true) || self.is_assigned(user, application)
    }

    /// Whether the user is assigned to the application, directly or through a group.
    pub(crate) fn is_assigned(&self, user: &str, application: &Application) -> bool {
        application.users.contains_key(user)
            || application
                .groups
                .keys()
                .any(|group| self.is_member(user, group))
    }

    /// The user with this login, or with this short name before the `@`.
    pub(crate) fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users
            .values()
            .find(|user| user.login().eq_ignore_ascii_case(login))
    }
}
