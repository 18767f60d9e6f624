//! Step 5: what the users type on the way to their tokens.

use super::context::Context;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::model::{Flow, OrgModel, ScopeRequest, TestUser};
use crate::observation::{AuthorizationKey, Need, Seen, authorization};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let first = model.scope_requests().into_iter().next();
    let flow = model.main_flow();
    let trial = |request: ScopeRequest| {
        let users = model.users.iter();
        users.map(move |user| goes_to_the_org_alone(user, &request, flow))
    };
    first.into_iter().flat_map(trial).collect()
}

/// What is typed into a page of the org may still be sent elsewhere by a script of the page, or by a
/// form that is changed as it is submitted: that is seen by what the browser sent.
fn goes_to_the_org_alone(user: &TestUser, request: &ScopeRequest, flow: Flow) -> Trial {
    let key = authorization(user.name(), request, flow);
    let name = "what_the_user_types_goes_to_the_org_alone";
    let needs = [Need::Authorization(key.clone())];
    Trial::new(
        Step::Authorize,
        name,
        see::SIGN_IN_PAGE,
        needs,
        move |context| judge(context, &key),
    )
    .about(Subject::user(user.name()))
}

fn judge(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Judgement> {
    let user = &key.user;
    let sent = context.seen.sent_elsewhere(user);
    if let Ok(hosts) = &sent
        && !hosts.is_empty()
    {
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let actual = format!(
            "the sign-in page sent what {user} typed to {}, too: the password of {user} is known \
             there, and must be changed",
            hosts.join(" and ")
        );
        let expected = "the password goes to the trusted origins of the run, and nowhere else";
        return Ok(Judgement::not_met(
            expected,
            actual,
            mend(user, context.login(user).as_ref().unwrap_or(user)),
        ));
    }
    context.seen.authorization(key)?;
    sent.map(|_| Judgement::met())
}

fn mend(user: &str, login: &str) -> Fix {
    Fix::new(
        format!(
            "change the password of {user}; Customizations > Brands > Pages > Sign-in page: look \
             for a script that is not yours. If the host is yours, add it to \
             OKTA_E2E_TRUSTED_ORIGINS"
        ),
        format!("POST /api/v1/users/{login} with credentials.password, and GET /api/v1/brands"),
    )
}
