//! `/api/v1/users/{id}/factors`: passkeys alone, as Okta's documents have them (Factors API,
//! "Enroll `WebAuthn` Factor" and "Activate `WebAuthn` Factor").

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::management::call::{Answer, Call};
use crate::management::error::ApiError;
use crate::management::kinds::{find, find_mut};
use crate::management::links;
use crate::management::time::time;
use crate::state::org::{Org, Passkey, Stamps, User};
use crate::webauthn::RelyingParty;

/// What a factor is called in errors.
const KIND: &str = "UserFactor";
const TYPE: &str = "webauthn";
const PROVIDER: &str = "FIDO";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    factor_type: String,
    provider: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attested {
    attestation: String,
    client_data: String,
}

pub(super) fn route(
    call: &Call,
    org: &mut Org,
    user_id: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    match (call.method.as_str(), path) {
        ("GET", []) => list(call, org, user_id),
        ("POST", []) => enrol(call, org, user_id),
        ("GET", [id]) => {
            let passkey = found(org, user_id, id)?;
            Ok(Answer::ok(shown(call, user_id, passkey)))
        }
        ("DELETE", [id]) => {
            found(org, user_id, id)?;
            let user = find_mut(&mut org.users, user_id)?;
            user.passkeys.shift_remove(*id);
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", "activate"]) => activate(call, org, user_id, id),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn found<'a>(org: &'a Org, user_id: &str, id: &str) -> Result<&'a Passkey, ApiError> {
    let passkeys = &find(&org.users, user_id)?.passkeys;
    passkeys
        .get(id)
        .ok_or_else(|| ApiError::not_found(id, KIND))
}

fn list(call: &Call, org: &Org, user_id: &str) -> Result<Answer, ApiError> {
    let passkeys = find(&org.users, user_id)?.passkeys.values();
    let shown = passkeys.map(|passkey| shown(call, user_id, passkey));
    Ok(Answer::ok(shown.collect()))
}

/// Begins: what an authenticator is to sign comes with it.
fn enrol(call: &Call, org: &mut Org, user_id: &str) -> Result<Answer, ApiError> {
    let wanted: Wanted = call.json()?;
    if (wanted.factor_type.as_str(), wanted.provider.as_str()) != (TYPE, PROVIDER) {
        let cause = "factorType: this org has no other factors than WebAuthn.";
        return Err(ApiError::invalid("factorType", vec![cause.to_owned()]));
    }
    let passkey = Passkey::pending(Stamps::new(call.now));
    let user = find_mut(&mut org.users, user_id)?;
    let mut answer = shown(call, user_id, &passkey);
    answer["_embedded"] = json!({"activation": activation(user, &passkey)});
    user.passkeys.insert(passkey.id.clone(), passkey);
    Ok(Answer::ok(answer))
}

fn activation(user: &User, passkey: &Passkey) -> Value {
    let name = ["firstName", "lastName"]
        .map(|name| user.text(name))
        .join(" ");
    let parameters = [-7, -257].map(|alg| json!({"type": "public-key", "alg": alg}));
    json!({
        "attestation": "direct",
        "authenticatorSelection": {"userVerification": "preferred", "requireResidentKey": false},
        "challenge": passkey.challenge,
        "excludeCredentials": [],
        "pubKeyCredParams": parameters,
        "rp": {"name": "Sandbox"},
        "user": {"displayName": name, "name": user.login(), "id": user.id},
    })
}

fn activate(call: &Call, org: &mut Org, user_id: &str, id: &str) -> Result<Answer, ApiError> {
    let attested: Attested = call.json()?;
    let pending = found(org, user_id, id)?;
    let host = Url::parse(&call.base_url).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
    let party = RelyingParty {
        origin: &call.base_url,
        id: host,
        challenge: &pending.challenge,
    };
    let enrolled = party.enrol(&attested.attestation, &attested.client_data);
    let (None, Ok(credential)) = (&pending.credential, enrolled) else {
        return Err(ApiError::wrong_passcode());
    };
    let user = find_mut(&mut org.users, user_id)?;
    let passkey = user.passkeys.get_mut(id);
    let passkey = passkey.ok_or_else(|| ApiError::not_found(id, KIND))?;
    passkey.credential = Some(credential);
    passkey.stamps.touch(call.now);
    Ok(Answer::ok(shown(call, user_id, passkey)))
}

fn shown(call: &Call, user_id: &str, passkey: &Passkey) -> Value {
    let user = call.url(&format!("users/{user_id}"));
    let own = format!("{user}/factors/{}", passkey.id);
    let mut shown = json!({
        "id": passkey.id,
        "factorType": TYPE,
        "provider": PROVIDER,
        "vendorName": PROVIDER,
        "status": "PENDING_ACTIVATION",
        "created": time(passkey.stamps.created),
        "lastUpdated": time(passkey.stamps.last_updated),
        "_links": {
            "self": links::link(&own, &["GET"]),
            "user": links::link(&user, &["GET"]),
        },
    });
    if let Some(credential) = &passkey.credential {
        shown["status"] = "ACTIVE".into();
        shown["profile"] = json!({"credentialId": credential.id});
        shown["_links"]["self"] = links::link(&own, &["GET", "DELETE"]);
        shown["_links"]["verify"] = links::link(format!("{own}/verify"), &["POST"]);
    } else {
        let activate = format!("{own}/lifecycle/activate");
        shown["_links"]["activate"] = links::link(activate, &["POST"]);
    }
    shown
}
