//! Which authorization request: who asks for what, by which flow, and in which words.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Flow, OFFLINE_ACCESS, ScopeRequest};
use crate::openid::RequestDetails;

/// Which request: who asks for what, by which flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationKey {
    /// The NAME of the test user.
    pub user: String,
    /// The scopes.
    pub request: ScopeRequest,
    /// The flow.
    pub flow: Flow,
    /// What else the request says; none: what the document's says.
    pub details: Option<Arc<RequestDetails>>,
}

impl AuthorizationKey {
    /// The document's request of a user for these scopes, by a flow.
    #[must_use]
    pub fn new(user: &str, request: &ScopeRequest, flow: Flow) -> Self {
        Self {
            user: user.to_owned(),
            request: request.clone(),
            flow,
            details: None,
        }
    }

    /// The same request in other words.
    #[must_use]
    pub fn saying(self, details: Arc<RequestDetails>) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }

    /// The same request, asking for a refresh token too.
    #[must_use]
    pub fn with_refresh_token(self) -> Self {
        let details = RequestDetails {
            name: OFFLINE_ACCESS.to_owned(),
            offline_access: true,
            ..RequestDetails::default()
        };
        self.saying(Arc::new(details))
    }

    /// Whether it asks for a refresh token.
    #[must_use]
    pub fn wants_refresh_token(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.offline_access)
    }

    /// Every scope that is asked for.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<String> {
        if self.wants_refresh_token() {
            self.request.with_offline_access()
        } else {
            self.request.with_openid()
        }
    }

    /// For sentences: `SILVER asking silver by the implicit flow`.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "{} asking {} by {}{}",
            self.user,
            self.request.words(),
            self.flow.words(),
            self.name(", ")
        )
    }

    /// For names of trials: `SILVER silver`.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{} {}{}", self.user, self.request.words(), self.name(" "))
    }

    /// What tells the request from the document's, behind a separator.
    fn name(&self, separator: &str) -> String {
        let details = self.details.as_ref();
        details.map_or_else(String::new, |details| {
            format!("{separator}{}", details.name)
        })
    }
}
