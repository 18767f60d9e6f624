//! What endpoints tell of a user or a token, beside the token itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::context::Context;
use super::step_5_authorize::tokens;
use super::token_form::unasked_of_the_person;
use crate::exchange::{Place, ServerCall, TokenOf};
use crate::model::{Claim, ClaimToken, MustSee, OrgModel, Provider};
use crate::observation::{AuthorizationKey, NotSeen, Seen, ServerAnswer, Tokens};
use crate::openid::{Jwt, scopes_of};

/// What both say of a token (RFC 7662 section 2.2), where both say it.
const OF_TOKENS: [&str; 6] = ["sub", "iss", "aud", "exp", "uid", "jti"];

/// In what an answer does not agree with the token of the same sign-in, where a row says that it
/// must: what was expected, and what was told.
///
/// # Errors
/// [`NotSeen`] when there is nothing to compare.
pub(super) fn disagreement(
    context: &Context<'_>,
    call: &ServerCall,
    seen: &ServerAnswer,
) -> Seen<Option<(String, String)>> {
    let (Some(which), Some(key)) = (&call.row.agrees_with, call.basis()) else {
        return Ok(None);
    };
    let (_, _, tokens) = tokens(context, key)?;
    let unread = || NotSeen::not_applicable("it answers with no JSON object to compare");
    let told = seen.tells.as_ref().ok_or_else(unread)?;
    let provider = context.model.provider;
    if call.row.to() == Place::Introspection && told.get("active") != Some(&Value::Bool(true)) {
        return not_alive(provider, told.get("active"));
    }
    let Some(token) = of(tokens, which) else {
        return Err(NotSeen::not_applicable(
            "the token cannot be read, so that there is nothing to compare",
        ));
    };
    Ok(match call.row.to() {
        Place::UserInfo => {
            let of_model = || of_model(context.model, key, told);
            other(told, token, "sub").or_else(of_model)
        }
        _ => of_token(provider, told, token),
    })
}

/// What an answer tells of the person that neither a scope of the token nor the model brings, where
/// a row says that it must tell no more; in words.
///
/// # Errors
/// [`NotSeen`] when there is nothing to look at.
pub(super) fn told_unasked(
    context: &Context<'_>,
    call: &ServerCall,
    seen: &ServerAnswer,
) -> Seen<Option<String>> {
    let Some(key) = call.basis().filter(|_| call.row.asked_alone) else {
        return Ok(None);
    };
    let (_, _, tokens) = tokens(context, key)?;
    let unread = || NotSeen::not_applicable("it answers with no JSON object to look at");
    let told = seen.tells.as_ref().ok_or_else(unread)?;
    // What a server gave unasked and said so brings its claims too (RFC 6749 section 3.3).
    let provider = context.model.provider;
    let held = tokens.access_token.as_ref().ok();
    let held = held.and_then(|token| token.scopes(provider.scope_claims()));
    let given = tokens.scope.iter().flat_map(|scope| scope.split(' '));
    let asked = key.request.parameter();
    let scopes = asked.split(' ').chain(given);
    let scopes = scopes.chain(held.into_iter().flatten()).map(str::to_owned);
    let mut found = unasked_of_the_person(told, &scopes.collect());
    let claims = context.model.claims.iter();
    let of_model = claims.filter(|claim| claim.is_brought_by(&key.request));
    let of_model: BTreeSet<&str> = of_model.map(Claim::name).collect();
    found.retain(|name| !of_model.contains(name));
    // What they say is nobody's business.
    let found: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
    Ok((!found.is_empty()).then(|| {
        let found = found.join(", ");
        format!("it tells {found}, which neither a scope of the token nor the org model brings")
    }))
}

/// Of an answer whose `active` is a text or a number.
pub(super) const NO_BOOLEAN: &str =
    "`active` is no boolean, which clients take for true whatever it says";

/// Whether `active` is there and is no boolean (RFC 7662 section 2.2).
pub(super) fn is_no_boolean(active: Option<&Value>) -> bool {
    active.is_some_and(|active| !active.is_boolean())
}

/// Others than Okta may know of tokens of the API what the API reads in them, and no more.
fn not_alive(provider: Provider, active: Option<&Value>) -> Seen<Option<(String, String)>> {
    let expected = "`active`: true for a token that was given just now";
    let told = is_no_boolean(active).then_some(NO_BOOLEAN);
    let of_okta = (provider == Provider::Okta).then_some("it is told that it is not alive");
    if let Some(told) = told.or(of_okta) {
        return Ok(Some((expected.to_owned(), told.to_owned())));
    }
    Err(NotSeen::not_applicable(
        "the provider tells nothing of tokens that the API reads itself",
    ))
}

fn of<'t>(tokens: &'t Tokens, which: &TokenOf) -> Option<&'t Jwt> {
    let token = match which {
        TokenOf::Id => tokens.id_token.as_ref()?,
        TokenOf::Access | TokenOf::Text(_) => &tokens.access_token,
    };
    token.as_ref().ok()
}

/// What ID tokens say by the model, the userinfo endpoint tells, whether they always have it or
/// not. Okta's lists may come in any order, and those of groups are looked at in tokens.
fn of_model(
    model: &OrgModel,
    key: &AuthorizationKey,
    told: &Map<String, Value>,
) -> Option<(String, String)> {
    let user = model.user(&key.user)?;
    let claims = model.claims.iter();
    let mut brought =
        claims.filter(|claim| claim.token == ClaimToken::Id && claim.is_brought_by(&key.request));
    brought.find_map(|claim| {
        let wanted = match claim.must_see(user) {
            MustSee::Text(text) => Value::from(text),
            MustSee::Value(value) if !value.is_array() => value.clone(),
            _ => return None,
        };
        let (name, found) = (claim.name(), told.get(claim.name()));
        let has = found.map_or_else(|| "not there".to_owned(), Value::to_string);
        let expected = || format!("{name} = {wanted}, as the org model says");
        (found != Some(&wanted)).then(|| (expected(), format!("{name} = {has}")))
    })
}

fn of_token(
    provider: Provider,
    told: &Map<String, Value>,
    token: &Jwt,
) -> Option<(String, String)> {
    let is_in_both = |claim: &&&str| {
        let is_told = told.contains_key(**claim);
        is_told && token.claims.contains_key(**claim)
    };
    let both = OF_TOKENS.iter().filter(is_in_both);
    let other = both
        .map(|claim| other(told, token, claim))
        .find_map(|other| other);
    other.or_else(|| other_scopes(provider, told, token))
}

/// `scope`, which is a list in some tokens and in other order in some answers.
fn other_scopes(
    provider: Provider,
    told: &Map<String, Value>,
    token: &Jwt,
) -> Option<(String, String)> {
    let told = told.get("scope").and_then(scopes_of)?;
    let held = token.scopes(provider.scope_claims())?;
    let set = |scopes: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        scopes.map(str::to_owned).collect()
    };
    let agrees = provider.holds(
        &set(&mut held.iter().copied()),
        &set(&mut told.iter().copied()),
    );
    let expected = format!("scope = `{}`, as in the token", held.join(" "));
    (!agrees).then(|| (expected, format!("scope = `{}`", told.join(" "))))
}

/// One of something may be a list of it, as in `aud` (RFC 7519 section 4.1.3).
fn one(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

/// Times may have fractions of a second in one place and none in another (RFC 7519 section 2).
fn are_alike(found: Option<&Value>, held: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let numbers = number(found).zip(number(held));
    found == held || numbers.is_some_and(|(found, held)| (found - held).abs() < 1.0)
}

fn other(told: &Map<String, Value>, token: &Jwt, claim: &str) -> Option<(String, String)> {
    let (found, held) = (told.get(claim).map(one), token.claims.get(claim).map(one));
    let text =
        |value: Option<&Value>| value.map_or_else(|| "not there".to_owned(), Value::to_string);
    (!are_alike(found, held)).then(|| {
        let expected = format!("{claim} = {}, as in the token", text(held));
        (expected, format!("{claim} = {}", text(found)))
    })
}
