//! Clients that get tokens for themselves by policies of their own: what the model says of each is
//! asked about, since nobody signs in whom a group could speak for.

use serde::Serialize;

use super::look::clients;
use crate::management::found::{
    ALL_CLIENTS, EVERY_SCOPE, FoundApplication, FoundPolicyRules, FoundRule,
};
use crate::management::{ManagementClient, ManagementError};
use crate::model::CLIENT_CREDENTIALS;

/// A client that gets tokens for itself, and what it may have.
#[derive(Debug)]
pub(super) struct FoundService {
    application: FoundApplication,
    scopes: Vec<String>,
    minutes: u32,
}

/// The services of policies that do not apply to the model's client.
///
/// # Errors
/// [`ManagementError`] when a call fails.
pub(super) async fn services_of(
    management: &ManagementClient,
    policies: &[FoundPolicyRules],
) -> Result<Vec<FoundService>, ManagementError> {
    let mut services = Vec::new();
    for policy in policies {
        let rules: Vec<&FoundRule> = policy
            .rules
            .iter()
            .filter(|rule| is_machine(rule))
            .collect();
        let Some(first) = rules.first() else { continue };
        for id in clients(policy).iter().filter(|id| *id != ALL_CLIENTS) {
            let scopes = rules
                .iter()
                .flat_map(|rule| &rule.conditions.scopes.include);
            if let Some(application) = management.application(id).await? {
                services.push(FoundService {
                    application,
                    scopes: scopes.cloned().collect(),
                    minutes: first.actions.token.access_token_lifetime_minutes,
                });
            }
        }
    }
    Ok(services)
}

/// Whether clients get tokens for themselves by a rule.
pub(super) fn is_machine(rule: &FoundRule) -> bool {
    let grants = &rule.conditions.grant_types.include;
    grants.iter().any(|grant| grant == CLIENT_CREDENTIALS)
}

/// `[[service]]` of a model.
#[derive(Serialize)]
pub(super) struct Services<'a> {
    service: [Service<'a>; 1],
}

#[derive(Serialize)]
struct Service<'a> {
    name: String,
    label: &'a str,
    token_endpoint_auth_method: &'a str,
    scopes: Vec<&'a str>,
    access_token_lifetime_minutes: u32,
}

impl FoundService {
    /// What is asked before it is the intent.
    pub(super) fn question(&self) -> String {
        format!(
            "The client `{}` gets {} for itself, without any user. Is that meant? If so, take the \
             # from the lines below; if not, leave them out, and verification reports what it \
             gets.",
            self.application.label,
            self.scopes.join(" and ")
        )
    }

    /// How a model says it; any scope is left for a person to name.
    pub(super) fn said(&self) -> Services<'_> {
        let label = &self.application.label;
        let word = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        let scopes = self.scopes.iter().map(String::as_str);
        let service = Service {
            name: label.chars().map(word).collect(),
            label,
            token_endpoint_auth_method: &self
                .application
                .credentials
                .oauth_client
                .token_endpoint_auth_method,
            scopes: scopes.filter(|scope| *scope != EVERY_SCOPE).collect(),
            access_token_lifetime_minutes: self.minutes,
        };
        Services { service: [service] }
    }
}
