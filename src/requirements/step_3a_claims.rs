//! Step 3a: the claims of the authorization server that the model has.

use std::collections::BTreeSet;

use super::context::{self, Context};
use super::found::Code;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::takes_part;
use crate::management::found::FoundClaim;
use crate::management::status::Words;
use crate::model::{Claim, OrgModel};
use crate::observation::{Need, NotSeen, Seen, Symptom};

const PLACE: &str = "Security > API > Authorization Servers > the server > Claims";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let exist = model.claims.iter().map(claim_exists);
    let say = model.claims.iter().map(claim_says);
    exist.chain(say).collect()
}

/// The claim of the model among those that were found.
///
/// # Errors
/// [`NotSeen`] when the claims were not looked at, or one of the name may be it and says in no word
/// that is known which tokens have it.
fn found<'a>(context: &'a Context<'_>, wanted: &Claim) -> Seen<Option<&'a FoundClaim>> {
    let claims = context.seen.org.claims.as_ref().map_err(Clone::clone)?;
    let found = the_claim(wanted, claims);
    if found.is_some_and(|found| found.status.is_active()) {
        return Ok(found);
    }
    let mut same = claims.iter().filter(|found| {
        found.name == wanted.name() && found.status.takes_part(Words::OBJECT) != Some(false)
    });
    match same.find_map(FoundClaim::doubt_of_tokens) {
        Some(doubt) => Err(NotSeen::inconclusive(doubt)),
        None => Ok(found),
    }
}

/// The one of these that is the model's: of its name, in its token, and active where one of them
/// is. Another one like it is a claim beside it.
pub(super) fn the_claim<'c>(wanted: &Claim, claims: &'c [FoundClaim]) -> Option<&'c FoundClaim> {
    let is_like = |found: &&FoundClaim| {
        found.name == wanted.name() && found.claim_type == wanted.token.claim_type()
    };
    let mut active = claims.iter().filter(|found| found.status.is_active());
    active.find(is_like).or_else(|| claims.iter().find(is_like))
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
            let is_active =
                found.map(|found| takes_part("the claim", &found.status, Words::OBJECT));
            if is_active.transpose()? == Some(true) {
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
            let doubt = || found.doubt_of_tokens().unwrap_or_default();
            let place = found
                .tokens()
                .map(|tokens| format!("is in {tokens} instead"));
            place.map_or_else(doubt, |place| format!("the claim `{}` {place}", found.name))
        },
    ))
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
            if let Some(doubt) = found.doubt_of_value() {
                return Err(NotSeen::inconclusive(doubt));
            }
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

#[cfg(test)]
mod tests {

    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::step_3a_authorization_server::trials as of_the_server;
    use super::*;
    use crate::config::Facts;
    use crate::management::found::FoundServer;
    use crate::observation::{FoundOrg, Observations};
    use crate::requirements::Remembered;

    const MODEL: &str = include_str!("../../fixtures/org-orders.toml");

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).expect("as Okta says it")
    }

    /// The claim of the model with this status and expression.
    fn claim(id: &str, status: &str, value: &str) -> FoundClaim {
        read(json!({
            "id": id, "name": "cost_center", "status": status, "claimType": "RESOURCE",
            "valueType": "EXPRESSION", "value": value, "system": false,
            "conditions": {"scopes": ["orders:write", "invoices:approve"]},
        }))
    }

    /// What the server's own claims and this one come to: whether the claim is the model's, and
    /// whether nothing else differs.
    fn judged(claims: Vec<FoundClaim>) -> (bool, bool) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let facts = Facts::of_model(&model);
        let server: FoundServer = read(json!({
            "id": "aus1", "name": "server", "audiences": [], "issuer": "", "status": "ACTIVE",
            "credentials": {"signing": {"rotationMode": "AUTO"}},
        }));
        let seen = Observations {
            org: FoundOrg {
                server: Ok(Some(server)),
                claims: Ok(claims),
                ..FoundOrg::default()
            },
            ..Observations::default()
        };
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        let is_met = |trials: Vec<Trial>, name: &str| {
            let trial = trials.into_iter().find(|trial| trial.name().contains(name));
            let judgement = trial.expect("the trial").judge(&context);
            judgement.expect("all was seen").is_met()
        };
        let own = "the_claim_is_made_as_the_model_says[cost_center";
        let other = "the_authorization_server_differs_in_nothing_else";
        (is_met(trials(&model), own), is_met(of_the_server(), other))
    }

    /// A claim that is the model's is not in doubt for another of its name, which tokens of a kind
    /// that nobody knows have.
    #[test]
    fn a_claim_of_the_model_is_no_doubt_for_its_namesake() {
        let mut other = claim("ocl2", "ACTIVE", "user.email");
        "LOGOUT".clone_into(&mut other.claim_type);
        let claims = vec![claim("ocl1", "ACTIVE", "user.costCenter"), other];
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let facts = Facts::of_model(&model);
        let seen = Observations {
            org: FoundOrg {
                claims: Ok(claims),
                ..FoundOrg::default()
            },
            ..Observations::default()
        };
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &seen,
            remembered: &Remembered::default(),
        };
        let mut wanted = model.claims.iter();
        let wanted = wanted.find(|claim| claim.name() == "cost_center");
        let found = found(&context, wanted.expect("the claim")).expect("it is in no doubt");
        assert_eq!(found.map(|found| found.id.as_str()), Some("ocl1"));
    }

    /// Of two claims of one name, one is the model's and the other is beside it, whichever comes
    /// first; one that is not active is no claim.
    #[rstest]
    #[case::alone(&[("ACTIVE", "user.costCenter")], (true, true))]
    #[case::another_value(&[("ACTIVE", "user.email")], (false, true))]
    #[case::twice(&[("ACTIVE", "user.costCenter"), ("ACTIVE", "user.email")], (true, false))]
    #[case::twice_in_another_order(
        &[("ACTIVE", "user.email"), ("ACTIVE", "user.costCenter")],
        (false, false)
    )]
    #[case::beside_an_inactive_one(
        &[("INACTIVE", "user.email"), ("ACTIVE", "user.costCenter")],
        (true, true)
    )]
    fn a_second_claim_of_one_name_is_another_claim(
        #[case] claims: &[(&str, &str)],
        #[case] wanted: (bool, bool),
    ) {
        let claims = claims.iter().enumerate();
        let claims = claims.map(|(id, (status, value))| claim(&format!("ocl{id}"), status, value));
        assert_eq!(judged(claims.collect()), wanted);
    }
}
