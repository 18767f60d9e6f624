//! Classic Engine: the redirects around its page, and the authentication API the page speaks.

mod answer;
mod authn;
mod chain;
mod change;
mod factors;
mod login;
mod step_up;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::oauth::runtime::Session;
use crate::options::Detour;
use crate::state::AppState;

pub(super) use chain::begin;

/// A sign-in under way at the authentication API, by its state token.
#[derive(Debug, Clone)]
pub(crate) struct Authn {
    at: At,
    session: Session,
    /// What the user has put behind.
    passed: Vec<Detour>,
    /// When it was begun, in seconds since 1970.
    started: i64,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// The password has expired.
    NewPassword,
    /// Something stands in the user's way.
    Detour(Detour),
    /// The user sets an authenticator app up with this secret.
    Activation(String),
    /// A user with a session is asked for consent to the request with this key.
    Consent(String),
}

pub(super) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/oauth2/v1/authorize/redirect", get(chain::redirect))
        .route("/login/login.htm", get(login::page))
        .route("/login/sessionCookieRedirect", get(chain::session_cookie))
        .route("/api/v1/authn", post(authn::authn))
        .route("/api/v1/authn/introspect", post(authn::introspect))
        .route("/api/v1/authn/cancel", post(change::cancel))
        .route("/api/v1/authn/skip", post(change::skip))
        .route(
            "/api/v1/authn/credentials/change_password",
            post(change::password),
        )
        .route("/api/v1/authn/factors", post(factors::enrol))
        .route("/api/v1/authn/factors/{id}/verify", post(factors::verify))
        .route(
            "/api/v1/authn/factors/{id}/lifecycle/activate",
            post(factors::activate),
        )
        .route("/api/v1/authn/consent", post(step_up::consent))
}
