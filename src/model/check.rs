//! The model against itself: do its references hold, and do its rules give exactly its intent?

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::expect::ScopeRequest;
use super::file::{OrgModel, short_scope};
use super::places::line_at;
use super::policy::{AccessPolicy, Decision, OpenIdConnectScopes, Person, decide};
use super::{EVERYONE, Flow};

const RESERVED_SCOPES: [&str; 8] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "groups",
    "device_sso",
];

/// Names that nothing defines, and scopes that nothing needs.
pub(super) fn references(model: &OrgModel, text: &str) -> Vec<String> {
    let mut problems = Problems {
        text,
        found: Vec::new(),
    };
    let groups: BTreeSet<&str> = model
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    let scopes: BTreeSet<&str> = model
        .scopes
        .iter()
        .map(|scope| scope.name.get_ref().as_str())
        .collect();
    problems.group_references(model, &groups);
    problems.scope_references(model, &scopes);
    problems.found
}

struct Problems<'a> {
    text: &'a str,
    found: Vec<String>,
}

impl Problems<'_> {
    fn at<T>(&mut self, place: &Spanned<T>, message: &str) {
        let line = line_at(self.text, place.span().start);
        self.found.push(format!("line {line}: {message}"));
    }

    fn group_references(&mut self, model: &OrgModel, groups: &BTreeSet<&str>) {
        let open_to = model
            .endpoints
            .iter()
            .flat_map(|endpoint| &endpoint.open_to);
        let users = model.users.iter().flat_map(|user| &user.groups);
        for name in open_to.chain(users) {
            self.known(name, "group", groups, &[]);
        }
        let rules = model.policy.rules.iter().flat_map(|rule| &rule.groups);
        for name in rules.chain(&model.client.assigned_groups) {
            self.known(name, "group", groups, &[EVERYONE]);
        }
    }

    fn scope_references(&mut self, model: &OrgModel, scopes: &BTreeSet<&str>) {
        for endpoint in &model.endpoints {
            self.known(&endpoint.scope, "scope", scopes, &[]);
        }
        for rule in &model.policy.rules {
            for scope in &rule.scopes {
                self.known(scope, "scope", scopes, &RESERVED_SCOPES);
            }
        }
        for scope in &model.scopes {
            let name = scope.name.get_ref();
            if !model
                .endpoints
                .iter()
                .any(|endpoint| endpoint.scope_name() == name)
            {
                self.at(
                    &scope.name,
                    &format!("no endpoint needs the scope `{name}`; remove it"),
                );
            }
            if let Some(problem) = scope_name_problem(scope.name.get_ref()) {
                self.at(&scope.name, &problem);
            }
        }
    }

    fn known(&mut self, name: &Spanned<String>, kind: &str, all: &BTreeSet<&str>, more: &[&str]) {
        let wanted = name.get_ref().as_str();
        if all.contains(wanted) || more.contains(&wanted) {
            return;
        }
        let allowed: Vec<String> = all
            .iter()
            .chain(more)
            .map(|name| format!("`{name}`"))
            .collect();
        let allowed = allowed.join(", ");
        self.at(
            name,
            &format!("no {kind} `{wanted}` in this model; it has {allowed}"),
        );
    }
}

/// Okta's naming rules for scopes (OpenID Connect and OAuth 2.0 reference, "Scopes").
fn scope_name_problem(name: &str) -> Option<String> {
    let forbidden = |c: char| !c.is_ascii_graphic() || c == '"' || c == '\\';
    if name.is_empty() || name.contains(forbidden) {
        return Some(format!(
            "scope `{name}` must be printable ASCII without space, double quote or backslash"
        ));
    }
    let owned_by_okta = name.starts_with("okta.") || name.starts_with("okta:");
    (owned_by_okta || name == "okta" || name == "*" || RESERVED_SCOPES.contains(&name))
        .then(|| format!("scope name `{name}` is reserved by Okta"))
}

/// Who gets too much or too little, by which rule: nothing, when the rules give the intent.
///
/// Tried for the members of every combination of groups, assigned through their groups or
/// directly, with every combination of scopes and every grant type of the client.
pub(super) fn intent(model: &OrgModel) -> Vec<String> {
    let policies = model.access_policies();
    let groups: Vec<String> = model
        .groups
        .iter()
        .map(|group| group.name.clone())
        .collect();
    let mut too_much = BTreeMap::new();
    let mut too_little = BTreeSet::new();
    for person in everybody(&groups) {
        for endpoint in &model.endpoints {
            let scope = endpoint.scope_name();
            let wanted = endpoint
                .open_to_names()
                .any(|group| person.groups.contains(group));
            if wanted {
                too_little.extend(kept_out(model, &policies, &person, scope));
            } else if let Some(rule) = lets_in(model, &policies, &person, scope) {
                let who = words(&person.groups);
                too_much.entry((scope.to_owned(), rule)).or_insert(who);
            }
        }
    }
    let much = too_much.into_iter().map(|((scope, rule), who)| {
        format!(
            "too much: {who} get `{}` by rule `{rule}`, and no endpoint that needs it is open \
             to them",
            short_scope(&scope)
        )
    });
    much.chain(too_little).collect()
}

fn everybody(groups: &[String]) -> impl Iterator<Item = Person> {
    (0..1_usize << groups.len()).map(|mask| {
        let members = groups
            .iter()
            .enumerate()
            .filter(|(index, _)| mask & (1 << index) != 0);
        Person {
            login: None,
            groups: members.map(|(_, group)| group.clone()).collect(),
        }
    })
}

/// The rule by which somebody who may not have the scope could get it, if anything assigned them.
fn lets_in(
    model: &OrgModel,
    policies: &[AccessPolicy],
    person: &Person,
    scope: &str,
) -> Option<String> {
    let others: Vec<&str> = model
        .scopes
        .iter()
        .map(|other| other.name.get_ref().as_str())
        .filter(|other| *other != scope)
        .collect();
    for mask in 0..1_usize << others.len() {
        let chosen = others
            .iter()
            .enumerate()
            .filter(|(index, _)| mask & (1 << index) != 0);
        let scopes = chosen.map(|(_, other)| (*other).to_owned());
        let asked: BTreeSet<String> = scopes.chain([scope.to_owned()]).collect();
        for grant_type in &model.client.grant_types {
            let openid = OpenIdConnectScopes::AlwaysCovered;
            if let Decision::Granted(_, rule) =
                decide(policies, "", person, &asked, grant_type, openid)
            {
                return Some(rule.name.clone());
            }
        }
    }
    None
}

/// Why somebody who must have the scope does not get it.
fn kept_out(
    model: &OrgModel,
    policies: &[AccessPolicy],
    person: &Person,
    scope: &str,
) -> Vec<String> {
    let who = words(&person.groups);
    let short = short_scope(scope);
    if !model.is_assigned(&person.groups, false) {
        return vec![format!(
            "too little: {who} must get `{short}`, but `client.assigned_groups` has none of \
             their groups"
        )];
    }
    let asked = ScopeRequest {
        scopes: vec![scope.to_owned()],
    }
    .with_openid();
    let openid = OpenIdConnectScopes::MustBeInRule;
    let denied = |grant_type: &&str| {
        matches!(
            decide(policies, "", person, &asked, grant_type, openid),
            Decision::Denied
        )
    };
    let grant_types = model.flows().into_iter().map(Flow::grant_type);
    let refused = grant_types.filter(denied);
    refused
        .map(|grant_type| {
            format!(
                "too little: {who} must get `{short}` by {grant_type}, but no rule holds them, \
                 that grant type, `openid` and `{short}`"
            )
        })
        .collect()
}

fn words(groups: &BTreeSet<String>) -> String {
    if groups.is_empty() {
        return "users in no group".to_owned();
    }
    format!("members of {}", quoted(groups))
}

fn quoted(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" and ")
}
