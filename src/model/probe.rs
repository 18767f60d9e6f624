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
    /// A token for each endpoint that lives 5 minutes, used again after it has ended: an API that
    /// checks no expiry takes it. The profile `full` waits for that.
    #[serde(default)]
    pub short_lived: bool,
    /// Two more authorization servers with the scopes of the endpoints, one for the API's audience
    /// and one for another: an API that takes the tokens of any server of the org takes theirs.
    #[serde(default)]
    pub second_server: bool,
}

/// A token that the org is made to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Probe {
    /// Its scope begins like the one that the endpoint needs.
    NearScope,
    /// It is good for the endpoint, and has ended by the time.
    ShortLived,
    /// Another authorization server has signed it, for the API's audience and with the endpoint's
    /// scopes.
    OtherIssuer,
    /// The same, for another audience.
    OtherAudience,
}

impl Probe {
    /// Those that another authorization server signs.
    pub const OF_SERVERS: [Self; 2] = [Self::OtherIssuer, Self::OtherAudience];

    /// What the authorization server is called that signs it; none: it is that of the model.
    #[must_use]
    pub fn server(self) -> Option<&'static str> {
        match self {
            Self::NearScope | Self::ShortLived => None,
            Self::OtherIssuer => Some("okta-e2e probe: another issuer"),
            Self::OtherAudience => Some("okta-e2e probe: another audience"),
        }
    }

    /// The variable that holds the issuer of that server.
    #[must_use]
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::NearScope | Self::ShortLived => None,
            Self::OtherIssuer => Some("OKTA_E2E_PROBE_ISSUER"),
            Self::OtherAudience => Some("OKTA_E2E_PROBE_AUDIENCE"),
        }
    }

    /// What the rule is called that gives its token, but for a number behind it.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::NearScope => "near scopes",
            Self::ShortLived => "short-lived",
            Self::OtherIssuer | Self::OtherAudience => "test user",
        }
    }

    /// The probe that a server of this name signs.
    #[must_use]
    pub fn of_server(name: &str) -> Option<Self> {
        let mut all = Self::OF_SERVERS.into_iter();
        all.find(|probe| probe.server() == Some(name))
    }
}

/// Whether a scope was made for probes alone.
#[must_use]
pub fn is_of_probes(scope: &str) -> bool {
    scope.ends_with(NEAR)
}

/// A rule of the policy of the probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbesRule {
    /// Its name.
    pub name: String,
    /// What its tokens show.
    pub probe: Probe,
    /// The endpoints that its tokens would open where the API is weak.
    pub endpoints: Vec<String>,
    /// The NAMEs of the test users that it matches, and it matches nobody else.
    pub users: BTreeSet<String>,
    /// The scopes that it covers, `openid` among them.
    pub scopes: BTreeSet<String>,
}

impl Probes {
    /// Whether there is any.
    #[must_use]
    pub fn any(self) -> bool {
        self.near_scope || self.short_lived || self.second_server
    }

    fn has(self, probe: Probe) -> bool {
        match probe {
            Probe::NearScope => self.near_scope,
            Probe::ShortLived => self.short_lived,
            Probe::OtherIssuer | Probe::OtherAudience => self.second_server,
        }
    }
}

impl OrgModel {
    /// The endpoints that may be attacked: a public one refuses nobody, and what changes something
    /// is asked once.
    pub fn attacked(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(|endpoint| {
            // What services alone use is not attacked: that takes tokens of people.
            !endpoint.is_public() && endpoint.is_repeatable() && !endpoint.open_to.is_empty()
        })
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

    /// Who asks for what to get the token of a probe at an endpoint: the first test user who may
    /// read it. None where the model has no such probe, or nobody may.
    ///
    /// Of the model's own server, each asks for the scopes that begin like those of the endpoint:
    /// no other rule than that of the probes gives them, so that no other decides about the
    /// request.
    #[must_use]
    pub fn probing(&self, probe: Probe, endpoint: &Endpoint) -> Option<Grantee> {
        let is_probed = self.probes.has(probe) && *endpoint.needs() != Needs::SignedIn;
        let flow = self.main_flow();
        let way = is_probed.then(|| self.way_in(endpoint, flow))?;
        let readers = self.granted_to(&way, flow);
        let reader = readers.first()?;
        let near = way.scopes.iter().map(|scope| near(scope));
        let request = match probe {
            Probe::NearScope => ScopeRequest::of(near),
            Probe::ShortLived => {
                ScopeRequest::of(reader.request.scopes.iter().cloned().chain(near))
            }
            Probe::OtherIssuer | Probe::OtherAudience => reader.request.clone(),
        };
        let user = reader.user.clone();
        Some(Grantee { user, request })
    }

    /// The rules of the policies of the probes, in their order: a wider one comes later. Each gives
    /// a user no scope of an endpoint that the model does not give the user.
    #[must_use]
    pub fn probes_rules(&self) -> Vec<ProbesRule> {
        let endpoints = self.of_each_need();
        let rules = |probe| {
            let endpoints = endpoints.iter();
            endpoints.filter_map(move |endpoint| self.probes_rule(probe, endpoint))
        };
        let numbered = |(rule, number): (ProbesRule, usize)| ProbesRule {
            name: format!("{} {number}", rule.name),
            ..rule
        };
        let near = rules(Probe::NearScope).reduce(ProbesRule::and);
        let alone = [Probe::ShortLived].into_iter().chain(Probe::OF_SERVERS);
        let alone = alone.flat_map(|probe| rules(probe).zip(1..).map(numbered));
        near.into_iter().chain(alone).collect()
    }

    fn probes_rule(&self, probe: Probe, endpoint: &Endpoint) -> Option<ProbesRule> {
        let asked = self.probing(probe, endpoint)?;
        Some(ProbesRule {
            name: probe.rule().to_owned(),
            probe,
            endpoints: vec![endpoint.id().to_owned()],
            scopes: asked.request.with_openid(),
            users: BTreeSet::from([asked.user]),
        })
    }

    /// The audience of the access tokens that a server of this probe signs.
    #[must_use]
    pub fn audience_of(&self, probe: Probe) -> String {
        let own = &self.authorization_server.audience;
        match probe {
            Probe::OtherAudience => near(own),
            Probe::NearScope | Probe::ShortLived | Probe::OtherIssuer => own.clone(),
        }
    }

    /// How many authorization servers are made for the model: its own, and those of the probes.
    #[must_use]
    pub fn servers_to_make(&self) -> usize {
        let of_probes = Probe::OF_SERVERS.into_iter().filter(|probe| {
            let rules = self.probes_rules_of(probe.server());
            !rules.is_empty()
        });
        1 + of_probes.count()
    }

    /// The rules of the policy that a server has for the probes; of none: the model's own.
    #[must_use]
    pub fn probes_rules_of(&self, server: Option<&str>) -> Vec<ProbesRule> {
        let mut rules = self.probes_rules();
        rules.retain(|rule| rule.probe.server() == server);
        rules
    }

    /// The scopes that are made for the probes alone.
    #[must_use]
    pub fn near_scopes(&self) -> BTreeSet<String> {
        let rules = self.probes_rules().into_iter();
        let scopes = rules.flat_map(|rule| rule.scopes);
        scopes.filter(|scope| is_of_probes(scope)).collect()
    }
}

impl ProbesRule {
    /// Both in one, for users who may have what either gives.
    fn and(mut self, other: Self) -> Self {
        self.endpoints.extend(other.endpoints);
        self.users.extend(other.users);
        self.scopes.extend(other.scopes);
        self
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
        if model.probes.any() && is_of_probes(scope) {
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
    let is_unused = model.probes.any() && model.probes_rules().is_empty();
    is_unused.then(|| {
        let line = Places::of(text).line(&place!["probes"]);
        format!(
            "line {line}: `[probes]` needs an endpoint that needs a scope and may be asked again, \
             and a test user who may read it"
        )
    })
}

#[cfg(test)]
mod tests;
