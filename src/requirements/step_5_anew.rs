//! Step 5: a request for a new sign-in is not answered from the session that there is.
//!
//! OpenID Connect Core 3.1.2.1: with `prompt=login` the user is to be asked again, or an error
//! comes back; with `max_age=0` the user must be. Whoever relies on it to know who sits there is
//! otherwise answered by a session that somebody left.

use super::context::Context;
use super::found::Code;
use super::step::Step;
use super::step_5_authorize::{main_of, tokens};
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::model::OrgModel;
use crate::observation::{Anew, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen};
use crate::openid::Response;

const SEE: &str = "OpenID Connect Core 1.0 section 3.1.2.1";

/// The errors that say that nobody could be asked (OpenID Connect Core 3.1.2.6).
const CANNOT_ASK: [&str; 2] = ["login_required", "interaction_required"];

/// One user for each, since the page may end the session: the request is the last of its user.
pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut keys = main_of(model, model.all_users(), model.main_flow());
    let (first, last) = (keys.next(), keys.next_back());
    let in_view = |key: &AuthorizationKey| model.is_in_view(&key.user);
    let prompt = first.filter(in_view).map(|key| {
        let name = "the_user_is_asked_again_by_prompt_login";
        asks_again(&key, Anew::PromptLogin, name, Code::PromptLoginIgnored)
    });
    let max_age = last.filter(in_view).map(|key| {
        let name = "the_user_is_asked_again_by_max_age_0";
        asks_again(&key, Anew::MaxAgeZero, name, Code::MaxAgeIgnored)
    });
    prompt.into_iter().chain(max_age).collect()
}

fn asks_again(basis: &AuthorizationKey, by: Anew, name: &str, code: Code) -> Trial {
    let (basis, key) = (basis.clone(), basis.clone().asking_anew(by));
    let needs = [&basis, &key].map(|key| Need::Authorization(key.clone()));
    let subject = Subject::token(&basis);
    Trial::new(Step::Authorize, name, SEE, needs, move |context| {
        // A page that asks who it is proves something only where nobody need ask.
        let judged = judge(context, &key, code);
        if judged.as_ref().is_ok_and(|judgement| !judgement.is_met()) {
            return judged;
        }
        tokens(context, &basis)?;
        judged
    })
    .about(subject)
}

fn judge(context: &Context<'_>, key: &AuthorizationKey, code: Code) -> Seen<Judgement> {
    let outcome = &context.seen.authorization(key)?.outcome;
    let handed_out = outcome.response().and_then(Response::handed_out);
    if let Some(handed_out) = handed_out {
        let details = key.details.as_ref();
        let asked = details.map_or("", |details| details.name.as_str());
        let expected = format!("a sign-in page for {asked}, whatever session there is");
        let actual = format!("the session is enough: the redirect brings {handed_out} at once");
        return Ok(Judgement::not_met(code, expected, actual, mend(asked)));
    }
    match outcome {
        Outcome::Denied {
            denial: Denial::AskedToSignIn,
            text,
            ..
        } => Ok(Judgement::met_with(text)),
        Outcome::Denied {
            text,
            response: Some(response),
            ..
        } => {
            let error = response.get("error").unwrap_or_default();
            if CANNOT_ASK.contains(&error) {
                return Ok(Judgement::met_unusually(format!(
                    "nobody is asked: {text}; Okta is known to show its sign-in page"
                )));
            }
            Err(unknown(key, text))
        }
        Outcome::Denied { text, .. } => Err(unknown(key, text)),
        Outcome::Tokens { .. } => Err(unknown(key, "tokens that no redirect brought")),
    }
}

fn unknown(key: &AuthorizationKey, text: &str) -> NotSeen {
    NotSeen::inconclusive(format!("{} came to no sign-in page: {text}", key.words()))
}

fn mend(asked: &str) -> Fix {
    Fix::new(
        format!(
            "none in the org: Okta asks again for {asked}. Look for a proxy before the org that \
             drops parameters; with another identity provider behind a routing rule, let that one \
             ask again too"
        ),
        format!("GET {{authorization_endpoint}} with {asked}, in a browser with a session"),
    )
}
