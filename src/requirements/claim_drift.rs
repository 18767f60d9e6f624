//! Claims of an authorization server that differ from those that Okta makes.

use super::drift::Drift;
use crate::management::found::FoundClaim;
use crate::management::status::Words;

/// The expression of the `sub` claim of a new authorization server, as recorded.
const SUBJECT: &str = "(appuser != null) ? appuser.userName : app.clientId";
/// The claims that an access token of Okta has by itself, and `scope`, which some APIs read.
const OWN_CLAIMS: [&str; 12] = [
    "ver",
    "jti",
    "iss",
    "aud",
    "iat",
    "exp",
    "cid",
    "uid",
    "scp",
    "sub",
    "auth_time",
    "scope",
];

/// A claim of which nobody knows whether tokens have it, or which.
pub(super) fn claim_doubt(claim: &FoundClaim) -> Option<String> {
    let may_be_subject = claim.name == "sub" && claim.tokens().is_none();
    if claim.system && !is_subject(claim) && !may_be_subject {
        return None;
    }
    match claim.status.takes_part(Words::OBJECT) {
        None => Some(format!("whether claims.{} is active", claim.name)),
        Some(true) => claim.doubt_of_tokens(),
        Some(false) => None,
    }
}

/// The `sub` of access tokens, which an administrator may edit.
fn is_subject(claim: &FoundClaim) -> bool {
    claim.system && claim.is_of_access_tokens() && claim.name == "sub"
}

/// How a claim differs from what Okta makes, which is all that the model has.
pub(super) fn claim_drift(claim: &FoundClaim) -> Option<Drift> {
    let value = claim.value.as_deref().unwrap_or_default();
    let path = format!("claims.{}", claim.name);
    if is_subject(claim) {
        let is_off = claim.status.takes_part(Words::OBJECT) == Some(false);
        return (value != SUBJECT || is_off)
            .then(|| Drift::new(path, SUBJECT, format!("{value}, {}", claim.status)));
    }
    // Okta documents `scope` with this expression for APIs that read that claim.
    let is_copy = claim.name == "scope" && value == "access.scope";
    if claim.system || !claim.status.is_active() || is_copy {
        return None;
    }
    let tokens = claim.tokens()?;
    if claim.is_of_access_tokens() && OWN_CLAIMS.contains(&claim.name.as_str()) {
        return Some(Drift::new(path, "Okta's own claim alone", value));
    }
    Some(Drift::new(
        path,
        "no claim beside Okta's own",
        beyond(claim, tokens),
    ))
}

/// A claim that the model does not have: which tokens hold it with which scopes, and what it gives
/// away.
fn beyond(claim: &FoundClaim, tokens: &str) -> String {
    let scopes = match claim.conditions.scopes.as_slice() {
        [] => "any scope".to_owned(),
        scopes => format!("the scope {}", scopes.join(" or ")),
    };
    let value = claim.value.as_deref().unwrap_or_default();
    let personal = claim
        .of_the_person()
        .filter(|_| claim.is_of_access_tokens());
    let personal = personal.map_or_else(String::new, |what| {
        format!(", so every API that gets the token learns the user's {what}")
    });
    format!("{value} in {tokens} with {scopes}{personal}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// Which claims are Okta's, and which somebody made: of Okta's, the `sub` of access tokens alone
    /// can be changed.
    #[rstest]
    #[case::subject(true, "RESOURCE", "sub", SUBJECT, false)]
    #[case::another_subject(true, "RESOURCE", "sub", "user.email", true)]
    #[case::one_of_access_tokens(true, "RESOURCE", "auth_time", "user.authTime", false)]
    #[case::the_subject_of_id_tokens(true, "IDENTITY", "sub", "user.id", false)]
    #[case::one_of_id_tokens(true, "IDENTITY", "email", "user.email", false)]
    #[case::made_by_somebody(false, "RESOURCE", "team", "user.team", true)]
    #[case::made_with_the_name_of_okta(false, "RESOURCE", "sub", SUBJECT, true)]
    #[case::scopes_for_some_apis(false, "RESOURCE", "scope", "access.scope", false)]
    #[case::other_scopes(false, "RESOURCE", "scope", "user.scopes", true)]
    fn a_claim_is_beside_the_model(
        #[case] system: bool,
        #[case] kind: &str,
        #[case] name: &str,
        #[case] value: &str,
        #[case] is_drift: bool,
    ) {
        let claim = json!({
            "id": "ocl1",
            "name": name,
            "status": "ACTIVE",
            "claimType": kind,
            "valueType": if system { "SYSTEM" } else { "EXPRESSION" },
            "value": value,
            "system": system,
            "conditions": { "scopes": [] },
        });
        let claim: FoundClaim = serde_json::from_value(claim).expect("a claim");
        assert_eq!(claim_drift(&claim).is_some(), is_drift);
    }
}
