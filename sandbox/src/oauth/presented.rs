//! An access token that is presented to its own authorization server.

use serde_json::{Map, Value};

use super::verify;
use crate::state::AppState;
use crate::state::grant::Grant;
use crate::state::org::{Org, Status, UserStatus};

/// A live access token.
pub(crate) struct Presented {
    pub(crate) claims: Map<String, Value>,
    pub(crate) grant: Grant,
}

/// The token, if this server signed it and nothing has ended it since.
///
/// A change of the org ends tokens too: Okta calls it implicit revocation.
pub(crate) fn live(state: &AppState, server_id: &str, token: &str) -> Option<Presented> {
    let org = state.org();
    let server = org.servers.get(server_id)?;
    let claims = verify::signed_claims(server, token)?;
    let jti = verify::text(&claims, "jti");
    let is_alive = server.status == Status::Active
        && jti.starts_with("AT.")
        && verify::seconds(&claims, "exp") > state.now()
        && !state.runtime().revoked.contains(jti);
    let grant = grant(server_id, &claims);
    (is_alive && still_holds(&org, &grant)).then_some(Presented { claims, grant })
}

/// Whether user and client are active and the one is assigned to the other.
pub(crate) fn still_holds(org: &Org, grant: &Grant) -> bool {
    let user = org.users.get(&grant.user_id);
    let is_active = user.is_some_and(|user| user.status == UserStatus::Active);
    let client = org.applications.get(&grant.client_id);
    is_active
        && client.is_some_and(|client| {
            client.status == Status::Active && org.may_use(&grant.user_id, client)
        })
}

fn grant(server_id: &str, claims: &Map<String, Value>) -> Grant {
    let scopes = claims.get("scp").and_then(Value::as_array);
    let scopes = scopes.into_iter().flatten();
    Grant {
        server_id: server_id.to_owned(),
        client_id: verify::text(claims, "cid").to_owned(),
        user_id: verify::text(claims, "uid").to_owned(),
        scopes: scopes
            .filter_map(|scope| scope.as_str().map(str::to_owned))
            .collect(),
        access_token_lifetime_seconds: verify::seconds(claims, "exp")
            - verify::seconds(claims, "iat"),
        auth_time: verify::seconds(claims, "auth_time"),
        nonce: None,
    }
}
