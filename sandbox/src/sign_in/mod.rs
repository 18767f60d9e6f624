//! Signing in: the page, the APIs it speaks, and the session at the end.
//!
//! Identity Engine answers at `/idp/idx/…`, Classic Engine at `/api/v1/authn…`: which of them is
//! asked is the page's choice.

mod answer;
mod cancel;
mod choose;
mod classic;
mod consent;
mod enrol;
mod forms;
mod identify;
mod introspect;
mod keep;
mod message;
mod onward;
mod password;
mod redirect;
mod session;
mod shape;
mod skip;
pub(crate) mod totp;

pub(crate) use classic::Authn;
pub(crate) use session::{end_session, session};
pub(crate) use totp::Totp;

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
use crate::options::SignInPage;
use crate::pages;
use crate::state::AppState;
use message::{Message, Refusal};

/// The endpoints that the sign-in page speaks to.
pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/idp/idx/introspect", post(introspect::introspect))
        .route("/idp/idx/identify", post(identify::identify))
        .route("/idp/idx/challenge", post(choose::choose))
        .route("/idp/idx/challenge/answer", post(answer::answer))
        .route("/idp/idx/consent", post(consent::consent))
        .route("/idp/idx/credential/enroll", post(enrol::enrol))
        .route("/idp/idx/keep-me-signed-in", post(keep::keep))
        .route("/idp/idx/skip", post(skip::skip))
        .route("/idp/idx/cancel", post(cancel::cancel))
        .route("/login/token/redirect", get(redirect::redirect))
        .merge(classic::router())
}

/// Begins a sign-in: the page of Identity Engine comes at the authorize URL itself, and Classic
/// Engine redirects to it.
pub(crate) fn begin(state: &AppState, request: AuthorizeRequest, first: Stage) -> Response {
    let token = format!("02.id.{}", random_token());
    let transaction = Transaction {
        request,
        handle: format!("{token}~c.{}", random_token()),
        stage: first,
        passed: Vec::new(),
        started: state.now(),
    };
    state
        .runtime()
        .transactions
        .insert(token.clone(), transaction);
    let mut response = if state.sign_in_page == SignInPage::Classic {
        classic::begin(&token)
    } else {
        pages::sign_in(state, &token)
    };
    // Okta sets both on every visit; nothing here depends on them.
    for name in ["JSESSIONID", "DT"] {
        let cookie = session::cookie(state, name, &random_token());
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
            transaction.passed.clone_from(&self.transaction.passed);
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
