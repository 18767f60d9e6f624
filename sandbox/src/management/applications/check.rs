//! What an application may be.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::management::call::Call;
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::state::org::{Application, OAuthClientCredentials, OAuthClientSettings};

const APPLICATION_TYPES: [&str; 4] = ["web", "browser", "native", "service"];
const RESPONSE_TYPES: [&str; 3] = ["code", "token", "id_token"];
const AUTH_METHODS: [&str; 5] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
];

/// The grant types that end at a redirect URI.
const REDIRECTING: [&str; 2] = ["authorization_code", "implicit"];

/// An application as sent, found to be fit.
pub(super) struct Checked {
    pub(super) label: String,
    pub(super) credentials: OAuthClientCredentials,
    pub(super) client_secret: Option<String>,
    pub(super) settings: OAuthClientSettings,
    /// Everything that was sent.
    pub(super) other: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Option<String>,
    label: Option<String>,
    sign_on_mode: Option<String>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    settings: Settings,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Credentials {
    oauth_client: ClientCredentials,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ClientCredentials {
    #[serde(rename = "autoKeyRotation")]
    auto_key_rotation: Option<bool>,
    token_endpoint_auth_method: Option<String>,
    pkce_required: Option<bool>,
    client_secret: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    oauth_client: Option<OAuthClientSettings>,
}

/// The application in the call; `own` is the one it replaces.
pub(super) fn checked(call: &Call, own: Option<&Application>) -> Result<Checked, ApiError> {
    let other: Map<String, Value> = call.json()?;
    let is_object = |key: &str| other.get(key).is_none_or(Value::is_object);
    if !(is_object("settings") && is_object("credentials")) {
        return Err(ApiError::malformed());
    }
    let body: Body = call.json()?;
    let mut checks = Checks::default();
    let label = checks.text("label", body.label);
    let sign_on_mode = body.sign_on_mode.as_deref();
    // Applications of other kinds have no part in protecting an API.
    checks.require("signOnMode", sign_on_mode == Some("OPENID_CONNECT"));
    let name = body.name.as_deref().unwrap_or(super::view::NAME);
    checks.require("name", name == super::view::NAME);
    let Some(settings) = body.settings.oauth_client else {
        checks.require("settings.oauthClient", false);
        checks.finish()?;
        return Err(ApiError::malformed());
    };
    check_settings(&mut checks, &settings, own);
    let client = body.credentials.oauth_client;
    let client_secret = client.client_secret.clone();
    let credentials = with_defaults(client, &settings, own);
    let method = credentials.token_endpoint_auth_method.as_str();
    checks.require("token_endpoint_auth_method", AUTH_METHODS.contains(&method));
    checks.finish()?;
    Ok(Checked {
        label,
        credentials,
        client_secret,
        settings,
        other,
    })
}

fn with_defaults(
    sent: ClientCredentials,
    settings: &OAuthClientSettings,
    own: Option<&Application>,
) -> OAuthClientCredentials {
    let own = own.map(|own| &own.credentials);
    let is_public = matches!(settings.application_type.as_str(), "browser" | "native");
    let method = sent.token_endpoint_auth_method;
    let method = method.or_else(|| Some(own?.token_endpoint_auth_method.clone()));
    let pkce_required = sent.pkce_required.or_else(|| Some(own?.pkce_required));
    OAuthClientCredentials {
        auto_key_rotation: sent.auto_key_rotation.unwrap_or(true),
        token_endpoint_auth_method: method.unwrap_or_else(|| "client_secret_basic".to_owned()),
        pkce_required: pkce_required.unwrap_or(is_public),
    }
}

/// A web or native client has the authorization code (Okta's API reference of applications: "Must
/// have at least `authorization_code`"). That response types and grant types fit each other is not
/// asked: whether Okta does is not on record.
fn check_settings(checks: &mut Checks, sent: &OAuthClientSettings, own: Option<&Application>) {
    let kind = sent.application_type.as_str();
    let keeps_kind = own.is_none_or(|own| own.settings.application_type == kind);
    checks.require(
        "application_type",
        keeps_kind && APPLICATION_TYPES.contains(&kind),
    );
    let mut response_types = sent.response_types.iter();
    checks.require(
        "response_types",
        response_types.all(|response_type| RESPONSE_TYPES.contains(&response_type.as_str())),
    );
    let has_grant = |wanted: &str| sent.grant_types.iter().any(|grant| grant == wanted);
    checks.require("grant_types", !sent.grant_types.is_empty());
    if matches!(kind, "web" | "native") && !has_grant("authorization_code") {
        let cause = format!(
            "grant_types: 'grant_types' must contain 'authorization_code' when \
             'application_type' is '{kind}'."
        );
        checks.blame("grant_types", cause);
    }
    let proves_possession = sent.other.get("dpop_bound_access_tokens") == Some(&Value::Bool(true));
    checks.require(
        "dpop_bound_access_tokens",
        !(proves_possession && has_grant("implicit")),
    );
    let redirects = REDIRECTING.iter().any(|grant| has_grant(grant));
    let wildcard = sent.other.get("wildcard_redirect").and_then(Value::as_str);
    let takes_wildcard = wildcard == Some("SUBDOMAIN");
    let uris = &sent.redirect_uris;
    checks.require(
        "redirect_uris",
        (!redirects || !uris.is_empty())
            && uris.iter().all(|uri| is_redirect_uri(uri, takes_wildcard)),
    );
}

/// Absolute, without a fragment; a `*` only as the lowest label of an https host.
fn is_redirect_uri(text: &str, takes_wildcard: bool) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let has_legal_wildcard = takes_wildcard
        && text.matches('*').count() == 1
        && url.scheme() == "https"
        && text.starts_with("https://*");
    url.fragment().is_none() && (!text.contains('*') || has_legal_wildcard)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::local("http://localhost:8080/cb", false, true)]
    #[case::own_scheme("com.example.app:/callback", false, true)]
    #[case::relative("/cb", false, false)]
    #[case::fragment("http://localhost:8080/cb#top", false, false)]
    #[case::wildcard("https://*.example.com/cb", true, true)]
    #[case::wildcard_not_wanted("https://*.example.com/cb", false, false)]
    #[case::wildcard_without_tls("http://*.example.com/cb", true, false)]
    #[case::wildcard_in_the_path("https://example.com/*", true, false)]
    fn a_redirect_uri_is_legal_or_not(
        #[case] uri: &str,
        #[case] takes_wildcard: bool,
        #[case] legal: bool,
    ) {
        assert_eq!(is_redirect_uri(uri, takes_wildcard), legal);
    }
}
