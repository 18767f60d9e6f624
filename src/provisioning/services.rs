//! Service clients: each with an access policy and a rule of its own.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::ProvisionError;
use super::difference::overlay;
use super::execute::Execution;
use super::found::Found;
use super::store::Store;
use super::subject::Subject;
use crate::config::{self, ServiceCredentials};
use crate::exchange;
use crate::management::found::ACTIVE;
use crate::model::{CLIENT_CREDENTIALS, OrgModel, Service};

/// What the rule in the access policy of a service is called.
pub(super) const RULE: &str = "for itself";

/// The variables of a service: its client id and its secret.
pub(super) fn variables(name: &str) -> (String, String) {
    (
        format!("SERVICE_{name}_CLIENT_ID"),
        format!("SERVICE_{name}_CLIENT_SECRET"),
    )
}

/// What decides about a service client, its policy or its rule.
pub(super) fn decisive(model: &OrgModel, subject: &Subject, found: &Found) -> Value {
    let Some(service) = service_of(model, subject) else {
        return json!({});
    };
    let [client, ..] = Subject::of_service(service.name());
    match subject {
        Subject::Service { .. } => json!({
            "status": ACTIVE,
            "credentials": { "oauthClient": {
                "token_endpoint_auth_method": service.token_endpoint_auth_method,
            } },
            "settings": { "oauthClient": {
                "response_types": ["token"],
                "grant_types": [CLIENT_CREDENTIALS],
            } },
        }),
        Subject::ServicePolicy { .. } => json!({
            "status": ACTIVE,
            "conditions": { "clients": { "include": [found.id(&client)] } },
        }),
        _ => json!({
            "status": ACTIVE,
            "conditions": {
                "grantTypes": { "include": [CLIENT_CREDENTIALS] },
                "scopes": { "include": service.scope_names().collect::<Vec<_>>() },
            },
            "actions": { "token": {
                "accessTokenLifetimeMinutes": service.access_token_lifetime_minutes,
            } },
        }),
    }
}

/// What a new one has beside that.
pub(super) fn names(model: &OrgModel, subject: &Subject, found: &Found) -> Value {
    let Some(service) = service_of(model, subject) else {
        return json!({});
    };
    match subject {
        Subject::Service { name } => {
            let mut client = json!({
                "name": "oidc_client",
                "label": service.label,
                "signOnMode": "OPENID_CONNECT",
                "credentials": { "oauthClient": {
                    "autoKeyRotation": true,
                    "pkce_required": false,
                } },
                "settings": { "oauthClient": {
                    "application_type": "service",
                    "consent_method": "TRUSTED",
                    "dpop_bound_access_tokens": false,
                    "issuer_mode": "ORG_URL",
                    "redirect_uris": [],
                } },
            });
            if let Some(key) = found.service_keys.get(name) {
                let keys = json!({ "jwks": { "keys": [key] } });
                overlay(&mut client, &json!({ "settings": { "oauthClient": keys } }));
            }
            client
        }
        Subject::ServicePolicy { .. } => {
            let place = model
                .services
                .iter()
                .position(|own| own.name() == service.name());
            json!({
                "type": "OAUTH_AUTHORIZATION_POLICY",
                "name": service.label,
                "description": format!("What the service {} may have", service.label),
                "priority": found.other_policies.len() + 2 + place.unwrap_or_default(),
            })
        }
        // What a rule says of people is of no matter to a client that acts for itself.
        _ => json!({
            "type": "RESOURCE_ACCESS",
            "name": RULE,
            "conditions": { "people": {
                "users": { "include": [], "exclude": [] },
                "groups": { "include": [], "exclude": [] },
            } },
            "actions": { "token": {
                "refreshTokenLifetimeMinutes": 0,
                "refreshTokenWindowMinutes": 10080,
            } },
        }),
    }
}

fn service_of<'m>(model: &'m OrgModel, subject: &Subject) -> Option<&'m Service> {
    match subject {
        Subject::Service { name }
        | Subject::ServicePolicy { name }
        | Subject::ServiceRule { name } => model.service(name),
        _ => None,
    }
}

/// The private key of a service that signs: of the file that the variable names, or the variable
/// itself where nothing outlives the process.
fn private_key(service: &Service, store: &impl Store) -> Result<SecretString, String> {
    let value = store.variable(&service.variable("PRIVATE_KEY"));
    let value = value.ok_or("it is not set")?;
    if value.starts_with("-----BEGIN") {
        return Ok(value.into());
    }
    config::private_key(Path::new(&value))
}

/// The public key of a service that signs; none for one that has a secret.
pub(super) fn public_key(service: &Service, store: &impl Store) -> Option<Result<Value, String>> {
    if service.token_endpoint_auth_method.has_secret() {
        return None;
    }
    let key = private_key(service, store);
    Some(key.and_then(|key| exchange::public_key(&key, "okta-e2e")))
}

/// What nobody but its owner can set, in words.
pub(super) fn unknown(model: &OrgModel, found: &Found, store: &impl Store) -> Vec<String> {
    let of_service = |service: &Service| {
        if let Some(Err(why)) = public_key(service, store) {
            let variable = service.variable("PRIVATE_KEY");
            return Some(format!(
                "{variable}: {why}, so the service client {} is not made: make a key (openssl \
                 genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE), set {variable} \
                 to FILE, and run again",
                service.name()
            ));
        }
        let [client, ..] = Subject::of_service(service.name());
        let secret = service.variable("CLIENT_SECRET");
        let is_unknown = service.token_endpoint_auth_method.has_secret()
            && found.path(&client).is_some()
            && store.variable(&secret).is_none();
        is_unknown.then(|| {
            format!(
                "{secret} is not known: copy it from Applications > Applications > {} > General > \
                 Client secrets",
                service.label
            )
        })
    };
    model.services.iter().filter_map(of_service).collect()
}

/// The credentials of the services that are there and known.
pub(super) fn credentials(
    model: &OrgModel,
    found: &Found,
    store: &impl Store,
) -> BTreeMap<String, ServiceCredentials> {
    let services = model.services.iter();
    let known = services.filter_map(|service| {
        let [client, ..] = Subject::of_service(service.name());
        found.path(&client)?;
        let secret = store.variable(&service.variable("CLIENT_SECRET"));
        let credentials = ServiceCredentials {
            client_id: found.id(&client),
            client_secret: secret.map(SecretString::from),
            private_key: private_key(service, store).ok(),
        };
        Some((service.name().to_owned(), credentials))
    });
    known.collect()
}

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    /// Keeps the id of a service client that was made, and its secret where it has one.
    pub(super) fn keep_service(&mut self, name: &str) -> Result<(), ProvisionError> {
        let [client, ..] = Subject::of_service(name);
        let (id, secret) = variables(name);
        let value = self.found.id(&client);
        let told = self
            .found
            .text(&client, "/credentials/oauthClient/client_secret");
        let told = told.unwrap_or_default().to_owned();
        Ok(self.store.set(&[(&id, &value), (&secret, &told)])?)
    }

    /// Sets the client id of each service that is there and whose variable is blank.
    pub(super) fn restore_services(&mut self) -> Result<(), ProvisionError> {
        for service in &self.model.services {
            let [client, ..] = Subject::of_service(service.name());
            let (variable, _) = variables(service.name());
            if self.found.path(&client).is_some() && self.store.variable(&variable).is_none() {
                let id = self.found.id(&client);
                self.store.set(&[(&variable, &id)])?;
            }
        }
        Ok(())
    }
}
