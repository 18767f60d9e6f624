//! The ids of what was found, in place of the placeholders of a fix: who reads it has the org open.

use std::collections::{BTreeMap, BTreeSet};

use super::place;
use crate::config::Facts;
use crate::observation::FoundOrg;
use crate::requirements::rests_on::{GROUPS, POLICIES, RULES, SETTINGS, rule_words};
use crate::requirements::{Observed, Subject};

/// The ids of the objects that a run found, by what the trials call them.
#[derive(Debug, Default)]
pub struct Ids {
    of_run: BTreeMap<&'static str, String>,
    groups: BTreeMap<String, String>,
    users: BTreeMap<String, String>,
    logins: BTreeMap<String, String>,
    scopes: BTreeMap<String, String>,
    claims: BTreeMap<String, String>,
    /// The ids of the access policies, by name.
    policies: BTreeMap<String, String>,
    /// The ids of policy and rule, by the words for both.
    rules: BTreeMap<String, [String; 2]>,
}

/// So many rules or groups are named in one fix; the finding has the rest.
const MOST_NAMED: usize = 3;
const POLICY: &str = "{policyId}";

impl Ids {
    /// What is known of an org by now.
    #[must_use]
    pub fn new(facts: &Facts, org: &FoundOrg) -> Self {
        let mut ids = Self {
            logins: facts.logins.clone(),
            ..Self::of_org(org)
        };
        ids.of_run.insert("{issuer}", facts.issuer.clone());
        let server = org.server.iter().flatten().next();
        let server = server.map(|server| server.id.clone());
        let server = server.or_else(|| server_of(&facts.issuer));
        ids.of_run.extend(server.map(|id| ("{authServerId}", id)));
        ids
    }

    fn of_org(org: &FoundOrg) -> Self {
        let mut ids = Self::default();
        let client = org.client.iter().flatten().next();
        ids.of_run
            .extend(client.map(|client| ("{appId}", client.id.clone())));
        let named = org.group_names.iter();
        ids.groups = named.map(|(id, name)| (name.clone(), id.clone())).collect();
        let groups = org.groups.iter().flatten();
        let groups = groups.filter_map(|(name, group)| Some((name, group.one()?)));
        ids.groups
            .extend(groups.map(|(name, group)| (name.clone(), group.id.clone())));
        for (name, user) in &org.users {
            let user = user.iter().flatten().next();
            ids.users
                .extend(user.map(|user| (name.clone(), user.user.id.clone())));
        }
        let scopes = org.scopes.iter().flatten();
        ids.scopes = scopes
            .map(|own| (own.name.clone(), own.id.clone()))
            .collect();
        let claims = org.claims.iter().flatten();
        ids.claims = claims
            .map(|own| (own.name.clone(), own.id.clone()))
            .collect();
        for found in org.policies.iter().flatten() {
            let (name, id) = (found.policy.name.clone(), found.policy.id.clone());
            ids.policies.insert(name, id);
            ids.rules.extend(found.rules.iter().map(|rule| {
                let of_rule = [found.policy.id.clone(), rule.id.clone()];
                (rule_words(&found.policy.name, &rule.name), of_rule)
            }));
        }
        ids
    }

    /// The text with the ids that are known of what it is about, each call for each of several;
    /// what is not known is said in words.
    #[must_use]
    pub fn fill(&self, text: &str, subject: Option<&Subject>, observed: &Observed) -> String {
        let mut text = text.to_owned();
        for (placeholder, id) in &self.of_run {
            text = text.replace(placeholder, id);
        }
        let rules = observed.list(RULES).filter_map(|rule| self.rules.get(rule));
        let rules = rules.map(|[policy, rule]| vec![("{policyId}", policy), ("{ruleId}", rule)]);
        text = for_each(&text, "{ruleId}", rules);
        let policies = self.policies_of(&text, observed).into_iter();
        let policies = policies.map(|id| vec![(POLICY, id)]);
        text = for_each(&text, POLICY, policies);
        let groups = observed
            .list(GROUPS)
            .filter_map(|name| self.groups.get(name));
        text = for_each(&text, "{groupId}", groups.map(|id| vec![("{groupId}", id)]));
        for (placeholder, id) in self.of_subject(subject, observed) {
            if let Some(id) = id {
                text = text.replace(placeholder, id);
            }
        }
        self.in_words(&text)
    }

    /// The place of a fix with the names of what it is about.
    #[must_use]
    pub fn name(&self, place: &str, subject: Option<&Subject>, observed: &Observed) -> String {
        let login = |user: &str| self.logins.get(user).cloned();
        place::named(place, &place::names_of(subject, observed, login))
    }

    /// The policies that a finding is of, by themselves or by their rules. What a call only reads,
    /// it reads of all of them, and of one alone there is no doubt.
    fn policies_of(&self, text: &str, observed: &Observed) -> BTreeSet<&String> {
        let named = observed.list(POLICIES);
        let named = named.filter_map(|name| self.policies.get(name));
        let rules = observed.list(RULES).filter_map(|rule| self.rules.get(rule));
        let of_finding: BTreeSet<&String> = named.chain(rules.map(|[policy, _]| policy)).collect();
        let is_clear = text.starts_with("GET ") || self.policies.len() == 1;
        if of_finding.is_empty() && is_clear {
            return self.policies.values().collect();
        }
        of_finding
    }

    fn of_subject(
        &self,
        subject: Option<&Subject>,
        observed: &Observed,
    ) -> [(&'static str, Option<&String>); 5] {
        let part = |part: fn(&Subject) -> &Option<String>| subject.and_then(|s| part(s).as_ref());
        let setting = observed
            .list(SETTINGS)
            .find_map(|path| path.strip_prefix("claims."));
        let claim = setting.and_then(|name| self.claims.get(name));
        let user = part(|subject| &subject.user);
        [
            (
                "{groupId}",
                known(&self.groups, part(|subject| &subject.group)),
            ),
            ("{userId}", known(&self.users, user)),
            ("{login}", known(&self.logins, user)),
            (
                "{scopeId}",
                known(&self.scopes, part(|subject| &subject.scope)),
            ),
            (
                "{claimId}",
                claim.or_else(|| known(&self.claims, part(|subject| &subject.case))),
            ),
        ]
    }

    /// What is left of placeholders: the id of what one names, as `{claimId of sub}` does, else in
    /// words: `{trustedOriginId}` is the id of the trusted origin.
    fn in_words(&self, text: &str) -> String {
        let mut words = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = placeholder(rest) {
            let id = self.of_name(name).cloned();
            words.push_str(before);
            words.push_str(&id.unwrap_or_else(|| name_in_words(name)));
            rest = after;
        }
        words + rest
    }

    fn of_name(&self, placeholder: &str) -> Option<&String> {
        let (kind, name) = placeholder.split_once(" of ")?;
        match kind {
            "groupId" => self.groups.get(name),
            "claimId" => self.claims.get(name),
            _ => None,
        }
    }
}

/// The text once for each of these, where it has the placeholder that tells them apart.
fn for_each<'i>(
    text: &str,
    placeholder: &str,
    each: impl Iterator<Item = Vec<(&'static str, &'i String)>>,
) -> String {
    if !text.contains(placeholder) {
        return text.to_owned();
    }
    let filled = each.map(|ids| {
        let mut text = text.to_owned();
        for (placeholder, id) in ids {
            text = text.replace(placeholder, id);
        }
        text
    });
    let mut filled: Vec<String> = filled.collect();
    filled.dedup();
    let more = filled.len().saturating_sub(MOST_NAMED);
    filled.truncate(MOST_NAMED);
    if filled.is_empty() {
        return text.to_owned();
    }
    if more > 0 {
        filled.push(format!("and the same for {more} more"));
    }
    filled.join("; ")
}

/// What is before the first placeholder of a text, its name, and what is behind it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let is_name = |name: &str| {
        // What one is called, anybody may have chosen.
        let kind = name.split_once(" of ").map_or(name, |(kind, _)| kind);
        kind.starts_with(|c: char| c.is_ascii_lowercase())
            && kind.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
    };
    text.match_indices('{').find_map(|(place, _)| {
        let (before, behind) = (text.get(..place)?, text.get(place + 1..)?);
        let (name, after) = behind.split_once('}')?;
        is_name(name).then_some((before, name, after))
    })
}

fn name_in_words(name: &str) -> String {
    let (name, of) = name.split_once(" of ").unwrap_or((name, ""));
    let object = name.strip_suffix("Id");
    let words: String = object
        .unwrap_or(name)
        .chars()
        .flat_map(|c| match c {
            '_' => vec![' '],
            c if c.is_ascii_uppercase() => vec![' ', c.to_ascii_lowercase()],
            c => vec![c],
        })
        .collect();
    let of = if of.is_empty() {
        String::new()
    } else {
        format!(" {of}")
    };
    match object {
        Some(_) => format!("(id of the {words}{of})"),
        None => format!("(the {words}{of})"),
    }
}

fn known<'a>(ids: &'a BTreeMap<String, String>, name: Option<&String>) -> Option<&'a String> {
    name.and_then(|name| ids.get(name))
}

/// `https://{org}/oauth2/{authServerId}`: the form that Okta's issuers have.
fn server_of(issuer: &str) -> Option<String> {
    let (_, id) = issuer.split_once("/oauth2/")?;
    let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (!id.is_empty() && id.chars().all(is_id)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn ids() -> Ids {
        let rule = |policy: &str, rule: &str, ids: [&str; 2]| {
            (rule_words(policy, rule), ids.map(str::to_owned))
        };
        Ids {
            of_run: server_of("https://org.example/oauth2/aus1")
                .map(|id| ("{authServerId}", id))
                .into_iter()
                .collect(),
            rules: [
                rule("P", "gold", ["p1", "r1"]),
                rule("Q", "gold", ["p2", "r2"]),
                rule("Q", "silver", ["p2", "r3"]),
                rule("Q", "more", ["p2", "r4"]),
            ]
            .into(),
            groups: [("Everyone", "00g1"), ("a (b) of-1", "00g2")]
                .map(|(name, id)| (name.to_owned(), id.to_owned()))
                .into(),
            policies: [("P", "p1"), ("Q", "p2")]
                .map(|(name, id)| (name.to_owned(), id.to_owned()))
                .into(),
            ..Ids::default()
        }
    }

    fn resting_on(rules: &[&str]) -> Observed {
        let rules = rules.iter().map(|rule| (*rule).to_owned());
        let mut observed = Observed::default();
        observed.keep(RULES, rules.collect::<Vec<_>>());
        observed
    }

    #[rstest]
    #[case::known("GET {authServerId}/keys", "GET aus1/keys")]
    #[case::of_no_found_client("PUT /apps/{appId}", "PUT /apps/(id of the app)")]
    #[case::of_two_words("{trustedOriginId}", "(id of the trusted origin)")]
    #[case::no_id("GET {authorization_endpoint}", "GET (the authorization endpoint)")]
    #[case::of_a_name("{groupId of Everyone}", "00g1")]
    #[case::of_a_name_with_anything_in_it("{groupId of a (b) of-1}", "00g2")]
    #[case::of_another_name("{groupId of staff}", "(id of the group staff)")]
    #[case::json("with {\"a\":{}} and {x", "with {\"a\":{}} and {x")]
    fn what_is_not_known_is_said_in_words(#[case] text: &str, #[case] wanted: &str) {
        assert_eq!(ids().fill(text, None, &Observed::default()), wanted);
    }

    #[rstest]
    #[case::what_is_named("PUT {policyId}", &["Q"], &[], "PUT p2")]
    #[case::each_that_is_named("PUT {policyId}", &["Q", "P"], &[], "PUT p1; PUT p2")]
    #[case::that_of_a_rule("GET {policyId}", &[], &["rule `gold` of policy `P`"], "GET p1")]
    #[case::all_where_it_reads("GET {policyId}", &[], &[], "GET p1; GET p2")]
    #[case::none_where_it_writes("PUT {policyId}", &[], &[], "PUT (id of the policy)")]
    fn each_policy_has_its_own_call(
        #[case] text: &str,
        #[case] policies: &[&str],
        #[case] rules: &[&str],
        #[case] wanted: &str,
    ) {
        let mut observed = resting_on(rules);
        let policies = policies.iter().map(|policy| (*policy).to_owned());
        observed.keep(POLICIES, policies.collect::<Vec<_>>());
        assert_eq!(ids().fill(text, None, &observed), wanted);
    }

    #[test]
    fn of_one_policy_there_is_no_doubt() {
        let mut ids = ids();
        ids.policies.remove("Q");
        assert_eq!(
            ids.fill("PUT {policyId}", None, &Observed::default()),
            "PUT p1"
        );
    }

    #[rstest]
    #[case::one(&["rule `gold` of policy `Q`"], "PUT p2/r2")]
    #[case::two(
        &["rule `gold` of policy `P`", "rule `gold` of policy `Q`"], "PUT p1/r1; PUT p2/r2")]
    #[case::many(
        &["rule `gold` of policy `P`", "rule `gold` of policy `Q`", "rule `silver` of policy `Q`",
          "rule `more` of policy `Q`"],
        "PUT p1/r1; PUT p2/r2; PUT p2/r3; and the same for 1 more")]
    #[case::none(&[], "PUT (id of the policy)/(id of the rule)")]
    #[case::unknown(&["rule `x` of policy `P`"], "PUT (id of the policy)/(id of the rule)")]
    fn each_rule_has_its_own_call(#[case] rules: &[&str], #[case] wanted: &str) {
        let filled = ids().fill("PUT {policyId}/{ruleId}", None, &resting_on(rules));
        assert_eq!(filled, wanted);
    }
}
