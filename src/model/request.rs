//! What is asked for: the scopes of one request, and which requests matter.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::{OrgModel, short_scope};

/// Of so few scopes, every combination is asked for.
const FEW_SCOPES: usize = 3;

/// The scopes of one request, beside `openid`.
///
/// A model has few requests and many trials of them, so that a copy shares the names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeRequest {
    /// The custom scopes that are asked for, in the order of the model.
    pub scopes: Arc<[String]>,
}

impl ScopeRequest {
    /// A request for these scopes.
    pub fn of<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
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

    /// For names of trials: `silver`, `silver_and_gold`, `openid_alone`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.scopes.is_empty() {
            return "openid_alone".to_owned();
        }
        let short: Vec<&str> = self.scopes.iter().map(|scope| short_scope(scope)).collect();
        short.join("_and_")
    }

    /// For sentences: `silver and gold`, `openid alone`.
    #[must_use]
    pub fn words(&self) -> String {
        self.name().replace('_', " ")
    }

    /// Whether the request asks for the scope.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }
}

impl OrgModel {
    /// The requests that are made for the members of these groups: see
    /// [`Self::requests`]. The smallest first.
    #[must_use]
    pub fn requests_of_members(&self, groups: &BTreeSet<&str>) -> Vec<ScopeRequest> {
        let all = self.scope_names();
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
        requests.retain(|scopes| seen.insert(scopes.clone()));
        requests.into_iter().map(ScopeRequest::of).collect()
    }

    fn scope_names(&self) -> Vec<&str> {
        let scopes = self.scopes.iter();
        scopes.map(|scope| scope.name.get_ref().as_str()).collect()
    }

    /// The custom scopes of each rule that speaks of one of the groups; and with one scope more.
    fn sets_of_rules<'a>(&'a self, all: &[&'a str], groups: &BTreeSet<&str>) -> Vec<Vec<&'a str>> {
        let rules = self.policy.rules.iter();
        let speaking = rules.filter(|rule| {
            let mut named = rule.group_names();
            named.any(|name| name == super::EVERYONE || groups.contains(name))
        });
        let sets: Vec<BTreeSet<&str>> = speaking.map(|rule| rule.scope_names().collect()).collect();
        let given: BTreeSet<&str> = sets.iter().flatten().copied().collect();
        let mut lists = Vec::new();
        for set in &sets {
            let outside = || all.iter().filter(|scope| !set.contains(**scope));
            let more = outside().find(|scope| given.contains(**scope));
            let more = more.or_else(|| outside().next()).copied();
            let own = |scope: &&&str| set.contains(**scope);
            lists.push(all.iter().filter(own).copied().collect());
            let wider = |scope: &&&str| own(scope) || more == Some(**scope);
            lists.push(all.iter().filter(wider).copied().collect());
        }
        lists
    }
}

fn combinations<'a>(all: &[&'a str]) -> Vec<Vec<&'a str>> {
    let subset = |mask: usize| {
        let chosen = all.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| mask & (1 << index) != 0);
        chosen.map(|(_, scope)| *scope).collect()
    };
    (0..1_usize << all.len()).map(subset).collect()
}
