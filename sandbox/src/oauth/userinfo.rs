//! `/v1/userinfo`: the claims an access token fetches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::claims;
use super::presented;
use super::server::{self, InPath};
use crate::error;
use crate::fault::Fault;
use crate::state::AppState;

/// Answers GET and POST; errors are in `WWW-Authenticate` alone.
pub(crate) async fn userinfo(
    State(state): State<Arc<AppState>>,
    method: Method,
    path: InPath,
    headers: HeaderMap,
) -> Response {
    let server_id = server::id(path);
    if let Some(refusal) = server::refused(&state, &server_id) {
        return refusal;
    }
    if method == Method::POST && state.fault() == Some(Fault::UserinfoByGetAlone) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let token = bearer(&headers).unwrap_or_default();
    let is_id_token = || presented::live_claims(&state, &server_id, token, "ID.").is_some();
    let is_open = match state.fault() {
        Some(Fault::UserinfoOpen) => presented::live(&state, &server_id, token).is_none(),
        Some(Fault::UserinfoIdTokenTaken) => is_id_token(),
        _ => false,
    };
    if is_open {
        return Json(json!({"sub": "somebody"})).into_response();
    }
    let is_closed = state.fault() == Some(Fault::UserinfoClosed);
    let known = match state.fault() {
        Some(Fault::UserinfoRevokedTaken) => presented::perhaps_revoked(&state, &server_id, token),
        _ => presented::live(&state, &server_id, token),
    };
    let live = known.filter(|_| !is_closed);
    let Some(token) = live else {
        let challenge =
            r#"Bearer error="invalid_token", error_description="The access token is invalid""#;
        return refused(StatusCode::UNAUTHORIZED, challenge);
    };
    if !token.grant.has_scope("openid") {
        let challenge = r#"Bearer error="insufficient_scope", error_description="The access token provided does not contain the required scopes.""#;
        return refused(StatusCode::FORBIDDEN, challenge);
    }
    let org = state.org();
    let Some(server) = org.server(&server_id) else {
        return error::unknown_server(&server_id);
    };
    let context = claims::Context {
        org: &org,
        server,
        user: token.grant.user_id().and_then(|id| org.users.get(id)),
        grant: &token.grant,
        fault: None,
    };
    let cache = [(header::CACHE_CONTROL, "no-cache, no-store")];
    let mut claims = context.of_userinfo();
    if state.fault() == Some(Fault::UserinfoOfAnother) {
        claims["sub"] = "somebody".into();
    }
    (cache, Json(claims)).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = sent.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn refused(status: StatusCode, challenge: &'static str) -> Response {
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
