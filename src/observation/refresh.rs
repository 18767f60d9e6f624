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
    /// Where another client presented it then, in place of which reuse is tried of some.
    pub by_another: Option<PresentedByAnother>,
    /// Where reuse is tried, in place of what is below.
    pub reused: Option<Reused>,
    /// It was revoked: the status of the answer.
    pub revoked: Seen<u16>,
    /// It was redeemed behind that.
    pub after: Seen<TokenAnswer>,
}

/// What came of a refresh token that another client presented, by that one's own credentials.
#[derive(Debug, Clone)]
pub struct PresentedByAnother {
    /// What that client was answered.
    pub answer: Seen<TokenAnswer>,
    /// The client that has it redeemed it once more behind that.
    pub kept: Seen<TokenAnswer>,
}

/// What came of a refresh token that was used before.
#[derive(Debug, Clone)]
pub struct Reused {
    /// The first of all was redeemed once more, long after others had come in its place.
    pub first: Seen<TokenAnswer>,
    /// The newest was redeemed behind that.
    pub newest: Seen<TokenAnswer>,
}
