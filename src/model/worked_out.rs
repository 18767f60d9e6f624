//! What follows from the users, groups, scopes and rules of a model, worked out once.
//!
//! Test users who are in the same groups and assigned alike must get the same: whatever is asked of
//! one of thousands is worked out for the few kinds of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::expect::Expected;
use super::file::{OrgModel, TestUser};
use super::flow::Flow;
use super::policy::{AccessPolicy, Decision, OpenIdConnectScopes, Person, first_match};
use super::request::ScopeRequest;

/// A request by a flow.
type Asked = (ScopeRequest, Flow);

/// A test user who may have what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grantee {
    /// The NAME.
    pub user: String,
    /// The request that is made for the user to get it: it may ask for more.
    pub request: ScopeRequest,
}

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
    /// The users of each kind, by place.
    of_kind: Vec<Vec<usize>>,
    granted_to: Mutex<HashMap<Asked, Arc<[Grantee]>>>,
}

/// Test users who are in the same groups, and assigned alike.
#[derive(Debug)]
struct Kind {
    is_assigned: bool,
    person: Person,
    /// The policies with the rules alone that speak of these users.
    policies: Vec<AccessPolicy>,
    /// All that are made by the main flow, the smallest first.
    all: Arc<[ScopeRequest]>,
    /// Those that are made by each flow.
    requests: BTreeMap<Flow, Arc<[ScopeRequest]>>,
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
        let mut of_kind: Vec<Vec<usize>> = Vec::new();
        let mut known: BTreeMap<(BTreeSet<&str>, bool), usize> = BTreeMap::new();
        for (place, user) in model.users.iter().enumerate() {
            let groups: BTreeSet<&str> = user.group_names().collect();
            let kind = known.entry((groups.clone(), user.assigned_directly));
            let kind = *kind.or_insert_with(|| {
                kinds.push(Kind::of(model, &policies, &groups, user.assigned_directly));
                of_kind.push(Vec::new());
                kinds.len() - 1
            });
            kind_of.push(kind);
            of_kind[kind].push(place);
        }
        let names = model.users.iter().map(|user| user.name().to_owned());
        Self {
            places: names.zip(0..).collect(),
            users: model.users.clone(),
            kinds,
            kind_of,
            of_kind,
            granted_to: Mutex::default(),
        }
    }

    pub(super) fn users(&self) -> &[TestUser] {
        &self.users
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

    /// The users of each other kind than this one's: nobody's expectation differs within a kind.
    pub(super) fn other_kinds(
        &self,
        user: &TestUser,
    ) -> impl Iterator<Item = impl Iterator<Item = &TestUser> + Clone> {
        let own = self.place_of(user.name()).map(|place| self.kind_of[place]);
        let kinds = self.of_kind.iter().enumerate();
        let others = kinds.filter(move |(kind, _)| own != Some(*kind));
        others.map(|(_, places)| places.iter().map(|place| &self.users[*place]))
    }

    /// The requests that are made for the user; none, where the model does not have the user.
    pub(super) fn requests(&self, user: &TestUser, flow: Flow) -> Arc<[ScopeRequest]> {
        let requests = self.kind(user).and_then(|kind| kind.requests.get(&flow));
        requests.map_or_else(|| Arc::from([]), Arc::clone)
    }

    pub(super) fn largest_granted(&self, user: &TestUser, flow: Flow) -> Option<ScopeRequest> {
        self.kind(user)?.largest_granted(flow).cloned()
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

    pub(super) fn granted_to(&self, request: &ScopeRequest, flow: Flow) -> Arc<[Grantee]> {
        let mut known = self
            .granted_to
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let grantees = known.entry((request.clone(), flow));
        Arc::clone(grantees.or_insert_with(|| self.find_granted_to(request, flow)))
    }

    fn find_granted_to(&self, request: &ScopeRequest, flow: Flow) -> Arc<[Grantee]> {
        let kinds = self.kinds.iter();
        let ways: Vec<Option<&ScopeRequest>> =
            kinds.map(|kind| kind.gets_by(request, flow)).collect();
        let users = self.users.iter().zip(&self.kind_of);
        let grantee = |(user, kind): (&TestUser, &usize)| {
            let request = ways.get(*kind).copied().flatten()?;
            Some(Grantee {
                user: user.name().to_owned(),
                request: request.clone(),
            })
        };
        users.filter_map(grantee).collect()
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
        let mut kind = Self {
            is_assigned: model.is_assigned(&person.groups, assigned_directly),
            policies: AccessPolicy::speaking_of(policies, &person),
            all: model.requests_of_members(groups).into(),
            requests: BTreeMap::new(),
            person,
        };
        let main = model.main_flow();
        for flow in Flow::ALL {
            let requests = if flow == main {
                Arc::clone(&kind.all)
            } else {
                kind.telling(flow)
            };
            kind.requests.insert(flow, requests);
        }
        kind
    }

    /// The largest request that the flow gives, and the smallest that it denies; of whom it gives
    /// nothing, each scope alone, since a rule for everybody may give any of them.
    fn telling(&self, flow: Flow) -> Arc<[ScopeRequest]> {
        let is_denied =
            |request: &&ScopeRequest| !request.scopes.is_empty() && !self.is_granted(request, flow);
        let granted = self.largest_granted(flow);
        let most = if self.is_assigned && granted.is_none() {
            usize::MAX
        } else {
            1
        };
        let denied = self.all.iter().filter(is_denied).enumerate();
        let denied = denied.filter(|(place, request)| *place == 0 || request.scopes.len() == 1);
        let denied = denied.map(|(_, request)| request).take(most);
        granted.into_iter().chain(denied).cloned().collect()
    }

    fn largest_granted(&self, flow: Flow) -> Option<&ScopeRequest> {
        let mut largest_first = self.all.iter().rev();
        largest_first.find(|request| self.is_granted(request, flow))
    }

    /// The smallest request that is made by the flow and that gives these scopes.
    fn gets_by(&self, wanted: &ScopeRequest, flow: Flow) -> Option<&ScopeRequest> {
        let mut requests = self.requests.get(&flow)?.iter();
        requests.find(|request| {
            let mut scopes = wanted.scopes.iter();
            scopes.all(|scope| request.contains(scope)) && self.is_granted(request, flow)
        })
    }

    fn is_granted(&self, request: &ScopeRequest, flow: Flow) -> bool {
        let expected = self.expected(request, flow.grant_type());
        matches!(expected, Expected::Granted { .. })
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
