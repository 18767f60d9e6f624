//! What judgements have in common, worked out once for all trials of a run.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::context::Context;
use super::exchanged_names::Exchanged;
use crate::model::AccessPolicy;
use crate::observation::{AuthorizationKey, Denial, NotSeen, Outcome, Positive, Seen};

/// Empty when the judging begins; of one set of observations.
#[derive(Debug, Default)]
pub struct Remembered {
    policies: OnceCell<Seen<Vec<AccessPolicy>>>,
    /// Why each positive failed, if it did.
    positives: RefCell<HashMap<Positive, Option<NotSeen>>>,
    /// How many tokens have each id.
    token_ids: OnceCell<HashMap<String, usize>>,
    is_another_server: OnceCell<bool>,
    /// What was decided of each test user's requests: whether it was given.
    decisions: OnceCell<Decisions>,
    /// With whom each test user seems to have exchanged credentials.
    swaps: RefCell<HashMap<String, Option<String>>>,
    /// Which groups have the names of one another.
    exchanged_names: OnceCell<Exchanged>,
    /// Why rules are not all shown, if they are not.
    hidden_rule: OnceCell<Option<NotSeen>>,
}

/// By the NAME of the test user.
type Decisions = HashMap<String, Vec<(AuthorizationKey, bool)>>;

#[cfg(test)]
impl Remembered {
    /// As if these policies had been found.
    pub(super) fn of(policies: Vec<AccessPolicy>) -> Self {
        Self {
            policies: OnceCell::from(Ok(policies)),
            ..Self::default()
        }
    }

    /// As if this had been decided of test users.
    pub(super) fn of_decisions(decisions: Decisions) -> Self {
        Self {
            decisions: OnceCell::from(decisions),
            ..Self::default()
        }
    }
}

impl<'a> Context<'a> {
    /// The found policies, those that take no part among them, in the order that Okta asks them.
    ///
    /// # Errors
    /// [`NotSeen`] when the policies, or the groups that they speak of, were not looked at.
    pub(super) fn all_policies(&self) -> Seen<&'a [AccessPolicy]> {
        let policies = &self.remembered.policies;
        let policies = policies.get_or_init(|| self.seen.org.all_policies());
        policies.as_deref().map_err(Clone::clone)
    }

    /// Why a positive failed, if it did.
    pub(super) fn failure_of(
        &self,
        positive: &Positive,
        find: impl FnOnce() -> Option<NotSeen>,
    ) -> Option<NotSeen> {
        let known = self.remembered.positives.borrow().get(positive).cloned();
        known.unwrap_or_else(|| {
            let failure = find();
            let mut positives = self.remembered.positives.borrow_mut();
            positives.insert(positive.clone(), failure.clone());
            failure
        })
    }

    /// How many of the run's tokens have this id.
    pub(super) fn tokens_with_id(&self, id: &str) -> usize {
        let count = || {
            let mut ids: HashMap<String, usize> = HashMap::new();
            for id in self.seen.tokens().filter_map(|token| token.text("jti")) {
                *ids.entry(id.to_owned()).or_default() += 1;
            }
            ids
        };
        let ids = self.remembered.token_ids.get_or_init(count);
        ids.get(id).copied().unwrap_or_default()
    }

    /// What policies and assignment decided of a test user's requests.
    pub(super) fn decided(&self, user: &str) -> &[(AuthorizationKey, bool)] {
        let of_all = || {
            let mut decisions = Decisions::new();
            for (key, seen) in &self.seen.authorizations {
                let outcome = seen.as_ref().map(|seen| &seen.outcome);
                let given = match outcome {
                    Ok(Outcome::Tokens { .. }) => true,
                    Ok(Outcome::Denied {
                        denial: Denial::Policy | Denial::NotAssigned,
                        ..
                    }) => false,
                    _ => continue,
                };
                let own = decisions.entry(key.user.clone()).or_default();
                own.push((key.clone(), given));
            }
            decisions
        };
        let decisions = self.remembered.decisions.get_or_init(of_all);
        decisions.get(user).map_or(&[], Vec::as_slice)
    }

    /// With whom a test user seems to have exchanged credentials, as first worked out.
    pub(super) fn swapped_with(
        &self,
        user: &str,
        find: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let known = self.remembered.swaps.borrow().get(user).cloned();
        known.unwrap_or_else(|| {
            let other = find();
            let mut swaps = self.remembered.swaps.borrow_mut();
            swaps.insert(user.to_owned(), other.clone());
            other
        })
    }

    /// Why rules are not all shown, as first worked out.
    pub(super) fn remembered_hidden_rule(
        &self,
        find: impl FnOnce() -> Option<NotSeen>,
    ) -> Option<NotSeen> {
        self.remembered.hidden_rule.get_or_init(find).clone()
    }

    /// Which groups have the names of one another, as first worked out.
    pub(super) fn names_exchanged(&self, find: impl FnOnce() -> Exchanged) -> &Exchanged {
        self.remembered.exchanged_names.get_or_init(find)
    }

    /// Whether the issuer is another server than the document's, as first worked out.
    pub(super) fn is_another_server(&self, find: impl FnOnce() -> bool) -> bool {
        *self.remembered.is_another_server.get_or_init(find)
    }
}
