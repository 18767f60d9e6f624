//! What a run looks at, and what this depends on.

use std::collections::{BTreeMap, BTreeSet};

use crate::exchange::{ApiCall, Exchange, ServerCall};
use crate::model::{OrgModel, TestUser};
use crate::observation::{AuthorizationKey, Need};

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

    /// The requests in a browser whose refresh tokens are redeemed, in their order.
    pub fn refreshes(&self) -> impl Iterator<Item = &AuthorizationKey> {
        self.needs.iter().filter_map(|need| match need {
            Need::Refresh(key) => Some(key),
            _ => None,
        })
    }

    /// Whether what a service client may do is looked at.
    #[must_use]
    pub fn asks_as(&self, service: &str) -> bool {
        self.needs.contains(&Need::Service(service.to_owned()))
    }

    /// The requests in a browser, by user, in the order in which they are made.
    #[must_use]
    pub fn by_user(&self) -> BTreeMap<&str, Vec<&AuthorizationKey>> {
        let mut users: BTreeMap<&str, Vec<&AuthorizationKey>> = BTreeMap::new();
        for key in self.authorizations().filter(|key| !key.is_late()) {
            users.entry(&key.user).or_default().push(key);
        }
        // Probes need the session of the others. So does what is asked in it by plain HTTP, of
        // which the browser learns nothing, and what asks for a new sign-in, and may end it.
        for keys in users.values_mut() {
            keys.sort_by_key(|key| (key.asks_anew(), key.is_silent(), key.is_probe()));
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
            (Need::ServiceClients, model.services.len()),
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

    /// The requests of the access matrix.
    pub fn calls(&self) -> impl Iterator<Item = &ApiCall> {
        self.api_calls().filter(|call| !call.case.is_hostile())
    }

    /// The requests that are sent behind the matrix, in their order.
    #[must_use]
    pub fn hostile(&self) -> Vec<&ApiCall> {
        let hostile = self.api_calls();
        let mut hostile: Vec<&ApiCall> = hostile.filter(|call| call.case.is_hostile()).collect();
        hostile.sort_by_key(|call| call.case);
        hostile
    }

    /// The requests to endpoints that the metadata names, in their order.
    #[must_use]
    pub fn server_calls(&self) -> Vec<&ServerCall> {
        let calls = self.needs.iter().filter_map(|need| match need {
            Need::Call(Exchange::Server(call)) => Some(call),
            _ => None,
        });
        let mut calls: Vec<&ServerCall> = calls.collect();
        calls.sort();
        calls
    }

    fn api_calls(&self) -> impl Iterator<Item = &ApiCall> {
        self.needs.iter().filter_map(|need| match need {
            Need::Call(Exchange::Api(call)) => Some(call),
            _ => None,
        })
    }
}
