//! Probes: what `provision --with-probes` adds to an org, so that it signs tokens that the API must
//! refuse although nothing about them is forged.
//!
//! Where the key of the issuer is somebody else's, a token with another scope than was granted
//! cannot be made. An org that gives such a scope to a test user makes one.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::places::{Places, place};
use super::{Endpoint, Grantee, Needs, OrgModel, Provider, Scope, ScopeRequest};

/// What the access policy of the probes is called, by which it is known again.
pub const PROBES_POLICY: &str = "okta-e2e probes";
/// How the name of a scope ends that begins like another one.
const NEAR: &str = "-okta-e2e-probe";
/// Endpoints of so many scopes get every hostile request; the core of them goes to all.
const MOST_SCOPES: usize = 10;

/// Which tokens the org is made to sign that the API must refuse, where nobody owns the issuer's
/// key. They are off unless they are named here, and made by `provision --with-probes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Probes {
    /// A scope that begins like each that an endpoint needs, given to a test user who may read the
    /// endpoint: an API that compares scopes by how they begin, or looks for a part, takes it.
    #[serde(default)]
    pub near_scope: bool,
}

/// The one rule of the policy of the probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbesRule {
    /// The NAMEs of the test users that it matches, and it matches nobody else.
    pub users: BTreeSet<String>,
    /// The scopes that it covers, `openid` among them.
    pub scopes: BTreeSet<String>,
}

impl Probes {
    /// Whether there is any.
    #[must_use]
    pub fn any(self) -> bool {
        self.near_scope
    }
}

impl OrgModel {
    /// The endpoints that may be attacked: a public one refuses nobody, and what changes something
    /// is asked once.
    pub fn attacked(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(|endpoint| !endpoint.is_public() && endpoint.is_repeatable())
    }

    /// Of those, the first of each kind of need: of each scope.
    #[must_use]
    pub fn of_each_need(&self) -> Vec<&Endpoint> {
        let mut first: Vec<&Endpoint> = Vec::new();
        for endpoint in self.attacked() {
            let is_known = first.iter().any(|known| known.needs() == endpoint.needs());
            if !is_known && first.len() < MOST_SCOPES {
                first.push(endpoint);
            }
        }
        first
    }

    /// Who asks for the scopes that begin like those of the endpoint, and these: the first test
    /// user who may read it. None where the model has no such probe, or nobody may.
    #[must_use]
    pub fn near_request(&self, endpoint: &Endpoint) -> Option<Grantee> {
        let flow = self.main_flow();
        let way = self.way_in(endpoint, flow);
        let is_probed = self.probes.near_scope && *endpoint.needs() != Needs::SignedIn;
        let readers = self.granted_to(&way, flow);
        let reader = readers.first().filter(|_| is_probed)?;
        let near = way.scopes.iter().map(|scope| near(scope));
        Some(Grantee {
            user: reader.user.clone(),
            request: ScopeRequest::of(near),
        })
    }

    /// The rule that gives what the probes ask for; none where there are none.
    #[must_use]
    pub fn probes_rule(&self) -> Option<ProbesRule> {
        let endpoints = self.of_each_need();
        let mut asked = endpoints.iter().filter_map(|of| self.near_request(of));
        let first = asked.next()?;
        let mut rule = ProbesRule {
            scopes: first.request.with_openid(),
            users: BTreeSet::from([first.user]),
        };
        for asked in asked {
            rule.scopes.extend(asked.request.scopes.iter().cloned());
            rule.users.insert(asked.user);
        }
        Some(rule)
    }

    /// The scopes that are made for the probes alone.
    #[must_use]
    pub fn near_scopes(&self) -> BTreeSet<String> {
        let rule = self.probes_rule();
        let scopes = rule.into_iter().flat_map(|rule| rule.scopes);
        scopes.filter(|scope| scope.ends_with(NEAR)).collect()
    }
}

/// A scope that begins like another one.
fn near(scope: &str) -> String {
    format!("{scope}{NEAR}")
}

/// What cannot be said of probes.
pub(super) fn problems(model: &OrgModel, text: &str) -> Vec<String> {
    let places = Places::of(text);
    let mut found = Vec::new();
    if model.probes.any() && model.provider != Provider::Okta {
        found.push(format!(
            "line {}: probes are made through Okta's Management API, which no other provider has: \
             remove `[probes]`",
            places.line(&place!["probes"])
        ));
    }
    for (at, scope) in model.scopes.iter().map(Scope::name).enumerate() {
        if model.probes.any() && scope.ends_with(NEAR) {
            found.push(format!(
                "line {}: `{scope}` ends like the scopes that are made for probes (`{NEAR}`): \
                 rename it",
                places.line(&place!["scope", at, "name"])
            ));
        }
    }
    if model.probes.any() && model.policy.name == PROBES_POLICY {
        found.push(format!(
            "line {}: `{PROBES_POLICY}` is the access policy of the probes: rename this one",
            places.line(&place!["policy", "name"])
        ));
    }
    found
}

/// Probes that no token would come of, as the rest of the model is.
pub(super) fn without_use(model: &OrgModel, text: &str) -> Option<String> {
    let is_unused = model.probes.any() && model.probes_rule().is_none();
    is_unused.then(|| {
        let line = Places::of(text).line(&place!["probes", "near_scope"]);
        format!(
            "line {line}: `near_scope` needs an endpoint that needs a scope and may be asked \
             again, and a test user who may read it"
        )
    })
}

#[cfg(test)]
mod tests;
