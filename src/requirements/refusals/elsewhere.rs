//! Where an API has what was not found where it was asked: at another path, or another address.

use url::Url;

use crate::model::Endpoint;
use crate::observation::ApiAnswer;
use crate::requirements::context::Context;

/// What to do where a redirect leads to the same path at another address: the API's own, rather than
/// one to a sign-in page.
pub(super) fn mend_same_path(server: &Url, asked: &str, answer: &ApiAnswer) -> Option<String> {
    let base = target(answer)?.strip_suffix(path_of(asked)?)?;
    let to = Url::parse(base).ok()?;
    let why = match (server.scheme(), to.scheme()) {
        ("http", "https") => {
            "set RESOURCE_SERVER_URL to that, since a token that was sent by http can be read on \
             its way"
        }
        // Nothing is to go from https to http.
        (from, to) if from == to => {
            "set RESOURCE_SERVER_URL to that, if the API is there; clients leave the token out when \
             they follow a redirect to another address"
        }
        _ => return None,
    };
    Some(format!("the API sends to the same path at `{base}`: {why}"))
}

/// The path that the API itself has for the endpoint, where a redirect leads to it: another slash
/// at its end, or letters of another case.
pub(super) fn canonical(server: &Url, asked: &str, answer: &ApiAnswer) -> Option<String> {
    let base = server.as_str().trim_end_matches('/');
    let (path, other) = (path_of(asked)?, target(answer)?.strip_prefix(base)?);
    let plain = |path: &str| path.trim_end_matches('/').to_lowercase();
    (plain(path) == plain(other)).then(|| other.to_owned())
}

/// Why there is no such route: the base of the API may have the path of an endpoint already, or be
/// the address of the org.
pub(super) fn without_route(context: &Context<'_>, asked: &str) -> String {
    let server = context.facts.resource_server.as_ref();
    let own = path_of(asked).into_iter();
    let others = context.model.endpoints.iter().map(Endpoint::path_alone);
    let mut paths = own.chain(others);
    let shorter = server.and_then(|server| paths.find_map(|path| without_path(server, path)));
    if let Some(shorter) = shorter {
        return format!(
            "RESOURCE_SERVER_URL has the path of an endpoint already, and that of each is added to \
             it: set it to `{shorter}`"
        );
    }
    let issuer = Url::parse(&context.facts.issuer).ok();
    let is_org = issuer.is_some_and(|issuer| {
        server.is_some_and(|server| server.origin() == issuer.origin() && server.path() == "/")
    });
    let org = if is_org {
        "RESOURCE_SERVER_URL is the address of the org: set it to the API's. Else "
    } else {
        ""
    };
    format!(
        "{org}the API or gateway has no `{asked}` where RESOURCE_SERVER_URL leads: is its path \
         right, is the route deployed, does it take the method {}?",
        asked.split(' ').next().unwrap_or_default()
    )
}

/// An address without the path at its end; nothing where it has another end.
fn without_path(server: &Url, path: &str) -> Option<String> {
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
fn path_of(asked: &str) -> Option<&str> {
    asked.split(' ').nth(1)?.split('?').next()
}
