//! Service clients: programs that get tokens for themselves, without any user (RFC 6749 section
//! 4.4).

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::file::{ClientAuthentication, OrgModel, Scope};
use super::places::{Places, Step, place};
use super::{Endpoint, ScopeRequest};

/// The grant type by which a client gets tokens for itself.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// How a service can say who it is.
pub(super) const AUTHENTICATIONS: [ClientAuthentication; 3] = [
    ClientAuthentication::ClientSecretBasic,
    ClientAuthentication::ClientSecretPost,
    ClientAuthentication::PrivateKeyJwt,
];

/// A service client, with an access policy of its own: rules of a shared one would give each
/// service what they give the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Service {
    /// The NAME in `SERVICE_<NAME>_CLIENT_ID`: capital letters, digits and `_`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: Spanned<String>,
    /// What `provision` calls the client, and its access policy.
    pub label: String,
    /// How the client authenticates at the token endpoint: by a secret or by a key of its own.
    #[cfg_attr(test, schemars(with = "super::schema::ServiceAuthentication"))]
    pub token_endpoint_auth_method: ClientAuthentication,
    /// The scopes that it may have, and no others.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub scopes: Vec<Spanned<String>>,
    /// How long its access tokens live, in minutes: 5 to 1440.
    #[serde(default = "an_hour")]
    #[cfg_attr(test, schemars(range(min = 5, max = 1440)))]
    pub access_token_lifetime_minutes: u32,
}

fn an_hour() -> u32 {
    60
}

impl Service {
    /// The NAME of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// The names of its scopes.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(|scope| scope.get_ref().as_str())
    }

    /// Whether it may have the scope.
    #[must_use]
    pub fn may_have(&self, scope: &str) -> bool {
        self.scope_names().any(|own| own == scope)
    }

    /// Whether a token with its scopes opens an endpoint.
    #[must_use]
    pub fn opens(&self, endpoint: &Endpoint) -> bool {
        endpoint.needs().are_met_by(|scope| self.may_have(scope))
    }

    /// Whether it may use an endpoint: one that needs scopes, and no others than its own.
    #[must_use]
    pub fn is_let_in(&self, endpoint: &Endpoint) -> bool {
        endpoint.named_scopes().next().is_some() && self.opens(endpoint)
    }

    /// The variable of this service with the ending.
    #[must_use]
    pub fn variable(&self, ending: &str) -> String {
        format!("SERVICE_{}_{ending}", self.name())
    }
}

impl OrgModel {
    /// A service of the model.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name() == name)
    }

    /// What a service asks for: all of its scopes.
    #[must_use]
    pub fn request_of(&self, service: &Service) -> ScopeRequest {
        let names: Vec<&str> = service.scope_names().collect();
        self.request_for(&names)
    }

    /// The scopes of the model that a service must be refused.
    pub fn withheld_from<'m>(&'m self, service: &'m Service) -> impl Iterator<Item = &'m str> {
        let scopes = self.scopes.iter().map(Scope::name);
        scopes.filter(|scope| !service.may_have(scope))
    }

    /// Okta's `consent` of a scope. One that needs consent is granted to nobody but a user (Okta's
    /// error catalogue, `consent_required_client_credentials`), so users are not asked about what
    /// a service may have.
    #[must_use]
    pub fn consent_to(&self, scope: &str) -> &'static str {
        let is_of_service = self.services.iter().any(|service| service.may_have(scope));
        if self.client.asks_for_consent && !is_of_service {
            "REQUIRED"
        } else {
            "IMPLICIT"
        }
    }

    /// The first service that may use an endpoint.
    #[must_use]
    pub fn service_at(&self, endpoint: &Endpoint) -> Option<&Service> {
        let mut services = self.services.iter();
        services.find(|service| service.is_let_in(endpoint))
    }

    /// The endpoints at which a service's token is tried: those that need a scope.
    pub fn endpoints_of_scopes(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(|endpoint| endpoint.named_scopes().next().is_some())
    }
}

/// What cannot be said of services.
pub(super) fn problems(model: &OrgModel, text: &str) -> Vec<String> {
    let mut found: Vec<([Step; 3], String)> = Vec::new();
    let mut names = BTreeSet::new();
    let mut labels = BTreeSet::from([model.client.label.as_str(), model.policy.name.as_str()]);
    for (at, service) in model.services.iter().enumerate() {
        let name = service.name();
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(allowed) {
            let message = format!(
                "service name {name:?} must be capital letters, digits and `_`: it is part of the \
                 variable SERVICE_<NAME>_CLIENT_ID"
            );
            found.push((place!["service", at, "name"], message));
        }
        if !names.insert(name) {
            let message =
                format!("the service `{name}` is defined twice; rename or remove one of the two");
            found.push((place!["service", at, "name"], message));
        }
        found.extend(
            label_problem(service, &mut labels).map(|m| (place!["service", at, "label"], m)),
        );
        found.extend(own_problems(model, at, service));
    }
    let places = Places::of(text);
    let line =
        |(place, message): ([Step; 3], String)| format!("line {}: {message}", places.line(&place));
    found.into_iter().map(line).collect()
}

/// Client and policy of a service are found by its label, in an org where others have theirs.
fn label_problem<'m>(service: &'m Service, labels: &mut BTreeSet<&'m str>) -> Option<String> {
    let label = service.label.as_str();
    if label.trim().is_empty() || label.trim() != label || label.chars().any(char::is_control) {
        return Some("`label` is blank, or has a blank at its end or a line break".to_owned());
    }
    (!labels.insert(label)).then(|| {
        format!(
            "`{label}` is the label of the client or of another service, or the name of the access \
             policy: give the service another"
        )
    })
}

fn own_problems(model: &OrgModel, at: usize, service: &Service) -> Vec<([Step; 3], String)> {
    let mut found = Vec::new();
    if !AUTHENTICATIONS.contains(&service.token_endpoint_auth_method) {
        let allowed = AUTHENTICATIONS.map(|method| format!("`{}`", method.name()));
        let message = format!(
            "a service authenticates by one of {}: `{}` is of other clients",
            allowed.join(", "),
            service.token_endpoint_auth_method.name()
        );
        let place = place!["service", at, "token_endpoint_auth_method"];
        found.push((place, message));
    }
    if !(5..=1440).contains(&service.access_token_lifetime_minutes) {
        let message = "an access token of Okta lives 5 to 1440 minutes".to_owned();
        let place = place!["service", at, "access_token_lifetime_minutes"];
        found.push((place, message));
    }
    let scopes = place!["service", at, "scopes"];
    if service.scopes.is_empty() {
        found.push((
            scopes,
            "a service needs a scope: Okta gives it no token else".to_owned(),
        ));
    }
    let known: Vec<&str> = model.scopes.iter().map(Scope::name).collect();
    for scope in service.scope_names().filter(|scope| !known.contains(scope)) {
        let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "no scope `{scope}` of this model can be a service's (those of OpenID Connect are of \
             users): it has {}",
            all.join(", ")
        );
        found.push((scopes, message));
    }
    found
}
