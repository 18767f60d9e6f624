//! Worlds for the suite's own proof: sandboxes, changes to them, and a sign-in without a browser.

use std::time::Duration;

pub(crate) mod agent;
pub(crate) mod change;
pub(crate) mod front;
pub(crate) mod gateway;
pub(crate) mod large_model;
pub(crate) mod pattern;
pub(crate) mod scenario;
#[path = "../../../src/command_line/verify/served.rs"]
pub(crate) mod served;
pub(crate) mod world;

const LONGEST_ANSWER: Duration = Duration::from_secs(120);

/// A client past any proxy of the environment: everything the tests ask is on this machine. It
/// reads no root certificates: that costs more than all its requests.
pub(crate) fn http() -> reqwest::Client {
    loopback().build().expect("a client")
}

/// What every such client has. No answer takes as long as its limit: what waits for ever fails.
pub(crate) fn loopback() -> reqwest::ClientBuilder {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    client.timeout(LONGEST_ANSWER)
}
