//! The scopes and claims that every new authorization server has.
//!
//! As recorded by okta/terraform-provider-okta; the `okta.myAccount.*` scopes of some orgs, which
//! no rule of an API speaks of, are left out.

use serde_json::json;

use crate::state::org::{Claim, Scope, Status, Table, new_id};

/// Name, display name and description.
const SCOPES: [(&str, &str, &str); 7] = [
    (
        "openid",
        "openid",
        "Signals that a request is an OpenID request.",
    ),
    (
        "profile",
        "View your profile information.",
        "The exact data varies based on what profile information you have provided, such as: name, time zone, picture, or birthday.",
    ),
    (
        "email",
        "View your email address.",
        "This allows the app to view your email address.",
    ),
    (
        "address",
        "View your address.",
        "This allows the app to view your address, such as: street address, city, state, and zip code.",
    ),
    (
        "phone",
        "View your phone number.",
        "This allows the app to view your phone number.",
    ),
    (
        "offline_access",
        "Keep you signed in to the app.",
        "This keeps you signed in to the app, even when you are not using it.",
    ),
    (
        "device_sso",
        "Request device secret.",
        "This allows you to single sign on between native client applications on your device.",
    ),
];

/// The claims of ID tokens by the scope that brings them, and whether thin ID tokens hold them.
const CLAIMS: [(&str, &str, bool); 18] = [
    ("middle_name", "profile", false),
    ("zoneinfo", "profile", false),
    ("website", "profile", false),
    ("updated_at", "profile", false),
    ("profile", "profile", false),
    ("preferred_username", "profile", true),
    ("picture", "profile", false),
    ("phone_number", "phone", false),
    ("nickname", "profile", false),
    ("name", "profile", true),
    ("locale", "profile", false),
    ("given_name", "profile", false),
    ("gender", "profile", false),
    ("family_name", "profile", false),
    ("email_verified", "email", false),
    ("email", "email", true),
    ("birthdate", "profile", false),
    ("address", "address", false),
];

/// `sub` of access tokens: the login at the application.
const SUBJECT: &str = "(appuser != null) ? appuser.userName : app.clientId";

pub(super) fn scopes() -> Table<Scope> {
    let scopes = SCOPES
        .iter()
        .map(|(name, display_name, description)| Scope {
            id: new_id("scp"),
            name: (*name).to_owned(),
            display_name: Some((*display_name).to_owned()),
            description: Some((*description).to_owned()),
            system: true,
            metadata_publish: "ALL_CLIENTS".to_owned(),
            consent: "IMPLICIT".to_owned(),
            optional: false,
            api_resource_id: None,
            default: false,
        });
    scopes.map(|scope| (scope.id.clone(), scope)).collect()
}

pub(super) fn claims() -> Table<Claim> {
    let subject = Claim {
        kind: "RESOURCE".to_owned(),
        value_type: "EXPRESSION".to_owned(),
        value: SUBJECT.to_owned(),
        conditions: json!({"scopes": []}),
        ..of_id_token("sub", "", true)
    };
    let of_id_tokens = CLAIMS
        .iter()
        .map(|(name, scope, is_always_there)| of_id_token(name, scope, *is_always_there));
    let all = of_id_tokens.chain([subject]);
    all.map(|claim| (claim.id.clone(), claim)).collect()
}

fn of_id_token(name: &str, scope: &str, is_always_there: bool) -> Claim {
    Claim {
        id: new_id("ocl"),
        name: name.to_owned(),
        status: Status::Active,
        kind: "IDENTITY".to_owned(),
        value_type: "SYSTEM".to_owned(),
        value: String::new(),
        conditions: json!({"scopes": [scope]}),
        system: true,
        always_include_in_token: is_always_there,
        api_resource_id: None,
        group_filter_type: None,
    }
}
