//! Step 5 by the code flow with PKCE, which production should use: it gives the same access.

use std::collections::BTreeSet;

use serde_json::Value;

use super::explain::{explain, with_cause};
use super::see;
use super::step::Step;
use super::step_5_authorize::{denied_by_code, main_authorizations, tokens};
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{AUTHORIZATION_CODE, OrgModel};
use crate::observation::{AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom, Tokens};
use crate::openid::Flow;

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    if !model.client.grant_types.contains(AUTHORIZATION_CODE) {
        return Vec::new();
    }
    let keys = main_authorizations(model, Flow::Code);
    let positive = keys.iter().flat_map(|key| {
        [
            gives_tokens(key),
            gives_the_same_access(key),
            only_a_code(key),
        ]
    });
    positive.chain(denied_by_code(model)).collect()
}

fn gives_tokens(key: &AuthorizationKey) -> Trial {
    let (subject, topic) = (key.subject(), key.clone());
    let (key, cause) = (key.clone(), key.clone());
    let name = "the_code_flow_gives_tokens";
    let needs = [Need::Authorization(key.clone())];
    Trial::new(
        Step::Authorize,
        name,
        see::CODE_FLOW,
        needs,
        move |context| {
            let seen = context.seen.authorization(&key);
            let seen = seen.map_err(|reason| with_cause(reason, context))?;
            let Outcome::Denied { denial, text, .. } = &seen.outcome else {
                return Ok(Judgement::met());
            };
            if *denial == Denial::NotRedeemed {
                return Err(NotSeen::failed(text.clone()));
            }
            if *denial == Denial::NoClientSecret {
            return Err(NotSeen::not_configured(
                "set OKTA_OAUTH2_CLIENT_SECRET to have the code redeemed: the client \
                 authenticates at the token endpoint",
            ));
        }
        let symptom = Symptom::NoTokens { key: key.clone(), denial: *denial };
        let fix = if *denial == Denial::ClientSecret {
            Fix::new(
                "set OKTA_OAUTH2_CLIENT_SECRET to the client's (Applications > Applications > the \
                 client > General > Client Credentials)",
                "GET /api/v1/apps/{appId}/credentials/secrets",
            )
        } else {
            Fix::new(
                "step 4a: tick Authorization Code; step 3c: the rule needs Authorization Code too",
                "PUT /api/v1/apps/{appId}, and GET …/policies/{policyId}/rules",
            )
        };
        let expected = "a code at the redirect URI that the token endpoint redeems";
            let actual = format!("{text}; {}", explain(context, &key, *denial));
            Ok(Judgement::not_met(expected, actual, fix).with(symptom))
        },
    )
    .about(subject)
    .explains_of(Topic::Authorization(topic), move |_, symptom| symptom.key() == Some(&cause))
}

fn gives_the_same_access(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), key.subject());
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
            let by_code = access(tokens(context, &key)?.2)?;
            let by_implicit = access(tokens(context, &implicit)?.2)?;
            Ok(Judgement::when(by_code == by_implicit, || Finding {
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
type Access = (BTreeSet<String>, Option<Value>);

fn access(tokens: &Tokens) -> Seen<Access> {
    let token = tokens.access_token.as_ref();
    let token = token.map_err(|error| NotSeen::inconclusive(error.to_string()))?;
    let scopes = token.list("scp").unwrap_or_default();
    let audience = token.claims.get("aud").cloned();
    Ok((scopes.into_iter().map(str::to_owned).collect(), audience))
}

fn words((scopes, audience): &Access) -> String {
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let audience = audience
        .as_ref()
        .map_or_else(|| "none".to_owned(), ToString::to_string);
    format!("scp {} and aud {audience}", scopes.join(" "))
}

fn only_a_code(key: &AuthorizationKey) -> Trial {
    let (key, subject) = (key.clone(), key.subject());
    let name = "the_code_flow_puts_no_token_into_the_browser";
    let needs = [Need::Authorization(key.clone())];
    Trial::new(
        Step::Authorize,
        name,
        see::CODE_FLOW,
        needs,
        move |context| {
            let (seen, response, _) = tokens(context, &key)?;
            let leaked = ["access_token", "id_token", "refresh_token"]
                .into_iter()
                .find(|token| response.get(token).is_some());
            let state = response.get("state") == Some(&seen.state);
            Ok(Judgement::when(leaked.is_none() && state, || Finding {
                expected: "code and state in the redirect, and no token".to_owned(),
                actual: leaked.map_or("another state".to_owned(), |token| {
                    format!("it has {token}")
                }),
                fix: super::step_5_authorize::unfixable(),
            }))
        },
    )
    .about(subject)
}
