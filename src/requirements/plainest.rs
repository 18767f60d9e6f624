//! The plainest request that is let in: where one is that presents nothing, all that presents more
//! is let in by the same mistake.

use super::context::Context;
use super::controls::readers;
use super::kept::{Part, kept_by};
use super::refusals::{asked, mend_breach, mend_kept};
use super::step_5_authorize::granted;
use super::trial::Fix;
use crate::exchange::{self, ApiCall, Holder};
use crate::model::{Access, Endpoint, OrgModel};
use crate::observation::{ApiAnswer, AuthorizationKey, Seen};

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
    let outsider = || {
        let_in_without_scope(context, endpoint)
            .or_else(|| Some(ApiCall::with_token_of(&holder(Holder::Outsider)?, path)))
    };
    let tampered = || ApiCall::of(exchange::tampered(), path, holder(Holder::Reader).as_ref());
    let case = call.case;
    let lies = case.lie().is_some();
    let garbage = || ApiCall::of(exchange::garbage(), path, holder(Holder::Reader).as_ref());
    let is_kept = || {
        let answer = context.seen.calls.get(&tampered()?)?.as_ref().ok()?;
        answer.is_second.then_some(())
    };
    let is_like_tampered = case.is_forged() || (lies && is_kept().is_some());
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
            lies.then(garbage).flatten(),
            "as it does for a text that is no token",
        ),
        (
            is_like_tampered.then(tampered).flatten(),
            "as it does for a token that was merely tampered with",
        ),
    ];
    let found = plain.into_iter().find_map(|(plain, as_well)| {
        let plain = plain.filter(|plain| plain != call)?;
        let answer = context.seen.calls.get(&plain)?.as_ref().ok()?;
        let fix = || mend_breach(context, &plain, answer);
        answer.gives().then(|| Plainest {
            as_well,
            fix: fix(),
        })
    });
    found
        .or_else(|| by_another_version(context, call))
        .or_else(|| by_now(context, call))
        .or_else(|| by_its_size(context, call))
        .or_else(|| by_what_is_kept(context, call))
}

/// A genuine token that does not open the endpoint, and was let in as it is: of the tokens of the
/// run that may not, any shows it.
fn let_in_without_scope(context: &Context<'_>, endpoint: &Endpoint) -> Option<ApiCall> {
    let mut calls = context.seen.calls.iter();
    let is_let_in = |call: &ApiCall, answer: &Seen<ApiAnswer>| {
        let key = call.rightful().filter(|key| !key.is_probe());
        call.endpoint == endpoint.id()
            && key
                .is_some_and(|key| context.model.access(&key.request, endpoint) == Access::Refused)
            && answer.as_ref().is_ok_and(ApiAnswer::gives)
    };
    let (call, _) = calls.find(|(call, answer)| is_let_in(call, answer))?;
    Some(call.clone())
}

/// Whatever has the same header and payload as a token that was let in, where one that was tampered
/// with is refused.
fn by_what_is_kept(context: &Context<'_>, call: &ApiCall) -> Option<Plainest> {
    let part = kept_by(context).filter(|part| *part == Part::HeaderAndPayload)?;
    call.case.is_forged().then(|| Plainest {
        as_well: "as it does for what has the same header and payload, once that was let in",
        fix: mend_kept(&call.endpoint, part),
    })
}

/// What is large is let in, whatever it is: so is a long text that is no token, and a short one is
/// not.
fn by_its_size(context: &Context<'_>, call: &ApiCall) -> Option<Plainest> {
    let endpoint = context.model.endpoint(&call.endpoint)?;
    let reader = holder(context.model, Holder::Reader, endpoint);
    let of = |case| ApiCall::of(case, endpoint.id(), reader.as_ref());
    let (long, short) = (of(exchange::long_word())?, of(exchange::garbage())?);
    let is_let_in = context.seen.hostile(&long).ok()?.answer.as_ref()?.gives();
    let is_short_refused = !context.seen.calls.get(&short)?.as_ref().ok()?.gives();
    (call.case.is_large() && is_let_in && is_short_refused).then(|| Plainest {
        as_well: if *call == long {
            "and does not to a short text"
        } else {
            "as it does to a long text that is no token, and not to a short one"
        },
        fix: Fix::new(
            "what is large goes past the check: refuse what is too large for it (RFC 6585 section \
             5), for all that it asks and for every proxy between them, and let nothing in while \
             the check fails or cannot be asked",
            format!("{}, {}", asked(&call.endpoint), long.case.sends),
        ),
    })
}

/// What was refused at first, and was let in once others had been answered.
fn by_now(context: &Context<'_>, call: &ApiCall) -> Option<Plainest> {
    let nothing = (
        ApiCall::with_nothing(&call.endpoint),
        "as it does by then with no token at all",
    );
    // Whose token it was is no matter: a token may be made without the scope as well.
    let mut plainly = context.seen.plainly.keys();
    let without_scope = plainly
        .find(|plain| plain.endpoint == call.endpoint && plain.basis().is_some())
        .filter(|_| call.case.lacks_the_scope());
    let without_scope = without_scope.map(|plain| {
        let as_well = "as it does by then for a token without the scope as it is";
        (plain.clone(), as_well)
    });
    let plainer = [Some(nothing), without_scope].into_iter().flatten();
    let is_in = |plain: &ApiCall| {
        let answer = context.seen.plainly.get(plain);
        answer.is_some_and(|answer| answer.is_second && answer.gives())
    };
    let (plain, as_well) = plainer.into_iter().find(|(plain, _)| is_in(plain))?;
    Some(Plainest {
        as_well,
        fix: Fix::new(
            "the same is refused at first and let in later, by no change of what is sent: let \
             nothing open an endpoint that has to do with other requests, such as a count, a retry \
             or a decision that is kept for an address",
            format!(
                "{}, {}, several times",
                asked(&call.endpoint),
                plain.case.sends
            ),
        ),
    })
}

/// What asks by HTTP/1.1, where nobody needs a token who does: by a newer version, which the access
/// matrix may have been asked by, the same is refused.
fn by_another_version(context: &Context<'_>, call: &ApiCall) -> Option<Plainest> {
    let nothing = ApiCall::with_nothing(&call.endpoint);
    let plainly = context.seen.plainly.get(&nothing)?;
    let is_of_version = plainly.gives() && !plainly.is_second;
    (call.case.is_hostile() && is_of_version).then(|| Plainest {
        as_well: "as it does by HTTP/1.1 with no token at all",
        fix: Fix::new(
            "the API or gateway asks for no token of who speaks HTTP/1.1: put what serves it \
             behind the same check of tokens as what serves the newer version",
            format!("{}, by HTTP/1.1 and without a token", asked(&call.endpoint)),
        ),
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::Facts;
    use crate::observation::Observations;
    use crate::requirements::Remembered;

    const MODEL: &str = include_str!("../../fixtures/org.toml");

    /// What an outsider's token opens by then is no fault of a token that is made without the scope.
    #[rstest]
    #[case::without_the_scope("scope_inside", true)]
    #[case::of_an_outsider("outsider_head", true)]
    #[case::about_something_else("issuer_other", false)]
    fn what_has_opened_explains_what_lacks_the_scope(#[case] id: &str, #[case] is: bool) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let endpoint = model.endpoint("/moons").expect("the endpoint");
        let outsider = holder(&model, Holder::Outsider, endpoint).expect("an outsider");
        let given = ApiAnswer {
            is_second: true,
            ..ApiAnswer::of_status(200)
        };
        let plain = ApiCall::with_token_of(&outsider, "/moons");
        let seen = Observations {
            plainly: [(plain, given)].into(),
            ..Observations::default()
        };
        let context = Context {
            model: &model,
            facts: &Facts::of_model(&model),
            seen: &seen,
            remembered: &Remembered::default(),
        };
        let case = exchange::hostile().find(|case| case.id == id);
        let case = case.expect("the case");
        let key = holder(&model, case.holder, endpoint);
        let call = ApiCall::of(case, "/moons", key.as_ref()).expect("a call");
        assert_eq!(plainest(&context, &call).is_some(), is);
    }
}
