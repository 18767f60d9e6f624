//! The codes of findings: each distinct way in which a requirement is not met has one, which stays
//! the same from version to version, so that a record, a search and the org model can name it.
//!
//! What is wrong in the same way shares a code; which trial found it, and about what, the record
//! says beside it. `fixtures/finding-proofs.toml` names the case that produces each. They stand in
//! the document's order.

mod acceptance;

pub use acceptance::Acceptance;

/// Declares the codes, each with what it means and how it is written.
macro_rules! codes {
    ($(#[doc = $meaning:literal] $name:ident = $text:literal,)+) => {
        /// A way in which a requirement is not met.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)+
        }

        impl Code {
            /// Every code, in the document's order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// How it is written.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning.trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// What answers at the org's address is no Okta org.
    NoOktaOrg = "no-okta-org",
    /// The org has no API Access Management.
    NoApiAccessManagement = "no-api-access-management",
    /// The clocks of org and suite are too far apart.
    ClocksApart = "clocks-apart",
    /// The org has no group of that name.
    GroupMissing = "group-missing",
    /// The org has no user of that login.
    UserMissing = "user-missing",
    /// The user is there and not active.
    UserNotActive = "user-not-active",
    /// The user is not in a group of the model's.
    UserNotInItsGroup = "user-not-in-its-group",
    /// The user's profile has another value than the model for an attribute that a claim tells.
    ProfileOther = "profile-other",
    /// The user is in a group of the model's that is another's.
    UserInAnotherGroup = "user-in-another-group",
    /// The issuer is something else than a custom authorization server of the org.
    IssuerOther = "issuer-other",
    /// The org has no authorization server with the issuer.
    ServerMissing = "server-missing",
    /// The authorization server is not active.
    ServerInactive = "server-inactive",
    /// The issuer is an authorization server with neither the model's audience nor its scopes.
    ServerOther = "server-other",
    /// The authorization server has another audience.
    AudienceOther = "audience-other",
    /// The metadata names another issuer.
    MetadataIssuerOther = "metadata-issuer-other",
    /// The issuer has no metadata.
    MetadataMissing = "metadata-missing",
    /// The metadata names an endpoint on another host than the issuer's.
    EndpointElsewhere = "endpoint-elsewhere",
    /// The two metadata documents differ.
    MetadataDocumentsDiffer = "metadata-documents-differ",
    /// A published key has private members.
    KeyPrivate = "key-private",
    /// A signing key has no `kid`.
    KeyWithoutId = "key-without-id",
    /// A signing key is smaller than 2048 bits.
    KeyTooSmall = "key-too-small",
    /// No key for RS256 is published.
    KeyMissing = "key-missing",
    /// Two signing keys have the same `kid`.
    KeyIdsEqual = "key-ids-equal",
    /// A setting or claim of the authorization server differs.
    ServerDrift = "server-drift",
    /// The authorization server lacks the claim.
    ClaimMissing = "claim-missing",
    /// The claim is disabled.
    ClaimInactive = "claim-inactive",
    /// The claim says something else, or comes with other scopes.
    ClaimOther = "claim-other",
    /// The authorization server lacks the scope.
    ScopeMissing = "scope-missing",
    /// The scope is a default one, and is not meant to be.
    ScopeDefault = "scope-default",
    /// The scope is no default one, and is meant to be.
    ScopeNotDefault = "scope-not-default",
    /// A setting of the scope differs.
    ScopeDrift = "scope-drift",
    /// The authorization server has no active access policy.
    PolicyMissing = "policy-missing",
    /// No active access policy applies to the client.
    PolicyForOtherClients = "policy-for-other-clients",
    /// No rule gives a group what the model gives it.
    ScopesNotGiven = "scopes-not-given",
    /// A rule gives a scope to those whom the model does not give it.
    ScopeGivenToOthers = "scope-given-to-others",
    /// No rule gives a group refresh tokens.
    RefreshNotGivenByRules = "refresh-not-given-by-rules",
    /// No rule gives a service client the scopes that are its own.
    ServiceScopesNotGiven = "service-scopes-not-given",
    /// A rule gives a service client a scope that is not its own.
    ServiceScopesGiven = "service-scopes-given",
    /// Access tokens live shorter or longer by the rule that gives them.
    RuleLifetimeOther = "rule-lifetime-other",
    /// A policy applies to all clients.
    PolicyForAllClients = "policy-for-all-clients",
    /// The rules are in another order.
    RuleOrderOther = "rule-order-other",
    /// The access policy of the probes gives more than they are for, or to others than test users.
    ProbesGiveMore = "probes-give-more",
    /// A policy of the client, or a rule of it, says something beyond the model.
    PolicyDrift = "policy-drift",
    /// The org has no client of that id.
    ClientMissing = "client-missing",
    /// The client is not active.
    ClientInactive = "client-inactive",
    /// The client may not use a grant type.
    GrantTypeMissing = "grant-type-missing",
    /// The client may not use a response type.
    ResponseTypeMissing = "response-type-missing",
    /// The client is of another application type.
    ClientTypeOther = "client-type-other",
    /// The client authenticates in another way at the token endpoint.
    ClientAuthenticationOther = "client-authentication-other",
    /// The client may leave out PKCE.
    PkceNotRequired = "pkce-not-required",
    /// The org asks for consent.
    ConsentAsked = "consent-asked",
    /// The client may not be used from the network of the suite.
    NetworkClosed = "network-closed",
    /// The client's tokens are bound to a proof of possession.
    ProofOfPossessionRequired = "proof-of-possession-required",
    /// The client rotates its refresh tokens, or does not.
    RefreshRotationSetting = "refresh-rotation-setting",
    /// A setting of the client differs.
    ClientDrift = "client-drift",
    /// The org has no client of a service.
    ServiceClientMissing = "service-client-missing",
    /// The client of a service does more or less than act for itself.
    ServiceClientOther = "service-client-other",
    /// The redirect URI is not registered.
    RedirectUriMissing = "redirect-uri-missing",
    /// Another redirect URI is registered.
    RedirectUriExtra = "redirect-uri-extra",
    /// Redirect URIs may have wildcards.
    RedirectUriWildcard = "redirect-uri-wildcard",
    /// The org does not trust the origin.
    OriginMissing = "origin-missing",
    /// The origin is trusted, and not active.
    OriginInactive = "origin-inactive",
    /// The origin is not trusted for all that it is needed for.
    OriginTrustedForLess = "origin-trusted-for-less",
    /// Another trusted origin is not https.
    OriginInsecure = "origin-insecure",
    /// Another trusted origin has a wildcard.
    OriginWildcard = "origin-wildcard",
    /// Another trusted origin may show the org's pages in a frame.
    OriginEmbeds = "origin-embeds",
    /// The client is not assigned to a group.
    GroupNotAssigned = "group-not-assigned",
    /// The client is not assigned to a user.
    UserNotAssigned = "user-not-assigned",
    /// The client is assigned to a user whom the model does not assign it to.
    UserAssigned = "user-assigned",
    /// The client is assigned to Everyone.
    EveryoneAssigned = "everyone-assigned",
    /// Nobody needs an assignment to the client.
    AssignmentNotNeeded = "assignment-not-needed",
    /// Another group is assigned to the client.
    OtherGroupAssigned = "other-group-assigned",
    /// The client calls a user by the login of somebody else.
    UserTakenForAnother = "user-taken-for-another",
    /// A user is assigned in another way, or called otherwise.
    AssignmentDrift = "assignment-drift",
    /// The access policy refuses the tokens.
    NoTokensByPolicy = "no-tokens-by-policy",
    /// Tokens are refused for want of an assignment.
    NoTokensNotAssigned = "no-tokens-not-assigned",
    /// Tokens are refused, since the scope is not known.
    NoTokensUnknownScope = "no-tokens-unknown-scope",
    /// Tokens are refused, since the client may not use the response type.
    NoTokensResponseType = "no-tokens-response-type",
    /// The code is not redeemed, since the client's authentication is refused.
    NoTokensClientAuthentication = "no-tokens-client-authentication",
    /// Tokens are refused, since the redirect URI is not registered.
    NoTokensRedirectUri = "no-tokens-redirect-uri",
    /// Tokens are refused, since the client is not known or not active.
    NoTokensClient = "no-tokens-client",
    /// The org asks for consent instead of giving tokens.
    NoTokensConsent = "no-tokens-consent",
    /// Tokens are refused to the network of the suite.
    NoTokensNetwork = "no-tokens-network",
    /// A claim could not be computed, so no tokens were made.
    NoTokensClaims = "no-tokens-claims",
    /// No tokens come, for another reason.
    NoTokens = "no-tokens",
    /// Tokens are given to whom the model denies them.
    TokensGiven = "tokens-given",
    /// A code or token is handed out to whom the model denies it.
    CodeGiven = "code-given",
    /// The request is denied for another reason than the model's.
    DeniedOtherwise = "denied-otherwise",
    /// The state does not come back as it was sent.
    StateOther = "state-other",
    /// A token is not in the fragment, or is in the query.
    TokensMisplaced = "tokens-misplaced",
    /// A refresh token comes through the browser.
    RefreshTokenInBrowser = "refresh-token-in-browser",
    /// The token type is not Bearer.
    TokenTypeOther = "token-type-other",
    /// The scopes beside the token are not those in it.
    ScopesTold = "scopes-told-otherwise",
    /// No ID token comes with the access token.
    IdTokenMissing = "id-token-missing",
    /// The code flow puts a token into the browser.
    TokenInBrowser = "token-in-browser",
    /// The sign-in page sent a password to a host that is not trusted.
    PasswordSentElsewhere = "password-sent-elsewhere",
    /// `prompt=login` is answered from the session.
    PromptLoginIgnored = "prompt-login-ignored",
    /// `max_age=0` is answered from the session.
    MaxAgeIgnored = "max-age-ignored",
    /// The org does something else than its audited settings come to.
    OrgUnlikeAudit = "org-unlike-audit",
    /// The signature of the access token is not by a published key.
    AccessTokenSignature = "access-token-signature",
    /// The access token is not signed by RS256.
    AccessTokenAlgorithm = "access-token-algorithm",
    /// The header of the access token sends a validator elsewhere for a key.
    AccessTokenHeader = "access-token-header",
    /// The issuer in the access token is another one.
    AccessTokenIssuer = "access-token-issuer",
    /// The audience in the access token is another one.
    AccessTokenAudience = "access-token-audience",
    /// The client in the access token is another one.
    AccessTokenClient = "access-token-client",
    /// The access token was not issued in the time of its request.
    AccessTokenIssuedAt = "access-token-issued-at",
    /// The access token lives shorter or longer than its rule says.
    AccessTokenLifetime = "access-token-lifetime",
    /// `expires_in` is not the lifetime of the access token.
    ExpiresInOther = "expires-in-other",
    /// The time of the sign-in in the access token is wrong.
    AccessTokenAuthTime = "access-token-auth-time",
    /// The version of the access token is another one.
    AccessTokenVersion = "access-token-version",
    /// The access token has no id, or that of another token.
    AccessTokenId = "access-token-id",
    /// The user in the access token is another one.
    AccessTokenUser = "access-token-user",
    /// The subject of the access token is the login of another test user.
    AccessTokenOfAnother = "access-token-of-another",
    /// The subject of the access token is not the login.
    AccessTokenSubject = "access-token-subject",
    /// The access token holds other scopes than were asked for.
    AccessTokenScopes = "access-token-scopes",
    /// The access token lacks a claim of the model, or it says something else.
    AccessTokenClaim = "access-token-claim",
    /// The access token has a claim that belongs to ID tokens, or to scopes not asked for.
    AccessTokenClaimExtra = "access-token-claim-extra",
    /// The signature of the ID token is not by a published key.
    IdTokenSignature = "id-token-signature",
    /// The ID token is not signed by RS256.
    IdTokenAlgorithm = "id-token-algorithm",
    /// The header of the ID token sends a validator elsewhere for a key.
    IdTokenHeader = "id-token-header",
    /// The issuer in the ID token is another one.
    IdTokenIssuer = "id-token-issuer",
    /// The ID token lacks a claim of the model, or it says something else.
    IdTokenClaim = "id-token-claim",
    /// The ID token has a claim that belongs to access tokens, or to scopes not asked for.
    IdTokenClaimExtra = "id-token-claim-extra",
    /// The ID token is for another client.
    IdTokenAudience = "id-token-audience",
    /// The ID token was not issued in the time of its request.
    IdTokenIssuedAt = "id-token-issued-at",
    /// The ID token does not live an hour.
    IdTokenLifetime = "id-token-lifetime",
    /// The time of the sign-in in the ID token is wrong.
    IdTokenAuthTime = "id-token-auth-time",
    /// The ID token has another nonce than was sent, or none.
    IdTokenNonce = "id-token-nonce",
    /// The ID token does not hold the hash of its access token.
    IdTokenAccessTokenHash = "id-token-at-hash",
    /// The ID token beside a code does not hold its hash.
    IdTokenCodeHash = "id-token-c-hash",
    /// The version of the ID token is another one.
    IdTokenVersion = "id-token-version",
    /// The ID token has no id, or that of another token.
    IdTokenId = "id-token-id",
    /// The ID token does not say that a password was typed.
    IdTokenMethods = "id-token-methods",
    /// The ID token names no identity provider.
    IdTokenIdentityProvider = "id-token-identity-provider",
    /// The subject of the ID token is not the user.
    IdTokenSubject = "id-token-subject",
    /// An ID token was issued to another party.
    IdTokenParty = "id-token-party",
    /// A token says something twice.
    TokenRepeats = "token-repeats",
    /// A token says that it is of another kind.
    TokenTyped = "token-typed-otherwise",
    /// A token has a claim that is called as a secret.
    TokenSecret = "token-holds-secret",
    /// A token does not fit into a header.
    TokenTooLong = "token-too-long",
    /// A token tells of the person what nobody asked for.
    TokenPersonal = "token-personal",
    /// The ID tokens of two flows tell of two sign-ins.
    SignInsDiffer = "sign-ins-differ",
    /// No refresh token comes with the tokens.
    NoRefreshToken = "no-refresh-token",
    /// The refresh token is not redeemed.
    RefreshRefused = "refresh-refused",
    /// Refreshed tokens are for another user, client or API, or hold further scopes.
    RefreshedAccessOther = "refreshed-access-other",
    /// A claim of the model says something else in refreshed tokens than in those before.
    RefreshedClaimOther = "refreshed-claim-other",
    /// A refresh token is replaced by another one when it is used, or is not.
    RefreshRotationOther = "refresh-rotation-other",
    /// A refresh token is good for a scope that the sign-in did not give.
    RefreshWidens = "refresh-widens",
    /// A refresh token that was revoked is redeemed.
    RefreshOutlivesRevocation = "refresh-outlives-revocation",
    /// A refresh token is redeemed in whose place another came.
    RefreshReused = "refresh-reused",
    /// The newest refresh token is redeemed although one before it was used again.
    RefreshOutlivesReuse = "refresh-outlives-reuse",
    /// A refresh token comes that nobody asked for.
    RefreshTokenUnasked = "refresh-token-unasked",
    /// The two flows give different access.
    FlowsDiffer = "flows-differ",
    /// A service client gets no token for its scopes.
    ServiceNoToken = "service-no-token",
    /// The token of a service client holds other scopes than its own.
    ServiceTokenScopes = "service-token-scopes",
    /// The token of a service client names a user, or another client.
    ServiceTokenOfAnother = "service-token-of-another",
    /// A service client gets a token for a scope that is not its own.
    ServiceTokenGiven = "service-token-given",
    /// A service client gets a token for a scope of users.
    ServiceTokenOfUsers = "service-token-of-users",
    /// A service client gets a token by credentials that are not its own.
    ServiceImpostor = "service-impostor-let-in",
    /// A good token is refused at the endpoint.
    TokenRefused = "token-refused",
    /// The endpoint is not there.
    EndpointMissing = "endpoint-missing",
    /// A public endpoint is not open.
    PublicEndpointClosed = "public-endpoint-closed",
    /// The endpoint succeeds with another status.
    StatusOther = "status-other",
    /// The endpoint answers something else than the model says.
    BodyOther = "body-other",
    /// The endpoint answers to whom it must refuse.
    AccessGiven = "access-given",
    /// The endpoint's data comes without a token where the path has a slash behind.
    SlashOpen = "slash-open",
    /// A refusal does not ask for a bearer token.
    ChallengeMissing = "challenge-missing",
    /// A refusal has a status that no client can tell from something else.
    RefusalUnclear = "refusal-unclear",
    /// An answer holds what it must not.
    HostileAnswer = "hostile-answer",
    /// A hostile request gets the endpoint's data.
    HostileLetIn = "hostile-let-in",
    /// A hostile request succeeds where the answer is not known.
    HostileOpen = "hostile-open",
    /// The API fetched from an address in a token.
    HostileFetched = "hostile-fetched",
    /// The API ran a command in a token.
    HostileRan = "hostile-ran",
    /// A hostile request took the API from everybody.
    HostileTookTheApi = "hostile-took-the-api",
    /// The API has blocked the suite since.
    HostileBlocked = "hostile-blocked",
    /// The API does not answer a hostile request.
    HostileUnanswered = "hostile-unanswered",
    /// The API fails at a hostile request.
    HostileFails = "hostile-fails",
    /// A hostile request succeeds, without the endpoint's data.
    HostileSucceeds = "hostile-succeeds",
    /// The refusal of a hostile request shows the token.
    HostileShowsToken = "hostile-shows-token",
    /// The authorization server hands out a code or token that it must not.
    ProtocolHandsOut = "protocol-hands-out",
    /// The authorization server redirects to an address of nobody's.
    ProtocolRedirectsElsewhere = "protocol-redirects-elsewhere",
    /// The authorization server redirects to a redirect URI that is not registered.
    ProtocolRedirectsUnregistered = "protocol-redirects-unregistered",
    /// A wrong request is answered like a right one.
    ProtocolUnchecked = "protocol-unchecked",
    /// A request that must be refused succeeds.
    ProtocolTaken = "protocol-taken",
    /// The authorization server fails at a request.
    ProtocolFails = "protocol-fails",
    /// A request is refused in another way than it must be.
    ProtocolRefusedOtherwise = "protocol-refused-otherwise",
    /// What is told of a user or a token is not what the token says.
    ProtocolDisagrees = "protocol-disagrees",
    /// What the org model accepts is accepted no longer.
    AcceptedExpired = "accepted-expired",
    /// What the org model accepts is not found.
    AcceptedGone = "accepted-gone",
}

impl Code {
    /// The code that is written so.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.text() == text)
    }

    /// What the ids of the trials begin with that look for it.
    #[must_use]
    pub fn module(self) -> &'static str {
        let last = [
            (Self::ClocksApart, "step_0_prerequisites::"),
            (Self::GroupMissing, "step_1_groups::"),
            (Self::UserInAnotherGroup, "step_2_users::"),
            (Self::ClaimOther, "step_3a_authorization_server::"),
            (Self::ScopeDrift, "step_3b_scope::"),
            (Self::PolicyDrift, "step_3c_access_policy::"),
            (Self::ServiceClientOther, "step_4a_client::"),
            (Self::OriginEmbeds, "step_4b_redirect_uri::"),
            (Self::AssignmentDrift, "step_4c_assignment::"),
            (Self::ServiceImpostor, "step_5_"),
            (Self::RefusalUnclear, "access::"),
            (Self::HostileShowsToken, "hostile::"),
            (Self::ProtocolDisagrees, "protocol::"),
        ];
        let own = last.into_iter().find(|(last, _)| self <= *last);
        own.map_or("accepted::", |(_, module)| module)
    }
}

/// What a breach is about: the scope, and whoever gets it.
#[must_use]
pub(crate) fn given(scope: &str, whom: &str) -> String {
    format!("{scope} to {whom}")
}
