//! What can be wrong with the solar-system API, one thing at a time, by name.

use std::fmt;
use std::str::FromStr;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// One thing that is wrong with the solar-system API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SolarFault {
            $($(#[$doc])* $variant,)*
        }

        impl SolarFault {
            const NAMED: &'static [(Self, &'static str)] = &[$((Self::$variant, $name),)*];
        }
    };
}

faults! {
    /// Whoever has no token gets in.
    OpenWithoutToken => "open-without-token",
    /// Any good token opens both endpoints.
    ScopeUnchecked => "scope-unchecked",
    /// `/planets` wants the gold scope and `/moons` the silver one.
    ScopesSwapped => "scopes-swapped",
    /// The gold scope opens `/planets` too.
    GoldImpliesSilver => "gold-implies-silver",
    /// An ID token is as good as an access token.
    IdTokenAccepted => "id-token-accepted",
    /// Anything that is no JWT at all gets in.
    GarbageAccepted => "garbage-accepted",
    /// Signatures are not checked.
    SignatureUnchecked => "signature-unchecked",
    /// Tokens for another audience get in.
    AudienceUnchecked => "audience-unchecked",
    /// Tokens of another issuer get in, if the key fits.
    IssuerUnchecked => "issuer-unchecked",
    /// Tokens get in for ever.
    ExpiryUnchecked => "expiry-unchecked",
    /// The answer is not the list it should be.
    WrongBody => "wrong-body",
    /// Every answer is 500.
    ServerError => "server-error",
    /// No answer ever comes.
    Hangs => "hangs",
    /// Good tokens are answered with 403.
    ForbiddenToAll => "forbidden-to-all",
    /// A missing scope is answered with 401 instead of 403 (tolerated).
    UnauthorizedForScope => "unauthorized-for-scope",
    /// A token in the query of the URL is taken too.
    QueryTokenAccepted => "query-token-accepted",
    /// Tokens get in that hold the endpoint's scope alone, and none beside it.
    ScopeListExact => "scope-list-exact",
    /// Scopes are looked for in a claim `scope`, which Okta's tokens do not have.
    ScopeClaimOther => "scope-claim-other",
    /// Refusals do not say which kind of token is wanted.
    NoChallengeHeader => "no-challenge-header",
    /// Refusals write the scheme in small letters (harmless).
    ChallengeLowerCase => "challenge.lower-case",
    /// Refusals name another scheme too, in the same header (harmless).
    ChallengesSeveral => "challenge.several",
    /// Every answer takes 50 ms longer (harmless).
    Latency => "latency",
    /// One request in five fails by 500, by 503 or without an answer.
    FlakyOneInFive => "flaky.one-in-five",
    /// One request in five takes 300 ms longer.
    FlakySlow => "flaky.slow",
    /// The first request is one too many.
    RateLimitedOnce => "rate-limited-once",
    /// Whoever has no token is answered 503, and let in when asking again.
    OpensWhenAskedAgain => "opens-when-asked-again",
    /// Whoever has no token is first answered 500 with the list in the body, and refused later.
    LeaksInFailure => "leaks-in-failure",
}

impl SolarFault {
    /// Every fault there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::NAMED.iter().map(|(fault, _)| *fault).collect()
    }
}

impl fmt::Display for SolarFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut named = Self::NAMED.iter();
        let name = named.find(|(fault, _)| fault == self);
        formatter.write_str(name.map_or("", |(_, name)| name))
    }
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{0}`")]
pub struct UnknownSolarFault(String);

impl FromStr for SolarFault {
    type Err = UnknownSolarFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut named = Self::NAMED.iter();
        named
            .find(|(_, known)| *known == name)
            .map(|(fault, _)| *fault)
            .ok_or_else(|| UnknownSolarFault(name.to_owned()))
    }
}
