//! Signing in: the page, the Identity Engine API it speaks, and the session at the end.

mod answer;
mod cancel;
mod consent;
mod identify;
mod introspect;
mod message;
mod redirect;
mod session;
mod shape;

pub(crate) use session::{end_session, session};

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;

use crate::fault::Fault;
use crate::oauth::request::AuthorizeRequest;
use crate::oauth::runtime::{Stage, Transaction};
use crate::oauth::tokens::random_token;
use crate::pages;
use crate::state::AppState;
use message::{Message, Refusal};

/// The endpoints that the sign-in page speaks to.
pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/idp/idx/introspect", post(introspect::introspect))
        .route("/idp/idx/identify", post(identify::identify))
        .route("/idp/idx/challenge/answer", post(answer::answer))
        .route("/idp/idx/consent", post(consent::consent))
        .route("/idp/idx/cancel", post(cancel::cancel))
        .route("/login/token/redirect", get(redirect::redirect))
}

/// Begins a sign-in: the page comes at the authorize URL itself.
pub(crate) fn begin(state: &AppState, request: AuthorizeRequest, first: Stage) -> Response {
    let token = format!("02.id.{}", random_token());
    let transaction = Transaction {
        request,
        handle: format!("{token}~c.{}", random_token()),
        stage: first,
        started: state.now(),
    };
    state
        .runtime()
        .transactions
        .insert(token.clone(), transaction);
    let mut response = pages::sign_in(state, &token);
    // Okta sets both on every visit; nothing here depends on them.
    for name in ["JSESSIONID", "DT"] {
        let cookie = session::cookie(name, &random_token());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// A call of the sign-in API: a body that names a sign-in under way.
struct Call {
    token: String,
    transaction: Transaction,
    body: Value,
}

impl Call {
    /// Reads a body with a `stateHandle`.
    fn read(state: &AppState, body: &str) -> Result<Self, Refusal> {
        refuse_by_fault(state)?;
        let body: Value = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
        let handle = body.get("stateHandle").and_then(Value::as_str);
        let now = state.now();
        let runtime = state.runtime();
        let token = handle.and_then(|handle| runtime.token_of_handle(handle, now));
        let transaction = token.and_then(|token| runtime.transaction(token, now));
        match (token, transaction) {
            (Some(token), Some(transaction)) => Ok(Self {
                token: token.to_owned(),
                transaction: transaction.clone(),
                body: body.clone(),
            }),
            _ => Err(Refusal::Terminal(Message::Expired)),
        }
    }

    /// A text of the body.
    fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    /// Notes how far the sign-in has come.
    fn advance(&mut self, state: &AppState, reached: Stage) {
        if let Some(transaction) = state.runtime().transactions.get_mut(&self.token) {
            transaction.stage = reached.clone();
        }
        self.transaction.stage = reached;
    }
}

/// The faults that end a sign-in before it begins.
fn refuse_by_fault(state: &AppState) -> Result<(), Refusal> {
    let message = match state.fault() {
        Some(Fault::SignInAccessDenied) => Message::AccessDenied,
        Some(Fault::SignInRateLimited) => Message::TooManyRequests,
        Some(Fault::SignInExpired) => Message::Expired,
        _ => return Ok(()),
    };
    Err(Refusal::Terminal(message))
}
