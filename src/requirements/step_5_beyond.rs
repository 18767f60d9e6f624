//! Step 5: what a user is denied is denied however little else is asked for.
//!
//! A rule gives a request all of whose scopes it lists (Okta's "Access policies"): one that lists a
//! scope without `openid` denies the document's request and gives the scope alone, and one that
//! lists `openid` for everybody gives a code to anyone who asks for nothing more. Where the
//! Management API may be read, step 3c sees such rules; these requests see them where it may not.

use super::step_5_authorize::is_denied;
use super::trial::Trial;
use crate::model::{Expected, Flow, OrgModel, ScopeRequest, TestUser};
use crate::observation::{AuthorizationKey, authorization};

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let flows = model.flows();
    let of_user = |user: &TestUser| {
        let flows = flows.iter();
        let keys = flows.flat_map(|flow| denied(model, user, *flow));
        keys.collect::<Vec<_>>()
    };
    let keys = model.users.iter().flat_map(of_user);
    let trial = |key: AuthorizationKey| {
        let flow = key.flow;
        is_denied(model, key).by_flow(model, flow)
    };
    keys.map(trial).collect()
}

/// Each scope that the flow denies the user, alone and without `openid`; and `openid` alone by a
/// further flow that gives the user nothing.
fn denied(model: &OrgModel, user: &TestUser, flow: Flow) -> Vec<AuthorizationKey> {
    let main = model.main_flow();
    let requests = model.requests(user, main);
    let is_denied = |request: &&ScopeRequest| {
        model.expected(user, request, flow.grant_type()) == Expected::Denied
    };
    let is_alone = |request: &&ScopeRequest| request.scopes.len() == 1;
    let alone = requests.iter().filter(is_alone).filter(is_denied);
    let alone = alone.map(|request| authorization(user.name(), request, flow).without_openid());
    let gives_nothing = flow != main && model.largest_granted(user, flow).is_none();
    let plain = requests.iter().filter(|request| request.scopes.is_empty());
    let plain = plain.filter(is_denied).filter(|_| gives_nothing);
    let plain = plain.map(|request| authorization(user.name(), request, flow));
    alone.chain(plain).collect()
}
