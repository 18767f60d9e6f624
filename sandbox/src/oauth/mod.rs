//! The OAuth 2.0 and OpenID Connect endpoints of authorization servers: the custom ones, and the
//! org's own.

mod authorize;
mod caller;
mod claims;
mod client_assertion;
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
pub(crate) use logout::{home, logout};
pub(crate) use response::refuse;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// The endpoints that clients and APIs call; browsers visit the others.
pub(crate) fn router() -> Router<Arc<AppState>> {
    const OPENID: &str = "/.well-known/openid-configuration";
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    let of_server = "/oauth2/{server_id}";
    Router::new()
        .route(OPENID, get(discovery::openid))
        .route(OAUTH, get(discovery::oauth))
        .route(&format!("{of_server}{OPENID}"), get(discovery::openid))
        .route(&format!("{of_server}{OAUTH}"), get(discovery::oauth))
        .route(&format!("{OAUTH}{of_server}"), get(discovery::oauth))
        .nest("/oauth2/v1", endpoints())
        .nest(&format!("{of_server}/v1"), endpoints())
}

fn endpoints() -> Router<Arc<AppState>> {
    let userinfo = get(userinfo::userinfo).post(userinfo::userinfo);
    Router::new()
        .route("/keys", get(keys::keys))
        .route("/token", post(token::token).get(token::by_get))
        .route("/userinfo", userinfo)
        .route("/introspect", post(introspect::introspect))
        .route("/revoke", post(revoke::revoke))
}
