//! Whether a browser signed in by HTTP: what it keeps of that, nothing wipes.

use serde_json::Value;
use url::Url;

/// Whether a message of the performance log is a request with credentials of HTTP authentication:
/// a page can give them in an address alone, and the browser repeats them by itself.
pub(super) fn signs_in_by_http(message: &str) -> bool {
    let may = message.contains('@') || message.to_ascii_lowercase().contains("\"authorization\"");
    let Some(message) = may
        .then(|| serde_json::from_str::<Value>(message).ok())
        .flatten()
    else {
        return false;
    };
    let url = message
        .pointer("/message/params/request/url")
        .and_then(Value::as_str);
    let in_address = url
        .and_then(|url| Url::parse(url).ok())
        .is_some_and(|url| !url.username().is_empty() || url.password().is_some());
    let headers = message
        .pointer("/message/params/headers")
        .and_then(Value::as_object);
    let in_header = headers.into_iter().flatten().any(|(name, value)| {
        let scheme = value.as_str().and_then(|value| value.split(' ').next());
        // A bearer token is what a page sends, not what the browser keeps.
        name.eq_ignore_ascii_case("authorization")
            && !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    });
    in_address || in_header
}
