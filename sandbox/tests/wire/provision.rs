//! The document's org, made through the Management API: silver and gold, each in a group.

use std::collections::BTreeMap;

use okta_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::client;
use crate::world::{GOLD, LOGOUT_URI, PASSWORD, REDIRECT_URI, SILVER, login};

/// What tests need to know of the org.
pub(crate) struct Provisioned {
    pub(crate) server_id: String,
    pub(crate) policy_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Ids by the short names of the test users.
    pub(crate) users: BTreeMap<&'static str, String>,
    /// Ids by the short names of the groups.
    pub(crate) groups: BTreeMap<&'static str, String>,
}

/// A call of the Management API that succeeds; `null` when it answers nothing.
pub(crate) async fn call(sandbox: &Sandbox, method: Method, path: &str, body: &Value) -> Value {
    let url = format!("{}/api/v1/{path}", sandbox.local_url());
    let mut request = client().request(method, url);
    request = request.header("authorization", format!("SSWS {}", sandbox.api_token()));
    if !body.is_null() {
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

async fn create(sandbox: &Sandbox, path: &str, body: Value) -> Value {
    call(sandbox, Method::POST, path, &body).await
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// Makes the document's org.
pub(crate) async fn provision(sandbox: &Sandbox) -> Provisioned {
    let mut users = BTreeMap::new();
    for name in ["silver", "gold", "none", "unassigned"] {
        users.insert(name, user(sandbox, name).await);
    }
    let client = create(sandbox, "apps", application()).await;
    let client_id = id(&client);
    let mut groups = BTreeMap::new();
    for name in ["silver", "gold"] {
        let body = json!({"profile": {"name": format!("{name}Subscribers")}});
        let group = id(&create(sandbox, "groups", body).await);
        let member = format!("groups/{group}/users/{}", users[name]);
        call(sandbox, Method::PUT, &member, &Value::Null).await;
        let assigned = format!("apps/{client_id}/groups/{group}");
        call(sandbox, Method::PUT, &assigned, &json!({})).await;
        groups.insert(name, group);
    }
    let direct = json!({"id": users["none"], "credentials": {"userName": login("none")}});
    create(sandbox, &format!("apps/{client_id}/users"), direct).await;
    let (server_id, policy_id) = server(sandbox, &groups).await;
    let secret = &client["credentials"]["oauthClient"]["client_secret"];
    Provisioned {
        server_id,
        policy_id,
        client_secret: secret.as_str().unwrap().to_owned(),
        client_id,
        users,
        groups,
    }
}

async fn user(sandbox: &Sandbox, name: &str) -> String {
    let body = json!({
        "profile": {
            "login": login(name),
            "email": login(name),
            "firstName": name,
            "lastName": "User",
        },
        "credentials": {"password": {"value": PASSWORD}},
    });
    id(&create(sandbox, "users", body).await)
}

/// The body of the document's client.
pub(crate) fn application() -> Value {
    json!({
        "name": "oidc_client",
        "label": "a client",
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}},
        "settings": {"oauthClient": {
            "application_type": "web",
            "redirect_uris": [REDIRECT_URI],
            "post_logout_redirect_uris": [LOGOUT_URI],
            "response_types": ["code", "token", "id_token"],
            "grant_types": ["authorization_code", "implicit"],
        }},
    })
}

async fn server(sandbox: &Sandbox, groups: &BTreeMap<&str, String>) -> (String, String) {
    let body = json!({
        "name": "a server",
        "description": "for tests",
        "audiences": ["http://myapp.com"],
    });
    let server_id = id(&create(sandbox, "authorizationServers", body).await);
    let base = format!("authorizationServers/{server_id}");
    for scope in [SILVER, GOLD] {
        create(sandbox, &format!("{base}/scopes"), json!({"name": scope})).await;
    }
    let policy = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "name": "a policy",
        "description": "for tests",
        "priority": 1,
        "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
    });
    let policy_id = id(&create(sandbox, &format!("{base}/policies"), policy).await);
    let rules = format!("{base}/policies/{policy_id}/rules");
    let gold = rule("gold", &groups["gold"], &["openid", SILVER, GOLD], 60);
    create(sandbox, &rules, gold).await;
    let scopes = ["openid", "profile", "email", SILVER];
    let mut silver = rule("silver", &groups["silver"], &scopes, 30);
    silver["priority"] = 2.into();
    create(sandbox, &rules, silver).await;
    (server_id, policy_id)
}

fn rule(name: &str, group: &str, scopes: &[&str], lifetime_minutes: u32) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": name,
        "priority": 1,
        "conditions": {
            "people": {"groups": {"include": [group]}},
            "grantTypes": {"include": ["implicit", "authorization_code"]},
            "scopes": {"include": scopes},
        },
        "actions": {"token": {
            "accessTokenLifetimeMinutes": lifetime_minutes,
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        }},
    })
}
