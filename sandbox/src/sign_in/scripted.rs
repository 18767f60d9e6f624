//! Steps of Identity Engine while a page is shown that was asked for by name.

use super::call::{Call, Move};
use super::onward;
use super::scenario::{self, Engine, When};
use crate::state::AppState;
use crate::state::sign_in::{Scripted, Stage, Who};

/// The address that takes who wants to sign in.
const IDENTIFY: &str = "identify";

/// The address that leads back to the beginning.
const CANCEL: &str = "cancel";

/// Where a call leads from such a page; nothing where it is for the ordinary step to say.
pub(super) fn step(state: &AppState, call: &mut Call, path: &str) -> Option<Move> {
    let Stage::Scripted(at) = call.transaction.stage.clone() else {
        return None;
    };
    if path == CANCEL || (path == IDENTIFY && at.who == Who::Nobody) {
        return None;
    }
    let scenario = scenario::find(&at.scenario)?;
    let chosen = scenario::key_of(call.text("/authenticator/id"));
    if !scenario.leads(Engine::Identity, at.step, path, &chosen) {
        return Some(call.stay(None));
    }
    let next = at.step + 1;
    if next < scenario.len(Engine::Identity) {
        return Some(Move::To(
            Stage::Scripted(Scripted { step: next, ..at }),
            None,
        ));
    }
    call.transaction.played.push(at.scenario);
    Some(past(state, call, at.who))
}

/// What comes behind the last page.
fn past(state: &AppState, call: &Call, who: Who) -> Move {
    match who {
        Who::Nobody => Move::To(Stage::Identify, None),
        Who::Named(user) => {
            let next = onward::scripted(
                state,
                &call.transaction,
                When::Username,
                Who::Named(user.clone()),
            );
            Move::To(next.unwrap_or(Stage::Password(user)), None)
        }
        Who::Proven(session) => Move::On(session, Vec::new()),
    }
}
