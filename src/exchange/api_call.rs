//! A request to an endpoint of the API.

use super::{AuthorizationKey, Case, nothing, the_access_token};

/// One request to the API, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiCall {
    /// The endpoint of the API, as the model calls it.
    pub endpoint: String,
    /// Whether it goes to the path with a slash behind, which some take for another.
    pub with_slash: bool,
    /// What is sent there.
    pub case: &'static Case,
    basis: Option<AuthorizationKey>,
}

impl ApiCall {
    /// The access token of an authorization, presented as it is meant to be.
    #[must_use]
    pub fn with_token_of(key: &AuthorizationKey, endpoint: &str) -> Self {
        Self {
            basis: Some(key.clone()),
            ..Self::sending(the_access_token(), endpoint)
        }
    }

    /// Nothing presented.
    #[must_use]
    pub fn with_nothing(endpoint: &str) -> Self {
        Self::sending(nothing(), endpoint)
    }

    /// Nothing presented, at the path with a slash behind.
    #[must_use]
    pub fn with_nothing_behind_a_slash(endpoint: &str) -> Self {
        Self {
            with_slash: true,
            ..Self::with_nothing(endpoint)
        }
    }

    /// What a case sends to an endpoint, its credential made of the tokens of the authorization;
    /// nothing, where it needs one and there is none.
    #[must_use]
    pub fn of(
        case: &'static Case,
        endpoint: &str,
        authorization: Option<&AuthorizationKey>,
    ) -> Option<Self> {
        let basis = authorization.filter(|_| case.needs_token()).cloned();
        (basis.is_some() || !case.needs_token()).then(|| Self {
            basis,
            ..Self::sending(case, endpoint)
        })
    }

    fn sending(case: &'static Case, endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            with_slash: false,
            case,
            basis: None,
        }
    }

    /// The method of the endpoint, and its path with the query.
    #[must_use]
    pub fn asked(&self) -> (&str, String) {
        let named = self.endpoint.split_once(' ');
        let (method, path) = named.unwrap_or(("GET", &self.endpoint));
        match (self.with_slash, path.split_once('?')) {
            (false, _) => (method, path.to_owned()),
            (true, Some((path, query))) => (method, format!("{path}/?{query}")),
            (true, None) => (method, format!("{path}/")),
        }
    }

    /// The authorization whose token it presents; none, where it needs none.
    #[must_use]
    pub fn basis(&self) -> Option<&AuthorizationKey> {
        self.basis.as_ref()
    }

    /// The exchange that must have been made before this one, at the same endpoint.
    #[must_use]
    pub fn after(&self) -> Option<Self> {
        let earlier = self.case.after()?;
        Self::of(earlier, &self.endpoint, self.basis())
    }

    /// The authorization whose access token is presented as it is meant to be, if one is.
    #[must_use]
    pub fn rightful(&self) -> Option<&AuthorizationKey> {
        self.basis().filter(|_| self.case.is_rightful())
    }
}
