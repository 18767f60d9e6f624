//! How servers that people run may answer wrongly, each by a mistake that is easily made:
//! each a change of what the sandbox answers.

use serde_json::{Value, json};

use super::Variation;
use crate::support::front::{Answer, Request};

pub(crate) const PRODUCTS: [Variation; 20] = [
    ("lifetime-as-a-text", |request, answer| {
        tokens(request, answer, |value| {
            let seconds = value["expires_in"].to_string();
            value["expires_in"] = seconds.into();
        });
    }),
    ("lifetime-with-a-fraction", |request, answer| {
        tokens(request, answer, |value| {
            value["expires_in"] = json!(3599.98);
        });
    }),
    ("refresh-token-that-nobody-asked-for", |request, answer| {
        tokens(request, answer, |value| {
            value["refresh_token"] = "r".repeat(43).into();
        });
    }),
    ("scope-as-a-list", |request, answer| {
        tokens(request, answer, as_a_list);
    }),
    ("scope-of-a-live-token-as-a-list", |request, answer| {
        if request.is_to("/introspect") {
            answer.rewrite_json(as_a_list);
        }
    }),
    ("tokens-as-a-form", |request, answer| {
        if is_for_code(request) && answer.status == 200 {
            answer.set("content-type", "application/x-www-form-urlencoded");
            answer.rewrite(|text| as_a_form(&text));
        }
    }),
    ("claims-that-no-scope-asked-for", |request, answer| {
        claims(request, answer, |value| {
            value["email"] = "somebody@example.com".into();
            value["address"] = json!({"locality": "Paris"});
        });
    }),
    ("code-challenges-not-listed", |request, answer| {
        metadata(request, answer, |value| {
            let members = value.as_object_mut();
            members.map(|members| members.remove("code_challenge_methods_supported"));
        });
    }),
    ("two-access-tokens-in-an-answer", |request, answer| {
        if is_for_code(request) && answer.status == 200 {
            answer.rewrite(|text| text.replacen('{', "{\"access_token\":\"a.b.c\",", 1));
        }
    }),
    ("refusals-with-200", |request, answer| {
        if request.is_to("/token") && answer.status == 400 {
            answer.status = 200;
        }
    }),
    ("password-in-claims", |request, answer| {
        claims(request, answer, |value| {
            value["password_hash"] = "$2b$12$abcdefghijkl".into();
        });
    }),
    ("password-of-a-live-token", |request, answer| {
        if request.is_to("/introspect") {
            answer.rewrite_json(|value| {
                if value["active"] == true {
                    value["password"] = "$2b$12$abcdefghijkl".into();
                }
            });
        }
    }),
    ("subject-as-a-number", |request, answer| {
        claims(request, answer, |value| value["sub"] = 7.into());
    }),
    ("claims-for-any-page", |request, answer| {
        for_any_page(request, answer, "/userinfo");
    }),
    ("live-tokens-for-any-page", |request, answer| {
        for_any_page(request, answer, "/introspect");
    }),
    ("codes-kept-by-caches", |request, answer| {
        if request.is_to("/authorize") {
            answer.set("cache-control", "public, max-age=600");
        }
    }),
    ("what-is-served-not-listed", |request, answer| {
        metadata(request, answer, |value| {
            value["response_types_supported"] = json!(["none"]);
        });
    }),
    ("introspection-signed-with-nothing", |request, answer| {
        metadata(request, answer, |value| {
            value["introspection_signing_alg_values_supported"] = json!(["RS256", "none"]);
        });
    }),
    ("questions-about-tokens-by-get", |request, answer| {
        if request.method == "GET" && request.target.contains("/introspect") {
            answer.status = 200;
            answer.set("content-type", "application/json");
            answer.body = b"{\"active\":false}".to_vec();
        }
    }),
    ("revocation-by-get", |request, answer| {
        if request.method == "GET" && request.target.contains("/revoke") {
            answer.status = 200;
            answer.body.clear();
        }
    }),
];

fn is_for_code(request: &Request) -> bool {
    let grant = request.parameter("grant_type");
    request.is_to("/token") && grant.as_deref() == Some("authorization_code")
}

/// The answer to a code that was redeemed.
fn tokens(request: &Request, answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if is_for_code(request) && answer.status == 200 {
        answer.rewrite_json(change);
    }
}

/// What is between blanks, as a list.
fn as_a_list(value: &mut Value) {
    if let Some(scope) = value["scope"].as_str() {
        let scopes: Vec<&str> = scope.split(' ').collect();
        value["scope"] = json!(scopes);
    }
}

/// Members of JSON as the parameters of a form.
fn as_a_form(text: &str) -> String {
    let told: Value = serde_json::from_str(text).unwrap_or_default();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in told.as_object().into_iter().flatten() {
        let number = value.to_string();
        form.append_pair(name, value.as_str().unwrap_or(&number));
    }
    form.finish()
}

/// What userinfo tells.
fn claims(request: &Request, answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if request.is_to("/userinfo") && answer.status == 200 {
        answer.rewrite_json(change);
    }
}

fn metadata(request: &Request, answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if request.is_to("openid-configuration") {
        answer.rewrite_json(change);
    }
}

/// Lets pages of any origin read what an endpoint answers, with cookies.
fn for_any_page(request: &Request, answer: &mut Answer, endpoint: &str) {
    if let Some(origin) = request.header("origin").filter(|_| request.is_to(endpoint)) {
        answer.set("access-control-allow-origin", origin);
        answer.set("access-control-allow-credentials", "true");
    }
}
