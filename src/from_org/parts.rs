//! The tables of a model, as they are written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::look::Look;
use super::questions::{self, covers_any_scope};
use super::written::GRANT_TYPES;
use crate::management::found::{
    FoundClaim, FoundRule, FoundScope, FoundServer, FoundTrustedOrigin,
};
use crate::model::EVERYONE;

/// Each name once, where it stands first.
pub(super) fn without_doubles(names: Vec<&str>) -> Vec<&str> {
    let mut once = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

#[derive(Serialize)]
pub(super) struct Title<'a> {
    pub(super) title: &'a str,
}

#[derive(Serialize)]
pub(super) struct Question<'a> {
    unanswered: [Asked<'a>; 1],
}

#[derive(Serialize)]
struct Asked<'a> {
    question: &'a str,
}

impl<'a> Question<'a> {
    pub(super) fn of(question: &'a str) -> Self {
        Self {
            unanswered: [Asked { question }],
        }
    }
}

#[derive(Serialize)]
pub(super) struct Endpoint<'a> {
    endpoint: [OneEndpoint<'a>; 1],
}

#[derive(Serialize)]
struct OneEndpoint<'a> {
    path: &'static str,
    scope: &'a str,
    open_to: [&'a str; 0],
}

impl<'a> Endpoint<'a> {
    /// An example of an endpoint for a scope; who may use it, only a person can say.
    pub(super) fn of(scope: &'a str) -> Self {
        let endpoint = OneEndpoint {
            path: "/path/of/an/endpoint",
            scope,
            open_to: [],
        };
        Self {
            endpoint: [endpoint],
        }
    }
}

#[derive(Serialize)]
pub(super) struct Groups<'a> {
    pub(super) group: Vec<Group<'a>>,
}

#[derive(Serialize)]
pub(super) struct Group<'a> {
    pub(super) name: &'a str,
}

#[derive(Serialize)]
pub(super) struct Users<'a> {
    user: [User<'a>; 1],
}

#[derive(Serialize)]
struct User<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_directly: Option<bool>,
}

impl<'a> Users<'a> {
    pub(super) fn in_group(name: &'a str, group: &'a str) -> Self {
        Self {
            user: [User {
                name,
                groups: Some([group]),
                assigned_directly: None,
            }],
        }
    }

    pub(super) fn in_none(name: &'a str) -> Self {
        Self {
            user: [User {
                name,
                groups: None,
                assigned_directly: Some(true),
            }],
        }
    }
}

#[derive(Serialize)]
pub(super) struct Server<'a> {
    authorization_server: OneServer<'a>,
}

#[derive(Serialize)]
struct OneServer<'a> {
    name: &'a str,
    audience: &'a str,
}

impl<'a> Server<'a> {
    pub(super) fn of(found: &'a FoundServer) -> Self {
        Self {
            authorization_server: OneServer {
                name: &found.name,
                audience: found.audiences.first().map_or("", String::as_str),
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Scopes<'a> {
    pub(super) scope: Vec<Scope<'a>>,
}

#[derive(Serialize)]
pub(super) struct Scope<'a> {
    name: &'a str,
}

impl<'a> Scope<'a> {
    /// Whether it is a default one is asked.
    pub(super) fn of(found: &'a FoundScope) -> Self {
        Self { name: &found.name }
    }
}

#[derive(Serialize)]
pub(super) struct Claims<'a> {
    pub(super) claim: Vec<OneClaim<'a>>,
}

#[derive(Serialize)]
pub(super) struct OneClaim<'a> {
    name: &'a str,
    token: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    always: Option<bool>,
    value: Value<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Value<'a> {
    Fixed(&'a str),
    Profile(&'a str),
    Groups(BTreeMap<String, &'a str>),
    Expression(Expression<'a>),
}

#[derive(Serialize)]
struct Expression<'a> {
    text: &'a str,
    sees: BTreeMap<String, String>,
}

/// A found claim as a model has it.
pub(super) enum Claim<'a> {
    /// Whole.
    Said(OneClaim<'a>),
    /// But for what each test user sees in it.
    OfAnExpression(OneClaim<'a>),
}

/// What a model says of a found claim.
pub(super) fn claim_of(found: &FoundClaim) -> Claim<'_> {
    // Of a claim in tokens of another kind it is asked, and the stricter of the two is written.
    let is_of_access_tokens = found.tokens() != Some("ID tokens");
    let always = found.always_include_in_token;
    let with = |value| OneClaim {
        name: &found.name,
        token: if is_of_access_tokens { "access" } else { "id" },
        scopes: &found.conditions.scopes,
        always: always.filter(|always| !always && !is_of_access_tokens),
        value,
    };
    let text = found.value.as_deref().unwrap_or_default();
    if let Some(kind) = found.group_filter_type.as_deref() {
        let filter = BTreeMap::from([(kind.to_lowercase(), text)]);
        return Claim::Said(with(Value::Groups(filter)));
    }
    if let Some(fixed) = quoted(text) {
        return Claim::Said(with(Value::Fixed(fixed)));
    }
    if let Some(attribute) = text
        .trim()
        .strip_prefix("user.")
        .filter(|name| is_word(name))
    {
        return Claim::Said(with(Value::Profile(attribute)));
    }
    Claim::OfAnExpression(with(Value::Expression(Expression {
        text,
        sees: BTreeMap::new(),
    })))
}

fn is_word(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text != "id" && text.chars().all(is_letter)
}

/// The text of an expression that is a text alone.
fn quoted(expression: &str) -> Option<&str> {
    let text = expression.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!text.is_empty() && !text.contains(['"', '\\'])).then_some(text)
}

#[derive(Serialize)]
pub(super) struct Policy<'a> {
    policy: OnePolicy<'a>,
}

#[derive(Serialize)]
struct OnePolicy<'a> {
    name: &'a str,
}

impl<'a> Policy<'a> {
    pub(super) fn called(name: &'a str) -> Self {
        Self {
            policy: OnePolicy { name },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Rules<'a> {
    policy: RulesOfPolicy<'a>,
}

#[derive(Serialize)]
struct RulesOfPolicy<'a> {
    rule: [Rule<'a>; 1],
}

impl<'a> Rules<'a> {
    pub(super) fn of(rule: Rule<'a>) -> Self {
        Self {
            policy: RulesOfPolicy { rule: [rule] },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Rule<'a> {
    name: &'a str,
    groups: Vec<&'a str>,
    scopes: Vec<&'a str>,
    grant_types: Vec<&'a str>,
    access_token_lifetime_minutes: u32,
}

impl<'a> Rule<'a> {
    pub(super) fn of(look: &'a Look, found: &'a FoundRule) -> Self {
        let grants = found.conditions.grant_types.include.iter();
        let grants = grants.map(String::as_str);
        let scopes = if covers_any_scope(found) {
            let own = look.own_scopes().map(|scope| scope.name.as_str());
            std::iter::once("openid").chain(own).collect()
        } else {
            let scopes = found.conditions.scopes.include.iter();
            scopes.map(String::as_str).collect()
        };
        Self {
            name: &found.name,
            groups: without_doubles(look.groups_of(found)),
            scopes,
            grant_types: grants.filter(|grant| GRANT_TYPES.contains(grant)).collect(),
            access_token_lifetime_minutes: found.actions.token.access_token_lifetime_minutes,
        }
    }

    /// What a rule looks like.
    pub(super) fn example() -> Self {
        Self {
            name: "readers",
            groups: vec!["a group"],
            scopes: vec!["openid", "a scope"],
            grant_types: vec!["authorization_code"],
            access_token_lifetime_minutes: 60,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Clients<'a> {
    pub(super) client: Client<'a>,
}

#[derive(Serialize)]
pub(super) struct Client<'a> {
    label: &'a str,
    application_type: &'a str,
    grant_types: Vec<&'a str>,
    response_types: &'a [String],
    token_endpoint_auth_method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pkce_required: Option<bool>,
    redirect_uri: &'a str,
    assigned_groups: Vec<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    asks_for_consent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<RefreshToken>,
}

#[derive(Serialize)]
struct RefreshToken {
    rotation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    leeway_seconds: Option<u64>,
}

impl<'a> Client<'a> {
    pub(super) fn of(look: &'a Look) -> Self {
        let client = &look.client;
        let (settings, credentials) = (
            &client.settings.oauth_client,
            &client.credentials.oauth_client,
        );
        let grants = settings.grant_types.iter().map(String::as_str);
        let assigned = look.assigned.iter().map(String::as_str);
        let asked: Vec<&str> = questions::without_rule(look).chain([EVERYONE]).collect();
        let is_meant = |name: &&str| !asked.contains(name);
        // Whether a public client may leave PKCE out is asked.
        let pkce = credentials.pkce_required;
        let pkce = pkce.filter(|required| *required || !questions::is_public(look));
        Self {
            label: &client.label,
            application_type: &settings.application_type,
            grant_types: grants.filter(|grant| GRANT_TYPES.contains(grant)).collect(),
            response_types: &settings.response_types,
            token_endpoint_auth_method: &credentials.token_endpoint_auth_method,
            pkce_required: pkce,
            redirect_uri: settings.redirect_uris.first().map_or("", String::as_str),
            assigned_groups: assigned.filter(is_meant).collect(),
            asks_for_consent: settings.consent_method.as_deref() == Some("REQUIRED"),
            refresh_token: refresh_token(look),
        }
    }
}

/// How the client's refresh tokens behave, where it has any.
fn refresh_token(look: &Look) -> Option<RefreshToken> {
    let settings = &look.client.settings.oauth_client;
    let mut grants = settings.grant_types.iter();
    if !grants.any(|grant| grant == "refresh_token") {
        return None;
    }
    let found = settings.other.get("refresh_token")?;
    Some(RefreshToken {
        rotation: found.get("rotation_type")?.as_str()?.to_lowercase(),
        leeway_seconds: found.get("leeway").and_then(serde_json::Value::as_u64),
    })
}

#[derive(Serialize)]
pub(super) struct Origins<'a> {
    pub(super) trusted_origin: Vec<Origin<'a>>,
}

#[derive(Serialize)]
pub(super) struct Origin<'a> {
    name: &'a str,
    origin: &'a str,
}

impl<'a> Origin<'a> {
    pub(super) fn of(found: &'a FoundTrustedOrigin) -> Self {
        Self {
            name: &found.name,
            origin: &found.origin,
        }
    }
}
