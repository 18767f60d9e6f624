//! `/api/v1/authorizationServers/{id}/scopes`

use serde::Deserialize;
use serde_json::{Value, json};

use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::page::Limits;
use crate::management::table::{find, remove};
use crate::management::{filter, links};
use crate::state::org::{AuthorizationServer, Scope, new_id};

const KIND: &str = "OAuth2Scope";
const CONSENTS: [&str; 3] = ["IMPLICIT", "REQUIRED", "FLEXIBLE"];
const PUBLISHED: [&str; 2] = ["NO_CLIENTS", "ALL_CLIENTS"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    #[serde(default = "no_clients")]
    metadata_publish: String,
    #[serde(default = "implicit")]
    consent: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    default: bool,
}

fn no_clients() -> String {
    "NO_CLIENTS".to_owned()
}

fn implicit() -> String {
    "IMPLICIT".to_owned()
}

pub(super) fn route(
    call: &Call,
    server: &mut AuthorizationServer,
    path: &[&str],
) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, server),
        ("POST", []) => {
            let scope = checked(call, server, None)?;
            Ok(Answer::created(store(call, server, scope)))
        }
        ("GET", [id]) => Ok(Answer::ok(show(
            call,
            server,
            find(&server.scopes, id, KIND)?,
        ))),
        ("PUT", [id]) => {
            let scope = checked(call, server, Some(id))?;
            Ok(Answer::ok(store(call, server, scope)))
        }
        ("DELETE", [id]) => {
            if find(&server.scopes, id, KIND)?.system {
                return Err(ApiError::forbidden());
            }
            remove(&mut server.scopes, id, KIND)?;
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn list(call: &Call, server: &AuthorizationServer) -> Result<Answer, ApiError> {
    let prefix = call.parameter("q").unwrap_or_default();
    let scopes = server.scopes.values();
    let found = scopes.filter(|scope| scope.name.starts_with(prefix));
    let found = found.map(|scope| show(call, server, scope)).collect();
    call.page(filter::apply(call, found)?, Limits::whole())
}

fn show(call: &Call, server: &AuthorizationServer, scope: &Scope) -> Value {
    let path = format!("authorizationServers/{}/scopes/{}", server.id, scope.id);
    let Scope {
        id,
        name,
        display_name,
        description,
        system,
        metadata_publish,
        consent,
        optional,
        api_resource_id,
        default,
    } = scope;
    json!({
        "id": id,
        "name": name,
        "displayName": display_name,
        "description": description,
        "system": system,
        "metadataPublish": metadata_publish,
        "consent": consent,
        "optional": optional,
        "apiResourceId": api_resource_id,
        "default": default,
        "_links": {"self": links::object(&call.url(&path))},
    })
}

fn store(call: &Call, server: &mut AuthorizationServer, scope: Scope) -> Value {
    let shown = show(call, server, &scope);
    server.scopes.insert(scope.id.clone(), scope);
    shown
}

fn checked(
    call: &Call,
    server: &AuthorizationServer,
    own_id: Option<&str>,
) -> Result<Scope, ApiError> {
    let own = own_id
        .map(|id| find(&server.scopes, id, KIND))
        .transpose()?;
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let name = checks.text("name", body.name);
    let keeps_name = own.is_some_and(|own| own.name == name);
    let is_system = own.is_some_and(|own| own.system);
    // The name of a scope of Okta's own is fixed.
    checks.require("name", keeps_name || (!is_system && is_scope_name(&name)));
    let mut others = server.scopes.values();
    let is_taken = others.any(|other| other.name == name && Some(other.id.as_str()) != own_id);
    checks.unique("name", is_taken);
    checks.require("consent", CONSENTS.contains(&body.consent.as_str()));
    let is_published = PUBLISHED.contains(&body.metadata_publish.as_str());
    checks.require("metadataPublish", is_published);
    checks.finish()?;
    Ok(Scope {
        id: own_id.map_or_else(|| new_id("scp"), str::to_owned),
        name,
        display_name: body.display_name,
        description: body.description,
        system: is_system,
        metadata_publish: body.metadata_publish,
        consent: body.consent,
        optional: body.optional,
        api_resource_id: None,
        default: body.default,
    })
}

/// Printable ASCII but space, quote and backslash; `okta` and `*` are Okta's, and `<…>` is no
/// scope's.
fn is_scope_name(name: &str) -> bool {
    let is_printable =
        |character: char| character.is_ascii_graphic() && character != '"' && character != '\\';
    let is_oktas =
        matches!(name, "okta" | "*") || name.starts_with("okta.") || name.starts_with("okta:");
    let has_brackets = name.contains('<') && name.contains('>');
    name.chars().all(is_printable) && !is_oktas && !has_brackets
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_documents("http://myapp.com/scp/silver", true)]
    #[case::plain("test:something", true)]
    #[case::space("two words", false)]
    #[case::quote("a\"b", false)]
    #[case::backslash("a\\b", false)]
    #[case::umlaut("plänets", false)]
    #[case::okta_dot("okta.users.read", false)]
    #[case::okta_colon("okta:users", false)]
    #[case::okta("okta", false)]
    #[case::star("*", false)]
    #[case::one_bracket("a<b", true)]
    #[case::both_brackets("<b>", false)]
    fn a_scope_name_is_legal_or_not(#[case] name: &str, #[case] legal: bool) {
        assert_eq!(is_scope_name(name), legal);
    }
}
