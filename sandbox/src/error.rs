//! OAuth errors, with the texts of Okta's published error catalogue.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::keys::KeyError;
use crate::state::org::new_id;

/// An error of an OAuth endpoint: what a redirect carries, a page shows or a body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OAuthError {
    /// The status of a direct answer; a redirect and the error page have their own.
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl OAuthError {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
        }
    }

    /// 400 with the error and description.
    pub(crate) fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    /// 400 `invalid_request`.
    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::bad("invalid_request", description)
    }

    /// 401 `invalid_client`.
    pub(crate) fn invalid_client(description: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// The client is not there or not active.
    pub(crate) fn invalid_client_id() -> Self {
        Self::invalid_client("Invalid value for 'client_id' parameter.")
    }

    /// The code is unknown, used or too old.
    pub(crate) fn invalid_code() -> Self {
        Self::bad(
            "invalid_grant",
            "The authorization code is invalid or has expired.",
        )
    }

    /// The refresh token is unknown, used up or too old.
    pub(crate) fn invalid_refresh_token() -> Self {
        Self::bad("invalid_grant", "The refresh token is invalid or expired.")
    }

    /// A refresh token was to bring scopes that the sign-in did not.
    pub(crate) fn refresh_scopes_denied(scopes: &[&str]) -> Self {
        let scopes = scopes.join(", ");
        Self::bad(
            "access_denied",
            format!(
                "Some of the scopes requested for the refresh request were not granted in the \
                 original authorize request. Denied scopes: {scopes}."
            ),
        )
    }

    /// No scope was asked for, and the server has none for such requests.
    pub(crate) fn no_default_scopes() -> Self {
        Self::bad(
            "invalid_scope",
            "The authorization server resource does not have any configured default scopes, \
             'scope' must be provided.",
        )
    }

    /// A client proved who it is more than once. Okta's API description has 400 and other words;
    /// the catalogue is what the server is made of.
    pub(crate) fn multiple_client_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_request",
            "Cannot supply multiple client credentials. Use one of the following: credentials in \
             the Authorization header, credentials in the post body, or a client_assertion in the \
             post body.",
        )
    }

    /// A claim of groups is too large.
    pub(crate) fn too_many_groups() -> Self {
        Self::bad(
            "server_error",
            "The groups claim matched too many groups and must be configured to match fewer groups.",
        )
    }

    /// A parameter was sent twice.
    pub(crate) fn duplicate_parameters() -> Self {
        Self::invalid_request("The request contained multiple parameters with the same name.")
    }

    /// Nobody is signed in and nobody may be asked.
    pub(crate) fn login_required() -> Self {
        Self::bad(
            "login_required",
            "The client specified not to prompt, but the user is not logged in.",
        )
    }

    /// The session does not do and nobody may be asked.
    pub(crate) fn sign_on_required() -> Self {
        Self::bad(
            "login_required",
            "The client specified not to prompt, but the client app requires \
             re-authentication or MFA.",
        )
    }

    /// The user would have to allow scopes and may not be asked.
    pub(crate) fn consent_required(scopes: &[String]) -> Self {
        let scopes = scopes.join(", ");
        Self::bad(
            "consent_required",
            format!("The following scopes require user consent: [{scopes}]."),
        )
    }

    /// The user did not allow it.
    pub(crate) fn declined() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            "The resource owner or authorization server denied the request.",
        )
    }

    /// The sign-in took too long or was finished already.
    pub(crate) fn request_expired() -> Self {
        Self::bad(
            "login_required",
            "Request expired, please start over and try again.",
        )
    }

    /// The org lacks a licence.
    pub(crate) fn feature_missing() -> Self {
        Self::bad(
            "access_denied",
            "The requested feature is not enabled in this environment.",
        )
    }

    /// The client may be used from other networks alone.
    pub(crate) fn outside_network_zones() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            "The request is made from outside the client's permitted network zones.",
        )
    }

    /// A claim that Okta made cannot be evaluated.
    pub(crate) fn claim_not_evaluated(claim: &str) -> Self {
        Self::bad(
            "server_error",
            format!("The '{claim}' system claim could not be evaluated."),
        )
    }

    /// The client is bound to proofs of possession, and none came (RFC 9449).
    pub(crate) fn proof_missing() -> Self {
        Self::bad(
            "invalid_dpop_proof",
            "The DPoP proof JWT header is missing.",
        )
    }

    /// The user is assigned to the client neither directly nor through a group.
    pub(crate) fn user_not_assigned() -> Self {
        Self::bad(
            "access_denied",
            "User is not assigned to the client application.",
        )
    }

    /// No rule covers the request.
    pub(crate) fn no_matching_policy() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "access_denied",
            "Policy evaluation failed for this request, please check the policy configurations.",
        )
    }

    /// Some scopes are covered by no rule.
    pub(crate) fn scope_denied(scopes: &[&str]) -> Self {
        let scopes = scopes.join(", ");
        Self::bad(
            "access_denied",
            format!(
                "Some of the requested scopes were denied by the policy. \
                 Denied scopes: [{scopes}]."
            ),
        )
    }

    /// A rule matches but grants none of the default scopes.
    pub(crate) fn no_scope_allowed() -> Self {
        Self::bad(
            "access_denied",
            "Policy evaluation succeeded, but all the requested scopes were rejected.",
        )
    }

    /// A scope that the authorization server does not have.
    pub(crate) fn unknown_scope() -> Self {
        Self::bad(
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
        )
    }

    /// The client may not use the grant.
    pub(crate) fn unauthorized_client(grant_types: &[String]) -> Self {
        let configured = grant_types.join(", ");
        Self::bad(
            "unauthorized_client",
            format!(
                "The client is not authorized to use the provided grant type. \
                 Configured grant types: [{configured}]."
            ),
        )
    }

    /// The request did not name a token.
    pub(crate) fn token_missing() -> Self {
        Self::invalid_request("The 'token' parameter is required.")
    }
}

impl From<KeyError> for OAuthError {
    fn from(_: KeyError) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "temporarily_unavailable",
            "The authorization server is currently unable to handle the request due to a \
             temporary overloading or maintenance of the server.",
        )
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let headers = [(header::CACHE_CONTROL, "no-cache, no-store")];
        (self.status, headers, Json(body)).into_response()
    }
}

/// An error in the shape of the Management API, which some OAuth endpoints use too.
pub(crate) fn okta_error(status: StatusCode, code: &str, summary: &str) -> Response {
    okta_error_because(status, code, summary, &[])
}

/// The same with causes, which pages prefer to the summary.
pub(crate) fn okta_error_because(
    status: StatusCode,
    code: &str,
    summary: &str,
    causes: &[&str],
) -> Response {
    let causes = causes.iter().map(|cause| json!({"errorSummary": cause}));
    let body = json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": format!("oae{}", new_id("")),
        "errorCauses": causes.collect::<Vec<_>>(),
    });
    (status, Json(body)).into_response()
}

/// 404 for an authorization server that is not there.
pub(crate) fn unknown_server(id: &str) -> Response {
    okta_error(
        StatusCode::NOT_FOUND,
        "E0000007",
        &format!("Not found: Resource not found: {id} (AuthorizationServer)"),
    )
}
