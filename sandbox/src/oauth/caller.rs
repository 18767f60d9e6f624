//! A request of a client to the token, introspection or revocation endpoint, as sent.

use axum::http::HeaderMap;

use super::server;
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;

/// What a client sends.
pub(crate) struct Caller<'a> {
    /// `token`, `introspect` or `revoke`.
    pub(crate) endpoint: &'static str,
    pub(crate) server_id: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) form: Parameters,
    query: Parameters,
}

/// What proves who a client is, and so has no place in a query.
const CREDENTIALS: [&str; 2] = ["client_secret", "client_assertion"];

impl<'a> Caller<'a> {
    /// Reads a request, which may not say anything twice.
    pub(crate) fn read(
        endpoint: &'static str,
        server_id: &'a str,
        headers: &'a HeaderMap,
        query: Option<&str>,
        body: &str,
        fault: Option<Fault>,
    ) -> Result<Self, OAuthError> {
        let caller = Self {
            endpoint,
            server_id,
            headers,
            form: Parameters::parse(body.as_bytes()),
            query: Parameters::parse(query.unwrap_or_default().as_bytes()),
        };
        let mut credentials = CREDENTIALS.iter();
        let is_ignored = fault == Some(Fault::QueryCredentialsIgnored);
        if !is_ignored && credentials.any(|name| caller.query.get(name).is_some()) {
            return Err(OAuthError::invalid_request(
                "Client credentials cannot be supplied via query parameters.",
            ));
        }
        if caller.form.repeats_any() && fault != Some(Fault::TokenDuplicatesTaken) {
            return Err(OAuthError::duplicate_parameters());
        }
        Ok(caller)
    }

    /// A parameter of the body.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.form.get(name)
    }

    /// The client that names itself; one without a secret may do so in the query.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.get("client_id")
            .or_else(|| self.query.get("client_id"))
    }

    /// The addresses of the endpoint that was called.
    pub(crate) fn addresses(&self, state: &AppState) -> Vec<String> {
        let domains = [Some(&state.base_url), state.custom_domain.as_ref()];
        let address = |domain: &String| {
            format!(
                "{}/{}",
                server::endpoints(domain, self.server_id),
                self.endpoint
            )
        };
        domains.into_iter().flatten().map(address).collect()
    }
}
