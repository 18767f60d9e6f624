//! What the org shows to be so, and the same run saw to be otherwise.
//!
//! Lists and objects of an org may lag behind it, and an administrator with a custom role sees a
//! part of it: what worked during the run is there, so it is not missing and not inactive.

use super::context::Context;
use super::hidden::hidden;
use crate::management::found::EVERY_GROUP;
use crate::observation::{AuthorizationKey, NotSeen};

impl Context<'_> {
    /// Why it is doubtful that the org is so, where a request that this would keep from being
    /// granted was granted.
    pub(super) fn contradicted_by_a_grant(
        &self,
        shown: &str,
        is_kept_by_it: impl Fn(&AuthorizationKey) -> bool,
    ) -> Option<NotSeen> {
        let key = self.granted().find(|key| is_kept_by_it(key))?;
        Some(doubtful(shown, &format!("{} was granted", key.words())))
    }

    /// The same, where it would keep a test user from signing in.
    pub(super) fn contradicted_by_a_sign_in(&self, shown: &str, user: &str) -> Option<NotSeen> {
        let evidence = format!("{user} signed in and was let through to the access policies");
        self.was_decided(user).then(|| doubtful(shown, &evidence))
    }

    /// Why a scope that the org does not show is there all the same.
    pub(super) fn hidden_scope(&self, scope: &str) -> Option<NotSeen> {
        let key = self.granted().find(|key| key.request.contains(scope))?;
        Some(hidden(&format!("scope `{scope}`"), &granted(key)))
    }

    /// Why there is a policy for the client although the org shows none.
    pub(super) fn hidden_policy(&self) -> Option<NotSeen> {
        let key = self.granted().next()?;
        Some(hidden("active access policy for the client", &granted(key)))
    }

    /// Why the rules for a group are not all shown: a member was granted what those that are shown
    /// give nobody.
    pub(super) fn hidden_rule_for(&self, group: &str) -> Option<NotSeen> {
        let key = self.granted_beyond_the_audit(group)?;
        Some(hidden("rule that gives it", &granted(key)))
    }

    /// Why the rules are not all shown, if a test user was granted what it should be, and what none
    /// of them gives it. Where they name groups that are not shown, those may be the reason.
    pub(super) fn hidden_rule(&self) -> Option<NotSeen> {
        self.remembered_hidden_rule(|| {
            let policies = self.seen.org.policies.iter().flatten();
            let mut rules = policies.flat_map(|found| &found.rules);
            let names_the_unseen = rules.any(|rule| {
                let people = &rule.conditions.people;
                let gone = |id: &String| self.seen.org.gone_users.contains(id);
                !self.not_shown(&people.groups.include).is_empty()
                    || people
                        .users
                        .include
                        .iter()
                        .any(|id| id != EVERY_GROUP && gone(id))
            });
            let mut groups = self.model.groups.iter().filter(|_| !names_the_unseen);
            groups.find_map(|group| match self.seen.org.group(&group.name) {
                Ok(Some(_)) => self.hidden_rule_for(&group.name),
                _ => None,
            })
        })
    }
}

pub(super) fn granted(key: &AuthorizationKey) -> String {
    format!("{} was granted during this run", key.words())
}

fn doubtful(shown: &str, evidence: &str) -> NotSeen {
    NotSeen::inconclusive(format!(
        "the org says that {shown}, but {evidence} during this run: it was changed meanwhile, or \
         what it shows lags behind; run again"
    ))
}
