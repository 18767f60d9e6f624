//! What was not checked, by why: one reason is said once, however many trials it keeps from being
//! judged.

use std::collections::BTreeMap;

use super::record::RecordedResult;
use crate::observation::Cause;

/// What was not checked for one reason.
pub(super) struct Unseen<'a> {
    /// The kind of the reason.
    pub(super) cause: Cause,
    /// The reason, as fully as one of the results has it.
    pub(super) reason: &'a str,
    /// What it keeps from being judged, in the document's order.
    pub(super) results: Vec<&'a RecordedResult>,
}

/// What was not checked, by why, those that could be configured first.
pub(super) fn by_reason<'a>(
    results: impl IntoIterator<Item = &'a RecordedResult>,
) -> Vec<Unseen<'a>> {
    let mut found: BTreeMap<(Cause, String), Unseen<'a>> = BTreeMap::new();
    for result in results {
        let Some(cause) = result.cause else { continue };
        let reason = result.reason.as_deref().unwrap_or("no reason was recorded");
        let shared = shared(reason);
        // What blocks a trial is said where it is found.
        let own = if cause == Cause::Blocked {
            shared
        } else {
            first(reason)
        };
        let unseen = found.entry((cause, kind(shared))).or_insert(Unseen {
            cause,
            reason: own,
            results: Vec::new(),
        });
        if own.len() > unseen.reason.len() {
            unseen.reason = own;
        }
        unseen.results.push(result);
    }
    found.into_values().collect()
}

/// How a reason begins to tell the keys that a page is known by, for those who look into it.
const KEYS: &str = " (known by ";

/// A reason without the keys that a page is known by, and the keys.
pub(super) fn without_keys(reason: &str) -> (String, Option<&str>) {
    let parts = reason.split_once(KEYS).and_then(|(before, keys)| {
        let (keys, after) = keys.split_once(')')?;
        Some((format!("{before}{after}"), keys))
    });
    match parts {
        Some((reason, keys)) => (reason, Some(keys)),
        None => (reason.to_owned(), None),
    }
}

/// A reason as it is read in a line: the keys are in the record. That a page was known by its words
/// alone is no key, and stays.
pub(super) fn readable(reason: &str) -> String {
    match without_keys(reason) {
        (words, Some(keys)) if keys.contains(':') && !keys.contains(": ") => words,
        _ => reason.to_owned(),
    }
}

/// The part of a reason that does not differ between the trials that it keeps from being judged:
/// what an audit makes of one request is its own.
fn shared(reason: &str) -> &str {
    let reason = first(reason);
    let ends = ["\": ", "; the audit shows ", "; cause: "];
    let ends = ends.iter().filter_map(|end| reason.find(end));
    let quote = |end: usize| end + usize::from(reason[end..].starts_with('"'));
    ends.map(quote).min().map_or(reason, |end| &reason[..end])
}

/// By what reasons are one: all addresses of a server that nobody can connect to for one reason
/// are.
fn kind(shared: &str) -> String {
    let refused = shared.strip_prefix("cannot connect to ");
    let refused = refused.and_then(|refused| refused.split_once(": "));
    let of_server = refused.and_then(|(address, why)| {
        let server = url::Url::parse(address).ok()?.origin();
        Some(format!("{} {why}", server.ascii_serialization()))
    });
    of_server.unwrap_or_else(|| shared.to_owned())
}

/// The reason of the first try, where it was not tried again, or where a refusal proves nothing for
/// it.
fn first(reason: &str) -> &str {
    let of_a_refusal = reason.strip_prefix("it is refused, but that proves nothing: ");
    let reason = of_a_refusal.unwrap_or(reason);
    reason.strip_prefix("not tried again: ").unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::blocked(
        "blocked by step 3c, \"the rules\": no",
        "blocked by step 3c, \"the rules\""
    )]
    #[case::again("not tried again: the page stops", "the page stops")]
    #[case::of_a_refusal(
        "it is refused, but that proves nothing: not tried again: the page stops",
        "the page stops"
    )]
    #[case::explained("says no; the audit shows no cause; likely: (1) x", "says no")]
    #[case::by_a_rule("access_denied; cause: rule `x`", "access_denied")]
    #[case::plain("set OKTA_CLIENT_TOKEN", "set OKTA_CLIENT_TOKEN")]
    fn what_differs_by_trial_is_left_out(#[case] reason: &str, #[case] wanted: &str) {
        assert_eq!(shared(reason), wanted);
    }

    #[rstest]
    #[case::keys(
        "it stops (known by a:b, c:d): look",
        "it stops: look",
        Some("a:b, c:d")
    )]
    #[case::none("it stops (no screenshot: x)", "it stops (no screenshot: x)", None)]
    #[case::unfinished("it stops (known by a", "it stops (known by a", None)]
    fn keys_are_for_those_who_look_into_it(
        #[case] reason: &str,
        #[case] says: &str,
        #[case] keys: Option<&str>,
    ) {
        assert_eq!(without_keys(reason), (says.to_owned(), keys));
    }

    #[rstest]
    #[case::keys("it stops (known by a:b, c:d): look", "it stops: look")]
    #[case::one_key("it stops (known by a:b)", "it stops")]
    #[case::words(
        "it stops (known by its words alone: x)",
        "it stops (known by its words alone: x)"
    )]
    #[case::none(
        "it stops (at https://a.example/x)",
        "it stops (at https://a.example/x)"
    )]
    fn a_line_has_words_and_no_keys(#[case] reason: &str, #[case] says: &str) {
        assert_eq!(readable(reason), says);
    }

    #[rstest]
    #[case::of_one_server("cannot connect to http://a.example/y: refused; check it", true)]
    #[case::for_another_reason("cannot connect to http://a.example/y: no route; check it", false)]
    #[case::of_another_server("cannot connect to http://b.example/x: refused; check it", false)]
    #[case::of_no_server("cannot connect", false)]
    fn a_server_that_does_not_answer_is_one_reason(#[case] other: &str, #[case] is_one: bool) {
        let first = "cannot connect to http://a.example/x: refused; check it";
        assert_eq!(kind(first) == kind(other), is_one);
    }
}
