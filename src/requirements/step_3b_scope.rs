//! Step 3b: the custom scopes.

use serde_json::Value;

use super::context;
use super::drift::{Compared, no_drift};
use super::found::Code;
use super::issuer;
use super::look_alike::{looks_like, shown};
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::told;
use crate::model::{OrgModel, Scope, is_reserved_by_okta};
use crate::observation::{Denial, Need};

const PLACE: &str = "Security > API > Authorization Servers > the server > Scopes";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let exist = model.scopes.iter().map(scope_exists);
    let defaults = model.scopes.iter().map(|scope| {
        if scope.default {
            scope_is_given_unasked(scope)
        } else {
            scope_is_not_given_unasked(scope)
        }
    });
    let others = model.scopes.iter().map(scope_differs_in_nothing_else);
    exist.chain(defaults).chain(others).collect()
}

fn scope_exists(scope: &Scope) -> Trial {
    let (wanted, asked) = (scope.name.get_ref().clone(), scope.name.get_ref().clone());
    let name = "the_scope_is_on_the_authorization_server";
    let see = see::AUTHORIZATION_SERVERS;
    Trial::new(Step::Scope, name, see, [Need::Scopes], move |given| {
        let scopes = given.seen.org.scopes.as_ref().map_err(Clone::clone)?;
        if scopes.iter().any(|found| found.name == wanted) {
            return Ok(Judgement::met());
        }
        if let Some(hidden) = given.hidden_scope(&wanted) {
            return Err(hidden);
        }
        let own: Vec<&str> = scopes
            .iter()
            .filter(|found| !found.system && !is_reserved_by_okta(&found.name))
            .map(|found| found.name.as_str())
            .collect();
        let fix = Fix::new(
            format!("{PLACE} > Add Scope, with the exact name `{wanted}`"),
            format!(
                "POST /api/v1/authorizationServers/{{authServerId}}/scopes \
                 {{\"name\":\"{wanted}\"}}"
            ),
        );
        let expected = format!("a scope named exactly `{wanted}`");
        let alike = own.iter().filter(|name| looks_like(&wanted, name));
        let alike: Vec<String> = alike.map(|name| shown(name)).collect();
        let hint = match alike.as_slice() {
            [] => String::new(),
            _ => format!(", of which {} looks like it", alike.join(" and ")),
        };
        let copies = issuer::copies(given);
        let actual = format!("the server's own scopes are {own:?}{hint}{copies}");
        Ok(Judgement::not_met(
            Code::ScopeMissing,
            expected,
            actual,
            fix,
        ))
    })
    .about(Subject::scope(scope.name.as_ref(), scope.short()))
    .explains_of(
        Topic::Scope(scope.name.get_ref().clone()),
        move |_, symptom| {
            let denied =
                symptom.is_denial(&[Denial::UnknownScope, Denial::Policy, Denial::Unknown]);
            let asks = symptom
                .key()
                .is_some_and(|key| key.request.contains(&asked));
            symptom.is_missing(&context::scope(&asked)) || (denied && asks)
        },
    )
}

fn scope_is_not_given_unasked(scope: &Scope) -> Trial {
    let wanted = scope.name.get_ref().clone();
    let name = "the_scope_is_not_given_unasked";
    let see = see::AUTHORIZATION_SERVERS;
    Trial::new(Step::Scope, name, see, [Need::Scopes], move |given| {
        let scopes = given.seen.org.scopes.as_ref().map_err(Clone::clone)?;
        let found = scopes.iter().find(|found| found.name == wanted);
        let found = found.ok_or_else(|| context::missing(&context::scope(&wanted)))?;
        let is_default = *told("default", &found.default)?;
        Ok(Judgement::when(!is_default, || Finding {
            found: Code::ScopeDefault.into(),
            expected: "a scope that a client has to ask for".to_owned(),
            actual: "it is a default scope: who asks for none gets it".to_owned(),
            fix: Fix::new(
                format!("{PLACE} > the scope > Edit > Default scope"),
                format!(
                    "PUT /api/v1/authorizationServers/{{authServerId}}/scopes/{} with \
                     \"default\":false",
                    found.id
                ),
            ),
        }))
    })
    .about(Subject::scope(scope.name.as_ref(), scope.short()))
    .advised()
}

/// A default scope that is meant: Okta gives it to a client that asks for no scope at all, where a
/// rule covers it.
fn scope_is_given_unasked(scope: &Scope) -> Trial {
    let wanted = scope.name().to_owned();
    let name = "the_scope_is_given_unasked";
    let see = see::AUTHORIZATION_SERVERS;
    Trial::new(Step::Scope, name, see, [Need::Scopes], move |given| {
        let scopes = given.seen.org.scopes.as_ref().map_err(Clone::clone)?;
        let found = scopes.iter().find(|found| found.name == wanted);
        let found = found.ok_or_else(|| context::missing(&context::scope(&wanted)))?;
        let is_default = *told("default", &found.default)?;
        Ok(Judgement::when(is_default, || Finding {
            found: Code::ScopeNotDefault.into(),
            expected: "a default scope, as the model says: a client that asks for none gets it"
                .to_owned(),
            actual: "it is no default scope".to_owned(),
            fix: Fix::new(
                format!("{PLACE} > the scope > Edit > tick Default scope"),
                format!(
                    "PUT /api/v1/authorizationServers/{{authServerId}}/scopes/{} with \
                     \"default\":true",
                    found.id
                ),
            ),
        }))
    })
    .about(Subject::scope(scope.name(), scope.short()))
    .advised()
}

/// A scope that asks for consent, may be declined, or is published is not the document's.
fn scope_differs_in_nothing_else(scope: &Scope) -> Trial {
    let wanted = scope.name.get_ref().clone();
    let fix = Fix::new(
        format!("{PLACE} > the scope > Edit: User consent Implicit, nothing else ticked"),
        "PUT /api/v1/authorizationServers/{authServerId}/scopes/{scopeId}",
    );
    let name = "the_scope_differs_in_nothing_else";
    let see = see::AUTHORIZATION_SERVERS;
    no_drift(
        Step::Scope,
        Code::ScopeDrift,
        name,
        see,
        [Need::Scopes],
        fix,
        move |given| {
            let scopes = given.seen.org.scopes.as_ref().map_err(Clone::clone)?;
            let found = scopes.iter().find(|found| found.name == wanted);
            let found = found.ok_or_else(|| context::missing(&context::scope(&wanted)))?;
            let consent = given.model.consent_to(&wanted);
            let mut compared = Compared::default();
            let optional = found
                .optional
                .is_told()
                .then(|| Value::from(*found.optional));
            compared.told("optional", &false.into(), optional.as_ref());
            for (path, wanted, found) in [
                ("consent", consent, &found.consent),
                ("metadataPublish", "NO_CLIENTS", &found.metadata_publish),
            ] {
                let found = found.as_deref().map(Value::from);
                compared.told(path, &wanted.into(), found.as_ref());
            }
            Ok(compared)
        },
    )
    .about(Subject::scope(scope.name.as_ref(), scope.short()))
}
