//! A refresh token for more tokens: for as long as it lives, or once, as the client has it.

use super::{Issued, check_owner, scopes};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::oauth::caller::Caller;
use crate::oauth::presented::{self, Standing};
use crate::state::AppState;
use crate::state::grant::{Grant, RefreshToken};
use crate::state::org::{Application, Rotation, random_token};

/// Redeems the refresh token of the request. What was granted is not decided anew: policies are
/// asked when the user signs in, and no more.
pub(super) fn redeem(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
) -> Result<Issued, OAuthError> {
    let value = caller.get("refresh_token").unwrap_or_default();
    let token = live(state, value)?;
    if state.fault() == Some(Fault::RefreshRefused) {
        return Err(OAuthError::invalid_refresh_token());
    }
    check_owner(state, caller, client_id, &token.grant)?;
    let rotation = rotation(state, client_id);
    check_reuse(state, &token, rotation)?;
    check_standing(state, &token.grant)?;
    let scopes = granted(state, caller, &token.grant)?;
    let is_kept = scopes.iter().any(|scope| scope == "offline_access");
    let refresh_token = is_kept.then(|| go_on(state, value, &token, rotation));
    Ok(Issued {
        grant: Grant {
            scopes,
            // A nonce is of one request (OpenID Connect Core section 12.2).
            nonce: None,
            ..token.grant
        },
        family: Some(token.family),
        refresh_token,
    })
}

fn live(state: &AppState, value: &str) -> Result<RefreshToken, OAuthError> {
    let now = state.now();
    let runtime = state.runtime();
    let token = runtime.refresh_token(value, now).cloned();
    token.ok_or_else(OAuthError::invalid_refresh_token)
}

fn rotation(state: &AppState, client_id: &str) -> Rotation {
    let org = state.org();
    let client = org.applications.get(client_id);
    let rotation = client.map_or(Rotation::Static, Application::rotation);
    match rotation {
        other if state.fault() != Some(Fault::RefreshRotatesOtherwise) => other,
        Rotation::Static => Rotation::Rotate { leeway_seconds: 0 },
        Rotation::Rotate { .. } => Rotation::Static,
    }
}

/// A token in whose place another came is good for the leeway; later it ends whatever came of the
/// sign-in, since somebody has it who should not.
fn check_reuse(
    state: &AppState,
    token: &RefreshToken,
    rotation: Rotation,
) -> Result<(), OAuthError> {
    let leeway = match rotation {
        Rotation::Rotate { leeway_seconds } => leeway_seconds,
        Rotation::Static => 0,
    };
    match token.replaced {
        Some(at) if state.now() - at >= leeway && state.fault() != Some(Fault::RefreshReusable) => {
            if state.fault() != Some(Fault::RefreshReuseIgnored) {
                state.runtime().end_family(&token.family);
            }
            Err(OAuthError::invalid_refresh_token())
        }
        _ => Ok(()),
    }
}

fn check_standing(state: &AppState, grant: &Grant) -> Result<(), OAuthError> {
    match presented::standing(&state.org(), grant) {
        Standing::Holds => Ok(()),
        Standing::Unassigned => Err(OAuthError::user_not_assigned()),
        Standing::Gone => Err(OAuthError::invalid_refresh_token()),
    }
}

/// The scopes of the tokens: those that are asked for, and what a fault makes of them.
fn granted(
    state: &AppState,
    caller: &Caller<'_>,
    grant: &Grant,
) -> Result<Vec<String>, OAuthError> {
    match state.fault() {
        Some(Fault::RefreshWidens) if !scopes(caller).is_empty() => Ok(scopes(caller)),
        Some(Fault::RefreshAddsScopes) => {
            let org = state.org();
            let server = org.server(&grant.server_id);
            let all = server.into_iter().flat_map(|server| server.scopes.values());
            let custom = all.filter(|scope| !scope.system && !grant.has_scope(&scope.name));
            let custom = custom.map(|scope| scope.name.clone());
            Ok(grant.scopes.iter().cloned().chain(custom).collect())
        }
        _ => narrowed(caller, grant),
    }
}

/// The scopes that are asked for, all of which were granted; those of the sign-in when none are.
fn narrowed(caller: &Caller<'_>, grant: &Grant) -> Result<Vec<String>, OAuthError> {
    let asked = scopes(caller);
    let denied = asked.iter().filter(|scope| !grant.has_scope(scope));
    let denied: Vec<&str> = denied.map(String::as_str).collect();
    if denied.is_empty() {
        return Ok(if asked.is_empty() {
            grant.scopes.clone()
        } else {
            asked
        });
    }
    Err(OAuthError::refresh_scopes_denied(&denied))
}

/// The refresh token the client goes on with: the same, or another in its place.
fn go_on(state: &AppState, value: &str, token: &RefreshToken, rotation: Rotation) -> String {
    let now = state.now();
    let mut runtime = state.runtime();
    let kept = runtime.refresh_tokens.get_mut(value);
    if rotation == Rotation::Static {
        if let Some(kept) = kept {
            kept.used = now;
        }
        return value.to_owned();
    }
    if let Some(kept) = kept {
        kept.replaced.get_or_insert(now);
    }
    let next = RefreshToken {
        used: now,
        replaced: None,
        ..token.clone()
    };
    let value = random_token();
    runtime.refresh_tokens.insert(value.clone(), next);
    value
}
