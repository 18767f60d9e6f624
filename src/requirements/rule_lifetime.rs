//! Step 3c: how long access tokens live by the found rules.

use std::collections::BTreeSet;

use super::context::Context;
use super::found::{Code, Found};
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_3c_access_policy::{PLACE, RULES};
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{AccessPolicy, Decision, OpenIdConnectScopes, Person, Rule, decide};
use crate::observation::{Need, NotSeen, Seen};

/// A rule that does not tell how long its access tokens live.
const NOT_TOLD: u32 = 0;

/// Access tokens live as long as the rule of the model says.
pub(super) fn tokens_live_as_long(rule: &Rule) -> Trial {
    let wanted = rule.clone();
    let name = "access_tokens_live_as_long_as_the_model_says";
    let needs = [Need::Policies, Need::Groups];
    Trial::new(
        Step::AccessPolicy,
        name,
        see::ACCESS_POLICY,
        needs,
        move |context| {
            let minutes = *wanted.access_token_lifetime_minutes.get_ref();
            let lifetimes = lifetimes(context, &wanted)?;
            if !lifetimes.wanted {
                return Err(NotSeen::not_applicable(format!(
                    "rule `{}` of the model gives nothing that another of its rules does not give \
                     before it",
                    wanted.name
                )));
            }
            if let Some(reason) = order_decides(context, minutes)? {
                return Err(reason);
            }
            let is_untold = |found: &Lifetime| found.minutes == NOT_TOLD;
            let is_unseen = lifetimes.found.is_empty() || lifetimes.found.iter().any(is_untold);
            let mut others = lifetimes.found;
            others.retain(|found| ![minutes, NOT_TOLD].contains(&found.minutes));
            let words =
                |found: &Lifetime| format!("{} min by rule `{}`", found.minutes, found.name);
            let different: Vec<String> = others.iter().map(words).collect();
            if different.is_empty() && is_unseen {
                return Err(NotSeen::inconclusive(format!(
                    "the org shows no lifetime for all that rule `{}` of the model gives",
                    wanted.name
                )));
            }
            Ok(Judgement::when(different.is_empty(), || Finding {
                found: Found::of(Code::RuleLifetimeOther, different.iter().cloned()),
                expected: format!("access tokens that live {minutes} min"),
                actual: different.join(", "),
                fix: Fix::new(
                    format!(
                        "{PLACE} > {} > Edit > Access token lifetime is",
                        rests_on::place_of_rules(others.iter().map(|found| found.rule.as_str()))
                    ),
                    format!("PUT {RULES}/{{ruleId}} with actions.token.accessTokenLifetimeMinutes"),
                ),
            })
            .resting_on(
                rests_on::RULES,
                others.iter().map(|found| found.rule.as_str()),
            )
            .resting_on(rests_on::LIFETIMES, others.iter().map(Lifetime::as_seen)))
        },
    )
    .about(Subject::rule(&rule.name))
}

/// Why it is not known which rule gives a token: their order, where not all of them say the same.
fn order_decides(context: &Context<'_>, minutes: u32) -> Seen<Option<NotSeen>> {
    let client = &context.facts.client_id;
    let policies = context.all_policies()?.iter();
    let own = policies.filter(|policy| policy.is_active && policy.clients.contains(client));
    let mut rules = own.flat_map(AccessPolicy::active_rules);
    let is_other = rules.any(|rule| rule.access_token_lifetime_minutes != minutes);
    Ok(context.seen.org.unknown_order(client).filter(|_| is_other))
}

/// How long tokens live that the model gives by a rule.
#[derive(Default)]
struct Lifetimes {
    /// Whether the model gives any by it; a rule that never fires is nobody's.
    wanted: bool,
    /// The lifetimes of the found rules that give them.
    found: BTreeSet<Lifetime>,
}

/// How long tokens live by a found rule.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Lifetime {
    minutes: u32,
    /// The name of the rule.
    name: String,
    /// The same with its policy's.
    rule: String,
}

impl Lifetime {
    /// What a token shows of it.
    fn as_seen(&self) -> String {
        rests_on::lifetime_words(&self.rule, i64::from(self.minutes) * 60)
    }
}

fn lifetimes(context: &Context<'_>, wanted: &Rule) -> Seen<Lifetimes> {
    let found = context.all_policies()?;
    let model = context.model.access_policies();
    let openid = OpenIdConnectScopes::AlwaysCovered;
    let client = context.facts.client_id.as_str();
    let mut lifetimes = Lifetimes::default();
    for group in wanted.group_names() {
        let person = Person {
            login: None,
            groups: std::iter::once(group.to_owned()).collect(),
        };
        let model = AccessPolicy::speaking_of(&model, &person);
        let found = AccessPolicy::speaking_of(found, &person);
        let requests = context.model.requests_of_members(&BTreeSet::from([group]));
        for request in requests {
            let scopes = request.with_openid();
            for grant in &wanted.grant_types {
                let by_model = decide(&model, "", &person, &scopes, grant, openid);
                let by_this_rule =
                    matches!(by_model, Decision::Granted(_, rule) if rule.name == wanted.name);
                if !by_this_rule {
                    continue;
                }
                lifetimes.wanted = true;
                let fires = decide(&found, client, &person, &scopes, grant, openid);
                if let Decision::Granted(policy, rule) = fires {
                    lifetimes.found.insert(Lifetime {
                        minutes: rule.access_token_lifetime_minutes,
                        name: rule.name.clone(),
                        rule: rests_on::rule_words(&policy.name, &rule.name),
                    });
                }
            }
        }
    }
    Ok(lifetimes)
}
