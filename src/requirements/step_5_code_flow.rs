//! Step 5 where the client has both flows: the code flow with PKCE, which production should use,
//! gives the same access as the document's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::code::Code;
use super::see;
use super::step::Step;
use super::step_5_authorize::{main_authorizations, tokens};
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{AuthorizationKey, Need, NotSeen, Seen, Tokens};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    if model.flows() != Flow::ALL {
        return Vec::new();
    }
    let keys = main_authorizations(model, Flow::Code);
    keys.iter().map(gives_the_same_access).collect()
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
