//! `/v1/introspect`: whether a token is alive, and what it says.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::{client_auth, presented, server};
use crate::error::OAuthError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// The claims that the answer repeats as they are.
const REPEATED: [&str; 7] = ["exp", "iat", "sub", "aud", "iss", "jti", "uid"];

/// Answers `{"active":false}`, and not a word more, for whatever is not a live access token.
pub(crate) async fn introspect(
    State(state): State<Arc<AppState>>,
    Path(server_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    if let Some(refusal) = server::refused(&state, &server_id) {
        return refusal;
    }
    // A public client may name itself in the query.
    let sent = format!("{body}&{}", query.unwrap_or_default());
    match answer(
        &state,
        &server_id,
        &headers,
        &Parameters::parse(sent.as_bytes()),
    ) {
        Ok(answer) => {
            let cache = [(header::CACHE_CONTROL, "no-cache, no-store")];
            (cache, Json(answer)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn answer(
    state: &AppState,
    server_id: &str,
    headers: &HeaderMap,
    sent: &Parameters,
) -> Result<Value, OAuthError> {
    client_auth::authenticated(state, headers, sent)?;
    let token = sent.get("token").ok_or_else(OAuthError::token_missing)?;
    let Some(token) = presented::live(state, server_id, token) else {
        return Ok(json!({"active": false}));
    };
    let org = state.org();
    let user = org.users.get(&token.grant.user_id);
    let repeated = REPEATED.iter().filter_map(|name| {
        let value = token.claims.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    let mut answer: Map<String, Value> = repeated.collect();
    answer.insert("active".to_owned(), true.into());
    answer.insert("token_type".to_owned(), "Bearer".into());
    answer.insert("scope".to_owned(), token.grant.scopes.join(" ").into());
    answer.insert("client_id".to_owned(), token.grant.client_id.into());
    if let Some(user) = user {
        answer.insert("username".to_owned(), user.login().into());
    }
    Ok(answer.into())
}
