//! `/api/v1/authorizationServers/{id}/credentials/…`

use serde_json::{Value, json};

use super::next_rotation;
use crate::management::call::{Answer, Call};
use crate::management::error::ApiError;
use crate::management::links::link;
use crate::state::org::{AuthorizationServer, ServerKey};

pub(super) fn route(
    call: &Call,
    server: &mut AuthorizationServer,
    path: &[&str],
) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", ["keys"]) => Ok(list(call, server)),
        ("GET", ["keys", kid]) => {
            let mut keys = server.keys.iter();
            let key = keys.find(|key| key.key.kid == *kid);
            let key = key.ok_or_else(|| ApiError::not_found(kid, "JsonWebKey"))?;
            Ok(Answer::ok(show(call, server, key)))
        }
        ("POST", ["lifecycle", "keyRotate"]) => rotate(call, server),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn rotate(call: &Call, server: &mut AuthorizationServer) -> Result<Answer, ApiError> {
    let fresh = call.fresh_keys.next.clone();
    server.rotate(fresh.ok_or_else(ApiError::internal)?);
    server.last_rotated = call.now;
    server.next_rotation = next_rotation(call.now);
    Ok(list(call, server))
}

fn list(call: &Call, server: &AuthorizationServer) -> Answer {
    let keys = server.keys.iter().map(|key| show(call, server, key));
    Answer::ok(keys.collect())
}

fn show(call: &Call, server: &AuthorizationServer, key: &ServerKey) -> Value {
    let public = key.key.public();
    let path = format!(
        "authorizationServers/{}/credentials/keys/{}",
        server.id, public.kid
    );
    json!({
        "kty": public.kty,
        "status": key.status,
        "alg": public.alg,
        "kid": public.kid,
        "use": public.usage,
        "_links": {"self": link(call.url(&path), &["GET"])},
        "e": public.e,
        "n": public.n,
    })
}
