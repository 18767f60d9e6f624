//! Starting and stopping.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use okta_sandbox::{Sandbox, SignInPage};
use serde_json::Value;

/// The command, ended with the test.
struct Running(Child);

impl Running {
    fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_okta-sandbox"));
        command.args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[tokio::test]
async fn the_command_says_where_the_org_is_and_serves_it() {
    let mut running = Running::with(&["--fault", "clock.skew", "--sign-in-page", "builtin"]);
    let mut line = String::new();
    let stdout = running.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let told = |key: &str| told[key].as_str().unwrap();
    let groups = crate::browser::client()
        .get(format!("{}/api/v1/groups", told("org_url")))
        .header("authorization", format!("SSWS {}", told("api_token")));
    assert_eq!(groups.send().await.unwrap().status(), 200);
}

#[test]
fn the_command_refuses_a_fault_it_does_not_know() {
    let mut running = Running::with(&["--fault", "no.such"]);
    let mut told = String::new();
    let mut stderr = running.0.stderr.take().unwrap();
    stderr.read_to_string(&mut told).unwrap();
    assert!(told.contains("unknown fault `no.such`"), "{told}");
    assert_eq!(running.0.wait().unwrap().code(), Some(2));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let first = Sandbox::start().await.unwrap();
    let port = first.org_url().rsplit(':').next().unwrap();
    let refused = Sandbox::builder().port(port.parse().unwrap()).start().await;
    let told = refused.err().unwrap().to_string();
    assert!(told.contains(&format!("`127.0.0.1:{port}`")), "{told}");
}

#[tokio::test]
async fn a_sandbox_stops_when_it_is_dropped() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = sandbox.org_url().to_owned();
    assert!(crate::browser::client().get(&url).send().await.is_ok());
    drop(sandbox);
    // A fresh client: a connection kept alive may end a moment later.
    let refused = async { while crate::browser::client().get(&url).send().await.is_ok() {} };
    let deadline = std::time::Duration::from_secs(5);
    assert!(tokio::time::timeout(deadline, refused).await.is_ok());
}

#[tokio::test]
async fn a_page_of_the_widget_needs_the_widget() {
    let folder = std::path::PathBuf::from("no/such/folder");
    let builder = Sandbox::builder().sign_in_page(SignInPage::Gen3);
    let started = builder.widget(folder).start().await;
    let said = started.err().map(|error| error.to_string());
    let said = said.expect("nothing to start with");
    assert!(
        said.contains("no/such/folder/dist/js/okta-sign-in.next.js"),
        "{said}"
    );
    assert!(said.contains("@okta/okta-signin-widget"), "{said}");
}
