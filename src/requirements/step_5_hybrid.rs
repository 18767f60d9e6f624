//! Step 5: an ID token that comes with a code holds the hash of that code.
//!
//! OpenID Connect Core 3.3.2.11: `c_hash` is required in an ID token that the authorization
//! endpoint issues with a code; without it nobody can tell that the code was put in the place of
//! another.

use super::context::Context;
use super::found::Code;
use super::step::Step;
use super::step_5_authorize::{main_of, tokens};
use super::step_5_fixes::unfixable;
use super::subject::Subject;
use super::trial::{Judgement, Trial};
use crate::model::{Flow, OrgModel, Rule};
use crate::observation::{AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen};
use crate::openid::{Jwt, half_hash};

const SEE: &str = "OpenID Connect Core 1.0 section 3.3.2.11";
const CLAIM: &str = "c_hash";

/// One request in the session of the first user whom a rule gives both at once.
pub(super) fn trials(model: &OrgModel) -> Option<Trial> {
    let types = &model.client.response_types;
    let may = |kind: &str| types.iter().any(|own| own == kind);
    if model.flows() != Flow::ALL || !may("code") || !may("id_token") {
        return None;
    }
    let mut keys = main_of(model, model.all_users(), Flow::Implicit);
    let key = keys.find(|key| gives_both_at_once(model, key))?;
    model.is_in_view(&key.user).then(|| code_hash(&key))
}

/// Whether a rule of the model gives what is asked for by both grant types: no sign-in is asked for
/// what two rules give only together.
pub(super) fn gives_both_at_once(model: &OrgModel, key: &AuthorizationKey) -> bool {
    let wanted = key.request.with_openid();
    let gives = |rule: &Rule| {
        let covers = |scope: &String| rule.scope_names().any(|name| name == scope);
        let grants = Flow::ALL.map(Flow::grant_type);
        grants.iter().all(|grant| rule.grant_types.contains(*grant)) && wanted.iter().all(covers)
    };
    let user = model.user(&key.user);
    let is_granted = user.is_some_and(|user| model.is_granted(user, &key.request, Flow::Code));
    is_granted && model.policy.rules.iter().any(gives)
}

fn code_hash(basis: &AuthorizationKey) -> Trial {
    let (basis, key) = (basis.clone(), basis.clone().with_code());
    let needs = [&basis, &key].map(|key| Need::Authorization(key.clone()));
    let subject = Subject::token(&basis);
    let name = "the_id_token_beside_a_code_has_its_hash";
    Trial::new(Step::Authorize, name, SEE, needs, move |context| {
        tokens(context, &basis)?;
        judge(context, &key)
    })
    .about(subject)
}

fn judge(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Judgement> {
    let outcome = &context.seen.authorization(key)?.outcome;
    let response = match outcome {
        Outcome::Tokens { response, .. }
        | Outcome::Denied {
            denial: Denial::NoneAsked,
            response: Some(response),
            ..
        } => response,
        Outcome::Denied { text, .. } => return Err(not_given(key, text)),
    };
    let secret = |name: &str| {
        let fragment = response.fragment.secret(name);
        fragment.or_else(|| response.query.secret(name))
    };
    let (Some(code), Some(id_token)) = (secret("code"), secret("id_token")) else {
        return Err(not_given(key, "not both a code and an ID token came"));
    };
    let expected = format!("{CLAIM} = the hash of the code beside the ID token");
    let not_met = |actual: String| {
        let code = Code::IdTokenCodeHash;
        Ok(Judgement::not_met(code, expected, actual, unfixable()))
    };
    match Jwt::decode(id_token) {
        Err(error) => not_met(error.to_string()),
        Ok(token) => match token.text(CLAIM) {
            Some(found) if found == half_hash(code) => Ok(Judgement::met()),
            Some(_) => not_met("the hash of something else".to_owned()),
            None => not_met(format!("no {CLAIM}")),
        },
    }
}

/// The model promises each flow by itself, and nothing of both at once.
fn not_given(key: &AuthorizationKey, text: &str) -> NotSeen {
    NotSeen::not_applicable(format!(
        "{}: {text}; there is no ID token beside a code to look at",
        key.words()
    ))
}
