//! A code for tokens, once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::{Issued, check_owner};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::oauth::caller::Caller;
use crate::oauth::presented;
use crate::state::AppState;
use crate::state::grant::{Code, RefreshToken};
use crate::state::org::random_token;
use crate::state::runtime::CODE_LIFETIME_SECONDS;

/// Redeems the code of the request.
pub(super) fn redeem(
    state: &AppState,
    caller: &Caller<'_>,
    client_id: &str,
) -> Result<Issued, OAuthError> {
    let value = caller.get("code").ok_or_else(OAuthError::invalid_code)?;
    let code = take(state, value)?;
    check_owner(state, caller, client_id, &code.grant)?;
    check_binding(state.fault(), caller, &code)?;
    if !presented::still_holds(&state.org(), &code.grant) {
        return Err(OAuthError::invalid_code());
    }
    let mut grant = code.grant.clone();
    if state.fault() == Some(Fault::CodeScopesDropped) {
        grant.scopes.retain(|scope| scope == "openid");
    }
    let refresh_token = keeps(state, client_id, &code).then(|| begin(state, &code));
    Ok(Issued {
        grant,
        family: Some(code.family),
        refresh_token,
    })
}

/// Whether the client gets a refresh token: it asked for one and may use it.
fn keeps(state: &AppState, client_id: &str, code: &Code) -> bool {
    match state.fault() {
        Some(Fault::RefreshUnasked) => return true,
        Some(Fault::RefreshMissing) => return false,
        _ => {}
    }
    let org = state.org();
    let client = org.applications.get(client_id);
    code.grant.has_scope("offline_access")
        && client.is_some_and(|client| client.has_grant_type("refresh_token"))
}

/// The first refresh token of a family.
fn begin(state: &AppState, code: &Code) -> String {
    let value = random_token();
    let now = state.now();
    let token = RefreshToken {
        grant: code.grant.clone(),
        family: code.family.clone(),
        begun: now,
        used: now,
        replaced: None,
    };
    state.runtime().refresh_tokens.insert(value.clone(), token);
    value
}

/// Takes a code for good: the check and the mark are one step, so of two requests one wins. What
/// the code was redeemed for, or is being redeemed for at this moment, is revoked when somebody
/// tries it again (RFC 6749 section 4.1.2).
fn take(state: &AppState, value: &str) -> Result<Code, OAuthError> {
    let now = state.now();
    let is_reusable = state.fault() == Some(Fault::CodeReusable);
    let keeps_tokens = state.fault() == Some(Fault::CodeReuseEndsNothing);
    let mut runtime = state.runtime();
    let code = runtime.codes.get_mut(value);
    let code = code.ok_or_else(OAuthError::invalid_code)?;
    let is_used = code.is_redeemed && !is_reusable;
    let is_old = now - code.issued > CODE_LIFETIME_SECONDS;
    if is_used {
        let family = code.family.clone();
        if !keeps_tokens {
            runtime.end_family(&family);
        }
        return Err(OAuthError::invalid_code());
    }
    if is_old {
        return Err(OAuthError::invalid_code());
    }
    code.is_redeemed = true;
    Ok(code.clone())
}

/// What the request for the code said, the one that redeems it says too.
fn check_binding(fault: Option<Fault>, caller: &Caller<'_>, code: &Code) -> Result<(), OAuthError> {
    let sent = caller.get("redirect_uri");
    let is_any = match fault {
        Some(Fault::CodeRedirectUriUnchecked) => true,
        Some(Fault::CodeRedirectUriOptional) => sent.is_none(),
        _ => false,
    };
    if !is_any && sent != Some(&code.redirect_uri) {
        return Err(OAuthError::bad(
            "invalid_grant",
            "The 'redirect_uri' does not match the redirection URI used in the authorization \
             request.",
        ));
    }
    let is_plain = || caller.get("code_verifier") == code.challenge.as_deref();
    match fault {
        Some(Fault::VerifierUnchecked) => return Ok(()),
        Some(Fault::VerifierPlainToo) if is_plain() => return Ok(()),
        Some(Fault::VerifierForNothing) if code.challenge.is_none() => return Ok(()),
        _ => {}
    }
    check_verifier(caller.get("code_verifier"), code.challenge.as_deref())
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
