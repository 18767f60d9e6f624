//! The authorization servers' own endpoints.

use std::sync::Arc;

use axum::Router;

use crate::state::AppState;

/// The endpoints under `/oauth2/{authServerId}`.
pub(crate) fn router(_state: &Arc<AppState>) -> Router<Arc<AppState>> {
    Router::new()
}
