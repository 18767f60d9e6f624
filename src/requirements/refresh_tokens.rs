//! Step 5: refresh tokens, for those who ask for one and for nobody else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::Context;
use super::explain::{explain, with_cause};
use super::found::{Code, Found, given};
use super::refresh_by_others::{is_left_alone, no_other_client_redeems};
use super::refresh_unasked::{comes_to_nobody_else, meant_for_nobody};
use super::see;
use super::step::Step;
use super::step_5_authorize::{main_authorizations, tokens};
use super::step_5_fixes::{mend_denial, mend_token, unfixable};
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Claim, ClaimToken, Flow, OrgModel, Provider, Rotation};
use crate::observation::{
    AuthorizationKey, Denial, Need, NotSeen, Outcome, Refreshed, Reused, Seen, Symptom,
    TokenAnswer, Tokens, authorization,
};
use crate::openid::Jwt;

const STEP: Step = Step::Authorize;
/// The claims by which two tokens are for one user of one client at one API.
const OF_ACCESS_TOKENS: [&str; 7] = ["iss", "aud", "sub", "uid", "cid", "client_id", "azp"];
/// The same of ID tokens (OpenID Connect Core 1.0 section 12.2).
const OF_ID_TOKENS: [&str; 3] = ["iss", "aud", "sub"];
/// How a request for more than was granted is refused: RFC 6749 section 6, and Okta's error
/// catalogue (`refresh_scopes_denied`).
const WIDER: [&str; 2] = ["invalid_scope", "access_denied"];

/// The trials of a model whose client uses refresh tokens.
pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let Some(refresh) = model.client.refresh() else {
        return meant_for_nobody(model);
    };
    let mut trials = Vec::new();
    let reused = model.reuse_is_tried_of();
    for key in keys(model, Flow::Code) {
        trials.push(comes(&key));
        trials.push(brings_the_same_access(&key));
        if !model.claims.is_empty() {
            trials.push(brings_the_same_claims(&key));
        }
        // How those of others rotate, only the model can say.
        if model.provider == Provider::Okta || model.client.refresh_token.is_some() {
            trials.push(rotates(&key, refresh.rotation));
        }
        trials.push(gives_nothing_further(&key));
        if reused.is_some_and(|user| user.name() == key.user) {
            trials.extend([is_used_once(&key), reuse_ends_the_newest(&key)]);
        } else {
            trials.push(ends(&key));
            trials.extend(no_other_client_redeems(model, &key));
        }
    }
    let unasked = main_authorizations(model, Flow::Code);
    trials.extend(unasked.iter().map(comes_to_nobody_else));
    let trials = trials.into_iter();
    let by_code = trials.map(|trial| trial.by_flow(model, Flow::Code));
    let by_implicit = keys(model, Flow::Implicit);
    let by_implicit = by_implicit.iter().map(comes_by_no_browser);
    by_code.chain(by_implicit).collect()
}

/// The request of each test user by which the model gives a refresh token, or would by code.
fn keys(model: &OrgModel, flow: Flow) -> Vec<AuthorizationKey> {
    let users = model.users.iter();
    let key = |user: &crate::model::TestUser| {
        let request = model.refreshable(user, flow)?;
        Some(authorization(user.name(), &request, flow).with_refresh_token())
    };
    users.filter_map(key).collect()
}

fn no_refresh_token(key: &AuthorizationKey) -> Symptom {
    Symptom::NoTokens {
        key: key.clone(),
        denial: Denial::NoRefreshToken,
    }
}

fn comes(key: &AuthorizationKey) -> Trial {
    let (key, cause, subject) = (key.clone(), key.clone(), Subject::token(key));
    let topic = Topic::Authorization(key.clone());
    let needs = [Need::Authorization(key.clone())];
    let name = "a_refresh_token_comes_with_offline_access";
    let judge = move |context: &Context<'_>| {
        let seen = context.seen.authorization(&key);
        let seen = seen.map_err(|reason| with_cause(reason, context))?;
        let (denial, text) = match &seen.outcome {
            Outcome::Tokens { tokens, .. } if tokens.refresh.is_some() => {
                return Ok(Judgement::met());
            }
            Outcome::Tokens { .. } => (Denial::NoRefreshToken, "tokens without one"),
            Outcome::Denied { denial, text, .. } if denial.is_of_the_run() => {
                return Err(key.no_tokens(*denial, text));
            }
            Outcome::Denied { denial, text, .. } => (*denial, text.as_str()),
        };
        let symptom = Symptom::NoTokens {
            key: key.clone(),
            denial,
        };
        let expected = "a refresh token beside the access token, as `offline_access` asks for";
        let actual = format!("{text}; {}", explain(context, &key, denial));
        let (code, fix) = mend_denial(context, denial, key.flow);
        Ok(Judgement::not_met(code, expected, actual, fix).with(symptom))
    };
    Trial::new(STEP, name, see::REFRESH_TOKENS, needs, judge)
        .about(subject)
        .explains_of(topic, move |_, symptom| symptom.key() == Some(&cause))
}

/// A trial of what came of redeeming a refresh token; behind it what the sign-in had brought.
fn of_redeeming(
    key: &AuthorizationKey,
    name: &str,
    judge: impl Fn(&Context<'_>, &Refreshed, &Tokens) -> Seen<Judgement> + Send + Sync + 'static,
) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let needs = [Need::Refresh(key.clone())];
    Trial::new(STEP, name, see::REFRESH_TOKENS, needs, move |context| {
        let refreshed = context.seen.refreshed(&key)?;
        let (_, _, before) = tokens(context, &key)?;
        judge(context, refreshed, before)
    })
    .about(subject)
}

fn brings_the_same_access(key: &AuthorizationKey) -> Trial {
    let (cause, topic) = (key.clone(), Topic::Authorization(key.clone()));
    let of = key.clone();
    let name = "the_refresh_token_brings_the_same_access";
    of_redeeming(key, name, move |context, refreshed, before| {
        let expected = "an access token for the same user, client and API, and no further scope";
        match refreshed.redeemed.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Refused { text, .. } => {
                let (_, fix) = mend_denial(context, Denial::NoRefreshToken, of.flow);
                let judgement = Judgement::not_met(Code::RefreshRefused, expected, text, fix);
                Ok(judgement.with(no_refresh_token(&of)))
            }
            TokenAnswer::Tokens(tokens) => {
                let differences = differences(context.model.provider, before, tokens)?;
                if differences.is_empty() {
                    return Ok(Judgement::met());
                }
                let actual = differences.join("; ");
                let found = Found::of(Code::RefreshedAccessOther, differences);
                Ok(Judgement::not_met(found, expected, actual, mend_token()))
            }
        }
    })
    .explains_of(topic, move |_, symptom| symptom.key() == Some(&cause))
}

/// What tokens say otherwise than those that were refreshed.
fn differences(provider: Provider, before: &Tokens, after: &Tokens) -> Seen<Vec<String>> {
    let mut found = Vec::new();
    let had = scopes(provider, before).ok_or_else(untold)?;
    let further: Vec<String> = scopes(provider, after)
        .ok_or_else(untold)?
        .into_iter()
        .filter(|scope| !had.contains(scope))
        .map(|scope| format!("the further scope `{scope}`"))
        .collect();
    found.extend(further);
    if let (Ok(before), Ok(after)) = (&before.access_token, &after.access_token) {
        found.extend(other_claims("access", &OF_ACCESS_TOKENS, before, after));
    }
    if let (Some(Ok(before)), Some(Ok(after))) = (&before.id_token, &after.id_token) {
        found.extend(other_claims("ID", &OF_ID_TOKENS, before, after));
    }
    Ok(found)
}

fn other_claims(token: &str, names: &[&str], before: &Jwt, after: &Jwt) -> Vec<String> {
    let of = |jwt: &Jwt, name: &str| {
        let claim = jwt.claims.get(name);
        claim.map_or_else(|| "not there".to_owned(), ToString::to_string)
    };
    let other = names.iter().filter_map(|name| {
        let (before, after) = (of(before, name), of(after, name));
        (before != after).then(|| format!("`{name}` of the {token} token: {after} for {before}"))
    });
    other.collect()
}

/// The scopes are the same, and so is what they bring (Okta's guide "Customize tokens returned from
/// Okta": claims are of scopes).
fn brings_the_same_claims(key: &AuthorizationKey) -> Trial {
    let name = "the_refresh_token_brings_the_same_claims";
    let of = key.clone();
    of_redeeming(key, name, move |context, refreshed, before| {
        let after = match refreshed.redeemed.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Refused { text, .. } => return Err(refused_already(&of, text)),
            TokenAnswer::Tokens(tokens) => tokens,
        };
        let claims = context.model.claims.iter();
        let pairs = claims
            .filter_map(|claim| Some((claim.name(), said(claim, before)?, said(claim, after)?)));
        let pairs: Vec<(&str, String, String)> = pairs.collect();
        if pairs.is_empty() {
            return Err(NotSeen::not_applicable(
                "the tokens cannot be read, so their claims are not known",
            ));
        }
        let other = pairs.iter().filter(|(_, before, after)| before != after);
        let told: Vec<String> = other
            .clone()
            .map(|(name, before, after)| format!("`{name}` is {after}, and was {before}"))
            .collect();
        if told.is_empty() {
            return Ok(Judgement::met());
        }
        let found = Found::of(Code::RefreshedClaimOther, other.map(|(name, ..)| *name));
        let expected = "in refreshed tokens, the claims of the sign-in's";
        Ok(Judgement::not_met(
            found,
            expected,
            told.join("; "),
            mend_token(),
        ))
    })
}

/// What a claim is in its token, where that can be read; a list in any order.
fn said(claim: &Claim, tokens: &Tokens) -> Option<String> {
    let token = match claim.token {
        ClaimToken::Access => tokens.access_token.as_ref().ok()?,
        ClaimToken::Id => tokens.id_token.as_ref()?.as_ref().ok()?,
    };
    let mut value = token.claims.get(claim.name()).cloned();
    if let Some(Value::Array(items)) = &mut value {
        items.sort_by_key(Value::to_string);
    }
    Some(value.map_or_else(|| "not there".to_owned(), |value| value.to_string()))
}

/// The scopes of tokens: those in the access token, or told beside one that only its server reads.
fn scopes(provider: Provider, tokens: &Tokens) -> Option<BTreeSet<String>> {
    let own = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    if let Ok(token) = &tokens.access_token {
        return token.scopes(provider.scope_claims()).map(own);
    }
    let told = tokens.scope.as_deref()?;
    Some(own(told.split_ascii_whitespace().collect()))
}

fn untold() -> NotSeen {
    NotSeen::not_applicable("the tokens do not say which scopes they hold")
}

fn rotates(key: &AuthorizationKey, wanted: Rotation) -> Trial {
    let name = "the_refresh_token_rotates_as_the_model_says";
    let of = key.clone();
    of_redeeming(key, name, move |_, refreshed, _| {
        let redeemed = refreshed.redeemed.as_ref().map_err(Clone::clone)?;
        if let TokenAnswer::Refused { text, .. } = redeemed {
            return Err(refused_already(&of, text));
        }
        let is_another = refreshed.is_another;
        let (expected, holds) = match wanted {
            Rotation::Rotate => (
                "another refresh token in the place of the one that was used",
                is_another == Some(true),
            ),
            // Anyone who is given none goes on with the one it has (RFC 6749 section 6).
            Rotation::Static => ("the same refresh token", is_another != Some(true)),
        };
        let actual = match is_another {
            None => "no refresh token comes with the tokens",
            Some(true) => "another one",
            Some(false) => "the same one",
        };
        if holds {
            return Ok(Judgement::met_with(actual));
        }
        let (code, fix) = (Code::RefreshRotationOther, rotation_fix(wanted));
        Ok(Judgement::not_met(code, expected, actual, fix))
    })
}

/// How the client is made to rotate its refresh tokens, or not to.
pub(super) fn rotation_fix(wanted: Rotation) -> Fix {
    let choice = match wanted {
        Rotation::Rotate => "Rotate token after every use",
        Rotation::Static => "Use persistent token",
    };
    Fix::new(
        format!(
            "step 4a: Applications > Applications > the client > General > General Settings > Edit \
             > Refresh token > {choice}"
        ),
        format!(
            "PUT /api/v1/apps/{{appId}} with settings.oauthClient.refresh_token.rotation_type {}",
            wanted.name()
        ),
    )
}

fn refused_already(key: &AuthorizationKey, text: &str) -> NotSeen {
    let reason = format!("the refresh token could not be redeemed at all: {text}");
    NotSeen::inconclusive(reason).with(no_refresh_token(key))
}

/// That the refresh token was good when something was refused to it: it was redeemed once more.
///
/// # Errors
/// Why that is not known.
pub(super) fn was_good(key: &AuthorizationKey, refreshed: &Refreshed) -> Seen<()> {
    for answer in [&refreshed.redeemed, &refreshed.again] {
        if let TokenAnswer::Refused { text, .. } = answer.as_ref().map_err(Clone::clone)? {
            let mut why = refused_already(key, text);
            why.reason = format!("it is refused, but that proves nothing: {}", why.reason);
            return Err(why);
        }
    }
    Ok(())
}

fn gives_nothing_further(key: &AuthorizationKey) -> Trial {
    let name = "no_refresh_gives_a_further_scope";
    let of = key.clone();
    of_redeeming(key, name, move |context, refreshed, before| {
        let further = &refreshed.further_scope;
        match refreshed.wider.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Refused { error, text, .. } => {
                was_good(&of, refreshed)?;
                Ok(refusal(error, text, &WIDER))
            }
            TokenAnswer::Tokens(tokens) => {
                let provider = context.model.provider;
                let had = scopes(provider, before).ok_or_else(untold)?;
                // Scopes that are not told are those that were asked for (RFC 6749 section 5.1).
                let has = scopes(provider, tokens);
                if has.is_some_and(|has| has.is_subset(&had)) {
                    let words = format!("`{further}` is left out, and the rest is given");
                    return Ok(Judgement::met_unusually(words));
                }
                let expected = format!("a refusal of `{further}`, which the sign-in did not give");
                let actual = format!(
                    "it is given: {}",
                    tokens.scope.as_deref().unwrap_or(further)
                );
                let widened = given(further, &of.user);
                let found = Found::of(Code::RefreshWidens, [widened]);
                Ok(Judgement::not_met(found, expected, actual, mend_token()))
            }
        }
    })
}

/// Refused, as it should be or otherwise.
pub(super) fn refusal(error: &str, text: &str, known: &[&str]) -> Judgement {
    if known.contains(&error) {
        return Judgement::met_with(text);
    }
    Judgement::met_unusually(format!(
        "{text}; Okta is known to say {}",
        known.join(" or ")
    ))
}

fn ends(key: &AuthorizationKey) -> Trial {
    let name = "a_revoked_refresh_token_is_refused";
    let of = key.clone();
    of_redeeming(key, name, move |_, refreshed, _| {
        let status = *refreshed.revoked.as_ref().map_err(Clone::clone)?;
        match refreshed.after.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Tokens(_) => {
                let expected = "invalid_grant for a refresh token that the client revoked";
                let actual = format!(
                    "tokens; the revocation endpoint had answered {status} to the client's request"
                );
                let code = Code::RefreshOutlivesRevocation;
                Ok(Judgement::not_met(code, expected, actual, unfixable()))
            }
            TokenAnswer::Refused { error, text, .. } => {
                was_good(&of, refreshed)?;
                is_left_alone(refreshed)?;
                Ok(refusal(error, text, &["invalid_grant"]))
            }
        }
    })
}

/// What came of trying a refresh token again in whose place others had come.
fn of_reuse(
    key: &AuthorizationKey,
    name: &str,
    judge: impl Fn(&Reused) -> Seen<Judgement> + Send + Sync + 'static,
) -> Trial {
    let of = key.clone();
    of_redeeming(key, name, move |_, refreshed, _| {
        let untried = || NotSeen::inconclusive("no refresh token was used again");
        let reused = refreshed.reused.as_ref().ok_or_else(untried)?;
        let judgement = judge(reused)?;
        if judgement.is_met() {
            was_good(&of, refreshed)?;
        }
        Ok(judgement)
    })
}

fn is_used_once(key: &AuthorizationKey) -> Trial {
    let name = "a_replaced_refresh_token_is_refused";
    of_reuse(key, name, |reused| {
        match reused.first.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Refused { error, text, .. } => {
                Ok(refusal(error, text, &["invalid_grant"]))
            }
            TokenAnswer::Tokens(_) => Ok(Judgement::not_met(
                Code::RefreshReused,
                "invalid_grant for a refresh token in whose place another came (leeway 0)",
                "tokens",
                rotation_fix(Rotation::Rotate),
            )),
        }
    })
}

fn reuse_ends_the_newest(key: &AuthorizationKey) -> Trial {
    let name = "reuse_ends_the_newest_refresh_token";
    of_reuse(key, name, |reused| {
        if matches!(
            reused.first.as_ref().map_err(Clone::clone)?,
            TokenAnswer::Tokens(_)
        ) {
            return Err(NotSeen::inconclusive(
                "the reuse was not refused, so that nothing is known of what follows a refusal",
            ));
        }
        match reused.newest.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Refused { error, text, .. } => {
                Ok(refusal(error, text, &["invalid_grant"]))
            }
            TokenAnswer::Tokens(_) => Ok(Judgement::not_met(
                Code::RefreshOutlivesReuse,
                "invalid_grant for the newest refresh token, after one before it was used again",
                "tokens",
                unfixable(),
            )),
        }
    })
}

/// `offline_access` is for requests with a code (Okta's OpenID Connect reference, "Scopes"): by the
/// implicit flow it brings nothing.
fn comes_by_no_browser(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let control = authorization(&key.user, &key.request, key.flow);
    let needs = [&key, &control].map(|key| Need::Authorization(key.clone()));
    let name = "offline_access_brings_no_refresh_token_by_the_browser";
    Trial::new(STEP, name, see::REFRESH_TOKENS, needs, move |context| {
        let seen = context.seen.authorization(&key)?;
        let response = seen.outcome.response();
        if response.is_some_and(|response| response.get("refresh_token").is_some()) {
            let expected = "no refresh_token in the redirect";
            let code = Code::RefreshTokenInBrowser;
            let actual = "there is one";
            return Ok(Judgement::not_met(code, expected, actual, unfixable()));
        }
        tokens(context, &control)?;
        Ok(match &seen.outcome {
            Outcome::Tokens { .. } => Judgement::met(),
            Outcome::Denied { text, .. } => {
                Judgement::met_unusually(format!("the request is refused: {text}"))
            }
        })
    })
    .about(subject)
}
