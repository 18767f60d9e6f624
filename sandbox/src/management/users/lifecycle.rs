//! `/api/v1/users/{id}/lifecycle/…`

use jiff::Timestamp;
use serde_json::json;

use crate::management::call::{Answer, Call};
use crate::management::error::{ApiError, WRONG_USER_STATUS};
use crate::management::kinds::{find, find_mut};
use crate::management::resource::{At, Shown as _};
use crate::state::org::{Org, UserStatus, new_id};

pub(super) fn step(call: &Call, org: &mut Org, id: &str, step: &str) -> Result<Answer, ApiError> {
    use UserStatus::{
        Active, Deprovisioned, LockedOut, PasswordExpired, Provisioned, Recovery, Staged, Suspended,
    };
    let status = find(&org.users, id)?.status;
    match (step, status) {
        ("activate", Staged | Deprovisioned) => activate(call, org, id),
        ("activate", _) => Err(ApiError::already_active()),
        ("reactivate", Provisioned) => Ok(activation(call)),
        // A second time changes nothing: how Okta answers it is not on record.
        ("deactivate", _) => {
            deprovision(org, id, call.now)?;
            Ok(Answer::empty_object())
        }
        ("suspend", Active) => move_to(call, org, id, Suspended),
        ("unsuspend", Suspended) | ("unlock", LockedOut) => move_to(call, org, id, Active),
        ("suspend" | "unsuspend", _) => Err(ApiError::invalid(
            "user",
            vec![WRONG_USER_STATUS.to_owned()],
        )),
        ("unlock", _) => Err(ApiError::unlock_not_allowed()),
        ("expire_password", Active | PasswordExpired | Recovery) => {
            move_to(call, org, id, PasswordExpired)?;
            Ok(Answer::ok(find(&org.users, id)?.show(&At::org(call, org))))
        }
        ("reset_password", Active | PasswordExpired | Recovery | Provisioned | LockedOut) => {
            move_to(call, org, id, Recovery)?;
            Ok(with_token(call, &["resetPasswordUrl"], "reset_password"))
        }
        ("reactivate" | "expire_password" | "reset_password", _) => {
            Err(ApiError::wrong_user_status())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Ends the user's part in everything, until somebody activates them again.
pub(super) fn deprovision(org: &mut Org, id: &str, now: Timestamp) -> Result<(), ApiError> {
    let user = find_mut(&mut org.users, id)?;
    if user.status == UserStatus::Deprovisioned {
        return Ok(());
    }
    user.status = UserStatus::Deprovisioned;
    user.status_changed = Some(now);
    user.stamps.touch(now);
    for application in org.applications.values_mut() {
        application.users.shift_remove(id);
    }
    Ok(())
}

fn activate(call: &Call, org: &mut Org, id: &str) -> Result<Answer, ApiError> {
    let has_password = find(&org.users, id)?.password.is_some();
    let status = if has_password {
        UserStatus::Active
    } else {
        UserStatus::Provisioned
    };
    move_to(call, org, id, status)?;
    find_mut(&mut org.users, id)?.activated = Some(call.now);
    Ok(activation(call))
}

fn activation(call: &Call) -> Answer {
    with_token(call, &["activationUrl", "activationToken"], "welcome")
}

fn move_to(call: &Call, org: &mut Org, id: &str, status: UserStatus) -> Result<Answer, ApiError> {
    let user = find_mut(&mut org.users, id)?;
    user.status = status;
    user.status_changed = Some(call.now);
    user.failed_attempts = 0;
    user.stamps.touch(call.now);
    Ok(Answer::empty_object())
}

/// What would be in the mail, for those who asked that none be sent; the mail is never sent here.
fn with_token(call: &Call, names: &[&str], page: &str) -> Answer {
    if call.defaults_to_true("sendEmail") {
        return Answer::empty_object();
    }
    let token = new_id("");
    let url = format!("{}/{page}/{token}", call.base_url);
    let values = [url, token].into_iter();
    let pairs = names.iter().zip(values);
    Answer::ok(json!(pairs.collect::<std::collections::BTreeMap<_, _>>()))
}
