//! The tokens that an answer in a session brings: of this request, of its user, and like those of
//! the document's own request, which step 5 looks at.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::Context;
use super::step_5_authorize::tokens;
use crate::escape::excerpt;
use crate::exchange::{Place, ServerCall};
use crate::observation::{Authorization, Seen, Tokens};
use crate::openid::{Jwt, Response, Signature, half_hash};

/// What was expected, and what is there.
type Other = (String, String);

/// What is looked at.
struct Brought<'a> {
    context: &'a Context<'a>,
    user: &'a str,
    asked: &'a Authorization,
    response: &'a Response,
    document: &'a Tokens,
    /// Whether the document's own request is for the same scopes.
    is_for_the_same: bool,
}

/// In what the tokens of an answer in a session are not of its request or its user; nothing, where
/// it is none, or brings none that can be read.
///
/// # Errors
/// Why there is nothing to compare them with.
pub(super) fn of_another(context: &Context<'_>, call: &ServerCall) -> Seen<Option<Other>> {
    let (Place::Session, Some(key), Some(document)) =
        (call.row.to(), call.basis(), call.document())
    else {
        return Ok(None);
    };
    if key.is_late() {
        return Ok(None);
    }
    let asked = context.seen.authorization(key)?;
    let Some(response) = asked.outcome.response() else {
        return Ok(None);
    };
    if response.token().is_none() {
        return Ok(None);
    }
    let is_for_the_same = key.scopes() == document.scopes() && key.flow == document.flow;
    let (_, _, document) = tokens(context, &document)?;
    let brought = Brought {
        context,
        user: &key.user,
        asked,
        response,
        document,
        is_for_the_same,
    };
    Ok(brought.id_token().or_else(|| brought.access_token()))
}

impl Brought<'_> {
    fn id_token(&self) -> Option<Other> {
        let token = self.read("id_token")?;
        let document = self.document.id_token.as_ref()?.as_ref().ok()?;
        let facts = self.context.facts;
        let audience = token.claims.get("aud").map(Value::to_string);
        let audience = audience.unwrap_or_default();
        let is_ours = audience.contains(&Value::from(facts.client_id.as_str()).to_string());
        other(
            token.text("nonce") == Some(&self.asked.nonce),
            "nonce of the ID token: that of the request",
            || "another one, or none".to_owned(),
        )
        .or_else(|| {
            let expected = "aud of the ID token: the client";
            other(is_ours, expected, || audience.clone())
        })
        .or_else(|| same(&token, document, "iss"))
        .or_else(|| same(&token, document, "sub"))
        .or_else(|| self.sign_in_time(&token))
        .or_else(|| self.hash(&token, "at_hash", "access_token"))
        .or_else(|| self.hash(&token, "c_hash", "code"))
        .or_else(|| self.lifetime(&token, document))
        .or_else(|| self.signature(&token, document))
    }

    /// Nobody signs in where nobody is asked (OpenID Connect Core section 3.1.2.1): the time is that
    /// of a sign-in of the run, where both say one. By `max_age` alone a token may have to (section
    /// 2).
    fn sign_in_time(&self, token: &Jwt) -> Option<Other> {
        let found = token.number("auth_time")?;
        let times = self.context.seen.sign_in_times(self.user);
        let times: BTreeSet<i64> = times.collect();
        let last = times.last()?;
        let expected = format!("auth_time of the ID token: {last}, when the user signed in");
        other(times.contains(&found), &expected, || found.to_string())
    }

    fn access_token(&self) -> Option<Other> {
        let token = self.read("access_token")?;
        let document = self.document.access_token.as_ref().ok()?;
        let mut claims = ["iss", "aud", "cid", "sub", "uid"].into_iter();
        let other = claims.find_map(|claim| same(&token, document, claim));
        other
            .or_else(|| self.scopes(&token))
            .or_else(|| self.lifetime(&token, document))
            .or_else(|| self.signature(&token, document))
    }

    /// For the same scopes the same rule decides how long a token lives.
    fn lifetime(&self, token: &Jwt, document: &Jwt) -> Option<Other> {
        let seconds = |token: &Jwt| Some(token.number("exp")? - token.number("iat")?);
        let (found, wanted) = (seconds(token)?, seconds(document)?);
        let expected = format!("a token that lives {wanted} s, as in the session's first answer");
        let is_right = !self.is_for_the_same || found == wanted;
        other(is_right, &expected, || format!("one that lives {found} s"))
    }

    /// A token of the answer, taken apart, if it can be.
    fn read(&self, name: &str) -> Option<Jwt> {
        Jwt::decode(self.response.secret(name)?).ok()
    }

    /// A hash in an ID token is that of what stands beside it (OpenID Connect Core sections 3.2.2.9
    /// and 3.3.2.10), where it has one: step 5 looks whether it must.
    fn hash(&self, token: &Jwt, claim: &str, beside: &str) -> Option<Other> {
        let (found, beside_it) = (token.text(claim)?, self.response.secret(beside)?);
        let expected = format!("{claim} of the ID token: the hash of the {beside} beside it");
        other(found == half_hash(beside_it), &expected, || {
            "the hash of something else".to_owned()
        })
    }

    /// `scope` beside an access token says what is in it.
    fn scopes(&self, token: &Jwt) -> Option<Other> {
        let provider = self.context.model.provider;
        let told = self.response.get("scope")?;
        let held = token.scopes(provider.scope_claims())?;
        let set = |scopes: Vec<&str>| -> BTreeSet<String> {
            scopes.into_iter().map(str::to_owned).collect()
        };
        let words = format!("scope: `{}`, as in the access token", held.join(" "));
        let agrees = provider.holds(&set(held), &set(told.split_whitespace().collect()));
        other(agrees, &words, || format!("`{told}`"))
    }

    /// The signature is judged where keys and algorithm verify that of the document's own token.
    fn signature(&self, token: &Jwt, document: &Jwt) -> Option<Other> {
        let keys = self.context.seen.keys.as_ref().ok()?;
        if document.signature(keys) != Signature::Valid {
            return None;
        }
        match token.signature(keys) {
            Signature::Invalid(why) => Some((
                "a signature by the key that the token names".to_owned(),
                why,
            )),
            Signature::NoKeyNamed => {
                let expected = "a token that names its key, as the others do".to_owned();
                Some((expected, "it names none".to_owned()))
            }
            // For a key that is published later the keys were fetched again.
            Signature::UnknownKey(kid) => Some((
                "a signature by a key that is published".to_owned(),
                format!("it names `{}`, which is not", excerpt(&kid)),
            )),
            Signature::Valid | Signature::Unverifiable(_) => None,
        }
    }
}

fn other(is_right: bool, expected: &str, actual: impl FnOnce() -> String) -> Option<Other> {
    (!is_right).then(|| (expected.to_owned(), actual()))
}

/// A claim is the same as in the token of the document's own request.
fn same(token: &Jwt, document: &Jwt, claim: &str) -> Option<Other> {
    let (found, wanted) = (token.claims.get(claim), document.claims.get(claim));
    let text =
        |value: Option<&Value>| value.map_or_else(|| "not there".to_owned(), Value::to_string);
    let expected = format!(
        "{claim}: {}, as in the session's first answer",
        text(wanted)
    );
    other(found == wanted, &expected, || text(found))
}
