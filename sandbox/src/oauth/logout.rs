//! `/v1/logout`: ends the session of the user in the ID token hint.

use axum::response::Html;
use url::form_urlencoded::Serializer;

use super::verify;
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::session;
use crate::state::AppState;
use crate::visit::{Shown, Visit, Visited};

/// Redirects to the registered logout URI, or shows why not.
pub(crate) fn logout(state: &AppState, visit: &Visit) -> Visited {
    if state.org().server(&visit.server_id).is_none() {
        return Shown::NoServer(visit.server_id.clone()).into();
    }
    match target(state, &visit.server_id, &visit.sent) {
        Ok((user_id, target)) => {
            if state.fault() != Some(Fault::LogoutEndsNothing) {
                session::end(state, &visit.headers, &user_id);
            }
            Shown::Client(target).into()
        }
        Err(error) => Shown::Error(error).into(),
    }
}

/// Whose session ends, and where the browser goes.
fn target(
    state: &AppState,
    server_id: &str,
    sent: &Parameters,
) -> Result<(String, String), OAuthError> {
    match state.fault() {
        Some(Fault::LogoutRefused) => return Err(invalid_hint()),
        Some(Fault::LogoutAnywhere) => {
            if let Some(uri) = sent.get("post_logout_redirect_uri") {
                return Ok((String::new(), uri.to_owned()));
            }
        }
        _ => {}
    }
    if sent.repeats_any() {
        return Err(OAuthError::duplicate_parameters());
    }
    let org = state.org();
    let hint = sent.get("id_token_hint").unwrap_or_default();
    let server = org.server(server_id);
    let claims = match state.fault() {
        Some(Fault::LogoutHintUnsigned) => verify::unsigned_claims(hint),
        _ => server.and_then(|server| verify::signed_claims(server, hint)),
    };
    let claims = claims
        .filter(|claims| verify::text(claims, "jti").starts_with("ID."))
        .ok_or_else(invalid_hint)?;
    let user_id = verify::text(&claims, "sub").to_owned();
    let Some(uri) = sent.get("post_logout_redirect_uri") else {
        return Ok((user_id, format!("{}/", state.base_url)));
    };
    let client = org.applications.get(verify::text(&claims, "aud"));
    let client = client.ok_or_else(OAuthError::invalid_client_id)?;
    let registered = &client.settings.post_logout_redirect_uris;
    let begins_alike = |known: &String| {
        let known = known.parse::<url::Url>().ok();
        let host = known.and_then(|known| {
            let host = known.host_str()?;
            Some(format!("{}://{host}", known.scheme()))
        });
        host.is_some_and(|host| uri.starts_with(&host))
    };
    let mut own = client.settings.redirect_uris.iter().chain(registered);
    let is_taken = state.fault() == Some(Fault::LogoutBeginsAlike) && own.any(begins_alike);
    if !is_taken && !registered.iter().any(|known| known == uri) {
        return Err(OAuthError::invalid_request(format!(
            "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the \
             client app settings: {}/admin/app/oidc_client/instance/{}#tab-general",
            state.base_url, client.id
        )));
    }
    let target = match sent.get("state") {
        Some(value) => {
            let separator = if uri.contains('?') { '&' } else { '?' };
            let state = Serializer::new(String::new())
                .append_pair("state", value)
                .finish();
            format!("{uri}{separator}{state}")
        }
        None => uri.to_owned(),
    };
    Ok((user_id, target))
}

fn invalid_hint() -> OAuthError {
    OAuthError::bad("invalid_token", "The id token is invalid.")
}

/// `/`: where Okta has the sign-in page of the org itself, which nobody has business with here.
pub(crate) async fn home() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><html lang=\"en\"><head><title>Sandbox - Sign In</title></head>\
         <body><h1>Sign In</h1><p>You are signed out.</p></body></html>",
    )
}
