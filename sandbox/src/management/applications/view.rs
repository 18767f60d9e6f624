//! An application on the wire.

use serde_json::{Map, Value, json};

use crate::management::links::{link, plain};
use crate::management::resource::At;
use crate::management::time::time;
use crate::state::org::{Application, Org, Status};

/// The name of all OpenID Connect applications made by hand.
pub(super) const NAME: &str = "oidc_client";

/// An application, with everything that was sent and has no effect here.
pub(super) fn show(at: &At<'_>, application: &Application) -> Value {
    let mut shown = defaults();
    merge(&mut shown, &Value::Object(application.other.clone()));
    merge(&mut shown, &known(at.org, application));
    // Whatever the sender thought of these is replaced, not merged.
    shown["settings"]["oauthClient"] = settings(application);
    shown["credentials"]["oauthClient"] = credentials(application);
    shown["_links"] = links(at, application);
    shown
}

/// The same with the client secret.
pub(super) fn show_with_secret(at: &At<'_>, application: &Application) -> Value {
    let mut shown = show(at, application);
    if let Some(secret) = &application.client_secret {
        shown["credentials"]["oauthClient"]["client_secret"] = json!(secret);
    }
    shown
}

/// What Okta says of things nobody has set.
fn defaults() -> Value {
    json!({
        "accessibility": {
            "selfService": false,
            "errorRedirectUrl": null,
            "loginRedirectUrl": null,
        },
        "visibility": {
            "autoLaunch": false,
            "autoSubmitToolbar": false,
            "hide": {"iOS": true, "web": true},
            "appLinks": {"oidc_client_link": true},
        },
        "features": [],
        "credentials": {
            "userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
            "signing": {},
        },
        "universalLogout": null,
        "settings": {
            "app": {},
            "notifications": {
                "vpn": {"network": {"connection": "DISABLED"}, "message": null, "helpUrl": null},
            },
            "manualProvisioning": false,
            "implicitAssignment": false,
            "emOptInStatus": "NONE",
            "notes": {"admin": null, "enduser": null},
        },
    })
}

fn known(org: &Org, application: &Application) -> Value {
    let Application { id, label, .. } = application;
    json!({
        "id": id,
        "orn": format!("orn:okta:idp:{}:apps:{NAME}:{id}", org.id),
        "name": NAME,
        "label": label,
        "status": application.status,
        "lastUpdated": time(application.stamps.last_updated),
        "created": time(application.stamps.created),
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"signing": {"kid": org.related_id("kid")}},
    })
}

fn credentials(application: &Application) -> Value {
    let credentials = &application.credentials;
    json!({
        "autoKeyRotation": credentials.auto_key_rotation,
        "client_id": application.id,
        "token_endpoint_auth_method": credentials.token_endpoint_auth_method,
        "pkce_required": credentials.pkce_required,
    })
}

fn settings(application: &Application) -> Value {
    let settings = &application.settings;
    let mut shown = json!({
        "client_uri": null,
        "logo_uri": null,
        "issuer_mode": "ORG_URL",
        "idp_initiated_login": {"mode": "DISABLED", "default_scope": []},
        "wildcard_redirect": "DISABLED",
        "dpop_bound_access_tokens": false,
        "participate_slo": false,
    });
    merge(&mut shown, &Value::Object(settings.other.clone()));
    let known = json!({
        "redirect_uris": settings.redirect_uris,
        "response_types": settings.response_types,
        "grant_types": settings.grant_types,
        "application_type": settings.application_type,
        "consent_method": settings.consent_method,
    });
    merge(&mut shown, &known);
    if !settings.post_logout_redirect_uris.is_empty() {
        shown["post_logout_redirect_uris"] = json!(settings.post_logout_redirect_uris);
    }
    shown
}

fn links(at: &At<'_>, application: &Application) -> Value {
    let At { call, org, .. } = at;
    let Application { id, status, .. } = application;
    let url = call.url(&format!("apps/{id}"));
    let policy = |id: &str| call.url(&format!("policies/{id}"));
    let home = format!("{}/home/{NAME}/{id}/aln", call.base_url);
    let logo = format!("{}/img/logos/default.png", call.base_url);
    let step = match status {
        Status::Active => "deactivate",
        Status::Inactive => "activate",
    };
    let mut links = json!({
        "uploadLogo": link(format!("{url}/logo"), &["POST"]),
        "appLinks": [{"name": "oidc_client_link", "href": home, "type": "text/html"}],
        "profileEnrollment": plain(policy(&org.related_id("rse"))),
        "policies": link(format!("{url}/policies"), &["PUT"]),
        "groups": plain(format!("{url}/groups")),
        "logo": [{"name": "medium", "href": logo, "type": "image/png"}],
        "clientCredentials": [{"name": "secrets", "href": format!("{url}/credentials/secrets")}],
        "users": plain(format!("{url}/users")),
    });
    if let Some(assigned) = org.sign_in_policy(application) {
        links["accessPolicy"] = plain(policy(&assigned.id));
    }
    links[step] = plain(format!("{url}/lifecycle/{step}"));
    links
}

/// Lays one object over another, key by key; null and everything else that is no object replaces.
fn merge(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => merge_objects(below, above),
        (below, above) => *below = above.clone(),
    }
}

fn merge_objects(below: &mut Map<String, Value>, above: &Map<String, Value>) {
    for (key, value) in above {
        merge(below.entry(key).or_insert(Value::Null), value);
    }
}
