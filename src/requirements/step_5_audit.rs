//! Step 5: the org does what Okta's rules make of the audited set-up.

use super::context::Context;
use super::effective_access::Computed;
use super::found::{Code, Found};
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::Side;
use crate::escape;
use crate::management::found::FoundRule;
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
            let compared = keys.iter().map(|key| compare(context, key));
            judge(compared.collect())
        },
    )
    .about(Subject::user(user.name()))
    .advised()
}

/// So much of each answer is quoted.
const MOST_OF_TEXT: usize = 120;

/// What a request came to, beside what was computed.
enum Comparison {
    /// One reading of Okta's rules agrees with what was seen.
    Agrees,
    /// None does.
    Differs(String, String),
    /// Something before assignment and policies ended it.
    Untold(NotSeen),
}

/// A difference counts, whatever else could not be looked at; agreement only where something was
/// compared.
fn judge(compared: Vec<Seen<Comparison>>) -> Seen<Judgement> {
    let (mut different, mut unseen, mut untold, mut agree) = (Vec::new(), None, None, false);
    for comparison in compared {
        match comparison {
            Ok(Comparison::Agrees) => agree = true,
            Ok(Comparison::Differs(request, told)) => different.push((request, told)),
            Ok(Comparison::Untold(reason)) => untold = untold.or(Some(reason)),
            Err(reason) => unseen = unseen.or(Some(reason)),
        }
    }
    let nothing = unseen.or(untold.filter(|_| !agree));
    match nothing {
        Some(reason) if different.is_empty() => Err(reason),
        _ => Ok(Judgement::when(different.is_empty(), || Finding {
            found: Found::of(
                Code::OrgUnlikeAudit,
                different.iter().map(|(request, _)| request.clone()),
            ),
            expected: "what the audited assignments, policies and rules give".to_owned(),
            actual: different
                .iter()
                .map(|(_, told)| told.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            fix: Fix::new(
                "was the org changed during the run? Else look at what is not audited: \
                 authentication policies, network zones, token inline hooks",
                "GET /api/v1/logs",
            ),
        })),
    }
}

fn compare(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Comparison> {
    // It says whether anybody needs an assignment at all.
    context.seen.org.client.as_ref().map_err(Clone::clone)?;
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
            // Several requests are told in one sentence.
            escape::beginning(text, MOST_OF_TEXT),
        ),
        Outcome::Denied { denial, text, .. } => {
            return Ok(Comparison::Untold(key.no_tokens(*denial, text)));
        }
    };
    if computed.iter().any(agrees) {
        return Ok(Comparison::Agrees);
    }
    let user = context.user(&key.user)?;
    let own = context.person(&key.user).groups;
    for group in user.group_names() {
        context.has_group(group)?;
        // What is granted to nobody but members says who is one.
        let is_shown = own.contains(group);
        let hidden = || context.hidden_membership(group, &key.user);
        let hidden = (!is_shown).then(hidden).flatten();
        hidden.map_or(Ok(()), Err)?;
    }
    let [wanted, _] = &computed;
    // Whom a rule names and the org does not show can only have been given more, and whom it
    // excludes only less, than was computed without them.
    let side = match wanted {
        Computed::Granted { .. } => Some(Side::Excluded),
        Computed::Denied => Some(Side::Included),
        Computed::NotAssigned => None,
    };
    let is_asked = |rule: &FoundRule| {
        let mut grants = rule.conditions.grant_types.include.iter();
        grants.any(|grant| grant == key.flow.grant_type())
    };
    if let Some(unseen) = side.and_then(|side| context.unseen_in_rules(side, is_asked)) {
        return Err(unseen);
    }
    let told = format!("{}: {}, but {seen}", key.words(), wanted.words());
    Ok(Comparison::Differs(key.words(), told))
}
