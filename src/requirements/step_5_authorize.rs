//! Step 5: who gets tokens for what, and how they come back.

use super::context::Context;
use super::controls::{Control, negative, same_scopes_granted};
use super::effective_access::Computed;
use super::explain::{explain, granted_by, with_cause};
use super::see;
use super::step::Step;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Expected, OpenIdConnectScopes, OrgModel, ScopeRequest, TestUser};
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom, Tokens,
    authorization,
};
use crate::openid::{Flow, Response};

const STEP: Step = Step::Authorize;

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = Vec::new();
    for user in &model.users {
        let requests = model.requests_of(user);
        trials.extend(requests.iter().map(|request| outcome(model, user, request)));
    }
    for key in main_authorizations(model, Flow::Implicit) {
        trials.extend(response_trials(&key));
    }
    trials.extend(model.users.iter().map(|user| is_as_computed(model, user)));
    trials
}

/// What Okta's rules make of the found org is what the org does: where not, the audit looks at
/// another org than the browser, or something that is not audited decides too.
fn is_as_computed(model: &OrgModel, user: &TestUser) -> Trial {
    let keys: Vec<AuthorizationKey> = model
        .requests_of(user)
        .iter()
        .map(|request| authorization(user.name(), request, Flow::Implicit))
        .collect();
    let needs: Vec<Need> = [Need::Policies, Need::Users, Need::Client]
        .into_iter()
        .chain(keys.iter().cloned().map(Need::Authorization))
        .collect();
    let name = "the_org_does_what_the_audit_computes";
    Trial::new(STEP, name, see::ACCESS_POLICY, needs, move |context| {
        let mut different = Vec::new();
        for key in &keys {
            different.extend(disagreement(context, key)?);
        }
        Ok(Judgement::when(different.is_empty(), || super::Finding {
            expected: "what the audited assignments, policies and rules give".to_owned(),
            actual: different.join("; "),
            fix: Fix::new(
                "was the org changed during the run? Else look at what is not audited: \
                 authentication policies, network zones, token inline hooks",
                "GET /api/v1/logs",
            ),
        }))
    })
    .about(user.name())
    .advised()
}

/// What was seen of a request, where no reading of Okta's rules agrees with it.
fn disagreement(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Option<String>> {
    let readings = [
        OpenIdConnectScopes::MustBeInRule,
        OpenIdConnectScopes::AlwaysCovered,
    ];
    let [first, second] = readings.map(|openid| context.computed(key, openid));
    let computed = [first?, second?];
    let seen = context.seen.authorization(key)?;
    let (agrees, seen): (fn(&Computed) -> bool, String) = match &seen.outcome {
        Outcome::Tokens { .. } => (
            |computed| matches!(computed, Computed::Granted { .. }),
            "tokens".to_owned(),
        ),
        Outcome::Denied {
            denial: Denial::Policy | Denial::NotAssigned,
            text,
            ..
        } => (
            |computed| !matches!(computed, Computed::Granted { .. }),
            text.clone(),
        ),
        // Something before assignment and policies ended it.
        Outcome::Denied { .. } => return Ok(None),
    };
    let [wanted, _] = &computed;
    let told = format!("{}: {}, but {seen}", key.words(), wanted.words());
    Ok((!computed.iter().any(agrees)).then_some(told))
}

/// The largest request that the model grants to each user.
pub(super) fn main_authorizations(model: &OrgModel, flow: Flow) -> Vec<AuthorizationKey> {
    let largest = |user: &TestUser| {
        model
            .largest_granted(user)
            .map(|request| authorization(user.name(), &request, flow))
    };
    model.users.iter().filter_map(largest).collect()
}

fn outcome(model: &OrgModel, user: &TestUser, request: &ScopeRequest) -> Trial {
    let key = authorization(user.name(), request, Flow::Implicit);
    match model.expected(user, request, Flow::Implicit.grant_type()) {
        Expected::Granted { .. } => tokens_come_back(key),
        Expected::Denied => is_denied(model, key),
        Expected::NotAssigned => is_not_assigned(model, key),
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
        Outcome::Denied { denial, text, .. } => {
            let symptom = Symptom::NoTokens {
                key: key.clone(),
                denial: *denial,
            };
            Err(
                NotSeen::inconclusive(format!("{} got no tokens: {text}", key.words()))
                    .with(symptom),
            )
        }
    }
}

fn tokens_come_back(key: AuthorizationKey) -> Trial {
    let (subject, cause, topic) = (key.subject(), key.clone(), key.clone());
    let needs = [Need::Authorization(key.clone())];
    Trial::new(
        STEP,
        "the_user_gets_tokens",
        see::IMPLICIT,
        needs,
        move |context| {
            let seen = context.seen.authorization(&key);
            let seen = seen.map_err(|reason| with_cause(reason, context))?;
            let Outcome::Denied { denial, text, .. } = &seen.outcome else {
                return Ok(Judgement::met());
            };
            let symptom = Symptom::NoTokens {
                key: key.clone(),
                denial: *denial,
            };
            let expected = "an access token and an ID token at the redirect URI";
            let actual = format!("{text}; {}", explain(context, &key, *denial));
            Ok(Judgement::not_met(expected, actual, mend_denial(*denial)).with(symptom))
        },
    )
    .about(subject)
    .explains_of(Topic::Authorization(topic), move |_, symptom| {
        symptom.key() == Some(&cause)
    })
}

/// Where to look for the cause of a denial, most likely first, when there is no audit to ask.
fn mend_denial(denial: Denial) -> Fix {
    let (click, call) = match denial {
        Denial::Policy => (
            "step 3c: an active rule must hold the user's group, the grant type and all \
             requested scopes with openid; step 2: the user must be in the group",
            "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
        ),
        Denial::NotAssigned => (
            "step 4c: assign the client to the user's group",
            "PUT /api/v1/apps/{appId}/groups/{groupId}",
        ),
        Denial::UnknownScope => (
            "step 3b: add the scope to this authorization server, to the letter",
            "POST /api/v1/authorizationServers/{authServerId}/scopes",
        ),
        Denial::ResponseType => (
            "step 4a: tick Implicit (hybrid) with Allow ID Token and Allow Access Token",
            "PUT /api/v1/apps/{appId} with grant_types and response_types",
        ),
        Denial::RedirectUri => (
            "step 4b: add the redirect URI under Sign-in redirect URIs, byte for byte",
            "PUT /api/v1/apps/{appId} with redirect_uris",
        ),
        Denial::Client => (
            "step 4a: check the Client ID, and that the client is active in this very org",
            "GET /api/v1/apps/{appId}",
        ),
        Denial::Consent => (
            "step 4a and 3b: let neither the client nor the scope ask for consent",
            "PUT /api/v1/apps/{appId} with consent_method TRUSTED",
        ),
        Denial::Network => (
            "step 4a: let the client be used from the network of this machine",
            "PUT /api/v1/apps/{appId} with settings.oauthClient.network",
        ),
        Denial::ClaimEvaluation => (
            "step 3a: Claims: mend the expression or narrow the filter of groups; step 4c: assign \
             the user again; step 3c: the rule's token inline hook",
            "GET /api/v1/authorizationServers/{authServerId}/claims",
        ),
        Denial::SignIn
        | Denial::NoClientSecret
        | Denial::ClientSecret
        | Denial::ProofOfPossession
        | Denial::NotRedeemed
        | Denial::Page
        | Denial::Unknown
        | Denial::Other => (
            "Reports > System Log names the cause; set OKTA_CLIENT_TOKEN for an audit of all steps",
            "GET /api/v1/logs",
        ),
    };
    Fix::new(click, call)
}

/// The smallest request that the model denies to each user, by the code flow: a rule may give by
/// one grant type what it keeps by the other.
pub(super) fn denied_by_code(model: &OrgModel) -> Vec<Trial> {
    let smallest = |user: &TestUser| {
        let trial = |request: &ScopeRequest| {
            let key = authorization(user.name(), request, Flow::Code);
            match model.expected(user, request, Flow::Code.grant_type()) {
                Expected::Granted { .. } => None,
                Expected::Denied => Some(is_denied(model, key)),
                Expected::NotAssigned => Some(is_not_assigned(model, key)),
            }
        };
        let requests = model.requests_of(user);
        let mut protected = requests.iter().filter(|r| !r.scopes.is_empty());
        protected.find_map(trial)
    };
    model
        .users
        .iter()
        .filter_map(smallest)
        .map(|trial| trial.by("by code"))
        .collect()
}

fn is_denied(model: &OrgModel, key: AuthorizationKey) -> Trial {
    let name = "the_user_is_denied_the_scopes";
    let wanted = "access_denied by the access policy";
    let rule = "step 3c: no active rule may give this; step 2: is the user in another group?";
    refusal(model, key, name, wanted, Denial::Policy, rule)
}

fn is_not_assigned(model: &OrgModel, key: AuthorizationKey) -> Trial {
    let name = "the_user_is_refused_as_not_assigned";
    let wanted =
        "access_denied, or the sign-in page's refusal: the user is not assigned to the client";
    let rule =
        "step 4c: remove the user, and every group of the user, from the client's assignments";
    refusal(model, key, name, wanted, Denial::NotAssigned, rule)
}

fn refusal(
    model: &OrgModel,
    key: AuthorizationKey,
    name: &'static str,
    wanted: &'static str,
    reason: Denial,
    rule: &'static str,
) -> Trial {
    let controls = same_scopes_granted(model, &key.request);
    let subject = key.subject();
    let needs: Vec<Need> = std::iter::once(Need::Authorization(key.clone()))
        .chain(controls.iter().map(Control::need))
        .collect();
    Trial::new(STEP, name, see::ACCESS_POLICY, needs, move |context| {
        let seen = context.seen.authorization(&key)?;
        let fix = Fix::new(rule, "GET /api/v1/authorizationServers/{authServerId}/policies, and GET /api/v1/apps/{appId}/groups");
        let judgement = match &seen.outcome {
            Outcome::Tokens { tokens, .. } => {
                let scopes = tokens.scope.as_deref().unwrap_or("not told");
                let cause = granted_by(context, &key);
                Judgement::not_met(wanted, format!("tokens, with the scopes: {scopes}{cause}"), fix)
            }
            // A code is as good as a token: whoever redeems it.
            Outcome::Denied { text, response: Some(response), .. }
                if response.handed_out().is_some() =>
            {
                let handed_out = response.handed_out().unwrap_or_default();
                let cause = granted_by(context, &key);
                Judgement::not_met(wanted, format!("{handed_out} was handed out; {text}{cause}"), fix)
            }
            Outcome::Denied { denial, text, response } => {
                let on_page = response.is_none();
                refused(&key, *denial, text, on_page, reason, || {
                    let cause = explain(context, &key, *denial);
                    Judgement::not_met(wanted, format!("{text}; {cause}"), fix)
                })?
            }
        };
        negative(context, judgement, &controls)
    })
    .about(subject)
}

/// Whether a denial is the wanted refusal; what is no refusal at all proves nothing.
fn refused(
    key: &AuthorizationKey,
    denial: Denial,
    text: &str,
    on_page: bool,
    reason: Denial,
    not_met: impl FnOnce() -> Judgement,
) -> Seen<Judgement> {
    let symptom = Symptom::NoTokens {
        key: key.clone(),
        denial,
    };
    let unknown = || {
        Ok(Judgement::met_with(format!(
            "refused with a text that is not known: {text}"
        )))
    };
    match denial {
        denial if denial == reason => Ok(Judgement::met()),
        // A policy refuses by a redirect; a page may refuse for many another reason.
        Denial::Unknown if !on_page || reason == Denial::NotAssigned => unknown(),
        Denial::Policy | Denial::NotAssigned => Ok(not_met().with(symptom)),
        _ => Err(NotSeen::inconclusive(format!(
            "{} was not refused but failed: {text}",
            key.words()
        ))
        .with(symptom)),
    }
}

fn response_trials(key: &AuthorizationKey) -> Vec<Trial> {
    vec![
        on(key, "the_state_comes_back", |seen, response, _| {
            let found = response.get("state");
            wanted(
                "the state that was sent, unchanged",
                found == Some(&seen.state),
                || found.map_or("no state", |_| "another state").to_owned(),
            )
        }),
        on(
            key,
            "both_tokens_stand_in_the_fragment_and_nowhere_else",
            |_, response, _| {
                let misplaced = misplaced(response);
                wanted(
                    "access_token and id_token in the fragment alone",
                    misplaced.is_empty(),
                    || misplaced.join("; "),
                )
            },
        ),
        on(
            key,
            "no_refresh_token_comes_by_the_browser",
            |_, response, _| {
                let found = response.get("refresh_token").is_some();
                wanted("no refresh_token in the redirect", !found, || {
                    "there is one".to_owned()
                })
            },
        ),
        on(key, "the_token_type_is_bearer", |_, _, tokens| {
            let found = tokens.token_type.as_deref().unwrap_or("none");
            wanted(
                "token_type=Bearer",
                found.eq_ignore_ascii_case("bearer"),
                || found.to_owned(),
            )
        }),
        on(key, "the_scopes_are_told_as_granted", |_, _, tokens| {
            let told = tokens.scope.as_deref().map(scope_set);
            let held = tokens.access_token.as_ref().ok().and_then(|token| {
                token
                    .list("scp")
                    .map(|list| list.into_iter().map(str::to_owned).collect())
            });
            let words = || {
                format!(
                    "scope is {:?}",
                    tokens.scope.as_deref().unwrap_or("not there")
                )
            };
            wanted(
                "`scope` beside the token, the same as in it",
                told.is_some() && told == held,
                words,
            )
        }),
    ]
}

fn scope_set(scope: &str) -> std::collections::BTreeSet<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

fn misplaced(response: &Response) -> Vec<String> {
    let mut problems = Vec::new();
    for token in ["access_token", "id_token"] {
        if response.query.get(token).is_some() {
            problems.push(format!("{token} stands in the query, which servers log"));
        }
        if response.fragment.get(token).is_none() {
            problems.push(format!("{token} is not in the fragment"));
        }
    }
    problems
}

/// A check of what came back with the tokens of one authorization.
fn on(
    key: &AuthorizationKey,
    name: &'static str,
    check: impl Fn(&Authorization, &Response, &Tokens) -> Result<(), (String, String)>
    + Send
    + Sync
    + 'static,
) -> Trial {
    let (key, subject) = (key.clone(), key.user.clone());
    let needs = [Need::Authorization(key.clone())];
    Trial::new(STEP, name, see::IMPLICIT, needs, move |context| {
        let (seen, response, tokens) = tokens(context, &key)?;
        Ok(match check(seen, response, tokens) {
            Ok(()) => Judgement::met(),
            Err((expected, actual)) => Judgement::not_met(expected, actual, unfixable()),
        })
    })
    .about(subject)
}

fn wanted(
    expected: &str,
    holds: bool,
    actual: impl FnOnce() -> String,
) -> Result<(), (String, String)> {
    if holds {
        Ok(())
    } else {
        Err((expected.to_owned(), actual()))
    }
}

/// Nothing that an org can be set to makes Okta answer so.
pub(super) fn unfixable() -> Fix {
    Fix::new(
        "none in the org: Okta answers otherwise. Look for a proxy or page between browser and org",
        "GET {authorization_endpoint} with the same parameters",
    )
}
