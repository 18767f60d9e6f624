//! Claims about the user, and the custom claims of an authorization server.

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::state::grant::Grant;
use crate::state::org::{AuthorizationServer, Claim, Group, Org, Status, User};

/// The expression behind `sub` as long as nobody edits it.
const DEFAULT_SUBJECT: &str = "(appuser != null) ? appuser.userName : app.clientId";

/// The claims of the `profile` scope that are plain attributes of the user's profile.
const PROFILE_ATTRIBUTES: [(&str, &str); 8] = [
    ("nickname", "nickName"),
    ("given_name", "firstName"),
    ("middle_name", "middleName"),
    ("family_name", "lastName"),
    ("profile", "profileUrl"),
    ("zoneinfo", "timezone"),
    ("locale", "locale"),
    ("gender", "gender"),
];

/// The parts of the `address` claim and their attributes.
const ADDRESS_ATTRIBUTES: [(&str, &str); 5] = [
    ("street_address", "streetAddress"),
    ("locality", "city"),
    ("region", "state"),
    ("postal_code", "zipCode"),
    ("country", "countryCode"),
];

/// As many groups as a claim may have in what comes through a browser; the token endpoint sends
/// more (support.okta.com, "Error: The groups claim matched too many groups").
const MOST_GROUPS: usize = 100;

/// How much an ID token says about its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// Only what is always included: an access token can fetch the rest.
    Thin,
    /// Everything the scopes bring.
    Fat,
}

/// Whom and what claims speak about.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) org: &'a Org,
    pub(crate) server: &'a AuthorizationServer,
    /// Nobody where a client acts for itself.
    pub(crate) user: Option<&'a User>,
    pub(crate) grant: &'a Grant,
    pub(crate) fault: Option<Fault>,
}

impl Context<'_> {
    /// The custom claims of access tokens.
    pub(crate) fn of_access_token(&self) -> Map<String, Value> {
        self.custom("RESOURCE", |_| true)
    }

    /// What an ID token says about its user.
    pub(crate) fn of_id_token(&self, breadth: Breadth) -> Map<String, Value> {
        let is_fat = breadth == Breadth::Fat;
        let mut claims = self.always_included();
        if is_fat {
            claims.extend(self.fetched());
        }
        claims.extend(self.custom("IDENTITY", |claim| is_fat || claim.always_include_in_token));
        claims
    }

    /// What the userinfo endpoint says.
    pub(crate) fn of_userinfo(&self) -> Map<String, Value> {
        let mut claims = self.of_id_token(Breadth::Fat);
        claims.insert("sub".to_owned(), self.grant.user_id().into());
        claims
    }

    /// The `sub` of access tokens when its system claim was edited to an expression known here.
    pub(crate) fn edited_subject(&self) -> Option<String> {
        let mut claims = self.server.claims.values();
        let edited = claims.find(|claim| {
            claim.system
                && claim.name == "sub"
                && claim.kind == "RESOURCE"
                && claim.value != DEFAULT_SUBJECT
        })?;
        Some(self.expression(&edited.value)?.as_str()?.to_owned())
    }

    /// Whether a claim that the scopes bring has more groups than Okta lets through a browser.
    pub(crate) fn has_too_many_groups(&self) -> bool {
        let mut claims = self.server.claims.values();
        claims.any(|claim| {
            claim.value_type == "GROUPS"
                && claim.status == Status::Active
                && self.is_brought_by_scope(claim)
                && self.groups(claim).len() > MOST_GROUPS
        })
    }

    /// A text of the user's profile, empty without a user.
    fn text(&self, attribute: &str) -> &str {
        self.user.map_or("", |user| user.text(attribute))
    }

    /// The claims whose `alwaysIncludeInToken` is true in a new authorization server.
    fn always_included(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        if self.grant.has_scope("profile") {
            let names = [self.text("firstName"), self.text("lastName")];
            insert_text(&mut claims, "name", names.join(" ").trim());
            insert_text(&mut claims, "preferred_username", self.text("login"));
        }
        if self.grant.has_scope("email") {
            insert_text(&mut claims, "email", self.text("email"));
        }
        claims
    }

    /// The claims that an access token fetches.
    fn fetched(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        if self.grant.has_scope("profile") {
            for (claim, attribute) in PROFILE_ATTRIBUTES {
                insert_text(&mut claims, claim, self.text(attribute));
            }
            let updated = self.user.map(|user| user.stamps.last_updated.as_second());
            claims.insert("updated_at".to_owned(), updated.into());
        }
        if self.grant.has_scope("email") {
            claims.insert("email_verified".to_owned(), true.into());
        }
        if self.grant.has_scope("phone") {
            insert_text(&mut claims, "phone_number", self.text("primaryPhone"));
        }
        if self.grant.has_scope("address") {
            let mut address = Map::new();
            for (part, attribute) in ADDRESS_ATTRIBUTES {
                insert_text(&mut address, part, self.text(attribute));
            }
            claims.insert("address".to_owned(), address.into());
        }
        claims
    }

    fn custom(&self, kind: &str, is_included: impl Fn(&Claim) -> bool) -> Map<String, Value> {
        let claims = self.server.claims.values();
        claims
            .filter(|claim| !claim.system && claim.status == Status::Active)
            .filter(|claim| claim.kind == kind || self.fault == Some(Fault::ClaimsInBothTokens))
            .filter(|claim| is_included(claim) && self.is_brought_by_scope(claim))
            .filter_map(|claim| Some((claim.name.clone(), self.value_of(claim)?)))
            .collect()
    }

    /// A claim without scopes comes with any; one with scopes when one of them is granted.
    fn is_brought_by_scope(&self, claim: &Claim) -> bool {
        if self.fault == Some(Fault::ClaimsWithoutScope) {
            return true;
        }
        let scopes = claim.conditions.get("scopes").and_then(Value::as_array);
        scopes.is_none_or(|scopes| {
            let mut names = scopes.iter().filter_map(Value::as_str);
            scopes.is_empty() || names.any(|name| self.grant.has_scope(name))
        })
    }

    fn value_of(&self, claim: &Claim) -> Option<Value> {
        match claim.value_type.as_str() {
            "GROUPS" => Some(self.groups(claim).into()),
            _ => self.expression(&claim.value),
        }
    }

    /// Names are compared in small letters; a regular expression tells capitals apart and fits a
    /// part of a name (Okta's "Authorization Servers API", "Details for `group_filter_type`").
    fn groups(&self, claim: &Claim) -> Vec<String> {
        let filter = claim.value.to_lowercase();
        let pattern = Regex::new(&claim.value).ok();
        let matches = |name: &str| match claim.group_filter_type.as_deref() {
            Some("EQUALS") => name.to_lowercase() == filter,
            Some("CONTAINS") => name.to_lowercase().contains(&filter),
            Some("REGEX") => pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(name)),
            _ => name.to_lowercase().starts_with(&filter),
        };
        let mut names = self.group_names();
        names.retain(|name| matches(name));
        names
    }

    /// The groups of the user; with a fault, of anybody.
    fn group_names(&self) -> Vec<String> {
        let of_anybody = self.fault == Some(Fault::ClaimsGroupsOfAnybody);
        let is_own = |group: &&Group| self.user.is_some_and(|user| group.holds(&user.id));
        let groups = self.org.groups.values();
        let own = groups.filter(|group| of_anybody || is_own(group));
        own.map(|group| group.name.clone()).collect()
    }

    fn of_groups(&self, expression: &str) -> Option<Value> {
        let names = self.group_names();
        GROUP_FUNCTIONS.iter().find_map(|(pattern, function)| {
            let pattern = Regex::new(pattern).ok()?;
            let text = pattern.captures(expression)?.get(1)?;
            Some(function(&names, text.as_str()))
        })
    }

    /// The plainest of Okta's expressions: a text, an attribute, the scopes, a function of groups.
    fn expression(&self, expression: &str) -> Option<Value> {
        let expression = expression.trim();
        let unquoted = |quote| expression.strip_prefix(quote)?.strip_suffix(quote);
        if let Some(text) = unquoted('"').or_else(|| unquoted('\'')) {
            return Some(text.into());
        }
        match expression {
            "access.scope" => Some(self.grant.scopes.join(" ").into()),
            "app.clientId" => Some(self.grant.client_id.clone().into()),
            "appuser.userName" => Some(self.user?.login().into()),
            "user.id" => Some(self.user?.id.clone().into()),
            _ if expression.contains('(') => self.of_groups(expression),
            _ => {
                let attribute = expression.strip_prefix("user.")?;
                self.user?.profile.get(attribute).cloned()
            }
        }
    }
}

/// Functions of Okta's own groups (its "Expression Language overview", "Group Functions").
const GROUP_FUNCTIONS: [(&str, GroupFunction); 2] = [
    (
        r#"^Groups\.startsWith\("OKTA",\s*"([^"]*)",\s*\d+\)$"#,
        |own, text| {
            let own = own.iter();
            let fitting = own.filter(|name| name.starts_with(text)).cloned();
            fitting.collect::<Vec<_>>().into()
        },
    ),
    (r#"^isMemberOfGroupName\("([^"]*)"\)$"#, |own, text| {
        own.iter().any(|name| name == text).into()
    }),
];

/// What a function makes of the names of a user's groups and a text.
type GroupFunction = fn(&[String], &str) -> Value;

fn insert_text(claims: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        claims.insert(name.to_owned(), json!(text));
    }
}
