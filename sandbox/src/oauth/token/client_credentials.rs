//! A client that acts for itself: the policies decide as they do for users, without one.

use super::{Issued, scopes};
use crate::decision::{Asked, decide_asked};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::oauth::caller::Caller;
use crate::oauth::server;
use crate::state::AppState;
use crate::state::grant::{Grant, Lifetimes};
use crate::state::org::AuthorizationServer;

/// The scopes that are about a user.
const OPENID_CONNECT: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Grants the client what it asks for.
pub(super) fn grant(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
) -> Result<Issued, OAuthError> {
    let asked = scopes(caller);
    if state.fault() == Some(Fault::ServiceGetsAnyScope) {
        return anything(state, caller, client_id, asked);
    }
    let issuer = checked(state, caller, client_id, &asked)?;
    let asked = Asked {
        server_id: caller.server_id,
        issuer: &issuer,
        client_id,
        grant_types: &["client_credentials"],
        scopes: &asked,
        nonce: None,
    };
    Ok(Issued {
        grant: decide_asked(state, &asked, None)?,
        family: None,
        refresh_token: None,
    })
}

/// What a fault gives: whatever is asked for, for an hour.
fn anything(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
    scopes: Vec<String>,
) -> Result<Issued, OAuthError> {
    let org = state.org();
    let client = org.applications.get(client_id);
    let client = client.ok_or_else(OAuthError::invalid_client_id)?;
    let server = org.server(caller.server_id).ok_or_else(server::invalid)?;
    let issuer = server::issuer_for(state, server, client, caller.headers);
    let lifetimes = Lifetimes {
        access_token: 3600,
        refresh_token: 0,
        refresh_token_window: 0,
    };
    Ok(Issued {
        grant: Grant {
            server_id: caller.server_id.to_owned(),
            issuer,
            client_id: client_id.to_owned(),
            session: None,
            scopes,
            lifetimes,
            nonce: None,
        },
        family: None,
        refresh_token: None,
    })
}

/// The `iss` of the tokens, if the client may ask for the scopes without a user.
fn checked(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
    asked: &[String],
) -> Result<String, OAuthError> {
    let org = state.org();
    let client = org.applications.get(client_id);
    let client = client.ok_or_else(OAuthError::invalid_client_id)?;
    let server = org.server(caller.server_id).ok_or_else(server::invalid)?;
    let method = client.credentials.token_endpoint_auth_method.as_str();
    if server.is_of_org() && method != "private_key_jwt" {
        return Err(OAuthError::invalid_client(
            "Client Credentials requests to the Org Authorization Server must use the \
             private_key_jwt token_endpoint_auth_method.",
        ));
    }
    if asked
        .iter()
        .any(|scope| OPENID_CONNECT.contains(&scope.as_str()))
    {
        return Err(OAuthError::bad(
            "invalid_scope",
            "Cannot request 'openid' scopes using client credentials.",
        ));
    }
    check_scopes(server, asked)?;
    Ok(server::issuer_for(state, server, client, caller.headers))
}

fn check_scopes(server: &AuthorizationServer, asked: &[String]) -> Result<(), OAuthError> {
    if asked.is_empty() && server.default_scopes().is_empty() {
        return Err(OAuthError::no_default_scopes());
    }
    let asks = |name: &str| asked.iter().any(|scope| scope == name);
    let scopes = server.scopes.values();
    let consented = scopes.filter(|scope| scope.consent == "REQUIRED" && asks(&scope.name));
    let consented: Vec<&str> = consented.map(|scope| scope.name.as_str()).collect();
    if consented.is_empty() {
        return Ok(());
    }
    Err(OAuthError::bad(
        "consent_required",
        format!(
            "The following scopes require user consent and cannot be granted for the client \
             credentials grant type: [{}].",
            consented.join(", ")
        ),
    ))
}
