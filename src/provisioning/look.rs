//! What is there already: by the journal's ids, then by the variables, then by name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::found::Found;
use super::sign_in::{self, POLICIES};
use super::store::Store;
use super::subject::Subject;
use super::{ProvisionError, plan};
use crate::management::{ManagementClient, is_id};
use crate::model::{EVERYONE, OrgModel};

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
    if model.client.password_only_sign_in && look.found.identity_engine {
        look.sign_in().await?;
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

    async fn get(&self, subject: &Subject, path: &str) -> Result<Option<Value>, ProvisionError> {
        let found = self.client.get(path).await;
        found.map_err(|source| ProvisionError::at(subject, source))
    }

    /// Finds an object: the one of the journal, even where the list is behind; else by `fits`.
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
        let object = object.or_else(|| items.iter().find(|item| fits(item)).cloned());
        if let Some(value) = object {
            self.found.add(subject, path(&value), value);
        }
        Ok(())
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
            let items = self.list(&subject, GROUPS, &[("q", name)]).await?;
            let fits = |group: &Value| has(group, "/profile/name", name);
            self.pick(subject, GROUPS, &items, fits).await?;
        }
        Ok(())
    }

    async fn server(&mut self) -> Result<(), ProvisionError> {
        let items = self
            .list(&Subject::Server, SERVERS, &[("limit", "200")])
            .await?;
        let (name, issuer) = (&self.model.authorization_server.name, self.issuer());
        let named = issuer.filter(|issuer| items.iter().any(|item| has(item, "/issuer", issuer)));
        let fits = |item: &Value| match &named {
            Some(issuer) => has(item, "/issuer", issuer),
            None => has(item, "/name", name),
        };
        self.pick(Subject::Server, SERVERS, &items, fits).await?;
        let Some(server) = self.found.path(&Subject::Server).map(str::to_owned) else {
            return Ok(());
        };
        self.scopes(&format!("{server}/scopes")).await?;
        self.policy(&format!("{server}/policies")).await
    }

    fn issuer(&self) -> Option<String> {
        self.store.variable("OKTA_OAUTH2_ISSUER")
    }

    async fn scopes(&mut self, parent: &str) -> Result<(), ProvisionError> {
        let items = self.list(&Subject::Server, parent, &[]).await?;
        for scope in &self.model.scopes {
            let name = scope.name.get_ref();
            let fits = |item: &Value| has(item, "/name", name);
            self.pick(Subject::scope(name), parent, &items, fits)
                .await?;
        }
        Ok(())
    }

    async fn policy(&mut self, parent: &str) -> Result<(), ProvisionError> {
        let items = self.list(&Subject::Policy, parent, &[]).await?;
        let name = &self.model.policy.name;
        let fits = |item: &Value| has(item, "/name", name);
        self.pick(Subject::Policy, parent, &items, fits).await?;
        let own = self.found.id(&Subject::Policy);
        self.found.other_policies = others(&items, &[own]);
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
            items.extend(
                self.get(&Subject::Client, &format!("{APPS}/{client_id}"))
                    .await?,
            );
        }
        if items.is_empty() {
            items = self.list(&Subject::Client, APPS, &[("q", label)]).await?;
            items.retain(|app| has(app, "/label", label) && has(app, "/name", "oidc_client"));
        }
        self.pick(Subject::Client, APPS, &items, |_| true).await?;
        let Some(client) = self.found.path(&Subject::Client) else {
            return Ok(());
        };
        let parent = format!("{client}/groups");
        let groups = self
            .list(&Subject::Client, &parent, &[("limit", "200")])
            .await?;
        for name in self.model.client.assigned_group_names() {
            let group = self.found.id(&Subject::group(name));
            if groups.iter().any(|found| id(found) == group) {
                let path = format!("{parent}/{group}");
                self.found
                    .add(Subject::group_assignment(name), path, Value::Null);
            }
        }
        Ok(())
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
            self.found
                .add(Subject::SignInPolicyAssignment, link, Value::Null);
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
            let items: Vec<Value> = named.into_iter().collect();
            self.pick(subject.clone(), USERS, &items, |_| true).await?;
            if let Some(path) = self.found.path(&subject).map(str::to_owned) {
                self.links(user.name(), &path).await?;
            }
        }
        Ok(())
    }

    /// The groups that a user is in, and the assignment to the client.
    async fn links(&mut self, name: &str, path: &str) -> Result<(), ProvisionError> {
        let (subject, user) = (Subject::user(name), self.found.id(&Subject::user(name)));
        let groups = self.list(&subject, &format!("{path}/groups"), &[]).await?;
        for wanted in &self.model.groups {
            let group = self.found.id(&Subject::group(&wanted.name));
            if groups.iter().any(|found| id(found) == group) {
                let link = format!("{GROUPS}/{group}/users/{user}");
                self.found
                    .add(Subject::membership(name, &wanted.name), link, Value::Null);
            }
        }
        if let Some(client) = self.found.path(&Subject::Client) {
            let link = format!("{client}/users/{user}");
            if let Some(assignment) = self.get(&subject, &link).await? {
                self.found
                    .add(Subject::user_assignment(name), link, assignment);
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
