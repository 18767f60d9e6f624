//! The one next step after a hostile request that was not simply refused.

use super::context::Context;
use super::refusals;
use super::trial::Fix;
use crate::exchange::{ApiCall, BesideGood, Case, Lie};
use crate::model::{Endpoint, Needs};

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// It was let in.
    LetIn,
    /// What must not come back came.
    Forbidden,
    /// The API failed, hung or died of it.
    Trouble,
    /// Everybody is refused since.
    Blocked,
    /// The user of the token is refused since, and others are not.
    Locked,
    /// It was refused, and the refusal says too much.
    SaysTooMuch,
    /// It was refused, and the refusal tells where in the program or behind it that comes from.
    ShowsInside,
}

/// What to change, and what to send to see it.
pub(super) fn fix(context: &Context<'_>, call: &ApiCall, outcome: Outcome) -> Fix {
    let case = call.case;
    let step = match outcome {
        Outcome::LetIn => missing_check(context, call),
        Outcome::Forbidden => {
            let forbids = case.forbids.as_ref();
            forbids.map_or_else(String::new, |forbidden| forbidden.advice.clone())
        }
        Outcome::Trouble => "answer 401 to whatever cannot be read or verified: catch what the \
                             verifier throws, and let it end neither process nor connection"
            .to_owned(),
        Outcome::Blocked => "wait until the block ends, or let the firewall know the address that \
                             this run comes from"
            .to_owned(),
        Outcome::Locked => "count nothing against a user by what a token says whose signature was \
                            not verified: else anyone who sends forged tokens locks that user out"
            .to_owned(),
        Outcome::SaysTooMuch => "refuse without repeating what was presented".to_owned(),
        Outcome::ShowsInside => "write the cause into the log alone, and refuse by the status and \
                                 an error that clients know: no stack trace, no path and no \
                                 address of what is behind the API"
            .to_owned(),
    };
    let norm = match outcome {
        Outcome::ShowsInside => "CWE-209",
        Outcome::LetIn
        | Outcome::Forbidden
        | Outcome::Trouble
        | Outcome::Blocked
        | Outcome::Locked
        | Outcome::SaysTooMuch => &case.norm,
    };
    Fix::new(
        format!("the API or gateway: {step} ({norm})"),
        match &case.request.method {
            Some(method) => format!("{method} {}: {}", call.endpoint, case.sends),
            None => format!("{}: {}", refusals::asked(&call.endpoint), case.sends),
        },
    )
}

/// What to do where anybody is given the data at a place beside the endpoint.
pub(super) fn mend_open_anyway(at: &str) -> Fix {
    Fix::new(
        format!(
            "the API or gateway: {at} shows data of an endpoint to anybody, whatever else is sent. \
             Where that is documentation, make its examples up; else put it behind the check of \
             tokens, or take the data away from there"
        ),
        format!("GET {} without a token", at.trim_matches('`')),
    )
}

/// The check that would have kept it out.
fn missing_check(context: &Context<'_>, call: &ApiCall) -> String {
    let case = call.case;
    if case.presents_two() {
        return "take one token from one place: refuse a request that brings two, and read the \
                claims of the very token whose signature was verified"
            .to_owned();
    }
    if let Some(beside) = case.beside_good {
        return beside_good(beside).to_owned();
    }
    if case.follows_a_good_answer() {
        return "keep no answer and no decision for another request than the very one it was \
                made for: by the whole token, path and method, and never past its expiry"
            .to_owned();
    }
    case.lie().map_or_else(
        || by_request(case).to_owned(),
        |lie| by_token(context, call, lie),
    )
}

/// What keeps a request out that is let in by a good token of another's.
fn beside_good(beside: BesideGood) -> &'static str {
    match beside {
        BesideGood::OnTheConnection => {
            "decide on every request by what that request presents: a connection is not a session"
        }
        BesideGood::AtTheTime => {
            "keep what a request presents with that request, never in a variable that requests \
             share: one that waits reads what another has put there"
        }
        BesideGood::AtTheTarget => {
            "let no cache keep what was answered to a token, whatever its path looks like: \
             `Cache-Control: no-store`, and serve an endpoint at its own path alone"
        }
        BesideGood::WithItsCookies => {
            "ask for the token on every request: set no cookie that opens anything without it, or \
             keep with the session what its token was good for, and until when"
        }
        BesideGood::WhileItLasted => {
            "keep no decision for longer than its token is good: look at `exp` on every request, \
             whatever is kept of the rest"
        }
    }
}

/// What keeps a token out.
fn by_token(context: &Context<'_>, call: &ApiCall, lie: Lie) -> String {
    let issuer = &context.facts.issuer;
    let audience = &context.model.authorization_server.audience;
    match lie {
        Lie::NoToken => "let nothing in that is not a token which the issuer signed".to_owned(),
        Lie::IdToken => format!(
            "an ID token is for the client, not for an API: let a token in only if its `aud` is \
             `{audience}`"
        ),
        Lie::Issuer => format!("check the issuer: `iss` must be `{issuer}`, whole"),
        Lie::Audience => format!("check the audience: `aud` must be or hold `{audience}`, whole"),
        Lie::Time => "check the time: refuse a token after its `exp` and before its `nbf`, with a \
                      leeway of a minute or two"
            .to_owned(),
        Lie::Scopes => format!(
            "check the scope: an item of `scp` must be {}, whole and in the same case",
            scopes(context, call)
        ),
        Lie::Algorithm => "check the algorithm: take RS256 alone, whatever `alg` the token names, \
                           and use the issuer's key for nothing else"
            .to_owned(),
        Lie::KeyAddress => format!(
            "take keys from the `jwks_uri` of {issuer} alone, and never from where a token says \
             (`jwk`, `jku`, `x5u`, `x5c`, `iss`)"
        ),
        Lie::KeyId => "look `kid` up among the issuer's published keys, as a text, and use it for \
                       nothing else: no path, query or command"
            .to_owned(),
        Lie::Header => "refuse a header with members that change what is verified (`crit`), and \
                        verify the signature over the header as it came"
            .to_owned(),
        Lie::Form => "take three segments of base64url and nothing else: no padding, no other \
                      character, no segment more or less"
            .to_owned(),
        Lie::Signature => "verify the signature with the issuer's published key, over header and \
                           payload as they came"
            .to_owned(),
    }
}

/// The scopes of which the endpoint needs one, or all.
fn scopes(context: &Context<'_>, call: &ApiCall) -> String {
    let needs = context.model.endpoint(&call.endpoint).map(Endpoint::needs);
    match needs {
        Some(Needs::All(scopes)) => format!("`{}`", scopes.join("` and another `")),
        Some(Needs::Any(scopes)) => format!("`{}`", scopes.join("` or `")),
        Some(Needs::Public | Needs::SignedIn) | None => "the endpoint's own".to_owned(),
    }
}

/// What keeps a request out whose token, if there is one, says nothing wrong.
fn by_request(case: &Case) -> &'static str {
    let request = &case.request;
    if request.has_authorization() && case.credential.is_none() {
        "answer 401 to whatever `Authorization` holds that is no token behind `Bearer`: another \
         scheme, a scheme with nothing behind it and an empty field are no reason to leave the \
         check out"
    } else if request.names_another_host() && request.headers.len() == 1 {
        "decide alike whatever `Host` a request names: a rule for one name leaves every other name \
         of the same address open"
    } else if request.names_no_client() {
        "ask for the token of everyone, whatever kind of client they say they are, and of who says \
         nothing: monitors have a path of their own, which shows no data"
    } else if request.head.is_some() && !request.may_be_elsewhere() {
        "ask for the token by every version of HTTP that is served, and however a request is \
         written"
    } else if request.method.is_some() {
        "ask for the token for every method that is served, HEAD and OPTIONS too"
    } else if case.credential.is_some() && !case.lacks_the_scope() {
        "take the token from one `Authorization: Bearer` alone, and refuse every other way"
    } else if request.adds_to_the_query() || request.body.is_some() {
        "decide by the path and the token alone: whatever a caller can add to the query or the \
         body says nothing of who they are or what is asked"
    } else if request.asks_in_the_query() {
        "ask for the scope of whatever is served, wherever it is asked for: what a query names, \
         includes or expands needs its own, and so does each of several"
    } else if request.asks_for_another_form() {
        "decide before the header is read: who asks for a part of an answer (`Range`), for another \
         form of it (`Accept`), or whether it has changed (`If-None-Match`), needs the token as \
         anyone else does; let neither a cache nor whatever serves files answer in place of the \
         check"
    } else if request.target.is_some() && request.headers.is_empty() {
        "decide by the path that is really served: bring it into one form first, then refuse what \
         no rule is for"
    } else {
        "believe no header of a client's that names a path, a method, a user, an address or a \
         kind of client: remove it before deciding"
    }
}
