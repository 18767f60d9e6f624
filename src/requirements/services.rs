//! Service clients: what each gets for itself, at the token endpoint and at the API, and what it
//! must be refused. What the org has of them is step 3c and 4a, as that of the client.

use std::collections::BTreeSet;

use serde_json::Value;

use super::access::{Reader, read};
use super::context::Context;
use super::controls::{Controls, answers_somebody, negative};
use super::found::{Code, Found};
use super::refusals::{self, told};
use super::rests_on;
use super::see;
use super::services_audit::token_of;
use super::services_exchanged::ServicesExchanged;
use super::step::Step;
use super::step_5_fixes::unfixable;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{Endpoint, OrgModel, Provider, Service};
use crate::observation::{Need, NotSeen, Seen, ServiceSeen, Symptom, TokenAnswer, Tokens};

/// How a scope that is not the service's is refused: Okta's error catalogue
/// (`no_matching_policy`, `scope_denied`), and RFC 6749 section 5.2.
const OTHER_SCOPE: [&str; 2] = ["access_denied", "invalid_scope"];
/// How a scope of users is refused (Okta's error catalogue, `openid_not_allowed_client_creds`).
const SCOPE_OF_USERS: [&str; 1] = ["invalid_scope"];
/// How credentials are refused that are not the client's (RFC 6749 section 5.2).
const OTHER_CREDENTIALS: [&str; 1] = ["invalid_client"];
/// A scope needs a user's consent (Okta's error catalogue, `consent_required_client_credentials`).
const CONSENT_REQUIRED: &str = "consent_required";
/// The scope that is of users alone.
const OPENID: &str = "openid";

/// The trials of step 5.
pub(super) fn of_tokens(model: &OrgModel) -> Vec<Trial> {
    let of_service = |service: &Service| {
        let others: Vec<String> = model.withheld_from(service).map(str::to_owned).collect();
        let mut trials = vec![gets_its_scopes(service), names_no_user(service)];
        if model.provider.has_management_api() {
            trials.push(lives_as_long(service));
        }
        if !others.is_empty() {
            trials.push(is_refused_other_scopes(service, others));
        }
        trials.push(is_refused_scopes_of_users(service));
        trials.push(is_refused_by_other_credentials(service));
        trials
    };
    model.services.iter().flat_map(of_service).collect()
}

/// The trials of the API.
pub(super) fn of_access(model: &OrgModel) -> Vec<Trial> {
    let mut trials = Vec::new();
    for service in &model.services {
        for endpoint in model.endpoints_of_scopes() {
            trials.push(if service.opens(endpoint) {
                may_use(service, endpoint)
            } else {
                may_not_use(model, service, endpoint)
            });
        }
    }
    trials
}

fn trial(
    service: &Service,
    name: &str,
    judge: impl Fn(&Context<'_>, &Service, &ServiceSeen) -> Seen<Judgement> + Send + Sync + 'static,
) -> Trial {
    let (own, needs) = (service.clone(), [Need::Service(service.name().to_owned())]);
    Trial::new(
        Step::Authorize,
        name,
        see::CLIENT_CREDENTIALS,
        needs,
        move |context| judge(context, &own, context.seen.service(own.name())?),
    )
    .about(Subject::case(service.name()))
}

/// The tokens that a service was given.
///
/// # Errors
/// [`NotSeen`] with the symptom, when none came.
fn tokens<'a>(service: &Service, seen: &'a ServiceSeen) -> Seen<&'a Tokens> {
    match seen.own.as_ref().map_err(Clone::clone)? {
        TokenAnswer::Tokens(tokens) => Ok(tokens),
        TokenAnswer::Refused { text, .. } => {
            let reason = format!("the service {} got no token: {text}", service.name());
            Err(NotSeen::inconclusive(reason).with(missing(service)))
        }
    }
}

/// What an authorization server answers to a client that has shown who it is, and may not have what
/// it asks for: `unauthorized_client` is said to an authenticated client (RFC 6749 section 5.2),
/// and `access_denied` by Okta where no rule fits a client that it knows.
const KNOWN_AND_REFUSED: [&str; 2] = ["access_denied", "unauthorized_client"];

/// That a service showed who it is: it got tokens for itself, or was refused as one that is known.
///
/// # Errors
/// [`NotSeen`] with the symptom, when none came.
pub(super) fn is_known_to_the_server(context: &Context<'_>, service: &Service) -> Seen<()> {
    let seen = context.seen.service(service.name())?;
    match &seen.own {
        Ok(TokenAnswer::Refused { error, .. }) if KNOWN_AND_REFUSED.contains(&error.as_str()) => {
            Ok(())
        }
        _ => tokens(service, seen).map(drop),
    }
}

fn missing(service: &Service) -> Symptom {
    Symptom::Missing {
        object: token_of(service.name()),
    }
}

fn gets_its_scopes(service: &Service) -> Trial {
    let cause = token_of(service.name());
    let name = "the_service_gets_a_token_for_exactly_its_scopes";
    trial(service, name, |context, service, seen| {
        let wanted: BTreeSet<&str> = service.scope_names().collect();
        let names: Vec<&str> = wanted.iter().copied().collect();
        let expected = format!(
            "an access token for {}, by client_credentials",
            names.join(" ")
        );
        let tokens = match seen.own.as_ref().map_err(Clone::clone)? {
            TokenAnswer::Tokens(tokens) => tokens,
            TokenAnswer::Refused { error, text, .. } => {
                let (code, fix) = (Code::ServiceNoToken, fix_refusal(service, error));
                let judgement = Judgement::not_met(code, expected, text, fix);
                let setting = (error == CONSENT_REQUIRED).then_some("consent");
                let judgement = judgement.resting_on(rests_on::SETTINGS, setting);
                return Ok(judgement.with(missing(service)));
            }
        };
        let claims = context.model.provider.scope_claims();
        let token = tokens.access_token.as_ref();
        let token = token.map_err(|error| NotSeen::not_applicable(error.to_string()))?;
        let found = token.scopes(claims).unwrap_or_default();
        let is_exact = found.iter().copied().collect::<BTreeSet<_>>() == wanted;
        Ok(Judgement::when(is_exact, || Finding {
            found: Code::ServiceTokenScopes.into(),
            expected,
            actual: format!("a token with the scopes: {}", found.join(" ")),
            fix: unfixable(),
        }))
    })
    .explains(move |_, symptom| symptom.is_missing(&cause))
}

fn fix_refusal(service: &Service, error: &str) -> Fix {
    let name = service.name();
    if error == "invalid_client" {
        return Fix::new(
            format!(
                "set {} and its secret or key to those of the service client (Applications > \
                 Applications > {} > General > Client Credentials)",
                service.variable("CLIENT_ID"),
                service.label
            ),
            "GET /api/v1/apps/{appId}",
        );
    }
    if error == CONSENT_REQUIRED {
        return Fix::new(
            "step 3b: Security > API > Authorization Servers > the server > Scopes > each scope of \
             the service > Edit > User consent: Implicit. Nobody is there to allow anything",
            "PUT /api/v1/authorizationServers/{authServerId}/scopes/{scopeId}: consent IMPLICIT",
        );
    }
    Fix::new(
        format!(
            "step 3c: Security > API > Authorization Servers > the server > Access Policies: a \
             policy for the client of {name} with a rule for Client Credentials and all of its \
             scopes; step 4a: Applications > Applications > {} > General > Grant type: Client \
             Credentials, without Proof of possession",
            service.label
        ),
        "GET /api/v1/authorizationServers/{authServerId}/policies",
    )
}

/// There is no user: no `uid`, and on Okta the client is the subject (Okta's OpenID Connect
/// reference, "Access token payload").
fn names_no_user(service: &Service) -> Trial {
    let name = "the_token_of_the_service_names_no_user";
    trial(service, name, |context, service, seen| {
        let token = tokens(service, seen)?.access_token.as_ref();
        let token = token.map_err(|error| NotSeen::not_applicable(error.to_string()))?;
        let (facts, provider) = (context.facts, context.model.provider);
        let none = || NotSeen::not_configured("the client id of the service is not known");
        let id = facts.services.get(service.name()).ok_or_else(none)?;
        let claim = |name: &str| token.claims.get(name).and_then(Value::as_str);
        let mut wrong = Vec::new();
        if let Some(uid) = token.claims.get("uid") {
            wrong.push(format!("uid: {uid}"));
        }
        let logins: BTreeSet<&String> = facts.logins.values().collect();
        let subject = claim("sub").unwrap_or("not there");
        let is_user = logins.iter().any(|login| *login == subject);
        if is_user || provider == Provider::Okta && subject != id {
            wrong.push(format!("sub: {subject}"));
        }
        let mut names = provider
            .client_claims()
            .iter()
            .filter_map(|name| claim(name));
        let client = names.next().unwrap_or("not there");
        if client != id {
            wrong.push(format!("client: {client}"));
        }
        Ok(Judgement::when(wrong.is_empty(), || Finding {
            found: Code::ServiceTokenOfAnother.into(),
            expected: format!("no uid, and the client {id} as client and subject"),
            actual: wrong.join("; "),
            fix: Fix::new(
                "Security > API > Authorization Servers > the server > Claims > sub: the default \
                 is (appuser != null) ? appuser.userName : app.clientId",
                "GET /api/v1/authorizationServers/{authServerId}/claims",
            ),
        }))
    })
}

/// No rule of people's decides how long it lives (Okta's access policy rules: each has a lifetime).
fn lives_as_long(service: &Service) -> Trial {
    let name = "the_token_of_the_service_lives_as_long_as_the_model_says";
    trial(service, name, |_, service, seen| {
        let token = tokens(service, seen)?.access_token.as_ref();
        let token = token.map_err(|error| NotSeen::not_applicable(error.to_string()))?;
        let wanted = i64::from(service.access_token_lifetime_minutes) * 60;
        let times = token.number("exp").zip(token.number("iat"));
        let lives = times.map(|(exp, iat)| exp.saturating_sub(iat));
        Ok(Judgement::when(lives == Some(wanted), || Finding {
            found: Code::AccessTokenLifetime.into(),
            expected: format!("{wanted} s between iat and exp"),
            actual: lives.map_or_else(|| "not told".to_owned(), |lives| format!("{lives} s")),
            fix: Fix::new(
                format!(
                    "step 3c: Security > API > Authorization Servers > the server > Access \
                     Policies: the rule for Client Credentials that {} is given its scopes by > \
                     Edit > Access token lifetime is",
                    service.label
                ),
                "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
            ),
        }))
    })
}

/// Met where it is refused as it should be; a token, whatever is in it, is one too many.
fn refused(
    answer: &TokenAnswer,
    (what, found): (&str, Found),
    known: &[&str],
    fix: Fix,
) -> Judgement {
    match answer {
        TokenAnswer::Tokens(_) => {
            let expected = format!("{} for {what}", known.join(" or "));
            Judgement::not_met(found, expected, answer.words(), fix)
        }
        TokenAnswer::Refused { error, text, .. } if known.contains(&error.as_str()) => {
            Judgement::met_with(text)
        }
        TokenAnswer::Refused { text, .. } => Judgement::met_unusually(format!(
            "{text}; Okta is known to say {}",
            known.join(" or ")
        )),
    }
}

/// A refusal counts only where the service gets a token for what is its own.
fn with_control(service: &Service, seen: &ServiceSeen, judgement: Judgement) -> Seen<Judgement> {
    if !judgement.is_met() {
        return Ok(judgement);
    }
    tokens(service, seen).map_err(|mut why| {
        why.reason = format!("it is refused, but that proves nothing: {}", why.reason);
        why
    })?;
    Ok(judgement)
}

fn is_refused_other_scopes(service: &Service, others: Vec<String>) -> Trial {
    let name = "the_service_is_refused_every_other_scope";
    trial(service, name, move |context, service, seen| {
        let mut unseen = None;
        let mut met = Judgement::met();
        let exchanged = context.exchanged_service(service);
        for scope in &others {
            let answer = match seen.other(scope) {
                Ok(answer) => answer,
                Err(reason) => {
                    unseen = unseen.or(Some(reason));
                    continue;
                }
            };
            let what = format!("`{scope}`, which is not the service's");
            let found = Found::of(Code::ServiceTokenGiven, [scope]);
            let mend = || fix_policy(service);
            let fix = exchanged.as_ref().map_or_else(mend, ServicesExchanged::fix);
            let judgement = refused(answer, (&what, found), &OTHER_SCOPE, fix);
            if !judgement.is_met() {
                let pair = exchanged.as_ref().map(ServicesExchanged::pair);
                return Ok(judgement.resting_on(rests_on::EXCHANGED, pair));
            }
            met = judgement;
        }
        match unseen {
            Some(reason) => Err(reason),
            None => with_control(service, seen, met),
        }
    })
}

fn fix_policy(service: &Service) -> Fix {
    Fix::new(
        format!(
            "step 3c: Security > API > Authorization Servers > the server > Access Policies: no \
             rule for Client Credentials may give {} more than its scopes",
            service.label
        ),
        "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
    )
}

fn is_refused_scopes_of_users(service: &Service) -> Trial {
    let name = "the_service_is_refused_a_scope_of_users";
    trial(service, name, |_, service, seen| {
        let what = "`openid`: there is no user";
        let what = (what, Code::ServiceTokenOfUsers.into());
        let judgement = refused(seen.other(OPENID)?, what, &SCOPE_OF_USERS, unfixable());
        with_control(service, seen, judgement)
    })
}

fn is_refused_by_other_credentials(service: &Service) -> Trial {
    let name = "the_service_is_refused_by_credentials_of_another";
    trial(service, name, |_, service, seen| {
        let answer = seen.impostor.as_ref().map_err(Clone::clone)?;
        let what = "a secret or key that is not the service's";
        let what = (what, Code::ServiceImpostor.into());
        let judgement = refused(answer, what, &OTHER_CREDENTIALS, unfixable());
        with_control(service, seen, judgement)
    })
}

fn subject(service: &Service, endpoint: &Endpoint) -> Subject {
    Subject::service_at(service.name(), endpoint.id())
}

fn may_use(service: &Service, endpoint: &Endpoint) -> Trial {
    let (own, of) = (service.clone(), endpoint.clone());
    let name = "the_service_may_use_the_endpoint";
    let needs = [Need::Service(service.name().to_owned())];
    Trial::new(Step::Access, name, see::BEARER, needs, move |context| {
        let seen = context.seen.service(own.name())?;
        tokens(&own, seen)?;
        let answer = seen.call(of.id())?;
        refusals::is_known(context, &of, answer)?;
        Ok(read(context, Reader::Service, &of, answer))
    })
    .about(subject(service, endpoint))
}

fn may_not_use(model: &OrgModel, service: &Service, endpoint: &Endpoint) -> Trial {
    let (own, of) = (service.clone(), endpoint.id().to_owned());
    let controls = Controls::of(answers_somebody(model, endpoint, model.main_flow()), []);
    let needs = [Need::Service(service.name().to_owned())];
    let needs: Vec<Need> = needs.into_iter().chain(controls.needs()).collect();
    let name = "the_service_is_refused_the_endpoint";
    Trial::new(Step::Access, name, see::BEARER, needs, move |context| {
        let seen = context.seen.service(own.name())?;
        tokens(&own, seen)?;
        let answer = seen.call(&of)?;
        if answer.gives() {
            let expected = format!("403 from {of} for a token without its scope");
            let fix = Fix::new(
                refusals::UNCHECKED_SCOPE,
                format!("{} with the token of the service", refusals::asked(&of)),
            );
            let code = Code::AccessGiven;
            return Ok(Judgement::not_met(code, expected, told(answer), fix));
        }
        negative(context, refusals::refusal(answer)?, &controls)
    })
    .about(subject(service, endpoint))
}
