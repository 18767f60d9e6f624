//! A sandbox org, looked at past the code that is proven here.

use std::path::Path;

use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, Plan, Provisioned, Store};
use okta_sandbox::{Options, Sandbox, SandboxBuilder};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub(crate) struct Org {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: ManagementClient,
}

/// The list of app sign-in policies.
pub(crate) const SIGN_IN_POLICIES: &str = "policies?type=ACCESS_POLICY";

/// One of the models that ship.
pub(crate) fn model(name: &str) -> OrgModel {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    OrgModel::load(&fixtures.join(name)).unwrap()
}

impl Org {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::of(Sandbox::builder().options(options)).await
    }

    pub(crate) async fn of(sandbox: SandboxBuilder) -> Self {
        let sandbox = sandbox.start().await.unwrap();
        let url = Url::parse(sandbox.org_url()).unwrap();
        let token = SecretString::from(sandbox.api_token());
        let client = ManagementClient::new(url, token).unwrap();
        Self { sandbox, client }
    }

    pub(crate) async fn provision(&self, store: &mut impl Store) -> Provisioned {
        provisioning::provision(&model("org.toml"), &self.client, store, |_| {})
            .await
            .unwrap()
    }

    pub(crate) async fn plan(&self, store: &impl Store) -> Plan {
        let plan = provisioning::plan(&model("org.toml"), &self.client, store).await;
        plan.unwrap()
    }

    /// A call below `/api/v1/`; the body, null where there is none.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/api/v1/{path}", self.sandbox.org_url());
        let mut request = crate::support::http().request(method, &url).header(
            "authorization",
            format!("SSWS {}", self.sandbox.api_token()),
        );
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    /// Reads an object, lets it be changed, and writes it back.
    pub(crate) async fn change(&self, path: &str, change: impl FnOnce(&mut Value)) {
        let mut object = self.get(path).await;
        change(&mut object);
        self.call(Method::PUT, path, Some(object)).await;
    }

    /// The ids of everything that an org holds at its root.
    pub(crate) async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for list in [
            "groups",
            "users",
            "users?filter=status%20eq%20%22DEPROVISIONED%22",
            "authorizationServers",
            "apps",
            "trustedOrigins",
        ] {
            let items = self.get(list).await;
            let items = items.as_array().unwrap().iter();
            ids.extend(items.map(|item| text(item, "/id").to_owned()));
        }
        ids
    }
}

pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}

/// The path of an object or link that was made, by its kind and one of its names.
pub(crate) fn path(store: &impl Store, kind: &str, name: &str) -> String {
    let entries: Vec<(Value, String)> = store
        .journal()
        .latest_first()
        .map(|entry| {
            (
                serde_json::to_value(&entry.subject).unwrap(),
                entry.path.clone(),
            )
        })
        .collect();
    let fits = |subject: &Value| {
        let names = subject.as_object().unwrap().iter();
        let mut names = names.filter(|(field, _)| *field != "kind").peekable();
        subject["kind"] == kind && (names.peek().is_none() || names.any(|(_, value)| value == name))
    };
    let found = entries.into_iter().find(|(subject, _)| fits(subject));
    found.expect("the object was made").1
}
