//! An org that has one of everything, and the calls to it.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::management::api::{self, Api, Reply, reply};

/// An org with one of everything, by the names of the parameters in paths.
pub(super) struct Populated {
    api: Api,
    ids: BTreeMap<&'static str, String>,
    made: u32,
}

const SERVER: &str = "/api/v1/authorizationServers/{authServerId}";

fn claim(name: &str) -> Value {
    json!({
        "name": name, "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "GROUPS",
        "value": "silver", "group_filter_type": "STARTS_WITH", "alwaysIncludeInToken": true,
        "conditions": {"scopes": ["profile"]},
    })
}

fn sign_in_policy(name: &str) -> Value {
    json!({"type": "ACCESS_POLICY", "name": name, "description": "test", "priority": 1})
}

fn sign_in_rule(name: &str) -> Value {
    json!({
        "type": "ACCESS_POLICY", "name": name, "priority": 0,
        "conditions": {"network": {"connection": "ANYWHERE"}},
        "actions": {"appSignOn": {
            "access": "ALLOW",
            "verificationMethod": {
                "type": "ASSURANCE", "factorMode": "1FA",
                "constraints": [{"knowledge": {"types": ["password"]}}],
            },
        }},
    })
}

fn origin(name: &str) -> Value {
    let scopes = json!([{"type": "CORS"}, {"type": "REDIRECT"}]);
    json!({"name": name, "origin": format!("https://{name}.example.com"), "scopes": scopes})
}

fn group_rule(name: &str, group: &str) -> Value {
    json!({
        "type": "group_rule", "name": name,
        "conditions": {"expression": {
            "value": "user.lastName==\"Nobody\"", "type": "urn:okta:expression:1.0",
        }},
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    })
}

impl Populated {
    pub(super) async fn new() -> Self {
        let mut org = Self {
            api: Api::start().await,
            ids: BTreeMap::new(),
            made: 0,
        };
        org.populate().await;
        org
    }

    async fn populate(&mut self) {
        for (name, call) in [
            ("groupId", "POST /api/v1/groups"),
            ("userId", "POST /api/v1/users"),
            ("groupRuleId", "POST /api/v1/groups/rules"),
            ("appId", "POST /api/v1/apps"),
            ("authServerId", "POST /api/v1/authorizationServers"),
            ("trustedOriginId", "POST /api/v1/trustedOrigins"),
            ("policyId", "POST /api/v1/policies"),
        ] {
            self.make(name, call).await;
        }
        let ids = [("id", "userId"), ("userIdOrLogin", "userId")];
        for (name, same) in ids {
            self.ids.insert(name, self.ids[same].clone());
        }
        self.make("ruleId", "POST /api/v1/policies/{policyId}/rules")
            .await;
        for (name, path) in [("scopeId", "scopes"), ("claimId", "claims")] {
            self.make(name, &format!("POST {SERVER}/{path}")).await;
        }
        self.make("accessPolicyId", &format!("POST {SERVER}/policies"))
            .await;
        let rules = format!("POST {SERVER}/policies/{{policyId}}/rules");
        self.make("accessRuleId", &rules).await;
        self.call("PUT /api/v1/groups/{groupId}/users/{userId}", "")
            .await;
        self.call("PUT /api/v1/apps/{appId}/groups/{groupId}", "")
            .await;
        self.call("POST /api/v1/apps/{appId}/users", "").await;
        let app = &self.ids["appId"];
        let secrets = self
            .api
            .get(&format!("apps/{app}/credentials/secrets"))
            .await;
        self.ids
            .insert("secretId", secrets.each("/id")[0].to_owned());
        let server = &self.ids["authServerId"];
        let keys = format!("authorizationServers/{server}/credentials/keys");
        let keys = self.api.get(&keys).await;
        self.ids.insert("keyId", keys.each("/kid")[0].to_owned());
    }

    async fn make(&mut self, name: &'static str, call: &str) {
        let id = self.call(call, "").await.id();
        self.ids.insert(name, id);
    }

    /// A name that nothing has yet.
    fn fresh(&mut self) -> String {
        self.made += 1;
        format!("silver-{}", self.made)
    }

    /// The path with ids in it; policies of authorization servers are others than those of the org.
    fn path(&self, template: &str, kind: &str) -> String {
        let is_of_server = template.starts_with(SERVER);
        let mut path = template.to_owned();
        if kind == "OKTA_SIGN_ON" || kind == "SIGN_ON" {
            let id = |prefix: &str| format!("{prefix}{}", &self.ids["orgTail"]);
            path = path
                .replace("{policyId}", &id("00p"))
                .replace("{ruleId}", &id("0pr"));
        }
        for (name, id) in &self.ids {
            let name = match *name {
                "accessPolicyId" | "accessRuleId" if !is_of_server => continue,
                "policyId" | "ruleId" if is_of_server => continue,
                "accessPolicyId" => "policyId",
                "accessRuleId" => "ruleId",
                name => name,
            };
            path = path.replace(&format!("{{{name}}}"), id);
        }
        path
    }

    /// Calls an operation on what there is, with a body that is good for it.
    pub(super) async fn call(&mut self, call: &str, kind: &str) -> Reply {
        let (method, template) = call.split_once(' ').unwrap();
        if kind.ends_with("SIGN_ON") && !self.ids.contains_key("orgTail") {
            let list = self.api.get("policies?type=OKTA_SIGN_ON").await;
            let id = list.each("/id")[0].to_owned();
            self.ids.insert("orgTail", id[3..].to_owned());
        }
        let name = self.fresh();
        let body = self.body(method, template, &name);
        let mut path = self.path(template, kind);
        if template == "/api/v1/policies" && method == "GET" {
            path = format!("{path}?type={kind}");
        }
        let deleted = method == "DELETE";
        if deleted && template == "/api/v1/groups/rules/{groupRuleId}" {
            let rule = group_rule(&name, &self.ids["groupId"]);
            let made = self.api.post("groups/rules", &rule);
            path = format!("/api/v1/groups/rules/{}", made.await.id());
        }
        if template.ends_with("/lifecycle/activate") {
            let off = path.replace("/activate", "/deactivate");
            self.send("POST", &off, &Value::Null).await;
        }
        let answer = self.send(method, &path, &body).await;
        if template.ends_with("/lifecycle/deactivate") {
            let on = path.replace("/deactivate", "/activate");
            self.send("POST", &on, &Value::Null).await;
        }
        answer
    }

    /// Whether the method is one of the path's. What the path ends with is not there, and what is
    /// sent cannot be: whoever has the method says so.
    pub(super) async fn serves(&self, method: &str, template: &str) -> bool {
        let (within, last) = template.rsplit_once('/').unwrap();
        let last = if last.starts_with('{') { "none" } else { last };
        let path = format!("{}/{last}", self.path(within, ""));
        let broken = json!([]);
        let body = if method == "GET" {
            &Value::Null
        } else {
            &broken
        };
        let answer = self.request(method, &path, body).send().await;
        answer.unwrap().status() != 405
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        reply(self.request(method, path, body)).await
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.api.sandbox.org_url());
        let token = format!("SSWS {}", self.api.sandbox.api_token());
        let mut request = self.api.request(method, &url);
        if path.starts_with("/api/") {
            request = request.header("authorization", token);
        }
        if body.is_null() {
            return request;
        }
        request.json(body)
    }

    fn body(&self, method: &str, template: &str, name: &str) -> Value {
        let group = self.ids.get("groupId").cloned().unwrap_or_default();
        match (method, template.strip_prefix(SERVER).unwrap_or(template)) {
            ("GET" | "DELETE", _) => Value::Null,
            (_, path) if path.contains("/lifecycle/") => Value::Null,
            (_, "/api/v1/groups" | "/api/v1/groups/{groupId}") => {
                json!({"profile": {"name": name, "description": "test"}})
            }
            (_, "/api/v1/users" | "/api/v1/users/{id}") => api::user(name),
            (_, "/api/v1/groups/rules" | "/api/v1/groups/rules/{groupRuleId}") => {
                group_rule(name, &group)
            }
            (_, "/api/v1/apps" | "/api/v1/apps/{appId}") => api::application(),
            (_, "/api/v1/apps/{appId}/users") => json!({"id": self.ids["userId"]}),
            (_, "/api/v1/authorizationServers" | "") => api::server(name),
            (_, "/api/v1/trustedOrigins" | "/api/v1/trustedOrigins/{trustedOriginId}") => {
                origin(name)
            }
            (_, "/api/v1/policies") => sign_in_policy(name),
            (
                _,
                "/api/v1/policies/{policyId}/rules" | "/api/v1/policies/{policyId}/rules/{ruleId}",
            ) => sign_in_rule(name),
            (_, "/scopes" | "/scopes/{scopeId}") => json!({"name": name, "description": "test"}),
            (_, "/claims" | "/claims/{claimId}") => claim(name),
            (_, "/policies" | "/policies/{policyId}") => api::policy(name),
            (_, "/policies/{policyId}/rules" | "/policies/{policyId}/rules/{ruleId}") => {
                api::rule(name)
            }
            _ => json!({}),
        }
    }
}
