//! What a session asks of its browser.

use std::fs;
use std::os::unix::fs::MetadataExt;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::config::{BrowserConfig, authority};
use super::find::Found;
use super::stand_in::StandIn;
use crate::origin::is_loopback;

/// The capabilities of a session; without `found` the driver is someone else's.
pub(super) fn capabilities(
    config: &BrowserConfig,
    found: Option<&Found>,
    stand_in: Option<&StandIn>,
) -> Capabilities {
    let step_ms = u64::try_from(config.step_timeout.as_millis()).unwrap_or(u64::MAX);
    let mut options = json!({
        "args": arguments(config, found, stand_in),
        // Of a page's own events, its dialogs are read.
        "perfLoggingPrefs": { "enableNetwork": true, "enablePage": true },
    });
    if let (Some(found), Some(options)) = (found, options.as_object_mut()) {
        options.insert("binary".to_owned(), json!(found.browser.path));
    }
    let capabilities = json!({
        "pageLoadStrategy": "eager",
        "timeouts": { "pageLoad": step_ms, "script": step_ms },
        "unhandledPromptBehavior": "dismiss",
        "goog:chromeOptions": options,
        // What is logged is read once, to see whether the browser signed in by HTTP.
        "goog:loggingPrefs": { "performance": "ALL" },
    });
    let mut capabilities = match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => Capabilities::new(),
    };
    if found.is_none() {
        capabilities.insert("moz:firefoxOptions".to_owned(), firefox(config));
    }
    capabilities
}

/// What Firefox is asked for, should that be the browser of someone else's driver: no window, and
/// the language of pages.
fn firefox(config: &BrowserConfig) -> Value {
    json!({
        "args": ["-headless"],
        "prefs": { "intl.accept_languages": config.language },
    })
}

fn arguments(
    config: &BrowserConfig,
    found: Option<&Found>,
    stand_in: Option<&StandIn>,
) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
        // As wide as a screen is: pages leave out on a small one what they show on it.
        "--window-size=1280,1024",
    ]
    .map(str::to_owned)
    .to_vec();
    // Off the record nothing is written to a disk, which takes long to wipe. Full Chromium would
    // keep
    // third-party cookies away as well, which the browsers of users do not.
    let is_shell = found.is_some_and(Found::is_headless_shell);
    let mode = if is_shell {
        "--incognito"
    } else {
        "--headless=new"
    };
    arguments.push(mode.to_owned());
    let language = &config.language;
    arguments.extend(["lang", "accept-lang"].map(|name| format!("--{name}={language}")));
    if found.is_some() {
        // The browser ends with its driver: the pipe between them closes.
        arguments.push("--remote-debugging-pipe".to_owned());
    }
    if runs_on_this_machine(config) && is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    arguments.extend(shield(config, stand_in));
    arguments
}

/// Keeps the browser from the redirect URI, so that nothing there can rewrite the address or redeem
/// a code: it goes to the stand-in or, where there is none, nowhere. The address with its fragment
/// stays to be read in either case.
fn shield(config: &BrowserConfig, stand_in: Option<&StandIn>) -> Option<String> {
    let target = authority(&config.redirect_uri)?;
    let instead = stand_in.map_or_else(|| "~NOTFOUND".to_owned(), StandIn::address);
    let shielded = config.can_shield_redirect_uri();
    shielded.then(|| format!("--host-resolver-rules=MAP {target} {instead}"))
}

fn runs_on_this_machine(config: &BrowserConfig) -> bool {
    config.webdriver_url.as_ref().is_none_or(is_loopback)
}

/// Chromium refuses to start as root inside its sandbox.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
