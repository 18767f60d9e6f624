//! Consent: a client that is not trusted asks the user for scopes that are not given silently.

use super::decide::decide;
use crate::state::AppState;
use crate::state::grant::Consent;
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::Session;

/// The scopes the user must still allow; none when the request is denied anyway.
pub(crate) fn missing(
    state: &AppState,
    request: &AuthorizeRequest,
    session: &Session,
) -> Vec<String> {
    let Ok(grant) = decide(state, request, session) else {
        return Vec::new();
    };
    let org = state.org();
    let client = org.applications.get(&request.client_id);
    let server = org.server(&request.server_id);
    let (Some(client), Some(server)) = (client, server) else {
        return Vec::new();
    };
    if client.settings.consent_method != "REQUIRED" {
        return Vec::new();
    }
    let runtime = state.runtime();
    let is_asked = |name: &String| {
        let mut scopes = server.scopes.values();
        let is_silent = scopes.any(|scope| scope.name == *name && scope.consent == "IMPLICIT");
        let was_allowed = runtime.consents.contains(&consent(request, session, name));
        !is_silent && (request.prompt.consent || !was_allowed)
    };
    grant.scopes.into_iter().filter(is_asked).collect()
}

/// Notes that the user allows the request.
pub(crate) fn allow(state: &AppState, request: &AuthorizeRequest, session: &Session) {
    let scopes = request.scopes.iter();
    let allowed = scopes.map(|scope| consent(request, session, scope));
    state.runtime().consents.extend(allowed);
}

fn consent(request: &AuthorizeRequest, session: &Session, scope: &str) -> Consent {
    Consent {
        user_id: session.user_id.clone(),
        client_id: request.client_id.clone(),
        scope: scope.to_owned(),
    }
}
