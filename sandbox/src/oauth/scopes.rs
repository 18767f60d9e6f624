//! The scopes a request asks for, as far as they do not depend on the user.

use crate::error::OAuthError;
use crate::fault::Fault;
use crate::options::UnknownScope;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::AuthorizationServer;
use crate::state::request::ResponseType;

/// The longest `scope` parameter.
const LONGEST: usize = 1024;

/// The scopes that ask for something about the user, and so need `openid`.
const NEED_OPENID: [&str; 4] = ["profile", "email", "address", "phone"];

/// The requested scopes, each once; none when the default scopes are wanted.
pub(crate) fn of_request(
    state: &AppState,
    server: &AuthorizationServer,
    parameters: &Parameters,
    response_type: ResponseType,
) -> Result<Vec<String>, OAuthError> {
    let sent = parameters.get("scope").unwrap_or_default();
    if sent.len() > LONGEST {
        return Err(OAuthError::bad(
            "invalid_scope",
            "The requested scope is invalid, unknown, malformed, or exceeds the scope granted \
             by the resource owner.",
        ));
    }
    let mut scopes: Vec<String> = Vec::new();
    for scope in sent.split(' ').filter(|scope| !scope.is_empty()) {
        // Without a code there is nothing a refresh token could come with: Okta ignores the wish.
        let is_moot = scope == "offline_access" && !response_type.code;
        if !is_moot && !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    mistake(state.fault(), server, &mut scopes);
    if scopes.is_empty() && server.default_scopes().is_empty() {
        return Err(OAuthError::no_default_scopes());
    }
    if state.options.unknown_scope == UnknownScope::BeforeSignIn && !server.has_scopes(&scopes) {
        return Err(OAuthError::unknown_scope());
    }
    require_openid(&scopes, response_type)?;
    Ok(scopes)
}

/// What faults make of scopes that nobody knows.
fn mistake(fault: Option<Fault>, server: &AuthorizationServer, scopes: &mut Vec<String>) {
    let known = || server.scopes.values().map(|scope| scope.name.as_str());
    match fault {
        Some(Fault::UnknownScopesIgnored) => {
            scopes.retain(|scope| known().any(|name| name == scope));
        }
        Some(Fault::ScopesInAnyCase) => {
            for scope in scopes.iter_mut() {
                let mut alike = known().filter(|name| name.eq_ignore_ascii_case(scope));
                if let Some(name) = alike.next() {
                    *scope = name.to_owned();
                }
            }
        }
        Some(Fault::ScopesBeginningAlike) => {
            for scope in scopes.iter_mut() {
                let longest = known().filter(|name| scope.starts_with(name));
                if let Some(name) = longest.max_by_key(|name| name.len()) {
                    *scope = name.to_owned();
                }
            }
        }
        _ => {}
    }
}

fn require_openid(scopes: &[String], response_type: ResponseType) -> Result<(), OAuthError> {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let is_needed = response_type.id_token || NEED_OPENID.iter().any(|name| has(name));
    if is_needed && !scopes.is_empty() && !has("openid") {
        return Err(OAuthError::bad(
            "invalid_scope",
            "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' \
             scope.",
        ));
    }
    Ok(())
}
