//! Answers that say too much, too little, or in the wrong place; and right ones of other servers.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::Variation;
use super::breaches::refused_address;
use super::replays::{change, value};
use crate::support::front::{Answer, Request};

pub(super) const ANSWERS: [Variation; 21] = [
    ("issuer-promised-and-left-out", |request, answer| {
        promise_issuer(request, answer);
    }),
    ("issuer-is-the-host-alone", |request, answer| {
        answer.redirect(|location| {
            let host = request.header("host").unwrap_or_default();
            format!("{location}&iss=http%3A%2F%2F{}", host.replace(':', "%3A"))
        });
    }),
    ("state-escaped-as-html", |_, answer| {
        change(answer, "state", |state| state.replace("%26", "%26amp%3B"));
    }),
    ("state-in-small-letters", |_, answer| {
        change(answer, "state", |state| state.to_ascii_lowercase());
    }),
    ("state-cut-at-its-blank", |_, answer| {
        change(answer, "state", |state| {
            let end = state.find(['+', '%']).unwrap_or(state.len());
            state[..end].to_owned()
        });
    }),
    ("code-twice", |_, answer| {
        if let Some(code) = value(answer, "code") {
            answer.redirect(|location| format!("{location}&code={code}"));
        }
    }),
    ("code-in-the-fragment-too", |_, answer| {
        if let Some(code) = value(answer, "code") {
            answer.redirect(|location| {
                if location.contains('#') {
                    location.to_owned()
                } else {
                    format!("{location}#code={code}")
                }
            });
        }
    }),
    ("tokens-in-the-query-too", |_, answer| {
        if let Some(token) = value(answer, "access_token") {
            answer
                .redirect(|location| location.replacen('#', &format!("?access_token={token}#"), 1));
        }
    }),
    ("error-in-the-query-and-the-fragment", |_, answer| {
        if let Some(error) = value(answer, "error") {
            answer.redirect(|location| {
                if location.contains('#') {
                    location.replacen('#', &format!("?error={error}#"), 1)
                } else {
                    format!("{location}#error={error}")
                }
            });
        }
    }),
    ("location-without-host", |_, answer| {
        answer.redirect(|location| location.replacen("http://localhost:8080", "", 1));
    }),
    ("location-without-scheme", |_, answer| {
        answer
            .redirect(|location| location.replacen("http://localhost:8080", "//other.example", 1));
    }),
    ("refusal-with-a-token", |request, answer| {
        if request.is_to("/token") && answer.status == 400 {
            answer.rewrite_json(|refusal| refusal["access_token"] = "of-somebody".into());
        }
    }),
    ("claims-with-a-refusal", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 401 {
            answer.set("content-type", "application/json");
            answer.body = b"{\"error\":\"invalid_token\",\"sub\":\"00u1\"}".to_vec();
        }
    }),
    ("alive-with-a-refusal", |request, answer| {
        if request.is_to("/introspect") && answer.status == 401 {
            answer.rewrite_json(|refusal| refusal["active"] = true.into());
        }
    }),
    ("codes-of-six-digits", |request, answer| {
        let state = request.parameter("state").unwrap_or_default();
        let digits: u32 = state.bytes().map(u32::from).sum();
        if request.parameter("prompt").as_deref() == Some("none") {
            change(answer, "code", |_| {
                format!("{:06}", digits * 7919 % 1_000_000)
            });
        }
    }),
    ("token-endpoint-leads-to-a-page", |request, answer| {
        if request.is_to("/token") && answer.status >= 400 {
            leads_to_sign_in(answer);
        }
    }),
    ("userinfo-leads-to-a-page", |request, answer| {
        if request.is_to("/userinfo") && answer.status >= 400 {
            leads_to_sign_in(answer);
        }
    }),
    ("sign-in-page-for-any-redirect-uri", |request, answer| {
        if refused_address(request, answer).is_some() {
            answer.status = 200;
            answer.body = b"<form method=post><input type=password name=p></form>".to_vec();
        }
    }),
    ("error-without-a-code-in-it", |_, answer| {
        answer.redirect(|location| location.replacen("error=", "error=&was=", 1));
    }),
    (
        "introspection-of-any-client-is-inactive",
        |request, answer| {
            if request.is_to("/introspect") && answer.status == 401 {
                answer.status = 200;
                answer.rewrite(|_| "{\"active\":false}".to_owned());
            }
        },
    ),
    ("revocation-refuses-by-200", |request, answer| {
        if request.is_to("/revoke") && answer.status >= 400 {
            answer.status = 200;
        }
    }),
];

pub(super) const RIGHT: [Variation; 12] = [
    (
        "the issuer in every answer, as metadata promises (RFC 9207 section 3)",
        |request, answer| {
            static ISSUER: Mutex<String> = Mutex::new(String::new());
            let mut issuer = ISSUER.lock().expect("no panic");
            promise_issuer(request, answer);
            if request.is_to("openid-configuration") {
                answer.rewrite_json(|value| {
                    value["issuer"]
                        .as_str()
                        .unwrap_or_default()
                        .clone_into(&mut issuer);
                });
            }
            answer.redirect(|location| {
                let named = url::form_urlencoded::byte_serialize(issuer.as_bytes());
                format!("{location}&iss={}", named.collect::<String>())
            });
        },
    ),
    (
        "an issuer that metadata does not promise, said outright",
        |request, answer| {
            if request.is_to("openid-configuration") {
                answer.rewrite_json(|value| {
                    value["authorization_response_iss_parameter_supported"] = false.into();
                });
            }
        },
    ),
    (
        "a key for encryption before the others (RFC 7517 section 4.2)",
        |request, answer| {
            if request.is_to("/keys") {
                answer.rewrite_json(|value| {
                    if let Some(keys) = value["keys"].as_array_mut() {
                        let mut other = keys[0].clone();
                        other["kid"] = "of-encryption".into();
                        other["use"] = "enc".into();
                        other["alg"] = "RSA-OAEP".into();
                        keys.insert(0, other);
                    }
                });
            }
        },
    ),
    (
        "metadata of further endpoints, modes and proofs",
        |request, answer| {
            if request.is_to("openid-configuration") {
                answer.rewrite_json(|value| {
                    let issuer = value["issuer"].as_str().unwrap_or_default().to_owned();
                    for (name, path) in [
                        ("pushed_authorization_request_endpoint", "par"),
                        ("device_authorization_endpoint", "device/authorize"),
                        ("backchannel_authentication_endpoint", "bc/authorize"),
                        ("registration_endpoint", "clients"),
                    ] {
                        value[name] = format!("{issuer}/v1/{path}").into();
                    }
                    value["require_pushed_authorization_requests"] = false.into();
                    value["dpop_signing_alg_values_supported"] = json!(["ES256", "RS256"]);
                    value["backchannel_token_delivery_modes_supported"] = json!(["poll"]);
                    value["response_modes_supported"] = json!([
                        "query",
                        "fragment",
                        "form_post",
                        "okta_post_message",
                        "jwt",
                        "query.jwt"
                    ]);
                });
            }
        },
    ),
    (
        "words of response types in another order (Multiple Response Types section 3)",
        |request, answer| {
            if request.is_to("openid-configuration") {
                answer.rewrite_json(|value| {
                    let kinds = value["response_types_supported"].as_array_mut();
                    for kind in kinds.into_iter().flatten() {
                        let words = kind.as_str().unwrap_or_default().split(' ');
                        let turned: Vec<&str> = words.rev().collect();
                        *kind = turned.join(" ").into();
                    }
                });
            }
        },
    ),
    (
        "descriptions of errors in another language, with quotes and signs",
        |_, answer| {
            answer.redirect(|location| {
                if location.contains("error=login_required") {
                    let other =
                        "&error_description=%E3%83%AD%E3%82%B0%E3%82%A4%E3%83%B3%1B%5B2J%22";
                    without_description(location) + other
                } else {
                    location.to_owned()
                }
            });
        },
    ),
    (
        "more members in refusals (RFC 6749 section 5.2)",
        |request, answer| {
            if request.is_to("/token") && answer.status >= 400 {
                answer.rewrite_json(|value| {
                    value["error_uri"] = "https://help.example.com/invalid_grant".into();
                    value["trace_id"] = "6f1c".into();
                    value["timestamp"] = 1_700_000_000.into();
                    value["error_codes"] = json!([70_008]);
                });
            }
        },
    ),
    (
        "`interaction_required` for `login_required` (OpenID Connect Core section 3.1.2.6)",
        |request, answer| {
            if request.is_to("/authorize") {
                answer.redirect(|location| {
                    location.replace("error=login_required", "error=interaction_required")
                });
            }
        },
    ),
    (
        "a challenge for the client beside `invalid_client` (RFC 6749 section 5.2)",
        |request, answer| {
            let is_of_client = ["/token", "/introspect", "/revoke"];
            if answer.status == 401 && is_of_client.iter().any(|path| request.is_to(path)) {
                answer.add(
                    "www-authenticate",
                    "Basic realm=\"clients\", charset=\"UTF-8\"",
                );
            }
        },
    ),
    (
        "frames kept away by one policy alone, and cookies with a prefix",
        |_, answer| {
            if answer.has_kind("html") {
                answer.headers.retain(|(name, _)| name != "x-frame-options");
                answer.set("content-security-policy", "frame-ancestors 'none'");
                answer.add(
                    "set-cookie",
                    "__Host-s=0123456789abcdef; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
                );
            }
        },
    ),
    (
        "an answer that is empty where nothing is owed (RFC 7009 section 2.2)",
        |request, answer| {
            if request.is_to("/revoke") && answer.status == 200 {
                answer.headers.retain(|(name, _)| name != "content-type");
                answer.body.clear();
            }
        },
    ),
    (
        "times of a token with fractions at introspection (RFC 7519 section 2)",
        |request, answer| {
            if request.is_to("/introspect") && answer.status == 200 {
                answer.rewrite_json(|value| {
                    for name in ["exp", "iat"] {
                        let seconds = value.get(name).and_then(Value::as_i64);
                        if let Some(seconds) = seconds {
                            value[name] = json!(f64::from(u32::try_from(seconds).unwrap_or(0)));
                        }
                    }
                });
            }
        },
    ),
];

fn promise_issuer(request: &Request, answer: &mut Answer) {
    if request.is_to("openid-configuration") {
        answer.rewrite_json(|value| {
            value["authorization_response_iss_parameter_supported"] = true.into();
        });
    }
}

fn leads_to_sign_in(answer: &mut Answer) {
    answer.status = 302;
    answer.body.clear();
    answer.set("location", "/login?from=oauth2");
}

fn without_description(location: &str) -> String {
    let start = location.find("&error_description=");
    let Some(start) = start else {
        return location.to_owned();
    };
    let rest = &location[start + 1..];
    let end = rest.find('&').map_or(rest.len(), |end| end);
    format!("{}{}", &location[..start], &rest[end..])
}
