//! What one user's browser has typed, on all visits.

use super::typed::Typed;

/// What one user's browser has typed, on all visits.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// How often a password was submitted, whatever came of it.
    pub(super) passwords_submitted: usize,
    /// The secrets that were typed.
    pub(super) typed: Typed,
    /// Whether anything was.
    pub(super) has_typed: bool,
    /// Whether the user was named: what asks for a password from then on asks this user.
    pub(super) is_named: bool,
}
