//! Step 5 where the client has both flows: the code flow with PKCE, which production should use,
//! gives the same access as the document's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::found::Code;
use super::see;
use super::step::Step;
use super::step_5_authorize::{main_authorizations, tokens};
use super::step_5_fixes::mend_token;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{AuthorizationKey, Need, NotSeen, Seen, Tokens};
use crate::openid::{Jwt, TokenError};
use crate::severity::Severity;

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    if model.flows() != Flow::ALL {
        return Vec::new();
    }
    let keys = main_authorizations(model, Flow::Code);
    let of_key = |key| [gives_the_same_access(key), tells_of_the_same_user(key)];
    keys.iter().flat_map(of_key).collect()
}

/// `sub` is the same for every client of an issuer, or at least for one (OpenID Connect Core
/// section 8): a client that gets another one takes the user for somebody else.
fn tells_of_the_same_user(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), Subject::authorization(key));
    let implicit = AuthorizationKey {
        flow: Flow::Implicit,
        ..key.clone()
    };
    let name = "the_id_tokens_of_both_flows_are_of_one_sign_in";
    let needs = [&key, &implicit].map(|key| Need::Authorization(key.clone()));
    let trial = Trial::new(
        Step::Authorize,
        name,
        see::ID_TOKEN,
        needs,
        move |context| {
            let by_code = tokens(context, &key)?;
            let by_implicit = tokens(context, &implicit)?;
            let is_one_sign_in = by_code.0.signed_in == by_implicit.0.signed_in;
            let by_code = id_token(by_code.2)?;
            let by_implicit = id_token(by_implicit.2)?;
            let (Some(of_code), Some(of_implicit)) = (by_code.text("sub"), by_implicit.text("sub"))
            else {
                return Err(NotSeen::inconclusive("an ID token has no `sub` to compare"));
            };
            if of_code != of_implicit {
                let actual = format!("sub = `{of_code}`");
                let expected = format!("as by the implicit flow: sub = `{of_implicit}`");
                return Ok(Judgement::not_met(
                    Code::SignInsDiffer,
                    expected,
                    actual,
                    mend_token(),
                ));
            }
            let times = by_code
                .number("auth_time")
                .zip(by_implicit.number("auth_time"));
            let other = times.filter(|(code, implicit)| is_one_sign_in && code != implicit);
            Ok(other.map_or_else(Judgement::met, |(code, implicit)| {
                let expected = format!("as by the implicit flow: auth_time = {implicit}");
                let actual = format!("auth_time = {code}, of the same sign-in");
                Judgement::not_met(Code::SignInsDiffer, expected, actual, mend_token())
                    .weighing(Severity::Advised)
            }))
        },
    );
    trial.about(subject)
}

fn id_token(tokens: &Tokens) -> Seen<&Jwt> {
    let none = || NotSeen::inconclusive("no ID token came with the access token");
    let token = tokens.id_token.as_ref().ok_or_else(none)?;
    let unreadable = |error: &TokenError| NotSeen::not_applicable(error.to_string());
    token.as_ref().map_err(unreadable)
}

fn gives_the_same_access(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), Subject::authorization(key));
    let implicit = AuthorizationKey {
        flow: Flow::Implicit,
        ..key.clone()
    };
    let name = "the_code_flow_gives_the_same_access";
    let needs = [&key, &implicit].map(|key| Need::Authorization(key.clone()));
    Trial::new(
        Step::Authorize,
        name,
        see::CODE_FLOW,
        needs,
        move |context| {
            let provider = context.model.provider;
            let by_code = access(tokens(context, &key)?.2, provider)?;
            let by_implicit = access(tokens(context, &implicit)?.2, provider)?;
            Ok(Judgement::when(by_code == by_implicit, || Finding {
                found: Code::FlowsDiffer.into(),
                expected: format!("as by the implicit flow: {}", words(&by_implicit)),
                actual: words(&by_code),
                fix: Fix::new(
                    "step 3c: the rules must treat Authorization Code and Implicit alike",
                    "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
                ),
            }))
        },
    )
    .about(subject)
}

/// The scopes and the audience of an access token.
type Access = (BTreeSet<String>, Value);

fn access(tokens: &Tokens, provider: Provider) -> Seen<Access> {
    let token = tokens.access_token.as_ref();
    // An opaque token is for its server alone to read.
    let token = token.map_err(|error| NotSeen::not_applicable(error.to_string()))?;
    let claims = provider.scope_claims();
    let named = token.scopes(claims).zip(token.claims.get("aud"));
    // Two tokens that name nothing have not the same access: nothing is known of it.
    let unnamed = || {
        let claims = claims.join(" nor ");
        NotSeen::inconclusive(format!("the access token has no {claims}, or no aud"))
    };
    let (scopes, audience) = named.ok_or_else(unnamed)?;
    let scopes = scopes.into_iter().map(str::to_owned).collect();
    Ok((scopes, audience.clone()))
}

fn words((scopes, audience): &Access) -> String {
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    format!("scopes {} and aud {audience}", scopes.join(" "))
}
