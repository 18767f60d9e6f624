//! What one user's browser has typed, on all visits.

use super::typed::Typed;

/// What one user's browser has typed, on all visits.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// How often a password was submitted, whatever came of it.
    pub(super) passwords_submitted: usize,
    /// The secrets that were typed.
    pub(super) typed: Typed,
    /// When that began, in milliseconds since 1970; none: nothing was typed.
    pub(super) typed_at: Option<f64>,
    /// Whether the user was named: what asks for a password from then on asks this user.
    pub(super) is_named: bool,
}
