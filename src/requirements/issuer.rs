//! What the issuer is, where it is none of an authorization server that the org has.

use super::context::Context;
use super::trial::Fix;
use crate::escape;
use crate::management::found::FoundServer;
use crate::observation::OtherIssuer;

/// What is to be done: to name the server that is meant, where it is known which, else to make one.
pub(super) fn mend_issuer(given: &Context<'_>) -> Fix {
    if let Some(OtherIssuer::Document { issuer }) = named_otherwise(given) {
        let click = format!("set OKTA_OAUTH2_ISSUER to {issuer}");
        return Fix::new(
            click,
            format!("GET {issuer}/.well-known/openid-configuration"),
        );
    }
    if let Some(OtherIssuer::AnotherOrg { .. }) = named_otherwise(given) {
        return mend_org(given);
    }
    match meant(given) {
        Some(server) => Fix::new(
            format!(
                "set OKTA_OAUTH2_ISSUER to {}, the issuer of `{}`; if that is another one: \
                 Security > API > Authorization Servers > Add",
                server.issuer, server.name
            ),
            format!("GET /api/v1/authorizationServers/{}", server.id),
        ),
        None => Fix::new(
            "Security > API > Authorization Servers > Add, or set OKTA_OAUTH2_ISSUER to its \
             Issuer URI",
            "POST /api/v1/authorizationServers",
        ),
    }
}

/// Where the variables name two orgs, one of them is wrong: nothing is to be made in either.
fn mend_org(given: &Context<'_>) -> Fix {
    let issuer = &given.facts.issuer;
    let org = url::Url::parse(issuer).ok();
    let org = org.map_or_else(String::new, |url| url.origin().ascii_serialization());
    Fix::new(
        format!(
            "set OKTA_CLIENT_ORGURL to {org}, the org of the issuer, and OKTA_CLIENT_TOKEN to a \
             token of that org; or set OKTA_OAUTH2_ISSUER, and the client and the users with it, \
             to those of the org of OKTA_CLIENT_ORGURL"
        ),
        "GET /.well-known/okta-organization at both addresses: the ids must be the same",
    )
}

/// Whether the variables name a server of one org and another org.
pub(super) fn is_of_another_org(given: &Context<'_>) -> bool {
    matches!(named_otherwise(given), Some(OtherIssuer::AnotherOrg { .. }))
}

/// The server that the model speaks of, by its id at another domain, or by its name.
fn meant<'a>(given: &'a Context<'_>) -> Option<&'a FoundServer> {
    let servers = given.seen.org.servers.as_ref().ok()?;
    let own = path(&given.facts.issuer);
    let by_path = servers
        .iter()
        .find(|server| own.is_some() && path(&server.issuer) == own);
    let name = &given.model.authorization_server.name;
    let mut by_name = servers.iter().filter(|server| server.name == *name);
    by_path.or_else(|| by_name.next().filter(|_| by_name.next().is_none()))
}

fn path(issuer: &str) -> Option<String> {
    let url = url::Url::parse(issuer).ok()?;
    Some(url.path().to_owned())
}

/// What the issuer is instead of a custom authorization server of the org, by what answered at the
/// start; the address of a document that nothing answers at is known by its form (OpenID Connect
/// Discovery 1.0 section 4).
pub(super) fn other_issuer(given: &Context<'_>) -> Option<String> {
    let other = named_otherwise(given)?;
    let servers = match other {
        OtherIssuer::OrgServer => issuers(given),
        OtherIssuer::Document { .. } | OtherIssuer::AnotherOrg { .. } => String::new(),
    };
    Some(other.words(&given.facts.issuer) + &servers)
}

fn named_otherwise(given: &Context<'_>) -> Option<OtherIssuer> {
    let issuer = given.facts.issuer.as_str();
    let by_form = || {
        let (before, _) = issuer.split_once("/.well-known/")?;
        let issuer = before.to_owned();
        given.seen.metadata.as_ref().err()?;
        Some(OtherIssuer::Document { issuer })
    };
    given.seen.other_issuer.clone().or_else(by_form)
}

/// The authorization server with the id of the issuer, whose issuer has another domain.
fn server_by_another_domain<'a>(given: &'a Context<'_>) -> Option<&'a FoundServer> {
    let own = path(&given.facts.issuer)?;
    let mut servers = given.seen.org.servers.as_ref().ok()?.iter();
    servers.find(|server| path(&server.issuer).as_ref() == Some(&own))
}

/// Its issuer.
pub(super) fn by_another_domain(given: &Context<'_>) -> Option<String> {
    server_by_another_domain(given).map(|server| server.issuer.clone())
}

/// Which other authorization servers may be the one that is meant, for the end of a sentence: those
/// for the same audience, since of a server and its copy a person may have taken the issuer of the
/// wrong one. Okta lets no two have one name.
pub(super) fn copies(given: &Context<'_>) -> String {
    copies_that(given, |_| true)
}

/// The same of those that are active.
pub(super) fn active_copies(given: &Context<'_>) -> String {
    copies_that(given, |server| server.status.is_active())
}

fn copies_that(given: &Context<'_>, is_one: impl Fn(&FoundServer) -> bool) -> String {
    let Ok(servers) = &given.seen.org.servers else {
        return String::new();
    };
    let own = path(&given.facts.issuer);
    let is_other = |server: &&FoundServer| path(&server.issuer) != own;
    let is_copy = |server: &&FoundServer| server.audiences.contains(&given.facts.audience);
    let others = servers.iter().filter(is_other).filter(is_copy);
    let others = others.filter(|server| is_one(server));
    let others = others.map(|server| format!("`{}` {}", server.name, server.issuer));
    let others: Vec<String> = others.collect();
    if others.is_empty() {
        return String::new();
    }
    format!(
        "; the model's audience is that of {}: if that server is meant, set OKTA_OAUTH2_ISSUER \
         to its issuer",
        escape::list(others)
    )
}

/// So many authorization servers are named.
const MOST_SERVERS: usize = 10;

/// What the org has instead of the issuer: the server of that id by another domain, or all.
pub(super) fn issuers(given: &Context<'_>) -> String {
    let Ok(servers) = &given.seen.org.servers else {
        return String::new();
    };
    if let Some(server) = server_by_another_domain(given) {
        return format!(
            ": the issuer of its authorization server `{}` is {}, on another domain; set \
             OKTA_OAUTH2_ISSUER to it",
            server.name, server.issuer
        );
    }
    let named: Vec<String> = servers
        .iter()
        .take(MOST_SERVERS)
        .map(|server| format!("`{}` {}", server.name, server.issuer))
        .collect();
    match servers.len() {
        0 => "; it has no authorization server at all".to_owned(),
        count if count > named.len() => {
            format!("; it has {count}, among them {}", named.join(", "))
        }
        _ => format!("; it has {}", named.join(", ")),
    }
}

#[cfg(test)]
mod tests;
