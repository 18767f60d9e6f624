//! The authorization server asked what it must refuse: what is sent are rows of
//! `fixtures/protocol/`.

use std::sync::Arc;

use super::agreement::{NO_BOOLEAN, disagreement, is_no_boolean, told_unasked};
use super::before_the_org::answered_by_another;
use super::context::Context;
use super::found::Code;
use super::services::is_known_to_the_server;
use super::session_tokens;
use super::step::Step;
use super::step_5_authorize::{granted, tokens};
use super::step_5_hybrid::gives_both_at_once;
use super::subject::Subject;
use super::trial::{Fix, Judgement, Trial};
use crate::config::Profile;
use crate::exchange::{self, At, Exchange, Place, Row, ServerCall};
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{
    Authorization, AuthorizationKey, Lands, Need, NotSeen, Outcome, Redirected, Seen, ServerAnswer,
    Symptom,
};
use crate::openid::Response;
use crate::severity::Severity;

/// What the names of the trials begin with.
const MODULE: &str = "protocol";
/// So many requests in browsers are looked at for why a right request was refused.
const MOST_ASKED: usize = 3;

/// The trials of a profile, in the order in which they are sent.
pub(super) fn trials(model: &OrgModel, profile: Profile) -> Vec<Trial> {
    if profile == Profile::Document {
        return Vec::new();
    }
    let asked = Flow::ALL.map(|flow| (flow, asked(model, flow)));
    let rows = exchange::protocol().filter(|row| row.profile <= profile && row.is_for(model));
    let trials = rows.filter_map(|row| {
        let (_, asked) = asked.iter().find(|(flow, _)| *flow == row.flow_of(model))?;
        let gives_both = |key: &AuthorizationKey| gives_both_at_once(model, key);
        (!row.hybrid || asked.first().is_some_and(gives_both)).then_some(())?;
        trial(model, row, asked)
    });
    trials.collect()
}

/// The first requests that the model grants by a flow: whose tokens are presented, and who met
/// what a right request met here.
fn asked(model: &OrgModel, flow: Flow) -> Arc<[AuthorizationKey]> {
    granted(model, flow).take(MOST_ASKED).collect()
}

fn trial(model: &OrgModel, row: &'static Row, asked: &Arc<[AuthorizationKey]>) -> Option<Trial> {
    // What is asked for in a session is a scope of the API where the model has one.
    let of_api = asked.iter().find(|key| !key.request.scopes.is_empty());
    let of_api = of_api.filter(|_| row.asks().is_some() || row.in_session);
    let call = ServerCall::of(row, of_api.or(asked.first()))?;
    let (control, before) = (call.control(), call.begun_by());
    let calls = [Some(call.clone()), control.clone(), before.clone()];
    let calls = calls.into_iter().flatten();
    let calls = calls.map(|call| Need::Call(Exchange::Server(call)));
    // There is a session where the document's own request was granted.
    let session = row.asks().and_then(|_| call.document());
    let granted = session.clone().map(Need::Authorization);
    // Whether somebody registered what was sent, the audit knows.
    let audit = row.registrable.then_some(Need::Client);
    // Anyone refused who cannot say who they are proves nothing.
    let service = model.services.first().filter(|_| row.needs_service());
    let service = service.cloned();
    let of_service = service.as_ref();
    let of_service = of_service.map(|service| Need::Service(service.name().to_owned()));
    let another = another_user(model, row, &call).map(Need::Authorization);
    let needs = calls.chain(granted).chain(another);
    let needs = needs.chain(audit).chain(of_service);
    let needs: Vec<Need> = needs.collect();
    let asked = Arc::clone(asked);
    let judge = move |context: &Context<'_>| {
        let controlled = || {
            if let Some(session) = &session {
                is_signed_in(context, session)?;
            }
            if let Some(service) = &service {
                is_known_to_the_server(context, service)?;
            }
            let control = control.as_ref();
            control.map_or(Ok(()), |control| holds(context, control, &asked))
        };
        if let Some(before) = &before {
            has_begun(context, before, &asked)?;
        }
        judge(context, &call, &asked, &controlled)
    };
    let trial = Trial::new(Step::Authorize, "", &row.norm, needs, judge)
        .named(MODULE, &row.id)
        .weighing(row.severity);
    Some(trial.about(Subject::case(row.to().name())))
}

/// The request of another user than that of the session, where the ID token of one is presented.
fn another_user(model: &OrgModel, row: &Row, call: &ServerCall) -> Option<AuthorizationKey> {
    let user = &call.basis().filter(|_| row.names_another_user())?.user;
    granted(model, row.flow_of(model)).find(|key| key.user != *user)
}

/// Whether the document's own request was granted in the browser, be it by a code that nobody could
/// redeem: there is a session.
fn is_signed_in(context: &Context<'_>, session: &AuthorizationKey) -> Seen<()> {
    let seen = context.seen.authorization(session)?;
    let response = seen.outcome.response();
    if response.and_then(Response::handed_out).is_some() {
        return Ok(());
    }
    tokens(context, session).map(drop)
}

/// A breach counts whatever else failed; a refusal, and another one than is expected, only where
/// the same request without what is wrong with it is answered as it should be.
fn judge(
    context: &Context<'_>,
    call: &ServerCall,
    asked: &[AuthorizationKey],
    controlled: &dyn Fn() -> Seen<()>,
) -> Seen<Judgement> {
    let (row, seen) = (call.row, context.seen.server(call)?);
    if let Some(redirect) = &seen.redirect
        && goes_on_at_the_org(row, redirect)
    {
        return Err(NotSeen::not_applicable(format!(
            "the org answers by a redirect of its own, to {}, which is not followed",
            redirect.address
        )));
    }
    if let Some(reason) = answered_by_another(context, call, seen) {
        return Err(reason);
    }
    if let Some(judgement) = breach(context, row, seen)? {
        return Ok(judgement);
    }
    if let Some(judgement) = unsafe_answer(row, seen) {
        return controlled().map(|()| judgement);
    }
    let is_right = seen.is(&row.answer);
    let other = match is_right.then(|| disagreement(context, call, seen)) {
        Some(other) => other?.map(|other| (Code::ProtocolDisagrees, other)),
        None => None,
    };
    let of_another = || session_tokens::of_another(context, call);
    let other = match other {
        None if is_right => of_another()?.map(|other| (Code::ProtocolOfAnother, other)),
        other => other,
    };
    let unasked = match is_right.then(|| told_unasked(context, call, seen)) {
        Some(unasked) => unasked?,
        None => None,
    };
    let judgement = if let Some((code, (expected, actual))) = other {
        disagrees(code, row, expected, actual)
    } else if let Some(unasked) = unasked {
        not_met(Code::ProtocolUnsafe, row, seen, &unasked).weighing(row.severity)
    } else if is_right {
        Judgement::met_with(seen.words())
    } else if row.also.iter().any(|also| seen.is(also)) {
        is_right_too(context.model.provider, row, seen)
    } else if seen.status >= 500 {
        not_met(Code::ProtocolFails, row, seen, "it fails").weighing(Severity::Advised)
    } else if let Some(reason) = is_for_another_server(context, row, seen) {
        return Err(reason);
    } else if row.control().is_some()
        || denies_what_it_owes(row, seen)
        || seen.leads_to_the_org()
        || says_nothing(seen)
    {
        let weight = row.severity.max(Severity::Advised);
        not_met(
            Code::ProtocolRefusedOtherwise,
            row,
            seen,
            "it is answered otherwise",
        )
        .weighing(weight)
    } else {
        return Err(unexpected(context, row, seen, asked));
    };
    controlled().map(|()| judgement.seeing("status", seen.status))
}

/// Whether the org goes on with a request at another page of its own, as it may with a browser:
/// what the client is owed is not in that redirect.
fn goes_on_at_the_org(row: &Row, redirect: &Redirected) -> bool {
    let is_of_browsers = match row.to() {
        Place::Authorization | Place::Page | Place::Session | Place::Logout => true,
        Place::Token
        | Place::UserInfo
        | Place::Introspection
        | Place::Revocation
        | Place::Metadata
        | Place::Keys => false,
    };
    let answers = std::iter::once(&row.answer).chain(&row.also);
    let is_owed = answers
        .map(|answer| answer.at)
        .all(|at| matches!(at, At::RedirectUri | At::Granted));
    let is_answer = is_owed && redirect.error.is_some() && redirect.has_state;
    let is_at_org = redirect.lands == Lands::AtTheOrg && row.answer.at != At::Org;
    is_at_org && is_of_browsers && !is_answer
}

/// What must come comes, and anyone who stands between or beside gets more of it than they may.
fn unsafe_answer(row: &Row, seen: &ServerAnswer) -> Option<Judgement> {
    let lacking = seen.lacks(&row.answer);
    if !seen.is_as_such(&row.answer) || lacking.is_empty() {
        return None;
    }
    let judgement = not_met(Code::ProtocolUnsafe, row, seen, &lacking.join(", "));
    Some(judgement.weighing(row.severity))
}

/// A client that goes by the one takes the user or the token for another.
fn disagrees(code: Code, row: &Row, expected: String, actual: String) -> Judgement {
    let what = match row.to() {
        Place::Session => "the tokens must be of the request that brings them, and of its user",
        _ => "what is told of a token must be what the token says",
    };
    let fix = Fix::new(
        format!(
            "the authorization server, or what stands before it: at {}, {what} ({})",
            row.to().name(),
            row.norm
        ),
        format!("{} {}: {}", row.method(), row.to().name(), row.sends),
    );
    Judgement::not_met(code, expected, actual, fix).weighing(Severity::Required)
}

/// What documents leave open; where Okta's own answer is known, another one is told.
fn is_right_too(provider: Provider, row: &Row, seen: &ServerAnswer) -> Judgement {
    let wanted = row.answer.words();
    match provider {
        Provider::Okta => Judgement::met_unusually(format!(
            "{}; Okta is known to answer {wanted}",
            seen.words()
        )),
        Provider::Generic => Judgement::met_with(seen.words()),
    }
}

/// An endpoint that is for users refuses a token that is for the API, as it may.
fn is_for_another_server(context: &Context<'_>, row: &Row, seen: &ServerAnswer) -> Option<NotSeen> {
    let is_of_user = row.to() == Place::UserInfo && row.answer.at == At::Success;
    let is_refused = matches!(seen.status, 401 | 403);
    let may_refuse = !context.model.provider.takes_tokens_of_the_api();
    if may_refuse && seen.error.as_deref() == Some("unsupported_token_type") {
        return Some(NotSeen::not_applicable(format!(
            "the server ends and tells of no such tokens: it answers {} (RFC 7009 section 2.2.1)",
            seen.words()
        )));
    }
    (is_of_user && is_refused && may_refuse).then(|| {
        NotSeen::not_applicable(format!(
            "access tokens of the API fetch no claims here: it answers {} (RFC 9068 section 4)",
            seen.words()
        ))
    })
}

/// What must be given is not, and not because of what the run was told of the client.
fn denies_what_it_owes(row: &Row, seen: &ServerAnswer) -> bool {
    let owes = match row.answer.at {
        At::Success | At::Org | At::Granted | At::Inactive => true,
        At::RedirectUri | At::Page | At::Body | At::Challenge => false,
    };
    // Anyone who asks about tokens shows a secret first, and 401 says that it was refused (RFC 6749
    // section 5.2), whatever stands in the answer.
    let is_of_client = row.to() != Place::UserInfo && seen.status == 401;
    // What keeps a page from coming is wrong with client or redirect URI, which other rows ask.
    let is_of_client = is_of_client || row.to() == Place::Page;
    owes && !is_of_client && seen.error.as_deref() != Some("invalid_client")
}

/// The client is sent an answer that is none: neither what was asked for nor an error.
fn says_nothing(seen: &ServerAnswer) -> bool {
    let redirect = seen.redirect.as_ref();
    let redirect = redirect.filter(|redirect| redirect.lands == Lands::AtRedirectUri);
    let error = redirect.map(|redirect| redirect.error.as_deref().unwrap_or_default());
    seen.brings.is_empty() && error.is_some_and(str::is_empty)
}

/// What is wrong with the request was taken.
fn breach(context: &Context<'_>, row: &Row, seen: &ServerAnswer) -> Seen<Option<Judgement>> {
    let required =
        |code, what: &str| Some(not_met(code, row, seen, what).weighing(Severity::Required));
    let handed_out = seen.brings.first();
    if let Some(what) = handed_out.filter(|_| row.answer.at != At::Granted) {
        return Ok(required(
            Code::ProtocolHandsOut,
            &format!("it hands out a {what} (`{what}`)"),
        ));
    }
    match seen.redirect.as_ref().map(|redirect| &redirect.lands) {
        Some(Lands::Elsewhere) => {
            return Ok(required(
                Code::ProtocolRedirectsElsewhere,
                "it leads to an address of nobody's",
            ));
        }
        Some(Lands::AtSentUri(uri)) => {
            is_nobodys(context, row, uri)?;
            return Ok(required(
                Code::ProtocolRedirectsUnregistered,
                "anyone who is there would be sent what the client is sent",
            ));
        }
        Some(Lands::AtRedirectUri | Lands::AtTheOrg) | None => {}
    }
    // Anyone who else may read it, or run a script in it, may do so whatever it says.
    let lacking = seen.lacks(&row.answer);
    if row.severity == Severity::Required && !lacking.is_empty() {
        return Ok(required(Code::ProtocolUnsafe, &lacking.join(", ")));
    }
    let control = row.control().filter(|control| !row.is_as(control));
    // That a token is not alive, what is looked at in an answer beside its kind, and what is
    // accepted too, may come as the control's answer does.
    let is_of_one_kind = row.answer.at == At::Inactive || !row.answer.cares.is_empty();
    let is_right = is_of_one_kind && seen.is(&row.answer);
    let is_also = row.also.iter().any(|answer| seen.is(answer));
    let is_taken = control.is_some_and(|control| seen.is(&control.answer));
    let is_taken = is_taken && !is_also && !is_right;
    let is_accepted = is_also || seen.is(&row.answer);
    let is_success = seen.is_success() && seen.redirect.is_none() && !is_accepted;
    let told = seen.tells.as_ref().and_then(|told| told.get("active"));
    let (code, what) = if row.answer.at == At::Inactive && is_no_boolean(told) {
        (Code::ProtocolTaken, NO_BOOLEAN)
    } else if is_taken {
        let what = "it is answered as if nothing were wrong with it";
        (Code::ProtocolUnchecked, what)
    } else {
        (Code::ProtocolTaken, "it is taken")
    };
    Ok((is_taken || is_success).then(|| not_met(code, row, seen, what)))
}

/// Nothing, where nobody can have registered the redirect URI that was sent.
///
/// # Errors
/// Why that is not known, or that it is registered.
fn is_nobodys(context: &Context<'_>, row: &Row, uri: &str) -> Seen<()> {
    if !row.registrable {
        return Ok(());
    }
    let Ok(Some(client)) = &context.seen.org.client else {
        return Err(NotSeen::not_configured(
            "it leads there, and whether it is registered beside the other, the audit alone \
             knows: set OKTA_CLIENT_TOKEN",
        ));
    };
    let mut registered = client.settings.oauth_client.redirect_uris.iter();
    if registered.any(|registered| registered == uri) {
        let why = "it leads there, and it is registered too: see step 4b";
        return Err(NotSeen::not_applicable(why));
    }
    Ok(())
}

/// Whether what comes before was answered as it may be.
fn has_begun(context: &Context<'_>, before: &ServerCall, asked: &[AuthorizationKey]) -> Seen<()> {
    let seen = context.seen.server(before)?;
    let is_accepted = before.row.also.iter().any(|also| seen.is(also));
    if is_accepted {
        return Ok(());
    }
    holds(context, before, asked)
}

/// Whether the control was answered as it should be.
fn holds(context: &Context<'_>, control: &ServerCall, asked: &[AuthorizationKey]) -> Seen<()> {
    let seen = context.seen.server(control)?;
    if seen.is(&control.row.answer) {
        return Ok(());
    }
    let mut why = unexpected(context, control.row, seen, asked);
    why.reason = format!(
        "that proves nothing: without what is wrong with it, {}",
        why.reason
    );
    Err(why)
}

/// A right request was not answered as it should be: a broken step may explain it, which is what
/// the browsers met too.
fn unexpected(
    context: &Context<'_>,
    row: &Row,
    seen: &ServerAnswer,
    asked: &[AuthorizationKey],
) -> NotSeen {
    if let Some(reason) = is_for_another_server(context, row, seen) {
        return reason;
    }
    let (wanted, found) = (row.answer.words(), seen.words());
    let why = NotSeen::inconclusive(format!(
        "{} is answered {found}, and not by {wanted}",
        row.sends
    ));
    let denied = asked
        .iter()
        .find_map(|key| match context.seen.authorization(key) {
            Ok(Authorization {
                outcome: Outcome::Denied { denial, .. },
                ..
            }) => Some((key.clone(), *denial)),
            Ok(_) | Err(_) => None,
        });
    match denied {
        Some((key, denial)) => why.with(Symptom::NoTokens { key, denial }),
        None => why,
    }
}

fn not_met(code: Code, row: &Row, seen: &ServerAnswer, what: &str) -> Judgement {
    let fix = Fix::new(
        format!(
            "the authorization server, or what stands before it: {} must be answered by {} ({})",
            row.sends,
            row.answer.words(),
            row.norm
        ),
        format!("{} {}: {}", row.method(), row.to().name(), row.sends),
    );
    let expected = format!("{} for {}", row.answer.words(), row.sends);
    let judgement = Judgement::not_met(code, expected, format!("{}: {what}", seen.words()), fix);
    judgement.seeing("status", seen.status)
}

#[cfg(test)]
mod tests;
