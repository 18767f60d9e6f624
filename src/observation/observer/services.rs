//! Service clients at the token endpoint, for what is theirs and what is not, and at the API.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;

use secrecy::{ExposeSecret as _, SecretString};

use super::api::Asked;
use super::client::{Proof, proof_by};
use super::{Observer, Plan, discovery};
use crate::config::ServiceCredentials;
use crate::exchange::{ApiCall, JWT_BEARER, client_assertion, foreign_assertion};
use crate::model::{CLIENT_CREDENTIALS, Endpoint, Service};
use crate::observation::{ApiAnswer, NotSeen, Observations, Seen, ServiceSeen, TokenAnswer};
use crate::openid::{AuthorizationHeader, Metadata, TrustedEndpoint, Use, random};

/// The scope that is of users alone: Okta's error catalogue, `openid_not_allowed_client_creds`.
const OF_USERS: &str = "openid";
/// Of so many scopes that are not its own, a service asks for each.
const MOST_OTHERS: usize = 20;

/// Who a request says it is from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pretence {
    /// The service, by its own credentials.
    None,
    /// The service, by somebody else's.
    OtherCredentials,
}

/// What a service is missing to say who it is.
fn not_configured(service: &Service, ending: &str) -> NotSeen {
    NotSeen::not_configured(format!(
        "set {} to have what the service client {} may do looked at",
        service.variable(ending),
        service.name()
    ))
}

impl Observer<'_> {
    /// Lets the services of the plan ask, one after the other.
    pub(super) async fn ask_as_services(&self, plan: &Plan, seen: &mut Observations) {
        let silences = AtomicUsize::new(0);
        let asking = self.model.services.iter();
        for service in asking.filter(|service| plan.asks_as(service.name())) {
            let asked = self
                .ask_as_service(service, &seen.metadata, &silences)
                .await;
            seen.services.insert(service.name().to_owned(), asked);
        }
    }

    /// The credentials of a service.
    ///
    /// # Errors
    /// [`NotSeen`] with the variable that is not set.
    pub(super) fn service_credentials(&self, service: &Service) -> Seen<&ServiceCredentials> {
        let credentials = self.access.services.get(service.name());
        credentials.ok_or_else(|| not_configured(service, "CLIENT_ID"))
    }

    /// What the first service client of the model shows to say who it is, to an endpoint by its
    /// address.
    ///
    /// # Errors
    /// [`NotSeen`] where there is none, or with the variable that is not set.
    pub(super) fn proof_of_service(&self, audience: &str) -> Seen<Proof> {
        let none = || NotSeen::not_applicable("the model has no service client");
        let service = self.model.services.first().ok_or_else(none)?;
        let credentials = self.service_credentials(service)?;
        self.service_proof(service, credentials, Pretence::None, audience)
    }

    async fn ask_as_service(
        &self,
        service: &Service,
        metadata: &Seen<Metadata>,
        silences: &AtomicUsize,
    ) -> Seen<ServiceSeen> {
        let credentials = self.service_credentials(service)?;
        let metadata = metadata.as_ref().map_err(Clone::clone)?;
        let endpoint = &metadata.token_endpoint;
        let endpoint = endpoint.trusted(Use::Token, &self.access.trusted_origins());
        let endpoint = endpoint.map_err(|error| NotSeen::failed(error.to_string()))?;
        let ask = async |scope: &str, pretence: Pretence| {
            let proof = self.service_proof(service, credentials, pretence, endpoint.audience())?;
            self.ask_for_itself(&endpoint, scope, &proof).await
        };
        let scopes = service.scope_names().collect::<Vec<_>>().join(" ");
        let own = ask(&scopes, Pretence::None).await;
        // Who gives no answer, or is missing what proves who it is, is not asked again.
        if let Err(reason) = &own {
            return Err(reason.clone());
        }
        let mut others = BTreeMap::new();
        let withheld = self.model.withheld_from(service).take(MOST_OTHERS);
        for scope in withheld.chain([OF_USERS]) {
            others.insert(scope.to_owned(), ask(scope, Pretence::None).await);
        }
        let impostor = ask(&scopes, Pretence::OtherCredentials).await;
        let calls = self.call_as_service(service, &own, silences).await;
        Ok(ServiceSeen {
            own,
            others,
            impostor,
            calls,
        })
    }

    async fn ask_for_itself(
        &self,
        endpoint: &TrustedEndpoint,
        scope: &str,
        proof: &Proof,
    ) -> Seen<TokenAnswer> {
        let mut form = vec![("grant_type", CLIENT_CREDENTIALS), ("scope", scope)];
        form.extend(self.model.authorization_server.asked_audience());
        let of_client = proof.form.iter();
        form.extend(of_client.map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = self.http.post_form(endpoint, &form, proof.header.as_ref());
        self.token_answer(&answer.await.map_err(discovery::failed)?)
    }

    fn service_proof(
        &self,
        service: &Service,
        credentials: &ServiceCredentials,
        pretence: Pretence,
        audience: &str,
    ) -> Seen<Proof> {
        let (method, id) = (service.token_endpoint_auth_method, &credentials.client_id);
        if method.has_secret() {
            let own = credentials.client_secret.as_ref();
            let own = own.ok_or_else(|| not_configured(service, "CLIENT_SECRET"))?;
            let secret = match pretence {
                Pretence::None => own.clone(),
                Pretence::OtherCredentials => self.secret_of_another(service),
            };
            let proof = proof_by(method, id, Some(&secret));
            return proof.map_err(|error| NotSeen::failed(error.to_string()));
        }
        let own = credentials.private_key.as_ref();
        let own = own.ok_or_else(|| not_configured(service, "PRIVATE_KEY"))?;
        let assertion = match pretence {
            Pretence::None => client_assertion(own, id, audience),
            Pretence::OtherCredentials => foreign_assertion(id, audience),
        };
        let assertion = assertion.map_err(NotSeen::failed)?;
        self.secrets.add(&assertion);
        let form = [
            ("client_id", id.as_str()),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion.expose_secret()),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Proof {
            form: form.into(),
            header: None,
        })
    }

    /// The secret of another client of the run, or one that was made up.
    fn secret_of_another(&self, service: &Service) -> SecretString {
        let services = self.access.services.iter();
        let others = services.filter(|(name, _)| *name != service.name());
        let mut others = others.filter_map(|(_, other)| other.client_secret.clone());
        let other = self.access.client_secret.clone().or_else(|| others.next());
        other.unwrap_or_else(|| SecretString::from(random()))
    }

    /// What the API answers to the service's token at each endpoint that needs a scope: first
    /// where it must be refused.
    async fn call_as_service(
        &self,
        service: &Service,
        own: &Seen<TokenAnswer>,
        silences: &AtomicUsize,
    ) -> BTreeMap<String, Seen<ApiAnswer>> {
        let mut calls = BTreeMap::new();
        let Some(tokens) = own.as_ref().ok().and_then(TokenAnswer::tokens) else {
            return calls;
        };
        let mut endpoints: Vec<&Endpoint> = self.model.endpoints_of_scopes().collect();
        endpoints.sort_by_key(|endpoint| service.opens(endpoint));
        for endpoint in endpoints {
            let answer = self
                .call_with(service, endpoint, &tokens.access, silences)
                .await;
            calls.insert(endpoint.id().to_owned(), answer);
        }
        calls
    }

    async fn call_with(
        &self,
        service: &Service,
        endpoint: &Endpoint,
        token: &SecretString,
        silences: &AtomicUsize,
    ) -> Seen<ApiAnswer> {
        let key = ApiCall::with_nothing(endpoint.id());
        let own = self.own_request(&key)?;
        let may_read = service.opens(endpoint);
        let header = AuthorizationHeader::bearer("the token of a service", token);
        let header = header.map_err(|error| NotSeen::failed(error.to_string()))?;
        let asked = Asked {
            endpoint: self.api(&key)?,
            name: endpoint.id(),
            wanted: endpoint.wanted().filter(|_| may_read || endpoint.is_told()),
            may_read,
            shut: Vec::new(),
        };
        self.ask_api(own, &asked, Some(&header), silences).await
    }
}
