//! Redirect URIs: compared as strings, except for the one wildcard Okta knows.

mod lax;

use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::Application;

/// The redirect URI of a request, if the client has it.
pub(crate) fn of_request(
    state: &AppState,
    client: &Application,
    sent: &Parameters,
) -> Result<String, OAuthError> {
    let first = client.settings.redirect_uris.first().map(String::as_str);
    let first = first.filter(|_| state.fault() == Some(Fault::RedirectUriFirst));
    let Some(uri) = sent.get("redirect_uri").or(first) else {
        return Err(OAuthError::bad(
            "missing_redirect_uri",
            "redirect_uri is missing.",
        ));
    };
    let repeats = sent.repeats("redirect_uri") && state.fault() != Some(Fault::DuplicatesTaken);
    if !repeats && (is_registered(client, uri) || is_let_through(state, client, uri)) {
        return Ok(uri.to_owned());
    }
    Err(OAuthError::invalid_request(format!(
        "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings: \
         {}/admin/app/oidc_client/instance/{}#tab-general",
        state.base_url, client.id
    )))
}

/// Whether a fault takes the URI for one of the client's.
fn is_let_through(state: &AppState, client: &Application, uri: &str) -> bool {
    let mut registered = client.settings.redirect_uris.iter();
    let fault = state.fault();
    fault.is_some_and(|fault| registered.any(|known| lax::takes(fault, known, uri)))
}

fn is_registered(client: &Application, uri: &str) -> bool {
    let wildcard = client.settings.other.get("wildcard_redirect");
    let has_wildcard = wildcard.and_then(serde_json::Value::as_str) == Some("SUBDOMAIN");
    client
        .settings
        .redirect_uris
        .iter()
        .any(|registered| registered == uri || (has_wildcard && is_subdomain(registered, uri)))
}

/// Whether a URI fits `https://*.host/…`, `https://a-*-b.host/…`: one label, the lowest.
fn is_subdomain(registered: &str, uri: &str) -> bool {
    let Some((before, after)) = registered.split_once('*') else {
        return false;
    };
    let is_lowest_label = before
        .strip_prefix("https://")
        .is_some_and(|label| !label.contains(['.', '/']));
    let middle = uri
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    is_lowest_label
        && middle.is_some_and(|middle| {
            let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !middle.is_empty() && middle.bytes().all(is_legal)
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_subdomain;

    #[rstest]
    #[case::one_label("https://a.example.com/cb", true)]
    #[case::two_labels("https://a.b.example.com/cb", false)]
    #[case::no_label("https://.example.com/cb", false)]
    #[case::another_path("https://a.example.com/other", false)]
    #[case::a_longer_host("https://a.example.com/cb.evil.example/cb", false)]
    #[case::another_scheme("http://a.example.com/cb", false)]
    fn a_wildcard_stands_for_exactly_one_label(#[case] uri: &str, #[case] fits: bool) {
        assert_eq!(is_subdomain("https://*.example.com/cb", uri), fits);
    }
}
