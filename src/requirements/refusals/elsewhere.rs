//! Where an API has what was not found where it was asked: at another path, or another address.

use url::Url;

use crate::observation::ApiAnswer;

/// Where a redirect leads that goes by https and keeps the path: the API's own, rather than one to
/// a sign-in page.
pub(super) fn same_path_elsewhere(asked: &str, answer: &ApiAnswer) -> Option<String> {
    let base = target(answer)?.strip_suffix(path_of(asked)?)?;
    base.starts_with("https://").then(|| format!("`{base}`"))
}

/// The path that the API itself has for the endpoint, where a redirect leads to it: another slash
/// at its end, or letters of another case.
pub(super) fn canonical(server: &Url, asked: &str, answer: &ApiAnswer) -> Option<String> {
    let base = server.as_str().trim_end_matches('/');
    let (path, other) = (path_of(asked)?, target(answer)?.strip_prefix(base)?);
    let plain = |path: &str| path.trim_end_matches('/').to_lowercase();
    (plain(path) == plain(other)).then(|| other.to_owned())
}

/// An address without the path at its end; nothing where it has another end.
pub(super) fn without_path(server: &Url, path: &str) -> Option<String> {
    let shorter = server.as_str().trim_end_matches('/').strip_suffix(path)?;
    Some(shorter.to_owned())
}

/// Where a redirect leads, which is quoted where it is an address.
fn target(answer: &ApiAnswer) -> Option<&str> {
    answer
        .redirect
        .as_deref()?
        .strip_prefix('`')?
        .strip_suffix('`')
}

/// The path of what is asked.
pub(super) fn path_of(asked: &str) -> Option<&str> {
    asked.split(' ').nth(1)?.split('?').next()
}
