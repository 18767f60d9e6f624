//! A redirect URI of the run's own, where the client has others.

use super::client::client;
use super::context::Context;
use super::trial::Fix;
use crate::escape;

const VARIABLE: &str = "OKTA_OAUTH2_REDIRECT_URI";

/// Whether the variable names another redirect URI than the model.
pub(super) fn is_of_the_run(context: &Context<'_>) -> bool {
    context.facts.redirect_uri.as_str() != context.model.client.redirect_uri.as_str()
}

/// What to do where the variable names one that the client does not have; nothing where the model's
/// is sent.
pub(super) fn mend_variable(context: &Context<'_>) -> Option<Fix> {
    if !is_of_the_run(context) {
        return None;
    }
    let model = context.model.client.redirect_uri.as_str();
    let found = client(context).ok().into_iter();
    let found = found.flat_map(|found| found.settings.oauth_client.redirect_uris.iter());
    let found: Vec<&str> = found.map(String::as_str).collect();
    let click = match &found[..] {
        [] => format!(
            "set {VARIABLE} to one of the client's redirect URIs (Applications > Applications > \
             the client > General > Login > Sign-in redirect URIs), or leave it blank for the \
             model's `{model}`"
        ),
        found if found.contains(&model) => format!(
            "leave {VARIABLE} blank, since the client has the model's `{model}`, or set it to one \
             of the client's redirect URIs: {}",
            escape::list(found)
        ),
        found => format!(
            "set {VARIABLE} to one of the client's redirect URIs: {}; if it is the right one, \
             Applications > Applications > the client > General > Login > Sign-in redirect URIs > \
             Add URI",
            escape::list(found)
        ),
    };
    let api = "GET /api/v1/apps/{appId}, settings.oauthClient.redirect_uris";
    Some(Fix::new(click, api))
}
