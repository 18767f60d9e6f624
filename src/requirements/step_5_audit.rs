//! Step 5: the org does what Okta's rules make of the audited set-up.

use super::context::Context;
use super::effective_access::Computed;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{OpenIdConnectScopes, OrgModel, TestUser};
use crate::observation::{AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, authorization};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let users = model.users.iter();
    users.map(|user| is_as_computed(model, user)).collect()
}

/// What Okta's rules make of the found org is what the org does: where not, the audit looks at
/// another org than the browser, or something that is not audited decides too.
fn is_as_computed(model: &OrgModel, user: &TestUser) -> Trial {
    let mut keys: Vec<AuthorizationKey> = Vec::new();
    for flow in model.flows() {
        let requests = model.requests(user, flow);
        let requests = requests.iter();
        keys.extend(requests.map(|request| authorization(user.name(), request, flow)));
    }
    let needs: Vec<Need> = [Need::Policies, Need::Users, Need::Client]
        .into_iter()
        .chain(keys.iter().cloned().map(Need::Authorization))
        .collect();
    let name = "the_org_does_what_the_audit_computes";
    Trial::new(
        Step::Authorize,
        name,
        see::ACCESS_POLICY,
        needs,
        move |context| {
            let mut different = Vec::new();
            for key in &keys {
                different.extend(disagreement(context, key)?);
            }
            Ok(Judgement::when(different.is_empty(), || Finding {
                expected: "what the audited assignments, policies and rules give".to_owned(),
                actual: different.join("; "),
                fix: Fix::new(
                    "was the org changed during the run? Else look at what is not audited: \
                 authentication policies, network zones, token inline hooks",
                    "GET /api/v1/logs",
                ),
            }))
        },
    )
    .about(Subject::user(user.name()))
    .advised()
}

/// What was seen of a request, where no reading of Okta's rules agrees with it.
fn disagreement(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Option<String>> {
    let readings = [
        OpenIdConnectScopes::MustBeInRule,
        OpenIdConnectScopes::AlwaysCovered,
    ];
    let [first, second] = readings.map(|openid| context.computed(key, openid));
    let computed = [first?, second?];
    let seen = context.seen.authorization(key)?;
    let (agrees, seen): (fn(&Computed) -> bool, String) = match &seen.outcome {
        Outcome::Tokens { .. } => (
            |computed| matches!(computed, Computed::Granted { .. }),
            "tokens".to_owned(),
        ),
        Outcome::Denied {
            denial: Denial::Policy | Denial::NotAssigned,
            text,
            ..
        } => (
            |computed| !matches!(computed, Computed::Granted { .. }),
            text.clone(),
        ),
        // Something before assignment and policies ended it.
        Outcome::Denied { .. } => return Ok(None),
    };
    if computed.iter().any(agrees) {
        return Ok(None);
    }
    let user = context.user(&key.user)?;
    for group in user.group_names() {
        context.has_group(group)?;
    }
    let unseen = &context.seen.org.gone_groups;
    if !unseen.is_empty() {
        return Err(NotSeen::inconclusive(format!(
            "rules name groups that the org does not show: {unseen:?}"
        )));
    }
    let [wanted, _] = &computed;
    Ok(Some(format!(
        "{}: {}, but {seen}",
        key.words(),
        wanted.words()
    )))
}
