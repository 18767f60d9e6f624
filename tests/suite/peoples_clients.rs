//! Clients, verifiers and SDKs of other people, Okta's own among them, against the sandbox org by
//! https: what they refuse the sandbox has wrong. Where they are not installed they are passed over, which
//! is said.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use okta_e2e::config::{Config, Environment, OrgAccess};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::openid::Certificates;
use okta_e2e::provisioning::{self, Memory};
use okta_sandbox::{CertificateAuthority, Options, Sandbox};
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use url::Url;

use crate::support::world::file;

/// Where `scripts/install-provider` puts them.
const INSTALLED: &str = "target/providers";

/// What the clients do, in their order.
const BY_NODE: [&str; 12] = [
    "okta-auth-js signs in",
    "openid-client reads the metadata",
    "openid-client redeems a code, and takes the ID token",
    "jwt-verifier takes the access token",
    "jwt-verifier takes the ID token",
    "jwt-verifier refuses the access token at another API",
    "jwt-verifier refuses the ID token for another nonce",
    "openid-client fetches the claims of the user",
    "openid-client refreshes the tokens",
    "openid-client is told that a token is alive",
    "openid-client revokes it",
    "openid-client gets a token for a service",
];
const BY_PYTHON: [&str; 3] = [
    "okta-jwt-verifier takes the access token",
    "okta-jwt-verifier takes the ID token",
    "okta-jwt-verifier refuses the access token at another API",
];

/// An org by TLS with the model of the orders company in it, and the file of its authority.
struct Secured {
    sandbox: Sandbox,
    access: OrgAccess,
    audience: String,
    authority: NamedTempFile,
}

impl Secured {
    async fn new() -> Self {
        let (sandbox, authority) = by_tls(Options::default()).await;
        let model = OrgModel::load(&file("fixtures/org-orders.toml")).expect("the model is right");
        let url = Url::parse(sandbox.org_url()).expect("a URL");
        let token = SecretString::from(sandbox.api_token());
        let certificates = trusted(authority.path());
        let client = ManagementClient::trusting(url.clone(), token.clone(), &certificates);
        let client = client.expect("a client");
        let mut memory = Memory::for_model(&model);
        let made = provisioning::provision(&model, &client, &mut memory, |_| {}).await;
        Self {
            sandbox,
            access: made.expect("the sandbox is set up").access(url, token),
            audience: model.authorization_server.audience.clone(),
            authority,
        }
    }

    /// What the clients are told.
    fn told(&self) -> Value {
        let (seller, billing) = (
            &self.access.users["SELLER"],
            &self.access.services["BILLING"],
        );
        let shown = |secret: &Option<SecretString>| {
            let secret = secret.as_ref().expect("a secret");
            secret.expose_secret().to_owned()
        };
        json!({
            "issuer": self.access.issuer,
            "audience": self.audience,
            "client_id": self.access.client_id,
            "client_secret": shown(&self.access.client_secret),
            "redirect_uri": "http://localhost:8080/callback",
            "scope": "openid offline_access orders:read",
            "username": seller.username,
            "password": seller.password.expose_secret(),
            "service_id": billing.client_id,
            "service_secret": shown(&billing.client_secret),
            "service_scope": "invoices:read",
        })
    }

    /// What a program says, and how it ended.
    async fn hears(&self, program: &Path, script: &str, told: &Value) -> (Vec<String>, bool) {
        hears(self.authority.path(), program, script, told).await
    }
}

/// An empty org by TLS, and the file of its authority.
async fn by_tls(options: Options) -> (Sandbox, NamedTempFile) {
    let authority = CertificateAuthority::new().expect("an authority");
    let sandbox = Sandbox::builder().tls(&authority).options(options);
    let sandbox = sandbox.start().await.expect("the sandbox starts");
    let mut file_of_it = NamedTempFile::new().expect("a file");
    let text = authority.certificate();
    file_of_it.write_all(text.as_bytes()).expect("written");
    (sandbox, file_of_it)
}

/// What a program that trusts an authority says, and whether it ended well.
async fn hears(
    authority: &Path,
    program: &Path,
    script: &str,
    told: &Value,
) -> (Vec<String>, bool) {
    let mut command = Command::new(program);
    command.arg(file(script)).env("CLIENTS", file(INSTALLED));
    for name in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
        command.env(name, authority);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut running = command.spawn().expect("it starts");
    let mut input = running.stdin.take().expect("an input");
    input
        .write_all(told.to_string().as_bytes())
        .await
        .expect("told");
    drop(input);
    let ended = running.wait_with_output().await.expect("it ends");
    let said = String::from_utf8(ended.stdout).expect("a text");
    (
        said.lines().map(str::to_owned).collect(),
        ended.status.success(),
    )
}

fn trusted(authority: &Path) -> Certificates {
    let authority = authority.to_str().expect("a name");
    let environment: Environment = [("SSL_CERT_FILE", authority)].into_iter().collect();
    Config::read(&environment).expect("right").certificates
}

/// A file of what is installed; none, which is said.
fn installed(path: &str) -> Option<PathBuf> {
    let path = file(INSTALLED).join(path);
    let is_there = path.exists();
    if !is_there {
        eprintln!(
            "NOT PROVEN: {} is not installed: scripts/install-provider",
            path.display()
        );
    }
    is_there.then_some(path)
}

#[tokio::test]
async fn clients_of_other_people_take_what_the_org_gives() {
    if installed("node_modules/openid-client").is_none() {
        return;
    }
    let secured = Secured::new().await;
    let node = Path::new("node");
    let told = secured.told();
    let (mut said, is_right) = secured
        .hears(node, "fixtures/clients/code-flow.mjs", &told)
        .await;
    assert!(is_right, "{said:#?}");
    let tokens: Value = said
        .pop()
        .and_then(|line| serde_json::from_str(&line).ok())
        .expect("tokens");
    assert_eq!(said, BY_NODE);
    let Some(python) = installed("python/bin/python") else {
        return;
    };
    let mut told = told;
    for name in ["access_token", "id_token", "nonce"] {
        told[name] = tokens[name].clone();
    }
    let (said, is_right) = secured
        .hears(&python, "fixtures/clients/verify.py", &told)
        .await;
    assert!(is_right, "{said:#?}");
    assert_eq!(said, BY_PYTHON);
}

/// They are a second opinion only where they refuse what is wrong.
#[rstest]
#[case::audience("by-code.access-token.aud.other", "openid-client redeems a code")]
#[case::issuer("by-code.id-token.iss.other", "openid-client reads the metadata")]
#[case::state("state.other", "openid-client reads the metadata")]
#[case::issuer_of_the_answer("response-issuer.other", "openid-client reads the metadata")]
#[case::subject("userinfo.sub-other", "jwt-verifier refuses the ID token")]
#[case::metadata("discovery.issuer-other", "okta-auth-js signs in")]
#[tokio::test]
async fn they_refuse_what_is_wrong(#[case] fault: &str, #[case] last: &str) {
    if installed("node_modules/openid-client").is_none() {
        return;
    }
    let secured = Secured::new().await;
    secured
        .sandbox
        .set_fault(Some(fault.parse().expect("a fault")));
    let (node, script) = (Path::new("node"), "fixtures/clients/code-flow.mjs");
    let (said, is_right) = secured.hears(node, script, &secured.told()).await;
    assert!(!is_right);
    assert!(
        said.last().is_some_and(|line| line.starts_with(last)),
        "{said:#?}"
    );
}

/// An SDK of Okta's for the Management API.
#[derive(Debug, Clone, Copy)]
enum Sdk {
    Node,
    Python,
}

impl Sdk {
    /// What it says when it sets up what the document describes, reads it back and removes it, and
    /// whether that went well; nothing where it is not installed.
    async fn manages(self, change: impl FnOnce(&Sandbox)) -> Option<(Vec<String>, bool)> {
        let (program, script) = match self {
            Self::Node => {
                installed("node_modules/@okta/okta-sdk-nodejs")?;
                ("node".into(), "fixtures/clients/management.mjs")
            }
            Self::Python => (
                installed("python-sdk/bin/python")?,
                "fixtures/clients/management.py",
            ),
        };
        let options = Options {
            // As the one for Python sends it.
            ssws_without_blank: true,
            ..Options::default()
        };
        let (sandbox, authority) = by_tls(options).await;
        change(&sandbox);
        let given = json!({
            "org_url": sandbox.org_url(),
            "api_token": sandbox.api_token(),
            "redirect_uri": "http://localhost:8080/callback",
        });
        Some(hears(authority.path(), &program, script, &given).await)
    }
}

/// Every call of theirs is in their scripts, with what must come of it; they read into types.
#[rstest]
#[case::for_node(Sdk::Node, 49, "groupApi.listGroups at the end")]
#[case::for_python(Sdk::Python, 42, "delete_group GOLD")]
#[tokio::test]
async fn okta_s_sdks_manage_the_org(#[case] sdk: Sdk, #[case] calls: usize, #[case] last: &str) {
    let Some((said, is_right)) = sdk.manages(|_| {}).await else {
        return;
    };
    assert!(is_right, "{said:#?}");
    assert_eq!(said.last().map(String::as_str), Some(last));
    assert_eq!(said.len(), calls, "{said:#?}");
}

/// They are a second opinion only where they end at what is not there.
#[rstest]
#[case::for_node(Sdk::Node, "authorizationServerApi.createAuthorizationServer")]
#[case::for_python(Sdk::Python, "create_authorization_server")]
#[tokio::test]
async fn okta_s_sdks_end_where_the_org_refuses(#[case] sdk: Sdk, #[case] last: &str) {
    let refuse = |sandbox: &Sandbox| sandbox.refuse("authorizationServers");
    let Some((said, is_right)) = sdk.manages(refuse).await else {
        return;
    };
    assert!(!is_right);
    assert_eq!(said.last().map(String::as_str), Some(last));
}
