//! Refresh tokens: how the client's change when they are used, and who is given one.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::file::{ApplicationType, Client, OrgModel, TestUser};
use super::places::{Places, Step, place};
use super::policy::{Decision, OpenIdConnectScopes, Person, decide};
use super::{AUTHORIZATION_CODE, Flow, Rule, ScopeRequest};

/// A refresh token for more tokens, RFC 6749 section 6.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The scope by which a client asks for a refresh token (OpenID Connect Core 1.0 section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// In seconds; Okta's API reference of applications, `refresh_token.leeway`.
const LONGEST_LEEWAY: u32 = 60;
/// In seconds, where nobody says otherwise; the same.
const DEFAULT_LEEWAY: u32 = 30;

/// What becomes of a refresh token that is used: Okta's `refresh_token.rotation_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Rotation {
    /// Another takes its place.
    Rotate,
    /// It stays.
    Static,
}

/// How the refresh tokens of a client behave: Okta's `settings.oauthClient.refresh_token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// What becomes of one that is used.
    pub rotation: Rotation,
    /// How long one that was replaced can still be used, in seconds; absent: as Okta has it.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(max = 60)))]
    pub leeway_seconds: Option<u32>,
}

impl Rotation {
    /// Okta's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rotate => "ROTATE",
            Self::Static => "STATIC",
        }
    }
}

impl RefreshToken {
    /// How long one that was replaced can still be used, in seconds.
    #[must_use]
    pub fn leeway(&self) -> u32 {
        self.leeway_seconds.unwrap_or(DEFAULT_LEEWAY)
    }
}

impl Client {
    /// How its refresh tokens behave; none, where it uses none. What the model leaves out is as
    /// Okta has it for new clients: those of single-page applications rotate (Okta's guide
    /// "Refresh access tokens").
    #[must_use]
    pub fn refresh(&self) -> Option<RefreshToken> {
        let rotation = match self.application_type {
            ApplicationType::Browser => Rotation::Rotate,
            ApplicationType::Web | ApplicationType::Native => Rotation::Static,
        };
        let by_default = RefreshToken {
            rotation,
            leeway_seconds: None,
        };
        let uses = self.grant_types.contains(REFRESH_TOKEN);
        uses.then(|| self.refresh_token.unwrap_or(by_default))
    }
}

impl Rule {
    /// Whether a request that it matches may ask for a refresh token too.
    #[must_use]
    pub fn gives_refresh_tokens(&self) -> bool {
        let has_scope = self.scope_names().any(|scope| scope == OFFLINE_ACCESS);
        has_scope && self.grant_types.contains(AUTHORIZATION_CODE)
    }
}

impl OrgModel {
    /// The largest request of a test user by the flow that a rule gives with `offline_access` too,
    /// if any: by code, with a refresh token.
    #[must_use]
    pub fn refreshable(&self, user: &TestUser, flow: Flow) -> Option<ScopeRequest> {
        self.client.refresh()?;
        let groups: BTreeSet<String> = user.group_names().map(str::to_owned).collect();
        if !self.is_assigned(&groups, user.assigned_directly) {
            return None;
        }
        let requests = self.requests(user, flow);
        self.largest_refreshable(requests.iter(), groups, flow)
    }

    /// Of whom a refresh token in whose place another came is tried again, which ends whatever came
    /// of the sign-in (Okta's guide "Refresh access tokens", "Refresh token reuse detection"): the
    /// second who has one, since the first shows that a revoked one is refused. Nobody, where a
    /// replaced one is good for a while yet.
    #[must_use]
    pub fn reuse_is_tried_of(&self) -> Option<&TestUser> {
        let refresh = self.client.refresh()?;
        let ends_at_once = refresh.rotation == Rotation::Rotate && refresh.leeway() == 0;
        let users = self.all_users().iter();
        let mut having = users.filter(|user| self.refreshable(user, Flow::Code).is_some());
        ends_at_once.then(|| having.nth(1)).flatten()
    }

    /// The largest request for which the model gives members of the group a refresh token, if any.
    #[must_use]
    pub fn refreshable_by(&self, group: &str) -> Option<ScopeRequest> {
        self.client.refresh()?;
        let requests = self.requests_of_members(&BTreeSet::from([group]));
        let groups = BTreeSet::from([group.to_owned()]);
        self.largest_refreshable(requests.iter(), groups, Flow::Code)
    }

    /// Of requests in the order of their size, the last that a rule gives with a refresh token.
    fn largest_refreshable<'r>(
        &self,
        requests: impl DoubleEndedIterator<Item = &'r ScopeRequest>,
        groups: BTreeSet<String>,
        flow: Flow,
    ) -> Option<ScopeRequest> {
        let grant_type = flow.grant_type();
        let person = Person {
            login: None,
            groups,
        };
        let policies = self.access_policies();
        let is_given = |request: &&ScopeRequest| {
            let scopes = request.with_offline_access();
            let openid = OpenIdConnectScopes::MustBeInRule;
            let decision = decide(&policies, "", &person, &scopes, grant_type, openid);
            matches!(decision, Decision::Granted(..))
        };
        requests.rev().find(is_given).cloned()
    }
}

impl ScopeRequest {
    /// `openid`, `offline_access` and the custom scopes.
    #[must_use]
    pub fn with_offline_access(&self) -> BTreeSet<String> {
        let mut scopes = self.with_openid();
        scopes.insert(OFFLINE_ACCESS.to_owned());
        scopes
    }
}

/// What cannot be said of refresh tokens.
pub(super) fn problems(model: &OrgModel, text: &str) -> Vec<String> {
    let grants = place!["client", "grant_types"];
    let table = place!["client", "refresh_token"];
    let leeway = place!["client", "refresh_token", "leeway_seconds"];
    let client = &model.client;
    let uses = client.grant_types.contains(REFRESH_TOKEN);
    let mut found: Vec<(&[Step], String)> = Vec::new();
    if uses && !model.flows().contains(&Flow::Code) {
        let message = format!(
            "refresh tokens come with the grant type `{AUTHORIZATION_CODE}` alone: the client and \
             a rule need it beside `{REFRESH_TOKEN}`"
        );
        found.push((&grants, message));
    } else if uses && !model.policy.rules.iter().any(Rule::gives_refresh_tokens) {
        let message = format!(
            "the client has the grant type `{REFRESH_TOKEN}`, and no rule lets it ask for one: add \
             `{OFFLINE_ACCESS}` to the scopes of a rule with the grant type \
             `{AUTHORIZATION_CODE}` (rules have no grant type `{REFRESH_TOKEN}`)"
        );
        found.push((&grants, message));
    }
    if let Some(said) = client.refresh_token {
        if !uses {
            let message = format!("the client uses none: add `{REFRESH_TOKEN}` to `grant_types`");
            found.push((&table, message));
        }
        if said.rotation == Rotation::Static && said.leeway_seconds.is_some() {
            let message = "`leeway_seconds` is of tokens that rotate: remove it".to_owned();
            found.push((&leeway, message));
        }
        if said.leeway() > LONGEST_LEEWAY {
            let message = format!("`leeway_seconds` is 0 to {LONGEST_LEEWAY}");
            found.push((&leeway, message));
        }
    }
    let places = Places::of(text);
    let line =
        |(place, message): (&[Step], String)| format!("line {}: {message}", places.line(place));
    found.into_iter().map(line).collect()
}
