//! `/v1/token`: a code for tokens, once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::tokens::{AccessToken, Companions, Mint};
use super::{client_auth, presented, server};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::grant::Code;
use crate::state::runtime::{CODE_LIFETIME_SECONDS, Runtime};

/// Answers with tokens or an OAuth error.
pub(crate) async fn token(
    State(state): State<Arc<AppState>>,
    Path(server_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    if let Some(refusal) = server::refused(&state, &server_id) {
        return refusal;
    }
    let form = Parameters::parse(body.as_bytes());
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let answer = if query.get("client_secret").is_some() {
        Err(OAuthError::invalid_request(
            "Client credentials cannot be supplied via query parameters.",
        ))
    } else {
        redeem(&state, &server_id, &headers, &form).await
    };
    match answer {
        Ok(tokens) => {
            let headers = [
                (header::CACHE_CONTROL, "no-cache, no-store"),
                (header::PRAGMA, "no-cache"),
            ];
            (headers, Json(tokens)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn redeem(
    state: &AppState,
    server_id: &str,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Value, OAuthError> {
    if form.repeats_any() {
        return Err(OAuthError::duplicate_parameters());
    }
    let client_id = client_auth::authenticated(state, headers, form)?;
    check_grant_type(state, &client_id, form)?;
    check_proof(state, &client_id)?;
    let value = form.get("code").ok_or_else(OAuthError::invalid_code)?;
    let code = take(state, value)?;
    check_binding(server_id, &client_id, form, &code)?;
    if !presented::still_holds(&state.org(), &code.grant) {
        return Err(OAuthError::invalid_code());
    }
    let mut grant = code.grant.clone();
    if state.fault() == Some(Fault::CodeScopesDropped) {
        grant.scopes.retain(|scope| scope == "openid");
    }
    let fault = state.fault().map(Fault::by_code);
    let mint = Mint::new(state, grant, fault).await?;
    let mint = mint.ok_or_else(OAuthError::invalid_code)?;
    let access_token = mint.access_token()?;
    remember(state, value, &access_token);
    let mut answer = answer(&mint, &code, &access_token)?;
    if let (Some(fault), Some(answer)) = (fault, answer.as_object_mut()) {
        change(answer, fault);
    }
    let mut runtime = state.runtime();
    for name in ["access_token", "id_token"] {
        if let Some(value) = answer.get(name).and_then(Value::as_str) {
            runtime.handed_out.insert(value.to_owned(), ());
        }
    }
    Ok(answer)
}

/// Proofs of possession (RFC 9449) are not known here, so whoever must bring one is refused.
fn check_proof(state: &AppState, client_id: &str) -> Result<(), OAuthError> {
    let org = state.org();
    let client = org.applications.get(client_id);
    let bound = client.and_then(|client| client.settings.other.get("dpop_bound_access_tokens"));
    if bound.is_some_and(|bound| *bound == true) {
        return Err(OAuthError::proof_missing());
    }
    Ok(())
}

fn check_grant_type(
    state: &AppState,
    client_id: &str,
    form: &Parameters,
) -> Result<(), OAuthError> {
    const SUPPORTED: &str = "authorization_code";
    let org = state.org();
    let configured: &[String] = org
        .applications
        .get(client_id)
        .map_or(&[], |client| &client.settings.grant_types);
    let grant_type = form.get("grant_type").ok_or_else(|| {
        OAuthError::invalid_request(format!(
            "The token request must specify a 'grant_type'. Valid values: [{SUPPORTED}]"
        ))
    })?;
    if grant_type != SUPPORTED {
        return Err(OAuthError::bad(
            "unsupported_grant_type",
            format!(
                "The authorization grant type is not supported by the authorization server. \
                 Configured grant types: [{SUPPORTED}]."
            ),
        ));
    }
    if configured.iter().any(|known| known == grant_type) {
        Ok(())
    } else {
        Err(OAuthError::unauthorized_client(configured))
    }
}

/// Takes a code for good: the check and the mark are one step, so of two requests one wins.
fn take(state: &AppState, value: &str) -> Result<Code, OAuthError> {
    let now = state.now();
    let is_reusable = state.fault() == Some(Fault::CodeReusable);
    let mut runtime = state.runtime();
    let code = runtime.codes.get_mut(value);
    let code = code.ok_or_else(OAuthError::invalid_code)?;
    let is_used = code.redeemed.is_some() && !is_reusable;
    let is_old = now - code.issued > CODE_LIFETIME_SECONDS;
    if !is_used && !is_old {
        let taken = code.clone();
        code.redeemed.get_or_insert_default();
        return Ok(taken);
    }
    let issued = code.redeemed.clone();
    revoke(&mut runtime, issued);
    Err(OAuthError::invalid_code())
}

/// What a code was redeemed for is revoked when somebody tries it again (RFC 6749 section 4.1.2).
fn revoke(runtime: &mut Runtime, issued: Option<String>) {
    runtime.revoked.extend(issued.filter(|jti| !jti.is_empty()));
}

fn remember(state: &AppState, value: &str, token: &AccessToken) {
    if let Some(code) = state.runtime().codes.get_mut(value) {
        code.redeemed = Some(token.jti.clone());
    }
}

fn check_binding(
    server_id: &str,
    client_id: &str,
    form: &Parameters,
    code: &Code,
) -> Result<(), OAuthError> {
    if code.grant.server_id != server_id {
        return Err(OAuthError::invalid_request(
            "The grant was issued for another authorization server.",
        ));
    }
    if code.grant.client_id != client_id {
        return Err(OAuthError::bad(
            "invalid_grant",
            "The grant was issued to another client. Please make sure the 'client_id' matches \
             the one used at the authorize request.",
        ));
    }
    if form.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(OAuthError::bad(
            "invalid_grant",
            "The 'redirect_uri' does not match the redirection URI used in the authorization \
             request.",
        ));
    }
    check_verifier(form.get("code_verifier"), code.challenge.as_deref())
}

fn check_verifier(verifier: Option<&str>, challenge: Option<&str>) -> Result<(), OAuthError> {
    match (verifier, challenge) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(OAuthError::invalid_request(
            "PKCE code verifier is required by the application.",
        )),
        (Some(_), None) => Err(OAuthError::invalid_request(
            "PKCE code challenge should be specified in the authorize request for code \
             verification.",
        )),
        (Some(verifier), Some(challenge)) => {
            let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
            let is_legal = (43..=128).contains(&verifier.len());
            if is_legal && hash == challenge {
                Ok(())
            } else {
                let text = "PKCE verification failed.";
                Err(OAuthError::bad("invalid_grant", text))
            }
        }
    }
}

fn answer(mint: &Mint, code: &Code, access_token: &AccessToken) -> Result<Value, OAuthError> {
    let grant = &code.grant;
    let mut answer = json!({
        "token_type": "Bearer",
        "expires_in": grant.access_token_lifetime_seconds,
        "access_token": access_token.value,
        "scope": grant.scopes.join(" "),
    });
    if grant.scopes.iter().any(|scope| scope == "openid") {
        let companions = Companions {
            access_token: Some(&access_token.value),
            code: None,
        };
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("id_token".to_owned(), mint.id_token(companions)?.into());
        }
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
