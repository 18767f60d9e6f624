//! `/login/login.htm`: the page.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::chain;
use crate::oauth::error::OAuthError;
use crate::oauth::parameters::Parameters;
use crate::pages;
use crate::state::AppState;

/// The page for the request that `fromURI` names.
pub(super) async fn page(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let from_uri = query.get("fromURI").unwrap_or_default();
    let (_, key) = from_uri.split_once("okta_key=").unwrap_or_default();
    let Some(transaction) = chain::transaction(&state, key) else {
        return pages::error(&state, &OAuthError::request_expired());
    };
    let token = chain::step_up(&state, key, &transaction, &headers).unwrap_or_default();
    pages::classic(&state, &token, &chain::redirect_path(key))
}
