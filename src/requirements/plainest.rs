//! The plainest request that is let in: where one is that presents nothing, all that presents more
//! is let in by the same mistake.

use super::context::Context;
use super::controls::readers;
use super::refusals::mend_breach;
use super::step_5_authorize::granted;
use super::trial::Fix;
use crate::exchange::{self, ApiCall, Holder};
use crate::model::{Access, Endpoint, OrgModel};
use crate::observation::AuthorizationKey;

/// A plainer request than another one, which is let in too.
pub(super) struct Plainest {
    /// What it presents, for the end of a sentence.
    pub(super) as_well: &'static str,
    /// What keeps both out.
    pub(super) fix: Fix,
}

/// The plainest request that is let in, if there is one that is plainer than this: a mistake by
/// which this one comes in, whatever else it tries.
pub(super) fn plainest(context: &Context<'_>, call: &ApiCall) -> Option<Plainest> {
    let endpoint = context.model.endpoint(&call.endpoint)?;
    let holder = |whose| holder(context.model, whose, endpoint);
    let path = endpoint.id();
    let outsider = || Some(ApiCall::with_token_of(&holder(Holder::Outsider)?, path));
    let tampered = || ApiCall::of(exchange::tampered(), path, holder(Holder::Reader).as_ref());
    let case = call.case;
    let plain = [
        (
            Some(ApiCall::with_nothing(path)),
            "as it does with no token at all",
        ),
        (
            case.lacks_the_scope().then(outsider).flatten(),
            "as it does for a token without the scope as it is",
        ),
        (
            case.is_forged().then(tampered).flatten(),
            "as it does for a token that was merely tampered with",
        ),
    ];
    plain.into_iter().find_map(|(plain, as_well)| {
        let plain = plain.filter(|plain| plain != call)?;
        let answer = context.seen.calls.get(&plain)?.as_ref().ok()?;
        let fix = || mend_breach(context, &plain, answer);
        answer.gives().then(|| Plainest {
            as_well,
            fix: fix(),
        })
    })
}

/// Whose token the case is made of: of one who may read the endpoint, or of one who may not, and
/// reads another where there is one.
pub(super) fn holder(
    model: &OrgModel,
    holder: Holder,
    endpoint: &Endpoint,
) -> Option<AuthorizationKey> {
    let flow = model.main_flow();
    match holder {
        Holder::Reader => readers(model, endpoint, flow).keys(model).next(),
        Holder::NearScope | Holder::ShortLived | Holder::OtherIssuer | Holder::OtherAudience => {
            let probe = holder.probe()?;
            let asked = model.probing(probe, endpoint)?;
            Some(AuthorizationKey::new(&asked.user, &asked.request, flow).probing(probe))
        }
        Holder::Outsider => {
            let reads = |key: &AuthorizationKey, other: &Endpoint| {
                model.access(&key.request, other) == Access::Reads
            };
            let outside = || granted(model, flow).filter(|key| !reads(key, endpoint));
            let elsewhere = outside().find(|key| {
                let mut endpoints = model.endpoints.iter();
                endpoints.any(|other| reads(key, other))
            });
            elsewhere.or_else(|| outside().next())
        }
    }
}
