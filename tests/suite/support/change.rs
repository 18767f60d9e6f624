//! Changes to a provisioned org, as data: calls of the Management API, with names for ids.

use std::collections::BTreeMap;

use okta_e2e::browser::{Credentials, UserAgents as _, Visit};
use okta_e2e::config::OrgAccess;
use okta_e2e::management::ManagementClient;
use okta_e2e::management::found::FoundClaim;
use okta_e2e::openid::{AuthorizationRequest, Prompt};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::agent::HttpAgents;
use super::world::{World, authorization_endpoint};

/// So many wrong passwords lock a user of a sandbox out at the latest.
const MOST_ATTEMPTS: usize = 20;

/// One change: exactly one of the eight.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    delete: Option<String>,
    post: Option<String>,
    put: Option<String>,
    /// `GET`, a JSON merge patch (RFC 7396) by the body, and `PUT`.
    merge_into: Option<String>,
    /// What the administrator of the API token may not see from now on, by its id.
    hide: Option<String>,
    /// What the Management API shows otherwise than it is, by its path below `/api/v1/`: merged
    /// with the body (RFC 7396).
    show: Option<String>,
    /// What the administrator of the API token is refused to read, by its path below `/api/v1/`.
    refuse: Option<String>,
    /// Wrong passwords for this user, until the org locks it out.
    lock_out: Option<String>,
    body: Option<toml::Value>,
    /// What later changes call the id that this one made: `{made:NAME}`.
    name: Option<String>,
}

/// What a run is told instead of what is right; ids may be put for names here too.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Told {
    issuer: Option<String>,
    client_id: Option<String>,
    /// `none`, or `wrong`: another secret than the client's.
    client_secret: Option<String>,
    redirect_uri: Option<String>,
    audience: Option<String>,
    /// `none`: no audit; `wrong`: a token that the org does not know.
    api_token: Option<String>,
    /// Logins by NAME.
    usernames: BTreeMap<String, String>,
    /// The NAMEs of two users whose logins and passwords are exchanged.
    exchanged: Vec<String>,
    /// The NAMEs of two service clients whose ids and credentials are exchanged.
    exchanged_services: Vec<String>,
    /// The NAMEs of users who are all told the login and password of the first.
    same: Vec<String>,
    /// The NAMEs of users whose login is typed in capitals.
    capitals: Vec<String>,
    /// The NAMEs of users whose password is told wrong.
    wrong_passwords: Vec<String>,
    /// The NAMEs of users that are left blank.
    blank_users: Vec<String>,
    /// The NAMEs of service clients that are left blank.
    blank_services: Vec<String>,
    /// The NAMEs of service clients whose client id is none of the org's.
    unknown_services: Vec<String>,
    /// The NAMEs of service clients whose secret is told wrong.
    wrong_services: Vec<String>,
    /// Where the Management API is said to be.
    org_url: Option<String>,
    /// Where the API is said to be.
    resource_server: Option<String>,
}

/// Applies changes one after the other, every one of which must succeed, and tells the run what
/// it is to be told.
pub(crate) async fn apply(world: &mut World, changes: &[Change], told: &Told) {
    let mut org = Org::new(world);
    for change in changes {
        org.apply(change).await;
    }
    let access = org.told(told).await;
    world.access = access;
    if let Some(url) = &told.resource_server {
        world.resource_server.clone_from(url);
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
        let http = crate::support::http();
        Self {
            world,
            http,
            token,
            client,
            made: BTreeMap::new(),
        }
    }

    async fn apply(&mut self, change: &Change) {
        if let Some(name) = &change.lock_out {
            return self.lock_out(name).await;
        }
        if let Some(id) = &change.hide {
            return self.world.sandbox.hide(&self.resolve(id).await);
        }
        if let Some(path) = &change.refuse {
            return self.world.sandbox.refuse(&self.resolve(path).await);
        }
        let body = serde_json::to_value(&change.body).expect("TOML is JSON");
        let body = self.resolve_all(body).await;
        if let Some(path) = &change.show {
            let path = self.resolve(path).await;
            let merge = move |object: &mut Value| json_patch::merge(object, &body);
            return self.world.sandbox.show(&path, merge);
        }
        let answer = if let Some(path) = &change.merge_into {
            let mut whole = self.call(reqwest::Method::GET, path, None).await;
            json_patch::merge(&mut whole, &body);
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

    /// Signs the user in with wrong passwords; a fresh user agent each time.
    async fn lock_out(&self, name: &str) {
        let user = &self.world.access.users[name];
        for _ in 0..MOST_ATTEMPTS {
            let found = self
                .client
                .user(&user.username)
                .await
                .expect("the org answers");
            if found.expect("the user is there").status.as_str() == "LOCKED_OUT" {
                return;
            }
            let wrong = SecretString::from("told wrong");
            sign_in(self.world, &user.username, &wrong).await;
        }
        panic!("{MOST_ATTEMPTS} wrong passwords did not lock {name} out");
    }

    /// How the run reaches the org, by what it is told.
    async fn told(&self, told: &Told) -> OrgAccess {
        let mut access = self.world.access.clone();
        let wrong = || SecretString::from("told wrong");
        if let Some(issuer) = &told.issuer {
            access.issuer = self.resolve(issuer).await;
        }
        if let Some(id) = &told.client_id {
            access.client_id = self.resolve(id).await;
        }
        match told.client_secret.as_deref() {
            Some("none") => access.client_secret = None,
            Some(_) => access.client_secret = Some(wrong()),
            None => {}
        }
        if let Some(uri) = &told.redirect_uri {
            access.redirect_uri = Some(uri.parse().expect("a redirect URI"));
        }
        access.audience = told.audience.clone().or(access.audience);
        match told.api_token.as_deref() {
            Some("none") => access.api_token = None,
            Some(_) => access.api_token = Some(wrong()),
            None => {}
        }
        for (name, username) in &told.usernames {
            let user = access.users.get_mut(name).expect("a user of the model");
            user.username.clone_from(username);
        }
        if let [one, other] = told.exchanged.as_slice() {
            let mut take = |name: &String| access.users.remove(name).expect("a user of the model");
            let (first, second) = (take(one), take(other));
            access
                .users
                .extend([(one.clone(), second), (other.clone(), first)]);
        }
        if let Some((first, others)) = told.same.split_first() {
            for name in others {
                let same = access.users[first].clone();
                access.users.insert(name.clone(), same);
            }
        }
        for name in &told.capitals {
            let user = access.users.get_mut(name).expect("a user of the model");
            user.username = user.username.to_uppercase();
        }
        for name in &told.wrong_passwords {
            let user = access.users.get_mut(name).expect("a user of the model");
            user.password = wrong();
        }
        for name in &told.blank_users {
            access.users.remove(name).expect("a user of the model");
        }
        services_told(told, &mut access);
        if let Some(url) = &told.org_url {
            access.org_url = Url::parse(url).expect("a URL");
        }
        access
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
            if let Some((id, tail)) = known {
                resolved.push_str(&id);
                rest = tail;
            } else {
                resolved.push('{');
                rest = after;
            }
        }
        resolved + rest
    }

    async fn id(&self, name: &str) -> Option<String> {
        let access = &self.world.access;
        let server = access.issuer.rsplit('/').next().expect("an id").to_owned();
        let (kind, name) = name.split_once(':').unwrap_or((name, ""));
        match kind {
            "org" => Some(self.world.sandbox.org_url().to_owned()),
            // The same machine by another name: the sandbox answers to both.
            "other-domain" => Some(
                self.world
                    .sandbox
                    .org_url()
                    .replace("127.0.0.1", "localhost"),
            ),
            "server" => Some(server),
            "client" => Some(access.client_id.clone()),
            "made" => self.made.get(name).cloned(),
            "service" => Some(access.services.get(name)?.client_id.clone()),
            "group" => Some(
                self.client
                    .group_by_name(name)
                    .await
                    .ok()?
                    .one()?
                    .id
                    .clone(),
            ),
            "login" => Some(access.users.get(name)?.username.clone()),
            "user" => {
                let login = &access.users.get(name)?.username;
                Some(self.client.user(login).await.ok()??.id)
            }
            "claim" => {
                let claims = self.client.claims(&server).await.ok()?;
                let is_named = |claim: &&FoundClaim| claim.name == name;
                let of_access_tokens = |claim: &&FoundClaim| claim.claim_type == "RESOURCE";
                let named = || claims.iter().filter(is_named);
                let found = named().find(of_access_tokens).or_else(|| named().next());
                Some(found?.id.clone())
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
            "origin" => {
                let origins = self.client.trusted_origins().await.ok()?;
                Some(origins.into_iter().find(|found| found.origin == name)?.id)
            }
            // Without a name, the first.
            "policy" => {
                let policies = self.client.policies_with_rules(&server).await.ok()?;
                let mut policies = policies.into_iter().map(|found| found.policy);
                let policy = policies.find(|policy| name.is_empty() || policy.name == name);
                Some(policy?.id)
            }
            "rule" => {
                let policies = self.client.policies_with_rules(&server).await.ok()?;
                let mut rules = policies.into_iter().flat_map(|policy| policy.rules);
                Some(rules.find(|rule| rule.name == name)?.id)
            }
            _ => None,
        }
    }
}

/// One sign-in by plain HTTP, whatever becomes of it.
async fn sign_in(world: &World, username: &str, password: &SecretString) {
    let (access, redirect_uri) = (&world.access, &world.model.client.redirect_uri);
    let request = AuthorizationRequest::new(
        &authorization_endpoint(access),
        &access.client_id,
        redirect_uri.as_str(),
        "openid",
        world.model.main_flow(),
        Prompt::Login,
    );
    let visit = Visit {
        url: &request.url,
        redirect_uri,
        credentials: Some(Credentials {
            username,
            password,
            totp: None,
            passkey: None,
        }),
        trusted: &access.trusted_origins(),
    };
    let agents = HttpAgents;
    let mut agent = agents.lend().await.expect("an agent");
    agent.authorize(&visit).await.expect("the org answers");
}

/// What the run is told of the services.
fn services_told(told: &Told, access: &mut OrgAccess) {
    if let [one, other] = told.exchanged_services.as_slice() {
        let mut take = |name: &String| access.services.remove(name).expect("a service");
        let (first, second) = (take(one), take(other));
        let exchanged = [(one.clone(), second), (other.clone(), first)];
        access.services.extend(exchanged);
    }
    for name in &told.blank_services {
        access
            .services
            .remove(name)
            .expect("a service of the model");
    }
    for name in &told.unknown_services {
        let service = access
            .services
            .get_mut(name)
            .expect("a service of the model");
        "0oa0of0another0org00".clone_into(&mut service.client_id);
    }
    for name in &told.wrong_services {
        let service = access
            .services
            .get_mut(name)
            .expect("a service of the model");
        service.client_secret = Some(SecretString::from("told wrong"));
    }
}
