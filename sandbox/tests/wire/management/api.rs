//! A client of the Management API.

use okta_sandbox::{Options, Sandbox};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// An org and a client that has its token.
pub(crate) struct Api {
    pub(crate) sandbox: Sandbox,
    client: Client,
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// Null when there is none.
    pub(crate) body: Value,
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::of(Sandbox::builder().options(options).start().await.unwrap())
    }

    /// A client of an org that runs already.
    pub(crate) fn of(sandbox: Sandbox) -> Self {
        let client = crate::browser::client();
        Self { sandbox, client }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/api/v1/{path}", self.sandbox.org_url())
        };
        self.client.request(method, url)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let token = format!("SSWS {}", self.sandbox.api_token());
        let mut request = self.request(method, path).header("authorization", token);
        if let Some(body) = body {
            request = request.json(body);
        }
        reply(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// A call without a body, as the life cycle takes them.
    pub(crate) async fn step(&self, path: &str) -> Reply {
        self.send(Method::POST, path, None).await
    }

    pub(crate) async fn group(&self, name: &str) -> String {
        let body = json!({"profile": {"name": name, "description": ""}});
        self.post("groups", &body).await.id()
    }

    /// An active user with a password.
    pub(crate) async fn user(&self, name: &str) -> String {
        self.post("users", &user(name)).await.id()
    }

    pub(crate) async fn server(&self) -> String {
        self.post("authorizationServers", &server("solar"))
            .await
            .id()
    }

    pub(crate) async fn application(&self) -> String {
        self.post("apps", &application()).await.id()
    }

    /// The path of a policy for all clients on a new authorization server.
    pub(crate) async fn policy(&self) -> String {
        let path = format!("authorizationServers/{}/policies", self.server().await);
        let id = self.post(&path, &policy("all")).await.id();
        format!("{path}/{id}")
    }
}

impl Reply {
    pub(crate) fn id(&self) -> String {
        let id = self.body["id"].as_str();
        id.unwrap_or_else(|| panic!("no id: {self:?}")).to_owned()
    }

    /// The field of every item of a list.
    pub(crate) fn each(&self, pointer: &str) -> Vec<&str> {
        let items = self.body.as_array().unwrap();
        items
            .iter()
            .map(|item| item.pointer(pointer).unwrap().as_str().unwrap())
            .collect()
    }

    /// Status and error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        let code = self.body["errorCode"].as_str();
        (self.status, code.unwrap_or_default())
    }

    pub(crate) fn links(&self) -> Vec<&str> {
        let lines = self.headers.get_all("link").iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    /// The URL of the next page.
    pub(crate) fn next(&self) -> Option<&str> {
        let links = self.links();
        let next = links
            .into_iter()
            .find(|link| link.ends_with("rel=\"next\""))?;
        Some(next.trim_start_matches('<').split_once('>')?.0)
    }
}

pub(crate) async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).unwrap()
    };
    Reply {
        status,
        headers,
        body,
    }
}

pub(crate) fn user(name: &str) -> Value {
    let address = format!("{name}@example.com");
    json!({
        "profile": {"firstName": name, "lastName": "Tester", "email": address, "login": address},
        "credentials": {"password": {"value": "Tr0ub4dor-and-3"}},
    })
}

pub(crate) fn server(name: &str) -> Value {
    json!({
        "name": name,
        "description": "test",
        "audiences": ["http://api.example.com"],
        "issuerMode": "ORG_URL",
        "credentials": {"signing": {"rotationMode": "AUTO"}},
    })
}

pub(crate) fn policy(name: &str) -> Value {
    json!({
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "status": "ACTIVE",
        "name": name,
        "description": "test",
        "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
    })
}

pub(crate) fn rule(name: &str) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "status": "ACTIVE",
        "name": name,
        "conditions": {
            "people": {"users": {}, "groups": {"include": ["EVERYONE"]}},
            "grantTypes": {"include": ["implicit"]},
            "scopes": {},
        },
        "actions": {"token": {
            "accessTokenLifetimeMinutes": 60,
            "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        }},
    })
}

/// The client of the document, as recorded by okta/terraform-provider-okta.
pub(crate) fn application() -> Value {
    json!({
        "name": "oidc_client",
        "label": "solar client",
        "signOnMode": "OPENID_CONNECT",
        "accessibility": {},
        "visibility": {"hide": {"iOS": true, "web": true}},
        "credentials": {
            "oauthClient": {
                "autoKeyRotation": true,
                "pkce_required": false,
                "token_endpoint_auth_method": "client_secret_basic",
            },
            "userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
        },
        "settings": {
            "notes": {},
            "oauthClient": {
                "application_type": "web",
                "consent_method": "TRUSTED",
                "dpop_bound_access_tokens": false,
                "grant_types": ["authorization_code", "implicit"],
                "idp_initiated_login": {"default_scope": [], "mode": "DISABLED"},
                "issuer_mode": "ORG_URL",
                "redirect_uris": ["http://localhost:8080/callback"],
                "response_types": ["code", "token", "id_token"],
                "wildcard_redirect": "DISABLED",
            },
        },
    })
}
