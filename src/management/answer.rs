//! What the Management API answers, and what its errors mean.

use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderValue, LINK, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::ManagementError;
use crate::escape::excerpt;
use crate::transport::{Outcome, Patience, Received, redirect_target, stranger};

/// So many causes of a refusal are told.
const MOST_CAUSES: usize = 10;

/// A call, for messages.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Whether the call carries the API token.
    pub(super) is_authorized: bool,
}

impl Call {
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What the rate limits tell apart: the kind of object that the path begins with.
    pub(super) fn part(&self) -> String {
        let segments = self.url.path_segments().into_iter().flatten();
        segments.skip(2).take(1).collect()
    }

    /// A `POST` makes something, and twice two of it.
    pub(super) fn patience(&self) -> Patience {
        if self.method == Method::POST {
            Patience::IfNotTaken
        } else {
            Patience::Idempotent
        }
    }

    /// Why what came is not what was asked for, although it is Okta's.
    pub(super) fn unreadable(&self, reason: impl Into<String>) -> ManagementError {
        ManagementError::Unreadable {
            call: self.to_string(),
            reason: reason.into(),
        }
    }

    pub(super) fn not_an_org(&self, reason: impl Into<String>) -> ManagementError {
        ManagementError::NotAnOrg {
            origin: self.origin(),
            call: self.to_string(),
            reason: reason.into(),
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method, self.url.path())
    }
}

/// A complete answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Okta's error body.
#[derive(Debug, Deserialize)]
struct ErrorBody {
    #[serde(rename = "errorCode")]
    code: String,
    #[serde(rename = "errorSummary", default)]
    summary: String,
    #[serde(rename = "errorCauses", default)]
    causes: Vec<Cause>,
}

#[derive(Debug, Deserialize)]
struct Cause {
    #[serde(rename = "errorSummary", default)]
    summary: String,
}

impl From<Received> for Answer {
    fn from(received: Received) -> Self {
        Self {
            status: received.status,
            headers: received.headers,
            body: received.body,
        }
    }
}

/// Why nobody can read what a call brought: an object of Okta's that lacks something, or no answer
/// of an org at all.
pub(super) fn not_read(
    call: &str,
    origin: String,
    error: &serde_json::Error,
    found: Option<&Value>,
    who: &str,
) -> ManagementError {
    let call = call.to_owned();
    if !found.is_some_and(is_oktas) {
        return ManagementError::NotAnOrg {
            origin,
            call,
            reason: format!("answers something else than Okta's JSON{who}"),
        };
    }
    let words = error.to_string();
    // What is found there may be anything, and is not repeated.
    let missing = words.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split_once('`'));
    let reason = missing.map_or_else(
        || "a field is of another type than Okta's".to_owned(),
        |(field, _)| format!("it has no `{field}`"),
    );
    ManagementError::Unreadable { call, reason }
}

/// Whether this is an object of Okta's, or a list with one: each has an id.
fn is_oktas(value: &Value) -> bool {
    let has_id = |object: &Value| object.get("id").is_some_and(Value::is_string);
    has_id(value) || value.as_array().is_some_and(|list| list.iter().any(has_id))
}

/// Whether what came may pass: of Okta's internal errors only the one without a cause does.
pub(super) fn may_pass(last: &Outcome) -> bool {
    match last {
        Ok(received) if received.status == StatusCode::INTERNAL_SERVER_ERROR => {
            let error: Option<ErrorBody> = serde_json::from_slice(&received.body).ok();
            error.is_some_and(|error| error.code == "E0000009")
        }
        _ => true,
    }
}

impl Answer {
    fn error(&self) -> Option<ErrorBody> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The answer itself where the call succeeded.
    pub(super) fn success(self, call: &Call) -> Result<Self, ManagementError> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(self.failure(call))
    }

    /// The answer itself where it is all of what was asked for: a proxy may give a part of it (RFC
    /// 9110 section 15.3.7), and any success but 200 says something else than what is there.
    pub(super) fn whole(self, call: &Call) -> Result<Self, ManagementError> {
        if self.status == StatusCode::OK {
            return Ok(self);
        }
        Err(call.unreadable(format!("it came with status {}", self.status)))
    }

    /// The ids of the objects of a list, in its order; none of one that has none.
    pub(super) fn ids(&self) -> Vec<Option<String>> {
        #[derive(Deserialize)]
        struct Named {
            id: Option<Value>,
        }
        let named: Vec<Named> = serde_json::from_slice(&self.body).unwrap_or_default();
        let id = |named: Named| named.id?.as_str().map(str::to_owned);
        named.into_iter().map(id).collect()
    }

    fn failure(&self, call: &Call) -> ManagementError {
        if self.status.is_redirection() {
            return call.not_an_org(format!(
                "redirects to {}, which is not followed",
                redirect_target(&self.headers, &call.url)
            ));
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            let (call, resets) = (call.to_string(), self.resets());
            return ManagementError::Exhausted { call, resets };
        }
        let Some(error) = self.error() else {
            return self.failure_of_another_server(call);
        };
        let (code, summary) = (excerpt(&error.code), excerpt(&error.summary));
        let text = call.to_string();
        let lacks_scope = self.challenge().contains("insufficient_scope");
        match (self.status.as_u16(), code.as_str()) {
            (401, "E0000015") if call.part() == "authorizationServers" => {
                ManagementError::FeatureMissing { call: text }
            }
            (401, "E0000015") => ManagementError::Forbidden { call: text, code },
            (401, _) => ManagementError::NotAuthorized {
                origin: call.origin(),
                code,
            },
            (403, _) if code == "E0000006" || lacks_scope => {
                ManagementError::Forbidden { call: text, code }
            }
            // "Service is in read only mode", "Service temporarily unavailable.": in Okta's
            // catalogue of errors 503 is nothing that would stay.
            (503, _) => self.down(call, format!(" ({code}: {summary})")),
            (404, "E0000007") => ManagementError::NotFound {
                call: text,
                summary,
            },
            (status, _) => {
                let causes = error.causes.iter().take(MOST_CAUSES);
                let causes = causes.map(|cause| excerpt(&cause.summary));
                ManagementError::Rejected {
                    call: text,
                    status,
                    code,
                    summary,
                    causes: causes.collect(),
                }
            }
        }
    }

    /// A gateway before the org fails with pages of its own; an access token that lacks a scope
    /// is told so in a header alone.
    fn failure_of_another_server(&self, call: &Call) -> ManagementError {
        let status = self.status.as_u16();
        if status == 403 && self.challenge().contains("insufficient_scope") {
            let code = "insufficient_scope".to_owned();
            return ManagementError::Forbidden {
                call: call.to_string(),
                code,
            };
        }
        if self.status.is_server_error() {
            return self.down(call, String::new());
        }
        let who = self.who();
        call.not_an_org(format!("answers {status} without an Okta error{who}"))
    }

    /// Who answered, where that was with a page, for the end of a sentence.
    pub(super) fn who(&self) -> String {
        stranger::page(&self.body, &self.headers)
    }

    fn down(&self, call: &Call, said: String) -> ManagementError {
        ManagementError::Down {
            origin: call.origin(),
            call: call.to_string(),
            status: self.status.as_u16(),
            said,
        }
    }

    /// When the org's count of calls starts anew.
    fn resets(&self) -> Option<Timestamp> {
        let reset = self.headers.get("x-rate-limit-reset")?.to_str().ok()?;
        Timestamp::from_second(reset.trim().parse().ok()?).ok()
    }

    fn challenge(&self) -> &str {
        let header = self.headers.get(WWW_AUTHENTICATE);
        header
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The next page of a list, by `Link: <…>; rel="next"`.
    pub(super) fn next_page(&self, call: &Call) -> Result<Option<Url>, ManagementError> {
        let headers = self.headers.get_all(LINK).iter().map(HeaderValue::to_str);
        // A list is not at its end where nobody can read what leads on.
        let links: Result<Vec<&str>, _> = headers.collect();
        let links = links.map_err(|_| call.not_an_org("has a `Link` that is not ASCII"))?;
        let Some(next) = links.into_iter().find_map(next_target) else {
            return Ok(None);
        };
        match call.url.join(next) {
            // What stands before `@` would be sent as a credential, in place of the token.
            Ok(url) if url.origin() == call.url.origin() && url.username().is_empty() => {
                Ok(Some(url))
            }
            _ => Err(call.not_an_org("names a next page at another address")),
        }
    }
}

/// The target of the first link of a header that is to the next page (RFC 8288 section 3): links
/// come in any order, with other parameters before and after `rel`, which names several relations
/// by blanks and need not be quoted.
fn next_target(line: &str) -> Option<&str> {
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or_default();
        let value = value.trim().trim_end_matches([',', ' ']).trim_matches('"');
        let mut relations = value.split_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    };
    let links = line.split('<').skip(1);
    let mut links = links.filter_map(|link| link.split_once('>'));
    let next = links.find(|(_, parameters)| parameters.split(';').any(is_next));
    next.map(|(target, _)| target.trim())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NEXT: &str = "https://org.example/api/v1/groups?after=00g2&limit=200";

    /// The link to the next page, however it is written.
    #[rstest]
    #[case::alone("<NEXT>; rel=\"next\"")]
    #[case::after_itself("<https://org.example/api/v1/groups>; rel=\"self\", <NEXT>; rel=\"next\"")]
    #[case::before_itself(
        "<NEXT>; rel=\"next\", <https://org.example/api/v1/groups>; rel=\"self\""
    )]
    #[case::without_blanks("<https://org.example/a>;rel=\"self\",<NEXT>;rel=\"next\"")]
    #[case::unquoted("<NEXT>; rel=next")]
    #[case::with_more("<NEXT>; title=\"more, of it\"; rel=\"next\"; type=\"application/json\"")]
    #[case::of_two_relations("<NEXT>; rel=\"last next\"")]
    #[case::in_capitals("<NEXT>; REL=\"NEXT\"")]
    fn the_next_page_is_found_however_it_is_written(#[case] header: &str) {
        assert_eq!(
            next_target(&header.replace("NEXT>", &format!("{NEXT}>"))),
            Some(NEXT)
        );
    }

    /// What an answer with these `Link` headers leads on to.
    fn led_on(links: &[&[u8]]) -> Result<Option<String>, ManagementError> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, HeaderValue::from_bytes(link).expect("a header"));
        }
        let call = Call {
            method: Method::GET,
            url: Url::parse("https://org.example/api/v1/groups?q=x").expect("a URL"),
            is_authorized: true,
        };
        let (status, body) = (StatusCode::OK, Vec::new());
        let answer = Answer {
            status,
            headers,
            body,
        };
        let next = answer.next_page(&call)?;
        Ok(next.map(String::from))
    }

    /// A list that leads on in a way that nobody can read is not at its end.
    #[rstest]
    #[case::alone(&["<https://org.example/api/v1/groups?q=gr\u{fc}n&after=1>; rel=\"next\""])]
    #[case::after_another(&[
        "<https://org.example/api/v1/groups>; rel=\"self\"",
        "</api/v1/groups?q=gr\u{fc}n&after=1>; rel=\"next\"",
    ])]
    fn a_link_that_cannot_be_read_is_no_end(#[case] links: &[&str]) {
        let links: Vec<&[u8]> = links.iter().map(|link| link.as_bytes()).collect();
        let error = led_on(&links).expect_err("nobody can read it").to_string();
        assert!(error.contains("`Link` that is not ASCII"), "{error}");
    }

    #[rstest]
    #[case::none(&[], None)]
    #[case::relative(
        &["</api/v1/groups?after=1>; rel=\"next\""],
        Some("https://org.example/api/v1/groups?after=1")
    )]
    #[case::by_its_query(
        &["<?after=1>; rel=\"next\""],
        Some("https://org.example/api/v1/groups?after=1")
    )]
    fn a_link_leads_on_from_where_it_stands(#[case] links: &[&str], #[case] wanted: Option<&str>) {
        let links: Vec<&[u8]> = links.iter().map(|link| link.as_bytes()).collect();
        assert_eq!(led_on(&links).expect("it can be read").as_deref(), wanted);
    }

    #[rstest]
    #[case::itself("<https://org.example/api/v1/groups>; rel=\"self\"")]
    #[case::another_relation("<https://org.example/a>; rel=\"nextpage\"")]
    #[case::in_the_address("<https://org.example/a?q=rel=next>; rel=\"self\"")]
    #[case::in_a_title("<https://org.example/a>; title=\"next\"; rel=\"prev\"")]
    #[case::no_link("next")]
    fn what_is_no_next_page_is_not_taken_for_one(#[case] header: &str) {
        assert_eq!(next_target(header), None);
    }
}
