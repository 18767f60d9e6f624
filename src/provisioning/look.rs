//! What is there already: by the journal's ids, then by the variables, then by name.

mod probes;
mod services;

use std::collections::BTreeMap;

use serde_json::Value;

use super::found::Found;
use super::mark;
use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::subject::Subject;
use super::wanted::is_confidential;
use super::{ProvisionError, plan};
use crate::management::{ManagementClient, Named, ids, is_id, meant};
use crate::model::{EVERYONE, OrgModel, Scope};

/// Where users live, below `/api/v1/`.
pub(super) const USERS: &str = "users";
/// Where groups live.
pub(super) const GROUPS: &str = "groups";
/// Where authorization servers live.
pub(super) const SERVERS: &str = "authorizationServers";
/// Where clients live.
pub(super) const APPS: &str = "apps";
/// Where Trusted Origins live.
pub(super) const ORIGINS: &str = "trustedOrigins";

struct Look<'a, S> {
    model: &'a OrgModel,
    client: &'a ManagementClient,
    store: &'a S,
    found: Found,
}

/// Looks at everything that the model speaks of, and at nothing else.
pub(super) async fn look(
    model: &OrgModel,
    client: &ManagementClient,
    store: &impl Store,
) -> Result<Found, ProvisionError> {
    let organization = client.organization().await;
    let organization = organization.map_err(|source| ProvisionError::Management {
        subject: "step 0 org".to_owned(),
        source: Box::new(source),
        hint: "",
    })?;
    let mut look = Look {
        model,
        client,
        store,
        found: Found::default(),
    };
    look.found.identity_engine = organization.pipeline.as_deref() == Some("idx");
    look.server().await?;
    look.groups().await?;
    look.client().await?;
    look.services().await?;
    if look.found.identity_engine {
        if model.client.password_only_sign_in {
            look.sign_in().await?;
        } else {
            look.found.asks_for_two_factors = look.two_factors().await.unwrap_or_default();
        }
    }
    look.users().await?;
    look.origins().await?;
    Ok(look.found)
}

fn has(item: &Value, pointer: &str, wanted: &str) -> bool {
    item.pointer(pointer).and_then(Value::as_str) == Some(wanted)
}

fn id(item: &Value) -> &str {
    let id = item.get("id").and_then(Value::as_str);
    id.filter(|id| is_id(id)).unwrap_or_default()
}

impl<S: Store> Look<'_, S> {
    async fn list(
        &self,
        subject: &Subject,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, ProvisionError> {
        let list = self.client.list(path, query).await;
        list.map_err(|source| ProvisionError::at(subject, source))
    }

    async fn called(
        &self,
        subject: &Subject,
        list: &str,
        name: &str,
    ) -> Result<Vec<Value>, ProvisionError> {
        let found = self.client.called(list, name).await;
        found.map_err(|source| ProvisionError::at(subject, source))
    }

    async fn get(&self, subject: &Subject, path: &str) -> Result<Option<Value>, ProvisionError> {
        let found = self.client.get(path).await;
        found.map_err(|source| ProvisionError::at(subject, source))
    }

    /// Finds an object: the one of the journal, even where the list is behind; else the one that
    /// may have been made and is ours; else the only one that fits.
    async fn pick(
        &mut self,
        subject: Subject,
        parent: &str,
        items: &[Value],
        fits: impl Fn(&Value) -> bool,
    ) -> Result<(), ProvisionError> {
        let path = |item: &Value| format!("{parent}/{}", id(item));
        let mut object = None;
        let noted = self.store.journal().path(&subject);
        if let Some(noted) = noted.filter(|noted| noted.starts_with(parent)) {
            object = items.iter().find(|item| path(item) == noted).cloned();
            if object.is_none() {
                object = self.get(&subject, noted).await?;
            }
        }
        if let Some(value) = object {
            self.found.add_own(subject, path(&value), value);
            return Ok(());
        }
        let journal = self.store.journal();
        let intended = journal.intended(&subject);
        let intended = intended.filter(|entry| entry.path == parent);
        let ours = intended.and_then(|entry| {
            let mut fitting = items.iter().filter(|item| fits(item));
            fitting.find(|item| !id(item).is_empty() && mark::is_ours(journal, entry, item))
        });
        if let Some(value) = ours {
            self.found.recovered.push(subject.clone());
            self.found.add_own(subject, path(value), value.clone());
            return Ok(());
        }
        let fitting = items.iter().filter(|item| fits(item)).cloned().collect();
        match meant(fitting) {
            Named::Nothing => {}
            Named::One(value) => self.found.add(subject, path(&value), value),
            Named::Several(items) => return Err(ProvisionError::ambiguous(&subject, &ids(&items))),
        }
        Ok(())
    }

    /// Adds a link that is there. One that may have been made is ours: it was not there before.
    fn link(&mut self, subject: Subject, path: String, value: Value) {
        let journal = self.store.journal();
        if journal.path(&subject) == Some(&path) {
            self.found.add_own(subject, path, value);
        } else if journal
            .intended(&subject)
            .is_some_and(|entry| entry.path == path)
        {
            self.found.recovered.push(subject.clone());
            self.found.add_own(subject, path, value);
        } else {
            self.found.add(subject, path, value);
        }
    }

    async fn groups(&mut self) -> Result<(), ProvisionError> {
        let model = self.model;
        let mut names: Vec<&str> = model
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .collect();
        names.extend(
            model
                .client
                .assigned_group_names()
                .filter(|name| *name == EVERYONE),
        );
        for name in names {
            let subject = Subject::group(name);
            let items = self.called(&subject, GROUPS, name).await?;
            self.pick(subject, GROUPS, &items, |_| true).await?;
        }
        Ok(())
    }

    async fn server(&mut self) -> Result<(), ProvisionError> {
        let items = self
            .list(&Subject::Server, SERVERS, &[("limit", "200")])
            .await?;
        let (name, issuer) = (&self.model.authorization_server.name, self.issuer());
        // An org with a domain of its own has two issuers for one server, which end alike.
        let is_named = |item: &Value, issuer: &str| {
            has(item, "/issuer", issuer) || issuer.rsplit('/').next() == Some(id(item))
        };
        let named = issuer.filter(|issuer| items.iter().any(|item| is_named(item, issuer)));
        let fits = |item: &Value| match &named {
            Some(issuer) => is_named(item, issuer),
            None => has(item, "/name", name),
        };
        self.pick(Subject::Server, SERVERS, &items, fits).await?;
        self.probes_servers(&items).await?;
        let Some(server) = self.found.path(&Subject::Server).map(str::to_owned) else {
            return Ok(());
        };
        self.scopes(&format!("{server}/scopes")).await?;
        self.claims(&format!("{server}/claims")).await?;
        self.policy(&format!("{server}/policies")).await
    }

    fn issuer(&self) -> Option<String> {
        self.store.variable("OKTA_OAUTH2_ISSUER")
    }

    async fn scopes(&mut self, parent: &str) -> Result<(), ProvisionError> {
        let items = self.list(&Subject::Server, parent, &[]).await?;
        let near = self.model.near_scopes();
        let own = self.model.scopes.iter().map(Scope::name);
        for name in own.chain(near.iter().map(String::as_str)) {
            let fits = |item: &Value| has(item, "/name", name);
            self.pick(Subject::scope(name), parent, &items, fits)
                .await?;
        }
        Ok(())
    }

    async fn claims(&mut self, parent: &str) -> Result<(), ProvisionError> {
        if self.model.claims.is_empty() {
            return Ok(());
        }
        let items = self.list(&Subject::Server, parent, &[]).await?;
        for claim in &self.model.claims {
            let subject = Subject::claim(claim.name(), claim.token);
            let fits = |item: &Value| {
                has(item, "/name", claim.name())
                    && has(item, "/claimType", claim.token.claim_type())
            };
            self.pick(subject, parent, &items, fits).await?;
        }
        Ok(())
    }

    async fn policy(&mut self, parent: &str) -> Result<(), ProvisionError> {
        let items = self.list(&Subject::Policy, parent, &[]).await?;
        let name = &self.model.policy.name;
        let fits = |item: &Value| has(item, "/name", name);
        self.pick(Subject::Policy, parent, &items, fits).await?;
        let mut own = vec![self.found.id(&Subject::Policy)];
        own.extend(self.service_policies(parent, &items).await?);
        own.extend(self.probes_policy(None, parent, &items).await?);
        self.found.other_policies = others(&items, &own);
        let rules = match self.found.path(&Subject::Policy) {
            Some(policy) => self.rules(&format!("{policy}/rules")).await?,
            None => Vec::new(),
        };
        let names = self
            .model
            .policy
            .rules
            .iter()
            .map(|rule| rule.name.as_str());
        self.found.priorities = plan::priorities(&names.collect::<Vec<_>>(), &rules);
        Ok(())
    }

    /// Finds the rules; gives all that the policy has, by the model's name or none, in order.
    async fn rules(&mut self, parent: &str) -> Result<Vec<Option<String>>, ProvisionError> {
        let mut items = self.list(&Subject::Policy, parent, &[]).await?;
        items.sort_by_key(|rule| rule.get("priority").and_then(Value::as_u64));
        let mut own = BTreeMap::new();
        for rule in &self.model.policy.rules {
            let subject = Subject::rule(&rule.name);
            let fits = |item: &Value| has(item, "/name", &rule.name);
            self.pick(subject.clone(), parent, &items, fits).await?;
            own.insert(self.found.id(&subject), rule.name.clone());
        }
        let ids: Vec<String> = own.keys().cloned().collect();
        self.found.other_rules = others(&items, &ids);
        Ok(items
            .iter()
            .map(|rule| own.get(id(rule)).cloned())
            .collect())
    }

    async fn client(&mut self) -> Result<(), ProvisionError> {
        let label = &self.model.client.label;
        let mut items = Vec::new();
        if let Some(client_id) = self.store.variable("OKTA_OAUTH2_CLIENT_ID") {
            let named = self.client.application_as_told(&client_id).await;
            items.extend(named.map_err(|source| ProvisionError::at(&Subject::Client, source))?);
        }
        if items.is_empty() {
            items = self.called(&Subject::Client, APPS, label).await?;
        }
        self.pick(Subject::Client, APPS, &items, |_| true).await?;
        let Some(client) = self.found.path(&Subject::Client).map(str::to_owned) else {
            return Ok(());
        };
        if is_confidential(self.model) && !self.knows_secret() {
            self.found.unknown.insert(Subject::ClientSecret);
        }
        let parent = format!("{client}/groups");
        let groups = self
            .list(&Subject::Client, &parent, &[("limit", "200")])
            .await?;
        for name in self.model.client.assigned_group_names() {
            let group = self.found.id(&Subject::group(name));
            if groups.iter().any(|found| id(found) == group) {
                let path = format!("{parent}/{group}");
                self.link(Subject::group_assignment(name), path, Value::Null);
            }
        }
        Ok(())
    }

    /// Whether the secret that is known is the one of the client that was found.
    fn knows_secret(&self) -> bool {
        let named = self.store.variable("OKTA_OAUTH2_CLIENT_ID");
        named.as_ref() == Some(&self.found.id(&Subject::Client))
            && self.store.variable("OKTA_OAUTH2_CLIENT_SECRET").is_some()
    }

    /// Whether users of the client are asked for two factors; anyone who may not read policies is
    /// not told.
    async fn two_factors(&self) -> Result<bool, ProvisionError> {
        let subject = Subject::SignInPolicy;
        let present = if let Some(client) = self.found.value(&Subject::Client) {
            sign_in::policy_of(client)
        } else {
            let query = [("type", sign_in::TYPE)];
            sign_in::default_policy(&self.list(&subject, POLICIES, &query).await?)
        };
        let Some(present) = present else {
            return Ok(false);
        };
        let rules = self
            .list(&subject, &format!("{present}/rules"), &[])
            .await?;
        Ok(sign_in::ask_for_two_factors(&rules))
    }

    /// Finds the app sign-in policy of the client, and whether it does; a client that is not there
    /// yet will have the default one.
    async fn sign_in(&mut self) -> Result<(), ProvisionError> {
        let subject = Subject::SignInPolicy;
        let policies = self
            .list(&subject, POLICIES, &[("type", sign_in::TYPE)])
            .await?;
        let name = sign_in::policy_name(self.model, &self.found);
        let fits = |item: &Value| has(item, "/name", &name);
        self.pick(subject.clone(), POLICIES, &policies, fits)
            .await?;
        let own = self.found.path(&subject).map(str::to_owned);
        let present = match self.found.value(&Subject::Client) {
            Some(client) => sign_in::policy_of(client),
            None => sign_in::default_policy(&policies),
        };
        let is_own = own.is_some() && own == present;
        let fits = match &present {
            Some(present) if !is_own => {
                let rules = self
                    .list(&subject, &format!("{present}/rules"), &[])
                    .await?;
                sign_in::ask_for_password_alone(&rules)
            }
            _ => is_own,
        };
        if let Some(present) = present.filter(|_| fits) {
            let client = self.found.path(&Subject::Client).unwrap_or(APPS);
            let link = format!("{client}/{present}");
            self.link(Subject::SignInPolicyAssignment, link, Value::Null);
        }
        self.found.own_sign_in_policy = is_own || !fits;
        if let Some(own) = own {
            let parent = format!("{own}/rules");
            let rules = self.list(&subject, &parent, &[]).await?;
            let fits = |item: &Value| has(item, "/name", sign_in::RULE);
            self.pick(Subject::SignInRule, &parent, &rules, fits)
                .await?;
        }
        Ok(())
    }

    async fn users(&mut self) -> Result<(), ProvisionError> {
        for user in &self.model.users {
            let subject = Subject::user(user.name());
            let login = self
                .store
                .variable(&format!("TEST_USER_{}_USERNAME", user.name()));
            let named = match &login {
                Some(login) => self.get(&subject, &format!("{USERS}/{login}")).await?,
                None => None,
            };
            let mut items: Vec<Value> = named.into_iter().collect();
            if items.is_empty() {
                items.extend(self.perhaps_made(&subject).await?);
            }
            self.pick(subject.clone(), USERS, &items, |_| true).await?;
            let Some(path) = self.found.path(&subject).map(str::to_owned) else {
                continue;
            };
            if self.lacks_password(user.name()) {
                self.found.unknown.insert(Subject::password(user.name()));
            }
            self.links(user.name(), &path).await?;
        }
        Ok(())
    }

    /// The user that may have been made, by the login that it was to have.
    async fn perhaps_made(&self, subject: &Subject) -> Result<Option<Value>, ProvisionError> {
        let entry = self.store.journal().intended(subject);
        match entry.and_then(|entry| entry.intent.as_ref()) {
            Some(intent) => self.get(subject, &format!("{USERS}/{}", intent.name)).await,
            None => Ok(None),
        }
    }

    /// Whether a password is not known, or may not have been set.
    fn lacks_password(&self, name: &str) -> bool {
        let variable = format!("TEST_USER_{name}_PASSWORD");
        let is_open = self.store.journal().intended(&Subject::password(name));
        self.store.variable(&variable).is_none() || is_open.is_some()
    }

    /// The groups that a user is in, and the assignment to the client.
    async fn links(&mut self, name: &str, path: &str) -> Result<(), ProvisionError> {
        let (subject, user) = (Subject::user(name), self.found.id(&Subject::user(name)));
        let groups = self.list(&subject, &format!("{path}/groups"), &[]).await?;
        for wanted in &self.model.groups {
            let group = self.found.id(&Subject::group(&wanted.name));
            if groups.iter().any(|found| id(found) == group) {
                let link = format!("{GROUPS}/{group}/users/{user}");
                self.link(Subject::membership(name, &wanted.name), link, Value::Null);
            }
        }
        if let Some(client) = self.found.path(&Subject::Client) {
            let link = format!("{client}/users/{user}");
            if let Some(assignment) = self.get(&subject, &link).await? {
                self.link(Subject::user_assignment(name), link, assignment);
            }
        }
        Ok(())
    }

    async fn origins(&mut self) -> Result<(), ProvisionError> {
        let Some(first) = self.model.trusted_origins.first() else {
            return Ok(());
        };
        let subject = Subject::origin(&first.origin);
        let items = self.list(&subject, ORIGINS, &[("limit", "200")]).await?;
        for wanted in &self.model.trusted_origins {
            let fits = |item: &Value| has(item, "/origin", &wanted.origin);
            self.pick(Subject::origin(&wanted.origin), ORIGINS, &items, fits)
                .await?;
        }
        Ok(())
    }
}

fn others(items: &[Value], own: &[String]) -> Vec<String> {
    let others = items
        .iter()
        .filter(|item| !own.iter().any(|own| own == id(item)));
    let names = others.filter_map(|item| item.get("name").and_then(Value::as_str));
    names.map(str::to_owned).collect()
}
