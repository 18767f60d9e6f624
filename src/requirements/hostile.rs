//! The API attacked as its attackers would: what is sent are rows of `fixtures/hostile-requests/`.

use super::breach;
use super::context::Context;
use super::controls::{Controls, negative};
use super::found::{Code, Found};
use super::next_step::{self, Outcome};
use super::plainest::{holder, plainest};
use super::probes;
use super::refusals::{self, is_no_chance};
use super::step::Step;
use super::subject::Subject;
use super::trial::{Fix, Judgement, LEEWAY, Trial};
use crate::config::Profile;
use crate::escape;
use crate::exchange::{self, ApiCall, Case, KeyClass};
use crate::model::{Endpoint, Method, Needs, OrgModel};
use crate::observation::{
    Afterwards, ApiAnswer, HostileAnswer, Need, NotSeen, OpenAnyway, Reaction, Seen, Trouble,
};
use crate::severity::Severity;

/// What the names of the trials begin with.
pub(super) const MODULE: &str = "hostile";

/// The trials of a profile, in the order in which they are sent.
pub(super) fn trials(model: &OrgModel, profile: Profile) -> Vec<Trial> {
    if profile == Profile::Document {
        return Vec::new();
    }
    let cases = exchange::hostile().filter(|case| case.profile <= profile);
    let whole = model.of_each_need();
    let everywhere: Vec<&Endpoint> = model.attacked().collect();
    let trials = cases.flat_map(|case| {
        let endpoints = if case.core { &everywhere } else { &whole };
        let endpoints = endpoints.iter();
        endpoints.filter_map(move |endpoint| trial(model, case, endpoint))
    });
    trials.collect()
}

/// Whether a case says something of an endpoint.
///
/// One with another method is about what is read: at the path of what is asked by that method it is
/// another request of the model's, which may change something or be open to the very token.
fn applies(model: &OrgModel, case: &Case, endpoint: &Endpoint) -> bool {
    let is_of_the_model = |method: &str| {
        let mut endpoints = model.endpoints.iter();
        endpoints.any(|other| {
            other.path_alone() == endpoint.path_alone() && other.method.name() == method
        })
    };
    // A head is written for `GET`.
    if case.request.head.is_some() && endpoint.method != Method::Get {
        return false;
    }
    let other_method = case.request.method.as_deref();
    let has_meaning = other_method
        .is_none_or(|method| endpoint.method == Method::Get && !is_of_the_model(method));
    // By another method than `GET`, what is at the other's path may change something.
    let has_other = !case.needs_another_endpoint()
        || (endpoint.method == Method::Get && model.others(endpoint).next().is_some());
    let needs_scopes = *endpoint.needs() != Needs::SignedIn;
    has_meaning && has_other && (needs_scopes || !case.is_about_scopes())
}

fn trial(model: &OrgModel, case: &'static Case, endpoint: &Endpoint) -> Option<Trial> {
    if !applies(model, case, endpoint) {
        return None;
    }
    let key = holder(model, case.holder, endpoint);
    let call = ApiCall::of(case, endpoint.id(), key.as_ref())?;
    let controls = probes::controls(model, case, endpoint)?;
    let needs: Vec<Need> = std::iter::once(Need::of_api(&call))
        .chain(controls.needs())
        .collect();
    let is_told = endpoint.is_told();
    let judge = move |context: &Context<'_>| judge(context, &call, is_told, &controls);
    let trial = Trial::new(Step::Access, "", &case.norm, needs, judge)
        .named(MODULE, &case.id)
        .weighing(case.severity);
    Some(trial.about(Subject::hostile(endpoint.id(), &case.id)))
}

fn judge(
    context: &Context<'_>,
    call: &ApiCall,
    is_told: bool,
    controls: &Controls,
) -> Seen<Judgement> {
    let seen = context
        .seen
        .hostile(call)
        .map_err(|why| probes::not_sent(context.model, call, why))?;
    probes::is_one(context, call)?;
    let breach = breach(context, call, seen, is_told);
    if breach.is_none() {
        if call.case.is_many() && seen.is_busy() {
            return Err(NotSeen::not_applicable(
                "the API, or a limit before it, answers 503 to several requests at once",
            ));
        }
        let failed_then = matches!(
            seen.afterwards,
            Afterwards::Recovered(Trouble::Failing(_) | Trouble::Busy(_))
        );
        let fails = seen.answer.as_ref().is_some_and(ApiAnswer::fails) || failed_then;
        is_no_chance(context, fails)?;
    }
    let wrong = || {
        let wrong = did_as_told(call, seen)
            .or_else(|| died(call, seen))
            .or_else(|| blocked(seen))
            .or_else(|| hung(call, seen))
            .or_else(|| failed(seen))
            .or_else(|| wrong_status(call, seen));
        Some(wrong?.judgement(context, call, seen))
    };
    let judgement = breach.or_else(wrong);
    let judgement = match judgement {
        Some(judgement) => Ok(judgement),
        None => negative(context, holds(call, seen, is_told)?, controls),
    }?;
    Ok(match seen.leeway_seconds {
        Some(seconds) => judgement.seeing(LEEWAY, seconds),
        None => judgement,
    })
}

/// The data of the endpoint came. Where it comes without what is hostile as well, the mistake is
/// that one, and so is what mends it.
fn breach(
    context: &Context<'_>,
    call: &ApiCall,
    seen: &HostileAnswer,
    is_told: bool,
) -> Option<Judgement> {
    let forbidden = || {
        let fix = next_step::fix(context, call, Outcome::Forbidden);
        let it = |code| not_met(code, call, seen, "it is there", fix);
        seen.has_forbidden.then(|| it(Code::HostileAnswer))
    };
    let Some(code) = given(call, seen, is_told) else {
        return forbidden();
    };
    if let Some(anyway) = &seen.open_anyway {
        return Some(given_anyway(context, call, seen, anyway));
    }
    let what = if code == Code::HostileLetIn {
        "the endpoint's data came"
    } else {
        "the endpoint is open"
    };
    let found = breach::of_call(code, context.model, call);
    let answer = seen.answer.as_ref();
    let unsteady = answer.and_then(|answer| refusals::mend_unsteady(&call.endpoint, answer));
    let judgement = match (unsteady, plainest(context, call)) {
        (Some(fix), _) => {
            let what = format!("{what}, and not when the same was sent again");
            not_met(found, call, seen, &what, fix)
        }
        (None, Some(plainest)) => {
            let what = format!("{what}, {}", plainest.as_well);
            not_met(found, call, seen, &what, plainest.fix)
        }
        (None, None) => {
            let refusal = answer.filter(|answer| answer.status >= 300);
            let fix = refusal.map_or_else(
                || next_step::fix(context, call, Outcome::LetIn),
                |refusal| refusals::mend_breach(context, call, refusal),
            );
            not_met(found, call, seen, what, fix)
        }
    };
    // What a row is about weighs less than the data that it brought.
    let is_about_less = call.case.forbids.is_some();
    Some(if is_about_less {
        judgement.weighing(Severity::Required)
    } else {
        judgement
    })
}

/// The data came, and comes to anybody there: no request was needed to find that out. What is
/// published for people or programs to read may be an example.
fn given_anyway(
    context: &Context<'_>,
    call: &ApiCall,
    seen: &HostileAnswer,
    anyway: &OpenAnyway,
) -> Judgement {
    let at = anyway.at;
    let found = breach::of_call(Code::HostileLetIn, context.model, call);
    let what = format!("the endpoint's data came, as it does to anybody at {at}");
    let judgement = not_met(found, call, seen, &what, next_step::mend_open_anyway(at));
    if anyway.is_documentation {
        judgement.weighing(Severity::Advised)
    } else {
        judgement
    }
}

/// What was given to who must not be given it, if anything was.
fn given(call: &ApiCall, seen: &HostileAnswer, is_told: bool) -> Option<Code> {
    let case = call.case;
    // A good token is given the data by right, whatever else must not come with it.
    if case.forbids.is_some() && case.credential.is_some() {
        return None;
    }
    let answer = seen.answer.as_ref()?;
    let is_success = answer.is_success() && !(is_told && tells_nothing(call, seen, answer));
    let is_data = answer.has_data() || (seen.is_as_good && is_success);
    if is_data && !seen.is_of_another {
        return Some(Code::HostileLetIn);
    }
    let is_open = is_success && !case.request.may_be_elsewhere();
    is_open.then_some(Code::HostileOpen)
}

/// Where the data is known: an answer to `HEAD` that says neither how long the data is nor in which
/// state, which is less than the header fields of the data would say (RFC 9110 section 9.3.2), or
/// a page without any of it, to one who asks for a page (RFC 9110 section 12.5.1).
fn tells_nothing(call: &ApiCall, seen: &HostileAnswer, answer: &ApiAnswer) -> bool {
    let request = &call.case.request;
    let is_head = request.method.as_deref() == Some("HEAD");
    let is_silent = is_head && (is_of_no_content(answer) || !seen.describes_data);
    is_silent || (answer.is_page && request.asks_for_a_page() && !answer.has_data())
}

/// Some servers answer so to `HEAD` before they look at anything.
const fn is_of_no_content(answer: &ApiAnswer) -> bool {
    answer.status == 204
}

/// What is wrong though the data stayed where it was.
struct Wrong {
    code: Code,
    what: String,
    /// None: as much as the case itself.
    weight: Option<Severity>,
    outcome: Outcome,
}

impl Wrong {
    fn advised(code: Code, what: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            code,
            what: what.into(),
            weight: Some(Severity::Advised),
            outcome,
        }
    }

    fn judgement(self, context: &Context<'_>, call: &ApiCall, seen: &HostileAnswer) -> Judgement {
        let fix = next_step::fix(context, call, self.outcome);
        let judgement = not_met(self.code, call, seen, &self.what, fix);
        match self.weight {
            Some(weight) => judgement.weighing(weight),
            None => judgement,
        }
    }
}

/// The API did what the token says: it fetched from where it names, or ran what it holds.
fn did_as_told(call: &ApiCall, seen: &HostileAnswer) -> Option<Wrong> {
    let as_it_says = |code, what| Wrong {
        code,
        what,
        weight: None,
        outcome: Outcome::LetIn,
    };
    if let Some(line) = seen.fetched.as_ref().filter(|_| call.case.needs_listener()) {
        let line = escape::beginning(line, escape::MOST_IN_TERMINAL);
        let what = format!("the API fetched from the address in the token (`{line}`)");
        return Some(as_it_says(Code::HostileFetched, what));
    }
    let seconds = call
        .case
        .sleeps
        .filter(|seconds| seen.slower_by.as_secs() >= *seconds)?;
    let what = format!("it took {seconds} s longer than a good token does: the command was run");
    Some(as_it_says(Code::HostileRan, what))
}

/// It took the API from everybody, for a while or for good.
fn died(call: &ApiCall, seen: &HostileAnswer) -> Option<Wrong> {
    let why = seen.took_the_api_away()?;
    let stays = matches!(seen.afterwards, Afterwards::Stayed(_));
    let after = if stays { "stayed away" } else { "came back" };
    // Anyone who can send it can take the API from all others, whatever else it gains them.
    let weight = match call.case.key_class {
        KeyClass::K0 | KeyClass::K1 => Severity::Required,
        KeyClass::K2 => Severity::Advised,
    };
    Some(Wrong {
        code: Code::HostileTookTheApi,
        what: format!("a good token was given nothing right after it ({why}); the API {after}"),
        weight: Some(weight),
        outcome: Outcome::Trouble,
    })
}

/// Good tokens are refused ever since: a firewall has taken notice.
fn blocked(seen: &HostileAnswer) -> Option<Wrong> {
    let status = match seen.afterwards {
        Afterwards::OfAnother(status) if status != 401 => {
            let what = format!(
                "the good token that was let in before is answered {status} since, and another \
                 user's is let in"
            );
            return Some(Wrong::advised(Code::HostileBlocked, what, Outcome::Locked));
        }
        Afterwards::Stayed(Trouble::Refused(status)) => status,
        Afterwards::Good
        | Afterwards::Recovered(_)
        | Afterwards::Stayed(_)
        | Afterwards::OfAnother(_) => return None,
    };
    let what = format!(
        "the API, or what stands before it, has blocked this address since, or the token has ended: \
         every good token is answered {status}"
    );
    Some(Wrong::advised(Code::HostileBlocked, what, Outcome::Blocked))
}

fn hung(call: &ApiCall, seen: &HostileAnswer) -> Option<Wrong> {
    let Reaction::Silent(seconds) = seen.reaction else {
        return None;
    };
    if call.case.may_be_waited_for {
        return None;
    }
    let good = match seen.was_late_afterwards() {
        Some(why) => format!("and to a good token right after it a late one ({why})"),
        None => "while a good token is answered".to_owned(),
    };
    let what = format!("no answer within {seconds} s, {good}");
    Some(Wrong::advised(
        Code::HostileUnanswered,
        what,
        Outcome::Trouble,
    ))
}

fn failed(seen: &HostileAnswer) -> Option<Wrong> {
    let answer = seen.answer.as_ref()?;
    answer
        .fails()
        .then(|| Wrong::advised(Code::HostileFails, "it fails", Outcome::Trouble))
}

/// It succeeds, with something else than the endpoint's data; or says more than it should.
fn wrong_status(call: &ApiCall, seen: &HostileAnswer) -> Option<Wrong> {
    let answer = seen.answer.as_ref()?;
    let here = !call.case.request.may_be_elsewhere() && call.case.forbids.is_none();
    let is_silent = answer.is_success() && !is_of_no_content(answer);
    if here && (answer.is_error() || (is_silent && tells_nothing(call, seen, answer))) {
        return Some(Wrong::advised(
            Code::HostileSucceeds,
            "it succeeds, without the endpoint's data",
            Outcome::LetIn,
        ));
    }
    let shows = || {
        let what = "the refusal shows the token";
        Wrong::advised(Code::HostileShowsToken, what, Outcome::SaysTooMuch)
    };
    seen.echoes_token.then(shows).or_else(|| {
        let inside = seen.shows_inside.as_ref()?;
        let inside = escape::beginning(inside, escape::MOST_IN_TERMINAL);
        let what = format!("the refusal shows {inside}");
        let outcome = Outcome::ShowsInside;
        Some(Wrong::advised(Code::HostileShowsInside, what, outcome))
    })
}

/// Nothing came of it; what was seen is a note where it is not what is expected.
fn holds(call: &ApiCall, seen: &HostileAnswer, is_told: bool) -> Seen<Judgement> {
    let Some(answer) = &seen.answer else {
        let waits = matches!(seen.reaction, Reaction::Silent(_));
        return Ok(Judgement::met_with(if waits {
            "the API waits for more of the request"
        } else {
            "the API ends the connection"
        }));
    };
    if let Some(why) = is_none(answer.status) {
        return Err(NotSeen::failed(format!(
            "it answers {}: {why}",
            told(answer)
        )));
    }
    if seen.is_of_another {
        return Err(NotSeen::not_applicable(format!(
            "it answers {}, and another endpoint that it names answers the same by right",
            told(answer)
        )));
    }
    if answer.is_success() {
        may_be_told(call, answer, is_told)?;
    }
    let leeway = seen
        .leeway_seconds
        .map(|seconds| format!("; a token is let in for {seconds} s past its expiry, as measured"));
    let late = seen
        .was_late_afterwards()
        .map(|why| format!("; a good token right after it was answered late ({why})"));
    let note = told(answer) + &leeway.unwrap_or_default() + &late.unwrap_or_default();
    Ok(Judgement::met_with(note).seeing("status", answer.status))
}

/// A success elsewhere refuses nothing, and may have to do with nothing of the endpoint's.
///
/// # Errors
/// [`NotSeen`] where it may be a part of the data, or nobody could know that.
fn may_be_told(call: &ApiCall, answer: &ApiAnswer, is_told: bool) -> Seen<()> {
    let request = &call.case.request;
    let body = answer.body.as_deref();
    let is_options = request.method.as_deref() == Some("OPTIONS");
    let is_silent = call.case.forbids.is_some() || (is_options && body.is_none());
    if is_silent || !request.may_be_elsewhere() {
        return Ok(());
    }
    if !is_told {
        return Err(NotSeen::not_applicable(format!(
            "it answers {}: whether that is the endpoint's data is not known; set `answers` in \
             the model",
            told(answer)
        )));
    }
    let is_json = body.is_some_and(|body| body.starts_with(['[', '{']));
    let may_be_the_endpoints =
        request.names_another_host() || request.leads_away() || (is_options && is_json);
    if may_be_the_endpoints {
        return Err(NotSeen::not_applicable(format!(
            "it answers {}, which refuses nothing, and has nothing that is known as the \
             endpoint's data: {}",
            told(answer),
            refusals::body(answer)
        )));
    }
    Ok(())
}

/// Why an answer with this status neither gives nor refuses, if so.
const fn is_none(status: u16) -> Option<&'static str> {
    match status {
        429 => Some("the API's rate limit is exhausted: run again later"),
        // What came through a connection that was switched (101) was looked at.
        100 | 102..=199 => Some("that is no answer yet"),
        // RFC 9110 section 15.4.5.
        304 => Some("it says that the data are as they were, and so does not refuse them"),
        408 | 425 => Some("it does not look at the request"),
        _ => None,
    }
}

fn not_met(
    found: impl Into<Found>,
    call: &ApiCall,
    seen: &HostileAnswer,
    what: &str,
    fix: Fix,
) -> Judgement {
    let case = call.case;
    let found: Found = found.into();
    let expected = match &case.forbids {
        Some(_) if found.has(Code::HostileAnswer) => case.expects.clone(),
        Some(_) => format!("no data from {} for {}", call.endpoint, case.sends),
        None => format!("{} from {} for {}", case.expects, call.endpoint, case.sends),
    };
    let answer = seen.answer.as_ref().map(told);
    let answer = answer.unwrap_or_else(|| match &seen.reaction {
        Reaction::Answered => "no answer".to_owned(),
        Reaction::Lost(reason) => format!("no answer: {reason}"),
        Reaction::Silent(seconds) => format!("no answer within {seconds} s"),
    });
    let judgement = Judgement::not_met(found, expected, format!("{answer}: {what}"), fix);
    let status = seen.answer.as_ref().map_or(0, |answer| answer.status);
    judgement.seeing("status", status)
}

fn told(answer: &ApiAnswer) -> String {
    match &answer.redirect {
        Some(target) if answer.leads_to_data => format!(
            "{}, a redirect to {target}, where anybody can read the data",
            answer.status
        ),
        Some(target) => format!("{}, a redirect to {target}", answer.status),
        None => answer.status.to_string(),
    }
}

#[cfg(test)]
mod tests;
