//! Answers of the authorize endpoint: where parameters go, and how they look there.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded::Serializer;

use super::error::OAuthError;
use super::parameters::Parameters;
use crate::fault::Fault;
use crate::pages;
use crate::state::AppState;

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

/// Where an answer goes.
#[derive(Debug, Clone)]
pub(crate) struct ReturnTo {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

impl ReturnTo {
    /// Where a request wants its answer, errors included: what is wrong with the wish itself falls
    /// back to the default of the response type.
    pub(crate) fn of_request(redirect_uri: String, sent: &Parameters) -> Self {
        let response_type = sent.get("response_type").unwrap_or_default();
        let has = |name| response_type.split(' ').any(|word| word == name);
        let has_tokens = has("token") || has("id_token");
        let default = if has_tokens {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        };
        let is_possible = |mode: &ResponseMode| match mode {
            ResponseMode::Query => !has_tokens,
            ResponseMode::OktaPostMessage => !has("code"),
            ResponseMode::Fragment | ResponseMode::FormPost => true,
        };
        let wanted = sent.get("response_mode").and_then(ResponseMode::parse);
        Self {
            redirect_uri,
            mode: wanted.filter(is_possible).unwrap_or(default),
            state: sent.get("state").map(str::to_owned),
        }
    }
}

/// Named values in the order they are sent.
pub(crate) type Answer = Vec<(&'static str, String)>;

/// Sends an error back to the client.
pub(crate) fn refuse(state: &AppState, return_to: &ReturnTo, error: OAuthError) -> Response {
    let description = match state.fault() {
        Some(Fault::ErrorTextOther) => "The request was denied.".to_owned(),
        _ => error.description,
    };
    let answer = vec![
        ("error", error.error.to_owned()),
        ("error_description", description),
    ];
    send(state, return_to, answer)
}

/// Sends an answer back to the client.
pub(crate) fn send(state: &AppState, return_to: &ReturnTo, mut answer: Answer) -> Response {
    let fault = state.fault();
    if let Some(sent) = &return_to.state {
        match fault {
            Some(Fault::StateMissing) => {}
            Some(Fault::StateOther) => answer.push(("state", "other".to_owned())),
            _ => answer.push(("state", sent.clone())),
        }
    }
    let mode = match fault {
        Some(Fault::TokensInQuery) if return_to.mode == ResponseMode::Fragment => {
            ResponseMode::Query
        }
        _ => return_to.mode,
    };
    let uri = &return_to.redirect_uri;
    match mode {
        ResponseMode::Query => {
            let separator = if uri.contains('?') { '&' } else { '?' };
            redirect(fault, &format!("{uri}{separator}{}", encoded(&answer)))
        }
        ResponseMode::Fragment => redirect(fault, &format!("{uri}#{}", encoded(&answer))),
        ResponseMode::FormPost => pages::form_post(uri, &answer),
        ResponseMode::OktaPostMessage => pages::post_message(uri, &answer),
    }
}

fn encoded(answer: &Answer) -> String {
    Serializer::new(String::new()).extend_pairs(answer).finish()
}

/// A redirect that does not tell the target where it came from.
pub(crate) fn redirect(fault: Option<Fault>, location: &str) -> Response {
    let status = match fault {
        Some(Fault::Redirect303) => StatusCode::SEE_OTHER,
        _ => StatusCode::FOUND,
    };
    let Ok(location) = HeaderValue::from_str(location) else {
        return OAuthError::invalid_request("Invalid request").into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store"),
        ),
    ];
    (status, headers).into_response()
}
