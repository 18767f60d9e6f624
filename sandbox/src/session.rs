//! Sessions of browsers, by the `sid` cookie.

use axum::http::{HeaderMap, header};

use crate::state::AppState;
use crate::state::org::random_token;
use crate::state::sign_in::Session;

const SESSION_COOKIE: &str = "sid";

/// The live session of the browser that sent the headers.
pub(crate) fn of(state: &AppState, headers: &HeaderMap) -> Option<Session> {
    let sid = sid(headers)?;
    let now = state.now();
    state.runtime().session(sid, now).cloned()
}

/// Ends the browser's session if it is the user's.
pub(crate) fn end(state: &AppState, headers: &HeaderMap, user_id: &str) {
    let Some(sid) = sid(headers) else {
        return;
    };
    let mut runtime = state.runtime();
    let session = runtime.sessions.get(sid);
    if session.is_some_and(|session| session.user_id == user_id) {
        runtime.sessions.remove(sid);
    }
}

/// Starts a session under an id nobody has seen before; the cookie that carries it.
pub(crate) fn start(state: &AppState, session: Session) -> String {
    let sid = format!("102{}", random_token());
    let cookie = cookie(state, SESSION_COOKIE, &sid);
    state.runtime().sessions.insert(sid, session);
    cookie
}

/// A cookie that scripts cannot read; it is `Secure` where browsers reach the org by https.
pub(crate) fn cookie(state: &AppState, name: &str, value: &str) -> String {
    let is_https = state.base_url.starts_with("https://");
    let secure = if is_https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
}

fn sid(headers: &HeaderMap) -> Option<&str> {
    named(headers, SESSION_COOKIE)
}

/// The value of a cookie.
pub(crate) fn named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split("; "))
        .find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
}
