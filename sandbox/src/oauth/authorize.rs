//! `/v1/authorize`: silently by a session, or by way of the sign-in page.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::consent;
use super::error::{self, OAuthError};
use super::issue;
use super::parameters::Parameters;
use super::request::{self, AuthorizeRequest, Rejection};
use super::response;
use super::runtime::{Session, Stage};
use crate::org::UserStatus;
use crate::pages;
use crate::sign_in;
use crate::state::AppState;

/// Answers a GET with a query and a POST with a form alike.
pub(crate) async fn authorize(
    State(state): State<Arc<AppState>>,
    Path(server_id): Path<String>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    if !state.org().servers.contains_key(&server_id) {
        return error::unknown_server(&server_id);
    }
    let request = match request::read(&state, &server_id, &Parameters::parse(&form)) {
        Ok(request) => request,
        Err(Rejection::Page(error)) => return pages::error(&state, &error),
        Err(Rejection::Redirect(return_to, error)) => {
            return response::refuse(&state, &return_to, error);
        }
    };
    let session = sign_in::session(&state, &headers).filter(|session| is_active(&state, session));
    match needed(&state, &request, session) {
        Need::Nothing(session) => issue::finish(&state, &request, &session).await,
        Need::SignIn => sign_in::begin(&state, request, Stage::Identify),
        Need::Consent(session) => sign_in::begin(&state, request, Stage::Consent(session)),
        Need::Refuse(error) => response::refuse(&state, &request.return_to, error),
    }
}

/// What a request needs before it can be decided.
enum Need {
    /// This session does.
    Nothing(Session),
    /// The user must be asked.
    SignIn,
    /// This session does, if its user allows it.
    Consent(Session),
    /// The user must be asked, and may not be.
    Refuse(OAuthError),
}

fn needed(state: &AppState, request: &AuthorizeRequest, session: Option<Session>) -> Need {
    let is_wanted = |session: &Session| {
        let mut hinted = request.hinted_user.iter();
        hinted.all(|user| *user == session.user_id)
    };
    let Some(session) = session.filter(is_wanted) else {
        return if request.prompt.none {
            Need::Refuse(OAuthError::login_required())
        } else {
            Need::SignIn
        };
    };
    let age_seconds = state.now() - session.auth_time;
    let is_too_old = request
        .max_age_seconds
        .is_some_and(|allowed| allowed == 0 || age_seconds > allowed);
    match (is_too_old, request.prompt.none) {
        (true, true) => Need::Refuse(OAuthError::sign_on_required()),
        (true, false) => Need::SignIn,
        (false, _) if request.prompt.login => Need::SignIn,
        (false, _) => consent(state, request, session),
    }
}

fn consent(state: &AppState, request: &AuthorizeRequest, session: Session) -> Need {
    let missing = consent::missing(state, request, &session);
    if missing.is_empty() {
        Need::Nothing(session)
    } else if request.prompt.none {
        Need::Refuse(OAuthError::consent_required(&missing))
    } else {
        Need::Consent(session)
    }
}

fn is_active(state: &AppState, session: &Session) -> bool {
    let org = state.org();
    let user = org.users.get(&session.user_id);
    user.is_some_and(|user| user.status == UserStatus::Active)
}
