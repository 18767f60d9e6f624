//! Calls of the authentication API: which sign-in they are about, and where they lead.

use serde_json::Value;

use crate::options::Detour;
use crate::sign_in::message::Message;
use crate::state::AppState;
use crate::state::sign_in::{At, Authn};

/// How long a sign-in at the authentication API may take, in seconds.
pub(super) const LIFETIME_SECONDS: i64 = 300;

/// A body that names a sign-in under way.
pub(super) struct Call {
    pub(super) token: String,
    pub(super) authn: Authn,
    pub(super) body: Value,
    /// The factor in the path.
    pub(super) factor: Option<String>,
}

/// Where a call leads.
pub(super) enum Move {
    /// The same step once more.
    Stay,
    /// To something that the user must do.
    Stop(At),
    /// Past the last page of the scenario with this name.
    Played(String),
    /// On to whatever comes next after what the user has put behind.
    On(Vec<Detour>),
    /// Nowhere, for a reason.
    Refuse(Message),
    /// Back to the request with this key, whose user allowed it.
    Allowed(String),
}

impl Call {
    /// The sign-in that a body names, if it is under way.
    pub(super) fn read(state: &AppState, body: Value, factor: Option<String>) -> Option<Self> {
        let token = body.get("stateToken").and_then(Value::as_str)?.to_owned();
        let authn = state.runtime().authns.get(&token).cloned()?;
        let is_alive = state.now() - authn.started < LIFETIME_SECONDS;
        is_alive.then_some(Self {
            token,
            authn,
            body,
            factor,
        })
    }

    /// A text of the body.
    pub(super) fn text(&self, name: &str) -> &str {
        let text = self.body.get(name).and_then(Value::as_str);
        text.unwrap_or_default()
    }
}
