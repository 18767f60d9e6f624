//! Checks of single claims, for access tokens and ID tokens alike.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use serde_json::Value;

use super::context::Context;
use super::every_answer::{self, Answer, By};
use super::found::Code;
use super::step::Step;
use super::step_5_fixes::unfixable;
use super::subject::Subject;
use super::token_form::mend_unreadable;
use super::topic::Topic;
use super::trial::{Fix, Judgement, Observed, Trial};
use crate::escape;
use crate::model::Provider;
use crate::observation::{AuthorizationKey, Need, NotSeen, Seen, Symptom, Tokens};
use crate::openid::{Jwt, TokenError};
use crate::severity::Severity;

/// Which of the two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Id,
}

/// A token with all that it is compared with.
pub(super) struct View<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) kind: Kind,
    pub(super) answer: Answer<'a>,
    pub(super) token: &'a Jwt,
    /// What a check found right and still worth telling.
    remark: OnceCell<String>,
    /// Why a check could not be made after all.
    doubt: OnceCell<NotSeen>,
    /// What the token lacks, where a broken step of the set-up may explain it.
    lacking: OnceCell<String>,
    /// The claims that a check looked at.
    observed: RefCell<Observed>,
}

/// Claims whose values are others in every run.
const CHANGING: [&str; 7] = [
    "jti",
    "iat",
    "exp",
    "auth_time",
    "nonce",
    "at_hash",
    "c_hash",
];

impl<'a> View<'a> {
    /// A claim of the token; what was looked at is kept for the record.
    pub(super) fn claim(&self, name: &str) -> Option<&'a Value> {
        let found = self.token.claims.get(name);
        let value = found.cloned().unwrap_or_default();
        let mut observed = self.observed.borrow_mut();
        if CHANGING.contains(&name) {
            observed.keep_changing(name, value);
        } else {
            observed.keep(name, value);
        }
        found
    }

    /// A value that is the same in the next run, as long as nothing changed.
    pub(super) fn keep(&self, name: &str, value: impl Into<Value>) {
        self.observed.borrow_mut().keep(name, value);
    }

    /// It is right, and worth telling.
    pub(super) fn remark(&self, text: &str) {
        let _first = self.remark.set(text.to_owned());
    }

    /// The token lacks the object, which a step of the set-up may have left out.
    pub(super) fn lacks(&self, object: String) {
        let _first = self.lacking.set(object);
    }

    /// There is nothing to compare with, for a reason.
    pub(super) fn cannot_see(&self, reason: NotSeen) {
        let _first = self.doubt.set(reason);
    }

    /// There is nothing to compare with: neither right nor wrong.
    pub(super) fn cannot_tell(&self, reason: &str) {
        let _first = self.doubt.set(NotSeen::inconclusive(reason));
    }

    /// A claim of another answer is that of the document's own, where it has one.
    pub(super) fn is_as_in_document(&self, claim: &str) -> Checked {
        let document = self.answer.document;
        let token = document.and_then(|tokens| decoded(tokens, self.kind).ok()?.as_ref().ok());
        let own = token.and_then(|token| token.text(claim));
        own.map_or(Ok(()), |own| equal(claim, self.claim(claim), own))
    }

    /// A claim that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.claim(name);
        self.token.number(name)
    }
}

/// What a check found wrong: what was expected and what was there, by another code than the check's
/// where it is another mistake.
#[derive(Debug)]
pub(super) struct Wrong {
    code: Option<Code>,
    expected: String,
    actual: String,
    /// How to mend it, where that is another way than what the check finds else.
    fix: Option<Fix>,
    /// Its weight, where that is another than the check's.
    severity: Option<Severity>,
}

impl Wrong {
    pub(super) fn new(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self {
            code: None,
            expected: expected.into(),
            actual: actual.into(),
            fix: None,
            severity: None,
        }
    }

    /// Required, whatever else of the claim is promised.
    pub(super) fn required(self) -> Self {
        Self {
            severity: Some(Severity::Required),
            ..self
        }
    }

    /// By a code of its own.
    pub(super) fn by(self, code: Code) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Mended by a way of its own.
    pub(super) fn mended_by(self, fix: Fix) -> Self {
        Self {
            fix: Some(fix),
            ..self
        }
    }

    /// As a judgement, by the code and the fix of its check where it has none of its own.
    fn judged(self, code: Code, fix: &dyn Fn() -> Fix) -> Judgement {
        let (code, fix) = (self.code.unwrap_or(code), self.fix.unwrap_or_else(fix));
        let judgement = Judgement::not_met(code, self.expected, self.actual, fix);
        match self.severity {
            Some(severity) => judgement.weighing(severity),
            None => judgement,
        }
    }
}

/// What a check says: nothing, or what is wrong.
pub(super) type Checked = Result<(), Wrong>;

/// A trial of one claim.
pub(super) fn claim_trial(
    key: &AuthorizationKey,
    kind: Kind,
    code: Code,
    name: &str,
    see: &'static str,
    fix: impl Fn() -> Fix + Send + Sync + 'static,
    check: impl Fn(&View<'_>) -> Checked + Send + Sync + 'static,
) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let needs = [Need::Authorization(key.clone()), Need::Metadata];
    let judge = move |context: &Context<'_>, answer: &Answer<'_>| {
        judge(context, answer, kind, code, &fix, &check)
    };
    Trial::new(Step::Authorize, name, see, needs, move |context| {
        if every_answer::is_of_every_answer(code) {
            every_answer::judge_all(context, &key, code, &judge)
        } else {
            judge(context, &every_answer::own(context, &key)?)
        }
    })
    .about(subject)
}

/// Judges one claim of one answer.
fn judge(
    context: &Context<'_>,
    answer: &Answer<'_>,
    kind: Kind,
    code: Code,
    fix: &dyn Fn() -> Fix,
    check: &dyn Fn(&View<'_>) -> Checked,
) -> Seen<Judgement> {
    let token = match decoded(answer.tokens, kind)? {
        Ok(token) => token,
        Err(error) if may_be_opaque(context, kind) => return Err(opaque(error)),
        // That it cannot be read is reported once, where its signature is looked at.
        Err(error) if answer.by != By::Itself => return Err(opaque(error)),
        Err(error) => {
            let expected = "a JSON Web Token of three segments";
            let fix = mend_unreadable(error).unwrap_or_else(fix);
            let object = readable(kind, answer.key);
            let judgement = Judgement::not_met(code, expected, error.to_string(), fix);
            // Nothing of it was read, so that nothing else is wrong with it.
            return Ok(judgement.with(Symptom::Missing { object }));
        }
    };
    let view = View {
        context,
        kind,
        answer: *answer,
        token,
        remark: OnceCell::new(),
        doubt: OnceCell::new(),
        lacking: OnceCell::new(),
        observed: RefCell::default(),
    };
    let checked = check(&view);
    // What is wrong is wrong, whatever else could not be compared.
    if let (Ok(()), Some(doubt)) = (&checked, view.doubt.into_inner()) {
        return Err(doubt);
    }
    let judgement = match checked {
        Ok(()) => view
            .remark
            .into_inner()
            .map_or_else(Judgement::met, Judgement::met_unusually),
        Err(wrong) => wrong.judged(code, fix),
    };
    let judgement = match view.lacking.into_inner() {
        Some(object) if !judgement.is_met() => judgement.with(Symptom::Missing { object }),
        _ => judgement,
    };
    Ok(Judgement {
        observed: view.observed.into_inner(),
        ..judgement
    })
}

fn decoded(tokens: &Tokens, kind: Kind) -> Seen<&Result<Jwt, TokenError>> {
    match kind {
        Kind::Access => Ok(&tokens.access_token),
        Kind::Id => tokens
            .id_token
            .as_ref()
            .ok_or_else(|| NotSeen::inconclusive("no ID token came with the access token")),
    }
}

/// Whether the token may be one that its own server alone can read.
fn may_be_opaque(context: &Context<'_>, kind: Kind) -> bool {
    kind == Kind::Access && !context.model.provider.has_readable_access_tokens()
}

fn opaque(error: &TokenError) -> NotSeen {
    NotSeen::not_applicable(format!(
        "the access token is for its own server to read: {error}"
    ))
}

/// The trial, with something else that it looks at where it is known.
pub(super) fn with(need: Need, mut trial: Trial) -> Trial {
    trial.needs.push(need);
    trial
}

/// An access token that is wrong explains why an endpoint refuses the user's tokens of the flow.
pub(super) fn explains_refusal(trial: Trial, key: &AuthorizationKey) -> Trial {
    let (user, flow, judge) = (key.user.clone(), key.flow, Arc::clone(&trial.judge));
    trial.explains_of(Topic::User(user.clone()), move |context, symptom| {
        let Symptom::Refused { key, .. } = symptom else {
            return false;
        };
        // Where the tokens of other requests alone are wrong, those alone are refused for it.
        let is_wrong = || {
            let answers = judge(context).map(|judgement| judgement.answers);
            answers.is_ok_and(|answers| answers.is_empty() || answers.contains(key))
        };
        key.user == user && key.flow == flow && is_wrong()
    })
}

/// What is missing where a token is no JSON Web Token: of all of a user's by a flow the signature is
/// looked at in one place.
fn readable(kind: Kind, key: &AuthorizationKey) -> String {
    let token = match kind {
        Kind::Access => "access token",
        Kind::Id => "ID token",
    };
    let (user, grant_type) = (&key.user, key.flow.grant_type());
    format!("{token} of {user} by {grant_type} that can be read")
}

/// The same trial, which is to blame for all that cannot be read of its token, beside what it is to
/// blame for already.
pub(super) fn explains_unreadable(mut trial: Trial, kind: Kind, key: &AuthorizationKey) -> Trial {
    let object = readable(kind, key);
    let before = trial.explains.take();
    trial.explains(move |context, symptom| {
        let is_explained = before
            .as_ref()
            .map(|(_, explains)| explains(context, symptom));
        symptom.is_missing(&object) || is_explained == Some(true)
    })
}

/// The signature, by the key that the token names.
pub(super) fn signature_trial(
    key: &AuthorizationKey,
    kind: Kind,
    code: Code,
    name: &str,
    see: &'static str,
) -> Trial {
    let (key, subject) = (key.clone(), Subject::token(key));
    let needs = [Need::Authorization(key.clone()), Need::Keys];
    let judge = move |context: &Context<'_>, answer: &Answer<'_>| {
        let keys = context.seen.keys.as_ref().map_err(Clone::clone)?;
        let (problem, fix) = match decoded(answer.tokens, kind)? {
            Ok(token) => {
                let problem = token.signature(keys).problem();
                (problem.map_err(NotSeen::inconclusive)?, None)
            }
            Err(error) if may_be_opaque(context, kind) => return Err(opaque(error)),
            Err(error) => (Some(error.to_string()), mend_unreadable(error)),
        };
        let expected = "a signature by a published key of the authorization server";
        Ok(match problem {
            None => Judgement::met(),
            Some(actual) => {
                Judgement::not_met(code, expected, actual, fix.unwrap_or_else(unfixable))
            }
        })
    };
    Trial::new(Step::Authorize, name, see, needs, move |context| {
        every_answer::judge_all(context, &key, code, judge)
    })
    .about(subject)
}

/// `alg`, and nothing in the header that would send a validator elsewhere for a key.
pub(super) fn header(view: &View<'_>) -> Checked {
    let alg = view.token.header.get("alg");
    view.keep("alg", alg.cloned().unwrap_or_default());
    // Which key signs is right or wrong elsewhere: a rotation is worth knowing of.
    let key = view.token.header.get("kid");
    view.keep("kid", key.cloned().unwrap_or_default());
    equal("alg", alg, "RS256").map_err(|wrong| wrong.mended_by(unfixable()))?;
    let misleading = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];
    let found = misleading
        .into_iter()
        .find(|name| view.token.header.contains_key(*name));
    found.map_or(Ok(()), |name| {
        let code = match view.kind {
            Kind::Access => Code::AccessTokenHeader,
            Kind::Id => Code::IdTokenHeader,
        };
        let wanted = "a header with `alg` and `kid` alone";
        let wrong = Wrong::new(wanted, format!("it has `{name}` too"));
        Err(wrong.by(code).mended_by(unfixable()))
    })
}

/// `iss`, byte for byte.
pub(super) fn issuer(view: &View<'_>) -> Checked {
    let same = equal("iss", view.claim("iss"), &view.context.facts.issuer);
    same.map_err(|wrong| match view.context.model.provider {
        Provider::Okta => wrong.mended_by(Fix::new(
            "one domain for all: Security > API > Authorization Servers > the server > Settings > \
             Issuer, for ID tokens Applications > the client > Sign On > OpenID Connect ID Token > \
             Issuer, and OKTA_OAUTH2_ISSUER",
            "`issuerMode` of GET /api/v1/authorizationServers/{authServerId}, and \
             settings.oauthClient.issuer_mode of GET /api/v1/apps/{appId}",
        )),
        Provider::Generic => wrong,
    })
}

/// `ver`.
pub(super) fn version(view: &View<'_>) -> Checked {
    let found = view.claim("ver");
    if found.and_then(Value::as_i64) == Some(1) {
        Ok(())
    } else {
        Err(Wrong::new("ver = 1".to_owned(), shown(found)))
    }
}

/// `jti`, which no other token of the run has.
pub(super) fn token_id(view: &View<'_>) -> Checked {
    let wanted = || "a `jti` that no other token of the run has".to_owned();
    let found = view.claim("jti");
    let Some(own) = found.and_then(Value::as_str).filter(|jti| !jti.is_empty()) else {
        return Err(Wrong::new(wanted(), shown(found)));
    };
    let same = view.context.tokens_with_id(own);
    if same <= 1 {
        Ok(())
    } else {
        Err(Wrong::new(wanted(), format!("{same} tokens have it")))
    }
}

/// A claim that is there and of the right form.
pub(super) fn present(view: &View<'_>, claim: &str, right: fn(&Value) -> bool) -> Checked {
    let found = view.claim(claim);
    if found.is_some_and(right) {
        Ok(())
    } else {
        Err(Wrong::new(
            format!("`{claim}`, of the right form"),
            shown(found),
        ))
    }
}

/// A claim that is this text.
pub(super) fn equal(claim: &str, found: Option<&Value>, wanted: &str) -> Checked {
    if found.and_then(Value::as_str) == Some(wanted) {
        return Ok(());
    }
    Err(Wrong::new(format!("{claim} = `{wanted}`"), shown(found)))
}

/// A claim that is this text, or an array of this text alone, which RFC 7519 allows for `aud`.
pub(super) fn sole(view: &View<'_>, claim: &str, wanted: &str) -> Checked {
    let found = view.claim(claim);
    let element = match found {
        Some(Value::Array(items)) if items.len() == 1 => items.first(),
        other => other,
    };
    equal(claim, element, wanted).map_err(|wrong| Wrong::new(wrong.expected, shown(found)))?;
    if element != found && view.context.model.provider == Provider::Okta {
        let told = "is an array of one, which RFC 7519 allows; Okta is known to send a text";
        let _first = view.remark.set(format!("`{claim}` {told}"));
    }
    Ok(())
}

/// A claim's value for a message; claims are no secrets, tokens are.
pub(super) fn shown(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "not there".to_owned(), ToString::to_string);
    escape::beginning(&text, escape::MOST_IN_TERMINAL)
}
