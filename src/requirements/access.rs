//! The endpoints of the API: who reads what, and who is refused.

use super::context::Context;
use super::controls::{Control, negative, readers};
use super::see;
use super::step::Step;
use super::step_5_authorize::granted;
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::escape;
use crate::exchange::{self, Exchange};
use crate::model::{Access, Endpoint, OrgModel, ScopeRequest};
use crate::observation::{ApiAnswer, AuthorizationKey, Need, NotSeen, Seen, Symptom};

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
    }
    for endpoint in &model.endpoints {
        trials.extend(no_access(model, endpoint));
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
fn is_tried(model: &OrgModel, key: &AuthorizationKey, endpoint: &Endpoint) -> bool {
    let is_of_one = model.scopes.len() > FEW_SCOPES && key.request.scopes.len() == 1;
    if !is_of_one || model.access(&key.request, endpoint) == Access::Reads {
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
    let subject = Subject::access(key, &endpoint.path);
    match model.access(&key.request, endpoint) {
        Access::Reads => reads(&format!("{user}_reads_{short}{way}"), key, endpoint).about(subject),
        Access::Refused => {
            let sentence = format!("{user}_is_refused_{short}{way}");
            let call = Exchange::with_token_of(key, &endpoint.path);
            let own = own_positive(model, &key.request, key, endpoint);
            is_refused(model, &sentence, call, endpoint, own).about(subject)
        }
    }
}

/// The token that is refused here must be good elsewhere, where it holds any endpoint's scope.
fn own_positive(
    model: &OrgModel,
    request: &ScopeRequest,
    key: &AuthorizationKey,
    here: &Endpoint,
) -> Option<Exchange> {
    let mut others = model
        .endpoints
        .iter()
        .filter(|other| other.path != here.path);
    let readable = others.find(|other| request.contains(other.scope_name()))?;
    Some(Exchange::with_token_of(key, &readable.path))
}

fn reads(sentence: &str, key: &AuthorizationKey, endpoint: &Endpoint) -> Trial {
    let key = key.clone();
    let call = Exchange::with_token_of(&key, &endpoint.path);
    let (path, answers) = (endpoint.path.clone(), endpoint.answers.clone());
    let needs = [Need::Call(call.clone())];
    Trial::new(STEP, sentence, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        let symptom = || Symptom::Refused {
            key: key.clone(),
            endpoint: path.clone(),
        };
        if answer.status != 200 {
            let expected = format!("200 from {path} for a token that holds its scope");
            return Ok(Judgement::not_met(expected, told(answer), mend_refusal()).with(symptom()));
        }
        match &answers {
            Some(wanted) if !answer.is_wanted => {
                let fix = Fix::new(
                    "the gateway: which upstream does the path lead to?",
                    format!("GET {path} with the token"),
                );
                Ok(Judgement::not_met(wanted.to_string(), "another body", fix))
            }
            _ => Ok(Judgement::met()),
        }
    })
}

fn mend_refusal() -> Fix {
    Fix::new(
        "the API or gateway: issuer, audience (step 3a), keys of the issuer, and the claim `scp`, \
         an array, for the scope",
        "GET {issuer}/v1/keys, and compare iss, aud and scp of the token with the gateway's settings",
    )
}

/// What is presented to every endpoint and must be refused, whoever presents it.
const FAMILY: &str = "access";

fn no_access(model: &OrgModel, endpoint: &Endpoint) -> Vec<Trial> {
    // One user's tokens are enough: what is made of them is refused, whoever they are for.
    let key = readers(endpoint, model.main_flow()).keys(model).next();
    let cases = exchange::family(FAMILY).iter();
    let refused = cases.filter(|case| !case.is_rightful());
    let calls = refused.filter_map(|case| Exchange::of(case, &endpoint.path, key.as_ref()));
    let mut trials: Vec<Trial> = calls
        .map(|call| {
            let case = call.case;
            is_refused(model, &case.id, call, endpoint, None).weighing(case.severity)
        })
        .collect();
    trials.push(challenge(endpoint));
    trials
        .into_iter()
        .map(|trial| trial.about(Subject::endpoint(&endpoint.path)))
        .collect()
}

fn is_refused(
    model: &OrgModel,
    sentence: &str,
    call: Exchange,
    endpoint: &Endpoint,
    own: Option<Exchange>,
) -> Trial {
    let flow = call.basis().map_or(model.main_flow(), |key| key.flow);
    let readers = Control::Anybodys(readers(endpoint, flow));
    let own = own.map(Control::Own);
    let controls: Vec<Control> = own.into_iter().chain([readers]).collect();
    let needs: Vec<Need> = std::iter::once(Need::Call(call.clone()))
        .chain(controls.iter().map(Control::need))
        .collect();
    let path = endpoint.path.clone();
    Trial::new(STEP, sentence, see::BEARER, needs, move |context| {
        let answer = context.seen.call(&call)?;
        if answer.gives() {
            let expected = format!("{} from {path}", call.case.expects);
            let fix = Fix::new(
                "the API or gateway: it must check signature, issuer, audience, expiry, that the \
                 token is an access token, and that `scp` holds the endpoint's own scope",
                format!("GET {path}"),
            );
            return Ok(Judgement::not_met(expected, told(answer), fix));
        }
        negative(context, refusal(answer)?, &controls)
    })
}

/// A refusal by any usual status; a failure of the API is neither refusal nor access.
fn refusal(answer: &ApiAnswer) -> Seen<Judgement> {
    match answer.status {
        400 | 401 | 403 | 404 => Ok(Judgement::met_with(told(answer))),
        _ => Err(NotSeen::failed(format!(
            "the API neither gives nor refuses: it answers {}",
            told(answer)
        ))),
    }
}

fn told(answer: &ApiAnswer) -> String {
    let status = match &answer.redirect {
        Some(target) => format!("{}, a redirect to {target}, not followed", answer.status),
        None => answer.status.to_string(),
    };
    match &answer.challenge {
        Some(challenge) => {
            let challenge = escape::beginning(challenge, escape::MOST_IN_TERMINAL);
            format!("{status} with WWW-Authenticate: {challenge}")
        }
        None => status,
    }
}

/// RFC 9110 section 15.5.2: a 401 names the scheme that would do.
fn challenge(endpoint: &Endpoint) -> Trial {
    let call = Exchange::with_nothing(&endpoint.path);
    let name = "a_refusal_asks_for_a_bearer_token";
    let needs = [Need::Call(call.clone())];
    Trial::new(
        STEP,
        name,
        see::BEARER,
        needs,
        move |context: &Context<'_>| {
            let answer = context.seen.call(&call)?;
            if answer.status != 401 {
                return Err(NotSeen::inconclusive(format!(
                    "the API answers {}",
                    answer.status
                )));
            }
            let asks = answer.challenge.as_deref().is_some_and(|challenge| {
                challenge
                    .split([' ', ','])
                    .any(|word| word.eq_ignore_ascii_case("bearer"))
            });
            Ok(Judgement::when(asks, || super::Finding {
                expected: "401 with WWW-Authenticate: Bearer".to_owned(),
                actual: told(answer),
                fix: Fix::new(
                    "the API or gateway: send the header with every 401",
                    "GET without token",
                ),
            }))
        },
    )
    .advised()
}
