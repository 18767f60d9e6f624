//! What came of redeeming refresh tokens.

use super::{Seen, TokenAnswer};

/// What came of a refresh token that a sign-in brought, request by request.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// It was redeemed, for what was granted.
    pub redeemed: Seen<TokenAnswer>,
    /// Whether another refresh token came than was redeemed; none: none came.
    pub is_another: Option<bool>,
    /// The scope that was asked for next, beside what was granted.
    pub further_scope: String,
    /// The refresh token that the client had then was redeemed for that scope too.
    pub wider: Seen<TokenAnswer>,
    /// It was redeemed once more, for what was granted.
    pub again: Seen<TokenAnswer>,
    /// It was revoked: the status of the answer.
    pub revoked: Seen<u16>,
    /// It was redeemed behind that.
    pub after: Seen<TokenAnswer>,
}
