//! Positive controls: a refusal proves something only if what it is compared with was given.

use super::context::Context;
use super::trial::{Judgement, Verdict};
use crate::model::{Expected, OrgModel, ScopeRequest};
use crate::observation::{
    AuthorizationKey, CallKey, Credential, Need, NotSeen, Outcome, Seen, authorization,
};
use crate::openid::Flow;

/// Something that must have been given in the same run.
#[derive(Debug, Clone)]
pub(super) enum Control {
    /// Tokens for a request.
    Tokens(AuthorizationKey),
    /// An endpoint's answer to a token.
    Answer(CallKey),
}

impl Control {
    /// What must be looked at.
    pub(super) fn need(&self) -> Need {
        match self {
            Self::Tokens(key) => Need::Authorization(key.clone()),
            Self::Answer(key) => Need::Call(key.clone()),
        }
    }

    /// Why the control failed, if it did.
    fn failure(&self, context: &Context<'_>) -> Option<NotSeen> {
        match self {
            Self::Tokens(key) => match context.seen.authorization(key) {
                Ok(seen) => match &seen.outcome {
                    Outcome::Tokens { .. } => None,
                    Outcome::Denied { denial, text, .. } => {
                        let reason = format!("{} got no tokens either ({text})", key.words());
                        let symptom = crate::observation::Symptom::NoTokens {
                            key: key.clone(),
                            denial: *denial,
                        };
                        Some(NotSeen::inconclusive(reason).with(symptom))
                    }
                },
                Err(reason) => Some(reason),
            },
            Self::Answer(key) => match context.seen.call(key) {
                Ok(answer) if (200..300).contains(&answer.status) => None,
                Ok(answer) => Some(NotSeen::inconclusive(format!(
                    "{} answers {} to a token that holds its scope too",
                    key.endpoint, answer.status
                ))),
                Err(reason) => Some(reason),
            },
        }
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

/// Who of the model must get tokens for the same scopes, or for each of them alone.
pub(super) fn same_scopes_granted(model: &OrgModel, request: &ScopeRequest) -> Vec<Control> {
    let grantee = |request: &ScopeRequest| {
        let granted = |expected| matches!(expected, Expected::Granted { .. });
        let mut users = model.users.iter();
        users
            .find(|user| granted(model.expected(user, request, Flow::Implicit.grant_type())))
            .map(|user| Control::Tokens(authorization(user.name(), request, Flow::Implicit)))
    };
    if let Some(control) = grantee(request) {
        return vec![control];
    }
    let alone = request.scopes.iter().map(|scope| ScopeRequest {
        scopes: vec![scope.clone()],
    });
    alone.filter_map(|request| grantee(&request)).collect()
}

/// Who of the model must read the endpoint.
pub(super) fn reader(model: &OrgModel, path: &str) -> Option<CallKey> {
    let endpoint = model
        .endpoints
        .iter()
        .find(|endpoint| endpoint.path == path)?;
    let request = ScopeRequest {
        scopes: vec![endpoint.scope_name().to_owned()],
    };
    let controls = same_scopes_granted(model, &request);
    let Some(Control::Tokens(key)) = controls.into_iter().next() else {
        return None;
    };
    Some(CallKey {
        endpoint: path.to_owned(),
        credential: Credential::AccessToken(key),
    })
}
