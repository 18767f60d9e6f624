//! The OAuth 2.0 and OpenID Connect endpoints of custom authorization servers.

mod authorize;
mod claims;
mod client_auth;
mod discovery;
mod introspect;
mod issue;
mod keys;
mod logout;
mod presented;
mod redirect_uri;
mod request;
mod response;
mod revoke;
mod scopes;
mod server;
mod token;
mod tokens;
mod userinfo;
mod verify;

pub(crate) use authorize::authorize;
pub(crate) use issue::answer;
pub(crate) use logout::logout;
pub(crate) use response::refuse;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// The endpoints that clients and APIs call; browsers visit the others.
pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route(
            "/.well-known/oauth-authorization-server/oauth2/{server_id}",
            get(discovery::oauth),
        )
        .nest("/oauth2/{server_id}", endpoints())
}

fn endpoints() -> Router<Arc<AppState>> {
    let userinfo = get(userinfo::userinfo).post(userinfo::userinfo);
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::openid))
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::oauth),
        )
        .route("/v1/keys", get(keys::keys))
        .route("/v1/token", post(token::token))
        .route("/v1/userinfo", userinfo)
        .route("/v1/introspect", post(introspect::introspect))
        .route("/v1/revoke", post(revoke::revoke))
}
