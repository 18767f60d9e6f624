//! Whether a refusal of the API looks like one: by its status and its challenge.

use super::context::Context;
use super::controls::{Controls, answers_somebody};
use super::found::{Code, Found};
use super::refusals::{self, told};
use super::see;
use super::step::Step;
use super::trial::{Judgement, Trial};
use crate::exchange::ApiCall;
use crate::model::{Access, Endpoint, OrgModel};
use crate::observation::{ApiAnswer, Need, NotSeen};

/// The calls, and what they are compared with.
pub(super) fn with_controls<'c>(
    calls: impl IntoIterator<Item = &'c ApiCall>,
    controls: &Controls,
) -> Vec<Need> {
    let calls = calls.into_iter().map(Need::of_api);
    calls.chain(controls.needs()).collect()
}

/// RFC 6750 section 3: anyone who presents no token is answered with a challenge; RFC 9110 section
/// 15.5.2: by 401.
pub(super) fn challenge(model: &OrgModel, endpoint: &Endpoint) -> Trial {
    let call = ApiCall::with_nothing(endpoint.id());
    let name = "a_refusal_asks_for_a_bearer_token";
    let controls = Controls::of(answers_somebody(model, endpoint, model.main_flow()), []);
    let needs = with_controls([&call], &controls);
    Trial::new(Step::Access, name, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        if answer.gives() {
            return Err(NotSeen::inconclusive("there is no refusal: it is given"));
        }
        // What an API says with another status proves something only where it lets others in.
        if answer.status != 401 {
            controls.hold(context)?;
        }
        let asks = answer.status == 401 && refusals::asks_for_bearer(answer);
        Ok(Judgement::when(asks, || super::Finding {
            found: Code::ChallengeMissing.into(),
            expected: "401 with WWW-Authenticate: Bearer".to_owned(),
            actual: told(answer),
            fix: refusals::mend_challenge(answer),
        }))
    })
    .advised()
}

/// A client cannot tell a redirect or a failure of the API from a refusal: RFC 6750 section 3.1 has
/// a status for each.
pub(super) fn refuses_plainly(model: &OrgModel, endpoint: &Endpoint, calls: Vec<ApiCall>) -> Trial {
    let name = "a_401_or_403_says_what_is_refused";
    let controls = Controls::of(answers_somebody(model, endpoint, model.main_flow()), []);
    let needs = with_controls(&calls, &controls);
    let id = endpoint.id().to_owned();
    Trial::new(Step::Access, name, see::BEARER, needs, move |context| {
        let (mut odd, mut unseen) = (Vec::new(), None);
        for call in &calls {
            match context.seen.call(call) {
                Ok(answer) if answer.gives() || refusals::is_plain(answer) => {}
                Ok(answer) => odd.push((call, answer)),
                Err(reason) => unseen = unseen.or(Some(reason)),
            }
        }
        odd.extend(errors_with_success(context, &id).filter(|(call, _)| !calls.contains(call)));
        controls.hold(context)?;
        // What is odd is odd, whatever else could not be asked.
        if let Some(reason) = unseen.filter(|_| odd.is_empty()) {
            return Err(reason);
        }
        let told = |(call, answer): &(&ApiCall, &ApiAnswer)| {
            format!("{}: {}", call.case.sends, refusals::told(answer))
        };
        Ok(Judgement::when(odd.is_empty(), || super::Finding {
            found: Found::of(
                Code::RefusalUnclear,
                odd.iter().map(|(call, _)| call.case.id.clone()),
            ),
            expected: "401 for what is no good token, and 403 for a scope that is missing"
                .to_owned(),
            actual: odd.iter().map(told).collect::<Vec<_>>().join("; "),
            fix: refusals::mend_odd(odd.first().map(|(_, answer)| *answer)),
        }))
    })
    .advised()
}

/// What the endpoint refused by its body alone, whoever asked: a token without the scope is refused
/// as plainly as no token.
fn errors_with_success<'c>(
    context: &'c Context<'_>,
    id: &'c str,
) -> impl Iterator<Item = (&'c ApiCall, &'c ApiAnswer)> {
    let calls = context.seen.calls.iter();
    let calls = calls.filter(move |(call, _)| call.endpoint == id);
    let answered = calls.filter_map(|(call, answer)| Some((call, answer.as_ref().ok()?)));
    answered.filter(|(call, answer)| answer.is_error() && is_to_be_refused(context, call))
}

fn is_to_be_refused(context: &Context<'_>, call: &ApiCall) -> bool {
    let endpoint = context.model.endpoint(&call.endpoint);
    let (Some(endpoint), Some(key)) = (endpoint, call.rightful()) else {
        return true;
    };
    context.model.access(&key.request, endpoint) == Access::Refused
}
