//! `/api/v1/apps/{id}/users`

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::management::call::{Answer, Call};
use crate::management::error::ApiError;
use crate::management::kinds::{find, find_mut};
use crate::management::links::plain;
use crate::management::page::Limits;
use crate::management::time::time;
use crate::state::org::{AppUser, Application, Org, Stamps, User, UserStatus};

/// The name of an assignment in Okta's texts.
const ASSIGNMENT: &str = "AppUser";

const LIMITS: Limits = Limits::of(50, 500);

/// The attributes of the profile that Okta gives users of OpenID Connect applications.
const ATTRIBUTES: [&str; 20] = [
    "street_address",
    "country",
    "website",
    "zoneinfo",
    "birthdate",
    "gender",
    "formatted",
    "profile",
    "locality",
    "given_name",
    "middle_name",
    "locale",
    "picture",
    "name",
    "nickname",
    "phone_number",
    "region",
    "postal_code",
    "family_name",
    "email",
];

#[derive(Deserialize)]
struct Body {
    id: Option<String>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    profile: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    user_name: Option<String>,
}

pub(super) fn route(
    call: &Call,
    org: &mut Org,
    id: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    let application_found = find(&org.applications, id)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let users = org.users.values();
            let assigned = users.filter_map(|user| show(call, org, application_found, user));
            call.page(assigned.collect(), LIMITS)
        }
        ("POST", []) => assign(call, org, id, None),
        ("POST", [user]) => assign(call, org, id, Some(user)),
        ("GET", [user]) => shown(call, org, id, user),
        ("DELETE", [user]) => {
            // Whoever is assigned through a group is not unassigned alone.
            let removed = find_mut(&mut org.applications, id)?
                .users
                .shift_remove(*user);
            removed.ok_or_else(|| ApiError::not_found(user, ASSIGNMENT))?;
            Ok(Answer::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn shown(call: &Call, org: &Org, id: &str, user: &str) -> Result<Answer, ApiError> {
    find(&org.applications, id)?;
    assignment(call, org, id, user)
        .map(Answer::ok)
        .ok_or_else(|| ApiError::not_found(user, ASSIGNMENT))
}

/// The assignment of a user to an application, if there is one.
pub(super) fn assignment(call: &Call, org: &Org, id: &str, user: &str) -> Option<Value> {
    let application = org.applications.get(id)?;
    show(call, org, application, org.users.get(user)?)
}

/// `user` is in the path when an assignment is changed, in the body when it is made.
fn assign(call: &Call, org: &mut Org, id: &str, user: Option<&str>) -> Result<Answer, ApiError> {
    let body: Body = call.json()?;
    let user = user.map(str::to_owned).or(body.id).unwrap_or_default();
    let found = find(&org.users, &user)?;
    if found.status == UserStatus::Deprovisioned {
        return Err(ApiError::wrong_user_status());
    }
    let login = found.login().to_owned();
    let known = find(&org.applications, id)?.users.get(&user);
    let mut stamps = known.map_or_else(|| Stamps::new(call.now), |known| known.stamps);
    stamps.touch(call.now);
    let assignment = AppUser {
        stamps,
        user_name: body.credentials.user_name.unwrap_or(login),
        profile: Value::Object(body.profile),
    };
    let application = find_mut(&mut org.applications, id)?;
    application.users.insert(user.clone(), assignment);
    shown(call, org, id, &user)
}

/// The assignment of the user to the application, direct or through a group, if there is one.
fn show(call: &Call, org: &Org, application: &Application, user: &User) -> Option<Value> {
    let direct = application.users.get(&user.id);
    let is_deprovisioned = user.status == UserStatus::Deprovisioned;
    if is_deprovisioned || !org.is_assigned(&user.id, application) {
        return None;
    }
    let stamps = direct.map_or(user.stamps, |direct| direct.stamps);
    let user_name = direct.map_or(user.login(), |direct| direct.user_name.as_str());
    Some(json!({
        "id": user.id,
        "externalId": null,
        "created": time(stamps.created),
        "lastUpdated": time(stamps.last_updated),
        "scope": direct.map_or("GROUP", |_| "USER"),
        "status": "ACTIVE",
        "statusChanged": time(stamps.created),
        "passwordChanged": null,
        "syncState": "DISABLED",
        "credentials": {"userName": user_name},
        "profile": profile(user, direct),
        "_links": {
            "app": plain(call.url(&format!("apps/{}", application.id))),
            "user": plain(call.url(&format!("users/{}", user.id))),
        },
    }))
}

/// What the assignment says, else what the user's own profile says.
fn profile(user: &User, direct: Option<&AppUser>) -> Value {
    let empty = ATTRIBUTES.map(|name| (name.to_owned(), Value::Null));
    let mut profile = Map::from_iter(empty);
    let full_name = format!("{} {}", user.text("firstName"), user.text("lastName"));
    let own = [
        ("given_name", user.text("firstName")),
        ("family_name", user.text("lastName")),
        ("name", full_name.as_str()),
        ("email", user.text("email")),
        ("locale", "en_US"),
        ("zoneinfo", "America/Los_Angeles"),
    ];
    profile.extend(own.map(|(name, value)| (name.to_owned(), json!(value))));
    if let Some(Value::Object(sent)) = direct.map(|direct| &direct.profile) {
        profile.extend(sent.clone());
    }
    Value::Object(profile)
}
