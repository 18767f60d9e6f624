//! What an address of the configuration must be, and what to say of one that is not.

use url::Url;

use crate::model::RedirectUri;
use crate::origin::{OKTA_DOMAINS, holds_user, is_secure};

/// What is wrong with an address, to be said after the name of its variable; never its value.
pub(super) type Problem = &'static str;

const USER: Problem = "must not hold a user and password (what is before `@`): remove them";

const NO_URL: Problem = "is not an http or https URL";

/// Any address by http or https.
pub(super) fn web(text: &str) -> Result<Url, Problem> {
    if holds_user(text) {
        return Err(USER);
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("holds a blank or a control character: remove it");
    }
    match Url::parse(text) {
        Ok(url) if url.has_host() && ["http", "https"].contains(&url.scheme()) => Ok(url),
        _ => Err(NO_URL),
    }
}

/// A driver or a Grid that someone else runs.
pub(super) fn webdriver(text: &str) -> Result<Url, Problem> {
    web(text).map_err(|problem| match problem {
        USER => {
            "must not hold a user and password: of a Grid that asks for them, name a tunnel or a \
             proxy on this machine that adds them (http://127.0.0.1:4444)"
        }
        other => other,
    })
}

/// The org itself; an API token goes there.
pub(super) fn org(text: &str) -> Result<Url, Problem> {
    let url = web(text)?;
    if !is_secure(&url) {
        return Err(IN_CLEAR);
    }
    if is_admin_console(&url) {
        return Err(ADMIN_CONSOLE);
    }
    Ok(url)
}

const IN_CLEAR: Problem = "must begin with https:// (http:// only on loopback)";
const ADMIN_CONSOLE: Problem = "names the Admin Console's host: remove `-admin`";

fn is_admin_console(url: &Url) -> bool {
    let parts = url.host_str().and_then(|host| host.split_once('.'));
    parts.is_some_and(|(org, domain)| org.ends_with("-admin") && OKTA_DOMAINS.contains(&domain))
}

/// The origin of an issuer; the issuer itself stays as it was written, byte for byte.
pub(super) fn issuer(text: &str) -> Result<Url, Vec<Problem>> {
    let url = match web(text) {
        Ok(url) => url,
        Err(NO_URL) => {
            return Err(vec![
                "is not a URL: it looks like https://{org}/oauth2/{authServerId}",
            ]);
        }
        Err(problem) => return Err(vec![problem]),
    };
    let is_bare = url.query().is_none() && url.fragment().is_none() && !text.ends_with('/');
    let checks = [
        (is_secure(&url), IN_CLEAR),
        (
            is_bare,
            "must be the bare issuer, without a trailing slash, query or fragment",
        ),
        (!is_admin_console(&url), ADMIN_CONSOLE),
    ];
    let failed = checks.into_iter().filter(|(holds, _)| !holds);
    let problems: Vec<Problem> = failed.map(|(_, problem)| problem).collect();
    match Url::parse(&url.origin().ascii_serialization()) {
        Ok(origin) if problems.is_empty() => Ok(origin),
        _ => Err(problems),
    }
}

/// The redirect URI as it was written: a slash more would be another one.
pub(super) fn redirect_uri(text: &str) -> Result<RedirectUri, Problem> {
    let url = web(text)?;
    if url.fragment().is_some() {
        return Err("must not have a fragment (what is after `#`)");
    }
    text.parse().map_err(|_| NO_URL)
}

/// Scheme, host and port alone: a path would promise a check that nobody makes.
pub(super) fn origin(text: &str) -> Result<Url, Problem> {
    match web(text) {
        Err(USER) => Err(USER),
        Ok(url) if url.host_str().is_some_and(|host| host.contains('*')) => {
            Err("has a wildcard, which stands for nothing here: name each origin by itself")
        }
        Ok(url) if is_secure(&url) && is_bare_origin(&url) => Ok(url),
        _ => Err(
            "is not an origin such as https://login.example.com (scheme, host and port alone; \
             http:// only on loopback; several are separated by blanks)",
        ),
    }
}

fn is_bare_origin(url: &Url) -> bool {
    url.as_str().trim_end_matches('/') == url.origin().ascii_serialization()
}
