//! Endpoints that take what they must not, and metadata and keys that say what they must not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Variation;
use crate::support::front::{Answer, Request};

pub(super) const ENDPOINTS: [Variation; 13] = [
    ("issuer-twice", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite(|text| text.replacen('{', "{\"issuer\":\"https://a.example\",", 1));
        }
    }),
    ("key-id-twice", |request, answer| {
        if request.is_to("/keys") {
            answer.rewrite(|text| text.replacen("{\"", "{\"kid\":\"other\",\"", 2));
        }
    }),
    ("access-token-twice", |request, answer| {
        if request.is_to("/token") && answer.status == 200 {
            answer.rewrite(|text| text.replacen('{', "{\"access_token\":\"other\",", 1));
        }
    }),
    ("userinfo-takes-another-signature", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 401 && is_signed(request, true) {
            gives_claims(answer);
        }
    }),
    ("userinfo-takes-unsigned-tokens", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 401 && is_signed(request, false) {
            gives_claims(answer);
        }
    }),
    ("introspection-of-another-signature", |request, answer| {
        if request.is_to("/introspect") && is_signed(request, true) {
            answer.rewrite(|_| "{\"active\":true}".to_owned());
        }
    }),
    ("token-said-again-at-userinfo", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 401 {
            let token = presented(request).unwrap_or_default();
            answer.body = format!("no such token: {token}").into();
        }
    }),
    ("claims-for-shared-caches", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 200 {
            answer.set("cache-control", "public, max-age=600");
        }
    }),
    ("challenge-of-another-scheme", |_, answer| {
        if let Some(challenge) = answer.header("www-authenticate") {
            let challenge = challenge.replacen("Bearer", "Basic", 1);
            answer.set("www-authenticate", challenge);
        }
    }),
    ("metadata-without-subject-types", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| value["subject_types_supported"] = Value::Null);
        }
    }),
    ("proofs-signed-with-nothing", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| {
                value["dpop_signing_alg_values_supported"] = json!(["ES256", "none"]);
            });
        }
    }),
    ("keys-for-ten-years", |request, answer| {
        if request.is_to("/keys") {
            answer.set("cache-control", "max-age=315360000, must-revalidate");
        }
    }),
    ("refresh-token-beside-tokens", |request, answer| {
        let scope = request.parameter("scope").unwrap_or_default();
        if scope.contains("offline_access") {
            answer.redirect(|location| format!("{location}&refresh_token=of-a-session"));
        }
    }),
];

/// The token of a request.
fn presented(request: &Request) -> Option<String> {
    let bearer = request.header("authorization");
    let bearer = bearer.and_then(|header| header.strip_prefix("Bearer "));
    bearer
        .map(str::to_owned)
        .or_else(|| request.parameter("token"))
}

/// Whether a request presents an access token with a signature, or without.
fn is_signed(request: &Request, wanted: bool) -> bool {
    let token = presented(request).unwrap_or_default();
    let segments: Vec<&str> = token.split('.').collect();
    let [_, payload, signature] = segments[..] else {
        return false;
    };
    let claims = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
    claims.get("cid").is_some() && signature.is_empty() != wanted
}

fn gives_claims(answer: &mut Answer) {
    answer.status = 200;
    answer.set("content-type", "application/json");
    answer.body = b"{\"sub\":\"somebody\"}".to_vec();
}
