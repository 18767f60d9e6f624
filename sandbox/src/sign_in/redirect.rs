//! `/login/token/redirect`: the browser gets its session and goes on to the client.

use crate::error::OAuthError;
use crate::session;
use crate::state::AppState;
use crate::state::sign_in::{Stage, Transaction};
use crate::visit::{Next, Shown, Visit, Visited};

/// Finishes a sign-in, once.
pub(crate) fn redirect(state: &AppState, visit: &Visit) -> Visited {
    let token = visit.sent.get("stateToken").unwrap_or_default();
    let Some(transaction) = finished(state, token) else {
        return Shown::Error(OAuthError::request_expired()).into();
    };
    let request = transaction.request;
    let Stage::Done(session) = transaction.stage else {
        return Next::Refuse(request.return_to, OAuthError::declined()).into();
    };
    Visited {
        cookies: vec![session::start(state, session.clone())],
        next: Next::Answer(Box::new(request), session),
    }
}

/// Takes a sign-in that has come to its end.
fn finished(state: &AppState, token: &str) -> Option<Transaction> {
    let now = state.now();
    let mut runtime = state.runtime();
    let reached = &runtime.transaction(token, now)?.stage;
    if !matches!(reached, Stage::Done(_) | Stage::Declined) {
        return None;
    }
    runtime.transactions.remove(token)
}
