//! Errors of the Management API, as Okta's catalogue of error codes words them.

use axum::http::StatusCode;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

/// The length of an error id after its leading `oae`, as recorded.
const ERROR_ID_TAIL: usize = 22;

/// What an object is that shares a name with another one.
pub(super) const TAKEN: &str =
    "An object with this field already exists in the current organization";

/// A refusal.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    code: &'static str,
    summary: String,
    causes: Vec<String>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, summary: impl Into<String>) -> Self {
        Self {
            status,
            code,
            summary: summary.into(),
            causes: Vec::new(),
        }
    }

    fn because(mut self, cause: &str) -> Self {
        self.causes.push(cause.to_owned());
        self
    }

    /// What was sent cannot be; `field` is the one Okta blames, the causes name the others.
    pub(super) fn invalid(field: &str, causes: Vec<String>) -> Self {
        let summary = format!("Api validation failed: {field}");
        let mut error = Self::new(StatusCode::BAD_REQUEST, "E0000001", summary);
        error.causes = causes;
        error
    }

    /// What the query asks to be shown in full cannot be read.
    pub(super) fn malformed_expand() -> Self {
        Self::invalid(
            "RequestParams",
            vec!["Expand query is malformed.".to_owned()],
        )
    }

    pub(super) fn malformed() -> Self {
        let summary = "The request body was not well-formed.";
        Self::new(StatusCode::BAD_REQUEST, "E0000003", summary)
    }

    pub(super) fn not_found(id: &str, kind: &str) -> Self {
        let summary = format!("Not found: Resource not found: {id} ({kind})");
        Self::new(StatusCode::NOT_FOUND, "E0000007", summary)
    }

    pub(super) fn forbidden() -> Self {
        let summary = "You do not have permission to perform the requested action";
        Self::new(StatusCode::FORBIDDEN, "E0000006", summary)
    }

    pub(super) fn invalid_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "E0000011",
            "Invalid token provided",
        )
    }

    pub(super) fn feature_missing() -> Self {
        let summary = "You do not have permission to access the feature you are requesting";
        Self::new(StatusCode::UNAUTHORIZED, "E0000015", summary)
    }

    pub(super) fn already_active() -> Self {
        let summary = "Activation failed because the user is already active";
        Self::new(StatusCode::FORBIDDEN, "E0000016", summary)
    }

    pub(super) fn wrong_media_type() -> Self {
        let summary =
            "Bad request. Accept and/or Content-Type headers likely do not match supported values.";
        Self::new(StatusCode::BAD_REQUEST, "E0000019", summary)
    }

    pub(super) fn method_not_allowed() -> Self {
        let summary = "The endpoint does not support the provided HTTP method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "E0000022", summary)
    }

    pub(super) fn invalid_cursor() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "E0000029",
            "Invalid paging request.",
        )
        .because("Invalid cursor.")
    }

    pub(super) fn invalid_search() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "E0000031",
            "Invalid search criteria.",
        )
    }

    pub(super) fn unlock_not_allowed() -> Self {
        let summary = "Unlock is not allowed for this user.";
        Self::new(StatusCode::FORBIDDEN, "E0000032", summary).because("The user is not locked out.")
    }

    pub(super) fn wrong_user_status() -> Self {
        Self::new(StatusCode::FORBIDDEN, "E0000038", WRONG_USER_STATUS)
    }

    /// A factor that was not proven: Factors API, "Activate `WebAuthn` Factor".
    pub(super) fn wrong_passcode() -> Self {
        Self::new(StatusCode::FORBIDDEN, "E0000068", "Invalid Passcode/Answer")
            .because("Your passcode doesn't match our records. Please try again.")
    }

    pub(super) fn rate_limited() -> Self {
        let summary = "API call exceeded rate limit due to too many requests.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "E0000047", summary)
    }

    pub(super) fn application_is_active() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "E0000056",
            "Delete application forbidden.",
        )
        .because("The application must be deactivated before deletion.")
    }

    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E0000009",
            "Internal Server Error",
        )
    }

    /// 403 where something must not be done.
    pub(super) fn forbidden_if(is_forbidden: bool) -> Result<(), Self> {
        if is_forbidden {
            return Err(Self::forbidden());
        }
        Ok(())
    }

    pub(super) fn body(&self) -> Value {
        let random = rand::rng().sample_iter(Alphanumeric).take(ERROR_ID_TAIL);
        let error_id: String = "oae".chars().chain(random.map(char::from)).collect();
        let causes = self.causes.iter();
        let causes: Vec<Value> = causes.map(|cause| json!({"errorSummary": cause})).collect();
        json!({
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": causes,
        })
    }
}

/// Okta's words for a life cycle operation that does not fit the user's status.
pub(super) const WRONG_USER_STATUS: &str =
    "This operation is not allowed in the user's current status.";
