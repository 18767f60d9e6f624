//! An org that is kept in a folder: what survives a restart, and for whose eyes it is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use okta_sandbox::{CertificateAuthority, Sandbox, StartError};
use rstest::rstest;
use serde_json::Value;

use crate::browser::client;
use crate::provision;
use crate::world::World;

/// A folder of a test, with nothing in it.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("kept")
        .join(name);
    let _there_may_be_none = fs::remove_dir_all(&folder);
    folder
}

async fn start(folder: &Path) -> Sandbox {
    let builder = Sandbox::builder().keep(folder.to_owned());
    builder.start().await.unwrap()
}

/// What the Management API says of everything that there is.
async fn everything(sandbox: &Sandbox, org: &provision::Provisioned) -> Vec<Value> {
    let server = format!("authorizationServers/{}", org.server_id);
    let application = format!("apps/{}", org.client_id);
    let paths = [
        "groups".to_owned(),
        "users".to_owned(),
        "trustedOrigins".to_owned(),
        "policies?type=ACCESS_POLICY".to_owned(),
        format!("{server}/scopes"),
        format!("{server}/claims"),
        format!("{server}/policies"),
        format!("{server}/credentials/keys"),
        format!("{application}/groups"),
        format!("{application}/users"),
        format!("{application}/credentials/secrets"),
        server,
        application,
    ];
    let mut all = Vec::new();
    for path in paths {
        let url = format!("{}/api/v1/{path}", sandbox.org_url());
        let token = format!("SSWS {}", sandbox.api_token());
        let answer = client()
            .get(url)
            .header("authorization", token)
            .send()
            .await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        all.push(answer.json().await.unwrap());
    }
    all
}

#[tokio::test]
async fn an_org_goes_on_as_it_was() {
    let folder = folder("goes-on");
    let sandbox = start(&folder).await;
    let org = provision::provision(&sandbox).await;
    let before = everything(&sandbox, &org).await;
    let address = (sandbox.org_url().to_owned(), sandbox.api_token().to_owned());
    drop(sandbox);
    let sandbox = start_again(&folder).await;
    let again = (sandbox.org_url().to_owned(), sandbox.api_token().to_owned());
    assert_eq!(again, address);
    assert_eq!(everything(&sandbox, &org).await, before);
    let world = World { sandbox, org };
    let token = world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    world.verified(&token).await;
}

/// The port of an org that was dropped is free a moment later.
async fn start_again(folder: &Path) -> Sandbox {
    let again = async {
        loop {
            match Sandbox::builder().keep(folder.to_owned()).start().await {
                Err(StartError::Listen { .. }) => tokio::task::yield_now().await,
                started => break started.unwrap(),
            }
        }
    };
    let deadline = std::time::Duration::from_secs(5);
    tokio::time::timeout(deadline, again).await.unwrap()
}

#[tokio::test]
async fn with_tls_both_ports_stay() {
    let folder = folder("both-ports");
    let authority = CertificateAuthority::new().unwrap();
    let builder = || Sandbox::builder().tls(&authority).keep(folder.clone());
    let sandbox = builder().start().await.unwrap();
    let before = (sandbox.org_url().to_owned(), sandbox.local_url().to_owned());
    drop(sandbox);
    let again = async {
        loop {
            match builder().start().await {
                Err(StartError::Listen { .. }) => tokio::task::yield_now().await,
                started => break started.unwrap(),
            }
        }
    };
    let deadline = std::time::Duration::from_secs(5);
    let sandbox = tokio::time::timeout(deadline, again).await.unwrap();
    let after = (sandbox.org_url().to_owned(), sandbox.local_url().to_owned());
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_is_kept_is_for_its_owner_alone() {
    let folder = folder("owner").join("below");
    let _sandbox = start(&folder).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("org.json")), 0o600);
    assert_eq!(
        fs::read_to_string(folder.join(".gitignore")).unwrap(),
        "*\n"
    );
}

#[rstest]
#[case::no_json("broken", "{", "remove it to begin anew")]
#[case::another_version(
    "later",
    r#"{"version": 99, "ports": {"public": 1, "local": 0}, "api_token": "", "org": {}}"#,
    "remove it to begin anew"
)]
#[tokio::test]
async fn a_file_that_is_not_of_this_version_is_refused(
    #[case] name: &str,
    #[case] text: &str,
    #[case] says: &str,
) {
    let folder = folder(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("org.json"), text).unwrap();
    let refused = Sandbox::builder().keep(folder.clone()).start().await;
    let message = refused.err().unwrap().to_string();
    assert!(message.contains(says), "{message}");
    assert_eq!(fs::read_to_string(folder.join("org.json")).unwrap(), text);
}
