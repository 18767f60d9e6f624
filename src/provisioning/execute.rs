//! Carries out a plan, one call after the other, and notes what was made at once.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::difference::overlay;
use super::found::Found;
use super::look::{APPS, GROUPS, ORIGINS, SERVERS, USERS};
use super::password;
use super::plan::{Action, Change, Plan};
use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::subject::Subject;
use super::wanted::{creation, decisive};
use super::{Entry, ProvisionError, Provisioned};
use crate::config::TestUserCredentials;
use crate::management::found::ACTIVE;
use crate::management::{ManagementClient, is_id};
use crate::model::OrgModel;

const ISSUER: &str = "OKTA_OAUTH2_ISSUER";
const CLIENT_ID: &str = "OKTA_OAUTH2_CLIENT_ID";
const CLIENT_SECRET: &str = "OKTA_OAUTH2_CLIENT_SECRET";

pub(super) struct Execution<'a, S, P> {
    pub(super) model: &'a OrgModel,
    pub(super) client: &'a ManagementClient,
    pub(super) store: &'a mut S,
    pub(super) found: Found,
    pub(super) progress: P,
}

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    pub(super) async fn run(mut self, plan: Plan) -> Result<Provisioned, ProvisionError> {
        for warning in &plan.warnings {
            (self.progress)(&format!("warning: {warning}"));
        }
        let mut changes = Vec::new();
        for action in &plan.actions {
            let line = match &action.change {
                Change::Nothing => {
                    (self.progress)(&action.to_string());
                    continue;
                }
                Change::Create => self.make(&action.subject).await?,
                Change::Update(differences) => self.mend(action, differences).await?,
            };
            (self.progress)(&line);
            changes.push(line);
        }
        self.provisioned(changes)
    }

    async fn make(&mut self, subject: &Subject) -> Result<String, ProvisionError> {
        if *subject == Subject::SignInPolicyAssignment {
            return self.attach(subject).await;
        }
        let link = match subject {
            Subject::Membership { user, group } => {
                let (group, user) = (Subject::group(group), Subject::user(user));
                Some(format!(
                    "{GROUPS}/{}/users/{}",
                    self.found.id(&group),
                    self.found.id(&user)
                ))
            }
            Subject::GroupAssignment { group } => {
                let group = self.found.id(&Subject::group(group));
                Some(format!(
                    "{APPS}/{}/groups/{group}",
                    self.found.id(&Subject::Client)
                ))
            }
            _ => None,
        };
        if let Some(path) = link {
            let body = matches!(subject, Subject::GroupAssignment { .. }).then(|| json!({}));
            let answer = self.client.put(&path, body.as_ref()).await;
            answer.map_err(|source| ProvisionError::at(subject, source))?;
            self.keep(subject, path, Value::Null)?;
            return Ok(format!("{subject}: done"));
        }
        let parent = self.parent(subject);
        let body = self.body(subject)?;
        let activate = [("activate", "true")];
        let query = match subject {
            Subject::User { .. } | Subject::Client => activate.as_slice(),
            _ => &[],
        };
        let made = self.client.post(&parent, query, Some(&body)).await;
        let made = made.map_err(|source| ProvisionError::at(subject, source))?;
        let id = made_id(subject, &made)?.to_owned();
        self.keep(subject, format!("{parent}/{id}"), made)?;
        Ok(match subject {
            Subject::UserAssignment { .. } => format!("{subject}: done"),
            _ => format!("{subject}: created {id}"),
        })
    }

    /// Gives the client its own app sign-in policy. What it had is noted before, not after: a run
    /// that is killed in between must not lose it, and putting back what is still there is harmless.
    async fn attach(&mut self, subject: &Subject) -> Result<String, ProvisionError> {
        let had = self.found.value(&Subject::Client);
        let had = had.and_then(sign_in::policy_of);
        let had = had.ok_or_else(|| ProvisionError::Incomplete {
            subject: Subject::Client.to_string(),
            field: "_links.accessPolicy",
        })?;
        let policy = self.found.id(&Subject::SignInPolicy);
        let path = format!("{}/{policy}", self.parent(subject));
        self.store.note(Entry {
            subject: subject.clone(),
            path: path.clone(),
            before: Some(had.clone()),
        })?;
        let answer = self.client.put(&path, None).await;
        answer.map_err(|source| ProvisionError::at(subject, source))?;
        self.found.add(subject.clone(), path, Value::Null);
        Ok(format!("{subject}: done, in the place of {had}"))
    }

    /// The list that a new object goes into.
    fn parent(&self, subject: &Subject) -> String {
        let below = |subject: &Subject, list: &str| {
            let parent = self.found.path(subject).unwrap_or_default();
            format!("{parent}/{list}")
        };
        match subject {
            Subject::Group { .. } | Subject::Membership { .. } => GROUPS.to_owned(),
            Subject::User { .. } => USERS.to_owned(),
            Subject::Server => SERVERS.to_owned(),
            Subject::Scope { .. } => below(&Subject::Server, "scopes"),
            Subject::Policy => below(&Subject::Server, "policies"),
            Subject::Rule { .. } => below(&Subject::Policy, "rules"),
            Subject::Client => APPS.to_owned(),
            Subject::SignInPolicy => POLICIES.to_owned(),
            Subject::SignInRule => below(&Subject::SignInPolicy, "rules"),
            Subject::SignInPolicyAssignment => below(&Subject::Client, "policies"),
            Subject::Origin { .. } => ORIGINS.to_owned(),
            Subject::GroupAssignment { .. } => below(&Subject::Client, "groups"),
            Subject::UserAssignment { .. } => below(&Subject::Client, "users"),
        }
    }

    fn body(&mut self, subject: &Subject) -> Result<Value, ProvisionError> {
        match subject {
            Subject::User { name } => {
                let TestUserCredentials {
                    username, password, ..
                } = self.credentials(name)?;
                Ok(json!({
                    "profile": {
                        "firstName": "Test",
                        "lastName": name,
                        "email": username,
                        "login": username,
                    },
                    "credentials": { "password": { "value": password.expose_secret() } },
                }))
            }
            Subject::UserAssignment { user } => {
                Ok(json!({ "id": self.found.id(&Subject::user(user)), "scope": "USER" }))
            }
            _ => Ok(creation(self.model, subject, &self.found)),
        }
    }

    /// Login and password of a user, kept before the user is made: none is lost by a kill.
    fn credentials(&mut self, name: &str) -> Result<TestUserCredentials, ProvisionError> {
        let (username, password) = variables(name);
        let username = self.known_or(&username, || password::login(name))?;
        let password = SecretString::from(self.known_or(&password, password::password)?);
        Ok(TestUserCredentials {
            username,
            password,
            totp_secret: None,
        })
    }

    fn known_or(
        &mut self,
        variable: &str,
        new: impl FnOnce() -> String,
    ) -> Result<String, ProvisionError> {
        if let Some(known) = self.store.variable(variable) {
            return Ok(known);
        }
        let value = new();
        self.store.set(&[(variable, &value)])?;
        Ok(value)
    }

    fn keep(&mut self, subject: &Subject, path: String, made: Value) -> Result<(), ProvisionError> {
        let entry = Entry {
            subject: subject.clone(),
            path: path.clone(),
            before: None,
        };
        self.store.note(entry)?;
        if *subject == Subject::Client {
            let client_id = made_id(subject, &made)?;
            let secret = made.pointer("/credentials/oauthClient/client_secret");
            let secret = secret.and_then(Value::as_str).unwrap_or_default();
            self.store
                .set(&[(CLIENT_ID, client_id), (CLIENT_SECRET, secret)])?;
        }
        self.found.add(subject.clone(), path, made);
        Ok(())
    }

    /// Lays what is wanted over what is found, since `PUT` replaces the whole object.
    async fn mend(
        &mut self,
        action: &Action,
        differences: &[String],
    ) -> Result<String, ProvisionError> {
        let subject = &action.subject;
        let failed = |source| ProvisionError::at(subject, source);
        let path = self.found.path(subject).unwrap_or_default().to_owned();
        if self
            .found
            .text(subject, "/status")
            .is_some_and(|status| status != ACTIVE)
        {
            let path = format!("{path}/lifecycle/activate");
            self.client.post(&path, &[], None).await.map_err(failed)?;
        }
        let mut body = self.found.value(subject).cloned().unwrap_or_default();
        overlay(&mut body, &decisive(self.model, subject, &self.found));
        self.complete(subject, &mut body);
        let made = self.client.put(&path, Some(&body)).await.map_err(failed)?;
        self.found.add(subject.clone(), path, made);
        let origin = action.origin();
        Ok(format!(
            "{subject}: changed{origin}: {}",
            differences.join("; ")
        ))
    }

    /// Okta tells a client's secret only once, and may make another where a `PUT` has none.
    fn complete(&self, subject: &Subject, body: &mut Value) {
        if let Some(body) = body.as_object_mut() {
            body.remove("_links");
            body.remove("_embedded");
        }
        let same_client = self.store.variable(CLIENT_ID) == Some(self.found.id(subject));
        let secret = self.store.variable(CLIENT_SECRET).filter(|_| same_client);
        if let (Subject::Client, Some(secret)) = (subject, secret) {
            let secret = json!({ "credentials": { "oauthClient": { "client_secret": secret } } });
            overlay(body, &secret);
        }
    }

    fn provisioned(self, changes: Vec<String>) -> Result<Provisioned, ProvisionError> {
        let server = self.found.value(&Subject::Server).unwrap_or(&Value::Null);
        let issuer = text(&Subject::Server, server, "/issuer", "issuer")?.to_owned();
        let client_id = self.found.id(&Subject::Client);
        if self
            .store
            .variable(CLIENT_ID)
            .is_some_and(|known| known != client_id)
        {
            // The secret is of the client that was named before.
            self.store.set(&[(CLIENT_SECRET, "")])?;
        }
        let known = [(ISSUER, issuer.as_str()), (CLIENT_ID, client_id.as_str())];
        self.store.set(&known)?;
        let users = self.model.users.iter().filter_map(|user| {
            let (username, password) = variables(user.name());
            let username = self.store.variable(&username)?;
            let password = SecretString::from(self.store.variable(&password)?);
            Some((
                user.name().to_owned(),
                TestUserCredentials {
                    username,
                    password,
                    totp_secret: None,
                },
            ))
        });
        Ok(Provisioned {
            client_secret: self.store.variable(CLIENT_SECRET).map(SecretString::from),
            redirect_uri: self.model.client.redirect_uri.clone(),
            users: users.collect(),
            issuer,
            client_id,
            changes,
        })
    }
}

fn variables(name: &str) -> (String, String) {
    (
        format!("TEST_USER_{name}_USERNAME"),
        format!("TEST_USER_{name}_PASSWORD"),
    )
}

/// The id that the org gave to what was made; later paths are made of it.
fn made_id<'v>(subject: &Subject, made: &'v Value) -> Result<&'v str, ProvisionError> {
    let id = text(subject, made, "/id", "id")?;
    is_id(id)
        .then_some(id)
        .ok_or_else(|| ProvisionError::Incomplete {
            subject: subject.to_string(),
            field: "id",
        })
}

fn text<'v>(
    subject: &Subject,
    value: &'v Value,
    pointer: &str,
    field: &'static str,
) -> Result<&'v str, ProvisionError> {
    let incomplete = || ProvisionError::Incomplete {
        subject: subject.to_string(),
        field,
    };
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(incomplete)
}
