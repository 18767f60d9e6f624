//! Passwords: right, wrong, expired, and the lockout.

use jiff::Timestamp;

use crate::fault::Fault;
use crate::state::AppState;
use crate::state::org::{User, UserStatus};

/// What a typed password comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    /// Right, and a new one is due.
    Expired,
    Wrong,
    LockedOut,
    /// There is nobody to sign in.
    Nobody,
}

/// The user who may be asked for a password: whoever cannot have one is as good as unknown.
pub(super) fn known_user(state: &AppState, login: &str) -> Option<String> {
    let org = state.org();
    let may_be_asked = |user: &&User| {
        let status = user.status;
        let has_one = matches!(
            status,
            UserStatus::Active | UserStatus::PasswordExpired | UserStatus::LockedOut
        );
        has_one && user.password.is_some()
    };
    let user = org.user_by_login(login.trim()).filter(may_be_asked);
    user.map(|user| user.id.clone())
}

/// Counts wrong passwords and locks the user out when there were too many.
pub(super) fn check(state: &AppState, user_id: &str, typed: &str) -> Checked {
    let mut org = state.org();
    let Some(user) = org.users.get_mut(user_id) else {
        return Checked::Nobody;
    };
    let is_right =
        user.password.as_deref() == Some(typed) || state.fault() == Some(Fault::AnyPassword);
    match user.status {
        UserStatus::Active | UserStatus::PasswordExpired if !is_right => {
            user.failed_attempts += 1;
            if user.failed_attempts < state.options.lockout_after {
                return Checked::Wrong;
            }
            enter(user, UserStatus::LockedOut);
            Checked::LockedOut
        }
        UserStatus::Active => {
            user.failed_attempts = 0;
            user.last_login = Some(Timestamp::now());
            Checked::Right
        }
        UserStatus::PasswordExpired => Checked::Expired,
        UserStatus::LockedOut => Checked::LockedOut,
        // The status changed while the page was open.
        _ => Checked::Nobody,
    }
}

fn enter(user: &mut User, status: UserStatus) {
    user.status = status;
    user.status_changed = Some(Timestamp::now());
}

/// Takes a new password.
pub(super) fn set(state: &AppState, user_id: &str, password: String) {
    if let Some(user) = state.org().users.get_mut(user_id) {
        user.password = Some(password);
        user.password_changed = Some(Timestamp::now());
        user.failed_attempts = 0;
        enter(user, UserStatus::Active);
    }
}
