//! A row of `fixtures/protocol/`: what is sent to an endpoint, and what must come back.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::Deserialize;

use super::answer::Answer;
use super::rows::{self, Place};
use crate::config::Profile;
use crate::exchange::credential::{Credential, Put, TokenOf};
use crate::model::{Flow, OrgModel, Provider, TestUser};
use crate::openid::RequestDetails;
use crate::severity::Severity;

/// What is sent to an endpoint of the authorization server, and what must come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own in the file"
)]
pub struct Row {
    /// What the trial is called, with `_` for spaces; no other row has it.
    pub id: String,
    /// What is sent, in words.
    pub sends: String,
    /// Where it is written what must come back.
    pub norm: String,
    /// How much it weighs where what is wrong with the request is taken.
    pub severity: Severity,
    /// What must come back.
    pub answer: Answer,
    /// What may come back as well, since documents leave it open: it is told.
    #[serde(default)]
    pub also: Vec<Answer>,
    /// The smallest profile that sends it.
    #[serde(default)]
    pub profile: Profile,
    /// The flow whose request it is, where the model has it; none: the main flow.
    #[serde(default)]
    pub flow: Option<Flow>,
    /// Of which clients it is asked.
    #[serde(default)]
    pub client: ClientKind,
    /// The grant type that the client must not have to be asked it.
    #[serde(default)]
    pub without_grant: Option<String>,
    /// Whether it is a request for a code and tokens at once.
    #[serde(default)]
    pub hybrid: bool,
    /// Whether the model must have both flows: what it looks at is no token that other rows end.
    #[serde(default)]
    pub both_flows: bool,
    /// Whether it is sent twice at the same time: where one is refused, that is its answer.
    #[serde(default)]
    pub raced: bool,
    /// Whether only Okta answers so: other providers are not asked.
    #[serde(default)]
    pub only_okta: bool,
    /// Whether somebody may well have registered the redirect URI that is sent.
    #[serde(default)]
    pub registrable: bool,
    /// How the client says who it is.
    #[serde(default)]
    pub authentication: Authentication,
    /// The token that is presented, and where.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The method; none: that of the file.
    #[serde(default)]
    pub method: Option<String>,
    /// Parameters that have another value, or that are there at all.
    #[serde(default)]
    pub set: Vec<(String, String)>,
    /// Parameters that are not there.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Parameters that stand at the end, whatever stands before.
    #[serde(default)]
    pub add: Vec<(String, String)>,
    /// Parameters that stand in the query of a request with a body.
    #[serde(default)]
    pub query: Vec<(String, String)>,
    /// The token of the same sign-in that a success must agree with in what it tells.
    #[serde(default)]
    pub agrees_with: Option<TokenOf>,
    /// Whether a success must tell nothing about the person but what the scopes of the token or the
    /// model bring.
    #[serde(default)]
    pub asked_alone: bool,
    /// Whether it presents a code of the run that was redeemed already, `{code}`, with its
    /// `{verifier}`.
    #[serde(default)]
    pub redeemed_code: bool,
    /// When it is sent.
    #[serde(default)]
    pub turn: Turn,
    /// Headers beside those that every request has.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// An authorization request that is made in the session of a sign-in of the run: its answer is
    /// what is looked at, or its code is what is presented, `{code}` with its `{verifier}`.
    #[serde(default)]
    pub(super) asks: Option<RequestDetails>,
    /// Whether it is sent with the session of the user whose token it presents, which it may end.
    #[serde(default)]
    pub in_session: bool,
    #[serde(default)]
    control: Option<String>,
    #[serde(default)]
    after: Option<String>,
    /// The endpoint, where it is another than that of the file.
    #[serde(default)]
    pub(super) at: Option<Place>,
    #[serde(skip)]
    pub(super) to: Place,
    #[serde(skip)]
    pub(super) place: usize,
}

/// In the parameters of a request at the end: the ID token of the user of the session.
pub const ID_TOKEN: &str = "{id-token}";
/// That of another user.
pub const ID_TOKEN_OF_ANOTHER: &str = "{id-token-of-another}";

/// When something is sent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Where it stands.
    #[default]
    InOrder,
    /// Behind everything else, since it ends what the run goes by.
    Last,
}

/// Of which clients something is asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// Of any.
    #[default]
    Any,
    /// Of those that have a secret.
    WithSecret,
    /// Of those that must use PKCE.
    WithPkce,
    /// Of those that may leave PKCE out.
    WithoutPkce,
}

/// How a client says who it is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// As the model has it, with the secret of the run.
    #[default]
    Own,
    /// The same with a secret that was made up.
    WrongSecret,
    /// As another client, which there is not, with a secret that was made up.
    AnotherClient,
    /// Not at all: it only names itself.
    Nothing,
    /// As another client that there is, by that one's own credentials: the first service client of
    /// the model.
    Service,
}

impl Row {
    /// The endpoint that it is sent to.
    #[must_use]
    pub const fn to(&self) -> Place {
        self.to
    }

    /// Whether a model's client and provider can be asked it.
    #[must_use]
    pub fn is_for(&self, model: &OrgModel) -> bool {
        let flow = self.flow.or(rows::file(self.to).flow);
        let has_flow = flow.is_none_or(|flow| model.flows().contains(&flow));
        let needs_both = self.hybrid || self.both_flows;
        let has_flow = has_flow && (!needs_both || model.flows() == Flow::ALL);
        let is_client = match self.client {
            ClientKind::Any => true,
            ClientKind::WithSecret => {
                let method = model.client.token_endpoint_auth_method;
                method.has_secret() && !method.signs()
            }
            ClientKind::WithPkce => model.client.requires_pkce(),
            ClientKind::WithoutPkce => !model.client.requires_pkce(),
        };
        let grants = &model.client.grant_types;
        let mut unwanted = self.without_grant.iter();
        let lacks = unwanted.all(|grant| grants.iter().all(|own| own != grant));
        let of_service = !self.needs_service() || !model.services.is_empty();
        let has_users = !self.names_another_user() || self.has_another_user(model);
        has_flow
            && is_client
            && of_service
            && has_users
            && lacks
            && (model.provider == Provider::Okta || !self.only_okta)
    }

    /// Whether the model gives more than one user something.
    fn has_another_user(&self, model: &OrgModel) -> bool {
        let flow = self.flow_of(model);
        let is_granted = |user: &&TestUser| {
            let requests = model.requests(user, flow);
            let mut requests = requests.iter();
            requests.any(|request| model.is_granted(user, request, flow))
        };
        model.users.iter().filter(is_granted).nth(1).is_some()
    }

    /// The flow whose request it is.
    #[must_use]
    pub fn flow_of(&self, model: &OrgModel) -> Flow {
        self.flow.unwrap_or_else(|| model.main_flow())
    }

    /// Whether a token that an authorization gave is needed, by itself or by its control.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        let token = self.credential.as_ref().map(|credential| &credential.token);
        let is_genuine = token.is_some_and(TokenOf::is_genuine) || self.needs_code();
        is_genuine || self.control().is_some_and(Self::needs_token)
    }

    /// Whether a service client asks it, or what must have been asked before.
    #[must_use]
    pub fn needs_service(&self) -> bool {
        let mut before = self.after().into_iter();
        self.authentication == Authentication::Service || before.any(Self::needs_service)
    }

    /// Whether it presents a code.
    #[must_use]
    pub fn presents_code(&self) -> bool {
        // What has a token of its own asks for that.
        self.needs_code() && self.to != Place::Session && self.credential.is_none()
    }

    /// Whether an authorization of the run gave what it presents, or is what it looks at.
    fn needs_code(&self) -> bool {
        self.redeemed_code || self.asks.is_some()
    }

    /// The authorization request that is made for it in a session of the run, if one is.
    #[must_use]
    pub const fn asks(&self) -> Option<&RequestDetails> {
        self.asks.as_ref()
    }

    /// Whether it looks in a session at what no browser shows, or asks what none asks, or not then.
    #[must_use]
    pub fn is_by_http_alone(&self) -> bool {
        let asks = self.asks.as_ref();
        let mut cares = self.answer.cares.iter();
        let is_more = |asks: &RequestDetails| asks.is_late || asks.is_more_than_an_address();
        let is_more = asks.is_some_and(is_more);
        self.to == Place::Session && (is_more || cares.any(|care| !care.is_of_the_address()))
    }

    /// Whether it presents the ID token of another user than that of its session.
    #[must_use]
    pub fn names_another_user(&self) -> bool {
        let asks = self.asks.iter();
        let mut more = asks.flat_map(|asks| &asks.more);
        more.any(|(_, value)| value == ID_TOKEN_OF_ANOTHER)
    }

    /// The row that must have been answered as it says before this one means anything.
    #[must_use]
    pub fn after(&self) -> Option<&'static Self> {
        self.after.as_deref().map(rows::row)
    }

    /// Where the token is put, if there is one.
    #[must_use]
    pub fn put(&self) -> Option<Put> {
        self.credential.as_ref().map(|credential| credential.put)
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method
            .as_deref()
            .unwrap_or(&rows::file(self.to).method)
    }

    /// Whether it wants the same error as another one: it looks at the answer more closely.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        self.answer.at == other.answer.at && self.answer.errors == other.answer.errors
    }

    /// Whether it is the very request of its control.
    #[must_use]
    pub fn sends_what_its_control_does(&self) -> bool {
        let is_other = !self.query.is_empty()
            || self.method.is_some()
            || self.credential.is_some()
            || !self.headers.is_empty()
            || self.needs_code()
            || self.authentication != Authentication::Own;
        // Where the control presents a token, anyone who presents none is another.
        let control = self.control();
        let has_token = control.is_some_and(|control| control.credential.is_some());
        control.is_some() && !self.changes_parameters() && !is_other && !has_token
    }

    /// Whether it says something else than every request to its endpoint.
    fn changes_parameters(&self) -> bool {
        !(self.set.is_empty() && self.remove.is_empty() && self.add.is_empty())
    }

    /// The row that is the same request without what is wrong with it.
    #[must_use]
    pub fn control(&self) -> Option<&'static Self> {
        self.control.as_deref().map(rows::row)
    }
}

/// A row is what it is by its place in the files.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place.hash(state);
    }
}
