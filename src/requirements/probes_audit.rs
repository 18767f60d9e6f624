//! Step 3c of probes: their policy gives the test users what they probe with, and nobody anything
//! else.

use std::collections::BTreeSet;

use super::context::Context;
use super::drift::Drift;
use super::found::{Code, Found};
use super::rests_on;
use super::see;
use super::step::Step;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{AccessPolicy, AccessRule, Allowed, OrgModel, PROBES_POLICY, Probe, ProbesRule};
use crate::observation::missing::MAKE_PROBES;
use crate::observation::{Need, NotSeen, Seen};

impl Context<'_> {
    /// Whether a policy is the one that was made for the probes of the model.
    pub(super) fn is_of_probes(&self, policy: &str) -> bool {
        self.model.probes.any() && policy == PROBES_POLICY
    }
}

pub(super) fn trials(model: &OrgModel) -> Option<Trial> {
    let rules = model.probes_rules_of(None);
    let any = !rules.is_empty();
    let (scopes, users) = (
        all(&rules, |rule| &rule.scopes),
        all(&rules, |rule| &rule.users),
    );
    let name = "the_probes_give_what_they_are_for_and_nothing_else";
    let needs = [Need::Policies, Need::Groups, Need::Users];
    let judge = move |context: &Context<'_>| {
        let found = policy(context)?;
        let more = more(context, &rules, found);
        Ok(Judgement::when(more.is_empty(), || Finding {
            found: Found::of(Code::ProbesGiveMore, more.iter().cloned()),
            expected: format!(
                "an access policy `{PROBES_POLICY}` for the client alone, with rules that give {} \
                 to the test users {} as the model has it, and to nobody else",
                listed(&scopes),
                listed(&users)
            ),
            actual: more.join("; "),
            fix: Fix::new(
                format!(
                    "Security > API > Authorization Servers > the server > Access Policies > \
                     {PROBES_POLICY}: delete it; then {MAKE_PROBES}"
                ),
                "DELETE /api/v1/authorizationServers/{authServerId}/policies/{policyId}",
            ),
        })
        .resting_on(rests_on::POLICIES, [PROBES_POLICY]))
    };
    let step = Step::AccessPolicy;
    any.then(|| Trial::new(step, name, see::ACCESS_POLICY, needs, judge))
}

/// What all rules together have of something.
fn all(rules: &[ProbesRule], of: fn(&ProbesRule) -> &BTreeSet<String>) -> BTreeSet<String> {
    rules.iter().flat_map(of).cloned().collect()
}

/// The policy of the probes, as found.
fn policy<'a>(context: &'a Context<'_>) -> Seen<&'a AccessPolicy> {
    let policies = context.all_policies()?;
    let mut own = policies
        .iter()
        .filter(|policy| policy.name == PROBES_POLICY);
    let none = || NotSeen::not_configured(format!("the org has no probes: {MAKE_PROBES}"));
    own.next().ok_or_else(none)
}

/// What the policy gives beyond what the probes need, in words.
fn more(context: &Context<'_>, wanted: &[ProbesRule], found: &AccessPolicy) -> Vec<String> {
    let client = Allowed::only([context.facts.client_id.as_str()]);
    let mut more = Vec::new();
    if found.is_active && found.clients != client {
        more.push("it is for other clients too".to_owned());
    }
    let rules = found.active_rules().filter(|_| found.is_active);
    for rule in rules {
        let known = wanted.iter().find(|wanted| wanted.name == rule.name);
        let given = known.map_or_else(
            || vec!["is none of the probes'".to_owned()],
            |wanted| given(context, wanted, rule),
        );
        let given = given.into_iter();
        more.extend(given.map(|what| format!("rule `{}` {what}", rule.name)));
    }
    more
}

fn given(context: &Context<'_>, wanted: &ProbesRule, rule: &AccessRule) -> Vec<String> {
    let own: BTreeSet<String> = wanted
        .users
        .iter()
        .filter_map(|name| context.login(name))
        .collect();
    let mut more = Vec::new();
    match &rule.groups {
        Allowed::All => more.push("is for everyone".to_owned()),
        Allowed::Only(groups) if !groups.is_empty() => {
            more.push(format!("is for members of {}", listed(groups)));
        }
        Allowed::Only(_) => {}
    }
    let others: BTreeSet<String> = rule.users.difference(&own).cloned().collect();
    if !others.is_empty() {
        more.push(format!("is for {}", listed(&others)));
    }
    match &rule.scopes {
        Allowed::All => more.push("gives every scope".to_owned()),
        Allowed::Only(scopes) => {
            let is_other = |scope: &&String| !wanted.scopes.contains(*scope);
            let others: BTreeSet<String> = scopes.iter().filter(is_other).cloned().collect();
            if !others.is_empty() {
                more.push(format!("gives {}", listed(&others)));
            }
        }
    }
    more
}

fn listed(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

/// Servers that `provision --with-probes` made, where the model names no such probe.
pub(super) fn servers_of_no_model(given: &Context<'_>) -> Option<Drift> {
    let servers = given.seen.org.servers.as_ref().ok()?;
    let of_probes = servers
        .iter()
        .filter(|server| Probe::of_server(&server.name).is_some());
    let named: Vec<String> = of_probes
        .map(|server| format!("`{}`", server.name))
        .collect();
    let is_drift = !named.is_empty() && !given.model.probes.second_server;
    is_drift.then(|| {
        Drift::new(
            "authorizationServers",
            "no server of probes, since the model has no `second_server` in `[probes]` \
             (`provision --teardown` deletes those that it made)",
            named.join(", "),
        )
    })
}
