//! Positive controls: a refusal proves something only if what it is compared with was given.

use super::context::Context;
use super::trial::{Judgement, Verdict};
use crate::model::{Flow, OrgModel, ScopeRequest, TestUser};
use crate::observation::{
    Authorization, AuthorizationKey, CallKey, Credential, Need, NotSeen, Outcome, Seen, Symptom,
    authorization,
};

/// Something that must have been given in the same run, to any one of those who may have it.
#[derive(Debug, Clone)]
pub(super) enum Control {
    /// Tokens for a request.
    Tokens(Vec<AuthorizationKey>),
    /// An endpoint's answer to a token.
    Answer(Vec<CallKey>),
}

impl Control {
    /// What must be looked at.
    pub(super) fn needs(&self) -> Vec<Need> {
        match self {
            Self::Tokens(keys) => keys.iter().cloned().map(Need::Authorization).collect(),
            Self::Answer(keys) => keys.iter().cloned().map(Need::Call).collect(),
        }
    }

    /// Why the control failed, if it did: what the first of them came to.
    fn failure(&self, context: &Context<'_>) -> Option<NotSeen> {
        let seen = context.seen;
        let failures: Vec<Option<NotSeen>> = match self {
            Self::Tokens(keys) => asked(keys, |key| seen.authorizations.contains_key(key))
                .map(|key| no_tokens(context, key))
                .collect(),
            Self::Answer(keys) => asked(keys, |key| seen.calls.contains_key(key))
                .map(|key| no_answer(context, key))
                .collect(),
        };
        if failures.iter().any(Option::is_none) {
            None
        } else {
            failures.into_iter().next()?
        }
    }
}

/// Those that were asked for in this run; all, where none was.
fn asked<K>(keys: &[K], was_asked: impl Fn(&K) -> bool) -> impl Iterator<Item = &K> {
    let any = keys.iter().any(&was_asked);
    keys.iter().filter(move |key| !any || was_asked(key))
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

fn no_answer(context: &Context<'_>, key: &CallKey) -> Option<NotSeen> {
    match context.seen.call(key) {
        Ok(answer) if (200..300).contains(&answer.status) => None,
        Ok(answer) => {
            let reason = NotSeen::inconclusive(format!(
                "{} answers {} to a token that holds its scope too",
                key.endpoint, answer.status
            ));
            Some(match &key.credential {
                Credential::AccessToken(of) => {
                    let endpoint = key.endpoint.clone();
                    reason.with(Symptom::Refused {
                        key: of.clone(),
                        endpoint,
                    })
                }
                _ => reason,
            })
        }
        Err(reason) => Some(reason),
    }
}

/// A negative that holds counts only with its controls; one that is violated counts always.
pub(super) fn negative(
    context: &Context<'_>,
    judgement: Judgement,
    controls: &[Control],
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

/// Tokens for the same scopes by the same flow, or for each of them alone, to anybody of the model
/// who must get them.
pub(super) fn same_scopes_granted(model: &OrgModel, key: &AuthorizationKey) -> Vec<Control> {
    let together = grantees(model, &key.request, key.flow);
    if !together.is_empty() {
        return vec![Control::Tokens(together)];
    }
    let alone = key.request.scopes.iter().map(|scope| ScopeRequest {
        scopes: vec![scope.clone()],
    });
    let alone = alone.map(|request| grantees(model, &request, key.flow));
    alone
        .filter(|keys| !keys.is_empty())
        .map(Control::Tokens)
        .collect()
}

/// Whoever gets the scopes by the flow, by the smallest request for them that is made.
fn grantees(model: &OrgModel, wanted: &ScopeRequest, flow: Flow) -> Vec<AuthorizationKey> {
    let request = |user: &TestUser| {
        let mut requests = model.requests(user, flow).into_iter();
        requests.find(|request| {
            let mut scopes = wanted.scopes.iter();
            scopes.all(|scope| request.contains(scope)) && model.is_granted(user, request, flow)
        })
    };
    let users = model.users.iter();
    users
        .filter_map(|user| Some(authorization(user.name(), &request(user)?, flow)))
        .collect()
}

/// The requests of everybody of the model who must read the endpoint with tokens of the flow: by
/// its scope alone, where that is asked for.
pub(super) fn readers(model: &OrgModel, path: &str, flow: Flow) -> Vec<CallKey> {
    let Some(endpoint) = model
        .endpoints
        .iter()
        .find(|endpoint| endpoint.path == path)
    else {
        return Vec::new();
    };
    let request = ScopeRequest {
        scopes: vec![endpoint.scope_name().to_owned()],
    };
    let keys = grantees(model, &request, flow).into_iter();
    keys.map(|key| CallKey {
        endpoint: path.to_owned(),
        credential: Credential::AccessToken(key),
    })
    .collect()
}
