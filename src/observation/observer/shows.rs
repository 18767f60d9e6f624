//! What an answer shows that it must not: a token, or words in its headers.

use secrecy::{ExposeSecret as _, SecretString};

use super::amid::of_a_page;
use crate::exchange::{Case, Header, Material};
use crate::openid::Answer;

/// A shorter part of a token may be anywhere.
const SHORTEST_ECHO: usize = 24;

/// Whether the signature, or the longest segment, of what was sent is in the answer.
pub(super) fn echoes(answer: Option<&Answer>, token: Option<&SecretString>) -> bool {
    let (Some(answer), Some(token)) = (answer, token) else {
        return false;
    };
    let segments = token.expose_secret().split('.').skip(1);
    let mut long = segments.filter(|segment| segment.len() >= SHORTEST_ECHO);
    let headers = answer.headers.values();
    let headers: Vec<_> = headers
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    // For people it may be broken into lines.
    let shown = answer.body.contains('<').then(|| of_a_page(&answer.body));
    let shown: String = shown
        .iter()
        .flat_map(|page| page.split_whitespace())
        .collect();
    let has_it = |segment: &str| {
        let mut headers = headers.iter();
        answer.body.contains(segment)
            || shown.contains(segment)
            || headers.any(|value| value.contains(segment))
    };
    !answer.status.is_success() && long.any(has_it)
}

/// Whether an answer says what a case forbids.
pub(super) fn has_forbidden(answer: Option<&Answer>, case: &Case, material: &Material<'_>) -> bool {
    let (Some(answer), Some(forbidden)) = (answer, &case.forbids) else {
        return false;
    };
    let says =
        |answer, header: &Header| says(answer, &header.header, &material.text(&header.value));
    let beside = forbidden.beside.as_ref();
    let unless = forbidden.unless.as_ref();
    says(answer, &forbidden.says)
        && beside.is_none_or(|header| says(answer, header))
        && !unless.is_some_and(|header| says(answer, header))
}

/// Whether an item of a header is this.
fn says(answer: &Answer, header: &str, value: &str) -> bool {
    let values = answer.headers.get_all(header).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut items = values.flat_map(|value| value.split(','));
    items.any(|item| {
        let name = item.split('=').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(value)
    })
}
