//! What provisioning makes: objects and links between them, as the document names them.

use serde::{Deserialize, Serialize};

use super::probes;
use crate::model::{ClaimToken, OrgModel};

/// An object of the org, or a link between two, by its name in the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// Step 1: a group.
    Group {
        /// Its name.
        name: String,
    },
    /// Step 2: a test user.
    User {
        /// Its NAME.
        name: String,
    },
    /// Step 2: a test user in a group.
    Membership {
        /// The NAME of the user.
        user: String,
        /// The name of the group.
        group: String,
    },
    /// Step 2: the password of a test user, set anew.
    Password {
        /// The NAME of the user.
        user: String,
    },
    /// Step 3a: the authorization server.
    Server,
    /// Step 3b: a scope.
    Scope {
        /// Its name.
        name: String,
    },
    /// Step 3a: a claim.
    Claim {
        /// Its name.
        name: String,
        /// Okta's `claimType`: of access tokens or ID tokens.
        claim_type: String,
    },
    /// Step 4a: the client.
    Client,
    /// Step 4a: the secret of the client, read or made anew.
    ClientSecret,
    /// Step 4a: the client's own app sign-in policy.
    SignInPolicy,
    /// Step 4a: the rule of that policy.
    SignInRule,
    /// Step 4a: the app sign-in policy that the client has.
    SignInPolicyAssignment,
    /// Step 3c: the access policy.
    Policy,
    /// Step 3c: a rule of the access policy.
    Rule {
        /// Its name.
        name: String,
    },
    /// Step 4a: a service client.
    Service {
        /// Its NAME.
        name: String,
    },
    /// Step 3c: the access policy of a service client.
    ServicePolicy {
        /// The NAME of the service.
        name: String,
    },
    /// Step 3c: the rule of that policy.
    ServiceRule {
        /// The NAME of the service.
        name: String,
    },
    /// Step 3a: another authorization server, for probes.
    ProbesServer {
        /// Its name.
        server: String,
    },
    /// Step 3b: a scope of such a server.
    ProbesScope {
        /// The name of the server.
        server: String,
        /// Its name.
        name: String,
    },
    /// Step 3c: the access policy of the probes.
    ProbesPolicy {
        /// The name of the server that it is on; none: the model's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<String>,
    },
    /// Step 3c: a rule of that policy.
    ProbesRule {
        /// The name of the server that it is on; none: the model's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<String>,
        /// Its name.
        name: String,
    },
    /// Step 4b: a Trusted Origin.
    Origin {
        /// Scheme, host and port.
        origin: String,
    },
    /// Step 4c: the client's assignment to a group.
    GroupAssignment {
        /// The name of the group.
        group: String,
    },
    /// Step 4c: the client's assignment to a test user.
    UserAssignment {
        /// The NAME of the user.
        user: String,
    },
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group { name } => write!(formatter, "step 1 group {name}"),
            Self::User { name } => write!(formatter, "step 2 user {name}"),
            Self::Membership { user, group } => write!(formatter, "step 2 user {user} in {group}"),
            Self::Password { user } => write!(formatter, "step 2 password of user {user}"),
            Self::Server => write!(formatter, "step 3a authorization server"),
            Self::Scope { name } => write!(formatter, "step 3b scope {name}"),
            Self::Claim { name, claim_type } => {
                write!(formatter, "step 3a claim {name} ({claim_type})")
            }
            Self::Policy => write!(formatter, "step 3c access policy"),
            Self::Rule { name } => write!(formatter, "step 3c rule {name}"),
            Self::Client => write!(formatter, "step 4a client"),
            Self::ClientSecret => write!(formatter, "step 4a client secret"),
            Self::SignInPolicy => write!(formatter, "step 4a app sign-in policy"),
            Self::SignInRule => write!(formatter, "step 4a rule of the app sign-in policy"),
            Self::SignInPolicyAssignment => {
                write!(formatter, "step 4a app sign-in policy of the client")
            }
            Self::Service { name } => write!(formatter, "step 4a service client {name}"),
            Self::ServicePolicy { name } => {
                write!(formatter, "step 3c access policy of service {name}")
            }
            Self::ServiceRule { name } => write!(formatter, "step 3c rule of service {name}"),
            Self::ProbesServer { server } => {
                write!(formatter, "step 3a authorization server {server}")
            }
            Self::ProbesScope { server, name } => {
                write!(formatter, "step 3b scope {name} of {server}")
            }
            Self::ProbesPolicy { server } => {
                write!(
                    formatter,
                    "step 3c access policy of the probes{}",
                    on(server.as_ref())
                )
            }
            Self::ProbesRule { server, name } => {
                write!(
                    formatter,
                    "step 3c rule of the probes {name}{}",
                    on(server.as_ref())
                )
            }
            Self::Origin { origin } => write!(formatter, "step 4b trusted origin {origin}"),
            Self::GroupAssignment { group } => {
                write!(formatter, "step 4c client for group {group}")
            }
            Self::UserAssignment { user } => write!(formatter, "step 4c client for user {user}"),
        }
    }
}

/// Which server it is on, where it is not the model's own.
fn on(server: Option<&String>) -> String {
    server.map_or_else(String::new, |server| format!(" on {server}"))
}

impl Subject {
    pub(super) fn group(name: &str) -> Self {
        Self::Group {
            name: name.to_owned(),
        }
    }

    pub(super) fn user(name: &str) -> Self {
        Self::User {
            name: name.to_owned(),
        }
    }

    pub(super) fn membership(user: &str, group: &str) -> Self {
        Self::Membership {
            user: user.to_owned(),
            group: group.to_owned(),
        }
    }

    pub(super) fn password(user: &str) -> Self {
        Self::Password {
            user: user.to_owned(),
        }
    }

    pub(super) fn scope(name: &str) -> Self {
        Self::Scope {
            name: name.to_owned(),
        }
    }

    pub(super) fn claim(name: &str, token: ClaimToken) -> Self {
        Self::Claim {
            name: name.to_owned(),
            claim_type: token.claim_type().to_owned(),
        }
    }

    pub(super) fn rule(name: &str) -> Self {
        Self::Rule {
            name: name.to_owned(),
        }
    }

    /// A service client, its access policy, and the rule in it.
    pub(super) fn of_service(name: &str) -> [Self; 3] {
        let name = name.to_owned();
        [
            Self::Service { name: name.clone() },
            Self::ServicePolicy { name: name.clone() },
            Self::ServiceRule { name },
        ]
    }

    pub(super) fn probes_server(name: &str) -> Self {
        Self::ProbesServer {
            server: name.to_owned(),
        }
    }

    /// The server of this name that is made for probes; of none: the model's own.
    pub(super) fn server(name: Option<&str>) -> Self {
        name.map_or(Self::Server, Self::probes_server)
    }

    pub(super) fn origin(origin: &str) -> Self {
        Self::Origin {
            origin: origin.to_owned(),
        }
    }

    pub(super) fn group_assignment(group: &str) -> Self {
        Self::GroupAssignment {
            group: group.to_owned(),
        }
    }

    pub(super) fn user_assignment(user: &str) -> Self {
        Self::UserAssignment {
            user: user.to_owned(),
        }
    }

    /// What lets users sign in by a password alone.
    const SIGN_IN: [Self; 3] = [
        Self::SignInPolicy,
        Self::SignInRule,
        Self::SignInPolicyAssignment,
    ];

    /// Whether it has an id of its own, as links, secrets and passwords have none here.
    pub(super) fn is_object(&self) -> bool {
        !matches!(
            self,
            Self::Membership { .. }
                | Self::Password { .. }
                | Self::ClientSecret
                | Self::SignInPolicyAssignment
                | Self::GroupAssignment { .. }
                | Self::UserAssignment { .. }
        )
    }

    /// What is changed where this is made, because it is part of that.
    pub(super) fn parts_of(&self) -> Vec<Self> {
        match self {
            Self::Membership { user, group } => vec![Self::user(user), Self::group(group)],
            Self::Password { user } => vec![Self::user(user)],
            Self::Scope { .. } | Self::Claim { .. } | Self::Policy => vec![Self::Server],
            Self::ServicePolicy { name } => {
                vec![Self::Server, Self::Service { name: name.clone() }]
            }
            Self::ServiceRule { name } => vec![Self::ServicePolicy { name: name.clone() }],
            Self::Rule { .. } => vec![Self::Policy],
            Self::ProbesScope { server, .. } => vec![Self::probes_server(server)],
            Self::ProbesPolicy { server } => vec![Self::server(server.as_deref())],
            Self::ProbesRule { server, .. } => vec![Self::ProbesPolicy {
                server: server.clone(),
            }],
            Self::ClientSecret
            | Self::SignInPolicy
            | Self::SignInPolicyAssignment
            | Self::GroupAssignment { .. } => vec![Self::Client],
            Self::SignInRule => vec![Self::SignInPolicy],
            Self::UserAssignment { user } => vec![Self::Client, Self::user(user)],
            Self::Group { .. }
            | Self::User { .. }
            | Self::Server
            | Self::ProbesServer { .. }
            | Self::Client
            | Self::Service { .. }
            | Self::Origin { .. } => Vec::new(),
        }
    }

    /// Everything that the model wants, in the document's order; only the client comes before the
    /// policy that names it.
    pub(super) fn all(model: &OrgModel) -> Vec<Self> {
        let mut all: Vec<Self> = model
            .groups
            .iter()
            .map(|group| Self::group(&group.name))
            .collect();
        for user in &model.users {
            all.push(Self::user(user.name()));
            all.push(Self::password(user.name()));
            let groups = user.group_names();
            all.extend(groups.map(|group| Self::membership(user.name(), group)));
        }
        all.push(Self::Server);
        all.extend(
            model
                .scopes
                .iter()
                .map(|scope| Self::scope(scope.name.get_ref())),
        );
        let claims = model.claims.iter();
        all.extend(claims.map(|claim| Self::claim(claim.name(), claim.token)));
        all.push(Self::Client);
        all.push(Self::ClientSecret);
        if model.client.password_only_sign_in {
            all.extend(Self::SIGN_IN);
        }
        all.push(Self::Policy);
        all.extend(model.policy.rules.iter().map(|rule| Self::rule(&rule.name)));
        let services = model.services.iter();
        all.extend(services.flat_map(|service| Self::of_service(service.name())));
        all.extend(probes::subjects(model));
        let origins = model.trusted_origins.iter();
        all.extend(origins.map(|origin| Self::origin(&origin.origin)));
        let groups = model.client.assigned_group_names();
        all.extend(groups.map(Self::group_assignment));
        let users = model.users.iter().filter(|user| user.assigned_directly);
        all.extend(users.map(|user| Self::user_assignment(user.name())));
        all
    }
}
