//! What to do where something is given to whom it must not be given.

use super::asked;
use crate::exchange::{ApiCall, Case};
use crate::model::Access;
use crate::observation::ApiAnswer;
use crate::requirements::context::Context;
use crate::requirements::kept::{Part, kept_by};
use crate::requirements::trial::Fix;

/// What to do where the same is given and refused.
const UNSTEADY: &str = "the answer is not the same each time: servers behind one address may differ. \
                        Ask each by itself, and bring all to the same version and settings; else \
                        find what changes between two requests, such as a count or a cache";

/// What to change where the same is given and refused, if it is.
pub(in crate::requirements) fn mend_unsteady(endpoint: &str, answer: &ApiAnswer) -> Option<Fix> {
    let fix = || Fix::new(UNSTEADY, format!("{}, ten times", asked(endpoint)));
    answer.is_unsteady.then(fix)
}

/// Whether what the same request was given anywhere came once others had been answered: then one
/// decision is taken for another, at whichever endpoint that shows first.
fn is_kept(context: &Context<'_>, case: &Case) -> bool {
    let mut calls = context.seen.calls.iter();
    (case.is_forged() || case.is_rightful())
        && calls.any(|(call, answer)| {
            let is_second = |answer: &ApiAnswer| answer.is_second && answer.gives();
            call.case == case && answer.as_ref().is_ok_and(is_second)
        })
}

/// Whether every genuine token that was let in once others had been answered, and not before, opens
/// another endpoint by right: then what was decided there is taken for this path too.
fn is_of_another_path(context: &Context<'_>) -> bool {
    let calls = &context.seen.calls;
    let given = |call: &ApiCall| calls.get(call)?.as_ref().ok().filter(|it| it.gives());
    let opens_another = |call: &ApiCall| {
        let Some(key) = call.rightful() else {
            return false;
        };
        let mut others = context.model.endpoints.iter();
        others.any(|other| {
            other.id() != call.endpoint
                && context.model.access(&key.request, other) == Access::Reads
                && given(&ApiCall::with_token_of(key, other.id())).is_some()
        })
    };
    let mut later = calls.keys().filter(|call| {
        call.case.is_rightful() && given(call).is_some_and(|answer| answer.is_second)
    });
    later.all(opens_another)
}

/// What to change where something is given to whom it must not be given, by what was presented, and
/// by what the run was answered where it presented nothing.
pub(in crate::requirements) fn mend_breach(
    context: &Context<'_>,
    call: &ApiCall,
    answer: &ApiAnswer,
) -> Fix {
    let with_nothing = context
        .seen
        .calls
        .get(&ApiCall::with_nothing(&call.endpoint));
    let with_nothing = with_nothing.and_then(|seen| seen.as_ref().ok());
    let part = if call.case.is_rightful() {
        is_of_another_path(context).then_some(Part::Whole)
    } else {
        kept_by(context)
    };
    let part = part.unwrap_or(Part::Some);
    let answer = &ApiAnswer {
        is_second: answer.is_second || is_kept(context, call.case),
        ..answer.clone()
    };
    mend_unsteady(&call.endpoint, answer)
        .unwrap_or_else(|| mend_given(call.case, &call.endpoint, answer, with_nothing, part))
}

/// What to change where the decision on one token is taken for another one.
pub(in crate::requirements) fn mend_kept(path: &str, part: Part) -> Fix {
    if part == Part::Whole {
        return Fix::new(
            "the API or gateway keeps what it decided of a token at one path, and takes it for \
             another: let it keep what it decides by path and method too, or decide on every \
             request",
            asked(path),
        );
    }
    let alike = part.alike();
    Fix::new(
        format!(
            "the API or gateway keeps what it decided of one token and takes another one for it, \
             such as {alike}: let it verify and judge each token by itself, signature, expiry and \
             scopes, and keep what it decides for that very token alone, byte for byte"
        ),
        asked(path),
    )
}

pub(in crate::requirements::refusals) fn mend_given(
    case: &Case,
    path: &str,
    answer: &ApiAnswer,
    with_nothing: Option<&ApiAnswer>,
    part: Part,
) -> Fix {
    // What keeps answers for anybody keeps them for those who present nothing.
    let is_for_some = with_nothing.is_some_and(|answer| !answer.gives());
    let refuses = answer.status >= 300;
    let click = if answer.leads_to_data {
        "the API or gateway refuses by a redirect to where the same data is open to anybody: put \
         that address behind the check of tokens too, or take the data away from there"
    } else if refuses {
        "the API or gateway refuses, and its answer holds the data all the same: leave the data \
         out of what refuses, and decide before it is looked up"
    } else if case.presents_a_text() && is_for_some {
        "what is no token at all is let in, and who presents nothing is not: let an error of the \
         verifier refuse, by 401, and let no cache before the API serve what it kept where the API \
         fails (`stale-if-error`)"
    } else if answer.is_second && is_for_some {
        return mend_kept(path, part);
    } else if answer.is_second {
        "a cache stands before the API and serves to anybody what it kept from somebody: let it \
         keep no answer to a request with Authorization (RFC 9111 section 3.5), or ask the API \
         before it serves one"
    } else if answer.is_page {
        "a page comes with a status of success, so that no client can tell it from an answer: let \
         the API or proxy answer 401 with WWW-Authenticate: Bearer"
    } else {
        unchecked(case)
    };
    Fix::new(click, asked(path))
}

/// What lets in anyone who has a token without the endpoint's scope.
pub(in crate::requirements) const UNCHECKED_SCOPE: &str = "the API or gateway does not check the scope: let a token \
                                          in only if `scp` holds what the endpoint needs, each \
                                          scope whole";

/// What anyone who lets it in does not check.
fn unchecked(case: &Case) -> &'static str {
    match &case.credential {
        None => {
            "the API or gateway asks for no token: put the path behind the check of tokens, which \
             verifies signature, issuer, audience, expiry and the scopes that the endpoint needs"
        }
        Some(_) if case.is_rightful() => UNCHECKED_SCOPE,
        Some(_) if case.is_forged() => {
            "the API or gateway does not verify the signature: verify it with the issuer's \
             published keys and RS256 alone"
        }
        Some(_) => {
            "the API or gateway: take the access token from `Authorization: Bearer` alone, and \
             verify signature, issuer, audience and expiry before anything else"
        }
    }
}
