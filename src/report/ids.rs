//! The ids of what was found, in place of the placeholders of a fix: who reads it has the org open.

use std::collections::BTreeMap;

use crate::config::Facts;
use crate::observation::FoundOrg;
use crate::requirements::Subject;

/// The ids of the objects that a run found, by what the trials call them.
#[derive(Debug, Default)]
pub struct Ids {
    of_run: BTreeMap<&'static str, String>,
    groups: BTreeMap<String, String>,
    users: BTreeMap<String, String>,
    scopes: BTreeMap<String, String>,
    /// The ids of policy and rule; none, where several rules have the name.
    rules: BTreeMap<String, Option<[String; 2]>>,
}

impl Ids {
    /// What is known of an org by now.
    #[must_use]
    pub fn new(facts: &Facts, org: &FoundOrg) -> Self {
        let mut ids = Self::default();
        ids.of_run.insert("{issuer}", facts.issuer.clone());
        let server = org.server.iter().flatten().next();
        let server = server.map(|server| server.id.clone());
        let server = server.or_else(|| server_of(&facts.issuer));
        ids.of_run.extend(server.map(|id| ("{authServerId}", id)));
        let client = org.client.iter().flatten().next();
        ids.of_run
            .extend(client.map(|client| ("{appId}", client.id.clone())));
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
        ids.scopes
            .extend(scopes.map(|scope| (scope.name.clone(), scope.id.clone())));
        if let [only] = &org.policies.iter().flatten().collect::<Vec<_>>()[..] {
            ids.of_run.insert("{policyId}", only.policy.id.clone());
        }
        for found in org.policies.iter().flatten() {
            for rule in &found.rules {
                let of_rule = [found.policy.id.clone(), rule.id.clone()];
                let known = ids.rules.entry(rule.name.clone());
                known
                    .and_modify(|known| *known = None)
                    .or_insert(Some(of_rule));
            }
        }
        ids
    }

    /// The text with the ids that are known of what it is about.
    #[must_use]
    pub fn fill(&self, text: &str, subject: Option<&Subject>) -> String {
        let mut text = text.to_owned();
        for (placeholder, id) in &self.of_run {
            text = text.replace(placeholder, id);
        }
        let Some(subject) = subject else { return text };
        let rule = subject.rule.as_ref().and_then(|name| self.rules.get(name));
        let rule = rule.and_then(Option::as_ref);
        let of_subject = [
            ("{groupId}", known(&self.groups, subject.group.as_ref())),
            ("{userId}", known(&self.users, subject.user.as_ref())),
            ("{scopeId}", known(&self.scopes, subject.scope.as_ref())),
            ("{policyId}", rule.map(|[policy, _]| policy)),
            ("{ruleId}", rule.map(|[_, rule]| rule)),
        ];
        for (placeholder, id) in of_subject {
            if let Some(id) = id {
                text = text.replace(placeholder, id);
            }
        }
        text
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

    #[rstest]
    #[case::issuer("https://org.example/oauth2/aus1", "GET aus1/keys of {appId}")]
    #[case::of_another_provider(
        "https://org.example/realms/x",
        "GET {authServerId}/keys of {appId}"
    )]
    fn what_is_not_known_stays_a_placeholder(#[case] issuer: &str, #[case] wanted: &str) {
        let ids = Ids {
            of_run: server_of(issuer)
                .map(|id| ("{authServerId}", id))
                .into_iter()
                .collect(),
            ..Ids::default()
        };
        assert_eq!(ids.fill("GET {authServerId}/keys of {appId}", None), wanted);
    }

    #[test]
    fn a_name_that_two_rules_have_names_neither() {
        let rules = [("gold", Some(["p1", "r1"])), ("silver", None)];
        let rule = |(name, ids): (&str, Option<[&str; 2]>)| {
            (name.to_owned(), ids.map(|ids| ids.map(str::to_owned)))
        };
        let ids = Ids {
            rules: rules.map(rule).into_iter().collect(),
            ..Ids::default()
        };
        let of = |name: &str| ids.fill("{policyId} {ruleId}", Some(&Subject::rule(name)));
        assert_eq!(of("gold"), "p1 r1");
        assert_eq!(of("silver"), "{policyId} {ruleId}");
    }
}
