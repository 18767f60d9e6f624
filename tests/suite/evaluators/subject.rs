//! One sandbox org that becomes every generated one, and both ways to ask it.

use std::collections::{BTreeMap, BTreeSet};

use okta_e2e::browser::{Credentials, Landing, UserAgents as _, Visit};
use okta_e2e::config::Facts;
use okta_e2e::exchange::OwnRequests;
use okta_e2e::model::{self, AccessPolicy, Decision, Person, decide};
use okta_e2e::observation::{Agents, Denial, FoundOrg, Need, Observer, Plan};
use okta_e2e::openid::{
    AuthorizationHeader, AuthorizationRequest, Flow, Http, Jwt, NamedUrl, Prompt, Response,
    TokenResponse, Use,
};
use okta_e2e::progress::Progress;
use okta_e2e::secrets::Secrets;
use okta_sandbox::{OpenIdConnectScopes, Options, Sandbox};
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::generated::{
    ANOTHER_CLIENT, EVERYONE_GROUP, GONE, GROUPS, GeneratedOrg, GeneratedPolicy, GeneratedRule,
    THE_CLIENT,
};
use super::question::{Question, USERS};
use crate::support::agent::HttpAgents;
use crate::support::world::{World, authorization_endpoint};

/// What a user gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// An access token that lives so many minutes, with exactly the scopes that were asked for.
    Tokens(u32),
    /// The access policy gives nothing.
    DeniedByPolicy,
    /// The user is not assigned to the client.
    NotAssigned,
    /// No sign-in at all: server or client are not active.
    ErrorPage,
}

pub(super) struct Subject {
    world: World,
    management: reqwest::Client,
    http: Http,
    openid: OpenIdConnectScopes,
    /// Ids of groups, users and clients by the names of the generated orgs.
    ids: BTreeMap<String, String>,
}

impl Subject {
    pub(super) async fn new(openid: OpenIdConnectScopes) -> Self {
        let options = Options {
            openid_connect_scopes: openid,
            rate_limit_per_minute: u32::MAX,
            ..Options::default()
        };
        let world = World::of("fixtures/org.toml", Sandbox::builder().options(options)).await;
        let management = crate::support::http();
        let mut subject = Self {
            world,
            management,
            http: Http::new().expect("HTTPS"),
            openid,
            ids: BTreeMap::new(),
        };
        subject.name_everything().await;
        subject
    }

    async fn name_everything(&mut self) {
        let others = json!({"profile": {"name": "others"}});
        self.call(Method::POST, "groups", &others).await;
        for group in self.list("groups").await {
            self.ids
                .insert(text(&group["profile"]["name"]), text(&group["id"]));
        }
        for (name, user) in &self.world.access.users {
            let path = format!("users/{}", user.username);
            let found = self.call(Method::GET, &path, &Value::Null).await;
            self.ids.insert(name.clone(), text(&found["id"]));
        }
        let client_id = self.world.access.client_id.clone();
        let mut other = self
            .call(Method::GET, &format!("apps/{client_id}"), &Value::Null)
            .await;
        other["label"] = "Another".into();
        other["credentials"] = json!({"oauthClient": {"token_endpoint_auth_method": "none"}});
        let other = self.call(Method::POST, "apps", &other).await;
        self.ids
            .insert(ANOTHER_CLIENT.to_owned(), text(&other["id"]));
        self.ids.insert(THE_CLIENT.to_owned(), client_id);
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        let sandbox = &self.world.sandbox;
        let url = format!("{}/api/v1/{path}", sandbox.org_url());
        let authorization = format!("SSWS {}", sandbox.api_token());
        let mut request = self.management.request(method.clone(), url);
        request = request.header("authorization", authorization);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let path = format!("{path}?limit=200");
        let listed = self.call(Method::GET, &path, &Value::Null).await;
        listed.as_array().cloned().unwrap_or_default()
    }

    async fn delete(&self, path: &str) {
        self.call(Method::DELETE, path, &Value::Null).await;
    }

    fn server_id(&self) -> &str {
        self.world
            .access
            .issuer
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }

    /// The id of what a generated org names; words of Okta's own stand for themselves.
    fn id<'a>(&'a self, name: &'a str) -> &'a str {
        self.ids.get(name).map_or(name, String::as_str)
    }

    fn all_ids<'a>(&'a self, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().map(|name| self.id(name)).collect()
    }

    /// Makes the org what was generated, through the Management API.
    pub(super) async fn set_up(&self, org: &GeneratedOrg) {
        let server = format!("authorizationServers/{}", self.server_id());
        let client = format!("apps/{}", self.id(THE_CLIENT));
        for (path, active) in [
            (&server, !org.server_is_inactive),
            (&client, !org.client_is_inactive),
        ] {
            let step = if active { "activate" } else { "deactivate" };
            self.call(
                Method::POST,
                &format!("{path}/lifecycle/{step}"),
                &Value::Null,
            )
            .await;
        }
        for (user, groups) in USERS.iter().zip(&org.groups_of_users) {
            for group in GROUPS {
                let path = format!("groups/{}/users/{}", self.id(group), self.id(user));
                let is_member = groups.contains(&group);
                let method = if is_member {
                    Method::PUT
                } else {
                    Method::DELETE
                };
                self.call(method, &path, &Value::Null).await;
            }
        }
        self.assign(&client, org).await;
        let policies = format!("{server}/policies");
        for policy in self.list(&policies).await {
            self.delete(&format!("{policies}/{}", text(&policy["id"])))
                .await;
        }
        let gone = json!({"profile": {"name": GONE}});
        let gone = text(&self.call(Method::POST, "groups", &gone).await["id"]);
        for policy in &org.policies {
            self.add_policy(&policies, policy, &gone).await;
        }
        self.delete(&format!("groups/{gone}")).await;
    }

    async fn assign(&self, client: &str, org: &GeneratedOrg) {
        for group in self.list(&format!("{client}/groups")).await {
            self.delete(&format!("{client}/groups/{}", text(&group["id"])))
                .await;
        }
        for user in self.list(&format!("{client}/users")).await {
            self.delete(&format!("{client}/users/{}", text(&user["id"])))
                .await;
        }
        for name in &org.assigned {
            let id = self.id(name);
            if USERS.contains(name) {
                let body = json!({"id": id, "scope": "USER"});
                self.call(Method::POST, &format!("{client}/users"), &body)
                    .await;
            } else {
                self.call(Method::PUT, &format!("{client}/groups/{id}"), &json!({}))
                    .await;
            }
        }
    }

    async fn add_policy(&self, policies: &str, policy: &GeneratedPolicy, gone: &str) {
        let body = json!({
            "type": "OAUTH_AUTHORIZATION_POLICY",
            "status": status(policy.is_active),
            "name": format!("policy {}", rand::random::<u64>()),
            "description": "generated",
            "priority": policy.priority,
            "conditions": {"clients": {"include": self.all_ids(&policy.clients)}},
        });
        let made = self.call(Method::POST, policies, &body).await;
        let rules = format!("{policies}/{}/rules", text(&made["id"]));
        for rule in &policy.rules {
            self.call(Method::POST, &rules, &self.rule(rule, gone))
                .await;
        }
    }

    fn rule(&self, rule: &GeneratedRule, gone: &str) -> Value {
        let groups = |names: &[&'static str]| -> Vec<String> {
            let ids = names
                .iter()
                .map(|name| if *name == GONE { gone } else { self.id(name) });
            ids.map(str::to_owned).collect()
        };
        json!({
            "type": "RESOURCE_ACCESS",
            "status": status(rule.is_active),
            "name": format!("rule {}", rule.minutes),
            "priority": rule.priority,
            "conditions": {
                "people": {
                    "users": {
                        "include": self.all_ids(&rule.users),
                        "exclude": self.all_ids(&rule.excluded_users),
                    },
                    "groups": {
                        "include": groups(&rule.groups),
                        "exclude": groups(&rule.excluded_groups),
                    },
                },
                "grantTypes": {"include": rule.grant_types},
                "scopes": {"include": rule.scopes},
            },
            "actions": {"token": {"accessTokenLifetimeMinutes": rule.minutes}},
        })
    }

    /// The org as the suite's own observation finds it.
    pub(super) async fn find(&self) -> FoundOrg {
        let access = &self.world.access;
        let facts = Facts {
            issuer: access.issuer.clone(),
            org: access.org_url.origin().ascii_serialization(),
            client_id: access.client_id.clone(),
            ..Facts::of_model(&self.world.model)
        };
        let everything = [
            Need::Groups,
            Need::Users,
            Need::Server,
            Need::Scopes,
            Need::Policies,
            Need::Client,
            Need::ClientGroups,
        ];
        let observer = Observer {
            own: &OwnRequests::default(),
            model: &self.world.model,
            access,
            facts: &facts,
            resource_server: &Url::parse(self.world.api.url()).expect("a URL"),
            http: &self.http,
            clock: &self.world.config.clock,
            progress: &Progress::silent(),
            secrets: &Secrets::default(),
        };
        let seeing = observer
            .observe(&Plan::new(everything), Agents::Given(&HttpAgents))
            .await;
        seeing.expect("no browser is needed").observations.org
    }

    /// What the policies give, as the suite reads them: the lifetime of the rule that gives it.
    pub(super) fn granted_by(
        &self,
        policies: &[AccessPolicy],
        found: &FoundOrg,
        question: &Question,
    ) -> Option<u32> {
        let openid = match self.openid {
            OpenIdConnectScopes::MustBeInRule => model::OpenIdConnectScopes::MustBeInRule,
            OpenIdConnectScopes::AlwaysGranted => model::OpenIdConnectScopes::AlwaysCovered,
        };
        let user = found.user(question.user).expect("the user was looked for");
        let user = user.as_ref().expect("the user is there");
        let groups = user.groups.iter().map(|group| group.profile.name.clone());
        let person = Person {
            login: Some(user.user.profile.login.clone()),
            groups: groups.filter(|name| name != EVERYONE_GROUP).collect(),
        };
        let (client, grant_type) = (self.id(question.client), question.grant_type);
        match decide(
            policies,
            client,
            &person,
            &question.scopes,
            grant_type,
            openid,
        ) {
            Decision::Granted(_, rule) => Some(rule.access_token_lifetime_minutes),
            Decision::Denied => None,
        }
    }

    /// What the policies give, as the sandbox reads them.
    pub(super) fn granted_by_sandbox(&self, question: &Question) -> Option<u32> {
        let scopes: Vec<String> = question.scopes.iter().cloned().collect();
        self.world.sandbox.would_grant(
            self.server_id(),
            self.id(question.client),
            self.id(question.user),
            question.grant_type,
            &scopes,
        )
    }

    /// What must come of a sign-in, by the org that was found.
    pub(super) fn predicted_by_suite(&self, found: &FoundOrg, question: &Question) -> Given {
        let server = found.server.as_ref().expect("it was looked for").as_ref();
        let client = found.client.as_ref().expect("it was looked for").as_ref();
        let is_active = server.is_some_and(|server| server.status.is_active())
            && client.is_some_and(|client| client.status.is_active());
        let user = found.user(question.user).expect("the user was looked for");
        let user = user.as_ref().expect("the user is there");
        let assignment = user.assignment.as_ref().expect("it was looked for");
        let policies = found.access_policies().expect("the policies were found");
        match self.granted_by(&policies, found, question) {
            _ if !is_active => Given::ErrorPage,
            _ if assignment.is_none() => Given::NotAssigned,
            Some(minutes) => Given::Tokens(minutes),
            None => Given::DeniedByPolicy,
        }
    }

    /// Signs the user in and sees what comes.
    pub(super) async fn ask(&self, question: &Question) -> Given {
        let access = &self.world.access;
        let redirect_uri = &self.world.model.client.redirect_uri;
        let scopes: Vec<&str> = question.scopes.iter().map(String::as_str).collect();
        let request = AuthorizationRequest::new(
            &authorization_endpoint(access),
            &access.client_id,
            redirect_uri.as_str(),
            &scopes.join(" "),
            question.flow(),
            Prompt::Login,
        );
        let user = &access.users[question.user];
        let credentials = Credentials {
            username: &user.username,
            password: &user.password,
            totp: None,
            passkey: None,
        };
        let visit = Visit {
            url: &request.url,
            redirect_uri,
            credentials: Some(credentials),
            trusted: &access.trusted_origins(),
        };
        let mut agent = HttpAgents.lend().await.expect("an agent");
        match agent.authorize(&visit).await.expect("a visit") {
            Landing::Redirected { url, .. } => {
                let response = Response::parse(redirect_uri, url.expose());
                self.given(question, &request, &response).await
            }
            Landing::ErrorPage { .. } => Given::ErrorPage,
            elsewhere => panic!("{question}: the sign-in ended at {elsewhere:?}"),
        }
    }

    async fn given(
        &self,
        question: &Question,
        request: &AuthorizationRequest,
        response: &Response,
    ) -> Given {
        if let Some((error, description)) = response.error() {
            return match Denial::of_error(error, description) {
                Denial::Policy => Given::DeniedByPolicy,
                Denial::NotAssigned => Given::NotAssigned,
                other => panic!("{question}: {other:?}, {error}: {description}"),
            };
        }
        let token = match question.flow() {
            Flow::Implicit => response.fragment.secret("access_token").cloned(),
            Flow::Code => Some(self.redeem(request, response).await),
        };
        let token = Jwt::decode(&token.expect("an access token")).expect("a JWT");
        let scopes = token.list("scp").expect("an array");
        let scopes: BTreeSet<String> = scopes.into_iter().map(str::to_owned).collect();
        assert_eq!(scopes, question.scopes, "{question}: other scopes");
        let times = token.number("exp").zip(token.number("iat"));
        let (expires, issued) = times.expect("both times");
        Given::Tokens(u32::try_from((expires - issued) / 60).expect("minutes"))
    }

    async fn redeem(&self, request: &AuthorizationRequest, response: &Response) -> SecretString {
        let access = &self.world.access;
        let verifier = request.code_verifier.as_ref().expect("a code verifier");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", response.get("code").expect("a code")),
            (
                "redirect_uri",
                self.world.model.client.redirect_uri.as_str(),
            ),
            ("code_verifier", verifier.expose_secret()),
        ];
        let secret = access.client_secret.as_ref().expect("a secret");
        let url = Url::parse(&format!("{}/v1/token", access.issuer)).expect("a URL");
        let endpoint = NamedUrl::new(url).trusted(Use::Token, &access.trusted_origins());
        let basic = AuthorizationHeader::basic(&access.client_id, secret).expect("it fits");
        let answer = self
            .http
            .post_form(&endpoint.expect("the org's own"), &form, Some(&basic))
            .await
            .expect("an answer");
        let tokens: TokenResponse = serde_json::from_str(&answer.body).expect("tokens");
        tokens.access_token
    }
}

fn status(is_active: bool) -> &'static str {
    if is_active { "ACTIVE" } else { "INACTIVE" }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
