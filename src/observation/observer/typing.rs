//! What was typed for a user: how often, and where it went.

use std::collections::BTreeSet;

use super::visitor::Visitor;
use crate::observation::{AuthorizationKey, Outcome, Seen};

impl Visitor<'_> {
    /// Notes that the password was typed, and what came of it but an answer to the client: each
    /// time that it is typed may count as a failed attempt, or lock the user.
    pub(super) fn note_spent(&mut self, key: &AuthorizationKey, came: &Seen<Outcome>) {
        let text = match came {
            Ok(Outcome::Denied { text, .. }) => text,
            Ok(Outcome::Tokens { .. }) => return,
            Err(reason) => &reason.reason,
        };
        let words = key.words();
        self.spent = Some(format!(
            "the page asks for the password again after {words} ({text}), and it is typed once"
        ));
    }

    /// Takes note of where what was typed has gone.
    pub(super) fn note_sent(&mut self, elsewhere: Option<&BTreeSet<String>>) {
        if let Some(elsewhere) = elsewhere {
            let known = self.seeing.sent_elsewhere.get_or_insert_default();
            known.extend(elsewhere.iter().cloned());
            let leak = known.first();
            leak.map(|origin| self.leak.get_or_init(|| origin.clone()));
        }
    }

    /// Types nothing more once a page has sent it elsewhere.
    pub(super) fn mind_leak(&mut self) {
        if let Some(origin) = self.leak.get() {
            self.spent.get_or_insert_with(|| {
                format!(
                    "the page asks for the password, and it sends what is typed into it to \
                     {origin}: nothing more is typed there"
                )
            });
        }
    }

    /// Takes note of what was sent since that cannot be read.
    pub(super) fn note_unread(&mut self, unread: BTreeSet<String>) {
        self.seeing.unread.extend(unread);
    }
}
