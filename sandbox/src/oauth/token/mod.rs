//! `/v1/token`: a code, a refresh token or the client's own word for tokens.

mod browser;
mod client_credentials;
mod code;
mod refresh;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::caller::{Caller, Posted};
use super::client_auth;
use super::discovery::GRANT_TYPES;
use super::server;
use super::tokens::{AccessToken, Companions, Mint};
use crate::error::OAuthError;
use crate::fault::{Fault, TokenFault, TokenKind};
use crate::state::AppState;
use crate::state::grant::Grant;

/// The grant types that Okta has beside those that are served here: a client that is not configured
/// for one is told so, and one that is hears that the server does not have it.
const OTHER_GRANT_TYPES: [&str; 9] = [
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:openid:params:grant-type:ciba",
    "urn:okta:params:oauth:grant-type:otp",
    "urn:okta:params:oauth:grant-type:oob",
    "interaction_code",
];

/// What a client presents for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

/// What tokens are made of, and what they belong to.
struct Issued {
    grant: Grant,
    /// What is revoked with them; nothing where they came of no sign-in.
    family: Option<String>,
    refresh_token: Option<String>,
}

/// `GET`, which Okta's API description does not have: refused, unless a fault takes the query for
/// the form.
pub(crate) async fn by_get(State(state): State<Arc<AppState>>, request: Request) -> Response {
    if state.fault() != Some(Fault::TokenByGet) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match Posted::from_request(request, &state).await {
        Ok(mut posted) => {
            posted.body = posted.query.take().unwrap_or_default();
            token(State(state), posted).await
        }
        Err(refusal) => refusal,
    }
}

/// Answers with tokens or an OAuth error.
pub(crate) async fn token(State(state): State<Arc<AppState>>, posted: Posted) -> Response {
    let caller = Caller::read("token", &posted, state.fault());
    let answer = match caller {
        Ok(caller) => answer(&state, &caller).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(tokens) if state.fault() == Some(Fault::TokenCacheable) => Json(tokens).into_response(),
        Ok(tokens) => {
            let headers = [
                (header::CACHE_CONTROL, "no-cache, no-store"),
                (header::PRAGMA, "no-cache"),
            ];
            (headers, Json(tokens)).into_response()
        }
        Err(error) if state.fault() == Some(Fault::TokenErrorsWith200) => OAuthError {
            status: StatusCode::OK,
            ..error
        }
        .into_response(),
        Err(error) => error.into_response(),
    }
}

async fn answer(state: &AppState, caller: &Caller<'_>) -> Result<Value, OAuthError> {
    server::prepare(state, caller.server_id).await?;
    let client_id = client_auth::authenticated(state, caller)?;
    let grant_type = grant_type(state, &client_id, caller)?;
    browser::check(state, caller, &client_id, grant_type)?;
    check_proof(state, &client_id)?;
    let issued = match grant_type {
        GrantType::AuthorizationCode => code::redeem(state, caller, &client_id)?,
        GrantType::RefreshToken => refresh::redeem(state, caller, &client_id)?,
        GrantType::ClientCredentials => client_credentials::grant(state, caller, &client_id)?,
    };
    issue(state, issued, grant_type).await
}

/// Proofs of possession (RFC 9449) are not known here, so anyone who must bring one is refused.
fn check_proof(state: &AppState, client_id: &str) -> Result<(), OAuthError> {
    let org = state.org();
    let client = org.applications.get(client_id);
    let bound = client.and_then(|client| client.settings.other.get("dpop_bound_access_tokens"));
    if bound.is_some_and(|bound| *bound == true) {
        return Err(OAuthError::proof_missing());
    }
    Ok(())
}

fn grant_type(
    state: &AppState,
    client_id: &str,
    caller: &Caller<'_>,
) -> Result<GrantType, OAuthError> {
    let supported = GRANT_TYPES.join(", ");
    let asked = caller.get("grant_type");
    if state.fault() == Some(Fault::GrantTypeUnchecked) {
        return Ok(GrantType::AuthorizationCode);
    }
    let asked = asked.ok_or_else(|| {
        OAuthError::invalid_request(format!(
            "The token request must specify a 'grant_type'. Valid values: [{supported}]"
        ))
    })?;
    let served = match asked {
        "authorization_code" => Some(GrantType::AuthorizationCode),
        "refresh_token" => Some(GrantType::RefreshToken),
        "client_credentials" => Some(GrantType::ClientCredentials),
        _ => None,
    };
    let org = state.org();
    let client = org.applications.get(client_id);
    let client = client.ok_or_else(OAuthError::invalid_client_id)?;
    let is_known = served.is_some() || OTHER_GRANT_TYPES.contains(&asked);
    let is_unchecked = match state.fault() {
        Some(Fault::ClientGrantsUnchecked) => true,
        Some(Fault::GrantsOfAnyClient) => served != Some(GrantType::ClientCredentials),
        _ => false,
    };
    if asked == "password" && state.fault() == Some(Fault::PasswordGrant) {
        return Err(OAuthError::bad(
            "invalid_grant",
            "The credentials provided were invalid.",
        ));
    }
    if is_known && !is_unchecked && !client.has_grant_type(asked) {
        return Err(OAuthError::unauthorized_client(
            &client.settings.grant_types,
        ));
    }
    served.ok_or_else(|| {
        OAuthError::bad(
            "unsupported_grant_type",
            format!(
                "The authorization grant type is not supported by the authorization server. \
                 Configured grant types: [{supported}]."
            ),
        )
    })
}

/// What was granted must have been granted by this server, to this client.
fn check_owner(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
    grant: &Grant,
) -> Result<(), OAuthError> {
    if grant.server_id != caller.server_id {
        return Err(OAuthError::invalid_request(
            "The grant was issued for another authorization server.",
        ));
    }
    if grant.client_id == client_id || state.fault() == Some(Fault::GrantsOfAnyClient) {
        return Ok(());
    }
    Err(OAuthError::bad(
        "invalid_grant",
        "The grant was issued to another client. Please make sure the 'client_id' matches the one \
         used at the authorize request.",
    ))
}

/// The scopes of the request, each once.
fn scopes(caller: &Caller<'_>) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    let sent = caller.get("scope").unwrap_or_default();
    for scope in sent.split(' ').filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

async fn issue(
    state: &AppState,
    issued: Issued,
    grant_type: GrantType,
) -> Result<Value, OAuthError> {
    let fault = match (state.fault(), grant_type) {
        (Some(Fault::RefreshAudienceOther), GrantType::RefreshToken) => {
            Some(Fault::Token(TokenKind::Access, TokenFault::Other("aud")))
        }
        (Some(Fault::RefreshClaimsOfAnybody), GrantType::RefreshToken) => {
            Some(Fault::ClaimsGroupsOfAnybody)
        }
        (fault, _) => fault.map(Fault::by_code),
    };
    let mint = Mint::new(state, issued.grant.clone(), fault).await?;
    let mint = mint.ok_or_else(OAuthError::invalid_code)?;
    let access_token = mint.access_token()?;
    if let Some(family) = &issued.family {
        let mut runtime = state.runtime();
        runtime.join_family(access_token.jti.clone(), family.clone());
    }
    let mut answer = shown(&mint, &issued, &access_token)?;
    if let Some(fault) = fault {
        change(&mut answer, fault);
    }
    let mut runtime = state.runtime();
    for name in ["access_token", "id_token", "refresh_token"] {
        if let Some(value) = answer.get(name).and_then(Value::as_str) {
            runtime.handed_out.insert(value.to_owned(), ());
        }
    }
    Ok(Value::Object(answer))
}

fn shown(
    mint: &Mint,
    issued: &Issued,
    access_token: &AccessToken,
) -> Result<Map<String, Value>, OAuthError> {
    let grant = &issued.grant;
    let mut answer = Map::from_iter([
        ("token_type".to_owned(), json!("Bearer")),
        ("expires_in".to_owned(), grant.lifetimes.access_token.into()),
        ("access_token".to_owned(), access_token.value.clone().into()),
        ("scope".to_owned(), grant.scopes.join(" ").into()),
    ]);
    if let Some(refresh_token) = &issued.refresh_token {
        answer.insert("refresh_token".to_owned(), refresh_token.clone().into());
    }
    if grant.has_scope("openid") {
        let companions = Companions {
            access_token: Some(&access_token.value),
            code: None,
        };
        let id_token = mint.id_token(companions)?;
        answer.insert("id_token".to_owned(), id_token.into());
    }
    Ok(answer)
}

/// What the faults of a response do to this one.
fn change(answer: &mut Map<String, Value>, fault: Fault) {
    match fault {
        Fault::TokenTypeOther => {
            answer.insert("token_type".to_owned(), "other".into());
        }
        Fault::ExpiresInOther => {
            let lifetime = answer.get("expires_in").and_then(Value::as_i64);
            let other = lifetime.unwrap_or_default() * 2;
            answer.insert("expires_in".to_owned(), other.into());
        }
        Fault::ScopeEchoOther => {
            answer.insert("scope".to_owned(), "other".into());
        }
        Fault::ScopeEchoMissing => drop(answer.remove("scope")),
        Fault::OmitAccessToken => drop(answer.remove("access_token")),
        Fault::OmitIdToken => drop(answer.remove("id_token")),
        _ => {}
    }
}
