//! The steps of Identity Engine, by their addresses below `/idp/idx/`.

use serde_json::Value;

use super::call::{Call, Move};
use super::message::Message;
use super::onward::{self, login};
use super::password::{self, Checked};
use super::scenario::When;
use super::{forms, passkey, totp};
use crate::decision::consent as consents;
use crate::options::Detour;
use crate::state::AppState;
use crate::state::sign_in::{Session, Stage, Who};

/// What a call to an address does.
pub(super) type Step = fn(&AppState, &Call) -> Move;

/// Every step but `introspect`, which changes nothing.
pub(super) const STEPS: [(&str, Step); 8] = [
    ("identify", identify),
    ("challenge", choose),
    ("challenge/answer", answer),
    ("consent", consent),
    ("credential/enroll", enrol),
    ("keep-me-signed-in", keep),
    ("skip", skip),
    ("cancel", |_, _| Move::Anew),
];

/// Who wants to sign in, and on some pages the password too.
fn identify(state: &AppState, call: &Call) -> Move {
    let login = call.text("/identifier").trim();
    if let Some(message) = onward::refusal(state, login) {
        return Move::End(message);
    }
    let Some(user_id) = password::known_user(state, login) else {
        return Move::To(Stage::Identify, Some(Message::UnknownUser));
    };
    let typed = call.body.pointer("/credentials/passcode");
    if let Some(typed) = typed.and_then(Value::as_str) {
        return password(state, Stage::Identify, user_id, typed);
    }
    // After the mock `authenticator-verification-webauthn-passkeys`.
    if onward::meets(state, login, Detour::PasskeyAlone) {
        return Move::To(Stage::Passkey(user_id), None);
    }
    let who = Who::Named(user_id.clone());
    let page = onward::scripted(state, &call.transaction, When::Username, who);
    Move::To(page.unwrap_or(Stage::Password(user_id)), None)
}

/// The password, a new one, or a code.
fn answer(state: &AppState, call: &Call) -> Move {
    let typed = call.text("/credentials/passcode");
    let reached = call.transaction.stage.clone();
    match reached.clone() {
        Stage::Password(user_id) => password(state, reached, user_id, typed),
        Stage::NewPassword(user_id) => {
            password::set(state, &user_id, typed.to_owned());
            signed_in(state, user_id)
        }
        Stage::Detour(Detour::Code, session) => code(state, call, session, typed),
        Stage::Passkey(user_id) if passkey::is_signed(state, call, &user_id) => {
            let session = Session {
                user_id,
                auth_time: state.now(),
            };
            Move::On(session, vec![Detour::Passkey])
        }
        Stage::Passkey(_) => call.stay(Some(Message::WrongPasskey)),
        Stage::Detour(Detour::Passkey, session) => {
            if !passkey::is_signed(state, call, &session.user_id) {
                return call.stay(Some(Message::WrongPasskey));
            }
            Move::On(session, vec![Detour::Passkey])
        }
        Stage::Detour(Detour::ExpiryWarning, session) => {
            password::set(state, &session.user_id, typed.to_owned());
            Move::On(session, vec![Detour::ExpiryWarning])
        }
        Stage::EnrolCode(secret, session) => set_up(state, call, secret, session, typed),
        _ => call.stay(None),
    }
}

/// The authenticator app and a passkey lead on, each in place of the other: nobody reads mail.
fn choose(_: &AppState, call: &Call) -> Move {
    let Stage::Detour(Detour::Choice, session) = &call.transaction.stage else {
        return call.stay(None);
    };
    let other = match call.text("/authenticator/id") {
        forms::APP_ID => Detour::Passkey,
        forms::PASSKEY_ID => Detour::Code,
        _ => return call.stay(None),
    };
    Move::On(session.clone(), vec![Detour::Choice, other])
}

/// For how long the browser is remembered, which nothing depends on.
fn keep(_: &AppState, call: &Call) -> Move {
    past(call, &[Detour::KeepMeSignedIn], true)
}

/// Only what is no must can be skipped.
fn skip(_: &AppState, call: &Call) -> Move {
    let skipped = [Detour::ExpiryWarning, Detour::OptionalEnrolment];
    past(call, &skipped, true)
}

/// The user chooses a security method to set up: only the authenticator app can be.
fn enrol(_: &AppState, call: &Call) -> Move {
    match &call.transaction.stage {
        Stage::Detour(Detour::Enrolment | Detour::OptionalEnrolment, session) if is_app(call) => {
            Move::To(Stage::EnrolCode(totp::new_secret(), session.clone()), None)
        }
        _ => call.stay(None),
    }
}

/// The user allows what the client wants, or does not: either way the browser goes on to it.
fn consent(state: &AppState, call: &Call) -> Move {
    let Stage::Consent(session) = &call.transaction.stage else {
        return call.stay(None);
    };
    if call.body.get("consent") != Some(&Value::Bool(true)) {
        return Move::To(Stage::Declined, None);
    }
    consents::allow(state, &call.transaction.request, session);
    let reached = onward::after_consent(state, &call.transaction, session.clone());
    Move::To(reached, None)
}

/// Past one of these detours, if the sign-in stands at it and may go on.
fn past(call: &Call, detours: &[Detour], may: bool) -> Move {
    match &call.transaction.stage {
        Stage::Detour(detour, session) if may && detours.contains(detour) => {
            Move::On(session.clone(), vec![*detour])
        }
        _ => call.stay(None),
    }
}

fn is_app(call: &Call) -> bool {
    call.text("/authenticator/id") == forms::APP_ID
}

/// Checks the password of a user who has said who they are, asked for at this stage.
fn password(state: &AppState, asked_at: Stage, user_id: String, typed: &str) -> Move {
    let message = match password::check(state, &user_id, typed) {
        Checked::Right => return signed_in(state, user_id),
        Checked::Expired => return Move::To(Stage::NewPassword(user_id), None),
        // Where both are asked for at once, nobody is told which of them is wrong.
        Checked::Wrong if asked_at == Stage::Identify => Message::UnknownUser,
        Checked::Wrong => Message::WrongPassword,
        Checked::LockedOut => Message::LockedOut,
        Checked::Nobody => Message::UnknownUser,
    };
    Move::To(asked_at, Some(message))
}

fn signed_in(state: &AppState, user_id: String) -> Move {
    let session = Session {
        user_id,
        auth_time: state.now(),
    };
    Move::On(session, Vec::new())
}

fn code(state: &AppState, call: &Call, session: Session, typed: &str) -> Move {
    let login = login(state, &session.user_id).unwrap_or_default();
    match totp::check(state, &login, typed) {
        totp::Checked::Right => Move::On(session, vec![Detour::Code]),
        totp::Checked::Wrong => call.stay(Some(Message::WrongCode)),
        totp::Checked::Used => call.stay(Some(Message::UsedCode)),
    }
}

/// The first code proves that the app is set up.
fn set_up(state: &AppState, call: &Call, secret: String, session: Session, typed: &str) -> Move {
    if !totp::fits(&secret, typed, state.now()) {
        return call.stay(Some(Message::WrongCode));
    }
    let login = login(state, &session.user_id).unwrap_or_default();
    totp::set_up(state, &login, secret);
    let passed = vec![Detour::OptionalEnrolment, Detour::Enrolment];
    Move::On(session, passed)
}
