//! The table of codes: what each means, how the org model may accept it, how it is written.

use super::Acceptance;

codes! {
    /// What answers at the org's address is no Okta org.
    NoOktaOrg: BySubject = "no-okta-org",
    /// The org has no API Access Management.
    NoApiAccessManagement: BySubject = "no-api-access-management",
    /// The clocks of org and suite are too far apart.
    ClocksApart: BySubject = "clocks-apart",
    /// The org has no group of that name.
    GroupMissing: BySubject = "group-missing",
    /// The org has no user of that login.
    UserMissing: BySubject = "user-missing",
    /// The user is there and not active.
    UserNotActive: BySubject = "user-not-active",
    /// The user is not in a group of the model's.
    UserNotInItsGroup: BySubject = "user-not-in-its-group",
    /// The user's profile has another value than the model for an attribute that a claim holds.
    ProfileOther: BySubject = "profile-other",
    /// The user is in a group of the model's that is another's.
    UserInAnotherGroup: Never = "user-in-another-group",
    /// The issuer is something else than a custom authorization server of the org.
    IssuerOther: BySubject = "issuer-other",
    /// The org has no authorization server with the issuer.
    ServerMissing: BySubject = "server-missing",
    /// The authorization server is not active.
    ServerInactive: BySubject = "server-inactive",
    /// The issuer is an authorization server with neither the model's audience nor its scopes.
    ServerOther: BySubject = "server-other",
    /// The authorization server has another audience.
    AudienceOther: BySubject = "audience-other",
    /// The metadata names another issuer.
    MetadataIssuerOther: BySubject = "metadata-issuer-other",
    /// The issuer has no metadata.
    MetadataMissing: BySubject = "metadata-missing",
    /// The metadata names an endpoint on another host than the issuer's.
    EndpointElsewhere: BySubject = "endpoint-elsewhere",
    /// The metadata says something twice.
    MetadataRepeats: BySubject = "metadata-repeats",
    /// The two metadata documents differ.
    MetadataDocumentsDiffer: BySubject = "metadata-documents-differ",
    /// A published key has private members.
    KeyPrivate: Never = "key-private",
    /// A signing key has no `kid`.
    KeyWithoutId: BySubject = "key-without-id",
    /// A signing key is smaller than 2048 bits.
    KeyTooSmall: BySubject = "key-too-small",
    /// The exponent of a signing key keeps nobody from signing.
    KeyExponent: Never = "key-exponent-weak",
    /// The published keys say something twice.
    KeysRepeat: BySubject = "keys-repeat",
    /// No key for RS256 is published.
    KeyMissing: BySubject = "key-missing",
    /// Two signing keys have the same `kid`.
    KeyIdsEqual: BySubject = "key-ids-equal",
    /// A setting or claim of the authorization server differs.
    ServerDrift: BySubject = "server-drift",
    /// The authorization server lacks the claim.
    ClaimMissing: BySubject = "claim-missing",
    /// The claim is disabled.
    ClaimInactive: BySubject = "claim-inactive",
    /// The claim says something else, or comes with other scopes.
    ClaimOther: BySubject = "claim-other",
    /// The authorization server lacks the scope.
    ScopeMissing: BySubject = "scope-missing",
    /// The scope is a default one, and is not meant to be.
    ScopeDefault: BySubject = "scope-default",
    /// The scope is no default one, and is meant to be.
    ScopeNotDefault: BySubject = "scope-not-default",
    /// A setting of the scope differs.
    ScopeDrift: BySubject = "scope-drift",
    /// The authorization server has no active access policy.
    PolicyMissing: BySubject = "policy-missing",
    /// No active access policy applies to the client.
    PolicyForOtherClients: BySubject = "policy-for-other-clients",
    /// No rule gives a group what the model gives it.
    ScopesNotGiven: BySubject = "scopes-not-given",
    /// A rule gives a scope to those whom the model does not give it.
    ScopeGivenToOthers: ByScopeAndWhom = "scope-given-to-others",
    /// No rule gives a group refresh tokens.
    RefreshNotGivenByRules: BySubject = "refresh-not-given-by-rules",
    /// No rule gives a service client the scopes that are its own.
    ServiceScopesNotGiven: BySubject = "service-scopes-not-given",
    /// A rule gives a service client a scope that is not its own.
    ServiceScopesGiven: Never = "service-scopes-given",
    /// Access tokens live shorter or longer by the rule that gives them.
    RuleLifetimeOther: BySubject = "rule-lifetime-other",
    /// A policy applies to all clients.
    PolicyForAllClients: BySubject = "policy-for-all-clients",
    /// The rules are in another order.
    RuleOrderOther: BySubject = "rule-order-other",
    /// The access policy of the probes gives more than they are for, or to others than test users.
    ProbesGiveMore: Never = "probes-give-more",
    /// A policy of the client, or a rule of it, says something beyond the model.
    PolicyDrift: BySubject = "policy-drift",
    /// The org has no client of that id.
    ClientMissing: BySubject = "client-missing",
    /// The client is not active.
    ClientInactive: BySubject = "client-inactive",
    /// The client may not use a grant type.
    GrantTypeMissing: BySubject = "grant-type-missing",
    /// The client may not use a response type.
    ResponseTypeMissing: BySubject = "response-type-missing",
    /// The client is of another application type.
    ClientTypeOther: BySubject = "client-type-other",
    /// The client authenticates in another way at the token endpoint.
    ClientAuthenticationOther: BySubject = "client-authentication-other",
    /// The client may leave out PKCE.
    PkceNotRequired: BySubject = "pkce-not-required",
    /// The org asks for consent.
    ConsentAsked: BySubject = "consent-asked",
    /// The client may not be used from the network of the suite.
    NetworkClosed: BySubject = "network-closed",
    /// The client's tokens are bound to a proof of possession.
    ProofOfPossessionRequired: BySubject = "proof-of-possession-required",
    /// The client rotates its refresh tokens, or does not.
    RefreshRotationSetting: BySubject = "refresh-rotation-setting",
    /// A setting of the client differs.
    ClientDrift: BySubject = "client-drift",
    /// The org has no client of a service.
    ServiceClientMissing: BySubject = "service-client-missing",
    /// The client of a service does more or less than act for itself.
    ServiceClientOther: BySubject = "service-client-other",
    /// The redirect URI is not registered.
    RedirectUriMissing: BySubject = "redirect-uri-missing",
    /// Another redirect URI is registered.
    RedirectUriExtra: BySubject = "redirect-uri-extra",
    /// Redirect URIs may have wildcards.
    RedirectUriWildcard: BySubject = "redirect-uri-wildcard",
    /// The org does not trust the origin.
    OriginMissing: BySubject = "origin-missing",
    /// The origin is trusted, and not active.
    OriginInactive: BySubject = "origin-inactive",
    /// The origin is not trusted for all that it is needed for.
    OriginTrustedForLess: BySubject = "origin-trusted-for-less",
    /// Another trusted origin is not https.
    OriginInsecure: BySubject = "origin-insecure",
    /// Another trusted origin has a wildcard.
    OriginWildcard: BySubject = "origin-wildcard",
    /// Another trusted origin may show the org's pages in a frame.
    OriginEmbeds: BySubject = "origin-embeds",
    /// The client is not assigned to a group.
    GroupNotAssigned: BySubject = "group-not-assigned",
    /// The client is not assigned to a user.
    UserNotAssigned: BySubject = "user-not-assigned",
    /// The client is assigned to a user whom the model does not assign it to.
    UserAssigned: Never = "user-assigned",
    /// The client is assigned to Everyone.
    EveryoneAssigned: BySubject = "everyone-assigned",
    /// Nobody needs an assignment to the client.
    AssignmentNotNeeded: BySubject = "assignment-not-needed",
    /// Another group is assigned to the client.
    OtherGroupAssigned: BySubject = "other-group-assigned",
    /// The client calls a user by the login of somebody else.
    UserTakenForAnother: Never = "user-taken-for-another",
    /// A user is assigned in another way, or called otherwise.
    AssignmentDrift: BySubject = "assignment-drift",
    /// The access policy refuses the tokens.
    NoTokensByPolicy: BySubject = "no-tokens-by-policy",
    /// Tokens are refused for want of an assignment.
    NoTokensNotAssigned: BySubject = "no-tokens-not-assigned",
    /// Tokens are refused, since the scope is not known.
    NoTokensUnknownScope: BySubject = "no-tokens-unknown-scope",
    /// Tokens are refused, since the client may not use the response type.
    NoTokensResponseType: BySubject = "no-tokens-response-type",
    /// The code is not redeemed, since the client's authentication is refused.
    NoTokensClientAuthentication: BySubject = "no-tokens-client-authentication",
    /// Tokens are refused, since the redirect URI is not registered.
    NoTokensRedirectUri: BySubject = "no-tokens-redirect-uri",
    /// Tokens are refused, since the client is not known or not active.
    NoTokensClient: BySubject = "no-tokens-client",
    /// The org asks for consent instead of giving tokens.
    NoTokensConsent: BySubject = "no-tokens-consent",
    /// Tokens are refused to the network of the suite.
    NoTokensNetwork: BySubject = "no-tokens-network",
    /// A claim could not be computed, so no tokens were made.
    NoTokensClaims: BySubject = "no-tokens-claims",
    /// The answer comes at another address than the redirect URI.
    AnswerElsewhere: Never = "answer-elsewhere",
    /// No tokens come, for another reason.
    NoTokens: BySubject = "no-tokens",
    /// Tokens are given to whom the model denies them.
    TokensGiven: ByScopeAndWhom = "tokens-given",
    /// A code or token is handed out to whom the model denies it.
    CodeGiven: ByScopeAndWhom = "code-given",
    /// The request is denied for another reason than the model's.
    DeniedOtherwise: BySubject = "denied-otherwise",
    /// The state does not come back as it was sent.
    StateOther: BySubject = "state-other",
    /// The answer names another issuer than the one that was asked.
    ResponseIssuerOther: BySubject = "response-issuer-other",
    /// A token is not in the fragment, or is in the query.
    TokensMisplaced: BySubject = "tokens-misplaced",
    /// What comes with the tokens is there twice.
    AnswerRepeats: BySubject = "answer-repeats",
    /// A refresh token comes through the browser.
    RefreshTokenInBrowser: BySubject = "refresh-token-in-browser",
    /// The token type is not Bearer.
    TokenTypeOther: BySubject = "token-type-other",
    /// The scopes beside the token are not those in it.
    ScopesTold: BySubject = "scopes-told-otherwise",
    /// No ID token comes with the access token.
    IdTokenMissing: BySubject = "id-token-missing",
    /// The code flow puts a token into the browser.
    TokenInBrowser: BySubject = "token-in-browser",
    /// The sign-in page sent a password to a host that is not trusted.
    PasswordSentElsewhere: Never = "password-sent-elsewhere",
    /// `prompt=login` is answered from the session.
    PromptLoginIgnored: Never = "prompt-login-ignored",
    /// `max_age=0` is answered from the session.
    MaxAgeIgnored: Never = "max-age-ignored",
    /// The org does something else than its audited settings come to.
    OrgUnlikeAudit: BySubject = "org-unlike-audit",
    /// The signature of the access token is not by a published key.
    AccessTokenSignature: BySubject = "access-token-signature",
    /// The access token is not signed by RS256.
    AccessTokenAlgorithm: BySubject = "access-token-algorithm",
    /// The header of the access token sends a validator elsewhere for a key.
    AccessTokenHeader: BySubject = "access-token-header",
    /// The issuer in the access token is another one.
    AccessTokenIssuer: BySubject = "access-token-issuer",
    /// The audience in the access token is another one.
    AccessTokenAudience: BySubject = "access-token-audience",
    /// The client in the access token is another one.
    AccessTokenClient: BySubject = "access-token-client",
    /// The access token was not issued in the time of its request.
    AccessTokenIssuedAt: BySubject = "access-token-issued-at",
    /// The access token lives shorter or longer than its rule says.
    AccessTokenLifetime: BySubject = "access-token-lifetime",
    /// `expires_in` is not the lifetime of the access token.
    ExpiresInOther: BySubject = "expires-in-other",
    /// The time of the sign-in in the access token is wrong.
    AccessTokenAuthTime: BySubject = "access-token-auth-time",
    /// The version of the access token is another one.
    AccessTokenVersion: BySubject = "access-token-version",
    /// The access token has no id, or that of another token.
    AccessTokenId: BySubject = "access-token-id",
    /// The user in the access token is another one.
    AccessTokenUser: Never = "access-token-user",
    /// The subject of the access token is the login of another test user.
    AccessTokenOfAnother: Never = "access-token-of-another",
    /// The subject of the access token is not the login.
    AccessTokenSubject: BySubject = "access-token-subject",
    /// The access token holds other scopes than were asked for.
    AccessTokenScopes: Never = "access-token-scopes",
    /// The access token lacks a claim of the model, or it says something else.
    AccessTokenClaim: BySubject = "access-token-claim",
    /// The access token has a claim that belongs to ID tokens, or to scopes not asked for.
    AccessTokenClaimExtra: BySubject = "access-token-claim-extra",
    /// The signature of the ID token is not by a published key.
    IdTokenSignature: BySubject = "id-token-signature",
    /// The ID token is not signed by RS256.
    IdTokenAlgorithm: BySubject = "id-token-algorithm",
    /// The header of the ID token sends a validator elsewhere for a key.
    IdTokenHeader: BySubject = "id-token-header",
    /// The issuer in the ID token is another one.
    IdTokenIssuer: BySubject = "id-token-issuer",
    /// The ID token lacks a claim of the model, or it says something else.
    IdTokenClaim: BySubject = "id-token-claim",
    /// The ID token has a claim that belongs to access tokens, or to scopes not asked for.
    IdTokenClaimExtra: BySubject = "id-token-claim-extra",
    /// The ID token is for another client.
    IdTokenAudience: BySubject = "id-token-audience",
    /// The ID token was not issued in the time of its request.
    IdTokenIssuedAt: BySubject = "id-token-issued-at",
    /// The ID token does not live an hour.
    IdTokenLifetime: BySubject = "id-token-lifetime",
    /// The time of the sign-in in the ID token is wrong.
    IdTokenAuthTime: BySubject = "id-token-auth-time",
    /// The ID token has another nonce than was sent, or none.
    IdTokenNonce: BySubject = "id-token-nonce",
    /// The ID token does not hold the hash of its access token.
    IdTokenAccessTokenHash: BySubject = "id-token-at-hash",
    /// The ID token beside a code does not hold its hash.
    IdTokenCodeHash: BySubject = "id-token-c-hash",
    /// The version of the ID token is another one.
    IdTokenVersion: BySubject = "id-token-version",
    /// The ID token has no id, or that of another token.
    IdTokenId: BySubject = "id-token-id",
    /// The ID token does not say that a password was typed.
    IdTokenMethods: BySubject = "id-token-methods",
    /// The ID token names no identity provider.
    IdTokenIdentityProvider: BySubject = "id-token-identity-provider",
    /// The subject of the ID token is not the user.
    IdTokenSubject: Never = "id-token-subject",
    /// An ID token was issued to another party.
    IdTokenParty: BySubject = "id-token-party",
    /// A token says something twice.
    TokenRepeats: BySubject = "token-repeats",
    /// A token says that it is of another kind.
    TokenTyped: BySubject = "token-typed-otherwise",
    /// A token has a claim that is called as a secret.
    TokenSecret: BySubject = "token-holds-secret",
    /// A token does not fit into a header.
    TokenTooLong: BySubject = "token-too-long",
    /// A token holds what nobody asked for about the person.
    TokenPersonal: BySubject = "token-personal",
    /// The ID tokens of two flows tell of two sign-ins.
    SignInsDiffer: BySubject = "sign-ins-differ",
    /// No refresh token comes with the tokens.
    NoRefreshToken: BySubject = "no-refresh-token",
    /// The refresh token is not redeemed.
    RefreshRefused: BySubject = "refresh-refused",
    /// Refreshed tokens are for another user, client or API, or hold further scopes.
    RefreshedAccessOther: Never = "refreshed-access-other",
    /// A claim of the model says something else in refreshed tokens than in those before.
    RefreshedClaimOther: BySubject = "refreshed-claim-other",
    /// A refresh token is replaced by another one when it is used, or is not.
    RefreshRotationOther: BySubject = "refresh-rotation-other",
    /// A refresh token is good for a scope that the sign-in did not give.
    RefreshWidens: ByScopeAndWhom = "refresh-widens",
    /// A refresh token that was revoked is redeemed.
    RefreshOutlivesRevocation: Never = "refresh-outlives-revocation",
    /// A refresh token is redeemed by another client than it was given to.
    RefreshByAnother: Never = "refresh-by-another-client",
    /// A refresh token is redeemed in whose place another came.
    RefreshReused: Never = "refresh-reused",
    /// The newest refresh token is redeemed although one before it was used again.
    RefreshOutlivesReuse: Never = "refresh-outlives-reuse",
    /// A refresh token comes that nobody asked for.
    RefreshTokenUnasked: BySubject = "refresh-token-unasked",
    /// The two flows give different access.
    FlowsDiffer: BySubject = "flows-differ",
    /// A service client gets no token for its scopes.
    ServiceNoToken: BySubject = "service-no-token",
    /// The token of a service client holds other scopes than its own.
    ServiceTokenScopes: Never = "service-token-scopes",
    /// The token of a service client names a user, or another client.
    ServiceTokenOfAnother: Never = "service-token-of-another",
    /// A service client gets a token for a scope that is not its own.
    ServiceTokenGiven: Never = "service-token-given",
    /// A service client gets a token for a scope of users.
    ServiceTokenOfUsers: Never = "service-token-of-users",
    /// A service client gets a token by credentials that are not its own.
    ServiceImpostor: Never = "service-impostor-let-in",
    /// A good token is refused at the endpoint.
    TokenRefused: BySubject = "token-refused",
    /// The endpoint is not there.
    EndpointMissing: BySubject = "endpoint-missing",
    /// A public endpoint is not open.
    PublicEndpointClosed: BySubject = "public-endpoint-closed",
    /// The endpoint succeeds with another status.
    StatusOther: BySubject = "status-other",
    /// The endpoint answers something else than the model says.
    BodyOther: BySubject = "body-other",
    /// The endpoint answers to whom it must refuse.
    AccessGiven: ByScopeAndWhom = "access-given",
    /// The endpoint's data comes without a token where the path has a slash behind.
    SlashOpen: ByScopeAndWhom = "slash-open",
    /// A refusal does not ask for a bearer token.
    ChallengeMissing: BySubject = "challenge-missing",
    /// A refusal has a status that no client can tell from something else.
    RefusalUnclear: BySubject = "refusal-unclear",
    /// An answer holds what it must not.
    HostileAnswer: BySubject = "hostile-answer",
    /// A hostile request gets the endpoint's data.
    HostileLetIn: ByScopeAndWhom = "hostile-let-in",
    /// A hostile request succeeds where the answer is not known.
    HostileOpen: ByScopeAndWhom = "hostile-open",
    /// The API fetched from an address in a token.
    HostileFetched: BySubject = "hostile-fetched",
    /// The API ran a command in a token.
    HostileRan: Never = "hostile-ran",
    /// A hostile request took the API from everybody.
    HostileTookTheApi: BySubject = "hostile-took-the-api",
    /// The API has blocked the suite since.
    HostileBlocked: BySubject = "hostile-blocked",
    /// The API does not answer a hostile request.
    HostileUnanswered: BySubject = "hostile-unanswered",
    /// The API fails at a hostile request.
    HostileFails: BySubject = "hostile-fails",
    /// A hostile request succeeds, without the endpoint's data.
    HostileSucceeds: BySubject = "hostile-succeeds",
    /// The refusal of a hostile request tells of the inside of the API.
    HostileShowsInside: BySubject = "hostile-shows-inside",
    /// The refusal of a hostile request shows the token.
    HostileShowsToken: BySubject = "hostile-shows-token",
    /// The authorization server hands out a code or token that it must not.
    ProtocolHandsOut: Never = "protocol-hands-out",
    /// The authorization server redirects to an address of nobody's.
    ProtocolRedirectsElsewhere: Never = "protocol-redirects-elsewhere",
    /// The authorization server redirects to a redirect URI that is not registered.
    ProtocolRedirectsUnregistered: Never = "protocol-redirects-unregistered",
    /// A wrong request is answered like a right one.
    ProtocolUnchecked: Never = "protocol-unchecked",
    /// A request that must be refused succeeds.
    ProtocolTaken: Never = "protocol-taken",
    /// The authorization server fails at a request.
    ProtocolFails: BySubject = "protocol-fails",
    /// A request is refused in another way than it must be.
    ProtocolRefusedOtherwise: BySubject = "protocol-refused-otherwise",
    /// An answer is right as such, and others get more of it than they may.
    ProtocolUnsafe: Never = "protocol-answer-unsafe",
    /// Tokens of an answer in a session are of another request or user.
    ProtocolOfAnother: Never = "protocol-of-another",
    /// What an endpoint says of a user or a token is not what the token says.
    ProtocolDisagrees: BySubject = "protocol-disagrees",
    /// What the org model accepts is accepted no longer.
    AcceptedExpired: Never = "accepted-expired",
    /// What the org model accepts is not found.
    AcceptedGone: Never = "accepted-gone",
}
