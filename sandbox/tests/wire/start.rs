//! Starting and stopping.

use okta_sandbox::Sandbox;

#[tokio::test]
async fn a_sandbox_stops_when_it_is_dropped() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = sandbox.org_url().to_owned();
    assert!(reqwest::get(&url).await.is_ok());
    drop(sandbox);
    // A fresh client: a connection kept alive may end a moment later.
    let refused = async { while reqwest::get(&url).await.is_ok() {} };
    let deadline = std::time::Duration::from_secs(5);
    assert!(tokio::time::timeout(deadline, refused).await.is_ok());
}
