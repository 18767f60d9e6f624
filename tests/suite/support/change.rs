//! Changes to a provisioned org, as data: calls of the Management API, with names for ids.

use std::collections::BTreeMap;

use okta_e2e::management::ManagementClient;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::world::World;

/// One change: exactly one of the four calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    delete: Option<String>,
    post: Option<String>,
    put: Option<String>,
    /// `GET`, a JSON merge patch (RFC 7396) by the body, and `PUT`.
    merge_into: Option<String>,
    body: Option<toml::Value>,
    /// What later changes call the id that this one made: `{made:NAME}`.
    name: Option<String>,
}

/// Applies changes one after the other; every one must succeed.
pub(crate) async fn apply(world: &World, changes: &[Change]) {
    let mut org = Org::new(world);
    for change in changes {
        org.apply(change).await;
    }
}

struct Org<'a> {
    world: &'a World,
    http: reqwest::Client,
    token: SecretString,
    client: ManagementClient,
    made: BTreeMap<String, String>,
}

impl<'a> Org<'a> {
    fn new(world: &'a World) -> Self {
        let token = SecretString::from(world.sandbox.api_token());
        let url = Url::parse(world.sandbox.org_url()).expect("a URL");
        let client = ManagementClient::new(url, token.clone()).expect("a client");
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            world,
            http,
            token,
            client,
            made: BTreeMap::new(),
        }
    }

    async fn apply(&mut self, change: &Change) {
        let body = serde_json::to_value(&change.body).expect("TOML is JSON");
        let body = self.resolve_all(body).await;
        let answer = if let Some(path) = &change.merge_into {
            let mut whole = self.call(reqwest::Method::GET, path, None).await;
            merge(&mut whole, &body);
            self.call(reqwest::Method::PUT, path, Some(whole)).await
        } else if let Some(path) = &change.delete {
            self.call(reqwest::Method::DELETE, path, None).await
        } else if let Some(path) = &change.post {
            self.call(reqwest::Method::POST, path, Some(body)).await
        } else {
            let path = change.put.as_ref().expect("a change names its call");
            self.call(reqwest::Method::PUT, path, Some(body)).await
        };
        if let Some(name) = &change.name {
            let id = answer["id"].as_str().expect("what was made has an id");
            self.made.insert(name.clone(), id.to_owned());
        }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let path = self.resolve(path).await;
        let url = format!("{}{path}", self.world.sandbox.org_url());
        let authorization = format!("SSWS {}", self.token.expose_secret());
        let mut request = self
            .http
            .request(method.clone(), url)
            .header("authorization", authorization);
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(
            status.is_success(),
            "{method} {path} answers {status}: {text}"
        );
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn resolve_all(&self, value: Value) -> Value {
        let text = self.resolve(&value.to_string()).await;
        serde_json::from_str(&text).expect("ids are plain")
    }

    /// Puts ids for names: `{group:silverSubscribers}`, `{user:SILVER}`, `{rule:gold}`, …
    async fn resolve(&self, text: &str) -> String {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            resolved.push_str(before);
            let known = match after.split_once('}') {
                Some((name, tail)) => self.id(name).await.map(|id| (id, tail)),
                None => None,
            };
            match known {
                Some((id, tail)) => {
                    resolved.push_str(&id);
                    rest = tail;
                }
                None => {
                    resolved.push('{');
                    rest = after;
                }
            }
        }
        resolved + rest
    }

    async fn id(&self, name: &str) -> Option<String> {
        let access = &self.world.access;
        let server = access.issuer.rsplit('/').next().expect("an id").to_owned();
        let (kind, name) = name.split_once(':').unwrap_or((name, ""));
        match kind {
            "server" => Some(server),
            "client" => Some(access.client_id.clone()),
            "made" => self.made.get(name).cloned(),
            "group" => Some(self.client.group_by_name(name).await.ok()??.id),
            "user" => {
                let login = &access.users.get(name)?.username;
                Some(self.client.user(login).await.ok()??.id)
            }
            "scope" => {
                let scopes = self.client.scopes(&server).await.ok()?;
                Some(
                    scopes
                        .into_iter()
                        .find(|scope| scope.name.ends_with(name))?
                        .id,
                )
            }
            "policy" => Some(
                self.client
                    .policies_with_rules(&server)
                    .await
                    .ok()?
                    .first()?
                    .policy
                    .id
                    .clone(),
            ),
            "rule" => {
                let policies = self.client.policies_with_rules(&server).await.ok()?;
                let mut rules = policies.into_iter().flat_map(|policy| policy.rules);
                Some(rules.find(|rule| rule.name == name)?.id)
            }
            _ => None,
        }
    }
}

/// A JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        patch.clone_into(target);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
