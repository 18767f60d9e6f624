//! A user on the wire.

use serde_json::{Map, Value, json};

use crate::management::links;
use crate::management::resource::At;
use crate::management::time::{time, time_or_null};
use crate::state::org::{Org, User, UserStatus};

/// The steps of the life cycle that are open to a user, by the name and path of their links.
fn steps(status: UserStatus) -> &'static [(&'static str, &'static str)] {
    const SUSPEND: (&str, &str) = ("suspend", "lifecycle/suspend");
    const RESET: (&str, &str) = ("resetPassword", "lifecycle/reset_password");
    const FORGOT: (&str, &str) = ("forgotPassword", "credentials/forgot_password");
    const EXPIRE: (&str, &str) = ("expirePassword", "lifecycle/expire_password");
    const QUESTION: (&str, &str) = (
        "changeRecoveryQuestion",
        "credentials/change_recovery_question",
    );
    const FACTORS: (&str, &str) = ("resetFactors", "lifecycle/reset_factors");
    const CHANGE: (&str, &str) = ("changePassword", "credentials/change_password");
    const DEACTIVATE: (&str, &str) = ("deactivate", "lifecycle/deactivate");
    const REACTIVATE: (&str, &str) = ("reactivate", "lifecycle/reactivate");
    const ACTIVATE: (&str, &str) = ("activate", "lifecycle/activate");
    const UNLOCK: (&str, &str) = ("unlock", "lifecycle/unlock");
    const UNSUSPEND: (&str, &str) = ("unsuspend", "lifecycle/unsuspend");
    match status {
        UserStatus::Staged => &[ACTIVATE, FACTORS],
        UserStatus::Deprovisioned => &[ACTIVATE],
        UserStatus::Provisioned | UserStatus::Recovery => {
            &[SUSPEND, RESET, REACTIVATE, FACTORS, DEACTIVATE]
        }
        UserStatus::Active | UserStatus::PasswordExpired => &[
            SUSPEND, RESET, FORGOT, EXPIRE, QUESTION, FACTORS, CHANGE, DEACTIVATE,
        ],
        UserStatus::LockedOut => &[UNLOCK, RESET, FACTORS, DEACTIVATE],
        UserStatus::Suspended => &[UNSUSPEND, RESET, FACTORS, DEACTIVATE],
    }
}

/// A user who was asked for alone, with links to all that can be done.
pub(super) fn show(at: &At<'_>, user: &User) -> Value {
    let At { call, org, .. } = at;
    let url = call.url(&format!("users/{}", user.id));
    let schema = call.url(&format!("meta/schemas/user/{}", org.related_id("osc")));
    let kind = call.url(&format!("meta/types/user/{}", org.related_id("oty")));
    let mut links = Map::from_iter([
        ("self".to_owned(), links::plain(&url)),
        ("schema".to_owned(), links::plain(schema)),
        ("type".to_owned(), links::plain(kind)),
    ]);
    for (name, path) in steps(user.status) {
        let link = json!({"href": format!("{url}/{path}"), "method": "POST"});
        links.insert((*name).to_owned(), link);
    }
    with_links(org, user, &Value::Object(links))
}

/// A user in a list, with no link but `self`.
pub(super) fn show_in_list(at: &At<'_>, user: &User) -> Value {
    let url = at.call.url(&format!("users/{}", user.id));
    with_links(at.org, user, &json!({"self": links::plain(url)}))
}

fn with_links(org: &Org, user: &User, links: &Value) -> Value {
    let mut profile = Map::from_iter([
        ("mobilePhone".to_owned(), Value::Null),
        ("secondEmail".to_owned(), Value::Null),
    ]);
    profile.extend(user.profile.clone());
    let mut credentials = json!({"provider": {"type": "OKTA", "name": "OKTA"}});
    if user.password.is_some()
        && let Value::Object(credentials) = &mut credentials
    {
        credentials.insert("password".to_owned(), json!({}));
    }
    json!({
        "id": user.id,
        "status": user.status,
        "created": time(user.stamps.created),
        "activated": time_or_null(user.activated),
        "statusChanged": time_or_null(user.status_changed),
        "lastLogin": time_or_null(user.last_login),
        "lastUpdated": time(user.stamps.last_updated),
        "passwordChanged": time_or_null(user.password_changed),
        "realmId": org.related_id("guo"),
        "type": {"id": org.related_id("oty")},
        "profile": profile,
        "credentials": credentials,
        "_links": links,
    })
}
