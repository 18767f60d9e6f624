//! An authorization server on the wire.

use serde_json::{Map, Value, json};

use crate::management::call::Call;
use crate::management::links::{self, link};
use crate::management::time::{time, time_or_null};
use crate::state::org::{AuthorizationServer, Status};

pub(super) fn show(call: &Call, server: &AuthorizationServer) -> Value {
    let address = call.address(&server.issuer_mode);
    let issuer = format!("{address}/oauth2/{}", server.id);
    let mut shown = json!({
        "id": server.id,
        "name": server.name,
        "description": server.description,
        "audiences": server.audiences,
        "issuer": issuer,
        "issuerMode": server.issuer_mode,
        "status": server.status,
        "created": time(server.stamps.created),
        "lastUpdated": time(server.stamps.last_updated),
        "credentials": {"signing": signing(server)},
        "default": server.is_default,
        "_links": links_of(call, server, &issuer),
    });
    if let Value::Object(shown) = &mut shown {
        for (key, value) in &server.other {
            shown.entry(key).or_insert_with(|| value.clone());
        }
    }
    shown
}

/// Without automatic rotation there is no date for the next.
fn signing(server: &AuthorizationServer) -> Value {
    let kid = server.active_key().map(|key| key.kid.as_str());
    let mut signing = Map::from_iter([
        ("kid".to_owned(), json!(kid)),
        ("rotationMode".to_owned(), json!(server.rotation_mode)),
        ("lastRotated".to_owned(), time(server.last_rotated)),
    ]);
    if server.rotation_mode == "AUTO" {
        let next = time_or_null(server.next_rotation);
        signing.insert("nextRotation".to_owned(), next);
    }
    Value::Object(signing)
}

fn links_of(call: &Call, server: &AuthorizationServer, issuer: &str) -> Value {
    let url = call.url(&format!("authorizationServers/{}", server.id));
    let below = |path: &str, allow: &[&str]| link(format!("{url}/{path}"), allow);
    let metadata = |name: &str| {
        let href = format!("{issuer}/.well-known/{name}");
        json!({"name": name, "href": href, "hints": {"allow": ["GET"]}})
    };
    let mut links = json!({
        "rotateKey": below("credentials/lifecycle/keyRotate", &["POST"]),
        "metadata": [metadata("oauth-authorization-server"), metadata("openid-configuration")],
        "resourceServerCredentialsKeys": below("resourceservercredentials/keys", &["GET"]),
        "keys": below("credentials/keys", &["GET"]),
        "claims": below("claims", &["GET", "POST"]),
        "policies": below("policies", &["GET", "POST"]),
        "self": link(&url, &["GET", "DELETE", "PUT"]),
        "scopes": below("scopes", &["GET", "POST"]),
    });
    links::add_lifecycle(&mut links, &url, server.status == Status::Active);
    links
}
