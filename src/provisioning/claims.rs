//! Claims, and the attributes of users that they tell.

use serde_json::{Map, Value, json};

use super::subject::Subject;
use crate::management::found::ACTIVE;
use crate::model::{Claim, OrgModel};

/// The claim of the model that a subject is.
fn of<'m>(model: &'m OrgModel, subject: &Subject) -> Option<&'m Claim> {
    let mut claims = model.claims.iter();
    claims.find(|claim| Subject::claim(claim.name(), claim.token) == *subject)
}

/// What decides what the claim says, and to whom.
pub(super) fn decisive(model: &OrgModel, subject: &Subject) -> Value {
    let Some(claim) = of(model, subject) else {
        return json!({});
    };
    let scopes: Vec<&str> = claim.scope_names().collect();
    let mut wanted = json!({
        "status": ACTIVE,
        "valueType": claim.value().value_type(),
        "value": claim.value().wire(),
        "alwaysIncludeInToken": claim.always,
        "conditions": { "scopes": scopes },
    });
    if let Some(kind) = claim.value().filter_type() {
        wanted["group_filter_type"] = kind.into();
    }
    wanted
}

/// What a found claim is known by: its name, and the token that it is in.
pub(super) fn names(subject: &Subject) -> Value {
    match subject {
        Subject::Claim { name, claim_type } => json!({ "name": name, "claimType": claim_type }),
        _ => json!({}),
    }
}

/// The attributes that the model gives a test user.
pub(super) fn profile(model: &OrgModel, user: &str) -> Map<String, Value> {
    let user = model.users.iter().find(|wanted| wanted.name() == user);
    let attributes = user.into_iter().flat_map(|user| &user.profile);
    attributes
        .map(|(name, json)| (name.clone(), json.value().clone()))
        .collect()
}
