//! What rules, policies and assignments name by an id and the org does not show.
//!
//! It may be gone, or be out of the API token's sight: both are "not found" by the id, so nothing
//! is met by it.

use super::context::Context;
use crate::management::Told;
use crate::management::found::{FoundRule, Include};
use crate::management::status::{Status, Words};
use crate::observation::{NotSeen, Seen};

/// Whom of its conditions a rule gives, or whom it leaves out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Included,
    Excluded,
}

impl Side {
    pub(super) fn of(self, condition: &Include) -> &[String] {
        match self {
            Self::Included => &condition.include,
            Self::Excluded => &condition.exclude,
        }
    }
}

impl Context<'_> {
    /// Those of these groups, by their ids, that the org does not show.
    pub(super) fn not_shown<'i>(&self, ids: &'i [String]) -> Vec<&'i str> {
        let org = &self.seen.org;
        let is_hidden =
            |id: &&String| org.gone_groups.contains(*id) || org.unknown_groups.contains_key(*id);
        ids.iter().filter(is_hidden).map(String::as_str).collect()
    }

    /// The groups of a rule that the org does not show, in words.
    pub(super) fn unseen_groups(&self, rule: &FoundRule, side: Side) -> Vec<String> {
        let hidden = self.not_shown(side.of(&rule.conditions.people.groups));
        let hidden = hidden.into_iter();
        hidden.map(|id| format!("the group {id}")).collect()
    }

    /// The users whom a rule names one by one and the org does not show, in words.
    pub(super) fn unseen_users(&self, rule: &FoundRule, side: Side) -> Vec<String> {
        let hidden = self.unseen_user_ids(rule, side).into_iter();
        hidden.map(|id| format!("the user {id}")).collect()
    }

    /// The same by their ids. Okta keeps the ids of users who are gone, and to leave out one user
    /// gives nobody anything: it matters where it may be a test user, whose id is not known.
    pub(super) fn unseen_user_ids<'r>(&self, rule: &'r FoundRule, side: Side) -> Vec<&'r str> {
        let is_stranger = matches!(side, Side::Excluded) && self.knows_all_test_users();
        let gone = &self.seen.org.gone_users;
        let named = side.of(&rule.conditions.people.users).iter();
        let hidden = named.filter(|id| !is_stranger && gone.contains(*id));
        hidden.map(String::as_str).collect()
    }

    fn knows_all_test_users(&self) -> bool {
        let mut users = self.model.users.iter();
        users.all(|user| matches!(self.seen.org.user(user.name()), Ok(Some(_))))
    }

    /// Why nobody knows all whom active rules of this kind name.
    pub(super) fn unseen_in_rules(
        &self,
        side: Side,
        is_of_kind: impl Fn(&FoundRule) -> bool,
    ) -> Option<NotSeen> {
        let policies = self.seen.org.policies.iter().flatten();
        let active = policies.filter(|found| found.policy.status.is_active());
        let rules = active.flat_map(|found| &found.rules);
        let rules = rules.filter(|rule| rule.status.is_active() && is_of_kind(rule));
        let unseen: Vec<String> = rules
            .flat_map(|rule| {
                [
                    self.unseen_groups(rule, side),
                    self.unseen_users(rule, side),
                ]
            })
            .flatten()
            .collect();
        let verb = match side {
            Side::Included => "name",
            Side::Excluded => "exclude",
        };
        let what = format!("active rules {verb} {}", unseen.join(" and "));
        (!unseen.is_empty()).then(|| not_shown(&what))
    }
}

/// A setting that Okta always names.
///
/// # Errors
/// [`NotSeen`] where the org does not.
pub(super) fn told<'s, T>(path: &str, setting: &'s Told<T>) -> Seen<&'s T> {
    let untold = || NotSeen::inconclusive(format!("the org does not show {path}"));
    setting.is_told().then_some(&**setting).ok_or_else(untold)
}

/// Whether an object takes part, where its word tells that.
///
/// # Errors
/// [`NotSeen`] where the org shows no status, or one that nobody knows.
pub(super) fn takes_part(object: &str, status: &Status, words: Words) -> Seen<bool> {
    let unknown = || NotSeen::inconclusive(status.doubt(words, object).unwrap_or_default());
    status.takes_part(words).ok_or_else(unknown)
}

/// Nothing can be said of what is named and not shown.
pub(super) fn not_shown(what: &str) -> NotSeen {
    NotSeen::inconclusive(format!(
        "{what}, which the org does not show; where it is gone, take it out, and where the API \
         token may not see it, use the token of a Read-Only Administrator"
    ))
}
