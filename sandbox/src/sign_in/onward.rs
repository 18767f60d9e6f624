//! What a user meets between the right password and the way back to the client.

use super::message::Message;
use super::passkey;
use super::scenario::{self, Engine, When};
use crate::decision::{Denied, SignOn, consent, decide, sign_on};
use crate::fault::Fault;
use crate::options::{Detour, NotAssigned};
use crate::state::AppState;
use crate::state::sign_in::{Scripted, Session, Stage, Transaction, Who};

/// What stands in the way of a user of this login.
pub(super) fn meets(state: &AppState, login: &str, detour: Detour) -> bool {
    let for_everybody = match detour {
        Detour::Enrolment => Fault::SignInEnrolment,
        Detour::UnknownPage => Fault::SignInUnknownPage,
        Detour::AccessDenied => Fault::SignInAccessDenied,
        Detour::RateLimited => Fault::SignInRateLimited,
        Detour::Expired => Fault::SignInExpired,
        _ => return listed(state, login, detour),
    };
    state.fault() == Some(for_everybody) || listed(state, login, detour)
}

fn listed(state: &AppState, login: &str, detour: Detour) -> bool {
    let runtime = state.runtime();
    let listed = runtime.detours.get(&login.to_lowercase());
    listed.is_some_and(|detours| detours.contains(&detour))
}

/// Why somebody of this login is not even asked for a password.
pub(super) fn refusal(state: &AppState, login: &str) -> Option<Message> {
    let refusals = [
        (Detour::AccessDenied, Message::AccessDenied),
        (Detour::RateLimited, Message::TooManyRequests),
        (Detour::Expired, Message::Expired),
    ];
    let mut refusals = refusals.into_iter();
    refusals
        .find(|(detour, _)| meets(state, login, *detour))
        .map(|(_, message)| message)
}

/// Whether the request of this user is given up at the end of the sign-in.
pub(super) fn has_taken_too_long(state: &AppState, user_id: &str) -> bool {
    login(state, user_id).is_some_and(|login| meets(state, &login, Detour::Expired))
}

/// The login of a user.
pub(super) fn login(state: &AppState, user_id: &str) -> Option<String> {
    let org = state.org();
    org.users.get(user_id).map(|user| user.login().to_owned())
}

/// The next thing after the password that stands in the user's way.
pub(super) fn next_detour(state: &AppState, user_id: &str, passed: &[Detour]) -> Option<Detour> {
    let login = login(state, user_id)?;
    let mut detours = Detour::AFTER_PASSWORD.into_iter();
    detours.find(|detour| !passed.contains(detour) && meets(state, &login, *detour))
}

/// The page that was asked for by name and is met next at this point, if there is one.
pub(super) fn scripted(
    state: &AppState,
    transaction: &Transaction,
    at: When,
    who: Who,
) -> Option<Stage> {
    let login = match &who {
        Who::Nobody => None,
        Who::Named(user) => login(state, user),
        Who::Proven(session) => login(state, &session.user_id),
    };
    let login = login.unwrap_or_default();
    let played = &transaction.played;
    let next = scenario::next_of(state, Engine::Identity, &login, &[at], played)?;
    let scenario = next.name.clone();
    Some(Stage::Scripted(Scripted {
        scenario,
        step: 0,
        who,
    }))
}

/// Where a sign-in at Identity Engine stands after the right password and what was `passed` since.
pub(super) fn onward(
    state: &AppState,
    transaction: &Transaction,
    session: Session,
) -> Result<Stage, Message> {
    let who = Who::Proven(session.clone());
    if let Some(page) = scripted(state, transaction, When::Password, who) {
        return Ok(page);
    }
    let next = next_detour(state, &session.user_id, &transaction.passed);
    match next {
        Some(detour) if detour != Detour::KeepMeSignedIn => {
            return Ok(Stage::Detour(detour, session));
        }
        _ => {}
    }
    if let Some(factor) = second_factor(state, transaction, &session) {
        return Ok(Stage::Detour(factor, session));
    }
    if let Some(message) = stop(state, transaction, &session) {
        return Err(message);
    }
    if !consent::missing(state, &transaction.request, &session).is_empty() {
        return Ok(Stage::Consent(session));
    }
    Ok(after_consent(state, transaction, session))
}

/// What the client's app sign-in policy asks for beside the password, if the user has not given it:
/// a code of the authenticator app, a passkey, or that an app is set up. A session that is there
/// already is not asked again.
fn second_factor(state: &AppState, transaction: &Transaction, session: &Session) -> Option<Detour> {
    let given = [Detour::Code, Detour::Passkey, Detour::Enrolment];
    if given
        .iter()
        .any(|detour| transaction.passed.contains(detour))
    {
        return None;
    }
    let is_asked = asked_for(state, transaction, session) == SignOn::TwoFactors;
    let login = login(state, &session.user_id)?;
    let has_app = state.runtime().totps.contains_key(&login.to_lowercase());
    let has_passkey = !passkey::enrolled(state, &session.user_id).is_empty();
    is_asked.then_some(match (has_app, has_passkey) {
        (true, _) => Detour::Code,
        (false, true) => Detour::Passkey,
        (false, false) => Detour::Enrolment,
    })
}

/// Where a sign-in stands that needs no consent any more.
pub(super) fn after_consent(
    state: &AppState,
    transaction: &Transaction,
    session: Session,
) -> Stage {
    match next_detour(state, &session.user_id, &transaction.passed) {
        Some(detour) => Stage::Detour(detour, session),
        None => Stage::Done(session),
    }
}

/// What the client's app sign-in policy asks of the user.
fn asked_for(state: &AppState, transaction: &Transaction, session: &Session) -> SignOn {
    let org = state.org();
    sign_on(&org, &transaction.request.client_id, &session.user_id)
}

/// What the page says to a user who gets no further: the client's policy does not let them in, or
/// they are not assigned and this org says so on the page instead of redirecting.
fn stop(state: &AppState, transaction: &Transaction, session: &Session) -> Option<Message> {
    if asked_for(state, transaction, session) == SignOn::Denied {
        return Some(Message::NotAllowed);
    }
    if state.options.not_assigned == NotAssigned::Redirect {
        return None;
    }
    let decided = decide(state, &transaction.request, session);
    matches!(decided, Err(Denied::NotAssigned)).then_some(Message::NotAssigned)
}
