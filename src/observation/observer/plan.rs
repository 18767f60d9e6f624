//! What a run looks at: the needs of the selected trials, and what these depend on.

use std::collections::{BTreeMap, BTreeSet};

use crate::observation::{AuthorizationKey, CallKey, Credential, Need};
use crate::requirements::Trial;

/// Everything to look at.
#[derive(Debug, Clone)]
pub struct Plan {
    needs: BTreeSet<Need>,
}

impl Plan {
    /// The plan of these trials.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let mut needs = BTreeSet::new();
        let mut open: Vec<Need> = trials
            .into_iter()
            .flat_map(|trial| trial.needs.iter().cloned())
            .collect();
        while let Some(need) = open.pop() {
            open.extend(dependencies(&need));
            needs.insert(need);
        }
        Self { needs }
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

    /// The requests to the API.
    pub fn calls(&self) -> impl Iterator<Item = &CallKey> {
        self.needs.iter().filter_map(|need| match need {
            Need::Call(key) => Some(key),
            _ => None,
        })
    }
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
