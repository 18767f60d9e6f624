//! Step 3c: the access policy, by its effect: who gets too little, who gets too much.

use std::collections::BTreeSet;
use std::iter;

use super::client::namesakes;
use super::context::Context;
use super::deciding::CONDITIONS;
use super::drift::{Compared, no_drift};
use super::effective_access::withheld;
use super::found::{Code, Found, given};
use super::issuer;
use super::meant_client::mend_client_id;
use super::paths::{Path, paths_for_others, unseen_for};
use super::policy_drift::{doubtful_policies, policy_drift, unseen_people};
use super::refresh_audit;
use super::rests_on;
use super::rule_lifetime::tokens_live_as_long;
use super::rule_order;
use super::rules_for_group::not_given;
use super::see;
use super::sought::{OPENID, Sought};
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::Side;
use crate::escape::joined;
use crate::management::found::{ALL_CLIENTS, FoundPolicyRules};
use crate::model::{AccessPolicy, AccessRule, Allowed, Group, OpenIdConnectScopes, OrgModel, Rule};
use crate::observation::{Denial, Need, NotSeen, Outcome, Seen};

pub(super) const PLACE: &str =
    "Security > API > Authorization Servers > the server > Access Policies";
pub(super) const RULES: &str =
    "/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules";

/// Where there is no policy, there is nothing to compare.
const NO_POLICY: &str = "no active access policy applies to the client";

/// One rule alone is in any order.
const LEAST_IN_ORDER: usize = 2;

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = vec![policy_applies_to_the_client()];
    trials.extend(scopes_of_okta(model).map(|scope| nobody_else_gets_scope(scope, scope)));
    trials.extend(model.groups.iter().map(group_gets_its_scopes));
    trials.extend(refresh_audit::of_policy(model));
    let own = model.scopes.iter();
    trials.extend(own.map(|scope| nobody_else_gets_scope(scope.name.get_ref(), scope.short())));
    trials.extend(nobody_else_is_signed_in(model));
    trials.extend(model.policy.rules.iter().map(tokens_live_as_long));
    if !model.policy.all_clients {
        trials.push(policy_names_its_clients());
    }
    if model.policy.rules.len() >= LEAST_IN_ORDER {
        trials.push(rules_stand_in_order());
    }
    trials.push(nothing_else_differs());
    trials
}

fn policy_applies_to_the_client() -> Trial {
    let name = "an_active_policy_applies_to_the_client";
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        [Need::Policies],
        |context| {
            let policies = context.seen.org.access_policies()?;
            context.has_client()?;
            let client = &context.facts.client_id;
            let applies = policies
                .iter()
                .any(|own| own.clients.contains(client) && !context.is_of_probes(&own.name));
            let hidden = context.hidden_policy().filter(|_| !applies);
            hidden.map_or(Ok(()), Err)?;
            let others = policies_to_change(context, &policies);
            let twin = context.client_called_as_wanted();
            Ok(Judgement::when(applies, || Finding {
                found: if policies.is_empty() {
                    Code::PolicyMissing
                } else {
                    Code::PolicyForOtherClients
                }
                .into(),
                expected: format!("an active access policy for the client {client}"),
                actual: match policies.as_slice() {
                    [] => format!(
                        "the authorization server has no active access policy{}",
                        issuer::copies(context)
                    ),
                    _ => format!(
                        "no active policy is for it: {}{}",
                        with_their_clients(context, &policies),
                        hint(twin.as_ref())
                    ),
                },
                fix: mend_clients(context, &policies, others),
            })
            .resting_on(rests_on::CLIENT, twin.map(|(id, _)| id))
            .resting_on(
                rests_on::POLICIES,
                others.iter().map(|own| own.name.as_str()),
            ))
        },
    )
    .explains(|_, symptom| symptom.is_denial(&[Denial::Policy, Denial::Unknown]))
}

/// What a client of another id suggests.
fn hint(twin: Option<&(String, String)>) -> String {
    twin.map_or_else(String::new, |(id, label)| {
        format!("; a policy is for {id}, `{label}`, which is called as the model's client is")
    })
}

/// Policies, with the clients that they are for: one of them may be the wanted client as it was
/// before it was made again.
fn with_their_clients(context: &Context<'_>, policies: &[AccessPolicy]) -> String {
    let each = policies.iter().map(|policy| {
        let clients: Vec<String> = match &policy.clients {
            Allowed::All => vec!["all clients".to_owned()],
            Allowed::Only(ids) if ids.is_empty() => vec!["no client".to_owned()],
            Allowed::Only(ids) => ids.iter().map(|id| context.client_words(id)).collect(),
        };
        format!("`{}` (for {})", policy.name, clients.join(" and "))
    });
    each.collect::<Vec<_>>().join(" and ")
}

/// The policies of which one is to be changed: those that are active, else all.
fn policies_to_change<'p>(
    context: &'p Context<'_>,
    active: &'p [AccessPolicy],
) -> &'p [AccessPolicy] {
    if active.is_empty() {
        context.all_policies().unwrap_or_default()
    } else {
        active
    }
}

/// What a policy that is there lacks: the client, or being active; where none is, one is made. A
/// policy for a client of the same name lacks nothing: the variable names another client.
fn mend_clients(context: &Context<'_>, active: &[AccessPolicy], to_change: &[AccessPolicy]) -> Fix {
    const POLICIES: &str = "/api/v1/authorizationServers/{authServerId}/policies";
    if let Some(fix) = mend_client_id(context) {
        return fix;
    }
    match (active, to_change) {
        ([], []) => Fix::new(format!("{PLACE} > Add Policy"), format!("POST {POLICIES}")),
        ([], inactive) => Fix::new(
            format!("{PLACE} > {} > Activate", quoted(inactive)),
            format!("POST {POLICIES}/{{policyId}}/lifecycle/activate"),
        ),
        (others, _) => Fix::new(
            format!(
                "{}{PLACE} > {} > Edit > Assign to: add the client",
                namesakes(context, others),
                quoted(others)
            ),
            format!("PUT {POLICIES}/{{policyId}} with the client in conditions.clients.include"),
        ),
    }
}

/// What policies lack that are for other clients, and whose rules are right.
pub(super) fn mend_policies_of_others(context: &Context<'_>, policies: &[AccessPolicy]) -> Fix {
    mend_clients(context, policies, policies)
}

fn group_gets_its_scopes(group: &Group) -> Trial {
    let (wanted, member) = (group.name.clone(), group.name.clone());
    let name = "the_rules_give_the_group_its_scopes";
    let needs = [Need::Policies, Need::Groups];
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        needs,
        move |context| {
            context.has_group(&wanted)?;
            context.has_client()?;
            let withheld = withheld(context, &wanted, OpenIdConnectScopes::MustBeInRule)?;
            if withheld.is_empty() {
                // Whom a rule excludes, it gives nothing.
                let unseen = context.unseen_in_rules(Side::Excluded, |_| true);
                return unseen.map_or_else(|| Ok(Judgement::met()), Err);
            }
            if self::withheld(context, &wanted, OpenIdConnectScopes::AlwaysCovered)?.is_empty()
                && given_without_openid(context, &wanted)?
            {
                return Ok(Judgement::met_with(
                    "a rule does not list `openid`, and this org gives it all the same",
                ));
            }
            if let Some(hidden) = context.hidden_rule_for(&wanted) {
                return Err(hidden);
            }
            Ok(not_given(context, &wanted, &withheld))
        },
    )
    .about(Subject::group(&group.name))
    .explains_of(Topic::Group(group.name.clone()), move |context, symptom| {
        symptom.is_denial(&[Denial::Policy, Denial::Unknown])
            && context.is_about_member(symptom, &member)
            && symptom.key().is_some_and(|key| context.denies(key))
    })
}

/// Whether members of the group were given tokens although `openid` stands in no rule for them:
/// Okta's sources disagree whether it must, so what was seen decides.
fn given_without_openid(context: &Context<'_>, group: &str) -> Seen<bool> {
    let members = context
        .seen
        .authorizations
        .iter()
        .filter(|(key, _)| context.is_member(&key.user, group) && context.denies(key));
    let outcomes: Vec<&Outcome> = members
        .filter_map(|(_, seen)| seen.as_ref().ok())
        .map(|seen| &seen.outcome)
        .collect();
    if outcomes.is_empty() {
        return Err(NotSeen::inconclusive(
            "a rule does not list `openid`, and Okta's sources disagree whether it must: only \
             a sign-in can tell",
        ));
    }
    Ok(outcomes
        .iter()
        .any(|outcome| matches!(outcome, Outcome::Tokens { .. })))
}

/// `openid`, and the scopes of Okta that the model's rules give: `offline_access` to some.
fn scopes_of_okta(model: &OrgModel) -> impl Iterator<Item = &str> {
    let is_own = |name: &str| model.scopes.iter().any(|own| own.name.get_ref() == name);
    let given = model.policy.rules.iter().flat_map(Rule::scope_names);
    let given: BTreeSet<&str> = given
        .filter(|name| *name != OPENID && !is_own(name))
        .collect();
    iter::once(OPENID).chain(given)
}

fn nobody_else_gets_scope(scope: &str, short: &str) -> Trial {
    let name = "no_rule_gives_the_scope_to_anybody_else";
    nobody_else_gets(Sought::Scope(scope.to_owned()), name).about(Subject::scope(scope, short))
}

/// Where an endpoint asks for no scope, anyone who gets a token for the API may use it.
fn nobody_else_is_signed_in(model: &OrgModel) -> Option<Trial> {
    let open = model.signed_in_endpoints().next()?;
    let name = "no_rule_gives_any_token_to_anybody_else";
    Some(nobody_else_gets(Sought::AnyToken, name).about(Subject::endpoint(&open.short())))
}

fn nobody_else_gets(wanted: Sought, name: &str) -> Trial {
    let needs = [Need::Policies, Need::Groups, Need::Client];
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        needs,
        move |context| {
            let paths = paths_for_others(context, &wanted)?;
            if paths.is_empty() {
                let unseen = unseen_for(context, &wanted).or_else(|| context.hidden_rule());
                unseen.map_or(Ok(()), Err)?;
            }
            Ok(Judgement::when(paths.is_empty(), || Finding {
                found: Found::of(
                    Code::ScopeGivenToOthers,
                    paths
                        .iter()
                        .flat_map(|path| &path.whom)
                        .map(|whom| given(wanted.scope(), whom)),
                ),
                expected: format!(
                    "{} for {} and nobody else",
                    wanted.words(),
                    entitled(context.model, &wanted)
                ),
                actual: paths
                    .iter()
                    .map(|path| path.words.as_str())
                    .collect::<Vec<_>>()
                    .join("; "),
                fix: mend_paths(&paths),
            })
            .resting_on(rests_on::RULES, paths.iter().map(|path| path.rule.as_str()))
            .resting_on(
                CONDITIONS,
                context.too_wide(paths.iter().map(|path| path.rule.as_str())),
            )
            .resting_on(
                rests_on::RECEIVERS,
                paths.iter().flat_map(|path| path.whom.clone()),
            )
            .resting_on(rests_on::NAMES, names_exchanged(context, &paths)))
        },
    )
}

/// A rule that the model needs keeps its scopes: who is too many is taken out.
fn mend_paths(paths: &[Path]) -> Fix {
    let whom: Option<BTreeSet<&str>> = paths.iter().map(|path| path.take_out.as_deref()).collect();
    let what = whom.map_or_else(
        || "remove the scope, or whom it is not for; or deactivate it".to_owned(),
        |whom| {
            let whom: Vec<&str> = whom.into_iter().collect();
            format!(
                "take out {} (a group or user under User is; a grant type under Grant type is; a \
                 client under Assign to of the policy)",
                joined(whom)
            )
        },
    );
    let rules = rests_on::place_of_rules(paths.iter().map(|path| path.rule.as_str()));
    Fix::new(
        format!("{PLACE} > {rules} > Edit: {what}"),
        format!("PUT {RULES}/{{ruleId}}, or POST …/lifecycle/deactivate"),
    )
}

/// The groups that have the names of one another, where nobody else than their members gets the
/// scope.
fn names_exchanged(context: &Context<'_>, paths: &[Path]) -> Option<String> {
    let names = context.exchanged_names().filter(|_| !paths.is_empty())?;
    let is_theirs = |path: &Path| names.are_members(&path.whom);
    paths.iter().all(is_theirs).then(|| names.names())
}

fn entitled(model: &OrgModel, wanted: &Sought) -> String {
    let groups = wanted.groups(model);
    let groups = groups.iter().map(|group| format!("`{group}`"));
    let services = model.services.iter();
    let services = services.filter(|service| wanted.is_for(service));
    let services = services.map(|service| format!("the service {}", service.name()));
    let groups: Vec<String> = groups.chain(services).collect();
    if groups.is_empty() {
        "nobody".to_owned()
    } else {
        groups.join(" and ")
    }
}

fn policy_names_its_clients() -> Trial {
    let name = "the_policies_name_their_clients";
    let see = see::API_ACCESS_MANAGEMENT;
    Trial::new(Step::AccessPolicy, name, see, [Need::Policies], |context| {
        let mut policies = context.seen.org.access_policies()?;
        if policies.is_empty() {
            return Err(NotSeen::inconclusive(NO_POLICY));
        }
        policies.retain(is_for_all_clients);
        let hidden = context.hidden_rule().filter(|_| policies.is_empty());
        hidden.map_or(Ok(()), Err)?;
        let names = || policies.iter().map(|policy| policy.name.clone());
        Ok(Judgement::when(policies.is_empty(), || Finding {
            found: Found::of(Code::PolicyForAllClients, names()),
            expected: "policies that name their clients".to_owned(),
            actual: format!("for all clients: {}", quoted(&policies)),
            fix: Fix::new(
                format!("{PLACE} > the policy > Edit > Assign to: The following clients"),
                "PUT /api/v1/authorizationServers/{authServerId}/policies/{policyId} with \
                 conditions.clients.include",
            ),
        })
        .resting_on(rests_on::POLICIES, names()))
    })
    .advised()
}

fn is_for_all_clients(policy: &AccessPolicy) -> bool {
    policy.clients == Allowed::All && policy.active_rules().next().is_some()
}

fn quoted(policies: &[AccessPolicy]) -> String {
    let names: Vec<String> = policies
        .iter()
        .map(|policy| format!("`{}`", policy.name))
        .collect();
    names.join(" and ")
}

/// Rules for the groups of the model stand in the model's order.
///
/// An order that changes what somebody gets turns other requirements red; this one keeps it from
/// drifting there.
fn rules_stand_in_order() -> Trial {
    let name = "the_rules_are_in_the_order_of_the_model";
    let see = see::ACCESS_POLICY;
    let needs = [Need::Policies, Need::Groups];
    Trial::new(Step::AccessPolicy, name, see, needs, |context| {
        let policies = context.seen.org.access_policies()?;
        let own = policies
            .iter()
            .filter(|policy| policy.clients.contains(&context.facts.client_id));
        let wanted = context.model.access_policies();
        let wanted: Vec<&AccessRule> = wanted.iter().flat_map(|policy| &policy.rules).collect();
        let found = rule_order::places(&wanted, own.flat_map(AccessPolicy::active_rules));
        let Some(is_kept) = rule_order::is_kept(&found) else {
            return Err(NotSeen::inconclusive(format!(
                "the org has no two rules that are like two of {}, so there is no order to compare",
                names_of(&wanted)
            )));
        };
        if let Some(reason) = context.seen.org.unknown_order(&context.facts.client_id) {
            return Err(reason);
        }
        let rules: Vec<&AccessRule> = found.iter().map(|(_, rule)| *rule).collect();
        Ok(Judgement::when(is_kept, || Finding {
            found: Code::RuleOrderOther.into(),
            expected: names_of(&wanted),
            actual: names_of(&rules),
            fix: Fix::new(
                format!("{PLACE} > the policy: drag the rules into this order"),
                format!("PUT {RULES}/{{ruleId}} with \"priority\""),
            ),
        }))
    })
    .advised()
}

fn names_of(rules: &[&AccessRule]) -> String {
    let names: Vec<String> = rules
        .iter()
        .map(|rule| format!("`{}`", rule.name))
        .collect();
    names.join(", then ")
}

/// What the policies of the client, and their rules, say beyond the model.
fn nothing_else_differs() -> Trial {
    let fix = Fix::new(
        format!("{PLACE} > the policy > Edit, or the rule > Edit"),
        format!("PUT {RULES}/{{ruleId}}"),
    );
    let name = "the_policies_say_nothing_beyond_the_model";
    let needs = [Need::Policies, Need::Groups];
    no_drift(
        Step::AccessPolicy,
        Code::PolicyDrift,
        name,
        see::ACCESS_POLICY,
        needs,
        fix,
        |context| {
            let policies = context.seen.org.policies.as_ref().map_err(Clone::clone)?;
            let own: Vec<&FoundPolicyRules> = policies
                .iter()
                .filter(|found| applies_to_client(context, found))
                .collect();
            if own.is_empty() {
                return Err(NotSeen::inconclusive(NO_POLICY));
            }
            let drift = own.iter().flat_map(|found| policy_drift(context, found));
            let compared: Compared = drift.collect();
            let unseen = own.iter().flat_map(|found| unseen_people(context, found));
            let hidden = context.hidden_rule();
            let hidden = hidden.map(|_| "all rules: one that it does not show was used".to_owned());
            Ok(compared
                .without(unseen)
                .without(hidden)
                .without(doubtful_policies(policies)))
        },
    )
}

fn applies_to_client(context: &Context<'_>, found: &FoundPolicyRules) -> bool {
    let clients = &found.policy.conditions.clients.include;
    found.policy.status.is_active()
        && !context.is_of_probes(&found.policy.name)
        && clients
            .iter()
            .any(|client| client == ALL_CLIENTS || *client == context.facts.client_id)
}
