//! The Management API.

use std::sync::Arc;

use axum::Router;

use crate::state::AppState;

/// The endpoints under `/api/v1`.
pub(crate) fn router(_state: &Arc<AppState>) -> Router<Arc<AppState>> {
    Router::new()
}
