//! What servers may do otherwise: each a sentence, and the norm that allows it where it is not
//! plain.

use serde_json::{Map, Value, json};

use super::Variation;
use crate::support::front::Bytes;

pub(super) const HARMLESS: [Variation; 27] = [
    (
        "names of headers in capitals, no words behind the status",
        |_, answer| {
            answer.bytes = Bytes::Bare;
        },
    ),
    ("answers in chunks", |_, answer| {
        answer.bytes = Bytes::Chunked;
    }),
    ("HTTP/1.0, to the end of the connection", |_, answer| {
        answer.bytes = Bytes::Old;
    }),
    ("103 before each answer", |_, answer| {
        answer.bytes = Bytes::AfterHints;
    }),
    ("content types in capitals, with a charset", |_, answer| {
        if answer.has_kind("json") {
            answer.set("content-type", "Application/JSON;charset=\"UTF-8\"");
        }
    }),
    ("JSON over several lines, in another order", |_, answer| {
        if answer.has_kind("json") {
            answer.rewrite_json(reverse);
            let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            answer.rewrite(|_| format!("  {value:#}\r\n\t"));
        }
    }),
    ("letters in JSON by their numbers", |_, answer| {
        if answer.has_kind("json") {
            answer.rewrite(|text| text.replace('o', "\\u006F"));
        }
    }),
    ("slashes in JSON with a backslash before", |_, answer| {
        if answer.has_kind("json") {
            answer.rewrite(|text| text.replace('/', "\\/"));
        }
    }),
    ("more cookies, ended ones too", |_, answer| {
        answer.add("set-cookie", "t=default; Path=/");
        answer.add("set-cookie", "xids=\"\"; Path=/; Max-Age=0");
        answer.add("set-cookie", "theme=dark; Path=/; SameSite=Lax; Secure");
    }),
    (
        "words of `Cache-Control` in capitals, over several lines",
        |_, answer| {
            if let Some(cache) = answer.header("cache-control").map(str::to_uppercase) {
                answer.set("cache-control", "private");
                answer.add("Cache-Control", cache);
                answer.add("pragma", "no-cache");
            }
        },
    ),
    ("parameters of an answer in another order", |_, answer| {
        answer.redirect(|location| {
            let at = location
                .find(['?', '#'])
                .map_or(location.len(), |at| at + 1);
            let mut pairs: Vec<&str> = location[at..].split('&').collect();
            pairs.reverse();
            format!("{}{}", &location[..at], pairs.join("&"))
        });
    }),
    (
        "more parameters in an answer (RFC 6749 section 4.1.2)",
        |_, answer| {
            answer.redirect(|location| format!("{location}&session_state=abc.def&error_uri="));
        },
    ),
    ("another way of percent-encoding", |_, answer| {
        answer.redirect(|location| {
            let encoded = location
                .replace('+', "%20")
                .replace("error=l", "%65rror=%6c");
            encoded.replace("%3A", "%3a")
        });
    }),
    (
        "a fragment behind an answer in the query (RFC 9700 section 4.1.3)",
        |_, answer| {
            answer.redirect(|location| {
                if location.contains('#') {
                    location.to_owned()
                } else {
                    format!("{location}#_=_")
                }
            });
        },
    ),
    (
        "scheme and host of the redirect URI in capitals (RFC 3986 section 6.2.2.1)",
        |_, answer| {
            answer.redirect(|location| location.replace("http://localhost", "HTTP://LocalHost"));
        },
    ),
    ("pages of errors with 403 and no type", |_, answer| {
        if answer.status == 400 && answer.has_kind("html") {
            answer.status = 403;
            answer.headers.retain(|(name, _)| name != "content-type");
        }
    }),
    ("pages of errors with nothing in them", |request, answer| {
        if answer.status == 400 && request.is_to("/authorize") {
            answer.status = 404;
            answer.body.clear();
        }
    }),
    (
        "pages of errors that lead on to a page for help",
        |_, answer| {
            if answer.status == 400 && answer.has_kind("html") {
                answer.add("refresh", "5; url=https://help.example.com/");
            }
        },
    ),
    (
        "a sign-in page that is loaded again in time",
        |request, answer| {
            if answer.status == 200 && request.is_to("/authorize") {
                answer.add("refresh", "300; url=/signin/refresh-auth-state");
            }
        },
    ),
    (
        "challenges with a realm, and one of another scheme behind",
        |_, answer| {
            if let Some(challenge) = answer.header("www-authenticate") {
                let challenge = challenge.replacen("Bearer ", "bearer realm=\"org\", ", 1);
                answer.set("www-authenticate", challenge);
                answer.add("www-authenticate", "DPoP algs=\"RS256\"");
            }
        },
    ),
    (
        "what keeps frames away in capitals, beside another policy",
        |_, answer| {
            answer.add("content-security-policy", "default-src * 'unsafe-inline'");
            answer.add("Content-Security-Policy", "FRAME-ANCESTORS 'Self'");
            answer.add("X-Frame-Options", "sameorigin");
        },
    ),
    (
        "more claims at userinfo and introspection",
        |request, answer| {
            let of_token = request.is_to("/userinfo") || request.is_to("/introspect");
            let is_alive = |value: &Value| value.get("active") != Some(&Value::Bool(false));
            if of_token && answer.status == 200 {
                answer.rewrite_json(|value| {
                    if is_alive(value) {
                        value["https://example.com/tenant"] = json!({"id": [1, null, true]});
                    }
                });
            }
        },
    ),
    (
        "the type of a token in small letters (RFC 6749 section 7.1)",
        |request, answer| {
            answer.redirect(|location| location.replace("token_type=Bearer", "token_type=bearer"));
            if request.is_to("/token") {
                answer.rewrite(|text| text.replace("\"Bearer\"", "\"bearer\""));
            }
        },
    ),
    ("many more headers, and long ones", |_, answer| {
        answer.add("vary", "Accept-Encoding, Origin");
        answer.add("alt-svc", "h3=\":443\"; ma=86400");
        answer.add(
            "strict-transport-security",
            "max-age=315360000; includeSubDomains",
        );
        answer.add("x-padding", "x".repeat(6_000));
        answer.add("link", "</a.css>; rel=preload");
    }),
    (
        "more members in metadata, words of lists twice",
        |request, answer| {
            if request.is_to("openid-configuration") {
                answer.rewrite_json(|value| {
                    value["tls_client_certificate_bound_access_tokens"] = true.into();
                    value["id_token_signing_alg_values_supported"] =
                        json!(["RS256", "RS256", "ES256"]);
                    value["token_endpoint_auth_signing_alg_values_supported"] = json!(["RS256"]);
                });
            }
        },
    ),
    (
        "more of a key, and a key of another kind",
        |request, answer| {
            if request.is_to("/keys") {
                answer.rewrite_json(|value| {
                    let keys = value["keys"].as_array_mut();
                    for key in keys.into_iter().flatten() {
                        key["key_ops"] = json!(["verify"]);
                        key["x5t#S256"] = "AAAA".into();
                    }
                });
            }
        },
    ),
    ("redirects by 303", |_, answer| {
        if answer.status == 302 {
            answer.status = 303;
        }
    }),
];

/// Members in another order: their names backwards.
fn reverse(value: &mut Value) {
    if let Value::Object(members) = value {
        let turned = std::mem::take(members).into_iter().rev();
        *members = turned.collect::<Map<String, Value>>();
    }
}
