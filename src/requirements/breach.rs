//! Who gets more than the model gives, and what: by scope and by name, so that the model can name
//! both where that is meant.

use super::found::{Code, Found, given};
use crate::exchange::ApiCall;
use crate::model::{Needs, OrgModel};
use crate::observation::AuthorizationKey;

/// Whoever sends the request, without a genuine token or with one that is no good here.
const ANYBODY: &str = "anybody";
/// The scope that stands for being signed in.
const OPENID: &str = "openid";

/// The scopes of a request, to its user.
pub(super) fn of_request(code: Code, key: &AuthorizationKey) -> Found {
    let scopes = key.request.scopes.iter().map(String::as_str);
    of_scopes(code, scopes, &key.user)
}

/// What an endpoint needs, to whoever got its answer: the user whose token was presented as it is,
/// or anybody.
pub(super) fn of_call(code: Code, model: &OrgModel, call: &ApiCall) -> Found {
    let scopes = match model
        .endpoint(&call.endpoint)
        .map(crate::model::Endpoint::needs)
    {
        Some(Needs::All(scopes) | Needs::Any(scopes)) => scopes.as_slice(),
        Some(Needs::Public | Needs::SignedIn) | None => &[],
    };
    let user = call.rightful().map(|key| key.user.as_str());
    let scopes = scopes.iter().map(String::as_str);
    of_scopes(code, scopes, user.unwrap_or(ANYBODY))
}

fn of_scopes<'a>(code: Code, scopes: impl Iterator<Item = &'a str>, whom: &str) -> Found {
    let mut scopes: Vec<&str> = scopes.collect();
    if scopes.is_empty() {
        scopes.push(OPENID);
    }
    Found::of(code, scopes.into_iter().map(|scope| given(scope, whom)))
}
