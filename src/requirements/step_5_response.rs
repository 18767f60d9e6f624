//! Step 5: how the answer to a request comes back, by each flow.

use std::collections::BTreeSet;

use super::context::Context;
use super::every_answer;
use super::found::Code;
use super::see::flow as see_flow;
use super::step::Step;
use super::step_5_authorize::{main_authorizations, tokens};
use super::step_5_fixes::{mend_token, unfixable};
use super::subject::Subject;
use super::trial::{Judgement, Trial};
use crate::escape::excerpt;
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{Authorization, AuthorizationKey, Need, Outcome, Seen, Tokens};
use crate::openid::Response;
use crate::severity::Severity;

/// What a check says: nothing, or what was expected and what was there.
type Checked = Result<(), (String, String)>;

/// What a check looks at.
#[derive(Clone, Copy)]
enum Check {
    /// The redirect, whatever becomes of a code in it, and what the check reads there.
    Redirect(&'static str, fn(&Authorization, &Response) -> Checked),
    /// The redirect, beside the issuer.
    Issuer,
    /// What no redirect may have, be it one that brings nothing else.
    Absence(fn(&Response) -> Checked),
    /// The tokens, and what came with them.
    Tokens(fn(&Response, &Tokens) -> Checked),
    /// What kind of token is said to have come.
    TokenType,
    /// The scopes that are told, beside those that were asked for.
    Scopes(fn(Provider, &BTreeSet<String>, &Tokens) -> Checked),
}

/// The name of a trial, what it finds, and how it looks.
type Row = (&'static str, Code, Check);

const STATE: Row = (
    "the_state_comes_back",
    Code::StateOther,
    Check::Redirect("state", state),
);

const ISSUER: Row = (
    "the_answer_names_no_other_issuer",
    Code::ResponseIssuerOther,
    Check::Issuer,
);

const TOKEN_TYPE: Row = (
    "the_token_type_is_bearer",
    Code::TokenTypeOther,
    Check::TokenType,
);

const SCOPES_TOLD: Row = (
    "the_scopes_are_reported_as_granted",
    Code::ScopesTold,
    Check::Scopes(scopes_told),
);

const BY_IMPLICIT: [Row; 6] = [
    STATE,
    ISSUER,
    (
        "both_tokens_are_in_the_fragment_and_nowhere_else",
        Code::TokensMisplaced,
        Check::Tokens(tokens_in_fragment),
    ),
    (
        "no_refresh_token_comes_by_the_browser",
        Code::RefreshTokenInBrowser,
        Check::Absence(no_refresh_token),
    ),
    TOKEN_TYPE,
    SCOPES_TOLD,
];

const BY_CODE: [Row; 6] = [
    STATE,
    ISSUER,
    (
        "an_id_token_comes_with_the_access_token",
        Code::IdTokenMissing,
        Check::Tokens(id_token_too),
    ),
    (
        "the_code_flow_puts_no_token_into_the_browser",
        Code::TokenInBrowser,
        Check::Absence(no_token_in_browser),
    ),
    TOKEN_TYPE,
    SCOPES_TOLD,
];

/// The trials of the answers that come by one flow.
pub(super) fn trials(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    let checks = match flow {
        Flow::Implicit => BY_IMPLICIT,
        Flow::Code => BY_CODE,
    };
    let mut trials = Vec::new();
    for key in main_authorizations(model, flow) {
        let of_key = checks.iter();
        trials.extend(
            of_key.map(|(name, code, check)| on(&key, name, *code, *check).by_flow(model, flow)),
        );
    }
    trials
}

fn state(seen: &Authorization, response: &Response) -> Checked {
    let found = response.get("state");
    wanted(
        "the state that was sent, unchanged",
        found == Some(&seen.state),
        || found.map_or("no state", |_| "another state").to_owned(),
    )
}

/// RFC 9207 section 2.4: where the answer names an issuer, a client must refuse another than the one
/// that it asked.
fn issuer(own: &str, response: &Response) -> Checked {
    let found = response.get("iss");
    let is_own = found.is_none_or(|found| found == own);
    wanted(
        "no issuer in the answer, or the one that was asked",
        is_own,
        || "`iss` is another issuer".to_owned(),
    )
}

/// RFC 6749 section 5.1 demands it. Of another provider that leaves it out, the API takes the
/// tokens all the same.
fn token_type(provider: Provider, tokens: &Tokens) -> Judgement {
    let found = tokens.token_type.as_deref();
    if found.is_some_and(|found| found.eq_ignore_ascii_case("bearer")) {
        return Judgement::met();
    }
    let actual = found.unwrap_or("none");
    let unmet = Judgement::not_met(
        Code::TokenTypeOther,
        "token_type=Bearer",
        actual,
        unfixable(),
    );
    if found.is_none() && provider == Provider::Generic {
        unmet.weighing(Severity::Advised)
    } else {
        unmet
    }
}

/// RFC 6749 section 5.1 lets `scope` be absent where all was granted that was asked for; Okta tells
/// it always.
fn scopes_told(provider: Provider, asked: &BTreeSet<String>, tokens: &Tokens) -> Checked {
    let told = tokens.scope.as_deref().map(scope_set);
    let token = tokens.access_token.as_ref().ok();
    let held = token.and_then(|token| token.scopes(provider.scope_claims()));
    let held = held.map(|held| held.into_iter().map(str::to_owned).collect());
    let words = || {
        format!(
            "scope is {:?}",
            tokens.scope.as_deref().unwrap_or("not there")
        )
    };
    if !provider.may_grant_less() {
        // What is in a token that nobody can read is told elsewhere.
        let held = if token.is_some() {
            held
        } else {
            Some(asked.clone())
        };
        let is_right = told.is_some() && told == held;
        return wanted(
            "`scope` beside the token, the same as in it",
            is_right,
            words,
        );
    }
    let told = told.unwrap_or_else(|| asked.clone());
    let agrees = held.is_none_or(|held| provider.holds(&told, &held));
    wanted(
        "`scope` beside the token: no more than was asked for, and the same as in the token",
        told.is_subset(asked) && agrees,
        words,
    )
}

fn tokens_in_fragment(response: &Response, _: &Tokens) -> Checked {
    let misplaced = misplaced(response);
    wanted(
        "access_token and id_token in the fragment alone",
        misplaced.is_empty(),
        || misplaced.join("; "),
    )
}

fn no_refresh_token(response: &Response) -> Checked {
    let found = response.get("refresh_token").is_some();
    wanted("no refresh_token in the redirect", !found, || {
        "there is one".to_owned()
    })
}

/// Every request asks for `openid`.
fn id_token_too(_: &Response, tokens: &Tokens) -> Checked {
    wanted(
        "id_token beside the access token",
        tokens.id.is_some(),
        || "the token endpoint answers without one".to_owned(),
    )
}

fn no_token_in_browser(response: &Response) -> Checked {
    let leaked = response.token();
    wanted(
        "a code in the redirect, and no token",
        leaked.is_none(),
        || format!("it has {}", leaked.unwrap_or_default()),
    )
}

fn scope_set(scope: &str) -> BTreeSet<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

fn misplaced(response: &Response) -> Vec<String> {
    let mut problems = Vec::new();
    for token in ["access_token", "id_token"] {
        if response.query.get(token).is_some() {
            problems.push(format!("{token} is in the query, which servers log"));
        }
        if response.fragment.get(token).is_none() {
            problems.push(format!("{token} is not in the fragment"));
        }
    }
    problems
}

/// A check of what came back for one authorization.
fn on(key: &AuthorizationKey, name: &'static str, code: Code, check: Check) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let needs = [Need::Authorization(key.clone())];
    let see = see_flow(key.flow);
    Trial::new(Step::Authorize, name, see, needs, move |context| {
        let checked = match check {
            Check::Redirect(parameter, check) => of_all(context, &key, parameter, check)?,
            Check::Issuer => of_all(context, &key, "iss", |_, response| {
                issuer(&context.facts.issuer, response)
            })?,
            Check::Absence(check) => absence(context, &key, check)?,
            Check::TokenType => {
                let (_, _, tokens) = tokens(context, &key)?;
                return Ok(token_type(context.model.provider, tokens));
            }
            Check::Scopes(check) => {
                let (_, _, tokens) = tokens(context, &key)?;
                check(context.model.provider, &key.request.with_openid(), tokens)
            }
            Check::Tokens(check) => {
                let (_, response, tokens) = tokens(context, &key)?;
                if let Some(repeats) = repeats(response, tokens) {
                    return Ok(repeats);
                }
                check(response, tokens)
            }
        };
        Ok(match checked {
            Ok(()) => Judgement::met(),
            Err((expected, actual)) => {
                let fix = match check {
                    // The token is signed: where it is the one that differs, no proxy did it.
                    Check::Scopes(_) if holds_other_scopes(context, &key) => mend_token(),
                    _ => unfixable(),
                };
                Judgement::not_met(code, expected, actual, fix)
            }
        })
    })
    .about(subject)
}

/// Whether the token holds other scopes than were asked for.
fn holds_other_scopes(context: &Context<'_>, key: &AuthorizationKey) -> bool {
    let Ok((_, _, tokens)) = tokens(context, key) else {
        return false;
    };
    let token = tokens.access_token.as_ref().ok();
    let held = token.and_then(|token| token.scopes(context.model.provider.scope_claims()));
    let asked = key.request.with_openid();
    held.is_some_and(|held| held.into_iter().any(|scope| !asked.contains(scope)))
}

/// One client takes the first of two, another the last (RFC 6749 sections 3.1 and 5.1, RFC 8259
/// section 4).
fn repeats(response: &Response, tokens: &Tokens) -> Option<Judgement> {
    let name = response.repeated().or(tokens.repeated.as_deref())?;
    let expected = "everything that comes with the tokens once";
    let actual = format!("`{}` is in it twice", excerpt(name));
    Some(Judgement::not_met(
        Code::AnswerRepeats,
        expected,
        actual,
        unfixable(),
    ))
}

/// What must not be in the redirect: what is there counts in any redirect, what is not there only
/// in
/// one that brought what was asked for.
fn absence(
    context: &Context<'_>,
    key: &AuthorizationKey,
    check: fn(&Response) -> Checked,
) -> Seen<Checked> {
    let seen = context.seen.authorization(key)?;
    let leak = seen.outcome.response().map(check).filter(Result::is_err);
    match leak {
        Some(leak) => Ok(leak),
        None => redirect(context, key).map(|(_, response)| check(response)),
    }
}

/// What is wrong with the redirect, or with that of another request of the user by the flow.
fn of_all(
    context: &Context<'_>,
    key: &AuthorizationKey,
    parameter: &str,
    check: impl Fn(&Authorization, &Response) -> Checked,
) -> Seen<Checked> {
    let (seen, response) = redirect(context, key)?;
    let others = || every_answer::other_redirects(context, key, parameter, &check);
    Ok(check(seen, response).and_then(|()| others()))
}

/// The redirect that brought the tokens, or a code, even where nobody could redeem it.
fn redirect<'a>(
    context: &'a Context<'_>,
    key: &AuthorizationKey,
) -> Seen<(&'a Authorization, &'a Response)> {
    let seen = context.seen.authorization(key)?;
    match &seen.outcome {
        Outcome::Denied {
            response: Some(response),
            ..
        } if response.get("code").is_some() => Ok((seen, response)),
        _ => tokens(context, key).map(|(seen, response, _)| (seen, response)),
    }
}

fn wanted(expected: &str, holds: bool, actual: impl FnOnce() -> String) -> Checked {
    if holds {
        Ok(())
    } else {
        Err((expected.to_owned(), actual()))
    }
}
