//! An authorize request that was read, and where its answer goes.

pub(crate) use super::response_type::ResponseType;

/// An authorize request with nothing wrong but what depends on the user.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizeRequest {
    pub(crate) server_id: String,
    /// The `iss` of the tokens that it asks for.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) return_to: ReturnTo,
    pub(crate) response_type: ResponseType,
    /// Empty when the default scopes are wanted.
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) max_age_seconds: Option<i64>,
    pub(crate) login_hint: Option<String>,
    /// The user of the `id_token_hint`; empty when the hint is nobody's.
    pub(crate) hinted_user: Option<String>,
    pub(crate) code_challenge: Option<String>,
}

/// Whether and for what the user may or must be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) none: bool,
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// Where an answer goes.
#[derive(Debug, Clone)]
pub(crate) struct ReturnTo {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

/// How an answer travels to the redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
    OktaPostMessage,
}

impl ResponseMode {
    pub(crate) fn parse(value: &str) -> Option<Self> {
        match value {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            "okta_post_message" => Some(Self::OktaPostMessage),
            _ => None,
        }
    }
}
