//! What came of an authorization request in a browser.

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::{NotSeen, ServerAnswer, Symptom};
use crate::exchange::AuthorizationKey;
use crate::openid::{Jwt, Response, TokenError};

impl AuthorizationKey {
    /// Why what needs its tokens could not be seen, when it was denied.
    #[must_use]
    pub fn no_tokens(&self, denial: Denial, text: &str) -> NotSeen {
        let symptom = Symptom::NoTokens {
            key: self.clone(),
            denial,
        };
        let reason = match denial {
            Denial::NoClientSecret => NotSeen::not_configured(
                "set OKTA_OAUTH2_CLIENT_SECRET to have the code redeemed: the client \
                 authenticates at the token endpoint",
            ),
            Denial::NoClientKey => NotSeen::not_applicable(text),
            Denial::NotRedeemed => NotSeen::failed(text),
            // The suite held the code back, or what stands before the org did: no step of the org
            // explains that.
            Denial::Unredeemable => return NotSeen::failed(text),
            _ => NotSeen::inconclusive(format!("{} got no tokens: {text}", self.words())),
        };
        reason.with(symptom)
    }
}

/// A request that was followed to its end.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// What the browser was sent to.
    pub url: Url,
    /// The `state` that was sent.
    pub state: String,
    /// The `nonce` that was sent.
    pub nonce: String,
    /// The PKCE code verifier of the code flow, for whoever presents the code once more.
    pub code_verifier: Option<SecretString>,
    /// When the browser was sent off, by this machine's clock.
    pub started: Timestamp,
    /// When the user's credentials were last typed in this session, if at all.
    pub signed_in: Option<Timestamp>,
    /// Where it ended.
    pub outcome: Outcome,
    /// The whole answer, where it was asked for by plain HTTP in the session of the browser.
    pub by_http: Option<Box<ServerAnswer>>,
}

/// Where a request ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// At the redirect URI, with tokens; in the code flow, those the code was redeemed for.
    Tokens {
        /// The parameters of the redirect.
        response: Response,
        /// The tokens.
        tokens: Box<Tokens>,
    },
    /// Somewhere else, or at the redirect URI without tokens.
    Denied {
        /// What kind of denial it is, by what is known of Okta's texts.
        denial: Denial,
        /// What was seen, in words: the error and its description, or the page's text.
        text: String,
        /// The parameters of the redirect, if there was one.
        response: Option<Response>,
    },
}

impl Outcome {
    /// The parameters of the redirect, if there was one.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Tokens { response, .. } => Some(response),
            Self::Denied { response, .. } => response.as_ref(),
        }
    }
}

/// The kinds of denial that Okta is known to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// `access_denied` by the access policy.
    Policy,
    /// The user is not assigned to the client.
    NotAssigned,
    /// `invalid_scope`: the server has no such scope.
    UnknownScope,
    /// The client may not use the response type or the grant type.
    ResponseType,
    /// Okta's own page: the redirect URI is not registered.
    RedirectUri,
    /// Okta's own page: no such client, or not active.
    Client,
    /// The token endpoint wants a client secret, and the run was told none.
    NoClientSecret,
    /// The token endpoint refused the client's authentication.
    ClientSecret,
    /// The client signs an assertion at the token endpoint, and the suite has no key to do so.
    NoClientKey,
    /// The token endpoint failed, so nothing is known of the code.
    NotRedeemed,
    /// The code was not sent where the metadata says, or that leads elsewhere, or what answers
    /// there is no token endpoint: it never will be.
    Unredeemable,
    /// The sign-in page refused the credentials.
    SignIn,
    /// No access token came, and none was asked for.
    NoneAsked,
    /// The sign-in page came, and nothing was to be typed into it.
    AskedToSignIn,
    /// The page that asks for consent, where a robot must stop.
    Consent,
    /// `access_denied`: the client may not be used from this network.
    Network,
    /// `server_error`: a claim, or a hook that changes claims, failed.
    ClaimEvaluation,
    /// Tokens came, and no refresh token with them although it was asked for.
    NoRefreshToken,
    /// The token endpoint wants a proof of possession (`DPoP`, RFC 9449).
    ProofOfPossession,
    /// Another page on which a robot must stop, and which says what it is.
    NamedPage,
    /// Another page on which a robot must stop, of which nothing is known.
    Page,
    /// The answer came at another address than the redirect URI.
    AtAnotherAddress,
    /// Refused, with a text that fits no known class.
    Unknown,
    /// Something else than a refusal: another error, or a redirect without one.
    Other,
}

impl Denial {
    /// Whether it says nothing of the org, but that the run could not redeem the code.
    #[must_use]
    pub fn is_of_the_run(self) -> bool {
        matches!(
            self,
            Self::NotRedeemed | Self::Unredeemable | Self::NoClientSecret | Self::NoClientKey
        )
    }

    /// The class of an error that came to the redirect URI, by Okta's error catalogue.
    #[must_use]
    pub fn of_error(error: &str, description: &str) -> Self {
        let says = |part: &str| description.to_ascii_lowercase().contains(part);
        match error {
            // user_not_assigned, and what the sign-in page says
            "access_denied"
                if says("user is not assigned to the client application")
                    || says("user is not assigned to this application") =>
            {
                Self::NotAssigned
            }
            // no_matching_policy, no_scope_allowed, scope_denied
            "access_denied"
                if says("policy evaluation failed")
                    || says("policy evaluation succeeded")
                    || says("scopes were denied by the policy") =>
            {
                Self::Policy
            }
            // Okta's error catalogue: password_expired, invalid_user_status_error, login_failed.
            "access_denied"
                if says("password is expired") || says("user status") || says("login failed") =>
            {
                Self::SignIn
            }
            // disallowed_network_zone
            "access_denied" if says("network zone") => Self::Network,
            "access_denied" => Self::Unknown,
            // user_claim_evaluation_failure, system_claim_evaluation_failure,
            // too_many_groups_in_groups_claim, invalid_callout_response
            "server_error" if says("claim") || says("callout service") => Self::ClaimEvaluation,
            "invalid_dpop_proof" | "use_dpop_nonce" => Self::ProofOfPossession,
            "invalid_scope" => Self::UnknownScope,
            "unsupported_response_type" | "unauthorized_client" => Self::ResponseType,
            _ => Self::Other,
        }
    }

    /// The class of Okta's own error page.
    #[must_use]
    pub fn of_error_page(code: &str, description: &str) -> Self {
        if description.contains("redirect_uri") {
            Self::RedirectUri
        } else if code == "invalid_client" || description.contains("client_id") {
            Self::Client
        } else {
            Self::Other
        }
    }
}

/// Tokens that came back.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token, to be used.
    pub access: SecretString,
    /// The access token, taken apart.
    pub access_token: Result<Jwt, TokenError>,
    /// The ID token, to be presented in the wrong place.
    pub id: Option<SecretString>,
    /// The ID token, taken apart.
    pub id_token: Option<Result<Jwt, TokenError>>,
    /// The refresh token, to be redeemed.
    pub refresh: Option<SecretString>,
    /// `token_type` beside the access token.
    pub token_type: Option<String>,
    /// `expires_in` beside the access token, as it came.
    pub expires_in: Option<String>,
    /// `scope` beside the access token.
    pub scope: Option<String>,
    /// A member of the token endpoint's answer that was there twice.
    pub repeated: Option<String>,
    /// When they had come, by this machine's clock.
    pub received: Timestamp,
}
