//! What the API token may not see: "not found" that the same run contradicts.
//!
//! An administrator with a custom role sees what its resource sets hold and nothing else: lists
//! leave the rest out without a word, and by its id it is "not found". What a sign-in of the same
//! run shows to be there is not missing, it was not seen.

use url::Url;

use super::context::Context;
use super::contradicted::granted;
use crate::management::Named;
use crate::model::{Decision, EVERYONE, OpenIdConnectScopes, decide};
use crate::observation::{AuthorizationKey, Denial, FoundTestUser, NotSeen, Outcome};

/// What to do about an administrator who sees too little.
const REMEDY: &str = "the API token may not see it: a token of a Read-Only Administrator, or of a \
    custom role whose resource set holds it, is enough";

pub(super) fn hidden(what: &str, evidence: &str) -> NotSeen {
    NotSeen::inconclusive(format!(
        "the org shows no {what}, but {evidence}, so {REMEDY}"
    ))
}

impl Context<'_> {
    /// Why a group of the model that the org does not show is there all the same.
    pub(super) fn hidden_group(&self, name: &str) -> Option<NotSeen> {
        let groups = self.seen.org.groups.as_ref().ok()?;
        if !matches!(groups.get(name), Some(Named::Nothing)) {
            return None;
        }
        let key = self.granted_beyond_the_audit(name)?;
        let evidence = format!(
            "{} was granted, which no rule gives to anybody but its members",
            key.words()
        );
        Some(hidden(&format!("group `{name}`"), &evidence))
    }

    /// A request of a member that was granted although what the org shows of its policies and
    /// groups gives it to nobody.
    pub(super) fn granted_beyond_the_audit(&self, group: &str) -> Option<&AuthorizationKey> {
        let mut beyond = self.beyond_the_audit();
        beyond.find(|key| self.is_member(&key.user, group))
    }

    fn beyond_the_audit(&self) -> impl Iterator<Item = &AuthorizationKey> {
        let policies = self.seen.org.known_policies().ok();
        let is_denied = move |key: &AuthorizationKey| {
            let Some(policies) = &policies else {
                return false;
            };
            let (client, scopes) = (&self.facts.client_id, key.scopes());
            let (person, grant) = (self.person(&key.user), key.flow.grant_type());
            let openid = OpenIdConnectScopes::AlwaysCovered;
            let decision = decide(policies, client, &person, &scopes, grant, openid);
            decision == Decision::Denied
        };
        // By the groups that are shown nothing is decided where more are not.
        let is_known = |key: &AuthorizationKey| {
            let found = self.seen.org.user(&key.user).ok().and_then(Option::as_ref);
            found.is_none_or(|found| Context::hidden_groups(found, &key.user).is_none())
        };
        let is_meant = |key: &AuthorizationKey| {
            let user = self.model.user(&key.user);
            user.is_some_and(|user| self.is_meant(user, key))
        };
        self.granted()
            .filter(move |key| is_known(key) && is_meant(key) && is_denied(key))
    }

    /// Why a test user may be in more groups than are shown.
    pub(super) fn hidden_groups(user: &FoundTestUser, name: &str) -> Option<NotSeen> {
        let mut groups = user.groups.iter();
        let is_whole = groups.any(|group| group.profile.name == EVERYONE);
        let evidence = format!("every user is in `{EVERYONE}`");
        (!is_whole).then(|| hidden(&format!("more groups that {name} is in"), &evidence))
    }

    /// Why a test user is in a group that it is not shown to be in: it was granted what no rule
    /// gives those who are in the groups that are shown.
    pub(super) fn hidden_membership(&self, group: &str, name: &str) -> Option<NotSeen> {
        let key = self.beyond_the_audit().find(|key| key.user == name)?;
        let what = format!("membership of {name} in `{group}`");
        Some(hidden(&what, &granted(key)))
    }

    /// The requests that brought tokens.
    pub(super) fn granted(&self) -> impl Iterator<Item = &AuthorizationKey> {
        let seen = self.seen.authorizations.iter();
        seen.filter(|(_, seen)| {
            let outcome = seen.as_ref().map(|seen| &seen.outcome);
            matches!(outcome, Ok(Outcome::Tokens { .. }))
        })
        .map(|(key, _)| key)
    }

    /// Whether policies decided over a request of a test user: it signed in, and the client is
    /// assigned to it.
    pub(super) fn was_decided(&self, user: &str) -> bool {
        let seen = self.seen.authorizations.iter();
        let mut own = seen.filter(|(key, _)| key.user == user);
        own.any(|(_, seen)| {
            let outcome = seen.as_ref().map(|seen| &seen.outcome);
            matches!(
                outcome,
                Ok(Outcome::Tokens { .. }
                    | Outcome::Denied {
                        denial: Denial::Policy,
                        ..
                    })
            )
        })
    }

    /// Why a test user that the org does not show is there all the same.
    pub(super) fn hidden_user(&self, name: &str) -> Option<NotSeen> {
        let what = format!("user of the login of {name}");
        let evidence = format!("{name} signed in during this run");
        let is_there = self.was_decided(name) || self.was_not_assigned(name);
        is_there.then(|| hidden(&what, &evidence))
    }

    /// Whether a test user was refused since the client is not assigned to it: it signed in.
    fn was_not_assigned(&self, user: &str) -> bool {
        let mut seen = self.seen.authorizations.iter();
        seen.any(|(key, seen)| {
            let outcome = seen.as_ref().map(|seen| &seen.outcome);
            key.user == user
                && matches!(
                    outcome,
                    Ok(Outcome::Denied {
                        denial: Denial::NotAssigned,
                        ..
                    })
                )
        })
    }

    /// Why a test user to whom the org shows no assignment of the client has one all the same.
    pub(super) fn hidden_assignment(&self, name: &str) -> Option<NotSeen> {
        let what = format!("assignment of {name} to the client");
        let evidence = format!("{name} was let through to the access policies during this run");
        self.was_decided(name).then(|| hidden(&what, &evidence))
    }

    /// Why groups of the client are not all shown: a test user is assigned by a group, and is in none
    /// of those that are.
    pub(super) fn hidden_client_group(&self) -> Option<NotSeen> {
        let shown = self.seen.org.client_groups.as_ref().ok()?;
        let is_shown = |user: &FoundTestUser| {
            let mut groups = user.groups.iter();
            let built_in = &self.seen.org.built_in_groups;
            let is_everybody = shown.iter().any(|id| built_in.contains(id));
            is_everybody || groups.any(|group| shown.contains(&group.id))
        };
        let is_by_group = |user: &FoundTestUser| {
            let assignment = user.assignment.as_ref().ok().and_then(Option::as_ref);
            assignment.is_some_and(|assignment| assignment.scope == "GROUP")
        };
        // What the user is in is known as far as one of them is a group that should assign it.
        let is_in_its_own = |user: &FoundTestUser| {
            let mut own = self.model.client.assigned_group_names();
            own.any(|own| {
                let mut groups = user.groups.iter();
                own != EVERYONE && groups.any(|group| self.seen.org.name_of(group) == own)
            })
        };
        let mut users = self.model.users.iter();
        let user = users.find(|user| {
            let found = self.seen.org.user(user.name()).ok();
            let found = found.and_then(Option::as_ref);
            found.is_some_and(|it| is_by_group(it) && is_in_its_own(it) && !is_shown(it))
        })?;
        let evidence = format!(
            "{} is assigned to the client by a group, and is in none that it shows",
            user.name()
        );
        Some(hidden("more groups of the client", &evidence))
    }

    /// Why an assignment of this status, which keeps a user out, is doubtful all the same.
    pub(super) fn contradicted(&self, name: &str, status: &str) -> Option<NotSeen> {
        let words = format!(
            "the org says that the assignment of {name} to the client is {status}, and {name} was \
             let through to the access policies during this run"
        );
        self.was_decided(name).then(|| NotSeen::inconclusive(words))
    }

    /// Why the client that the org does not show is there all the same.
    pub(super) fn hidden_client(&self) -> Option<NotSeen> {
        let mut seen = self.seen.authorizations.values().flatten();
        let is_known = seen.any(|seen| match &seen.outcome {
            Outcome::Tokens { .. } => true,
            Outcome::Denied {
                denial, response, ..
            } => response.is_some() && *denial != Denial::Client,
        });
        let what = format!("client {}", self.facts.client_id);
        let evidence = "the authorization server answered its requests during this run";
        is_known.then(|| hidden(&what, evidence))
    }

    /// Why the authorization server that the org does not show is there all the same.
    pub(super) fn hidden_server(&self) -> Option<NotSeen> {
        let issuer = &self.facts.issuer;
        let at_the_org = Url::parse(issuer)
            .is_ok_and(|issuer| issuer.origin().ascii_serialization() == self.facts.org);
        let metadata = self.seen.metadata.as_ref().ok();
        let answers = metadata.is_some_and(|metadata| metadata.issuer == *issuer);
        let what = format!("authorization server with the issuer {issuer}");
        let evidence = "the org serves its metadata";
        // The org authorization server is on no list of custom ones, and serves metadata too.
        let is_custom = issuer.contains("/oauth2/");
        (at_the_org && answers && is_custom).then(|| hidden(&what, evidence))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Facts;
    use crate::model::{Flow, OrgModel};
    use crate::observation::{Authorization, Observations};
    use crate::requirements::Remembered;

    const MODEL: &str = include_str!("../../fixtures/org.toml");

    fn denied(model: &OrgModel, denial: Denial) -> (AuthorizationKey, Authorization) {
        let key = AuthorizationKey::new("SILVER", &model.request_for(&[]), Flow::Implicit);
        let authorization = Authorization {
            url: "https://org.example/authorize".parse().expect("a URL"),
            state: String::new(),
            nonce: String::new(),
            code_verifier: None,
            started: Timestamp::UNIX_EPOCH,
            signed_in: None,
            outcome: Outcome::Denied {
                denial,
                text: String::new(),
                response: None,
            },
            by_http: None,
        };
        (key, authorization)
    }

    /// Policies are asked of users who may use the client, and of nobody else; who may not is known
    /// to the org all the same.
    #[rstest]
    #[case::policies_were_asked("SILVER", Denial::Policy, true, true)]
    #[case::of_another_user("GOLD", Denial::Policy, false, false)]
    #[case::not_assigned("SILVER", Denial::NotAssigned, true, false)]
    fn what_was_decided_of_a_user_holds_whatever_the_org_shows(
        #[case] user: &str,
        #[case] denial: Denial,
        #[case] is_there: bool,
        #[case] is_assigned: bool,
    ) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let mut seen = Observations::default();
        let (key, authorization) = denied(&model, denial);
        seen.authorizations.insert(key, Ok(authorization));
        let facts = Facts::of_model(&model);
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        assert_eq!(context.hidden_user(user).is_some(), is_there);
        assert_eq!(context.hidden_assignment(user).is_some(), is_assigned);
    }

    fn group(name: &str) -> Value {
        json!({ "id": format!("00g{name}"), "type": "OKTA_GROUP", "profile": { "name": name } })
    }

    /// A user who is assigned by a group of the model, while the org shows no such group at the
    /// client: the group is out of sight.
    #[rstest]
    #[case::by_a_group_out_of_sight("GROUP", &["staff", "silverSubscribers"], &["other"], true)]
    #[case::by_no_group_at_all("GROUP", &["silverSubscribers"], &[], true)]
    #[case::by_a_group_that_is_shown("GROUP", &["staff", "silverSubscribers"], &["staff"], false)]
    #[case::directly("USER", &["silverSubscribers"], &[], false)]
    #[case::in_no_group_of_the_model("GROUP", &["staff"], &[], false)]
    fn a_group_of_the_client_is_out_of_sight(
        #[case] scope: &str,
        #[case] own: &[&str],
        #[case] shown: &[&str],
        #[case] is_hidden: bool,
    ) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let mut seen = Observations::default();
        let profile = json!({ "login": "silver@example.com" });
        let groups = own.iter().map(|name| group(name)).collect::<Vec<_>>();
        let user = FoundTestUser {
            user: serde_json::from_value(json!({ "id": "00u1", "profile": profile }))
                .expect("a user"),
            groups: serde_json::from_value(groups.into()).expect("groups"),
            assignment: Ok(Some(
                serde_json::from_value(json!({ "id": "00u1", "scope": scope, "status": "ACTIVE" }))
                    .expect("an assignment"),
            )),
            namesake: Ok(None),
        };
        seen.org.users.insert("SILVER".to_owned(), Ok(Some(user)));
        let ids = shown.iter().map(|name| format!("00g{name}"));
        seen.org.client_groups = Ok(ids.collect());
        let facts = Facts::of_model(&model);
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        assert_eq!(context.hidden_client_group().is_some(), is_hidden);
    }
}
