//! What every request to an endpoint has, no matter who makes it: its method, query, headers and
//! body.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::config::Environment;
use crate::model::{Endpoint, HeaderText, OrgModel};

/// The request of an endpoint, without any credential.
#[derive(Debug, Clone, Default)]
pub struct OwnRequest {
    /// The method.
    pub method: &'static str,
    /// The path below the base of the API, without query.
    pub path: String,
    /// The query, without `?`.
    pub query: Option<String>,
    /// Headers by name; what came from a variable is a secret, and the rest does no harm as one.
    pub headers: Vec<(String, SecretString)>,
    /// The body: JSON, unless a header names another media type.
    pub body: Option<String>,
    /// Whether it may be made again and again.
    pub is_repeatable: bool,
}

/// The requests of a model's endpoints.
#[derive(Debug, Default)]
pub struct OwnRequests {
    by_id: BTreeMap<String, Result<OwnRequest, String>>,
    secrets: Vec<SecretString>,
}

impl OwnRequests {
    /// With the values of variables from the environment.
    #[must_use]
    pub fn of(model: &OrgModel, environment: &Environment) -> Self {
        let mut requests = Self::default();
        for endpoint in &model.endpoints {
            let request = OwnRequest::of(endpoint, environment, &mut requests.secrets);
            requests.by_id.insert(endpoint.id().to_owned(), request);
        }
        requests
    }

    /// The request of an endpoint.
    ///
    /// # Errors
    /// A sentence, where a variable is not set whose value it needs, or there is no such endpoint.
    pub fn get(&self, id: &str) -> Result<&OwnRequest, String> {
        match self.by_id.get(id) {
            Some(request) => request.as_ref().map_err(Clone::clone),
            None => Err(format!("the org model has no endpoint {id}")),
        }
    }

    /// The values of variables.
    #[must_use]
    pub fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }
}

impl OwnRequest {
    fn of(
        endpoint: &Endpoint,
        environment: &Environment,
        secrets: &mut Vec<SecretString>,
    ) -> Result<Self, String> {
        let mut headers = Vec::new();
        for (name, text) in &endpoint.headers {
            let value = match text {
                HeaderText::Text(text) => SecretString::from(text.as_str()),
                HeaderText::Variable(variable) => {
                    let value = environment.get(variable).ok_or_else(|| {
                        format!(
                            "set {variable}, which the org model names for the header `{name}` of \
                             {}",
                            endpoint.id()
                        )
                    })?;
                    secrets.push(SecretString::from(value));
                    SecretString::from(value)
                }
            };
            headers.push((name.clone(), value));
        }
        let is_kind = |(name, _): &(String, _)| name.eq_ignore_ascii_case("content-type");
        if endpoint.body().is_some() && !headers.iter().any(is_kind) {
            let json = SecretString::from("application/json");
            headers.push(("Content-Type".to_owned(), json));
        }
        Ok(Self {
            method: endpoint.method.name(),
            path: endpoint.path_alone().to_owned(),
            query: endpoint.query().map(str::to_owned),
            headers,
            body: endpoint.body().map(str::to_owned),
            is_repeatable: endpoint.is_repeatable(),
        })
    }
}
