//! Faults: what cannot be broken through the Management API, one at a time, by name.

mod token;

use std::fmt;
use std::str::FromStr;

pub use token::{TokenFault, TokenKind};

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// One thing that is wrong with a sandbox org, or, for the harmless ones, just different.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {
            /// Something about a token: `access-token.aud.other`, `id-token.alg-none`, …
            Token(TokenKind, TokenFault),
            /// The same in tokens that a code is redeemed for, and in no other:
            /// `by-code.access-token.aud.other`, …
            TokenByCode(TokenKind, TokenFault),
            $($(#[$doc])* $variant,)*
        }

        impl Fault {
            const NAMED: &'static [(Self, &'static str)] = &[$((Self::$variant, $name),)*];
        }
    };
}

faults! {
    /// The access token holds every scope of the authorization server.
    ScopesAddsAll => "access-token.scp.adds-all",
    /// Scopes that no rule grants are left out instead of refusing the request.
    ScopesDownScope => "access-token.scp.down-scope",
    /// The scopes of the access token come in another order (harmless).
    ScopesReordered => "scp.reordered",
    /// Both tokens hold a claim nobody knows (harmless).
    ClaimsExtra => "claims.extra",
    /// The custom claims of either token are in the other one too.
    ClaimsInBothTokens => "claims.in-both-tokens",
    /// Custom claims come whether a scope that brings them was asked for or not.
    ClaimsWithoutScope => "claims.without-scope",
    /// Claims of groups list those of the whole org, anyone who is in them.
    ClaimsGroupsOfAnybody => "claims.groups-of-anybody",
    /// `expires_in` is not the lifetime of the access token.
    ExpiresInOther => "expires-in.other",
    /// `token_type` is not `Bearer`.
    TokenTypeOther => "token-type.other",
    /// `scope` in the response is not what was granted.
    ScopeEchoOther => "scope-echo.other",
    /// The response has no `scope`.
    ScopeEchoMissing => "scope-echo.missing",
    /// The response has a `state` that was not sent.
    StateOther => "state.other",
    /// The response has no `state`.
    StateMissing => "state.missing",
    /// The response has no more than 64 characters of the `state` that was sent.
    StateTruncated => "state.truncated",
    /// The response has the `state` that was sent, decoded once more.
    StateDecodedTwice => "state.decoded-twice",
    /// The `state` of a redirect stands in it as it was sent, whatever it holds.
    StateUnencoded => "state.unencoded",
    /// The response names another issuer.
    ResponseIssuerOther => "response-issuer.other",
    /// Redirects to the client are 307, by which browsers send again what they posted.
    Redirect307 => "redirect.307",
    /// Redirects to the client do not say that it is to be told nothing of this page.
    RedirectWithReferrer => "redirect.with-referrer",
    /// Pages of any origin may read every answer, with cookies.
    CorsAnyOrigin => "cors.any-origin",
    /// Pages have what was sent in them as it was sent.
    PagesUnescaped => "pages.unescaped",
    /// Pages may be shown in frames of any origin.
    PagesFrameable => "pages.frameable",
    /// `response_mode=form_post` is passed over.
    FormPostIgnored => "form-post.ignored",
    /// A message with the answer is for whatever page opened the window.
    MessageForAnyPage => "post-message.target-star",
    /// Anyone who asks for one of both tokens by the browser gets both.
    BothTokens => "authorize.both-tokens",
    /// The words of a response type have one order alone.
    ResponseTypeOrder => "authorize.response-type-order",
    /// A request that says something that nobody knows is refused.
    UnknownParametersRefused => "authorize.unknown-parameters-refused",
    /// Anyone who must not be asked is taken for one who is not signed in.
    SessionNotSilent => "session.never-silent",
    /// Anyone who is not asked signed in a minute before.
    SessionOfAnotherTime => "session.of-another-time",
    /// Scopes that nobody knows are left out.
    UnknownScopesIgnored => "scope.unknown-ignored",
    /// A scope that begins like one of the server's is taken for it.
    ScopesBeginningAlike => "scope.begins-alike",
    /// Scopes are compared without regard to case.
    ScopesInAnyCase => "scope.any-case",
    /// Access tokens are texts that only the server can read, as those of other providers may be.
    AccessTokenOpaque => "opaque-access-token",
    /// Tokens come in the query, where servers and logs see them.
    TokensInQuery => "tokens-in-query",
    /// The response has no `access_token`.
    OmitAccessToken => "omit-access-token",
    /// The response has no `id_token`.
    OmitIdToken => "omit-id-token",
    /// A redirect that brings a code brings an access token too.
    TokenBesideCode => "token-beside-code",
    /// A redirect that should bring a code brings an access token in its place.
    TokenInsteadOfCode => "token-instead-of-code",
    /// The response brings a refresh token through the browser.
    RefreshTokenInFragment => "refresh-token-in-fragment",
    /// The org has no API Access Management any more.
    FeatureMissing => "api-access-management.missing",
    /// The API token's administrator may do nothing.
    ManagementForbidden => "management.forbidden",
    /// The API token's administrator may not read authorization servers.
    ManagementWithoutServers => "management.servers-forbidden",
    /// A claim of the authorization server cannot be evaluated.
    ClaimEvaluationFails => "claim-evaluation.fails",
    /// What answers does not say that it is an Okta org.
    OrganizationMissing => "organization.missing",
    /// The two discovery documents name different token endpoints.
    DiscoveryDocumentsDiffer => "discovery.documents-differ",
    /// Access tokens that a code is redeemed for hold `openid` alone.
    CodeScopesDropped => "token.code-scopes-dropped",
    /// Everyone who is assigned gets whatever is asked.
    GrantEverything => "grant-everything",
    /// Nobody needs to be assigned to the application.
    AssignmentIgnored => "assignment-ignored",
    /// Any password signs in.
    AnyPassword => "any-password",
    /// Any redirect URI will do.
    AnyRedirectUri => "any-redirect-uri",
    /// Answers leave out the query that a redirect URI has itself.
    RedirectUriQueryDropped => "redirect-uri.query-dropped",
    /// Codes are counted.
    CodesCounted => "codes.counted",
    /// A redirect URI that begins with a registered one will do.
    RedirectUriPrefix => "redirect-uri.prefix",
    /// Capital letters make no difference in a redirect URI.
    RedirectUriAnyCase => "redirect-uri.any-case",
    /// A redirect URI at a registered host will do, whatever its scheme, port and path.
    RedirectUriHostAlone => "redirect-uri.host-alone",
    /// The scheme of a redirect URI makes no difference.
    RedirectUriAnyScheme => "redirect-uri.any-scheme",
    /// The port of a redirect URI makes no difference.
    RedirectUriAnyPort => "redirect-uri.any-port",
    /// Capital letters in the host of a redirect URI make no difference.
    RedirectUriHostCase => "redirect-uri.host-in-any-case",
    /// A dot behind the host of a redirect URI makes no difference.
    RedirectUriHostDotIgnored => "redirect-uri.dot-ignored",
    /// `127.0.0.1` is taken for `localhost` in a redirect URI.
    RedirectUriLoopbackNames => "redirect-uri.loopback-names-alike",
    /// A redirect URI at a host that begins with the registered one will do.
    RedirectUriHostBegins => "redirect-uri.host-begins-alike",
    /// A redirect URI at a host that ends with the registered one will do.
    RedirectUriHostEnds => "redirect-uri.host-ends-alike",
    /// A user before the host of a redirect URI makes no difference.
    RedirectUriUserIgnored => "redirect-uri.user-ignored",
    /// The user before the host of a redirect URI is taken for the host.
    RedirectUriUserAsHost => "redirect-uri.user-as-host",
    /// What stands before a backslash in a redirect URI is taken for a user.
    RedirectUriBackslash => "redirect-uri.backslash-in-user",
    /// A redirect URI with the registered one anywhere within will do.
    RedirectUriWithin => "redirect-uri.anywhere-within",
    /// Capital letters in the path of a redirect URI make no difference.
    RedirectUriPathCase => "redirect-uri.path-in-any-case",
    /// The path of a redirect URI is decoded before it is compared.
    RedirectUriDecoded => "redirect-uri.decoded",
    /// Several slashes in the path of a redirect URI are taken for one.
    RedirectUriSlashesMerged => "redirect-uri.slashes-merged",
    /// A slash behind the path of a redirect URI makes no difference.
    RedirectUriSlashIgnored => "redirect-uri.slash-ignored",
    /// The query of a redirect URI makes no difference.
    RedirectUriQueryIgnored => "redirect-uri.query-ignored",
    /// The fragment of a redirect URI makes no difference.
    RedirectUriFragmentIgnored => "redirect-uri.fragment-ignored",
    /// Parameters of the path of a redirect URI make no difference.
    RedirectUriPathParametersIgnored => "redirect-uri.path-parameters-ignored",
    /// A redirect URI below the registered path will do.
    RedirectUriPathBegins => "redirect-uri.path-begins-alike",
    /// A redirect URI that leads out of the registered path is compared before it does.
    RedirectUriWayOut => "redirect-uri.way-out-of-the-path",
    /// A redirect URI in the folder of the registered one will do.
    RedirectUriAnyFile => "redirect-uri.any-file",
    /// A request without redirect URI is answered at the first that is registered.
    RedirectUriFirst => "redirect-uri.first-registered",
    /// What is wrong with client or redirect URI is told to whatever redirect URI there is.
    ErrorsGoAnywhere => "authorize.errors-go-anywhere",
    /// That there is no such response type is told to whatever redirect URI there is.
    ResponseTypeErrorsGoAnywhere => "authorize.response-type-errors-go-anywhere",
    /// That there is no such client is told to whatever redirect URI there is.
    ClientErrorsGoAnywhere => "authorize.client-errors-go-anywhere",
    /// A request that says something twice is taken by what it says first.
    DuplicatesTaken => "authorize.duplicates-taken",
    /// A response type that there is not is taken for the first of the client.
    ResponseTypeUnchecked => "authorize.response-type-unchecked",
    /// A response mode that may not be is passed over.
    ResponseModeUnchecked => "authorize.response-mode-unchecked",
    /// There are no response modes: a request that says one is refused.
    ResponseModeUnknown => "authorize.response-mode-unknown",
    /// Nobody needs a `state`.
    StateOptional => "authorize.state-optional",
    /// Nobody needs a `nonce`.
    NonceOptional => "authorize.nonce-optional",
    /// Of `prompt`, the first word counts alone.
    PromptUnchecked => "authorize.prompt-unchecked",
    /// `max_age` that is no age is passed over.
    MaxAgeUnchecked => "authorize.max-age-unchecked",
    /// Request objects are passed over.
    RequestObjectsIgnored => "authorize.request-objects-ignored",
    /// Any code challenge will do, and none.
    ChallengeUnchecked => "authorize.challenge-unchecked",
    /// Errors stand in the query, whatever the request wants.
    ErrorsInQuery => "authorize.errors-in-query",
    /// Errors stand in the fragment, whatever the request wants.
    ErrorsInFragment => "authorize.errors-in-fragment",
    /// Errors come without `state`.
    ErrorsWithoutState => "authorize.errors-without-state",
    /// Anyone who must not be asked is asked.
    SilenceIgnored => "authorize.silence-ignored",
    /// `prompt=login` does not ask for credentials when there is a session.
    PromptLoginIgnored => "prompt-login-ignored",
    /// `max_age=0` does not ask for credentials when there is a session.
    MaxAgeIgnored => "max-age-ignored",
    /// Anyone who signs in later gets the tokens of the first.
    SessionOfFirstUser => "session-of-first-user",
    /// Discovery names another issuer.
    DiscoveryIssuerOther => "discovery.issuer-other",
    /// Discovery sends the client elsewhere for tokens.
    DiscoveryEndpointOtherHost => "discovery.endpoint-other-host",
    /// There is no discovery document.
    DiscoveryMissing => "discovery.missing",
    /// The discovery documents answer 500.
    DiscoveryServerError => "discovery.server-error",
    /// Discovery never answers.
    DiscoveryHangs => "discovery.hangs",
    /// No key is published.
    KeysEmpty => "keys.empty",
    /// The keys endpoint never answers.
    KeysHangs => "keys.hangs",
    /// The keys endpoint answers 500.
    KeysServerError => "keys.server-error",
    /// A key that signs nothing is published too (harmless).
    KeysExtra => "keys.extra",
    /// The authorize endpoint answers 500.
    AuthorizeServerError => "authorize.server-error",
    /// The authorize endpoint never answers.
    AuthorizeHangs => "authorize.hangs",
    /// The authorize endpoint answers 429 to the first two requests.
    AuthorizeRateLimited => "authorize.rate-limited",
    /// After the password comes a page that nobody knows.
    SignInUnknownPage => "sign-in.unknown-page",
    /// After the password comes "Set up security methods".
    SignInEnrolment => "sign-in.enrolment",
    /// The sign-in page answers that access is denied.
    SignInAccessDenied => "sign-in.access-denied",
    /// The sign-in page answers that there were too many attempts.
    SignInRateLimited => "sign-in.rate-limited",
    /// The sign-in page answers that the session has expired.
    SignInExpired => "sign-in.expired",
    /// The sign-in page sends what is typed to another origin as well.
    SignInSendsElsewhere => "sign-in.sends-elsewhere",
    /// The clock of the org is ten minutes ahead.
    ClockSkew => "clock.skew",
    /// A code can be redeemed again.
    CodeReusable => "token.code-reusable",
    /// A refresh token is good for scopes that were not granted.
    RefreshWidens => "refresh.widens",
    /// Refreshed tokens hold every scope of the authorization server.
    RefreshAddsScopes => "refresh.adds-scopes",
    /// Refreshed access tokens are for another audience.
    RefreshAudienceOther => "refresh.audience-other",
    /// Claims of refreshed tokens list anybody's groups.
    RefreshClaimsOfAnybody => "refresh.claims-of-anybody",
    /// Refresh tokens rotate where they should stay, and stay where they should rotate.
    RefreshRotatesOtherwise => "refresh.rotates-otherwise",
    /// A refresh token that was revoked is still good.
    RefreshOutlivesRevocation => "refresh.outlives-revocation",
    /// A refresh token in whose place another came is still good.
    RefreshReusable => "refresh.reusable",
    /// A refresh token that is used again is refused, and nothing else follows.
    RefreshReuseIgnored => "refresh.reuse-ignored",
    /// A refresh token comes with every code, whether it was asked for or not.
    RefreshUnasked => "refresh.unasked",
    /// No refresh token comes.
    RefreshMissing => "refresh.missing",
    /// No refresh token is redeemed.
    RefreshRefused => "refresh.refused",
    /// A client that acts for itself gets any scope that it asks for.
    ServiceGetsAnyScope => "service.any-scope",
    /// The token of a client that acts for itself holds every scope of the server's own.
    ServiceTokenWithAllScopes => "service.token-with-all-scopes",
    /// The token of a client that acts for itself names a user.
    ServiceTokenNamesUser => "service.token-names-user",
    /// Any key will do that signs a client's assertion.
    AssertionUnchecked => "token.assertion-unchecked",
    /// Any client secret will do.
    SecretUnchecked => "token.secret-unchecked",
    /// A client that has a secret need not show it.
    SecretOptional => "token.secret-optional",
    /// A client that is not there is taken for the first that is.
    AnyClient => "token.any-client",
    /// A grant type that there is not, or none, is taken for a code.
    GrantTypeUnchecked => "token.grant-type-unchecked",
    /// A token request that says something twice is taken by what it says first.
    TokenDuplicatesTaken => "token.duplicates-taken",
    /// The token endpoint answers `GET`, and reads the query.
    TokenByGet => "token.get-taken",
    /// Credentials in the query are passed over.
    QueryCredentialsIgnored => "token.query-credentials-ignored",
    /// The token endpoint says with 200 that it refuses.
    TokenErrorsWith200 => "token.errors-with-200",
    /// Caches may keep tokens that a code is redeemed for.
    TokenCacheable => "token.cacheable",
    /// Any code verifier will do, and none.
    VerifierUnchecked => "token.verifier-unchecked",
    /// A code verifier is passed over where the request for the code had no challenge.
    VerifierForNothing => "token.verifier-without-challenge",
    /// A code that comes again is refused, and what it was redeemed for lives on.
    CodeReuseEndsNothing => "token.reuse-ends-nothing",
    /// Anyone's user name and password are looked at, by whatever client sends them.
    PasswordGrant => "token.password-grant",
    /// A code is redeemed for whatever redirect URI.
    CodeRedirectUriUnchecked => "token.redirect-uri-unchecked",
    /// A code challenge does for its verifier, as by `plain`.
    VerifierPlainToo => "token.verifier-plain-too",
    /// A code is redeemed without a redirect URI.
    CodeRedirectUriOptional => "token.redirect-uri-optional",
    /// A client may use every grant type that the server has.
    ClientGrantsUnchecked => "token.client-grants-unchecked",
    /// What one client was granted, any other one redeems that says who it is.
    GrantsOfAnyClient => "token.grants-of-any-client",
    /// Any client ends the tokens of the others.
    RevocationOfAnyClient => "revocation.of-any-client",
    /// Anyone who asks to end the token of another client is answered by a failure.
    RevocationOfOthersFails => "revocation.of-others-fails",
    /// A token that is revoked is alive as before.
    RevocationEndsNothing => "revocation.ends-nothing",
    /// A token that is alive cannot be ended.
    RevocationRefusesKnown => "revocation.refuses-known",
    /// A token that was revoked fetches claims.
    UserinfoRevokedTaken => "userinfo.revoked-taken",
    /// Nobody looks who signed the ID token of a user who signs out.
    LogoutHintUnsigned => "logout.hint-unsigned",
    /// Anyone who signs out is sent wherever the request says.
    LogoutAnywhere => "logout.goes-anywhere",
    /// Anyone who signs out is sent to any address that begins like one of the client's.
    LogoutBeginsAlike => "logout.begins-alike",
    /// Who signs out stays signed in.
    LogoutEndsNothing => "logout.ends-nothing",
    /// Whose session it is makes no difference to an ID token that names somebody.
    HintUnchecked => "authorize.hint-unchecked",
    /// Nobody can sign out.
    LogoutRefused => "logout.refused",
    /// Discovery says that ID tokens may come unsigned.
    MetadataUnsigned => "metadata.unsigned-tokens",
    /// Discovery says that a code challenge may be plain.
    MetadataPlainChallenge => "metadata.plain-challenge",
    /// Discovery names another host to fetch claims at.
    MetadataUserinfoOtherHost => "metadata.userinfo-other-host",
    /// Discovery names another host to sign out at.
    MetadataLogoutOtherHost => "metadata.logout-other-host",
    /// A key is published with a member of its private part.
    KeysPrivate => "keys.private-member",
    /// The keys that sign are published for encryption, beside another one for signatures.
    KeysForEncryption => "keys.for-encryption",
    /// Two keys are published under one id.
    KeysEqualIds => "keys.equal-ids",
    /// Nothing says how long the keys may be kept.
    KeysWithoutAge => "keys.without-age",
    /// Claims are fetched by `GET` alone.
    UserinfoByGetAlone => "userinfo.get-alone",
    /// No token fetches claims.
    UserinfoClosed => "userinfo.closed",
    /// A token that is none cannot be ended.
    RevocationRefusesUnknown => "revocation.refuses-unknown",
    /// Anyone who asks is given claims.
    UserinfoOpen => "userinfo.open",
    /// The claims that a token fetches are about somebody else.
    UserinfoOfAnother => "userinfo.sub-other",
    /// A token that is alive is told with a scope that it does not have.
    IntrospectionScopeOther => "introspection.scope-other",
    /// An ID token does for an access token.
    UserinfoIdTokenTaken => "userinfo.id-token-taken",
    /// Every token is alive.
    IntrospectionAlwaysActive => "introspection.always-active",
    /// A token that is not alive is told more of.
    IntrospectionTellsMore => "introspection.tells-more",
    /// Redirects are 303 instead of 302 (harmless).
    Redirect303 => "redirect.303",
    /// Error descriptions are worded differently (harmless).
    ErrorTextOther => "error-text.other",
    /// Answers carry a header nobody knows (harmless).
    HeadersExtra => "headers.extra",
    /// Every answer takes 50 ms longer (harmless).
    Latency => "latency",
    /// Both tokens say in their header that they are JWTs (harmless).
    TokenTypeHeader => "token-header.typ",
    /// Discovery names members that nobody knows (harmless).
    DiscoveryFieldsExtra => "discovery.fields-extra",
    /// Objects of the Management API have a field that nobody knows (harmless).
    ManagementFieldsExtra => "management.fields-extra",
    /// The keys are rotated once the first token was given (harmless).
    KeysRotateAfterFirstToken => "keys.rotate-after-first-token",
    /// The first two answers of the keys endpoint lack the key that signs.
    KeysLag => "keys.lag",
    /// The first answer of the Management API at every address is from before anything was made.
    ManagementStale => "management.stale",
    /// One request in five fails by 500, by 503 or without an answer; the sign-in API's do not.
    FlakyOneInFive => "flaky.one-in-five",
    /// One request in five takes 300 ms longer.
    FlakySlow => "flaky.slow",
    /// One request in five of the sign-in page's API fails.
    FlakySignIn => "flaky.sign-in",
    /// The first request to every endpoint and kind of object is one too many.
    FlakyRateLimited => "flaky.rate-limited",
}

impl Fault {
    /// Every fault there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let of_tokens = TokenKind::ALL.into_iter().flat_map(|kind| {
            TokenFault::of(kind)
                .flat_map(move |fault| [Self::Token(kind, fault), Self::TokenByCode(kind, fault)])
        });
        let named = Self::NAMED.iter().map(|(fault, _)| *fault);
        of_tokens.chain(named).collect()
    }

    /// The fault as it is at the token endpoint.
    pub(crate) fn by_code(self) -> Self {
        match self {
            Self::TokenByCode(kind, fault) => Self::Token(kind, fault),
            other => other,
        }
    }

    /// What this fault does to a token of the kind.
    pub(crate) fn in_token(self, kind: TokenKind) -> Option<TokenFault> {
        match self {
            Self::Token(which, fault) if which == kind => Some(fault),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(kind, fault) => return write!(formatter, "{}.{fault}", kind.name()),
            Self::TokenByCode(kind, fault) => {
                return write!(formatter, "by-code.{}.{fault}", kind.name());
            }
            _ => {}
        }
        let mut named = Self::NAMED.iter();
        let name = named.find(|(fault, _)| fault == self);
        formatter.write_str(name.map_or("", |(_, name)| name))
    }
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{0}`")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = Self::all().into_iter();
        all.find(|fault| fault.to_string() == name)
            .ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_is_unique_and_leads_back_to_its_fault() {
        let names: HashSet<String> = Fault::all().iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Fault::all().len());
        for fault in Fault::all() {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }

    #[test]
    fn a_name_that_is_no_fault_is_refused() {
        assert!("access-token.nonce.missing".parse::<Fault>().is_err());
    }
}
