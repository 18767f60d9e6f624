//! The values of a model, each by itself: what is blank, given twice or out of range, and where.

use std::collections::BTreeSet;

use super::file::OrgModel;
use super::places::{Places, Step, place};
use super::{
    AUTHORIZATION_CODE, ApplicationType, EVERYONE, Endpoint, IMPLICIT, REFRESH_TOKEN, Scope,
    TestUser,
};
use url::Url;

use crate::origin::holds_user;

/// Of a rule: Okta's rules have no `refresh_token`, since policies are asked when a user signs in.
pub(super) const GRANT_TYPES: [&str; 2] = [AUTHORIZATION_CODE, IMPLICIT];
pub(super) const CLIENT_GRANT_TYPES: [&str; 3] = [AUTHORIZATION_CODE, IMPLICIT, REFRESH_TOKEN];
pub(super) const RESPONSE_TYPES: [&str; 3] = ["code", "token", "id_token"];
/// What every model has at its top level, as it is written there.
const PARTS: [(&str, &str); 7] = [
    ("title", "title"),
    ("endpoint", "[[endpoint]]"),
    ("user", "[[user]]"),
    ("authorization_server", "[authorization_server]"),
    ("scope", "[[scope]]"),
    ("policy", "[policy]"),
    ("client", "[client]"),
];

/// The parts that a model lacks: all of them at once, where the reader would stop at the first.
pub(super) fn missing_parts(text: &str) -> Option<String> {
    let places = Places::of(text);
    let missing = PARTS.iter().filter(|(name, _)| places.lacks(name));
    let missing: Vec<&str> = missing.map(|(_, written)| *written).collect();
    let whole = if places.lacks("service") {
        "fixtures/org.toml is a whole one"
    } else {
        "services are verified beside one client and one test user who gets `openid`: \
         fixtures/org-services.toml has just that"
    };
    let missing = missing.join(", no ");
    (!missing.is_empty()).then(|| format!("line 1: the model has no {missing}; {whole}"))
}

/// Every value that cannot be right.
pub(super) fn values(model: &OrgModel, text: &str) -> Vec<String> {
    let mut problems = Problems {
        places: Places::of(text),
        found: Vec::new(),
    };
    problems.names(model);
    problems.uniqueness(model);
    problems.empty_lists(model);
    problems.users(model);
    problems.rules(model);
    problems.client(model);
    problems.addresses(model);
    problems.found
}

struct Problems<'a> {
    places: Places<'a>,
    found: Vec<String>,
}

type Place = Vec<Step>;

impl Problems<'_> {
    fn at(&mut self, place: &[Step], message: &str) {
        let line = self.places.line(place);
        self.found.push(format!("line {line}: {message}"));
    }

    /// What must be written out: names, titles, labels.
    fn names(&mut self, model: &OrgModel) {
        let server = &model.authorization_server;
        let mut texts: Vec<(Place, &str)> = vec![
            (place!["title"].into(), &model.title),
            (place!["authorization_server", "name"].into(), &server.name),
            (
                place!["authorization_server", "audience"].into(),
                &server.audience,
            ),
            (place!["policy", "name"].into(), &model.policy.name),
            (place!["client", "label"].into(), &model.client.label),
        ];
        let groups = model.groups.iter().enumerate();
        texts.extend(groups.map(|(at, group)| (place!["group", at, "name"].into(), &*group.name)));
        let rules = model.policy.rules.iter().enumerate();
        texts.extend(
            rules.map(|(at, rule)| (place!["policy", "rule", at, "name"].into(), &*rule.name)),
        );
        let origins = model.trusted_origins.iter().enumerate();
        texts.extend(origins.flat_map(|(at, origin)| {
            [
                (place!["trusted_origin", at, "name"].into(), &*origin.name),
                (
                    place!["trusted_origin", at, "origin"].into(),
                    &*origin.origin,
                ),
            ]
        }));
        for (place, text) in texts {
            let key = match place.last() {
                Some(Step::Key(key)) => *key,
                _ => "the value",
            };
            if text.trim().is_empty() {
                self.at(&place, &format!("`{key}` is blank"));
            } else if text.trim() != text || text.chars().any(char::is_control) {
                let message = format!("`{key}` has a blank at its end, or a line break: remove it");
                self.at(&place, &message);
            }
        }
    }

    fn uniqueness(&mut self, model: &OrgModel) {
        let groups = model.groups.iter().map(|group| &*group.name);
        self.unique("group", "group", "name", groups);
        self.own_group_of_okta(model);
        let users = model.users.iter().map(TestUser::name);
        self.unique("user", "user", "name", users);
        // Names of trials leave the slashes at both ends out.
        let endpoints: Vec<String> = model.endpoints.iter().map(Endpoint::short).collect();
        let endpoints = endpoints.iter().map(String::as_str);
        self.unique("endpoint", "endpoint", "path", endpoints);
        let scopes = model.scopes.iter().map(Scope::name);
        self.unique("scope", "scope", "name", scopes);
        let origins = model.trusted_origins.iter().map(|origin| &*origin.origin);
        self.unique("trusted_origin", "trusted origin", "origin", origins);
        let mut seen = BTreeSet::new();
        for (at, rule) in model.policy.rules.iter().enumerate() {
            if !seen.insert(&rule.name) {
                let message = twice("rule", &rule.name);
                self.at(&place!["policy", "rule", at, "name"], &message);
            }
        }
    }

    /// Nobody makes the group of all users, or puts anybody into it.
    fn own_group_of_okta(&mut self, model: &OrgModel) {
        for (at, group) in model.groups.iter().enumerate() {
            if group.name == EVERYONE {
                let message = format!(
                    "`{EVERYONE}` is Okta's own group of all users: remove it here, and name it in \
                     `open_to`, `policy.rule.groups` and `client.assigned_groups`"
                );
                self.at(&place!["group", at, "name"], &message);
            }
        }
    }

    fn unique<'n>(
        &mut self,
        list: &'static str,
        kind: &str,
        key: &'static str,
        names: impl Iterator<Item = &'n str>,
    ) {
        let mut seen = BTreeSet::new();
        for (at, name) in names.enumerate() {
            if !seen.insert(name) {
                let of_one_path = "; a model has one endpoint for each method and path, so another \
                                   body or header for it needs a model of its own \
                                   (OKTA_E2E_ORG_MODEL)";
                let more = if kind == "endpoint" { of_one_path } else { "" };
                self.at(&place![list, at, key], &(twice(kind, name) + more));
            }
        }
    }

    fn users(&mut self, model: &OrgModel) {
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        for (at, user) in model.users.iter().enumerate() {
            let name = user.name();
            if name.is_empty() || !name.chars().all(allowed) {
                let message = format!(
                    "user name {name:?} must be capital letters, digits and `_`: it is part of \
                     the variable TEST_USER_<NAME>_USERNAME"
                );
                self.at(&place!["user", at, "name"], &message);
            }
        }
    }

    /// What is empty is forgotten: it would come out as if somebody had meant nothing by it.
    fn empty_lists(&mut self, model: &OrgModel) {
        let parts = [
            ("endpoint", model.endpoints.is_empty()),
            ("user", model.users.is_empty()),
        ];
        for (name, _) in parts.into_iter().filter(|(_, is_empty)| *is_empty) {
            let message = format!("`{name}` is empty: write a [[{name}]], or nothing is looked at");
            self.at(&place![name], &message);
        }
        for (at, rule) in model.policy.rules.iter().enumerate() {
            let lists = [
                (
                    "groups",
                    rule.groups.is_empty(),
                    "`Everyone` for anybody who is assigned",
                ),
                ("scopes", rule.scopes.is_empty(), "`openid` at least"),
                (
                    "grant_types",
                    rule.grant_types.is_empty(),
                    "`authorization_code`, `implicit`",
                ),
            ];
            for (name, _, allowed) in lists.into_iter().filter(|(_, is_empty, _)| *is_empty) {
                let message = format!(
                    "`{name}` is empty, so that the rule matches no request: name what it matches \
                     ({allowed}), or remove the rule"
                );
                self.at(&place!["policy", "rule", at, name], &message);
            }
        }
    }

    fn rules(&mut self, model: &OrgModel) {
        for (at, rule) in model.policy.rules.iter().enumerate() {
            if !(5..=1440).contains(rule.access_token_lifetime_minutes.get_ref()) {
                self.at(
                    &place!["policy", "rule", at, "access_token_lifetime_minutes"],
                    "an access token of Okta lives 5 to 1440 minutes",
                );
            }
            let place = place!["policy", "rule", at, "grant_types"];
            self.one_of(&place, "grant type", &rule.grant_types, &GRANT_TYPES);
        }
    }

    /// A flow needs a grant type and response types of the client, and a rule that has the grant
    /// type too.
    fn client(&mut self, model: &OrgModel) {
        let client = &model.client;
        let grants = place!["client", "grant_types"];
        let own = &client.grant_types;
        self.one_of(&grants, "grant type", own, &CLIENT_GRANT_TYPES);
        let types = place!["client", "response_types"];
        let response_types = &client.response_types;
        self.one_of(&types, "response type", response_types, &RESPONSE_TYPES);
        let kind = client.application_type;
        // Okta's API reference of applications: "Must have at least authorization_code".
        if kind != ApplicationType::Browser && !client.grant_types.contains(AUTHORIZATION_CODE) {
            let message = format!(
                "Okta refuses a client of the application type `{}` without the grant type \
                 `{AUTHORIZATION_CODE}`: add it to `grant_types` (with the response type `code`), \
                 or make the client one of the type `browser`",
                kind.name()
            );
            self.at(&grants, &message);
        }
        let flows = model.flows();
        if flows.is_empty() {
            let message =
                "nobody can sign in: no grant type of the client is in a rule of the policy";
            self.at(&grants, message);
        }
        for flow in flows {
            let needed = flow.response_types().iter();
            for lacking in needed.filter(|kind| !response_types.contains(**kind)) {
                let message = format!(
                    "the client has the grant type `{}`, so `response_types` needs `{lacking}`",
                    flow.grant_type()
                );
                self.at(&types, &message);
            }
        }
    }

    fn one_of<'v>(
        &mut self,
        place: &[Step],
        kind: &str,
        values: impl IntoIterator<Item = &'v String>,
        allowed: &[&str],
    ) {
        for value in values {
            if !allowed.contains(&value.as_str()) {
                let allowed: Vec<String> =
                    allowed.iter().map(|value| format!("`{value}`")).collect();
                let allowed = allowed.join(", ");
                self.at(
                    place,
                    &format!("{kind} `{value}` is not one of those allowed: {allowed}"),
                );
            }
        }
    }

    fn addresses(&mut self, model: &OrgModel) {
        let redirect_uri = &model.client.redirect_uri;
        let place = place!["client", "redirect_uri"];
        if holds_user(redirect_uri.as_str()) {
            let message = "`redirect_uri` must not hold a user and password (what is before `@`)";
            self.at(&place, message);
        }
        if redirect_uri.fragment().is_some() {
            self.at(&place, "`redirect_uri` must not have a fragment");
        }
        if redirect_uri.as_str().contains(unprintable) {
            self.at(
                &place,
                "`redirect_uri` holds a blank or a control character",
            );
        }
        if redirect_uri
            .host_str()
            .is_some_and(|host| host.contains('*'))
        {
            let message =
                "`redirect_uri` has a `*` in its host: write an address that a request has";
            self.at(&place, message);
        }
        for (at, origin) in model.trusted_origins.iter().enumerate() {
            if !is_origin(&origin.origin) {
                let message = "`origin` is scheme, host and port alone, as `http://localhost:8080`";
                self.at(&place!["trusted_origin", at, "origin"], message);
            }
            if holds_user(&origin.origin) {
                let message = "`origin` must not hold a user and password (what is before `@`)";
                self.at(&place!["trusted_origin", at, "origin"], message);
            }
        }
    }
}

/// Whether a text is an origin: an address that goes no further than its port. Okta takes other
/// schemes than those of the web (`ionic://localhost`), and `*` in a host.
fn is_origin(text: &str) -> bool {
    let after = text.split_once("://").map(|(_, after)| after);
    let goes_on = |after: &str| after.trim_end_matches('/').contains(['/', '?', '#']);
    let is_whole = after.is_some_and(|after| !goes_on(after));
    is_whole && Url::parse(&text.replace('*', "a")).is_ok_and(|url| url.has_host())
}

fn unprintable(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

fn twice(kind: &str, name: &str) -> String {
    format!("the {kind} `{name}` is defined twice; rename or remove one of the two")
}
