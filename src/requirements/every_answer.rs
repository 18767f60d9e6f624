//! Every answer that a user got in a run, and not the document's own alone: what protects a user is
//! wrong wherever it is wrong, so a trial of the document's answer looks at the others too.
//!
//! A token of another request may be of another session, another key or another rule, and an API
//! takes it all the same. Rows of the protocol, which ask in other words, are judged by themselves.

use super::context::Context;
use super::found::Code;
use super::step_5_authorize::tokens;
use super::trial::{Judgement, Verdict};
use crate::model::{Decision, Expected, Flow, OpenIdConnectScopes, ScopeRequest, decide};
use crate::observation::{
    Authorization, AuthorizationKey, NotSeen, Outcome, Refreshed, Seen, TokenAnswer, Tokens,
    authorization,
};
use crate::openid::Response;

/// What a token must be whatever was asked for, since anyone who takes it rests on that.
const PROTECTS: [Code; 19] = [
    Code::TokenTyped,
    Code::TokenRepeats,
    Code::AccessTokenAlgorithm,
    Code::AccessTokenIssuer,
    Code::AccessTokenAudience,
    Code::AccessTokenIssuedAt,
    Code::AccessTokenClient,
    Code::AccessTokenLifetime,
    Code::ExpiresInOther,
    Code::AccessTokenUser,
    Code::IdTokenParty,
    Code::IdTokenAlgorithm,
    Code::IdTokenIssuer,
    Code::IdTokenAudience,
    Code::IdTokenIssuedAt,
    Code::IdTokenNonce,
    Code::IdTokenAccessTokenHash,
    Code::IdTokenLifetime,
    Code::IdTokenSubject,
];

/// What a trial of refreshed tokens compares with those of the sign-in.
const IS_KEPT_BY_REFRESH: [Code; 7] = [
    Code::AccessTokenIssuer,
    Code::AccessTokenAudience,
    Code::AccessTokenClient,
    Code::AccessTokenUser,
    Code::IdTokenIssuer,
    Code::IdTokenAudience,
    Code::IdTokenSubject,
];

/// Whether a trial with this code looks at every answer of its user by its flow.
pub(super) fn is_of_every_answer(code: Code) -> bool {
    PROTECTS.contains(&code)
}

/// How an answer came to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By the request that the trial is about.
    Itself,
    /// By another request of the user.
    Another,
    /// By a refresh token that another request of the user brought.
    RefreshToken,
}

/// An answer that brought tokens.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) key: &'a AuthorizationKey,
    pub(super) authorization: &'a Authorization,
    pub(super) tokens: &'a Tokens,
    pub(super) by: By,
    /// The tokens of the request that the trial is about, where this is another answer.
    pub(super) document: Option<&'a Tokens>,
}

impl Answer<'_> {
    /// For how many minutes the model lets the access token live; none, where it does not say.
    pub(super) fn minutes(&self, context: &Context<'_>) -> Option<u32> {
        let key = self.key;
        if key.wants_refresh_token() {
            return minutes_with_refresh_token(context, key);
        }
        let user = context.model.user(&key.user).filter(|_| is_plain(key))?;
        let grant_type = key.flow.grant_type();
        match context.model.expected(user, &key.request, grant_type) {
            Expected::Granted {
                access_token_lifetime_minutes,
                ..
            } => Some(access_token_lifetime_minutes),
            Expected::Denied | Expected::NotAssigned => None,
        }
    }

    fn words(&self) -> String {
        let refreshed = match self.by {
            By::RefreshToken => ", refreshed",
            By::Itself | By::Another => "",
        };
        format!("`{}`{refreshed}", self.key.subject())
    }
}

/// With a refresh token, another rule of the model may be the first to match.
fn minutes_with_refresh_token(context: &Context<'_>, key: &AuthorizationKey) -> Option<u32> {
    let (policies, person) = (
        context.model.access_policies(),
        context.wanted_person(&key.user),
    );
    let openid = OpenIdConnectScopes::MustBeInRule;
    let grant_type = key.flow.grant_type();
    match decide(&policies, "", &person, &key.scopes(), grant_type, openid) {
        Decision::Granted(_, rule) => Some(rule.access_token_lifetime_minutes),
        Decision::Denied => None,
    }
}

/// Whether a request asks in the words of the document.
fn is_plain(key: &AuthorizationKey) -> bool {
    key.details.is_none()
}

/// Whether a request is none of the protocol's rows.
fn is_ours(key: &AuthorizationKey) -> bool {
    let plain = || authorization(&key.user, &key.request, key.flow);
    let is_another = |other: AuthorizationKey| *key == other;
    is_plain(key)
        || is_another(plain().with_refresh_token())
        || is_another(plain().without_openid())
}

/// What came of the other requests of the user by the flow.
fn other_requests<'a>(
    context: &Context<'a>,
    own: &AuthorizationKey,
) -> impl Iterator<Item = (&'a AuthorizationKey, &'a Authorization)> + use<'a> {
    let least = ScopeRequest::of::<String>([]);
    let first = authorization(&own.user, &least, Flow::Implicit);
    let own = own.clone();
    let of_user = context.seen.authorizations.range(first..);
    let (user, flow) = (own.user.clone(), own.flow);
    let of_user = of_user.take_while(move |(key, _)| key.user == user);
    let others = of_user.filter(move |(key, _)| key.flow == flow && **key != own && is_ours(key));
    others.filter_map(|(key, seen)| Some((key, seen.as_ref().ok()?)))
}

/// The answers to the other requests of the user by the flow that brought tokens, and what their
/// refresh tokens brought.
fn others<'a>(
    context: &Context<'a>,
    own: &AuthorizationKey,
    document: &'a Tokens,
) -> impl Iterator<Item = Answer<'a>> + use<'a> {
    let seen = context.seen;
    other_requests(context, own).flat_map(move |(key, authorization)| {
        let answer = move |tokens, by| Answer {
            key,
            authorization,
            tokens,
            by,
            document: Some(document),
        };
        let first = match &authorization.outcome {
            Outcome::Tokens { tokens, .. } => Some(answer(&**tokens, By::Another)),
            Outcome::Denied { .. } => None,
        };
        let refreshed = seen.refreshed.get(key).and_then(|seen| seen.as_ref().ok());
        let refreshed = refreshed.into_iter().flat_map(refreshed_tokens);
        let refreshed = refreshed.map(move |tokens| answer(tokens, By::RefreshToken));
        first.into_iter().chain(refreshed)
    })
}

/// The tokens that the client itself got by its refresh token.
fn refreshed_tokens(refreshed: &Refreshed) -> impl Iterator<Item = &Tokens> {
    let answers = [&refreshed.redeemed, &refreshed.wider, &refreshed.again];
    let answers = answers.into_iter().filter_map(|seen| seen.as_ref().ok());
    answers.filter_map(TokenAnswer::tokens)
}

/// What came of the request itself.
///
/// # Errors
/// [`NotSeen`] with the symptom, when it brought no tokens.
pub(super) fn own<'a>(context: &'a Context<'_>, key: &'a AuthorizationKey) -> Seen<Answer<'a>> {
    let (authorization, _, tokens) = tokens(context, key)?;
    Ok(Answer {
        key,
        authorization,
        tokens,
        by: By::Itself,
        document: None,
    })
}

/// Judges what came of the request itself, and where nothing is wrong with it, every other answer
/// of the user by the flow: what is wrong with one of those is wrong. What is not there proves
/// nothing either way.
///
/// # Errors
/// [`NotSeen`] when the request itself brought nothing, or could not be judged and nothing is wrong
/// with the others.
pub(super) fn judge_all(
    context: &Context<'_>,
    key: &AuthorizationKey,
    code: Code,
    judge: impl Fn(&Context<'_>, &Answer<'_>) -> Seen<Judgement>,
) -> Seen<Judgement> {
    let own = own(context, key)?;
    let judged = judge(context, &own);
    if judged.as_ref().is_ok_and(|judgement| !judgement.is_met()) {
        return judged;
    }
    let is_kept = IS_KEPT_BY_REFRESH.contains(&code);
    let others = others(context, key, own.tokens);
    let others = others.filter(|answer| !is_kept || answer.by != By::RefreshToken);
    let others = others.filter_map(|answer| {
        let judgement = judge(context, &answer).ok()?;
        (!judgement.is_met()).then_some((answer, judgement))
    });
    let mut wrong: Vec<(Answer<'_>, Judgement)> = others.collect();
    if wrong.is_empty() {
        return judged;
    }
    let answers = wrong.iter().map(|(answer, _)| answer.key.clone()).collect();
    let (first, judgement) = wrong.swap_remove(0);
    Ok(of(&first.words(), wrong.len(), judgement).about_answers(answers))
}

/// What is wrong, with the name of the request that it is of, and how many more it is of.
fn of(request: &str, more: usize, mut judgement: Judgement) -> Judgement {
    if let Verdict::NotMet(finding) = &mut judgement.verdict {
        finding.actual = of_request(request, more, &finding.actual);
    }
    judgement
}

fn of_request(request: &str, more: usize, actual: &str) -> String {
    match more {
        0 => format!("of {request}: {actual}"),
        more => format!("of {request}, and the like of {more} more: {actual}"),
    }
}

/// What a redirect should have said, and what it said.
type Other = (String, String);

/// What is wrong with the redirects of the other requests of the user by the flow, be it one that
/// brings an error: of such a one nothing is wrong that it does not say.
pub(super) fn other_redirects(
    context: &Context<'_>,
    key: &AuthorizationKey,
    parameter: &str,
    check: impl Fn(&Authorization, &Response) -> Result<(), Other>,
) -> Result<(), Other> {
    let wrong = other_requests(context, key).filter_map(|(key, seen)| {
        let response = seen.outcome.response()?;
        let is_told = response.get(parameter).is_some();
        if !is_told && response.handed_out().is_none() {
            return None;
        }
        let other = check(seen, response).err()?;
        Some((format!("`{}`", key.subject()), other))
    });
    let wrong: Vec<(String, Other)> = wrong.collect();
    let Some((request, (expected, actual))) = wrong.first() else {
        return Ok(());
    };
    let actual = of_request(request, wrong.len() - 1, actual);
    Err((expected.clone(), actual))
}

/// A redirect with another `state` than was sent answers nobody (RFC 6749 section 10.12): nothing
/// may rest on what it refuses.
///
/// # Errors
/// [`NotSeen`] where it has another one.
pub(super) fn answers(key: &AuthorizationKey, seen: &Authorization) -> Seen<()> {
    let state = seen.outcome.response().and_then(|it| it.get("state"));
    if state.is_none_or(|state| state == seen.state) {
        return Ok(());
    }
    Err(NotSeen::inconclusive(format!(
        "{} came to a redirect with another `state` than was sent: that is no answer to it",
        key.words()
    )))
}
