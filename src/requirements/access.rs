//! The endpoints of the API: who reads what, and who is refused.

use super::breach;
use super::context::Context;
use super::controls::{Control, Controls, answers_somebody, negative, readers};
use super::found::Code;
use super::plainest::plainest;
use super::refusal_status::{challenge, refuses_plainly, with_controls};
use super::refusals::{self, mend_breach, mend_unsteady, told};
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_5_authorize::{denied_in_part, granted, tokens};
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};

use crate::exchange::{self, ApiCall};
use crate::model::{Access, Endpoint, Flow, Method, OrgModel, ScopeRequest, Wanted};
use crate::observation::{
    ApiAnswer, AuthorizationKey, Data, Need, NotSeen, Outcome, Seen, Symptom,
};

const STEP: Step = Step::Access;
/// Where there are two flows, what the second one's tokens are good for is told apart.
const BY_THE_CODE_FLOW: &str = "_by_the_code_flow";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = Vec::new();
    for flow in model.flows() {
        for key in granted(model, flow) {
            let endpoints = model.endpoints.iter();
            let endpoints = endpoints.filter(|endpoint| is_tried(model, &key, endpoint));
            trials.extend(endpoints.map(|endpoint| matrix_cell(model, &key, endpoint)));
        }
        if model.provider.may_grant_less() {
            trials.extend(with_less(model, flow));
        }
    }
    for endpoint in &model.endpoints {
        if endpoint.is_public() {
            trials.push(anybody_reads(endpoint));
        } else {
            trials.extend(no_access(model, endpoint));
        }
    }
    trials
}

/// Of so many scopes, every token is tried at every endpoint.
const FEW_SCOPES: usize = 10;
/// Of more, so many users try a token of one scope at the endpoints that need another.
const MOST_WITH_ONE_SCOPE: usize = 3;

/// Whether a token is tried at an endpoint, which would else be users × scopes × endpoints.
///
/// An endpoint that takes one scope for another takes it from everybody: of many scopes, a few
/// users try a token of each alone at all endpoints. Everybody tries a token of no scope and one of
/// as many as may be had at all of them, and a token of each scope where it is needed.
///
/// What changes something is asked once for each user who may: with the smallest request for it,
/// which is what refusals there are compared with. A public endpoint needs no token.
fn is_tried(model: &OrgModel, key: &AuthorizationKey, endpoint: &Endpoint) -> bool {
    if endpoint.is_public() {
        return false;
    }
    let reads = model.access(&key.request, endpoint) == Access::Reads;
    if reads && !endpoint.is_repeatable() {
        let readers = readers(model, endpoint, key.flow);
        return readers.keys(model).any(|reader| reader == *key);
    }
    let is_of_one = model.scopes.len() > FEW_SCOPES && key.request.scopes.len() == 1;
    if !is_of_one || reads {
        return true;
    }
    let grantees = model.granted_to(&key.request, key.flow);
    let asking = grantees.iter().filter(|given| given.request == key.request);
    let mut first = asking.take(MOST_WITH_ONE_SCOPE);
    first.any(|given| given.user == key.user)
}

fn matrix_cell(model: &OrgModel, key: &AuthorizationKey, endpoint: &Endpoint) -> Trial {
    let (user, short) = (key.user.to_ascii_lowercase(), endpoint.short());
    let way = model.way(key.flow).map_or("", |_| BY_THE_CODE_FLOW);
    let subject = Subject::access(key, endpoint.id());
    match model.access(&key.request, endpoint) {
        Access::Reads => {
            let verb = match endpoint.method {
                Method::Get => "reads",
                _ => "may",
            };
            reads(&format!("{user}_{verb}_{short}{way}"), key, endpoint).about(subject)
        }
        Access::Refused => {
            let sentence = format!("{user}_is_refused_{short}{way}");
            let call = ApiCall::with_token_of(key, endpoint.id());
            let own = own_positive(model, &key.request, key, endpoint);
            is_refused(model, &sentence, call, endpoint, own).about(subject)
        }
    }
}

/// Tokens for less than was asked for open nothing that the user may not have.
fn with_less(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    let mut trials = Vec::new();
    for key in denied_in_part(model, flow) {
        let may_have = model
            .user(&key.user)
            .and_then(|user| model.largest_granted(user, flow));
        let is_shut = |endpoint: &&Endpoint| {
            let reads = |request: &ScopeRequest| model.access(request, endpoint) == Access::Reads;
            !endpoint.is_public() && !may_have.as_ref().is_some_and(reads)
        };
        let shut = model.endpoints.iter().filter(is_shut);
        trials.extend(shut.map(|endpoint| {
            let way = model.way(flow).map_or("", |_| BY_THE_CODE_FLOW);
            let user = key.user.to_ascii_lowercase();
            let sentence = format!("{user}_is_refused_{}{way}", endpoint.short());
            let call = ApiCall::with_token_of(&key, endpoint.id());
            let subject = Subject::access(&key, endpoint.id());
            if_any_came(
                is_refused(model, &sentence, call, endpoint, None),
                key.clone(),
            )
            .about(subject)
        }));
    }
    trials
}

/// Where no tokens came, there is none to try.
fn if_any_came(trial: Trial, key: AuthorizationKey) -> Trial {
    trial.unless(move |context| {
        let denied = matches!(
            context.seen.authorization(&key)?.outcome,
            Outcome::Denied { .. }
        );
        if denied {
            let reason = format!("{} got no tokens, so there are none to try", key.words());
            return Err(NotSeen::not_applicable(reason));
        }
        Ok(())
    })
}

/// The token that is refused here must be good elsewhere, where it holds any endpoint's scope.
fn own_positive(
    model: &OrgModel,
    request: &ScopeRequest,
    key: &AuthorizationKey,
    here: &Endpoint,
) -> Option<ApiCall> {
    let others = model.endpoints.iter();
    let mut others = others
        .filter(|other| other.id() != here.id() && other.is_repeatable() && !other.is_public());
    let readable = others.find(|other| model.access(request, other) == Access::Reads)?;
    Some(ApiCall::with_token_of(key, readable.id()))
}

fn reads(sentence: &str, key: &AuthorizationKey, endpoint: &Endpoint) -> Trial {
    let key = key.clone();
    let call = ApiCall::with_token_of(&key, endpoint.id());
    let endpoint = endpoint.clone();
    let needs = [Need::of_api(&call)];
    Trial::new(STEP, sentence, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        refusals::is_known(context, &endpoint, answer)?;
        if let Some(unreadable) = refusals::unreadable(context, &key, answer) {
            return Err(unreadable);
        }
        Ok(read(context, Reader::User(&key), &endpoint, answer))
    })
}

/// A public endpoint answers to anyone who presents nothing.
fn anybody_reads(endpoint: &Endpoint) -> Trial {
    let call = ApiCall::with_nothing(endpoint.id());
    let sentence = format!("anybody_reads_{}", endpoint.short());
    let (subject, endpoint) = (Subject::endpoint(endpoint.id()), endpoint.clone());
    let needs = [Need::of_api(&call)];
    let trial = Trial::new(STEP, &sentence, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        refusals::is_known(context, &endpoint, answer)?;
        Ok(read(context, Reader::Anybody, &endpoint, answer))
    });
    trial.about(subject)
}

/// Who is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reader<'a> {
    /// Anybody, without a token.
    Anybody,
    /// Anyone who has the token of this authorization.
    User(&'a AuthorizationKey),
    /// A service client with a token of its own.
    Service,
}

impl Reader<'_> {
    /// What is presented.
    fn who(self) -> &'static str {
        match self {
            Self::User(_) | Self::Service => "a token that it is open to",
            Self::Anybody => "anybody, without a token",
        }
    }

    /// Why the endpoint is open to it.
    fn entitled(self) -> &'static str {
        match self {
            Self::User(_) => "a token that holds its scope",
            Self::Service => "a token of a service that holds its scope",
            Self::Anybody => self.who(),
        }
    }
}

/// What is answered to those who may: to a good token, or to anybody where none is needed.
pub(super) fn read(
    context: &Context<'_>,
    reader: Reader<'_>,
    endpoint: &Endpoint,
    answer: &ApiAnswer,
) -> Judgement {
    if !answer.is_success() {
        return kept_out(context, reader, endpoint, answer);
    }
    if answer.status != endpoint.status() {
        return of_another_status(reader, endpoint, answer);
    }
    match endpoint.wanted() {
        Some(wanted) if answer.data != Data::Alone => of_another_body(wanted, endpoint, answer),
        _ => Judgement::met(),
    }
}

fn kept_out(
    context: &Context<'_>,
    reader: Reader<'_>,
    endpoint: &Endpoint,
    answer: &ApiAnswer,
) -> Judgement {
    let (id, of_the_route) = (endpoint.id(), refusals::is_of_the_route(answer));
    let expected = format!("{} from {id} for {}", endpoint.status(), reader.entitled());
    let (code, fix) = match reader {
        Reader::User(key) => (
            Code::TokenRefused,
            refusals::mend_refusal(context, id, answer, Some(key)),
        ),
        Reader::Service => (
            Code::TokenRefused,
            refusals::mend_refusal(context, id, answer, None),
        ),
        Reader::Anybody => (Code::PublicEndpointClosed, refusals::mend_closed(id)),
    };
    let code = if of_the_route {
        Code::EndpointMissing
    } else {
        code
    };
    let unmet = Judgement::not_met(code, expected, told(answer), fix);
    match reader {
        // What has no such path says nothing of the token, nor of anyone who made it.
        Reader::User(key) if !of_the_route => unmet.with(Symptom::Refused {
            key: key.clone(),
            endpoint: id.to_owned(),
        }),
        _ => unmet,
    }
}

fn of_another_status(reader: Reader<'_>, endpoint: &Endpoint, answer: &ApiAnswer) -> Judgement {
    let id = endpoint.id();
    let fix = Fix::new(
        format!(
            "the API or gateway: which upstream does {id} lead to? If {} is right, write it into \
             `status` of the endpoint in the org model",
            answer.status
        ),
        format!("{} as {}", refusals::asked(id), reader.who()),
    );
    let expected = format!("{} from {id}", endpoint.status());
    Judgement::not_met(Code::StatusOther, expected, told(answer), fix)
}

fn of_another_body(wanted: Wanted<'_>, endpoint: &Endpoint, answer: &ApiAnswer) -> Judgement {
    let id = endpoint.id();
    let key = match wanted {
        Wanted::Exactly(_) => "answers",
        Wanted::Among(_) => "contains",
    };
    let among = match (wanted, answer.data) {
        (Wanted::Exactly(_), Data::Amid) => {
            ". All that the model wants stands in it: where the order of items, or what is beside \
             them, is no matter, write what counts into `contains` in place of `answers`"
        }
        _ => "",
    };
    let fix = Fix::new(
        format!(
            "the gateway: which upstream does {id} lead to? If this is what it is to answer, \
             write it into `{key}` of the endpoint in the org model{among}"
        ),
        format!("{} with the token", refusals::asked(id)),
    );
    let came = format!("another body: {}", refusals::body(answer));
    Judgement::not_met(Code::BodyOther, wanted.value().to_string(), came, fix)
}

/// What is presented to every endpoint and must be refused, anyone who presents it.
const FAMILY: &str = "access";

fn no_access(model: &OrgModel, endpoint: &Endpoint) -> Vec<Trial> {
    // One user's tokens are enough: what is made of them is refused, anyone who they are for.
    let key = readers(model, endpoint, model.main_flow())
        .keys(model)
        .next();
    let cases = exchange::family(FAMILY).iter();
    let refused = cases.filter(|case| !case.is_rightful());
    let calls = refused.filter_map(|case| ApiCall::of(case, endpoint.id(), key.as_ref()));
    let calls: Vec<ApiCall> = calls.collect();
    let of_call = |call: &ApiCall| {
        let case = call.case;
        is_refused(model, &case.id, call.clone(), endpoint, None).weighing(case.severity)
    };
    let mut trials: Vec<Trial> = calls.iter().map(of_call).collect();
    trials.extend([
        challenge(model, endpoint),
        refuses_plainly(model, endpoint, calls),
    ]);
    // The root has a slash behind already.
    if !endpoint.path_alone().ends_with('/') {
        let at = trials.len() - 2;
        trials.insert(at, slash_is_refused(model, endpoint));
    }
    trials
        .into_iter()
        .map(|trial| trial.about(Subject::endpoint(endpoint.id())))
        .collect()
}

fn is_refused(
    model: &OrgModel,
    sentence: &str,
    call: ApiCall,
    endpoint: &Endpoint,
    own: Option<ApiCall>,
) -> Trial {
    let flow = call.basis().map_or(model.main_flow(), |key| key.flow);
    let answers = answers_somebody(model, endpoint, flow);
    let controls = Controls::of(answers, own.map(Control::Own));
    let needs: Vec<Need> = std::iter::once(Need::of_api(&call))
        .chain(controls.needs())
        .collect();
    let path = endpoint.id().to_owned();
    Trial::new(STEP, sentence, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        if answer.gives() {
            let expected = format!("{} from {path}", call.case.expects);
            let opening = scopes_that_open(context, &call);
            let plainest = plainest(context, &call).map(|plainest| plainest.fix);
            let unsteady = mend_unsteady(&path, answer);
            let fix = unsteady.or(plainest).unwrap_or_else(|| match &opening[..] {
                [] => mend_breach(context, &call, answer),
                _ => mend_token(&path, &opening),
            });
            return Ok(Judgement::not_met(
                breach::of_call(Code::AccessGiven, context.model, &call),
                expected,
                told(answer),
                fix,
            )
            .resting_on(rests_on::SCOPES, opening));
        }
        if let Some(beside) = given_beside(context, &call) {
            return Ok(beside);
        }
        negative(context, refusals::refusal(answer)?, &controls)
    })
}

/// The endpoint refuses the token, and another one that the token opens tells its data beside its
/// own.
fn given_beside(context: &Context<'_>, call: &ApiCall) -> Option<Judgement> {
    let key = call.rightful()?;
    let path = &call.endpoint;
    let tells = |(other, answer): (&ApiCall, &Seen<ApiAnswer>)| {
        let answer = answer.as_ref().ok()?;
        let is_told = other.rightful() == Some(key) && answer.tells_of.contains(path);
        is_told.then(|| (other.endpoint.clone(), told(answer)))
    };
    let (other, answer) = context.seen.calls.iter().find_map(tells)?;
    let fix = Fix::new(
        format!(
            "the API: {other} tells what {path} protects, in a header field or in its body: leave \
             that out for every token that does not open {path} itself"
        ),
        format!("{}, with the same token", refusals::asked(&other)),
    );
    Some(Judgement::not_met(
        breach::of_call(Code::AccessGiven, context.model, call),
        format!("nothing of what {path} protects, at any endpoint"),
        format!("its data in the answer of {other}, {answer}"),
        fix,
    ))
}

/// The API is right to let in a token that holds what it asks for: the token is one too many.
fn mend_token(path: &str, held: &[String]) -> Fix {
    Fix::new(
        format!(
            "none at the API, which is right to let in a token that holds {}: whatever gave this \
             token more than it may hold is to be changed, see step 5",
            held.join(" and ")
        ),
        format!("{} with the token, which is genuine", refusals::asked(path)),
    )
}

/// The scopes of the presented token, where they are enough for the endpoint: then the API is
/// right, and the token is wrong.
fn scopes_that_open(context: &Context<'_>, call: &ApiCall) -> Vec<String> {
    let (model, key) = (context.model, call.rightful());
    let token = key.and_then(|key| {
        let (_, _, tokens) = tokens(context, key).ok()?;
        tokens.access_token.as_ref().ok()
    });
    let held = token.and_then(|token| token.scopes(model.provider.scope_claims()));
    let held = held.unwrap_or_default();
    let request = ScopeRequest::of(held.iter().copied());
    let endpoint = model.endpoint(&call.endpoint);
    let is_enough = endpoint.is_some_and(|own| model.access(&request, own) == Access::Reads);
    let held = held.into_iter().filter(|_| is_enough);
    held.map(str::to_owned).collect()
}

/// The same path with a slash behind, which some gateways take for another: without a token, the
/// data must not come from there either.
fn slash_is_refused(model: &OrgModel, endpoint: &Endpoint) -> Trial {
    let path = format!("{}/", endpoint.path_alone());
    let call = ApiCall::with_nothing_behind_a_slash(endpoint.id());
    let name = "the_path_with_a_slash_behind_is_refused";
    let controls = Controls::of(answers_somebody(model, endpoint, model.main_flow()), []);
    let needs = with_controls([&call], &controls);
    let is_known = endpoint.is_told();
    Trial::new(STEP, name, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        let expected = format!("nothing of what {path} protects, for nobody");
        if answer.has_data() {
            let fix = Fix::new(
                "the gateway: its rule must cover the path with a slash behind too, or the API \
                 must not answer there",
                format!("GET {path} without a token"),
            );
            return Ok(Judgement::not_met(
                breach::of_call(Code::SlashOpen, context.model, &call),
                expected,
                told(answer),
                fix,
            ));
        }
        if answer.gives() && !is_known {
            return Err(NotSeen::inconclusive(format!(
                "{path} answers {} without a token, and the org model does not say what the \
                 endpoint answers",
                answer.status
            )));
        }
        negative(context, Judgement::met_with(told(answer)), &controls)
    })
}
