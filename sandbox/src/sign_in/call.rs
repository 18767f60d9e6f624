//! Calls of Identity Engine's sign-in API: what they say, and where they lead.

use serde_json::Value;

use super::message::{Message, Refusal};
use crate::fault::Fault;
use crate::options::Detour;
use crate::state::AppState;
use crate::state::sign_in::{Session, Stage, Transaction};

/// A body that names a sign-in under way.
pub(super) struct Call {
    pub(super) token: String,
    pub(super) transaction: Transaction,
    pub(super) body: Value,
}

/// Where a call leads.
pub(super) enum Move {
    /// To a step, which may say what was wrong.
    To(Stage, Option<Message>),
    /// On to whatever comes next after what the user has put behind.
    On(Session, Vec<Detour>),
    /// Back to the first step, with nothing put behind.
    Anew,
    /// Nowhere: the sign-in ends.
    End(Message),
}

impl Call {
    /// Reads a body with a `stateHandle`.
    pub(super) fn read(state: &AppState, body: &str) -> Result<Self, Refusal> {
        refuse_by_fault(state)?;
        let body: Value = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
        let handle = body.get("stateHandle").and_then(Value::as_str);
        let now = state.now();
        let runtime = state.runtime();
        let token = handle.and_then(|handle| runtime.token_of_handle(handle, now));
        let transaction = token.and_then(|token| runtime.transaction(token, now));
        match (token, transaction) {
            (Some(token), Some(transaction)) => Ok(Self {
                token: token.to_owned(),
                transaction: transaction.clone(),
                body: body.clone(),
            }),
            _ => Err(Refusal::terminal(state, Message::Expired)),
        }
    }

    /// A text of the body.
    pub(super) fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    /// The same step once more.
    pub(super) fn stay(&self, message: Option<Message>) -> Move {
        Move::To(self.transaction.stage.clone(), message)
    }

    /// Notes how far the sign-in has come.
    pub(super) fn advance(&mut self, state: &AppState, reached: Stage) {
        if let Some(transaction) = state.runtime().transactions.get_mut(&self.token) {
            transaction.stage = reached.clone();
            transaction.passed.clone_from(&self.transaction.passed);
            transaction.played.clone_from(&self.transaction.played);
        }
        self.transaction.stage = reached;
    }
}

/// The faults that end a sign-in before it begins.
pub(super) fn refuse_by_fault(state: &AppState) -> Result<(), Refusal> {
    let message = match state.fault() {
        Some(Fault::SignInAccessDenied) => Message::AccessDenied,
        Some(Fault::SignInRateLimited) => Message::TooManyRequests,
        Some(Fault::SignInExpired) => Message::Expired,
        _ => return Ok(()),
    };
    Err(Refusal::terminal(state, message))
}
