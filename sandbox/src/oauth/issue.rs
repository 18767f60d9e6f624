//! The end of an authorize request: the user is known, the client gets its answer.

use super::tokens::{Companions, Mint};
use super::{response, server};
use crate::decision::decide;
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::keys::KeyError;
use crate::state::AppState;
use crate::state::grant::{Code, Grant};
use crate::state::org::random_token;
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::Session;
use crate::visit::{Answer, Shown};

/// Answers the client: with what the user gets, or with why they get nothing.
pub(crate) async fn answer(
    state: &AppState,
    request: &AuthorizeRequest,
    session: &Session,
) -> Shown {
    let session = effective_session(state, request.prompt.none, session);
    let answer = match decide(state, request, &session) {
        Ok(grant) => issue(state, request, grant).await,
        Err(denied) => Err(denied.into()),
    };
    match answer {
        Ok(answer) => response::send(state, &request.return_to, answer),
        Err(error) => response::refuse(state, &request.return_to, error),
    }
}

/// The user's own session, unless the fault gives everybody the first one, or makes it older.
fn effective_session(state: &AppState, is_silent: bool, session: &Session) -> Session {
    if is_silent && state.fault() == Some(Fault::SessionOfAnotherTime) {
        return Session {
            auth_time: session.auth_time - 60,
            ..session.clone()
        };
    }
    if state.fault() != Some(Fault::SessionOfFirstUser) {
        return session.clone();
    }
    let mut runtime = state.runtime();
    runtime
        .first_session
        .get_or_insert_with(|| session.clone())
        .clone()
}

async fn issue(
    state: &AppState,
    request: &AuthorizeRequest,
    grant: Grant,
) -> Result<Answer, OAuthError> {
    let asked = request.response_type;
    let fault = state.fault();
    server::prepare(state, &request.server_id).await?;
    let code = asked.code.then(|| hand_out_code(state, request, &grant));
    let mut answer = Answer::new();
    let mut access_token = None;
    if asked.has_tokens() {
        let mint = Mint::new(state, grant.clone(), fault).await?;
        let mint = mint.ok_or_else(OAuthError::no_matching_policy)?;
        if mint.has_too_many_groups() {
            return Err(OAuthError::too_many_groups());
        }
        if asked.token {
            let token = mint.access_token()?.value;
            answer.extend(about_access_token(fault, &grant, &token));
            access_token = Some(token);
        }
        if asked.id_token && fault != Some(Fault::OmitIdToken) {
            let companions = Companions {
                access_token: access_token.as_deref(),
                code: code.as_deref(),
            };
            answer.push(("id_token", mint.id_token(companions)?));
        }
    }
    if code.is_some() && brings_token(fault) {
        answer.push(("access_token", random_token()));
    }
    let code = code.filter(|_| fault != Some(Fault::TokenInsteadOfCode));
    answer.extend(code.map(|code| ("code", code)));
    if asked.has_tokens() && fault == Some(Fault::KeysRotateAfterFirstToken) {
        rotate_once(state, &grant.server_id).await?;
    }
    let mut runtime = state.runtime();
    for (name, value) in &answer {
        if ["access_token", "id_token", "refresh_token", "code"].contains(name) {
            runtime.handed_out.insert(value.clone(), ());
        }
    }
    Ok(answer)
}

/// Whether a token comes where a code was asked for.
fn brings_token(fault: Option<Fault>) -> bool {
    matches!(
        fault,
        Some(Fault::TokenBesideCode | Fault::TokenInsteadOfCode)
    )
}

/// Rotates the keys, as Okta does some times a year, if that was not done yet.
async fn rotate_once(state: &AppState, server_id: &str) -> Result<(), KeyError> {
    if state.runtime().count("rotation") > 1 {
        return Ok(());
    }
    let fresh = state.keys.take().await?;
    if let Some(server) = state.org().server_mut(server_id) {
        server.rotate(fresh);
    }
    Ok(())
}

/// The parameters that come with an access token, in Okta's order.
fn about_access_token(fault: Option<Fault>, grant: &Grant, token: &str) -> Answer {
    let lifetime = grant.lifetimes.access_token;
    let token_type = match fault {
        Some(Fault::TokenTypeOther) => "other",
        _ => "Bearer",
    };
    let expires_in = match fault {
        Some(Fault::ExpiresInOther) => lifetime * 2,
        _ => lifetime,
    };
    let scope = match fault {
        Some(Fault::ScopeEchoMissing) => None,
        Some(Fault::ScopeEchoOther) => Some("other".to_owned()),
        _ => Some(grant.scopes.join(" ")),
    };
    let mut answer = Answer::new();
    if fault != Some(Fault::OmitAccessToken) {
        answer.push(("access_token", token.to_owned()));
    }
    answer.push(("token_type", token_type.to_owned()));
    answer.push(("expires_in", expires_in.to_string()));
    answer.extend(scope.map(|scope| ("scope", scope)));
    if fault == Some(Fault::RefreshTokenInFragment) {
        answer.push(("refresh_token", random_token()));
    }
    answer
}

fn hand_out_code(state: &AppState, request: &AuthorizeRequest, grant: &Grant) -> String {
    let value = match state.fault() {
        Some(Fault::CodesCounted) => {
            format!("code-of-the-org-{:08}", state.runtime().count("codes"))
        }
        _ => random_token(),
    };
    let code = Code {
        grant: grant.clone(),
        redirect_uri: request.return_to.redirect_uri.clone(),
        challenge: request.code_challenge.clone(),
        issued: state.now(),
        family: random_token(),
        is_redeemed: false,
    };
    state.runtime().codes.insert(value.clone(), code);
    value
}
