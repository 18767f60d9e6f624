//! What is asked for: the scopes of one request, and which requests matter.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::file::{OrgModel, Scope};
use super::short::{ends_of, short_names};

/// Of so few scopes, every combination is asked for.
const FEW_SCOPES: usize = 3;

/// The scopes of one request, beside `openid`.
///
/// A model has few requests and many trials of them, so that a copy shares the names.
#[derive(Debug, Clone)]
pub struct ScopeRequest {
    /// The custom scopes that are asked for, in the order of the model.
    pub scopes: Arc<[String]>,
    /// What they are called, which makes no request another.
    short: Arc<[String]>,
}

impl ScopeRequest {
    /// A request for these scopes, each called by the last part of its name.
    pub fn of<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Arc<[String]> = scopes.into_iter().map(Into::into).collect();
        let last = |scope: &String| ends_of(scope).next().unwrap_or(scope).to_owned();
        Self {
            short: scopes.iter().map(last).collect(),
            scopes,
        }
    }

    /// A request for these scopes of a model, called as the model calls them.
    fn called(scopes: &[&Scope]) -> Self {
        let scopes = scopes.iter();
        Self {
            scopes: scopes
                .clone()
                .map(|scope| scope.name().to_owned())
                .collect(),
            short: scopes.map(|scope| scope.short().to_owned()).collect(),
        }
    }

    /// `openid` and the custom scopes, as the `scope` parameter has them.
    #[must_use]
    pub fn with_openid(&self) -> BTreeSet<String> {
        std::iter::once("openid".to_owned())
            .chain(self.scopes.iter().cloned())
            .collect()
    }

    /// The value of the `scope` parameter, in the document's order.
    #[must_use]
    pub fn parameter(&self) -> String {
        std::iter::once("openid")
            .chain(self.scopes.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// For sentences and names of trials: `silver and gold`, `openid alone`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.short.is_empty() {
            return "openid alone".to_owned();
        }
        self.short.join(" and ")
    }

    /// Whether the request asks for the scope.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }
}

/// A request is what it asks for, whatever that is called.
impl PartialEq for ScopeRequest {
    fn eq(&self, other: &Self) -> bool {
        self.scopes == other.scopes
    }
}

impl Eq for ScopeRequest {}

impl PartialOrd for ScopeRequest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ScopeRequest {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scopes.cmp(&other.scopes)
    }
}

impl Hash for ScopeRequest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scopes.hash(state);
    }
}

impl OrgModel {
    /// Gives every scope the name that it is called by.
    pub(super) fn name_scopes(&mut self) {
        let names: Vec<&str> = self.scopes.iter().map(Scope::name).collect();
        let short = short_names(&names);
        for (scope, short) in self.scopes.iter_mut().zip(short) {
            scope.short = short;
        }
    }

    /// A request for these scopes, called as the model calls them.
    #[must_use]
    pub fn request_for(&self, names: &[&str]) -> ScopeRequest {
        let scopes = self.scopes.iter();
        let asked: Vec<&Scope> = scopes
            .filter(|scope| names.contains(&scope.name()))
            .collect();
        ScopeRequest::called(&asked)
    }

    /// The requests that are made for the members of these groups: see
    /// [`Self::requests`]. The smallest first.
    #[must_use]
    pub fn requests_of_members(&self, groups: &BTreeSet<&str>) -> Vec<ScopeRequest> {
        let all: Vec<&Scope> = self.scopes.iter().collect();
        let mut requests = if all.len() <= FEW_SCOPES {
            combinations(&all)
        } else {
            let alone = all.iter().map(|scope| vec![*scope]);
            let of_rules = self.sets_of_rules(&all, groups);
            let lists = std::iter::once(Vec::new()).chain(alone).chain(of_rules);
            lists.chain([all.clone()]).collect()
        };
        requests.sort_by_key(Vec::len);
        let mut seen = BTreeSet::new();
        let names = |scopes: &Vec<&Scope>| -> Vec<String> {
            scopes.iter().map(|scope| scope.name().to_owned()).collect()
        };
        requests.retain(|scopes| seen.insert(names(scopes)));
        let requests = requests.iter();
        requests
            .map(|scopes| ScopeRequest::called(scopes))
            .collect()
    }

    /// The custom scopes of each rule that speaks of one of the groups; and with one scope more.
    fn sets_of_rules<'a>(
        &'a self,
        all: &[&'a Scope],
        groups: &BTreeSet<&str>,
    ) -> Vec<Vec<&'a Scope>> {
        let rules = self.policy.rules.iter();
        let speaking = rules.filter(|rule| {
            let mut named = rule.group_names();
            named.any(|name| name == super::EVERYONE || groups.contains(name))
        });
        let sets: Vec<BTreeSet<&str>> = speaking.map(|rule| rule.scope_names().collect()).collect();
        let given: BTreeSet<&str> = sets.iter().flatten().copied().collect();
        let mut lists = Vec::new();
        for set in &sets {
            let outside = || all.iter().filter(|scope| !set.contains(scope.name()));
            let more = outside().find(|scope| given.contains(scope.name()));
            let more = more.or_else(|| outside().next()).map(|scope| scope.name());
            let own = |scope: &&&Scope| set.contains(scope.name());
            lists.push(all.iter().filter(own).copied().collect());
            let wider = |scope: &&&Scope| own(scope) || more == Some(scope.name());
            lists.push(all.iter().filter(wider).copied().collect());
        }
        lists
    }
}

fn combinations<T: Copy>(all: &[T]) -> Vec<Vec<T>> {
    let subset = |mask: usize| {
        let chosen = all.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| mask & (1 << index) != 0);
        chosen.map(|(_, scope)| *scope).collect()
    };
    (0..1_usize << all.len()).map(subset).collect()
}
