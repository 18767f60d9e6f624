//! Step 5: what the users type on the way to their tokens.

use std::collections::BTreeSet;

use super::context::Context;
use super::found::{Code, Found};
use super::rests_on;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Flow, OrgModel, ScopeRequest, TestUser};
use crate::observation::{AuthorizationKey, Need, NotSeen, Outcome, Seen, authorization};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let flow = model.main_flow();
    let trial = |user: &TestUser| {
        let requests = model.requests(user, flow);
        let first = requests.first()?;
        Some(goes_to_the_org_alone(user, first, flow))
    };
    model.users.iter().filter_map(trial).collect()
}

/// What is typed into a page of the org may still be sent elsewhere by a script of the page, or by
/// a
/// form that is changed as it is submitted: that is seen by what the browser sent.
fn goes_to_the_org_alone(user: &TestUser, request: &ScopeRequest, flow: Flow) -> Trial {
    let key = authorization(user.name(), request, flow);
    let needs = [Need::Authorization(key.clone())];
    let name = "what_the_user_types_goes_to_the_org_alone";
    let judged = move |context: &Context<'_>| judge(context, &key);
    let mut trial = Trial::new(Step::Authorize, name, see::SIGN_IN_PAGE, needs, judged);
    // It holds or not whatever the authorize URL gives: it is no trial of that.
    trial.id = format!("step_5_sign_in::{name}");
    trial.about(Subject::user(user.name()))
}

fn judge(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Judgement> {
    let user = &key.user;
    let typed = context.seen.typed.get(user);
    let elsewhere = typed.and_then(|typed| typed.elsewhere.as_ref().ok());
    if let Some(origins) = elsewhere.filter(|origins| !origins.is_empty()) {
        let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
        let actual = format!(
            "the sign-in page sent what {user} typed to {}: the password of {user} is known there, \
             and must be changed",
            origins.join(" and ")
        );
        let expected =
            "the password goes to the trusted origins of the run, in no address, and nowhere else";
        let login = context.login(user);
        let fix = mend(context, user, login.as_ref().unwrap_or(user));
        return Ok(Judgement::not_met(
            Found::of(Code::PasswordSentElsewhere, origins.iter().copied()),
            expected,
            actual,
            fix,
        )
        .resting_on(rests_on::HOSTS, origins));
    }
    match typed {
        // Wherever the sign-in ended: what was typed went to the org.
        Some(typed) if typed.passwords > 0 => typed
            .elsewhere
            .clone()
            .map(|_| unless_unread(&typed.unread)),
        _ => Err(nothing_typed(context, key)?),
    }
}

/// What cannot be read may be anything, such as what counts the visitors of a page.
fn unless_unread(unread: &BTreeSet<String>) -> Judgement {
    if unread.is_empty() {
        return Judgement::met();
    }
    let unread: Vec<&str> = unread.iter().map(String::as_str).collect();
    Judgement::met_unusually(format!(
        "nothing that can be read; but once the password was typed, something went elsewhere, or \
         may have, that cannot be read: see whether you know {}",
        unread.join(" and ")
    ))
}

/// Why nothing was typed, which says nothing of where it would have gone.
fn nothing_typed(context: &Context<'_>, key: &AuthorizationKey) -> Seen<NotSeen> {
    let seen = context.seen.authorization(key)?;
    Ok(match &seen.outcome {
        Outcome::Denied { denial, text, .. } => key.no_tokens(*denial, text),
        Outcome::Tokens { .. } => NotSeen::inconclusive(format!("{} typed nothing", key.user)),
    })
}

fn mend(context: &Context<'_>, user: &str, login: &str) -> Fix {
    let (page, api) = if context.no_management_api() {
        ("the sign-in page", "none".to_owned())
    } else {
        let api =
            format!("POST /api/v1/users/{login} with credentials.password, and GET /api/v1/brands");
        ("Customizations > Brands > Pages > Sign-in page", api)
    };
    Fix::new(
        format!(
            "change the password of {user}; {page}: look for a script that is not yours. If the \
             host is yours, add it to OKTA_E2E_TRUSTED_ORIGINS"
        ),
        api,
    )
}
