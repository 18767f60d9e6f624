//! By which part of a token an API finds again what it decided of it: whatever has the same part is
//! let in, and what has not is refused.

use super::context::Context;
use crate::exchange::{self, Case};
use crate::observation::ApiAnswer;

/// A part of a token that an API takes for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Signature,
    HeaderAndPayload,
    Beginning,
    Id,
    Subject,
    /// The whole of it, and not the path that it was presented at.
    Whole,
    /// One of them, and nobody knows which.
    Some,
}

/// Tokens that were let in themselves, with another payload and the signature as it was, and with
/// another signature and the payload as it was.
const OTHER_PAYLOAD: &str = "forged_after_a_good_answer";
const OTHER_SIGNATURE: &str = "signature_after_a_good_answer";
/// Forged tokens whose header, or subject, is another.
const OTHER_HEADER: &str = "header_gains_a_member";
const OTHER_SUBJECT: &str = "subject_changed";

impl Part {
    /// Which other tokens have it in common with one that was let in, for a sentence.
    pub(super) const fn alike(self) -> &'static str {
        match self {
            Self::Signature => "one with the same signature, or end",
            Self::HeaderAndPayload => {
                "one with the same header and payload, whatever its signature"
            }
            Self::Beginning => "one that begins like it",
            Self::Id => "one with the same `jti`",
            Self::Subject => "one with the same `sub`",
            Self::Whole => "the same at another path",
            Self::Some => "one of the same user or with the same signature, or of the same client",
        }
    }
}

/// The part of a token by which its verdict is kept, where the run saw that one is: a token that
/// was tampered with was let in once others had been, or only what is under a signature counts.
pub(super) fn kept_by(context: &Context<'_>) -> Option<Part> {
    let of = |id| is_let_in(context, id);
    let (payload, signature) = (of(OTHER_PAYLOAD), of(OTHER_SIGNATURE));
    if (payload, signature) == (Some(false), Some(true)) && !is_tampered_let_in(context, |_| true) {
        return Some(Part::HeaderAndPayload);
    }
    is_tampered_let_in(context, |answer| answer.is_second).then(|| {
        match (payload, signature, of(OTHER_HEADER), of(OTHER_SUBJECT)) {
            (Some(true), Some(false), _, _) => Part::Signature,
            (Some(true), Some(true), Some(false), _) => Part::Beginning,
            (Some(true), Some(true), Some(true), Some(true)) => Part::Id,
            (Some(true), Some(true), Some(true), Some(false)) => Part::Subject,
            _ => Part::Some,
        }
    })
}

fn is_tampered_let_in(context: &Context<'_>, which: impl Fn(&ApiAnswer) -> bool) -> bool {
    let tampered = exchange::tampered();
    let mut calls = context.seen.calls.iter();
    calls.any(|(call, answer)| {
        let is_it = |answer: &ApiAnswer| answer.gives() && which(answer);
        call.case == tampered && answer.as_ref().is_ok_and(is_it)
    })
}

/// Whether a hostile request was let in, at any endpoint where it was sent.
fn is_let_in(context: &Context<'_>, id: &str) -> Option<bool> {
    let is_it = |case: &Case| case.id == id;
    let sent = context.seen.hostile.iter();
    let sent = sent.filter(|(call, _)| is_it(call.case));
    let answers = sent.filter_map(|(_, seen)| seen.as_ref().ok()?.answer.as_ref());
    answers
        .map(ApiAnswer::gives)
        .reduce(|one, other| one || other)
}
