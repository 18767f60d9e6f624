//! What came of what a service client asked, at the token endpoint and at the API.

use std::collections::BTreeMap;

use super::{ApiAnswer, NotSeen, Seen, TokenAnswer};

/// What a service client was answered.
#[derive(Debug, Clone)]
pub struct ServiceSeen {
    /// For all of its scopes.
    pub own: Seen<TokenAnswer>,
    /// For each of the others alone, and for `openid`, which is of users.
    pub others: BTreeMap<String, Seen<TokenAnswer>>,
    /// For its scopes, with credentials that are not its own.
    pub impostor: Seen<TokenAnswer>,
    /// What the API answered to its token, by endpoint.
    pub calls: BTreeMap<String, Seen<ApiAnswer>>,
}

impl ServiceSeen {
    /// What came for a scope that is not the service's.
    ///
    /// # Errors
    /// [`NotSeen`] when it was not asked for, or there was no answer.
    pub fn other(&self, scope: &str) -> Seen<&TokenAnswer> {
        let none = || NotSeen::inconclusive(format!("`{scope}` was not asked for"));
        let answer = self.others.get(scope).ok_or_else(none)?;
        answer.as_ref().map_err(Clone::clone)
    }

    /// What the API answered to the token of the service.
    ///
    /// # Errors
    /// [`NotSeen`] when there was no token, or no answer.
    pub fn call(&self, endpoint: &str) -> Seen<&ApiAnswer> {
        let none = || NotSeen::inconclusive(format!("{endpoint} was not asked"));
        let answer = self.calls.get(endpoint).ok_or_else(none)?;
        answer.as_ref().map_err(Clone::clone)
    }
}
