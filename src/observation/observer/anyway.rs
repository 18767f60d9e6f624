//! What anybody is given beside an endpoint, with nothing hostile: at the root of the API, and at a
//! path that is not there. Where the endpoint's data stands in that, a request that was answered the
//! same has found nothing out.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_LENGTH, ETAG, LAST_MODIFIED};
use serde_json::Value;

use super::Observer;
use super::amid::stands_in;
use super::api::data_of;
use super::hostile::Lane;
use crate::exchange::{self, ApiCall, Presented};
use crate::observation::{Data, OpenAnyway};
use crate::openid::Answer;
use crate::transport::RawOutcome;

/// The places, and what each is called in a sentence.
const PLACES: [(&str, &str); 2] = [
    ("{base}/", "`/`"),
    (
        "{base}/okta-e2e-asks-for-nothing",
        "a path that is not there",
    ),
];

/// What the places of an endpoint's API answer to nobody, each asked once.
#[derive(Default)]
pub(super) struct Anyway(BTreeMap<(String, &'static str), Option<Answer>>);

impl Observer<'_> {
    /// Where anybody is given, among more, what an answer to a hostile request gives among more.
    pub(super) async fn open_anyway(
        &self,
        exchange: &ApiCall,
        answer: &Answer,
        good: &str,
        lane: &mut Lane<'_>,
    ) -> Option<OpenAnyway> {
        if !exchange.case.request.may_be_elsewhere() || !self.is_amid(exchange, answer, good) {
            return None;
        }
        for (target, at) in PLACES {
            let place = (exchange.endpoint.clone(), target);
            if !lane.anyway.0.contains_key(&place) {
                let found = self.given_to_anybody(exchange, target).await;
                lane.anyway.0.insert(place.clone(), found);
            }
            let found = lane.anyway.0.get(&place).and_then(Option::as_ref);
            let same = found.filter(|found| {
                found.status == answer.status && self.is_amid(exchange, found, good)
            });
            if let Some(same) = same {
                return Some(OpenAnyway {
                    at,
                    is_documentation: is_documentation(same),
                });
            }
        }
        None
    }

    /// Whether an answer has the endpoint's data, and more.
    fn is_amid(&self, exchange: &ApiCall, answer: &Answer, good: &str) -> bool {
        match data_of(answer, self.sought(exchange)).0 {
            Data::Amid => true,
            Data::Alone => false,
            Data::Absent | Data::Error => {
                stands_in(good, &answer.body) && good.trim() != answer.body.trim()
            }
        }
    }

    /// What is answered to a request for another target that presents nothing.
    async fn given_to_anybody(&self, exchange: &ApiCall, target: &str) -> Option<Answer> {
        let nothing = ApiCall::with_nothing(&exchange.endpoint);
        let material = self.plain_material(exchange).ok()?;
        let presented = Presented {
            token: None,
            genuine: None,
        };
        let request = exchange::request(nothing.case, presented, &material);
        let request = request.at(material.text(target));
        match self
            .http
            .send_raw(&self.api(&nothing).ok()?, &request)
            .await
        {
            RawOutcome::Answered(answer) => Some(answer.into()),
            _ => None,
        }
    }
}

/// Whether what stands in it was published: a page for people, or a description of an API (`OpenAPI`
/// Specification 3.1 section 4.8.1, and 2.0).
fn is_documentation(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    let is_page = kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/html");
    let describes = |json: &Value| {
        let mut names = ["openapi", "swagger"].into_iter();
        names.any(|name| json.get(name).is_some_and(Value::is_string))
    };
    is_page || answer.json().as_ref().is_some_and(describes)
}

/// Whether header fields say how long something is, or in which state (RFC 9110 sections 8.6 and
/// 8.8): of what is protected, that is more than nothing.
pub(super) fn describes_data(answer: &Answer) -> bool {
    let length = answer.header(CONTENT_LENGTH.as_str());
    let is_long = length.is_some_and(|length| length.trim() != "0");
    let mut states = [ETAG, LAST_MODIFIED].into_iter();
    is_long || states.any(|name| answer.headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    fn answer(name: &'static str, value: &'static str, body: &str) -> Answer {
        let value = HeaderValue::from_static(value);
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(HeaderName::from_static(name), value)]),
            body: body.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[rstest]
    #[case::a_page("text/html; charset=utf-8", "<p>io</p>", true)]
    #[case::openapi("application/json", r#"{"openapi":"3.1.0"}"#, true)]
    #[case::swagger("application/json", r#"{"swagger":"2.0"}"#, true)]
    #[case::data("application/json", r#"{"moons":["io"]}"#, false)]
    #[case::a_flag("application/json", r#"{"openapi":true}"#, false)]
    fn what_was_published_is_known(
        #[case] kind: &'static str,
        #[case] body: &str,
        #[case] is: bool,
    ) {
        assert_eq!(is_documentation(&answer("content-type", kind, body)), is);
    }

    #[rstest]
    #[case::length("content-length", "80", true)]
    #[case::no_length("content-length", "0", false)]
    #[case::state("etag", "\"a\"", true)]
    #[case::time("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT", true)]
    #[case::kind("content-type", "application/json", false)]
    fn header_fields_say_something_of_the_data_or_not(
        #[case] name: &'static str,
        #[case] value: &'static str,
        #[case] is: bool,
    ) {
        assert_eq!(describes_data(&answer(name, value, "")), is);
    }
}
