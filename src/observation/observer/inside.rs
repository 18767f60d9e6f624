//! What a refusal tells of the inside: where in a program it comes from, or what is behind it.

use std::net::{Ipv4Addr, SocketAddrV4};

use reqwest::header::LOCATION;
use url::{Host, Url};

use crate::openid::Answer;

/// So much of a body is looked at, in characters.
const MOST: usize = 64 * 1024;

/// What files of programs end with.
const SOURCES: [&str; 12] = [
    ".js:", ".mjs:", ".cjs:", ".ts:", ".py:", ".rb:", ".php:", ".java:", ".kt:", ".cs:", ".go:",
    ".rs:",
];

/// Where servers keep programs.
const FOLDERS: [&str; 3] = ["/usr/src/", "/usr/local/lib/", "/var/www/"];

/// The ends of names that the internet does not have (RFC 6762 section 3, RFC 9476, and what
/// clusters use).
const INTERNAL: [&str; 5] = [".local", ".internal", ".localdomain", ".lan", ".corp"];

/// What of the inside a refusal of the API at this address shows, in words; nothing is made of what
/// an API at an internal name says of other internal names.
pub(super) fn shows_inside(answer: Option<&Answer>, api: &Url) -> Option<String> {
    let answer = answer.filter(|answer| !answer.status.is_success())?;
    let body: String = answer.body.chars().take(MOST).collect();
    // Lines within JSON.
    let body = body.replace("\\n", "\n");
    let fields = answer.headers.values();
    let fields: Vec<&str> = fields.filter_map(|value| value.to_str().ok()).collect();
    let lines = fields.iter().copied().chain(body.lines());
    if let Some(line) = lines.map(str::trim).find(|line| is_of_a_trace(line)) {
        return Some(format!("a stack trace (`{line}`)"));
    }
    // Other fields name addresses by right: of the issuer, of what may be loaded, of proxies.
    let location = answer.header(LOCATION.as_str()).unwrap_or_default();
    let mut addressing = words(&body).chain(words(location));
    let mut all = fields
        .iter()
        .copied()
        .chain([body.as_str()])
        .flat_map(words);
    if let Some(word) = all.find(|word| is_a_path(word)) {
        return Some(format!("a path of its machine (`{word}`)"));
    }
    let behind = addressing.find(|word| is_behind(word, api))?;
    Some(format!("what is behind it (`{behind}`)"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'`()<>,;".contains(c))
}

/// A line of a stack trace, as JavaScript, Java and .NET, Python, Go and PHP write it.
fn is_of_a_trace(line: &str) -> bool {
    let numbered = |line: &str| {
        let mut ends = SOURCES.iter().filter_map(|end| line.split_once(end));
        ends.any(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_call = line.strip_prefix("at ").is_some_and(|call| {
        let name = call.split('(').next().unwrap_or_default();
        let is_qualified = call.ends_with(')') && name.contains('.') && !name.contains(' ');
        numbered(call) || is_qualified
    });
    is_call
        || line.starts_with("Traceback (most recent call last)")
        || (line.starts_with("File \"") && line.contains("\", line "))
        || (line.starts_with("goroutine ") && line.contains(" ["))
        || (line.starts_with('#') && line.contains(".php("))
}

fn is_a_path(word: &str) -> bool {
    let mut folders = FOLDERS.iter();
    folders.any(|folder| word.starts_with(folder)) || word.contains("/node_modules/")
}

/// Whether a word is an address that nobody outside can ask, and not the API's own.
fn is_behind(word: &str, api: &Url) -> bool {
    let url = Url::parse(word)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let host = match (url, word.parse::<SocketAddrV4>()) {
        (Some(url), _) => url.host().map(|host| host.to_owned()),
        (None, Ok(address)) => Some(Host::Ipv4(*address.ip())),
        (None, Err(_)) => None,
    };
    let own = api.host().map(|host| host.to_owned());
    let is_internal = |host: &Host| match host {
        Host::Domain(name) => {
            INTERNAL.iter().any(|end| name.ends_with(end)) || name.contains(".svc.")
        }
        Host::Ipv4(address) => Ipv4Addr::is_private(address),
        Host::Ipv6(_) => false,
    };
    let is_own_internal = own.as_ref().is_some_and(is_internal);
    host.as_ref().is_some_and(is_internal) && host != own && !is_own_internal
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    fn shown(body: &str, api: &str) -> Option<String> {
        shown_with(HeaderMap::new(), body, api)
    }

    fn shown_with(headers: HeaderMap, body: &str, api: &str) -> Option<String> {
        let answer = Answer {
            status: StatusCode::UNAUTHORIZED,
            headers,
            body: body.to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        shows_inside(Some(&answer), &api.parse().expect("a URL"))
    }

    #[rstest]
    #[case::node(
        "Error: bad\n    at verify (/app/dist/verify.js:12:7)",
        "a stack trace"
    )]
    #[case::in_json(r#"{"stack":"E: bad\n    at /app/verify.mjs:12:7"}"#, "a stack trace")]
    #[case::java("\tat com.example.Filter.verify(Filter.java:12)", "a stack trace")]
    #[case::dotnet("   at Api.Filter.Verify(String token)", "a stack trace")]
    #[case::python("Traceback (most recent call last):", "a stack trace")]
    #[case::php("#0 /srv/index.php(12): verify()", "a stack trace")]
    #[case::path(r#"{"error":"no such file: /usr/src/app/keys.pem"}"#, "a path")]
    #[case::upstream("502 from http://solar-internal.corp.local:9000/planets", "behind")]
    #[case::address("connect ECONNREFUSED 10.0.0.5:9000", "behind")]
    fn what_tells_of_the_inside_is_seen(#[case] body: &str, #[case] says: &str) {
        let shown = shown(body, "https://api.example.com");
        assert!(
            shown.as_deref().is_some_and(|it| it.contains(says)),
            "{shown:?}"
        );
    }

    /// A challenge names the issuer by right, wherever that is.
    #[rstest]
    #[case::path(
        "www-authenticate",
        r#"Bearer error_description="no file /usr/src/app/keys.pem""#,
        true
    )]
    #[case::trace("x-error", "at verify (/app/dist/verify.js:12:7)", true)]
    #[case::upstream("location", "http://10.0.0.5:8080/planets/", true)]
    #[case::issuer(
        "www-authenticate",
        r#"Bearer authorization_uri="https://login.corp.local/authorize""#,
        false
    )]
    fn a_header_field_tells_of_the_inside_too(
        #[case] name: &'static str,
        #[case] value: &'static str,
        #[case] is: bool,
    ) {
        let value = HeaderValue::from_static(value);
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
        let shown = shown_with(headers, "", "https://api.example.com");
        assert_eq!(shown.is_some(), is, "{shown:?}");
    }

    /// RFC 9457 section 3.1, and what refusals say otherwise.
    #[rstest]
    #[case::problem(
        r#"{"type":"https://example.com/probs/401","title":"No","instance":"/planets/1:2"}"#
    )]
    #[case::page("<h1>401</h1><p>at the moment (please wait) you are at 10.0.0.5</p>")]
    #[case::words("look at example.com (the docs)")]
    #[case::challenge(r#"{"error":"invalid_token","docs":"https://api.example.com/docs.js"}"#)]
    fn an_ordinary_refusal_tells_nothing(#[case] body: &str) {
        assert_eq!(shown(body, "https://api.example.com"), None);
    }

    /// At an internal name, its documentation may be at another one.
    #[test]
    fn an_internal_api_names_its_like() {
        let body = r#"{"type":"https://docs.corp.local/401"}"#;
        assert_eq!(shown(body, "https://api.corp.local"), None);
    }
}
