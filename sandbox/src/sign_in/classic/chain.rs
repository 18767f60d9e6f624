//! The redirects around the page of Classic Engine: a request is kept by its key until its user is
//! signed in.

use axum::http::HeaderMap;

use crate::decision::consent;
use crate::error::OAuthError;
use crate::session;
use crate::sign_in::onward;
use crate::state::AppState;
use crate::state::org::random_token;
use crate::state::sign_in::{At, Authn, Session, Stage, Transaction};
use crate::visit::{Next, Shown, Visit, Visited};

/// The path at which the request with this key goes on.
pub(crate) fn redirect_path(key: &str) -> String {
    format!("/oauth2/v1/authorize/redirect?okta_key={key}")
}

/// `/oauth2/v1/authorize/redirect`: to the page, or to the client once the user is signed in.
pub(crate) fn redirect(state: &AppState, visit: &Visit) -> Visited {
    let key = visit.sent.get("okta_key").unwrap_or_default();
    let Some(transaction) = transaction(state, key) else {
        return expired();
    };
    let session = session::of(state, &visit.headers);
    match standing(&transaction, session.as_ref()) {
        Stage::Done(session) => {
            state.runtime().transactions.remove(key);
            if onward::has_taken_too_long(state, &session.user_id) {
                return expired();
            }
            Next::Answer(Box::new(transaction.request), session).into()
        }
        Stage::Declined => {
            state.runtime().transactions.remove(key);
            Next::Refuse(transaction.request.return_to, OAuthError::declined()).into()
        }
        _ => {
            let from_uri = redirect_path(key);
            let from_uri = url::form_urlencoded::byte_serialize(from_uri.as_bytes());
            let from_uri: String = from_uri.collect();
            Shown::Elsewhere(format!("/login/login.htm?fromURI={from_uri}")).into()
        }
    }
}

/// `/login/login.htm`: the page for the request that `fromURI` names.
pub(crate) fn page(state: &AppState, visit: &Visit) -> Visited {
    let from_uri = visit.sent.get("fromURI").unwrap_or_default();
    let (_, key) = from_uri.split_once("okta_key=").unwrap_or_default();
    let Some(transaction) = transaction(state, key) else {
        return expired();
    };
    let token = step_up(state, key, &transaction, &visit.headers);
    Shown::Classic {
        state_token: token.unwrap_or_default(),
        from_uri: redirect_path(key),
    }
    .into()
}

/// `/login/sessionCookieRedirect`: a session token becomes a session, once.
pub(crate) fn session_cookie(state: &AppState, visit: &Visit) -> Visited {
    let token = visit.sent.get("token").unwrap_or_default();
    let session = state.runtime().session_tokens.remove(token);
    let target = visit.sent.get("redirectUrl").unwrap_or_default();
    // Nothing but this org's own pages: the address comes from the page.
    let (Some(session), Some(path)) = (session, target.strip_prefix(&state.base_url)) else {
        return expired();
    };
    if let Some((_, key)) = path.split_once("okta_key=") {
        signed_in(state, key, &session);
    }
    Visited {
        next: Next::Show(Shown::Elsewhere(target.to_owned())),
        cookies: vec![session::start(state, session)],
    }
}

fn expired() -> Visited {
    Shown::Error(OAuthError::request_expired()).into()
}

/// A sign-in that is still under way.
pub(super) fn transaction(state: &AppState, key: &str) -> Option<Transaction> {
    let now = state.now();
    state.runtime().transaction(key, now).cloned()
}

/// How far a request has come for the browser with this session: no further than to the page for
/// any other than the one that signed in for it.
fn standing(transaction: &Transaction, session: Option<&Session>) -> Stage {
    match (&transaction.stage, session) {
        (Stage::Consent(of) | Stage::Done(of), Some(session)) if of == session => {
            transaction.stage.clone()
        }
        (Stage::Declined, _) => Stage::Declined,
        _ => Stage::Identify,
    }
}

/// Notes that the user has signed in for the request with this key.
fn signed_in(state: &AppState, key: &str, session: &Session) {
    let Some(transaction) = transaction(state, key) else {
        return;
    };
    let missing = consent::missing(state, &transaction.request, session);
    let reached = if missing.is_empty() {
        Stage::Done(session.clone())
    } else {
        Stage::Consent(session.clone())
    };
    if let Some(kept) = state.runtime().transactions.get_mut(key) {
        kept.stage = reached;
    }
}

/// The state token by which the page asks for consent; none where it asks who is there.
fn step_up(
    state: &AppState,
    key: &str,
    transaction: &Transaction,
    headers: &HeaderMap,
) -> Option<String> {
    let own = session::of(state, headers);
    let Stage::Consent(session) = standing(transaction, own.as_ref()) else {
        return None;
    };
    let token = format!("00{}", random_token());
    let authn = Authn {
        at: At::Consent(key.to_owned()),
        session,
        passed: Vec::new(),
        played: Vec::new(),
        started: state.now(),
    };
    state.runtime().authns.insert(token.clone(), authn);
    Some(token)
}
