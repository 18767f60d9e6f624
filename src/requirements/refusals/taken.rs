//! A good token that is refused here and known elsewhere: then the settings are right, and what is
//! wrong is how often, how soon or where a token is presented.

use crate::exchange::ApiCall;
use crate::model::Access;
use crate::observation::{ApiAnswer, AuthorizationKey};
use crate::requirements::context::Context;

/// The very token is taken for another endpoint, and other tokens are taken for this one: then the
/// settings are right, and what is wrong is how often, or how soon, a token is presented.
pub(super) fn taken_elsewhere(
    context: &Context<'_>,
    path: &str,
    answer: &ApiAnswer,
    key: &AuthorizationKey,
) -> Option<String> {
    // RFC 6750 section 3.1: 403 comes after a token was found to be good.
    let is_verified = |answer: &ApiAnswer| answer.gives() || answer.status == 403;
    let taken = || {
        let calls = context.seen.calls.iter();
        calls.filter_map(|(call, answer)| {
            let answer = answer.as_ref().ok().filter(|answer| is_verified(answer));
            answer.and(Some((call.rightful()?, call.endpoint.as_str())))
        })
    };
    let is_elsewhere = taken().any(|(taken, endpoint)| taken == key && endpoint != path);
    let is_here = taken().any(|(taken, endpoint)| taken != key && endpoint == path);
    (answer.status == 401 && is_elsewhere && is_here).then(|| {
        "the same token is taken for another endpoint, and other tokens are taken for this one, so \
         the settings are right: does the API take each token once alone (by its `jti`), or not in \
         its first seconds (by its `iat`, with a clock that is behind)? A client presents an access \
         token as often as it likes until it expires"
            .to_owned()
    })
}

/// A token that holds the endpoint's scope is answered 403, and some token of the run is let in: what
/// verifies tokens is right. It was decided of this very token at another path before, or others
/// are let in here.
pub(super) fn decided_elsewhere(
    context: &Context<'_>,
    path: &str,
    answer: &ApiAnswer,
    key: &AuthorizationKey,
) -> Option<String> {
    let calls = || {
        let calls = context.seen.calls.iter();
        calls.filter_map(|(call, answer)| {
            let by = call.rightful()?;
            Some((call, by, answer.as_ref().ok()?))
        })
    };
    let is_let_in = |call: &ApiCall, by: &AuthorizationKey| {
        let endpoint = context.model.endpoint(&call.endpoint);
        endpoint.is_some_and(|own| context.model.access(&by.request, own) == Access::Reads)
    };
    let mut given = calls().filter(|(call, by, answer)| answer.gives() && is_let_in(call, by));
    let is_decided = |(call, by, answer): (&ApiCall, &AuthorizationKey, &ApiAnswer)| {
        by == key && call.endpoint != path && (answer.gives() || answer.status == 403)
    };
    let is_verified = answer.status == 403 && given.next().is_some();
    (is_verified && calls().any(is_decided)).then(|| {
        "tokens of this run are let in, so that it is not their signature, issuer or audience, and \
         this one was decided on for another endpoint as well: does an authorizer before the API \
         keep its decision for the token alone, such as one of Amazon's API Gateway whose policy \
         names one path and is cached? Keep it by path and method too, or let the policy name all \
         that the token is good for. Or does the endpoint want another scope?"
            .to_owned()
    })
}

/// Whether a token of the run is let in at an endpoint by right.
pub(super) fn lets_others_in(context: &Context<'_>, path: &str) -> bool {
    let Some(endpoint) = context.model.endpoint(path) else {
        return false;
    };
    let is_right =
        |by: &AuthorizationKey| context.model.access(&by.request, endpoint) == Access::Reads;
    let mut calls = context.seen.calls.iter();
    calls.any(|(call, answer)| {
        call.endpoint == path
            && call.rightful().is_some_and(is_right)
            && answer.as_ref().is_ok_and(ApiAnswer::gives)
    })
}
