//! Claims: what tokens say beyond Okta's own claims.
//!
//! The words are Okta's (developer.okta.com, "Authorization Servers API", "Claim Properties").

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::{EVERYONE, Json, ScopeRequest, TestUser};

/// The scope that every request of the suite asks for.
const OPENID: &str = "openid";

/// A claim of the authorization server.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The name, byte for byte.
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: Spanned<String>,
    /// The token that it is in; it must not be in the other one.
    pub token: ClaimToken,
    /// The scopes that bring it, any one of them; none: it always comes.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub scopes: Vec<Spanned<String>>,
    /// Whether an ID token has it that comes with an access token or by a code, as all of a run do;
    /// otherwise only the userinfo endpoint has it. Access tokens always have theirs.
    #[serde(default = "yes")]
    pub always: bool,
    /// What it says.
    #[cfg_attr(test, schemars(with = "ClaimValue"))]
    pub value: Spanned<ClaimValue>,
}

fn yes() -> bool {
    true
}

/// The token that a claim is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimToken {
    /// Access tokens.
    Access,
    /// ID tokens.
    Id,
}

/// What a claim says.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimValue {
    /// The same text for everybody.
    Fixed(String),
    /// An attribute of the user's profile: `department` for Okta's `user.department`.
    Profile(String),
    /// The names of the user's groups that the filter lets through.
    Groups(GroupFilter),
    /// An expression of Okta that is none of these.
    Expression(Expression),
}

/// Which groups a claim names.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupFilter {
    /// Names that begin so, in capitals or not.
    StartsWith(String),
    /// This name, in capitals or not.
    Equals(String),
    /// Names that hold this, in capitals or not.
    Contains(String),
    /// Names that fit this regular expression.
    Regex(String),
}

/// An expression in Okta's own language, and what comes of it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The expression, byte for byte.
    pub text: String,
    /// What each test user must see who gets tokens, by NAME.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, super::schema::Attribute>"))]
    pub sees: BTreeMap<String, Json>,
}

/// What a test user must see in a token that has the claim.
#[derive(Debug, Clone, Copy)]
pub enum MustSee<'m> {
    /// This text.
    Text(&'m str),
    /// This text, number or truth, or these in any order.
    Value(&'m Value),
    /// What the user's profile in the org has for the attribute: the model gives no value.
    Attribute(&'m str),
    /// The names of the groups that the filter lets through.
    Groups(&'m GroupFilter),
    /// The model does not say.
    Unsaid,
}

impl Claim {
    /// The name, byte for byte.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// The names of the scopes that bring it; none: it always comes.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(|scope| scope.get_ref().as_str())
    }

    /// What it says.
    #[must_use]
    pub fn value(&self) -> &ClaimValue {
        self.value.get_ref()
    }

    /// Whether tokens that were given for the request have it, where it belongs.
    #[must_use]
    pub fn comes_with(&self, request: &ScopeRequest) -> bool {
        let is_told = self.token == ClaimToken::Access || self.always;
        self.is_brought_by(request) && is_told
    }

    /// Whether the scopes of a request bring it, where it is told at all.
    #[must_use]
    pub fn is_brought_by(&self, request: &ScopeRequest) -> bool {
        let mut scopes = self.scope_names();
        self.scopes.is_empty() || scopes.any(|scope| scope == OPENID || request.contains(scope))
    }

    /// What a test user must see in it.
    #[must_use]
    pub fn must_see<'m>(&'m self, user: &'m TestUser) -> MustSee<'m> {
        match self.value() {
            ClaimValue::Fixed(text) => MustSee::Text(text),
            ClaimValue::Profile(attribute) => match user.profile.get(attribute) {
                Some(json) => MustSee::Value(json.value()),
                None => MustSee::Attribute(attribute),
            },
            ClaimValue::Groups(filter) => MustSee::Groups(filter),
            ClaimValue::Expression(expression) => {
                let told = expression.sees.get(user.name());
                told.map_or(MustSee::Unsaid, |json| MustSee::Value(json.value()))
            }
        }
    }
}

impl ClaimToken {
    /// Okta's `claimType`.
    #[must_use]
    pub fn claim_type(self) -> &'static str {
        match self {
            Self::Access => "RESOURCE",
            Self::Id => "IDENTITY",
        }
    }

    /// What people call it, of several.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Access => "access tokens",
            Self::Id => "ID tokens",
        }
    }
}

impl ClaimValue {
    /// Okta's `valueType`.
    #[must_use]
    pub fn value_type(&self) -> &'static str {
        match self {
            Self::Groups(_) => "GROUPS",
            Self::Fixed(_) | Self::Profile(_) | Self::Expression(_) => "EXPRESSION",
        }
    }

    /// Okta's `value`: an expression, or what the filter of groups compares with.
    #[must_use]
    pub fn wire(&self) -> String {
        match self {
            Self::Fixed(text) => format!("\"{text}\""),
            Self::Profile(attribute) => format!("user.{attribute}"),
            Self::Groups(filter) => filter.text().to_owned(),
            Self::Expression(expression) => expression.text.clone(),
        }
    }

    /// Okta's `group_filter_type`, of a claim of groups.
    #[must_use]
    pub fn filter_type(&self) -> Option<&'static str> {
        match self {
            Self::Groups(filter) => Some(filter.kind()),
            Self::Fixed(_) | Self::Profile(_) | Self::Expression(_) => None,
        }
    }
}

impl GroupFilter {
    /// What it compares names with.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::StartsWith(text)
            | Self::Equals(text)
            | Self::Contains(text)
            | Self::Regex(text) => text,
        }
    }

    /// Okta's `group_filter_type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StartsWith(_) => "STARTS_WITH",
            Self::Equals(_) => "EQUALS",
            Self::Contains(_) => "CONTAINS",
            Self::Regex(_) => "REGEX",
        }
    }

    /// Whether a group of this name is let through; none where Okta's documents do not say: whether
    /// a regular expression must fit the whole name.
    #[must_use]
    pub fn lets_through(&self, name: &str) -> Option<bool> {
        let (own, name_in_small) = (self.text().to_lowercase(), name.to_lowercase());
        match self {
            Self::StartsWith(_) => Some(name_in_small.starts_with(&own)),
            Self::Equals(_) => Some(name_in_small == own),
            Self::Contains(_) => Some(name_in_small.contains(&own)),
            Self::Regex(pattern) => {
                let part = Regex::new(pattern).ok()?.is_match(name);
                let whole = Regex::new(&format!("^(?:{pattern})$")).ok()?.is_match(name);
                (part == whole).then_some(part)
            }
        }
    }
}

impl TestUser {
    /// The groups that the user is in, Okta's group of all users among them.
    pub fn all_group_names(&self) -> impl Iterator<Item = &str> {
        self.group_names().chain([EVERYONE])
    }
}
