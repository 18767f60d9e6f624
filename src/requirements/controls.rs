//! Positive controls: a refusal proves something only if what it is compared with was given.

use super::context::Context;
use super::refusals::{told, unreadable};
use super::trial::{Judgement, Verdict};
use crate::exchange::{ApiCall, Exchange};
use crate::model::{Endpoint, Flow, OrgModel, Rule, ScopeRequest};
use crate::observation::{
    Authorization, AuthorizationKey, Need, NotSeen, Outcome, Positive, Seen, Symptom,
};

/// What a refusal is compared with: never nothing, since a comparison with nothing proves nothing.
#[derive(Debug, Clone)]
pub(super) struct Controls {
    first: Control,
    more: Vec<Control>,
}

impl Controls {
    pub(super) fn of(first: Control, more: impl IntoIterator<Item = Control>) -> Self {
        Self {
            first,
            more: more.into_iter().collect(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Control> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Nothing, where all were given.
    ///
    /// # Errors
    /// Why the first of them was not.
    pub(super) fn hold(&self, context: &Context<'_>) -> Seen<()> {
        let failed = self.iter().find_map(|control| control.failure(context));
        failed.map_or(Ok(()), Err)
    }

    /// What must be looked at.
    pub(super) fn needs(&self) -> impl Iterator<Item = Need> {
        self.iter().map(Control::need)
    }
}

/// Something that must have been given in the same run.
#[derive(Debug, Clone)]
pub(super) enum Control {
    /// To any one of those who may have it.
    Anybodys(Positive),
    /// An endpoint's answer to the very token that is refused elsewhere.
    Own(ApiCall),
    /// An endpoint's answer to a service.
    Service {
        /// Its NAME.
        name: String,
        /// What a run calls the endpoint.
        endpoint: String,
    },
}

impl Control {
    fn need(&self) -> Need {
        match self {
            Self::Anybodys(positive) => Need::Anybodys(positive.clone()),
            Self::Own(key) => Need::of_api(key),
            Self::Service { name, .. } => Need::Service(name.clone()),
        }
    }

    /// Why the control failed, if it did.
    fn failure(&self, context: &Context<'_>) -> Option<NotSeen> {
        match self {
            Self::Own(key) => no_answer(context, key),
            Self::Service { name, endpoint } => no_answer_to_service(context, name, endpoint),
            Self::Anybodys(positive) => {
                context.failure_of(positive, || nobody_has(context, positive))
            }
        }
    }
}

/// Why nobody was given a positive, if nobody was: what the first of them came to who were asked
/// for in this run; of all, where none was.
fn nobody_has(context: &Context<'_>, positive: &Positive) -> Option<NotSeen> {
    let seen = context.seen;
    let keys = || positive.keys(context.model);
    let was_asked = |key: &AuthorizationKey| match positive.need(key.clone()) {
        Need::Call(Exchange::Api(call)) => seen.calls.contains_key(&call),
        _ => seen.authorizations.contains_key(key),
    };
    let failure = |key: AuthorizationKey| match positive.need(key.clone()) {
        Need::Call(Exchange::Api(call)) => no_answer(context, &call),
        _ => no_tokens(context, &key),
    };
    if keys().next().is_none() {
        return Some(nobody_may(context.model, positive));
    }
    let asked: Vec<AuthorizationKey> = keys().filter(was_asked).collect();
    let asked = if asked.is_empty() {
        keys().collect()
    } else {
        asked
    };
    let failures: Vec<Option<NotSeen>> = asked.into_iter().map(failure).collect();
    if failures.iter().any(Option::is_none) {
        return None;
    }
    failures.into_iter().next()?
}

/// The model's own gap: without a user who may, nobody can tell a refusal from a thing that is not
/// there at all. What no rule gives to anybody can have no such user.
fn nobody_may(model: &OrgModel, positive: &Positive) -> NotSeen {
    let scopes = positive.request.with_openid();
    let gives = |rule: &Rule| {
        let covers = |scope: &String| rule.scope_names().any(|name| name == scope);
        rule.grant_types.contains(positive.flow.grant_type()) && scopes.iter().all(covers)
    };
    if !model.policy.rules.iter().any(gives) {
        return NotSeen::not_applicable(format!(
            "no rule of the org model gives {} to anybody by {}: there is nothing to compare a \
             refusal with",
            positive.request.words(),
            positive.flow.words()
        ));
    }
    let what = match &positive.endpoint {
        Some(endpoint) => format!("read {endpoint}"),
        None => format!("have {}", positive.request.words()),
    };
    NotSeen::not_configured(format!(
        "the org model has no test user who may {what} by {}: add one to the model",
        positive.flow.words()
    ))
}

fn no_tokens(context: &Context<'_>, key: &AuthorizationKey) -> Option<NotSeen> {
    match &context.seen.authorization(key) {
        Ok(Authorization {
            outcome: Outcome::Tokens { .. },
            ..
        }) => None,
        // The authorization server gave a code; what became of it is another matter.
        Ok(Authorization {
            outcome:
                Outcome::Denied {
                    response: Some(response),
                    ..
                },
            ..
        }) if response.get("code").is_some() => None,
        Ok(Authorization {
            outcome: Outcome::Denied { denial, text, .. },
            ..
        }) => {
            let reason = format!("{} got no tokens either ({text})", key.words());
            let symptom = Symptom::NoTokens {
                key: key.clone(),
                denial: *denial,
            };
            Some(NotSeen::inconclusive(reason).with(symptom))
        }
        Err(reason) => Some(reason.clone()),
    }
}

fn no_answer(context: &Context<'_>, key: &ApiCall) -> Option<NotSeen> {
    match context.seen.call(key) {
        Ok(answer) if answer.is_success() => None,
        Ok(answer) => {
            let rightful = key.rightful();
            let unreadable = rightful.and_then(|of| unreadable(context, of, answer));
            if unreadable.is_some() {
                return unreadable;
            }
            let reason = NotSeen::inconclusive(format!(
                "{} answers {} to a token that holds its scope too",
                key.endpoint,
                told(answer)
            ));
            Some(match rightful {
                Some(of) => reason.with(Symptom::Refused {
                    key: of.clone(),
                    endpoint: key.endpoint.clone(),
                }),
                None => reason,
            })
        }
        Err(reason) => Some(reason),
    }
}

fn no_answer_to_service(context: &Context<'_>, name: &str, endpoint: &str) -> Option<NotSeen> {
    let seen = context.seen.service(name);
    match seen.and_then(|seen| seen.call(endpoint)) {
        Ok(answer) if answer.is_success() => None,
        Ok(answer) => Some(NotSeen::inconclusive(format!(
            "{endpoint} answers {} to the service {name}, whose token holds its scope, too",
            told(answer)
        ))),
        Err(reason) => Some(reason),
    }
}

/// A negative that holds counts only with its controls; one that is violated counts always.
pub(super) fn negative(
    context: &Context<'_>,
    judgement: Judgement,
    controls: &Controls,
) -> Seen<Judgement> {
    if matches!(judgement.verdict, Verdict::NotMet(_)) {
        return Ok(judgement);
    }
    let failed = controls.iter().find_map(|control| control.failure(context));
    match failed {
        None => Ok(judgement),
        Some(mut why) => {
            why.reason = format!("it is refused, but that proves nothing: {}", why.reason);
            Err(why)
        }
    }
}

/// Of so many scopes, each alone must have been given to somebody where nobody may have them all.
const MOST_ALONE: usize = 10;

/// Tokens for the same scopes by the same flow to anybody of the model who must get them; where
/// nobody must, tokens for each of them alone.
///
/// Of very many scopes, for the first of them: that each is there at all, other trials say.
pub(super) fn same_scopes_granted(model: &OrgModel, key: &AuthorizationKey) -> Controls {
    let tokens = |request: &ScopeRequest| Control::Anybodys(Positive::tokens(request, key.flow));
    let of_all = tokens(&key.request);
    let scopes = key.request.scopes.iter();
    let mut alone = scopes.map(|scope| tokens(&model.request_for(&[scope.as_str()])));
    if !model.granted_to(&key.request, key.flow).is_empty() {
        return Controls::of(of_all, []);
    }
    match alone.next() {
        Some(first) => Controls::of(first, alone.take(MOST_ALONE - 1)),
        None => Controls::of(of_all, []),
    }
}

/// What a refusal of an endpoint is compared with: its answer to anybody of the model who must read
/// it with tokens of the flow; where services alone may, to the first of them.
pub(super) fn answers_somebody(model: &OrgModel, endpoint: &Endpoint, flow: Flow) -> Control {
    let readers = readers(model, endpoint, flow);
    match model.service_at(endpoint) {
        Some(service) if readers.keys(model).next().is_none() => Control::Service {
            name: service.name().to_owned(),
            endpoint: endpoint.id().to_owned(),
        },
        _ => Control::Anybodys(readers),
    }
}

/// The answer of the endpoint to everybody of the model who must read it with tokens of the flow:
/// by its scopes alone, where they are asked for.
///
/// What changes something is asked by the main flow's tokens alone, so that it is asked once.
pub(super) fn readers(model: &OrgModel, endpoint: &Endpoint, flow: Flow) -> Positive {
    let flow = if endpoint.is_repeatable() {
        flow
    } else {
        model.main_flow()
    };
    Positive::answer(&model.way_in(endpoint, flow), flow, endpoint.id())
}

#[cfg(test)]
mod tests;
