//! What an answer of the API says: how it is told, whether it refuses, and why it may have refused
//! what it should have given.

mod elsewhere;
mod given;
mod taken;

use std::collections::BTreeSet;

use elsewhere::{canonical, mend_same_path, without_route};
pub(super) use given::{UNCHECKED_SCOPE, mend_breach, mend_kept, mend_unsteady};
use jiff::SignedDuration;
use taken::{decided_elsewhere, lets_others_in, taken_elsewhere};

use super::context::Context;
use super::trial::{Fix, Judgement};
use crate::escape;
use crate::model::{Endpoint, Provider};
use crate::observation::{ApiAnswer, AuthorizationKey, Data, NotSeen, Outcome, Seen};

/// An API may allow no leeway at all; the `Date` of an answer is exact to a second.
const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(2);

/// The schemes that a challenge may name (IANA, "HTTP Authentication Scheme Registry").
const OTHER_SCHEMES: [&str; 5] = ["basic", "digest", "negotiate", "dpop", "mutual"];

/// An answer, for a sentence.
pub(super) fn told(answer: &ApiAnswer) -> String {
    let redirect = answer.redirect.as_ref();
    let followed = if answer.leads_to_data {
        "where anybody can read the data"
    } else {
        "not followed"
    };
    let redirect = redirect.map(|target| format!(", a redirect to {target}, {followed}"));
    let challenge = answer.challenge.as_ref();
    let challenge = challenge.map(|challenge| {
        let challenge = escape::beginning(challenge, escape::MOST_IN_TERMINAL);
        format!(" with WWW-Authenticate: {challenge}")
    });
    let is_other = answer.has_status_of_success() || answer.has_data();
    let is_other = is_other && answer.data != Data::Alone;
    let other = is_other.then(|| format!(", {}", body(answer)));
    let second = answer.is_second.then(|| {
        ", when the same was asked again after others had been answered: it was refused at first"
            .to_owned()
    });
    let unsteady = answer
        .is_unsteady
        .then(|| ", and a refusal when the same was asked once more".to_owned());
    let more = [redirect, challenge, other, second, unsteady];
    let more: String = more.into_iter().flatten().collect();
    format!("{}{more}", answer.status)
}

/// The first of a body that is not the wanted one.
pub(super) fn body(answer: &ApiAnswer) -> String {
    let kind = if answer.is_page { "a page" } else { "the body" };
    match answer.body.as_deref() {
        None | Some("") => "without a body".to_owned(),
        Some(body) => format!("{kind} `{body}`"),
    }
}

/// Nothing can be said of an API that is down behind its gateway, nor of a body that was too long
/// to be compared.
pub(super) fn is_known(context: &Context<'_>, endpoint: &Endpoint, answer: &ApiAnswer) -> Seen<()> {
    if is_of_a_gateway(answer) && context.seen.calls.values().flatten().all(is_of_a_gateway) {
        return Err(NotSeen::failed(format!(
            "the API is down: what stands before it answers {} to everything",
            answer.status
        )));
    }
    is_no_chance(context, answer.fails())?;
    let is_compared = endpoint.wanted().is_some() && answer.data != Data::Alone;
    if is_compared && answer.is_unread && answer.status == endpoint.status() {
        return Err(NotSeen::inconclusive(format!(
            "the answer of {} is too long to be compared: in the org model, ask for less of it, or \
             set `contains` to a text, which is looked for in an answer of any length",
            endpoint.id()
        )));
    }
    Ok(())
}

/// An API that fails at times, whatever it is asked, says nothing of a request by that: one server
/// of several may be down.
///
/// # Errors
/// [`NotSeen`] where it failed now, and at another request of the access matrix, which it answered
/// when it was asked the same again.
pub(super) fn is_no_chance(context: &Context<'_>, fails: bool) -> Seen<()> {
    let mut calls = context.seen.calls.values().flatten();
    match calls.find_map(|answer| answer.failed_before) {
        Some(status) if fails => Err(NotSeen::failed(format!(
            "the API fails at times, whatever it is asked: it answered {status} to another request \
             of the access matrix, and did not when the same was asked again"
        ))),
        _ => Ok(()),
    }
}

/// Whether it comes of what stands before an API that it does not reach: RFC 9110 sections 15.6.3
/// to 15.6.5.
fn is_of_a_gateway(answer: &ApiAnswer) -> bool {
    matches!(answer.status, 502..=504)
}

/// Nothing is given by any other answer than a success; whether the status is the right one for a
/// refusal, another requirement says.
///
/// # Errors
/// [`NotSeen`] for an answer that comes of neither the request nor its credential.
pub(super) fn refusal(answer: &ApiAnswer) -> Seen<Judgement> {
    match answer.status {
        100..=199 | 408 | 425 | 429 => Err(NotSeen::failed(format!(
            "the API neither gives nor refuses: it answers {}",
            told(answer)
        ))),
        _ => Ok(Judgement::met_with(told(answer))),
    }
}

/// Whether an answer refuses by a status that says so: RFC 6750 section 3.1, and 404 by RFC 9110
/// section 15.5.4, where nobody is to know what is there.
pub(super) fn is_plain(answer: &ApiAnswer) -> bool {
    matches!(answer.status, 400 | 401 | 403 | 404)
}

/// Whether what the API refused is the path or the method, and not the token.
pub(super) fn is_of_the_route(answer: &ApiAnswer) -> bool {
    matches!(answer.status, 404 | 405)
}

/// What is asked of an endpoint, as the model calls it: of one by its path alone, `GET`.
pub(super) fn asked(endpoint: &str) -> String {
    if endpoint.starts_with('/') {
        format!("GET {endpoint}")
    } else {
        endpoint.to_owned()
    }
}

/// How to mend that a public endpoint is not open.
pub(super) fn mend_closed(endpoint: &str) -> Fix {
    Fix::new(
        format!(
            "the API or gateway: let {endpoint} answer without a token; if it is not meant to be \
             public, say in the org model by `scope`, `scopes` or `signed_in` what a caller needs"
        ),
        format!("{} without a token", asked(endpoint)),
    )
}

/// How to mend that a good token is refused: the likely cause first, by what the answer says.
pub(super) fn mend_refusal(
    context: &Context<'_>,
    path: &str,
    answer: &ApiAnswer,
    key: Option<&AuthorizationKey>,
) -> Fix {
    let asked = asked(path);
    let api = format!("{asked} with the token, and without");
    let server = context.facts.resource_server.as_ref();
    if is_of_the_route(answer) {
        return Fix::new(without_route(context, &asked), api);
    }
    if let Some(canonical) = server.and_then(|server| canonical(server, &asked, answer)) {
        let click = format!(
            "the API has the endpoint at `{canonical}`, as its redirect says: write that path \
             into the org model as the `path` of the endpoint"
        );
        return Fix::new(click, api);
    }
    if let Some(click) = server.and_then(|server| mend_same_path(server, &asked, answer)) {
        return Fix::new(click, api);
    }
    // A page beside a status that refuses is how many servers refuse whatever they refuse.
    let is_sign_in_page = answer.is_page && answer.has_status_of_success();
    if answer.redirect.is_some() || is_sign_in_page {
        let click = "a proxy for people stands before the API and sends to a sign-in page: let it \
                     take bearer tokens on the API's paths, and answer 401 instead of redirecting";
        return Fix::new(click, api);
    }
    if let Some(click) = answered_by_others(context, answer) {
        return Fix::new(click, api);
    }
    if answer.status >= 500 {
        let click = "the API or gateway fails: see its log; can it read the issuer's keys?";
        let keys = keys(context.model.provider);
        return Fix::new(click, format!("GET {keys} from where the API runs"));
    }
    let decided = || decided_elsewhere(context, path, answer, key?);
    // Where it lets others in, it reads scopes where they stand.
    let first = decided().filter(|_| lets_others_in(context, path));
    let likely = first
        .or_else(|| likely(context, path, answer))
        .or_else(|| taken_elsewhere(context, path, answer, key?))
        .or_else(decided);
    let rest = if context.no_management_api() {
        "the API or gateway: issuer, audience, keys of the issuer, clock, and the claim `scp` or \
         `scope`. Of a token that is no JSON Web Token it learns by introspection alone (RFC 7662)"
    } else {
        "the API or gateway: issuer, audience (step 3a), keys of the issuer, clock, and the claim \
         `scp`, an array, for the scope"
    };
    let click = likely.map_or_else(
        || rest.to_owned(),
        |likely| format!("{likely}. Else {rest}"),
    );
    let keys = keys(context.model.provider);
    let api = format!(
        "GET {keys}, and compare kid, iss, aud, iat and scp of the token with the gateway's \
         settings"
    );
    Fix::new(click, api)
}

/// What refuses in the API's place, if an answer is by something else.
fn answered_by_others(context: &Context<'_>, answer: &ApiAnswer) -> Option<&'static str> {
    let is_the_apis = |other: &ApiAnswer| other.challenge.is_some() && !other.is_page;
    let mut others = context.seen.calls.values().flatten();
    if answer.is_kept && answer.status >= 400 {
        Some(
            "a cache before the API refuses, by an answer that it kept of another request (`Age`, \
             `X-Cache`): let it keep no answer to a request with Authorization, and no refusal",
        )
    } else if answer.is_page && answer.challenge.is_none() && others.any(is_the_apis) {
        Some(
            "something before the API, such as a firewall, refuses: its answer is a page, and the \
             API's own refusals in this run are not. Let it know the address that this run comes \
             from",
        )
    } else {
        None
    }
}

/// Where the keys of the issuer are.
const fn keys(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => "{issuer}/v1/keys",
        Provider::Generic => "the jwks_uri of the provider's metadata",
    }
}

/// Which audience an API must want.
const fn audience(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => "the audience of the authorization server (step 3a)",
        Provider::Generic => "the one that access tokens of the provider have",
    }
}

/// Where a token has its scopes.
const fn scopes(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => "Okta's tokens have it in `scp`, an array, and not in `scope`",
        Provider::Generic => "the token has it in `scope`, a text, or in `scp`, an array",
    }
}

/// Why the suite's own API does not take a good token: the issuer's keys did not come, or it reads
/// JSON Web Tokens alone, and those of another provider may be for its own servers to read (RFC
/// 6749 section 1.4).
pub(super) fn unreadable(
    context: &Context<'_>,
    key: &AuthorizationKey,
    answer: &ApiAnswer,
) -> Option<NotSeen> {
    if context.facts.resource_server.is_some() {
        return None;
    }
    if answer.status >= 500 {
        let keys = context.seen.keys.as_ref().err()?;
        return Some(NotSeen {
            reason: format!("the suite's own API has no keys either: {}", keys.reason),
            ..keys.clone()
        });
    }
    if answer.status != 401 || context.model.provider.has_readable_access_tokens() {
        return None;
    }
    let Outcome::Tokens { tokens, .. } = &context.seen.authorization(key).ok()?.outcome else {
        return None;
    };
    let error = tokens.access_token.as_ref().err()?;
    Some(NotSeen::not_configured(format!(
        "the access token is for its own server to read ({error}), and the suite's own API reads \
         JSON Web Tokens alone: set RESOURCE_SERVER_URL to an API that asks the provider what a \
         token is good for (RFC 7662)"
    )))
}

/// The most likely cause, by clock and challenge.
fn likely(context: &Context<'_>, path: &str, answer: &ApiAnswer) -> Option<String> {
    let other = || other_scope(context, path, answer);
    clock(context, answer).or_else(other).or_else(|| {
        let challenge = answer.challenge.as_deref()?.to_lowercase();
        scheme(&challenge).or_else(|| hint(&challenge, context.model.provider))
    })
}

/// Another scope in the challenge than the model has for the endpoint (RFC 6750 section 3).
fn other_scope(context: &Context<'_>, path: &str, answer: &ApiAnswer) -> Option<String> {
    let challenge = answer.challenge.as_deref()?;
    let (_, wanted) = challenge.split_once("scope=\"")?;
    let wanted = wanted.split('"').next()?;
    let mut endpoints = context.model.endpoints.iter();
    let endpoint = endpoints.find(|endpoint| endpoint.id() == path)?;
    let own: BTreeSet<&str> = endpoint.needs().ways().concat().into_iter().collect();
    let is_other = !own.is_empty() && wanted.split(' ').any(|scope| !own.contains(scope));
    is_other.then(|| {
        "the API's challenge wants another scope than the model has for the endpoint: one of them \
         is wrong"
            .to_owned()
    })
}

/// A clock that is behind the org's: a fresh token is not valid yet.
fn clock(context: &Context<'_>, answer: &ApiAnswer) -> Option<String> {
    let org = context.seen.clock_ahead.as_ref().ok()?;
    let behind = org.checked_sub(answer.clock_ahead?)?;
    (behind > CLOCKS_APART).then(|| {
        format!(
            "the API's clock is {} s behind the org's, so that a fresh token is not valid yet: set \
             it by NTP, and allow a leeway of a minute",
            behind.as_secs()
        )
    })
}

/// Another scheme in the challenge than `Bearer`.
fn scheme(challenge: &str) -> Option<String> {
    let mut words = challenge.split([' ', ',']);
    let asks = |scheme: &str| challenge.split([' ', ',']).any(|word| word == scheme);
    if asks("bearer") {
        return None;
    }
    let other = words.find(|word| OTHER_SCHEMES.contains(word))?;
    Some(format!(
        "the API asks for the scheme `{other}`: it takes no bearer tokens on this path"
    ))
}

/// What the words of an `error_description` (RFC 6750 section 3), which are the API's own, point
/// at.
fn hint(challenge: &str, provider: Provider) -> Option<String> {
    let hints: [(&[&str], String); 5] = [
        (
            &[
                "not valid yet",
                "not yet valid",
                "nbf",
                "iat",
                "expired",
                "clock",
                "used before",
            ],
            "the API says that the time is not right: set the clock of the machine that it runs on \
             by NTP, and allow a leeway of a minute"
                .to_owned(),
        ),
        (
            &[
                "kid",
                "jwk",
                "signing key",
                "signature",
                "unable to find key",
            ],
            format!(
                "the API says that it lacks the key: it keeps old keys of the issuer, so let it \
                 read {} again when a token names an unknown `kid` (restart it for now)",
                keys(provider)
            ),
        ),
        (
            &["audience", "aud"],
            format!(
                "the API says that the audience is another one: it must want {}, never the client \
                 id",
                audience(provider)
            ),
        ),
        (
            &["issuer", "iss"],
            "the API says that the issuer is another one: it must trust OKTA_OAUTH2_ISSUER, byte \
             for byte"
                .to_owned(),
        ),
        (
            &["insufficient_scope", "scope", "scp"],
            format!(
                "the API says that the scope is missing: {}",
                scopes(provider)
            ),
        ),
    ];
    let words: Vec<&str> = challenge
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let says =
        |part: &&str| part.contains(' ') && challenge.contains(*part) || words.contains(part);
    let mut hints = hints.into_iter();
    hints.find_map(|(parts, cause)| parts.iter().any(says).then_some(cause))
}

/// Whether a challenge names the scheme `Bearer`.
pub(super) fn asks_for_bearer(answer: &ApiAnswer) -> bool {
    let challenge = answer.challenge.as_deref().unwrap_or("");
    let mut words = challenge.split([' ', ',']);
    words.any(|word| word.eq_ignore_ascii_case("bearer"))
}

/// How to mend that a request without a token is not answered as it should be.
pub(super) fn mend_challenge(answer: &ApiAnswer) -> Fix {
    let click = if answer.is_error() {
        "the API or gateway: say that it refuses by the status too, 401 with WWW-Authenticate: \
         Bearer or 403 (RFC 6750 section 3.1): a client, a cache or a monitor takes an error with \
         a status of success for an answer"
    } else if answer.redirect.is_some() {
        "the proxy before the API: turn the redirect to the sign-in page off on the API's paths, \
         and answer 401 with WWW-Authenticate: Bearer"
    } else {
        "the API or gateway: answer 401 with WWW-Authenticate: Bearer to anyone who presents no \
         token"
    };
    Fix::new(click, "GET without token")
}

/// How to mend a refusal that does not look like one.
pub(super) fn mend_odd(answer: Option<&ApiAnswer>) -> Fix {
    match answer {
        Some(answer) if answer.status >= 500 => Fix::new(
            "the API or gateway: answer 401 to what is no token or cannot be decoded: it fails, as \
             its log will show",
            "GET with `Authorization: Bearer garbage`",
        ),
        Some(answer) => mend_challenge(answer),
        None => Fix::new("none", "none"),
    }
}

#[cfg(test)]
mod tests;
