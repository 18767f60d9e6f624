//! Where the run's client id is of another app than the model's, nothing is to be changed at that
//! app: it may be one that others use.

use std::sync::Arc;

use super::context::Context;
use super::trial::{Fix, Judgement, Trial, Verdict};
use crate::model::AccessPolicy;
use crate::observation::Need;

/// What to do where no active policy is for the run's client and one is for another client, which is
/// called as the model's is.
pub(super) fn mend_client_id(context: &Context<'_>) -> Option<Fix> {
    let (id, label) = context.client_called_as_wanted()?;
    Some(Fix::new(
        format!("none in the org: set OKTA_OAUTH2_CLIENT_ID to {id}"),
        format!("GET /api/v1/apps/{id} shows `{label}`"),
    ))
}

/// Trials about the run's client, whose findings change nothing at an app that is not meant.
pub(super) fn unless_another_is_meant(trials: Vec<Trial>) -> impl Iterator<Item = Trial> {
    trials.into_iter().map(|trial| {
        if !trial.needs.contains(&Need::Client) {
            return trial;
        }
        let judge = Arc::clone(&trial.judge);
        let judge = move |context: &Context<'_>| judge(context).map(|own| mended(context, own));
        Trial {
            judge: Arc::new(judge),
            ..trial
        }
    })
}

fn mended(context: &Context<'_>, mut judgement: Judgement) -> Judgement {
    if let Verdict::NotMet(finding) = &mut judgement.verdict
        && is_named_by_no_policy(context)
        && let Some(fix) = mend_client_id(context)
    {
        finding.fix = fix;
    }
    judgement
}

/// Whether the run's client is there and active, and no active policy is for it: one that has a
/// policy of its own may have another label than the model's.
fn is_named_by_no_policy(context: &Context<'_>) -> bool {
    let own = context.own_client();
    let is_active = own.is_some_and(|own| own.status.is_active());
    let policies = context.seen.org.access_policies();
    let is_for_it = |own: &AccessPolicy| own.clients.contains(&context.facts.client_id);
    is_active && policies.is_ok_and(|policies| !policies.iter().any(is_for_it))
}
