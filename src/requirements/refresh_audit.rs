//! Steps 3c and 4a: what the rules and the client say of refresh tokens.

use serde_json::Value;

use super::client::client;
use super::context::Context;
use super::deciding::{CONDITIONS, Condition};
use super::drift::Drift;
use super::found::Code;
use super::refresh_tokens::rotation_fix;
use super::rests_on;
use super::rules_for_group::rules_for;
use super::see;
use super::step::Step;
use super::step_3c_access_policy::{PLACE, RULES};
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::management::found::FoundApplication;
use crate::model::{
    AUTHORIZATION_CODE, Client, Group, OFFLINE_ACCESS, OpenIdConnectScopes, OrgModel, Person,
    RefreshToken, Rotation, ScopeRequest,
};
use crate::observation::{Denial, Need, NotSeen, Outcome, Seen};

/// The trials of step 3c: each group that the model gives refresh tokens.
pub(super) fn of_policy(model: &OrgModel) -> Vec<Trial> {
    let trial = |group: &Group| {
        let request = model.refreshable_by(&group.name)?;
        Some(rules_give(group, request))
    };
    model.groups.iter().filter_map(trial).collect()
}

/// The trials of step 4a.
pub(super) fn of_client(model: &OrgModel) -> Option<Trial> {
    Some(client_rotates(model.client.refresh()?))
}

fn rules_give(group: &Group, request: ScopeRequest) -> Trial {
    let (wanted, member) = (group.name.clone(), group.name.clone());
    let needs = [Need::Policies, Need::Groups];
    let name = "the_rules_let_the_group_ask_for_refresh_tokens";
    let judge = move |context: &Context<'_>| {
        context.has_group(&wanted)?;
        context.has_client()?;
        let is_denied = |openid| is_denied(context, &wanted, &request, openid);
        if !is_denied(OpenIdConnectScopes::MustBeInRule)? {
            return Ok(Judgement::met());
        }
        if !is_denied(OpenIdConnectScopes::AlwaysCovered)? && was_given(context, &wanted)? {
            return Ok(Judgement::met_with(
                "no rule lists `offline_access` for them, and this org gives it all the same",
            ));
        }
        let rules = rules_for(context, &wanted);
        Ok(Judgement::not_met(
            Code::RefreshNotGivenByRules,
            format!("a rule that gives members of `{wanted}` `{OFFLINE_ACCESS}` too"),
            format!("no active rule gives them {} with it", request.words()),
            Fix::new(
                format!(
                    "{PLACE} > {} > Edit: add offline_access to the scopes",
                    rests_on::place_of_rules(rules.iter().map(String::as_str))
                ),
                format!("PUT {RULES}/{{ruleId}}"),
            ),
        )
        .resting_on(
            CONDITIONS,
            rules.iter().map(|rule| Condition::Scopes.of(rule)),
        )
        .resting_on(rests_on::RULES, rules))
    };
    Trial::new(Step::AccessPolicy, name, see::REFRESH_TOKENS, needs, judge)
        .about(Subject::group(&group.name))
        .explains_of(Topic::Group(group.name.clone()), move |context, symptom| {
            symptom.is_denial(&[Denial::Policy, Denial::Unknown])
                && context.is_about_member(symptom, &member)
                && symptom
                    .key()
                    .is_some_and(|key| key.wants_refresh_token() && context.denies(key))
        })
}

fn is_denied(
    context: &Context<'_>,
    group: &str,
    request: &ScopeRequest,
    openid: OpenIdConnectScopes,
) -> Seen<bool> {
    let policies = context.all_policies()?;
    let person = Person {
        login: None,
        groups: std::iter::once(group.to_owned()).collect(),
    };
    let scopes = request.with_offline_access();
    Ok(context.denied(policies, &person, &scopes, AUTHORIZATION_CODE, openid))
}

/// Whether members of the group were given refresh tokens although no rule lists `offline_access`:
/// Okta's sources disagree whether one must, so what was seen decides.
fn was_given(context: &Context<'_>, group: &str) -> Seen<bool> {
    let seen = context.seen.authorizations.iter();
    let members = seen
        .filter(|(key, _)| key.wants_refresh_token() && context.is_member(&key.user, group))
        .filter_map(|(_, seen)| seen.as_ref().ok());
    let outcomes: Vec<&Outcome> = members.map(|seen| &seen.outcome).collect();
    if outcomes.is_empty() {
        return Err(NotSeen::inconclusive(
            "a rule does not list `offline_access`, and Okta's sources disagree whether it must: \
             only a sign-in can tell",
        ));
    }
    let has_one = |outcome: &&Outcome| match outcome {
        Outcome::Tokens { tokens, .. } => tokens.refresh.is_some(),
        Outcome::Denied { .. } => false,
    };
    Ok(outcomes.iter().any(has_one))
}

fn client_rotates(wanted: RefreshToken) -> Trial {
    let name = "the_client_rotates_refresh_tokens_as_the_model_says";
    let needs = [Need::Client];
    Trial::new(
        Step::Client,
        name,
        see::REFRESH_TOKENS,
        needs,
        move |context| {
            let found = rotation(client(context)?);
            Ok(Judgement::when(found == wanted.rotation.name(), || {
                Finding {
                    found: Code::RefreshRotationSetting.into(),
                    expected: format!("the rotation type {}", wanted.rotation.name()),
                    actual: found.to_owned(),
                    fix: rotation_fix(wanted.rotation),
                }
            }))
        },
    )
}

fn setting<'a>(found: &'a FoundApplication, name: &str) -> Option<&'a Value> {
    let settings = &found.settings.oauth_client.other;
    settings.get("refresh_token")?.get(name)
}

/// The rotation type that a client says, or that Okta gives new clients of its type: see
/// [`Client::refresh`].
fn rotation(found: &FoundApplication) -> &str {
    let by_default = match found.settings.oauth_client.application_type.as_str() {
        "browser" => Rotation::Rotate,
        _ => Rotation::Static,
    };
    let said = setting(found, "rotation_type").and_then(Value::as_str);
    said.unwrap_or(by_default.name())
}

/// How long a replaced refresh token can be used, where that differs.
pub(super) fn leeway_drift(wanted: &Client, found: &FoundApplication) -> Option<Drift> {
    let wanted = wanted.refresh()?;
    if wanted.rotation == Rotation::Static {
        return None;
    }
    Drift::of(
        "settings.oauthClient.refresh_token.leeway",
        &wanted.leeway().into(),
        setting(found, "leeway"),
    )
}
