//! What a run looks at, and what this depends on.

use std::collections::{BTreeMap, BTreeSet};

use crate::observation::{AuthorizationKey, CallKey, Need};

/// Everything to look at.
#[derive(Debug, Clone)]
pub struct Plan {
    needs: BTreeSet<Need>,
    /// The only test users to be audited; none: all of the model.
    audited: Option<BTreeSet<String>>,
}

impl Plan {
    /// The plan to look at this, and at everything that it depends on.
    ///
    /// Of what anybody may be looked at for ([`Need::Anybodys`]), somebody has been chosen before.
    pub fn new(needs: impl IntoIterator<Item = Need>) -> Self {
        let mut open: Vec<Need> = needs.into_iter().collect();
        let mut needs = BTreeSet::new();
        while let Some(need) = open.pop() {
            if !needs.contains(&need) {
                open.extend(need.dependencies());
                needs.insert(need);
            }
        }
        Self {
            needs,
            audited: None,
        }
    }

    /// The same plan with these test users alone looked up by the Management API.
    #[must_use]
    pub fn auditing(self, users: BTreeSet<String>) -> Self {
        Self {
            audited: Some(users),
            ..self
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

    /// How much is to be looked at.
    #[must_use]
    pub fn size(&self) -> usize {
        self.needs.len()
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

    /// The requests to the API.
    pub fn calls(&self) -> impl Iterator<Item = &CallKey> {
        self.needs.iter().filter_map(|need| match need {
            Need::Call(key) => Some(key),
            _ => None,
        })
    }
}
