//! Step 3a: the claims of the authorization server that the model has.

use std::collections::BTreeSet;

use super::context::{self, Context};
use super::found::Code;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::management::found::{ACTIVE, FoundClaim};
use crate::model::{Claim, OrgModel};
use crate::observation::{Need, Seen, Symptom};

const PLACE: &str = "Security > API > Authorization Servers > the server > Claims";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let exist = model.claims.iter().map(claim_exists);
    let say = model.claims.iter().map(claim_says);
    exist.chain(say).collect()
}

/// The claim of the model among those that were found.
fn found<'a>(context: &'a Context<'_>, wanted: &Claim) -> Seen<Option<&'a FoundClaim>> {
    let claims = context.seen.org.claims.as_ref().map_err(Clone::clone)?;
    let mut claims = claims.iter();
    Ok(claims.find(|found| is_claim(wanted, found)))
}

/// Whether the found claim is the one of the model: its name, in its token.
pub(super) fn is_claim(wanted: &Claim, found: &FoundClaim) -> bool {
    found.name == wanted.name() && found.claim_type == wanted.token.claim_type()
}

fn subject(claim: &Claim) -> Subject {
    Subject::claim(claim.name(), claim.token.plural())
}

/// A claim that is not there, or says something else, explains tokens without it.
fn explains_tokens_without_it(trial: Trial, claim: &Claim) -> Trial {
    let beginning = context::claim(claim.name(), claim.token.plural(), "");
    trial.explains_of(Topic::Anything, move |_, symptom| {
        matches!(symptom, Symptom::Missing { object } if object.starts_with(&beginning))
    })
}

fn claim_exists(claim: &Claim) -> Trial {
    let (wanted, name) = (claim.clone(), "the_authorization_server_has_the_claim");
    let see = see::CLAIMS;
    let trial = Trial::new(
        Step::AuthorizationServer,
        name,
        see,
        [Need::Claims],
        move |given| {
            let tokens = wanted.token.plural();
            let expected = format!("an active claim `{}` of {tokens}", wanted.name());
            let found = found(given, &wanted)?;
            if found.is_some_and(|found| found.status == ACTIVE) {
                return Ok(Judgement::met());
            }
            let actual = match found {
                Some(found) => format!("the claim is {}", found.status),
                None => elsewhere(given, &wanted)?,
            };
            let fix = match found {
                Some(found) => Fix::new(
                    format!("{PLACE} > {} > Edit: untick Disable claim", wanted.name()),
                    format!(
                        "PUT /api/v1/authorizationServers/{{authServerId}}/claims/{} with \
                     \"status\":\"ACTIVE\"",
                        found.id
                    ),
                ),
                None => Fix::new(
                    format!("{PLACE} > Add Claim: {}", wanted_words(&wanted)),
                    "POST /api/v1/authorizationServers/{authServerId}/claims",
                ),
            };
            let code = if found.is_some() {
                Code::ClaimInactive
            } else {
                Code::ClaimMissing
            };
            Ok(Judgement::not_met(code, expected, actual, fix))
        },
    );
    explains_tokens_without_it(trial, claim).about(subject(claim))
}

/// Where else the claim is: in the other token, or under a name in other letters.
fn elsewhere(given: &Context<'_>, wanted: &Claim) -> Seen<String> {
    let claims = given.seen.org.claims.as_ref().map_err(Clone::clone)?;
    let in_small = wanted.name().to_lowercase();
    let mut like_it = claims
        .iter()
        .filter(|found| found.name.to_lowercase() == in_small);
    Ok(like_it.next().map_or_else(
        || "the authorization server has no such claim".to_owned(),
        |found| {
            let tokens = tokens_of(found);
            format!("the claim `{}` is in {tokens} instead", found.name)
        },
    ))
}

fn tokens_of(found: &FoundClaim) -> &'static str {
    if found.claim_type == "RESOURCE" {
        "access tokens"
    } else {
        "ID tokens"
    }
}

/// What a claim says, as somebody reads it in the Admin Console.
fn wanted_words(claim: &Claim) -> String {
    let value = claim.value().wire();
    let what = match claim.value().filter_type() {
        Some(kind) => format!("groups, {kind} {value}"),
        None => format!("the expression {value}"),
    };
    let scopes = scope_words(claim.scope_names().collect());
    format!("{what}, in {} with {scopes}", claim.token.plural())
}

fn scope_words(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    if names.is_empty() {
        return "any scope".to_owned();
    }
    format!("the scope {}", names.join(" or "))
}

fn claim_says(claim: &Claim) -> Trial {
    let (wanted, name) = (claim.clone(), "the_claim_is_made_as_the_model_says");
    let see = see::CLAIMS;
    let trial = Trial::new(
        Step::AuthorizationServer,
        name,
        see,
        [Need::Claims],
        move |given| {
            let found = found(given, &wanted)?;
            let tokens = wanted.token.plural();
            let found = found.ok_or_else(|| {
                context::missing(&context::claim(wanted.name(), tokens, "any test user"))
            })?;
            let differences = differences(&wanted, found);
            Ok(Judgement::when(differences.is_empty(), || Finding {
                found: Code::ClaimOther.into(),
                expected: told(&differences, |(wanted, _)| wanted),
                actual: told(&differences, |(_, found)| found),
                fix: Fix::new(
                    format!(
                        "{PLACE} > {} > Edit: {}",
                        wanted.name(),
                        wanted_words(&wanted)
                    ),
                    format!(
                        "PUT /api/v1/authorizationServers/{{authServerId}}/claims/{}",
                        found.id
                    ),
                ),
            }))
        },
    );
    explains_tokens_without_it(trial, claim).about(subject(claim))
}

/// One part of each difference.
pub(super) fn told(list: &[(String, String)], part: fn(&(String, String)) -> &String) -> String {
    let parts: Vec<&str> = list.iter().map(|pair| part(pair).as_str()).collect();
    parts.join("; ")
}

/// Where a found claim is another than the model's: what is wanted, and what is found.
fn differences(wanted: &Claim, found: &FoundClaim) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let wanted_value = (wanted.value().filter_type(), wanted.value().wire());
    let is_of_groups = found.value_type.as_deref() == Some("GROUPS");
    let found_filter = found.group_filter_type.as_deref().filter(|_| is_of_groups);
    let found_value = (
        found_filter,
        found.value.as_deref().unwrap_or_default().trim().to_owned(),
    );
    if wanted_value != found_value || is_of_groups != wanted_value.0.is_some() {
        let words = |(filter, value): &(Option<&str>, String)| match filter {
            Some(filter) => format!("groups: {filter} `{value}`"),
            None => format!("value `{value}`"),
        };
        list.push((words(&wanted_value), words(&found_value)));
    }
    let wanted_scopes: BTreeSet<&str> = wanted.scope_names().collect();
    let found_scopes: BTreeSet<&str> = found.conditions.scopes.iter().map(String::as_str).collect();
    if wanted_scopes != found_scopes {
        let words = |names: BTreeSet<&str>| {
            format!("comes with {}", scope_words(names.into_iter().collect()))
        };
        list.push((words(wanted_scopes), words(found_scopes)));
    }
    let always = |always: bool| {
        let when = if always {
            "Always"
        } else {
            "Userinfo / id_token request"
        };
        format!("Include in token type: {when}")
    };
    let is_told = found.always_include_in_token;
    if let Some(told) = is_told.filter(|told| *told != wanted.always) {
        list.push((always(wanted.always), always(told)));
    }
    list
}
