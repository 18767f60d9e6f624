//! What a judgement may look at: the model, what the run was told, and what was seen.

use std::collections::BTreeSet;

use crate::model::{
    AUTHORIZATION_CODE, AccessPolicy, Decision, IMPLICIT, OpenIdConnectScopes, OrgModel, Person,
    RedirectUri, TestUser, decide,
};
use crate::observation::{AuthorizationKey, NotSeen, Observations, Seen, Symptom};

/// What the run was told about the org that it faces.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// The client of step 4.
    pub client_id: String,
    /// The redirect URI that is sent.
    pub redirect_uri: RedirectUri,
    /// The audience that access tokens must have.
    pub audience: String,
    /// The logins of the configured test users, by NAME.
    pub logins: std::collections::BTreeMap<String, String>,
}

/// What a judgement may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The wanted org.
    pub model: &'a OrgModel,
    /// What the run was told.
    pub facts: &'a Facts,
    /// What was seen.
    pub seen: &'a Observations,
}

/// A request that the model grants and the found policies deny.
pub(super) struct Withheld {
    /// The scopes, in words.
    pub(super) scopes: String,
    /// The grant type.
    pub(super) grant_type: &'static str,
}

impl Context<'_> {
    /// A test user of the model.
    ///
    /// # Errors
    /// [`NotSeen`] when the model has none of that name.
    pub fn user(&self, name: &str) -> Seen<&TestUser> {
        let none = || NotSeen::not_configured(format!("the org model has no user {name}"));
        self.model.user(name).ok_or_else(none)
    }

    /// Whether the symptom is about a user in the group.
    #[must_use]
    pub fn is_about_member(&self, symptom: &Symptom, group: &str) -> bool {
        let user = symptom.key().and_then(|key| self.model.user(&key.user));
        user.is_some_and(|user| user.group_names().any(|name| name == group))
    }

    /// Whether the found policies deny the request of a member of these groups.
    pub(super) fn denies(&self, key: &AuthorizationKey) -> bool {
        let Ok(policies) = self.seen.org.access_policies() else {
            return false;
        };
        let groups = self.model.user(&key.user).map(|user| {
            user.group_names()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>()
        });
        let person = Person {
            login: None,
            groups: groups.unwrap_or_default(),
        };
        self.denied(
            &policies,
            &person,
            &key.request.with_openid(),
            key.flow.grant_type(),
        )
    }

    fn denied(
        &self,
        policies: &[AccessPolicy],
        person: &Person,
        scopes: &BTreeSet<String>,
        grant_type: &str,
    ) -> bool {
        let openid = OpenIdConnectScopes::MustBeInRule;
        let client = &self.facts.client_id;
        let decision = decide(policies, client, person, scopes, grant_type, openid);
        matches!(decision, Decision::Denied)
    }

    /// Nothing can be said about a group that the org does not have.
    pub(super) fn has_group(&self, name: &str) -> Seen<()> {
        match &self.seen.org.groups {
            Ok(groups) if groups.get(name).is_some_and(Option::is_none) => {
                Err(missing(&group(name)))
            }
            _ => Ok(()),
        }
    }

    /// Nothing can be said of the policies of a client that is not there.
    pub(super) fn has_client(&self) -> Seen<()> {
        match &self.seen.org.client {
            Ok(None) => Err(missing(CLIENT)),
            _ => Ok(()),
        }
    }

    /// What the model gives the members of a group and the found policies deny them.
    pub(super) fn withheld(&self, group: &str) -> Seen<Vec<Withheld>> {
        let found = self.seen.org.access_policies()?;
        let wanted = self.model.access_policies();
        let person = Person {
            login: None,
            groups: std::iter::once(group.to_owned()).collect(),
        };
        let mut withheld = Vec::new();
        for request in self.model.scope_requests() {
            let scopes = request.with_openid();
            for grant_type in [AUTHORIZATION_CODE, IMPLICIT] {
                if !self.denied(&wanted, &person, &scopes, grant_type)
                    && self.denied(&found, &person, &scopes, grant_type)
                {
                    withheld.push(Withheld {
                        scopes: request.words(),
                        grant_type,
                    });
                }
            }
        }
        Ok(withheld)
    }
}

/// An earlier requirement says that the object is not there at all.
pub(super) fn missing(object: &str) -> NotSeen {
    let symptom = Symptom::Missing {
        object: object.to_owned(),
    };
    NotSeen::inconclusive(format!("the org has no {object}")).with(symptom)
}

/// What a missing group is called.
pub(super) fn group(name: &str) -> String {
    format!("group `{name}`")
}

/// What a missing test user is called.
pub(super) fn user(name: &str) -> String {
    format!("user of the login of {name}")
}

/// What a missing scope is called.
pub(super) fn scope(name: &str) -> String {
    format!("scope `{name}`")
}

/// What a missing authorization server is called.
pub(super) const SERVER: &str = "authorization server with the issuer";
/// What missing metadata is called.
pub(super) const METADATA: &str = "metadata at the issuer";
/// What a missing client is called.
pub(super) const CLIENT: &str = "client of the client id";

/// Nothing can be said about the parts of an authorization server that is not there.
#[must_use]
pub fn no_server() -> NotSeen {
    missing(SERVER)
}

/// Nothing can be said about the parts of a client that is not there.
#[must_use]
pub fn no_client() -> NotSeen {
    missing(CLIENT)
}

/// Nothing can be said about an issuer that publishes no metadata.
#[must_use]
pub fn no_metadata(reason: impl Into<String>) -> NotSeen {
    NotSeen::failed(reason).with(Symptom::Missing {
        object: METADATA.to_owned(),
    })
}
