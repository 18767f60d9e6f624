//! `/v1/keys`: the public keys of an authorization server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::server::{self, InPath};
use crate::error::{self, OAuthError};
use crate::fault::Fault;
use crate::keys::{self, KeyError, PublicKey};
use crate::state::AppState;
use crate::state::org::KeyStatus;

/// Every key of the server: the one that signs, the next one and the one before.
pub(crate) async fn keys(State(state): State<Arc<AppState>>, path: InPath) -> Response {
    let server_id = server::id(path);
    if let Err(error) = server::prepare(&state, &server_id).await {
        return OAuthError::from(error).into_response();
    }
    let Some(mut published) = published(&state, &server_id) else {
        return error::unknown_server(&server_id);
    };
    if let Err(error) = apply_fault(state.fault(), &mut published).await {
        return OAuthError::from(error).into_response();
    }
    let mut keys = json!({"keys": published});
    if state.fault() == Some(Fault::KeysPrivate) {
        keys["keys"][0]["d"] = "AQAB".into();
    }
    if state.fault() == Some(Fault::KeysWithoutAge) {
        return Json(keys).into_response();
    }
    let cache = [(header::CACHE_CONTROL, "max-age=3600, must-revalidate")];
    (cache, Json(keys)).into_response()
}

fn published(state: &AppState, server_id: &str) -> Option<Vec<PublicKey>> {
    let org = state.org();
    let server = org.server(server_id)?;
    let lags = state.fault() == Some(Fault::KeysLag) && state.runtime().count("keys") <= 2;
    let keys = server.keys.iter();
    let known = keys.filter(|key| !lags || key.status != KeyStatus::Active);
    Some(known.map(|key| key.key.public()).collect())
}

async fn apply_fault(fault: Option<Fault>, keys: &mut Vec<PublicKey>) -> Result<(), KeyError> {
    match fault {
        Some(Fault::KeysEmpty) => keys.clear(),
        Some(Fault::KeysEqualIds) => {
            let mut another = keys::foreign().await?.public();
            if let Some(last) = keys.last() {
                another.kid.clone_from(&last.kid);
            }
            keys.push(another);
        }
        Some(Fault::KeysForEncryption) => {
            for key in keys.iter_mut() {
                key.usage = "enc";
            }
            keys.push(keys::foreign().await?.public());
        }
        Some(Fault::KeysExtra) => keys.push(keys::foreign().await?.public()),
        _ => {}
    }
    Ok(())
}
