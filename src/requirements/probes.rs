//! Hostile requests with tokens that the org was made to sign: they show what a forged token shows
//! where the key of the issuer is the suite's own.

use super::context::Context;
use super::controls::{Control, Controls, readers};
use super::hostile::MODULE;
use super::plainest::{self, holder};
use crate::exchange::{self, ApiCall, Case, Holder};
use crate::model::{Access, Endpoint, OrgModel, Probe, ScopeRequest};
use crate::observation::missing::MAKE_PROBES;
use crate::observation::{AuthorizationKey, Denial, NotSeen, Outcome, Seen};
use crate::openid::Jwt;

/// What a refusal is compared with: tokens that must be good here. Of a probe, the good token of
/// the very user whose probe is refused; and the probe itself, while it has not expired.
pub(super) fn controls(model: &OrgModel, case: &Case, endpoint: &Endpoint) -> Option<Controls> {
    let Some(probe) = case.holder.probe() else {
        let readers = readers(model, endpoint, model.main_flow());
        return Some(Controls::of(Control::Anybodys(readers), []));
    };
    let own = |holder: Holder| {
        let key = plainest::holder(model, holder, endpoint)?;
        Some(Control::Own(ApiCall::with_token_of(&key, endpoint.id())))
    };
    let itself = match probe {
        Probe::NearScope | Probe::OtherIssuer | Probe::OtherAudience => None,
        Probe::ShortLived => own(case.holder),
    };
    Some(Controls::of(own(Holder::Reader)?, itself))
}

/// Why a case was not sent. What a token that an org signs could show as well is not configured;
/// the rest, no target can have whose key is somebody else's.
pub(super) fn not_sent(model: &OrgModel, call: &ApiCall, why: NotSeen) -> NotSeen {
    let case = call.case;
    if case.holder.is_probe() {
        return without_probe(why);
    }
    let takes_key = why.reason.contains("OKTA_E2E_TRUSTED_KEY");
    let Some(what) = case.probe.as_ref().filter(|_| takes_key) else {
        return why;
    };
    match probe_of(model, what) {
        None => NotSeen::not_configured(why.reason),
        Some(probe) => NotSeen::not_applicable(format!(
            "{MODULE}::{} shows it, as far as a token that the org signs can",
            probe.id
        )),
    }
}

/// The probe of the model that shows the same by a token of the org's own.
fn probe_of(model: &OrgModel, what: &str) -> Option<&'static Case> {
    let endpoints = model.of_each_need();
    exchange::hostile().find(|case| {
        let mut endpoints = endpoints.iter();
        let is_the_same = case.holder.is_probe() && case.probe.as_deref() == Some(what);
        is_the_same && endpoints.any(|endpoint| holder(model, case.holder, endpoint).is_some())
    })
}

/// An org that knows no such scope, or gives it to nobody, was not made to sign the token.
fn without_probe(why: NotSeen) -> NotSeen {
    let symptom = why.symptom.as_deref();
    let is_missing = symptom.is_some_and(|symptom| {
        symptom.is_denial(&[Denial::UnknownScope, Denial::Policy, Denial::Unknown])
    });
    if is_missing {
        return NotSeen::not_configured(format!("{}: {MAKE_PROBES}", why.reason));
    }
    why
}

/// Whether what the org signed for a probe is one: what is refused proves nothing if it is no good
/// anyway, and what is let in neither if it is good for the endpoint.
///
/// # Errors
/// [`NotSeen`] where it is none.
pub(super) fn is_one(context: &Context<'_>, call: &ApiCall) -> Seen<()> {
    let basis = call.basis().filter(|_| call.case.holder.is_probe());
    let Some((basis, probe)) = basis.and_then(|basis| Some((basis, basis.probe()?))) else {
        return Ok(());
    };
    let Outcome::Tokens { tokens, .. } = &context.seen.authorization(basis)?.outcome else {
        return Err(NotSeen::inconclusive("the org signed no token for it"));
    };
    let token = tokens.access_token.as_ref().map_err(|error| {
        let why =
            format!("the token cannot be read ({error}), so what it is good for is not known");
        NotSeen::not_applicable(why)
    })?;
    let other = other_scopes(context, call, basis, token);
    match other.or_else(|| other_server(context, probe, token)) {
        None => Ok(()),
        Some(other) => Err(NotSeen::inconclusive(format!(
            "the token that the org signed for it {other}, so it shows nothing"
        ))),
    }
}

/// What a token holds in place of the scopes that were asked for: a near scope opens nothing, and
/// the token of any other probe is good for the endpoint but for what is wrong with it.
fn other_scopes(
    context: &Context<'_>,
    call: &ApiCall,
    basis: &AuthorizationKey,
    token: &Jwt,
) -> Option<String> {
    let held = token.scopes(&["scp", "scope"]).unwrap_or_default();
    let endpoint = context.model.endpoint(&call.endpoint)?;
    let request = ScopeRequest::of(held.iter().copied());
    let is_good = context.model.access(&request, endpoint) == Access::Reads;
    let is_to_be_good = call.case.holder != Holder::NearScope;
    let lacks = |scope: &String| !held.contains(&scope.as_str());
    let is_other = is_good != is_to_be_good || basis.request.scopes.iter().any(lacks);
    is_other.then(|| format!("holds {held:?} and not {:?}", basis.request.scopes))
}

/// What a token of another server has in place of what it is to have.
fn other_server(context: &Context<'_>, probe: Probe, token: &Jwt) -> Option<String> {
    probe.server()?;
    let audience = context.model.audience_of(probe);
    let in_list = || {
        token
            .list("aud")
            .is_some_and(|list| list.contains(&audience.as_str()))
    };
    let is_for = token.text("aud") == Some(&audience) || in_list();
    if token.text("iss") == Some(&context.facts.issuer) {
        return Some("names the issuer of the API".to_owned());
    }
    (!is_for).then(|| format!("is not for the audience `{audience}`"))
}
