//! What the client says beyond the model, without changing who gets what.

use serde_json::{Map, Value};

use super::client::{PLACE, client, network};
use super::context::Context;
use super::drift::{Compared, Drift, no_drift};
use super::found::Code;
use super::refresh_audit;
use super::see;
use super::step::Step;
use super::trial::{Fix, Trial};
use crate::management::found::FoundApplication;
use crate::model::{self, AUTHORIZATION_CODE, OrgModel};
use crate::observation::{Need, Seen};

/// What Okta calls users in an application unless somebody changed it, as recorded.
const LOGIN_TEMPLATE: &str = "${source.login}";
/// What every recorded client names.
const CONSENT: &str = "settings.oauthClient.consent_method";
const TEMPLATE: &str = "credentials.userNameTemplate.template";
/// Settings of a client that decide nothing about who gets what, by Okta's API description
/// (`OpenIdConnectApplicationSettingsClient`): what people are shown, where a sign-out goes, how a
/// client gets tokens by grant types that are looked at themselves, and keys for those who use
/// them. `wildcard_redirect`, `dpop_bound_access_tokens` and `refresh_token` have trials.
const OF_NO_ACCOUNT: [&str; 16] = [
    "backchannel_authentication_request_signing_alg",
    "backchannel_custom_authenticator_id",
    "backchannel_token_delivery_mode",
    "client_uri",
    "dpop_bound_access_tokens",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "initiate_login_uri",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "participate_slo",
    "policy_uri",
    "refresh_token",
    "tos_uri",
    "wildcard_redirect",
];
/// The settings that are compared.
const COMPARED: [&str; 7] = [
    "id_token_encrypted_response_alg",
    "idp_initiated_login",
    "issuer_mode",
    "network",
    "request_object_signing_alg",
    "sector_identifier_uri",
    "subject_type",
];
/// The issuer has the domain that was asked.
const DYNAMIC: &str = "DYNAMIC";

/// The issuer mode of the authorization server: tokens of one client should name one domain.
fn issuer_mode(context: &Context<'_>) -> String {
    let server = context.seen.org.server.as_ref().ok();
    let server = server.and_then(Option::as_ref);
    let mode = server.and_then(|server| server.issuer_mode.clone());
    mode.filter(|mode| mode != DYNAMIC)
        .unwrap_or_else(|| "ORG_URL".to_owned())
}

/// The client differs from the model in nothing that no other trial is about.
pub(super) fn client_drift(model: &OrgModel, has_pkce_trial: bool) -> Trial {
    let wanted = model.client.clone();
    let fix = Fix::new(PLACE, "PUT /api/v1/apps/{appId}");
    let name = "the_client_differs_in_nothing_else";
    no_drift(
        Step::Client,
        Code::ClientDrift,
        name,
        see::APPLICATIONS,
        [Need::Client],
        fix,
        move |context| compared(context, &wanted, has_pkce_trial),
    )
}

/// Whether the client calls its users by something else than their logins.
pub(super) fn has_another_template(context: &Context<'_>) -> Seen<bool> {
    let template = &client(context)?.credentials.user_name_template.template;
    Ok(template
        .as_ref()
        .is_some_and(|found| found != LOGIN_TEMPLATE))
}

fn compared(context: &Context<'_>, wanted: &model::Client, has_pkce_trial: bool) -> Seen<Compared> {
    let found = client(context)?;
    let settings = &found.settings.oauth_client;
    let consents = if wanted.asks_for_consent {
        "REQUIRED"
    } else {
        "TRUSTED"
    };
    let consent = settings.consent_method.as_deref().map(Value::from);
    let template = found.credentials.user_name_template.template.as_deref();
    let template = template.map(Value::from);
    let own: Vec<&str> = wanted.grant_types.iter().map(String::as_str).collect();
    let kinds: Vec<&str> = wanted.response_types.iter().map(String::as_str).collect();
    let pkce = found.credentials.oauth_client.pkce_required;
    // It is of the code flow alone (RFC 7636).
    let uses_code = own.contains(&AUTHORIZATION_CODE);
    let pkce = pkce.filter(|_| uses_code && !has_pkce_trial);
    let pkce = pkce.map(Value::from);
    let more = [
        Drift::extra(
            "settings.oauthClient.grant_types",
            &own,
            settings.grant_types.iter().map(String::as_str),
        ),
        Drift::extra(
            "settings.oauthClient.response_types",
            &kinds,
            settings.response_types.iter().map(String::as_str),
        ),
        Drift::of(
            "credentials.oauthClient.pkce_required",
            &wanted.requires_pkce().into(),
            pkce.as_ref(),
        ),
    ];
    let leeway = refresh_audit::leeway_drift(wanted, found);
    let self_service = found.accessibility.self_service.map(Value::from);
    let hook = found.settings.inline_hook_id.as_deref().map(Value::from);
    let beside = [
        Drift::of(
            "accessibility.selfService",
            &false.into(),
            self_service.as_ref(),
        ),
        Drift::of("settings.inlineHookId", &Value::Null, hook.as_ref()),
    ];
    let more = more.into_iter().chain(beside).flatten().chain(leeway);
    let lists = [
        ("settings.oauthClient.grant_types", &settings.grant_types),
        (
            "settings.oauthClient.response_types",
            &settings.response_types,
        ),
    ];
    let untold = lists.into_iter().filter(|(_, list)| !list.is_told());
    let compared: Compared = fields_drift(context, found).chain(more).collect();
    let mut compared = compared.without(untold.map(|(path, _)| path.to_owned()));
    compared.told(CONSENT, &consents.into(), consent.as_ref());
    compared.told(TEMPLATE, &LOGIN_TEMPLATE.into(), template.as_ref());
    let unknown = unknown(&settings.other);
    Ok(compared.beside(unknown))
}

/// Single settings that the model says nothing of: each has one value that decides nothing more.
fn fields_drift(context: &Context<'_>, found: &FoundApplication) -> impl Iterator<Item = Drift> {
    let connection = network(found).and_then(|network| network.get("connection"));
    let other = |name: &str| found.settings.oauth_client.other.get(name);
    let fields = [
        ("network.connection", "ANYWHERE".into(), connection),
        (
            "issuer_mode",
            issuer_mode(context).into(),
            other("issuer_mode").filter(|mode| **mode != *DYNAMIC),
        ),
        ("subject_type", "public".into(), other("subject_type")),
        (
            "idp_initiated_login.mode",
            "DISABLED".into(),
            other("idp_initiated_login").and_then(|login| login.get("mode")),
        ),
        (
            "request_object_signing_alg",
            Value::Null,
            other("request_object_signing_alg"),
        ),
        (
            "sector_identifier_uri",
            Value::Null,
            other("sector_identifier_uri"),
        ),
        (
            "id_token_encrypted_response_alg",
            Value::Null,
            other("id_token_encrypted_response_alg"),
        ),
    ];
    fields.into_iter().filter_map(|(path, wanted, found)| {
        Drift::of(&format!("settings.oauthClient.{path}"), &wanted, found)
    })
}

/// Settings that Okta's API description does not have, so that nobody knows what they do.
fn unknown(other: &Map<String, Value>) -> Vec<String> {
    let is_known = |name: &str| OF_NO_ACCOUNT.contains(&name) || COMPARED.contains(&name);
    let unknown = other.iter().filter(|(name, value)| {
        let says = !value.is_null() && **value != Value::Bool(false);
        says && !is_known(name)
    });
    unknown
        .map(|(name, _)| format!("settings.oauthClient.{name}"))
        .collect()
}
