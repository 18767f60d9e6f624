//! Step 5: the refresh token of one client, presented by another one that says who it is.

use super::context::Context;
use super::found::Code;
use super::refresh_tokens::{refusal, was_good};
use super::see;
use super::services::is_known_to_the_server;
use super::step::Step;
use super::step_5_fixes::unfixable;
use super::subject::Subject;
use super::trial::{Judgement, Trial};
use crate::model::{OrgModel, Service};
use crate::observation::{
    AuthorizationKey, Need, NotSeen, PresentedByAnother, Refreshed, Seen, TokenAnswer,
};

/// How it is refused: a refresh token is bound to the client that it was issued to (RFC 6749
/// section 6; Okta's error catalogue, `mismatched_client`), and a service may use none.
const REFUSALS: [&str; 2] = ["invalid_grant", "unauthorized_client"];

/// That the first service client of the model gets nothing for the refresh token of the client.
pub(super) fn no_other_client_redeems(model: &OrgModel, key: &AuthorizationKey) -> Option<Trial> {
    let service = model.services.first()?.clone();
    let needs = [
        Need::Refresh(key.clone()),
        Need::Service(service.name().to_owned()),
    ];
    let (key, subject) = (key.clone(), Subject::token(key));
    let name = "no_other_client_redeems_the_refresh_token";
    let judge = move |context: &Context<'_>| judge(context, &service, &key);
    Some(Trial::new(Step::Authorize, name, see::REFRESH_TOKENS, needs, judge).about(subject))
}

fn judge(context: &Context<'_>, service: &Service, key: &AuthorizationKey) -> Seen<Judgement> {
    let refreshed = context.seen.refreshed(key)?;
    let untried = || NotSeen::inconclusive("no other client presented the refresh token");
    let presented = refreshed.by_another.as_ref().ok_or_else(untried)?;
    match presented.answer.as_ref().map_err(Clone::clone)? {
        TokenAnswer::Tokens(_) => Ok(Judgement::not_met(
            Code::RefreshByAnother,
            "invalid_grant for the refresh token of another client",
            format!(
                "tokens for the service client {}, which showed its own credentials",
                service.name()
            ),
            unfixable(),
        )),
        TokenAnswer::Refused { error, text, .. } => {
            was_good(key, refreshed)?;
            is_known_to_the_server(context, service)?;
            Ok(refusal(error, text, &REFUSALS))
        }
    }
}

/// That the refresh token is as good as before, where another client presented it: a server may end
/// what another one has got hold of.
///
/// # Errors
/// [`NotSeen`] where it is not.
pub(super) fn is_left_alone(refreshed: &Refreshed) -> Seen<()> {
    match &refreshed.by_another {
        Some(PresentedByAnother {
            kept: Ok(TokenAnswer::Refused { text, .. }),
            ..
        }) => Err(NotSeen::not_applicable(format!(
            "it was refused before that, once another client had presented it: {text}"
        ))),
        Some(_) | None => Ok(()),
    }
}
