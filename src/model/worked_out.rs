//! What follows from the users, groups, scopes and rules of a model, worked out once.
//!
//! Test users who are in the same groups and assigned alike must get the same: whatever is asked of
//! one of thousands is worked out for the few kinds of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::expect::Expected;
use super::file::{OrgModel, TestUser};
use super::policy::{AccessPolicy, Decision, OpenIdConnectScopes, Person, first_match};
use super::request::ScopeRequest;

/// A request by a grant type.
type Asked = (ScopeRequest, String);

/// Where a model keeps what was worked out; a copy that may be changed works it out again.
#[derive(Debug, Default)]
pub(super) struct Kept(OnceLock<Arc<WorkedOut>>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What was worked out of all test users of a model.
#[derive(Debug)]
pub(super) struct WorkedOut {
    users: Vec<TestUser>,
    places: HashMap<String, usize>,
    kinds: Vec<Kind>,
    /// The kind of each user, by place.
    kind_of: Vec<usize>,
    granted_to: Mutex<HashMap<Asked, Arc<[String]>>>,
}

/// Test users who are in the same groups, and assigned alike.
#[derive(Debug)]
struct Kind {
    is_assigned: bool,
    person: Person,
    /// The policies with the rules alone that speak of these users.
    policies: Vec<AccessPolicy>,
    requests: Arc<[ScopeRequest]>,
}

impl OrgModel {
    pub(super) fn worked_out(&self) -> &WorkedOut {
        let Kept(kept) = &self.kept;
        kept.get_or_init(|| Arc::new(WorkedOut::of(self)))
    }

    /// The model with these test users alone in view.
    ///
    /// Trials are made about the users in view. What the others may have is still known, since
    /// what is refused to one is compared with what others get.
    #[must_use]
    pub fn in_view(&self, is_in_view: impl Fn(&str) -> bool) -> Self {
        let mut model = self.clone();
        self.worked_out();
        model.kept = Kept(self.kept.0.clone());
        model.users.retain(|user| is_in_view(user.name()));
        model
    }
}

impl WorkedOut {
    fn of(model: &OrgModel) -> Self {
        let policies = model.access_policies();
        let (mut kinds, mut kind_of) = (Vec::new(), Vec::new());
        let mut known: BTreeMap<(BTreeSet<&str>, bool), usize> = BTreeMap::new();
        for user in &model.users {
            let groups: BTreeSet<&str> = user.group_names().collect();
            let kind = known.entry((groups.clone(), user.assigned_directly));
            kind_of.push(*kind.or_insert_with(|| {
                kinds.push(Kind::of(model, &policies, &groups, user.assigned_directly));
                kinds.len() - 1
            }));
        }
        let names = model.users.iter().map(|user| user.name().to_owned());
        Self {
            places: names.zip(0..).collect(),
            users: model.users.clone(),
            kinds,
            kind_of,
            granted_to: Mutex::default(),
        }
    }

    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub(super) fn user(&self, name: &str) -> Option<&TestUser> {
        self.users.get(self.place_of(name)?)
    }

    fn kind(&self, user: &TestUser) -> Option<&Kind> {
        let kind = self.kind_of.get(self.place_of(user.name())?)?;
        self.kinds.get(*kind)
    }

    /// The requests that are made for the user; none, where the model does not have the user.
    pub(super) fn requests_of(&self, user: &TestUser) -> Arc<[ScopeRequest]> {
        let kind = self.kind(user);
        kind.map_or_else(|| Arc::from([]), |kind| Arc::clone(&kind.requests))
    }

    pub(super) fn expected(
        &self,
        user: &TestUser,
        request: &ScopeRequest,
        grant_type: &str,
    ) -> Expected {
        let kind = self.kind(user);
        kind.map_or(Expected::NotAssigned, |kind| {
            kind.expected(request, grant_type)
        })
    }

    pub(super) fn granted_to(&self, request: &ScopeRequest, grant_type: &str) -> Arc<[String]> {
        let key = (request.clone(), grant_type.to_owned());
        let mut known = self
            .granted_to
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let names = known.entry(key);
        Arc::clone(names.or_insert_with(|| self.find_granted_to(request, grant_type)))
    }

    fn find_granted_to(&self, request: &ScopeRequest, grant_type: &str) -> Arc<[String]> {
        let is_granted = |kind: &Kind| {
            let expected = kind.expected(request, grant_type);
            matches!(expected, Expected::Granted { .. })
        };
        let granted: Vec<bool> = self.kinds.iter().map(is_granted).collect();
        let users = self.users.iter().zip(&self.kind_of);
        let granted_to = users.filter(|(_, kind)| granted.get(**kind) == Some(&true));
        granted_to.map(|(user, _)| user.name().to_owned()).collect()
    }
}

impl Kind {
    fn of(
        model: &OrgModel,
        policies: &[AccessPolicy],
        groups: &BTreeSet<&str>,
        assigned_directly: bool,
    ) -> Self {
        let person = Person {
            login: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        Self {
            is_assigned: model.is_assigned(&person.groups, assigned_directly),
            policies: AccessPolicy::speaking_of(policies, &person),
            requests: model.requests_of_members(groups).into(),
            person,
        }
    }

    fn expected(&self, request: &ScopeRequest, grant_type: &str) -> Expected {
        if !self.is_assigned {
            return Expected::NotAssigned;
        }
        let openid = OpenIdConnectScopes::MustBeInRule;
        let scopes = || std::iter::once("openid").chain(request.scopes.iter().map(String::as_str));
        let decision = first_match(&self.policies, "", &self.person, grant_type, |rule| {
            scopes().all(|scope| rule.covers(scope, openid))
        });
        match decision {
            Decision::Granted(_, rule) => Expected::Granted {
                rule: rule.name.clone(),
                access_token_lifetime_minutes: rule.access_token_lifetime_minutes,
            },
            Decision::Denied => Expected::Denied,
        }
    }
}
