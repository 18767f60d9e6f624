//! What a judgement may look at: the model, what the run was told, and what was seen.

use std::collections::BTreeSet;

use super::remembered::Remembered;
use crate::config::Facts;
use crate::management::Named;
use crate::model::{
    AccessPolicy, Decision, OpenIdConnectScopes, OrgModel, Person, TestUser, decide,
};
pub(super) use crate::observation::missing::{
    CLIENT, METADATA, METADATA_OF_OTHERS, SERVER, claim, group, missing, scope, user,
};
use crate::observation::{AuthorizationKey, NotSeen, Observations, Seen, Symptom};

/// What a judgement may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The wanted org.
    pub model: &'a OrgModel,
    /// What the run was told.
    pub facts: &'a Facts,
    /// What was seen.
    pub seen: &'a Observations,
    /// What was worked out of it.
    pub remembered: &'a Remembered,
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
        symptom
            .key()
            .is_some_and(|key| self.is_member(&key.user, group))
    }

    /// Whether the model puts a test user into the group.
    pub(super) fn is_member(&self, user: &str, group: &str) -> bool {
        let user = self.model.user(user);
        user.is_some_and(|user| user.group_names().any(|name| name == group))
    }

    /// Whether the found policies deny the request of a user who is in the groups of the model.
    pub(super) fn denies(&self, key: &AuthorizationKey) -> bool {
        let Ok(policies) = self.all_policies() else {
            return false;
        };
        let person = self.wanted_person(&key.user);
        let scopes = key.scopes();
        let openid = OpenIdConnectScopes::MustBeInRule;
        self.denied(policies, &person, &scopes, key.flow.grant_type(), openid)
    }

    pub(super) fn denied(
        &self,
        policies: &[AccessPolicy],
        person: &Person,
        scopes: &BTreeSet<String>,
        grant_type: &str,
        openid: OpenIdConnectScopes,
    ) -> bool {
        let client = &self.facts.client_id;
        let decision = decide(policies, client, person, scopes, grant_type, openid);
        matches!(decision, Decision::Denied)
    }

    /// Nothing can be said about a group that the org does not have, or has more than once.
    pub(super) fn has_group(&self, name: &str) -> Seen<()> {
        let groups = self.seen.org.groups.as_ref().map_err(Clone::clone)?;
        match groups.get(name) {
            Some(Named::Nothing) => {
                let hidden = self.hidden_group(name);
                Err(hidden.unwrap_or_else(|| missing(&group(name))))
            }
            _ => self.is_told_apart(name),
        }
    }

    /// Nothing can be said about a group of the model of whose name there are several.
    pub(super) fn is_told_apart(&self, name: &str) -> Seen<()> {
        match &self.seen.org.groups {
            Ok(groups) if groups.contains_key(name) => self.seen.org.group(name).map(drop),
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
}
