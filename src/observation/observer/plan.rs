//! What a run looks at: the needs of the selected trials, and what these depend on.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{OrgModel, TestUser};
use crate::observation::{AuthorizationKey, CallKey, Credential, Need};
use crate::partition::{Partition, need_user, user_of};
use crate::requirements::Trial;

/// So many users' positives are looked at for one negative whose own are in another partition.
const MOST_CONTROL_USERS: usize = 3;

/// Everything to look at.
#[derive(Debug, Clone)]
pub struct Plan {
    needs: BTreeSet<Need>,
    /// The only test users to be audited; none: all of the model.
    audited: Option<BTreeSet<String>>,
}

impl Plan {
    /// The plan of these trials.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let needs = trials.into_iter().flat_map(|trial| &trial.needs);
        Self {
            needs: complete(needs),
            audited: None,
        }
    }

    /// The plan of one partition of these trials.
    ///
    /// Its own users are looked at, and as controls a few others, these as closely as their own
    /// partition does: so whatever is missing is blamed here on what it is blamed on in a whole run.
    /// `is_configured` says whose credentials are known; the others cost no sign-in.
    pub fn of_partition(
        trials: &[&Trial],
        partition: Partition,
        model: &OrgModel,
        is_configured: &dyn Fn(&str) -> bool,
    ) -> Self {
        let own = || trials.iter().filter(|trial| partition.has(model, trial));
        let mut looked_at: BTreeSet<&str> = own().filter_map(|trial| user_of(trial)).collect();
        looked_at.extend(own().flat_map(|trial| control_users(trial, is_configured)));
        let is_looked_at = |user: &str| looked_at.contains(user) || !is_configured(user);
        let about_them = trials
            .iter()
            .filter(|trial| user_of(trial).is_none_or(is_looked_at));
        let needs = about_them.flat_map(|trial| &trial.needs);
        let needs = complete(needs.filter(|need| need_user(need).is_none_or(is_looked_at)));
        let of_all =
            |trial: &&&Trial| user_of(trial).is_none() && trial.needs.contains(&Need::Users);
        let some = !own().any(|trial| of_all(&trial));
        let looked_at = looked_at.into_iter().map(str::to_owned).collect();
        Self {
            needs,
            audited: some.then_some(looked_at),
        }
    }

    /// Whether a test user is to be looked up by the Management API.
    #[must_use]
    pub fn audits(&self, user: &str) -> bool {
        self.audited
            .as_ref()
            .is_none_or(|users| users.contains(user))
    }

    /// Whether this is to be looked at.
    #[must_use]
    pub fn needs(&self, need: &Need) -> bool {
        self.needs.contains(need)
    }

    /// Whether anything is to be looked at by a browser.
    #[must_use]
    pub fn needs_browsers(&self) -> bool {
        self.authorizations().next().is_some()
    }

    /// The requests in a browser, in their order.
    pub fn authorizations(&self) -> impl Iterator<Item = &AuthorizationKey> {
        self.needs.iter().filter_map(|need| match need {
            Need::Authorization(key) => Some(key),
            _ => None,
        })
    }

    /// The requests in a browser, by user.
    #[must_use]
    pub fn by_user(&self) -> BTreeMap<&str, Vec<&AuthorizationKey>> {
        let mut users: BTreeMap<&str, Vec<&AuthorizationKey>> = BTreeMap::new();
        for key in self.authorizations() {
            users.entry(&key.user).or_default().push(key);
        }
        users
    }

    /// How many calls to the Management API this takes, as far as that is known before: lists of
    /// more than a page, and groups and clients that only rules name, come on top.
    pub fn management_calls(
        &self,
        model: &OrgModel,
        is_configured: &dyn Fn(&str) -> bool,
    ) -> usize {
        let once = [
            (Need::Server, 1),
            (Need::Scopes, 1),
            (Need::Claims, 1),
            // The list, and the rules of the policy of the model and of the one that Okta makes.
            (Need::Policies, 3),
            (Need::Client, 1),
            (Need::ClientGroups, 1),
            (Need::TrustedOrigins, 1),
            (Need::Groups, model.groups.len()),
        ];
        let calls = once.iter().filter(|(need, _)| self.needs(need));
        let users = model.users.iter().map(TestUser::name);
        let users = users.filter(|user| self.audits(user) && is_configured(user));
        // The user, its groups, its assignment.
        let of_users = if self.needs(&Need::Users) {
            3 * users.count()
        } else {
            0
        };
        calls.map(|(_, calls)| calls).sum::<usize>() + of_users
    }

    /// The requests to the API.
    pub fn calls(&self) -> impl Iterator<Item = &CallKey> {
        self.needs.iter().filter_map(|need| match need {
            Need::Call(key) => Some(key),
            _ => None,
        })
    }
}

/// The first configured users whose positives a trial is compared with.
fn control_users<'a>(trial: &'a Trial, is_configured: &dyn Fn(&str) -> bool) -> Vec<&'a str> {
    let mut users = Vec::new();
    for user in trial.needs.iter().filter_map(need_user) {
        if users.len() < MOST_CONTROL_USERS && is_configured(user) && !users.contains(&user) {
            users.push(user);
        }
    }
    users
}

/// The needs with everything that they depend on.
fn complete<'a>(needs: impl Iterator<Item = &'a Need>) -> BTreeSet<Need> {
    let mut open: Vec<Need> = needs.cloned().collect();
    let mut complete = BTreeSet::new();
    while let Some(need) = open.pop() {
        open.extend(dependencies(&need));
        complete.insert(need);
    }
    complete
}

fn dependencies(need: &Need) -> Vec<Need> {
    match need {
        Need::Call(CallKey {
            credential:
                Credential::AccessToken(key)
                | Credential::InQuery(key)
                | Credential::IdToken(key)
                | Credential::Tampered(key)
                | Credential::Unsigned(key),
            ..
        }) => {
            vec![Need::Authorization(key.clone())]
        }
        Need::Authorization(_) | Need::Keys => vec![Need::Metadata],
        Need::Scopes | Need::Claims => vec![Need::Server],
        // Rules may name users by their ids.
        Need::Policies => vec![Need::Server, Need::Groups, Need::Client, Need::Users],
        Need::Users | Need::ClientGroups => vec![Need::Client, Need::Groups],
        _ => Vec::new(),
    }
}
