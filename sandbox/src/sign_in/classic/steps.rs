//! The steps of Classic Engine, by their addresses below `/api/v1/authn/`.

use super::answer::FACTOR_ID;
use super::call::{Call, Move};
use super::chain;
use crate::decision::consent as consents;
use crate::options::Detour;
use crate::sign_in::message::Message;
use crate::sign_in::onward::login;
use crate::sign_in::password::{self, Checked};
use crate::sign_in::totp;
use crate::state::AppState;
use crate::state::sign_in::At;

/// What a call to an address does.
pub(super) type Step = fn(&AppState, &Call) -> Move;

/// Every step of a sign-in under way.
pub(super) const STEPS: [(&str, Step); 6] = [
    ("skip", skip),
    ("credentials/change_password", change_password),
    ("factors", enrol),
    ("factors/{id}/verify", verify),
    ("factors/{id}/lifecycle/activate", activate),
    ("consent", consent),
];

/// Only what is no must can be skipped.
fn skip(_: &AppState, call: &Call) -> Move {
    match call.authn.at {
        At::Detour(detour @ (Detour::ExpiryWarning | Detour::OptionalEnrolment)) => {
            Move::On(vec![detour])
        }
        _ => Move::Stay,
    }
}

/// A new password in place of one that has expired or soon will.
fn change_password(state: &AppState, call: &Call) -> Move {
    let user_id = &call.authn.session.user_id;
    match password::check(state, user_id, call.text("oldPassword")) {
        Checked::Right | Checked::Expired => {}
        _ => return Move::Refuse(Message::WrongPassword),
    }
    password::set(state, user_id, call.text("newPassword").to_owned());
    Move::On(vec![Detour::ExpiryWarning])
}

/// Begins to set the authenticator app up.
fn enrol(_: &AppState, call: &Call) -> Move {
    match call.authn.at {
        At::Detour(Detour::Enrolment | Detour::OptionalEnrolment) => {
            Move::Stop(At::Activation(totp::new_secret()))
        }
        _ => Move::Stay,
    }
}

/// Checks a code of the app.
fn verify(state: &AppState, call: &Call) -> Move {
    let is_app = call.factor.as_deref() == Some(FACTOR_ID);
    if call.authn.at != At::Detour(Detour::Code) || !is_app {
        return Move::Stay;
    }
    let login = login(state, &call.authn.session.user_id).unwrap_or_default();
    match totp::check(state, &login, call.text("passCode")) {
        totp::Checked::Right => Move::On(vec![Detour::Code]),
        totp::Checked::Wrong => Move::Refuse(Message::WrongCode),
        totp::Checked::Used => Move::Refuse(Message::UsedCode),
    }
}

/// The first code proves that the app is set up.
fn activate(state: &AppState, call: &Call) -> Move {
    let At::Activation(secret) = &call.authn.at else {
        return Move::Stay;
    };
    if !totp::fits(secret, call.text("passCode"), state.now()) {
        return Move::Refuse(Message::WrongCode);
    }
    let login = login(state, &call.authn.session.user_id).unwrap_or_default();
    totp::set_up(state, &login, secret.clone());
    Move::On(vec![Detour::OptionalEnrolment, Detour::Enrolment])
}

/// The user allows what the client wants: the request goes on from where it was stopped.
fn consent(state: &AppState, call: &Call) -> Move {
    let At::Consent(key) = &call.authn.at else {
        return Move::Stay;
    };
    let Some(kept) = chain::transaction(state, key) else {
        return Move::Refuse(Message::Expired);
    };
    consents::allow(state, &kept.request, &call.authn.session);
    Move::Allowed(key.clone())
}
