//! Step 5: who gets tokens for what, and how they come back.

use super::breach;
use super::context::Context;
use super::controls::{negative, same_scopes_granted};
use super::deciding::CONDITIONS;
use super::every_answer;
use super::explain::{explain, granted_by, let_through, near_misses, with_cause};
use super::found::Code;
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_2_users;
use super::step_4c_fixes;
use super::step_5_fixes::{fix_at_the_sign_in, mend_denial};
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Expected, Flow, OrgModel, Provider, ScopeRequest, TestUser};
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom, Tokens,
    authorization,
};
use crate::openid::Response;

const STEP: Step = Step::Authorize;

/// The trials of the requests that are made by one flow.
pub(super) fn trials(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    let mut trials = Vec::new();
    for user in &model.users {
        let requests = model.requests(user, flow);
        trials.extend(
            requests
                .iter()
                .map(|request| outcome(model, user, request, flow)),
        );
    }
    trials
}

/// The largest request that the model grants to each user in view by the flow.
pub(super) fn main_authorizations(model: &OrgModel, flow: Flow) -> Vec<AuthorizationKey> {
    main_of(model, &model.users, flow).collect()
}

/// The largest request that the model grants to each of these users by the flow.
pub(super) fn main_of<'a>(
    model: &'a OrgModel,
    users: &'a [TestUser],
    flow: Flow,
) -> impl DoubleEndedIterator<Item = AuthorizationKey> + 'a {
    users.iter().filter_map(move |user| {
        let request = model.largest_granted(user, flow)?;
        Some(authorization(user.name(), &request, flow))
    })
}

/// Every request that is made by the flow and that the model denies to a user who may have
/// something else: a provider that grants less than is asked for gives tokens for it.
pub(super) fn denied_in_part(model: &OrgModel, flow: Flow) -> Vec<AuthorizationKey> {
    let of_user = |user: &TestUser| {
        let requests = model.requests(user, flow);
        let denied = |request: &&ScopeRequest| !model.is_granted(user, request, flow);
        let denied = requests.iter().filter(denied);
        denied
            .map(|request| authorization(user.name(), request, flow))
            .collect::<Vec<_>>()
    };
    let may_have_something = |user: &&TestUser| model.largest_granted(user, flow).is_some();
    let users = model.users.iter().filter(may_have_something);
    users.flat_map(of_user).collect()
}

/// Every request that is made by the flow and that the model grants: of many users, worked out as
/// far as somebody looks.
pub(super) fn granted(
    model: &OrgModel,
    flow: Flow,
) -> impl Iterator<Item = AuthorizationKey> + use<'_> {
    let of_user = move |user: &TestUser| {
        let requests = model.requests(user, flow);
        let granted = requests
            .iter()
            .filter(|request| model.is_granted(user, request, flow));
        granted
            .map(|request| authorization(user.name(), request, flow))
            .collect::<Vec<_>>()
    };
    model.users.iter().flat_map(of_user)
}

fn outcome(model: &OrgModel, user: &TestUser, request: &ScopeRequest, flow: Flow) -> Trial {
    let key = authorization(user.name(), request, flow);
    match model.expected(user, request, flow.grant_type()) {
        Expected::Granted { .. } => tokens_come_back(model, key),
        Expected::Denied => is_denied(model, key).by_flow(model, flow),
        Expected::NotAssigned => is_not_assigned(model, key).by_flow(model, flow),
    }
}

/// The tokens of an authorization that the model grants.
///
/// # Errors
/// [`NotSeen`] with the symptom, when none came.
pub(super) fn tokens<'a>(
    context: &'a Context<'_>,
    key: &AuthorizationKey,
) -> Seen<(&'a Authorization, &'a Response, &'a Tokens)> {
    let seen = context.seen.authorization(key)?;
    match &seen.outcome {
        Outcome::Tokens { response, tokens } => Ok((seen, response, tokens)),
        Outcome::Denied { denial, text, .. } => Err(key.no_tokens(*denial, text)),
    }
}

/// Where there are two flows, the second one's trial is called by it.
fn tokens_come_back(model: &OrgModel, key: AuthorizationKey) -> Trial {
    let (subject, cause, topic) = (Subject::authorization(&key), key.clone(), key.clone());
    let needs = [Need::Authorization(key.clone())];
    let name = match model.way(key.flow) {
        None => "the_user_gets_tokens",
        Some(_) => "the_code_flow_gives_tokens",
    };
    Trial::new(STEP, name, see::flow(key.flow), needs, move |context| {
        let seen = context.seen.authorization(&key);
        let seen = seen.map_err(|reason| with_cause(reason, context))?;
        let Outcome::Denied { denial, text, .. } = &seen.outcome else {
            return Ok(Judgement::met());
        };
        if denial.is_of_the_run() {
            return Err(key.no_tokens(*denial, text));
        }
        let symptom = Symptom::NoTokens {
            key: key.clone(),
            denial: *denial,
        };
        let expected = match key.flow {
            Flow::Implicit => "an access token and an ID token at the redirect URI",
            Flow::Code => "a code at the redirect URI that the token endpoint redeems",
        };
        let actual = format!("{text}; {}", explain(context, &key, *denial));
        let (code, mut fix) = mend_denial(context, *denial, key.flow);
        let is_on_page = seen.outcome.response().is_none();
        if *denial == Denial::Unknown && is_on_page && context.model.provider == Provider::Okta {
            fix = fix_at_the_sign_in();
        }
        let asleep = context.status_of_assignment(&key.user);
        if let Some(status) = asleep.filter(|_| *denial == Denial::NotAssigned) {
            fix = step_4c_fixes::mend_status(status);
        }
        Ok(Judgement::not_met(code, expected, actual, fix)
            .with(symptom)
            .resting_on(CONDITIONS, near_misses(context, &key, *denial))
            .resting_on(rests_on::EXCHANGED, context.exchanged(&key.user)))
    })
    .about(subject)
    .explains_of(Topic::Authorization(topic), move |_, symptom| {
        symptom.key() == Some(&cause)
    })
}

pub(super) fn is_denied(model: &OrgModel, key: AuthorizationKey) -> Trial {
    let name = "the_user_is_denied_the_scopes";
    let wanted = "access_denied by the access policy";
    refusal(model, key, name, wanted, Denial::Policy, mend_given)
}

/// What to do about a request that is given and should not be: a user who is in a wrong group is
/// taken out of it, since the rule is right for all others of the group.
fn mend_given(context: &Context<'_>, key: &AuthorizationKey) -> Fix {
    let groups = context.given_by_wrong_groups(key);
    if !groups.is_empty() {
        return step_2_users::mend_wrong_groups(context, &key.user, &groups);
    }
    Fix::new(
        "step 3c: Security > API > Authorization Servers > the server > Access Policies: no \
         active rule may give this; step 2: is the user in another group?",
        "GET /api/v1/authorizationServers/{authServerId}/policies, and \
         GET /api/v1/apps/{appId}/groups",
    )
}

fn is_not_assigned(model: &OrgModel, key: AuthorizationKey) -> Trial {
    let name = "the_user_is_refused_as_not_assigned";
    let wanted =
        "access_denied, or the sign-in page's refusal: the user is not assigned to the client";
    let fix = step_4c_fixes::mend_unwanted;
    refusal(model, key, name, wanted, Denial::NotAssigned, fix)
}

fn refusal(
    model: &OrgModel,
    key: AuthorizationKey,
    name: &'static str,
    wanted: &'static str,
    reason: Denial,
    fix: fn(&Context<'_>, &AuthorizationKey) -> Fix,
) -> Trial {
    let controls = same_scopes_granted(model, &key);
    let subject = Subject::request(&key);
    let needs: Vec<Need> = std::iter::once(Need::Authorization(key.clone()))
        .chain(controls.needs())
        .collect();
    Trial::new(STEP, name, see::ACCESS_POLICY, needs, move |context| {
        let seen = context.seen.authorization(&key)?;
        let fix = fix(context, &key);
        let judgement = match &seen.outcome {
            Outcome::Tokens { tokens, .. } if gives_less(context, &key, tokens) => {
                let scopes = tokens.scope.as_deref().unwrap_or_default();
                Judgement::met_with(format!(
                    "tokens for less than was asked for ({scopes}), as RFC 6749 section 3.3 \
                     allows; what they open is tried at the API"
                ))
            }
            Outcome::Tokens { tokens, .. } => {
                let scopes = tokens.scope.as_deref().unwrap_or("not told");
                let what = format!("tokens, with the scopes: {scopes}");
                given(context, &key, Code::TokensGiven, (wanted, what), fix)
            }
            // A code is as good as a token: anyone may redeem it.
            Outcome::Denied {
                text,
                response: Some(response),
                ..
            } if response.handed_out().is_some() => {
                let handed_out = response.handed_out().unwrap_or_default();
                let what = format!("{handed_out} was handed out; {text}");
                given(context, &key, Code::CodeGiven, (wanted, what), fix)
            }
            Outcome::Denied {
                denial,
                text,
                response,
            } => {
                every_answer::answers(&key, seen)?;
                let denied = (*denial, text.as_str(), response.is_some());
                let fix = if *denial == Denial::NotAssigned {
                    step_4c_fixes::mend_lacking(context, &key.user)
                } else {
                    fix
                };
                refused(context, &key, denied, reason, || {
                    let cause = let_through(reason, *denial)
                        .unwrap_or_else(|| explain(context, &key, *denial));
                    Judgement::not_met(
                        Code::DeniedOtherwise,
                        wanted,
                        format!("{text}; {cause}"),
                        fix,
                    )
                })?
            }
        };
        negative(context, judgement, &controls)
    })
    .about(subject)
}

/// What came although nothing was to come, with what gave it.
fn given(
    context: &Context<'_>,
    key: &AuthorizationKey,
    code: Code,
    (wanted, what): (&str, String),
    fix: Fix,
) -> Judgement {
    let cause = granted_by(context, key);
    let code = breach::of_request(code, key);
    Judgement::not_met(code, wanted, what + &cause, fix).resting_on_what_gives(context, key)
}

/// Whether a provider that may do so gives no more than the user may have, and says so: what is not
/// told is as it was asked for (RFC 6749 section 5.1).
fn gives_less(context: &Context<'_>, key: &AuthorizationKey, tokens: &Tokens) -> bool {
    let provider = context.model.provider;
    let user = context.model.user(&key.user);
    let may_have = user.and_then(|user| context.model.largest_granted(user, key.flow));
    let (Some(told), Some(may_have)) = (&tokens.scope, may_have) else {
        return false;
    };
    let may_have = may_have.with_openid();
    let token = tokens.access_token.as_ref().ok();
    let held = token.and_then(|token| token.scopes(provider.scope_claims()));
    let mut scopes = told.split_whitespace().chain(held.unwrap_or_default());
    provider.may_grant_less() && scopes.all(|scope| may_have.contains(scope))
}

/// Whether a denial, at the redirect URI or on a page, is the wanted refusal; what is no refusal at
/// all proves nothing. Where its code alone says so, its words need not be known.
fn refused(
    context: &Context<'_>,
    key: &AuthorizationKey,
    (denial, text, at_redirect): (Denial, &str, bool),
    reason: Denial,
    not_met: impl FnOnce() -> Judgement,
) -> Seen<Judgement> {
    let symptom = Symptom::NoTokens {
        key: key.clone(),
        denial,
    };
    let (want, own_words) = match reason {
        Denial::NotAssigned => ("for want of an assignment", "not_assigned"),
        _ => ("by the access policy", "denied"),
    };
    match denial {
        denial if denial == reason => Ok(Judgement::met()),
        Denial::Unknown if at_redirect && !context.model.provider.words_its_denials() => Ok(Judgement::met_with(format!(
            "refused with a text that is not known: {text}"
        ))),
        // A page, and Okta by a redirect, may refuse for many another reason: its catalogue has
        // some sixty for `access_denied`. The access policy denies on no page.
        Denial::Unknown if at_redirect || reason == Denial::NotAssigned => Err(NotSeen::inconclusive(format!(
            "{} was refused, and nothing known says that it is {want}: {text}; if that is what it \
             says, quote it in the org model: [client] {own_words} = [\"…\"]",
            key.words()
        ))
        .with(symptom)),
        Denial::Policy | Denial::NotAssigned => Ok(not_met().with(symptom)),
        _ => Err(NotSeen::inconclusive(format!(
            "{} was not refused but failed: {text}",
            key.words()
        ))
        .with(symptom)),
    }
}
