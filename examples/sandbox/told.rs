//! What is printed and written: the same values by the names of the JSON object and by those of
//! variables.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::Provisioned;
use okta_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::files::{self, Folder};

/// The values that are known so far.
pub(crate) struct Told {
    json: Value,
    variables: BTreeMap<String, String>,
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.json.fmt(formatter)
    }
}

impl Told {
    /// What there is to know of every org.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let mut told = Self {
            json: json!({}),
            variables: BTreeMap::new(),
        };
        told.both("org_url", "OKTA_CLIENT_ORGURL", sandbox.org_url());
        told.both("api_token", "OKTA_CLIENT_TOKEN", sandbox.api_token());
        told
    }

    /// What provisioning made.
    pub(crate) fn provisioned(&mut self, made: &Provisioned, model: &OrgModel) {
        let secret = made.client_secret.as_ref();
        let secret = secret.map_or("", |secret| secret.expose_secret());
        self.both("issuer", "OKTA_OAUTH2_ISSUER", &made.issuer);
        self.both("client_id", "OKTA_OAUTH2_CLIENT_ID", &made.client_id);
        self.both("client_secret", "OKTA_OAUTH2_CLIENT_SECRET", secret);
        let redirect_uri = model.client.redirect_uri.as_str();
        self.both("redirect_uri", "OKTA_OAUTH2_REDIRECT_URI", redirect_uri);
        self.json["jwks_uri"] = format!("{}/v1/keys", made.issuer).into();
        self.json["test_users"] = json!({});
        for (name, user) in &made.users {
            self.of_user(name, "username", &user.username);
            self.of_user(name, "password", user.password.expose_secret());
        }
    }

    /// The service clients that provisioning made; a private key goes into a file.
    pub(crate) fn services(&mut self, made: &Provisioned, folder: &Folder) -> Result<(), String> {
        for (name, service) in &made.services {
            let mut values = vec![("client_id", service.client_id.clone())];
            if let Some(secret) = &service.client_secret {
                values.push(("client_secret", secret.expose_secret().to_owned()));
            }
            if let Some(key) = &service.private_key {
                let file = format!("service-{}.pem", name.to_lowercase());
                values.push(("private_key", folder.write(&file, key.expose_secret())?));
            }
            for (field, value) in values {
                self.json["services"][name][field] = value.clone().into();
                let variable = format!("SERVICE_{name}_{}", field.to_uppercase());
                self.variables.insert(variable, value);
            }
        }
        Ok(())
    }

    /// The files with the keys of the issuer, as those take them who cannot fetch keys.
    pub(crate) fn keys(
        &mut self,
        sandbox: &Sandbox,
        issuer: &str,
        folder: &Folder,
    ) -> Result<(), String> {
        let key = sandbox.signing_key(issuer);
        let key = key.ok_or_else(|| format!("`{issuer}` has no key to sign with"))?;
        let public = folder.write("public-key.pem", &key.public)?;
        let private = folder.write("trusted-key.pem", &key.private)?;
        self.json["public_key"] = public.into();
        self.both("trusted_key", "OKTA_E2E_TRUSTED_KEY", &private);
        Ok(())
    }

    pub(crate) fn api(&mut self, url: &str) {
        self.both("resource_server_url", "RESOURCE_SERVER_URL", url);
    }

    pub(crate) fn of_user(&mut self, name: &str, field: &str, value: &str) {
        self.json["test_users"][name][field] = value.into();
        let variable = format!("TEST_USER_{name}_{}", field.to_uppercase());
        self.variables.insert(variable, value.to_owned());
    }

    /// The certificate of the authority that certifies org and API.
    pub(crate) fn authority(&mut self, file: &str) {
        self.both("ca_file", "SSL_CERT_FILE", file);
    }

    /// A model that verification does not take by itself.
    pub(crate) fn model(&mut self, path: String) {
        self.variables.insert("OKTA_E2E_ORG_MODEL".to_owned(), path);
    }

    /// Writes the variables as a ready `.env`.
    pub(crate) fn write(&self, file: &Path) -> Result<(), String> {
        files::write_variables(file, &self.variables)
    }

    /// Keeps the variables for the next start, where it is wanted.
    pub(crate) fn keep(&self, folder: &Folder) -> Result<(), String> {
        folder.keep(&self.variables)
    }

    fn both(&mut self, field: &str, variable: &str, value: &str) {
        self.json[field] = value.into();
        self.variables.insert(variable.to_owned(), value.to_owned());
    }
}
