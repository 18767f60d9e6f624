//! Step 3c: the access policy, by its effect: who gets too little, who gets too much.

use std::collections::BTreeSet;

use super::context::Context;
use super::see;
use super::step::Step;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{
    AUTHORIZATION_CODE, AccessPolicy, AccessRule, Allowed, EVERYONE, Group, IMPLICIT,
    OpenIdConnectScopes, OrgModel, Rule,
};
use crate::observation::{Denial, Need, Seen};

const PLACE: &str = "Security > API > Authorization Servers > the server > Access Policies";
const RULES: &str = "/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let openid = "openid".to_owned();
    let mut trials = vec![
        policy_speaks_of_the_client(),
        nobody_else_gets(openid, "openid"),
    ];
    trials.extend(model.groups.iter().map(group_gets_its_scopes));
    trials.extend(
        model
            .scopes
            .iter()
            .map(|scope| nobody_else_gets(scope.name.get_ref().clone(), scope.short())),
    );
    trials.extend(model.policy.rules.iter().map(tokens_live_as_long));
    if !model.policy.all_clients {
        trials.push(policy_names_its_clients());
    }
    trials
}

fn policy_speaks_of_the_client() -> Trial {
    let name = "an_active_policy_speaks_of_the_client";
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        [Need::Policies],
        |context| {
            let policies = context.seen.org.access_policies()?;
            context.has_client()?;
            let client = &context.facts.client_id;
            let speaks = policies
                .iter()
                .any(|policy| policy.clients.contains(client));
            Ok(Judgement::when(speaks, || Finding {
                expected: format!("an active access policy for the client {client}"),
                actual: match policies.as_slice() {
                    [] => "the authorization server has no active access policy".to_owned(),
                    _ => format!("{} speak of other clients", quoted(&policies)),
                },
                fix: Fix::new(
                    format!("{PLACE} > Add Policy, or Edit > Assign to: the client"),
                    "POST /api/v1/authorizationServers/{authServerId}/policies",
                ),
            }))
        },
    )
    .explains(|_, symptom| symptom.is_denial(&[Denial::Policy, Denial::Unknown]))
}

fn group_gets_its_scopes(group: &Group) -> Trial {
    let (wanted, member) = (group.name.clone(), group.name.clone());
    let name = "the_rules_give_the_group_its_scopes";
    let needs = [Need::Policies, Need::Groups];
    Trial::new(Step::AccessPolicy, name, see::ACCESS_POLICY, needs, move |context| {
        context.has_group(&wanted)?;
            let withheld = context.withheld(&wanted)?;
        if withheld.is_empty() {
            return Ok(Judgement::met());
        }
        let requests: Vec<String> = withheld
            .iter()
            .map(|request| format!("{} by {}", request.scopes, request.grant_type))
            .collect();
        let expected = format!("rules that give members of `{wanted}` what the model gives them");
        let actual = format!("no active rule gives {}: {}", requests.join(", "), near(context, &wanted)?);
        let fix = Fix::new(
            format!("{PLACE} > the policy > the rule > Edit: group, grant types, and all scopes with `openid`"),
            format!("PUT {RULES}/{{ruleId}}"),
        );
        Ok(Judgement::not_met(expected, actual, fix))
    })
    .about(group.name.clone())
    .explains(move |context, symptom| {
        symptom.is_denial(&[Denial::Policy, Denial::Unknown])
            && context.is_about_member(symptom, &member)
            && symptom.key().is_some_and(|key| context.denies(key))
    })
}

/// What the rules that speak of the group lack.
fn near(context: &Context<'_>, group: &str) -> Seen<String> {
    let policies = context.seen.org.access_policies()?;
    let wanted = context
        .model
        .policy
        .rules
        .iter()
        .filter(|rule| rule.group_names().any(|name| name == group));
    let rules = policies.iter().flat_map(|policy| &policy.rules);
    let speaking: Vec<&AccessRule> = rules.filter(|rule| rule.groups.contains(group)).collect();
    if speaking.is_empty() {
        return Ok(format!("no active rule speaks of `{group}`"));
    }
    let lacks = wanted.flat_map(|rule| speaking.iter().map(move |found| lack(rule, found)));
    let lacks: BTreeSet<String> = lacks.flatten().collect();
    Ok(lacks.into_iter().collect::<Vec<_>>().join("; "))
}

fn lack(wanted: &Rule, found: &AccessRule) -> Vec<String> {
    let openid = OpenIdConnectScopes::MustBeInRule;
    let scopes = wanted
        .scope_names()
        .filter(|scope| !found.covers(scope, openid));
    let grants = [AUTHORIZATION_CODE, IMPLICIT]
        .into_iter()
        .filter(|grant| wanted.grant_types.contains(*grant) && !found.grant_types.contains(*grant));
    let scopes = scopes.map(|scope| format!("rule `{}` lacks the scope `{scope}`", found.name));
    scopes
        .chain(grants.map(|grant| format!("rule `{}` lacks the grant type `{grant}`", found.name)))
        .collect()
}

fn nobody_else_gets(wanted: String, subject: &str) -> Trial {
    let name = "no_rule_gives_the_scope_to_anybody_else";
    let needs = [Need::Policies, Need::Groups];
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        needs,
        move |context| {
            let paths = paths_for_others(context, &wanted)?;
            Ok(Judgement::when(paths.is_empty(), || Finding {
                expected: format!(
                    "`{wanted}` for {} and nobody else",
                    entitled(context.model, &wanted)
                ),
                actual: paths.join("; "),
                fix: Fix::new(
                    format!("{PLACE} > the policy > the rule > Edit, or deactivate it"),
                    format!("PUT {RULES}/{{ruleId}}, or POST …/lifecycle/deactivate"),
                ),
            }))
        },
    )
    .about(subject)
}

/// The rules that give the scope to people whom the model does not give it, each with whom.
fn paths_for_others(context: &Context<'_>, scope: &str) -> Seen<Vec<String>> {
    let entitled = entitled_groups(context.model, scope);
    let policies = context.seen.org.access_policies()?;
    let own = policies
        .iter()
        .filter(|policy| policy.clients.contains(&context.facts.client_id));
    let client = context
        .seen
        .org
        .client
        .as_ref()
        .ok()
        .and_then(Option::as_ref);
    let own_grants = client.map(|client| &client.settings.oauth_client.grant_types);
    let usable = |grant: &str| own_grants.is_none_or(|own| own.iter().any(|own| own == grant));
    let mut paths = Vec::new();
    for (policy, rule) in own.flat_map(|policy| policy.rules.iter().map(move |rule| (policy, rule)))
    {
        let grants: Vec<&str> = rule
            .grant_types
            .iter()
            .map(String::as_str)
            .filter(|grant| usable(grant))
            .collect();
        if !rule.scopes.contains(scope) || grants.is_empty() {
            continue;
        }
        let whom = whom_beside(context, rule, &entitled);
        if !whom.is_empty() {
            paths.push(format!(
                "rule `{}` of policy `{}` gives it to {}, by {}",
                rule.name,
                policy.name,
                whom.join(" and "),
                grants.join(" and ")
            ));
        }
    }
    Ok(paths)
}

fn whom_beside(context: &Context<'_>, rule: &AccessRule, entitled: &BTreeSet<&str>) -> Vec<String> {
    let groups = match &rule.groups {
        Allowed::All => vec!["everyone assigned to the client".to_owned()],
        Allowed::Only(groups) => groups
            .iter()
            .filter(|group| !entitled.contains(group.as_str()))
            .map(|group| format!("members of `{group}`"))
            .collect(),
    };
    let is_entitled = |login: &&String| {
        let names = context.facts.logins.iter().filter(|(_, own)| own == login);
        let users = names.filter_map(|(name, _)| context.model.user(name));
        users
            .flat_map(crate::model::TestUser::group_names)
            .any(|group| entitled.contains(group))
    };
    let users = rule.users.iter().filter(|user| !is_entitled(user));
    let users = users.map(|user| format!("the user {user}"));
    groups.into_iter().chain(users).collect()
}

/// The groups that the model's rules give the scope.
fn entitled_groups<'a>(model: &'a OrgModel, scope: &str) -> BTreeSet<&'a str> {
    let rules = model.policy.rules.iter();
    let giving = rules.filter(|rule| rule.scope_names().any(|given| given == scope));
    giving.flat_map(Rule::group_names).collect()
}

fn entitled(model: &OrgModel, scope: &str) -> String {
    let groups: Vec<String> = entitled_groups(model, scope)
        .iter()
        .map(|group| format!("`{group}`"))
        .collect();
    if groups.is_empty() {
        "nobody".to_owned()
    } else {
        groups.join(" and ")
    }
}

fn tokens_live_as_long(rule: &Rule) -> Trial {
    let wanted = rule.clone();
    let name = "access_tokens_live_as_long_as_the_model_says";
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        [Need::Policies],
        move |context| {
            let minutes = *wanted.access_token_lifetime_minutes.get_ref();
            let policies = context.seen.org.access_policies()?;
            let different: Vec<String> = policies
                .iter()
                .filter(|policy| policy.clients.contains(&context.facts.client_id))
                .flat_map(|policy| &policy.rules)
                .filter(|found| wanted.group_names().any(|group| names_group(found, group)))
                .filter(|found| found.access_token_lifetime_minutes != minutes)
                .map(|found| {
                    format!(
                        "{} min by rule `{}`",
                        found.access_token_lifetime_minutes, found.name
                    )
                })
                .collect();
            Ok(Judgement::when(different.is_empty(), || Finding {
                expected: format!("access tokens that live {minutes} min"),
                actual: different.join(", "),
                fix: Fix::new(
                    format!("{PLACE} > the policy > the rule > Edit > Access token lifetime is"),
                    format!("PUT {RULES}/{{ruleId}} with actions.token.accessTokenLifetimeMinutes"),
                ),
            }))
        },
    )
    .about(rule.name.clone())
    .advised()
}

fn names_group(rule: &AccessRule, group: &str) -> bool {
    match &rule.groups {
        Allowed::All => group == EVERYONE,
        Allowed::Only(groups) => groups.contains(group),
    }
}

fn policy_names_its_clients() -> Trial {
    let name = "the_policies_name_their_clients";
    Trial::new(
        Step::AccessPolicy,
        name,
        see::API_ACCESS_MANAGEMENT,
        [Need::Policies],
        |context| {
            let mut policies = context.seen.org.access_policies()?;
            policies.retain(|policy| policy.clients == Allowed::All && !policy.rules.is_empty());
            Ok(Judgement::when(policies.is_empty(), || Finding {
                expected: "policies that name the clients they speak of".to_owned(),
                actual: format!("{} speak of all clients", quoted(&policies)),
                fix: Fix::new(
                    format!("{PLACE} > the policy > Edit > Assign to: The following clients"),
                    "PUT /api/v1/authorizationServers/{authServerId}/policies/{policyId} with \
                 conditions.clients.include",
                ),
            }))
        },
    )
    .advised()
}

fn quoted(policies: &[AccessPolicy]) -> String {
    let names: Vec<String> = policies
        .iter()
        .map(|policy| format!("`{}`", policy.name))
        .collect();
    names.join(" and ")
}
