//! A token that is presented to its own authorization server.

use serde_json::{Map, Value};

use super::verify;
use crate::state::AppState;
use crate::state::grant::{Grant, Lifetimes};
use crate::state::org::{Org, Status, UserStatus};
use crate::state::sign_in::Session;

/// A live access token.
pub(crate) struct Presented {
    pub(crate) claims: Map<String, Value>,
    pub(crate) grant: Grant,
}

/// What has become of those whom a grant is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// User and client are active and the one is assigned to the other.
    Holds,
    /// The user is assigned no more.
    Unassigned,
    /// The user or the client is not active, or not there.
    Gone,
}

/// The token, if this server signed it and nothing has ended it since.
///
/// A change of the org ends tokens too: Okta calls it implicit revocation.
pub(crate) fn live(state: &AppState, server_id: &str, token: &str) -> Option<Presented> {
    of_claims(
        state,
        server_id,
        live_claims(state, server_id, token, "AT.")?,
    )
}

/// The same of a token that may have been revoked, for the fault that passes that over.
pub(crate) fn perhaps_revoked(state: &AppState, server_id: &str, token: &str) -> Option<Presented> {
    of_claims(
        state,
        server_id,
        current_claims(state, server_id, token, "AT.")?,
    )
}

fn of_claims(state: &AppState, server_id: &str, claims: Map<String, Value>) -> Option<Presented> {
    let grant = grant(server_id, &claims);
    still_holds(&state.org(), &grant).then_some(Presented { claims, grant })
}

/// The claims of a token whose `jti` begins like this, if this server signed it and it has neither
/// expired nor been revoked.
pub(crate) fn live_claims(
    state: &AppState,
    server_id: &str,
    token: &str,
    kind: &str,
) -> Option<Map<String, Value>> {
    let claims = current_claims(state, server_id, token, kind)?;
    let is_revoked = state.runtime().is_revoked(verify::text(&claims, "jti"));
    (!is_revoked).then_some(claims)
}

/// The same, whether it was revoked or not.
fn current_claims(
    state: &AppState,
    server_id: &str,
    token: &str,
    kind: &str,
) -> Option<Map<String, Value>> {
    let org = state.org();
    let server = org.server(server_id)?;
    let claims = verify::signed_claims(server, token)?;
    let jti = verify::text(&claims, "jti");
    let is_alive = server.status == Status::Active
        && jti.starts_with(kind)
        && verify::seconds(&claims, "exp") > state.now();
    is_alive.then_some(claims)
}

/// Whether user and client are active and the one is assigned to the other.
pub(crate) fn still_holds(org: &Org, grant: &Grant) -> bool {
    standing(org, grant) == Standing::Holds
}

/// How user and client of a grant stand.
pub(crate) fn standing(org: &Org, grant: &Grant) -> Standing {
    let client = org.applications.get(&grant.client_id);
    let Some(client) = client.filter(|client| client.status == Status::Active) else {
        return Standing::Gone;
    };
    let Some(user_id) = grant.user_id() else {
        return Standing::Holds;
    };
    let user = org.users.get(user_id);
    if user.is_none_or(|user| user.status != UserStatus::Active) {
        return Standing::Gone;
    }
    if org.may_use(user_id, client) {
        Standing::Holds
    } else {
        Standing::Unassigned
    }
}

fn grant(server_id: &str, claims: &Map<String, Value>) -> Grant {
    let scopes = claims.get("scp").and_then(Value::as_array);
    let scopes = scopes.into_iter().flatten();
    let session = claims.get("uid").and_then(Value::as_str);
    Grant {
        server_id: server_id.to_owned(),
        issuer: verify::text(claims, "iss").to_owned(),
        client_id: verify::text(claims, "cid").to_owned(),
        session: session.map(|user_id| Session {
            user_id: user_id.to_owned(),
            auth_time: verify::seconds(claims, "auth_time"),
        }),
        scopes: scopes
            .filter_map(|scope| scope.as_str().map(str::to_owned))
            .collect(),
        lifetimes: Lifetimes {
            access_token: verify::seconds(claims, "exp") - verify::seconds(claims, "iat"),
            refresh_token: 0,
            refresh_token_window: 0,
        },
        nonce: None,
    }
}
