//! Making and changing users.

use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::password;
use crate::management::call::{Answer, Call};
use crate::management::checks::Checks;
use crate::management::error::ApiError;
use crate::management::kinds::{find, find_mut};
use crate::management::resource::{At, Shown as _};
use crate::state::org::{Org, Stamps, Table, User, UserStatus, new_id};

/// The attributes of Okta's default user profile.
const ATTRIBUTES: [&str; 31] = [
    "login",
    "firstName",
    "lastName",
    "middleName",
    "honorificPrefix",
    "honorificSuffix",
    "email",
    "title",
    "displayName",
    "nickName",
    "profileUrl",
    "secondEmail",
    "mobilePhone",
    "primaryPhone",
    "streetAddress",
    "city",
    "state",
    "zipCode",
    "countryCode",
    "postalAddress",
    "preferredLanguage",
    "locale",
    "timezone",
    "userType",
    "employeeNumber",
    "costCenter",
    "organization",
    "division",
    "department",
    "managerId",
    "manager",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    profile: Map<String, Value>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    group_ids: IndexSet<String>,
}

#[derive(Deserialize, Default)]
struct Credentials {
    #[serde(default)]
    password: Option<Password>,
}

/// A hashed password is taken and never fits: this org cannot check it.
#[derive(Deserialize)]
struct Password {
    value: Option<String>,
}

impl Body {
    fn password(&self) -> Option<&str> {
        let password = self.credentials.password.as_ref()?;
        password.value.as_deref()
    }
}

pub(super) fn create(call: &Call, org: &mut Org) -> Result<Answer, ApiError> {
    let body: Body = call.json()?;
    let profile = without_nulls(&body.profile);
    check(org, None, "newUser", &profile, body.password())?;
    for id in &body.group_ids {
        find(&org.groups, id)?;
    }
    let activates = call.defaults_to_true("activate");
    let status = match body.password() {
        _ if !activates => UserStatus::Staged,
        None => UserStatus::Provisioned,
        Some(_) if call.parameter("nextLogin") == Some("changePassword") => {
            UserStatus::PasswordExpired
        }
        Some(_) => UserStatus::Active,
    };
    let user = User {
        id: new_id("00u"),
        status,
        stamps: Stamps::new(call.now),
        activated: activates.then_some(call.now),
        status_changed: activates.then_some(call.now),
        last_login: None,
        password_changed: body.password().map(|_| call.now),
        profile,
        password: body.password().map(str::to_owned),
        failed_attempts: 0,
        passkeys: Table::new(),
    };
    for id in &body.group_ids {
        let group = find_mut(&mut org.groups, id)?;
        group.members.insert(user.id.clone());
        group.last_membership_updated = call.now;
    }
    let answer = Answer::ok(user.show(&At::org(call, org)));
    org.users.insert(user.id.clone(), user);
    Ok(answer)
}

/// What is not sent stays.
pub(super) fn merge(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    let body: Body = call.json()?;
    let mut profile = find(&org.users, id)?.profile.clone();
    profile.extend(body.profile.clone());
    change(call, org, id, &body, &profile)
}

/// What is not sent is gone, except the credentials.
pub(super) fn replace(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    let body: Body = call.json()?;
    change(call, org, id, &body, &body.profile)
}

fn change(
    call: &Call,
    org: &mut Org,
    id: &str,
    body: &Body,
    profile: &Map<String, Value>,
) -> Result<Answer, ApiError> {
    if find(&org.users, id)?.status == UserStatus::Deprovisioned {
        return Err(ApiError::wrong_user_status());
    }
    let profile = without_nulls(profile);
    check(org, Some(id), "user", &profile, body.password())?;
    let user = find_mut(&mut org.users, id)?;
    user.profile = profile;
    user.stamps.touch(call.now);
    if let Some(password) = body.password() {
        user.password = Some(password.to_owned());
        user.password_changed = Some(call.now);
        let waits_for_password = matches!(
            user.status,
            UserStatus::Provisioned | UserStatus::Recovery | UserStatus::PasswordExpired
        );
        if waits_for_password {
            user.status = UserStatus::Active;
            user.status_changed = Some(call.now);
        }
    }
    let user = find(&org.users, id)?;
    Ok(Answer::ok(user.show(&At::org(call, org))))
}

fn without_nulls(profile: &Map<String, Value>) -> Map<String, Value> {
    let set = profile.iter().filter(|(_, value)| !value.is_null());
    set.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn check(
    org: &Org,
    own_id: Option<&str>,
    object: &str,
    profile: &Map<String, Value>,
    password: Option<&str>,
) -> Result<(), ApiError> {
    let mut checks = Checks::default();
    for name in profile.keys() {
        if !ATTRIBUTES.contains(&name.as_str()) {
            let cause = format!("Property name '{name}' is not defined in profile");
            checks.blame(object, cause);
        }
    }
    let text = |key: &str| profile.get(key).and_then(Value::as_str).map(str::to_owned);
    let login = checks.text("login", text("login"));
    for key in ["firstName", "lastName"] {
        checks.text(key, text(key));
    }
    let email = checks.text("email", text("email"));
    checks.require("email", email.is_empty() || is_address(&email));
    // An org's default asks for logins in the form of an email address.
    checks.require("login", login.is_empty() || is_address(&login));
    let namesake = org.user_by_login(&login);
    checks.unique(
        "login",
        namesake.is_some_and(|other| Some(other.id.as_str()) != own_id),
    );
    if password.is_some_and(|password| !password::is_acceptable(password, &login)) {
        checks.blame("password", format!("password: {}", password::REQUIREMENTS));
    }
    checks.finish()
}

fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let is_word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    parts.is_some_and(|(name, domain)| is_word(name) && is_word(domain))
}
