//! Answers of the authorize endpoint: where parameters go, and how they look there.

use url::form_urlencoded::Serializer;

use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::request::{ResponseMode, ReturnTo};
use crate::visit::{Answer, Shown};

/// Where a request wants its answer, errors included: what is wrong with the wish itself falls
/// back to the default of the response type.
pub(crate) fn return_to(redirect_uri: String, sent: &Parameters) -> ReturnTo {
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
    ReturnTo {
        redirect_uri,
        mode: wanted.filter(is_possible).unwrap_or(default),
        state: sent.get("state").map(str::to_owned),
    }
}

/// Sends an error back to the client.
pub(crate) fn refuse(state: &AppState, return_to: &ReturnTo, error: OAuthError) -> Shown {
    let mut return_to = return_to.clone();
    match state.fault() {
        Some(Fault::ErrorsInQuery) => return_to.mode = ResponseMode::Query,
        Some(Fault::ErrorsInFragment) => return_to.mode = ResponseMode::Fragment,
        Some(Fault::ErrorsWithoutState) => return_to.state = None,
        _ => {}
    }
    let description = match state.fault() {
        Some(Fault::ErrorTextOther) => "The request was denied.".to_owned(),
        _ => error.description,
    };
    let answer = vec![
        ("error", error.error.to_owned()),
        ("error_description", description),
    ];
    send(state, &return_to, answer)
}

/// Sends an answer back to the client.
pub(crate) fn send(state: &AppState, return_to: &ReturnTo, mut answer: Answer) -> Shown {
    let fault = state.fault();
    let state = return_to.state.as_deref();
    answer.extend(state.and_then(|sent| Some(("state", told(fault, sent)?))));
    if fault == Some(Fault::ResponseIssuerOther) {
        answer.push(("iss", "https://other.example.com/oauth2/other".to_owned()));
    }
    let mode = match fault {
        Some(Fault::FormPostIgnored) if return_to.mode == ResponseMode::FormPost => {
            ResponseMode::Query
        }
        Some(Fault::TokensInQuery) if return_to.mode == ResponseMode::Fragment => {
            ResponseMode::Query
        }
        _ => return_to.mode,
    };
    let uri = match (fault, return_to.redirect_uri.split_once('?')) {
        (Some(Fault::RedirectUriQueryDropped), Some((before, _))) => before,
        _ => &return_to.redirect_uri,
    };
    match mode {
        ResponseMode::Query => {
            let separator = if uri.contains('?') { '&' } else { '?' };
            Shown::Client(format!("{uri}{separator}{}", encoded(fault, &answer)))
        }
        ResponseMode::Fragment => Shown::Client(format!("{uri}#{}", encoded(fault, &answer))),
        ResponseMode::FormPost => Shown::FormPost(uri.to_owned(), answer),
        ResponseMode::OktaPostMessage => Shown::PostMessage(uri.to_owned(), answer),
    }
}

/// The `state` that comes back for one that was sent.
fn told(fault: Option<Fault>, sent: &str) -> Option<String> {
    /// So much is left of it by a fault.
    const LEFT: usize = 64;
    match fault {
        Some(Fault::StateMissing) => None,
        Some(Fault::StateOther) => Some("other".to_owned()),
        Some(Fault::StateTruncated) => Some(sent.chars().take(LEFT).collect()),
        Some(Fault::StateDecodedTwice) => {
            let mut decoded = url::form_urlencoded::parse(sent.as_bytes());
            decoded.next().map(|(text, _)| text.into_owned())
        }
        _ => Some(sent.to_owned()),
    }
}

fn encoded(fault: Option<Fault>, answer: &Answer) -> String {
    let is_raw = |name: &str| name == "state" && fault == Some(Fault::StateUnencoded);
    let pairs = answer.iter().map(|(name, value)| {
        if is_raw(name) {
            return format!("{name}={value}");
        }
        let mut pair = Serializer::new(String::new());
        pair.append_pair(name, value).finish()
    });
    pairs.collect::<Vec<String>>().join("&")
}
