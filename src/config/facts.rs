//! What a run was told about the org that it faces, and the model about it.

use std::collections::BTreeMap;

use url::Url;

use crate::model::{OrgModel, RedirectUri};

/// What the run was told about the org that it faces.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// Scheme, host and port of the org.
    pub org: String,
    /// The client of step 4.
    pub client_id: String,
    /// The redirect URI that is sent.
    pub redirect_uri: RedirectUri,
    /// The audience that access tokens must have.
    pub audience: String,
    /// The client ids of the configured service clients, by NAME.
    pub services: BTreeMap<String, String>,
    /// `RESOURCE_SERVER_URL`; without it, the API is the suite's own.
    pub resource_server: Option<Url>,
    /// The logins of the configured test users, by NAME.
    pub logins: BTreeMap<String, String>,
}

impl Facts {
    /// What the model alone says, where nothing is known of the org; the API is the suite's own.
    #[must_use]
    pub fn of_model(model: &OrgModel) -> Self {
        Self {
            issuer: String::new(),
            org: String::new(),
            client_id: String::new(),
            redirect_uri: model.client.redirect_uri.clone(),
            audience: model.authorization_server.audience.clone(),
            services: BTreeMap::new(),
            resource_server: None,
            logins: BTreeMap::new(),
        }
    }
}
