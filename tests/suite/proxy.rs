//! Loopback never goes through a proxy, whatever the environment says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

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

/// The address of a proxy that is not there.
async fn dead_proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// What a run is told, and the proxy.
fn told<'a>(proxy: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let proxies = VARIABLES.iter().map(|name| (*name, proxy));
    proxies.chain(more.iter().copied()).collect()
}

/// Org, API, keys, WebDriver and the browsers themselves are all on this machine.
#[tokio::test]
async fn a_dead_proxy_changes_nothing_on_this_machine() {
    let proxy = dead_proxy().await;
    let ended = main_job::run(&told(&proxy, &[]), &[]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("0 not met, 0 advised, 0 not checked");
}

/// An address says where it leads, whatever its scheme.
#[tokio::test]
async fn https_on_this_machine_is_asked_past_a_proxy() {
    let proxy = dead_proxy().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("https://{}/oauth2/aus1", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listening = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let org = [
        ("OKTA_OAUTH2_ISSUER", issuer.as_str()),
        ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
    ];
    let ended = main_job::run(&told(&proxy, &org), &["step_3a"]).await;
    listening.abort();
    assert!(asked.load(Ordering::Relaxed) > 0, "{}", ended.text);
}

/// A proxy that is named with the wrong scheme answers itself: nothing is said of the org's port.
#[tokio::test]
async fn a_proxy_by_the_wrong_scheme_is_not_taken_for_the_org() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("https://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(|| async { "a proxy" });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let org = [
        ("OKTA_OAUTH2_ISSUER", "https://org.example/oauth2/aus1"),
        ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
    ];
    let ended = main_job::run(&told(&proxy, &org), &["step_3a"]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    assert!(!ended.text.contains("does not speak TLS"), "{}", ended.text);
}
