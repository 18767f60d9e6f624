//! What only its owner knows: passwords of test users, and the secret of the client.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::ProvisionError;
use super::execute::{CLIENT_ID, CLIENT_SECRET, Execution, id_of, text, variables};
use super::password;
use super::store::Store;
use super::subject::Subject;
use crate::config::TestUserCredentials;
use crate::management::found::ACTIVE;

/// As many secrets as a client can have at a time.
const MOST_SECRETS: usize = 2;

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    /// Login and password of a user, kept before the user is made: none is lost by a kill.
    pub(super) fn credentials(
        &mut self,
        name: &str,
    ) -> Result<TestUserCredentials, ProvisionError> {
        let (username, password) = variables(name);
        let username = self.known_or(&username, || password::login(name))?;
        let password = SecretString::from(self.known_or(&password, password::password)?);
        Ok(TestUserCredentials {
            username,
            password,
            totp_secret: None,
            passkey: None,
        })
    }

    fn known_or(
        &mut self,
        variable: &str,
        new: impl FnOnce() -> String,
    ) -> Result<String, ProvisionError> {
        let value = self.store.variable(variable).unwrap_or_else(new);
        self.store.set_if_blank(variable, &value)?;
        Ok(value)
    }

    pub(super) fn set_client(&mut self, secret: &str) -> Result<(), ProvisionError> {
        let client_id = self.found.id(&Subject::Client);
        let known = [(CLIENT_ID, client_id.as_str()), (CLIENT_SECRET, secret)];
        Ok(self.store.set(&known)?)
    }

    pub(super) fn knows_secret(&self) -> bool {
        self.store.variable(CLIENT_ID).as_ref() == Some(&self.found.id(&Subject::Client))
            && self.store.variable(CLIENT_SECRET).is_some()
    }

    /// Gets to know a secret of a client of ours: one that it has, or a new one.
    pub(super) async fn find_secret(&mut self) -> Result<String, ProvisionError> {
        let subject = Subject::ClientSecret;
        let failed = |source| ProvisionError::at(&subject, source);
        let list = self.parent(&subject);
        let mut secrets: Vec<Value> = self.client.list(&list, &[]).await.map_err(failed)?;
        let is_active = |secret: &&Value| secret["status"] == ACTIVE;
        let known = secrets.iter().filter(is_active).find_map(secret_of);
        if let Some(known) = known.map(str::to_owned) {
            self.set_client(&known)?;
            return Ok(format!("{subject}: read, since it was not known"));
        }
        if secrets.len() >= MOST_SECRETS {
            // A client can have no third, and nobody knows what the last one is.
            let unknown = secrets.pop().unwrap_or_default();
            let path = format!("{list}/{}", id_of(&subject, &unknown)?);
            let step = format!("{path}/lifecycle/deactivate");
            if unknown["status"] == ACTIVE {
                self.client.post(&step, &[], None).await.map_err(failed)?;
            }
            self.client.delete(&path).await.map_err(failed)?;
        }
        let made = self.client.post(&list, &[], Some(&json!({}))).await;
        let made = made.map_err(failed)?;
        let secret = text(&subject, &made, "/client_secret", "client_secret")?;
        self.set_client(secret)?;
        Ok(format!("{subject}: made anew, since it was not known"))
    }

    /// Gives a user of ours a password that is known. It is noted until the org has said yes, so
    /// that a password that may not be the user's is set again.
    pub(super) async fn set_password(&mut self, user: &str) -> Result<String, ProvisionError> {
        let (subject, owner) = (Subject::password(user), Subject::user(user));
        let path = self.found.path(&owner).unwrap_or_default().to_owned();
        self.intend(&subject, &path, String::new(), None)?;
        let (_, variable) = variables(user);
        let password = self.known_or(&variable, password::password)?;
        let body = json!({ "credentials": { "password": { "value": password } } });
        let answer = self.client.post(&path, &[], Some(&body)).await;
        answer.map_err(|source| ProvisionError::at(&subject, source))?;
        self.store.forget(&subject)?;
        Ok(format!("{subject}: set anew, since it was not known"))
    }
}

/// The secret in an entry of the list of a client's secrets.
fn secret_of(entry: &Value) -> Option<&str> {
    let secret = entry.get("client_secret")?.as_str()?;
    (!secret.is_empty()).then_some(secret)
}
