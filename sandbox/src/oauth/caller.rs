//! A request of a client to the token, introspection or revocation endpoint, as sent.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::server::{self, InPath};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;

/// What was posted to an endpoint of a server that is there and active, not yet read.
pub(crate) struct Posted {
    pub(crate) server_id: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl FromRequest<Arc<AppState>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Arc<AppState>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = InPath::from_request_parts(&mut parts, state).await;
        let server_id = server::id(path.map_err(IntoResponse::into_response)?);
        if let Some(refusal) = server::refused(state, &server_id) {
            return Err(refusal);
        }
        let query = parts.uri.query().map(str::to_owned);
        let headers = parts.headers.clone();
        let body = String::from_request(Request::from_parts(parts, body), state).await;
        Ok(Self {
            server_id,
            query,
            headers,
            body: body.map_err(IntoResponse::into_response)?,
        })
    }
}

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
        posted: &'a Posted,
        fault: Option<Fault>,
    ) -> Result<Self, OAuthError> {
        let query = posted.query.as_deref().unwrap_or_default();
        let caller = Self {
            endpoint,
            server_id: &posted.server_id,
            headers: &posted.headers,
            form: Parameters::parse(posted.body.as_bytes()),
            query: Parameters::parse(query.as_bytes()),
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
