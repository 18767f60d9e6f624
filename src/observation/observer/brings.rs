//! What an answer that is right for a token brings beside it: data of another endpoint, which the
//! token does not open.

use super::Observer;
use super::amid::{Part, tells};
use super::api::{Asked, data_of};
use super::behind::Sought;
use crate::exchange::ApiCall;
use crate::model::{Access, Wanted};
use crate::observation::Data;
use crate::openid::Answer;

impl Observer<'_> {
    /// The other endpoints that a token does not open where it opens this one, and what each is
    /// known by.
    pub(super) fn shut(&self, key: &ApiCall) -> Vec<(&str, Wanted<'_>)> {
        let Some(holder) = key.rightful().filter(|_| self.may_read(key)) else {
            return Vec::new();
        };
        let others = self.model.endpoints.iter();
        let others = others.filter(|other| {
            other.id() != key.endpoint
                && other.is_told()
                && self.model.access(&holder.request, other) == Access::Refused
        });
        others
            .filter_map(|other| Some((other.id(), other.wanted()?)))
            .collect()
    }
}

impl Asked<'_> {
    /// Which of the other endpoints an answer tells the data of.
    pub(super) fn told_of(&self, answer: &Answer) -> Vec<String> {
        let told = self.shut.iter();
        let told = told.filter(|(_, other)| brings(answer, self.wanted, *other));
        told.map(|(id, _)| (*id).to_owned()).collect()
    }
}

/// Whether an answer brings what another endpoint protects: in its header fields, or in a body that
/// is not the one that the model has for it. What a model wants to be in a body among other things
/// may stand beside anything.
fn brings(answer: &Answer, own: Option<Wanted<'_>>, other: Wanted<'_>) -> bool {
    let part = Part::Any;
    let tells_other = |answer: &Answer| tells(answer, answer.json().as_ref(), other, part);
    let headers = Answer {
        body: String::new(),
        ..answer.clone()
    };
    let is_its_own = |own: Wanted<'_>| {
        let sought = Sought {
            wanted: Some(own),
            part: Part::Whole,
        };
        data_of(answer, sought).0 == Data::Alone
    };
    let own_tells = |own: Wanted<'_>| {
        tells_other(&Answer {
            body: own.value().to_string(),
            ..answer.clone()
        })
    };
    tells_other(&headers)
        || own.is_some_and(|own| {
            matches!(own, Wanted::Exactly(_))
                && !is_its_own(own)
                && !own_tells(own)
                && tells_other(answer)
        })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const PLANETS: &str = r#"["mercury","venus","earth"]"#;

    #[rstest]
    #[case::nothing_more(PLANETS, "", false)]
    #[case::in_a_header(PLANETS, "adrastea, amalthea, callisto", true)]
    #[case::in_the_body(
        r#"{"planets":["mercury","venus","earth"],"moons":["adrastea","amalthea","callisto"]}"#,
        "",
        true
    )]
    #[case::something_else_in_the_body(r#"{"planets":["mercury","venus","earth"]}"#, "", false)]
    fn what_another_endpoint_protects_is_brought_or_not(
        #[case] body: &str,
        #[case] header: &'static str,
        #[case] is: bool,
    ) {
        let (own, other) = (
            json!(["mercury", "venus", "earth"]),
            json!(["adrastea", "amalthea", "callisto"]),
        );
        let value = HeaderValue::from_static(header);
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(HeaderName::from_static("x-related"), value)]),
            body: body.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        };
        let brings = |own| brings(&answer, Some(own), Wanted::Exactly(&other));
        assert_eq!(brings(Wanted::Exactly(&own)), is);
        // Whatever it has beside what it is known by may be its own.
        assert_eq!(brings(Wanted::Among(&own)), is && !header.is_empty());
    }

    /// Two endpoints may answer the same by right.
    #[test]
    fn what_the_model_has_in_both_is_brought_by_neither() {
        let own = json!(["adrastea", "amalthea", "callisto", "io"]);
        let other = json!(["adrastea", "amalthea", "callisto"]);
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: r#"{"a":["adrastea","amalthea","callisto","io"]}"#.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        };
        let wanted = Wanted::Exactly(&own);
        assert!(!brings(&answer, Some(wanted), Wanted::Exactly(&other)));
    }
}
