//! Whether what a good token is given at an endpoint stands in another answer, be it among more: in
//! a list of several things, or beside what another endpoint answers.

use std::collections::BTreeSet;

use html5gum::{DefaultEmitter, Token, Tokenizer};
use serde_json::Value;

use super::Observer;
use super::api::tokens;
use crate::exchange::{self, ApiCall, Presented};
use crate::model::{Access, Endpoint, Wanted, is_same};
use crate::observation::{ApiAnswer, Observations};
use crate::openid::Answer;
use crate::secrets;
use crate::transport::RawOutcome;

/// What is shorter may stand anywhere.
const SHORTEST: usize = 16;
/// So many texts of several are no chance.
const FEWEST_TEXTS: usize = 3;

/// How much of what an endpoint protects is to be there before it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All that a reader is given.
    Whole,
    /// A good part: who may not read it is to get none of it.
    Any,
}

impl Part {
    /// Of what is answered to one who may read it, or may not.
    pub(super) const fn of(may_read: bool) -> Self {
        if may_read { Self::Whole } else { Self::Any }
    }
}

impl Observer<'_> {
    /// The other endpoint that a request may name: one that the token is good for, where it is for
    /// any.
    pub(super) fn other(&self, exchange: &ApiCall) -> Option<&Endpoint> {
        let own = self.model.endpoint(&exchange.endpoint)?;
        let others = || self.model.others(own);
        let open = exchange.basis().and_then(|basis| {
            others().find(|other| self.model.access(&basis.request, other) == Access::Reads)
        });
        open.or_else(|| others().next())
    }

    /// Whether the other endpoint that a request names answers the same by right: to the same
    /// token, and without anything hostile, what the endpoint itself is known by comes too.
    pub(super) async fn another_has_it(
        &self,
        exchange: &ApiCall,
        good: &str,
        seen: &Observations,
    ) -> bool {
        let case = exchange.case;
        let names_it = case.needs_another_endpoint() && !case.brings_cookies_of_another();
        let Some(other) = self.other(exchange).filter(|_| names_it) else {
            return false;
        };
        let plain = exchange.basis().map_or_else(
            || ApiCall::with_nothing(other.id()),
            |basis| ApiCall::with_token_of(basis, other.id()),
        );
        let Some(answer) = self.answered_plainly(&plain, seen).await else {
            return false;
        };
        let Ok(api) = self.api(&plain) else {
            return false;
        };
        let told = self.api_answer(&answer, &api, self.sought(exchange));
        ApiAnswer::has_data(&told) || stands_in(good, &answer.body)
    }

    /// What an endpoint answers to a request that changes nothing, as it is judged.
    pub(super) async fn asked_plainly(
        &self,
        call: &ApiCall,
        seen: &Observations,
    ) -> Option<ApiAnswer> {
        let answer = self.answered_plainly(call, seen).await?;
        let api = self.api(call).ok()?;
        Some(self.api_answer(&answer, &api, self.sought(call)))
    }

    /// A success of an endpoint to a request that changes nothing; none, where there is no success.
    async fn answered_plainly(&self, call: &ApiCall, seen: &Observations) -> Option<Answer> {
        let token = match call.basis() {
            Some(basis) => Some(tokens(basis, seen).ok()?.access.clone()),
            None => None,
        };
        let material = self.plain_material(call).ok()?;
        let presented = Presented {
            token: token.as_ref(),
            genuine: None,
        };
        let request = exchange::request(call.case, presented, &material);
        match self.http.send_raw(&self.api(call).ok()?, &request).await {
            RawOutcome::Answered(answer) if answer.status.is_success() => Some(answer.into()),
            _ => None,
        }
    }
}

/// Whether an answer tells what the endpoint protects: it is known again by all of its texts as
/// whole words, since one alone may stand anywhere; for people they may be written with capitals.
///
/// Of what nobody is to get any of, a good part of them is enough.
pub(super) fn tells(answer: &Answer, json: Option<&Value>, wanted: Wanted<'_>, part: Part) -> bool {
    let value = wanted.value();
    if json.is_some_and(|json| value.to_string().len() >= SHORTEST && stands_deep(json, wanted)) {
        return true;
    }
    let mut texts = BTreeSet::new();
    add_texts(value, &mut texts);
    let is_one_short_word = texts.len() == 1 && texts.iter().all(|text| text.len() < SHORTEST);
    if texts.is_empty() || is_one_short_word {
        return false;
    }
    let enough = match part {
        Part::Whole => texts.len(),
        Part::Any => texts.len().div_ceil(2).max(FEWEST_TEXTS).min(texts.len()),
    };
    let has_all = |told: &str| {
        let told = words(told);
        let found = texts.iter().filter(|text| told.contains(text.as_str()));
        found.count() >= enough
    };
    let body = &answer.body;
    has_all(body)
        || (body.contains("\\u") && json.is_some_and(|json| has_all(&json.to_string())))
        || (body.contains('&') && has_all(&of_a_page(body)))
        // A header has short words of its own, and what is read in some other way has any.
        || (texts.iter().map(String::len).sum::<usize>() >= SHORTEST && {
            let headers = of_headers(answer);
            let written = [body, &headers].into_iter().flat_map(|text| secrets::readings(text));
            has_all(&headers) || written.into_iter().any(|text| has_all(&text))
        })
}

/// Every text in a JSON, by its words.
fn add_texts(json: &Value, texts: &mut BTreeSet<String>) {
    match json {
        Value::String(text) => {
            texts.extend(Some(words(text)).filter(|words| !words.trim().is_empty()));
        }
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|value| add_texts(value, texts)),
        _ => {}
    }
}

/// Whether something in a JSON is what is wanted.
fn stands_deep(json: &Value, wanted: Wanted<'_>) -> bool {
    let deeper = |json: &Value| stands_deep(json, wanted);
    match json {
        Value::Array(items) => {
            wanted.is_in("", Some(json)) || has(json, wanted.value()) || items.iter().any(deeper)
        }
        Value::Object(members) => wanted.is_in("", Some(json)) || members.values().any(deeper),
        _ => false,
    }
}

/// The texts of a page, with its character references resolved.
pub(super) fn of_a_page(page: &str) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let tokens = Tokenizer::new_with_emitter(page, emitter).flatten();
    let texts = tokens.filter_map(|token| match token {
        Token::String(text) => Some(String::from_utf8_lossy(&text).into_owned()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// What stands in the headers of an answer.
fn of_headers(answer: &Answer) -> String {
    let values = answer.headers.values();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.collect::<Vec<_>>().join(" ")
}

/// The words of a text in small letters, with blanks around each.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |all, word| all + &word.to_lowercase() + " ")
}

/// Whether a body is what a good token is given, or has it within.
pub(super) fn stands_in(good: &str, body: &str) -> bool {
    if good == body {
        return true;
    }
    let good = good.trim();
    if good.len() < SHORTEST {
        return false;
    }
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    // A refusal is seldom JSON of any length, and what is good may be long.
    match json(body).and_then(|body| json(good).map(|good| (good, body))) {
        Some((good, body)) => has(&body, &good),
        None => body.contains(good),
    }
}

/// Whether a JSON has another somewhere in it: as one of its values, or all items of a list among
/// those of another.
fn has(json: &Value, wanted: &Value) -> bool {
    let is_it = match (json, wanted) {
        (Value::Array(found), Value::Array(wanted)) => {
            let is_found = |item| found.iter().any(|found| is_same(found, item));
            !wanted.is_empty() && wanted.iter().all(is_found)
        }
        (found, wanted) => is_same(found, wanted),
    };
    is_it
        || match json {
            Value::Array(items) => items.iter().any(|item| has(item, wanted)),
            Value::Object(members) => members.values().any(|member| has(member, wanted)),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    const MOONS: &str = r#"["io","europa","callisto"]"#;

    #[rstest]
    #[case::the_same(MOONS, MOONS, true)]
    #[case::written_otherwise(MOONS, r#" [ "io", "europa", "callisto" ]"#, true)]
    #[case::within(MOONS, r#"{"data":{"moons":["io","europa","callisto"]}}"#, true)]
    #[case::among_others(MOONS, r#"{"all":["mars","io","europa","callisto"]}"#, true)]
    #[case::a_number_written_otherwise(
        r#"{"count":8,"mass":8.9e22}"#,
        r#"{"count":8.0,"mass":89e21}"#,
        true
    )]
    #[case::another_number(
        r#"{"count":8,"mass":8.9e22}"#,
        r#"{"count":8.5,"mass":8.9e22}"#,
        false
    )]
    #[case::in_part(MOONS, r#"["io","europa"]"#, false)]
    #[case::others(MOONS, r#"{"moons":["titan"]}"#, false)]
    #[case::object(r#"{"owner":"somebody"}"#, r#"[{"owner":"somebody"}]"#, true)]
    #[case::object_with_more(r#"{"owner":"somebody"}"#, r#"[{"owner":"somebody","a":1}]"#, false)]
    #[case::next_to_nothing(r#"{"ok":true}"#, r#"{"a":{"ok":true}}"#, false)]
    #[case::nothing("[]", r#"{"a":[]}"#, false)]
    #[case::nothing_at_all("", "", true)]
    #[case::text("io, europa and callisto", "<p>io, europa and callisto</p>", true)]
    #[case::another_text("io, europa and callisto", "<p>io and europa</p>", false)]
    fn an_answer_has_it_or_not(#[case] good: &str, #[case] body: &str, #[case] has: bool) {
        assert_eq!(stands_in(good, body), has);
    }

    fn answer(headers: HeaderMap, body: &str) -> Answer {
        Answer {
            status: StatusCode::FORBIDDEN,
            headers,
            body: body.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[rstest]
    #[case::named(MOONS, "io, europa; callisto", true)]
    #[case::as_json(MOONS, MOONS, true)]
    #[case::as_a_cookie(MOONS, "state=%5B%22io%22%2C%22europa%22%2C%22callisto%22%5D", true)]
    #[case::in_part(MOONS, "io, europa", false)]
    #[case::so_short_that_it_may_be_chance(r#"["ok"]"#, "ok", false)]
    fn a_header_tells_it_or_not(#[case] wanted: &str, #[case] value: &str, #[case] is_told: bool) {
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        let value = HeaderValue::from_str(value).expect("a header's value");
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-data"), value)]);
        let wanted = Wanted::Exactly(&wanted);
        assert_eq!(
            tells(&answer(headers, "no"), None, wanted, Part::Any),
            is_told
        );
    }

    #[rstest]
    #[case::json(r#"["io","europa"]"#, r#"{"moons":["io","europa"]}"#, true)]
    #[case::page(r#"["io","europa"]"#, "<li>io</li><li>europa</li>", true)]
    #[case::for_people(r#"["io","europa"]"#, "<li>Io</li><li>EUROPA</li>", true)]
    #[case::several_words(r#"["Order 1","Order 22"]"#, "<td>order 1</td><td>Order 22</td>", true)]
    #[case::by_references(r#"["io","europa"]"#, "<p>&#105;o &#x65;uropa</p>", true)]
    #[case::by_escapes(r#"["io","europa"]"#, r#"{"moons":["\u0069o","\u0065uropa"]}"#, true)]
    #[case::in_base64(
        r#"["io","europa","callisto"]"#,
        r#"{"error":"no","debug":"WyJpbyIsImV1cm9wYSIsImNhbGxpc3RvIl0="}"#,
        true
    )]
    #[case::other_things_in_base64(
        r#"["io","europa","callisto"]"#,
        r#"{"error":"no","debug":"WyJpbyIsInRpdGFuIiwiY2FybWUiXQ=="}"#,
        false
    )]
    #[case::objects(
        r#"[{"name":"io","radius":1}]"#,
        r#"{"a":[{"radius":1,"name":"io"}]}"#,
        true
    )]
    #[case::texts_of_objects(
        r#"[{"name":"io"},{"name":"leda"}]"#,
        "<li>io</li><li>leda</li>",
        true
    )]
    #[case::one_short_word(r#"["earth"]"#, "see /planet-earth/", false)]
    #[case::a_part(r#"["io","europa"]"#, "<li>io</li>", false)]
    #[case::a_longer_word(r#"["io","europa"]"#, "radio, europa", false)]
    #[case::a_longer_number(r#"["Order 1"]"#, "order 11", false)]
    #[case::no_words(r#"["--"]"#, "--", false)]
    #[case::no_texts("[1,2]", "1, 2", false)]
    fn a_text_tells_it_or_not(#[case] wanted: &str, #[case] body: &str, #[case] is_told: bool) {
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        let answer = answer(HeaderMap::new(), body);
        let told = tells(
            &answer,
            answer.json().as_ref(),
            Wanted::Exactly(&wanted),
            Part::Any,
        );
        assert_eq!(told, is_told);
    }

    #[rstest]
    #[case::an_object(
        r#"{"owner":"somebody"}"#,
        r#"{"a":[{"owner":"somebody","b":1}]}"#,
        true
    )]
    #[case::items(
        r#"[{"owner":"some"}]"#,
        r#"{"a":[{"owner":"none"},{"owner":"some"}]}"#,
        true
    )]
    #[case::others(r#"[{"owner":"some"}]"#, r#"{"a":[{"owner":"none"}]}"#, false)]
    fn what_is_wanted_among_more_is_told_anywhere(
        #[case] wanted: &str,
        #[case] body: &str,
        #[case] is_told: bool,
    ) {
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        let answer = answer(HeaderMap::new(), body);
        let told = tells(
            &answer,
            answer.json().as_ref(),
            Wanted::Among(&wanted),
            Part::Any,
        );
        assert_eq!(told, is_told);
    }

    #[rstest]
    #[case::of_all_that_a_reader_is_given(Part::Whole, false)]
    #[case::of_what_nobody_is_to_get(Part::Any, true)]
    fn a_good_part_is_enough_or_not(#[case] part: Part, #[case] is_told: bool) {
        let wanted = serde_json::json!(["io", "europa", "callisto", "leda", "himalia"]);
        let body = r#"{"error":"x","preview":["io","leda","himalia"]}"#;
        let answer = answer(HeaderMap::new(), body);
        let json = answer.json();
        let told = tells(&answer, json.as_ref(), Wanted::Exactly(&wanted), part);
        assert_eq!(told, is_told);
    }
}
