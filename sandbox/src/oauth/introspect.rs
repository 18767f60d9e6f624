//! `/v1/introspect`: whether a token is alive, and what it says.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::caller::{Caller, Posted};
use super::presented;
use super::{client_auth, verify};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::state::AppState;

/// The claims of an access token that the answer repeats as they are.
const REPEATED: [&str; 7] = ["exp", "iat", "sub", "aud", "iss", "jti", "uid"];

/// Answers `{"active":false}`, and not a word more, for whatever is no live token.
pub(crate) async fn introspect(State(state): State<Arc<AppState>>, posted: Posted) -> Response {
    let caller = Caller::read("introspect", &posted, state.fault());
    match caller.and_then(|caller| answer(&state, &caller)) {
        Ok(answer) => {
            let cache = [(header::CACHE_CONTROL, "no-cache, no-store")];
            (cache, Json(answer)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn answer(state: &AppState, caller: &Caller<'_>) -> Result<Value, OAuthError> {
    client_auth::authenticated(state, caller)?;
    let token = caller.get("token").ok_or_else(OAuthError::token_missing)?;
    let found = access_token(state, caller.server_id, token)
        .or_else(|| refresh_token(state, caller.server_id, token))
        .or_else(|| id_token(state, caller.server_id, token));
    let Some(mut found) = found else {
        return Ok(match state.fault() {
            Some(Fault::IntrospectionAlwaysActive) => json!({"active": true}),
            Some(Fault::IntrospectionTellsMore) => json!({"active": false, "error": "unknown"}),
            _ => json!({"active": false}),
        });
    };
    if state.fault() == Some(Fault::IntrospectionScopeOther) {
        found.insert("scope".to_owned(), "openid other".into());
    }
    found.insert("active".to_owned(), true.into());
    found.insert("token_type".to_owned(), "Bearer".into());
    Ok(found.into())
}

fn access_token(state: &AppState, server_id: &str, token: &str) -> Option<Map<String, Value>> {
    let token = presented::live(state, server_id, token)?;
    let repeated = REPEATED.iter().filter_map(|name| {
        let value = token.claims.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    let mut answer: Map<String, Value> = repeated.collect();
    answer.insert("scope".to_owned(), token.grant.scopes.join(" ").into());
    add_user(state, token.grant.user_id(), &mut answer);
    answer.insert("client_id".to_owned(), token.grant.client_id.into());
    Some(answer)
}

/// Okta's API description, `IntrospectionRefreshToken`; the device of its example is left out.
fn refresh_token(state: &AppState, server_id: &str, token: &str) -> Option<Map<String, Value>> {
    let now = state.now();
    let org = state.org();
    let token = state.runtime().refresh_token(token, now).cloned()?;
    let is_alive = token.replaced.is_none()
        && token.grant.server_id == server_id
        && presented::still_holds(&org, &token.grant);
    if !is_alive {
        return None;
    }
    let user = org.users.get(token.grant.user_id()?)?;
    Some(Map::from_iter([
        ("scope".to_owned(), token.grant.scopes.join(" ").into()),
        ("client_id".to_owned(), token.grant.client_id.clone().into()),
        ("username".to_owned(), user.login().into()),
        ("exp".to_owned(), token.ends().into()),
        ("sub".to_owned(), user.login().into()),
    ]))
}

/// The claims of the token, and who they are of (okta/okta-developer-docs,
/// `docs/reference/api/oidc`: "takes an access, ID, or refresh token").
fn id_token(state: &AppState, server_id: &str, token: &str) -> Option<Map<String, Value>> {
    let mut answer = presented::live_claims(state, server_id, token, "ID.")?;
    let user_id = verify::text(&answer, "sub").to_owned();
    add_user(state, Some(&user_id), &mut answer);
    let client_id = verify::text(&answer, "aud").to_owned();
    answer.insert("client_id".to_owned(), client_id.into());
    Some(answer)
}

fn add_user(state: &AppState, user_id: Option<&str>, answer: &mut Map<String, Value>) {
    let org = state.org();
    if let Some(user) = user_id.and_then(|id| org.users.get(id)) {
        answer.insert("username".to_owned(), user.login().into());
    }
}
