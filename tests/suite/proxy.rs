//! Loopback never goes through a proxy, whatever the environment says.

use crate::main_job;

/// Every variable that names a proxy, in both spellings.
const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Org, API, keys, WebDriver and the browsers themselves are all on this machine.
#[tokio::test]
async fn a_dead_proxy_changes_nothing_on_this_machine() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told: Vec<(&str, &str)> = VARIABLES
        .iter()
        .map(|name| (*name, dead.as_str()))
        .collect();
    let ended = main_job::run(&told, &[]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("0 not met, 0 advised, 0 not checked");
}
