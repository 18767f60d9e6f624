//! `/v1/authorize`: silently by a session, or by way of the sign-in page.

use super::request::{self, Rejection};
use crate::decision::{SignOn, consent, sign_on};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::session;
use crate::state::AppState;
use crate::state::org::UserStatus;
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::{Session, Stage};
use crate::visit::{Next, Shown, Visit, Visited};

/// What a request comes to, as far as it depends on the user: who does not is asked.
pub(crate) fn authorize(state: &AppState, visit: &Visit) -> Visited {
    let server_id = &visit.server_id;
    if state.org().server(server_id).is_none() {
        return Shown::NoServer(server_id.clone()).into();
    }
    let request = match request::read(state, visit) {
        Ok(request) => request,
        Err(Rejection::Page(error)) => return Shown::Error(error).into(),
        Err(Rejection::Redirect(return_to, error)) => {
            return Next::Refuse(*return_to, error).into();
        }
    };
    let session = session::of(state, &visit.headers).or_else(|| by_session_token(state, visit));
    let is_lost = request.prompt.none && state.fault() == Some(Fault::SessionNotSilent);
    let session = session.filter(|session| !is_lost && is_active(state, session));
    next(state, request, session).into()
}

/// The session that the sign-in API gave a token for, good once: the parameter `sessionToken`,
/// which is ignored where there is a session (developer.okta.com, "Work with Okta session
/// cookies").
fn by_session_token(state: &AppState, visit: &Visit) -> Option<Session> {
    let token = visit.sent.get("sessionToken")?;
    state.runtime().session_tokens.remove(token)
}

fn next(state: &AppState, request: AuthorizeRequest, session: Option<Session>) -> Next {
    let is_unchecked = state.fault() == Some(Fault::HintUnchecked);
    let is_wanted = |session: &Session| {
        let mut hinted = request.hinted_user.iter();
        is_unchecked || hinted.all(|user| *user == session.user_id)
    };
    let Some(session) = session.filter(is_wanted) else {
        return ask(request, Stage::Identify, OAuthError::login_required());
    };
    let age_seconds = state.now() - session.auth_time;
    let is_too_old = request
        .max_age_seconds
        .is_some_and(|allowed| allowed == 0 || age_seconds > allowed);
    if is_too_old || request.prompt.login {
        return ask(request, Stage::Identify, OAuthError::sign_on_required());
    }
    if sign_on(&state.org(), &request.client_id, &session.user_id) == SignOn::Denied {
        return ask(request, Stage::Identify, OAuthError::declined());
    }
    let missing = consent::missing(state, &request, &session);
    if missing.is_empty() {
        return Next::Answer(Box::new(request), session);
    }
    let error = OAuthError::consent_required(&missing);
    ask(request, Stage::Consent(session), error)
}

/// Asks the user, or says with the error that nobody may be asked.
fn ask(request: AuthorizeRequest, first: Stage, error: OAuthError) -> Next {
    if request.prompt.none {
        Next::Refuse(request.return_to, error)
    } else {
        Next::Ask(Box::new(request), first)
    }
}

fn is_active(state: &AppState, session: &Session) -> bool {
    let org = state.org();
    let user = org.users.get(&session.user_id);
    user.is_some_and(|user| user.status == UserStatus::Active)
}
