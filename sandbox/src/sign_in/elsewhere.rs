//! Other providers: an org sends a user to them, and what they show is no page of the org.

use crate::state::AppState;
use crate::visit::{Shown, Visit, Visited};

/// Where the page of the other provider is.
pub(crate) const PROVIDER_PATH: &str = "/sandbox/provider";

/// `/sso/idps/{id}`: on to the other provider, which is this very server by another name, and so of
/// another origin.
pub(crate) fn to_provider(state: &AppState, _: &Visit) -> Visited {
    let url = state.base_url.parse::<url::Url>().ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    let name = match host {
        Some("localhost") => "127.0.0.1",
        _ => "localhost",
    };
    let port = url.as_ref().and_then(url::Url::port_or_known_default);
    let scheme = url.as_ref().map_or("http", url::Url::scheme);
    let port = port.unwrap_or_default();
    Shown::Elsewhere(format!("{scheme}://{name}:{port}{PROVIDER_PATH}")).into()
}

/// The page of the other provider.
pub(crate) fn provider(_: &AppState, _: &Visit) -> Visited {
    Shown::Provider.into()
}
