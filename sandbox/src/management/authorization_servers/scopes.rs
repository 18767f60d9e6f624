//! `/api/v1/authorizationServers/{id}/scopes`

use serde::Deserialize;
use serde_json::{Value, json};

use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{Object as _, is_taken};
use crate::management::links;
use crate::management::resource::{At, Resource, Shown};
use crate::state::org::{Org, Scope, new_id};

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

impl Shown for Scope {
    fn show(&self, at: &At<'_>) -> Value {
        let server = at.within.first().copied().unwrap_or_default();
        let path = format!("authorizationServers/{server}/scopes/{}", self.id);
        json!({
            "id": self.id,
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "system": self.system,
            "metadataPublish": self.metadata_publish,
            "consent": self.consent,
            "optional": self.optional,
            "apiResourceId": self.api_resource_id,
            "default": self.default,
            "_links": {"self": links::object(&at.call.url(&path))},
        })
    }

    fn is_found_by(&self, _: &At<'_>, q: &str) -> bool {
        self.name.starts_with(q)
    }
}

impl Resource for Scope {
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError> {
        let body: Body = at.call.json()?;
        let mut checks = Checks::default();
        let name = checks.text("name", body.name);
        let keeps_name = own.is_some_and(|own| own.name == name);
        let is_system = own.is_some_and(|own| own.system);
        // The name of a scope of Okta's own is fixed.
        checks.require("name", keeps_name || (!is_system && is_scope_name(&name)));
        let scopes = Self::table(at.org, at.within)?;
        let taken = is_taken(scopes, own, |other| other.name == name);
        checks.unique("name", taken);
        checks.require("consent", CONSENTS.contains(&body.consent.as_str()));
        let is_published = PUBLISHED.contains(&body.metadata_publish.as_str());
        checks.require("metadataPublish", is_published);
        checks.finish()?;
        Ok(Self {
            id: own.map_or_else(|| new_id("scp"), |own| own.id.clone()),
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

    fn check_deletion(&self, _: &Org) -> Result<(), ApiError> {
        ApiError::forbidden_if(self.system)
    }
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
