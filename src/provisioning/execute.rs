//! Carries out a plan, one call after the other, and notes what was made at once.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::difference::overlay;
use super::found::Found;
use super::journal::Intent;
use super::locate::locate;
use super::look::{APPS, GROUPS, ORIGINS, SERVERS, USERS};
use super::mark;
use super::plan::{Action, Change, Plan};
use super::services;
use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::subject::Subject;
use super::wanted::{creation, decisive, is_confidential};
use super::{Entry, Foreign, ProvisionError, Provisioned, is_refusal};
use crate::config::TestUserCredentials;
use crate::management::found::ACTIVE;
use crate::management::{ManagementClient, ManagementError, is_id};
use crate::model::OrgModel;

pub(super) const ISSUER: &str = "OKTA_OAUTH2_ISSUER";
pub(super) const CLIENT_ID: &str = "OKTA_OAUTH2_CLIENT_ID";
pub(super) const CLIENT_SECRET: &str = "OKTA_OAUTH2_CLIENT_SECRET";

pub(super) struct Execution<'a, S, P> {
    pub(super) foreign: Foreign,
    pub(super) model: &'a OrgModel,
    pub(super) client: &'a ManagementClient,
    pub(super) store: &'a mut S,
    pub(super) found: Found,
    pub(super) progress: P,
}

impl<S: Store, P: FnMut(&str)> Execution<'_, S, P> {
    pub(super) async fn run(mut self, plan: Plan) -> Result<Provisioned, ProvisionError> {
        self.check(&plan)?;
        for warning in &plan.warnings {
            (self.progress)(&format!("warning: {warning}"));
        }
        self.take_over()?;
        self.restore()?;
        self.restore_services()?;
        let (mut changes, mut left) = (Vec::new(), plan.unknown);
        for action in &plan.actions {
            let line = match &action.change {
                Change::Nothing => {
                    (self.progress)(&action.to_string());
                    continue;
                }
                _ if action.needs_adoption && self.foreign == Foreign::Keep => {
                    left.push(action.to_string());
                    continue;
                }
                Change::Create => self.make(&action.subject).await?,
                Change::Update(differences) => self.mend(action, differences).await?,
            };
            (self.progress)(&line);
            changes.push(line);
        }
        self.provisioned(changes, left)
    }

    async fn make(&mut self, subject: &Subject) -> Result<String, ProvisionError> {
        match subject {
            Subject::SignInPolicyAssignment => self.attach(subject).await,
            Subject::Membership { .. }
            | Subject::GroupAssignment { .. }
            | Subject::UserAssignment { .. } => self.connect(subject).await,
            Subject::ClientSecret => self.find_secret().await,
            Subject::Password { user } => self.set_password(user).await,
            _ => self.create(subject).await,
        }
    }

    /// Makes a link, which has no id: it is known by what it is between.
    async fn connect(&mut self, subject: &Subject) -> Result<String, ProvisionError> {
        let id = |subject: Subject| self.found.id(&subject);
        let list = self.parent(subject);
        let path = match subject {
            Subject::Membership { user, group } => {
                let (user, group) = (id(Subject::user(user)), id(Subject::group(group)));
                format!("{list}/{group}/users/{user}")
            }
            Subject::GroupAssignment { group } => format!("{list}/{}", id(Subject::group(group))),
            Subject::UserAssignment { user } => format!("{list}/{}", id(Subject::user(user))),
            _ => list.clone(),
        };
        let fresh = self.intend(subject, &path, String::new(), None)?;
        let answer = match subject {
            Subject::UserAssignment { .. } => {
                let body = self.body(subject)?;
                self.client.post(&list, &[], Some(&body)).await
            }
            Subject::GroupAssignment { .. } => self.client.put(&path, Some(&json!({}))).await,
            _ => self.client.put(&path, None).await,
        };
        self.answered(subject, answer, fresh)?;
        self.keep(subject, path, Value::Null)?;
        Ok(format!("{subject}: done"))
    }

    /// Makes an object. What is meant is noted before the call, so that the object is known to be
    /// ours also where its answer never comes.
    async fn create(&mut self, subject: &Subject) -> Result<String, ProvisionError> {
        let parent = self.parent(subject);
        let mut body = self.body(subject)?;
        let name = match subject {
            Subject::Group { .. } => "/profile/name",
            Subject::User { .. } => "/profile/login",
            Subject::Client | Subject::Service { .. } => "/label",
            Subject::Origin { .. } => "/origin",
            _ => "/name",
        };
        let name = text(subject, &body, name, "name")?.to_owned();
        let sent = mark::fields(subject).is_empty().then(|| body.clone());
        let fresh = self.intend(subject, &parent, name, sent)?;
        mark::sign(subject, &mut body, self.store.journal().mark());
        let activate = [("activate", "true")];
        let query = match subject {
            Subject::User { .. } | Subject::Client | Subject::Service { .. } => activate.as_slice(),
            _ => &[],
        };
        let answer = self.client.post(&parent, query, Some(&body)).await;
        let made = self.answered(subject, answer, fresh)?;
        let (path, made) = match id_of(subject, &made) {
            Ok(id) => (format!("{parent}/{id}"), made),
            Err(_) => self.find_again(subject).await?,
        };
        self.keep(subject, path, made)?;
        if *subject == Subject::Client && is_confidential(self.model) && !self.knows_secret() {
            (self.progress)(&format!("{subject}: created without telling its secret"));
            return self.find_secret().await;
        }
        Ok(format!("{subject}: created {}", self.found.id(subject)))
    }

    /// Notes what is about to be made; whether this is the first attempt.
    pub(super) fn intend(
        &mut self,
        subject: &Subject,
        path: &str,
        name: String,
        sent: Option<Value>,
    ) -> Result<bool, ProvisionError> {
        let fresh = self.store.journal().intended(subject).is_none();
        self.store.note(Entry {
            subject: subject.clone(),
            path: path.to_owned(),
            before: None,
            intent: Some(Intent { name, sent }),
        })?;
        Ok(fresh)
    }

    /// Withdraws an intent that the org has said no to. One of an earlier run stays: that it cannot
    /// be made again may well mean that it was made.
    fn answered(
        &mut self,
        subject: &Subject,
        answer: Result<Value, ManagementError>,
        fresh: bool,
    ) -> Result<Value, ProvisionError> {
        if let Err(error) = &answer
            && fresh
            && is_refusal(error)
        {
            self.store.forget(subject)?;
        }
        answer.map_err(|source| ProvisionError::at(subject, source))
    }

    /// The object that was made just now, where the answer does not tell its id.
    async fn find_again(&self, subject: &Subject) -> Result<(String, Value), ProvisionError> {
        let journal = self.store.journal();
        let located = match journal.intended(subject) {
            Some(entry) => locate(self.client, journal, entry).await,
            None => Ok(Vec::new()),
        };
        let located = located.map_err(|source| ProvisionError::at(subject, source))?;
        located
            .into_iter()
            .next()
            .ok_or_else(|| ProvisionError::Incomplete {
                subject: subject.to_string(),
                field: "id",
            })
    }

    pub(super) fn note_made(
        &mut self,
        subject: &Subject,
        path: String,
    ) -> Result<(), ProvisionError> {
        Ok(self.store.note(Entry {
            subject: subject.clone(),
            path,
            before: None,
            intent: None,
        })?)
    }

    /// Gives the client its own app sign-in policy. What it had is noted before, not after: a run
    /// that is killed in between must not lose it, and putting back what is still there is
    /// harmless.
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
            intent: None,
        })?;
        let answer = self.client.put(&path, None).await;
        answer.map_err(|source| ProvisionError::at(subject, source))?;
        self.found.add_own(subject.clone(), path, Value::Null);
        Ok(format!("{subject}: done, in the place of {had}"))
    }

    /// The list that a new object goes into.
    pub(super) fn parent(&self, subject: &Subject) -> String {
        let below = |subject: &Subject, list: &str| {
            let parent = self.found.path(subject).unwrap_or_default();
            format!("{parent}/{list}")
        };
        match subject {
            Subject::Group { .. } | Subject::Membership { .. } => GROUPS.to_owned(),
            Subject::User { .. } => USERS.to_owned(),
            Subject::Server | Subject::ProbesServer { .. } => SERVERS.to_owned(),
            Subject::Scope { .. } => below(&Subject::Server, "scopes"),
            Subject::Claim { .. } => below(&Subject::Server, "claims"),
            Subject::Policy | Subject::ServicePolicy { .. } => below(&Subject::Server, "policies"),
            Subject::ProbesScope { server, .. } => below(&Subject::probes_server(server), "scopes"),
            Subject::ProbesPolicy { server } => {
                below(&Subject::server(server.as_deref()), "policies")
            }
            Subject::ProbesRule { server, .. } => {
                let server = server.clone();
                below(&Subject::ProbesPolicy { server }, "rules")
            }
            Subject::Rule { .. } => below(&Subject::Policy, "rules"),
            Subject::Client | Subject::Service { .. } => APPS.to_owned(),
            Subject::ServiceRule { name } => {
                let [_, policy, _] = Subject::of_service(name);
                below(&policy, "rules")
            }
            Subject::SignInPolicy => POLICIES.to_owned(),
            Subject::SignInRule => below(&Subject::SignInPolicy, "rules"),
            Subject::SignInPolicyAssignment => below(&Subject::Client, "policies"),
            Subject::Origin { .. } => ORIGINS.to_owned(),
            Subject::GroupAssignment { .. } => below(&Subject::Client, "groups"),
            Subject::UserAssignment { .. } => below(&Subject::Client, "users"),
            Subject::ClientSecret => below(&Subject::Client, "credentials/secrets"),
            Subject::Password { user } => below(&Subject::user(user), "credentials"),
        }
    }

    fn body(&mut self, subject: &Subject) -> Result<Value, ProvisionError> {
        match subject {
            Subject::User { name } => {
                let TestUserCredentials {
                    username, password, ..
                } = self.credentials(name)?;
                let mut body = json!({
                    "profile": {
                        "firstName": "Test",
                        "lastName": name,
                        "email": username,
                        "login": username,
                    },
                    "credentials": { "password": { "value": password.expose_secret() } },
                });
                overlay(&mut body, &decisive(self.model, subject, &self.found));
                Ok(body)
            }
            Subject::UserAssignment { user } => {
                Ok(json!({ "id": self.found.id(&Subject::user(user)), "scope": "USER" }))
            }
            _ => Ok(creation(self.model, subject, &self.found)),
        }
    }

    fn keep(&mut self, subject: &Subject, path: String, made: Value) -> Result<(), ProvisionError> {
        self.note_made(subject, path.clone())?;
        self.found.add_own(subject.clone(), path, made);
        if let Subject::Service { name } = subject {
            self.keep_service(name)?;
        }
        if *subject == Subject::Client {
            let made = self.found.value(subject).unwrap_or(&Value::Null);
            let secret = made.pointer("/credentials/oauthClient/client_secret");
            let secret = secret
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            self.set_client(&secret)?;
        }
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
        // The status of a claim is a field like any other, and users are activated by people.
        let has_a_life = !matches!(subject, Subject::Claim { .. } | Subject::User { .. });
        let status = self.found.text(subject, "/status");
        if has_a_life && status.is_some_and(|status| status != ACTIVE) {
            let path = format!("{path}/lifecycle/activate");
            self.client.post(&path, &[], None).await.map_err(failed)?;
        }
        let made = self.send_again(subject, &path).await.map_err(failed)?;
        if action.is_own {
            self.found.add_own(subject.clone(), path, made);
        } else {
            self.found.add(subject.clone(), path, made);
        }
        let origin = action.origin();
        Ok(format!(
            "{subject}: changed{origin}: {}",
            differences.join("; ")
        ))
    }

    /// A user is changed in what is sent and in nothing else; a claim is sent whole, since a filter
    /// of groups has no place in an expression; of all else the rest stays as it is.
    async fn send_again(&self, subject: &Subject, path: &str) -> Result<Value, ManagementError> {
        let wanted = decisive(self.model, subject, &self.found);
        match subject {
            Subject::User { .. } => self.client.post(path, &[], Some(&wanted)).await,
            Subject::Claim { .. } => {
                let whole = creation(self.model, subject, &self.found);
                self.client.put(path, Some(&whole)).await
            }
            _ => {
                let mut body = self.found.value(subject).cloned().unwrap_or_default();
                overlay(&mut body, &wanted);
                self.complete(subject, &mut body);
                self.client.put(path, Some(&body)).await
            }
        }
    }

    /// Okta tells a client's secret only once, and may make another where a `PUT` has none.
    fn complete(&self, subject: &Subject, body: &mut Value) {
        if let Some(body) = body.as_object_mut() {
            body.remove("_links");
            body.remove("_embedded");
        }
        let (id, secret) = match subject {
            Subject::Service { name } => services::variables(name),
            _ => (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()),
        };
        let same_client = self.store.variable(&id) == Some(self.found.id(subject));
        let secret = self.store.variable(&secret).filter(|_| same_client);
        let is_client = matches!(subject, Subject::Client | Subject::Service { .. });
        if let (true, Some(secret)) = (is_client, secret) {
            let secret = json!({ "credentials": { "oauthClient": { "client_secret": secret } } });
            overlay(body, &secret);
        }
    }

    fn provisioned(
        mut self,
        changes: Vec<String>,
        left: Vec<String>,
    ) -> Result<Provisioned, ProvisionError> {
        let server = self.found.value(&Subject::Server).unwrap_or(&Value::Null);
        let mut issuer = text(&Subject::Server, server, "/issuer", "issuer")?.to_owned();
        let named = self.store.variable(ISSUER).unwrap_or_default();
        if named.rsplit('/').next() == Some(self.found.id(&Subject::Server).as_str()) {
            // The same server by another domain of the org.
            issuer = named;
        }
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
        let probe_issuers = self.keep_probe_issuers()?;
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
                    passkey: None,
                },
            ))
        });
        Ok(Provisioned {
            client_secret: self.store.variable(CLIENT_SECRET).map(SecretString::from),
            redirect_uri: self.model.client.redirect_uri.clone(),
            users: users.collect(),
            services: services::credentials(self.model, &self.found, self.store),
            probe_issuers,
            issuer,
            client_id,
            changes,
            left,
        })
    }
}

/// The variables of a test user: login and password.
pub(super) fn variables(name: &str) -> (String, String) {
    (
        format!("TEST_USER_{name}_USERNAME"),
        format!("TEST_USER_{name}_PASSWORD"),
    )
}

/// The id that the org gave to what it has; later paths are made of it.
pub(super) fn id_of<'v>(subject: &Subject, made: &'v Value) -> Result<&'v str, ProvisionError> {
    let id = text(subject, made, "/id", "id")?;
    is_id(id)
        .then_some(id)
        .ok_or_else(|| ProvisionError::Incomplete {
            subject: subject.to_string(),
            field: "id",
        })
}

pub(super) fn text<'v>(
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
