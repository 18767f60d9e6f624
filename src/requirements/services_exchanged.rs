//! Two service clients of which each has the client id of the other.

use std::collections::BTreeSet;

use super::context::Context;
use super::services_audit::given;
use super::trial::Fix;
use crate::model::{Scope, Service};

/// Two services whose variables are exchanged.
pub(super) struct ServicesExchanged<'m> {
    one: &'m Service,
    other: &'m Service,
}

impl ServicesExchanged<'_> {
    /// For the end of a sentence.
    pub(super) fn words(&self) -> String {
        let (one, other) = (self.one.name(), self.other.name());
        format!(
            "the variables SERVICE_{one}_… and SERVICE_{other}_… look exchanged: the client of \
             each is what that of the other should be"
        )
    }

    /// Both of them, the same whichever is asked for.
    pub(super) fn pair(&self) -> String {
        let mut pair = [self.one.name(), self.other.name()];
        pair.sort_unstable();
        format!("services {}", pair.join(" and "))
    }

    /// The variables to change.
    pub(super) fn fix(&self) -> Fix {
        let ids = [self.one, self.other].map(|service| service.variable("CLIENT_ID"));
        Fix::new(
            format!(
                "none in the org: exchange {} with {}, and what each shows who it is by (its \
                 CLIENT_SECRET or PRIVATE_KEY)",
                ids[0], ids[1]
            ),
            "GET /api/v1/apps/{appId} shows the label of a client",
        )
    }
}

impl<'a> Context<'a> {
    /// The service whose client the variables of this one lead to, where that one's lead to the
    /// client of this one.
    pub(super) fn exchanged_service(&self, one: &Service) -> Option<ServicesExchanged<'a>> {
        let services = &self.model.services;
        let one = services.iter().find(|known| known.name() == one.name())?;
        let mut others = services.iter().filter(|other| other.name() != one.name());
        let other =
            others.find(|other| self.is_client_of(one, other) && self.is_client_of(other, one))?;
        Some(ServicesExchanged { one, other })
    }

    /// Whether the client of a service is not called as the model calls it, and the policies give
    /// it just what the model gives another one. Only both together tell exchanged variables from
    /// exchanged policies and from clients of other names.
    fn is_client_of(&self, one: &Service, other: &Service) -> bool {
        let (Ok(Some(found)), Ok(policies), Some(id)) = (
            self.seen.org.service(one.name()),
            self.all_policies(),
            self.facts.services.get(one.name()),
        ) else {
            return false;
        };
        let scopes = self.model.scopes.iter().map(Scope::name);
        let given: BTreeSet<&str> = scopes
            .filter(|scope| given(policies, id, &[scope]).is_some())
            .collect();
        let wanted = |service: &Service| given == service.scope_names().collect::<BTreeSet<_>>();
        found.label != one.label && wanted(other) && !wanted(one)
    }

    /// The service that a client id is of: where variables are exchanged, the other one.
    pub(super) fn service_of(&self, client_id: &str) -> Option<&'a Service> {
        let known = |service: &&Service| {
            let known = self.facts.services.get(service.name());
            known.is_some_and(|known| known == client_id)
        };
        let told = self.model.services.iter().find(known)?;
        let exchanged = self.exchanged_service(told);
        Some(exchanged.map_or(told, |exchanged| exchanged.other))
    }
}
