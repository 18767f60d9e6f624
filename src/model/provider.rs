//! Who runs the authorization server, and what that means: where tokens say things, and which.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Who runs the authorization server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Okta.
    #[default]
    Okta,
    /// Anybody else who speaks OpenID Connect.
    Generic,
}

/// Claims of access tokens that only Okta promises: `sub` is the login there.
const OF_OKTAS_ACCESS_TOKENS: [&str; 6] = ["ver", "jti", "cid", "uid", "sub", "auth_time"];

/// Claims of ID tokens that only Okta promises. OpenID Connect has `auth_time` where it was asked
/// for alone (Core section 2).
const OF_OKTAS_ID_TOKENS: [&str; 5] = ["ver", "jti", "amr", "idp", "auth_time"];

impl Provider {
    /// The claims in which an access token may name its scopes, in the order they are looked at:
    /// Okta's `scp`, and the `scope` of RFC 9068.
    #[must_use]
    pub const fn scope_claims(self) -> &'static [&'static str] {
        match self {
            Self::Okta => &["scp"],
            Self::Generic => &["scp", "scope"],
        }
    }

    /// The claims in which an access token may name its client: Okta's `cid`, and the `client_id`
    /// of RFC 9068 or the `azp` of OpenID Connect.
    #[must_use]
    pub const fn client_claims(self) -> &'static [&'static str] {
        match self {
            Self::Okta => &["cid"],
            Self::Generic => &["cid", "client_id", "azp"],
        }
    }

    /// Whether its access tokens have the claim, of the form that Okta's have.
    #[must_use]
    pub fn promises_in_access_tokens(self, claim: &str) -> bool {
        self == Self::Okta || !OF_OKTAS_ACCESS_TOKENS.contains(&claim)
    }

    /// The same of its ID tokens.
    #[must_use]
    pub fn promises_in_id_tokens(self, claim: &str) -> bool {
        self == Self::Okta || !OF_OKTAS_ID_TOKENS.contains(&claim)
    }

    /// The claims in which an access token may name its user as the ID token's `sub` does: Okta's
    /// `uid`, and the `sub` of RFC 9068.
    #[must_use]
    pub const fn user_claims(self) -> &'static [&'static str] {
        match self {
            Self::Okta => &["uid"],
            Self::Generic => &["uid", "sub"],
        }
    }

    /// Whether it may grant less than was asked for, and say so by `scope` (RFC 6749 section 3.3).
    /// Okta gives all or nothing.
    #[must_use]
    pub const fn may_grant_less(self) -> bool {
        matches!(self, Self::Generic)
    }

    /// Whether its set-up can be read through Okta's Management API.
    #[must_use]
    pub const fn has_management_api(self) -> bool {
        matches!(self, Self::Okta)
    }

    /// Whether its endpoints for users take tokens of the API, whatever audience those have: others
    /// may refuse what is for another server (RFC 9068 section 4).
    #[must_use]
    pub const fn takes_tokens_of_the_api(self) -> bool {
        matches!(self, Self::Okta)
    }

    /// Whether a token holds the scopes that it should: exactly those at Okta. Others may leave out
    /// `openid`, which opens nothing at an API.
    #[must_use]
    pub fn holds(self, wanted: &BTreeSet<String>, held: &BTreeSet<String>) -> bool {
        match self {
            Self::Okta => wanted == held,
            Self::Generic => {
                let of_api = |scopes: &BTreeSet<String>| {
                    let mut scopes = scopes.clone();
                    scopes.remove("openid");
                    scopes
                };
                of_api(wanted) == of_api(held)
            }
        }
    }

    /// Whether the words of a redirect with `access_denied` say what denied: Okta's are known, and
    /// of others the error code alone is (RFC 6749 section 4.1.2.1).
    #[must_use]
    pub const fn words_its_denials(self) -> bool {
        matches!(self, Self::Okta)
    }

    /// Whether its access tokens are to be read: those of others may be for their own servers alone
    /// (RFC 6749 section 1.4).
    #[must_use]
    pub const fn has_readable_access_tokens(self) -> bool {
        matches!(self, Self::Okta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_promises_what_openid_connect_demands() {
        for provider in [Provider::Okta, Provider::Generic] {
            for claim in ["iss", "aud", "iat"] {
                assert!(provider.promises_in_access_tokens(claim), "{claim}");
            }
            for claim in ["iss", "aud", "iat", "nonce", "at_hash", "sub"] {
                assert!(provider.promises_in_id_tokens(claim), "{claim}");
            }
        }
        assert!(Provider::Okta.promises_in_id_tokens("auth_time"));
        assert!(!Provider::Generic.promises_in_id_tokens("auth_time"));
        assert!(!Provider::Generic.promises_in_access_tokens("cid"));
    }
}
