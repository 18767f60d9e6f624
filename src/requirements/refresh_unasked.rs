//! Step 5: refresh tokens that nobody asked for.

use super::found::Code;
use super::see;
use super::step::Step;
use super::step_5_authorize::{main_authorizations, tokens};
use super::step_5_fixes::unfixable;
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{AuthorizationKey, Need};

/// Where the model has no refresh tokens. A server may give one all the same (RFC 6749 section 1.5,
/// OpenID Connect Core 1.0 section 11), and Okta does so for `offline_access` alone, so that it is
/// no breach of a protocol: the access that the model gives for an hour lasts as long as that.
pub(super) fn meant_for_nobody(model: &OrgModel) -> Vec<Trial> {
    // How those of others come, only they can say.
    if model.provider != Provider::Okta || !model.flows().contains(&Flow::Code) {
        return Vec::new();
    }
    let unasked = main_authorizations(model, Flow::Code);
    let trials = unasked
        .iter()
        .map(|key| comes_to_nobody_else(key).advised());
    trials
        .map(|trial| trial.by_flow(model, Flow::Code))
        .collect()
}

/// No refresh token comes of requests without `offline_access`.
pub(super) fn comes_to_nobody_else(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let needs = [Need::Authorization(key.clone())];
    let name = "no_refresh_token_comes_without_offline_access";
    Trial::new(
        Step::Authorize,
        name,
        see::REFRESH_TOKENS,
        needs,
        move |context| {
            let (_, _, tokens) = tokens(context, &key)?;
            let expected = "no refresh token for a request without `offline_access`";
            if tokens.refresh.is_none() {
                return Ok(Judgement::met());
            }
            let (code, actual) = (
                Code::RefreshTokenUnasked,
                "there is one beside the access token",
            );
            let fix = if context.model.client.refresh().is_some() {
                unfixable()
            } else {
                untick()
            };
            Ok(Judgement::not_met(code, expected, actual, fix))
        },
    )
    .about(subject)
}

/// A client that may not use refresh tokens is given none.
fn untick() -> Fix {
    Fix::new(
        "Applications > Applications > the client > General > Grant type: untick Refresh Token, \
         which the model does not have; if it is not ticked, Okta answers otherwise: look for a \
         proxy between this machine and the org",
        "PUT /api/v1/apps/{appId} with settings.oauthClient.grant_types",
    )
}
