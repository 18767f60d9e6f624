//! The model against itself: do its references hold, and do its rules give exactly its intent?

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::file::{OrgModel, Scope};
use super::places::line_at;
use super::policy::{
    AccessPolicy, AccessRule, Decision, OpenIdConnectScopes, Person, decide, first_match,
};
use super::{EVERYONE, Endpoint, Flow, Provider};
use crate::escape;

/// Okta's own scopes, which every authorization server has.
pub(super) const RESERVED_SCOPES: [&str; 8] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "groups",
    "device_sso",
];

/// Of what a page says.
const FEWEST_CHARACTERS: usize = 4;

/// Names that nothing defines, and names that no scope may have.
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
    problems.own_words(model);
    problems.audience_parameter(model);
    problems.doubles(model);
    problems.found
}

/// The lists of names that a model has.
fn lists(model: &OrgModel) -> impl Iterator<Item = Vec<&Spanned<String>>> {
    let endpoints = model.endpoints.iter();
    let of_endpoints = endpoints.flat_map(|endpoint| {
        [
            endpoint.open_to.iter().collect(),
            endpoint.named_scopes().collect(),
        ]
    });
    let rules = model.policy.rules.iter();
    let of_rules = rules.flat_map(|rule| [&rule.groups, &rule.scopes]);
    let users = model.users.iter().map(|user| &user.groups);
    let claims = model.claims.iter().map(|claim| &claim.scopes);
    let services = model.services.iter().map(|service| &service.scopes);
    let whole = of_rules.chain(users).chain(claims).chain(services);
    let whole = whole.chain([&model.client.assigned_groups]);
    of_endpoints.chain(whole.map(|list| list.iter().collect()))
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
        for name in users {
            self.known(name, "group", groups, &[]);
        }
        let rules = model.policy.rules.iter().flat_map(|rule| &rule.groups);
        for name in open_to.chain(rules).chain(&model.client.assigned_groups) {
            self.known(name, "group", groups, &[EVERYONE]);
        }
    }

    fn scope_references(&mut self, model: &OrgModel, scopes: &BTreeSet<&str>) {
        for endpoint in &model.endpoints {
            for scope in endpoint.named_scopes() {
                self.known(scope, "scope", scopes, &[]);
            }
        }
        for rule in &model.policy.rules {
            for scope in &rule.scopes {
                self.known(scope, "scope", scopes, &RESERVED_SCOPES);
            }
        }
        for scope in &model.scopes {
            if let Some(problem) = scope_name_problem(scope.name()) {
                self.at(&scope.name, &problem);
            }
        }
    }

    /// Words that any page holds would make every page say so.
    fn own_words(&mut self, model: &OrgModel) {
        let client = &model.client;
        let quoted = [
            ("not_assigned", &client.not_assigned),
            ("denied", &client.denied),
        ];
        for (name, words) in quoted {
            for words in words {
                if words.get_ref().trim().chars().count() < FEWEST_CHARACTERS {
                    let problem = format!(
                        "`{name}` must quote what the org says, {FEWEST_CHARACTERS} characters of \
                         it or more"
                    );
                    self.at(words, &problem);
                }
            }
        }
    }

    fn audience_parameter(&mut self, model: &OrgModel) {
        let parameter = model.authorization_server.audience_parameter.as_ref();
        if let Some(parameter) = parameter.filter(|_| model.provider == Provider::Okta) {
            let problem = "`audience_parameter` is for `provider = \"generic\"`: Okta's \
                           authorization servers have one audience, and no request names it";
            self.at(parameter, problem);
        }
    }

    /// A name that is there twice may be meant for another.
    fn doubles(&mut self, model: &OrgModel) {
        for list in lists(model) {
            let mut seen = BTreeSet::new();
            for name in list {
                if !seen.insert(name.get_ref()) {
                    let problem = format!(
                        "`{}` is named twice in this list: remove one, or name what was meant",
                        name.get_ref()
                    );
                    self.at(name, &problem);
                }
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

/// Whether only Okta gives scopes such names (OpenID Connect and OAuth 2.0 reference, "Scopes").
pub(crate) fn is_reserved_by_okta(scope: &str) -> bool {
    let owned_by_okta = scope.starts_with("okta.") || scope.starts_with("okta:");
    owned_by_okta || scope == "okta" || scope == "*" || RESERVED_SCOPES.contains(&scope)
}

/// Okta's naming rules for scopes (OpenID Connect and OAuth 2.0 reference, "Scopes").
fn scope_name_problem(name: &str) -> Option<String> {
    let forbidden = |c: char| !c.is_ascii_graphic() || c == '"' || c == '\\';
    if name.is_empty() || name.contains(forbidden) {
        return Some(format!(
            "scope `{name}` must be printable ASCII without space, double quote or backslash{}",
            escape::unusual(name)
        ));
    }
    is_reserved_by_okta(name).then(|| format!("scope name `{name}` is reserved by Okta"))
}

/// Who gets too much or too little, by which rule: nothing, when the rules give the intent.
///
/// Tried for users in no group and for the members of each group alone, with each scope alone and
/// every grant type of the client. That is enough, since a rule of a model excludes nobody: anyone
/// who is in several groups gets what each of them gives, and may have what each of them may. So
/// who gets too much, gets it as a member of one of them (or as anybody), and who gets too little
/// gets too little as a member of the one that must get it. And a rule that covers a request covers
/// each scope of it.
pub(super) fn intent(model: &OrgModel) -> Vec<String> {
    let policies = model.access_policies();
    let mut too_much = BTreeMap::new();
    let mut too_little = BTreeSet::new();
    // Once for each endpoint, and not for each whom it is tried for.
    let endpoints = model.endpoints.iter().filter(|it| !it.is_public());
    let endpoints: Vec<(&Endpoint, Vec<Way<'_>>)> =
        endpoints.map(|it| (it, it.needs().ways())).collect();
    for person in everybody(model) {
        let policies = AccessPolicy::speaking_of(&policies, &person);
        for (endpoint, ways) in &endpoints {
            if endpoint.is_open_to(&person) {
                too_little.extend(kept_out(model, &policies, &person, (endpoint, ways)));
            } else if let Some((what, rule)) = lets_in(model, &policies, &person, ways) {
                let who = words(&person.groups);
                too_much.entry((what, rule)).or_insert(who);
            }
        }
    }
    let much = too_much.into_iter().map(|((what, rule), who)| {
        format!(
            "too much: {who} get {what} by rule `{rule}`, and no endpoint that needs it is open \
             to them"
        )
    });
    much.chain(too_little).collect()
}

/// A way into an endpoint: every one of these scopes is needed.
type Way<'m> = Vec<&'m str>;

/// Somebody in no group, and somebody in each group alone.
fn everybody(model: &OrgModel) -> impl Iterator<Item = Person> {
    let groups = model.groups.iter().map(|group| Some(group.name.clone()));
    std::iter::once(None).chain(groups).map(|group| Person {
        login: None,
        groups: group.into_iter().collect(),
    })
}

/// What somebody who may not use an endpoint could get that opens it, if anything assigned them,
/// and the rule that gives it.
fn lets_in(
    model: &OrgModel,
    policies: &[AccessPolicy],
    person: &Person,
    ways: &[Way<'_>],
) -> Option<(String, String)> {
    let openid = OpenIdConnectScopes::AlwaysCovered;
    ways.iter().find_map(|way| {
        let covers = |rule: &AccessRule| way.iter().all(|scope| rule.covers(scope, openid));
        let mut grant_types = model.client.grant_types.iter();
        let rule = grant_types.find_map(|grant_type| {
            match first_match(policies, "", person, grant_type, covers) {
                Decision::Granted(_, rule) => Some(rule.name.clone()),
                Decision::Denied => None,
            }
        });
        rule.map(|rule| (called(model, way), rule))
    })
}

/// What a way in is called: its scopes, or the token itself.
fn called(model: &OrgModel, way: &[&str]) -> String {
    let names = way.iter().map(|scope| format!("`{}`", short(model, scope)));
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return "a token".to_owned();
    }
    names.join(" and ")
}

fn short<'a>(model: &'a OrgModel, scope: &'a str) -> &'a str {
    let mut scopes = model.scopes.iter();
    let known = scopes.find(|known| known.name() == scope);
    known.map_or(scope, Scope::short)
}

impl Endpoint {
    /// Whether the person may use it.
    fn is_open_to(&self, person: &Person) -> bool {
        let mut names = self.open_to_names();
        names.any(|group| group == EVERYONE || person.groups.contains(group))
    }

    /// Whether it is open to a group of the person that the model names, so that the client must be
    /// assigned to it. To `Everyone` it is open as far as the client is assigned: Okta's
    /// administrators read "Any user assigned the app" where a rule says `EVERYONE`.
    fn names_group_of(&self, person: &Person) -> bool {
        let mut names = self.open_to_names();
        names.any(|group| person.groups.contains(group))
    }
}

/// Why somebody who must have the scope does not get it.
fn kept_out(
    model: &OrgModel,
    policies: &[AccessPolicy],
    person: &Person,
    (endpoint, ways): (&Endpoint, &[Way<'_>]),
) -> Vec<String> {
    let who = words(&person.groups);
    let wanted = || {
        let ways = ways.iter().map(|way| called(model, way));
        ways.collect::<Vec<_>>().join(" or ")
    };
    if endpoint.names_group_of(person) && !model.is_assigned(&person.groups, false) {
        return vec![format!(
            "too little: {who} must get {}, but `client.assigned_groups` has none of \
             their groups",
            wanted()
        )];
    }
    let is_denied = |way: &Way<'_>, grant_type: &str| {
        let openid = OpenIdConnectScopes::MustBeInRule;
        let asked = way.iter().map(|scope| (*scope).to_owned());
        let asked = asked.chain(["openid".to_owned()]).collect();
        let decision = decide(policies, "", person, &asked, grant_type, openid);
        matches!(decision, Decision::Denied)
    };
    let grant_types = model.flows().into_iter().map(Flow::grant_type);
    let refused = grant_types.filter(|grant| ways.iter().all(|way| is_denied(way, grant)));
    refused
        .map(|grant_type| {
            format!(
                "too little: {who} must get {} by {grant_type}, but no rule holds them, \
                 that grant type, `openid` and {}",
                wanted(),
                wanted()
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

#[cfg(test)]
mod tests;
