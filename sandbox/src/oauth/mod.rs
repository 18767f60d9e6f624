//! The OAuth 2.0 and OpenID Connect endpoints of custom authorization servers.

mod authorize;
mod claims;
mod client_auth;
pub(crate) mod consent;
mod decide;
mod discovery;
pub(crate) mod error;
mod gate;
mod introspect;
pub(crate) mod issue;
mod keys;
mod logout;
pub(crate) mod parameters;
mod policy;
mod presented;
mod redirect_uri;
pub(crate) mod request;
pub(crate) mod response;
mod response_type;
mod revoke;
pub(crate) mod runtime;
mod scopes;
mod server;
mod token;
pub(crate) mod tokens;
mod userinfo;
mod verify;

pub(crate) use decide::{Denied, decide};
pub(crate) use policy::{Question, first_match};
pub(crate) use runtime::Runtime;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::sign_in;
use crate::state::AppState;

/// The endpoints of authorization servers and of the sign-in behind them.
pub(crate) fn router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let gate = middleware::from_fn_with_state(Arc::clone(state), gate::gate);
    Router::new()
        .route(
            "/.well-known/oauth-authorization-server/oauth2/{server_id}",
            get(discovery::oauth),
        )
        .nest("/oauth2/{server_id}", endpoints())
        .merge(sign_in::router())
        .layer(gate)
}

fn endpoints() -> Router<Arc<AppState>> {
    let authorize = get(authorize::authorize).post(authorize::authorize);
    let userinfo = get(userinfo::userinfo).post(userinfo::userinfo);
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::openid))
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::oauth),
        )
        .route("/v1/keys", get(keys::keys))
        .route("/v1/authorize", authorize)
        .route("/v1/token", post(token::token))
        .route("/v1/userinfo", userinfo)
        .route("/v1/introspect", post(introspect::introspect))
        .route("/v1/revoke", post(revoke::revoke))
        .route("/v1/logout", get(logout::logout).post(logout::logout))
}
